//! Whether a pull request merges. Nothing in it says so; the files that conflict do.
//!
//! `/conflicts` lists them. Where a token may not ask for it (it leads to a resource that refuses
//! some API tokens), `/diffstat` of a trial merge marks them. A plain `/diffstat` of the pull
//! request is no help: it compares with the commit that the two left from, and shows no conflict.

use ampel_domain::{
    facts::{Hold, Verdict},
    ids::PullRequestNumber,
    repositories::RepositoryFacts,
};
use serde::{Deserialize, de::IgnoredAny};

use super::{
    api::{Api, Page, json},
    reading,
    repositories::READING,
};
use crate::{
    ProviderError,
    bitbucket::{
        pull_request::PullRequest,
        shape::{Text, text},
    },
};

/// Pages of a hundred files that are looked through at most.
const MOST_PAGES: u32 = 50;

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow)]
    status: Option<Text<'a>>,
}

/// What Bitbucket says of head and base. Where it says nothing it is not `None`, "still
/// computing": asking again would not help.
pub(super) async fn verdict(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
    shown: &PullRequest<'_>,
) -> Result<Option<Verdict>, ProviderError> {
    let found = match listed(api, repo, number).await {
        Err(ProviderError::Permission { .. } | ProviderError::NotFound) => {
            tried(api, repo, shown).await
        }
        found => found,
    };
    match found {
        Ok(verdict) => Ok(Some(verdict)),
        Err(
            ProviderError::Permission { .. }
            | ProviderError::NotFound
            | ProviderError::Conflict { .. },
        ) => Ok(Some(Verdict::Held(Hold::Unclear))),
        Err(error) => Err(error),
    }
}

/// One file that conflicts is enough.
async fn listed(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
) -> Result<Verdict, ProviderError> {
    let mut url = reading::url_of(api, repo, number, &["conflicts"])?;
    url.query_pairs_mut().append_pair("pagelen", "1");
    let answer = api.get(&url, READING).await?;
    let page: Page<'_, IgnoredAny> = json(&answer)?;
    Ok(if page.values.is_empty() {
        Verdict::Clean
    } else {
        Verdict::Conflicting
    })
}

/// Looks through the files of a trial merge.
async fn tried(
    api: &Api,
    repo: &RepositoryFacts,
    shown: &PullRequest<'_>,
) -> Result<Verdict, ProviderError> {
    let Some((workspace, head, base)) = shown.comparison() else {
        return Ok(Verdict::Held(Hold::Unclear));
    };
    let mut url = api.url_in(repo, &["diffstat", workspace, &head])?;
    // A carriage return stands between the two; as a character, no URL takes it.
    url.set_path(&format!("{}%0D{base}", url.path()));
    url.query_pairs_mut()
        .append_pair("merge", "true")
        .append_pair("pagelen", "100")
        .append_pair("fields", "next,values.status");
    let mut all_known = true;
    for _page in 0..MOST_PAGES {
        let answer = api.get(&url, READING).await?;
        let page: Page<'_, File<'_>> = json(&answer)?;
        if page.values.iter().any(File::conflicts) {
            return Ok(Verdict::Conflicting);
        }
        all_known &= page.values.iter().all(File::fits);
        match api.next(&page)? {
            Some(next) => url = next,
            None if all_known => return Ok(Verdict::Clean),
            None => break,
        }
    }
    Ok(Verdict::Held(Hold::Unclear))
}

impl File<'_> {
    fn conflicts(&self) -> bool {
        matches!(
            text(self.status.as_ref()),
            Some(
                "merge conflict"
                    | "rename conflict"
                    | "rename/delete conflict"
                    | "subrepo conflict"
                    | "local deleted"
                    | "remote deleted"
            )
        )
    }

    /// Whether it is known to fit: a word we do not know is never clean.
    fn fits(&self) -> bool {
        matches!(
            text(self.status.as_ref()),
            Some("added" | "removed" | "modified" | "renamed")
        )
    }
}
