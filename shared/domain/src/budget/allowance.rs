//! What providers allow as long as they say nothing.

use jiff::SignedDuration;

use crate::{instance::InstanceUrl, provider::Provider};

/// So many calls in so long a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// The calls of a window.
    pub calls: u32,
    /// How long a window lasts.
    pub window: SignedDuration,
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);

impl Allowance {
    /// What a provider's documentation says of its public instance, for one account; `None` where
    /// it names no limit. Servers of one's own have none until an administrator sets one (GitHub
    /// Enterprise Server, GitLab) or know none at all (Gitea): their answers tell.
    ///
    /// - GitHub: 5,000 requests per hour, and as many points of GraphQL.
    /// - GitLab.com: 2,000 requests per minute for a signed-in user.
    /// - Bitbucket Cloud: 1,000 requests per hour. Its hour is a rolling one, which is not
    ///   followed: who comes too early is told so and waits.
    #[must_use]
    pub fn documented(provider: Provider, instance: &InstanceUrl) -> Option<Self> {
        let host = instance.as_str().split_once("://")?.1;
        let is = |known: &str| host.eq_ignore_ascii_case(known);
        let (calls, window) = match provider {
            Provider::Github => {
                let hosted = is("github.com") || is("www.github.com") || is("api.github.com");
                let resident = host.to_ascii_lowercase().ends_with(".ghe.com");
                (hosted || resident).then_some((5_000, HOUR))
            }
            Provider::Gitlab => is("gitlab.com").then_some((2_000, SignedDuration::from_mins(1))),
            Provider::Bitbucket => Some((1_000, HOUR)),
            Provider::Gitea => None,
        }?;
        Some(Self { calls, window })
    }
}
