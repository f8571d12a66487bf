//! Texts of providers, cut to what we keep.

/// Bytes of a description that are kept.
pub(crate) const DESCRIPTION_LIMIT: usize = 16 * 1024;
/// Bytes of a review's text that are kept.
pub(crate) const REVIEW_BODY_LIMIT: usize = 4 * 1024;

/// The text cut at a character boundary; `None` for an empty one, since some answers of a provider
/// say "" where others say `null`.
pub(crate) fn cut(text: &str, limit: usize) -> Option<String> {
    let end = text.floor_char_boundary(limit);
    let kept = text.get(..end).unwrap_or_default();
    (!kept.is_empty()).then(|| kept.to_owned())
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
}
