//! Who a token is, and the repositories it can see.

use ampel_domain::{
    accounts::ProviderIdentity,
    provider::{Login, ProviderRepositoryId, ProviderUserId},
    repositories::RepositoryFacts,
};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::Deserialize;

use super::api::{Api, json};
use crate::{ProviderError, RepositoryPage, TokenValidation, http_client::Answer};

const READING: &str = "the scope `repo` (or read access to this repository's metadata and pull \
    requests)";
const MOST_PER_PAGE: u32 = 100;

#[derive(Deserialize)]
struct User {
    id: u64,
    login: String,
    email: Option<String>,
    avatar_url: Option<String>,
}

#[derive(Deserialize)]
struct Owner {
    login: String,
}

#[derive(Deserialize)]
struct Repository {
    id: u64,
    name: String,
    owner: Owner,
    description: Option<String>,
    html_url: String,
    #[serde(default)]
    default_branch: String,
    #[serde(default)]
    private: bool,
    #[serde(default)]
    archived: bool,
}

pub(super) async fn validate_credentials(api: &Api) -> Result<TokenValidation, ProviderError> {
    let answer = api
        .get(&api.url(&["user"])?, "access to your profile")
        .await?;
    let user: User = json(&answer)?;
    Ok(TokenValidation {
        identity: ProviderIdentity {
            user_id: ProviderUserId(user.id.to_string()),
            login: Login::new(&user.login),
            email: user.email,
            avatar_url: user.avatar_url,
        },
        is_of_person: true,
        scopes: scopes(&answer),
        expires_at: answer
            .header("github-authentication-token-expiration")
            .and_then(expiry),
    })
}

/// What a classic token may do; a fine-grained one does not say.
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

/// `2026-12-31 23:00:00 UTC`, or with an offset such as `+0200`.
fn expiry(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(utc) = text.strip_suffix(" UTC") {
        let local: DateTime = utc.parse().ok()?;
        return local
            .to_zoned(TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp());
    }
    Timestamp::strptime("%Y-%m-%d %H:%M:%S %z", text)
        .ok()
        .or_else(|| text.parse().ok())
}

pub(super) async fn list(
    api: &Api,
    page: u32,
    per_page: u32,
) -> Result<RepositoryPage, ProviderError> {
    let mut url = api.url(&["user", "repos"])?;
    url.query_pairs_mut()
        .append_pair("affiliation", "owner,collaborator,organization_member")
        .append_pair("sort", "full_name")
        .append_pair("per_page", &per_page.clamp(1, MOST_PER_PAGE).to_string())
        .append_pair("page", &page.max(1).to_string());
    let answer = api.get(&url, READING).await?;
    let found: Vec<Repository> = json(&answer)?;
    Ok(RepositoryPage {
        items: found.into_iter().map(Repository::facts).collect(),
        has_more: has_next(&answer),
    })
}

/// Whether the `Link` header names a next page (RFC 8288).
pub(super) fn has_next(answer: &Answer) -> bool {
    answer
        .header("link")
        .is_some_and(|links| links.split(',').any(|link| link.contains("rel=\"next\"")))
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

impl Repository {
    fn facts(self) -> RepositoryFacts {
        RepositoryFacts {
            provider_id: ProviderRepositoryId(self.id.to_string()),
            owner: self.owner.login,
            name: self.name,
            description: self.description.filter(|text| !text.is_empty()),
            url: self.html_url,
            default_branch: self.default_branch,
            is_private: self.private,
            is_archived: self.archived,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_write_an_expiry_are_read() {
        let expected: Timestamp = "2026-12-31T22:00:00Z".parse().unwrap();
        assert_eq!(expiry("2026-12-31 22:00:00 UTC"), Some(expected));
        assert_eq!(expiry("2027-01-01 00:00:00 +0200"), Some(expected));
        assert_eq!(expiry("never"), None);
    }

    #[test]
    #[expect(clippy::print_stderr, reason = "says that nothing was compared")]
    fn recorded_users_and_repositories_are_read() {
        let folder = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../../shared/corpus/github/api/"
        );
        let read = |file: &str| std::fs::read(format!("{folder}{file}")).ok();
        let Some(repositories) = read("repos-goscm-repos.json") else {
            eprintln!("skipped: there is no ../shared/corpus");
            return;
        };
        let found: Vec<Repository> = serde_json::from_slice(&repositories).unwrap();
        let golden: serde_json::Value =
            serde_json::from_slice(&read("repos-goscm-repos.golden.json").unwrap()).unwrap();
        for (repository, expected) in found.into_iter().zip(golden.as_array().unwrap()) {
            let facts = repository.facts();
            assert_eq!(expected["ID"], facts.provider_id.0);
            assert_eq!(expected["Namespace"], facts.owner);
            assert_eq!(expected["Name"], facts.name);
            assert_eq!(expected["Branch"], facts.default_branch);
            assert_eq!(expected["Private"], facts.is_private);
        }
        for file in ["repo-atlantis-repo.json", "repo-jxgoscm-repo_create.json"] {
            serde_json::from_slice::<Repository>(&read(file).unwrap()).unwrap();
        }
        let user: User = serde_json::from_slice(&read("user-goscm-user.json").unwrap()).unwrap();
        assert_eq!(user.login, "octocat");
    }
}
