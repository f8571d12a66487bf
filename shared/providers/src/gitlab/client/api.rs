//! Requests to GitLab's API.

use ampel_domain::{
    instance::{InstanceUrl, RefusedUrl},
    repositories::RepositoryFacts,
    secret::Secret,
};
use http::{HeaderValue, Method, header};
use reqwest::{Request, Url};
use serde::{Serialize, de::DeserializeOwned};

use super::refusals::refusal;
use crate::{
    ProviderError,
    http_client::{Answer, HttpClient},
};

/// What reading takes.
pub(super) const READING: &str = "the scope `read_api` (or `api`) and at least the role Reporter";

/// GitLab's API, as one token sees it.
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
        let base = instance.as_str();
        let parse = |text: String| Url::parse(&text).map_err(|_| RefusedUrl::NotAUrl);
        let rest = parse(format!("{base}/api/v4"))?;
        http.rules().check(&rest)?;
        Ok(Self {
            http,
            rest,
            graphql: parse(format!("{base}/api/graphql"))?,
            token,
        })
    }

    /// The URL of a REST resource. Segments are escaped, slashes too, so a name can not lead
    /// elsewhere.
    pub(super) fn url(&self, segments: &[&str]) -> Result<Url, ProviderError> {
        let is_name = |segment: &&str| !matches!(*segment, "" | "." | "..");
        if !segments.iter().all(is_name) {
            return Err(ProviderError::NotFound);
        }
        let mut url = self.rest.clone();
        url.path_segments_mut()
            .map_err(|()| RefusedUrl::NotAUrl)?
            .pop_if_empty()
            .extend(segments);
        Ok(url)
    }

    /// The URL of something below a project, named by the id that no other project ever gets.
    pub(super) fn of_project(
        &self,
        repo: &RepositoryFacts,
        segments: &[&str],
    ) -> Result<Url, ProviderError> {
        self.url(&[&["projects", &repo.provider_id.0], segments].concat())
    }

    /// Where people look at a path of this server.
    pub(super) fn link(&self, path: &str) -> Option<String> {
        let is_path = path.starts_with('/') && !path.starts_with("//");
        let url = is_path.then(|| self.rest.join(path).ok()).flatten()?;
        Some(url.into())
    }

    /// Reads a resource. `needs` says what the token would need where it may not.
    pub(super) async fn get(&self, url: &Url, needs: &str) -> Result<Answer, ProviderError> {
        let answer = self
            .http
            .send_repeatable(|_| self.request(Method::GET, url, None))
            .await?;
        checked(answer, needs)
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
        checked(self.try_to_change(method, url, body).await?, needs)
    }

    /// Changes something, once; a refusal is an answer.
    pub(super) async fn try_to_change(
        &self,
        method: Method,
        url: &Url,
        body: Option<Vec<u8>>,
    ) -> Result<Answer, ProviderError> {
        self.http.send(self.request(method, url, body)?).await
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
        checked(answer, READING)
    }

    /// `Bearer` takes OAuth tokens, and personal, group and project access tokens alike.
    fn request(
        &self,
        method: Method,
        url: &Url,
        body: Option<Vec<u8>>,
    ) -> Result<Request, ProviderError> {
        // A token with characters that no header can carry is none that GitLab gave.
        let mut token = HeaderValue::try_from(format!("Bearer {}", self.token.expose()))
            .map_err(|_| ProviderError::Authentication)?;
        token.set_sensitive(true);
        let mut request = Request::new(method, url.clone());
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, token);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(body) = body {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/json"),
            );
            *request.body_mut() = Some(body.into());
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

/// Whether a list has a next page: by its number, or by the link of a keyset.
pub(super) fn has_next(answer: &Answer) -> bool {
    let numbered = answer
        .header("x-next-page")
        .is_some_and(|page| !page.is_empty());
    let linked = answer
        .header("link")
        .is_some_and(|links| links.split(',').any(|link| link.contains("rel=\"next\"")));
    numbered || linked
}

fn checked(answer: Answer, needs: &str) -> Result<Answer, ProviderError> {
    match refusal(&answer, needs) {
        Some(error) => Err(error),
        None => Ok(answer),
    }
}

#[cfg(test)]
mod tests {
    use ampel_domain::instance::AddressRules;

    use super::*;

    fn api(instance: &'static str) -> Api {
        let http = HttpClient::new(AddressRules::default()).unwrap();
        let token = Secret::new("glpat-x".to_owned());
        Api::new(http, &InstanceUrl::well_known(instance), token).unwrap()
    }

    #[test]
    fn a_path_is_one_segment_and_leads_nowhere_else() {
        let api = api("https://git.example.org/gitlab");
        let url = api.url(&["projects", "acme/tools/web"]).unwrap();
        assert_eq!(
            url.as_str(),
            "https://git.example.org/gitlab/api/v4/projects/acme%2Ftools%2Fweb"
        );
        assert!(api.url(&["projects", ".."]).is_err());
        assert_eq!(
            api.link("/gitlab/acme/web/-/pipelines/1").as_deref(),
            Some("https://git.example.org/gitlab/acme/web/-/pipelines/1")
        );
        assert_eq!(api.link("//evil.example/x"), None);
        assert_eq!(api.link("https://evil.example/x"), None);
    }
}
