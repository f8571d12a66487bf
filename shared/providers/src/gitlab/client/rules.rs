//! What a project demands of a merge request into a branch.

use std::collections::BTreeSet;

use ampel_domain::{
    facts::Fact,
    merging::{BranchRules, Strategy},
    repositories::RepositoryFacts,
};
use serde::Deserialize;

use super::{
    api::{Api, READING, json},
    projects::{Project, project},
};
use crate::ProviderError;

#[derive(Deserialize)]
struct ApprovalRule {
    #[serde(default)]
    approvals_required: u32,
    #[serde(default)]
    protected_branches: Vec<ProtectedBranch>,
}

#[derive(Deserialize)]
struct ProtectedBranch {
    name: String,
}

impl ApprovalRule {
    /// One without branches is for all of them; so is, to be safe, one for a pattern.
    fn is_for(&self, branch: &str) -> bool {
        let names =
            |protected: &ProtectedBranch| protected.name == branch || protected.name.contains('*');
        self.protected_branches.is_empty() || self.protected_branches.iter().any(names)
    }
}

pub(super) async fn branch_rules(
    api: &Api,
    repo: &RepositoryFacts,
    branch: &str,
) -> Result<BranchRules, ProviderError> {
    let project = project(api, repo).await?;
    let method = project.merge_method.as_deref();
    Ok(BranchRules {
        required_checks: required_checks(&project),
        required_approvals: required_approvals(api, repo, branch).await?,
        strategies: match method {
            Some(_) => Fact::Known(strategies(method, project.squash_option.as_deref())),
            None => hidden(),
        },
        must_be_up_to_date: match method {
            Some(method) => Fact::Known(matches!(method, "ff" | "rebase_merge")),
            None => hidden(),
        },
        // Servers without trains do not speak of them.
        has_queue: Fact::Known(project.merge_trains_enabled == Some(true)),
    })
}

/// How a project merges: `ff` brings the commits in as they are, the others make a merge commit.
/// Squashing is its own choice.
pub(super) fn strategies(
    merge_method: Option<&str>,
    squash_option: Option<&str>,
) -> BTreeSet<Strategy> {
    let whole = match merge_method {
        Some("ff") => Strategy::Rebase,
        _commit => Strategy::Merge,
    };
    match squash_option {
        Some("always") => BTreeSet::from([Strategy::Squash]),
        Some("never") => BTreeSet::from([whole]),
        _either => BTreeSet::from([whole, Strategy::Squash]),
    }
}

/// GitLab requires no check by its name: either none, or the newest pipeline of the head, of
/// whichever kind. Its merge status tells which, so none of ours may be left out.
fn required_checks(project: &Project) -> Fact<BTreeSet<String>> {
    match project.only_allow_merge_if_pipeline_succeeds {
        Some(false) => Fact::Known(BTreeSet::new()),
        Some(true) => Fact::Unavailable(
            "GitLab requires that pipelines succeed and does not name which ones.".to_owned(),
        ),
        None => hidden(),
    }
}

/// As many as the most demanding rule wants. Servers without the feature have no such list.
async fn required_approvals(
    api: &Api,
    repo: &RepositoryFacts,
    branch: &str,
) -> Result<Fact<u32>, ProviderError> {
    let mut url = api.of_project(repo, &["approval_rules"])?;
    url.query_pairs_mut().append_pair("per_page", "100");
    let answer = match api.get(&url, READING).await {
        Ok(answer) => answer,
        Err(ProviderError::NotFound) => return Ok(Fact::Known(0)),
        Err(ProviderError::Permission { .. }) => return Ok(hidden()),
        Err(other) => return Err(other),
    };
    let rules: Vec<ApprovalRule> = json(&answer)?;
    let wanted = rules.iter().filter(|rule| rule.is_for(branch));
    let most = wanted.map(|rule| rule.approvals_required).max();
    Ok(Fact::Known(most.unwrap_or(0)))
}

fn hidden<T>() -> Fact<T> {
    Fact::Unavailable(format!("the token may not read it; it needs {READING}."))
}
