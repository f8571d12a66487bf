//! The reviews of a pull request.

use ampel_domain::{
    facts::{CommitSha, Opinion, ReviewId, Unavailable},
    ids::PullRequestNumber,
    pulls::ReviewReport,
    repositories::RepositoryFacts,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{
    api::{Api, READING},
    pages::{Lack, read_all},
};
use crate::{
    ProviderError,
    gitea::{
        shape::{Text, Unusable, User, text},
        words,
    },
    text::{REVIEW_BODY_LIMIT, cut},
};

/// Pages of 50 that are read at most.
const MOST_PAGES: u32 = 40;

#[derive(Deserialize)]
struct Review<'a> {
    id: u64,
    #[serde(borrow)]
    user: Option<User<'a>>,
    #[serde(borrow)]
    state: Option<Text<'a>>,
    #[serde(borrow)]
    body: Option<Text<'a>>,
    #[serde(borrow)]
    commit_id: Option<Text<'a>>,
    #[serde(borrow)]
    html_url: Option<Text<'a>>,
    /// Whether it is of somebody whose word counts, and their last one.
    official: Option<bool>,
    dismissed: Option<bool>,
    submitted_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
}

/// A review, and what its opinion alone does not tell.
struct Shown {
    report: ReviewReport,
    approves: bool,
    is_official: bool,
}

/// Reviews that could not all be read.
pub(super) struct Unread(Lack);

impl Unread {
    pub(super) fn unavailable(self) -> Unavailable {
        Unavailable {
            why: self.0.sentence("reviews"),
        }
    }
}

impl From<Unread> for ProviderError {
    fn from(unread: Unread) -> Self {
        match unread.0 {
            Lack::Refused(error) => error,
            Lack::Unreadable(why) => Self::InvalidAnswer { why },
            Lack::TooLong => Self::InvalidAnswer {
                why: "there are more reviews than Ampel reads".to_owned(),
            },
        }
    }
}

/// All reviews of a pull request; the inner error where the token may not read them.
pub(super) async fn of(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
) -> Result<Result<Vec<ReviewReport>, Unread>, ProviderError> {
    let url = api.below(repo, &["pulls", &number.to_string(), "reviews"])?;
    let listed = read_all(api, &url, READING, MOST_PAGES, read).await?;
    Ok(match listed.lacks {
        Some(lack) => Err(Unread(lack)),
        None => Ok(settled(listed.items)),
    })
}

fn read(shown: &Value) -> Result<Option<Shown>, Unusable> {
    Review::deserialize(shown)?.shown()
}

/// A request for changes that nobody has to heed ends when who made it approves: that approval
/// counts as words, so it would not end it by itself.
fn settled(mut all: Vec<Shown>) -> Vec<ReviewReport> {
    let place = |one: &Shown| (one.report.submitted_at, one.report.id.clone());
    let approvals: Vec<_> = all
        .iter()
        .filter(|one| one.approves)
        .map(|one| (one.report.reviewer.clone(), place(one)))
        .collect();
    for one in &mut all {
        let blocks = one.report.opinion == Opinion::ChangesRequested && !one.is_official;
        let at = place(one);
        let approved_later = approvals
            .iter()
            .any(|(reviewer, approved_at)| *reviewer == one.report.reviewer && *approved_at > at);
        if blocks && approved_later {
            one.report.opinion = Opinion::Withdrawn;
        }
    }
    all.into_iter().map(|one| one.report).collect()
}

impl Review<'_> {
    /// `None` for a draft, which only its author may see, and for a request for a review, which is
    /// listed among them.
    fn shown(&self) -> Result<Option<Shown>, Unusable> {
        let state = text(self.state.as_ref()).unwrap_or_default();
        // Servers before 1.12 do not tell.
        let is_official = self.official.unwrap_or(true);
        let opinion = match state {
            "PENDING" | "REQUEST_REVIEW" => return Ok(None),
            "COMMENT" => Opinion::Commented,
            "APPROVED" if is_official => Opinion::Approved,
            "APPROVED" => Opinion::Commented,
            "REQUEST_CHANGES" => Opinion::ChangesRequested,
            _unknown => return Err(Unusable::Field("the state of a review is not known")),
        };
        // It can be undone, so it is not out of force for good.
        let is_dismissed = self.dismissed == Some(true) && opinion != Opinion::Commented;
        let submitted_at = self
            .submitted_at
            .or(self.updated_at)
            .ok_or(Unusable::Field("a review has no time"))?;
        let user = self.user.as_ref();
        let commit = text(self.commit_id.as_ref());
        Ok(Some(Shown {
            report: ReviewReport {
                id: ReviewId::Numbered(self.id),
                reviewer: words::login(user.and_then(|user| text(user.login.as_ref()))),
                reviewer_avatar_url: words::link(
                    user.and_then(|user| text(user.avatar_url.as_ref())),
                ),
                opinion: if is_dismissed {
                    Opinion::Withdrawn
                } else {
                    opinion
                },
                submitted_at,
                updated_at: self.updated_at.unwrap_or(submitted_at),
                commit: commit.and_then(|sha| CommitSha::whole(sha).ok()),
                body: text(self.body.as_ref()).and_then(|body| cut(body, REVIEW_BODY_LIMIT)),
                url: words::link(text(self.html_url.as_ref())),
            },
            approves: state == "APPROVED" && !is_dismissed,
            is_official,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn review(id: u64, login: &str, state: &str, official: bool) -> Value {
        json!({"id": id, "user": {"login": login}, "state": state, "body": "",
            "commit_id": "", "official": official, "dismissed": false, "stale": false,
            "submitted_at": format!("2026-01-05T09:00:{id:02}Z")})
    }

    fn opinions(reviews: &Value) -> Vec<(String, Opinion)> {
        let shown = reviews.as_array().unwrap().iter().map(read);
        settled(shown.filter_map(|read| read.unwrap()).collect())
            .into_iter()
            .map(|report| (report.id.to_string(), report.opinion))
            .collect()
    }

    #[test]
    fn only_official_approvals_count() {
        let mut dismissed = review(6, "kurt", "APPROVED", true);
        dismissed["dismissed"] = true.into();
        let reviews = json!([
            review(1, "ada", "APPROVED", true),
            review(2, "grace", "APPROVED", false),
            review(3, "alan", "REQUEST_REVIEW", true),
            review(4, "alan", "PENDING", false),
            review(5, "alan", "COMMENT", false),
            dismissed,
        ]);
        let expected = [
            ("1", Opinion::Approved),
            ("2", Opinion::Commented),
            ("5", Opinion::Commented),
            ("6", Opinion::Withdrawn),
        ];
        assert_eq!(
            opinions(&reviews),
            expected.map(|(id, opinion)| (id.to_owned(), opinion))
        );
    }

    #[test]
    fn who_has_no_say_can_take_a_request_for_changes_back() {
        let reviews = json!([
            review(1, "ada", "REQUEST_CHANGES", false),
            review(2, "grace", "REQUEST_CHANGES", false),
            review(3, "ada", "APPROVED", false),
        ]);
        let expected = [
            ("1", Opinion::Withdrawn),
            ("2", Opinion::ChangesRequested),
            ("3", Opinion::Commented),
        ];
        assert_eq!(
            opinions(&reviews),
            expected.map(|(id, opinion)| (id.to_owned(), opinion))
        );
    }

    #[test]
    #[expect(clippy::print_stderr, reason = "says what was read")]
    fn recorded_reviews_are_read() {
        let folder = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../../shared/corpus/gitea/api"
        );
        let Ok(files) = std::fs::read_dir(folder) else {
            eprintln!("skipped: there is no ../shared/corpus");
            return;
        };
        let mut count = 0;
        for file in files.map(|file| file.unwrap().path()) {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with("reviews-") && !name.contains("golden") {
                let shown: Vec<Value> =
                    serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
                assert!(!shown.is_empty(), "{name}");
                for one in &shown {
                    read(one).map(drop).unwrap();
                }
                count += 1;
            }
        }
        eprintln!("{count} recordings of reviews read; the only golden is of a draft");
        assert!(count >= 5);
    }
}
