//! The one trait behind which every provider's client stands.

use ampel_domain::{
    accounts::ProviderIdentity,
    ids::PullRequestNumber,
    provider::ProviderRepositoryId,
    pulls::{PullRequestSnapshot, Snapshot},
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
    /// Asks whose token it is and what it may do.
    async fn validate_credentials(&self) -> Result<TokenValidation, ProviderError>;

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

    /// The fingerprints of all open pull requests, 100 per call; comparable with
    /// [`PullRequestSnapshot::fingerprint`].
    async fn fingerprints(
        &self,
        repo: &RepositoryFacts,
    ) -> Result<Snapshot<Vec<(PullRequestNumber, String)>>, ProviderError>;

    /// Registers a webhook for everything we use; answers the provider's id of it.
    async fn register_webhook(
        &self,
        repo: &RepositoryFacts,
        url: &str,
        secret: &Secret<String>,
    ) -> Result<String, ProviderError>;

    /// Gives a registered webhook this URL and secret, and switches it on.
    async fn update_webhook(
        &self,
        repo: &RepositoryFacts,
        registration: &str,
        url: &str,
        secret: &Secret<String>,
    ) -> Result<(), ProviderError>;

    /// The provider's id of the webhook with this URL: one whose registration was never answered
    /// has no other name here.
    async fn find_webhook(
        &self,
        repo: &RepositoryFacts,
        url: &str,
    ) -> Result<Option<String>, ProviderError>;

    /// Removes a registered webhook; one that is gone already is fine.
    async fn delete_webhook(
        &self,
        repo: &RepositoryFacts,
        registration: &str,
    ) -> Result<(), ProviderError>;
}
