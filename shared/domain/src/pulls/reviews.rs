//! The reviews of a pull request.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::ReviewReport;
use crate::facts::{Completeness, Opinion, Review, ReviewId, Stamp, Unavailable};

/// The reviews of a pull request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reviews {
    /// By the provider's id.
    pub by_id: BTreeMap<ReviewId, Review>,
    /// Whether that is all of them.
    pub completeness: Completeness,
}

impl Reviews {
    pub(super) fn absorb(
        &mut self,
        shown: Result<Vec<ReviewReport>, Unavailable>,
        date: Timestamp,
    ) -> bool {
        if self.completeness.date().is_some_and(|last| date < last) {
            return false;
        }
        let (reports, completeness) = match shown {
            Ok(reports) => (reports, Completeness::AsOf { date }),
            Err(reason) => (
                Vec::new(),
                Completeness::Unavailable {
                    date,
                    reason,
                    complete: None,
                },
            ),
        };
        let mut changed = false;
        if completeness.complete_as_of().is_some() {
            changed |= self.forget_missing(&reports, date);
        }
        for report in reports {
            let stamp = Stamp::snapshot(report.updated_at, date);
            changed |= self.settle(review(report, stamp), date);
        }
        let joined = self.completeness.clone().join(completeness);
        changed |= joined != self.completeness;
        self.completeness = joined;
        changed
    }

    fn forget_missing(&mut self, shown: &[ReviewReport], date: Timestamp) -> bool {
        let shown: BTreeSet<&ReviewId> = shown.iter().map(|report| &report.id).collect();
        let before = self.by_id.len();
        self.by_id.retain(|id, review| {
            let said = review.said;
            shown.contains(id) || said.at >= date || said.settled >= Some(date)
        });
        self.by_id.len() != before
    }

    /// Hears what an event says; answers whether anything changed.
    ///
    /// A complete snapshot that began later has seen it: what that did not contain is gone and
    /// stays gone, and what it contained stands. Only a dismissal still counts, as it absorbs.
    pub(super) fn hear(&mut self, said: Review) -> bool {
        let complete = self.completeness.last_complete();
        let is_seen = complete.is_some_and(|date| is_over(said.said.at, date));
        if !is_seen {
            return self.join(said);
        }
        match self.by_id.get_mut(&said.id) {
            Some(stored) if said.opinion == Opinion::Dismissed => stored.dismiss(),
            Some(_) | None => false,
        }
    }

    /// Takes over what a complete snapshot begun at `date` shows of a review: it outranks whatever
    /// was said before, whichever time that speaks of.
    fn settle(&mut self, mut shown: Review, date: Timestamp) -> bool {
        let Some(stored) = self.by_id.get_mut(&shown.id) else {
            self.by_id.insert(shown.id.clone(), shown);
            return true;
        };
        if !is_over(stored.said.at, date) {
            return self.join(shown);
        }
        if stored.opinion == Opinion::Dismissed {
            shown.dismiss();
        }
        let changed = *stored != shown;
        *stored = shown;
        changed
    }

    fn join(&mut self, said: Review) -> bool {
        let Some(stored) = self.by_id.get_mut(&said.id) else {
            self.by_id.insert(said.id.clone(), said);
            return true;
        };
        let joined = stored.clone().join(said);
        let changed = joined != *stored;
        *stored = joined;
        changed
    }
}

/// Whether the second that `at` lies in was over when something was read at `date`.
fn is_over(at: Timestamp, date: Timestamp) -> bool {
    at.as_second() < date.as_second()
}

pub(super) fn review(report: ReviewReport, said: Stamp) -> Review {
    Review {
        id: report.id,
        reviewer: report.reviewer,
        reviewer_avatar_url: report.reviewer_avatar_url,
        opinion: report.opinion,
        submitted_at: report.submitted_at,
        commit: report.commit,
        body: report.body,
        url: report.url,
        said,
        contested: false,
    }
}
