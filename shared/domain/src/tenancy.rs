//! Organizations, their members and what a role may do.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{OrganizationId, TeamId, UserId};

/// What a member may do. A higher role may do all that a lower one may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// May read.
    Viewer,
    /// May track repositories, connect accounts and merge.
    #[serde(alias = "developer")]
    Member,
    /// May change what belongs to others.
    #[serde(alias = "maintainer")]
    Admin,
    /// May do everything, and is never the last to leave.
    Owner,
}

/// The caller of a use case: who, where, and with which role. Made only after the membership
/// item was read, so holding one is proof of membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The person.
    pub user: UserId,
    /// The organization all of the caller's queries are scoped to.
    pub organization: OrganizationId,
    /// The role at this request.
    pub role: Role,
}

/// The caller's role does not suffice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this needs the role {needed:?} or higher")]
pub struct Forbidden {
    /// The lowest role that would do.
    pub needed: Role,
}

impl Caller {
    /// Fails unless the caller's role is at least `needed`.
    ///
    /// # Errors
    /// [`Forbidden`] names the role that would suffice.
    pub fn require(&self, needed: Role) -> Result<(), Forbidden> {
        if self.role >= needed {
            Ok(())
        } else {
            Err(Forbidden { needed })
        }
    }
}

/// A membership of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The organization.
    pub organization: OrganizationId,
    /// The person.
    pub user: UserId,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub joined_at: Timestamp,
}

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// Its owner.
    pub owner: UserId,
    /// What it is called.
    pub name: String,
    /// Since when it exists.
    pub created_at: Timestamp,
}

/// A group of members inside an organization. A default one always exists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Its id.
    pub id: TeamId,
    /// The organization it is part of.
    pub organization: OrganizationId,
    /// What it is called.
    pub name: String,
    /// Whether every member of the organization is in it.
    pub is_default: bool,
    /// Since when it exists.
    pub created_at: Timestamp,
}

/// A person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The address they log in with.
    pub email: Email,
    /// How they want to be called, 1 to 100 characters.
    pub display_name: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// A language tag such as `en` or `pt-BR`.
    pub language: Option<String>,
    /// The organization they get when they log in.
    pub home: OrganizationId,
    /// Since when.
    pub created_at: Timestamp,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// An e-mail address as somebody typed it. It does not print: no address in a log line.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

/// A text that is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a valid e-mail address of at most 254 characters")]
pub struct InvalidEmail;

impl Email {
    /// The address as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form two spellings of one address share. Providers treat the local part without
    /// regard to case, so do we: two people can not register `Ada@…` and `ada@…`.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(***)")
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    /// One `@` that has something before it and a dotted or single-label domain behind it, no
    /// white space or control characters. Whether it exists only a mail can tell.
    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmail)?;
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '@';
        let label = |l: &str| {
            !l.is_empty()
                && !l.starts_with('-')
                && !l.ends_with('-')
                && l.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        let valid = text.len() <= 254
            && !local.is_empty()
            && local.len() <= 64
            && local.chars().all(plain)
            && domain.contains('.')
            && domain.split('.').all(label);
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidEmail)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_ordered_and_have_aliases() {
        assert!(Role::Owner > Role::Admin && Role::Admin > Role::Member);
        assert!(Role::Member > Role::Viewer);
        assert_eq!(
            serde_json::from_str::<Role>("\"maintainer\"").unwrap(),
            Role::Admin
        );
        assert_eq!(
            serde_json::from_str::<Role>("\"developer\"").unwrap(),
            Role::Member
        );
    }

    #[test]
    fn addresses() {
        for good in [
            "a@b.co",
            "demo@ampel.local",
            " Ada.L+x@Example.ORG ",
            "ü@münchen.de",
        ] {
            assert!(good.parse::<Email>().is_ok(), "{good}");
        }
        for bad in [
            "", "a", "@b.co", "a@", "a@b", "a b@c.de", "a@b..c", "a@@b.co", "a@-b.co",
        ] {
            assert!(bad.parse::<Email>().is_err(), "{bad}");
        }
        let email: Email = "Ada@Example.org".parse().unwrap();
        assert_eq!(format!("{email:?}"), "Email(***)");
        assert_eq!(email.canonical(), "ada@example.org");
    }
}
