//! What a step of the pipeline failed with, for somebody who waits for it.

use ampel_providers::ProviderError;
use jiff::Timestamp;

use crate::{error::AppError, refusal::Refusal};

impl Refusal {
    /// What the provider answered, where the request was fine and what we have of the provider's
    /// was not: its token, its repository, itself.
    #[must_use]
    pub fn provider_failed(error: &ProviderError, now: Timestamp) -> Self {
        match error {
            ProviderError::RateLimited { .. } => Self::provider(error, now),
            ProviderError::Authentication
            | ProviderError::Permission { .. }
            | ProviderError::NotFound
            | ProviderError::Conflict { .. }
            | ProviderError::NotMergeable { .. }
            | ProviderError::HeadMoved
            | ProviderError::MethodNotAllowed { .. }
            | ProviderError::Unavailable { .. }
            | ProviderError::InvalidAnswer { .. }
            | ProviderError::RefusedUrl(_) => Self::Provider {
                detail: error.user_message(),
                log: error.to_string(),
            },
        }
    }

    /// The refusal for what a step of the pipeline failed with at `now`.
    #[must_use]
    pub fn of_app_error(error: AppError, now: Timestamp) -> Self {
        match error {
            AppError::Store(error) => error.into(),
            AppError::Cloud(error) => error.into(),
            AppError::Provider(error) => Self::provider(&error, now),
            AppError::Encode(error) => Self::internal(error.to_string()),
        }
    }
}
