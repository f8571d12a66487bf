//! Requests to Bitbucket's REST API 2.0.

use ampel_domain::{
    instance::{InstanceUrl, RefusedUrl},
    provider::ProviderRepositoryId,
    repositories::RepositoryFacts,
    secret::Secret,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderValue, Method, header};
use reqwest::{Request, Url};
use serde::{Deserialize, Serialize};

use super::refusals::refusal;
use crate::{
    ProviderError,
    bitbucket::shape::{Lack, Text, text},
    http_client::{Answer, HttpClient},
};

/// Where Bitbucket Cloud's API is; people type the address of the site.
const CLOUD_HOSTS: [&str; 3] = ["bitbucket.org", "www.bitbucket.org", "api.bitbucket.org"];
const CLOUD_API: &str = "https://api.bitbucket.org/2.0";
/// The workspace of a repository that is named by its UUID: any will do, so none is said
/// (developer.atlassian.com, "URI, UUID, and structures").
const ANY_WORKSPACE: &str = "{}";

/// Bitbucket's API, as one token sees it.
pub(super) struct Api {
    http: HttpClient,
    root: Url,
    credentials: Credentials,
}

/// What requests are authenticated with.
enum Credentials {
    /// An API token, which goes with the e-mail address of its owner.
    Basic { email: String, pair: Secret<String> },
    /// An access token of a repository, project or workspace.
    Bearer(Secret<String>),
}

impl Credentials {
    /// `email:token` is an API token, anything without a colon an access token: no access token
    /// has one.
    fn of(token: Secret<String>) -> Self {
        match token.expose().split_once(':') {
            Some((email, _)) => Self::Basic {
                email: email.to_owned(),
                pair: token,
            },
            None => Self::Bearer(token),
        }
    }

    fn header(&self) -> Result<HeaderValue, ProviderError> {
        let text = match self {
            Self::Basic { pair, .. } => format!("Basic {}", STANDARD.encode(pair.expose())),
            Self::Bearer(token) => format!("Bearer {}", token.expose()),
        };
        // A token with characters that no header can carry is none that Bitbucket gave.
        let mut value = HeaderValue::try_from(text).map_err(|_| ProviderError::Authentication)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// A page of a list.
#[derive(Deserialize)]
pub(super) struct Page<'a, T> {
    pub(super) values: Vec<T>,
    #[serde(borrow)]
    next: Option<Text<'a>>,
}

impl<T> Page<'_, T> {
    pub(super) fn has_next(&self) -> bool {
        self.next.is_some()
    }
}

impl Api {
    pub(super) fn new(
        http: HttpClient,
        instance: &InstanceUrl,
        token: Secret<String>,
    ) -> Result<Self, ProviderError> {
        let root = root(instance)?;
        http.rules().check(&root)?;
        Ok(Self {
            http,
            root,
            credentials: Credentials::of(token),
        })
    }

    /// The address that was saved with an API token; `None` for an access token.
    pub(super) fn email(&self) -> Option<&str> {
        match &self.credentials {
            Credentials::Basic { email, .. } => Some(email),
            Credentials::Bearer(_) => None,
        }
    }

    /// The access token; `None` for an API token, which belongs to a person.
    pub(super) fn access_token(&self) -> Option<&Secret<String>> {
        match &self.credentials {
            Credentials::Basic { .. } => None,
            Credentials::Bearer(token) => Some(token),
        }
    }

    /// The URL of a resource. Segments are escaped, so a name can not lead elsewhere.
    pub(super) fn url(&self, segments: &[&str]) -> Result<Url, ProviderError> {
        let is_name = |segment: &&str| !matches!(*segment, "" | "." | "..");
        if !segments.iter().all(is_name) {
            return Err(ProviderError::NotFound);
        }
        let mut url = self.root.clone();
        url.path_segments_mut()
            .map_err(|()| RefusedUrl::NotAUrl)?
            .pop_if_empty()
            .extend(segments);
        Ok(url)
    }

    /// The URL of something in a repository, which is named by its UUID: so renames and transfers
    /// are followed, and a name that was given away leads nowhere.
    pub(super) fn url_in(
        &self,
        repo: &RepositoryFacts,
        segments: &[&str],
    ) -> Result<Url, ProviderError> {
        self.url_by_id(&repo.provider_id, segments)
    }

    pub(super) fn url_by_id(
        &self,
        id: &ProviderRepositoryId,
        segments: &[&str],
    ) -> Result<Url, ProviderError> {
        let mut all = vec!["repositories", ANY_WORKSPACE, id.0.as_str()];
        all.extend(segments);
        self.url(&all)
    }

    /// The page after this one, where there is one. It is only followed on the same host: the
    /// token must not travel.
    pub(super) fn next<T>(&self, page: &Page<'_, T>) -> Result<Option<Url>, ProviderError> {
        let Some(next) = text(page.next.as_ref()) else {
            return Ok(None);
        };
        let stays = |url: &Url| {
            url.origin() == self.root.origin() && url.path().starts_with(self.root.path())
        };
        match Url::parse(next).ok().filter(stays) {
            Some(url) => Ok(Some(url)),
            None => Err(invalid("its next page is on another host")),
        }
    }

    /// Reads a resource. `needs` says what the token would need where it may not.
    pub(super) async fn get(&self, url: &Url, needs: &str) -> Result<Answer, ProviderError> {
        let answer = self
            .http
            .send_repeatable(|_| self.request(Method::GET, url, None))
            .await?;
        checked(answer, needs)
    }

    /// Changes something, once.
    pub(super) async fn change(
        &self,
        method: Method,
        url: &Url,
        body: Option<Vec<u8>>,
        needs: &str,
    ) -> Result<Answer, ProviderError> {
        let request = self.request(method, url, body)?;
        checked(self.http.send(request).await?, needs)
    }

    fn request(
        &self,
        method: Method,
        url: &Url,
        body: Option<Vec<u8>>,
    ) -> Result<Request, ProviderError> {
        let json = HeaderValue::from_static("application/json");
        let mut request = Request::new(method, url.clone());
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, self.credentials.header()?);
        headers.insert(header::ACCEPT, json.clone());
        if let Some(body) = body {
            headers.insert(header::CONTENT_TYPE, json);
            *request.body_mut() = Some(body.into());
        }
        Ok(request)
    }
}

/// A body of ours.
pub(super) fn to_json(body: &impl Serialize) -> Result<Vec<u8>, ProviderError> {
    serde_json::to_vec(body).map_err(|error| invalid(&error.to_string()))
}

/// The body of an answer, borrowed from it.
pub(super) fn json<'a, T: Deserialize<'a>>(answer: &'a Answer) -> Result<T, ProviderError> {
    serde_json::from_slice(&answer.body).map_err(|error| invalid(&error.to_string()))
}

/// An answer that lacks something.
pub(super) fn invalid(why: &str) -> ProviderError {
    ProviderError::InvalidAnswer {
        why: why.to_owned(),
    }
}

/// An answer with what a payload may lack, too.
pub(super) fn lacking(lack: Lack) -> ProviderError {
    invalid(lack)
}

fn checked(answer: Answer, needs: &str) -> Result<Answer, ProviderError> {
    match refusal(&answer, needs) {
        Some(error) => Err(error),
        None => Ok(answer),
    }
}

fn root(instance: &InstanceUrl) -> Result<Url, ProviderError> {
    let base = instance.as_str();
    let host = Url::parse(base)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default();
    let root = if CLOUD_HOSTS.contains(&host.as_str()) {
        CLOUD_API.to_owned()
    } else {
        format!("{base}/2.0")
    };
    Url::parse(&root).map_err(|_| ProviderError::RefusedUrl(RefusedUrl::NotAUrl))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_leads_to_its_api() {
        for (instance, api) in [
            ("https://bitbucket.org", CLOUD_API),
            ("https://api.bitbucket.org", CLOUD_API),
            ("http://127.0.0.1:8099", "http://127.0.0.1:8099/2.0"),
        ] {
            let found = root(&InstanceUrl::well_known(instance)).unwrap();
            assert_eq!(found.as_str(), api);
        }
    }

    #[test]
    fn a_colon_tells_an_api_token_from_an_access_token() {
        let header = |token: &str| {
            let header = Credentials::of(Secret::new(token.to_owned())).header();
            header.unwrap().to_str().unwrap().to_owned()
        };
        assert_eq!(
            header("ada@example.org:ATATT3x"),
            "Basic YWRhQGV4YW1wbGUub3JnOkFUQVRUM3g="
        );
        assert_eq!(header("ATCTT3x"), "Bearer ATCTT3x");
        let broken = Credentials::of(Secret::new("with\nbreak".to_owned())).header();
        assert_eq!(broken.unwrap_err(), ProviderError::Authentication);
    }
}
