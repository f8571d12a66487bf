//! Reading evidence.

use ampel_domain::{facts::CommitSha, ids::RepositoryId, pulls::HeadEvidence};

use super::{CheckItem, ShaItem, StoredEvidence};
use crate::{
    Store, StoreError, digest,
    item::{Item, decode, text_in},
    keys::{self, Key, SK},
    store::Question,
    transaction::pause,
};

impl Store {
    /// The evidence on a commit. A set of checks that stays incomplete, because some expired or a
    /// large write is on its way, is `computing` whatever its head says.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn evidence(
        &self,
        repository: RepositoryId,
        sha: &CommitSha,
    ) -> Result<StoredEvidence, StoreError> {
        let key = keys::evidence(repository, sha);
        let question = Question::table(key.pk.clone(), key.sk.clone());
        let mut stored = StoredEvidence {
            evidence: HeadEvidence::unknown(sha.clone()),
            version: None,
        };
        for attempt in 0..digest::READS {
            if attempt > 0 {
                pause(attempt).await;
            }
            let (found, whole) = assemble(self.pages(&question).await?, &key, sha)?;
            stored = found;
            if whole {
                return Ok(stored);
            }
        }
        stored.evidence.doubt();
        Ok(stored)
    }
}

/// Evidence of its items, and whether that is all of it. Checks whose commit has expired are facts
/// all the same.
fn assemble(
    items: Vec<Item>,
    key: &Key,
    sha: &CommitSha,
) -> Result<(StoredEvidence, bool), StoreError> {
    let mut head: Option<ShaItem> = None;
    let mut evidence = HeadEvidence::unknown(sha.clone());
    let checks = format!("{}#", key.sk);
    for item in items {
        let sk = text_in(&item, SK).unwrap_or_default();
        if sk == key.sk {
            head = Some(decode(item)?);
        } else if sk.starts_with(&checks) {
            let CheckItem { check, .. } = decode(item)?;
            evidence.checks.insert(check.key.clone(), check);
        }
    }
    let Some(head) = head else {
        let stored = StoredEvidence {
            evidence,
            version: None,
        };
        return Ok((stored, true));
    };
    let whole = head.checks_digest == digest::of(evidence.checks.values())?;
    evidence.claims = head.claims;
    evidence.completeness = head.completeness;
    let scopes = head.scopes.into_iter();
    evidence.scopes = scopes.map(|seen| (seen.scope, seen.completeness)).collect();
    let stored = StoredEvidence {
        evidence,
        version: Some(head.version),
    };
    Ok((stored, whole))
}
