//! Connecting an account: the provider is asked before anything is kept.

use std::sync::Arc;

use ampel_domain::{
    accounts::{Account, ValidationStatus},
    ids::AccountId,
    instance::InstanceUrl,
    provider::Provider,
    secret::Secret,
    tenancy::{Caller, Role},
};
use ampel_providers::{Providers, TokenValidation, pacing::Unpaced};
use ampel_store::StoreError;
use ampel_wire::api::{Invalid, accounts::NewAccount};

use super::{AccountView, Accounts, TRIES};
use crate::refusal::Refusal;

impl Accounts {
    /// Connects an account. The first of its owner for a provider instance becomes the default.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] below the role member; [`Refusal::Invalid`] for an instance we do
    /// not call; [`Refusal::BadRequest`] for a token the provider refuses or a provider we do not
    /// serve; [`Refusal::Conflict`] when the identity is connected or the label used already.
    pub async fn add(&self, caller: Caller, new: NewAccount) -> Result<AccountView, Refusal> {
        caller.require(Role::Member)?;
        let instance = self.instance(new.provider, new.instance_url.as_deref())?;
        let token = Providers::credential(new.provider, new.username.as_deref(), new.token);
        let said = self.ask(new.provider, &instance, &token).await?;
        let id = AccountId::new(self.moments.id_seed());
        let now = self.moments.now();
        let mut account = Account {
            id,
            organization: caller.organization,
            user: caller.user,
            provider: new.provider,
            instance,
            label: new.label,
            identity: said.identity,
            scopes: said.scopes,
            token_expires_at: said.expires_at,
            validation: ValidationStatus::Valid,
            last_validated_at: Some(now),
            is_active: true,
            is_default: false,
            shared: new.shared,
            token: self.seal(caller.organization, id, &token).await?,
            created_at: now,
            version: 1,
        };
        for _try in 0..TRIES {
            account.is_default = self.is_first(&account).await?;
            match self.store.add_account(&account).await {
                Ok(()) => return self.view(account).await,
                Err(StoreError::Exists) => return Err(already_connected()),
                // Somebody chose a default meanwhile: look again whether this is the first.
                Err(StoreError::LostRace) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::LostRace.into())
    }

    fn instance(&self, provider: Provider, typed: Option<&str>) -> Result<InstanceUrl, Refusal> {
        match typed {
            None => Ok(Providers::default_instance(provider)),
            Some(typed) => self
                .rules
                .check_instance(typed)
                .map_err(|why| Invalid::field("instanceUrl", why).into()),
        }
    }

    /// Asks the provider whose token it is.
    pub(super) async fn ask(
        &self,
        provider: Provider,
        instance: &InstanceUrl,
        token: &Secret<String>,
    ) -> Result<TokenValidation, Refusal> {
        let client = self
            .providers
            .client(provider, instance, token.clone(), Arc::new(Unpaced))
            .map_err(|error| self.token_refused(&error))?;
        client
            .validate_credentials()
            .await
            .map_err(|error| self.token_refused(&error))
    }

    /// Whether its owner has no other for its provider instance; refuses what is there already.
    async fn is_first(&self, new: &Account) -> Result<bool, Refusal> {
        let accounts = self.store.accounts(new.organization).await?;
        let mut siblings = accounts.iter().filter(|one| is_sibling(one, new));
        let mut first = true;
        for sibling in siblings.by_ref() {
            first = first && !sibling.is_default;
            if sibling.identity.user_id == new.identity.user_id {
                return Err(already_connected());
            }
            if sibling.label.to_lowercase() == new.label.to_lowercase() {
                return Err(label_taken());
            }
        }
        Ok(first)
    }
}

/// Whether two accounts are of one person for one provider instance.
pub(super) fn is_sibling(one: &Account, other: &Account) -> bool {
    one.user == other.user
        && one.provider == other.provider
        && one.instance == other.instance
        && one.id != other.id
}

pub(super) fn already_connected() -> Refusal {
    Refusal::Conflict(
        "This account is already connected. Use PATCH to update the token.".to_owned(),
    )
}

pub(super) fn label_taken() -> Refusal {
    Refusal::Conflict("Another of your accounts there has this label".to_owned())
}
