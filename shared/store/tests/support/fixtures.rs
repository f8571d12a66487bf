//! Values to store.

use std::collections::BTreeSet;

use ampel_domain::{
    facts::{
        Check, CheckKey, CheckReport, CheckState, CommitSha, Completeness, Conclusion, Lifecycle,
        Opinion, Review, ReviewId, Stamp, Verdict,
    },
    hooks::{Hook, HookSecrets, HookStatus},
    ids::{HookId, OrganizationId, PullRequestId, PullRequestNumber, RepositoryId, UserId},
    instance::InstanceUrl,
    light::{Judgement, Light, Reason, ReasonCode},
    provider::{Login, Provider, ProviderRepositoryId},
    pulls::{Head, HeadEvidence, PullRequest, PullRequestReport},
    repositories::{OpenCounts, PollInterval, Repository, RepositoryFacts, RepositoryStatus},
    secret::Sealed,
};
use ampel_store::{
    Cause, Commit, EvidenceWrite, PullRequestWrite, StoreError, StoredEvidence, StoredPullRequest,
    TrackRepository,
};
use jiff::{SignedDuration, Timestamp};

use super::seed;

pub fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

pub fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

pub fn tracking(organization: OrganizationId, nth: u128, provider_id: &str) -> TrackRepository {
    let id = RepositoryId::new(seed(1000 + nth));
    let hook = HookId::new(seed(2000 + nth));
    let facts = RepositoryFacts {
        provider_id: ProviderRepositoryId(provider_id.into()),
        owner: "octocat".into(),
        name: format!("hello-{nth}"),
        description: Some("Ünïcode description. ".repeat(40)),
        url: format!("https://github.com/octocat/hello-{nth}"),
        default_branch: "main".into(),
        is_private: false,
        is_archived: false,
    };
    TrackRepository {
        repository: Repository {
            id,
            organization,
            added_by: UserId::new(seed(7)),
            account: Some(ampel_domain::ids::AccountId::new(seed(8))),
            provider: Provider::Github,
            instance: InstanceUrl::well_known("https://api.github.com"),
            facts: facts.clone(),
            poll_interval: PollInterval::default(),
            hook,
            hook_status: HookStatus::Polling,
            status: RepositoryStatus::Active,
            open: OpenCounts::default(),
            created_at: now(),
            updated_at: now(),
            last_polled_at: None,
        },
        hook: Hook {
            id: hook,
            organization,
            repository: id,
            provider: Provider::Github,
            provider_repository_id: facts.provider_id,
            registration: None,
            secrets: HookSecrets::first(Sealed::new(vec![1, 2, 3]), now()),
            last_delivery_at: None,
            last_refusal: None,
            version: 1,
        },
        due: later(300),
    }
}

pub fn sha(n: u32) -> CommitSha {
    format!("{n:040x}").parse().unwrap()
}

/// What a provider says of a pull request.
#[derive(Clone)]
pub struct Draft {
    pub number: u32,
    pub title: String,
    pub author: String,
    pub draft: bool,
    pub head: CommitSha,
    pub base: String,
    pub created: i64,
    pub updated: i64,
}

pub fn draft(number: u32) -> Draft {
    Draft {
        number,
        title: format!("Change {number}"),
        author: "ada".into(),
        draft: false,
        head: sha(number),
        base: "main".into(),
        created: 0,
        updated: i64::from(number),
    }
}

pub fn report(of: &Draft) -> PullRequestReport {
    PullRequestReport {
        number: PullRequestNumber::new(of.number).unwrap(),
        provider_id: of.number.to_string(),
        author: Login::new(&of.author),
        author_avatar_url: None,
        created_at: later(of.created),
        updated_at: later(of.updated),
        url: format!("https://github.com/octocat/hello/pull/{}", of.number),
        title: of.title.clone(),
        description: Some("Why.".into()),
        lifecycle: Lifecycle::Open,
        draft: of.draft,
        head: Head {
            sha: of.head.clone(),
            branch: format!("change-{}", of.number),
            repository: Some("octocat/hello".into()),
            is_fork: false,
        },
        base: of.base.clone(),
        labels: BTreeSet::from(["bug".to_owned()]),
        requested_reviewers: BTreeSet::new(),
        size: None,
        comments: None,
        verdict: Some(Verdict::Clean),
    }
}

pub fn pull(repository: RepositoryId, of: &Draft) -> PullRequest {
    PullRequest::from_event(id(repository, of.number), report(of))
}

pub fn id(repository: RepositoryId, number: u32) -> PullRequestId {
    repository.pull_request(PullRequestNumber::new(number).unwrap())
}

pub fn judgement(light: Light) -> Judgement {
    let code = match light {
        Light::Green => ReasonCode::Approved,
        Light::Yellow => ReasonCode::ReviewRequired,
        Light::Red => ReasonCode::Conflicts,
    };
    let reason = Reason {
        code,
        text: "Because.".into(),
        url: None,
    };
    Judgement {
        light,
        reasons: vec![reason],
    }
}

pub fn write(
    before: Option<StoredPullRequest>,
    after: PullRequest,
    light: Option<Light>,
) -> PullRequestWrite {
    PullRequestWrite {
        before,
        after,
        judgement: light.map(judgement),
        refresh_due_at: None,
    }
}

pub fn unknown(sha: &CommitSha) -> StoredEvidence {
    StoredEvidence {
        evidence: HeadEvidence::unknown(sha.clone()),
        version: None,
    }
}

/// Evidence that nothing is stored of, to be claimed by a pull request.
pub fn claimed(before: StoredEvidence, number: u32) -> EvidenceWrite {
    let mut after = before.evidence.clone();
    after.claims.insert(PullRequestNumber::new(number).unwrap());
    EvidenceWrite { before, after }
}

pub fn check(name: &str, conclusion: Conclusion, at: i64) -> CheckReport {
    CheckReport {
        key: CheckKey::Run {
            app: "ci".into(),
            name: name.into(),
        },
        state: CheckState::Completed(conclusion),
        run: 1,
        attempt: 1,
        at: later(at),
        moved_at: None,
        status_id: None,
        url: Some(format!("https://ci.example/{name}")),
        started_at: None,
        completed_at: Some(later(at)),
    }
}

pub fn with_checks(mut evidence: HeadEvidence, count: u32) -> HeadEvidence {
    for n in 0..count {
        let check = Check::from_event(check(&format!("check-{n}"), Conclusion::Success, 0));
        evidence.checks.insert(check.key.clone(), check);
    }
    evidence.completeness = Completeness::AsOf { date: later(1) };
    evidence
}

pub fn with_reviews(mut pull: PullRequest, count: u64) -> PullRequest {
    for n in 1..=count {
        let id = ReviewId::Numbered(n);
        let review = Review {
            id: id.clone(),
            reviewer: Login::new("grace"),
            reviewer_avatar_url: None,
            opinion: Opinion::Approved,
            submitted_at: later(1),
            commit: None,
            body: Some("Fine.".into()),
            url: None,
            said: Stamp::event(later(1)),
            contested: false,
        };
        pull.reviews.by_id.insert(id, review);
    }
    pull.reviews.completeness = Completeness::AsOf { date: later(2) };
    pull
}

impl super::World {
    pub fn commit_of(&self, pulls: Vec<PullRequestWrite>, evidence: Vec<EvidenceWrite>) -> Commit {
        Commit {
            organization: self.organization,
            repository: self.repository,
            now: now(),
            pulls,
            evidence,
            cause: Cause::Delivery("delivery-1".into()),
        }
    }

    /// Stores a new pull request under a light.
    pub async fn open(&self, of: &Draft, light: Light) {
        self.try_open(of, light).await.unwrap();
    }

    /// Tries to store a new pull request under a light.
    pub async fn try_open(&self, of: &Draft, light: Light) -> Result<(), StoreError> {
        let new = write(None, pull(self.repository, of), Some(light));
        let claim = claimed(unknown(&of.head), of.number);
        self.store
            .commit(self.commit_of(vec![new], vec![claim]))
            .await
    }
}
