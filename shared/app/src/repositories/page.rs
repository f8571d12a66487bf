//! Pages of the list of repositories.
//!
//! One query reads them all, so a page is a cut of what was read. Its cursor names a place between
//! two names, so what stands still is neither skipped nor shown twice while others come and go.

use ampel_domain::{
    ids::{OrganizationId, RepositoryId},
    repositories::Repository,
    tenancy::Caller,
};
use ampel_wire::api::{Invalid, Page, repositories::RepositoriesPage};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::Repositories;
use crate::refusal::Refusal;

/// Where a repository stands in the list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Position {
    /// In lower case: people do not look for upper case.
    #[serde(rename = "l")]
    lower: String,
    #[serde(rename = "n")]
    name: String,
    #[serde(rename = "i")]
    id: RepositoryId,
}

#[derive(Serialize, Deserialize)]
struct Cursor {
    #[serde(rename = "o")]
    organization: OrganizationId,
    #[serde(flatten)]
    after: Position,
}

impl Position {
    fn of(repository: &Repository) -> Self {
        let name = repository.facts.full_name();
        Self {
            lower: name.to_lowercase(),
            name,
            id: repository.id,
        }
    }
}

/// By full name without regard to case, as people look for them.
pub(crate) fn sort_by_full_name(repositories: &mut [Repository]) {
    repositories.sort_by_cached_key(Position::of);
}

impl Repositories {
    /// A page of the repositories of the caller's organization, by full name.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for a cursor of another list, [`Refusal::Unavailable`].
    pub async fn page(
        &self,
        caller: Caller,
        wanted: &RepositoriesPage,
    ) -> Result<Page<Repository>, Refusal> {
        let after = match &wanted.cursor {
            Some(cursor) => Some(position(caller.organization, cursor)?),
            None => None,
        };
        let mut items = self.store.repositories(caller.organization).await?;
        sort_by_full_name(&mut items);
        items.retain(|repository| {
            after
                .as_ref()
                .is_none_or(|after| Position::of(repository) > *after)
        });
        let more = items.len() > wanted.limit.get();
        items.truncate(wanted.limit.get());
        let next_cursor = match items.last() {
            Some(last) if more => Some(cursor(caller.organization, last)?),
            Some(_) | None => None,
        };
        Ok(Page { items, next_cursor })
    }
}

fn cursor(organization: OrganizationId, last: &Repository) -> Result<String, Refusal> {
    let after = Position::of(last);
    let text = serde_json::to_vec(&Cursor {
        organization,
        after,
    })
    .map_err(|error| Refusal::internal(error.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(text))
}

fn position(organization: OrganizationId, cursor: &str) -> Result<Position, Refusal> {
    let read = || -> Option<Cursor> {
        let text = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        serde_json::from_slice(&text).ok()
    };
    read()
        .filter(|cursor| cursor.organization == organization)
        .map(|cursor| cursor.after)
        .ok_or_else(|| Invalid::field("cursor", "does not belong to this list").into())
}
