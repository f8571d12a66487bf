//! Changing an account, and choosing the default.

use ampel_domain::{
    accounts::{Account, ValidationStatus},
    ids::AccountId,
    secret::Secret,
    tenancy::{Caller, Role},
};
use ampel_providers::Providers;
use ampel_store::StoreError;
use ampel_wire::api::accounts::AccountChange;

use super::{
    AccountView, Accounts,
    add::{already_connected, label_taken},
};
use crate::refusal::Refusal;

impl Accounts {
    /// Changes an account; what the change does not name stays. A new token is validated first
    /// and, if it is a person's, must belong to the same one at the provider.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] below the role member and for what others share, save for admins;
    /// [`Refusal::BadRequest`] for a token the provider refuses or that is somebody else's;
    /// [`Refusal::Conflict`] for a label used already, or a change side by side.
    pub async fn change(
        &self,
        caller: Caller,
        id: AccountId,
        change: AccountChange,
    ) -> Result<AccountView, Refusal> {
        caller.require(Role::Member)?;
        let before = self.changeable(caller, id).await?;
        let mut after = Account {
            label: change.label.unwrap_or_else(|| before.label.clone()),
            is_active: change.is_active.unwrap_or(before.is_active),
            shared: change.shared.unwrap_or(before.shared),
            ..before.clone()
        };
        if let Some(token) = change.token {
            let username = change.username.as_deref();
            let token = Providers::credential(before.provider, username, token);
            self.replace_token(&mut after, &token).await?;
        }
        if after != before {
            match self.store.change_account(&before, &after).await {
                Ok(()) => {}
                Err(StoreError::Exists) if after.label == before.label => {
                    return Err(already_connected());
                }
                Err(StoreError::Exists) => return Err(label_taken()),
                Err(error) => return Err(error.into()),
            }
        }
        self.view(after).await
    }

    async fn replace_token(
        &self,
        account: &mut Account,
        token: &Secret<String>,
    ) -> Result<(), Refusal> {
        let said = self.ask(account.provider, &account.instance, token).await?;
        if said.is_of_person && said.identity.user_id != account.identity.user_id {
            return Err(Refusal::BadRequest(
                "Token validation failed: the token belongs to another person. Connect it as an \
                 account of its own."
                    .to_owned(),
            ));
        }
        account.token = self.seal(account.organization, account.id, token).await?;
        account.identity = said.identity;
        account.scopes = said.scopes;
        account.token_expires_at = said.expires_at;
        account.validation = ValidationStatus::Valid;
        account.last_validated_at = Some(self.moments.now());
        Ok(())
    }

    /// Makes an account the default of its owner for its provider instance.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] below the role member and for what others share, save for admins;
    /// [`Refusal::Impossible`] for one that is switched off.
    pub async fn choose_default(
        &self,
        caller: Caller,
        id: AccountId,
    ) -> Result<AccountView, Refusal> {
        caller.require(Role::Member)?;
        let account = self.changeable(caller, id).await?;
        if !account.is_active {
            return Err(Refusal::Impossible(
                "The account is switched off".to_owned(),
            ));
        }
        match self.store.choose_default_account(&account).await {
            Ok(()) => {}
            Err(StoreError::NotFound) => return Err(Refusal::NotFound("Account")),
            Err(error) => return Err(error.into()),
        }
        self.view(Account {
            is_default: true,
            ..account
        })
        .await
    }
}
