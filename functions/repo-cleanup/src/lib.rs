//! `cleanup`: removes what an untracked repository left behind.
