//! Sessions: opening, refreshing, ending and moving them.

use ampel_domain::{
    ids::{OrganizationId, SessionId, UserId},
    sessions::{Presented, Session},
    tenancy::Caller,
};
use ampel_store::StoreError;
use jiff::{SignedDuration, Timestamp};

use super::{AccessToken, Auth, RefreshToken};
use crate::refusal::Refusal;

const REFUSED: Refusal = Refusal::Unauthenticated("Invalid or expired refresh token");

/// How long a session lives without being used.
#[derive(Debug, Clone, Copy)]
pub struct SessionLifetime(pub SignedDuration);

/// What somebody holds who logged in.
pub struct LoggedIn {
    /// For the body of the answer.
    pub access: AccessToken,
    /// For the cookie, and for nothing else.
    pub refresh: RefreshToken,
    /// How long the cookie lives.
    pub refresh_lifetime: SignedDuration,
}

impl Auth {
    /// Opens a session.
    pub(super) async fn open_session(
        &self,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<LoggedIn, Refusal> {
        let now = self.moments.now();
        let id = SessionId::new(self.moments.id_seed());
        let refresh = RefreshToken::new(user, id, &self.moments);
        let session = Session {
            id,
            user,
            organization,
            current: refresh.hash(),
            previous: None,
            rotated_at: now,
            created_at: now,
            expires_at: now + self.session_lifetime.0,
        };
        self.store.open_session(&session).await?;
        self.logged_in(user, organization, refresh, now).await
    }

    async fn logged_in(
        &self,
        user: UserId,
        organization: OrganizationId,
        refresh: RefreshToken,
        now: Timestamp,
    ) -> Result<LoggedIn, Refusal> {
        Ok(LoggedIn {
            access: self.issuer.issue(user, organization, now).await?,
            refresh,
            refresh_lifetime: self.session_lifetime.0,
        })
    }

    /// Trades a refresh token for the next one and an access token.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] for a token that is not good; one that was used before ends
    /// its family. [`Refusal::Conflict`] for one that another tab used a moment ago; that ends
    /// nothing, and the other tab's cookie is good.
    pub async fn refresh(&self, presented: &RefreshToken) -> Result<LoggedIn, Refusal> {
        let now = self.moments.now();
        let session = self.session_of(presented).await?.ok_or(REFUSED)?;
        self.judge(presented, &session, now).await?;
        let organization = self.home_of(&session).await?;
        let next = RefreshToken::new(session.user, session.id, &self.moments);
        let rotated = Session {
            organization,
            ..session.rotated(next.hash(), now, now + self.session_lifetime.0)
        };
        match self.store.rotate_session(&session, &rotated).await {
            Ok(()) => self.logged_in(session.user, organization, next, now).await,
            // Another request with the same token was faster: look again at what it left.
            Err(StoreError::LostRace) => {
                let session = self.session_of(presented).await?.ok_or(REFUSED)?;
                self.judge(presented, &session, now).await?;
                Err(just_rotated())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn session_of(&self, presented: &RefreshToken) -> Result<Option<Session>, Refusal> {
        let session = self
            .store
            .session(presented.user, presented.session)
            .await?;
        Ok(session)
    }

    /// Lets the good token pass. Ends the family of one that was used before.
    async fn judge(
        &self,
        presented: &RefreshToken,
        session: &Session,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        match session.presented(&presented.hash(), now) {
            Presented::Current => Ok(()),
            Presented::JustRotated => Err(just_rotated()),
            Presented::Expired => Err(REFUSED),
            Presented::Reused => {
                tracing::warn!(
                    user.id = %session.user,
                    "a refresh token was used twice; its session ends"
                );
                self.store.end_session(session.user, session.id).await?;
                Err(REFUSED)
            }
        }
    }

    /// The organization of the session while its user is a member there, else their own.
    async fn home_of(&self, session: &Session) -> Result<OrganizationId, Refusal> {
        let user = self.store.user(session.user).await?;
        let user = user.ok_or(Refusal::Unauthenticated("User not found"))?.user;
        let member = self
            .store
            .member(session.organization, session.user)
            .await?;
        Ok(member.map_or(user.home, |member| member.organization))
    }

    /// Ends the session of a token. One that is gone already is fine, and so is a token that is
    /// not the newest: whoever holds any of a session's tokens may end it.
    ///
    /// # Errors
    /// [`Refusal::Unavailable`] when the table does not answer.
    pub async fn logout(&self, token: &RefreshToken) -> Result<(), Refusal> {
        self.store.end_session(token.user, token.session).await?;
        Ok(())
    }

    /// An access token for another organization of the caller. The session behind `token`, when it
    /// is the caller's own, moves there too.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for an organization the caller is no member of.
    pub async fn switch(
        &self,
        caller: Caller,
        organization: OrganizationId,
        token: Option<&RefreshToken>,
    ) -> Result<AccessToken, Refusal> {
        let now = self.moments.now();
        let member = self.store.member(organization, caller.user).await?;
        member.ok_or(Refusal::NotFound("Organization"))?;
        if let Some(token) = token.filter(|token| token.user == caller.user) {
            self.move_session(token, organization, now).await?;
        }
        self.issuer.issue(caller.user, organization, now).await
    }

    async fn move_session(
        &self,
        token: &RefreshToken,
        organization: OrganizationId,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let Some(session) = self.session_of(token).await? else {
            return Ok(());
        };
        if session.presented(&token.hash(), now) != Presented::Current {
            return Ok(());
        }
        let moved = Session {
            organization,
            ..session.clone()
        };
        match self.store.rotate_session(&session, &moved).await {
            // The session was refreshed meanwhile and stays where it was; the access token moves.
            Ok(()) | Err(StoreError::LostRace) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn just_rotated() -> Refusal {
    Refusal::Conflict("Another request has just used this refresh token; try again".to_owned())
}
