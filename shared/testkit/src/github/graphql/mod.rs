//! The GraphQL API: a query is parsed, validated and executed against a part of GitHub's schema.

mod checks;
mod connection;
mod cost;
mod errors;
mod plain;
mod pulls;
mod repositories;
mod resolve;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use apollo_compiler::resolvers::Execution;
use apollo_compiler::response::JsonValue;
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use serde_json::{Value, json};

use self::cost::Cost;
use self::resolve::{Bound, Context, Thing};
use super::model::PullRef;
use super::rest::{Caller, Request, Response, charge_points, exhausted, identify};
use super::world::World;

static SCHEMA: LazyLock<Result<Valid<Schema>, String>> = LazyLock::new(|| {
    Schema::parse_and_validate(include_str!("schema.graphql"), "schema.graphql")
        .map_err(|error| error.to_string())
});

/// Name of the operation a GraphQL request asks for, for records and faults.
pub(super) fn operation_name(request: &Request) -> Option<String> {
    let body = request.json();
    if let Some(name) = body.get("operationName").and_then(Value::as_str) {
        return Some(name.to_owned());
    }
    let query = body.get("query").and_then(Value::as_str)?;
    let rest = query
        .split("query")
        .nth(1)
        .or_else(|| query.split("mutation").nth(1))?;
    let name: String = rest
        .trim_start()
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    (!name.is_empty()).then_some(name)
}

/// Answers one GraphQL call.
pub(super) fn answer(world: &mut World, request: &Request) -> Response {
    let caller = match identify(world, request) {
        Ok(caller) => caller,
        Err(refusal) => return super::rest::dress(world, request, None, refusal),
    };
    let response =
        exhausted(world, &caller.token.value, "graphql").unwrap_or_else(|| {
            match execute(world, &caller, &request.json()) {
                Ok(answer) => Response::ok(answer),
                Err(errors) => Response::ok(json!({ "errors": errors })),
            }
        });
    super::rest::dress(world, request, Some(&caller), response)
}

fn execute(world: &mut World, caller: &Caller, body: &Value) -> Result<Value, Value> {
    let query = body
        .get("query")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if query.is_empty() {
        return Err(
            json!([{ "message": "A query attribute must be specified and must be a string." }]),
        );
    }
    let schema = SCHEMA
        .as_ref()
        .map_err(|error| json!([{ "message": error }]))?;
    let document = ExecutableDocument::parse_and_validate(schema, query, "query.graphql")
        .map_err(|found| invalid(&found.errors))?;
    let name = body.get("operationName").and_then(Value::as_str);
    let operation = document
        .operations
        .get(name)
        .map_err(|error| told(&error.message().to_string()))?;
    let variables = body
        .get("variables")
        .cloned()
        .filter(|given| !given.is_null());
    let variables = variables.unwrap_or_else(|| json!({}));
    let cost = Cost::of(&document, operation, &variables)?;
    charge_points(world, &caller.token.value, cost.points);
    let (answer, asked) = {
        let context = Context::new(world, caller, cost);
        let answer = run(&context, &document, schema, name, variables)?;
        (answer, context.asked.into_inner())
    };
    for at in asked {
        world.asked_for_mergeability(at);
    }
    Ok(answer)
}

fn run(
    context: &Context<'_>,
    document: &Valid<ExecutableDocument>,
    schema: &Valid<Schema>,
    name: Option<&str>,
    variables: Value,
) -> Result<Value, Value> {
    let variables = JsonValue::from(variables);
    let Some(variables) = variables.as_object() else {
        return Err(json!([{ "message": "Variables must be an object" }]));
    };
    let root = Bound {
        context,
        thing: Thing::Root,
    };
    let execution = Execution::new(schema, document)
        .operation_name(name)
        .map_err(|error| told(&error.message().to_string()))?;
    let response = execution
        .raw_variable_values(variables)
        .execute_sync(&root)
        .map_err(|error| told(&error.message().to_string()))?;
    let mut answer = serde_json::to_value(response).unwrap_or(Value::Null);
    let errors = answer
        .as_object_mut()
        .and_then(|answer| answer.remove("errors"));
    if let Some(Value::Array(errors)) = errors {
        let errors = errors::settle(&mut answer, errors);
        super::events::put(&mut answer, "errors", Value::Array(errors));
    }
    Ok(answer)
}

/// One error that is only its message.
fn told(message: &str) -> Value {
    json!([{ "message": message }])
}

/// Validation errors, with the code GitHub gives an unknown field.
fn invalid(errors: &apollo_compiler::validation::DiagnosticList) -> Value {
    errors
        .iter()
        .map(|diagnostic| {
            let mut error = serde_json::to_value(diagnostic.to_json()).unwrap_or(Value::Null);
            let message = error
                .get("message")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let unknown = message.contains("does not have a field");
            let code = if unknown {
                "undefinedField"
            } else {
                "invalidQuery"
            };
            super::events::put(&mut error, "extensions", json!({ "code": code }));
            error
        })
        .collect()
}

impl<'w> Context<'w> {
    fn new(world: &'w World, caller: &'w Caller, cost: Cost) -> Self {
        Self {
            world,
            caller,
            cost,
            asked: RefCell::new(BTreeSet::<PullRef>::new()),
        }
    }
}
