//! Login. An unknown person and a wrong password can not be told apart, by time either.

use ampel_wire::api::auth::Credentials;

use super::{Auth, LoggedIn, throttle::Tries};
use crate::refusal::Refusal;

impl Auth {
    /// Logs somebody in, in their own organization.
    ///
    /// # Errors
    /// [`Refusal::Unauthenticated`] for an unknown person as for a wrong password;
    /// [`Refusal::TooMany`] after too many tries, whether or not the person exists.
    pub async fn login(
        &self,
        credentials: Credentials,
        place: Option<&str>,
    ) -> Result<LoggedIn, Refusal> {
        let Credentials { email, password } = credentials;
        let tries = Tries::login(&self.store, &email, place, self.moments.now());
        tries.count().await?;
        let known = self.store.user_by_email(&email).await?;
        let hash = known.as_ref().map(|known| &known.password);
        let fits = self.passwords.fits(password, hash).await?;
        let Some(known) = known.filter(|_| fits) else {
            return Err(Refusal::Unauthenticated("Invalid email or password"));
        };
        tries.forgive().await?;
        self.open_session(known.user.id, known.user.home).await
    }
}
