//! Measures the webhook function against the floor, both as release builds of one profile:
//! cold start (spawn to first answer), CPU per delivery and AWS calls per delivery.
//!
//! `measure-webhook FLOOR BOOTSTRAP`; `scripts/measure` builds both and runs it. Both binaries
//! talk to the same loopback Lambda runtime API and the same stub of AWS that answers at once.
#![expect(clippy::print_stdout, reason = "its output is what it is for")]

mod subject;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use ampel_testkit::{
    aws_calls::AwsCalls,
    cloud::TestCloud,
    lambda::{Function, RuntimeApi},
};
use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::subject::Subject;

const COLD_STARTS: usize = 21;
const ROUNDS: usize = 7;
const WARM_UP: usize = 100;
const DELIVERIES: usize = 1_000;

#[tokio::main]
async fn main() -> Result<()> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let floor = args
        .next()
        .context("usage: measure-webhook FLOOR BOOTSTRAP")?;
    let bootstrap = args
        .next()
        .context("usage: measure-webhook FLOOR BOOTSTRAP")?;
    let cloud = TestCloud::start().await;
    let aws = AwsCalls::replaying(cloud.endpoint()).await;
    let subject = Subject::prepare(&cloud).await?;
    let bench = Bench {
        cloud,
        aws,
        subject,
    };

    // The first run of each records the stub's answers.
    bench.cpu_per_delivery(&floor, 1).await?;
    bench.cpu_per_delivery(&bootstrap, 1).await?;

    let (cold_floor, cold_ours) = bench.cold_starts(&floor, &bootstrap).await?;
    report("cold start, spawn to first answer", cold_floor, cold_ours);
    let (cpu_floor, cpu_ours) = bench.cpu(&floor, &bootstrap).await?;
    report("CPU per accepted delivery", cpu_floor, cpu_ours);
    bench.calls(&bootstrap).await
}

fn report(what: &str, floor: Duration, ours: Duration) {
    let ratio = ours.as_secs_f64() / floor.as_secs_f64();
    println!("{what}: floor {floor:?}, ours {ours:?}, ratio {ratio:.2}");
}

struct Bench {
    cloud: TestCloud,
    aws: AwsCalls,
    subject: Subject,
}

impl Bench {
    fn function(&self, binary: &Path, api: &RuntimeApi) -> Function {
        let mut environment = self.cloud.environment();
        environment.insert(
            "AWS_ENDPOINT_URL".to_owned(),
            self.aws.endpoint().to_owned(),
        );
        Function::start(binary, "webhook-ingest", api, &environment)
    }

    /// Medians over alternating starts.
    async fn cold_starts(&self, floor: &Path, ours: &Path) -> Result<(Duration, Duration)> {
        let (mut floors, mut our_starts) = (Vec::new(), Vec::new());
        for _ in 0..COLD_STARTS {
            floors.push(self.cold_start(floor).await?);
            our_starts.push(self.cold_start(ours).await?);
        }
        Ok((median(floors), median(our_starts)))
    }

    async fn cold_start(&self, binary: &Path) -> Result<Duration> {
        let mut api = RuntimeApi::start().await;
        let event = self.subject.delivery(0);
        let function = self.function(binary, &api);
        let answered = deliver(&mut api, event).await?;
        let took = answered.duration_since(function.started());
        function.kill().await;
        Ok(took)
    }

    /// Medians over alternating rounds.
    async fn cpu(&self, floor: &Path, ours: &Path) -> Result<(Duration, Duration)> {
        let (mut floors, mut our_rounds) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            floors.push(self.cpu_per_delivery(floor, DELIVERIES).await?);
            our_rounds.push(self.cpu_per_delivery(ours, DELIVERIES).await?);
        }
        Ok((median(floors), median(our_rounds)))
    }

    async fn cpu_per_delivery(&self, binary: &Path, deliveries: usize) -> Result<Duration> {
        let mut api = RuntimeApi::start().await;
        let function = self.function(binary, &api);
        for n in 0..WARM_UP.min(deliveries) {
            deliver(&mut api, self.subject.delivery(n)).await?;
        }
        let before = function.cpu_time();
        for n in 0..deliveries {
            deliver(&mut api, self.subject.delivery(n)).await?;
        }
        let spent = function.cpu_time().saturating_sub(before);
        function.kill().await;
        Ok(spent / u32::try_from(deliveries)?)
    }

    /// The AWS calls of a warm container, for 100 deliveries.
    async fn calls(&self, ours: &Path) -> Result<()> {
        let mut api = RuntimeApi::start().await;
        let function = self.function(ours, &api);
        deliver(&mut api, self.subject.delivery(0)).await?;
        let _cold = self.aws.take();
        for n in 1..=100 {
            deliver(&mut api, self.subject.delivery(n)).await?;
        }
        println!("AWS calls of 100 warm deliveries: {:?}", self.aws.take());
        function.kill().await;
        Ok(())
    }
}

/// Has the function take a delivery; answers when it was accepted.
async fn deliver(api: &mut RuntimeApi, event: String) -> Result<Instant> {
    let answer = api.invoke(event).await;
    let text = String::from_utf8_lossy(&answer.body);
    ensure!(!answer.failed, "the function failed: {text}");
    let body: Value = serde_json::from_slice(&answer.body)?;
    ensure!(
        body.get("statusCode") == Some(&202.into()),
        "not accepted: {text}"
    );
    Ok(answer.at)
}

fn median(mut values: Vec<Duration>) -> Duration {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}
