//! The GraphQL API: a query is parsed, validated, weighed and executed against a part of GitLab's
//! schema.

mod complexity;
mod connection;
mod pipelines;
mod projects;
mod pulls;
mod resolve;
mod users;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use apollo_compiler::resolvers::Execution;
use apollo_compiler::response::JsonValue;
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{ExecutableDocument, Schema};
use serde_json::{Value, json};

use self::complexity::{LIMIT, complexity_of};
use self::resolve::{Bound, Context, Thing};
use super::model::MergeCheck;
use super::rest::{self, Caller};
use super::world::World;
use crate::fake::{Request, Response, put};

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

/// Answers one GraphQL call. What is wrong with a query comes with status 200, what is wrong with
/// the token with 401.
pub(super) fn answer(world: &mut World, request: &Request) -> Response {
    let caller = rest::identify(world, request).ok();
    let Some(caller) = caller.filter(|caller| caller.token.may_read()) else {
        let refusal = Response::new(401, told("Invalid token"));
        return rest::dress(world, None, refusal);
    };
    let refused = rest::count(world, &caller.token.value);
    let response = refused.unwrap_or_else(|| {
        Response::ok(execute(world, &caller, &request.json()).unwrap_or_else(|errors| errors))
    });
    rest::dress(world, Some(&caller), response)
}

fn execute(world: &mut World, caller: &Caller, body: &Value) -> Result<Value, Value> {
    let query = body.get("query").and_then(Value::as_str);
    let query = query.unwrap_or_default();
    if query.is_empty() {
        return Err(told("Unexpected end of document"));
    }
    let schema = SCHEMA.as_ref().map_err(|error| told(error))?;
    let document = ExecutableDocument::parse_and_validate(schema, query, "query.graphql")
        .map_err(|found| invalid(&found.errors))?;
    let name = body.get("operationName").and_then(Value::as_str);
    let operation = document
        .operations
        .get(name)
        .map_err(|error| told(&error.message().to_string()))?;
    let variables = body.get("variables").cloned();
    let variables = variables.filter(|given| !given.is_null());
    let variables = variables.unwrap_or_else(|| json!({}));
    let score = complexity_of(&document, operation, &variables);
    if score > LIMIT {
        return Err(told(&format!(
            "Query has complexity of {score}, which exceeds max complexity of {LIMIT}"
        )));
    }
    let (answer, checked) = {
        let context = Context {
            world,
            caller,
            score,
            checked: RefCell::new(BTreeSet::new()),
        };
        let answer = run(&context, &document, schema, name, variables)?;
        (answer, context.checked.into_inner())
    };
    for at in checked {
        if let Ok(pull) = world.pull_mut(at) {
            pull.check = MergeCheck::Known;
        }
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
        return Err(told("Variables must be an object"));
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
    let errors = answer.get("errors").and_then(Value::as_array).cloned();
    if let Some(errors) = errors {
        put(
            &mut answer,
            "errors",
            errors.into_iter().map(plain).collect(),
        );
    }
    Ok(answer)
}

/// An error of execution without the words of the library.
fn plain(mut error: Value) -> Value {
    let message = error.get("message").and_then(Value::as_str);
    let message = message.unwrap_or_default();
    let message = message.strip_prefix("resolver error: ").unwrap_or(message);
    let message = message.to_owned();
    put(&mut error, "message", json!(message));
    error
}

/// An answer that is one error.
fn told(message: &str) -> Value {
    json!({ "errors": [{ "message": message }] })
}

/// Validation errors, with the code GitLab gives an unknown field.
fn invalid(errors: &DiagnosticList) -> Value {
    let shown: Vec<Value> = errors
        .iter()
        .map(|diagnostic| {
            let mut error = serde_json::to_value(diagnostic.to_json()).unwrap_or(Value::Null);
            let message = error.get("message").and_then(Value::as_str);
            let unknown = message.is_some_and(|text| text.contains("does not have a field"));
            let code = if unknown {
                "undefinedField"
            } else {
                "invalidQuery"
            };
            put(&mut error, "extensions", json!({ "code": code }));
            error
        })
        .collect();
    json!({ "errors": shown })
}
