//! Keys of people, organizations, sessions, accounts and counters.

use ampel_domain::{
    ids::{AccountId, OrganizationId, SessionId, TeamId, UserId},
    instance::InstanceUrl,
    provider::{Provider, ProviderUserId},
    tenancy::Email,
};

use super::{Key, digest, organization};

/// The partition of a person.
#[must_use]
pub fn user_partition(user: UserId) -> String {
    format!("USER#{user}")
}

/// A person.
#[must_use]
pub fn user(user: UserId) -> Key {
    Key::new(user_partition(user), "PROFILE")
}

/// The lock by which an address registers once. The address itself is in no key.
#[must_use]
pub fn email_lock(email: &Email) -> Key {
    Key::new(format!("EMAIL#{}", digest(&[&email.canonical()])), "LOCK")
}

/// What the sort keys of a person's organizations begin with.
pub const USER_ORGANIZATION_PREFIX: &str = "ORG#";

/// That a person is a member of an organization, on the person's side.
#[must_use]
pub fn user_organization(user: UserId, organization: OrganizationId) -> Key {
    Key::new(
        user_partition(user),
        format!("{USER_ORGANIZATION_PREFIX}{organization}"),
    )
}

/// A session of a person.
#[must_use]
pub fn session(user: UserId, session: SessionId) -> Key {
    Key::new(user_partition(user), format!("SESSION#{session}"))
}

/// An organization.
#[must_use]
pub fn organization_meta(id: OrganizationId) -> Key {
    Key::new(organization(id), "META")
}

/// A member of an organization.
#[must_use]
pub fn member(id: OrganizationId, user: UserId) -> Key {
    Key::new(organization(id), format!("MEMBER#{user}"))
}

/// A team of an organization. Its members follow it.
#[must_use]
pub fn team(id: OrganizationId, team: TeamId) -> Key {
    Key::new(organization(id), format!("TEAM#{team}"))
}

/// A member of a team.
#[must_use]
pub fn team_member(id: OrganizationId, team_id: TeamId, user: UserId) -> Key {
    let Key { pk, sk } = team(id, team_id);
    Key::new(pk, format!("{sk}#MEMBER#{user}"))
}

/// What the sort keys of an organization's accounts and of its choices of defaults begin with.
pub const ACCOUNTS_PREFIX: &str = "ACCOUNT";

/// An account.
#[must_use]
pub fn account(id: OrganizationId, account: AccountId) -> Key {
    Key::new(organization(id), format!("{ACCOUNTS_PREFIX}#{account}"))
}

/// Which of a person's accounts for a provider instance is the default.
#[must_use]
pub fn default_account(
    id: OrganizationId,
    user: UserId,
    provider: Provider,
    instance: &InstanceUrl,
) -> Key {
    let digest = digest(&[&user.to_string(), provider.as_str(), instance.as_str()]);
    Key::new(
        organization(id),
        format!("{ACCOUNTS_PREFIX}-DEFAULT#{digest}"),
    )
}

/// The lock by which a person connects an identity of a provider instance once.
#[must_use]
pub fn account_identity_lock(
    id: OrganizationId,
    user: UserId,
    provider: Provider,
    instance: &InstanceUrl,
    identity: &ProviderUserId,
) -> Key {
    let digest = digest(&[
        &user.to_string(),
        provider.as_str(),
        instance.as_str(),
        &identity.0,
    ]);
    Key::new(organization(id), format!("LOCK#ACCOUNT#{digest}"))
}

/// The lock by which a person's accounts for a provider instance have different labels.
#[must_use]
pub fn account_label_lock(
    id: OrganizationId,
    user: UserId,
    provider: Provider,
    instance: &InstanceUrl,
    label: &str,
) -> Key {
    let digest = digest(&[
        &user.to_string(),
        provider.as_str(),
        instance.as_str(),
        &label.to_lowercase(),
    ]);
    Key::new(organization(id), format!("LOCK#ACCOUNT-LABEL#{digest}"))
}

/// The rate budget of an account. It is written often, so it has a partition of its own, which
/// names the organization.
#[must_use]
pub fn budget(id: OrganizationId, account: AccountId) -> Key {
    Key::new(format!("{}#BUDGET#{account}", organization(id)), "BUDGET")
}

/// A counter of a window that begins at `start`, in seconds since the epoch. Its subject may be
/// an address, so it is hashed.
#[must_use]
pub fn rate(name: &str, subject: &[&str], start: i64) -> Key {
    Key::new(
        format!("RATE#{name}#{}", digest(subject)),
        format!("WINDOW#{start}"),
    )
}

/// A key that no item has; asking for it tells whether the table answers.
#[must_use]
pub fn nothing() -> Key {
    Key::new("HEALTH".to_owned(), "NOTHING")
}
