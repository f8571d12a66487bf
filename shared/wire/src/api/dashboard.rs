//! The dashboard: everything at a glance.

use ampel_domain::provider::Provider;
use serde::Serialize;
use utoipa::ToSchema;

use super::repositories::LightCounts;

/// Repositories by provider.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct ProviderCounts {
    /// On GitHub.
    pub github: u64,
    /// On GitLab.
    pub gitlab: u64,
    /// On Bitbucket.
    pub bitbucket: u64,
    /// On Gitea or Forgejo.
    pub gitea: u64,
}

impl ProviderCounts {
    /// The count of a provider.
    pub fn of(&mut self, provider: Provider) -> &mut u64 {
        match provider {
            Provider::Github => &mut self.github,
            Provider::Gitlab => &mut self.gitlab,
            Provider::Bitbucket => &mut self.bitbucket,
            Provider::Gitea => &mut self.gitea,
        }
    }
}

/// A number by the visibility of the repository; archived wins over private.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisibilityBreakdown {
    /// Everybody may see it.
    pub public: u64,
    /// Seeing it needs a login.
    pub private: u64,
    /// It is read-only.
    pub archived: u64,
}

/// The numbers of an organization. Each breakdown sums to the number beside it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DashboardSummary {
    /// Tracked repositories.
    pub total_repositories: u64,
    /// Open pull requests.
    pub total_open_prs: u64,
    /// Open pull requests by light.
    pub status_counts: LightCounts,
    /// Repositories by provider.
    pub provider_counts: ProviderCounts,
    /// Repositories; sums to `totalRepositories`.
    pub repository_breakdown: VisibilityBreakdown,
    /// Open pull requests; sums to `totalOpenPrs`.
    pub open_prs_breakdown: VisibilityBreakdown,
    /// Green ones; sums to `statusCounts.green`.
    pub ready_to_merge_breakdown: VisibilityBreakdown,
    /// Red ones; sums to `statusCounts.red`.
    pub needs_attention_breakdown: VisibilityBreakdown,
}
