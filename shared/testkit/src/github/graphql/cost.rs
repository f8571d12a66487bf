//! What a query costs by GitHub's published formula, and the paging rules it must obey.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::ast::Value as Literal;
use apollo_compiler::executable::{Field, Operation, Selection, SelectionSet};
use serde_json::{Value, json};

/// Points and nodes of one query.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cost {
    pub(super) points: u64,
    pub(super) nodes: u64,
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    operation: &'a Operation,
    variables: &'a Value,
    requests: u64,
    nodes: u64,
    errors: Vec<Value>,
}

impl Cost {
    /// Counts the requests needed to fill every connection, divided by 100, at least 1.
    ///
    /// # Errors
    /// GitHub's errors for connections without, or with too large, `first` or `last`.
    pub(super) fn of(
        document: &ExecutableDocument,
        operation: &Operation,
        variables: &Value,
    ) -> Result<Self, Value> {
        let mut walk = Walk {
            document,
            operation,
            variables,
            requests: 0,
            nodes: 0,
            errors: Vec::new(),
        };
        walk.set(&operation.selection_set, 1);
        if walk.errors.is_empty() {
            let points = (walk.requests + 50) / 100;
            Ok(Self {
                points: points.max(1),
                nodes: walk.nodes,
            })
        } else {
            Err(Value::Array(walk.errors))
        }
    }
}

impl Walk<'_> {
    fn set(&mut self, set: &SelectionSet, times: u64) {
        for selection in &set.selections {
            match selection {
                Selection::Field(field) => self.field(field, times),
                Selection::InlineFragment(fragment) => self.set(&fragment.selection_set, times),
                Selection::FragmentSpread(spread) => {
                    let fragment = self.document.fragments.get(&spread.fragment_name);
                    if let Some(fragment) = fragment {
                        self.set(&fragment.selection_set, times);
                    }
                }
            }
        }
    }

    fn field(&mut self, field: &Field, times: u64) {
        let connection = field.selection_set.ty.as_str().ends_with("Connection");
        if !connection {
            return self.set(&field.selection_set, times);
        }
        let size = self
            .size(field, "first")
            .or_else(|| self.size(field, "last"));
        let Some(size) = size else {
            if !self.lists(&field.selection_set) {
                // A bare count needs no bounds.
                self.requests += times;
                return;
            }
            self.errors.push(json!({
                "type": "MISSING_PAGINATION_BOUNDARIES",
                "message": format!(
                    "You must provide a `first` or `last` value to properly paginate the `{}` connection.",
                    field.name
                ),
            }));
            return;
        };
        if !(1..=100).contains(&size) {
            self.errors.push(json!({
                "type": "EXCESSIVE_PAGINATION",
                "message": format!(
                    "Requesting {size} records on the `{}` connection exceeds the `first` limit of 100 records.",
                    field.name
                ),
            }));
            return;
        }
        self.requests += times;
        let inside = times.saturating_mul(size);
        self.nodes += inside;
        self.set(&field.selection_set, inside);
    }

    /// Whether items of a connection are asked for.
    fn lists(&self, set: &SelectionSet) -> bool {
        set.selections.iter().any(|selection| match selection {
            Selection::Field(field) => matches!(field.name.as_str(), "nodes" | "edges"),
            Selection::InlineFragment(fragment) => self.lists(&fragment.selection_set),
            Selection::FragmentSpread(spread) => {
                let fragment = self.document.fragments.get(&spread.fragment_name);
                fragment.is_some_and(|fragment| self.lists(&fragment.selection_set))
            }
        })
    }

    fn size(&self, field: &Field, name: &str) -> Option<u64> {
        let literal = field.specified_argument_by_name(name)?;
        self.number(literal)
    }

    fn number(&self, literal: &Literal) -> Option<u64> {
        if let Literal::Int(number) = literal {
            return number
                .try_to_i32()
                .ok()
                .and_then(|number| u64::try_from(number).ok());
        }
        let Literal::Variable(variable) = literal else {
            return None;
        };
        if let Some(given) = self.variables.get(variable.as_str()) {
            return given.as_u64();
        }
        let definition = self
            .operation
            .variables
            .iter()
            .find(|own| &own.name == variable)?;
        self.number(definition.default_value.as_ref()?)
    }
}
