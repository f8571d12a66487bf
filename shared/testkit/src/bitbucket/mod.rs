//! A stateful fake Bitbucket Cloud.
//!
//! It keeps people, workspaces, tokens, repositories, pull requests, build statuses and webhooks,
//! answers the REST 2.0 calls the product makes in Bitbucket's shapes, and sends the signed
//! webhooks Bitbucket would send for every change. Time and ids are deterministic. It shares no
//! code with what it tests.
//!
//! Its quirks are Bitbucket's: pages of 10, hashes of 12 characters in pull requests, conflicts
//! that only a trial merge tells, merges that end in a task to poll, payloads over 256 KB that
//! are dropped without a word, pull requests that stay declined.
//!
//! Stories drive it with verbs:
//!
//! ```
//! use ampel_testkit::bitbucket::FakeBitbucket;
//!
//! let cloud = FakeBitbucket::in_process();
//! let repo = cloud.repository("acme/web");
//! repo.hook("https://ampel.example/webhooks/bitbucket/h1", "secret");
//! let pull = repo.open_pull_request("Add login").by("ada").create();
//! pull.approve("grace");
//! pull.check("ci/build").fails();
//! let events: Vec<_> = cloud.take_deliveries().into_iter().map(|sent| sent.event).collect();
//! assert!(events.contains(&"repo:commit_status_created".to_owned()));
//! ```

mod actions;
mod cloud;
mod demo;
mod events;
mod judge;
pub mod model;
mod page;
mod rest;
mod shape;
mod story;
mod world;

pub use actions::{MergeOrder, MergeRefusal, NewHook, NewPull, NewStatus};
pub use cloud::FakeBitbucket;
pub use story::{CheckStory, OpenPull, PullStory, RepoStory};
pub use world::{Site, World};

pub use crate::fake::{Call, Clock, Delivery, FaultKind, Matcher, Problem, Request, Response};
