//! One rate budget per account, shared by all containers through the table.
//!
//! A container takes calls from it in blocks and keeps the rest of a block for later, so most
//! calls cost nothing here. What an answer says of the limits is kept until the next block is
//! taken; only a refusal is told the others at once. Writes get a place each, a second apart.

mod pacer;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use ampel_domain::{
    budget::{Allowance, Lease, Priority, Resource},
    ids::{AccountId, OrganizationId},
    instance::InstanceUrl,
    provider::Provider,
};
use ampel_providers::pacing::Pacer;
use ampel_store::Store;
use jiff::Timestamp;
use tokio::sync::Mutex as AsyncMutex;

use crate::moment::Moments;
use pacer::AccountPacer;

/// How many accounts a container remembers its calls of; it forgets all of them beyond that.
const MOST_ACCOUNTS: usize = 1_000;

/// The budgets of all accounts, as one container sees them. Made once per container: its clones
/// share what was taken.
#[derive(Debug, Clone)]
pub struct Budgets {
    store: Store,
    moments: Moments,
    held: Arc<Mutex<HashMap<AccountId, Arc<AsyncMutex<Held>>>>>,
}

/// What a container has of an account's budget.
#[derive(Debug, Default)]
struct Held {
    core: Lease,
    graphql: Lease,
    /// The provider asked to be left alone until then.
    blocked_until: Option<Timestamp>,
}

/// An account that a provider is asked with.
#[derive(Debug, Clone, Copy)]
pub struct Payer<'a> {
    /// Whose account it is.
    pub organization: OrganizationId,
    /// Which.
    pub account: AccountId,
    /// The provider.
    pub provider: Provider,
    /// Its instance.
    pub instance: &'a InstanceUrl,
}

impl Budgets {
    /// The budgets in this table.
    #[must_use]
    pub fn new(store: Store, moments: Moments) -> Self {
        Self {
            store,
            moments,
            held: Arc::default(),
        }
    }

    /// What paces the calls of an account that are made for work of this priority.
    #[must_use]
    pub fn pacer(&self, payer: &Payer<'_>, priority: Priority) -> Arc<dyn Pacer> {
        Arc::new(AccountPacer {
            organization: payer.organization,
            account: payer.account,
            allowance: Allowance::documented(payer.provider, payer.instance),
            priority,
            store: self.store.clone(),
            moments: self.moments.clone(),
            held: self.held(payer.account),
        })
    }

    fn held(&self, account: AccountId) -> Arc<AsyncMutex<Held>> {
        let mut all = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_ACCOUNTS && !all.contains_key(&account) {
            // What was taken and not used is lost until the next window: nothing is exceeded.
            all.clear();
        }
        Arc::clone(all.entry(account).or_default())
    }
}

impl Held {
    fn lease(&mut self, resource: Resource) -> &mut Lease {
        match resource {
            Resource::Core => &mut self.core,
            Resource::Graphql => &mut self.graphql,
        }
    }
}
