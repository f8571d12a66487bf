//! Log lines: JSON on standard output, a readable message with dotted fields.

use tracing_subscriber::EnvFilter;

/// Installs the subscriber once. `RUST_LOG` filters; `info` unless set.
pub fn install() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // A second call in one process (tests) keeps the first subscriber.
    let _already_installed = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_env_filter(filter)
        .with_target(true)
        .try_init();
}
