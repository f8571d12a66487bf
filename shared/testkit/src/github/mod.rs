//! A stateful fake GitHub.
//!
//! It keeps users, tokens, repositories, pull requests, reviews, checks and webhooks, answers the
//! REST and GraphQL calls the product makes in GitHub's shapes, and sends the signed webhooks
//! GitHub would send for every change. Time and ids are deterministic. It shares no code with
//! what it tests.
//!
//! Stories drive it with verbs:
//!
//! ```
//! use ampel_testkit::github::FakeGithub;
//!
//! let hub = FakeGithub::in_process();
//! let repo = hub.repository("acme/web");
//! repo.hook("https://ampel.example/webhooks/github/h1", "secret");
//! let pull = repo.open_pull_request("Add login").by("ada").create();
//! pull.approve("grace");
//! pull.check("ci/build").fails();
//! assert!(hub.take_deliveries().iter().any(|delivery| delivery.event == "check_run"));
//! ```

mod actions;
mod demo;
mod events;
mod graphql;
mod hub;
mod judge;
pub mod model;
mod page;
mod rest;
mod shape;
mod story;
mod world;

pub use actions::{MergeRefusal, NewHook, NewPull, NewRepo, NewRun};
pub use hub::FakeGithub;
pub use judge::{Mergeable, Rollup};
pub use story::{CheckStory, OpenPull, PullStory, RepoStory};
pub use world::{Site, World};

pub use crate::fake::{Call, Clock, FaultKind, Matcher, Problem, Request, Response};
