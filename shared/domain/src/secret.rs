//! Values that must not be printed.

use std::fmt;

use zeroize::Zeroize;

/// A value that prints as `***` and is wiped when dropped.
///
/// It has no `Serialize`: what leaves the process is sealed first.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Wraps a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value in clear, for the one call that needs it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T: Zeroize> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// A secret's ciphertext, with the key and context that open it known to whoever opens it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Wraps what the vault answered.
    #[must_use]
    pub fn new(ciphertext: Vec<u8>) -> Self {
        Self(ciphertext)
    }

    /// The ciphertext.
    #[must_use]
    pub fn ciphertext(&self) -> &[u8] {
        &self.0
    }
}

/// What a sealed value is for: it opens only under the context it was sealed under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SealPurpose {
    /// A provider token of an account.
    AccountToken,
    /// The secret a provider signs its deliveries with.
    HookSecret,
}

impl SealPurpose {
    /// The word in the encryption context.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccountToken => "account-token",
            Self::HookSecret => "hook-secret",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_stars() {
        let token = Secret::new("ghp_abc".to_owned());
        assert_eq!(format!("{token} {token:?}"), "*** ***");
        assert_eq!(token.expose(), "ghp_abc");
    }
}
