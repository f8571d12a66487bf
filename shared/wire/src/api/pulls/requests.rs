//! What is asked of pull requests.

use ampel_domain::{ids::RepositoryId, light::Light, provider::Provider};
use serde::Deserialize;

use crate::api::{Check, Fields, Invalid, PageLimit};

const TEXT_LENGTH: std::ops::RangeInclusive<usize> = 1..=100;

/// What pull requests are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PullRequestSort {
    /// When they last changed.
    #[default]
    Updated,
    /// When they were opened.
    Created,
    /// Their titles, without regard to case.
    Title,
}

impl PullRequestSort {
    const ALL: [Self; 3] = [Self::Updated, Self::Created, Self::Title];

    /// The word in the query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Updated => "updated",
            Self::Created => "created",
            Self::Title => "title",
        }
    }

    /// The order people expect unless they say otherwise.
    #[must_use]
    pub fn usual_order(self) -> SortOrder {
        match self {
            Self::Updated | Self::Created => SortOrder::Descending,
            Self::Title => SortOrder::Ascending,
        }
    }
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortOrder {
    /// The smallest or oldest.
    Ascending,
    /// The largest or newest.
    Descending,
}

impl SortOrder {
    /// The word in the query.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }
}

/// Which open pull requests somebody wants to see.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct PullRequestsQuery {
    /// Only those under this light: `green`, `yellow` or `red`.
    pub light: Option<String>,
    /// Only those at this provider.
    pub provider: Option<String>,
    /// Only those of this repository.
    pub repository_id: Option<String>,
    /// Only those of this author, without regard to case.
    #[param(max_length = 100)]
    pub author: Option<String>,
    /// Only drafts, or none.
    pub draft: Option<bool>,
    /// Only those with this text in title, author or branch, or with this number.
    #[param(max_length = 100)]
    pub search: Option<String>,
    /// `updated` (unless said otherwise), `created` or `title`.
    pub sort: Option<String>,
    /// `asc` or `desc`; unless said otherwise newest first, titles from A to Z.
    pub order: Option<String>,
    /// How many a page holds: 1 to 100, 50 unless said otherwise.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
    /// Where to go on: `nextCursor` of the page before.
    pub cursor: Option<String>,
}

/// What a pull request must be like to be listed. Empty parts match everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PullRequestFilter {
    /// Its light.
    pub light: Option<Light>,
    /// Where it is.
    pub provider: Option<Provider>,
    /// The repository it is in.
    pub repository: Option<RepositoryId>,
    /// Who opened it, in lower case.
    pub author: Option<String>,
    /// Whether it is a draft.
    pub draft: Option<bool>,
    /// A text in lower case.
    pub search: Option<String>,
}

/// A checked [`PullRequestsQuery`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequestsPage {
    /// Which.
    pub filter: PullRequestFilter,
    /// Sorted by what.
    pub sort: PullRequestSort,
    /// Which end first.
    pub order: SortOrder,
    /// How many.
    pub limit: PageLimit,
    /// Where to go on.
    pub cursor: Option<String>,
}

impl Check for PullRequestsQuery {
    type Checked = PullRequestsPage;

    fn check(self) -> Result<PullRequestsPage, Invalid> {
        let mut fields = Fields::default();
        let filter = PullRequestFilter {
            light: self
                .light
                .and_then(|word| fields.take("light", light(&word))),
            provider: self
                .provider
                .and_then(|word| fields.take("provider", word.parse())),
            repository: self
                .repository_id
                .and_then(|id| fields.take("repositoryId", id.parse())),
            author: lower(&mut fields, "author", self.author),
            draft: self.draft,
            search: lower(&mut fields, "search", self.search),
        };
        let sort = match self.sort {
            None => Some(PullRequestSort::default()),
            Some(word) => fields.take("sort", sort(&word)),
        };
        let order = match self.order {
            None => Some(None),
            Some(word) => fields.take("order", order(&word)).map(Some),
        };
        let limit = fields.take("limit", PageLimit::of(self.limit));
        let checked = sort
            .zip(order)
            .zip(limit)
            .map(|((sort, order), limit)| PullRequestsPage {
                filter,
                sort,
                order: order.unwrap_or(sort.usual_order()),
                limit,
                cursor: self.cursor,
            });
        fields.finish(checked)
    }
}

/// An empty text filters nothing.
fn lower(fields: &mut Fields, field: &str, text: Option<String>) -> Option<String> {
    let text = text.filter(|text| !text.trim().is_empty())?;
    fields
        .text(field, &text, TEXT_LENGTH)
        .map(|text| text.to_lowercase())
}

fn light(word: &str) -> Result<Light, &'static str> {
    let found = Light::ALL.into_iter().find(|light| light.as_str() == word);
    found.ok_or("must be green, yellow or red")
}

fn sort(word: &str) -> Result<PullRequestSort, &'static str> {
    let found = PullRequestSort::ALL
        .into_iter()
        .find(|sort| sort.as_str() == word);
    found.ok_or("must be updated, created or title")
}

fn order(word: &str) -> Result<SortOrder, &'static str> {
    let orders = [SortOrder::Ascending, SortOrder::Descending];
    let found = orders.into_iter().find(|order| order.as_str() == word);
    found.ok_or("must be asc or desc")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_parameter_is_named() {
        let query = PullRequestsQuery {
            light: Some("blue".into()),
            provider: Some("sourcehut".into()),
            repository_id: Some("7".into()),
            sort: Some("size".into()),
            order: Some("up".into()),
            limit: Some(101),
            ..PullRequestsQuery::default()
        };
        let invalid = query.check().unwrap_err();
        let fields: Vec<_> = invalid.errors().iter().map(|e| e.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "light",
                "provider",
                "repositoryId",
                "sort",
                "order",
                "limit"
            ]
        );
    }

    #[test]
    fn newest_come_first_and_titles_from_a_to_z() {
        let of = |sort: Option<&str>| {
            let query = PullRequestsQuery {
                sort: sort.map(str::to_owned),
                ..PullRequestsQuery::default()
            };
            query.check().unwrap().order
        };
        assert_eq!(of(None), SortOrder::Descending);
        assert_eq!(of(Some("created")), SortOrder::Descending);
        assert_eq!(of(Some("title")), SortOrder::Ascending);
    }
}
