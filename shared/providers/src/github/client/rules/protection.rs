//! Classic branch protection. Only who administers the repository may read all of it.

use std::collections::BTreeSet;

use ampel_domain::{facts::Fact, repositories::RepositoryFacts};
use http::StatusCode;
use serde::Deserialize;

use super::{UpdateRule, demands::Demands};
use crate::{
    ProviderError,
    github::client::{
        api::{Api, json},
        refusals::{message, refusal},
    },
};

const UNREADABLE: &str = "only a token of somebody who administers the repository may read how \
    the branch is protected (classic: the scope `repo`; fine-grained: Administration, read).";

#[derive(Deserialize)]
struct Protection {
    required_status_checks: Option<RequiredChecks>,
    required_pull_request_reviews: Option<RequiredReviews>,
    required_linear_history: Option<Switch>,
}

#[derive(Deserialize)]
struct RequiredChecks {
    strict: Option<bool>,
    #[serde(default)]
    contexts: Vec<String>,
    #[serde(default)]
    checks: Vec<RequiredCheck>,
}

#[derive(Deserialize)]
struct RequiredCheck {
    context: String,
}

#[derive(Deserialize)]
struct RequiredReviews {
    required_approving_review_count: Option<u32>,
}

#[derive(Deserialize)]
struct Switch {
    enabled: bool,
}

/// What anybody who may read the repository is told.
#[derive(Deserialize)]
struct Branch {
    protected: Option<bool>,
}

/// What the protection of a branch demands. `for_others` is what GitHub tells those who do not
/// administer the repository; where it tells nothing, that may mean that there is no protection or
/// that somebody administers it, so the branch itself is asked, too.
pub(super) async fn read(
    api: &Api,
    repo: &RepositoryFacts,
    branch: &str,
    for_others: Option<&UpdateRule>,
) -> Result<Demands, ProviderError> {
    let answer = api
        .ask(&api.of(repo, &["branches", branch, "protection"])?)
        .await?;
    if answer.status == StatusCode::NOT_FOUND && message(&answer) == "Branch not protected" {
        return Ok(Demands::none());
    }
    match (refusal(&answer, UNREADABLE), for_others) {
        (None, _) => Ok(json::<Protection>(&answer)?.demands()),
        (Some(ProviderError::NotFound | ProviderError::Permission { .. }), Some(rule)) => {
            Ok(rule.demands())
        }
        (Some(ProviderError::NotFound | ProviderError::Permission { .. }), None) => {
            unless_unprotected(api, repo, branch).await
        }
        (Some(error), _) => Err(error),
    }
}

async fn unless_unprotected(
    api: &Api,
    repo: &RepositoryFacts,
    branch: &str,
) -> Result<Demands, ProviderError> {
    let url = api.of(repo, &["branches", branch])?;
    match api.get_json::<Branch>(&url, UNREADABLE).await {
        Ok(Branch {
            protected: Some(false),
        }) => Ok(Demands::none()),
        Ok(_) | Err(ProviderError::NotFound | ProviderError::Permission { .. }) => {
            Ok(Demands::unreadable(UNREADABLE))
        }
        Err(error) => Err(error),
    }
}

impl Protection {
    fn demands(self) -> Demands {
        let mut demands = Demands::none();
        if let Some(required) = self.required_status_checks {
            let checks = required.checks.into_iter().map(|check| check.context);
            demands.checks = Fact::Known(required.contexts.into_iter().chain(checks).collect());
            demands.up_to_date = Fact::Known(required.strict == Some(true));
        }
        let reviews = self.required_pull_request_reviews;
        let approvals = reviews.and_then(|reviews| reviews.required_approving_review_count);
        demands.approvals = Fact::Known(approvals.unwrap_or_default());
        let linear = self.required_linear_history;
        demands.linear = Fact::Known(linear.is_some_and(|switch| switch.enabled));
        demands
    }
}

impl UpdateRule {
    /// It does not tell whether the head must contain the base.
    fn demands(&self) -> Demands {
        let contexts = self.required_status_check_contexts.iter().flatten();
        let checks: BTreeSet<String> = contexts.flatten().cloned().collect();
        Demands {
            up_to_date: if checks.is_empty() {
                Fact::Known(false)
            } else {
                Fact::Unavailable(UNREADABLE.to_owned())
            },
            checks: Fact::Known(checks),
            approvals: Fact::Known(self.required_approving_review_count.unwrap_or_default()),
            linear: Fact::Known(self.requires_linear_history.unwrap_or(false)),
        }
    }
}
