//! The codec: every item carries its keys, its `type` and the version `v` of its schema.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    StoreError,
    keys::{Key, PK, SK},
};

/// An item as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// Something that is stored as one item.
pub(crate) trait Document: Serialize + DeserializeOwned {
    /// What the item's `type` says.
    const TYPE: &'static str;
    /// The version of its schema. Older ones are read until a migration has rewritten them, so
    /// `Deserialize` takes them all; newer ones are not guessed at.
    const VERSION: u32;
}

/// The item of a document.
///
/// # Errors
/// [`StoreError::Corrupt`] for a value that DynamoDB has no form for.
pub(crate) fn encode<T: Document>(key: &Key, document: &T) -> Result<Item, StoreError> {
    let mut item: Item =
        serde_dynamo::to_item(document).map_err(|error| corrupt(&key.to_string(), &error))?;
    item.insert("type".into(), AttributeValue::S(T::TYPE.into()));
    item.insert("v".into(), AttributeValue::N(T::VERSION.to_string()));
    item.extend(key_item(key));
    Ok(item)
}

/// The document of an item.
///
/// # Errors
/// [`StoreError::Corrupt`] for an item of another type, of a newer schema, or not of this shape.
pub(crate) fn decode<T: Document>(item: impl Into<serde_dynamo::Item>) -> Result<T, StoreError> {
    let item: serde_dynamo::Item = item.into();
    let name = name_of(&item);
    if kind_of(&item) != Some(T::TYPE) {
        return Err(corrupt(&name, &format!("its type is not {}", T::TYPE)));
    }
    let version = match item.inner().get("v") {
        Some(serde_dynamo::AttributeValue::N(v)) => v.parse::<u32>().ok(),
        Some(_) | None => None,
    };
    match version {
        Some(v) if v <= T::VERSION => {}
        Some(v) => {
            return Err(corrupt(
                &name,
                &format!("its schema {v} is newer than we are"),
            ));
        }
        None => return Err(corrupt(&name, &"it has no schema version")),
    }
    serde_dynamo::from_item(item).map_err(|error| corrupt(&name, &error))
}

/// What an item's `type` says.
pub(crate) fn kind_of(item: &serde_dynamo::Item) -> Option<&str> {
    text_of(item, "type")
}

/// The keys of an item, for people.
fn name_of(item: &serde_dynamo::Item) -> String {
    let part = |name| text_of(item, name).unwrap_or("?");
    format!("{} / {}", part(PK), part(SK))
}

fn text_of<'a>(item: &'a serde_dynamo::Item, name: &str) -> Option<&'a str> {
    match item.inner().get(name) {
        Some(serde_dynamo::AttributeValue::S(text)) => Some(text),
        Some(_) | None => None,
    }
}

/// A text attribute of an item as the SDK has it.
pub(crate) fn text_in<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// The key attributes alone.
pub(crate) fn key_item(key: &Key) -> Item {
    HashMap::from([
        (PK.to_owned(), AttributeValue::S(key.pk.clone())),
        (SK.to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

/// The error for an item that can not be read.
pub(crate) fn corrupt(item: &str, why: &dyn std::fmt::Display) -> StoreError {
    StoreError::Corrupt {
        item: item.to_owned(),
        why: why.to_string(),
    }
}
