//! The network around the fake: an HTTP server for calls, a client for webhooks.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::clock::Clock;
use super::hub::{FakeGithub, Hub, Outcome};
use super::model::Delivery;
use super::rest::{Request, Response};
use super::world::{Site, World};

/// How long GitHub waits for a receiver.
const RECEIVER_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is closed on purpose")]
struct Closed;

impl FakeGithub {
    /// Starts a GitHub on a free loopback port. Its webhooks are sent at once.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let site = Site::enterprise(&format!("http://{}", listener.local_addr()?));
        let github = Self::with_world(World::new(site, Clock::default()));
        github.serve(listener);
        Ok(github)
    }

    /// Serves a world at an address; its links begin with that address from now on.
    ///
    /// # Errors
    /// If the address cannot be bound.
    pub async fn start_with(mut world: World, address: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        world.site = Site::enterprise(&format!("http://{}", listener.local_addr()?));
        let github = Self::with_world(world);
        github.serve(listener);
        Ok(github)
    }

    fn serve(&self, listener: TcpListener) {
        self.keep(tokio::spawn(accept(Arc::clone(&self.hub), listener)));
        self.keep(tokio::spawn(deliver(Arc::clone(&self.hub))));
    }
}

async fn accept(hub: Arc<Hub>, listener: TcpListener) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let hub = Arc::clone(&hub);
        connections.spawn(async move {
            let service = service_fn(move |request| answer(Arc::clone(&hub), request));
            let served = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
            if let Err(error) = served {
                tracing::debug!(%error, "a connection to the fake GitHub ended early");
            }
        });
    }
}

async fn answer(
    hub: Arc<Hub>,
    request: http::Request<Incoming>,
) -> Result<http::Response<Full<Bytes>>, Closed> {
    let request = read(request).await?;
    if request.path.starts_with("/_fake") {
        return Ok(write(super::control::answer(&hub, &request)));
    }
    if request.method == "GET"
        && request.header("authorization").is_none()
        && let Some(page) = super::page::at(&hub.lock().world, &request.path)
    {
        return Ok(html(page));
    }
    match hub.handle(&request, true) {
        Outcome::Answer(response) => Ok(write(response)),
        Outcome::Late(delay, response) => {
            tokio::time::sleep(delay).await;
            Ok(write(response))
        }
        Outcome::Hangup => Err(Closed),
        Outcome::Silence => std::future::pending().await,
    }
}

async fn read(request: http::Request<Incoming>) -> Result<Request, Closed> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Closed)?.to_bytes();
    let path = parts.uri.path();
    // GitHub Enterprise serves REST below /api/v3, GraphQL at /api/graphql.
    let path = path.strip_prefix("/api/v3").unwrap_or(path);
    let path = if path == "/api/graphql" {
        "/graphql"
    } else {
        path
    };
    let query = parts.uri.query().unwrap_or_default();
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    Ok(Request {
        method: parts.method.as_str().to_owned(),
        path: decoded(path),
        query: url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

/// Percent-decoding of a path; a plus stays a plus.
fn decoded(path: &str) -> String {
    let escaped = path.replace('+', "%2B");
    url::form_urlencoded::parse(escaped.as_bytes())
        .next()
        .map_or_else(|| path.to_owned(), |(path, _)| path.into_owned())
}

fn write(response: Response) -> http::Response<Full<Bytes>> {
    let body = response
        .body
        .map(|body| body.to_string())
        .unwrap_or_default();
    let mut builder = http::Response::builder().status(response.status);
    if !body.is_empty() {
        builder = builder.header("content-type", "application/json; charset=utf-8");
    }
    for (name, value) in &response.headers {
        builder = builder.header(name.as_str(), value.as_str());
    }
    // Only a header that is no header can fail here, and none is made from outside.
    builder.body(Full::from(body)).unwrap_or_default()
}

fn html(page: String) -> http::Response<Full<Bytes>> {
    let mut response = http::Response::new(Full::from(page));
    let kind = http::HeaderValue::from_static("text/html; charset=utf-8");
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, kind);
    response
}

/// Sends what waits, one delivery after the other, as long as somebody holds the fake.
async fn deliver(hub: Arc<Hub>) {
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(RECEIVER_TIMEOUT)
        .build();
    let Ok(client) = client else {
        tracing::error!("webhooks cannot be sent: no HTTP client");
        return;
    };
    loop {
        let next = {
            let mut state = hub.lock();
            let next = state.courier.next();
            state.in_flight += usize::from(next.is_some());
            next.map(|delivery| (state.courier.address(&delivery.url), delivery))
        };
        match next {
            Some((address, delivery)) => {
                let status = send(&client, &address, &delivery).await;
                let mut state = hub.lock();
                state.world.note_answer(&delivery, status);
                state.in_flight = state.in_flight.saturating_sub(1);
            }
            None => hub.wake.notified().await,
        }
    }
}

/// The receiver's status; 0 if there was none.
async fn send(client: &reqwest::Client, address: &str, delivery: &Delivery) -> u16 {
    let mut request = client.post(address).body(delivery.body.clone());
    for (name, value) in &delivery.headers {
        request = request.header(name, value);
    }
    match request.send().await {
        Ok(response) => response.status().as_u16(),
        Err(error) => {
            tracing::debug!(%error, delivery.event, "a webhook was not received");
            0
        }
    }
}
