//! Asking the provider whether a stored token is still good.

use ampel_domain::{
    accounts::{Account, ValidationStatus},
    budget::Priority,
    ids::AccountId,
    secret::SealPurpose,
    tenancy::{Caller, Role},
};
use ampel_providers::TokenValidation;
use jiff::Timestamp;

use super::{Accounts, is_verdict};
use crate::{budget::Payer, refusal::Refusal};

/// What the provider said of a stored token.
#[derive(Debug)]
pub struct Validation {
    /// The account as it is now.
    pub account: Account,
    /// Why the token is not good; `None` when it is.
    pub refused: Option<String>,
    /// When the provider was asked.
    pub at: Timestamp,
}

impl Accounts {
    /// Asks the provider whether the token of an account is good, and stores the answer. Where
    /// the provider can not be asked, nothing is stored.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] below the role member and for what others share, save for admins;
    /// [`Refusal::Provider`] and [`Refusal::TooMany`] when the provider does not say.
    pub async fn validate(&self, caller: Caller, id: AccountId) -> Result<Validation, Refusal> {
        caller.require(Role::Member)?;
        let before = self.changeable(caller, id).await?;
        let (record, purpose) = (id.to_string(), SealPurpose::AccountToken);
        let token = self
            .vault
            .open(before.organization, &record, purpose, &before.token)
            .await?;
        let now = self.moments.now();
        let payer = Payer {
            organization: before.organization,
            account: id,
            provider: before.provider,
            instance: &before.instance,
        };
        let pacer = self.budgets.pacer(&payer, Priority::Interactive);
        let client = self
            .providers
            .client(before.provider, &before.instance, token, pacer)
            .map_err(|error| Refusal::provider(&error, now))?;
        let (mut account, refused) = match client.validate_credentials().await {
            Ok(said) => accepted(before.clone(), said),
            Err(error) if is_verdict(&error) => {
                (invalid(before.clone()), Some(error.user_message()))
            }
            Err(error) => return Err(Refusal::provider(&error, now)),
        };
        account.last_validated_at = Some(now);
        self.store.change_account(&before, &account).await?;
        Ok(Validation {
            account,
            refused,
            at: now,
        })
    }
}

fn accepted(account: Account, said: TokenValidation) -> (Account, Option<String>) {
    if said.identity.user_id != account.identity.user_id {
        let why = "The token belongs to another person now".to_owned();
        return (invalid(account), Some(why));
    }
    let account = Account {
        identity: said.identity,
        scopes: said.scopes,
        token_expires_at: said.expires_at,
        validation: ValidationStatus::Valid,
        ..account
    };
    (account, None)
}

fn invalid(account: Account) -> Account {
    Account {
        validation: ValidationStatus::Invalid,
        ..account
    }
}
