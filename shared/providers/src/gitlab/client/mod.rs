//! The client of GitLab: GraphQL for merge requests, REST for everything else.

mod account;
mod answers;
mod api;
mod deliveries;
mod evidence;
mod graphql;
mod hooks;
mod merge_requests;
mod merging;
mod projects;
mod queries;
mod reading;
mod refusals;
mod rules;
mod snapshot;

use ampel_domain::{
    accounts::{ProviderIdentity, RateLimit},
    facts::CommitSha,
    hooks::{ShownDelivery, ShownWebhook, WebhookTest},
    ids::PullRequestNumber,
    instance::InstanceUrl,
    merging::{BranchRules, Comparison, Merge, Merging},
    provider::ProviderRepositoryId,
    pulls::{EvidenceSnapshot, Fingerprints, PullRequestSnapshot, ReviewReport, Snapshot},
    repositories::RepositoryFacts,
    secret::Secret,
};
use async_trait::async_trait;

use crate::{
    GitProvider, ProviderError, PullRequestPage, RepositoryPage, TokenValidation,
    http_client::HttpClient,
};
use api::Api;

/// GitLab, as one token sees it.
pub(crate) struct GitlabClient {
    api: Api,
}

impl GitlabClient {
    /// A client of an instance: GitLab.com, or a server of one's own.
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
impl GitProvider for GitlabClient {
    async fn validate_credentials(&self) -> Result<TokenValidation, ProviderError> {
        account::validate_credentials(&self.api).await
    }

    async fn user(&self) -> Result<ProviderIdentity, ProviderError> {
        account::user(&self.api).await
    }

    async fn rate_limit(&self) -> Result<Option<RateLimit>, ProviderError> {
        account::rate_limit(&self.api).await
    }

    async fn list_repositories(
        &self,
        page: u32,
        per_page: u32,
    ) -> Result<RepositoryPage, ProviderError> {
        projects::list(&self.api, page, per_page).await
    }

    async fn repository(&self, owner: &str, name: &str) -> Result<RepositoryFacts, ProviderError> {
        projects::by_name(&self.api, owner, name).await
    }

    async fn repository_by_id(
        &self,
        id: &ProviderRepositoryId,
    ) -> Result<RepositoryFacts, ProviderError> {
        projects::by_id(&self.api, id).await
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

    async fn evidence(
        &self,
        repo: &RepositoryFacts,
        head: &CommitSha,
    ) -> Result<Snapshot<EvidenceSnapshot>, ProviderError> {
        evidence::of_commit(&self.api, repo, head).await
    }

    async fn reviews(
        &self,
        repo: &RepositoryFacts,
        number: PullRequestNumber,
    ) -> Result<Snapshot<Vec<ReviewReport>>, ProviderError> {
        reading::reviews(&self.api, repo, number).await
    }

    async fn fingerprints(
        &self,
        repo: &RepositoryFacts,
    ) -> Result<Snapshot<Fingerprints>, ProviderError> {
        reading::fingerprints(&self.api, repo).await
    }

    fn reads_pages_at_once(&self) -> bool {
        true
    }

    async fn branch_rules(
        &self,
        repo: &RepositoryFacts,
        branch: &str,
    ) -> Result<BranchRules, ProviderError> {
        rules::branch_rules(&self.api, repo, branch).await
    }

    async fn compare(
        &self,
        repo: &RepositoryFacts,
        base: &str,
        head: &str,
    ) -> Result<Comparison, ProviderError> {
        merging::compare(&self.api, repo, base, head).await
    }

    async fn merge(
        &self,
        repo: &RepositoryFacts,
        number: PullRequestNumber,
        merge: &Merge,
    ) -> Result<Merging, ProviderError> {
        merging::merge(&self.api, repo, number, merge).await
    }

    async fn merge_progress(
        &self,
        repo: &RepositoryFacts,
        number: PullRequestNumber,
        _task: &str,
    ) -> Result<Merging, ProviderError> {
        merging::merge_progress(&self.api, repo, number).await
    }

    async fn update_branch(
        &self,
        repo: &RepositoryFacts,
        number: PullRequestNumber,
        head: &CommitSha,
    ) -> Result<(), ProviderError> {
        merging::update_branch(&self.api, repo, number, head).await
    }

    async fn delete_branch(
        &self,
        repo: &RepositoryFacts,
        branch: &str,
    ) -> Result<(), ProviderError> {
        merging::delete_branch(&self.api, repo, branch).await
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
    ) -> Result<Option<ShownWebhook>, ProviderError> {
        hooks::find(&self.api, repo, url).await
    }

    async fn delete_webhook(
        &self,
        repo: &RepositoryFacts,
        registration: &str,
    ) -> Result<(), ProviderError> {
        hooks::delete(&self.api, repo, registration).await
    }

    async fn test_webhook(
        &self,
        repo: &RepositoryFacts,
        registration: &str,
    ) -> Result<WebhookTest, ProviderError> {
        hooks::test(&self.api, repo, registration).await
    }

    async fn webhook_deliveries(
        &self,
        repo: &RepositoryFacts,
        registration: &str,
    ) -> Result<Option<Vec<ShownDelivery>>, ProviderError> {
        deliveries::list(&self.api, repo, registration).await
    }
}
