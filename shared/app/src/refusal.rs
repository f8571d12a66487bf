//! Why a use case of the API did not do what its caller asked.

use ampel_cloud::CloudError;
use ampel_domain::tenancy::{Forbidden, Role};
use ampel_providers::ProviderError;
use ampel_store::StoreError;
use ampel_wire::api::Invalid;
use jiff::{SignedDuration, Timestamp};

/// Why a use case of the API did not do what its caller asked. Each kind has one HTTP status.
///
/// `Display` is for the caller; what only the log should see stands in `log`.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Fields of the request break their rules: 400.
    #[error("The request is invalid")]
    Invalid(Invalid),
    /// The request as a whole can not be fulfilled: 400.
    #[error("{0}")]
    BadRequest(String),
    /// Nobody we know, or no longer: 401.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// The caller's role does not suffice: 403.
    #[error("{0}")]
    Forbidden(String),
    /// There is no such thing, or it belongs to somebody else: 404.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// It contradicts what is there: 409.
    #[error("{0}")]
    Conflict(String),
    /// It makes sense, but not now: 422.
    #[error("{0}")]
    Impossible(String),
    /// Too often: 429.
    #[error("Too many tries; wait before the next one")]
    TooMany {
        /// How long to wait.
        retry_after: SignedDuration,
    },
    /// A Git provider that had to be asked did not give what was needed: 502.
    #[error("{detail}")]
    Provider {
        /// What to tell the caller.
        detail: String,
        /// What to write into the log.
        log: String,
    },
    /// A service of ours does not answer: 503.
    #[error("{detail}")]
    Unavailable {
        /// What to tell the caller.
        detail: String,
        /// What to write into the log.
        log: String,
    },
    /// A mistake of ours: 500.
    #[error("Something went wrong on our side")]
    Internal {
        /// What to write into the log.
        log: String,
    },
}

impl Refusal {
    /// A mistake of ours.
    pub fn internal(log: impl Into<String>) -> Self {
        Self::Internal { log: log.into() }
    }

    /// What the log should say and the caller should not know.
    #[must_use]
    pub fn log(&self) -> Option<&str> {
        match self {
            Self::Provider { log, .. } | Self::Unavailable { log, .. } | Self::Internal { log } => {
                Some(log)
            }
            Self::Invalid(_)
            | Self::BadRequest(_)
            | Self::Unauthenticated(_)
            | Self::Forbidden(_)
            | Self::NotFound(_)
            | Self::Conflict(_)
            | Self::Impossible(_)
            | Self::TooMany { .. } => None,
        }
    }

    /// What the provider answered, for somebody who asked us to ask it at `now`.
    #[must_use]
    pub fn provider(error: &ProviderError, now: Timestamp) -> Self {
        let detail = error.user_message();
        match error {
            ProviderError::Authentication | ProviderError::Permission { .. } => {
                Self::BadRequest(detail)
            }
            ProviderError::RefusedUrl(refused) => {
                Self::Invalid(Invalid::field("instanceUrl", refused))
            }
            ProviderError::NotFound => Self::NotFound("Repository"),
            ProviderError::Conflict { .. }
            | ProviderError::NotMergeable { .. }
            | ProviderError::HeadMoved => Self::Conflict(detail),
            ProviderError::MethodNotAllowed { .. } => Self::Impossible(detail),
            ProviderError::RateLimited { until, .. } => Self::TooMany {
                retry_after: until.duration_since(now).max(SignedDuration::from_secs(1)),
            },
            ProviderError::Unavailable { .. } | ProviderError::InvalidAnswer { .. } => {
                Self::Provider {
                    detail,
                    log: error.to_string(),
                }
            }
        }
    }
}

impl From<Invalid> for Refusal {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid(invalid)
    }
}

impl From<Forbidden> for Refusal {
    fn from(forbidden: Forbidden) -> Self {
        let role = match forbidden.needed {
            Role::Viewer => "viewer",
            Role::Member => "member",
            Role::Admin => "admin",
            Role::Owner => "owner",
        };
        Self::Forbidden(format!("This needs the role {role} or a higher one"))
    }
}

impl From<CloudError> for Refusal {
    fn from(error: CloudError) -> Self {
        Self::Unavailable {
            detail: "A service we depend on does not answer; try again".to_owned(),
            log: error.to_string(),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let text = error.user_message().to_owned();
        match error {
            StoreError::LostRace | StoreError::Exists => Self::Conflict(text),
            StoreError::RepositoryClosed => Self::NotFound("Repository"),
            StoreError::NotFound => Self::NotFound("Resource"),
            StoreError::InvalidCursor => {
                Self::Invalid(Invalid::field("cursor", "does not belong to this list"))
            }
            StoreError::Unavailable { .. } => Self::Unavailable {
                detail: text,
                log: error.to_string(),
            },
            StoreError::Refused { .. } | StoreError::Corrupt { .. } => {
                Self::internal(error.to_string())
            }
        }
    }
}
