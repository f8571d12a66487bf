//! The one trait behind which every provider's client stands.

use ampel_domain::{
    accounts::{ProviderIdentity, RateLimit},
    facts::CommitSha,
    hooks::{ShownDelivery, ShownWebhook, WebhookTest},
    ids::PullRequestNumber,
    merging::{BranchRules, Comparison, Merge, Merging},
    provider::ProviderRepositoryId,
    pulls::{EvidenceSnapshot, Fingerprints, PullRequestSnapshot, ReviewReport, Snapshot},
    repositories::RepositoryFacts,
    secret::Secret,
};
use async_trait::async_trait;
use jiff::Timestamp;

use crate::ProviderError;

/// What a provider says of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenValidation {
    /// Whose it is.
    pub identity: ProviderIdentity,
    /// Whether that is somebody: a token of a repository or workspace stands for itself alone, and
    /// the next one for another.
    pub is_of_person: bool,
    /// What it may do, as the provider reports it; empty where it reports nothing.
    pub scopes: Vec<String>,
    /// When it ends, where the provider says so.
    pub expires_at: Option<Timestamp>,
}

/// Some of the repositories a token can see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryPage {
    /// The repositories, by full name.
    pub items: Vec<RepositoryFacts>,
    /// Whether a next page has more.
    pub has_more: bool,
}

/// Some of the open pull requests of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequestPage {
    /// At most 50, with all their reviews and checks.
    pub pull_requests: Vec<PullRequestSnapshot>,
    /// The cursor of the next page, where there is one.
    pub next: Option<String>,
}

/// A provider, as one token sees it. Every call fails with a [`ProviderError`].
///
/// Calls that read a repository by its name fail with `NotFound` when the name leads to a
/// repository of another id: a name that was given away is never mistaken for what had it.
#[async_trait]
pub trait GitProvider: Send + Sync {
    /// Asks whose token it is and what it may do: who, which scopes and until when, as far as the
    /// provider reports it.
    async fn validate_credentials(&self) -> Result<TokenValidation, ProviderError>;

    /// Asks whose token it is.
    async fn user(&self) -> Result<ProviderIdentity, ProviderError>;

    /// What is left of the token's calls; `None` where the provider sets or tells no limit.
    async fn rate_limit(&self) -> Result<Option<RateLimit>, ProviderError>;

    /// The repositories the token can see; `page` counts from 1, `per_page` is at most 100.
    async fn list_repositories(
        &self,
        page: u32,
        per_page: u32,
    ) -> Result<RepositoryPage, ProviderError>;

    /// A repository by its name; follows renames and transfers.
    async fn repository(&self, owner: &str, name: &str) -> Result<RepositoryFacts, ProviderError>;

    /// A repository by the id that stays through renames and transfers.
    async fn repository_by_id(
        &self,
        id: &ProviderRepositoryId,
    ) -> Result<RepositoryFacts, ProviderError>;

    /// A page of at most 50 open pull requests, their reviews and checks read to the last page.
    /// Without a cursor, the first page. New ones come last, so that what is opened or closed
    /// while pages are read makes none be skipped.
    async fn open_pull_requests(
        &self,
        repo: &RepositoryFacts,
        cursor: Option<&str>,
    ) -> Result<Snapshot<PullRequestPage>, ProviderError>;

    /// One pull request in whatever state; `None` where the provider has none of that number.
    async fn pull_request(
        &self,
        repo: &RepositoryFacts,
        number: PullRequestNumber,
    ) -> Result<Snapshot<Option<PullRequestSnapshot>>, ProviderError>;

    /// All checks, statuses and pipelines of a commit, in one call where they are not many.
    async fn evidence(
        &self,
        repo: &RepositoryFacts,
        head: &CommitSha,
    ) -> Result<Snapshot<EvidenceSnapshot>, ProviderError>;

    /// All reviews and approvals of a pull request.
    async fn reviews(
        &self,
        repo: &RepositoryFacts,
        number: PullRequestNumber,
    ) -> Result<Snapshot<Vec<ReviewReport>>, ProviderError>;

    /// The fingerprints of all open pull requests; comparable with
    /// [`PullRequestSnapshot::fingerprint`]. One call per 100 where the provider has GraphQL, per
    /// page of its list elsewhere.
    async fn fingerprints(
        &self,
        repo: &RepositoryFacts,
    ) -> Result<Snapshot<Fingerprints>, ProviderError>;

    /// Whether [`GitProvider::open_pull_requests`] takes a call or two for a page, as with GraphQL.
    /// Elsewhere every pull request on it takes calls of its own.
    fn reads_pages_at_once(&self) -> bool;

    /// What is demanded of a pull request into this branch. What the token may not read is
    /// unavailable, never assumed.
    async fn branch_rules(
        &self,
        repo: &RepositoryFacts,
        branch: &str,
    ) -> Result<BranchRules, ProviderError>;

    /// How many commits `head` has that `base` has not, and the other way round. Each is a branch
    /// or a commit.
    async fn compare(
        &self,
        repo: &RepositoryFacts,
        base: &str,
        head: &str,
    ) -> Result<Comparison, ProviderError>;

    /// Merges, once: after an error other than a refusal nobody knows whether it was merged, so
    /// read before trying again.
    ///
    /// Fails with `HeadMoved` when the head is not the pinned one, with `NotMergeable` when the
    /// provider does not let it merge, with `MethodNotAllowed` when it forbids the strategy; no
    /// other strategy is ever taken instead.
    async fn merge(
        &self,
        repo: &RepositoryFacts,
        number: PullRequestNumber,
        merge: &Merge,
    ) -> Result<Merging, ProviderError>;

    /// What became of a merge that the provider accepted and went on with by itself.
    async fn merge_progress(
        &self,
        repo: &RepositoryFacts,
        number: PullRequestNumber,
        task: &str,
    ) -> Result<Merging, ProviderError>;

    /// Brings the base into a pull request whose head is `head`, as the provider does it. The new
    /// head shows up later.
    async fn update_branch(
        &self,
        repo: &RepositoryFacts,
        number: PullRequestNumber,
        head: &CommitSha,
    ) -> Result<(), ProviderError>;

    /// Deletes a branch of this repository; one that is gone already is fine.
    async fn delete_branch(
        &self,
        repo: &RepositoryFacts,
        branch: &str,
    ) -> Result<(), ProviderError>;

    /// Registers a webhook for everything we use; answers the provider's id of it.
    async fn register_webhook(
        &self,
        repo: &RepositoryFacts,
        url: &str,
        secret: &Secret<String>,
    ) -> Result<String, ProviderError>;

    /// Gives a registered webhook this URL and secret, subscribes it to everything we use and
    /// switches it on.
    async fn update_webhook(
        &self,
        repo: &RepositoryFacts,
        registration: &str,
        url: &str,
        secret: &Secret<String>,
    ) -> Result<(), ProviderError>;

    /// The webhook with this URL as the provider shows it; `None` where it has none. One whose
    /// registration was never answered has no other name here.
    async fn find_webhook(
        &self,
        repo: &RepositoryFacts,
        url: &str,
    ) -> Result<Option<ShownWebhook>, ProviderError>;

    /// Removes a registered webhook; one that is gone already is fine.
    async fn delete_webhook(
        &self,
        repo: &RepositoryFacts,
        registration: &str,
    ) -> Result<(), ProviderError>;

    /// Has the provider send something to a registered webhook.
    async fn test_webhook(
        &self,
        repo: &RepositoryFacts,
        registration: &str,
    ) -> Result<WebhookTest, ProviderError>;

    /// The latest deliveries of a registered webhook, the newest first, at most 100; `None` where
    /// the provider lists none.
    async fn webhook_deliveries(
        &self,
        repo: &RepositoryFacts,
        registration: &str,
    ) -> Result<Option<Vec<ShownDelivery>>, ProviderError>;
}
