//! The rules of all rulesets that apply to a branch. Whoever may see the repository may read them.

use std::collections::BTreeSet;

use ampel_domain::{facts::Fact, merging::Strategy, repositories::RepositoryFacts};
use serde::Deserialize;

use super::demands::Demands;
use crate::{
    ProviderError,
    github::client::{
        api::{Api, json},
        repositories::has_next,
    },
};

/// Pages of a hundred rules that are read at most.
const MOST_PAGES: u32 = 5;
const UNREADABLE: &str = "the token may not read the rules of the branch. Give it read access to \
    the repository's metadata, or save a classic token with the scope `repo` in the account.";
const UNNAMED_CHECKS: &str = "a ruleset requires workflows, and GitHub does not tell what their \
    checks are called.";

/// What rulesets demand.
pub(super) struct Rulesets {
    pub(super) demands: Demands,
    /// The ways of merging that all of them allow.
    pub(super) methods: Fact<BTreeSet<Strategy>>,
    pub(super) has_queue: Fact<bool>,
}

/// One rule. There are many kinds; most have nothing to do with merging.
#[derive(Deserialize)]
struct Rule {
    #[serde(rename = "type")]
    kind: String,
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
struct Parameters {
    required_status_checks: Option<Vec<RequiredCheck>>,
    strict_required_status_checks_policy: Option<bool>,
    required_approving_review_count: Option<u32>,
    allowed_merge_methods: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct RequiredCheck {
    context: String,
}

pub(super) async fn read(
    api: &Api,
    repo: &RepositoryFacts,
    branch: &str,
) -> Result<Rulesets, ProviderError> {
    let mut rulesets = Rulesets {
        demands: Demands::none(),
        methods: Fact::Known(BTreeSet::from(Strategy::ALL)),
        has_queue: Fact::Known(false),
    };
    for page in 1..=MOST_PAGES {
        let mut url = api.of(repo, &["rules", "branches", branch])?;
        url.query_pairs_mut()
            .append_pair("per_page", "100")
            .append_pair("page", &page.to_string());
        let answer = match api.get(&url, "").await {
            Ok(answer) => answer,
            Err(ProviderError::NotFound | ProviderError::Permission { .. }) => {
                return Ok(unreadable());
            }
            Err(error) => return Err(error),
        };
        let rules: Vec<Rule> = json(&answer)?;
        for rule in rules {
            rulesets.add(rule);
        }
        if !has_next(&answer) {
            return Ok(rulesets);
        }
    }
    Ok(unreadable())
}

fn unreadable() -> Rulesets {
    Rulesets {
        demands: Demands::unreadable(UNREADABLE),
        methods: Fact::Unavailable(UNREADABLE.to_owned()),
        has_queue: Fact::Unavailable(UNREADABLE.to_owned()),
    }
}

impl Rulesets {
    fn add(&mut self, rule: Rule) {
        let demands = &mut self.demands;
        match rule.kind.as_str() {
            "merge_queue" => self.has_queue = Fact::Known(true),
            "required_linear_history" => demands.linear = Fact::Known(true),
            "workflows" => demands.checks = Fact::Unavailable(UNNAMED_CHECKS.to_owned()),
            "required_status_checks" | "pull_request" => {
                if let Some(parameters) = rule.parameters {
                    self.demand(parameters);
                }
            }
            _other_kind => {}
        }
    }

    fn demand(&mut self, parameters: Parameters) {
        let mut more = Demands::none();
        let checks = parameters.required_status_checks.unwrap_or_default();
        more.checks = Fact::Known(checks.into_iter().map(|check| check.context).collect());
        more.approvals = Fact::Known(
            parameters
                .required_approving_review_count
                .unwrap_or_default(),
        );
        let strict = parameters.strict_required_status_checks_policy;
        more.up_to_date = Fact::Known(strict.unwrap_or(false));
        self.demands = self.demands.clone().and(more);
        if let (Fact::Known(methods), Some(allowed)) =
            (&mut self.methods, parameters.allowed_merge_methods)
        {
            methods.retain(|method| allowed.iter().any(|word| word == method.as_str()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(rules: &serde_json::Value) -> Rulesets {
        let rules: Vec<Rule> = serde_json::from_value(rules.clone()).unwrap();
        let mut rulesets = Rulesets {
            demands: Demands::none(),
            methods: Fact::Known(BTreeSet::from(Strategy::ALL)),
            has_queue: Fact::Known(false),
        };
        rules.into_iter().for_each(|rule| rulesets.add(rule));
        rulesets
    }

    #[test]
    fn the_strictest_of_all_rules_holds() {
        let rulesets = read(&serde_json::json!([
            {"type": "pull_request", "parameters": {
                "required_approving_review_count": 1, "allowed_merge_methods": ["merge", "squash"]}},
            {"type": "pull_request", "parameters": {
                "required_approving_review_count": 2, "allowed_merge_methods": ["squash", "rebase"]}},
            {"type": "required_status_checks", "parameters": {
                "required_status_checks": [{"context": "build", "integration_id": 15368}],
                "strict_required_status_checks_policy": true}},
            {"type": "commit_message_pattern", "parameters": {"operator": "starts_with", "pattern": "x"}},
            {"type": "deletion"},
            {"type": "merge_queue", "parameters": {"merge_method": "SQUASH"}},
        ]));
        assert_eq!(rulesets.demands.approvals, Fact::Known(2));
        assert_eq!(rulesets.demands.up_to_date, Fact::Known(true));
        assert_eq!(rulesets.demands.linear, Fact::Known(false));
        assert_eq!(
            rulesets.methods,
            Fact::Known(BTreeSet::from([Strategy::Squash]))
        );
        assert_eq!(rulesets.has_queue, Fact::Known(true));
        assert_eq!(
            rulesets.demands.checks,
            Fact::Known(BTreeSet::from(["build".to_owned()]))
        );
    }

    #[test]
    fn checks_of_required_workflows_have_no_names() {
        let rulesets = read(&serde_json::json!([
            {"type": "workflows", "parameters": {"workflows": [{"path": "ci.yml"}]}},
            {"type": "required_status_checks", "parameters": {
                "required_status_checks": [{"context": "build"}]}},
        ]));
        assert!(matches!(rulesets.demands.checks, Fact::Unavailable(_)));
        assert_eq!(rulesets.demands.approvals, Fact::Known(0));
    }
}
