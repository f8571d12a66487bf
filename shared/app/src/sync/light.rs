//! The light reconcile: fingerprints of what is open, compared with those of the last snapshots.

use std::collections::{BTreeMap, BTreeSet};

use ampel_domain::ids::PullRequestNumber;
use ampel_store::{OpenPullRequest, pulls::fingerprint_digest};
use ampel_wire::queue::{SyncJob, SyncMessage, encode};

use super::{Sync, progress::Reconciled, reader::Reader};
use crate::error::AppError;

/// From this many differences on a full read, 50 to a call, costs less than asking one by one:
/// where a provider shows a page in one call.
const ONE_BY_ONE: usize = 5;

impl Sync {
    /// One call for 100 pull requests where the provider has GraphQL; elsewhere one per page of its
    /// list, and one per head whose checks may have changed. `updatedAt` does not move when a check
    /// does, so what is compared are fingerprints; what differs, is new or is no longer listed is
    /// read again.
    pub(super) async fn light(&self, reader: &Reader) -> Result<(), AppError> {
        let scope = reader.scope;
        let shown = reader.client.fingerprints(&reader.repository.facts).await?;
        let stored = self
            .snapshots
            .store
            .open_pull_requests(scope.organization, scope.repository)
            .await?;
        let (date, tell_checks) = (shown.date, shown.of.tell_checks);
        let shown: BTreeMap<PullRequestNumber, String> = shown
            .of
            .of
            .into_iter()
            .map(|(number, print)| (number, fingerprint_digest(&print)))
            .collect();
        let stored: BTreeMap<PullRequestNumber, OpenPullRequest> =
            stored.into_iter().map(|open| (open.number, open)).collect();
        let known = stored
            .iter()
            .map(|(number, open)| (*number, open.fingerprint.clone()))
            .collect();
        let different = differences(&shown, &known);
        if different.len() > ONE_BY_ONE && reader.client.reads_pages_at_once() {
            self.send_now(reader, SyncJob::EVERYTHING).await?;
        } else {
            if !tell_checks {
                self.read_heads(reader, date, &stored, &different).await?;
            }
            for number in different {
                let job = SyncJob::PullRequest {
                    number,
                    attempt: 0,
                    unread_since: Some(date),
                };
                self.send_now(reader, job).await?;
            }
        }
        self.snapshots.succeeded(scope, Reconciled::Light).await
    }

    pub(super) async fn send_now(&self, reader: &Reader, job: SyncJob) -> Result<(), AppError> {
        let message = SyncMessage::new(reader.scope.organization, reader.scope.repository, job);
        self.snapshots
            .refreshes
            .queues
            .send(&self.sync_queue, encode(&message)?)
            .await?;
        Ok(())
    }
}

/// Those that are new, differ or are no longer listed.
fn differences(
    shown: &BTreeMap<PullRequestNumber, String>,
    known: &BTreeMap<PullRequestNumber, Option<String>>,
) -> BTreeSet<PullRequestNumber> {
    let changed = shown
        .iter()
        .filter(|(number, print)| known.get(number).is_none_or(|k| k.as_ref() != Some(*print)))
        .map(|(number, _)| *number);
    let missing = known
        .keys()
        .filter(|number| !shown.contains_key(number))
        .copied();
    changed.chain(missing).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_changed_and_missing_ones_differ() {
        let n = |number| PullRequestNumber::new(number).unwrap();
        let shown = BTreeMap::from([(n(1), "a".into()), (n(2), "b".into()), (n(3), "c".into())]);
        let known = BTreeMap::from([
            (n(1), Some("a".to_owned())),
            (n(2), Some("x".to_owned())),
            (n(4), Some("d".to_owned())),
            (n(3), None),
        ]);
        assert_eq!(
            differences(&shown, &known),
            BTreeSet::from([n(2), n(3), n(4)])
        );
    }
}
