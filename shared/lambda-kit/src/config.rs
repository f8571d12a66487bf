//! Configuration by environment. What is missing or malformed fails at start with a line that
//! names it; `docs/configuration.md` lists every variable.

use std::{fmt::Display, str::FromStr};

use ampel_domain::instance::AddressRules;

/// Why a function can not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A variable without a default is not set or empty.
    #[error("{name} is not set; see docs/configuration.md")]
    Missing {
        /// The variable.
        name: &'static str,
    },
    /// A variable has a value that it can not have.
    #[error("{name} is malformed: {why}; see docs/configuration.md")]
    Malformed {
        /// The variable.
        name: &'static str,
        /// What is wrong with its value. The value itself is not printed.
        why: String,
    },
}

/// Reads the variable of a name.
type Read = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Where variables are read from.
pub struct Env(Box<Read>);

impl Env {
    /// The process' environment.
    #[must_use]
    pub fn process() -> Self {
        Self(Box::new(|name| std::env::var(name).ok()))
    }

    /// Some other source.
    pub fn of(read: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Box::new(read))
    }

    /// The value of a variable; `None` when it is not set or empty.
    #[must_use]
    pub fn optional(&self, name: &'static str) -> Option<String> {
        (self.0)(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// The value of a variable that has no default.
    ///
    /// # Errors
    /// [`ConfigError::Missing`].
    pub fn required(&self, name: &'static str) -> Result<String, ConfigError> {
        self.optional(name).ok_or(ConfigError::Missing { name })
    }

    /// The value of a variable, or its default.
    ///
    /// # Errors
    /// [`ConfigError::Malformed`].
    pub fn parsed_or<T: FromStr<Err: Display>>(
        &self,
        name: &'static str,
        default: T,
    ) -> Result<T, ConfigError> {
        let Some(value) = self.optional(name) else {
            return Ok(default);
        };
        value
            .parse()
            .map_err(|error: T::Err| ConfigError::Malformed {
                name,
                why: error.to_string(),
            })
    }

    /// The parts of a comma-separated list; none when it is not set.
    #[must_use]
    pub fn list(&self, name: &'static str) -> Vec<String> {
        let value = self.optional(name).unwrap_or_default();
        value
            .split(',')
            .map(|part| part.trim().to_owned())
            .filter(|part| !part.is_empty())
            .collect()
    }

    /// Which hosts and addresses may be called.
    ///
    /// # Errors
    /// [`ConfigError::Malformed`].
    pub fn address_rules(&self) -> Result<AddressRules, ConfigError> {
        Ok(AddressRules {
            allowed_private_hosts: self.list("ALLOWED_PRIVATE_HOSTS"),
            allow_loopback: self.mode()? == Mode::Local,
        })
    }

    /// Where the product runs.
    ///
    /// # Errors
    /// [`ConfigError::Malformed`] for a word that is neither `aws` nor `local`.
    pub fn mode(&self) -> Result<Mode, ConfigError> {
        self.parsed_or("AMPEL_MODE", Mode::Aws)
    }
}

/// Where the product runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// In an AWS account.
    Aws,
    /// On one machine: plain http and loopback addresses are fine.
    Local,
}

impl FromStr for Mode {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "aws" => Ok(Self::Aws),
            "local" => Ok(Self::Local),
            _other => Err("must be aws or local"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(vars: &'static [(&str, &str)]) -> Env {
        Env::of(|name| {
            vars.iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        })
    }

    #[test]
    fn what_is_missing_or_malformed_is_named() {
        let env = env(&[("AMPEL_MODE", "moon"), ("EMPTY", " "), ("HOSTS", "a, b,,")]);
        assert_eq!(
            env.mode().unwrap_err().to_string().split(':').next(),
            Some("AMPEL_MODE is malformed")
        );
        assert_eq!(
            env.required("EMPTY"),
            Err(ConfigError::Missing { name: "EMPTY" })
        );
        assert_eq!(env.list("HOSTS"), ["a", "b"]);
        assert_eq!(env.parsed_or("MINUTES", 15), Ok(15));
    }
}
