//! Pull requests as the list and their own address show them, without what hangs on them.

use ampel_domain::{
    facts::Verdict,
    ids::PullRequestNumber,
    pulls::{Fingerprints, PullRequestReport, Snapshot},
    repositories::RepositoryFacts,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{
    api::{Api, READING, Read, json},
    pages::{PAGE, has_next, numbered, total, values},
    repositories::check,
};
use crate::{
    ProviderError,
    gitea::shape::{PullRequest, Unusable},
    http_client::Answer,
};

/// Pages of fingerprints that are read at most.
const MOST_PAGES: u32 = 100;

/// A pull request without what hangs on it.
pub(super) struct Seen {
    pub(super) report: PullRequestReport,
    pub(super) verdict: Option<Verdict>,
    pub(super) fingerprint: String,
}

/// Some of the open pull requests.
pub(super) struct Page {
    /// The provider's time at the start of the first request.
    pub(super) date: Timestamp,
    pub(super) seen: Vec<Seen>,
    pub(super) next: Option<Cursor>,
}

/// Where the next page begins.
///
/// Pages are counted, so everything moves up when a pull request of an earlier page is closed. That
/// shows in the total: then the page before is read once more for what moved into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    page: u32,
    total: u64,
    last: u32,
}

impl Cursor {
    const FIRST: Self = Self {
        page: 1,
        total: 0,
        last: 0,
    };

    pub(super) fn parse(text: Option<&str>) -> Result<Self, ProviderError> {
        let Some(text) = text else {
            return Ok(Self::FIRST);
        };
        let mut parts = text.splitn(3, '.');
        let mut number = || parts.next().and_then(|part| part.parse::<u64>().ok());
        let cursor = || {
            Some(Self {
                page: number()?.try_into().ok().filter(|page| *page > 0)?,
                total: number()?,
                last: number()?.try_into().ok()?,
            })
        };
        let mut cursor = cursor;
        cursor().ok_or_else(|| ProviderError::InvalidAnswer {
            why: "a cursor is none of Gitea's".to_owned(),
        })
    }

    pub(super) fn text(self) -> String {
        format!("{}.{}.{}", self.page, self.total, self.last)
    }
}

/// A page of open pull requests, the oldest first.
pub(super) async fn page(
    api: &Api,
    repo: &RepositoryFacts,
    cursor: Cursor,
) -> Result<Page, ProviderError> {
    let answer = list(api, repo, cursor.page).await?;
    let date = answer.began_at()?;
    let total = total(&answer).unwrap_or_default();
    let mut seen = listed(&answer, repo)?;
    if cursor.page == 1 && seen.is_empty() {
        // Nothing in it says whose list it is.
        check(api, repo).await?;
    }
    if total < cursor.total && cursor.page > 1 {
        let before = list(api, repo, cursor.page - 1).await?;
        let is_new = |one: &Seen| {
            let number = one.report.number;
            number.get() > cursor.last && seen.iter().all(|own| own.report.number != number)
        };
        let mut moved: Vec<Seen> = listed(&before, repo)?;
        moved.retain(is_new);
        moved.append(&mut seen);
        seen = moved;
    }
    let numbers = seen.iter().map(|one| one.report.number.get());
    let next = has_next(&answer).then(|| Cursor {
        page: cursor.page.saturating_add(1),
        total,
        last: numbers.max().unwrap_or_default().max(cursor.last),
    });
    Ok(Page { date, seen, next })
}

/// One pull request, or the provider's time at which there was none of that number.
pub(super) async fn one(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
) -> Result<Snapshot<Option<Seen>>, ProviderError> {
    let url = api.below(repo, &["pulls", &number.to_string()])?;
    match api.read(&url, READING).await? {
        Read::Answered(answer) => match seen(&json(&answer)?, repo)? {
            Ok(seen) => Ok(Snapshot {
                date: answer.began_at()?,
                of: Some(seen),
            }),
            Err(odd) => {
                // Nothing in it says whose it is.
                check(api, repo).await?;
                Err(odd.into())
            }
        },
        Read::Refused {
            error: ProviderError::NotFound,
            date,
        } => {
            // It may be the repository that is not there, or not the one it was.
            check(api, repo).await?;
            Ok(Snapshot { date, of: None })
        }
        Read::Refused { error, .. } => Err(error),
    }
}

pub(super) async fn fingerprints(
    api: &Api,
    repo: &RepositoryFacts,
) -> Result<Snapshot<Fingerprints>, ProviderError> {
    let first = page(api, repo, Cursor::FIRST).await?;
    let date = first.date;
    let print = |one: Seen| (one.report.number, one.fingerprint);
    let mut of: Vec<_> = first.seen.into_iter().map(print).collect();
    let mut next = first.next;
    for _page in 1..MOST_PAGES {
        let Some(cursor) = next else { break };
        let shown = page(api, repo, cursor).await?;
        of.extend(shown.seen.into_iter().map(print));
        next = shown.next;
    }
    if next.is_some() {
        // What is not listed would be taken for closed.
        return Err(ProviderError::InvalidAnswer {
            why: "there are more pull requests than Ampel compares".to_owned(),
        });
    }
    Ok(Snapshot {
        date,
        of: Fingerprints {
            of,
            tell_checks: false,
        },
    })
}

async fn list(api: &Api, repo: &RepositoryFacts, page: u32) -> Result<Answer, ProviderError> {
    let mut url = api.below(repo, &["pulls"])?;
    url.query_pairs_mut()
        .append_pair("state", "open")
        .append_pair("sort", "oldest");
    api.get(&numbered(url, page, PAGE), READING).await
}

/// One that can not be shown is `null` there. That and what can not be read otherwise is not
/// listed: where it is known, it is read by its number.
fn listed(answer: &Answer, repo: &RepositoryFacts) -> Result<Vec<Seen>, ProviderError> {
    let mut listed = Vec::new();
    for shown in values(answer)?.iter().filter(|shown| !shown.is_null()) {
        match seen(shown, repo)? {
            Ok(seen) => listed.push(seen),
            Err(odd) => {
                let number = shown.get("number").and_then(|number| number.as_u64());
                tracing::warn!(
                    pull.number = number, %odd,
                    "a pull request is listed in a way that can not be read"
                );
            }
        }
    }
    Ok(listed)
}

/// A pull request; the inner error where what is shown can not be read, the outer where it is of
/// another repository.
fn seen(shown: &Value, repo: &RepositoryFacts) -> Result<Result<Seen, Unusable>, ProviderError> {
    let read = || {
        let shown = PullRequest::deserialize(shown)?;
        let is_here = shown.repository(None)? == repo.provider_id;
        let seen = is_here.then(|| {
            Ok(Seen {
                report: shown.report()?,
                verdict: shown.verdict(),
                fingerprint: shown.fingerprint(),
            })
        });
        seen.transpose()
    };
    match read() {
        Ok(Some(seen)) => Ok(Ok(seen)),
        Ok(None) => Err(ProviderError::NotFound),
        Err(odd) => Ok(Err(odd)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        let cursor = Cursor {
            page: 3,
            total: 120,
            last: 4711,
        };
        assert_eq!(Cursor::parse(Some(&cursor.text())), Ok(cursor));
        assert_eq!(Cursor::parse(None), Ok(Cursor::FIRST));
        for strange in ["", "2", "0.1.1", "a.b.c", "2.1.99999999999"] {
            assert!(Cursor::parse(Some(strange)).is_err(), "{strange}");
        }
    }
}
