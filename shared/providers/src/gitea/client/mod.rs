//! The client of Gitea and Forgejo: REST below `/api/v1`.

mod api;
mod changes;
mod evidence;
mod hooks;
mod pages;
mod pulls;
mod refusals;
mod repositories;
mod reviews;
mod rules;
mod whole;

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

pub(crate) use hooks::EVENTS;

/// A Gitea or Forgejo, as one token sees it.
pub(crate) struct GiteaClient {
    api: Api,
}

impl GiteaClient {
    /// A client of an instance.
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
impl GitProvider for GiteaClient {
    async fn validate_credentials(&self) -> Result<TokenValidation, ProviderError> {
        Ok(TokenValidation {
            identity: repositories::user(&self.api).await?,
            // Neither is told of the token one calls with.
            is_of_person: true,
            scopes: Vec::new(),
            expires_at: None,
        })
    }

    async fn user(&self) -> Result<ProviderIdentity, ProviderError> {
        repositories::user(&self.api).await
    }

    async fn rate_limit(&self) -> Result<Option<RateLimit>, ProviderError> {
        Ok(None)
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
        whole::open_pull_requests(&self.api, repo, cursor).await
    }

    async fn pull_request(
        &self,
        repo: &RepositoryFacts,
        number: PullRequestNumber,
    ) -> Result<Snapshot<Option<PullRequestSnapshot>>, ProviderError> {
        whole::pull_request(&self.api, repo, number).await
    }

    async fn evidence(
        &self,
        repo: &RepositoryFacts,
        head: &CommitSha,
    ) -> Result<Snapshot<EvidenceSnapshot>, ProviderError> {
        repositories::check(&self.api, repo).await?;
        evidence::of(&self.api, repo, head).await
    }

    async fn reviews(
        &self,
        repo: &RepositoryFacts,
        number: PullRequestNumber,
    ) -> Result<Snapshot<Vec<ReviewReport>>, ProviderError> {
        let date = repositories::check(&self.api, repo).await?;
        let of = reviews::of(&self.api, repo, number).await??;
        Ok(Snapshot { date, of })
    }

    async fn fingerprints(
        &self,
        repo: &RepositoryFacts,
    ) -> Result<Snapshot<Fingerprints>, ProviderError> {
        pulls::fingerprints(&self.api, repo).await
    }

    fn reads_pages_at_once(&self) -> bool {
        false
    }

    async fn branch_rules(
        &self,
        repo: &RepositoryFacts,
        branch: &str,
    ) -> Result<BranchRules, ProviderError> {
        rules::of(&self.api, repo, branch).await
    }

    async fn compare(
        &self,
        repo: &RepositoryFacts,
        base: &str,
        head: &str,
    ) -> Result<Comparison, ProviderError> {
        rules::compare(&self.api, repo, base, head).await
    }

    async fn merge(
        &self,
        repo: &RepositoryFacts,
        number: PullRequestNumber,
        merge: &Merge,
    ) -> Result<Merging, ProviderError> {
        changes::merge(&self.api, repo, number, merge).await
    }

    /// Gitea merges while one waits, so there is never a task.
    async fn merge_progress(
        &self,
        _repo: &RepositoryFacts,
        _number: PullRequestNumber,
        _task: &str,
    ) -> Result<Merging, ProviderError> {
        Err(ProviderError::NotFound)
    }

    async fn update_branch(
        &self,
        repo: &RepositoryFacts,
        number: PullRequestNumber,
        head: &CommitSha,
    ) -> Result<(), ProviderError> {
        changes::update_branch(&self.api, repo, number, head).await
    }

    async fn delete_branch(
        &self,
        repo: &RepositoryFacts,
        branch: &str,
    ) -> Result<(), ProviderError> {
        changes::delete_branch(&self.api, repo, branch).await
    }

    async fn register_webhook(
        &self,
        repo: &RepositoryFacts,
        url: &str,
        secret: &Secret<String>,
    ) -> Result<String, ProviderError> {
        hooks::register(&self.api, repo, url, secret).await
    }

    /// A hook keeps the secret it was made with: `PATCH` answers 200 and leaves the secret as it
    /// was (`editHook` in `routers/api/v1/utils/hook.go`), and nothing shows which one it has. So
    /// there is none to change: the caller registers a new one, which takes its place.
    async fn update_webhook(
        &self,
        _repo: &RepositoryFacts,
        _registration: &str,
        _url: &str,
        _secret: &Secret<String>,
    ) -> Result<(), ProviderError> {
        Err(ProviderError::NotFound)
    }

    async fn find_webhook(
        &self,
        repo: &RepositoryFacts,
        url: &str,
    ) -> Result<Option<ShownWebhook>, ProviderError> {
        Ok(hooks::find(&self.api, repo, url).await?.into_iter().next())
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

    /// They are to be seen on its pages only.
    async fn webhook_deliveries(
        &self,
        _repo: &RepositoryFacts,
        _registration: &str,
    ) -> Result<Option<Vec<ShownDelivery>>, ProviderError> {
        Ok(None)
    }
}
