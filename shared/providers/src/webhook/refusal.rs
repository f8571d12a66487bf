//! Why a delivery is not taken.

use ampel_domain::hooks::RefusalReason;

/// Why a delivery is not genuine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It carries no signature we accept; a SHA-1 one alone is none.
    #[error("the delivery carries no SHA-256 signature")]
    Unsigned,
    /// Its signature does not match under any of the secrets. The hook may have a newer one than
    /// the caller knows.
    #[error("the signature matches none of the hook's secrets")]
    WrongSignature,
    /// Its signed time is too far from ours: it may be an old one, sent again.
    #[error("the signed time is more than five minutes from now")]
    WrongTime,
    /// It carries another provider's headers.
    #[error("the delivery is not of this hook's provider")]
    OtherProvider,
}

impl From<Refusal> for RefusalReason {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unsigned => Self::Unsigned,
            Refusal::WrongSignature => Self::WrongSignature,
            Refusal::WrongTime => Self::WrongTime,
            Refusal::OtherProvider => Self::OtherProvider,
        }
    }
}

/// Why a genuine delivery gives no event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The body is not JSON.
    #[error("the body is not JSON")]
    NotJson,
    /// An event we use, in a shape we can not use: the repository should be read again.
    #[error("a delivery of {event} can not be used: {why}")]
    Unusable {
        /// The provider's word for the event.
        event: String,
        /// What is wrong with it; names fields, never their values.
        why: String,
    },
}
