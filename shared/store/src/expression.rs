//! Conditions and updates, with every name and value behind a placeholder: DynamoDB reserves
//! hundreds of words.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::{item::Item, keys::PK};

/// Names by their placeholders.
pub(crate) type Names = HashMap<String, String>;

/// A condition on an item.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    /// The item is not there.
    Absent,
    /// The item is there.
    Present,
    /// An attribute has this value.
    Equals(&'static str, AttributeValue),
    /// An attribute does not have this value.
    Differs(&'static str, AttributeValue),
    /// An attribute is missing.
    Without(&'static str),
    /// An attribute is less than this value.
    Less(&'static str, AttributeValue),
    /// All of them hold.
    All(Vec<Condition>),
    /// One of them holds.
    Any(Vec<Condition>),
}

impl Condition {
    /// The item has this version, or is not there where nothing was read.
    pub(crate) fn version(read: Option<u64>) -> Self {
        match read {
            Some(version) => Self::Equals("version", number(version)),
            None => Self::Absent,
        }
    }
}

/// Names and values behind placeholders.
#[derive(Debug, Default)]
pub(crate) struct Placeholders {
    names: Names,
    values: Item,
}

impl Placeholders {
    /// The placeholder of a name.
    pub(crate) fn name(&mut self, name: &str) -> String {
        let placeholder = format!("#{name}");
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
    }

    /// A placeholder for a value.
    pub(crate) fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    /// The text of a condition.
    pub(crate) fn condition(&mut self, condition: Condition) -> String {
        match condition {
            Condition::Absent => self.call("attribute_not_exists", PK),
            Condition::Present => self.call("attribute_exists", PK),
            Condition::Without(name) => self.call("attribute_not_exists", name),
            Condition::Equals(name, value) => self.compare(name, "=", value),
            Condition::Differs(name, value) => self.compare(name, "<>", value),
            Condition::Less(name, value) => self.compare(name, "<", value),
            Condition::All(parts) => self.joined(parts, " AND "),
            Condition::Any(parts) => self.joined(parts, " OR "),
        }
    }

    fn call(&mut self, function: &str, name: &str) -> String {
        format!("{function}({})", self.name(name))
    }

    fn compare(&mut self, name: &str, operator: &str, value: AttributeValue) -> String {
        format!("{} {operator} {}", self.name(name), self.value(value))
    }

    fn joined(&mut self, parts: Vec<Condition>, word: &str) -> String {
        let parts: Vec<String> = parts.into_iter().map(|part| self.condition(part)).collect();
        format!("({})", parts.join(word))
    }

    /// What goes into a request; DynamoDB refuses empty maps.
    pub(crate) fn into_maps(self) -> (Option<Names>, Option<Item>) {
        let names = (!self.names.is_empty()).then_some(self.names);
        let values = (!self.values.is_empty()).then_some(self.values);
        (names, values)
    }
}

/// Changes to attributes of one item.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    set: Vec<(&'static str, AttributeValue)>,
    add: Vec<(&'static str, AttributeValue)>,
    remove: Vec<&'static str>,
}

impl Changes {
    /// Gives an attribute a value.
    pub(crate) fn set(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.set.push((name, value));
        self
    }

    /// Gives an attribute a value, or takes it away.
    pub(crate) fn set_or_remove(self, name: &'static str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self.remove(name),
        }
    }

    /// Adds to a number.
    pub(crate) fn add(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.add.push((name, value));
        self
    }

    /// Takes an attribute away.
    pub(crate) fn remove(mut self, name: &'static str) -> Self {
        self.remove.push(name);
        self
    }

    /// The text of the update.
    pub(crate) fn expression(self, placeholders: &mut Placeholders) -> String {
        let mut clauses = Vec::new();
        let mut clause = |word: &str, parts: Vec<String>| {
            if !parts.is_empty() {
                clauses.push(format!("{word} {}", parts.join(", ")));
            }
        };
        let pair = |placeholders: &mut Placeholders, separator: &str, (name, value)| {
            let (name, value) = (placeholders.name(name), placeholders.value(value));
            format!("{name}{separator}{value}")
        };
        let set = self
            .set
            .into_iter()
            .map(|part| pair(placeholders, " = ", part));
        clause("SET", set.collect());
        let add = self
            .add
            .into_iter()
            .map(|part| pair(placeholders, " ", part));
        clause("ADD", add.collect());
        let remove = self.remove.into_iter().map(|name| placeholders.name(name));
        clause("REMOVE", remove.collect());
        clauses.join(" ")
    }
}

/// A number as an attribute.
pub(crate) fn number(value: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

/// A text as an attribute.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}
