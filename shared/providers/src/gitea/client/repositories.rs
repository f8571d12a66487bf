//! Who a token is, and the repositories it can see.

use ampel_domain::{
    accounts::ProviderIdentity,
    provider::{Login, ProviderRepositoryId, ProviderUserId},
    repositories::RepositoryFacts,
};
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    api::{Api, READING, json},
    pages::{PAGE, has_next, numbered},
};
use crate::{ProviderError, RepositoryPage};

#[derive(Deserialize)]
struct User {
    id: u64,
    login: String,
    email: Option<String>,
    avatar_url: Option<String>,
}

#[derive(Deserialize)]
struct Owner {
    login: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Repository {
    id: u64,
    name: Option<String>,
    full_name: String,
    owner: Option<Owner>,
    description: Option<String>,
    html_url: Option<String>,
    default_branch: Option<String>,
    private: Option<bool>,
    /// Seen by everybody who logs in.
    internal: Option<bool>,
    archived: Option<bool>,
    pub(super) allow_merge_commits: Option<bool>,
    pub(super) allow_rebase: Option<bool>,
    pub(super) allow_squash_merge: Option<bool>,
}

pub(super) async fn user(api: &Api) -> Result<ProviderIdentity, ProviderError> {
    let user: User = api
        .get_json(&api.url(&["user"])?, "the scope `read:user`")
        .await?;
    Ok(ProviderIdentity {
        user_id: ProviderUserId(user.id.to_string()),
        login: Login::new(&user.login),
        email: user.email.filter(|email| !email.is_empty()),
        avatar_url: user.avatar_url.filter(|url| !url.is_empty()),
    })
}

/// A server that gives fewer on a page than asked for gives as many fewer on every page.
pub(super) async fn list(
    api: &Api,
    page: u32,
    per_page: u32,
) -> Result<RepositoryPage, ProviderError> {
    let url = numbered(
        api.url(&["user", "repos"])?,
        page.max(1),
        per_page.clamp(1, PAGE),
    );
    let needs = "the scopes `read:user` and `read:repository`";
    let answer = api.get(&url, needs).await?;
    let found: Vec<Repository> = json(&answer)?;
    Ok(RepositoryPage {
        items: found.into_iter().map(|found| found.facts()).collect(),
        has_more: has_next(&answer),
    })
}

pub(super) async fn by_name(
    api: &Api,
    owner: &str,
    name: &str,
) -> Result<RepositoryFacts, ProviderError> {
    let url = api.url(&["repos", owner, name])?;
    let found: Repository = api.get_json(&url, READING).await?;
    Ok(found.facts())
}

pub(super) async fn by_id(
    api: &Api,
    id: &ProviderRepositoryId,
) -> Result<RepositoryFacts, ProviderError> {
    let url = api.url(&["repositories", &id.0])?;
    let found: Repository = api.get_json(&url, READING).await?;
    Ok(found.facts())
}

/// The repository that a tracked one's name leads to, which must be that one; and the provider's
/// time of it.
pub(super) async fn same(
    api: &Api,
    repo: &RepositoryFacts,
) -> Result<(Repository, Timestamp), ProviderError> {
    let answer = api.get(&api.below(repo, &[])?, READING).await?;
    let found: Repository = json(&answer)?;
    if found.id.to_string() == repo.provider_id.0 {
        Ok((found, answer.began_at()?))
    } else {
        Err(ProviderError::NotFound)
    }
}

/// Fails with `NotFound` where a name no longer leads to the repository it led to; answers the
/// provider's time of it.
pub(super) async fn check(api: &Api, repo: &RepositoryFacts) -> Result<Timestamp, ProviderError> {
    same(api, repo).await.map(|(_, date)| date)
}

impl Repository {
    fn facts(&self) -> RepositoryFacts {
        let (of_full, name) = self.full_name.split_once('/').unwrap_or_default();
        let owner = self.owner.as_ref().and_then(|owner| owner.login.as_deref());
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        RepositoryFacts {
            provider_id: ProviderRepositoryId(self.id.to_string()),
            owner: owner.unwrap_or(of_full).to_owned(),
            name: self.name.as_deref().unwrap_or(name).to_owned(),
            description: self.description.clone().filter(|text| !text.is_empty()),
            url: text(&self.html_url),
            default_branch: text(&self.default_branch),
            is_private: self.private == Some(true) || self.internal == Some(true),
            is_archived: self.archived == Some(true),
        }
    }
}
