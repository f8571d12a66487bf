//! A function as a process of its own.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use tokio::process::{Child, Command};

use super::RuntimeApi;

/// A running function. It is killed when it is dropped.
#[derive(Debug)]
pub struct Function {
    started: Instant,
    child: Child,
}

impl Function {
    /// Spawns a binary as the function `handler`, with this environment and nothing else.
    ///
    /// # Panics
    /// When the binary can not be started.
    #[must_use]
    pub fn start(
        binary: &Path,
        handler: &str,
        api: &RuntimeApi,
        environment: &BTreeMap<String, String>,
    ) -> Self {
        let mut command = Command::new(binary);
        command
            .env_clear()
            .envs(environment)
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .env("AWS_LAMBDA_FUNCTION_NAME", handler)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("_HANDLER", handler)
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .kill_on_drop(true);
        let started = Instant::now();
        let child = command.spawn().expect("the function's binary starts");
        Self { started, child }
    }

    /// When it was spawned.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.started
    }

    /// The CPU time all its threads have had.
    ///
    /// # Panics
    /// When the function has ended.
    #[must_use]
    pub fn cpu_time(&self) -> Duration {
        let pid = self.child.id().expect("the function runs");
        let threads = fs::read_dir(format!("/proc/{pid}/task")).expect("the function runs");
        let nanoseconds = threads
            .filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("schedstat")).ok())
            .filter_map(|stat| stat.split_whitespace().next()?.parse::<u64>().ok())
            .sum();
        Duration::from_nanos(nanoseconds)
    }

    /// Ends it as `kill -9` does, wherever it is.
    ///
    /// # Panics
    /// When it can not be killed.
    pub async fn kill(mut self) {
        self.child
            .kill()
            .await
            .expect("a process we started can be killed");
    }
}
