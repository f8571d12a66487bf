//! Webhooks and their deliveries as the API shows them. A secret is never shown.

use serde_json::{Value, json};

use super::merge;
use crate::github::model::{DeliveryRecord, Hook, Repo};
use crate::github::world::Site;

/// What the hook routes answer.
pub fn rest_hook(site: &Site, repo: &Repo, hook: &Hook) -> Value {
    let last = hook
        .deliveries
        .iter()
        .rev()
        .find(|record| record.status_code != 0);
    let last_response = last.map_or_else(
        || json!({ "code": null, "status": "unused", "message": null }),
        |record| {
            let ok = (200..300).contains(&record.status_code);
            let (status, message) = if ok {
                ("active", "OK")
            } else {
                ("error", "Invalid HTTP Response")
            };
            json!({ "code": record.status_code, "status": status, "message": message })
        },
    );
    let mut value = hook_core(site, repo, hook);
    merge(&mut value, json!({ "last_response": last_response }));
    value
}

/// The hook inside its own ping.
pub fn hook_in_ping(site: &Site, repo: &Repo, hook: &Hook) -> Value {
    let mut value = hook_core(site, repo, hook);
    let unused = json!({ "code": null, "status": "unused", "message": null });
    merge(&mut value, json!({ "last_response": unused }));
    value
}

fn hook_core(site: &Site, repo: &Repo, hook: &Hook) -> Value {
    let own = format!("{}/repos/{}/hooks/{}", site.api, repo.full_name(), hook.id);
    let mut config = json!({
        "content_type": hook.content_type,
        "insecure_ssl": "0",
        "url": hook.url,
    });
    if hook.secret.is_some() {
        merge(&mut config, json!({ "secret": "********" }));
    }
    json!({
        "type": "Repository",
        "id": hook.id,
        "name": "web",
        "active": hook.active,
        "events": hook.events,
        "config": config,
        "updated_at": hook.updated_at,
        "created_at": hook.created_at,
        "url": own,
        "test_url": format!("{own}/test"),
        "ping_url": format!("{own}/pings"),
        "deliveries_url": format!("{own}/deliveries"),
    })
}

/// One line of a hook's deliveries.
pub fn delivery_item(record: &DeliveryRecord) -> Value {
    let ok = (200..300).contains(&record.status_code);
    json!({
        "id": record.delivery.id,
        "guid": record.delivery.guid,
        "delivered_at": record.at,
        "redelivery": record.redelivery,
        "duration": 0.1,
        "status": if ok { "OK" } else { "Invalid HTTP Response" },
        "status_code": record.status_code,
        "event": record.delivery.event,
        "action": record.delivery.action,
        "installation_id": null,
        "repository_id": record.delivery.repo,
        "throttled_at": null,
    })
}

/// One delivery with what was sent.
pub fn delivery_detail(record: &DeliveryRecord) -> Value {
    let headers: serde_json::Map<String, Value> = record
        .delivery
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), Value::String(value.clone())))
        .collect();
    let mut value = delivery_item(record);
    merge(
        &mut value,
        json!({
            "url": record.delivery.url,
            "request": { "headers": headers, "payload": record.delivery.json() },
            "response": { "headers": {}, "payload": "" },
        }),
    );
    value
}
