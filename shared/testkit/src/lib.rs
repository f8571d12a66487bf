//! The fake providers, the local cloud and the verbs stories are told with.

pub mod api;
pub mod aws_calls;
pub mod bitbucket;
pub mod captured_log;
pub mod cloud;
pub mod demo;
pub mod demo_owner;
pub mod fake;
pub mod fixtures;
pub mod front_door;
pub mod gitea;
pub mod github;
pub mod gitlab;
pub mod lambda;
pub mod recordings;
pub mod signing;
pub mod stories;
