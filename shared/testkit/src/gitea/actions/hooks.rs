//! Registering webhooks, and putting an event on its way to each of them.

use serde_json::{Value, json};

use crate::fake::{Delivery, Problem, put};
use crate::gitea::events::{Event, Parcel, headers, subscribed};
use crate::gitea::model::{Hook, PullRef};
use crate::gitea::shape;
use crate::gitea::world::World;

/// A webhook to register.
pub struct NewHook {
    /// `gitea`, `gogs`, or on Forgejo `forgejo`.
    pub kind: String,
    /// Where deliveries go.
    pub url: String,
    /// Signs them.
    pub secret: Option<String>,
    /// `json` or `form`.
    pub content_type: String,
    /// The words somebody subscribes by.
    pub events: Vec<String>,
    /// Sent as `Authorization`; empty for none.
    pub authorization_header: String,
    /// Sends from the start.
    pub active: bool,
}

impl World {
    /// Registers a webhook. Nothing is sent for it, and nobody minds a second one at the same
    /// address.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such repository.
    pub fn create_hook(&mut self, repo: u64, new: NewHook) -> Result<u64, Problem> {
        let now = self.moved_now();
        let (id, flavour) = (self.next_id(), self.flavour);
        let hook = Hook {
            id,
            kind: new.kind,
            url: new.url,
            secret: new.secret,
            content_type: new.content_type,
            events: subscribed(&new.events, flavour),
            authorization_header: new.authorization_header,
            active: new.active,
            created_at: now,
            updated_at: now,
            last_status: None,
        };
        self.repo_mut(repo)?.hooks.insert(id, hook);
        Ok(id)
    }

    /// Sends the push a person asked for with "test delivery": the head of the default branch,
    /// from itself to itself, whatever the hook subscribed to.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such hook.
    pub fn test_hook(&mut self, repo: u64, hook: u64, by: &str) -> Result<(), Problem> {
        self.moved_now();
        let target = self.repo(repo)?;
        let branch = target.default_branch.clone();
        let Some(sha) = target.head_of(&branch).map(str::to_owned) else {
            return Ok(());
        };
        let shown = self
            .git
            .get(&sha)
            .map(|commit| shape::payload_commit(self, target, commit));
        let body = json!({
            "ref": format!("refs/heads/{branch}"),
            "before": sha,
            "after": sha,
            "compare_url": "",
            "commits": [shown],
            "total_commits": 1,
            "head_commit": shown,
        });
        let body = self.complete(repo, Event::Push, by, body)?;
        let guid = self.next_guid();
        self.put_in_outbox(repo, hook, &guid, Event::Push, &body)
    }

    /// Notes what a receiver answered. Gitea does nothing about it.
    pub(in crate::gitea) fn note_answer_of(&mut self, delivery: &Delivery, status: u16) {
        let repo = self.repos.get_mut(&delivery.repo);
        if let Some(hook) = repo.and_then(|repo| repo.hooks.get_mut(&delivery.hook)) {
            hook.last_status = Some(status);
        }
    }

    /// Sends an event about a pull request: `body` holds the action, the rest is added here.
    pub(super) fn emit_pull(
        &mut self,
        at: PullRef,
        event: Event,
        by: &str,
        mut body: Value,
    ) -> Result<(), Problem> {
        let (repo, pull) = self.pull(at)?;
        let shown = shape::pull(self, repo, pull);
        put(&mut body, "number", json!(at.number));
        put(&mut body, "pull_request", shown);
        put(&mut body, "commit_id", json!(""));
        for key in ["requested_reviewer", "review"] {
            if body.get(key).is_none() {
                put(&mut body, key, Value::Null);
            }
        }
        self.emit(at.repo, event, by, body)
    }

    /// Sends an event about a repository to every hook of it that subscribed.
    pub(super) fn emit(
        &mut self,
        repo: u64,
        event: Event,
        by: &str,
        body: Value,
    ) -> Result<(), Problem> {
        let wanted: Vec<u64> = self
            .repo(repo)?
            .hooks
            .values()
            .filter(|hook| hook.active && hook.events.contains(event.fine()))
            .map(|hook| hook.id)
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let body = self.complete(repo, event, by, body)?;
        for hook in wanted {
            // Unlike GitHub's, the id names one delivery and not the event.
            let guid = self.next_guid();
            self.put_in_outbox(repo, hook, &guid, event, &body)?;
        }
        Ok(())
    }

    /// Adds repository and sender, which every event carries.
    fn complete(
        &mut self,
        repo: u64,
        event: Event,
        by: &str,
        mut body: Value,
    ) -> Result<Value, Problem> {
        let sender = self.ensure_user(by);
        let shown = shape::repository(self, self.repo(repo)?, Some(by));
        let sender = shape::user(self, &sender);
        if event == Event::Push {
            put(&mut body, "pusher", sender.clone());
        }
        put(&mut body, "repository", shown);
        put(&mut body, "sender", sender);
        Ok(body)
    }

    fn put_in_outbox(
        &mut self,
        repo: u64,
        hook: u64,
        guid: &str,
        event: Event,
        body: &Value,
    ) -> Result<(), Problem> {
        let id = self.next_id();
        let found = self.repo(repo)?.hooks.get(&hook);
        let found = found.ok_or_else(|| Problem::missing(format!("hook {hook}")))?;
        // Bodies are written for people to read, and the signature is over exactly that.
        let payload = serde_json::to_string_pretty(body).unwrap_or_default();
        let parcel = Parcel {
            guid,
            event,
            payload: &payload,
        };
        let delivery = Delivery {
            id,
            guid: guid.to_owned(),
            repo,
            hook,
            event: event.coarse().to_owned(),
            action: body
                .get("action")
                .and_then(Value::as_str)
                .map(str::to_owned),
            url: found.url.clone(),
            headers: headers(self.flavour, found, &parcel),
            body: encode(&payload, &found.content_type),
        };
        self.outbox.push_back(delivery);
        Ok(())
    }
}

/// A form is signed over the payload alone, not over what is sent.
fn encode(payload: &str, content_type: &str) -> String {
    if content_type == "form" {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        return form.append_pair("payload", payload).finish();
    }
    payload.to_owned()
}
