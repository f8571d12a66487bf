//! Counts the calls made to AWS: a proxy before the emulator, on loopback.
//!
//! Point an SDK configuration or a function's `AWS_ENDPOINT_URL` at it. It can also replay: then a
//! call that was seen before is answered from memory at once, which takes the emulator out of a
//! measurement.
#![expect(
    clippy::expect_used,
    reason = "a test that can not have its proxy has to stop here"
)]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Request, Response, StatusCode, Uri},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// No AWS call of ours is larger, in bytes.
const LARGEST_CALL: usize = 16 * 1024 * 1024;

/// A proxy that counts.
#[derive(Debug)]
pub struct AwsCalls {
    endpoint: String,
    seen: Arc<Seen>,
    server: JoinHandle<()>,
}

#[derive(Debug)]
struct Seen {
    client: Client<HttpConnector, Body>,
    emulator: String,
    replays: bool,
    counts: Mutex<BTreeMap<String, usize>>,
    answers: Mutex<BTreeMap<String, (StatusCode, HeaderMap, Bytes)>>,
    hang: Mutex<Option<Hang>>,
}

/// Where a call never gets its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HangAt {
    /// The call does not reach AWS.
    BeforeTheCall,
    /// AWS does the work, and its answer is lost.
    AfterTheCall,
}

#[derive(Debug)]
struct Hang {
    calls_before: usize,
    at: HangAt,
    reached: oneshot::Sender<()>,
}

impl AwsCalls {
    /// A proxy that passes every call on to the emulator.
    ///
    /// # Panics
    /// When it can not listen on loopback.
    pub async fn counting(emulator: &str) -> Self {
        Self::start(emulator, false).await
    }

    /// A proxy that asks the emulator once per kind of call and gives the same answer ever after.
    ///
    /// # Panics
    /// When it can not listen on loopback.
    pub async fn replaying(emulator: &str) -> Self {
        Self::start(emulator, true).await
    }

    async fn start(emulator: &str, replays: bool) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a loopback port");
        let address = listener
            .local_addr()
            .expect("a bound listener has an address");
        let seen = Arc::new(Seen {
            client: Client::builder(TokioExecutor::new()).build_http(),
            emulator: emulator.trim_end_matches('/').to_owned(),
            replays,
            counts: Mutex::default(),
            answers: Mutex::default(),
            hang: Mutex::default(),
        });
        let router = Router::new()
            .fallback(pass_on)
            .with_state(Arc::clone(&seen));
        let server = tokio::spawn(async move {
            // It ends when it is dropped; a failing listener shows in the test that calls it.
            let _ended = axum::serve(listener, router).await;
        });
        Self {
            endpoint: format!("http://{address}"),
            seen,
            server,
        }
    }

    /// What `AWS_ENDPOINT_URL` should be.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Lets the call after `calls_before` others hang; what is answered resolves once it does.
    #[must_use]
    pub fn hang(&self, calls_before: usize, at: HangAt) -> oneshot::Receiver<()> {
        let (reached, is_reached) = oneshot::channel();
        *lock(&self.seen.hang) = Some(Hang {
            calls_before,
            at,
            reached,
        });
        is_reached
    }

    /// No call hangs any more.
    pub fn let_pass(&self) {
        *lock(&self.seen.hang) = None;
    }

    /// How often each call was made since the last time this was asked.
    pub fn take(&self) -> BTreeMap<String, usize> {
        std::mem::take(&mut lock(&self.seen.counts))
    }
}

impl Drop for AwsCalls {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn pass_on(State(seen): State<Arc<Seen>>, request: Request<Body>) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
    let call = parts
        .headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok())
        .unwrap_or("unknown")
        .to_owned();
    *lock(&seen.counts).entry(call.clone()).or_default() += 1;
    let hang = seen.next_hang();
    let after = match hang {
        Some(hang) if hang.at == HangAt::BeforeTheCall => return never_answer(hang).await,
        hang => hang,
    };
    if seen.replays
        && let Some(answer) = lock(&seen.answers).get(&call).cloned()
    {
        return respond(answer);
    }
    let body = axum::body::to_bytes(body, LARGEST_CALL)
        .await
        .unwrap_or_default();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    parts.uri = format!("{}{path}", seen.emulator)
        .parse::<Uri>()
        .unwrap_or_default();
    parts.headers.remove("host");
    let answer = match seen
        .client
        .request(Request::from_parts(parts, Body::from(body)))
        .await
    {
        Ok(answer) => answer,
        Err(error) => {
            let mut failed = Response::new(Body::from(error.to_string()));
            *failed.status_mut() = StatusCode::BAD_GATEWAY;
            return failed;
        }
    };
    let (parts, body) = answer.into_parts();
    let body = axum::body::to_bytes(Body::new(body), LARGEST_CALL)
        .await
        .unwrap_or_default();
    let mut headers = parts.headers;
    headers.remove("transfer-encoding");
    let answer = (parts.status, headers, body);
    if let Some(hang) = after {
        return never_answer(hang).await;
    }
    if seen.replays && answer.0.is_success() {
        lock(&seen.answers).insert(call, answer.clone());
    }
    respond(answer)
}

impl Seen {
    /// The hang that begins with this call, if one does.
    fn next_hang(&self) -> Option<Hang> {
        let mut hang = lock(&self.hang);
        match hang.as_mut() {
            Some(waiting) if waiting.calls_before > 0 => {
                waiting.calls_before -= 1;
                None
            }
            Some(_) | None => hang.take(),
        }
    }
}

async fn never_answer(hang: Hang) -> Response<Body> {
    // Whoever set the hang may be gone; the call hangs all the same.
    let _nobody_waits = hang.reached.send(());
    std::future::pending().await
}

fn respond((status, headers, body): (StatusCode, HeaderMap, Bytes)) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
