//! The three ways GitLab writes times.

use jiff::Timestamp;

/// REST: `2026-01-05T09:00:01.000Z`.
pub fn rest_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// Webhooks: `2026-01-05 09:00:01 UTC`.
pub fn hook_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// GraphQL, and system hooks: `2026-01-05T09:00:01Z`.
pub fn graphql_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Commits in webhooks: `2026-01-05T09:00:01+00:00`.
pub(super) fn commit_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}
