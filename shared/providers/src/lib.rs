//! The Git providers: what they send and what they answer, turned into the words of the domain.
//!
//! [`webhook`] verifies a delivery over its raw bytes and turns it into our own event.
//! [`GitProvider`] is the one trait behind which the clients stand; [`Providers`] makes them.
//! No type of a provider leaves its module.

mod bitbucket;
mod error;
mod git_provider;
mod gitea;
mod github;
mod gitlab;
mod http_client;
pub mod pacing;
mod providers;
mod text;
pub mod webhook;

pub use error::ProviderError;
pub use git_provider::{GitProvider, PullRequestPage, RepositoryPage, TokenValidation};
pub use providers::Providers;
