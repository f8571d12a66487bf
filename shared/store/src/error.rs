//! What can go wrong between us and the table.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// A call to the table failed. The text is for the log; [`StoreError::user_message`] is for people.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A version condition failed, or transactions conflicted past the retries made in process:
    /// read again and try again.
    #[error("another writer was faster")]
    LostRace,
    /// The repository item is missing or not active: nothing was written, and nothing ever will.
    #[error("the repository is not tracked any more")]
    RepositoryClosed,
    /// What should be created is already there.
    #[error("it already exists")]
    Exists,
    /// What should be changed is not there.
    #[error("it does not exist")]
    NotFound,
    /// A cursor that belongs to another organization, filter or sort, or is none at all.
    #[error("the cursor does not belong to this list")]
    InvalidCursor,
    /// DynamoDB can not be reached or is busy; the SDK has already tried a few times.
    #[error("{call} failed: {cause}")]
    Unavailable {
        /// The call.
        call: &'static str,
        /// The chain of causes, without what was sent.
        cause: String,
    },
    /// DynamoDB will never accept this: a mistake of ours or of the deployment.
    #[error("{call} was refused: {cause}")]
    Refused {
        /// The call.
        call: &'static str,
        /// The chain of causes, without what was sent.
        cause: String,
    },
    /// An item that can not be read.
    #[error("the item {item} can not be read: {why}")]
    Corrupt {
        /// Its keys.
        item: String,
        /// What is wrong with it.
        why: String,
    },
}

impl StoreError {
    /// Whether the same request may succeed when it is made again, after a new read where the
    /// request rests on one.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::LostRace | Self::Unavailable { .. } => true,
            Self::RepositoryClosed
            | Self::Exists
            | Self::NotFound
            | Self::InvalidCursor
            | Self::Refused { .. }
            | Self::Corrupt { .. } => false,
        }
    }

    /// The same without anything that is nobody's business.
    #[must_use]
    pub fn user_message(&self) -> &'static str {
        match self {
            Self::LostRace => "Somebody else changed it at the same time; try again.",
            Self::RepositoryClosed => "The repository is not tracked any more.",
            Self::Exists => "It already exists.",
            Self::NotFound => "It does not exist.",
            Self::InvalidCursor => "The cursor does not belong to this list.",
            Self::Unavailable { .. } => "The data can not be reached right now; try again.",
            Self::Refused { .. } | Self::Corrupt { .. } => "Something went wrong on our side.",
        }
    }
}

/// The error of a failed call that no condition explains.
pub(crate) fn failed<E, R>(call: &'static str, error: &SdkError<E, R>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let Some(answer) = error.as_service_error() else {
        let cause = chain(error);
        // What could not even be built will not be the next time either.
        return if matches!(error, SdkError::ConstructionFailure(_)) {
            StoreError::Refused { call, cause }
        } else {
            StoreError::Unavailable { call, cause }
        };
    };
    let code = answer.code().unwrap_or("unknown");
    let cause = format!("{code}: {}", answer.message().unwrap_or("no message"));
    if FINAL.contains(&code) {
        StoreError::Refused { call, cause }
    } else {
        StoreError::Unavailable { call, cause }
    }
}

/// Answers that will be the same next time.
const FINAL: [&str; 6] = [
    "ValidationException",
    "AccessDeniedException",
    "ResourceNotFoundException",
    "IdempotentParameterMismatchException",
    "ItemCollectionSizeLimitExceededException",
    "TransactionCanceledException",
];

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
