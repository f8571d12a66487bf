//! Registering webhooks, and putting an event on its way to each of them.

use serde_json::Value;

use crate::bitbucket::events;
use crate::bitbucket::model::Hook;
use crate::bitbucket::world::World;
use crate::fake::{Delivery, Problem, hmac_sha256_hex, http_date};

/// Payloads larger than this are dropped, and nobody is told
/// (support.atlassian.com, "Troubleshoot webhooks").
const LARGEST_PAYLOAD: usize = 256 * 1024;

/// So often a delivery is tried: Bitbucket sends it two more times where the first attempt failed
/// (support.atlassian.com, "Event payloads", on `X-Attempt-Number`).
const ATTEMPTS: u32 = 3;

/// A webhook to register.
pub struct NewHook {
    /// What its maker writes about it.
    pub description: String,
    /// Where deliveries go.
    pub url: String,
    /// Signs them.
    pub secret: Option<String>,
    /// Subscribed events.
    pub events: Vec<String>,
    /// Sends from the start.
    pub active: bool,
}

impl World {
    /// Registers a webhook. Bitbucket sends no ping.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn create_hook(&mut self, repo: u64, new: NewHook) -> Result<u64, Problem> {
        let now = self.moved_now();
        let id = self.next_id();
        let uuid = self.next_uuid();
        let hook = Hook {
            id,
            uuid: format!("{{{uuid}}}"),
            description: new.description,
            url: new.url,
            secret: new.secret,
            events: new.events,
            active: new.active,
            created_at: now,
            dropped: 0,
        };
        self.repo_mut(repo)?.hooks.insert(id, hook);
        Ok(id)
    }

    /// Sends a delivery again that its receiver did not take (a 5xx, or no answer; 0 stands for
    /// none), with the same `X-Request-UUID` and the next attempt's number.
    pub(in crate::bitbucket) fn try_again(&mut self, delivery: &Delivery, status: u16) {
        let attempt: u32 = delivery
            .header("x-attempt-number")
            .and_then(|text| text.parse().ok())
            .unwrap_or(ATTEMPTS);
        let failed = status == 0 || status >= 500;
        if !failed || attempt >= ATTEMPTS {
            return;
        }
        let mut again = delivery.clone();
        again.id = self.next_id();
        for (name, value) in &mut again.headers {
            if name == "x-attempt-number" {
                *value = (attempt + 1).to_string();
            }
        }
        self.outbox.push_back(again);
    }

    /// Sends an event about a repository to every hook of it that subscribed; repository and actor
    /// are added to `body`.
    pub(in crate::bitbucket) fn emit(
        &mut self,
        repo: u64,
        event: &str,
        by: &str,
        mut body: Value,
    ) -> Result<(), Problem> {
        let actor = self.ensure_user(by);
        let target = self.repo(repo)?;
        let wanted: Vec<Hook> = target
            .hooks
            .values()
            .filter(|hook| hook.wants(event))
            .cloned()
            .collect();
        events::complete(self, target, &actor, &mut body);
        let text = body.to_string();
        for hook in wanted {
            self.put_in_outbox(repo, &hook, event, &text)?;
        }
        Ok(())
    }

    fn put_in_outbox(
        &mut self,
        repo: u64,
        hook: &Hook,
        event: &str,
        text: &str,
    ) -> Result<(), Problem> {
        if text.len() > LARGEST_PAYLOAD {
            let own = self.repo_mut(repo)?.hooks.get_mut(&hook.id);
            if let Some(own) = own {
                own.dropped += 1;
            }
            return Ok(());
        }
        let (id, request) = (self.next_id(), self.next_uuid());
        let headers = self.headers(hook, event, &request, text);
        self.outbox.push_back(Delivery {
            id,
            guid: request,
            repo,
            hook: hook.id,
            event: event.to_owned(),
            action: None,
            url: hook.url.clone(),
            headers,
            body: text.to_owned(),
        });
        Ok(())
    }

    fn headers(
        &self,
        hook: &Hook,
        event: &str,
        request: &str,
        body: &str,
    ) -> Vec<(String, String)> {
        let hook_uuid = hook.uuid.trim_matches(['{', '}']);
        let mut headers = vec![
            ("content-type", "application/json".to_owned()),
            ("user-agent", "Bitbucket-Webhooks/2.0".to_owned()),
            ("x-attempt-number", "1".to_owned()),
            ("x-event-key", event.to_owned()),
            ("x-event-time", http_date(self.clock.now())),
            ("x-hook-uuid", hook_uuid.to_owned()),
            ("x-request-uuid", request.to_owned()),
        ];
        if let Some(secret) = &hook.secret {
            let mark = hmac_sha256_hex(secret, body);
            headers.push(("x-hub-signature", format!("sha256={mark}")));
        }
        headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}
