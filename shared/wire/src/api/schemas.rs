//! How types of the domain look in the OpenAPI document.
//!
//! The lists of words come from the domain itself, so the document can not drift from it.

use ampel_domain::provider::Provider;
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
