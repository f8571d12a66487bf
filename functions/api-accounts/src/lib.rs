//! `/accounts`: a person's tokens for provider instances.
