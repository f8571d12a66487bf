//! What was logged, kept for a test to look through.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// All that this thread logs, as JSON lines like those of a function, until it is dropped.
#[derive(Debug)]
pub struct CapturedLog {
    lines: Lines,
    _installed: DefaultGuard,
}

impl CapturedLog {
    /// Captures what `filter` lets through, in the syntax of `RUST_LOG`.
    #[must_use]
    pub fn start(filter: &str) -> Self {
        let lines = Lines::default();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_env_filter(EnvFilter::new(filter))
            .with_writer(lines.clone())
            .finish();
        Self {
            lines,
            _installed: tracing::subscriber::set_default(subscriber),
        }
    }

    /// What was logged so far.
    #[must_use]
    pub fn text(&self) -> String {
        let bytes = self.lines.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
