//! Lists of open pull requests.

mod cursor;
mod read;

use ampel_domain::{ids::RepositoryId, light::Light, provider::Provider};

use crate::pulls::OpenPullRequest;

/// The most entries of a page.
pub const LARGEST_PAGE: u8 = 100;

/// What a list is ordered by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ListSort {
    /// The provider's `updatedAt`.
    #[default]
    Updated,
    /// When it was opened.
    Created,
    /// The title, without a difference between upper and lower case.
    Title,
}

/// Which way round.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ListOrder {
    /// The newest, or the end of the alphabet, first.
    #[default]
    Descending,
    /// The oldest, or the beginning of the alphabet, first.
    Ascending,
}

/// Which open pull requests, in which order. `None` filters nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Those under this light.
    pub light: Option<Light>,
    /// Those of this provider.
    pub provider: Option<Provider>,
    /// Those of this repository.
    pub repository: Option<RepositoryId>,
    /// Those that this person opened, by login.
    pub author: Option<String>,
    /// Those that are drafts, or are not.
    pub draft: Option<bool>,
    /// Those with this in their title (as far as the index shows it), branch, or as `#number`,
    /// without a difference between upper and lower case.
    pub search: Option<String>,
    /// What they are ordered by.
    pub sort: ListSort,
    /// Which way round.
    pub order: ListOrder,
    /// The most entries of the page: 1 to [`LARGEST_PAGE`]; what lies outside is brought inside.
    pub limit: u8,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage {
    /// The entries: as many as were asked for, unless the list ends here.
    pub items: Vec<OpenPullRequest>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}
