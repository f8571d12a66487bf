//! Webhooks of a project. <https://docs.gitlab.com/api/project_webhooks/>

use ampel_domain::{
    hooks::{ShownWebhook, WebhookTest},
    repositories::RepositoryFacts,
    secret::Secret,
};
use http::Method;
use serde::{Deserialize, Serialize};

use super::api::{Api, has_next, json, to_json};
use crate::{
    ProviderError,
    gitlab::signature::{clear_token, signing_token},
};

pub(super) const NEEDS: &str = "the scope `api` and at least the role Maintainer";
/// A project may have 100 hooks; this many pages of 100 are looked through at most.
const MOST_PAGES: u32 = 5;

/// A hook as we want it. Servers that know no signing token take the rest.
#[derive(Serialize)]
struct Wanted<'a> {
    url: &'a str,
    /// Empty where deliveries are signed: they need not carry it.
    token: &'a str,
    signing_token: &'a str,
    enable_ssl_verification: bool,
    confidential_note_events: bool,
    merge_requests_events: bool,
    note_events: bool,
    pipeline_events: bool,
    push_events: bool,
    push_events_branch_filter: &'a str,
}

#[derive(Deserialize)]
struct Hook {
    id: u64,
    url: Option<String>,
    #[serde(default)]
    signing_token_present: bool,
    #[serde(default)]
    confidential_note_events: bool,
    #[serde(default)]
    merge_requests_events: bool,
    #[serde(default)]
    note_events: bool,
    #[serde(default)]
    pipeline_events: bool,
    #[serde(default)]
    push_events: bool,
    push_events_branch_filter: Option<String>,
    /// `executable`, `temporarily_disabled` or `disabled`.
    alert_status: Option<String>,
    disabled_until: Option<String>,
}

impl Hook {
    fn is_active(&self) -> bool {
        let runs = self.alert_status.as_deref().unwrap_or("executable") == "executable";
        runs && self.disabled_until.is_none()
    }

    fn shown(&self, url: &str) -> ShownWebhook {
        let filter = self
            .push_events_branch_filter
            .as_deref()
            .unwrap_or_default();
        ShownWebhook {
            registration: self.id.to_string(),
            url: url.to_owned(),
            is_active: self.is_active(),
            is_complete: self.confidential_note_events
                && self.merge_requests_events
                && self.note_events
                && self.pipeline_events
                && self.push_events
                && filter.is_empty(),
        }
    }
}

/// Registers our hook. One that is there already under this URL, because an earlier answer was
/// lost, gets the secret and is taken: GitLab would register a second one.
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
    let target = api.of_project(repo, &["hooks"])?;
    let body = to_json(&wanted(url, "", &signing_token(secret.expose())))?;
    let answer = api.change(Method::POST, &target, Some(body), NEEDS).await?;
    let made: Hook = json(&answer)?;
    let registration = made.id.to_string();
    add_token(api, repo, &made, url, secret).await?;
    Ok(registration)
}

/// A server that does not sign has to carry a token: only there is it registered, so that nobody
/// learns from a delivery what an unsigned one could prove itself with.
async fn add_token(
    api: &Api,
    repo: &RepositoryFacts,
    hook: &Hook,
    url: &str,
    secret: &Secret<String>,
) -> Result<(), ProviderError> {
    let Some(token) = clear_token(secret.expose()).filter(|_| !hook.signing_token_present) else {
        return Ok(());
    };
    let target = api.of_project(repo, &["hooks", &hook.id.to_string()])?;
    let body = to_json(&wanted(url, &token, &signing_token(secret.expose())))?;
    api.change(Method::PUT, &target, Some(body), NEEDS)
        .await
        .map(drop)
}

/// GitLab switches a hook on again that it switched off only when a test of it arrives.
pub(super) async fn update(
    api: &Api,
    repo: &RepositoryFacts,
    registration: &str,
    url: &str,
    secret: &Secret<String>,
) -> Result<(), ProviderError> {
    let target = api.of_project(repo, &["hooks", registration])?;
    let body = to_json(&wanted(url, "", &signing_token(secret.expose())))?;
    let answer = api.change(Method::PUT, &target, Some(body), NEEDS).await?;
    let updated: Hook = json(&answer)?;
    add_token(api, repo, &updated, url, secret).await?;
    if updated.is_active() {
        return Ok(());
    }
    try_with(api, repo, registration, "push_events").await
}

/// The hook with this URL.
pub(super) async fn find(
    api: &Api,
    repo: &RepositoryFacts,
    url: &str,
) -> Result<Option<ShownWebhook>, ProviderError> {
    for page in 1..=MOST_PAGES {
        let mut target = api.of_project(repo, &["hooks"])?;
        target
            .query_pairs_mut()
            .append_pair("per_page", "100")
            .append_pair("page", &page.to_string());
        let answer = api.get(&target, NEEDS).await?;
        let hooks: Vec<Hook> = json(&answer)?;
        let ours = |hook: &Hook| hook.url.as_deref() == Some(url);
        if let Some(hook) = hooks.into_iter().find(ours) {
            return Ok(Some(hook.shown(url)));
        }
        if !has_next(&answer) {
            break;
        }
    }
    Ok(None)
}

/// One that is gone already is fine.
pub(super) async fn delete(
    api: &Api,
    repo: &RepositoryFacts,
    registration: &str,
) -> Result<(), ProviderError> {
    let target = api.of_project(repo, &["hooks", registration])?;
    match api.change(Method::DELETE, &target, None, NEEDS).await {
        Ok(_) | Err(ProviderError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Sends what we use most; a project without merge requests has a push to send.
pub(super) async fn test(
    api: &Api,
    repo: &RepositoryFacts,
    registration: &str,
) -> Result<WebhookTest, ProviderError> {
    match try_with(api, repo, registration, "merge_requests_events").await {
        Err(ProviderError::Conflict { .. }) => {
            try_with(api, repo, registration, "push_events").await?;
        }
        outcome => outcome?,
    }
    Ok(WebhookTest::Sent)
}

async fn try_with(
    api: &Api,
    repo: &RepositoryFacts,
    registration: &str,
    trigger: &str,
) -> Result<(), ProviderError> {
    let target = api.of_project(repo, &["hooks", registration, "test", trigger])?;
    api.change(Method::POST, &target, None, NEEDS)
        .await
        .map(drop)
}

fn wanted<'a>(url: &'a str, token: &'a str, signing_token: &'a str) -> Wanted<'a> {
    Wanted {
        url,
        token,
        signing_token,
        enable_ssl_verification: true,
        confidential_note_events: true,
        merge_requests_events: true,
        note_events: true,
        pipeline_events: true,
        push_events: true,
        push_events_branch_filter: "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gitlab::EVENTS;

    #[test]
    fn a_hook_asks_for_the_events_it_is_said_to_and_is_complete_with_no_less() {
        let body = serde_json::to_value(wanted("https://ampel.example", "", "")).unwrap();
        let asked = body.as_object().unwrap().iter();
        let asked: Vec<&str> = asked
            .filter(|(_, value)| value.is_boolean())
            .map(|(name, _)| name.as_str())
            .filter(|name| name.ends_with("_events"))
            .collect();
        assert_eq!(asked, EVENTS);
        let complete = |body: &serde_json::Value| {
            let hook: Hook = serde_json::from_value(body.clone()).unwrap();
            hook.shown("https://ampel.example").is_complete
        };
        let mut shown = body;
        shown["id"] = 1.into();
        assert!(complete(&shown));
        for event in EVENTS {
            let mut less = shown.clone();
            less[event] = false.into();
            assert!(!complete(&less), "{event}");
        }
    }
}
