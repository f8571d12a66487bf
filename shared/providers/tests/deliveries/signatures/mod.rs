//! Only genuine deliveries are taken.

mod bitbucket;
mod gitea;
mod github;
mod gitlab;
