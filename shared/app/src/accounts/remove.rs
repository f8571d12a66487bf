//! Removing an account. Its repositories stay, without an account.

use ampel_domain::{
    accounts::Account,
    ids::AccountId,
    tenancy::{Caller, Role},
};
use ampel_store::StoreError;
use futures::{StreamExt, TryStreamExt, stream};

use super::{Accounts, TRIES, add::is_sibling};
use crate::refusal::Refusal;

/// How many repositories are written side by side.
const SIDE_BY_SIDE: usize = 8;

impl Accounts {
    /// Removes an account. Where it was the default, its owner's oldest remaining one for the
    /// same provider instance becomes it, before any that is switched off.
    ///
    /// Repositories are let go of first: what stops in between is finished by the next try, and a
    /// repository that names a removed account is treated as one without.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] below the role member and for what others share, save for admins;
    /// [`Refusal::Conflict`] when others get in the way again and again.
    pub async fn remove(&self, caller: Caller, id: AccountId) -> Result<(), Refusal> {
        caller.require(Role::Member)?;
        for _try in 0..TRIES {
            let account = self.changeable(caller, id).await?;
            self.let_go(&account).await?;
            let accounts = self.store.accounts(caller.organization).await?;
            let successor = successor(&account, &accounts);
            match self.store.remove_account(&account, successor).await {
                Ok(()) => return Ok(()),
                // The account, its successor or the default changed: look again.
                Err(StoreError::LostRace | StoreError::NotFound) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::LostRace.into())
    }

    async fn let_go(&self, account: &Account) -> Result<(), Refusal> {
        let now = self.moments.now();
        let repositories = self.store.repositories(account.organization).await?;
        let used = repositories
            .into_iter()
            .filter(|repository| repository.account == Some(account.id));
        stream::iter(used)
            .map(async |repository| {
                self.store
                    .remove_repository_account(
                        repository.organization,
                        repository.id,
                        account.id,
                        now,
                    )
                    .await
            })
            .buffer_unordered(SIDE_BY_SIDE)
            .try_collect::<()>()
            .await?;
        Ok(())
    }
}

fn successor<'a>(account: &Account, accounts: &'a [Account]) -> Option<&'a Account> {
    accounts
        .iter()
        .filter(|one| is_sibling(one, account))
        .min_by_key(|one| (!one.is_active, one.created_at, one.id))
}
