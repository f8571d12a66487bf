//! What the requests of this function work with.

use ampel_app::auth::{
    Auth, Authenticator, Passwords, SessionLifetime, TokenIssuer, TokenVerifier,
};
use ampel_lambda_kit::{
    api,
    config::{ConfigError, Env, Mode},
    start,
};
use ampel_store::Store;
use axum::extract::FromRef;
use jiff::SignedDuration;
use lambda_http::Error;

const ACCESS_MINUTES: u32 = 15;
const REFRESH_DAYS: u32 = 7;

/// What the requests of this function work with.
#[derive(Clone, FromRef)]
pub struct Context {
    /// Turns access tokens into callers.
    pub authenticator: Authenticator,
    /// The use cases.
    pub auth: Auth,
    /// How the refresh token travels.
    pub cookies: CookieRules,
}

/// How the refresh token travels.
#[derive(Debug, Clone)]
pub struct CookieRules {
    /// Only over TLS. Off in local mode, which has none.
    pub secure: bool,
    /// Origins of web apps that may use it beside our own, such as `https://ampel.example.org`.
    pub origins: Vec<String>,
}

impl Context {
    /// As the environment describes it.
    ///
    /// # Errors
    /// When the configuration is incomplete or the signing keys can not be read.
    pub async fn of(env: &Env) -> Result<Self, Error> {
        let table = env.required("TABLE_NAME")?;
        let minutes = positive(env, "JWT_ACCESS_EXPIRY_MINUTES", ACCESS_MINUTES)?;
        let days = positive(env, "JWT_REFRESH_EXPIRY_DAYS", REFRESH_DAYS)?;
        let cookies = CookieRules {
            secure: env.mode()? == Mode::Aws,
            origins: env.list("CORS_ORIGINS"),
        };
        let aws = start::aws().await;
        let moments = start::moments();
        let store = Store::new(start::dynamodb(&aws), table);
        let keys = api::signing_keys(env, &aws, &moments).await?;
        let access = SignedDuration::from_mins(minutes);
        let verifier = TokenVerifier::new(keys.clone());
        Ok(Self {
            authenticator: Authenticator::new(verifier, store.clone(), moments.clone()),
            auth: Auth {
                store,
                issuer: TokenIssuer::new(keys, access),
                passwords: Passwords::default(),
                session_lifetime: SessionLifetime(SignedDuration::from_hours(24 * days)),
                moments,
            },
            cookies,
        })
    }
}

/// A whole number that is not zero: a token that never lives lets nobody in.
fn positive(env: &Env, name: &'static str, default: u32) -> Result<i64, ConfigError> {
    match env.parsed_or(name, default)? {
        0 => Err(ConfigError::Malformed {
            name,
            why: "must not be zero".to_owned(),
        }),
        more => Ok(i64::from(more)),
    }
}
