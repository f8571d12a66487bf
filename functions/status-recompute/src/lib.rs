//! `events.fifo`: applies events to pull requests and stores their lights.
