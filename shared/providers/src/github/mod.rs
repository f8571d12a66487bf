//! GitHub.com and GitHub Enterprise Server.

mod signature;

pub(crate) use signature::verify;

/// Turns a genuine delivery into our own event.
pub(crate) fn parse(
    delivery: &crate::webhook::VerifiedDelivery<'_>,
) -> Result<crate::webhook::Parsed, crate::webhook::ParseError> {
    Err(crate::webhook::ParseError::NotSupported(delivery.provider))
}
