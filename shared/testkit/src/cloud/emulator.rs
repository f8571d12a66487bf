//! The emulator process behind the tests: the one `scripts/test` started, or one of our own.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

/// Base URL of an emulator somebody else started and will stop.
pub(super) const URL_VARIABLE: &str = "AMPEL_EMULATOR_URL";

const START_TIMEOUT: Duration = Duration::from_secs(60);
const ATTEMPTS: u32 = 3;

/// The emulator of this process. Its standard input is a pipe from us, so it ends when we do, even
/// when we are killed (`scripts/local_cloud/site/sitecustomize.py` watches the other end).
static EMULATOR: OnceLock<Running> = OnceLock::new();

struct Running {
    url: String,
    /// Holds the pipe open; `None` when the emulator is not ours.
    _child: Option<Child>,
}

/// Base URL of the emulator, started first if there is none yet.
pub(super) async fn endpoint() -> String {
    tokio::task::spawn_blocking(|| EMULATOR.get_or_init(find_or_start).url.clone())
        .await
        .expect("starting the emulator does not panic twice")
}

fn find_or_start() -> Running {
    match std::env::var(URL_VARIABLE) {
        Ok(url) if !url.is_empty() => Running {
            url: url.trim_end_matches('/').to_owned(),
            _child: None,
        },
        Ok(_) | Err(_) => start(),
    }
}

fn start() -> Running {
    for _ in 0..ATTEMPTS {
        let port = free_port();
        let mut child = spawn(port);
        if wait_until_healthy(&mut child, port) {
            return Running {
                url: format!("http://127.0.0.1:{port}"),
                _child: Some(child),
            };
        }
        // Another process took the port between our look and the emulator's bind.
        child.kill().ok();
        child.wait().ok();
    }
    panic!("the emulator did not start in {ATTEMPTS} attempts; run scripts/test to see why");
}

fn spawn(port: u16) -> Child {
    let root = project_root();
    let program = root.join(".local/venv/bin/ministack");
    assert!(
        program.exists(),
        "the emulator is not installed ({} is missing): run scripts/test or scripts/dev once",
        program.display()
    );
    let state = std::env::temp_dir().join(format!("ampel-emulator-{port}"));
    Command::new(program)
        .env("BIND_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", port.to_string())
        .env("IOT_MTLS_ENABLED", "0")
        .env("PERSIST_STATE", "0")
        .env("STATE_DIR", &state)
        .env("PYTHONPATH", root.join("scripts/local_cloud/site"))
        .env("AMPEL_END_WITH_PARENT", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the emulator can be executed")
}

/// Whether the emulator answered before it ended or the time was up.
fn wait_until_healthy(child: &mut Child, port: u16) -> bool {
    let deadline = Instant::now() + START_TIMEOUT;
    while Instant::now() < deadline {
        if matches!(child.try_wait(), Ok(Some(_)) | Err(_)) {
            return false;
        }
        if answers_health(port) {
            return true;
        }
        thread::sleep(Duration::from_millis(50));
    }
    false
}

fn answers_health(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_secs(1)) else {
        return false;
    };
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok();
    let request = b"GET /_ministack/health HTTP/1.0\r\nHost: localhost\r\n\r\n";
    let mut status = [0_u8; 12];
    stream.write_all(request).is_ok()
        && stream.read_exact(&mut status).is_ok()
        && status.ends_with(b" 200")
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .expect("loopback has a free port")
        .port()
}

/// The folder that holds `template.yaml`.
pub(super) fn project_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("this crate lies two folders below the root")
        .to_path_buf()
}
