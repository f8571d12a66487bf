//! The whole of one pull request, read strongly.

use std::collections::BTreeSet;

use ampel_domain::{
    facts::{
        Check, CheckKey, CheckScope, Fact, Hold, Lifecycle, Review, ReviewId, Verdict,
        reviews_in_force,
    },
    ids::{PullRequestId, RepositoryId},
    pulls::{HeadEvidence, PullRequest, Size},
    repositories::Repository,
    tenancy::Caller,
};
use ampel_store::StoredPullRequest;
use ampel_wire::api::pulls::{CiCheckResponse, PullRequestDetail, ReviewResponse};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::Reading;
use crate::{refusal::Refusal, repositories::is_visible};

const NOT_FOUND: Refusal = Refusal::NotFound("Pull request");

impl Reading {
    /// A pull request with its checks and reviews. `within` is the repository it has to be in.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Unavailable`].
    pub async fn pull_request(
        &self,
        caller: Caller,
        within: Option<RepositoryId>,
        id: PullRequestId,
    ) -> Result<PullRequestDetail, Refusal> {
        if within.is_some_and(|repository| repository != id.repository()) {
            return Err(NOT_FOUND);
        }
        let organization = caller.organization;
        let (repository, stored) = futures::try_join!(
            self.store.repository(organization, id.repository()),
            self.store.pull_request(organization, id)
        )?;
        let visible = repository.filter(|repository| is_visible(repository.status));
        let (repository, stored) = visible.zip(stored).ok_or(NOT_FOUND)?;
        let sha = stored.pull_request.head_sha();
        let evidence = self.store.evidence(repository.id, sha).await?.evidence;
        Ok(detail(repository, stored, &evidence))
    }
}

fn detail(
    repository: Repository,
    stored: StoredPullRequest,
    evidence: &HeadEvidence,
) -> PullRequestDetail {
    let pull = stored.pull_request;
    let lifecycle = *pull.lifecycle.shown();
    let (merged_at, closed_at) = ended(lifecycle);
    let verdict = verdict(&pull, evidence);
    let size = pull.size.as_ref().map(|size| *size.shown());
    let of_size = |part: fn(Size) -> u32| size.map(part);
    let (light, reasons) = match stored.judgement {
        Some(judgement) => (Some(judgement.light), judgement.reasons),
        None => (None, Vec::new()),
    };
    let head = pull.head.shown().clone();
    PullRequestDetail {
        id: pull.id,
        repository_id: repository.id,
        repository_owner: repository.facts.owner,
        repository_name: repository.facts.name,
        provider: repository.provider,
        ci_checks: checks(&pull, evidence),
        reviews: reviews(&pull),
        number: pull.number(),
        title: pull.title.shown().clone(),
        description: pull.description.shown().clone(),
        url: pull.url.shown().clone(),
        state: lifecycle.as_str(),
        source_branch: head.branch,
        target_branch: pull.base.shown().clone(),
        head_sha: head.sha,
        is_fork: head.is_fork,
        author: pull.author.to_string(),
        is_draft: *pull.draft.shown(),
        is_mergeable: verdict.map(|verdict| verdict == Verdict::Clean),
        has_conflicts: verdict.and_then(has_conflicts),
        additions: of_size(|size| size.additions),
        deletions: of_size(|size| size.deletions),
        changed_files: of_size(|size| size.changed_files),
        commits_count: of_size(|size| size.commits),
        comments_count: pull.comments.as_ref().map(|cell| *cell.shown()),
        labels: pull.labels.shown().iter().cloned().collect(),
        requested_reviewers: pull.requested_reviewers.shown().iter().cloned().collect(),
        created_at: pull.created_at,
        updated_at: pull.updated_at(),
        merged_at,
        closed_at,
        last_synced_at: pull.snapshot_at,
        light,
        reasons: reasons.into_iter().map(Into::into).collect(),
        provider_id: pull.provider_id,
        author_avatar_url: pull.author_avatar_url,
    }
}

/// When it was merged, and when it was closed, merged or not.
fn ended(lifecycle: Lifecycle) -> (Option<Timestamp>, Option<Timestamp>) {
    match lifecycle {
        Lifecycle::Open => (None, None),
        Lifecycle::Closed { at } => (None, at),
        Lifecycle::Merged { at } => (at, at),
    }
}

/// What is known for the current head on the current base; old verdicts are nobody's business.
fn verdict(pull: &PullRequest, evidence: &HeadEvidence) -> Option<Verdict> {
    match pull.facts(evidence).mergeability {
        Fact::Known(verdict) => Some(verdict),
        Fact::Computing | Fact::Unavailable(_) => None,
    }
}

/// By name; evidence is kept once per check, so each is its newest run.
fn checks(pull: &PullRequest, evidence: &HeadEvidence) -> Vec<CiCheckResponse> {
    let checks = pull.checks(evidence).map(|c| check(pull.id, c));
    let mut checks: Vec<_> = checks.collect();
    checks.sort_by(|a, b| (&a.name, &a.app).cmp(&(&b.name, &b.app)));
    checks
}

fn check(pull_request_id: PullRequestId, check: &Check) -> CiCheckResponse {
    let app = match &check.key {
        CheckKey::Run { app, .. } | CheckKey::ScopedRun { app, .. } => Some(app.clone()),
        CheckKey::Status { .. } => None,
    };
    let took = check.started_at.zip(check.completed_at);
    CiCheckResponse {
        id: check_id(&check.key),
        pull_request_id,
        name: check.key.name().to_owned(),
        app,
        status: check.state.as_str(),
        conclusion: check
            .state
            .conclusion()
            .map(|conclusion| conclusion.as_str()),
        url: check.url.clone(),
        started_at: check.started_at,
        completed_at: check.completed_at,
        duration_seconds: took.map(|(start, end)| end.duration_since(start).as_secs().max(0)),
    }
}

/// 128 bits of what identifies a check: the same for all its runs.
fn check_id(key: &CheckKey) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    };
    match key {
        CheckKey::Run { app, name } => {
            add("run");
            add(app);
            add(name);
        }
        CheckKey::ScopedRun { app, name, scope } => {
            add("run");
            add(app);
            add(name);
            match scope {
                CheckScope::Branch { name } => {
                    add("branch");
                    add(name);
                }
                CheckScope::PullRequest { number } => {
                    add("pull request");
                    add(&number.to_string());
                }
            }
        }
        CheckKey::Status { context } => {
            add("status");
            add(context);
        }
    }
    hex::encode(hash.finalize()).chars().take(32).collect()
}

/// All reviews, the newest first.
fn reviews(pull: &PullRequest) -> Vec<ReviewResponse> {
    let in_force: BTreeSet<&ReviewId> = reviews_in_force(pull.reviews.by_id.values())
        .into_iter()
        .map(|review| &review.id)
        .collect();
    let mut reviews: Vec<&Review> = pull.reviews.by_id.values().collect();
    reviews.sort_by(|a, b| (b.submitted_at, &b.id).cmp(&(a.submitted_at, &a.id)));
    reviews
        .into_iter()
        .map(|review| ReviewResponse {
            id: review.id.to_string(),
            pull_request_id: pull.id,
            reviewer: review.reviewer.to_string(),
            reviewer_avatar_url: review.reviewer_avatar_url.clone(),
            state: review.opinion.as_str(),
            body: review.body.clone(),
            url: review.url.clone(),
            submitted_at: review.submitted_at,
            is_latest: in_force.contains(&review.id),
        })
        .collect()
}

/// `None` where the provider may have found none or may not have looked.
fn has_conflicts(verdict: Verdict) -> Option<bool> {
    match verdict {
        Verdict::Clean => Some(false),
        Verdict::Conflicting => Some(true),
        Verdict::Held(Hold::Unclear) => None,
        Verdict::Held(_) => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_checks_do_not_run_into_each_other() {
        let run = |app: &str, name: &str| {
            check_id(&CheckKey::Run {
                app: app.into(),
                name: name.into(),
            })
        };
        let status = check_id(&CheckKey::Status {
            context: "build".into(),
        });
        assert_ne!(run("a", "bc"), run("ab", "c"));
        assert_ne!(run("", "build"), status);
        assert_eq!(status.len(), 32);
    }
}
