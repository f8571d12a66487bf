//! People: their profile, password hash and the lock of their address.

use std::fmt;

use ampel_domain::{
    ids::{IdSeed, OrganizationId, UserId},
    tenancy::{Email, Member, Organization, Role, Team, User},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    expression::{Condition, text},
    item::{Document, decode, encode},
    keys,
    transaction::{Action, Meaning},
};

/// The hash of a password in PHC form. It does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps a hash.
    #[must_use]
    pub fn new(phc: String) -> Self {
        Self(phc)
    }

    /// The hash in PHC form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(***)")
    }
}

/// A person as stored.
#[derive(Debug, Clone)]
pub struct StoredUser {
    /// The person.
    pub user: User,
    /// The hash of their password.
    pub password: PasswordHash,
    /// Counts writes.
    pub version: u64,
}

/// Somebody who registers, with all that comes into being with them.
pub struct NewUser {
    /// The person.
    pub user: User,
    /// The hash of their password.
    pub password: PasswordHash,
    /// Their personal organization, which they own.
    pub organization: Organization,
    /// Its default team, which they are in.
    pub team: Team,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserItem {
    id: UserId,
    email: Email,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    avatar_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    home: OrganizationId,
    created_at: Timestamp,
    password: PasswordHash,
    version: u64,
}

impl Document for UserItem {
    const TYPE: &'static str = "user";
    const VERSION: u32 = 1;
}

impl UserItem {
    fn of(user: &User, password: &PasswordHash, version: u64) -> Self {
        Self {
            id: user.id,
            email: user.email.clone(),
            display_name: user.display_name.clone(),
            avatar_url: user.avatar_url.clone(),
            language: user.language.clone(),
            home: user.home,
            created_at: user.created_at,
            password: password.clone(),
            version,
        }
    }

    fn stored(self) -> StoredUser {
        StoredUser {
            user: User {
                id: self.id,
                email: self.email,
                display_name: self.display_name,
                avatar_url: self.avatar_url,
                language: self.language,
                home: self.home,
                created_at: self.created_at,
            },
            password: self.password,
            version: self.version,
        }
    }
}

/// Whose an address is.
#[derive(Serialize, Deserialize)]
struct EmailLock {
    user: UserId,
}

impl Document for EmailLock {
    const TYPE: &'static str = "email_lock";
    const VERSION: u32 = 1;
}

/// An id that no person has: all others are made of the time and chance.
fn nobody() -> UserId {
    UserId::new(IdSeed {
        unix_millis: 0,
        random: 0,
    })
}

impl Store {
    /// Registers somebody with their organization and its default team, all or nothing.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the address is registered, [`StoreError::Unavailable`].
    pub async fn register(&self, new: &NewUser) -> Result<(), StoreError> {
        let user = &new.user;
        let lock = EmailLock { user: user.id };
        let profile = UserItem::of(user, &new.password, 1);
        let mut actions = vec![
            self.new_item(encode(&keys::email_lock(&user.email), &lock)?)?,
            self.new_item(encode(&keys::user(user.id), &profile)?)?,
            self.organization_action(&new.organization)?,
        ];
        actions.extend(self.member_actions(&Member {
            organization: new.organization.id,
            user: user.id,
            role: Role::Owner,
            joined_at: user.created_at,
        })?);
        actions.extend(self.team_actions(&new.team, user.id)?);
        self.transact(actions).await
    }

    /// A person.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn user(&self, id: UserId) -> Result<Option<StoredUser>, StoreError> {
        let item = self.get(&keys::user(id)).await?;
        item.map(|item| decode(item).map(UserItem::stored))
            .transpose()
    }

    /// The person of an address, however it is capitalised. An address that is nobody's is as many
    /// reads as any other, so that the time it takes tells nothing.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn user_by_email(&self, email: &Email) -> Result<Option<StoredUser>, StoreError> {
        let owner = match self.get(&keys::email_lock(email)).await? {
            Some(item) => decode::<EmailLock>(item)?.user,
            None => nobody(),
        };
        self.user(owner).await
    }

    /// Changes a person as they were read; an address moves with its lock.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when somebody else has the address, [`StoreError::LostRace`],
    /// [`StoreError::Unavailable`].
    pub async fn change_user(&self, before: &StoredUser, after: &User) -> Result<(), StoreError> {
        let profile = UserItem::of(after, &before.password, before.version + 1);
        let unchanged = Some(Condition::version(Some(before.version)));
        let item = encode(&keys::user(after.id), &profile)?;
        let mut actions = vec![Action::put(self, item, unchanged, Meaning::LostRace)?];
        if before.user.email.canonical() != after.email.canonical() {
            let lock = EmailLock { user: after.id };
            let ours = Condition::Equals("user", text(after.id.to_string()));
            let old = keys::email_lock(&before.user.email);
            actions.push(self.new_item(encode(&keys::email_lock(&after.email), &lock)?)?);
            actions.push(Action::delete(self, &old, Some(ours), Meaning::LostRace)?);
        }
        self.transact(actions).await
    }
}
