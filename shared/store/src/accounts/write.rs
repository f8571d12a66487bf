//! Writing accounts: each write is one transaction over the account, its locks and the choice of
//! the default.

use std::collections::BTreeSet;

use ampel_domain::{accounts::Account, ids::AccountId};

use crate::{
    Store, StoreError,
    accounts::item::{AccountItem, AccountLock, DefaultItem},
    expression::{Condition, text},
    item::encode,
    keys::{self, Key},
    transaction::{Action, Meaning},
};

/// The locks an account holds: its identity first, then its label.
fn locks(account: &Account) -> BTreeSet<Key> {
    let Account {
        organization,
        user,
        provider,
        instance,
        ..
    } = account;
    BTreeSet::from([
        keys::account_identity_lock(
            *organization,
            *user,
            *provider,
            instance,
            &account.identity.user_id,
        ),
        keys::account_label_lock(*organization, *user, *provider, instance, &account.label),
    ])
}

fn default_key(account: &Account) -> Key {
    let Account {
        organization,
        user,
        provider,
        instance,
        ..
    } = account;
    keys::default_account(*organization, *user, *provider, instance)
}

impl Store {
    /// Adds an account; with `is_default` it becomes the default where there is none yet.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the person has connected this identity or used this label,
    /// [`StoreError::LostRace`] when somebody else chose a default meanwhile,
    /// [`StoreError::Unavailable`].
    pub async fn add_account(&self, account: &Account) -> Result<(), StoreError> {
        let key = keys::account(account.organization, account.id);
        let item = encode(&key, &AccountItem::of(account, 1))?;
        let mut actions = vec![self.new_item(item)?];
        for lock in locks(account) {
            actions.push(self.lock_account(&lock, account.id)?);
        }
        if account.is_default {
            let chosen = DefaultItem {
                account: account.id,
            };
            let item = encode(&default_key(account), &chosen)?;
            let absent = Some(Condition::Absent);
            actions.push(Action::put(self, item, absent, Meaning::LostRace)?);
        }
        self.transact(actions).await
    }

    /// Replaces an account as it was read. The choice of the default stays.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the person has used the new label or connected the new identity,
    /// [`StoreError::LostRace`],
    /// [`StoreError::Unavailable`].
    pub async fn change_account(
        &self,
        before: &Account,
        after: &Account,
    ) -> Result<(), StoreError> {
        let key = keys::account(after.organization, after.id);
        let item = encode(&key, &AccountItem::of(after, before.version + 1))?;
        let unchanged = Some(Condition::version(Some(before.version)));
        let mut actions = vec![Action::put(self, item, unchanged, Meaning::LostRace)?];
        let (held, wanted) = (locks(before), locks(after));
        for lock in wanted.difference(&held) {
            actions.push(self.lock_account(lock, after.id)?);
        }
        for lock in held.difference(&wanted) {
            actions.push(self.unlock_account(lock, after.id)?);
        }
        self.transact(actions).await
    }

    /// Makes an account its owner's default for its provider instance, instead of any other.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it was removed meanwhile, [`StoreError::Unavailable`].
    pub async fn choose_default_account(&self, account: &Account) -> Result<(), StoreError> {
        let chosen = DefaultItem {
            account: account.id,
        };
        let item = encode(&default_key(account), &chosen)?;
        let put = Action::put(self, item, None, Meaning::LostRace)?;
        self.transact(vec![put, self.account_exists(account)?])
            .await
    }

    /// Removes an account with its locks. Where it was the default, `successor` becomes it.
    ///
    /// # Errors
    /// [`StoreError::LostRace`] when the account, its successor or the choice of the default
    /// changed meanwhile, [`StoreError::Unavailable`].
    pub async fn remove_account(
        &self,
        account: &Account,
        successor: Option<&Account>,
    ) -> Result<(), StoreError> {
        let key = keys::account(account.organization, account.id);
        let unchanged = Some(Condition::version(Some(account.version)));
        let mut actions = vec![Action::delete(self, &key, unchanged, Meaning::LostRace)?];
        for lock in locks(account) {
            actions.push(self.unlock_account(&lock, account.id)?);
        }
        let chosen = default_key(account);
        let is_chosen = Condition::Equals("account", text(account.id.to_string()));
        match successor.filter(|_| account.is_default) {
            Some(successor) => {
                let item = encode(
                    &chosen,
                    &DefaultItem {
                        account: successor.id,
                    },
                )?;
                actions.push(Action::put(self, item, Some(is_chosen), Meaning::LostRace)?);
                actions.push(self.account_exists(successor)?);
            }
            None if account.is_default => {
                let is_chosen = Some(is_chosen);
                actions.push(Action::delete(self, &chosen, is_chosen, Meaning::LostRace)?);
            }
            None => {
                let is_other = Condition::Any(vec![
                    Condition::Absent,
                    Condition::Differs("account", text(account.id.to_string())),
                ]);
                actions.push(Action::check(self, &chosen, is_other, Meaning::LostRace)?);
            }
        }
        self.transact(actions).await
    }

    fn account_exists(&self, account: &Account) -> Result<Action, StoreError> {
        let key = keys::account(account.organization, account.id);
        Action::check(self, &key, Condition::Present, Meaning::NotFound)
    }

    fn lock_account(&self, lock: &Key, account: AccountId) -> Result<Action, StoreError> {
        self.new_item(encode(lock, &AccountLock { account })?)
    }

    fn unlock_account(&self, lock: &Key, account: AccountId) -> Result<Action, StoreError> {
        let ours = Condition::Equals("account", text(account.to_string()));
        Action::delete(self, lock, Some(ours), Meaning::LostRace)
    }
}
