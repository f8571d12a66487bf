//! What GitLab remembers of a webhook's deliveries, for seven days.

use std::collections::BTreeMap;

use ampel_domain::{hooks::ShownDelivery, repositories::RepositoryFacts};
use jiff::{Timestamp, fmt::rfc2822};
use serde::Deserialize;
use serde_json::Value;

use super::{
    api::{Api, json},
    hooks::NEEDS,
};
use crate::ProviderError;

/// Each comes with the whole of what was sent.
const PER_PAGE: &str = "20";

#[derive(Deserialize)]
struct Sent {
    id: u64,
    trigger: Option<String>,
    /// A number in quotes, or `internal error`.
    response_status: Option<Value>,
    #[serde(default)]
    request_headers: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    response_headers: Option<BTreeMap<String, Value>>,
}

/// The latest ones, the newest first; `None` where the server is too old to list them (17.3).
pub(super) async fn list(
    api: &Api,
    repo: &RepositoryFacts,
    registration: &str,
) -> Result<Option<Vec<ShownDelivery>>, ProviderError> {
    let mut url = api.of_project(repo, &["hooks", registration, "events"])?;
    url.query_pairs_mut().append_pair("per_page", PER_PAGE);
    match api.get(&url, NEEDS).await {
        Ok(answer) => {
            let sent: Vec<Sent> = json(&answer)?;
            Ok(Some(sent.iter().filter_map(Sent::shown).collect()))
        }
        Err(ProviderError::NotFound) => {
            let hook = api.of_project(repo, &["hooks", registration])?;
            api.get(&hook, NEEDS).await?;
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

impl Sent {
    /// `None` for one of which nothing tells when it was sent.
    fn shown(&self) -> Option<ShownDelivery> {
        let event = header(self.request_headers.as_ref(), "x-gitlab-event");
        Some(ShownDelivery {
            id: self.id.to_string(),
            event: event
                .or(self.trigger.as_deref())
                .unwrap_or_default()
                .chars()
                .take(64)
                .collect(),
            at: self.at()?,
            status: match &self.response_status {
                Some(Value::String(status)) => status.parse().ok(),
                Some(status) => status.as_u64().and_then(|status| status.try_into().ok()),
                None => None,
            },
        })
    }

    /// The list has no times of its own: what was signed tells, or else the answer to it.
    fn at(&self) -> Option<Timestamp> {
        let signed = header(self.request_headers.as_ref(), "webhook-timestamp")
            .and_then(|seconds| seconds.parse().ok())
            .and_then(|seconds| Timestamp::from_second(seconds).ok());
        signed.or_else(|| {
            let date = header(self.response_headers.as_ref(), "date")?;
            rfc2822::DateTimeParser::new().parse_timestamp(date).ok()
        })
    }
}

fn header<'h>(headers: Option<&'h BTreeMap<String, Value>>, name: &str) -> Option<&'h str> {
    let mut all = headers?.iter();
    let (_, value) = all.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
    value.as_str()
}
