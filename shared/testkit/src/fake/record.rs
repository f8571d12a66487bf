//! A record of every call, so that tests can count them and check them against the
//! provider's own descriptions.

use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::http::Request;

/// One call somebody made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Call {
    /// When, by the fake's clock.
    pub at: Timestamp,
    /// In upper case.
    pub method: String,
    /// Without the root of the API.
    pub path: String,
    /// Decoded pairs.
    pub query: Vec<(String, String)>,
    /// Name of the GraphQL operation.
    pub operation: Option<String>,
    /// The body, where there was one.
    pub body: Value,
    /// What was answered; 0 if the answer never came.
    pub status: u16,
}

impl Call {
    pub(super) fn new(
        at: Timestamp,
        request: &Request,
        operation: Option<String>,
        status: u16,
    ) -> Self {
        Self {
            at,
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            operation,
            body: request.json(),
            status,
        }
    }
}

/// Where calls are kept.
#[derive(Debug)]
pub(super) struct Record {
    calls: Vec<Call>,
    file: Option<PathBuf>,
    keep: bool,
}

impl Record {
    /// Keeps calls in memory. Where `AMPEL_<PROVIDER>_REQUESTS` names a file, every call is
    /// appended to it, too, as one line of JSON.
    pub(super) fn new(provider: &str) -> Self {
        let variable = format!("AMPEL_{}_REQUESTS", provider.to_uppercase());
        let file = std::env::var_os(variable).map(PathBuf::from);
        Self {
            calls: Vec::new(),
            file,
            keep: true,
        }
    }

    /// Keeps nothing in memory from now on: a demo runs for days.
    pub(super) fn forget(&mut self) {
        self.keep = false;
        self.calls.clear();
    }

    /// Keeps a call; only what came over the network goes to the file, for that is the product's.
    pub(super) fn add(&mut self, call: Call, over_network: bool) {
        if let Some(file) = self.file.as_ref().filter(|_| over_network) {
            append(file, &call);
        }
        if self.keep {
            self.calls.push(call);
        }
    }

    pub(super) fn calls(&self) -> &[Call] {
        &self.calls
    }

    pub(super) fn take(&mut self) -> Vec<Call> {
        std::mem::take(&mut self.calls)
    }
}

/// A line that cannot be written is left out: the record is for checks beside the tests.
fn append(file: &Path, call: &Call) {
    let opened = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(file);
    if let (Ok(mut opened), Ok(mut line)) = (opened, serde_json::to_vec(call)) {
        line.push(b'\n');
        if let Err(error) = opened.write_all(&line) {
            tracing::warn!(%error, "the record of calls to a fake provider is incomplete");
        }
    }
}
