//! What stands around the emulator on one machine: the fake providers, the front door, the demo.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use ampel_testkit::demo::{Plot, Stand};
use ampel_testkit::demo_owner::{Connection, DemoOwner};
use ampel_testkit::front_door::{self, Target};
use ampel_testkit::{bitbucket, gitea, github, gitlab};
use anyhow::{Context, bail};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// How often something happens in the large organization of the living demo.
const BUSY_PACE: Duration = Duration::from_secs(20);
/// How often something happens in a small one.
const QUIET_PACE: Duration = Duration::from_secs(60);
const FIRST_RETRY: Duration = Duration::from_secs(2);
const LAST_RETRY: Duration = Duration::from_secs(60);

const HELP: &str = "\
Runs the front door and the fake providers of the local cloud until it is told to stop.

  --front-door ADDRESS   where the product is reached, such as 127.0.0.1:8080
  --emulator URL         the emulator, such as http://127.0.0.1:4566
  --api-id ID            the HTTP API of the deployed stack
  --github ADDRESS       where the fake GitHub listens
  --gitlab ADDRESS       where the fake GitLab listens
  --bitbucket ADDRESS    where the fake Bitbucket listens
  --gitea ADDRESS        where the fake Gitea listens
  --state-dir FOLDER     where their data is kept
  --demo                 fills them with the demo organizations and connects the demo's owner
  --still                nothing happens in the demo by itself";

/// The command line.
struct Options {
    front_door: SocketAddr,
    target: Target,
    providers: Providers,
    state_dir: PathBuf,
    demo: bool,
    still: bool,
}

/// Where the fake providers listen.
#[derive(Clone, Copy)]
struct Providers {
    github: SocketAddr,
    gitlab: SocketAddr,
    bitbucket: SocketAddr,
    gitea: SocketAddr,
}

#[tokio::main]
async fn main() -> ExitCode {
    let levels = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(levels)
        .with_writer(std::io::stderr)
        .init();
    match start().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn start() -> anyhow::Result<()> {
    match parse(std::env::args().skip(1))? {
        Some(options) => run(options).await,
        None => print_help(),
    }
}

fn print_help() -> anyhow::Result<()> {
    use std::io::Write;
    writeln!(std::io::stdout(), "{HELP}").context("help could not be printed")
}

/// `None` asks for help.
fn parse(arguments: impl Iterator<Item = String>) -> anyhow::Result<Option<Options>> {
    let mut values = std::collections::BTreeMap::new();
    let mut arguments = arguments;
    while let Some(name) = arguments.next() {
        match name.as_str() {
            "--help" | "-h" => return Ok(None),
            "--demo" | "--still" => drop(values.insert(name, String::new())),
            "--front-door" | "--emulator" | "--api-id" | "--github" | "--gitlab"
            | "--bitbucket" | "--gitea" | "--state-dir" => {
                let value = arguments.next();
                let value = value.with_context(|| format!("{name} needs a value"))?;
                values.insert(name, value);
            }
            _unknown => bail!("{name} is no option; see --help"),
        }
    }
    let take = |name: &str| {
        values
            .get(name)
            .cloned()
            .with_context(|| format!("{name} is missing"))
    };
    let address = |name: &str| {
        take(name)?
            .parse::<SocketAddr>()
            .with_context(|| format!("{name} is no address"))
    };
    Ok(Some(Options {
        front_door: address("--front-door")?,
        target: Target {
            emulator: take("--emulator")?,
            api_id: take("--api-id")?,
        },
        providers: Providers {
            github: address("--github")?,
            gitlab: address("--gitlab")?,
            bitbucket: address("--bitbucket")?,
            gitea: address("--gitea")?,
        },
        state_dir: take("--state-dir")?.into(),
        demo: values.contains_key("--demo"),
        still: values.contains_key("--still"),
    }))
}

async fn run(options: Options) -> anyhow::Result<()> {
    let mut stop = signal(SignalKind::terminate()).context("no handler for SIGTERM")?;
    let door = TcpListener::bind(options.front_door)
        .await
        .with_context(|| format!("{} can not be listened on", options.front_door))?;
    let front_door = format!("http://{}", door.local_addr()?);
    let providers = open_providers(&options).await?;
    if options.demo {
        let connections = providers.iter().map(Stand::connection).collect();
        tokio::spawn(connect_owner(front_door, connections));
    }
    tokio::select! {
        served = front_door::serve(door, options.target) => served.context("the front door fell")?,
        _ = stop.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    for provider in providers {
        provider.close().context("the demo could not be saved")?;
    }
    Ok(())
}

async fn open_providers(options: &Options) -> anyhow::Result<Vec<Stand>> {
    let plot = |pace| Plot {
        demo: options.demo,
        pace: (!options.still).then_some(pace),
    };
    let folder = &options.state_dir;
    let Providers {
        github,
        gitlab,
        bitbucket,
        gitea,
    } = options.providers;
    Ok(vec![
        Stand::open::<github::World>(github, folder, plot(BUSY_PACE)).await?,
        Stand::open::<gitlab::World>(gitlab, folder, plot(QUIET_PACE)).await?,
        Stand::open::<bitbucket::World>(bitbucket, folder, plot(QUIET_PACE)).await?,
        Stand::open::<gitea::World>(gitea, folder, plot(QUIET_PACE)).await?,
    ])
}

/// Functions may still be cold, or the stack half deployed: it goes on until it works everywhere.
async fn connect_owner(front_door: String, connections: Vec<Connection>) {
    let mut missing = connections;
    let mut pause = FIRST_RETRY;
    loop {
        missing = connect(&front_door, missing).await;
        if missing.is_empty() {
            return;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LAST_RETRY);
    }
}

/// One after the other; answers those that are still to be connected.
async fn connect(front_door: &str, connections: Vec<Connection>) -> Vec<Connection> {
    let mut missing = Vec::new();
    for connection in connections {
        let done = match DemoOwner::new(front_door) {
            Ok(owner) => owner.set_up(&connection).await,
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            let provider = connection.organization.provider.as_str();
            tracing::warn!(%error, provider, "the demo's owner is not set up yet");
            missing.push(connection);
        }
    }
    missing
}
