//! The dashboard's numbers: from repository items alone, so their cost grows with repositories and
//! never with pull requests.

use ampel_domain::{
    repositories::{Repository, Visibility},
    tenancy::Caller,
};
use ampel_wire::api::{
    dashboard::{DashboardSummary, VisibilityBreakdown},
    repositories::LightCounts,
};

use super::Reading;
use crate::{refusal::Refusal, repositories::sort_by_full_name};

impl Reading {
    /// The numbers of the caller's organization: one query.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn summary(&self, caller: Caller) -> Result<DashboardSummary, Refusal> {
        let repositories = self.store.repositories(caller.organization).await?;
        Ok(summary(&repositories))
    }

    /// All repositories of the caller's organization, by full name: one query.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`].
    pub async fn grid(&self, caller: Caller) -> Result<Vec<Repository>, Refusal> {
        let mut repositories = self.store.repositories(caller.organization).await?;
        sort_by_full_name(&mut repositories);
        Ok(repositories)
    }
}

/// The numbers of an organization with these repositories.
fn summary(repositories: &[Repository]) -> DashboardSummary {
    let mut summary = DashboardSummary::default();
    for repository in repositories {
        add(&mut summary, repository);
    }
    summary
}

fn add(summary: &mut DashboardSummary, repository: &Repository) {
    let open = LightCounts::of(repository);
    let visibility = repository.facts.visibility();
    summary.total_repositories += 1;
    summary.total_open_prs += open.total();
    summary.status_counts.green += open.green;
    summary.status_counts.yellow += open.yellow;
    summary.status_counts.red += open.red;
    *summary.provider_counts.of(repository.provider) += 1;
    *of(&mut summary.repository_breakdown, visibility) += 1;
    *of(&mut summary.open_prs_breakdown, visibility) += open.total();
    *of(&mut summary.ready_to_merge_breakdown, visibility) += open.green;
    *of(&mut summary.needs_attention_breakdown, visibility) += open.red;
}

fn of(breakdown: &mut VisibilityBreakdown, visibility: Visibility) -> &mut u64 {
    match visibility {
        Visibility::Public => &mut breakdown.public,
        Visibility::Private => &mut breakdown.private,
        Visibility::Archived => &mut breakdown.archived,
    }
}
