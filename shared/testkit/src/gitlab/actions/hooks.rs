//! Registering webhooks, putting an event on its way to each of them, and giving up on those that
//! fail.

use std::collections::BTreeSet;

use serde_json::Value;

use super::signing::{Envelope, headers};
use crate::fake::{Delivery, Problem, later};
use crate::gitlab::events::Event;
use crate::gitlab::model::{Hook, Sent};
use crate::gitlab::world::World;

/// How many deliveries a hook remembers.
const REMEMBERED: usize = 200;

/// Failures in a row after which a hook is switched off for a minute, and for good.
/// <https://docs.gitlab.com/user/project/integrations/webhooks/#auto-disabled-webhooks>
const FAILURES_TO_PAUSE: u32 = 4;
const FAILURES_TO_DISABLE: u32 = 40;
const LONGEST_PAUSE_SECONDS: i64 = 86_400;

/// A webhook to register.
#[derive(Debug, Clone, Default)]
pub struct NewHook {
    /// Where deliveries go.
    pub url: String,
    /// Sent in clear.
    pub token: Option<String>,
    /// Signs deliveries.
    pub signing_token: Option<String>,
    /// Flags that are on.
    pub events: BTreeSet<String>,
}

/// Where a hook hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::gitlab) enum HookPlace {
    /// On a project.
    Project(u64),
    /// On the whole instance.
    Instance,
}

impl World {
    /// Registers a webhook. GitLab takes the same address twice, and sends no ping.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such project.
    pub fn create_hook(&mut self, repo: u64, new: NewHook) -> Result<u64, Problem> {
        let hook = self.made_hook(new);
        let id = hook.id;
        self.repo_mut(repo)?.hooks.insert(id, hook);
        Ok(id)
    }

    /// Registers a hook of the whole instance.
    pub fn create_system_hook(&mut self, new: NewHook) -> u64 {
        let hook = self.made_hook(new);
        let id = hook.id;
        self.system_hooks.insert(id, hook);
        id
    }

    fn made_hook(&mut self, new: NewHook) -> Hook {
        let now = self.moved_now();
        Hook {
            id: self.next_id(),
            uuid: self.next_uuid(),
            url: new.url,
            token: new.token,
            signing_token: new.signing_token,
            events: new.events,
            disabled: false,
            disabled_until: None,
            failures: 0,
            created_at: now,
            sent: Vec::new(),
        }
    }

    /// Sends an event about a project to every hook of it that subscribed, and to the system
    /// hooks that did.
    pub(in crate::gitlab) fn emit(&mut self, repo: u64, event: &Event) -> Result<(), Problem> {
        let now = self.clock.now();
        let wants = |hook: &&Hook| hook.is_executable(now) && hook.events.contains(event.flag);
        let own = self.repo(repo)?.hooks.values().filter(wants);
        let mut wanted: Vec<(HookPlace, u64)> = own
            .map(|hook| (HookPlace::Project(repo), hook.id))
            .collect();
        let of_instance = self.system_hooks.values().filter(wants);
        wanted.extend(of_instance.map(|hook| (HookPlace::Instance, hook.id)));
        let event_uuid = self.next_uuid();
        for (place, hook) in wanted {
            self.put_in_outbox(repo, place, hook, &event_uuid, event)?;
        }
        Ok(())
    }

    /// Sends an event that only hooks of the instance get.
    pub(in crate::gitlab) fn emit_to_instance(
        &mut self,
        repo: u64,
        event: &Event,
    ) -> Result<(), Problem> {
        let now = self.clock.now();
        let hooks = self.system_hooks.values();
        let wanted: Vec<u64> = hooks
            .filter(|hook| hook.is_executable(now))
            .map(|hook| hook.id)
            .collect();
        let event_uuid = self.next_uuid();
        for hook in wanted {
            self.put_in_outbox(repo, HookPlace::Instance, hook, &event_uuid, event)?;
        }
        Ok(())
    }

    /// Sends an event through one hook, whatever it subscribed.
    pub(in crate::gitlab) fn emit_through(
        &mut self,
        repo: u64,
        hook: u64,
        event: &Event,
    ) -> Result<(), Problem> {
        let event_uuid = self.next_uuid();
        self.put_in_outbox(repo, HookPlace::Project(repo), hook, &event_uuid, event)
    }

    /// Sends a past delivery again: the same key and body, signed with the present token.
    ///
    /// # Errors
    /// [`Problem::Missing`] if there is no such delivery.
    pub fn resend(&mut self, repo: u64, hook: u64, delivery: u64) -> Result<(), Problem> {
        let found = self.repo(repo)?.hooks.get(&hook);
        let found = found.ok_or_else(|| Problem::missing(format!("hook {hook}")))?;
        let past = found.sent.iter().find(|sent| sent.delivery.id == delivery);
        let past = past.ok_or_else(|| Problem::missing(format!("event {delivery}")))?;
        let mut again = past.delivery.clone();
        let event_uuid = again.header("x-gitlab-event-uuid").unwrap_or_default();
        let envelope = Envelope {
            event: &again.event,
            event_uuid,
            key: &again.guid,
            instance: &self.site.html,
            version: &self.version,
            at: self.clock.now(),
        };
        again.headers = headers(found, &envelope, &again.body);
        again.url.clone_from(&found.url);
        again.id = self.next_id();
        self.outbox.push_back(again);
        Ok(())
    }

    /// Notes what a receiver answered, and switches off a hook that fails too often.
    pub(in crate::gitlab) fn note_receiver(&mut self, delivery: &Delivery, status: u16) {
        let now = self.clock.now();
        let switches_off = self.switches_hooks_off;
        let own = self.repos.get_mut(&delivery.repo);
        let own = own.and_then(|repo| repo.hooks.get_mut(&delivery.hook));
        let Some(hook) = own.or_else(|| self.system_hooks.get_mut(&delivery.hook)) else {
            return;
        };
        hook.sent.push(Sent {
            delivery: delivery.clone(),
            at: now,
            status,
        });
        let surplus = hook.sent.len().saturating_sub(REMEMBERED);
        hook.sent.drain(..surplus);
        if (200..300).contains(&status) {
            // Only a test can arrive through a hook that was given up, and revives it.
            hook.failures = 0;
            hook.disabled = false;
            hook.disabled_until = None;
            return;
        }
        hook.failures += 1;
        if switches_off && hook.failures >= FAILURES_TO_DISABLE {
            hook.disabled = true;
        } else if switches_off && hook.failures >= FAILURES_TO_PAUSE {
            let doublings = (hook.failures - FAILURES_TO_PAUSE).min(12);
            let pause = (60_i64 << doublings).min(LONGEST_PAUSE_SECONDS);
            hook.disabled_until = Some(later(now, pause));
        }
    }

    fn put_in_outbox(
        &mut self,
        repo: u64,
        place: HookPlace,
        hook: u64,
        event_uuid: &str,
        event: &Event,
    ) -> Result<(), Problem> {
        let (id, key) = (self.next_id(), self.next_uuid());
        let found = match place {
            HookPlace::Project(repo) => self.repo(repo)?.hooks.get(&hook),
            HookPlace::Instance => self.system_hooks.get(&hook),
        };
        let found = found.ok_or_else(|| Problem::missing(format!("hook {hook}")))?;
        let name = match place {
            HookPlace::Project(_) => event.header,
            HookPlace::Instance => "System Hook",
        };
        let body = event.body.to_string();
        let envelope = Envelope {
            event: name,
            event_uuid,
            key: &key,
            instance: &self.site.html,
            version: &self.version,
            at: self.clock.now(),
        };
        let delivery = Delivery {
            id,
            repo,
            hook,
            event: name.to_owned(),
            action: action_of(&event.body),
            url: found.url.clone(),
            headers: headers(found, &envelope, &body),
            guid: key.clone(),
            body,
        };
        self.outbox.push_back(delivery);
        Ok(())
    }
}

/// The action of a body, or the status of a pipeline's.
fn action_of(body: &Value) -> Option<String> {
    let attributes = body.get("object_attributes")?;
    let action = attributes
        .get("action")
        .or_else(|| attributes.get("status"));
    action.and_then(Value::as_str).map(str::to_owned)
}
