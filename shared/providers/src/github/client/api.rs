//! Requests to GitHub's API.

use ampel_domain::{
    budget::Allowance, instance::InstanceUrl, repositories::RepositoryFacts, secret::Secret,
};
use http::{HeaderValue, Method, header};
use jiff::SignedDuration;
use reqwest::{Request, Url};
use serde::{Serialize, de::DeserializeOwned};

use super::refusals::refusal;
use crate::{
    ProviderError,
    http_client::{Answer, HttpClient},
};

/// The version of the REST API that every supported server speaks.
const API_VERSION: &str = "2022-11-28";
const ACCEPT: &str = "application/vnd.github+json";
/// Where GitHub.com's API is; people type the address of the site.
const GITHUB_HOSTS: [&str; 3] = ["github.com", "www.github.com", "api.github.com"];
/// GitHub Enterprise Cloud with data residency.
const RESIDENT_SUFFIX: &str = ".ghe.com";

/// GitHub's API, as one token sees it.
pub(super) struct Api {
    http: HttpClient,
    rest: Url,
    graphql: Url,
    token: Secret<String>,
}

impl Api {
    pub(super) fn new(
        http: HttpClient,
        instance: &InstanceUrl,
        token: Secret<String>,
    ) -> Result<Self, ProviderError> {
        let (rest, graphql) = endpoints(instance)?;
        http.rules().check(&rest)?;
        Ok(Self {
            http,
            rest,
            graphql,
            token,
        })
    }

    /// The URL of a REST resource. Segments are escaped, so a name can not lead elsewhere.
    pub(super) fn url(&self, segments: &[&str]) -> Result<Url, ProviderError> {
        let is_name = |segment: &&str| !matches!(*segment, "" | "." | "..");
        if !segments.iter().all(is_name) {
            return Err(ProviderError::NotFound);
        }
        let mut url = self.rest.clone();
        url.path_segments_mut()
            .map_err(|()| ampel_domain::instance::RefusedUrl::NotAUrl)?
            .pop_if_empty()
            .extend(segments);
        Ok(url)
    }

    /// The URL of something of a repository, by the id that stays: no name that was given away can
    /// lead to another repository. It is where GitHub redirects former names to.
    pub(super) fn of(
        &self,
        repo: &RepositoryFacts,
        segments: &[&str],
    ) -> Result<Url, ProviderError> {
        let below = segments.iter().copied();
        let all: Vec<&str> = ["repositories", repo.provider_id.0.as_str()]
            .into_iter()
            .chain(below)
            .collect();
        self.url(&all)
    }

    /// Reads a resource. `needs` says what the token would need where it may not.
    pub(super) async fn get(&self, url: &Url, needs: &str) -> Result<Answer, ProviderError> {
        checked(self.ask(url).await?, needs)
    }

    /// Reads a resource; a refusal is an answer, too.
    pub(super) async fn ask(&self, url: &Url) -> Result<Answer, ProviderError> {
        self.http
            .send_repeatable(|_| self.request(Method::GET, url, None))
            .await
    }

    /// Reads a resource as JSON.
    pub(super) async fn get_json<T: DeserializeOwned>(
        &self,
        url: &Url,
        needs: &str,
    ) -> Result<T, ProviderError> {
        json(&self.get(url, needs).await?)
    }

    /// Changes something, once.
    pub(super) async fn change(
        &self,
        method: Method,
        url: &Url,
        body: Option<Vec<u8>>,
        needs: &str,
    ) -> Result<Answer, ProviderError> {
        checked(self.tell(method, url, body).await?, needs)
    }

    /// Changes something, once; a refusal is an answer, too.
    pub(super) async fn tell(
        &self,
        method: Method,
        url: &Url,
        body: Option<Vec<u8>>,
    ) -> Result<Answer, ProviderError> {
        let request = self.request(method, url, body)?;
        self.http.send(request).await
    }

    /// Asks a GraphQL query. `body` gets the number of the attempt, from 0.
    pub(super) async fn graphql<B: Serialize>(
        &self,
        body: impl Fn(u32) -> B + Send + Sync,
    ) -> Result<Answer, ProviderError> {
        let answer = self
            .http
            .send_repeatable(|attempt| {
                self.request(Method::POST, &self.graphql, Some(to_json(&body(attempt))?))
            })
            .await?;
        checked(answer, "the scope `repo`")
    }

    fn request(
        &self,
        method: Method,
        url: &Url,
        body: Option<Vec<u8>>,
    ) -> Result<Request, ProviderError> {
        // A token with characters that no header can carry is none that GitHub gave.
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", self.token.expose()))
            .map_err(|_| ProviderError::Authentication)?;
        bearer.set_sensitive(true);
        let mut request = Request::new(method, url.clone());
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, bearer);
        headers.insert(header::ACCEPT, HeaderValue::from_static(ACCEPT));
        headers.insert(
            "x-github-api-version",
            HeaderValue::from_static(API_VERSION),
        );
        match body {
            Some(body) => {
                headers.insert(
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("application/json"),
                );
                *request.body_mut() = Some(body.into());
            }
            // Servers want to be told that a body was not forgotten (RFC 9110, 8.6).
            None if request.method() == Method::POST => {
                let headers = request.headers_mut();
                headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
            None => {}
        }
        Ok(request)
    }
}

/// A body of ours.
pub(super) fn to_json(body: &impl Serialize) -> Result<Vec<u8>, ProviderError> {
    serde_json::to_vec(body).map_err(|error| ProviderError::InvalidAnswer {
        why: error.to_string(),
    })
}

/// The body of an answer.
pub(super) fn json<T: DeserializeOwned>(answer: &Answer) -> Result<T, ProviderError> {
    serde_json::from_slice(&answer.body).map_err(|error| ProviderError::InvalidAnswer {
        why: error.to_string(),
    })
}

fn checked(answer: Answer, needs: &str) -> Result<Answer, ProviderError> {
    match refusal(&answer, needs) {
        Some(error) => Err(error),
        None => Ok(answer),
    }
}

/// GitHub allows 5,000 requests per hour, and as many points of GraphQL; an Enterprise Server has
/// no limit until an administrator sets one.
pub(crate) fn allowance(instance: &InstanceUrl) -> Option<Allowance> {
    let host = host(instance);
    let is_githubs = GITHUB_HOSTS.contains(&host.as_str()) || host.ends_with(RESIDENT_SUFFIX);
    is_githubs.then_some(Allowance {
        calls: 5_000,
        window: SignedDuration::from_hours(1),
    })
}

fn host(instance: &InstanceUrl) -> String {
    Url::parse(instance.as_str())
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Where an instance's REST and GraphQL are.
fn endpoints(instance: &InstanceUrl) -> Result<(Url, Url), ProviderError> {
    let base = instance.as_str();
    let host = host(instance);
    let (rest, graphql) = if GITHUB_HOSTS.contains(&host.as_str()) {
        (
            "https://api.github.com".to_owned(),
            "https://api.github.com/graphql".to_owned(),
        )
    } else if host.ends_with(RESIDENT_SUFFIX) {
        (
            format!("https://api.{host}"),
            format!("https://api.{host}/graphql"),
        )
    } else {
        (format!("{base}/api/v3"), format!("{base}/api/graphql"))
    };
    let parse = |text: &str| {
        Url::parse(text)
            .map_err(|_| ProviderError::RefusedUrl(ampel_domain::instance::RefusedUrl::NotAUrl))
    };
    Ok((parse(&rest)?, parse(&graphql)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_instance_has_its_endpoints() {
        for (instance, rest, graphql) in [
            (
                "https://github.com",
                "https://api.github.com/",
                "https://api.github.com/graphql",
            ),
            (
                "https://acme.ghe.com",
                "https://api.acme.ghe.com/",
                "https://api.acme.ghe.com/graphql",
            ),
            (
                "https://git.example.org/hub",
                "https://git.example.org/hub/api/v3",
                "https://git.example.org/hub/api/graphql",
            ),
        ] {
            let (got_rest, got_graphql) = endpoints(&InstanceUrl::well_known(instance)).unwrap();
            assert_eq!((got_rest.as_str(), got_graphql.as_str()), (rest, graphql));
        }
    }
}
