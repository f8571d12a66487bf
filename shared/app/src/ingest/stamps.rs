//! What was seen of a hook's deliveries, told at most once per hook, container and minute.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use ampel_cloud::queues::{Queues, StandardQueue};
use ampel_domain::{
    hooks::{Hook, RefusalReason},
    ids::HookId,
};
use ampel_wire::queue::{HookStampMessage, encode};
use jiff::{SignedDuration, Timestamp};

/// At most one message per hook and container in this time.
const EVERY: SignedDuration = SignedDuration::from_mins(1);

/// How many hooks are remembered; all are forgotten when there are more.
const CAPACITY: usize = 1_000;

/// What was told of a hook, and when.
#[derive(Debug, Clone, Copy, Default)]
struct Told {
    delivered: Option<Timestamp>,
    refused: Option<Timestamp>,
    secret_of: Option<Timestamp>,
}

/// Sends stamps.
#[derive(Debug)]
pub struct Stamps {
    queues: Queues,
    queue: StandardQueue,
    told: Mutex<HashMap<HookId, Told>>,
}

impl Stamps {
    /// Stamps through this queue.
    #[must_use]
    pub fn new(queues: Queues, queue: StandardQueue) -> Self {
        Self {
            queues,
            queue,
            told: Mutex::new(HashMap::new()),
        }
    }

    /// A genuine delivery was seen. The first one under a new secret is told at once: it starts
    /// the grace of the secrets before.
    pub(super) async fn delivered(&self, hook: &Hook, under_current: bool, now: Timestamp) {
        let told = self.told(hook.id);
        let secrets = &hook.secrets;
        let first_use = under_current
            && !secrets.previous.is_empty()
            && secrets.current_first_used_at.is_none()
            && told.secret_of != Some(secrets.rotated_at);
        if !first_use && !is_due(told.delivered, now) {
            return;
        }
        let message = HookStampMessage {
            hook_id: hook.id,
            delivered_at: Some(now),
            refused_at: None,
            refused_because: None,
            current_secret_of: first_use.then_some(secrets.rotated_at),
        };
        let secret_of = if first_use {
            Some(secrets.rotated_at)
        } else {
            told.secret_of
        };
        self.tell(
            message,
            Told {
                delivered: Some(now),
                secret_of,
                ..told
            },
        )
        .await;
    }

    /// A delivery was refused.
    pub(super) async fn refused(&self, hook: HookId, why: RefusalReason, now: Timestamp) {
        let told = self.told(hook);
        if !is_due(told.refused, now) {
            return;
        }
        let message = HookStampMessage {
            hook_id: hook,
            delivered_at: None,
            refused_at: Some(now),
            refused_because: Some(why),
            current_secret_of: None,
        };
        self.tell(
            message,
            Told {
                refused: Some(now),
                ..told
            },
        )
        .await;
    }

    fn told(&self, hook: HookId) -> Told {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.get(&hook).copied().unwrap_or_default()
    }

    /// A stamp that can not be sent is not worth failing a delivery for: the next one tells.
    async fn tell(&self, message: HookStampMessage, told: Told) {
        let sent = match encode(&message) {
            Ok(body) => self
                .queues
                .send(&self.queue, body)
                .await
                .map_err(|e| e.to_string()),
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = sent {
            tracing::warn!(hook.id = %message.hook_id, error, "a hook could not be stamped");
            return;
        }
        let mut all = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= CAPACITY {
            all.clear();
        }
        all.insert(message.hook_id, told);
    }
}

fn is_due(told: Option<Timestamp>, now: Timestamp) -> bool {
    told.is_none_or(|at| now.duration_since(at) >= EVERY)
}
