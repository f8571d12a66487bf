//! How accounts are stored.

use ampel_domain::{
    accounts::{Account, ProviderIdentity, ValidationStatus},
    ids::{AccountId, OrganizationId, UserId},
    instance::InstanceUrl,
    provider::{Login, Provider, ProviderUserId},
    secret::Sealed,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    StoreError,
    item::{Document, corrupt},
    keys,
};

/// An account. Whether it is the default stands in a [`DefaultItem`] alone, so that there is one.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountItem {
    pub(super) id: AccountId,
    organization: OrganizationId,
    pub(super) user: UserId,
    pub(super) provider: Provider,
    pub(super) instance: InstanceUrl,
    label: String,
    identity_id: ProviderUserId,
    identity_login: Login,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity_email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity_avatar_url: Option<String>,
    scopes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_expires_at: Option<Timestamp>,
    validation: ValidationStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_validated_at: Option<Timestamp>,
    is_active: bool,
    shared: bool,
    /// The ciphertext in Base64.
    token: String,
    created_at: Timestamp,
    version: u64,
}

impl Document for AccountItem {
    const TYPE: &'static str = "account";
    const VERSION: u32 = 1;
}

impl AccountItem {
    /// The account as item, one version on.
    pub(super) fn of(account: &Account, version: u64) -> Self {
        let identity = account.identity.clone();
        Self {
            id: account.id,
            organization: account.organization,
            user: account.user,
            provider: account.provider,
            instance: account.instance.clone(),
            label: account.label.clone(),
            identity_id: identity.user_id,
            identity_login: identity.login,
            identity_email: identity.email,
            identity_avatar_url: identity.avatar_url,
            scopes: account.scopes.clone(),
            token_expires_at: account.token_expires_at,
            validation: account.validation,
            last_validated_at: account.last_validated_at,
            is_active: account.is_active,
            shared: account.shared,
            token: STANDARD.encode(account.token.ciphertext()),
            created_at: account.created_at,
            version,
        }
    }

    pub(super) fn account(self, is_default: bool) -> Result<Account, StoreError> {
        let token = STANDARD.decode(&self.token).map_err(|_| {
            let key = keys::account(self.organization, self.id);
            corrupt(&key.to_string(), &"its token is not Base64")
        })?;
        Ok(Account {
            id: self.id,
            organization: self.organization,
            user: self.user,
            provider: self.provider,
            instance: self.instance,
            label: self.label,
            identity: ProviderIdentity {
                user_id: self.identity_id,
                login: self.identity_login,
                email: self.identity_email,
                avatar_url: self.identity_avatar_url,
            },
            scopes: self.scopes,
            token_expires_at: self.token_expires_at,
            validation: self.validation,
            last_validated_at: self.last_validated_at,
            is_active: self.is_active,
            is_default,
            shared: self.shared,
            token: Sealed::new(token),
            created_at: self.created_at,
            version: self.version,
        })
    }
}

/// Which account is the default of a person for a provider instance.
#[derive(Serialize, Deserialize)]
pub(super) struct DefaultItem {
    pub(super) account: AccountId,
}

impl Document for DefaultItem {
    const TYPE: &'static str = "default_account";
    const VERSION: u32 = 1;
}

/// Keeps an identity or a label for one account.
#[derive(Serialize, Deserialize)]
pub(super) struct AccountLock {
    pub(super) account: AccountId,
}

impl Document for AccountLock {
    const TYPE: &'static str = "account_lock";
    const VERSION: u32 = 1;
}
