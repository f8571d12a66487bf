//! Webhooks and what was sent through them. Tokens never come back.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::rest_time;
use crate::fake::put;
use crate::gitlab::model::{Hook, Sent};

/// The flags of a project's hook.
pub(in crate::gitlab) const FLAGS: [&str; 16] = [
    "push_events",
    "tag_push_events",
    "merge_requests_events",
    "repository_update_events",
    "issues_events",
    "confidential_issues_events",
    "note_events",
    "confidential_note_events",
    "pipeline_events",
    "wiki_page_events",
    "deployment_events",
    "feature_flag_events",
    "job_events",
    "releases_events",
    "milestone_events",
    "resource_access_token_events",
];

/// What `GET /projects/:id/hooks/:hook_id` answers.
pub fn rest_hook(project: u64, hook: &Hook, now: Timestamp) -> Value {
    let until = hook.disabled_until.filter(|end| *end > now);
    let mut value = json!({
        "id": hook.id,
        "url": hook.url,
        "name": "",
        "description": "",
        "created_at": rest_time(hook.created_at),
        "project_id": project,
        "enable_ssl_verification": true,
        "alert_status": hook.alert_status(now),
        "disabled_until": until.map(rest_time),
        "url_variables": [],
        "push_events_branch_filter": null,
        "branch_filter_strategy": "all_branches",
        "custom_webhook_template": "",
        "custom_headers": [],
        "token_present": hook.token.is_some(),
        "signing_token_present": hook.signing_token.is_some(),
    });
    for flag in FLAGS {
        put(&mut value, flag, json!(hook.events.contains(flag)));
    }
    value
}

/// One item of `GET …/hooks/:hook_id/events`.
pub fn hook_event(sent: &Sent) -> Value {
    let delivery = &sent.delivery;
    let mut headers = json!({});
    for (name, value) in &delivery.headers {
        let hidden = name == "x-gitlab-token" || name == "webhook-signature";
        let shown = if hidden { "[REDACTED]" } else { value };
        put(&mut headers, name, json!(shown));
    }
    let answered = sent.status > 0;
    let status = if answered {
        sent.status.to_string()
    } else {
        "internal error".to_owned()
    };
    json!({
        "id": delivery.id,
        "url": delivery.url,
        "trigger": trigger(&delivery.event),
        "request_headers": headers,
        "request_data": delivery.json(),
        "response_headers": {},
        "response_body": "",
        "execution_duration": 0.1,
        "response_status": status,
    })
}

fn trigger(event: &str) -> &'static str {
    match event {
        "Push Hook" => "push_hooks",
        "Merge Request Hook" => "merge_request_hooks",
        "Pipeline Hook" => "pipeline_hooks",
        "Note Hook" => "note_hooks",
        _other => "system_hooks",
    }
}
