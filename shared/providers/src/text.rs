//! Texts of providers, cut to what we keep.

use sha2::{Digest, Sha256};

/// Bytes of a description that are kept.
pub(crate) const DESCRIPTION_LIMIT: usize = 16 * 1024;
/// Bytes of a review's text that are kept.
pub(crate) const REVIEW_BODY_LIMIT: usize = 4 * 1024;
/// Bytes of a check's name that are kept as they are; GitHub allows 255 characters.
const CHECK_NAME_LIMIT: usize = 1024;

/// The text cut at a character boundary; `None` for an empty one, since some answers of a provider
/// say "" where others say `null`.
pub(crate) fn cut(text: &str, limit: usize) -> Option<String> {
    let end = text.floor_char_boundary(limit);
    let kept = text.get(..end).unwrap_or_default();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// What a check is told apart by: its name or context, whole up to the limit. Whoever may post a
/// status chooses it, at some providers as long as they like; of a longer one the beginning is kept
/// and a digest of the whole, so that two of them stay two.
pub(crate) fn check_name(text: &str) -> String {
    if text.len() <= CHECK_NAME_LIMIT {
        return text.to_owned();
    }
    let digest = hex::encode(Sha256::digest(text));
    let (kept, mark) = (cut(text, CHECK_NAME_LIMIT), digest.get(..16));
    format!("{}…{}", kept.unwrap_or_default(), mark.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("äöü", 3), Some("ä".to_owned()));
        assert_eq!(cut("abc", 3), Some("abc".to_owned()));
        assert_eq!(cut("", 3), None);
        assert_eq!(cut("ä", 1), None);
    }

    #[test]
    fn long_names_of_checks_stay_apart() {
        let (usual, long) = ("ci/build", "ä".repeat(100_000));
        assert_eq!(check_name(usual), usual);
        let (one, other) = (
            check_name(&format!("{long}1")),
            check_name(&format!("{long}2")),
        );
        assert_ne!(one, other);
        assert_eq!(one, check_name(&format!("{long}1")));
        assert!(one.len() < CHECK_NAME_LIMIT + 32 && one.starts_with("ää"));
    }
}
