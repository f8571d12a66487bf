//! Who a token is, and the repositories it can see.

use ampel_domain::{
    accounts::ProviderIdentity,
    provider::{Login, ProviderRepositoryId, ProviderUserId},
    repositories::RepositoryFacts,
    secret::Secret,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::api::{Api, Page, invalid, json};
use crate::{
    ProviderError, RepositoryPage, TokenValidation,
    bitbucket::{
        shape::{Links, Text, User, text},
        words,
    },
    http_client::Answer,
};

pub(super) const READING: &str = "the scopes `read:repository:bitbucket` and \
    `read:pullrequest:bitbucket` (an access token: Repositories and Pull requests, read)";
const KNOWING: &str = "the scope `read:user:bitbucket`";
const LISTING: &str = "the scope `read:workspace:bitbucket` of an API token; with an access token, \
    name the repository instead";
const MOST_PER_PAGE: u32 = 100;
/// Pages of a hundred workspaces that are read at most.
const MOST_WORKSPACE_PAGES: u32 = 10;
/// The UUID of no repository.
const NOBODYS: &str = "{00000000-0000-0000-0000-000000000000}";
/// Hexadecimal digits of its hash that an access token without a person goes by.
const TELLING: usize = 16;

#[derive(Deserialize)]
pub(super) struct Repository<'a> {
    #[serde(borrow)]
    uuid: Text<'a>,
    #[serde(borrow)]
    full_name: Text<'a>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
    #[serde(borrow)]
    links: Option<Links<'a>>,
    #[serde(borrow)]
    mainbranch: Option<MainBranch<'a>>,
    is_private: Option<bool>,
}

/// `null` for an empty repository.
#[derive(Deserialize)]
struct MainBranch<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Membership<'a> {
    #[serde(borrow)]
    workspace: Workspace<'a>,
}

#[derive(Deserialize)]
struct Workspace<'a> {
    #[serde(borrow)]
    slug: Text<'a>,
}

#[derive(Deserialize)]
struct Counted {
    size: Option<u64>,
}

/// Bitbucket tells no token's end. An access token belongs to no person and may not ask who it is;
/// it is refused like one that is none, or for the lack of a scope.
pub(super) async fn validate_credentials(api: &Api) -> Result<TokenValidation, ProviderError> {
    let url = api.url(&["user"])?;
    match (api.get(&url, KNOWING).await, api.access_token()) {
        (Ok(answer), _) => of_person(api, &answer),
        (Err(ProviderError::Permission { .. } | ProviderError::Authentication), Some(token)) => {
            must_be_genuine(api).await?;
            Ok(of_nobody(token))
        }
        (Err(error), _) => Err(error),
    }
}

/// Asks for a repository that nobody has: of that, every genuine token is told.
async fn must_be_genuine(api: &Api) -> Result<(), ProviderError> {
    let nobody = ProviderRepositoryId(NOBODYS.to_owned());
    let url = api.url_by_id(&nobody, &[])?;
    match api.get(&url, READING).await {
        Ok(_) | Err(ProviderError::NotFound | ProviderError::Permission { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

fn of_person(api: &Api, answer: &Answer) -> Result<TokenValidation, ProviderError> {
    let user: User<'_> = json(answer)?;
    let id = words::user_id(&user).ok_or_else(|| invalid("the user has no uuid"))?;
    Ok(TokenValidation {
        identity: ProviderIdentity {
            user_id: ProviderUserId(id.to_owned()),
            login: words::login(Some(&user)),
            email: api.email().map(str::to_owned),
            avatar_url: words::link(user.avatar()),
        },
        is_of_person: true,
        scopes: scopes(answer),
        expires_at: None,
    })
}

fn of_nobody(token: &Secret<String>) -> TokenValidation {
    let hash = hex::encode(Sha256::digest(token.expose()));
    let telling: String = hash.chars().take(TELLING).collect();
    TokenValidation {
        identity: ProviderIdentity {
            user_id: ProviderUserId(format!("access-token-{telling}")),
            login: Login::new("access token"),
            email: None,
            avatar_url: None,
        },
        is_of_person: false,
        scopes: Vec::new(),
        expires_at: None,
    }
}

/// What the token may do, where Bitbucket says.
fn scopes(answer: &Answer) -> Vec<String> {
    answer
        .header("x-oauth-scopes")
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|scope| !scope.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The repositories of all workspaces, one workspace after the other: what listed them across
/// workspaces ended in 2026. A page may be shorter than it could be where a workspace ends.
pub(super) async fn list(
    api: &Api,
    page: u32,
    per_page: u32,
) -> Result<RepositoryPage, ProviderError> {
    let per_page = per_page.clamp(1, MOST_PER_PAGE);
    let mut before = page.max(1) - 1;
    let workspaces = workspaces(api).await?;
    let mut left = workspaces.len();
    for slug in &workspaces {
        left -= 1;
        if before > 0 {
            let pages = pages(api, slug, per_page).await?;
            if before >= pages {
                before -= pages;
                continue;
            }
        }
        let shown = of_workspace(api, slug, before + 1, per_page).await?;
        if !shown.items.is_empty() {
            let has_more = shown.has_more || left > 0;
            return Ok(RepositoryPage { has_more, ..shown });
        }
        before = 0;
    }
    Ok(RepositoryPage {
        items: Vec::new(),
        has_more: false,
    })
}

/// The slugs of the workspaces that the token's owner is in.
async fn workspaces(api: &Api) -> Result<Vec<String>, ProviderError> {
    let mut slugs = Vec::new();
    let mut url = api.url(&["user", "workspaces"])?;
    url.query_pairs_mut().append_pair("pagelen", "100");
    for _page in 0..MOST_WORKSPACE_PAGES {
        let answer = api.get(&url, LISTING).await?;
        let page: Page<'_, Membership<'_>> = json(&answer)?;
        let names = page.values.iter().map(|one| one.workspace.slug.as_str());
        slugs.extend(names.map(str::to_owned));
        match api.next(&page)? {
            Some(next) => url = next,
            None => break,
        }
    }
    slugs.sort();
    Ok(slugs)
}

/// How many pages a workspace has.
async fn pages(api: &Api, slug: &str, per_page: u32) -> Result<u32, ProviderError> {
    let mut url = api.url(&["repositories", slug])?;
    url.query_pairs_mut()
        .append_pair("pagelen", "1")
        .append_pair("fields", "size");
    let answer = api.get(&url, READING).await?;
    let counted: Counted = json(&answer)?;
    let size = counted
        .size
        .ok_or_else(|| invalid("a list does not say how long it is"))?;
    Ok(u32::try_from(size.div_ceil(u64::from(per_page))).unwrap_or(u32::MAX))
}

async fn of_workspace(
    api: &Api,
    slug: &str,
    page: u32,
    per_page: u32,
) -> Result<RepositoryPage, ProviderError> {
    let mut url = api.url(&["repositories", slug])?;
    url.query_pairs_mut()
        .append_pair("sort", "full_name")
        .append_pair("pagelen", &per_page.to_string())
        .append_pair("page", &page.to_string());
    let answer = api.get(&url, READING).await?;
    let shown: Page<'_, Repository<'_>> = json(&answer)?;
    let items: Result<Vec<RepositoryFacts>, ProviderError> =
        shown.values.iter().map(Repository::facts).collect();
    Ok(RepositoryPage {
        items: items?,
        has_more: shown.has_next(),
    })
}

pub(super) async fn by_name(
    api: &Api,
    owner: &str,
    name: &str,
) -> Result<RepositoryFacts, ProviderError> {
    let answer = api
        .get(&api.url(&["repositories", owner, name])?, READING)
        .await?;
    json::<Repository<'_>>(&answer)?.facts()
}

pub(super) async fn by_id(
    api: &Api,
    id: &ProviderRepositoryId,
) -> Result<RepositoryFacts, ProviderError> {
    let answer = answer_by_id(api, id).await?;
    json::<Repository<'_>>(&answer)?.facts()
}

/// What Bitbucket answers about a repository, with its time.
pub(super) async fn answer_by_id(
    api: &Api,
    id: &ProviderRepositoryId,
) -> Result<Answer, ProviderError> {
    api.get(&api.url_by_id(id, &[])?, READING).await
}

impl Repository<'_> {
    pub(super) fn facts(&self) -> Result<RepositoryFacts, ProviderError> {
        let (owner, name) = self
            .full_name
            .as_str()
            .split_once('/')
            .ok_or_else(|| invalid("a repository's full_name has no slash"))?;
        let html = self.links.as_ref().and_then(|links| links.html.as_ref());
        let main = self.mainbranch.as_ref();
        Ok(RepositoryFacts {
            provider_id: ProviderRepositoryId(self.uuid.as_str().to_owned()),
            owner: owner.to_owned(),
            name: name.to_owned(),
            description: text(self.description.as_ref())
                .filter(|description| !description.is_empty())
                .map(str::to_owned),
            url: words::link(html.and_then(|html| html.href.as_ref())).unwrap_or_default(),
            default_branch: main
                .and_then(|branch| text(branch.name.as_ref()))
                .unwrap_or_default()
                .to_owned(),
            is_private: self.is_private.unwrap_or(true),
            // Bitbucket has no archive.
            is_archived: false,
        })
    }
}
