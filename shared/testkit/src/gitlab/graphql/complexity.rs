//! What a query weighs. GitLab counts one for each field, more for some, and for a list that is
//! found by a resolver one hundredth more for each item that may come.
//! <https://docs.gitlab.com/api/graphql/#limits>; the weights are those of GitLab's type classes.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::ast::Value as Literal;
use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};
use serde_json::Value;

/// What a query of somebody with a token may weigh.
pub(super) const LIMIT: u64 = 250;

const LARGEST_PAGE: u64 = 100;

/// Lists found by a resolver: their weight grows with the page.
const RESOLVED: [&str; 3] = ["mergeRequests", "pipelines", "jobs"];

struct Walk<'a> {
    document: &'a ExecutableDocument,
    operation: &'a Operation,
    variables: &'a Value,
}

/// The weight of an operation.
pub(super) fn complexity_of(
    document: &ExecutableDocument,
    operation: &Operation,
    variables: &Value,
) -> u64 {
    let walk = Walk {
        document,
        operation,
        variables,
    };
    walk.set(&operation.selection_set)
}

impl Walk<'_> {
    fn set(&self, set: &SelectionSet) -> u64 {
        set.selections
            .iter()
            .map(|selection| match selection {
                Selection::Field(field) => self.field(field),
                Selection::InlineFragment(fragment) => self.set(&fragment.selection_set),
                Selection::FragmentSpread(spread) => self
                    .document
                    .fragments
                    .get(&spread.fragment_name)
                    .map_or(0, |fragment| self.set(&fragment.selection_set)),
            })
            .sum()
    }

    fn field(&self, field: &Field) -> u64 {
        let inside = self.set(&field.selection_set);
        if !RESOLVED.contains(&field.name.as_str()) {
            return inside + own_weight(&field.name);
        }
        let sorted = u64::from(field.specified_argument_by_name("sort").is_some());
        let weight = inside + 1 + sorted;
        let asked = self
            .size(field, "first")
            .or_else(|| self.size(field, "last"));
        let page = asked.unwrap_or(LARGEST_PAGE).min(LARGEST_PAGE);
        weight + weight * page / 100
    }

    fn size(&self, field: &Field, name: &str) -> Option<u64> {
        self.number(field.specified_argument_by_name(name)?)
    }

    fn number(&self, literal: &Literal) -> Option<u64> {
        if let Literal::Int(number) = literal {
            let number = number.try_to_i32().ok();
            return number.and_then(|number| u64::try_from(number).ok());
        }
        let Literal::Variable(variable) = literal else {
            return None;
        };
        if let Some(given) = self.variables.get(variable.as_str()) {
            return given.as_u64();
        }
        let mut definitions = self.operation.variables.iter();
        let definition = definitions.find(|own| &own.name == variable)?;
        self.number(definition.default_value.as_ref()?)
    }
}

/// Fields that weigh more than one: those GitLab weighs by hand, and those that ask Gitaly.
fn own_weight(field: &str) -> u64 {
    match field {
        "closedAt" | "mergedAt" | "labels" | "assignees" | "reviewers" => 5,
        "approved"
        | "beforeSha"
        | "detailedMergeStatus"
        | "diffHeadSha"
        | "diffStatsSummary"
        | "divergedFromTargetBranch"
        | "mergeable"
        | "mergeableDiscussionsState"
        | "rebaseInProgress"
        | "shouldBeRebased"
        | "sourceBranchExists"
        | "targetBranchExists" => 2,
        _other => 1,
    }
}
