//! What Ampel knows and decides: pure, no I/O, no clock, no randomness.
//!
//! [`facts`] is the vocabulary of what providers say and the rules by which two statements about
//! the same thing become one. [`pulls`] keeps pull requests and the evidence on their heads,
//! [`light`] judges them. Contexts do not import each other; what they share is [`ids`],
//! [`tenancy`], [`provider`] and [`facts`].

pub mod accounts;
pub mod budget;
pub mod facts;
pub mod hooks;
pub mod ids;
pub mod instance;
pub mod light;
pub mod merging;
pub mod provider;
pub mod pulls;
pub mod repositories;
pub mod secret;
pub mod sessions;
pub mod tenancy;
