//! Accounts: connecting, changing, validating and removing tokens for provider instances.

mod add;
mod change;
mod remove;
mod validate;

use ampel_cloud::vault::Vault;
use ampel_domain::{
    accounts::Account,
    ids::{AccountId, OrganizationId},
    instance::AddressRules,
    secret::{SealPurpose, Sealed, Secret},
    tenancy::Caller,
};
use ampel_providers::{ProviderError, Providers};
use ampel_store::Store;
use jiff::Timestamp;

pub use validate::Validation;

use crate::{budget::Budgets, moment::Moments, refusal::Refusal};

/// How often a write is tried that others get in the way of.
const TRIES: usize = 3;

/// What the use cases of accounts work with.
#[derive(Clone)]
pub struct Accounts {
    /// The table.
    pub store: Store,
    /// Seals tokens and opens them to validate.
    pub vault: Vault,
    /// Asks providers.
    pub providers: Providers,
    /// Paces what is asked with accounts.
    pub budgets: Budgets,
    /// Which instances may be named.
    pub rules: AddressRules,
    /// Time and randomness.
    pub moments: Moments,
}

/// An account as its organization sees it.
#[derive(Debug)]
pub struct AccountView {
    /// The account.
    pub account: Account,
    /// How many tracked repositories are read with it.
    pub repositories: usize,
    /// When it was looked at.
    pub at: Timestamp,
}

impl Accounts {
    /// The caller's accounts and those that others share with them, oldest first.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] when the table does not answer.
    pub async fn list(&self, caller: Caller) -> Result<Vec<AccountView>, Refusal> {
        let (accounts, repositories) = futures::try_join!(
            self.store.accounts(caller.organization),
            self.store.repositories(caller.organization),
        )?;
        let at = self.moments.now();
        let visible = accounts
            .into_iter()
            .filter(|one| one.is_visible_to(&caller));
        let view = |account: Account| AccountView {
            repositories: repositories
                .iter()
                .filter(|repository| repository.account == Some(account.id))
                .count(),
            account,
            at,
        };
        Ok(visible.map(view).collect())
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for one the caller may not see.
    pub async fn get(&self, caller: Caller, id: AccountId) -> Result<AccountView, Refusal> {
        let account = self.visible(caller, id).await?;
        self.view(account).await
    }

    async fn view(&self, account: Account) -> Result<AccountView, Refusal> {
        let repositories = self.store.repositories(account.organization).await?;
        let used = |id: &AccountId| *id == account.id;
        Ok(AccountView {
            repositories: repositories
                .iter()
                .filter(|repository| repository.account.as_ref().is_some_and(used))
                .count(),
            account,
            at: self.moments.now(),
        })
    }

    async fn visible(&self, caller: Caller, id: AccountId) -> Result<Account, Refusal> {
        let account = self.store.account(caller.organization, id).await?;
        account
            .filter(|account| account.is_visible_to(&caller))
            .ok_or(Refusal::NotFound("Account"))
    }

    /// An account that the caller may change, too.
    async fn changeable(&self, caller: Caller, id: AccountId) -> Result<Account, Refusal> {
        let account = self.visible(caller, id).await?;
        if account.may_be_changed_by(&caller) {
            Ok(account)
        } else {
            Err(Refusal::Forbidden(
                "Only its owner and admins may change a shared account".to_owned(),
            ))
        }
    }

    async fn seal(
        &self,
        organization: OrganizationId,
        id: AccountId,
        token: &Secret<String>,
    ) -> Result<Sealed, Refusal> {
        let (record, purpose) = (id.to_string(), SealPurpose::AccountToken);
        Ok(self
            .vault
            .seal(organization, &record, purpose, token)
            .await?)
    }

    /// What to answer when the provider did not take a token that somebody wants to save.
    fn token_refused(&self, error: &ProviderError) -> Refusal {
        if is_verdict(error) {
            Refusal::BadRequest(format!("Token validation failed: {}", error.user_message()))
        } else {
            Refusal::provider(error, self.moments.now())
        }
    }
}

/// Whether an error says something about the token, not about the provider.
fn is_verdict(error: &ProviderError) -> bool {
    match error {
        ProviderError::Authentication
        | ProviderError::Permission { .. }
        | ProviderError::NotFound
        | ProviderError::Conflict { .. } => true,
        ProviderError::RateLimited { .. }
        | ProviderError::NotMergeable { .. }
        | ProviderError::HeadMoved
        | ProviderError::MethodNotAllowed { .. }
        | ProviderError::Unavailable { .. }
        | ProviderError::InvalidAnswer { .. }
        | ProviderError::RefusedUrl(_) => false,
    }
}
