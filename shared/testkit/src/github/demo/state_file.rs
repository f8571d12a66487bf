//! The demo's world outlives a restart: it is saved to a file shortly after every change.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::github::hub::FakeGithub;
use crate::github::world::World;

/// How soon after a change the file is written.
const PAUSE: Duration = Duration::from_secs(1);

/// Where the world is kept.
#[derive(Debug, Clone)]
pub struct StateFile(PathBuf);

impl StateFile {
    /// The file in a folder, which must exist.
    pub fn in_folder(folder: &Path) -> Self {
        Self(folder.join("github.json"))
    }

    /// The saved world; `None` if there is none.
    ///
    /// # Errors
    /// If the file cannot be read, or is not a world.
    pub fn load(&self) -> io::Result<Option<World>> {
        match std::fs::read(&self.0) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Saves the world. A reader sees the old file or the new one, never a half.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, github: &FakeGithub) -> io::Result<()> {
        let bytes = github.read(serde_json::to_vec).map_err(io::Error::other)?;
        let fresh = self.0.with_extension("json.new");
        std::fs::write(&fresh, bytes)?;
        std::fs::rename(&fresh, &self.0)
    }
}

/// Saves the world after changes, as long as it runs.
pub async fn keep_saved(github: FakeGithub, file: StateFile) {
    let mut saved = None;
    loop {
        tokio::time::sleep(PAUSE).await;
        let version = github.version();
        if saved == Some(version) {
            continue;
        }
        match file.save(&github) {
            Ok(()) => saved = Some(version),
            Err(error) => tracing::warn!(%error, "the demo could not be saved"),
        }
    }
}
