//! Registration: a person, their personal organization and its default team, all or nothing.

use ampel_domain::{
    ids::{OrganizationId, TeamId, UserId},
    tenancy::{Organization, Team, User},
};
use ampel_store::{StoreError, users::NewUser};
use ampel_wire::api::auth::Registration;

use super::{Auth, LoggedIn, throttle::Tries};
use crate::refusal::Refusal;

impl Auth {
    /// Registers somebody and logs them in.
    ///
    /// # Errors
    /// [`Refusal::BadRequest`] for an address that is registered already; [`Refusal::TooMany`]
    /// after too many tries from one place.
    pub async fn register(
        &self,
        registration: Registration,
        place: Option<&str>,
    ) -> Result<LoggedIn, Refusal> {
        let now = self.moments.now();
        Tries::registration(&self.store, place, now).count().await?;
        let salt = self.moments.random();
        let password = self.passwords.hash(registration.password, salt).await?;
        let id = UserId::new(self.moments.id_seed());
        let home = OrganizationId::new(self.moments.id_seed());
        let name = registration.display_name.as_deref().unwrap_or("Personal");
        let new = NewUser {
            organization: Organization {
                id: home,
                owner: id,
                name: name.to_owned(),
                created_at: now,
            },
            team: Team {
                id: TeamId::new(self.moments.id_seed()),
                organization: home,
                name: "Everyone".to_owned(),
                is_default: true,
                created_at: now,
            },
            user: User {
                id,
                email: registration.email,
                display_name: registration.display_name,
                avatar_url: None,
                language: None,
                home,
                created_at: now,
            },
            password,
        };
        match self.store.register(&new).await {
            Ok(()) => self.open_session(id, home).await,
            Err(StoreError::Exists) => {
                Err(Refusal::BadRequest("Email already registered".to_owned()))
            }
            Err(error) => Err(error.into()),
        }
    }
}
