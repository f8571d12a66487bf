//! Projects: the repositories of GitLab.

use ampel_domain::{provider::ProviderRepositoryId, repositories::RepositoryFacts};
use serde::Deserialize;

use super::api::{Api, READING, has_next, json};
use crate::{ProviderError, RepositoryPage};

const MOST_PER_PAGE: u32 = 100;

/// A project, with what it demands of a merge.
#[derive(Deserialize)]
pub(super) struct Project {
    id: u64,
    path: String,
    path_with_namespace: String,
    description: Option<String>,
    web_url: String,
    default_branch: Option<String>,
    visibility: Option<String>,
    /// What there was before `visibility`.
    public: Option<bool>,
    archived: Option<bool>,
    /// `merge`, `rebase_merge` or `ff`.
    pub(super) merge_method: Option<String>,
    /// `never`, `always`, `default_on` or `default_off`.
    pub(super) squash_option: Option<String>,
    pub(super) only_allow_merge_if_pipeline_succeeds: Option<bool>,
    pub(super) merge_trains_enabled: Option<bool>,
}

impl Project {
    /// The owner is everything before the last slash: groups nest.
    fn facts(self) -> RepositoryFacts {
        let owner = self.path_with_namespace.rsplit_once('/');
        let is_public = match &self.visibility {
            Some(visibility) => visibility == "public",
            None => self.public == Some(true),
        };
        RepositoryFacts {
            provider_id: ProviderRepositoryId(self.id.to_string()),
            owner: owner.map(|(owner, _)| owner.to_owned()).unwrap_or_default(),
            name: owner.map_or(self.path, |(_, name)| name.to_owned()),
            description: self.description.filter(|text| !text.is_empty()),
            url: self.web_url,
            default_branch: self.default_branch.unwrap_or_default(),
            is_private: !is_public,
            is_archived: self.archived == Some(true),
        }
    }
}

pub(super) async fn list(
    api: &Api,
    page: u32,
    per_page: u32,
) -> Result<RepositoryPage, ProviderError> {
    let mut url = api.url(&["projects"])?;
    url.query_pairs_mut()
        .append_pair("membership", "true")
        .append_pair("order_by", "path")
        .append_pair("sort", "asc")
        .append_pair("per_page", &per_page.clamp(1, MOST_PER_PAGE).to_string())
        .append_pair("page", &page.max(1).to_string());
    let answer = api.get(&url, READING).await?;
    let found: Vec<Project> = json(&answer)?;
    Ok(RepositoryPage {
        items: found.into_iter().map(Project::facts).collect(),
        has_more: has_next(&answer),
    })
}

/// By its name; GitLab redirects from a former one.
pub(super) async fn by_name(
    api: &Api,
    owner: &str,
    name: &str,
) -> Result<RepositoryFacts, ProviderError> {
    let url = api.url(&["projects", &format!("{owner}/{name}")])?;
    let found: Project = api.get_json(&url, READING).await?;
    Ok(found.facts())
}

pub(super) async fn by_id(
    api: &Api,
    id: &ProviderRepositoryId,
) -> Result<RepositoryFacts, ProviderError> {
    let url = api.url(&["projects", &id.0])?;
    let found: Project = api.get_json(&url, READING).await?;
    Ok(found.facts())
}

/// The project with what it demands of a merge.
pub(super) async fn project(api: &Api, repo: &RepositoryFacts) -> Result<Project, ProviderError> {
    api.get_json(&api.of_project(repo, &[])?, READING).await
}
