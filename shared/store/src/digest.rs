//! Whether a set of items is whole.
//!
//! A query reads item by item: while a transaction is written it can show some of its items and
//! not others, and items of one set expire one by one. So the item that heads a set keeps a digest
//! of it. A set that does not match is read again; one that never does is not all there is.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{StoreError, item::corrupt};

/// How often a set is read that does not match its head.
pub(crate) const READS: u32 = 4;

/// The digest of a set, in the order given: how many there are, and a hash over all of them.
pub(crate) fn of<'a, T: Serialize + 'a>(
    set: impl Iterator<Item = &'a T>,
) -> Result<String, StoreError> {
    let mut hash = Sha256::new();
    let mut count = 0_usize;
    for one in set {
        let bytes = serde_json::to_vec(one).map_err(|error| corrupt("a set", &error))?;
        hash.update(bytes.len().to_be_bytes());
        hash.update(&bytes);
        count += 1;
    }
    let digest: String = hex::encode(hash.finalize()).chars().take(16).collect();
    Ok(format!("{count}:{digest}"))
}
