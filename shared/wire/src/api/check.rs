//! Checking what a request says, field by field.

use std::fmt::Display;

use serde::Serialize;
use utoipa::ToSchema;

/// What is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// The field, as it is spelled in the request.
    pub field: String,
    /// What it must be.
    pub message: String,
}

impl FieldError {
    /// `field` `message`.
    pub fn new(field: impl Into<String>, message: impl Display) -> Self {
        Self {
            field: field.into(),
            message: message.to_string(),
        }
    }
}

/// A request with fields that break their rules; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid(Vec<FieldError>);

impl Invalid {
    /// One field is wrong.
    pub fn field(field: impl Into<String>, message: impl Display) -> Self {
        Self(vec![FieldError::new(field, message)])
    }

    /// All that is wrong.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.0
    }
}

/// Collects what is wrong with a request, so that one answer names every field.
#[derive(Debug, Default)]
pub struct Fields(Vec<FieldError>);

impl Fields {
    /// Keeps a good value; notes what is wrong with a bad one.
    pub fn take<T, E: Display>(&mut self, field: &str, value: Result<T, E>) -> Option<T> {
        match value {
            Ok(value) => Some(value),
            Err(why) => {
                self.0.push(FieldError::new(field, why));
                None
            }
        }
    }

    /// A text whose length in characters, without white space around it, lies in `length`.
    pub fn text(
        &mut self,
        field: &str,
        text: &str,
        length: std::ops::RangeInclusive<usize>,
    ) -> Option<String> {
        let text = text.trim();
        let (least, most) = (*length.start(), *length.end());
        let checked = if !length.contains(&text.chars().count()) {
            Err(format!("must have {least} to {most} characters"))
        } else if text.chars().any(char::is_control) {
            Err("must not contain control characters".to_owned())
        } else {
            Ok(text.to_owned())
        };
        self.take(field, checked)
    }

    /// The checked request, unless something was wrong.
    ///
    /// # Errors
    /// [`Invalid`] with all that was noted. A missing value without a note is a mistake of the
    /// check itself and is answered as an invalid request.
    pub fn finish<T>(self, checked: Option<T>) -> Result<T, Invalid> {
        match checked {
            Some(checked) if self.0.is_empty() => Ok(checked),
            _wrong if self.0.is_empty() => Err(Invalid::field("", "is invalid")),
            _wrong => Err(Invalid(self.0)),
        }
    }
}

/// A request that can be checked.
pub trait Check: Sized {
    /// The request with fields that keep their rules.
    type Checked;

    /// Checks every field.
    ///
    /// # Errors
    /// [`Invalid`] names each field that breaks its rule.
    fn check(self) -> Result<Self::Checked, Invalid>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_is_named() {
        let mut fields = Fields::default();
        assert_eq!(fields.text("name", " Ada ", 1..=3).as_deref(), Some("Ada"));
        assert_eq!(fields.text("label", "  ", 1..=100), None);
        let number = fields.take("limit", "x".parse::<u8>());
        let invalid = fields.finish(number).unwrap_err();
        let names: Vec<_> = invalid.errors().iter().map(|e| e.field.as_str()).collect();
        assert_eq!(names, ["label", "limit"]);
    }
}
