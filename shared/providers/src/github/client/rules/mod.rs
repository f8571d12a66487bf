//! What is demanded of a pull request into a branch: rulesets, classic branch protection, the ways
//! of merging that the repository allows, and its merge queue.

mod demands;
mod protection;
mod rulesets;

use std::collections::BTreeSet;

use ampel_domain::{
    facts::Fact,
    merging::{BranchRules, Strategy},
    repositories::RepositoryFacts,
};
use serde::{Deserialize, Serialize};

use super::{
    api::Api,
    graphql::{Reply, ask, of},
    partial::GraphqlError,
    queries,
};
use crate::ProviderError;
use rulesets::Rulesets;

#[derive(Serialize)]
struct Asked<'a> {
    branch: &'a str,
    #[serde(rename = "ref")]
    name: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    merge_commit_allowed: Option<bool>,
    squash_merge_allowed: Option<bool>,
    rebase_merge_allowed: Option<bool>,
    merge_queue: Option<serde::de::IgnoredAny>,
    #[serde(rename = "ref")]
    branch: Option<Branch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Branch {
    ref_update_rule: Option<UpdateRule>,
}

/// What GitHub tells of a branch's protection to those who do not administer the repository.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UpdateRule {
    required_approving_review_count: Option<u32>,
    required_status_check_contexts: Option<Vec<Option<String>>>,
    requires_linear_history: Option<bool>,
}

/// `NotFound` for a branch that is not there.
pub(super) async fn branch_rules(
    api: &Api,
    repo: &RepositoryFacts,
    branch: &str,
) -> Result<BranchRules, ProviderError> {
    let name = format!("refs/heads/{branch}");
    let asked = ask(api, repo, queries::BRANCH_RULES, |_| {
        of(
            repo,
            Asked {
                branch,
                name: &name,
            },
        )
    });
    let Reply {
        of: settings,
        errors,
        ..
    }: Reply<Settings> = asked.await?;
    let names = |field: &str| errors.iter().any(|error| error.names(field));
    if settings.branch.is_none() && !names("ref") {
        return Err(ProviderError::NotFound);
    }
    let Rulesets {
        demands: by_rulesets,
        methods,
        has_queue,
    } = rulesets::read(api, repo, branch).await?;
    let for_others = settings
        .branch
        .as_ref()
        .and_then(|branch| branch.ref_update_rule.as_ref())
        .filter(|_| !names("refUpdateRule"));
    let classic = protection::read(api, repo, branch, for_others).await?;
    let demands = by_rulesets.and(classic);
    Ok(BranchRules {
        strategies: strategies(&settings, methods, &demands.linear),
        has_queue: queue(&settings, &errors, has_queue),
        required_checks: demands.checks,
        required_approvals: demands.approvals,
        must_be_up_to_date: demands.up_to_date,
    })
}

/// What the repository allows, less what the rules of the branch forbid.
fn strategies(
    settings: &Settings,
    by_rulesets: Fact<BTreeSet<Strategy>>,
    linear: &Fact<bool>,
) -> Fact<BTreeSet<Strategy>> {
    let allowed = [
        (Strategy::Merge, settings.merge_commit_allowed),
        (Strategy::Squash, settings.squash_merge_allowed),
        (Strategy::Rebase, settings.rebase_merge_allowed),
    ];
    if allowed.iter().any(|(_, is_allowed)| is_allowed.is_none()) {
        return Fact::Unavailable(
            "GitHub does not tell this token how the repository may be merged. A classic token \
             with the scope `repo` may help."
                .to_owned(),
        );
    }
    let is_linear = match linear {
        Fact::Known(is_linear) => *is_linear,
        Fact::Computing => return Fact::Computing,
        Fact::Unavailable(why) => return Fact::Unavailable(why.clone()),
    };
    let mut ways = match by_rulesets {
        Fact::Known(ways) => ways,
        unknown @ (Fact::Computing | Fact::Unavailable(_)) => return unknown,
    };
    ways.retain(|way| allowed.contains(&(*way, Some(true))));
    ways.retain(|way| !(is_linear && *way == Strategy::Merge));
    if ways.is_empty() {
        return Fact::Unavailable(
            "the repository and the rules of the branch allow no way of merging in common. Look \
             at its settings."
                .to_owned(),
        );
    }
    Fact::Known(ways)
}

fn queue(settings: &Settings, errors: &[GraphqlError], by_rulesets: Fact<bool>) -> Fact<bool> {
    if settings.merge_queue.is_some() {
        return Fact::Known(true);
    }
    let is_hidden = errors.iter().any(|error| error.names("mergeQueue"));
    match by_rulesets {
        Fact::Known(false) if is_hidden => Fact::Unavailable(
            "the token may not read the merge queue. A classic token with the scope `repo` may \
             help."
                .to_owned(),
        ),
        known @ (Fact::Known(_) | Fact::Computing | Fact::Unavailable(_)) => known,
    }
}
