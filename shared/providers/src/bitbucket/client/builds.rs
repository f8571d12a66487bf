//! Build statuses of a head, to the last page.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use ampel_domain::{
    facts::{CheckKey, CheckReport, CommitSha, Unavailable},
    ids::PullRequestNumber,
    pulls::{EvidenceSnapshot, Snapshot},
    repositories::RepositoryFacts,
};
use jiff::Timestamp;
use reqwest::Url;

use super::{
    api::{Api, Page, json, lacking},
    reading,
    refusals::concerns_token,
    repositories::READING,
};
use crate::{ProviderError, bitbucket::status::Status};

/// Pages of a hundred statuses that are read at most.
const MOST_PAGES: u32 = 50;
/// Why nothing is known of a commit that is nowhere.
pub(super) const GONE: &str = "Bitbucket has its head no more, neither in this repository nor in \
    that of an open pull request.";

/// The statuses of a pull request's head. Bitbucket shows those of the pull request, wherever its
/// commits live; only those on this head count.
pub(super) async fn of_pull_request(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
    head: &CommitSha,
) -> Result<EvidenceSnapshot, ProviderError> {
    let url = reading::url_of(api, repo, number, &["statuses"])?;
    match read(api, url, head).await {
        Ok(snapshot) => Ok(snapshot.of),
        Err(ProviderError::Permission { needs }) => Ok(unavailable(
            head,
            format!("The token may not read builds. It needs {needs}."),
        )),
        Err(error) if concerns_token(&error) => Err(error),
        Err(error) => Ok(unavailable(head, error.user_message())),
    }
}

/// The statuses of a commit. One of a fork is not there under its hash: then the pull request that
/// has it as head is looked for. Where there is none, nobody can tell.
pub(super) async fn of_commit(
    api: &Api,
    repo: &RepositoryFacts,
    head: &CommitSha,
) -> Result<Snapshot<EvidenceSnapshot>, ProviderError> {
    let url = api.url_in(repo, &["commit", head.as_str(), "statuses"])?;
    match read(api, url, head).await {
        Err(ProviderError::NotFound) => {}
        read => return read,
    }
    let found = reading::with_head(api, repo, head).await?;
    let Some(number) = found.of else {
        return Ok(Snapshot {
            date: found.date,
            of: unavailable(head, GONE.to_owned()),
        });
    };
    let url = reading::url_of(api, repo, number, &["statuses"])?;
    read(api, url, head).await
}

async fn read(
    api: &Api,
    mut url: Url,
    head: &CommitSha,
) -> Result<Snapshot<EvidenceSnapshot>, ProviderError> {
    url.query_pairs_mut().append_pair("pagelen", "100");
    let mut gathered = Gathered::default();
    let mut next = Some(url);
    for _page in 0..MOST_PAGES {
        let Some(url) = next.take() else { break };
        let answer = api.get(&url, READING).await?;
        gathered.began_at(answer.began_at()?);
        let page: Page<'_, Status<'_>> = json(&answer)?;
        for status in &page.values {
            gathered.take(status, head);
        }
        next = api.next(&page)?;
    }
    if next.is_some() {
        gathered.lacks("There are more builds than Ampel reads.");
    }
    gathered.into_snapshot(head)
}

#[derive(Default)]
struct Gathered {
    date: Option<Timestamp>,
    newest: BTreeMap<CheckKey, CheckReport>,
    unavailable: Option<Unavailable>,
}

impl Gathered {
    fn began_at(&mut self, date: Timestamp) {
        self.date = self.date.or(Some(date));
    }

    /// Takes a status on this head. One that does not say which commit it is on may be on it.
    fn take(&mut self, status: &Status<'_>, head: &CommitSha) {
        match (status.sha(), status.report()) {
            (Some(sha), _) if sha != *head => {}
            (Some(_), Ok(report)) => match self.newest.entry(report.key.clone()) {
                Entry::Vacant(free) => {
                    free.insert(report);
                }
                Entry::Occupied(mut known) => {
                    if known.get().at < report.at {
                        known.insert(report);
                    }
                }
            },
            (None, _) | (Some(_), Err(_)) => {
                self.lacks("Bitbucket shows some builds in a way that can not be read.");
            }
        }
    }

    /// The first reason stays.
    fn lacks(&mut self, why: &str) {
        self.unavailable.get_or_insert_with(|| Unavailable {
            why: why.to_owned(),
        });
    }

    fn into_snapshot(self, head: &CommitSha) -> Result<Snapshot<EvidenceSnapshot>, ProviderError> {
        Ok(Snapshot {
            date: self.date.ok_or_else(|| lacking("no page was read"))?,
            of: EvidenceSnapshot {
                sha: head.clone(),
                checks: self.newest.into_values().collect(),
                unavailable: self.unavailable,
                scopes: BTreeSet::new(),
            },
        })
    }
}

pub(super) fn unavailable(head: &CommitSha, why: String) -> EvidenceSnapshot {
    EvidenceSnapshot {
        sha: head.clone(),
        checks: Vec::new(),
        unavailable: Some(Unavailable { why }),
        scopes: BTreeSet::new(),
    }
}
