//! Which redirects are followed.

use std::sync::Arc;

use ampel_domain::instance::AddressRules;
use reqwest::{
    Url,
    redirect::{Attempt, Policy},
};

const MOST_REDIRECTS: usize = 5;

/// Follows redirects that stay on the host, as those of renamed repositories do. Any other is
/// answered as it is: the token must not travel.
pub(super) fn same_host_only(rules: Arc<AddressRules>) -> Policy {
    Policy::custom(move |attempt: Attempt<'_>| {
        let stays = attempt
            .previous()
            .last()
            .is_some_and(|from| same_origin(from, attempt.url()));
        if stays && rules.check(attempt.url()).is_ok() && attempt.previous().len() <= MOST_REDIRECTS
        {
            attempt.follow()
        } else {
            attempt.stop()
        }
    })
}

fn same_origin(from: &Url, to: &Url) -> bool {
    from.scheme() == to.scheme()
        && from.host_str() == to.host_str()
        && from.port_or_known_default() == to.port_or_known_default()
}
