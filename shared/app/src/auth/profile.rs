//! The caller's own profile.

use ampel_domain::tenancy::{Caller, Organization, Role, User};
use ampel_store::{StoreError, users::StoredUser};
use ampel_wire::api::auth::ProfileChange;
use futures::future::try_join_all;

use super::Auth;
use crate::refusal::Refusal;

/// Somebody's profile.
pub struct Profile {
    /// The person.
    pub user: User,
    /// Where they are a member, and what they may do there; oldest first.
    pub memberships: Vec<(Organization, Role)>,
}

impl Auth {
    /// The caller's profile.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] when the person is gone.
    pub async fn profile(&self, caller: Caller) -> Result<Profile, Refusal> {
        let user = self.known(caller).await?.user;
        let ids = self.store.organizations_of(caller.user).await?;
        let read = ids.into_iter().map(async |id| {
            let (organization, member) = futures::try_join!(
                self.store.organization(id),
                self.store.member(id, caller.user),
            )?;
            Ok::<_, StoreError>(organization.zip(member.map(|member| member.role)))
        });
        let memberships = try_join_all(read).await?.into_iter().flatten().collect();
        Ok(Profile { user, memberships })
    }

    /// Changes the caller's profile. What the change does not name stays.
    ///
    /// # Errors
    /// [`Refusal::BadRequest`] for an address that somebody else has.
    pub async fn change_profile(
        &self,
        caller: Caller,
        change: ProfileChange,
    ) -> Result<Profile, Refusal> {
        let before = self.known(caller).await?;
        let user = User {
            email: change.email.unwrap_or_else(|| before.user.email.clone()),
            display_name: match change.display_name {
                None => before.user.display_name.clone(),
                Some(name) => Some(name).filter(|name| !name.is_empty()),
            },
            ..before.user.clone()
        };
        if user != before.user {
            match self.store.change_user(&before, &user).await {
                Ok(()) => {}
                Err(StoreError::Exists) => {
                    return Err(Refusal::BadRequest("Email already in use".to_owned()));
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.profile(caller).await
    }

    async fn known(&self, caller: Caller) -> Result<StoredUser, Refusal> {
        let user = self.store.user(caller.user).await?;
        user.ok_or(Refusal::Unauthenticated("User not found"))
    }
}
