//! Who calls: registration, login, sessions, the profile, and the proof of it at each request.

mod access_token;
mod authenticator;
mod login;
mod passwords;
mod profile;
mod refresh_token;
mod register;
mod sessions;
mod throttle;

pub use access_token::{AccessToken, TokenIssuer, TokenVerifier};
pub use authenticator::Authenticator;
pub use passwords::Passwords;
pub use profile::Profile;
pub use refresh_token::RefreshToken;
pub use sessions::{LoggedIn, SessionLifetime};

use ampel_store::Store;

use crate::moment::Moments;

/// What the use cases of identity work with.
#[derive(Clone)]
pub struct Auth {
    /// The table.
    pub store: Store,
    /// Makes access tokens.
    pub issuer: TokenIssuer,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// How long a session lives without being used.
    pub session_lifetime: SessionLifetime,
    /// Time and randomness.
    pub moments: Moments,
}
