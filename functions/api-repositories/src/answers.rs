//! Answers, built from what the use cases found.

use ampel_app::{
    refusal::Refusal,
    repositories::{Discovered, Found, RotatedWebhook, WholeRepository},
};
use ampel_domain::hooks::{ShownDelivery, WebhookTest};
use ampel_lambda_kit::api::ApiError;
use ampel_store::{FirstSync, SyncState};
use ampel_wire::api::repositories::{
    DiscoverResponse, DiscoveredRepository, RepositoryDetail, SyncProgress, SyncStateResponse,
    TrackedRepositories, TrackedRepository, WebhookDeliveriesResponse, WebhookDeliveryResponse,
    WebhookResponse, WebhookState, WebhookTestResponse,
};
use axum::http::StatusCode;

pub(crate) fn detail(whole: WholeRepository) -> RepositoryDetail {
    let hook = whole.hook.as_ref();
    let refused = hook.and_then(|hook| hook.last_refusal);
    RepositoryDetail {
        webhook: WebhookState {
            status: whole.repository.hook_status,
            last_delivery_at: hook.and_then(|hook| hook.last_delivery_at),
            last_refusal_at: refused.map(|refused| refused.at),
            last_refusal: refused.map(|refused| refused.why.advice().to_owned()),
        },
        sync: sync(whole.sync),
        repository: whole.repository.into(),
    }
}

/// What became of each repository that was to be tracked, beside what was asked for.
pub(crate) fn tracked(
    wanted: Vec<(String, String)>,
    tracked: Vec<Result<WholeRepository, Refusal>>,
) -> TrackedRepositories {
    let items = wanted.into_iter().zip(tracked);
    TrackedRepositories {
        items: items
            .map(|((owner, name), outcome)| one_tracked(owner, name, outcome))
            .collect(),
    }
}

fn one_tracked(
    owner: String,
    name: String,
    outcome: Result<WholeRepository, Refusal>,
) -> TrackedRepository {
    match outcome {
        Ok(whole) => TrackedRepository {
            owner,
            name,
            status: StatusCode::CREATED.as_u16(),
            repository: Some(detail(whole)),
            error: None,
            errors: Vec::new(),
        },
        Err(refusal) => {
            let error = ApiError(refusal);
            let (text, fields) = error.told();
            TrackedRepository {
                owner,
                name,
                status: error.status().as_u16(),
                repository: None,
                error: Some(text),
                errors: fields.to_vec(),
            }
        }
    }
}

pub(crate) fn sync(state: SyncState) -> SyncStateResponse {
    let (progress, pull_requests_synced) = match state.first_sync {
        FirstSync::Waiting => (SyncProgress::Waiting, None),
        FirstSync::Running { pull_requests } => (SyncProgress::Running, Some(pull_requests)),
        FirstSync::Done { .. } => (SyncProgress::Done, None),
    };
    SyncStateResponse {
        state: progress,
        pull_requests_synced,
        last_full_at: state.last_full_at,
        last_light_at: state.last_light_at,
        last_error: state.last_error,
        last_error_at: state.last_error_at,
    }
}

pub(crate) fn webhook(rotated: &RotatedWebhook) -> WebhookResponse {
    WebhookResponse {
        url: rotated.url.clone(),
        secret: rotated.secret.expose().clone(),
        events: rotated.events.to_vec(),
        status: rotated.status,
    }
}

pub(crate) fn tested(test: WebhookTest) -> WebhookTestResponse {
    let detail = match test {
        WebhookTest::Sent => {
            "The provider sends a delivery. lastDeliveryAt of the repository's webhook shows, \
             within a minute, that it came."
        }
        WebhookTest::NotOffered => {
            "This provider sends nothing on demand. The webhook is there and active; the next \
             change of the repository shows whether its deliveries come."
        }
    };
    WebhookTestResponse {
        is_sent: test == WebhookTest::Sent,
        detail: detail.to_owned(),
    }
}

pub(crate) fn deliveries(shown: Option<Vec<ShownDelivery>>) -> WebhookDeliveriesResponse {
    WebhookDeliveriesResponse {
        is_listed: shown.is_some(),
        items: shown.into_iter().flatten().map(delivery).collect(),
    }
}

fn delivery(shown: ShownDelivery) -> WebhookDeliveryResponse {
    WebhookDeliveryResponse {
        id: shown.id,
        event: shown.event,
        sent_at: shown.at,
        status: shown.status,
    }
}

pub(crate) fn discovered(discovered: Discovered) -> DiscoverResponse {
    DiscoverResponse {
        items: discovered.items.into_iter().map(found).collect(),
        next_page: discovered.next_page,
        is_complete: discovered.is_complete,
    }
}

fn found(found: Found) -> DiscoveredRepository {
    let full_name = found.facts.full_name();
    let facts = found.facts;
    DiscoveredRepository {
        provider: found.provider,
        provider_id: facts.provider_id,
        owner: facts.owner,
        name: facts.name,
        full_name,
        description: facts.description,
        url: facts.url,
        default_branch: facts.default_branch,
        is_private: facts.is_private,
        is_archived: facts.is_archived,
        is_tracked: found.tracked.is_some(),
        repository_id: found.tracked,
    }
}
