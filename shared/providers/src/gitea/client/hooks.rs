//! Webhooks of a repository.

use std::collections::BTreeMap;

use ampel_domain::{
    hooks::{ShownWebhook, WebhookTest},
    repositories::RepositoryFacts,
    secret::Secret,
};
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    api::{Api, json, to_json},
    pages::{Lack, read_all},
    repositories::check,
};
use crate::ProviderError;

/// Everything a light is computed from. `pull_request` stands for all about pull requests, reviews
/// and comments too; a server that does not know `status` leaves it out.
pub(crate) const EVENTS: [&str; 5] = ["delete", "pull_request", "push", "repository", "status"];
/// What a hook shows of what `EVENTS` subscribe to on every server. `status` is not among them, nor
/// is what servers name in different ways.
const SHOWN: [&str; 6] = [
    "delete",
    "pull_request",
    "pull_request_comment",
    "pull_request_label",
    "pull_request_sync",
    "push",
];
/// One of these stands for reviews.
const REVIEWS: [&str; 2] = ["pull_request_review", "pull_request_review_approved"];
const NEEDS: &str = "the scope `write:repository` and admin access to the repository";
/// Pages of 50 that are looked through at most.
const MOST_PAGES: u32 = 5;

#[derive(Serialize)]
struct NewHook<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    active: bool,
    events: [&'a str; 5],
    config: Config<'a>,
}

#[derive(Serialize)]
struct Config<'a> {
    url: &'a str,
    content_type: &'a str,
    secret: &'a str,
}

#[derive(Deserialize)]
struct Hook {
    id: u64,
    active: Option<bool>,
    events: Option<Vec<String>>,
    config: Option<BTreeMap<String, String>>,
}

impl Hook {
    fn url(&self) -> Option<&str> {
        self.config.as_ref()?.get("url").map(String::as_str)
    }

    fn shown(&self, url: &str) -> ShownWebhook {
        let events = self.events.as_deref().unwrap_or_default();
        let has = |wanted: &&str| events.iter().any(|own| own == wanted);
        ShownWebhook {
            registration: self.id.to_string(),
            url: url.to_owned(),
            is_active: self.active != Some(false),
            is_complete: SHOWN.iter().all(has) && REVIEWS.iter().any(has),
        }
    }
}

/// Registers our hook. Gitea takes the same URL twice, and gives no hook another secret: once the
/// new one is there, it takes the place of those that were, because an earlier answer was lost or
/// a secret changed. In this order no failure leaves the repository without any.
pub(super) async fn register(
    api: &Api,
    repo: &RepositoryFacts,
    url: &str,
    secret: &Secret<String>,
) -> Result<String, ProviderError> {
    check(api, repo).await?;
    let body = to_json(&NewHook {
        kind: "gitea",
        active: true,
        events: EVENTS,
        config: Config {
            url,
            content_type: "json",
            secret: secret.expose(),
        },
    })?;
    let target = api.below(repo, &["hooks"])?;
    let answer = api.change(Method::POST, &target, Some(body), NEEDS).await?;
    let registration = json::<Hook>(&answer)?.id.to_string();
    let all = find(api, repo, url).await?;
    for former in all.iter().filter(|hook| hook.registration != registration) {
        delete(api, repo, &former.registration).await?;
    }
    Ok(registration)
}

/// One that is gone already is fine.
pub(super) async fn delete(
    api: &Api,
    repo: &RepositoryFacts,
    registration: &str,
) -> Result<(), ProviderError> {
    let target = api.below(repo, &["hooks", registration])?;
    match api.change(Method::DELETE, &target, None, NEEDS).await {
        Ok(_) | Err(ProviderError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The hooks with this URL.
pub(super) async fn find(
    api: &Api,
    repo: &RepositoryFacts,
    url: &str,
) -> Result<Vec<ShownWebhook>, ProviderError> {
    let target = api.below(repo, &["hooks"])?;
    let ours = |shown: &Value| {
        let hook = Hook::deserialize(shown)?;
        Ok((hook.url() == Some(url)).then(|| hook.shown(url)))
    };
    let listed = read_all(api, &target, NEEDS, MOST_PAGES, ours).await?;
    match listed.lacks {
        Some(Lack::Refused(error)) => Err(error),
        // It may be ours.
        Some(Lack::Unreadable(why)) => Err(ProviderError::InvalidAnswer { why }),
        Some(Lack::TooLong) | None => Ok(listed.items),
    }
}

/// Gitea sends a push of the default branch as it is.
pub(super) async fn test(
    api: &Api,
    repo: &RepositoryFacts,
    registration: &str,
) -> Result<WebhookTest, ProviderError> {
    let target = api.below(repo, &["hooks", registration, "tests"])?;
    api.change(Method::POST, &target, None, NEEDS).await?;
    Ok(WebhookTest::Sent)
}
