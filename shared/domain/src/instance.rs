//! URLs that people type, and which of them we are willing to call.
//!
//! This is the part of the guard that needs no network. Names are resolved by the client that
//! connects; it checks every address with [`AddressRules::allows`] and connects to the one checked.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// The base URL of a provider instance, without a trailing slash: `https://git.example.org/gitea`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InstanceUrl(String);

/// Why a URL is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefusedUrl {
    /// Not an absolute URL with a host.
    #[error("must be an absolute URL such as https://github.example.org")]
    NotAUrl,
    /// Neither https, nor http where that is allowed.
    #[error("must start with https://")]
    NotHttps,
    /// A user name or password stands in it.
    #[error("must not contain a user name or password")]
    Credentials,
    /// A query or fragment stands in it.
    #[error("must not contain a query or fragment")]
    QueryOrFragment,
    /// It names or resolves to an address inside a private network.
    #[error("must not lead to a private, loopback, link-local or metadata address")]
    PrivateAddress,
}

/// Which hosts and addresses may be called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressRules {
    /// Hosts of self-hosted providers that may resolve to private addresses (never to metadata).
    pub allowed_private_hosts: Vec<String>,
    /// Local mode: plain http and loopback are fine.
    pub allow_loopback: bool,
}

impl AddressRules {
    /// Checks what a person typed as the URL of an instance.
    ///
    /// # Errors
    /// [`RefusedUrl`] says what is wrong with it.
    pub fn check_instance(&self, text: &str) -> Result<InstanceUrl, RefusedUrl> {
        let url = Url::parse(text.trim()).map_err(|_| RefusedUrl::NotAUrl)?;
        self.check(&url)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(RefusedUrl::QueryOrFragment);
        }
        Ok(InstanceUrl(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// Checks a URL before it is called, also one that a redirect leads to.
    ///
    /// # Errors
    /// [`RefusedUrl`] says what is wrong with it.
    pub fn check(&self, url: &Url) -> Result<(), RefusedUrl> {
        let host = url.host().ok_or(RefusedUrl::NotAUrl)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(RefusedUrl::Credentials);
        }
        self.check_host(&host)?;
        match url.scheme() {
            "https" => Ok(()),
            "http" if self.allow_loopback && is_loopback(&host) => Ok(()),
            _other => Err(RefusedUrl::NotHttps),
        }
    }

    fn check_host(&self, host: &Host<&str>) -> Result<(), RefusedUrl> {
        let allowed = match host {
            Host::Ipv4(address) => self.allows(&address.to_string(), IpAddr::V4(*address)),
            Host::Ipv6(address) => self.allows(&address.to_string(), IpAddr::V6(*address)),
            Host::Domain(name) => !is_local_name(name) || self.allow_loopback || self.lists(name),
        };
        if allowed {
            Ok(())
        } else {
            Err(RefusedUrl::PrivateAddress)
        }
    }

    /// Whether a connection to `address`, which `host` resolved to, may be made.
    #[must_use]
    pub fn allows(&self, host: &str, address: IpAddr) -> bool {
        let address = unmapped(address);
        if is_metadata(address) {
            return false;
        }
        if address.is_loopback() {
            return self.allow_loopback || self.lists(host);
        }
        is_public(address) || self.lists(host)
    }

    fn lists(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        self.allowed_private_hosts
            .iter()
            .any(|allowed| allowed.eq_ignore_ascii_case(host))
    }
}

impl InstanceUrl {
    /// A URL that is written in the code, such as the public instance of a provider.
    #[must_use]
    pub fn well_known(text: &'static str) -> Self {
        Self(text.trim_end_matches('/').to_owned())
    }

    /// The URL without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for InstanceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost"
        || [".localhost", ".local", ".internal"]
            .iter()
            .any(|suffix| name.ends_with(suffix))
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => unmapped(IpAddr::V6(*address)).is_loopback(),
    }
}

/// The IPv4 address that an IPv6 address stands for (mapped, compatible, NAT64, 6to4), else itself.
fn unmapped(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    if v6.is_loopback() || v6.is_unspecified() {
        return address;
    }
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let ipv4 = |high: u16, low: u16| {
        let [w, x] = high.to_be_bytes();
        let [y, z] = low.to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(w, x, y, z))
    };
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0 | 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => ipv4(g, h),
        (0x2002, high, low, ..) => ipv4(high, low),
        _other => address,
    }
}

/// Instance metadata and credentials of the large clouds.
fn is_metadata(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            matches!(
                v4.octets(),
                [169, 254, ..] | [100, 100, 100, 200] | [192, 0, 0, 192]
            )
        }
        IpAddr::V6(v6) => v6 == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    }
}

/// Addresses that are routed on the public internet (IANA special-purpose registries).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !is_special_v4(v4),
        IpAddr::V6(v6) => {
            let [first, second, ..] = v6.segments();
            // Only 2000::/3 is global unicast; documentation, Teredo and benchmarking are not.
            first & 0xe000 == 0x2000
                && !(first == 0x2001 && (second < 0x200 || second == 0xdb8))
                && first != 0x3fff
        }
    }
}

fn is_special_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rules: &AddressRules, url: &str) -> Result<(), RefusedUrl> {
        rules.check_instance(url).map(|_| ())
    }

    #[test]
    fn public_https_is_fine_and_loses_its_slash() {
        let url = AddressRules::default().check_instance(" https://git.example.org/gitea/ ");
        assert_eq!(url.unwrap().as_str(), "https://git.example.org/gitea");
    }

    #[test]
    fn what_is_refused() {
        let rules = AddressRules::default();
        for (url, why) in [
            ("github.com", RefusedUrl::NotAUrl),
            ("http://git.example.org", RefusedUrl::NotHttps),
            ("ftp://git.example.org", RefusedUrl::NotHttps),
            ("https://me:pw@git.example.org", RefusedUrl::Credentials),
            ("https://git.example.org/?a=b", RefusedUrl::QueryOrFragment),
            ("https://localhost", RefusedUrl::PrivateAddress),
            ("https://git.internal", RefusedUrl::PrivateAddress),
            ("https://127.0.0.1", RefusedUrl::PrivateAddress),
            ("https://2130706433", RefusedUrl::PrivateAddress),
            ("https://0x7f.1", RefusedUrl::PrivateAddress),
            ("https://10.1.2.3", RefusedUrl::PrivateAddress),
            ("https://169.254.169.254", RefusedUrl::PrivateAddress),
            ("https://[::1]", RefusedUrl::PrivateAddress),
            ("https://[::ffff:10.0.0.1]", RefusedUrl::PrivateAddress),
            ("https://[64:ff9b::a9fe:a9fe]", RefusedUrl::PrivateAddress),
            ("https://[fd00:ec2::254]", RefusedUrl::PrivateAddress),
            ("https://0.0.0.0", RefusedUrl::PrivateAddress),
        ] {
            assert_eq!(check(&rules, url), Err(why), "{url}");
        }
    }

    #[test]
    fn local_mode_allows_loopback_and_nothing_more() {
        let rules = AddressRules {
            allow_loopback: true,
            ..AddressRules::default()
        };
        assert_eq!(check(&rules, "http://127.0.0.1:8099"), Ok(()));
        assert_eq!(check(&rules, "http://localhost:8099"), Ok(()));
        assert_eq!(
            check(&rules, "http://10.0.0.1"),
            Err(RefusedUrl::PrivateAddress)
        );
        assert_eq!(
            check(&rules, "http://example.org"),
            Err(RefusedUrl::NotHttps)
        );
        assert_eq!(
            check(&rules, "http://169.254.169.254"),
            Err(RefusedUrl::PrivateAddress)
        );
    }

    #[test]
    fn a_listed_host_may_be_private_but_never_metadata() {
        let rules = AddressRules {
            allowed_private_hosts: vec!["git.corp.example".into(), "git.internal".into()],
            allow_loopback: false,
        };
        assert_eq!(check(&rules, "https://git.internal"), Ok(()));
        assert!(rules.allows("git.corp.example", IpAddr::V4(Ipv4Addr::new(10, 0, 0, 8))));
        assert!(!rules.allows(
            "git.corp.example",
            IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254))
        ));
        assert!(!rules.allows("other.example", IpAddr::V4(Ipv4Addr::new(10, 0, 0, 8))));
    }
}
