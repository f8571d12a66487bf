//! `sync` and `delays`: reads repositories and pull requests from their provider.
