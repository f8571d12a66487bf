//! What the demo shows, provider by provider.

mod bitbucket;
mod gitea;
mod github;
mod github_pulls;
mod gitlab;

pub(crate) use bitbucket::BITBUCKET;
pub(crate) use gitea::GITEA;
pub(crate) use github::GITHUB;
pub(crate) use gitlab::GITLAB;
