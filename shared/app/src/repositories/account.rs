//! Whose token a repository is read with.

use ampel_domain::{
    accounts::Account, budget::Priority, ids::AccountId, provider::Provider,
    repositories::Repository, tenancy::Caller,
};
use ampel_providers::{GitProvider, Providers};
use ampel_wire::api::{Invalid, repositories::AccountChoice};

use super::Repositories;
use crate::{budget::Payer, refusal::Refusal};

impl Repositories {
    /// The account that was chosen. The caller may use their own and those that others share.
    pub(super) async fn account(
        &self,
        caller: Caller,
        choice: AccountChoice,
    ) -> Result<Account, Refusal> {
        match choice {
            AccountChoice::Named(id, provider) => {
                let account = self.named_account(caller, id).await?;
                match provider {
                    Some(other) if other != account.provider => {
                        let why = "is not the provider of the account that accountId names";
                        Err(Invalid::field("provider", why).into())
                    }
                    Some(_) | None => Ok(account),
                }
            }
            AccountChoice::Default(provider) => {
                let accounts = self.store.accounts(caller.organization).await?;
                best(caller, provider, accounts).ok_or_else(not_connected)
            }
        }
    }

    async fn named_account(&self, caller: Caller, id: AccountId) -> Result<Account, Refusal> {
        let account = self.store.account(caller.organization, id).await?;
        let account = account
            .filter(|account| account.is_visible_to(&caller))
            .ok_or(Refusal::NotFound("Account"))?;
        if account.is_active {
            Ok(account)
        } else {
            Err(Refusal::BadRequest(
                "The account is switched off".to_owned(),
            ))
        }
    }

    /// Another account for a repository: one of the instance it is on.
    pub(super) async fn account_for(
        &self,
        caller: Caller,
        repository: &Repository,
        id: AccountId,
    ) -> Result<Account, Refusal> {
        let account = self.named_account(caller, id).await?;
        if account.provider == repository.provider && account.instance == repository.instance {
            Ok(account)
        } else {
            Err(Refusal::BadRequest(
                "The account is of another provider instance".to_owned(),
            ))
        }
    }

    /// A client with the account's token.
    pub(super) async fn client(&self, account: &Account) -> Result<Box<dyn GitProvider>, Refusal> {
        let now = self.moments.now();
        let token = self.tokens.open(account.organization, account.id).await;
        let token = token
            .map_err(|error| Refusal::of_app_error(error, now))?
            .ok_or_else(not_connected)?;
        let payer = Payer {
            organization: account.organization,
            account: account.id,
            provider: account.provider,
            instance: &account.instance,
        };
        let pacer = self.budgets.pacer(&payer, Priority::Interactive);
        self.providers
            .client(account.provider, &account.instance, token.secret, pacer)
            .map_err(|error| Refusal::provider(&error, now))
    }
}

fn not_connected() -> Refusal {
    Refusal::BadRequest("Provider not connected".to_owned())
}

/// The caller's default account of a provider, else another of theirs, else one that is shared;
/// the provider's public instance before others, then the oldest.
fn best(caller: Caller, provider: Provider, accounts: Vec<Account>) -> Option<Account> {
    let public = Providers::default_instance(provider);
    accounts
        .into_iter()
        .filter(|account| account.provider == provider && account.is_active)
        .filter(|account| account.is_visible_to(&caller))
        .min_by_key(|account| {
            let own = account.user == caller.user;
            let elsewhere = account.instance != public;
            (
                !own,
                !account.is_default,
                elsewhere,
                account.created_at,
                account.id,
            )
        })
}
