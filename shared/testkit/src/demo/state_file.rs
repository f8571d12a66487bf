//! A demo's world outlives a restart: it is saved to a file shortly after every change.

use std::io;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::world::DemoWorld;
use crate::fake::Fake;

/// How soon after a change the file is written.
const PAUSE: Duration = Duration::from_secs(1);

/// Where a world is kept.
#[derive(Debug)]
pub struct StateFile<W> {
    path: PathBuf,
    world: PhantomData<fn() -> W>,
}

impl<W> Clone for StateFile<W> {
    fn clone(&self) -> Self {
        Self {
            path: self.path.clone(),
            world: PhantomData,
        }
    }
}

impl<W: DemoWorld> StateFile<W> {
    /// The provider's file in a folder, which must exist.
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            path: folder.join(format!("{}.json", W::ORGANIZATION.provider)),
            world: PhantomData,
        }
    }

    /// The saved world; `None` if there is none.
    ///
    /// # Errors
    /// If the file cannot be read, or is not a world.
    pub fn load(&self) -> io::Result<Option<W>> {
        match std::fs::read(&self.path) {
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
    pub fn save(&self, fake: &Fake<W>) -> io::Result<()> {
        let bytes = fake.read(serde_json::to_vec).map_err(io::Error::other)?;
        let fresh = self.path.with_extension("json.new");
        std::fs::write(&fresh, bytes)?;
        std::fs::rename(&fresh, &self.path)
    }

    /// Saves the world after changes, as long as it runs.
    pub(super) async fn keep_saved(self, fake: Fake<W>) {
        let mut saved = None;
        loop {
            tokio::time::sleep(PAUSE).await;
            let version = fake.version();
            if saved == Some(version) {
                continue;
            }
            match self.save(&fake) {
                Ok(()) => saved = Some(version),
                Err(error) => tracing::warn!(%error, "the demo could not be saved"),
            }
        }
    }
}
