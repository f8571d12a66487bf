//! What Ampel knows and decides: pure, no I/O, no clock, no randomness.
