//! Names are resolved here, and nothing is connected to that was not checked here.

use std::{net::SocketAddr, sync::Arc};

use ampel_domain::instance::AddressRules;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// A name that leads only to addresses we do not connect to.
#[derive(Debug, thiserror::Error)]
#[error("the name leads only to addresses that are not allowed")]
pub(super) struct RefusedAddress;

/// Resolves names and keeps the addresses that the rules allow; the client connects to these and
/// does not resolve again. Literal addresses never come here: they are checked with the URL.
pub(super) struct GuardedResolver {
    rules: Arc<AddressRules>,
}

impl GuardedResolver {
    pub(super) fn new(rules: Arc<AddressRules>) -> Self {
        Self { rules }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let rules = Arc::clone(&self.rules);
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            let allowed: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| rules.allows(&host, address.ip()))
                .collect();
            if allowed.is_empty() {
                return Err(RefusedAddress.into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn resolve(name: &str, rules: AddressRules) -> Result<Vec<SocketAddr>, String> {
        let resolver = GuardedResolver::new(Arc::new(rules));
        let name: Name = name.parse().unwrap();
        match resolver.resolve(name).await {
            Ok(addresses) => Ok(addresses.collect()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_connected_to() {
        let refused = resolve("localhost", AddressRules::default()).await;
        assert_eq!(refused.unwrap_err(), RefusedAddress.to_string());
    }

    #[tokio::test]
    async fn a_listed_host_may_lead_inside() {
        let rules = AddressRules {
            allowed_private_hosts: vec!["localhost".to_owned()],
            allow_loopback: false,
        };
        let found = resolve("localhost", rules).await.unwrap();
        assert!(found.iter().all(|address| address.ip().is_loopback()));
        assert!(!found.is_empty());
    }
}
