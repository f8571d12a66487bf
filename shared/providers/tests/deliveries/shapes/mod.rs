//! Payloads in the shapes of many years.

mod bitbucket;
mod gitea;
mod github;
