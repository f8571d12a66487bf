//! Reviews and the opinions in force.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CommitSha, Stamp};
use crate::provider::Login;

/// The id a provider gives a review.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReviewId(pub u64);

/// What a review says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opinion {
    /// Words, no opinion.
    Commented,
    /// Merge it.
    Approved,
    /// Not like this.
    ChangesRequested,
    /// An opinion that somebody took out of force. Absorbs: a review is dismissed for good.
    Dismissed,
}

impl Opinion {
    /// The word in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Commented => "commented",
            Self::Approved => "approved",
            Self::ChangesRequested => "changes_requested",
            Self::Dismissed => "dismissed",
        }
    }
}

/// One review.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Review {
    /// The provider's id; ids grow with time.
    pub id: ReviewId,
    /// Who wrote it.
    pub reviewer: Login,
    /// Their picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewer_avatar_url: Option<String>,
    /// What it says.
    pub opinion: Opinion,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// The commit it was written for, where the provider still knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitSha>,
    /// Its text, cut at 4 KB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Where people read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When this was said. The text can be edited; the opinion can only be dismissed.
    pub said: Stamp,
}

impl Review {
    /// The join of two statements about the same review: `dismissed` absorbs, otherwise the later
    /// statement stands.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        let dismissed = self.opinion == Opinion::Dismissed || other.opinion == Opinion::Dismissed;
        let mut later = if self.words() >= other.words() {
            self
        } else {
            other
        };
        if dismissed {
            later.opinion = Opinion::Dismissed;
        }
        later
    }

    /// What decides which of two statements is the later one. The opinion comes last: it must not
    /// matter before or after a dismissal was heard.
    fn words(&self) -> impl Ord + '_ {
        (
            self.said,
            &self.body,
            &self.commit,
            &self.url,
            &self.reviewer_avatar_url,
            self.opinion,
        )
    }
}

/// The review of each reviewer that is in force: the newest that is more than a comment, else the
/// newest comment.
///
/// GitHub's own `reviewDecision` counts them the same way.
#[must_use]
pub fn reviews_in_force<'a>(
    reviews: impl Iterator<Item = &'a Review>,
) -> BTreeMap<&'a Login, &'a Review> {
    let rank = |review: &'a Review| {
        let is_opinion = review.opinion != Opinion::Commented;
        (is_opinion, review.submitted_at, &review.id)
    };
    let mut in_force: BTreeMap<&Login, &Review> = BTreeMap::new();
    for review in reviews {
        let stands = in_force
            .get(&review.reviewer)
            .is_some_and(|seen| rank(seen) >= rank(review));
        if !stands {
            in_force.insert(&review.reviewer, review);
        }
    }
    in_force
}

/// Each reviewer's opinion in force. A comment is no opinion, and who was dismissed last has none.
#[must_use]
pub fn latest_opinions<'a>(reviews: impl Iterator<Item = &'a Review>) -> BTreeMap<Login, Opinion> {
    reviews_in_force(reviews)
        .into_iter()
        .filter_map(|(reviewer, review)| match review.opinion {
            Opinion::Approved | Opinion::ChangesRequested => {
                Some((reviewer.clone(), review.opinion))
            }
            Opinion::Commented | Opinion::Dismissed => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn review(id: u64, reviewer: &str, opinion: Opinion) -> Review {
        let submitted_at = Timestamp::from_second(i64::try_from(id).unwrap()).unwrap();
        Review {
            id: ReviewId(id),
            reviewer: Login::new(reviewer),
            reviewer_avatar_url: None,
            opinion,
            submitted_at,
            commit: None,
            body: None,
            url: None,
            said: Stamp::event(submitted_at),
        }
    }

    #[test]
    fn the_latest_opinion_of_each_reviewer_counts_and_comments_are_none() {
        let reviews = [
            review(1, "ada", Opinion::ChangesRequested),
            review(2, "ada", Opinion::Approved),
            review(3, "ada", Opinion::Commented),
            review(4, "grace", Opinion::Approved),
            review(5, "grace", Opinion::ChangesRequested),
            review(6, "alan", Opinion::Approved),
            review(7, "alan", Opinion::Dismissed),
            review(8, "kurt", Opinion::Commented),
        ];
        let opinions = latest_opinions(reviews.iter().rev());
        let expected = [
            (Login::new("ada"), Opinion::Approved),
            (Login::new("grace"), Opinion::ChangesRequested),
        ];
        assert_eq!(opinions, BTreeMap::from(expected));
    }

    #[test]
    fn a_comment_does_not_take_the_place_of_an_opinion() {
        let reviews = [
            review(1, "ada", Opinion::ChangesRequested),
            review(2, "ada", Opinion::Approved),
            review(3, "ada", Opinion::Commented),
            review(4, "kurt", Opinion::Commented),
            review(5, "kurt", Opinion::Commented),
        ];
        let in_force = reviews_in_force(reviews.iter());
        let ids: Vec<u64> = in_force.values().map(|review| review.id.0).collect();
        assert_eq!(ids, [2, 5]);
    }

    #[test]
    fn a_dismissed_review_stays_dismissed_whatever_comes_after() {
        let approved = review(1, "ada", Opinion::Approved);
        let mut edited = approved.clone();
        edited.said = Stamp::event(Timestamp::from_second(100).unwrap());
        edited.body = Some("typo".into());
        let mut dismissed = approved.clone();
        dismissed.opinion = Opinion::Dismissed;
        let one = approved
            .clone()
            .join(dismissed.clone())
            .join(edited.clone());
        let other = edited.join(approved).join(dismissed);
        assert_eq!(one, other);
        assert_eq!(one.opinion, Opinion::Dismissed);
        assert_eq!(one.body.as_deref(), Some("typo"));
    }
}
