//! The network around the fake: an HTTP server for calls, a client for webhooks.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::delivery::Delivery;
use super::handle::Fake;
use super::http::{Request, Response};
use super::hub::{Hub, Outcome};
use super::world::FakeWorld;

/// The headers a token may come in; who sends none of them is a person with a browser.
const CREDENTIALS: [&str; 2] = ["authorization", "private-token"];

/// Why a connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is closed on purpose")]
struct Closed;

impl<W: FakeWorld> Fake<W> {
    /// Starts a provider on a free loopback port. Its webhooks are sent at once.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn start() -> std::io::Result<Self> {
        Self::start_with(W::empty(), SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Serves a world at an address; its links begin with that address from now on.
    ///
    /// # Errors
    /// If the address cannot be bound.
    pub async fn start_with(mut world: W, address: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        world.set_site(&format!("http://{}", listener.local_addr()?));
        let fake = Self::with_world(world);
        fake.keep(tokio::spawn(accept(Arc::clone(&fake.hub), listener)));
        fake.keep(tokio::spawn(deliver(Arc::clone(&fake.hub))));
        Ok(fake)
    }
}

async fn accept<W: FakeWorld>(hub: Arc<Hub<W>>, listener: TcpListener) {
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
                tracing::debug!(%error, "a connection to a fake provider ended early");
            }
        });
    }
}

async fn answer<W: FakeWorld>(
    hub: Arc<Hub<W>>,
    request: http::Request<Incoming>,
) -> Result<http::Response<Full<Bytes>>, Closed> {
    let request = read::<W>(request).await?;
    if request.path.starts_with("/_fake") {
        return Ok(write(super::control::answer(&hub, &request)));
    }
    if request.method == "GET"
        && CREDENTIALS
            .iter()
            .all(|name| request.header(name).is_none())
        && let Some(page) = hub.lock().world.page(&request.path)
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

async fn read<W: FakeWorld>(request: http::Request<Incoming>) -> Result<Request, Closed> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Closed)?.to_bytes();
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
        path: W::local_path(parts.uri.path()),
        query: url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
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
async fn deliver<W: FakeWorld>(hub: Arc<Hub<W>>) {
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(W::PATIENCE)
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
                hub.delivered(&delivery, status);
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
