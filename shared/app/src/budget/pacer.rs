//! What stands between a client and its provider.

use std::sync::Arc;

use ampel_domain::{
    budget::{
        AccountBudget, Allowance, LATENESS, Limit, Priority, RateSeen, Resource, Turn, Wait, after,
        unless_blocked,
    },
    ids::{AccountId, OrganizationId},
};
use ampel_providers::{
    ProviderError,
    pacing::{Call, CallKind, Pacer},
};
use ampel_store::{Store, StoreError, StoredBudget};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::Held;
use crate::{moment::Moments, race};

/// How often a budget is written that others write at the same time.
const TRIES: u32 = 12;
/// How often a write asks for a place that it is too late for once it has it.
const PLACES: u32 = 3;

/// Paces the calls of one account for work of one priority.
pub(super) struct AccountPacer {
    pub(super) organization: OrganizationId,
    pub(super) account: AccountId,
    pub(super) allowance: Option<Allowance>,
    pub(super) priority: Priority,
    pub(super) store: Store,
    pub(super) moments: Moments,
    pub(super) held: Arc<Mutex<Held>>,
}

#[async_trait]
impl Pacer for AccountPacer {
    async fn admit(&self, call: Call) -> Result<(), ProviderError> {
        self.take_call(call.resource).await?;
        match call.kind {
            CallKind::Read => Ok(()),
            CallKind::Write => {
                let placed = self.wait_for_place().await;
                if placed.is_err() {
                    // It is not made after all, and no answer will tell.
                    self.learn(call, None).await;
                }
                placed
            }
        }
    }

    async fn learn(&self, call: Call, seen: Option<&RateSeen>) {
        let now = self.moments.now();
        let mut held = self.held.lock().await;
        held.lease(call.resource).hear(seen, now);
        let Some(seen) = seen else { return };
        let stops = seen.retry_after;
        if let Some(wait) = stops {
            held.blocked_until = held.blocked_until.max(Some(after(now, wait)));
        }
        if stops.is_none() && seen.remaining != Some(0) {
            return;
        }
        if let Err(error) = self.tell_others(&mut held, call.resource, stops).await {
            // They will find out by themselves, or when more is taken here.
            tracing::warn!(account.id = %self.account, %error, "a refusal was not passed on");
        }
    }
}

impl AccountPacer {
    /// Takes a call from what this container holds, or from a new block.
    async fn take_call(&self, resource: Resource) -> Result<(), ProviderError> {
        // Whoever comes meanwhile waits here, and finds the block that was taken.
        let mut held = self.held.lock().await;
        loop {
            let now = self.moments.now();
            unless_blocked(held.blocked_until, now).map_err(limited)?;
            if held.is_out_of_touch(now) && !held.lease(resource).is_empty() {
                self.look(&mut held, now).await?;
                continue;
            }
            match held.lease(resource).turn(self.priority, now) {
                Turn::Go => return Ok(()),
                Turn::Wait(wait) => return Err(limited(wait)),
                Turn::Borrow => self.borrow(&mut held, resource).await?,
            }
        }
    }

    /// Takes a block from the shared budget, and gives back what was taken before.
    async fn borrow(&self, held: &mut Held, resource: Resource) -> Result<(), ProviderError> {
        let report = held.lease(resource).report();
        let (lent, budget) = self
            .change(|budget, now| {
                budget.lend(resource, self.priority, self.allowance, &report, now)
            })
            .await?;
        held.saw(&budget, self.moments.now());
        held.lease(resource).settle(lent.ok());
        lent.map(drop).map_err(limited)
    }

    /// Reads the shared budget: what was lent is no use where another container was refused.
    async fn look(&self, held: &mut Held, now: Timestamp) -> Result<(), ProviderError> {
        let read = self.store.budget(self.organization, self.account).await;
        let read = read.map_err(|error| unreachable(&error))?;
        held.saw(&read.budget, now);
        Ok(())
    }

    /// Stays until a write may set out. Who is held up on the way asks for another place, so that
    /// the next write does not follow too closely.
    async fn wait_for_place(&self) -> Result<(), ProviderError> {
        for _place in 0..PLACES {
            let (place, _budget) = self
                .change(|budget, now| {
                    unless_blocked(budget.blocked_until, now)?;
                    budget.place_write(self.priority, now)
                })
                .await?;
            let place = place.map_err(limited)?;
            sleep(place.duration_since(self.moments.now())).await;
            let now = self.moments.now();
            unless_blocked(self.held.lock().await.blocked_until, now).map_err(limited)?;
            if now.duration_since(place) <= LATENESS {
                return Ok(());
            }
        }
        Err(limited(Wait {
            until: self.moments.now(),
            limit: Limit::Pace,
        }))
    }

    /// Passes on what a refusal said.
    async fn tell_others(
        &self,
        held: &mut Held,
        resource: Resource,
        stops: Option<SignedDuration>,
    ) -> Result<(), ProviderError> {
        let news = held.lease(resource).news();
        self.change(|budget, now| {
            budget.take_in(resource, self.allowance, &news, now);
            if let Some(wait) = stops {
                budget.block(wait, now);
            }
        })
        .await
        .map(drop)
    }

    /// Reads the shared budget, changes it and writes it, until nobody came in between. Answers
    /// what `change` did, and the budget after it. What was not changed is not written.
    async fn change<T>(
        &self,
        change: impl Fn(&mut AccountBudget, Timestamp) -> T + Send + Sync,
    ) -> Result<(T, AccountBudget), ProviderError>
    where
        T: Send,
    {
        for tried in 1..=TRIES {
            let read = self.store.budget(self.organization, self.account).await;
            let read = read.map_err(|error| unreachable(&error))?;
            let now = self.moments.now();
            let mut changed = read.budget.clone();
            let done = change(&mut changed, now);
            if changed == read.budget {
                return Ok((done, changed));
            }
            let write = StoredBudget {
                budget: changed,
                version: read.version,
            };
            match self
                .store
                .change_budget(self.organization, self.account, &write, now)
                .await
            {
                Ok(()) => return Ok((done, write.budget)),
                Err(StoreError::LostRace) => {
                    tokio::time::sleep(race::pause(&self.moments, tried)).await;
                }
                Err(error) => return Err(unreachable(&error)),
            }
        }
        Err(unreachable(&StoreError::LostRace))
    }
}

async fn sleep(wait: SignedDuration) {
    if let Ok(wait) = wait.try_into() {
        tokio::time::sleep(wait).await;
    }
}

fn limited(wait: Wait) -> ProviderError {
    ProviderError::RateLimited {
        until: wait.until,
        limit: wait.limit,
    }
}

/// Nobody asks without a word of the budget: the table is needed for everything else, too.
fn unreachable(error: &StoreError) -> ProviderError {
    ProviderError::Unavailable {
        why: format!("the budget of the account: {error}"),
    }
}
