//! Gitea's JSON: what REST answers and webhooks carry, key by key. The two share their shapes.

mod commit;
mod hook;
mod pull;
mod repository;
mod review;
mod user;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use serde_json::{Value, json};

pub use commit::{
    combined_status, commit, compare, compare_url, payload_commit, status, target_url,
};
pub use hook::hook;
pub use pull::{comment, issue, pull};
pub use repository::{branch, protection, repository};
pub use review::review;
pub use user::{email_of, user};

/// How the `Go` language writes "no time".
pub const NO_TIME: &str = "0001-01-01T00:00:00Z";

/// A time as Gitea writes it: in the server's own zone, here one hour east of Greenwich.
pub fn time(at: Timestamp) -> Value {
    let zone = TimeZone::fixed(Offset::constant(1));
    json!(
        at.to_zoned(zone)
            .strftime("%Y-%m-%dT%H:%M:%S%:z")
            .to_string()
    )
}

/// A time, or null.
pub fn maybe_time(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, time)
}
