//! Hooks with their secrets open, cached in memory for minutes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use ampel_cloud::vault::Vault;
use ampel_domain::{
    hooks::Hook,
    ids::HookId,
    secret::{SealPurpose, Sealed, Secret},
};
use ampel_store::Store;
use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};

use crate::error::AppError;

/// How long a hook is believed before it is read again.
const KEPT: SignedDuration = SignedDuration::from_mins(5);

/// How often at most a mismatch, or a hook that was not found, makes it be read again.
const REREAD_EVERY: SignedDuration = SignedDuration::from_secs(10);

/// How many hooks a container keeps; the oldest go first.
const CAPACITY: usize = 1_000;

/// A hook with its secrets open.
#[derive(Debug)]
pub(super) struct OpenHook {
    pub(super) hook: Hook,
    current: Secret<Vec<u8>>,
    previous: Vec<Secret<Vec<u8>>>,
}

impl OpenHook {
    /// The secrets that verify now, the current one first.
    pub(super) fn secrets_in_force(&self, now: Timestamp) -> Vec<&Secret<Vec<u8>>> {
        let in_grace = self.hook.secrets.previous_in_grace(now).len();
        std::iter::once(&self.current)
            .chain(self.previous.iter().take(in_grace))
            .collect()
    }
}

#[derive(Debug, Clone)]
struct Kept {
    /// `None`: there was no such hook.
    open: Option<Arc<OpenHook>>,
    read_at: Timestamp,
    /// When a mismatch last made it be read again.
    reread_at: Option<Timestamp>,
}

/// Hooks with their secrets open.
#[derive(Debug)]
pub struct OpenHooks {
    store: Store,
    vault: Vault,
    kept: Mutex<HashMap<HookId, Kept>>,
}

impl OpenHooks {
    /// An empty cache over store and vault.
    #[must_use]
    pub fn new(store: Store, vault: Vault) -> Self {
        Self {
            store,
            vault,
            kept: Mutex::new(HashMap::new()),
        }
    }

    /// The hook, from memory where it was read lately.
    pub(super) async fn get(
        &self,
        id: HookId,
        now: Timestamp,
    ) -> Result<Option<Arc<OpenHook>>, AppError> {
        match self.kept(id) {
            Some(kept) if now.duration_since(kept.read_at) < kept.lifetime() => Ok(kept.open),
            Some(kept) => self.read(id, now, kept.reread_at).await,
            None => self.read(id, now, None).await,
        }
    }

    /// The hook read afresh after a mismatch; `None` where that was done a moment ago.
    pub(super) async fn reread(
        &self,
        id: HookId,
        now: Timestamp,
    ) -> Result<Option<Arc<OpenHook>>, AppError> {
        let last = self.kept(id).and_then(|kept| kept.reread_at);
        if last.is_some_and(|last| now.duration_since(last) < REREAD_EVERY) {
            return Ok(None);
        }
        self.read(id, now, Some(now)).await
    }

    fn kept(&self, id: HookId) -> Option<Kept> {
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&id)
            .cloned()
    }

    async fn read(
        &self,
        id: HookId,
        now: Timestamp,
        reread_at: Option<Timestamp>,
    ) -> Result<Option<Arc<OpenHook>>, AppError> {
        let open = match self.store.hook(id).await? {
            Some(hook) => Some(Arc::new(self.open(hook).await?)),
            None => None,
        };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        make_room(&mut kept, now);
        kept.insert(
            id,
            Kept {
                open: open.clone(),
                read_at: now,
                reread_at,
            },
        );
        Ok(open)
    }

    async fn open(&self, hook: Hook) -> Result<OpenHook, AppError> {
        let current = self.open_secret(&hook, &hook.secrets.current).await?;
        let previous = hook.secrets.previous.iter();
        let previous = try_join_all(previous.map(|sealed| self.open_secret(&hook, sealed))).await?;
        Ok(OpenHook {
            hook,
            current,
            previous,
        })
    }

    async fn open_secret(&self, hook: &Hook, sealed: &Sealed) -> Result<Secret<Vec<u8>>, AppError> {
        let record = hook.id.to_string();
        let purpose = SealPurpose::HookSecret;
        let opened = self
            .vault
            .open(hook.organization, &record, purpose, sealed)
            .await?;
        Ok(Secret::new(opened.expose().as_bytes().to_vec()))
    }
}

impl Kept {
    /// An unknown hook is believed to be unknown only for moments: it may just have been made.
    fn lifetime(&self) -> SignedDuration {
        if self.open.is_some() {
            KEPT
        } else {
            REREAD_EVERY
        }
    }
}

/// Makes room for one more: what has had its time goes, and if that is not enough, the oldest.
fn make_room(kept: &mut HashMap<HookId, Kept>, now: Timestamp) {
    if kept.len() < CAPACITY {
        return;
    }
    kept.retain(|_, hook| now.duration_since(hook.read_at) < hook.lifetime());
    if kept.len() >= CAPACITY
        && let Some(oldest) = kept
            .iter()
            .min_by_key(|(_, hook)| hook.read_at)
            .map(|(id, _)| *id)
    {
        kept.remove(&oldest);
    }
}
