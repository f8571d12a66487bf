//! From a delivery to a queued event.
//!
//! The hook, never the payload, chooses the organization. Nothing else happens here: no table
//! write, no provider call.

mod hooks;
mod stamps;

use ampel_cloud::queues::{FifoQueue, Queues, StandardQueue};
use ampel_domain::{hooks::Hook, ids::HookId, provider::Provider, pulls::ProviderEvent};
use ampel_providers::webhook::{self, ParseError, Parsed, Refusal, VerifiedDelivery};
use ampel_wire::queue::{EventMessage, SyncJob, SyncMessage, encode};
use http::HeaderMap;
use sha2::{Digest, Sha256};

pub use hooks::OpenHooks;
pub use stamps::Stamps;

use crate::{error::AppError, moment::Moments};
use hooks::OpenHook;

/// The largest body that is read. Lambda's own limit for a request is a little above it.
pub const MAX_BODY_BYTES: usize = 4_500_000;

/// Takes deliveries.
#[derive(Debug)]
pub struct Ingest {
    /// Hooks with their secrets open, cached.
    pub hooks: OpenHooks,
    /// What was seen of hooks, sent now and then.
    pub stamps: Stamps,
    /// How messages are sent.
    pub queues: Queues,
    /// Where events go.
    pub events: FifoQueue,
    /// Where a repository is asked to be read again.
    pub sync_queue: StandardQueue,
    /// Time and randomness.
    pub moments: Moments,
}

/// One webhook request.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// The provider in its path.
    pub provider: Provider,
    /// The hook in its path.
    pub hook: HookId,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body, byte for byte.
    pub body: &'a [u8],
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// Its event is queued.
    Queued,
    /// It is genuine and nothing we use.
    Ignored,
    /// It is genuine and about another repository than its hook's: nothing is done.
    Foreign,
    /// It is genuine, should be used and can not be: the repository is read again instead.
    Unusable,
    /// No hook has this id.
    UnknownHook,
    /// Its signature does not verify, or it has none.
    Refused,
    /// It is genuine and not JSON.
    NotJson,
    /// Its body is larger than [`MAX_BODY_BYTES`].
    TooLarge,
}

impl Ingest {
    /// Takes a delivery: two calls at most with a warm cache, one to queue and, once a minute, one
    /// to stamp.
    ///
    /// # Errors
    /// [`AppError`] when it could not be queued: the provider should hear of it.
    pub async fn receive(&self, delivery: Delivery<'_>) -> Result<Receipt, AppError> {
        if delivery.body.len() > MAX_BODY_BYTES {
            return Ok(Receipt::TooLarge);
        }
        let now = self.moments.now();
        let Some(mut open) = self.hooks.get(delivery.hook, now).await? else {
            return Ok(Receipt::UnknownHook);
        };
        if open.hook.provider != delivery.provider {
            return Ok(Receipt::UnknownHook);
        }
        let mut verified = verify(&open, delivery, now);
        if matches!(verified, Err(Refusal::WrongSignature))
            && let Some(fresh) = self.hooks.reread(delivery.hook, now).await?
        {
            open = fresh;
            verified = verify(&open, delivery, now);
        }
        let verified = match verified {
            Ok(verified) => verified,
            Err(refusal) => {
                tracing::info!(
                    hook.id = %delivery.hook, %refusal, metric = "delivery_refused",
                    "a delivery was refused"
                );
                self.stamps
                    .refused(delivery.hook, refusal.into(), now)
                    .await;
                return Ok(Receipt::Refused);
            }
        };
        let receipt = self.take(&open.hook, &verified).await?;
        self.stamps
            .delivered(&open.hook, verified.secret_index == 0, now)
            .await;
        Ok(receipt)
    }

    async fn take(
        &self,
        hook: &Hook,
        delivery: &VerifiedDelivery<'_>,
    ) -> Result<Receipt, AppError> {
        match webhook::parse(delivery) {
            Ok(Parsed::Ignored { .. }) => Ok(Receipt::Ignored),
            Ok(Parsed::Event { repository, .. } | Parsed::Several { repository, .. })
                if repository != hook.provider_repository_id =>
            {
                tracing::warn!(
                    hook.id = %hook.id, metric = "delivery_foreign",
                    "a delivery is about another repository than its hook"
                );
                Ok(Receipt::Foreign)
            }
            Ok(Parsed::Event { event, .. }) => self.queue(hook, delivery, event, None).await,
            Ok(Parsed::Several { events, .. }) => self.queue_all(hook, delivery, events).await,
            Err(ParseError::NotJson) => Ok(Receipt::NotJson),
            // What is wrong with it may quote the payload, so only the event is named.
            Err(ParseError::Unusable { .. }) => {
                tracing::error!(
                    hook.id = %hook.id, delivery.id = delivery.delivery_id,
                    delivery.event = delivery.event, metric = "delivery_unusable", "a delivery can not be used"
                );
                self.read_repository_again(hook).await?;
                Ok(Receipt::Unusable)
            }
        }
    }

    /// Queues what one delivery tells, one after the other. Where it breaks off, the provider is
    /// told so and sends it again; what was queued before is then dropped as known.
    async fn queue_all(
        &self,
        hook: &Hook,
        delivery: &VerifiedDelivery<'_>,
        events: Vec<ProviderEvent>,
    ) -> Result<Receipt, AppError> {
        for (place, event) in events.into_iter().enumerate() {
            self.queue(hook, delivery, event, Some(place)).await?;
        }
        Ok(Receipt::Queued)
    }

    /// Queues an event: the only one of its delivery, or the one in this place.
    async fn queue(
        &self,
        hook: &Hook,
        delivery: &VerifiedDelivery<'_>,
        event: ProviderEvent,
        place: Option<usize>,
    ) -> Result<Receipt, AppError> {
        let message = EventMessage {
            organization_id: hook.organization,
            repository_id: hook.repository,
            hook_id: hook.id,
            delivery_id: delivery.delivery_id.clone(),
            received_at: self.moments.now(),
            event,
        };
        let dedupe = dedupe_id(hook.id, &delivery.delivery_id, place);
        let group = message.group_id();
        self.queues
            .send_fifo(&self.events, encode(&message)?, &group, &dedupe)
            .await?;
        Ok(Receipt::Queued)
    }

    async fn read_repository_again(&self, hook: &Hook) -> Result<(), AppError> {
        let message = SyncMessage::new(hook.organization, hook.repository, SyncJob::EVERYTHING);
        self.queues
            .send(&self.sync_queue, encode(&message)?)
            .await?;
        Ok(())
    }
}

fn verify<'a>(
    open: &OpenHook,
    delivery: Delivery<'a>,
    now: jiff::Timestamp,
) -> Result<VerifiedDelivery<'a>, Refusal> {
    let secrets = open.secrets_in_force(now);
    webhook::verify(
        delivery.provider,
        delivery.headers,
        delivery.body,
        &secrets,
        now,
    )
}

/// One delivery to one hook. GitHub gives one delivery id to every hook that subscribes, so the
/// hook is part of it; so is the place of an event in a delivery that tells several.
fn dedupe_id(hook: HookId, delivery_id: &str, place: Option<usize>) -> String {
    let place = place.map(|place| format!(" {place}")).unwrap_or_default();
    hex::encode(
        Sha256::new()
            .chain_update(hook.to_string())
            .chain_update(delivery_id)
            .chain_update(place)
            .finalize(),
    )
}
