//! A stateful fake Gitea, and Forgejo with it.
//!
//! It keeps users, tokens, repositories, pull requests, reviews, commit statuses and webhooks,
//! answers the REST calls the product makes in Gitea's shapes, and sends the signed webhooks Gitea
//! would send for every change. Time and ids are deterministic. It shares no code with what it
//! tests.
//!
//! What differs from its siblings: a draft is a title that begins with `WIP:`; `mergeable` is
//! false also while Gitea still looks for conflicts; checks are commit statuses, of which webhooks
//! tell only those who ask; reviews are told without their id, dismissed ones and new names of
//! repositories not at all; deliveries look like GitHub's and Gogs's at once; nothing is ever sent
//! twice, and calls have no limits.
//!
//! ```
//! use ampel_testkit::gitea::FakeGitea;
//!
//! let gitea = FakeGitea::in_process();
//! let repo = gitea.repository("acme/web");
//! repo.hook("https://ampel.example/webhooks/gitea/h1", "secret");
//! let pull = repo.open_pull_request("Add login").by("ada").create();
//! pull.approve("grace");
//! let sent = gitea.take_deliveries();
//! assert!(sent.iter().any(|delivery| delivery.event == "pull_request_approved"));
//! ```

mod actions;
mod demo;
mod events;
mod hub;
mod judge;
pub mod model;
mod page;
mod rest;
mod shape;
mod story;
mod world;

pub use actions::{MergeOrder, MergeRefusal, NewHook, NewPull, NewRepo, NewStatus, UpdateRefusal};
pub use events::Event;
pub use hub::FakeGitea;
pub use story::{CheckStory, OpenPull, PullStory, RepoStory};
pub use world::{Flavour, World};
