//! Queue messages: tagged, versioned, one enum per queue.
//!
//! A message is `{"v": 1, "kind": "…", …}`. A reader takes every version up to its own; one from
//! the future or of an unknown kind is poison and says so, and goes to the dead letters whole.

mod cleanup;
mod events;
mod hook_stamps;
mod sync;

use serde::{Serialize, de::DeserializeOwned};

pub use cleanup::CleanupMessage;
pub use events::EventMessage;
pub use hook_stamps::HookStampMessage;
pub use sync::{SyncJob, SyncMessage};

/// The version that is written today.
pub const VERSION: u32 = 1;

/// Why a body is no message. Final: it will not get better by trying again.
#[derive(Debug, thiserror::Error)]
pub enum InvalidMessage {
    /// Not JSON, or not of the shape of any message of this queue.
    #[error("the message can not be read: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Written by a newer release.
    #[error("the message has version {0}; this release reads up to {VERSION}")]
    FromTheFuture(u32),
}

#[derive(Serialize, serde::Deserialize)]
struct Versioned<T> {
    v: u32,
    #[serde(flatten)]
    message: T,
}

#[derive(serde::Deserialize)]
struct VersionOnly {
    v: u32,
}

/// The body of a message.
///
/// # Errors
/// Fails only for a type whose `Serialize` does.
pub fn encode<T: Serialize>(message: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Versioned {
        v: VERSION,
        message,
    })
}

/// The message of a body.
///
/// # Errors
/// [`InvalidMessage`]: final.
pub fn decode<T: DeserializeOwned>(body: &str) -> Result<T, InvalidMessage> {
    let VersionOnly { v } = serde_json::from_str(body)?;
    if v > VERSION {
        return Err(InvalidMessage::FromTheFuture(v));
    }
    Ok(serde_json::from_str::<Versioned<T>>(body)?.message)
}
