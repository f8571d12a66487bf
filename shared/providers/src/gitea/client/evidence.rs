//! The statuses of a commit.

use std::collections::{BTreeMap, BTreeSet};

use ampel_domain::{
    facts::{CheckKey, CheckReport, CommitSha, Unavailable},
    pulls::{EvidenceSnapshot, Snapshot},
    repositories::RepositoryFacts,
};

use serde::Deserialize;
use serde_json::Value;

use super::{
    api::{Api, READING},
    pages::read_all,
};
use crate::{
    ProviderError,
    gitea::shape::{Status, Unusable},
};

/// Pages of 50 that are read at most: all that was ever said of a commit is listed.
const MOST_PAGES: u32 = 20;

/// The newest status of each context. Whoever asks has seen that the name still leads to the
/// repository. They belong to the repository a pull request is in, also
/// where its head is in a fork.
///
/// The list begins with the newest, so one that comes while pages are read makes none be skipped.
/// `commits/…/status` would give the newest alone, but tells neither a next page nor, in some
/// versions, how many there are.
pub(super) async fn of(
    api: &Api,
    repo: &RepositoryFacts,
    head: &CommitSha,
) -> Result<Snapshot<EvidenceSnapshot>, ProviderError> {
    let url = api.below(repo, &["commits", head.as_str(), "statuses"])?;
    let listed = read_all(api, &url, READING, MOST_PAGES, read).await?;
    let unavailable = listed.lacks.map(|lack| Unavailable {
        why: lack.sentence("statuses"),
    });
    Ok(Snapshot {
        date: listed.date,
        of: EvidenceSnapshot {
            sha: head.clone(),
            checks: newest(listed.items),
            unavailable,
            scopes: BTreeSet::new(),
        },
    })
}

fn read(shown: &Value) -> Result<Option<CheckReport>, Unusable> {
    Status::deserialize(shown)?.report().map(Some)
}

fn newest(all: Vec<CheckReport>) -> Vec<CheckReport> {
    let order = |report: &CheckReport| (report.at, report.status_id);
    let mut newest: BTreeMap<CheckKey, CheckReport> = BTreeMap::new();
    for report in all {
        let stands = newest
            .get(&report.key)
            .is_some_and(|seen| order(seen) >= order(&report));
        if !stands {
            newest.insert(report.key.clone(), report);
        }
    }
    newest.into_values().collect()
}

#[cfg(test)]
mod tests {
    use ampel_domain::facts::{CheckState, Conclusion};
    use serde_json::json;

    use super::*;

    #[test]
    fn the_newest_status_of_each_context_counts() {
        let status = |id: u64, context: &str, state: &str, second: u32| {
            json!({"id": id, "context": context, "status": state, "target_url": "",
                "created_at": "2026-01-05T09:00:00Z",
                "updated_at": format!("2026-01-05T09:00:{second:02}Z")})
        };
        let body = json!([
            status(4, "build", "failure", 2),
            status(3, "build", "success", 2),
            status(2, "lint", "success", 1),
            status(1, "build", "pending", 1),
        ]);
        let all = body.as_array().unwrap().iter().map(read);
        let newest = newest(all.filter_map(|read| read.unwrap()).collect());
        let states: Vec<_> = newest
            .iter()
            .map(|report| (report.key.name(), report.state, report.status_id))
            .collect();
        let over = CheckState::Completed;
        assert_eq!(
            states,
            [
                ("build", over(Conclusion::Failure), Some(4)),
                ("lint", over(Conclusion::Success), Some(2)),
            ]
        );
    }
}
