//! Registration, login, sessions and the profile.

use ampel_domain::{
    ids::{OrganizationId, UserId},
    secret::Secret,
    tenancy::{Email, Role},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Check, Fields, Invalid, schemas};

/// Characters a password has: long enough to resist, short enough not to be a way to waste time.
const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 8..=128;
const NAME_LENGTH: std::ops::RangeInclusive<usize> = 1..=100;

/// A text in a request that must not be printed.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct SecretText(pub Secret<String>);

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(Secret::new(text))
    }
}

/// Somebody wants to register.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegisterRequest {
    /// A valid address, at most 254 characters.
    #[schema(format = Email, max_length = 254)]
    pub email: String,
    /// 8 to 128 characters.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
    pub password: SecretText,
    /// How they want to be called.
    #[schema(min_length = 1, max_length = 100)]
    pub display_name: Option<String>,
}

/// A checked [`RegisterRequest`].
pub struct Registration {
    /// The address.
    pub email: Email,
    /// The password.
    pub password: Secret<String>,
    /// How they want to be called.
    pub display_name: Option<String>,
}

impl Check for RegisterRequest {
    type Checked = Registration;

    fn check(self) -> Result<Registration, Invalid> {
        let mut fields = Fields::default();
        let email = fields.take("email", self.email.parse::<Email>());
        let length = self.password.0.expose().chars().count();
        let password = if PASSWORD_LENGTH.contains(&length) {
            Ok(self.password.0)
        } else {
            Err("must have 8 to 128 characters")
        };
        let password = fields.take("password", password);
        let display_name = self
            .display_name
            .and_then(|name| fields.text("displayName", &name, NAME_LENGTH));
        let checked = email.zip(password).map(|(email, password)| Registration {
            email,
            password,
            display_name,
        });
        fields.finish(checked)
    }
}

/// Somebody wants to log in.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LoginRequest {
    /// The address they registered.
    #[schema(format = Email, max_length = 254)]
    pub email: String,
    /// The password.
    #[schema(value_type = String, format = Password, min_length = 1, max_length = 128)]
    pub password: SecretText,
}

/// A checked [`LoginRequest`].
pub struct Credentials {
    /// The address.
    pub email: Email,
    /// The password.
    pub password: Secret<String>,
}

impl Check for LoginRequest {
    type Checked = Credentials;

    fn check(self) -> Result<Credentials, Invalid> {
        let mut fields = Fields::default();
        let email = fields.take("email", self.email.parse::<Email>());
        let password = match self.password.0.expose().chars().count() {
            0 => Err("must not be empty"),
            // Hashing takes time; nobody has registered such a password.
            more if more > *PASSWORD_LENGTH.end() => Err("must have at most 128 characters"),
            _fine => Ok(self.password.0),
        };
        let password = fields.take("password", password);
        let checked = email
            .zip(password)
            .map(|(email, password)| Credentials { email, password });
        fields.finish(checked)
    }
}

/// What lets its bearer in. The refresh token is in the `ampel_refresh` cookie, never here.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenResponse {
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// Seconds until the access token ends.
    #[schema(example = 900)]
    pub expires_in: i64,
}

/// Somebody's profile.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MeResponse {
    /// Their id.
    #[schema(schema_with = schemas::id)]
    pub id: UserId,
    /// The address they log in with.
    pub email: String,
    /// How they want to be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// A picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// A language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Since when.
    #[schema(schema_with = schemas::time)]
    pub created_at: Timestamp,
    /// The organization the access token is for.
    #[schema(schema_with = schemas::id)]
    pub organization_id: OrganizationId,
    /// What they may do there.
    #[schema(schema_with = schemas::role)]
    pub role: Role,
    /// The organizations they are a member of.
    pub organizations: Vec<MembershipResponse>,
}

/// A membership.
#[derive(Serialize, ToSchema)]
pub struct MembershipResponse {
    /// The organization.
    #[schema(schema_with = schemas::id)]
    pub id: OrganizationId,
    /// What it is called.
    pub name: String,
    /// What the person may do there.
    #[schema(schema_with = schemas::role)]
    pub role: Role,
}

/// Somebody wants to change their profile. What is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateMeRequest {
    /// Another address to log in with.
    #[schema(format = Email, max_length = 254)]
    pub email: Option<String>,
    /// Another name; an empty one removes it.
    #[schema(max_length = 100)]
    pub display_name: Option<String>,
}

/// A checked [`UpdateMeRequest`].
pub struct ProfileChange {
    /// Another address.
    pub email: Option<Email>,
    /// Another name; an empty one removes it.
    pub display_name: Option<String>,
}

impl Check for UpdateMeRequest {
    type Checked = ProfileChange;

    fn check(self) -> Result<ProfileChange, Invalid> {
        let mut fields = Fields::default();
        let email = self
            .email
            .and_then(|email| fields.take("email", email.parse::<Email>()));
        let display_name = self
            .display_name
            .and_then(|name| fields.text("displayName", &name, 0..=*NAME_LENGTH.end()));
        fields.finish(Some(ProfileChange {
            email,
            display_name,
        }))
    }
}

/// Somebody wants to work in another of their organizations.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SwitchRequest {
    /// The organization.
    #[schema(format = Uuid)]
    pub organization_id: String,
}

impl Check for SwitchRequest {
    type Checked = OrganizationId;

    fn check(self) -> Result<OrganizationId, Invalid> {
        let mut fields = Fields::default();
        let id = fields.take("organizationId", self.organization_id.parse());
        fields.finish(id)
    }
}
