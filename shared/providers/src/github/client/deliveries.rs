//! What GitHub sent to a webhook, and having it send something.

use ampel_domain::{
    hooks::{ShownDelivery, WebhookTest},
    repositories::RepositoryFacts,
};
use http::Method;
use jiff::Timestamp;
use serde::Deserialize;

use super::{api::Api, hooks::NEEDS};
use crate::{ProviderError, text::cut};

/// Bytes of GitHub's word for an event that are kept.
const WORD_LIMIT: usize = 64;

#[derive(Deserialize)]
struct Delivery {
    id: u64,
    event: String,
    delivered_at: Timestamp,
    /// 0 where no answer came.
    status_code: Option<u16>,
}

/// Has GitHub send its ping, which every webhook gets whatever it is subscribed to.
pub(super) async fn test(
    api: &Api,
    repo: &RepositoryFacts,
    registration: &str,
) -> Result<WebhookTest, ProviderError> {
    let url = api.of(repo, &["hooks", registration, "pings"])?;
    api.change(Method::POST, &url, None, NEEDS).await?;
    Ok(WebhookTest::Sent)
}

/// The latest hundred, the newest first. GitHub forgets them after three days.
pub(super) async fn list(
    api: &Api,
    repo: &RepositoryFacts,
    registration: &str,
) -> Result<Vec<ShownDelivery>, ProviderError> {
    let mut url = api.of(repo, &["hooks", registration, "deliveries"])?;
    url.query_pairs_mut().append_pair("per_page", "100");
    let shown: Vec<Delivery> = api.get_json(&url, NEEDS).await?;
    Ok(shown.into_iter().map(Delivery::shown).collect())
}

impl Delivery {
    fn shown(self) -> ShownDelivery {
        ShownDelivery {
            id: self.id.to_string(),
            event: cut(&self.event, WORD_LIMIT).unwrap_or_default(),
            at: self.delivered_at,
            status: self.status_code.filter(|status| *status != 0),
        }
    }
}
