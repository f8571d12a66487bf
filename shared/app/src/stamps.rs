//! Recording what was seen of a hook's deliveries.

use ampel_domain::hooks::{RefusalReason, RefusedDelivery};
use ampel_store::{HookStamp, Store};
use ampel_wire::queue::HookStampMessage;

use crate::error::AppError;

/// Records what a message says of a hook. Repeating it, or an older one, changes nothing; nor does
/// one about a hook that is gone.
///
/// # Errors
/// What the table says.
pub async fn record(store: &Store, message: HookStampMessage) -> Result<(), AppError> {
    let HookStampMessage {
        hook_id,
        delivered_at,
        refused_at,
        refused_because,
        current_secret_of,
    } = message;
    if let Some(at) = delivered_at {
        store.stamp_hook(hook_id, HookStamp::Delivered(at)).await?;
    }
    if let Some(at) = refused_at {
        // Messages of before tell no reason; a signature that did not match is the usual one.
        let why = refused_because.unwrap_or(RefusalReason::WrongSignature);
        let refused = RefusedDelivery { at, why };
        store
            .stamp_hook(hook_id, HookStamp::Refused(refused))
            .await?;
    }
    if let Some(rotated_at) = current_secret_of {
        // Only a delivery tells it, so it has a time; without one the grace begins with the secret.
        let first_used = delivered_at.unwrap_or(rotated_at);
        store
            .secret_first_used(hook_id, rotated_at, first_used)
            .await?;
    }
    Ok(())
}
