//! Sessions: the newest refresh token of each, as a hash.

use ampel_domain::{
    ids::{OrganizationId, SessionId, UserId},
    sessions::{Session, TokenHash},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    expression::{Changes, Condition, number, text},
    item::{Document, decode, encode},
    keys::{self, TTL},
    transaction::{Action, Meaning},
};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionItem {
    id: SessionId,
    user: UserId,
    organization: OrganizationId,
    current: TokenHash,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<TokenHash>,
    rotated_at: Timestamp,
    created_at: Timestamp,
    expires_at: Timestamp,
    ttl: i64,
}

impl Document for SessionItem {
    const TYPE: &'static str = "session";
    const VERSION: u32 = 1;
}

impl Store {
    /// Opens a session.
    ///
    /// # Errors
    /// [`StoreError::Exists`], [`StoreError::Unavailable`].
    pub async fn open_session(&self, session: &Session) -> Result<(), StoreError> {
        let key = keys::session(session.user, session.id);
        let item = SessionItem {
            id: session.id,
            user: session.user,
            organization: session.organization,
            current: session.current.clone(),
            previous: session.previous.clone(),
            rotated_at: session.rotated_at,
            created_at: session.created_at,
            expires_at: session.expires_at,
            ttl: session.expires_at.as_second(),
        };
        let absent = Some(Condition::Absent);
        let put = Action::put(self, encode(&key, &item)?, absent, Meaning::Exists)?;
        self.transact(vec![put]).await
    }

    /// A session, read consistently. One whose time is over may still be there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn session(
        &self,
        user: UserId,
        id: SessionId,
    ) -> Result<Option<Session>, StoreError> {
        let Some(item) = self.get(&keys::session(user, id)).await? else {
            return Ok(None);
        };
        let item: SessionItem = decode(item)?;
        Ok(Some(Session {
            id: item.id,
            user: item.user,
            organization: item.organization,
            current: item.current,
            previous: item.previous,
            rotated_at: item.rotated_at,
            created_at: item.created_at,
            expires_at: item.expires_at,
        }))
    }

    /// Replaces a session as it was read. Of two that do so with the same token, one wins.
    ///
    /// # Errors
    /// [`StoreError::LostRace`] when its token was used or it ended meanwhile,
    /// [`StoreError::Unavailable`].
    pub async fn rotate_session(
        &self,
        before: &Session,
        after: &Session,
    ) -> Result<(), StoreError> {
        let changes = Changes::default()
            .set("organization", text(after.organization.to_string()))
            .set("current", text(&after.current.0))
            .set_or_remove(
                "previous",
                after.previous.as_ref().map(|hash| text(&hash.0)),
            )
            .set("rotatedAt", text(after.rotated_at.to_string()))
            .set("expiresAt", text(after.expires_at.to_string()))
            .set(TTL, number(after.expires_at.as_second()));
        let unused = Condition::Equals("current", text(&before.current.0));
        let key = keys::session(before.user, before.id);
        self.update(&key, changes, unused, Meaning::LostRace)
            .await
            .map(|_| ())
    }

    /// Ends a session, whether it is there or not.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn end_session(&self, user: UserId, id: SessionId) -> Result<(), StoreError> {
        self.delete(&keys::session(user, id)).await
    }
}
