//! Turns what serde says about a field into what a caller can use.

use ampel_app::refusal::Refusal;
use ampel_wire::api::Invalid;

/// A field that could not be read. Serde names a missing or unknown field only in its message.
///
/// What serde found is not repeated: it may be a secret in the wrong place.
pub(super) fn from_path_error(path: &str, message: &str) -> Refusal {
    let quoted = message.split('`').nth(1);
    let inside = |name: &str| match path {
        "" | "." | "?" => name.to_owned(),
        outer => format!("{outer}.{name}"),
    };
    let invalid = match quoted {
        Some(name) if message.starts_with("missing field") => {
            Invalid::field(inside(name), "is required")
        }
        Some(name) if message.starts_with("unknown field") => {
            Invalid::field(inside(name), "is not known")
        }
        Some(name) if message.starts_with("duplicate field") => {
            Invalid::field(inside(name), "must be given once")
        }
        _other => Invalid::field(path.trim_matches(['.', '?']), expected(message)),
    };
    Refusal::Invalid(invalid)
}

fn expected(message: &str) -> String {
    match message.split_once("expected ") {
        Some((_found, expected)) => format!("must be {expected}"),
        None => "is malformed".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(path: &str, message: &str) -> (String, String) {
        let refusal = from_path_error(path, message);
        let Refusal::Invalid(invalid) = refusal else {
            panic!("{refusal:?}");
        };
        let error = &invalid.errors()[0];
        (error.field.clone(), error.message.clone())
    }

    #[test]
    fn fields_are_named_and_values_are_not() {
        assert_eq!(
            said(".", "missing field `email`"),
            ("email".into(), "is required".into())
        );
        assert_eq!(
            said("a.b", "missing field `c`"),
            ("a.b.c".into(), "is required".into())
        );
        assert_eq!(
            said(
                "shared",
                "invalid type: string \"ghp_x\", expected a boolean"
            ),
            ("shared".into(), "must be a boolean".into())
        );
        assert_eq!(
            said("at", "ghp_x is wrong"),
            ("at".into(), "is malformed".into())
        );
    }
}
