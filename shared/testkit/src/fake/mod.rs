//! What all fake providers have in common: a world behind a handle, a clock, an HTTP server for
//! calls, a courier for webhooks, faults on command, a record of calls, and just enough of Git.
//!
//! A provider brings a [`FakeWorld`]; [`Fake`] is the handle tests hold.

mod clock;
mod control;
mod courier;
mod deliveries;
mod delivery;
mod faults;
mod git;
mod handle;
mod http;
mod hub;
mod json;
mod names;
mod page;
mod record;
mod server;
mod story;
mod world;

pub use clock::Clock;
pub(crate) use clock::{http_date, later};
pub use delivery::Delivery;
pub use faults::{FaultKind, Matcher};
pub(crate) use git::NewCommit;
pub use git::{Commit, Git};
pub use handle::Fake;
pub(crate) use http::decoded;
pub use http::{Request, Response};
pub(crate) use json::{merge, put, strings};
pub(crate) use names::{branch_name, display_name, guid_of, hmac_sha256_hex, sha1_hex};
pub(crate) use page::{escape, facts, page};
pub use record::Call;
pub(crate) use story::{broken_story, told};
pub use world::{FakeWorld, Problem};
