//! Reviews and the opinions in force.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{CommitSha, Stamp};
use crate::provider::{Login, ProviderUserId};

/// What identifies a review in its pull request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ReviewId {
    /// The id the provider gave it; ids grow with time.
    Numbered(u64),
    /// The opinion that this person holds, where the provider keeps one per person and no reviews
    /// (approvals on GitLab, participants on Bitbucket). It changes and is taken back.
    Held(ProviderUserId),
}

impl std::fmt::Display for ReviewId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Numbered(id) => id.fmt(f),
            Self::Held(ProviderUserId(user)) => f.write_str(user),
        }
    }
}

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
    /// An opinion that is out of force for now: who held it took it back, or somebody dismissed
    /// it where the provider lets that be undone.
    Withdrawn,
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
            Self::Withdrawn => "withdrawn",
            Self::Dismissed => "dismissed",
        }
    }
}

/// One review.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Review {
    /// What identifies it.
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
    /// When this was said. A numbered review's opinion can only be dismissed; a held one changes.
    pub said: Stamp,
    /// Two different opinions were said at the same time: not known until something newer is said.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub contested: bool,
}

impl Review {
    /// The join of two statements about the same review: `dismissed` absorbs, otherwise the later
    /// statement stands.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        let dismissed = self.opinion == Opinion::Dismissed || other.opinion == Opinion::Dismissed;
        let contested = !dismissed
            && self.said == other.said
            && (self.contested || other.contested || self.opinion != other.opinion);
        let mut later = if self.words() >= other.words() {
            self
        } else {
            other
        };
        later.contested = !dismissed && (later.contested || contested);
        if dismissed {
            later.opinion = Opinion::Dismissed;
        }
        later
    }

    /// Somebody takes it out of force for good; answers whether anything changed.
    pub fn dismiss(&mut self) -> bool {
        let changed = self.opinion != Opinion::Dismissed;
        self.opinion = Opinion::Dismissed;
        self.contested = false;
        changed
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

/// Who holds an opinion. Names are changed and given away, and not unique everywhere: who is known
/// by an id is told apart by that.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Reviewer<'a> {
    Named(&'a Login),
    Known(&'a ProviderUserId),
}

impl Review {
    fn by(&self) -> Reviewer<'_> {
        match &self.id {
            ReviewId::Numbered(_) => Reviewer::Named(&self.reviewer),
            ReviewId::Held(user) => Reviewer::Known(user),
        }
    }
}

/// The review of each reviewer that is in force: the newest that is more than a comment, else the
/// newest comment.
///
/// GitHub's own `reviewDecision` counts them the same way.
#[must_use]
pub fn reviews_in_force<'a>(reviews: impl Iterator<Item = &'a Review>) -> Vec<&'a Review> {
    let rank = |review: &'a Review| {
        let is_opinion = review.opinion != Opinion::Commented;
        (is_opinion, review.submitted_at, &review.id)
    };
    let mut in_force: BTreeMap<Reviewer<'a>, &'a Review> = BTreeMap::new();
    for review in reviews {
        let stands = in_force
            .get(&review.by())
            .is_some_and(|seen| rank(seen) >= rank(review));
        if !stands {
            in_force.insert(review.by(), review);
        }
    }
    in_force.into_values().collect()
}

/// Each reviewer's opinion in force, by name; two may have the same one. A comment is no opinion,
/// and who was dismissed last has none.
#[must_use]
pub fn latest_opinions<'a>(reviews: impl Iterator<Item = &'a Review>) -> Vec<(Login, Opinion)> {
    let mut opinions: Vec<(Login, Opinion)> = reviews_in_force(reviews)
        .into_iter()
        .filter_map(|review| match review.opinion {
            Opinion::Approved | Opinion::ChangesRequested => {
                Some((review.reviewer.clone(), review.opinion))
            }
            Opinion::Commented | Opinion::Withdrawn | Opinion::Dismissed => None,
        })
        .collect();
    opinions.sort();
    opinions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn review(id: u64, reviewer: &str, opinion: Opinion) -> Review {
        let submitted_at = Timestamp::from_second(i64::try_from(id).unwrap()).unwrap();
        Review {
            id: ReviewId::Numbered(id),
            reviewer: Login::new(reviewer),
            reviewer_avatar_url: None,
            opinion,
            submitted_at,
            commit: None,
            body: None,
            url: None,
            said: Stamp::event(submitted_at),
            contested: false,
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
        assert_eq!(opinions, expected);
    }

    #[test]
    fn namesakes_hold_their_opinions_apart_and_a_new_name_is_nobody_new() {
        let held = |user: &str, at: u64, reviewer: &str, opinion| Review {
            id: ReviewId::Held(ProviderUserId(user.to_owned())),
            ..review(at, reviewer, opinion)
        };
        let reviews = [
            held("1", 1, "Former user", Opinion::ChangesRequested),
            held("2", 2, "Former user", Opinion::Approved),
            // Took the name that another one had.
            held("3", 3, "ada", Opinion::ChangesRequested),
            held("4", 4, "ada", Opinion::Approved),
            review(5, "ada", Opinion::Approved),
        ];
        let name = |name| Login::new(name);
        let expected = [
            (name("Former user"), Opinion::Approved),
            (name("Former user"), Opinion::ChangesRequested),
            (name("ada"), Opinion::Approved),
            (name("ada"), Opinion::Approved),
            (name("ada"), Opinion::ChangesRequested),
        ];
        assert_eq!(latest_opinions(reviews.iter()), expected);
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
        let ids: Vec<String> = in_force
            .iter()
            .map(|review| review.id.to_string())
            .collect();
        assert_eq!(ids, ["2", "5"]);
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

    #[test]
    fn a_held_opinion_is_taken_back_and_given_again_in_any_order() {
        let held = |at: i64, opinion| Review {
            id: ReviewId::Held(ProviderUserId("7".to_owned())),
            said: Stamp::event(Timestamp::from_second(at).unwrap()),
            ..review(1, "ada", opinion)
        };
        let said = [
            held(1, Opinion::Approved),
            held(2, Opinion::Withdrawn),
            held(3, Opinion::ChangesRequested),
        ];
        let [a, b, c] = said.clone();
        let forwards = a.join(b).join(c);
        let [a, b, c] = said;
        let backwards = c.join(b).join(a);
        assert_eq!(forwards, backwards);
        assert_eq!(forwards.opinion, Opinion::ChangesRequested);
        assert!(!forwards.contested);
    }

    #[test]
    fn two_opinions_of_one_moment_are_not_known() {
        let approved = review(1, "ada", Opinion::Approved);
        let mut withdrawn = approved.clone();
        withdrawn.opinion = Opinion::Withdrawn;
        let joined = approved.clone().join(withdrawn.clone());
        assert_eq!(joined, withdrawn.join(approved.clone()));
        assert!(joined.contested);
        let mut later = approved;
        later.said = Stamp::event(Timestamp::from_second(9).unwrap());
        assert!(!joined.join(later).contested);
    }
}
