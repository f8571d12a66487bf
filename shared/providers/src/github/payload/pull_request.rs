//! `pull_request`, and the pull request inside other events.

use std::collections::BTreeSet;

use ampel_domain::{
    facts::Verdict,
    ids::PullRequestNumber,
    provider::ProviderRepositoryId,
    pulls::{Head, ProviderEvent, PullRequestAction, PullRequestReport, Size},
};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    Outcome, Unusable,
    shape::{Repository, Text, User, lifecycle, sha, text},
};
use crate::{
    github::words::{self, MOST_NAMES, TITLE_LIMIT},
    text::{DESCRIPTION_LIMIT, cut},
};

#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    action: Option<Text<'a>>,
    #[serde(borrow)]
    pull_request: PullRequest<'a>,
    #[serde(borrow)]
    repository: Option<Repository<'a>>,
}

/// A pull request: whole in its own event, without counts and mergeability in others.
#[derive(Deserialize)]
pub(super) struct PullRequest<'a> {
    id: Option<u64>,
    number: u32,
    #[serde(borrow)]
    title: Option<Text<'a>>,
    #[serde(borrow)]
    body: Option<Text<'a>>,
    #[serde(borrow)]
    html_url: Option<Text<'a>>,
    #[serde(borrow)]
    state: Option<Text<'a>>,
    draft: Option<bool>,
    created_at: Option<Timestamp>,
    pub(super) updated_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    merged_at: Option<Timestamp>,
    merged: Option<bool>,
    mergeable: Option<bool>,
    #[serde(borrow)]
    user: Option<User<'a>>,
    #[serde(borrow)]
    head: Branch<'a>,
    #[serde(borrow)]
    base: Branch<'a>,
    #[serde(borrow)]
    labels: Option<Vec<Label<'a>>>,
    #[serde(borrow)]
    requested_reviewers: Option<Vec<Option<User<'a>>>>,
    #[serde(borrow)]
    requested_teams: Option<Vec<Option<Team<'a>>>>,
    additions: Option<u32>,
    deletions: Option<u32>,
    changed_files: Option<u32>,
    commits: Option<u32>,
    /// Those of the conversation: what the API counts the same way everywhere.
    comments: Option<u32>,
}

#[derive(Deserialize)]
struct Branch<'a> {
    #[serde(borrow, rename = "ref")]
    name: Text<'a>,
    #[serde(borrow)]
    sha: Option<Text<'a>>,
    #[serde(borrow)]
    repo: Option<Repository<'a>>,
}

#[derive(Deserialize)]
struct Label<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Team<'a> {
    #[serde(borrow)]
    slug: Option<Text<'a>>,
}

pub(super) fn parse(body: &[u8]) -> Outcome {
    let payload: Payload<'_> = serde_json::from_slice(body)?;
    let repository = payload
        .pull_request
        .repository(payload.repository.as_ref())?;
    let event = ProviderEvent::PullRequestSeen {
        action: action(text(payload.action.as_ref())),
        report: Box::new(payload.pull_request.report()?),
    };
    Ok(Some((repository, event)))
}

/// Every action shows the pull request as it is, also one that GitHub has yet to invent.
fn action(word: Option<&str>) -> PullRequestAction {
    match word.unwrap_or_default() {
        "opened" => PullRequestAction::Opened,
        "edited" => PullRequestAction::Edited,
        "synchronize" => PullRequestAction::HeadChanged,
        "converted_to_draft" => PullRequestAction::ConvertedToDraft,
        "ready_for_review" => PullRequestAction::ReadyForReview,
        "labeled" | "unlabeled" => PullRequestAction::LabelsChanged,
        "review_requested" | "review_request_removed" => PullRequestAction::ReviewersChanged,
        "closed" => PullRequestAction::Closed,
        "reopened" => PullRequestAction::Reopened,
        _other => PullRequestAction::Other,
    }
}

impl PullRequest<'_> {
    /// The repository it is in: the event's, else that of its base.
    pub(super) fn repository(
        &self,
        of_event: Option<&Repository<'_>>,
    ) -> Result<ProviderRepositoryId, Unusable> {
        of_event
            .or(self.base.repo.as_ref())
            .map(Repository::provider_id)
            .ok_or(Unusable::Field("repository is missing"))
    }

    pub(super) fn report(&self) -> Result<PullRequestReport, Unusable> {
        let number = PullRequestNumber::new(self.number)
            .ok_or(Unusable::Field("pull_request.number is zero"))?;
        let lifecycle = lifecycle(
            text(self.state.as_ref()),
            self.merged,
            self.merged_at,
            self.closed_at,
        )?;
        let updated_at = self.said_at();
        let user = self.user.as_ref();
        Ok(PullRequestReport {
            number,
            provider_id: self.id.map(|id| id.to_string()).unwrap_or_default(),
            author: words::login(user.and_then(|user| text(user.login.as_ref()))),
            author_avatar_url: words::link(user.and_then(|user| text(user.avatar_url.as_ref()))),
            created_at: self.created_at.unwrap_or(updated_at),
            updated_at,
            url: words::link(text(self.html_url.as_ref())).unwrap_or_default(),
            title: text(self.title.as_ref())
                .and_then(|title| cut(title, TITLE_LIMIT))
                .unwrap_or_default(),
            description: text(self.body.as_ref()).and_then(|body| cut(body, DESCRIPTION_LIMIT)),
            lifecycle,
            draft: self.draft.unwrap_or(false),
            head: self.head()?,
            base: self.base.name.as_str().to_owned(),
            labels: self.labels(),
            requested_reviewers: self.requested_reviewers(),
            size: self.size(),
            comments: self.comments,
            // What is not open is not tried again, so what is said then may be long out of date.
            verdict: self.verdict().filter(|_| lifecycle.is_open()),
        })
    }

    /// When this was said. A statement without a time is older than any other.
    fn said_at(&self) -> Timestamp {
        self.updated_at
            .or(self.merged_at)
            .or(self.closed_at)
            .or(self.created_at)
            .unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn head(&self) -> Result<Head, Unusable> {
        let repo = self.head.repo.as_ref();
        let base = self.base.repo.as_ref();
        Ok(Head {
            sha: sha(
                self.head.sha.as_ref(),
                "pull_request.head.sha is no full commit hash",
            )?,
            branch: self.head.name.as_str().to_owned(),
            repository: repo
                .and_then(|repo| text(repo.full_name.as_ref()))
                .map(str::to_owned),
            // The base is there, so a repository that is gone was another one.
            is_fork: match (repo, base) {
                (Some(repo), Some(base)) => !repo.is(base),
                (Some(_), None) => false,
                (None, _) => true,
            },
        })
    }

    fn labels(&self) -> BTreeSet<String> {
        let labels = self.labels.iter().flatten();
        words::names(labels.filter_map(|label| text(label.name.as_ref())))
    }

    fn requested_reviewers(&self) -> BTreeSet<String> {
        let people = self.requested_reviewers.iter().flatten().flatten();
        let teams = self.requested_teams.iter().flatten().flatten();
        let mut asked = words::names(people.filter_map(|user| text(user.login.as_ref())));
        asked.extend(
            words::names(teams.filter_map(|team| text(team.slug.as_ref())))
                .iter()
                .map(|slug| words::team(slug))
                .take(MOST_NAMES - asked.len()),
        );
        asked
    }

    fn verdict(&self) -> Option<Verdict> {
        self.mergeable.map(|mergeable| {
            if mergeable {
                Verdict::Clean
            } else {
                Verdict::Conflicting
            }
        })
    }

    fn size(&self) -> Option<Size> {
        Some(Size {
            additions: self.additions?,
            deletions: self.deletions?,
            changed_files: self.changed_files?,
            commits: self.commits?,
        })
    }
}
