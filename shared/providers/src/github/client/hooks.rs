//! Webhooks of a repository.

use ampel_domain::{hooks::ShownWebhook, repositories::RepositoryFacts, secret::Secret};
use http::Method;
use serde::{Deserialize, Serialize};

use super::{
    api::{Api, json, to_json},
    repositories::{by_id, has_next},
};
use crate::ProviderError;

/// Everything a light is computed from, the conversation, and what becomes of the repository
/// itself; `ping` comes by itself.
pub(crate) const EVENTS: [&str; 8] = [
    "check_run",
    "check_suite",
    "issue_comment",
    "pull_request",
    "pull_request_review",
    "push",
    "repository",
    "status",
];
/// What managing webhooks takes.
pub(super) const NEEDS: &str = "the scope `admin:repo_hook` (fine-grained: Webhooks, read and \
    write) and admin access to the repository";
/// GitHub allows 20 hooks per event; this many pages of 100 are looked through at most.
const MOST_PAGES: u32 = 5;

#[derive(Serialize)]
struct NewHook<'a> {
    name: &'a str,
    active: bool,
    events: [&'a str; 8],
    config: Config<'a>,
}

#[derive(Serialize)]
struct ChangedHook<'a> {
    active: bool,
    events: [&'a str; 8],
    config: Config<'a>,
}

#[derive(Serialize)]
struct Config<'a> {
    url: &'a str,
    content_type: &'a str,
    secret: &'a str,
    insecure_ssl: &'a str,
}

#[derive(Deserialize)]
struct Hook {
    id: u64,
    active: Option<bool>,
    events: Option<Vec<String>>,
    config: Option<HookConfig>,
}

#[derive(Deserialize)]
struct HookConfig {
    url: Option<String>,
}

impl Hook {
    fn shown(&self, url: &str) -> ShownWebhook {
        let events = self.events.as_deref().unwrap_or_default();
        let has = |wanted: &&str| events.iter().any(|own| own == wanted || own == "*");
        ShownWebhook {
            registration: self.id.to_string(),
            url: url.to_owned(),
            is_active: self.active != Some(false),
            is_complete: EVENTS.iter().all(has),
        }
    }
}

/// Registers our hook. One that is there already under this URL, because an earlier answer was
/// lost, gets the secret and is taken.
pub(super) async fn register(
    api: &Api,
    repo: &RepositoryFacts,
    url: &str,
    secret: &Secret<String>,
) -> Result<String, ProviderError> {
    let body = to_json(&NewHook {
        name: "web",
        active: true,
        events: EVENTS,
        config: config(url, secret),
    })?;
    let target = api.of(repo, &["hooks"])?;
    match api.change(Method::POST, &target, Some(body), NEEDS).await {
        Ok(answer) => Ok(json::<Hook>(&answer)?.id.to_string()),
        // Whose token may not manage hooks is told that there are none, though the repository is.
        Err(ProviderError::NotFound) => {
            by_id(api, &repo.provider_id).await?;
            Err(ProviderError::Permission {
                needs: NEEDS.to_owned(),
            })
        }
        Err(ProviderError::Conflict { why }) => {
            let Some(known) = find(api, repo, url).await? else {
                return Err(ProviderError::Conflict { why });
            };
            update(api, repo, &known.registration, url, secret).await?;
            Ok(known.registration)
        }
        Err(error) => Err(error),
    }
}

pub(super) async fn update(
    api: &Api,
    repo: &RepositoryFacts,
    registration: &str,
    url: &str,
    secret: &Secret<String>,
) -> Result<(), ProviderError> {
    let body = to_json(&ChangedHook {
        active: true,
        events: EVENTS,
        config: config(url, secret),
    })?;
    let target = api.of(repo, &["hooks", registration])?;
    api.change(Method::PATCH, &target, Some(body), NEEDS)
        .await
        .map(drop)
}

/// One that is gone already is fine.
pub(super) async fn delete(
    api: &Api,
    repo: &RepositoryFacts,
    registration: &str,
) -> Result<(), ProviderError> {
    let target = api.of(repo, &["hooks", registration])?;
    match api.change(Method::DELETE, &target, None, NEEDS).await {
        Ok(_) | Err(ProviderError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The hook with this URL.
pub(super) async fn find(
    api: &Api,
    repo: &RepositoryFacts,
    url: &str,
) -> Result<Option<ShownWebhook>, ProviderError> {
    for page in 1..=MOST_PAGES {
        let mut target = api.of(repo, &["hooks"])?;
        target
            .query_pairs_mut()
            .append_pair("per_page", "100")
            .append_pair("page", &page.to_string());
        let answer = api.get(&target, NEEDS).await?;
        let hooks: Vec<Hook> = json(&answer)?;
        let ours = |hook: &Hook| {
            let config = hook.config.as_ref();
            config.and_then(|config| config.url.as_deref()) == Some(url)
        };
        if let Some(hook) = hooks.into_iter().find(ours) {
            return Ok(Some(hook.shown(url)));
        }
        if !has_next(&answer) {
            break;
        }
    }
    Ok(None)
}

fn config<'a>(url: &'a str, secret: &'a Secret<String>) -> Config<'a> {
    Config {
        url,
        content_type: "json",
        secret: secret.expose(),
        insecure_ssl: "0",
    }
}
