//! Accounts at Git providers.

use ampel_domain::{
    accounts::ValidationStatus,
    ids::{AccountId, UserId},
    provider::Provider,
    secret::Secret,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Check, Fields, Invalid, auth::SecretText, schemas};

const LABEL_LENGTH: std::ops::RangeInclusive<usize> = 1..=100;
/// Tokens of all providers are far shorter; KMS seals at most 4096 bytes.
const LONGEST_TOKEN: usize = 2048;
const LONGEST_USERNAME: usize = 254;

/// An account, without its token.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountResponse {
    /// Its id.
    #[schema(schema_with = schemas::id)]
    pub id: AccountId,
    /// Whose token it is.
    #[schema(schema_with = schemas::id)]
    pub user_id: UserId,
    /// The provider.
    #[schema(schema_with = schemas::provider)]
    pub provider: Provider,
    /// The instance of the provider.
    pub instance_url: String,
    /// What the person calls it.
    pub account_label: String,
    /// Who the provider says the token belongs to.
    pub provider_username: String,
    /// Their address there.
    pub provider_email: Option<String>,
    /// Their picture there.
    pub avatar_url: Option<String>,
    /// What the token may do; empty where the provider does not say.
    pub scopes: Vec<String>,
    /// When the token ends, where the provider says so.
    #[schema(schema_with = schemas::optional_time)]
    pub token_expires_at: Option<Timestamp>,
    /// Whether the provider takes the token.
    #[schema(schema_with = schemas::validation_status)]
    pub validation_status: ValidationStatus,
    /// When it was last asked.
    #[schema(schema_with = schemas::optional_time)]
    pub last_validated_at: Option<Timestamp>,
    /// Switched off when false: nothing uses it.
    pub is_active: bool,
    /// Whether it is used where no account is named.
    pub is_default: bool,
    /// Whether all of the organization may use it.
    pub shared: bool,
    /// How many tracked repositories are read with it.
    pub repository_count: usize,
    /// Since when.
    #[schema(schema_with = schemas::time)]
    pub created_at: Timestamp,
}

/// Somebody wants to connect an account.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddAccountRequest {
    /// The provider.
    #[schema(schema_with = schemas::provider)]
    pub provider: String,
    /// The instance of the provider; absent for its public one.
    pub instance_url: Option<String>,
    /// What to call it.
    #[schema(min_length = 1, max_length = 100)]
    pub account_label: String,
    /// A token of the provider. It is never answered. To read, register webhooks and merge:
    ///
    /// - GitHub: a classic personal access token with `repo`, `read:org` and `admin:repo_hook`.
    /// - GitLab: a personal, group or project access token with `api` (to read alone, `read_api`).
    /// - Bitbucket: an API token, with its e-mail address as `username`, with
    ///   `read:user:bitbucket`, `read:workspace:bitbucket`, `read:repository:bitbucket`,
    ///   `read:pullrequest:bitbucket`; `read:webhook:bitbucket`, `write:webhook:bitbucket`,
    ///   `delete:webhook:bitbucket`; `write:repository:bitbucket`, `write:pullrequest:bitbucket`.
    ///   Or an access token of a repository, project or workspace.
    /// - Gitea and Forgejo: an access token with `read:user` and `write:repository` (to read alone,
    ///   `read:repository`).
    #[schema(value_type = String, format = Password, max_length = 2048)]
    pub access_token: SecretText,
    /// The e-mail address that a Bitbucket API token belongs to; nothing else needs it.
    #[schema(max_length = 254)]
    pub username: Option<String>,
    /// Whether all of the organization may use it; no unless said otherwise.
    pub shared: Option<bool>,
}

/// A checked [`AddAccountRequest`]. The instance is checked against the rules of the deployment
/// by the use case.
pub struct NewAccount {
    /// The provider.
    pub provider: Provider,
    /// The instance as typed.
    pub instance_url: Option<String>,
    /// What to call it.
    pub label: String,
    /// Whom the token belongs to, where the provider wants to be told.
    pub username: Option<String>,
    /// The token.
    pub token: Secret<String>,
    /// Whether all of the organization may use it.
    pub shared: bool,
}

impl Check for AddAccountRequest {
    type Checked = NewAccount;

    fn check(self) -> Result<NewAccount, Invalid> {
        let mut fields = Fields::default();
        let provider = fields.take("provider", self.provider.parse::<Provider>());
        let label = fields.text("accountLabel", &self.account_label, LABEL_LENGTH);
        let token = fields.take("accessToken", token(&self.access_token));
        let username = fields.take("username", username(self.username));
        let instance_url = self.instance_url.filter(|url| !url.trim().is_empty());
        let checked = provider.zip(label).zip(token).zip(username);
        let checked = checked.map(|(((provider, label), token), username)| NewAccount {
            provider,
            instance_url,
            label,
            username,
            token,
            shared: self.shared.unwrap_or(false),
        });
        fields.finish(checked)
    }
}

/// A token is one line of printable ASCII: it becomes a header.
fn token(text: &SecretText) -> Result<Secret<String>, &'static str> {
    let trimmed = text.0.expose().trim();
    if trimmed.is_empty() {
        return Err("must not be empty");
    }
    if trimmed.len() > LONGEST_TOKEN {
        return Err("must have at most 2048 characters");
    }
    if !trimmed.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("must not contain white space or special characters");
    }
    Ok(Secret::new(trimmed.to_owned()))
}

/// A user name is joined to the token with a colon, so it has none itself.
fn username(text: Option<String>) -> Result<Option<String>, &'static str> {
    let text = text.map(|text| text.trim().to_owned());
    match text.filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) if text.len() > LONGEST_USERNAME => Err("must have at most 254 characters"),
        Some(text) if text.bytes().all(|b| b.is_ascii_graphic() && b != b':') => Ok(Some(text)),
        Some(_) => Err("must not contain white space, colons or special characters"),
    }
}

/// Somebody wants to change an account. What is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateAccountRequest {
    /// What to call it.
    #[schema(min_length = 1, max_length = 100)]
    pub account_label: Option<String>,
    /// Another token of the same person; it is validated first.
    #[schema(value_type = Option<String>, format = Password, max_length = 2048)]
    pub access_token: Option<SecretText>,
    /// The e-mail address that a new Bitbucket API token belongs to.
    #[schema(max_length = 254)]
    pub username: Option<String>,
    /// Switch it off or on.
    pub is_active: Option<bool>,
    /// Let all of the organization use it, or no longer.
    pub shared: Option<bool>,
}

/// A checked [`UpdateAccountRequest`].
pub struct AccountChange {
    /// What to call it.
    pub label: Option<String>,
    /// Whom the other token belongs to, where the provider wants to be told.
    pub username: Option<String>,
    /// Another token.
    pub token: Option<Secret<String>>,
    /// Switched off or on.
    pub is_active: Option<bool>,
    /// Shared or not.
    pub shared: Option<bool>,
}

impl Check for UpdateAccountRequest {
    type Checked = AccountChange;

    fn check(self) -> Result<AccountChange, Invalid> {
        let mut fields = Fields::default();
        let label = self
            .account_label
            .and_then(|label| fields.text("accountLabel", &label, LABEL_LENGTH));
        let token = self
            .access_token
            .and_then(|text| fields.take("accessToken", token(&text)));
        let username = fields.take("username", username(self.username));
        fields.finish(username.map(|username| AccountChange {
            label,
            username,
            token,
            is_active: self.is_active,
            shared: self.shared,
        }))
    }
}

/// What the provider says of an account's token now.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ValidationResponse {
    /// Whether the provider takes it.
    pub is_valid: bool,
    /// The same in a word.
    #[schema(schema_with = schemas::validation_status)]
    pub validation_status: ValidationStatus,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
    /// Who the provider says the token belongs to.
    pub provider_username: String,
    /// What the token may do.
    pub scopes: Vec<String>,
    /// When it ends, where the provider says so.
    #[schema(schema_with = schemas::optional_time)]
    pub token_expires_at: Option<Timestamp>,
    /// When the provider was asked.
    #[schema(schema_with = schemas::time)]
    pub last_validated_at: Timestamp,
}
