//! A pull request: webhooks, lists and single answers show it alike, so that an event says what a
//! snapshot says.

use std::collections::BTreeSet;

use ampel_domain::{
    facts::{CommitSha, Lifecycle},
    ids::PullRequestNumber,
    pulls::{Head, PullRequestReport},
};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    participants::Participant,
    shape::{Commit, Lack, Links, Repository, Text, User, text},
    words::{self, TITLE_LIMIT},
};
use crate::text::{DESCRIPTION_LIMIT, cut};

#[derive(Deserialize)]
pub(super) struct PullRequest<'a> {
    id: u32,
    #[serde(borrow)]
    title: Option<Text<'a>>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
    #[serde(borrow)]
    links: Option<Links<'a>>,
    #[serde(borrow)]
    pub(super) state: Option<Text<'a>>,
    draft: Option<bool>,
    queued: Option<bool>,
    #[serde(borrow)]
    author: Option<User<'a>>,
    #[serde(borrow)]
    source: End<'a>,
    #[serde(borrow)]
    destination: End<'a>,
    #[serde(borrow)]
    merge_commit: Option<Commit<'a>>,
    #[serde(borrow)]
    reviewers: Option<Vec<Option<User<'a>>>>,
    /// `None` in lists that were not asked for them.
    #[serde(borrow)]
    pub(super) participants: Option<Vec<Option<Participant<'a>>>>,
    comment_count: Option<u32>,
    created_on: Option<Timestamp>,
    updated_on: Option<Timestamp>,
    closed_on: Option<Timestamp>,
}

/// One of the two ends of a pull request.
#[derive(Deserialize)]
struct End<'a> {
    #[serde(borrow)]
    branch: Option<Branch<'a>>,
    /// Twelve digits; `null` when the repository or the branch is gone.
    #[serde(borrow)]
    commit: Option<Commit<'a>>,
    /// `null` when the fork is gone.
    #[serde(borrow)]
    repository: Option<Repository<'a>>,
}

#[derive(Deserialize)]
struct Branch<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
}

impl PullRequest<'_> {
    pub(super) fn number(&self) -> Result<PullRequestNumber, Lack> {
        PullRequestNumber::new(self.id).ok_or("pullrequest.id is zero")
    }

    /// When this was said. A review moves `updated_on` some milliseconds after its own time, so
    /// the later of the two it is, however early Bitbucket wrote it down. A statement without a
    /// time is older than any other.
    pub(super) fn said_at(&self) -> Timestamp {
        let participated = self.participants().filter_map(Participant::at).max();
        self.updated_on
            .max(participated)
            .or(self.created_on)
            .unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// How many comments it has, where that is counted.
    pub(super) fn comments(&self) -> Option<u32> {
        self.comment_count
    }

    /// When it ended, if it did: as near as Bitbucket says.
    pub(super) fn ended_at(&self) -> Option<Timestamp> {
        self.closed_on.or(self.updated_on)
    }

    pub(super) fn lifecycle(&self) -> Result<Lifecycle, Lack> {
        text(self.state.as_ref())
            .and_then(|word| words::lifecycle(word, self.ended_at()))
            .ok_or("pullrequest.state is not known")
    }

    fn is_draft(&self) -> bool {
        self.draft.unwrap_or(false) || self.is_in("DRAFT")
    }

    /// Whether it waits in a merge queue.
    pub(super) fn is_queued(&self) -> bool {
        self.queued.unwrap_or(false) || self.is_in("QUEUED")
    }

    fn is_in(&self, state: &str) -> bool {
        text(self.state.as_ref()) == Some(state)
    }

    /// One word for a fingerprint.
    fn condition(&self) -> &'static str {
        match (self.is_draft(), self.is_queued()) {
            (true, _) => "draft",
            (false, true) => "queued",
            (false, false) => "ready",
        }
    }

    /// Its head; where its source is gone, the commit that Git writes for none.
    pub(super) fn head_sha(&self) -> Result<CommitSha, Lack> {
        let sha = if self.is_headless() {
            words::sha(words::NO_COMMIT)
        } else {
            self.source.sha()
        };
        sha.ok_or("pullrequest.source.commit.hash is no commit hash")
    }

    /// Whether its source is gone: with a deleted repository Bitbucket shows no commit either.
    pub(super) fn is_headless(&self) -> bool {
        self.source.commit.is_none()
    }

    pub(super) fn base(&self) -> Result<&str, Lack> {
        self.destination
            .branch_name()
            .ok_or("pullrequest.destination.branch is missing")
    }

    /// What it was merged as.
    pub(super) fn merge_commit(&self) -> Option<CommitSha> {
        words::sha(text(self.merge_commit.as_ref()?.hash.as_ref())?)
    }

    pub(super) fn participants(&self) -> impl Iterator<Item = &Participant<'_>> {
        self.participants.iter().flatten().flatten()
    }

    /// What it says of itself, said at `said_at`.
    pub(super) fn report(
        &self,
        lifecycle: Lifecycle,
        said_at: Timestamp,
    ) -> Result<PullRequestReport, Lack> {
        let author = self.author.as_ref();
        let html = self.links.as_ref().and_then(|links| links.html.as_ref());
        Ok(PullRequestReport {
            number: self.number()?,
            // It has no other id.
            provider_id: self.id.to_string(),
            author: words::login(author),
            author_avatar_url: words::link(author.and_then(User::avatar)),
            created_at: self.created_on.unwrap_or(said_at),
            updated_at: said_at,
            url: words::link(html.and_then(|html| html.href.as_ref())).unwrap_or_default(),
            title: text(self.title.as_ref())
                .and_then(|title| cut(title, TITLE_LIMIT))
                .unwrap_or_default(),
            description: text(self.description.as_ref())
                .and_then(|description| cut(description, DESCRIPTION_LIMIT)),
            lifecycle,
            draft: self.is_draft(),
            head: self.head()?,
            base: self.base()?.to_owned(),
            // Bitbucket has none.
            labels: BTreeSet::new(),
            requested_reviewers: self.requested_reviewers(),
            size: None,
            comments: self.comments(),
            // Only the files that differ tell, and those are asked for by themselves.
            verdict: None,
        })
    }

    /// What changes with everything that can change a light and stands in the list: the same text
    /// from whole pull requests and from the list alone.
    ///
    /// The destination's commit is part of it: where Bitbucket shows that the base moved, whether
    /// it merges has to be asked again.
    pub(super) fn fingerprint(&self) -> Result<String, Lack> {
        let opinions: BTreeSet<String> = self
            .participants()
            .filter_map(Participant::fingerprint)
            .collect();
        let opinions: Vec<String> = opinions.into_iter().collect();
        let destination = self.destination.sha();
        Ok(format!(
            "{} {} {} {} {} {}",
            self.said_at(),
            self.head_sha()?,
            destination.as_ref().map_or("-", CommitSha::as_str),
            self.condition(),
            opinions.join(","),
            self.base()?,
        ))
    }

    fn head(&self) -> Result<Head, Lack> {
        let repository = self.source.repository.as_ref();
        let own = self.destination.repository.as_ref();
        let uuid = |repository: &Repository<'_>| {
            text(repository.uuid.as_ref()).map(str::to_ascii_lowercase)
        };
        Ok(Head {
            sha: self.head_sha()?,
            branch: self.source.branch_name().unwrap_or_default().to_owned(),
            repository: repository
                .and_then(|repository| text(repository.full_name.as_ref()))
                .map(str::to_owned),
            // The destination is there, so a repository that is gone was another one.
            is_fork: repository
                .is_none_or(|repository| own.is_some_and(|own| uuid(own) != uuid(repository))),
        })
    }

    /// The reviewers without an opinion.
    fn requested_reviewers(&self) -> BTreeSet<String> {
        let answered: BTreeSet<&str> = self
            .participants()
            .filter(|participant| participant.has_answered())
            .filter_map(Participant::user_id)
            .collect();
        let reviewers = self.reviewers.iter().flatten().flatten();
        reviewers
            .filter(|user| words::user_id(user).is_none_or(|id| !answered.contains(id)))
            .map(|user| words::login(Some(user)).as_str().to_owned())
            .collect()
    }
}

impl End<'_> {
    fn sha(&self) -> Option<CommitSha> {
        words::sha(text(self.commit.as_ref()?.hash.as_ref())?)
    }

    fn branch_name(&self) -> Option<&str> {
        text(self.branch.as_ref()?.name.as_ref())
    }
}
