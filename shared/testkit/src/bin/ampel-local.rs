//! What stands around the emulator on one machine: the fake GitHub, the front door, the demo.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use ampel_testkit::demo_owner::DemoOwner;
use ampel_testkit::front_door::{self, Target};
use ampel_testkit::github::demo::{self, StateFile};
use ampel_testkit::github::{Clock, FakeGithub, Site, World};
use anyhow::{Context, bail};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// How often something happens in the living demo.
const DEMO_PACE: Duration = Duration::from_secs(20);
const RETRY: Duration = Duration::from_secs(2);

const HELP: &str = "\
Runs the front door and the fake GitHub of the local cloud until it is told to stop.

  --front-door ADDRESS   where the product is reached, such as 127.0.0.1:8080
  --emulator URL         the emulator, such as http://127.0.0.1:4566
  --api-id ID            the HTTP API of the deployed stack
  --github ADDRESS       where the fake GitHub listens
  --state-dir FOLDER     where its data is kept
  --demo                 fills it with the demo organization and connects the demo's owner
  --still                nothing happens in the demo by itself";

/// The command line.
struct Options {
    front_door: SocketAddr,
    target: Target,
    github: SocketAddr,
    state_dir: PathBuf,
    demo: bool,
    still: bool,
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
            "--front-door" | "--emulator" | "--api-id" | "--github" | "--state-dir" => {
                let value = arguments.next();
                let value = value.with_context(|| format!("{name} needs a value"))?;
                values.insert(name, value);
            }
            _ => bail!("{name} is no option; see --help"),
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
        github: address("--github")?,
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
    let file = StateFile::in_folder(&options.state_dir);
    let github = start_github(&options, &file).await?;
    let saving = tokio::spawn(demo::keep_saved(github.clone(), file.clone()));
    if options.demo {
        tokio::spawn(demo::live(github.clone(), DEMO_PACE));
        tokio::spawn(connect_owner(front_door, github.url()));
    }
    tokio::select! {
        served = front_door::serve(door, options.target) => served.context("the front door fell")?,
        _ = stop.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    saving.abort();
    file.save(&github).context("the demo could not be saved")
}

async fn start_github(options: &Options, file: &StateFile) -> anyhow::Result<FakeGithub> {
    let saved = file
        .load()
        .context("the demo's data can not be read; --fresh begins anew")?;
    let mut world = match saved {
        Some(world) => world,
        None if options.demo => demo::seed().context("the demo's script is wrong")?,
        None => World::new(Site::default(), Clock::Wall),
    };
    world.living = options.demo && !options.still;
    let github = FakeGithub::start_with(world, options.github)
        .await
        .with_context(|| format!("{} can not be listened on", options.github))?;
    github.forget_calls();
    Ok(github)
}

/// Functions may still be cold, or the stack half deployed: it goes on until it works.
async fn connect_owner(front_door: String, github: String) {
    loop {
        let done = match DemoOwner::new(&front_door, &github) {
            Ok(owner) => owner.set_up().await,
            Err(error) => Err(error),
        };
        match done {
            Ok(()) => return,
            Err(error) => tracing::warn!(%error, "the demo's owner is not set up yet"),
        }
        tokio::time::sleep(RETRY).await;
    }
}
