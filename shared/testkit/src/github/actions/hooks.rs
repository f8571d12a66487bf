//! Registering webhooks, and putting an event on its way to each of them.

use serde_json::{Value, json};

use crate::fake::{Delivery, Problem, hmac_sha256_hex};
use crate::github::events;
use crate::github::model::{DeliveryRecord, Hook, PullRef};
use crate::github::shape;
use crate::github::world::World;

/// How many deliveries a hook remembers.
const REMEMBERED: usize = 200;

/// A webhook to register.
pub struct NewHook {
    /// Where deliveries go.
    pub url: String,
    /// Signs them.
    pub secret: Option<String>,
    /// Subscribed events.
    pub events: Vec<String>,
    /// `json` or `form`.
    pub content_type: String,
    /// Sends from the start.
    pub active: bool,
}

impl World {
    /// Registers a webhook and sends its ping.
    ///
    /// # Errors
    /// [`Problem::Refused`] if the repository has a hook with the same address and events.
    pub fn create_hook(&mut self, repo: u64, new: NewHook, by: &str) -> Result<u64, Problem> {
        let twin = self
            .repo(repo)?
            .hooks
            .values()
            .any(|hook| hook.url == new.url);
        if twin {
            return Err(Problem::refused("Hook already exists on this repository"));
        }
        let now = self.moved_now();
        let id = self.next_id();
        let hook = Hook {
            id,
            url: new.url,
            secret: new.secret,
            events: new.events,
            active: new.active,
            content_type: new.content_type,
            created_at: now,
            updated_at: now,
            deliveries: Vec::new(),
        };
        self.repo_mut(repo)?.hooks.insert(id, hook);
        self.ping_hook(repo, id, by)?;
        Ok(id)
    }

    /// Sends a ping through one hook.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such hook.
    pub fn ping_hook(&mut self, repo: u64, hook: u64, by: &str) -> Result<(), Problem> {
        let target = self.repo(repo)?;
        let found = target.hooks.get(&hook);
        let found = found.ok_or_else(|| Problem::missing(format!("hook {hook}")))?;
        let shown = shape::hook_in_ping(&self.site, target, found);
        let body =
            json!({ "zen": "Approachable is better than simple.", "hook_id": hook, "hook": shown });
        let guid = self.next_guid();
        let body = self.complete_body(repo, by, body)?;
        self.put_in_outbox(repo, hook, &guid, "ping", &body)
    }

    /// Sends a past delivery again: the same GUID and body, signed with the present secret.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such delivery.
    pub fn redeliver(&mut self, repo: u64, hook: u64, delivery: u64) -> Result<(), Problem> {
        let found = self.repo(repo)?.hooks.get(&hook).and_then(|hook| {
            hook.deliveries
                .iter()
                .find(|record| record.delivery.id == delivery)
        });
        let found = found.ok_or_else(|| Problem::missing(format!("delivery {delivery}")))?;
        let mut again = found.delivery.clone();
        again.id = self.next_id();
        let now = self.clock.now();
        let hook = self.repo_mut(repo)?.hooks.get_mut(&hook);
        let hook = hook.ok_or_else(|| Problem::missing("hook"))?;
        again.url.clone_from(&hook.url);
        again.headers = headers(repo, hook, &again.guid, &again.event, &again.body);
        hook.deliveries.push(DeliveryRecord {
            delivery: again.clone(),
            at: now,
            redelivery: true,
            status_code: 0,
        });
        self.outbox.push_back(again);
        Ok(())
    }

    /// Notes what a receiver answered.
    pub(in crate::github) fn note_answer_of(&mut self, delivery: &Delivery, status_code: u16) {
        let now = self.clock.now();
        let Ok(repo) = self.repo_mut(delivery.repo) else {
            return;
        };
        let Some(hook) = repo.hooks.get_mut(&delivery.hook) else {
            return;
        };
        match hook
            .deliveries
            .iter_mut()
            .find(|own| own.delivery.id == delivery.id)
        {
            Some(record) => record.status_code = status_code,
            None => hook.deliveries.push(DeliveryRecord {
                delivery: delivery.clone(),
                at: now,
                redelivery: false,
                status_code,
            }),
        }
        let surplus = hook.deliveries.len().saturating_sub(REMEMBERED);
        hook.deliveries.drain(..surplus);
    }

    /// Sends a `pull_request` event: `body` holds action and number, the rest is added here.
    pub(super) fn emit_pull(
        &mut self,
        at: PullRef,
        by: &str,
        mut body: Value,
    ) -> Result<(), Problem> {
        let (repo, pull) = self.pull(at)?;
        let shown = shape::pull_in_event(self, repo, pull);
        events::put(&mut body, "pull_request", shown);
        self.emit(at.repo, "pull_request", by, body)
    }

    /// Sends an event about a repository to every hook of it that subscribed.
    pub(super) fn emit(
        &mut self,
        repo: u64,
        event: &str,
        by: &str,
        body: Value,
    ) -> Result<(), Problem> {
        let guid = self.next_guid();
        let wanted: Vec<u64> = self
            .repo(repo)?
            .hooks
            .values()
            .filter(|hook| hook.active && hook.wants(event))
            .map(|hook| hook.id)
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let body = self.complete_body(repo, by, body)?;
        for hook in wanted {
            self.put_in_outbox(repo, hook, &guid, event, &body)?;
        }
        Ok(())
    }

    /// Adds repository, organization and sender, which every event carries.
    fn complete_body(&mut self, repo: u64, by: &str, mut body: Value) -> Result<Value, Problem> {
        let sender = self.ensure_user(by);
        events::complete(self, self.repo(repo)?, &sender, &mut body);
        Ok(body)
    }

    fn put_in_outbox(
        &mut self,
        repo: u64,
        hook: u64,
        guid: &str,
        event: &str,
        body: &Value,
    ) -> Result<(), Problem> {
        let id = self.next_id();
        let found = self.repo(repo)?.hooks.get(&hook);
        let found = found.ok_or_else(|| Problem::missing(format!("hook {hook}")))?;
        let text = encode(body, &found.content_type);
        let delivery = Delivery {
            id,
            guid: guid.to_owned(),
            repo,
            hook,
            event: event.to_owned(),
            action: body
                .get("action")
                .and_then(Value::as_str)
                .map(str::to_owned),
            url: found.url.clone(),
            headers: headers(repo, found, guid, event, &text),
            body: text,
        };
        self.outbox.push_back(delivery);
        Ok(())
    }
}

fn encode(body: &Value, content_type: &str) -> String {
    let text = body.to_string();
    if content_type == "form" {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        return form.append_pair("payload", &text).finish();
    }
    text
}

fn headers(repo: u64, hook: &Hook, guid: &str, event: &str, body: &str) -> Vec<(String, String)> {
    let content_type = if hook.content_type == "form" {
        "application/x-www-form-urlencoded"
    } else {
        "application/json"
    };
    let mut headers = vec![
        ("accept", "*/*".to_owned()),
        ("content-type", content_type.to_owned()),
        ("user-agent", "GitHub-Hookshot/044aadd".to_owned()),
        ("x-github-delivery", guid.to_owned()),
        ("x-github-event", event.to_owned()),
        ("x-github-hook-id", hook.id.to_string()),
        ("x-github-hook-installation-target-id", repo.to_string()),
        (
            "x-github-hook-installation-target-type",
            "repository".to_owned(),
        ),
    ];
    if let Some(secret) = &hook.secret {
        headers.push((
            "x-hub-signature-256",
            format!("sha256={}", hmac_sha256_hex(secret, body)),
        ));
    }
    headers
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
