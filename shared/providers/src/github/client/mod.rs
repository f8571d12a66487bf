//! The client of GitHub: REST for accounts, repositories and hooks, GraphQL for pull requests.

mod answers;
mod api;
mod evidence;
mod graphql;
mod hooks;
mod partial;
mod queries;
mod reading;
mod refusals;
mod repositories;
mod snapshot;
mod whole;

use ampel_domain::{
    ids::PullRequestNumber,
    instance::InstanceUrl,
    provider::ProviderRepositoryId,
    pulls::{PullRequestSnapshot, Snapshot},
    repositories::RepositoryFacts,
    secret::Secret,
};
use async_trait::async_trait;

use crate::{
    GitProvider, ProviderError, PullRequestPage, RepositoryPage, TokenValidation,
    http_client::HttpClient,
};
use api::Api;

pub(crate) use hooks::EVENTS;

/// GitHub, as one token sees it.
pub(crate) struct GithubClient {
    api: Api,
}

impl GithubClient {
    /// A client of an instance: GitHub.com, or an Enterprise server.
    pub(crate) fn new(
        http: HttpClient,
        instance: &InstanceUrl,
        token: Secret<String>,
    ) -> Result<Self, ProviderError> {
        Ok(Self {
            api: Api::new(http, instance, token)?,
        })
    }
}

#[async_trait]
impl GitProvider for GithubClient {
    async fn validate_credentials(&self) -> Result<TokenValidation, ProviderError> {
        repositories::validate_credentials(&self.api).await
    }

    async fn list_repositories(
        &self,
        page: u32,
        per_page: u32,
    ) -> Result<RepositoryPage, ProviderError> {
        repositories::list(&self.api, page, per_page).await
    }

    async fn repository(&self, owner: &str, name: &str) -> Result<RepositoryFacts, ProviderError> {
        repositories::by_name(&self.api, owner, name).await
    }

    async fn repository_by_id(
        &self,
        id: &ProviderRepositoryId,
    ) -> Result<RepositoryFacts, ProviderError> {
        repositories::by_id(&self.api, id).await
    }

    async fn open_pull_requests(
        &self,
        repo: &RepositoryFacts,
        cursor: Option<&str>,
    ) -> Result<Snapshot<PullRequestPage>, ProviderError> {
        reading::open_pull_requests(&self.api, repo, cursor).await
    }

    async fn pull_request(
        &self,
        repo: &RepositoryFacts,
        number: PullRequestNumber,
    ) -> Result<Snapshot<Option<PullRequestSnapshot>>, ProviderError> {
        reading::pull_request(&self.api, repo, number).await
    }

    async fn fingerprints(
        &self,
        repo: &RepositoryFacts,
    ) -> Result<Snapshot<Vec<(PullRequestNumber, String)>>, ProviderError> {
        reading::fingerprints(&self.api, repo).await
    }

    async fn register_webhook(
        &self,
        repo: &RepositoryFacts,
        url: &str,
        secret: &Secret<String>,
    ) -> Result<String, ProviderError> {
        hooks::register(&self.api, repo, url, secret).await
    }

    async fn update_webhook(
        &self,
        repo: &RepositoryFacts,
        registration: &str,
        url: &str,
        secret: &Secret<String>,
    ) -> Result<(), ProviderError> {
        hooks::update(&self.api, repo, registration, url, secret).await
    }

    async fn find_webhook(
        &self,
        repo: &RepositoryFacts,
        url: &str,
    ) -> Result<Option<String>, ProviderError> {
        hooks::find(&self.api, repo, url).await
    }

    async fn delete_webhook(
        &self,
        repo: &RepositoryFacts,
        registration: &str,
    ) -> Result<(), ProviderError> {
        hooks::delete(&self.api, repo, registration).await
    }
}
