//! How types of the domain look in the OpenAPI document.
//!
//! The lists of words come from the domain itself, so the document can not drift from it.

use ampel_domain::{
    facts::{Conclusion, Lifecycle},
    light::{Light, ReasonCode},
    provider::Provider,
};
use utoipa::openapi::{
    KnownFormat, ObjectBuilder, SchemaFormat,
    schema::{Object, SchemaType, Type},
};

/// A text that is one of these words.
pub fn words(words: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words))
        .build()
}

/// An id: a UUID.
#[must_use]
pub fn id() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
        .build()
}

/// A time: RFC 3339, UTC.
#[must_use]
pub fn time() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .build()
}

/// A time or `null`.
#[must_use]
pub fn optional_time() -> Object {
    let mut object = time();
    object.schema_type = SchemaType::from_iter([Type::String, Type::Null]);
    object
}

/// A Git provider.
#[must_use]
pub fn provider() -> Object {
    words(Provider::ALL.map(Provider::as_str))
}

/// What is known of a token's validity.
#[must_use]
pub fn validation_status() -> Object {
    words(["pending", "valid", "invalid", "expired"])
}

/// A role in an organization.
#[must_use]
pub fn role() -> Object {
    words(["viewer", "member", "admin", "owner"])
}

/// An id or `null`.
#[must_use]
pub fn optional_id() -> Object {
    or_null(id())
}

/// The light of a pull request.
#[must_use]
pub fn light() -> Object {
    words(Light::ALL.map(Light::as_str))
}

/// The light of a pull request or `null`.
#[must_use]
pub fn optional_light() -> Object {
    or_null(light())
}

/// How a repository learns of changes.
#[must_use]
pub fn hook_status() -> Object {
    words(["registered", "manual", "polling", "broken"])
}

/// Where in its life a pull request is.
#[must_use]
pub fn pull_request_state() -> Object {
    let states = [
        Lifecycle::Open,
        Lifecycle::Closed { at: None },
        Lifecycle::Merged { at: None },
    ];
    words(states.map(Lifecycle::as_str))
}

/// Where a check is.
#[must_use]
pub fn check_status() -> Object {
    words(["queued", "in_progress", "completed"])
}

/// How a check ended, or `null`.
#[must_use]
pub fn check_conclusion() -> Object {
    or_null(words(Conclusion::ALL.map(Conclusion::as_str)))
}

/// What a review says.
#[must_use]
pub fn review_state() -> Object {
    words([
        "commented",
        "approved",
        "changes_requested",
        "withdrawn",
        "dismissed",
    ])
}

/// The name of a reason.
#[must_use]
pub fn reason_code() -> Object {
    words(ReasonCode::ALL.map(ReasonCode::as_str))
}

/// The same or `null`. A list of words has to hold `null`, too.
fn or_null(mut object: Object) -> Object {
    let types = match &object.schema_type {
        SchemaType::Type(one) => vec![one.clone(), Type::Null],
        SchemaType::Array(several) => [several.as_slice(), &[Type::Null]].concat(),
        SchemaType::AnyValue => return object,
    };
    object.schema_type = SchemaType::from_iter(types);
    if let Some(words) = &mut object.enum_values {
        words.push(serde_json::Value::Null);
    }
    object
}
