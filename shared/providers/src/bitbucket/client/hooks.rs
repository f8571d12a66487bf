//! Webhooks of a repository. Bitbucket sends no test delivery and lists none by its API.

use ampel_domain::{
    hooks::{ShownWebhook, WebhookTest},
    repositories::RepositoryFacts,
    secret::Secret,
};
use http::Method;
use serde::{Deserialize, Serialize};

use super::api::{Api, Page, json, to_json};
use crate::{
    ProviderError,
    bitbucket::{
        payload::EVENTS,
        shape::{Text, text},
    },
};

const NEEDS: &str = "the scopes `read:webhook:bitbucket`, `write:webhook:bitbucket` and \
    `delete:webhook:bitbucket` (an access token: Webhooks, read and write) and admin access to the \
    repository";
/// Bitbucket allows fifty webhooks; this many pages of 100 are looked through at most.
const MOST_PAGES: u32 = 5;

#[derive(Serialize)]
struct Described<'a> {
    description: &'a str,
    url: &'a str,
    active: bool,
    events: [&'a str; EVENTS.len()],
    secret: &'a str,
    skip_cert_verification: bool,
}

#[derive(Deserialize)]
pub(super) struct Hook<'a> {
    #[serde(borrow)]
    uuid: Text<'a>,
    #[serde(borrow)]
    url: Option<Text<'a>>,
    active: Option<bool>,
    #[serde(borrow)]
    events: Option<Vec<Text<'a>>>,
    /// Without a secret nothing is signed, and nothing taken.
    secret_set: Option<bool>,
}

impl Hook<'_> {
    pub(super) fn shown(&self) -> ShownWebhook {
        let events = self.events.as_deref().unwrap_or_default();
        let has = |wanted: &&str| events.iter().any(|own| own.as_str() == *wanted);
        ShownWebhook {
            registration: self.uuid.as_str().to_owned(),
            url: text(self.url.as_ref()).unwrap_or_default().to_owned(),
            is_active: self.active != Some(false),
            is_complete: EVENTS.iter().all(has) && self.secret_set != Some(false),
        }
    }
}

/// Registers our hook. Bitbucket takes a second one with the same URL, so one that is there
/// already, because an earlier answer was lost, is looked for first and taken.
pub(super) async fn register(
    api: &Api,
    repo: &RepositoryFacts,
    url: &str,
    secret: &Secret<String>,
) -> Result<String, ProviderError> {
    if let Some(known) = find(api, repo, url).await? {
        update(api, repo, &known.registration, url, secret).await?;
        return Ok(known.registration);
    }
    let body = to_json(&described(url, secret))?;
    let target = api.url_in(repo, &["hooks"])?;
    let answer = api.change(Method::POST, &target, Some(body), NEEDS).await?;
    let made: Hook<'_> = json(&answer)?;
    Ok(made.uuid.as_str().to_owned())
}

pub(super) async fn update(
    api: &Api,
    repo: &RepositoryFacts,
    registration: &str,
    url: &str,
    secret: &Secret<String>,
) -> Result<(), ProviderError> {
    let body = to_json(&described(url, secret))?;
    let target = api.url_in(repo, &["hooks", registration])?;
    api.change(Method::PUT, &target, Some(body), NEEDS)
        .await
        .map(drop)
}

/// One that is gone already is fine.
pub(super) async fn delete(
    api: &Api,
    repo: &RepositoryFacts,
    registration: &str,
) -> Result<(), ProviderError> {
    let target = api.url_in(repo, &["hooks", registration])?;
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
    let mut target = api.url_in(repo, &["hooks"])?;
    target.query_pairs_mut().append_pair("pagelen", "100");
    for _page in 0..MOST_PAGES {
        let answer = api.get(&target, NEEDS).await?;
        let page: Page<'_, Hook<'_>> = json(&answer)?;
        let ours = |hook: &&Hook<'_>| text(hook.url.as_ref()) == Some(url);
        if let Some(hook) = page.values.iter().find(ours) {
            return Ok(Some(hook.shown()));
        }
        match api.next(&page)? {
            Some(next) => target = next,
            None => break,
        }
    }
    Ok(None)
}

/// Bitbucket can not be asked for a delivery: what can be told is that the hook is there and on.
pub(super) async fn test(
    api: &Api,
    repo: &RepositoryFacts,
    registration: &str,
) -> Result<WebhookTest, ProviderError> {
    let target = api.url_in(repo, &["hooks", registration])?;
    let answer = api.get(&target, NEEDS).await?;
    let hook: Hook<'_> = json(&answer)?;
    if hook.shown().is_active {
        Ok(WebhookTest::NotOffered)
    } else {
        Err(ProviderError::Conflict {
            why: "The webhook is switched off.".to_owned(),
        })
    }
}

fn described<'a>(url: &'a str, secret: &'a Secret<String>) -> Described<'a> {
    Described {
        description: "Ampel",
        url,
        active: true,
        events: EVENTS,
        secret: secret.expose(),
        skip_cert_verification: false,
    }
}
