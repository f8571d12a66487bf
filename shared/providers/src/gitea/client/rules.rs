//! What is demanded of a pull request into a branch, and how branches compare.

use std::collections::BTreeSet;

use ampel_domain::{
    facts::Fact,
    merging::{BranchRules, Comparison, Strategy},
    repositories::RepositoryFacts,
};
use serde::Deserialize;

use super::{
    api::{Api, READING, Read, json},
    repositories::{self, Repository},
};
use crate::ProviderError;

const ADMIN: &str = "the scope `read:repository` and admin access to the repository";
/// What makes a name a pattern.
const PATTERN: [char; 7] = ['*', '?', '[', ']', '{', '}', '\\'];

/// A branch tells everybody what is demanded, but for what only its rule holds.
#[derive(Deserialize)]
struct Branch {
    protected: Option<bool>,
    required_approvals: Option<u32>,
    enable_status_check: Option<bool>,
    status_check_contexts: Option<Vec<String>>,
    /// The name of its rule, where the token may read rules.
    effective_branch_protection_name: Option<String>,
}

#[derive(Deserialize)]
struct Protection {
    block_on_outdated_branch: Option<bool>,
}

#[derive(Deserialize)]
struct Compared {
    total_commits: u32,
}

pub(super) async fn of(
    api: &Api,
    repo: &RepositoryFacts,
    name: &str,
) -> Result<BranchRules, ProviderError> {
    let (repository, _) = repositories::same(api, repo).await?;
    let url = api.below_branch(repo, "branches", name)?;
    let branch: Branch = api.get_json(&url, READING).await?;
    Ok(BranchRules {
        required_checks: branch.required_checks(),
        required_approvals: branch.required_approvals(),
        strategies: strategies(&repository),
        must_be_up_to_date: must_be_up_to_date(api, repo, &branch).await?,
        has_queue: Fact::Known(false),
    })
}

/// Two calls, for each side tells only what the other one lacks, and one that it is the repository.
pub(super) async fn compare(
    api: &Api,
    repo: &RepositoryFacts,
    base: &str,
    head: &str,
) -> Result<Comparison, ProviderError> {
    let (_, ahead_by, behind_by) = futures::try_join!(
        repositories::check(api, repo),
        commits_beyond(api, repo, base, head),
        commits_beyond(api, repo, head, base),
    )?;
    Ok(Comparison {
        ahead_by,
        behind_by,
    })
}

/// How many commits `head` has that `base` has not.
pub(super) async fn commits_beyond(
    api: &Api,
    repo: &RepositoryFacts,
    base: &str,
    head: &str,
) -> Result<u32, ProviderError> {
    let mut url = api.below_branch(repo, "compare", &format!("{base}...{head}"))?;
    // What is not needed, and takes long.
    url.query_pairs_mut()
        .append_pair("files", "false")
        .append_pair("verification", "false");
    let compared: Compared = api.get_json(&url, READING).await?;
    Ok(compared.total_commits)
}

impl Branch {
    fn is_protected(&self) -> bool {
        self.protected != Some(false)
    }

    /// Names are known; patterns, and "every status", leave nothing to name.
    fn required_checks(&self) -> Fact<BTreeSet<String>> {
        if !self.is_protected() || self.enable_status_check == Some(false) {
            return Fact::Known(BTreeSet::new());
        }
        let contexts = self.status_check_contexts.as_deref().unwrap_or_default();
        let is_pattern = |context: &String| context.contains(PATTERN);
        if contexts.is_empty() {
            Fact::Unavailable("the branch asks for every status to pass.".to_owned())
        } else if contexts.iter().any(is_pattern) {
            Fact::Unavailable(
                "the branch names the statuses that must pass by patterns.".to_owned(),
            )
        } else {
            Fact::Known(contexts.iter().cloned().collect())
        }
    }

    fn required_approvals(&self) -> Fact<u32> {
        match self.required_approvals {
            Some(count) => Fact::Known(count),
            None if !self.is_protected() => Fact::Known(0),
            None => Fact::Unavailable("the server does not tell.".to_owned()),
        }
    }
}

/// Only the rule itself tells, and only admins may read it.
async fn must_be_up_to_date(
    api: &Api,
    repo: &RepositoryFacts,
    branch: &Branch,
) -> Result<Fact<bool>, ProviderError> {
    if !branch.is_protected() {
        return Ok(Fact::Known(false));
    }
    let lacks = || Fact::Unavailable(format!("the token may not read it. Give it {ADMIN}."));
    let rule = branch.effective_branch_protection_name.as_deref();
    let Some(rule) = rule.filter(|rule| !rule.is_empty()) else {
        return Ok(lacks());
    };
    let url = api.below(repo, &["branch_protections", rule])?;
    match api.read(&url, ADMIN).await? {
        Read::Answered(answer) => {
            let protection: Protection = json(&answer)?;
            Ok(Fact::Known(
                protection.block_on_outdated_branch == Some(true),
            ))
        }
        Read::Refused { .. } => Ok(lacks()),
    }
}

/// Two more ways, a rebase with a merge commit and fast-forward alone, have no name with us.
fn strategies(repository: &Repository) -> Fact<BTreeSet<Strategy>> {
    let said = [
        (repository.allow_merge_commits, Strategy::Merge),
        (repository.allow_squash_merge, Strategy::Squash),
        (repository.allow_rebase, Strategy::Rebase),
    ];
    if said.iter().any(|(allowed, _)| allowed.is_none()) {
        return Fact::Unavailable("the server does not tell how the repository merges.".to_owned());
    }
    let allowed: BTreeSet<Strategy> = said
        .into_iter()
        .filter(|(allowed, _)| *allowed == Some(true))
        .map(|(_, strategy)| strategy)
        .collect();
    if allowed.is_empty() {
        Fact::Unavailable("the repository merges in no way that Ampel offers.".to_owned())
    } else {
        Fact::Known(allowed)
    }
}
