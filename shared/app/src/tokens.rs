//! Opening the tokens of accounts for the calls that need them.

use ampel_cloud::vault::Vault;
use ampel_domain::{
    accounts::{Account, ValidationStatus},
    ids::{AccountId, OrganizationId},
    secret::{SealPurpose, Sealed, Secret},
};
use ampel_store::{Store, StoreError};
use jiff::Timestamp;

use crate::error::AppError;

/// Opens the tokens of accounts.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Where accounts are.
    pub store: Store,
    /// What opens them.
    pub vault: Vault,
}

/// The token of an account, opened.
#[derive(Debug, Clone)]
pub struct OpenToken {
    /// What the provider is asked with.
    pub secret: Secret<String>,
    /// What it was opened from: another token is sealed otherwise.
    pub sealed: Sealed,
}

impl Tokens {
    /// The token of an account; `None` when the account is gone or switched off.
    ///
    /// # Errors
    /// When table or vault do not answer, or the token was sealed for something else.
    pub async fn open(
        &self,
        organization: OrganizationId,
        account: AccountId,
    ) -> Result<Option<OpenToken>, AppError> {
        let Some(account) = self.store.account(organization, account).await? else {
            return Ok(None);
        };
        if !account.is_active {
            return Ok(None);
        }
        let record = account.id.to_string();
        let purpose = SealPurpose::AccountToken;
        let sealed = account.token;
        let secret = self
            .vault
            .open(organization, &record, purpose, &sealed)
            .await?;
        Ok(Some(OpenToken { secret, sealed }))
    }

    /// The provider refused the token of an account at `now`: its owner is told so. A token that
    /// was changed meanwhile is another one, of which nothing is known.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn refused(
        &self,
        organization: OrganizationId,
        account: AccountId,
        refused: &Sealed,
        now: Timestamp,
    ) -> Result<(), AppError> {
        let Some(before) = self.store.account(organization, account).await? else {
            return Ok(());
        };
        if before.token != *refused || before.validation == ValidationStatus::Invalid {
            return Ok(());
        }
        let after = Account {
            validation: ValidationStatus::Invalid,
            last_validated_at: Some(now),
            ..before.clone()
        };
        match self.store.change_account(&before, &after).await {
            Ok(()) | Err(StoreError::LostRace | StoreError::NotFound) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }
}
