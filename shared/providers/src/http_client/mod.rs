//! The HTTP client all providers' clients share: guarded addresses, bounded times and sizes,
//! conditional requests, and no call without a word of the account's [`Pacer`].

mod answer;
mod memory;
mod rates;
mod redirects;
mod resolver;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use ampel_domain::{
    instance::{AddressRules, RefusedUrl},
    provider::Provider,
};
use http::{Method, StatusCode};
use reqwest::{Request, redirect::Policy};

pub(crate) use answer::Answer;
pub(crate) use rates::{is_limited_query, is_rate_limit, rate_limited};

use crate::{
    ProviderError,
    pacing::{Call, CallKind, Pacer, Unpaced},
};
use memory::Memory;
use redirects::{MOST_REDIRECTS, follow};
use resolver::{GuardedResolver, RefusedAddress};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// From the start of a request to the last byte of its answer, redirects and waits included.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(20);
/// Bytes of an answer; the largest page asked for is a tenth of it.
const BODY_LIMIT: usize = 16 * 1024 * 1024;
/// How often a request that may be repeated is sent in all.
pub(crate) const ATTEMPTS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// What every request says of us.
const USER_AGENT: &str = concat!("Ampel/", env!("CARGO_PKG_VERSION"));

/// A client that connects only to what its rules allow. Cheap to clone.
#[derive(Clone)]
pub(crate) struct HttpClient {
    client: reqwest::Client,
    rules: Arc<AddressRules>,
    memory: Arc<Memory>,
    pacer: Arc<dyn Pacer>,
    /// Whose calls the pacer counts.
    provider: Provider,
}

impl HttpClient {
    /// A client with these rules, unpaced. It ignores proxies from the environment: through one,
    /// nobody could tell which address is really connected to.
    pub(crate) fn new(rules: AddressRules) -> Result<Self, ProviderError> {
        let rules = Arc::new(rules);
        let client = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(CONNECT_TIMEOUT)
            // They are followed here, each with leave of the pacer.
            .redirect(Policy::none())
            .dns_resolver(Arc::new(GuardedResolver::new(Arc::clone(&rules))))
            .no_proxy()
            .referer(false)
            .build()
            .map_err(|error| unavailable(&error))?;
        Ok(Self {
            client,
            rules,
            memory: Arc::default(),
            pacer: Arc::new(Unpaced),
            provider: Provider::Github,
        })
    }

    /// The same client for the calls of one account at this provider.
    pub(crate) fn paced(&self, provider: Provider, pacer: Arc<dyn Pacer>) -> Self {
        Self {
            pacer,
            provider,
            ..self.clone()
        }
    }

    /// What may be connected to.
    pub(crate) fn rules(&self) -> &AddressRules {
        &self.rules
    }

    /// Sends a request once: for what must not be done twice.
    pub(crate) async fn send(&self, request: Request) -> Result<Answer, ProviderError> {
        let kind = if is_reading(request.method()) {
            CallKind::Read
        } else {
            CallKind::Write
        };
        self.try_once(request, kind)
            .await
            .map_err(|failure| failure.error)
    }

    /// Sends a request that does no harm when repeated, up to [`ATTEMPTS`] times while the provider
    /// can not be reached or a gateway before it fails. `build` gets the number of the attempt,
    /// from 0, so that a repetition may ask for less; only where it does is one sent that the
    /// provider took too long for. A POST sent like this is a query.
    pub(crate) async fn send_repeatable(
        &self,
        build: impl Fn(u32) -> Result<Request, ProviderError> + Send + Sync,
    ) -> Result<Answer, ProviderError> {
        let mut attempt = 0;
        let mut request = build(attempt)?;
        loop {
            let next = build(attempt + 1)?;
            let asks_otherwise = body(&request) != body(&next);
            let kind = match request.method() {
                method if is_reading(method) || method == Method::POST => CallKind::Read,
                _other => CallKind::Write,
            };
            let outcome = self.try_once(request, kind).await;
            attempt += 1;
            let again = match &outcome {
                Ok(answer) => is_passing(answer),
                Err(failure) => match failure.passes {
                    Passing::Maybe => true,
                    // Once: functions have no time for a third wait.
                    Passing::ForLess => asks_otherwise && attempt == 1,
                    Passing::Never => false,
                },
            };
            if !again || attempt >= ATTEMPTS {
                return outcome.map_err(|failure| failure.error);
            }
            request = next;
            tokio::time::sleep(FIRST_PAUSE * attempt).await;
        }
    }

    /// One attempt, with the redirects that it is sent on by.
    async fn try_once(&self, request: Request, kind: CallKind) -> Result<Answer, Failure> {
        let began = Instant::now();
        let (mut request, mut kind) = (request, kind);
        for _redirect in 0..MOST_REDIRECTS {
            let sent = request.try_clone();
            let answer = self.exchange(request, kind, began).await?;
            let next = sent.and_then(|sent| follow(sent, kind, &answer, &self.rules));
            match next {
                Some(next) => (request, kind) = next,
                None => return Ok(answer),
            }
        }
        self.exchange(request, kind, began).await
    }

    /// One request and its answer; the attempt it belongs to began at `began`.
    async fn exchange(
        &self,
        mut request: Request,
        kind: CallKind,
        began: Instant,
    ) -> Result<Answer, Failure> {
        self.rules
            .check(request.url())
            .map_err(|refused| Failure::finally(refused.into()))?;
        let resource = rates::resource(self.provider, request.url());
        let call = Call { kind, resource };
        self.pacer.admit(call).await.map_err(Failure::finally)?;
        *request.timeout_mut() = Some(TOTAL_TIMEOUT.saturating_sub(began.elapsed()));
        let asked = self.memory.ask(&mut request);
        let outcome = answer::read(&self.client, request, BODY_LIMIT).await;
        let seen = outcome.as_ref().ok();
        let seen = seen.map(|answer| rates::seen(answer, resource));
        self.pacer.learn(call, seen.as_ref()).await;
        let answer = outcome?;
        tracing::debug!(
            http.status = answer.status.as_u16(),
            http.bytes = answer.body.len(),
            "a provider answered"
        );
        Ok(match asked {
            Some(asked) => self.memory.complete(asked, answer),
            None => answer,
        })
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

fn is_reading(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

/// A gateway's failure without a word on when to come back.
fn is_passing(answer: &Answer) -> bool {
    matches!(
        answer.status,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
    ) && !answer.headers.contains_key(http::header::RETRY_AFTER)
}

fn body(request: &Request) -> Option<&[u8]> {
    request.body()?.as_bytes()
}

/// A request without an answer, and whether it may get one when repeated at once.
struct Failure {
    error: ProviderError,
    passes: Passing,
}

/// Whether a failure may not happen again.
enum Passing {
    /// Perhaps.
    Maybe,
    /// Perhaps, to a request for less.
    ForLess,
    /// It would.
    Never,
}

impl Failure {
    /// One that the same request would meet again.
    fn finally(error: ProviderError) -> Self {
        Self {
            error,
            passes: Passing::Never,
        }
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        if refused(&error) {
            return Self::finally(RefusedUrl::PrivateAddress.into());
        }
        let passes = if error.is_timeout() {
            // Who waited for the whole time once will not wait for the same again.
            Passing::ForLess
        } else if error.is_connect() || error.is_request() {
            Passing::Maybe
        } else {
            Passing::Never
        };
        Self {
            error: unavailable(&error),
            passes,
        }
    }
}

fn refused(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(this) = cause {
        if this.is::<RefusedAddress>() {
            return true;
        }
        cause = this.source();
    }
    false
}

/// The kind of failure and its root; never the URL, which may hold what people typed.
fn unavailable(error: &reqwest::Error) -> ProviderError {
    let kind = if error.is_timeout() {
        "it took too long"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the exchange broke off"
    };
    let mut root: &(dyn std::error::Error + 'static) = error;
    while let Some(source) = root.source() {
        root = source;
    }
    let why = if std::ptr::addr_eq(root, error) {
        kind.to_owned()
    } else {
        format!("{kind}: {root}")
    };
    ProviderError::Unavailable { why }
}
