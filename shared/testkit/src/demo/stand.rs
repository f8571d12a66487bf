//! One provider of the local cloud: its server, its file, and its life.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::living::live;
use super::seed::seed;
use super::state_file::StateFile;
use super::world::DemoWorld;
use crate::demo_owner::Connection;
use crate::fake::{Clock, Fake, Problem};

/// Why a provider does not stand.
#[derive(Debug, thiserror::Error)]
pub enum StandError {
    /// What was saved of it is of no use.
    #[error("the data of the fake {0} can not be read; --fresh begins anew")]
    Data(&'static str, #[source] io::Error),
    /// Its script contradicts itself.
    #[error("the script of the fake {0} is wrong")]
    Script(&'static str, #[source] Problem),
    /// It cannot listen.
    #[error("{1} can not be listened on by the fake {0}")]
    Address(&'static str, SocketAddr, #[source] io::Error),
}

/// What happens at a provider.
#[derive(Debug, Clone, Copy)]
pub struct Plot {
    /// It shows the demo.
    pub demo: bool,
    /// Things happen there by themselves, so often.
    pub pace: Option<Duration>,
}

/// A provider that is served.
pub struct Stand {
    connection: Connection,
    tasks: Vec<JoinHandle<()>>,
    save: Box<dyn Fn() -> io::Result<()> + Send + Sync>,
}

impl Stand {
    /// Serves a provider at an address, with what was saved of it in a folder.
    ///
    /// # Errors
    /// [`StandError`].
    pub async fn open<W: DemoWorld>(
        address: SocketAddr,
        folder: &Path,
        plot: Plot,
    ) -> Result<Self, StandError> {
        let file = StateFile::<W>::in_folder(folder);
        let saved = file.load();
        let world = match saved.map_err(|error| StandError::Data(W::NAME, error))? {
            Some(world) => world,
            None if plot.demo => seed().map_err(|problem| StandError::Script(W::NAME, problem))?,
            None => empty(),
        };
        let fake = Fake::start_with(world, address)
            .await
            .map_err(|error| StandError::Address(W::NAME, address, error))?;
        fake.forget_calls();
        fake.set_living(plot.demo && plot.pace.is_some());
        let mut tasks = vec![tokio::spawn(file.clone().keep_saved(fake.clone()))];
        if let Some(pace) = plot.pace {
            tasks.push(tokio::spawn(live(fake.clone(), pace)));
        }
        Ok(Self {
            connection: Connection {
                organization: W::ORGANIZATION,
                url: fake.url(),
            },
            tasks,
            save: Box::new(move || file.save(&fake)),
        })
    }

    /// What the demo's owner connects there.
    pub fn connection(&self) -> Connection {
        self.connection.clone()
    }

    /// Ends its life and saves it a last time.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn close(self) -> io::Result<()> {
        for task in &self.tasks {
            task.abort();
        }
        (self.save)()
    }
}

fn empty<W: DemoWorld>() -> W {
    let mut world = W::empty();
    *world.clock() = Clock::Wall;
    world
}
