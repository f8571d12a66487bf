//! Requests to the API of a Gitea or Forgejo.

use ampel_domain::{
    instance::{InstanceUrl, RefusedUrl},
    repositories::RepositoryFacts,
    secret::Secret,
};
use http::{HeaderValue, Method, header};
use jiff::Timestamp;
use reqwest::{Request, Url};
use serde::{Serialize, de::DeserializeOwned};

use super::refusals::refusal;
use crate::{
    ProviderError,
    http_client::{Answer, HttpClient},
};

/// What reading needs.
pub(super) const READING: &str = "the scope `read:repository` and access to this repository";
/// What changing something needs.
pub(super) const WRITING: &str =
    "the scope `write:repository` and the right to write to this repository";

/// The API of an instance, as one token sees it.
pub(super) struct Api {
    http: HttpClient,
    root: Url,
    token: Secret<String>,
}

/// What a read came to.
pub(super) enum Read {
    /// It was answered.
    Answered(Answer),
    /// It does not exist for this token, or may not be read: `NotFound` or `Permission`.
    Refused {
        /// Which of them.
        error: ProviderError,
        /// The provider's time at which it was so.
        date: Timestamp,
    },
}

impl Api {
    pub(super) fn new(
        http: HttpClient,
        instance: &InstanceUrl,
        token: Secret<String>,
    ) -> Result<Self, ProviderError> {
        let root = Url::parse(&format!("{}/api/v1", instance.as_str()))
            .map_err(|_| RefusedUrl::NotAUrl)?;
        http.rules().check(&root)?;
        Ok(Self { http, root, token })
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

    /// The URL of something below a repository.
    pub(super) fn below(
        &self,
        repo: &RepositoryFacts,
        segments: &[&str],
    ) -> Result<Url, ProviderError> {
        self.url(&[&["repos", &repo.owner, &repo.name], segments].concat())
    }

    /// The URL of what a branch, or two of them, name: their slashes stay slashes, which is how
    /// every version routes them.
    pub(super) fn below_branch(
        &self,
        repo: &RepositoryFacts,
        kind: &str,
        name: &str,
    ) -> Result<Url, ProviderError> {
        let mut segments = vec![kind];
        segments.extend(name.split('/'));
        self.below(repo, &segments)
    }

    /// Reads a resource. `needs` says what the token would need where it may not.
    pub(super) async fn read(&self, url: &Url, needs: &str) -> Result<Read, ProviderError> {
        let answer = self
            .http
            .send_repeatable(|_| self.request(Method::GET, url, None))
            .await?;
        match refusal(&answer, needs) {
            None => Ok(Read::Answered(answer)),
            Some(error @ (ProviderError::NotFound | ProviderError::Permission { .. })) => {
                let date = answer.began_at()?;
                Ok(Read::Refused { error, date })
            }
            Some(error) => Err(error),
        }
    }

    /// Reads a resource that must be there.
    pub(super) async fn get(&self, url: &Url, needs: &str) -> Result<Answer, ProviderError> {
        match self.read(url, needs).await? {
            Read::Answered(answer) => Ok(answer),
            Read::Refused { error, .. } => Err(error),
        }
    }

    /// Reads a resource as JSON.
    pub(super) async fn get_json<T: DeserializeOwned>(
        &self,
        url: &Url,
        needs: &str,
    ) -> Result<T, ProviderError> {
        json(&self.get(url, needs).await?)
    }

    /// Changes something, once. The answer may be a refusal.
    pub(super) async fn send(
        &self,
        method: Method,
        url: &Url,
        body: Option<Vec<u8>>,
    ) -> Result<Answer, ProviderError> {
        self.http.send(self.request(method, url, body)?).await
    }

    /// Changes something, once.
    pub(super) async fn change(
        &self,
        method: Method,
        url: &Url,
        body: Option<Vec<u8>>,
        needs: &str,
    ) -> Result<Answer, ProviderError> {
        let answer = self.send(method, url, body).await?;
        match refusal(&answer, needs) {
            Some(error) => Err(error),
            None => Ok(answer),
        }
    }

    fn request(
        &self,
        method: Method,
        url: &Url,
        body: Option<Vec<u8>>,
    ) -> Result<Request, ProviderError> {
        // A token with characters that no header can carry is none that Gitea gave.
        let mut token = HeaderValue::try_from(format!("token {}", self.token.expose()))
            .map_err(|_| ProviderError::Authentication)?;
        token.set_sensitive(true);
        let mut request = Request::new(method, url.clone());
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, token);
        let json = HeaderValue::from_static("application/json");
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
    serde_json::to_vec(body).map_err(|error| invalid(&error))
}

/// The body of an answer.
pub(super) fn json<T: DeserializeOwned>(answer: &Answer) -> Result<T, ProviderError> {
    serde_json::from_slice(&answer.body).map_err(|error| invalid(&error))
}

/// What can not be read.
fn invalid(error: &serde_json::Error) -> ProviderError {
    ProviderError::InvalidAnswer {
        why: error.to_string(),
    }
}
