//! `/auth`: registration, login, sessions and the caller's profile.
