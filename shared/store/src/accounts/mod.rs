//! Accounts at Git providers, the choice of defaults, and the locks that keep them unique.

mod item;
mod write;

use ampel_domain::{
    accounts::Account,
    ids::{AccountId, OrganizationId},
};

use crate::{
    Store, StoreError,
    item::{Document, Item, decode, kind_of},
    keys,
    store::Question,
};
use item::{AccountItem, DefaultItem};

impl Store {
    /// The accounts of an organization, of all its members, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn accounts(&self, organization: OrganizationId) -> Result<Vec<Account>, StoreError> {
        let partition = keys::organization(organization);
        let question = Question::table(partition, keys::ACCOUNTS_PREFIX);
        let mut accounts = Vec::new();
        let mut defaults = Vec::new();
        for item in self.pages(&question).await? {
            read_into(item, &mut accounts, &mut defaults)?;
        }
        let accounts = accounts.into_iter().map(|item: AccountItem| {
            let is_default = defaults.contains(&item.id);
            item.account(is_default)
        });
        accounts.collect()
    }

    /// An account of an organization.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn account(
        &self,
        organization: OrganizationId,
        id: AccountId,
    ) -> Result<Option<Account>, StoreError> {
        let Some(item) = self.get(&keys::account(organization, id)).await? else {
            return Ok(None);
        };
        let item: AccountItem = decode(item)?;
        let chosen = keys::default_account(organization, item.user, item.provider, &item.instance);
        let is_default = match self.get(&chosen).await? {
            Some(chosen) => decode::<DefaultItem>(chosen)?.account == id,
            None => false,
        };
        item.account(is_default).map(Some)
    }
}

fn read_into(
    item: Item,
    accounts: &mut Vec<AccountItem>,
    defaults: &mut Vec<AccountId>,
) -> Result<(), StoreError> {
    let item: serde_dynamo::Item = item.into();
    if kind_of(&item) == Some(DefaultItem::TYPE) {
        defaults.push(decode::<DefaultItem>(item)?.account);
    } else {
        accounts.push(decode(item)?);
    }
    Ok(())
}
