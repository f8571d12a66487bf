//! The checks of one commit, where the provider's list of pull requests does not tell of them.

use std::collections::{BTreeMap, BTreeSet};

use ampel_domain::{
    facts::CommitSha, ids::PullRequestNumber, light::ReasonCode, pulls::EvidenceSnapshot,
};
use ampel_store::{Cause, OpenPullRequest};
use ampel_wire::queue::SyncJob;
use jiff::{SignedDuration, Timestamp};

use super::{Snapshots, Sync, reader::Reader};
use crate::{error::AppError, race::until_won, working::Scope};

/// After this time the checks of a head are read again although they seemed to be over: somebody
/// may have begun them anew.
const OLD: SignedDuration = SignedDuration::from_mins(30);

impl Sync {
    /// Reads the checks of a commit and judges the pull requests that stand on it: one call.
    pub(super) async fn evidence(&self, reader: &Reader, sha: &CommitSha) -> Result<(), AppError> {
        let facts = &reader.repository.facts;
        let shown = reader.client.evidence(facts, sha).await?;
        let scope = reader.scope;
        until_won(&self.snapshots.moments, async || {
            self.snapshots
                .apply_evidence(scope, &shown.of, shown.date)
                .await
        })
        .await
    }

    /// Has the checks read of the heads that may have changed: those still pending and, once in
    /// half an hour, all. Pull requests that are read again anyway are left out. `date` is the
    /// provider's time at which they were compared.
    pub(super) async fn read_heads(
        &self,
        reader: &Reader,
        date: Timestamp,
        stored: &BTreeMap<PullRequestNumber, OpenPullRequest>,
        read_anyway: &BTreeSet<PullRequestNumber>,
    ) -> Result<(), AppError> {
        let now = self.snapshots.moments.now();
        let state = self
            .snapshots
            .store
            .sync_state(reader.scope.repository)
            .await?;
        let last = state.last_evidence_at.max(state.last_full_at);
        let all = last.is_none_or(|last| now.duration_since(last) >= OLD);
        let heads: BTreeSet<&CommitSha> = stored
            .values()
            .filter(|open| !read_anyway.contains(&open.number))
            .filter(|open| all || is_pending(open, date))
            .map(|open| &open.head)
            .collect();
        for sha in heads {
            let sha = sha.clone();
            self.send_now(reader, SyncJob::Evidence { sha }).await?;
        }
        if all {
            self.snapshots.read_all_heads(reader.scope, now).await?;
        }
        Ok(())
    }
}

impl Snapshots {
    async fn apply_evidence(
        &self,
        scope: Scope,
        shown: &EvidenceSnapshot,
        date: Timestamp,
    ) -> Result<(), AppError> {
        let mut evidence = scope.read_evidence(&self.store, &shown.sha).await?;
        let is_known = !evidence.now.claims.is_empty();
        if !is_known || !evidence.now.absorb(shown.clone(), date) {
            return Ok(());
        }
        let now = self.moments.now();
        let mut pulls = Vec::new();
        for mut working in scope.claimants(&self.store, &evidence).await? {
            self.refreshes
                .queue_if_wanted(scope, &mut working, &evidence.now, now)
                .await?;
            pulls.push(working.into_write(&evidence.now));
        }
        let commit = scope.commit(now, Cause::Sync, pulls, vec![evidence.into_write()]);
        Ok(self.store.commit(commit).await?)
    }
}

/// Whether its checks may change: some are going to, are not known, or did not pass and can be run
/// again; or it moved lately, and they have perhaps only begun to report.
fn is_pending(open: &OpenPullRequest, date: Timestamp) -> bool {
    let has_passed = open.reasons.contains(&ReasonCode::ChecksPassed);
    // Its head is no younger.
    let is_young = date.duration_since(open.updated_at) < OLD;
    let is_unsettled = open.reasons.iter().any(|code| {
        matches!(
            code,
            ReasonCode::CheckPending
                | ReasonCode::ChecksComputing
                | ReasonCode::ChecksUnavailable
                | ReasonCode::CheckCancelled
                | ReasonCode::CheckFailed
                | ReasonCode::CheckUnrecognised
        )
    });
    is_unsettled || (is_young && !has_passed)
}
