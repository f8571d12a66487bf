//! Lists, page by page.

use jiff::Timestamp;
use reqwest::Url;
use serde_json::Value;

use super::api::{Api, Read, json};
use crate::{ProviderError, gitea::shape::Unusable, http_client::Answer};

/// Items per page: what a server gives at most unless it is told otherwise
/// (`MAX_RESPONSE_ITEMS`).
pub(super) const PAGE: u32 = 50;

/// A list, read as far as could be.
pub(super) struct Listed<T> {
    /// The provider's time at the start of the first page.
    pub(super) date: Timestamp,
    /// Its items.
    pub(super) items: Vec<T>,
    /// Why it is not all of them.
    pub(super) lacks: Option<Lack>,
}

/// Why a list is not whole.
pub(super) enum Lack {
    /// The token may not read it, or there is no such thing.
    Refused(ProviderError),
    /// One of its items can not be read; this is what was wrong with it.
    Unreadable(String),
    /// It is longer than we read.
    TooLong,
}

/// Puts the number of a page into a URL.
pub(super) fn numbered(mut url: Url, page: u32, limit: u32) -> Url {
    url.query_pairs_mut()
        .append_pair("page", &page.to_string())
        .append_pair("limit", &limit.to_string());
    url
}

/// Whether the `Link` header names a next page (RFC 8288).
pub(super) fn has_next(answer: &Answer) -> bool {
    answer
        .header("link")
        .is_some_and(|links| links.split(',').any(|link| link.contains("rel=\"next\"")))
}

/// How many items there are on all pages.
pub(super) fn total(answer: &Answer) -> Option<u64> {
    answer.header("x-total-count")?.trim().parse().ok()
}

/// What a page lists. A list of nothing may be `null`.
pub(super) fn values(answer: &Answer) -> Result<Vec<Value>, ProviderError> {
    let listed: Option<Vec<Value>> = json(answer)?;
    Ok(listed.unwrap_or_default())
}

/// Reads a list to its last page. `item` makes of what stands in it an item, or `None` of what does
/// not matter. One that it can not read takes nothing away from the others; the list then lacks it.
///
/// Some lists have no `Link`, and their total counts what is not shown: such a list ends with an
/// empty page.
pub(super) async fn read_all<T>(
    api: &Api,
    url: &Url,
    needs: &str,
    most_pages: u32,
    item: impl Fn(&Value) -> Result<Option<T>, Unusable>,
) -> Result<Listed<T>, ProviderError> {
    let mut date = None;
    let mut items = Vec::new();
    let mut unreadable = None;
    let mut seen = 0;
    for page in 1..=most_pages {
        let answer = match api.read(&numbered(url.clone(), page, PAGE), needs).await? {
            Read::Answered(answer) => answer,
            Read::Refused { error, date: now } => {
                return Ok(Listed {
                    date: date.unwrap_or(now),
                    items,
                    lacks: Some(Lack::Refused(error)),
                });
            }
        };
        let began_at = match date {
            Some(date) => date,
            None => answer.began_at()?,
        };
        date = Some(began_at);
        let shown = values(&answer)?;
        let is_empty = shown.is_empty();
        seen += shown.len() as u64;
        for value in &shown {
            match item(value) {
                Ok(read) => items.extend(read),
                Err(odd) => unreadable = Some(Lack::Unreadable(odd.to_string())),
            }
        }
        let more = total(&answer).is_some_and(|total| seen < total);
        if !has_next(&answer) && (is_empty || !more) {
            return Ok(Listed {
                date: began_at,
                items,
                lacks: unreadable,
            });
        }
    }
    let date = date.ok_or_else(|| ProviderError::InvalidAnswer {
        why: "no page of a list was read".to_owned(),
    })?;
    Ok(Listed {
        date,
        items,
        lacks: Some(Lack::TooLong),
    })
}

impl Lack {
    /// What to tell the person who reads the light. `what` is the subject of the sentence.
    pub(super) fn sentence(&self, what: &str) -> String {
        match self {
            Self::Refused(ProviderError::Permission { needs }) => {
                format!("the token may not read {what}. Give it {needs}.")
            }
            Self::Refused(_) => {
                format!("Gitea shows no {what} here; they are read again at the next reconcile.")
            }
            Self::Unreadable(why) => {
                format!("one of the {what} is shown in a way that Ampel can not read: {why}.")
            }
            Self::TooLong => format!("there are more {what} than Ampel reads."),
        }
    }
}
