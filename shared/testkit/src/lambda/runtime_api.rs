//! A Lambda runtime API on loopback that hands out one event at a time.

use std::{sync::Arc, time::Instant};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    routing::{get, post},
};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
    task::JoinHandle,
};

/// How long a function may take for one event, in milliseconds.
const TIME_PER_EVENT: i64 = 60_000;

/// What a function asks for work.
#[derive(Debug)]
pub struct RuntimeApi {
    address: String,
    events: mpsc::Sender<String>,
    answers: mpsc::Receiver<Answer>,
    server: JoinHandle<()>,
}

/// What a function answered.
#[derive(Debug)]
pub struct Answer {
    /// When the answer came.
    pub at: Instant,
    /// Whether it is an error of the function.
    pub failed: bool,
    /// The answer.
    pub body: Bytes,
}

#[derive(Debug)]
struct Ends {
    events: Mutex<mpsc::Receiver<String>>,
    answers: mpsc::Sender<Answer>,
}

impl RuntimeApi {
    /// Starts it on a free port.
    ///
    /// # Panics
    /// When it can not listen on loopback.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a loopback port");
        let address = listener
            .local_addr()
            .expect("a bound listener has an address")
            .to_string();
        let (events, waiting) = mpsc::channel(1);
        let (answered, answers) = mpsc::channel(1);
        let ends = Arc::new(Ends {
            events: Mutex::new(waiting),
            answers: answered,
        });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route(
                "/2018-06-01/runtime/invocation/{id}/{outcome}",
                post(outcome),
            )
            .route("/2018-06-01/runtime/init/error", post(init_failed))
            .with_state(ends);
        let server = tokio::spawn(async move {
            // It ends when it is dropped.
            let _ended = axum::serve(listener, router).await;
        });
        Self {
            address,
            events,
            answers,
            server,
        }
    }

    /// `host:port`, what `AWS_LAMBDA_RUNTIME_API` has to be.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Hands an event out without waiting for its answer.
    ///
    /// # Panics
    /// When an earlier event was not asked for.
    pub async fn hand_out(&self, event: String) {
        self.events.send(event).await.expect("the runtime API runs");
    }

    /// Has the function handle an event.
    ///
    /// # Panics
    /// When the runtime API has ended.
    pub async fn invoke(&mut self, event: String) -> Answer {
        self.hand_out(event).await;
        self.answers.recv().await.expect("the runtime API runs")
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn next(State(ends): State<Arc<Ends>>) -> (StatusCode, HeaderMap, String) {
    let Some(event) = ends.events.lock().await.recv().await else {
        return (StatusCode::GONE, HeaderMap::new(), String::new());
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0));
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (
            "lambda-runtime-aws-request-id",
            "00000000-0000-4000-8000-000000000000".to_owned(),
        ),
        (
            "lambda-runtime-deadline-ms",
            (now + TIME_PER_EVENT).to_string(),
        ),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:0:function:x".to_owned(),
        ),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    (StatusCode::OK, headers, event)
}

async fn outcome(
    State(ends): State<Arc<Ends>>,
    Path((_id, outcome)): Path<(String, String)>,
    body: Bytes,
) -> StatusCode {
    let answer = Answer {
        at: Instant::now(),
        failed: outcome == "error",
        body,
    };
    let _nobody_waits = ends.answers.send(answer).await;
    StatusCode::ACCEPTED
}

async fn init_failed(State(ends): State<Arc<Ends>>, body: Bytes) -> StatusCode {
    let _nobody_waits = ends
        .answers
        .send(Answer {
            at: Instant::now(),
            failed: true,
            body,
        })
        .await;
    StatusCode::ACCEPTED
}
