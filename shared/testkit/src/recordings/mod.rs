//! The recorded payloads of the providers beside the project, and what is expected of them.
//!
//! They are not part of the project (licences, people's addresses). Where their folder is missing
//! there are none, and a line says so.
#![expect(
    clippy::panic,
    clippy::print_stderr,
    reason = "a list that can not be read is a broken test, and a skip is said"
)]

mod expected;
mod subject;

use std::path::{Path, PathBuf};

use ampel_domain::provider::Provider;
use serde_json::Value;

pub use self::{expected::expected_events, subject::subject};

/// Endings of the expected results beside a recording, by the reader that gave them.
const GOLDENS: [&str; 2] = ["golden", "golden-jxgoscm"];

/// A recorded body.
#[derive(Debug, Clone)]
pub struct Recording {
    /// Whose it is; Forgejo's are Gitea's.
    pub provider: Provider,
    /// The event as the provider's header names it; of an API's answer, the request.
    pub event: String,
    /// Where it is in the folder.
    pub file: String,
    /// The bytes.
    pub body: Vec<u8>,
}

impl Recording {
    /// The body as JSON.
    ///
    /// # Panics
    /// Where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{} is no JSON: {error}", self.file))
    }

    /// What the events' table says of it.
    pub fn subject(&self) -> String {
        subject(self.provider, &self.event, &self.json())
    }

    /// What others read in it: the file's name and their result.
    ///
    /// # Panics
    /// Where a result can not be read.
    pub fn goldens(&self) -> Vec<(String, Value)> {
        let Some(folder) = folder() else {
            return Vec::new();
        };
        let stem = folder.join(self.file.trim_end_matches(".json"));
        GOLDENS
            .map(|ending| stem.with_added_extension(format!("{ending}.json")))
            .into_iter()
            .filter(|path| path.is_file())
            .map(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let said = serde_json::from_slice(&bytes(&path))
                    .unwrap_or_else(|error| panic!("{name} is no JSON: {error}"));
                (name.into_owned(), said)
            })
            .collect()
    }
}

/// Where the recordings are, if they are.
pub fn folder() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    if path.is_dir() {
        Some(path)
    } else {
        eprintln!("skipped: there is no ../shared/corpus");
        None
    }
}

/// The recorded webhooks of a provider.
///
/// # Panics
/// Where the folder's list can not be read.
pub fn webhooks(provider: Provider) -> Vec<Recording> {
    of_kind(provider, "webhook")
}

/// The recorded answers of a provider's API.
///
/// # Panics
/// Where the folder's list can not be read.
pub fn answers(provider: Provider) -> Vec<Recording> {
    of_kind(provider, "api")
}

fn of_kind(provider: Provider, kind: &str) -> Vec<Recording> {
    let Some(folder) = folder() else {
        return Vec::new();
    };
    let list = folder.join("MANIFEST.tsv");
    String::from_utf8_lossy(&bytes(&list))
        .lines()
        .filter_map(|line| {
            let mut cells = line.split('\t');
            let is_asked = cells.next()? == provider.as_str() && cells.next()? == kind;
            let header = cells.nth(2)?;
            let file = cells.next()?.to_owned();
            is_asked.then(|| Recording {
                provider,
                event: event(header).to_owned(),
                body: bytes(&folder.join(&file)),
                file,
            })
        })
        .collect()
}

/// The event of `X-Gitea-Event: push (X-Gitea-Event-Type: push)`; a request stays as it is.
fn event(header: &str) -> &str {
    let Some((name, value)) = header.split_once(':') else {
        return header;
    };
    if !name.starts_with("X-") {
        return header;
    }
    value.split(" (").next().unwrap_or(value).trim()
}

fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
