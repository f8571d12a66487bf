//! Failures on command: the next so many calls that match go wrong in a chosen way.

use std::time::Duration;

/// How a call goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// 401: the credentials are refused.
    Unauthorized,
    /// 403, or a 200 of GraphQL, in the words of a limit on bursts, with `Retry-After` in seconds
    /// (GitHub only).
    SecondaryLimit {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// Nothing remaining until the reset in so many seconds, as the provider says it.
    PrimaryLimit {
        /// Seconds until the window ends.
        reset_in: u64,
    },
    /// 429 with `Retry-After` in seconds.
    TooManyRequests {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// Any other status, with the provider's kind of message.
    Status(u16),
    /// The right answer, late.
    Slow(Duration),
    /// The work is done, then the connection closes without an answer.
    Hangup,
    /// The work is done, and no answer ever comes.
    Silence,
}

/// Which calls a fault hits. Empty parts match everything.
#[derive(Debug, Clone, Default)]
pub struct Matcher {
    /// The HTTP method.
    pub method: Option<String>,
    /// A part of the path (without the root of the API).
    pub path: Option<String>,
    /// Name of a GraphQL operation.
    pub operation: Option<String>,
}

impl Matcher {
    /// Every call.
    pub fn any() -> Self {
        Self::default()
    }

    /// Calls whose path contains `part`.
    pub fn path(part: &str) -> Self {
        Self {
            path: Some(part.to_owned()),
            ..Self::default()
        }
    }

    /// Calls of a GraphQL operation.
    pub fn operation(name: &str) -> Self {
        Self {
            operation: Some(name.to_owned()),
            ..Self::default()
        }
    }

    /// Narrows it to one method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_uppercase());
        self
    }

    fn matches(&self, method: &str, path: &str, operation: Option<&str>) -> bool {
        self.method.as_deref().is_none_or(|own| own == method)
            && self.path.as_deref().is_none_or(|own| path.contains(own))
            && self
                .operation
                .as_deref()
                .is_none_or(|own| Some(own) == operation)
    }
}

#[derive(Debug)]
struct Fault {
    matcher: Matcher,
    kind: FaultKind,
    left: u32,
}

/// The faults that are still to happen.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    pub(crate) fn add(&mut self, matcher: Matcher, kind: FaultKind, times: u32) {
        if times > 0 {
            self.0.push(Fault {
                matcher,
                kind,
                left: times,
            });
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault this call meets, if any; each is used up one call at a time.
    pub(crate) fn strike(
        &mut self,
        method: &str,
        path: &str,
        operation: Option<&str>,
    ) -> Option<FaultKind> {
        let position = self
            .0
            .iter()
            .position(|f| f.matcher.matches(method, path, operation))?;
        let fault = self.0.get_mut(position)?;
        fault.left -= 1;
        let kind = fault.kind.clone();
        if fault.left == 0 {
            self.0.remove(position);
        }
        Some(kind)
    }
}
