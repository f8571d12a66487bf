//! Lists that come in pages.

use serde::Serialize;
use utoipa::ToSchema;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// What the page holds.
    pub items: Vec<T>,
    /// Give it back as `cursor` for the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A list that has one page.
    #[must_use]
    pub fn whole(items: Vec<T>) -> Self {
        Self {
            items,
            next_cursor: None,
        }
    }
}

/// How many items a page holds: 1 to 100, 50 unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimit(u8);

/// A limit outside of its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be between 1 and 100")]
pub struct InvalidLimit;

impl PageLimit {
    /// The limit somebody asked for, or the default.
    ///
    /// # Errors
    /// [`InvalidLimit`] for none or more than 100.
    pub fn of(asked: Option<u32>) -> Result<Self, InvalidLimit> {
        match asked {
            None => Ok(Self::default()),
            Some(asked) => u8::try_from(asked)
                .ok()
                .filter(|limit| (1..=100).contains(limit))
                .map(Self)
                .ok_or(InvalidLimit),
        }
    }

    /// The limit.
    #[must_use]
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

impl Default for PageLimit {
    fn default() -> Self {
        Self(50)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_have_limits() {
        assert_eq!(PageLimit::of(None).unwrap().get(), 50);
        assert_eq!(PageLimit::of(Some(100)).unwrap().get(), 100);
        for wrong in [0, 101, 256, 1000] {
            assert_eq!(PageLimit::of(Some(wrong)), Err(InvalidLimit));
        }
    }
}
