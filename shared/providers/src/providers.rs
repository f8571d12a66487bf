//! Where clients come from.

use std::sync::Arc;

use ampel_domain::{
    budget::Allowance,
    instance::{AddressRules, InstanceUrl},
    provider::Provider,
    secret::Secret,
};

use crate::{
    GitProvider, ProviderError,
    bitbucket::{self, BitbucketClient},
    gitea::{self, GiteaClient},
    github::{self, GithubClient},
    gitlab::{self, GitlabClient},
    http_client::HttpClient,
    pacing::Pacer,
};

/// Makes clients. Holds the connections they share; made once per process, cheap to clone.
#[derive(Debug, Clone)]
pub struct Providers {
    http: HttpClient,
}

impl Providers {
    /// Clients that connect only to what `rules` allow.
    ///
    /// # Errors
    /// `Unavailable` when the process has no usable TLS configuration.
    pub fn new(rules: AddressRules) -> Result<Self, ProviderError> {
        Ok(Self {
            http: HttpClient::new(rules)?,
        })
    }

    /// The client of a provider instance for one token. Every call of it goes past `pacer`, which
    /// is that of the token's account.
    ///
    /// # Errors
    /// `RefusedUrl` for an instance we do not connect to.
    pub fn client(
        &self,
        provider: Provider,
        instance: &InstanceUrl,
        token: Secret<String>,
        pacer: Arc<dyn Pacer>,
    ) -> Result<Box<dyn GitProvider>, ProviderError> {
        let http = self.http.paced(provider, pacer);
        match provider {
            Provider::Github => Ok(Box::new(GithubClient::new(http, instance, token)?)),
            Provider::Gitlab => Ok(Box::new(GitlabClient::new(http, instance, token)?)),
            Provider::Bitbucket => Ok(Box::new(BitbucketClient::new(http, instance, token)?)),
            Provider::Gitea => Ok(Box::new(GiteaClient::new(http, instance, token)?)),
        }
    }

    /// What is sealed and used as the token of an account. A Bitbucket API token counts only beside
    /// the e-mail address of its Atlassian account; everywhere else the token stands alone.
    #[must_use]
    pub fn credential(
        provider: Provider,
        username: Option<&str>,
        token: Secret<String>,
    ) -> Secret<String> {
        match (provider, username) {
            (Provider::Bitbucket, Some(username)) => {
                Secret::new(format!("{username}:{}", token.expose()))
            }
            (Provider::Bitbucket, None)
            | (Provider::Github | Provider::Gitlab | Provider::Gitea, _) => token,
        }
    }

    /// The public instance of a provider; for Gitea and Forgejo, Codeberg.
    #[must_use]
    pub fn default_instance(provider: Provider) -> InstanceUrl {
        InstanceUrl::well_known(match provider {
            Provider::Github => "https://github.com",
            Provider::Gitlab => "https://gitlab.com",
            Provider::Bitbucket => "https://bitbucket.org",
            Provider::Gitea => "https://codeberg.org",
        })
    }

    /// What the documentation of a provider says of one account at this instance; `None` where it
    /// names no limit. Servers of one's own have none until an administrator sets one, or know
    /// none at all: their answers tell.
    #[must_use]
    pub fn allowance(provider: Provider, instance: &InstanceUrl) -> Option<Allowance> {
        match provider {
            Provider::Github => github::allowance(instance),
            Provider::Gitlab => gitlab::allowance(instance),
            Provider::Bitbucket => Some(bitbucket::ALLOWANCE),
            Provider::Gitea => None,
        }
    }

    /// The events that a webhook of this provider has to be subscribed to, in the provider's
    /// words; none where we have no client.
    #[must_use]
    pub fn webhook_events(provider: Provider) -> &'static [&'static str] {
        match provider {
            Provider::Github => &github::EVENTS,
            Provider::Gitlab => &gitlab::EVENTS,
            Provider::Bitbucket => &bitbucket::EVENTS,
            Provider::Gitea => &gitea::EVENTS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_known_only_where_they_are_documented() {
        for (provider, instance, calls) in [
            (Provider::Github, "https://github.com", Some(5_000)),
            (Provider::Github, "https://acme.ghe.com", Some(5_000)),
            (Provider::Github, "https://github.example.org", None),
            (Provider::Gitlab, "https://gitlab.com", Some(2_000)),
            (Provider::Gitlab, "https://gitlab.example.org", None),
            (Provider::Bitbucket, "https://bitbucket.org", Some(1_000)),
            (Provider::Gitea, "https://codeberg.org", None),
        ] {
            let url = InstanceUrl::well_known(instance);
            let allowed = Providers::allowance(provider, &url);
            assert_eq!(allowed.map(|allowed| allowed.calls), calls, "{instance}");
        }
    }
}
