//! A pull request: what was said of it, joined.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Doubts, Head, HeadEvidence, PullRequestReport, PullRequestSnapshot, ReviewReport, Reviews,
    Size, reviews::review,
};
use crate::{
    facts::{
        Cell, CommitSha, Completeness, Fact, Lifecycle, Mergeability, Opinion, Stamp, Unavailable,
    },
    ids::{PullRequestId, PullRequestNumber},
    provider::Login,
};

/// A pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullRequest {
    /// Its id; leads to its repository and number.
    pub id: PullRequestId,
    /// The provider's own id.
    pub provider_id: String,
    /// Who opened it.
    pub author: Login,
    /// Their picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_avatar_url: Option<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// Where in its life it is.
    pub lifecycle: Cell<Lifecycle>,
    /// Whether its author says it is not ready.
    pub draft: Cell<bool>,
    /// What would be merged.
    pub head: Cell<Head>,
    /// The branch it would be merged into.
    pub base: Cell<String>,
    /// Its title.
    pub title: Cell<String>,
    /// Where people look at it.
    pub url: Cell<String>,
    /// Its description, cut at 16 KB.
    pub description: Cell<Option<String>>,
    /// Its labels.
    pub labels: Cell<BTreeSet<String>>,
    /// Who was asked for a review and has not answered.
    pub requested_reviewers: Cell<BTreeSet<String>>,
    /// How much it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Cell<Size>>,
    /// How many comments the provider counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comments: Option<Cell<u32>>,
    /// Whether head and base fit together.
    #[serde(default)]
    pub mergeability: Mergeability,
    /// Its reviews; stored as items of their own.
    #[serde(skip)]
    pub reviews: Reviews,
    /// What has to be read again before it is known.
    #[serde(default, skip_serializing_if = "Doubts::is_empty")]
    pub doubts: Doubts,
    /// Heads it no longer has whose evidence still lists it; a refresh releases them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub former_heads: BTreeSet<CommitSha>,
    /// The provider's `Date` of the last snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_at: Option<Timestamp>,
    /// The fingerprint of the last snapshot, compared by light reconciles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

impl PullRequest {
    /// A pull request that was never heard of before, as an event shows it.
    #[must_use]
    pub fn from_event(id: PullRequestId, report: PullRequestReport) -> Self {
        let stamp = Stamp::event(report.updated_at);
        Self::first_seen(id, report, stamp)
    }

    /// A pull request that was never heard of before, as a snapshot begun at `date` shows it.
    #[must_use]
    pub fn from_snapshot(
        id: PullRequestId,
        snapshot: PullRequestSnapshot,
        date: Timestamp,
    ) -> Self {
        let stamp = Stamp::snapshot(snapshot.report.updated_at, date);
        let mut new = Self::first_seen(id, snapshot.report.clone(), stamp);
        new.absorb(snapshot, date);
        new
    }

    fn first_seen(id: PullRequestId, report: PullRequestReport, stamp: Stamp) -> Self {
        let mut mergeability = Mergeability::default();
        mergeability.seen_on(&report.base, stamp.at);
        if !report.lifecycle.is_open() {
            mergeability.base_moved(stamp.at);
        }
        if let Some(verdict) = report.verdict {
            let said = Fact::Known(verdict);
            mergeability.hear(stamp.at, &report.head.sha, &report.base, said);
        }
        Self {
            id,
            provider_id: report.provider_id,
            author: report.author,
            author_avatar_url: report.author_avatar_url,
            created_at: report.created_at,
            lifecycle: Cell::new(stamp, report.lifecycle),
            draft: Cell::new(stamp, report.draft),
            head: Cell::new(stamp, report.head),
            base: Cell::new(stamp, report.base),
            title: Cell::new(stamp, report.title),
            url: Cell::new(stamp, report.url),
            description: Cell::new(stamp, report.description),
            labels: Cell::new(stamp, report.labels),
            requested_reviewers: Cell::new(stamp, report.requested_reviewers),
            size: report.size.map(|size| Cell::new(stamp, size)),
            comments: report.comments.map(|count| Cell::new(stamp, count)),
            mergeability,
            reviews: Reviews::default(),
            doubts: Doubts::default(),
            former_heads: BTreeSet::new(),
            snapshot_at: None,
            fingerprint: None,
        }
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> PullRequestNumber {
        self.id.number()
    }

    /// The head's commit, known or contested.
    #[must_use]
    pub fn head_sha(&self) -> &CommitSha {
        &self.head.shown().sha
    }

    /// The newest `updatedAt` heard of.
    #[must_use]
    pub fn updated_at(&self) -> Timestamp {
        self.title.stamp().at.max(self.lifecycle.stamp().at)
    }

    /// Whether it is open, as far as anybody said.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.lifecycle.shown().is_open()
    }

    /// Hears what an event says of it; answers whether anything changed.
    pub fn hear(&mut self, report: PullRequestReport) -> bool {
        let stamp = Stamp::event(report.updated_at);
        self.hear_report(report, stamp)
    }

    /// Hears what an event says of a review; answers whether anything changed.
    pub fn hear_review(&mut self, report: ReviewReport) -> bool {
        let stamp = Stamp::event(report.updated_at);
        self.reviews.hear(review(report, stamp))
    }

    /// Whether a review says something else than what is known of it. An opinion that was taken
    /// back and is not known is no news.
    #[must_use]
    pub fn is_news(&self, report: &ReviewReport) -> bool {
        match self.reviews.by_id.get(&report.id) {
            Some(known) => known.opinion != report.opinion,
            None => report.opinion != Opinion::Withdrawn,
        }
    }

    /// Its reviews changed at `at`, nobody said how; answers whether anything changed.
    pub fn doubt_reviews(&mut self, at: Timestamp) -> bool {
        self.doubts
            .reviews
            .raise(at, self.reviews.completeness.date())
    }

    /// The checks of its head changed at `at`, nobody said how; answers whether anything changed.
    pub fn doubt_checks(&mut self, at: Timestamp, evidence: &HeadEvidence) -> bool {
        let read = evidence.seen_for(&self.check_scopes());
        self.doubts.checks.raise(at, read)
    }

    /// Its comments were counted at `at`; answers whether anything changed.
    pub fn hear_comments(&mut self, at: Timestamp, count: u32) -> bool {
        hear_optional(&mut self.comments, Stamp::event(at), count)
    }

    /// The branch it would be merged into moved; answers whether anything changed.
    pub fn base_moved(&mut self, at: Timestamp) -> bool {
        self.mergeability.base_moved(at)
    }

    /// Something changed that its last fingerprint does not tell: the next light reconcile reads
    /// it again, also where the provider shows the same fingerprint once more.
    pub fn outdate_fingerprint(&mut self) {
        self.fingerprint = None;
    }

    /// Takes a snapshot over that began at the provider's `date`; answers whether anything
    /// changed. Its evidence is [`HeadEvidence`]'s to take over.
    pub fn absorb(&mut self, snapshot: PullRequestSnapshot, date: Timestamp) -> bool {
        let stamp = Stamp::snapshot(snapshot.report.updated_at, date);
        let (head, base) = (
            snapshot.report.head.sha.clone(),
            snapshot.report.base.clone(),
        );
        let mut changed = self.hear_report(snapshot.report, stamp);
        changed |= self.mergeability.hear(date, &head, &base, snapshot.verdict);
        changed |= self.reviews.absorb(snapshot.reviews, date);
        changed |= self.doubts.settle(date);
        if self.snapshot_at.is_none_or(|last| last <= date) {
            changed |= self.fingerprint.as_ref() != Some(&snapshot.fingerprint);
            self.snapshot_at = Some(date);
            self.fingerprint = Some(snapshot.fingerprint);
        }
        changed
    }

    /// The provider has no pull request of this number any more, asked at its `date`; answers
    /// whether anything changed. It counts as closed: what is gone is never merged by guess. A
    /// later snapshot that shows it again outranks this.
    pub fn vanish(&mut self, date: Timestamp) -> bool {
        let closed = Lifecycle::Closed { at: None };
        let stamp = Stamp::snapshot(self.updated_at(), date);
        self.is_open() && self.hear_lifecycle(stamp, closed)
    }

    /// Nobody can read its repository any more; answers whether anything changed. Whatever was
    /// known stays for display, and its light can not be green until a later snapshot.
    pub fn lose(&mut self, reason: Unavailable) -> bool {
        let date = self.reviews.completeness.date().unwrap_or(self.created_at);
        let lost = Completeness::Unavailable {
            date,
            reason,
            complete: None,
        };
        let joined = self.reviews.completeness.clone().join(lost);
        let changed = joined != self.reviews.completeness;
        self.reviews.completeness = joined;
        changed
    }

    /// Its former heads' evidence no longer lists it; answers whether anything changed.
    pub fn release_former_heads(&mut self) -> bool {
        !std::mem::take(&mut self.former_heads).is_empty()
    }

    fn hear_report(&mut self, report: PullRequestReport, stamp: Stamp) -> bool {
        let head_before = self.head_sha().clone();
        let mut changed = self.learn_author(&report);
        if let Some(verdict) = report.verdict {
            let said = Fact::Known(verdict);
            changed |= self
                .mergeability
                .hear(stamp.at, &report.head.sha, &report.base, said);
        }
        changed |= self.mergeability.seen_on(&report.base, stamp.at);
        if !report.lifecycle.is_open() {
            // Pushes to its base are not followed while it is closed.
            changed |= self.mergeability.base_moved(stamp.at);
        }
        changed |= self.hear_lifecycle(stamp, report.lifecycle);
        changed |= self.draft.hear(stamp, report.draft);
        changed |= self.head.hear(stamp, report.head);
        changed |= self.base.hear(stamp, report.base);
        changed |= self.title.hear(stamp, report.title);
        changed |= self.url.hear(stamp, report.url);
        changed |= self.description.hear(stamp, report.description);
        changed |= self.labels.hear(stamp, report.labels);
        changed |= self
            .requested_reviewers
            .hear(stamp, report.requested_reviewers);
        if let Some(size) = report.size {
            changed |= hear_optional(&mut self.size, stamp, size);
        }
        if let Some(count) = report.comments {
            changed |= hear_optional(&mut self.comments, stamp, count);
        }
        if *self.head_sha() != head_before {
            self.former_heads.insert(head_before);
        }
        let head = self.head_sha().clone();
        self.former_heads.remove(&head);
        changed
    }

    /// Nobody becomes another author, but not every event knows who it is; answers whether
    /// anything changed.
    fn learn_author(&mut self, report: &PullRequestReport) -> bool {
        let is_news = self.author.is_ghost() && !report.author.is_ghost();
        if is_news {
            self.author = report.author.clone();
            self.author_avatar_url.clone_from(&report.author_avatar_url);
        }
        is_news
    }

    /// `merged` absorbs: nothing said before or after undoes it.
    fn hear_lifecycle(&mut self, stamp: Stamp, said: Lifecycle) -> bool {
        match (self.lifecycle.shown().is_merged(), said.is_merged()) {
            (true, false) => false,
            (false, true) => {
                self.lifecycle = Cell::new(stamp, said);
                true
            }
            (true, true) | (false, false) => self.lifecycle.hear(stamp, said),
        }
    }
}

/// Hears a value that not every statement carries; answers whether anything changed.
fn hear_optional<T: Ord + Clone>(cell: &mut Option<Cell<T>>, stamp: Stamp, value: T) -> bool {
    match cell {
        Some(cell) => cell.hear(stamp, value),
        None => {
            *cell = Some(Cell::new(stamp, value));
            true
        }
    }
}
