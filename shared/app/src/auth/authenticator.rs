//! Who stands behind a request.

use ampel_domain::tenancy::Caller;
use ampel_store::Store;

use super::TokenVerifier;
use crate::{moment::Moments, refusal::Refusal};

/// Turns an access token into a [`Caller`]. The role is read at each request.
#[derive(Clone)]
pub struct Authenticator {
    verifier: TokenVerifier,
    store: Store,
    moments: Moments,
}

impl Authenticator {
    /// An authenticator over this table.
    #[must_use]
    pub fn new(verifier: TokenVerifier, store: Store, moments: Moments) -> Self {
        Self {
            verifier,
            store,
            moments,
        }
    }

    /// The caller with their role of this moment.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] for a token that is not genuine, expired, or of somebody who
    /// is no longer a member; [`Refusal::Unavailable`] when the table does not answer.
    pub async fn authenticate(&self, access_token: &str) -> Result<Caller, Refusal> {
        let claims = self
            .verifier
            .verify(access_token, self.moments.now())
            .await?;
        let member = self.store.member(claims.org, claims.sub).await?;
        let member = member.ok_or(Refusal::Unauthenticated(
            "You are no longer a member of this organization",
        ))?;
        Ok(Caller {
            user: member.user,
            organization: member.organization,
            role: member.role,
        })
    }
}
