//! Organizations, their members and teams.

use ampel_domain::{
    ids::{OrganizationId, UserId},
    tenancy::{Member, Organization, Role, Team},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    expression::Condition,
    item::{Document, decode, encode},
    keys,
    store::Question,
    transaction::{Action, Meaning},
};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrganizationItem {
    id: OrganizationId,
    owner: UserId,
    name: String,
    created_at: Timestamp,
}

impl Document for OrganizationItem {
    const TYPE: &'static str = "organization";
    const VERSION: u32 = 1;
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MemberItem {
    organization: OrganizationId,
    user: UserId,
    role: Role,
    joined_at: Timestamp,
}

impl Document for MemberItem {
    const TYPE: &'static str = "member";
    const VERSION: u32 = 1;
}

/// The person's side of a membership: only which organization, the rest is on the other side.
#[derive(Serialize, Deserialize)]
struct MembershipItem {
    organization: OrganizationId,
}

impl Document for MembershipItem {
    const TYPE: &'static str = "membership";
    const VERSION: u32 = 1;
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TeamItem {
    id: ampel_domain::ids::TeamId,
    name: String,
    is_default: bool,
    created_at: Timestamp,
}

impl Document for TeamItem {
    const TYPE: &'static str = "team";
    const VERSION: u32 = 1;
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TeamMemberItem {
    user: UserId,
    joined_at: Timestamp,
}

impl Document for TeamMemberItem {
    const TYPE: &'static str = "team_member";
    const VERSION: u32 = 1;
}

impl Store {
    /// An organization.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn organization(
        &self,
        id: OrganizationId,
    ) -> Result<Option<Organization>, StoreError> {
        let Some(item) = self.get(&keys::organization_meta(id)).await? else {
            return Ok(None);
        };
        let item: OrganizationItem = decode(item)?;
        Ok(Some(Organization {
            id: item.id,
            owner: item.owner,
            name: item.name,
            created_at: item.created_at,
        }))
    }

    /// Whether the table answers: asks for an item that is not there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Refused`].
    pub async fn answers(&self) -> Result<(), StoreError> {
        self.get(&keys::nothing()).await.map(|_| ())
    }

    /// A member of an organization, read consistently: who was removed is out at once.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn member(
        &self,
        organization: OrganizationId,
        user: UserId,
    ) -> Result<Option<Member>, StoreError> {
        let Some(item) = self.get(&keys::member(organization, user)).await? else {
            return Ok(None);
        };
        let item: MemberItem = decode(item)?;
        Ok(Some(Member {
            organization: item.organization,
            user: item.user,
            role: item.role,
            joined_at: item.joined_at,
        }))
    }

    /// The organizations that a person is a member of, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn organizations_of(&self, user: UserId) -> Result<Vec<OrganizationId>, StoreError> {
        let question = Question::table(keys::user_partition(user), keys::USER_ORGANIZATION_PREFIX);
        let items = self.pages(&question).await?;
        items
            .into_iter()
            .map(|item| decode::<MembershipItem>(item).map(|item| item.organization))
            .collect()
    }

    /// Makes somebody a member of an organization.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when they are one, [`StoreError::Unavailable`].
    pub async fn add_member(&self, member: &Member) -> Result<(), StoreError> {
        self.transact(self.member_actions(member)?).await
    }

    /// Both sides of a membership.
    pub(crate) fn member_actions(&self, member: &Member) -> Result<Vec<Action>, StoreError> {
        let theirs = MembershipItem {
            organization: member.organization,
        };
        let ours = MemberItem {
            organization: member.organization,
            user: member.user,
            role: member.role,
            joined_at: member.joined_at,
        };
        let here = keys::member(member.organization, member.user);
        let there = keys::user_organization(member.user, member.organization);
        Ok(vec![
            self.new_item(encode(&here, &ours)?)?,
            self.new_item(encode(&there, &theirs)?)?,
        ])
    }

    /// A new organization.
    pub(crate) fn organization_action(
        &self,
        organization: &Organization,
    ) -> Result<Action, StoreError> {
        let item = OrganizationItem {
            id: organization.id,
            owner: organization.owner,
            name: organization.name.clone(),
            created_at: organization.created_at,
        };
        self.new_item(encode(&keys::organization_meta(organization.id), &item)?)
    }

    /// A new team with its first member.
    pub(crate) fn team_actions(
        &self,
        team: &Team,
        user: UserId,
    ) -> Result<Vec<Action>, StoreError> {
        let member = TeamMemberItem {
            user,
            joined_at: team.created_at,
        };
        let item = TeamItem {
            id: team.id,
            name: team.name.clone(),
            is_default: team.is_default,
            created_at: team.created_at,
        };
        let key = keys::team(team.organization, team.id);
        let member_key = keys::team_member(team.organization, team.id, user);
        Ok(vec![
            self.new_item(encode(&key, &item)?)?,
            self.new_item(encode(&member_key, &member)?)?,
        ])
    }

    /// Writes an item that must not be there yet.
    pub(crate) fn new_item(&self, item: crate::item::Item) -> Result<Action, StoreError> {
        Action::put(self, item, Some(Condition::Absent), Meaning::Exists)
    }
}
