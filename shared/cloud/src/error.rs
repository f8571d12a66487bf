//! What can go wrong between us and AWS.

use std::error::Error;

/// A call to an AWS service failed.
///
/// Its text names the call and the service's error code; it never holds what was sent.
#[derive(Debug, thiserror::Error)]
#[error("{call} failed: {cause}")]
pub struct CloudError {
    call: &'static str,
    cause: String,
    retryable: bool,
}

impl CloudError {
    /// A failure that trying again may mend: the SDK has already tried a few times.
    pub fn transient(call: &'static str, cause: impl Into<String>) -> Self {
        Self {
            call,
            cause: cause.into(),
            retryable: true,
        }
    }

    /// A failure that trying again will not mend.
    pub fn permanent(call: &'static str, cause: impl Into<String>) -> Self {
        Self {
            call,
            cause: cause.into(),
            retryable: false,
        }
    }

    /// Whether trying again may mend it.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.retryable
    }
}

/// The chain of an error's causes, innermost last.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
