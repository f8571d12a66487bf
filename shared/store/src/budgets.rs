//! The rate budgets of accounts, shared by every process that asks with them.

use ampel_domain::{
    budget::AccountBudget,
    ids::{AccountId, OrganizationId},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    expression::{Changes, Condition, number},
    item::{Document, decode, encode},
    keys::{self, TTL},
    transaction::Meaning,
};

/// How long a budget that nobody uses is kept: longer than any window lasts.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BudgetItem {
    organization: OrganizationId,
    account: AccountId,
    #[serde(flatten)]
    budget: AccountBudget,
    version: u64,
    ttl: i64,
}

impl Document for BudgetItem {
    const TYPE: &'static str = "budget";
    const VERSION: u32 = 1;
}

/// A budget as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredBudget {
    /// The budget.
    pub budget: AccountBudget,
    /// Counts its writes; `None` where nothing was stored yet.
    pub version: Option<u64>,
}

impl Store {
    /// The budget of an account; a fresh one where nothing is stored.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn budget(
        &self,
        organization: OrganizationId,
        account: AccountId,
    ) -> Result<StoredBudget, StoreError> {
        let item = self.get(&keys::budget(organization, account)).await?;
        let Some(item) = item.map(decode::<BudgetItem>).transpose()? else {
            return Ok(StoredBudget::default());
        };
        Ok(StoredBudget {
            budget: item.budget,
            version: Some(item.version),
        })
    }

    /// Stores what became of a budget since it was read: `changed` has the version that was read.
    ///
    /// # Errors
    /// [`StoreError::LostRace`] when another process was faster, [`StoreError::Unavailable`].
    pub async fn change_budget(
        &self,
        organization: OrganizationId,
        account: AccountId,
        changed: &StoredBudget,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let key = keys::budget(organization, account);
        let expires_at = now.checked_add(KEPT).unwrap_or(Timestamp::MAX);
        let item = BudgetItem {
            organization,
            account,
            budget: changed.budget.clone(),
            version: changed.version.unwrap_or(0) + 1,
            ttl: expires_at.as_second(),
        };
        let mut item = encode(&key, &item)?;
        let mut changes = Changes::default().set(TTL, number(expires_at.as_second()));
        for name in ["type", "v", "organization", "account", "version"] {
            changes = changes.set_or_remove(name, item.remove(name));
        }
        for name in ["core", "graphql", "blockedUntil", "nextWriteAt"] {
            changes = changes.set_or_remove(name, item.remove(name));
        }
        let read = Condition::version(changed.version);
        self.update(&key, changes, read, Meaning::LostRace)
            .await
            .map(|_| ())
    }
}
