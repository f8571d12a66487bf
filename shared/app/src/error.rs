//! Why a use case of the pipeline did not come to its end.

use ampel_cloud::CloudError;
use ampel_providers::ProviderError;
use ampel_store::StoreError;

/// Why a use case of the pipeline did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A queue, a key or the bus.
    #[error(transparent)]
    Cloud(#[from] CloudError),
    /// A Git provider.
    #[error(transparent)]
    Provider(#[from] ProviderError),
    /// A message could not be written down.
    #[error("a message could not be encoded: {0}")]
    Encode(#[from] serde_json::Error),
}

impl AppError {
    /// Whether trying the same again may come to an end.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Store(error) => error.is_retryable(),
            Self::Cloud(error) => error.is_retryable(),
            Self::Provider(error) => error.is_retryable(),
            Self::Encode(_) => false,
        }
    }
}
