//! All checks and statuses of a commit, read to the last page and wherever the token may read them.

use std::collections::BTreeSet;

use ampel_domain::{
    facts::{CheckReport, CommitSha, Unavailable},
    pulls::{EvidenceSnapshot, Snapshot},
    repositories::RepositoryFacts,
};
use serde::Serialize;

use super::{
    answers::{OneCommit, Rollup},
    api::Api,
    elsewhere::{self, Reach},
    evidence::{self, ContextPage},
    graphql::{Reply, ask, of},
    partial::{Missing, missing},
    queries, snapshot,
    whole::{MOST_PAGES, too_many},
};
use crate::ProviderError;

#[derive(Serialize)]
struct OfCommit<'a> {
    oid: &'a str,
    after: Option<&'a str>,
}

/// What of a commit's contexts is still to be read.
pub(super) enum Next {
    Nothing,
    /// The page after this cursor, or the first one.
    From(Option<String>),
}

/// What was read of a commit's contexts so far.
pub(super) struct Gathered {
    pub(super) checks: Vec<CheckReport>,
    /// How GitHub sums them up.
    pub(super) rollup: Option<String>,
    /// Why they could not all be read.
    pub(super) unavailable: Option<Unavailable>,
    /// Whether it is the token that may not read them.
    pub(super) is_forbidden: bool,
    /// How many GitHub listed and did not show.
    pub(super) hidden: usize,
    /// Whether the list was read to its end.
    pub(super) is_listed: bool,
}

/// The evidence on a commit; `NotFound` where the repository has none of that name.
pub(super) async fn evidence(
    api: &Api,
    repo: &RepositoryFacts,
    head: &CommitSha,
) -> Result<Snapshot<EvidenceSnapshot>, ProviderError> {
    let reply = more_contexts(api, repo, head, None).await?;
    let commit = reply.of.object.ok_or(ProviderError::NotFound)?;
    let mut gathered = Gathered::lacking(missing(&reply.errors, None));
    let next = gathered.take(commit.status_check_rollup);
    let of = gathered
        .complete(api, repo, head, next, &mut Reach::default())
        .await?;
    Ok(Snapshot {
        date: reply.date,
        of,
    })
}

impl Gathered {
    /// Nothing yet, of which this is missing.
    pub(super) fn lacking(missing: Missing) -> Self {
        Self {
            checks: Vec::new(),
            rollup: None,
            unavailable: missing.checks,
            is_forbidden: missing.checks_are_forbidden,
            hidden: 0,
            is_listed: false,
        }
    }

    /// Takes a page. No rollup means no checks, unless something says that it could not be read.
    pub(super) fn take(&mut self, rollup: Option<Rollup>) -> Next {
        let Some(rollup) = rollup else {
            return Next::Nothing;
        };
        self.is_listed = rollup.contexts.is_some();
        let ContextPage {
            checks,
            next,
            unavailable,
            hidden,
        } = evidence::page(rollup.contexts);
        self.rollup = rollup.state.or(self.rollup.take());
        self.checks.extend(checks);
        self.hidden += hidden;
        self.lacks(unavailable);
        next.map_or(Next::Nothing, |after| Next::From(Some(after)))
    }

    /// Reads what is left, and what can be read elsewhere.
    pub(super) async fn complete(
        mut self,
        api: &Api,
        repo: &RepositoryFacts,
        head: &CommitSha,
        next: Next,
        reach: &mut Reach,
    ) -> Result<EvidenceSnapshot, ProviderError> {
        self.follow(api, repo, head, next).await?;
        if self.is_forbidden {
            elsewhere::add(api, repo, head, &mut self, reach).await?;
        }
        let contradiction = evidence::contradiction(self.rollup.as_deref(), &self.checks);
        self.lacks(contradiction);
        Ok(EvidenceSnapshot {
            sha: head.clone(),
            checks: self.checks,
            unavailable: self.unavailable,
            scopes: BTreeSet::new(),
        })
    }

    async fn follow(
        &mut self,
        api: &Api,
        repo: &RepositoryFacts,
        head: &CommitSha,
        mut next: Next,
    ) -> Result<(), ProviderError> {
        for _page in 0..MOST_PAGES {
            let Next::From(after) = next else {
                return Ok(());
            };
            let reply = more_contexts(api, repo, head, after.as_deref()).await?;
            let missing = missing(&reply.errors, None);
            self.is_forbidden |= missing.checks_are_forbidden;
            self.lacks(missing.checks);
            let Some(commit) = reply.of.object else {
                self.is_listed = false;
                self.lacks(Some(snapshot::unreadable()));
                return Ok(());
            };
            next = self.take(commit.status_check_rollup);
        }
        if matches!(next, Next::From(_)) {
            self.is_listed = false;
            self.lacks(Some(too_many()));
        }
        Ok(())
    }

    /// The first reason stays: it is the one that names what would help.
    fn lacks(&mut self, reason: Option<Unavailable>) {
        if self.unavailable.is_none() {
            self.unavailable = reason;
        }
    }
}

async fn more_contexts(
    api: &Api,
    repo: &RepositoryFacts,
    head: &CommitSha,
    after: Option<&str>,
) -> Result<Reply<OneCommit>, ProviderError> {
    let oid = head.as_str();
    ask(api, repo, queries::MORE_CONTEXTS, |_| {
        of(repo, OfCommit { oid, after })
    })
    .await
}
