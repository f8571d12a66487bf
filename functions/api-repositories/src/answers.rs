//! Answers, built from what the use cases found.

use ampel_app::repositories::{Discovered, Found, RotatedWebhook, WholeRepository};
use ampel_store::{FirstSync, SyncState};
use ampel_wire::api::repositories::{
    DiscoverResponse, DiscoveredRepository, RepositoryDetail, SyncProgress, SyncStateResponse,
    WebhookResponse, WebhookState,
};

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

pub(crate) fn discovered(discovered: Discovered) -> DiscoverResponse {
    DiscoverResponse {
        items: discovered.items.into_iter().map(found).collect(),
        next_page: discovered.next_page,
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
