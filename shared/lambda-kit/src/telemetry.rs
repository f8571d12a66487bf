//! Log lines: JSON on standard output, a readable message with dotted fields.

use tracing_subscriber::{
    Layer, filter::LevelFilter, filter::Targets, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Installs the subscriber once. `RUST_LOG` filters by levels and targets, such as
/// `info,ampel_app=debug`; `info` unless set. Filters by spans and fields are not understood: they
/// would take a regular expression engine into every function.
pub fn install() {
    let wanted = std::env::var("RUST_LOG").unwrap_or_default();
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_target(true)
        .with_filter(filter(&wanted));
    // A second call in one process (tests) keeps the first subscriber.
    let _already_installed = tracing_subscriber::registry().with(lines).try_init();
}

fn filter(wanted: &str) -> Targets {
    let usual = || Targets::new().with_default(LevelFilter::INFO);
    match wanted.parse() {
        Ok(filter) if !wanted.trim().is_empty() => filter,
        Ok(_) | Err(_) => usual(),
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn levels_are_filtered_by_target_and_info_is_usual() {
        let debugging = filter("warn,ampel_app=debug");
        assert!(debugging.would_enable("ampel_app::sync", &Level::DEBUG));
        assert!(!debugging.would_enable("aws_config", &Level::INFO));
        for unclear in ["", " ", "ampel_app=loud"] {
            assert!(filter(unclear).would_enable("ampel_app", &Level::INFO));
            assert!(!filter(unclear).would_enable("ampel_app", &Level::DEBUG));
        }
    }
}
