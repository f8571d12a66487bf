//! A stateful fake GitLab.
//!
//! It keeps users, tokens, projects, merge requests, approvals, pipelines and webhooks, answers
//! the REST (v4) and GraphQL calls the product makes in GitLab's shapes, and sends the webhooks
//! GitLab would send for every change. Time and ids are deterministic. It shares no code with
//! what it tests.
//!
//! A project is called repository here and a merge request pull request, as everywhere in the
//! stories; only what goes over the wire has GitLab's words.
//!
//! ```
//! use ampel_testkit::gitlab::FakeGitlab;
//!
//! let gitlab = FakeGitlab::in_process();
//! let repo = gitlab.repository("acme/web");
//! repo.hook("https://ampel.example/webhooks/gitlab/h1", "secret");
//! let pull = repo.open_pull_request("Add login").by("ada").create();
//! pull.approve("grace");
//! pull.check("build").fails();
//! assert!(gitlab.take_deliveries().iter().any(|delivery| delivery.event == "Pipeline Hook"));
//! ```

mod actions;
mod demo;
mod events;
mod graphql;
mod judge;
pub mod model;

mod page;
mod rest;
mod shape;
mod story;
mod world;

pub use actions::{MergeOrder, MergeRefusal, NewHook, NewPull, NewRepo};
pub use story::{CheckStory, OpenPull, PullStory, RepoStory};
pub use world::{Site, World};

/// A fake GitLab. Clones are handles to the same one; with the last handle its server ends.
pub type FakeGitlab = crate::fake::Fake<World>;
