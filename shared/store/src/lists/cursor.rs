//! Cursors: where a page ended.
//!
//! A cursor names a place between two entries, not a number of entries, so what stands still is
//! neither skipped nor shown twice while others move. It is bound to organization, filter and
//! sort by a digest; it shows nothing that its bearer has not been shown, so it is not signed.

use ampel_domain::ids::{OrganizationId, PullRequestId};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ListOrder, ListQuery, ListSort};
use crate::{StoreError, item::corrupt, keys, pulls::OpenPullRequest};

/// Where an entry stands in a list: by what it is ordered by, then by its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Position {
    #[serde(rename = "v")]
    pub(super) value: String,
    #[serde(rename = "i")]
    pub(super) id: PullRequestId,
}

#[derive(Serialize, Deserialize)]
struct Cursor {
    #[serde(rename = "q")]
    list: String,
    #[serde(flatten)]
    position: Position,
}

impl Position {
    /// Where an entry stands.
    pub(super) fn of(entry: &OpenPullRequest, sort: ListSort) -> Self {
        let value = match sort {
            ListSort::Updated => keys::open_position(entry.updated_at, entry.number),
            ListSort::Created => keys::whole_second(entry.created_at),
            ListSort::Title => entry.title.to_lowercase(),
        };
        Self {
            value,
            id: entry.id,
        }
    }

    /// Whether a list of this order can have such a place. Another one would not find anything,
    /// or be refused by the table.
    fn is_of(&self, sort: ListSort) -> bool {
        let is_time = |text: &str, written: fn(Timestamp, &Self) -> String| {
            let time = text.parse::<Timestamp>();
            time.is_ok_and(|time| written(time, self) == self.value)
        };
        match sort {
            ListSort::Updated => self.value.split_once('#').is_some_and(|(time, _number)| {
                is_time(time, |time, place| {
                    keys::open_position(time, place.id.number())
                })
            }),
            ListSort::Created => is_time(&self.value, |time, _place| keys::whole_second(time)),
            ListSort::Title => true,
        }
    }
}

/// The cursor of a place in a list.
pub(super) fn encode(
    organization: OrganizationId,
    query: &ListQuery,
    position: Position,
) -> Result<String, StoreError> {
    let list = list_digest(organization, query);
    let cursor = serde_json::to_vec(&Cursor { list, position })
        .map_err(|error| corrupt("a cursor", &error))?;
    Ok(URL_SAFE_NO_PAD.encode(cursor))
}

/// The place a query's cursor names; `None` at the beginning.
pub(super) fn decode(
    organization: OrganizationId,
    query: &ListQuery,
) -> Result<Option<Position>, StoreError> {
    let Some(text) = &query.cursor else {
        return Ok(None);
    };
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| StoreError::InvalidCursor)?;
    let cursor: Cursor = serde_json::from_slice(&bytes).map_err(|_| StoreError::InvalidCursor)?;
    if cursor.list != list_digest(organization, query) {
        return Err(StoreError::InvalidCursor);
    }
    if !cursor.position.is_of(query.sort) {
        return Err(StoreError::InvalidCursor);
    }
    Ok(Some(cursor.position))
}

/// What a cursor is bound to: all that decides which entries there are, and in which order.
fn list_digest(organization: OrganizationId, query: &ListQuery) -> String {
    let light = query.light.map_or("", |light| light.as_str());
    let provider = query.provider.map_or("", |provider| provider.as_str());
    let repository = query
        .repository
        .map(|id| id.to_string())
        .unwrap_or_default();
    let draft = match query.draft {
        None => "",
        Some(true) => "draft",
        Some(false) => "ready",
    };
    let sort = match query.sort {
        ListSort::Updated => "updated",
        ListSort::Created => "created",
        ListSort::Title => "title",
    };
    let order = match query.order {
        ListOrder::Descending => "desc",
        ListOrder::Ascending => "asc",
    };
    keys::digest(&[
        &organization.to_string(),
        light,
        provider,
        &repository,
        query.author.as_deref().unwrap_or_default(),
        draft,
        query.search.as_deref().unwrap_or_default(),
        sort,
        order,
    ])
    .chars()
    .take(16)
    .collect()
}
