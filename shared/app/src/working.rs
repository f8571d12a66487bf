//! A pull request and the evidence on its head: read together, changed together, written together.

use ampel_domain::{
    facts::CommitSha,
    ids::{OrganizationId, PullRequestId, RepositoryId},
    light::{Judgement, judge},
    pulls::{HeadEvidence, PullRequest},
};
use ampel_store::{
    Cause, Commit, EvidenceWrite, PullRequestWrite, Store, StoredEvidence, StoredPullRequest,
};
use jiff::Timestamp;

use crate::error::AppError;

/// Which repository of which organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The organization.
    pub organization: OrganizationId,
    /// The repository.
    pub repository: RepositoryId,
}

/// A pull request on its way from what it was to what it will be.
#[derive(Debug, Clone)]
pub struct Working {
    before: Option<StoredPullRequest>,
    /// The pull request as it will be written.
    pub pull: PullRequest,
    refresh_due_at: Option<Timestamp>,
}

impl Working {
    /// A pull request that is stored.
    #[must_use]
    pub fn stored(before: StoredPullRequest) -> Self {
        Self {
            pull: before.pull_request.clone(),
            refresh_due_at: before.refresh_due_at,
            before: Some(before),
        }
    }

    /// A pull request that nobody had heard of.
    #[must_use]
    pub fn new(pull: PullRequest) -> Self {
        Self {
            before: None,
            pull,
            refresh_due_at: None,
        }
    }

    /// Whether it is not stored yet.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.before.is_none()
    }

    /// Its light on this evidence; `None` when it is not open.
    #[must_use]
    pub fn judgement(&self, evidence: &HeadEvidence) -> Option<Judgement> {
        judge(&self.pull.facts(evidence))
    }

    /// Whether a refresh must be queued now: it is needed and none is on its way. One that is due
    /// later than now reads the provider after now, so it sees what this would have.
    #[must_use]
    pub fn wants_refresh(&self, evidence: &HeadEvidence, now: Timestamp) -> bool {
        self.pull.needs_refresh(evidence) && !self.awaits_refresh(now)
    }

    /// Whether a refresh is on its way that reads the provider after now.
    #[must_use]
    pub fn awaits_refresh(&self, now: Timestamp) -> bool {
        self.refresh_due_at.is_some_and(|due| due > now)
    }

    /// Marks a refresh that something outside of its facts asks for; answers whether one must be
    /// queued now.
    pub fn queue_hinted_refresh(&mut self, now: Timestamp) -> bool {
        let due = !self.awaits_refresh(now);
        if due {
            self.refresh_due_at = Some(now + crate::refreshes::DEBOUNCE);
        }
        due
    }

    /// A refresh is on its way and will read the provider at `due` or later.
    pub fn refresh_queued(&mut self, due: Timestamp) {
        self.refresh_due_at = Some(due);
    }

    /// Whether writing it would change anything, its light included.
    #[must_use]
    pub fn is_changed(&self, evidence: &HeadEvidence) -> bool {
        self.before.as_ref().is_none_or(|before| {
            before.pull_request != self.pull
                || before.refresh_due_at != self.refresh_due_at
                || before.judgement != self.judgement(evidence)
        })
    }

    /// What is to be written, with the light on this evidence.
    #[must_use]
    pub fn into_write(self, evidence: &HeadEvidence) -> PullRequestWrite {
        let judgement = self.judgement(evidence);
        PullRequestWrite {
            before: self.before,
            after: self.pull,
            judgement,
            refresh_due_at: self.refresh_due_at,
        }
    }
}

/// Evidence on its way from what it was to what it will be.
#[derive(Debug, Clone)]
pub struct WorkingEvidence {
    before: StoredEvidence,
    /// The evidence as it will be written.
    pub now: HeadEvidence,
}

impl WorkingEvidence {
    /// Evidence as it is stored.
    #[must_use]
    pub fn stored(before: StoredEvidence) -> Self {
        Self {
            now: before.evidence.clone(),
            before,
        }
    }

    /// Whether writing it would change anything.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.before.evidence != self.now
    }

    /// What is to be written; unchanged, it is only a condition.
    #[must_use]
    pub fn into_write(self) -> EvidenceWrite {
        EvidenceWrite {
            before: self.before,
            after: self.now,
        }
    }
}

impl Scope {
    /// Reads a pull request.
    ///
    /// # Errors
    /// What the store says.
    pub async fn read(self, store: &Store, id: PullRequestId) -> Result<Option<Working>, AppError> {
        let stored = store.pull_request(self.organization, id).await?;
        Ok(stored.map(Working::stored))
    }

    /// Reads the evidence on a commit.
    ///
    /// # Errors
    /// What the store says.
    pub async fn read_evidence(
        self,
        store: &Store,
        sha: &CommitSha,
    ) -> Result<WorkingEvidence, AppError> {
        Ok(WorkingEvidence::stored(
            store.evidence(self.repository, sha).await?,
        ))
    }

    /// The open pull requests whose head this commit really is.
    ///
    /// # Errors
    /// What the store says.
    pub async fn claimants(
        self,
        store: &Store,
        evidence: &WorkingEvidence,
    ) -> Result<Vec<Working>, AppError> {
        let mut claimants = Vec::new();
        for number in &evidence.now.claims {
            let id = self.repository.pull_request(*number);
            if let Some(working) = self.read(store, id).await?
                && *working.pull.head_sha() == evidence.now.sha
                && working.pull.is_open()
            {
                claimants.push(working);
            }
        }
        Ok(claimants)
    }

    /// A commit of these writes.
    #[must_use]
    pub fn commit(
        self,
        now: Timestamp,
        cause: Cause,
        pulls: Vec<PullRequestWrite>,
        evidence: Vec<EvidenceWrite>,
    ) -> Commit {
        Commit {
            organization: self.organization,
            repository: self.repository,
            now,
            pulls,
            evidence,
            cause,
        }
    }
}
