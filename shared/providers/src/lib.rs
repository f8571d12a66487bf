//! Webhook verification and parsing, and the clients of the Git providers.
