//! One rate budget per account, shared by all containers through the table.
//!
//! A container takes calls from it in blocks and keeps the rest of a block for later, so most
//! calls cost nothing here. What an answer says of the limits is kept until the next block is
//! taken; only a refusal is told the others at once, and they look for one every other second.
//! Writes get a place each, a second apart.

mod pacer;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use ampel_domain::{
    budget::{AccountBudget, Lease, Priority, Resource},
    ids::{AccountId, OrganizationId},
    instance::InstanceUrl,
    provider::Provider,
};
use ampel_providers::{Providers, pacing::Pacer};
use ampel_store::Store;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex as AsyncMutex;

use crate::moment::Moments;
use pacer::AccountPacer;

/// How long a container goes on with the calls it has without a look at the shared budget.
const OUT_OF_TOUCH_AFTER: SignedDuration = SignedDuration::from_secs(2);

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
    /// When the shared budget was read last.
    seen_at: Option<Timestamp>,
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
            allowance: Providers::allowance(payer.provider, payer.instance),
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
    /// Whether another container may have been refused and this one would not know.
    fn is_out_of_touch(&self, now: Timestamp) -> bool {
        self.seen_at
            .is_none_or(|seen| now.duration_since(seen) > OUT_OF_TOUCH_AFTER)
    }

    /// The shared budget, as it is now.
    fn saw(&mut self, budget: &AccountBudget, now: Timestamp) {
        self.blocked_until = self.blocked_until.max(budget.blocked_until);
        self.seen_at = Some(now);
    }

    fn lease(&mut self, resource: Resource) -> &mut Lease {
        match resource {
            Resource::Core => &mut self.core,
            Resource::Graphql => &mut self.graphql,
        }
    }
}
