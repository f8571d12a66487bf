//! A pull request, as everything that shows one shows it.

use std::collections::BTreeSet;

use ampel_domain::{
    facts::{Hold, Lifecycle, Verdict},
    ids::PullRequestNumber,
    provider::ProviderRepositoryId,
    pulls::{Head, PullRequestReport},
};
use jiff::Timestamp;
use serde::Deserialize;

use super::{Repository, Text, Unusable, User, sha, text};
use crate::{
    gitea::words::{self, MOST_NAMES, TITLE_LIMIT},
    text::{DESCRIPTION_LIMIT, cut},
};

/// What a head is called whose branch is gone.
const DETACHED: &str = "refs/pull/";

#[derive(Deserialize)]
pub(in crate::gitea) struct PullRequest<'a> {
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
    updated_at: Option<Timestamp>,
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
    labels: Option<Vec<Option<Named<'a>>>>,
    #[serde(borrow)]
    requested_reviewers: Option<Vec<Option<User<'a>>>>,
    #[serde(borrow)]
    requested_reviewers_teams: Option<Vec<Option<Named<'a>>>>,
    comments: Option<u32>,
}

#[derive(Deserialize)]
struct Branch<'a> {
    /// The branch's name, also where `ref` is none.
    #[serde(borrow)]
    label: Option<Text<'a>>,
    #[serde(borrow, rename = "ref")]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    sha: Option<Text<'a>>,
    /// -1 where the repository was deleted.
    repo_id: Option<i64>,
    #[serde(borrow)]
    repo: Option<Repository<'a>>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
}

impl PullRequest<'_> {
    /// The repository it is in: the event's, else that of its base.
    pub(in crate::gitea) fn repository(
        &self,
        of_event: Option<&Repository<'_>>,
    ) -> Result<ProviderRepositoryId, Unusable> {
        of_event
            .map(|repo| repo.id)
            .or_else(|| self.base.repository_id())
            .map(|id| ProviderRepositoryId(id.to_string()))
            .ok_or(Unusable::Field("repository is missing"))
    }

    /// What is said of it. Whether it merges is not part of it: `mergeable` is also false while
    /// conflicts are still looked for, see [`Self::verdict`].
    pub(in crate::gitea) fn report(&self) -> Result<PullRequestReport, Unusable> {
        let updated_at = self.said_at();
        let user = self.user.as_ref();
        Ok(PullRequestReport {
            number: PullRequestNumber::new(self.number)
                .ok_or(Unusable::Field("pull_request.number is zero"))?,
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
            lifecycle: self.lifecycle()?,
            draft: self.is_draft(),
            head: self.head()?,
            base: self.base.branch()?.to_owned(),
            labels: self.labels(),
            requested_reviewers: self.requested_reviewers(),
            // How many commits it has is nowhere to be seen.
            size: None,
            comments: self.comments,
            verdict: None,
        })
    }

    /// Whether it merges, for a snapshot: `false` stands for a draft and, where it is none, for a
    /// conflict, a check that is not over or an error.
    pub(in crate::gitea) fn verdict(&self) -> Option<Verdict> {
        self.mergeable.map(|mergeable| match mergeable {
            true => Verdict::Clean,
            false if self.is_draft() => Verdict::Held(Hold::Draft),
            false => Verdict::Held(Hold::Unclear),
        })
    }

    /// What a light reconcile compares. Checks and reviews are not in it; a review moves
    /// `updated_at`. Where the base points is: a server may put off trying an old pull request
    /// again until somebody reads it by its number.
    pub(in crate::gitea) fn fingerprint(&self) -> String {
        let or_dash = |text: Option<&str>| text.unwrap_or("-").to_owned();
        let mergeable = match self.mergeable {
            Some(true) => "yes",
            Some(false) => "no",
            None => "-",
        };
        let draft = if self.is_draft() { "draft" } else { "ready" };
        format!(
            "{} {} {mergeable} {draft} {} {}",
            self.said_at(),
            or_dash(text(self.head.sha.as_ref())),
            or_dash(text(self.base.name.as_ref())),
            or_dash(text(self.base.sha.as_ref())),
        )
    }

    /// When this was said. A statement without a time is older than any other.
    fn said_at(&self) -> Timestamp {
        self.updated_at
            .or(self.merged_at)
            .or(self.closed_at)
            .or(self.created_at)
            .unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Old servers know no `draft` and go by the title.
    fn is_draft(&self) -> bool {
        self.draft
            .unwrap_or_else(|| text(self.title.as_ref()).is_some_and(words::is_draft_title))
    }

    fn lifecycle(&self) -> Result<Lifecycle, Unusable> {
        if self.merged == Some(true) || self.merged_at.is_some() {
            return Ok(Lifecycle::Merged { at: self.merged_at });
        }
        let at = self.closed_at;
        match text(self.state.as_ref()) {
            Some("open") => Ok(Lifecycle::Open),
            Some("closed") => Ok(Lifecycle::Closed { at }),
            None if at.is_some() => Ok(Lifecycle::Closed { at }),
            None => Ok(Lifecycle::Open),
            Some(_unknown) => Err(Unusable::Field(
                "pull_request.state is neither open nor closed",
            )),
        }
    }

    fn head(&self) -> Result<Head, Unusable> {
        let repo = self.head.repo.as_ref();
        let is_here = self.head.repository_id().is_some()
            && self.head.repository_id() == self.base.repository_id();
        Ok(Head {
            sha: sha(
                self.head.sha.as_ref(),
                "pull_request.head.sha is no full commit hash",
            )?,
            branch: self.head.branch()?.to_owned(),
            repository: repo
                .or(self.base.repo.as_ref().filter(|_| is_here))
                .and_then(|repo| text(repo.full_name.as_ref()))
                .map(str::to_owned),
            // The base is there, so a repository that is gone was another one.
            is_fork: !is_here,
        })
    }

    fn labels(&self) -> BTreeSet<String> {
        let labels = self.labels.iter().flatten().flatten();
        words::names(labels.filter_map(|label| text(label.name.as_ref())))
    }

    fn requested_reviewers(&self) -> BTreeSet<String> {
        let people = self.requested_reviewers.iter().flatten().flatten();
        let teams = self.requested_reviewers_teams.iter().flatten().flatten();
        let mut asked = words::names(people.filter_map(|user| text(user.login.as_ref())));
        asked.extend(
            words::names(teams.filter_map(|team| text(team.name.as_ref())))
                .iter()
                .map(|name| words::team(name))
                .take(MOST_NAMES - asked.len()),
        );
        asked
    }
}

impl Branch<'_> {
    fn repository_id(&self) -> Option<u64> {
        let said = self.repo_id.and_then(|id| u64::try_from(id).ok());
        self.repo.as_ref().map(|repo| repo.id).or(said)
    }

    /// Its name; the head of a pull request whose branch is gone has only a label.
    fn branch(&self) -> Result<&str, Unusable> {
        let label = text(self.label.as_ref()).filter(|label| !label.is_empty());
        match text(self.name.as_ref()) {
            Some(name) if name.starts_with(DETACHED) => Ok(label.unwrap_or(name)),
            Some(name) => Ok(name),
            None => label.ok_or(Unusable::Field("a branch has no name")),
        }
    }
}
