//! Reading pull requests: the list tells most, builds and conflicts are asked for one by one.

use ampel_domain::{
    facts::{CommitSha, Fact, Hold, Unavailable, Verdict},
    ids::PullRequestNumber,
    pulls::{Fingerprints, PullRequestSnapshot, ReviewReport, Snapshot},
    repositories::RepositoryFacts,
};
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::Url;

use super::{
    api::{Api, Page, json, lacking},
    builds, conflicts,
    repositories::{READING, answer_by_id},
};
use crate::{
    ProviderError, PullRequestPage,
    bitbucket::{pull_request::PullRequest, shape::Lack},
};

/// Pull requests to a page, where builds and conflicts of each are asked for, too: a page has to be
/// read within the time of one job.
const LENGTH_OF_WHOLE: &str = "20";
/// How many pull requests of a page are read at once.
const AT_ONCE: usize = 4;
/// The longest page of pull requests that Bitbucket gives.
const LONGEST: &str = "50";
/// Pages of fifty that are read at most.
const MOST_PAGES: u32 = 200;
/// Drafts may have a state of their own, and so has what waits in a merge queue.
const IS_OPEN: &str = "(state=\"OPEN\" OR state=\"DRAFT\" OR state=\"QUEUED\")";
/// What lists do not show by themselves, without what nobody reads.
const WHOLE: &str = "+values.participants,+values.reviewers,-values.rendered,-values.summary";
/// What a fingerprint is made of.
const FOR_FINGERPRINTS: &str = "next,values.id,values.state,values.draft,values.queued,values.created_on,\
    values.updated_on,values.source.commit.hash,values.destination.commit.hash,\
    values.destination.branch.name,values.participants";

/// The open pull requests after the one of this number: by number and not by page, so that one
/// that is closed in between does not hide another.
fn list_url(
    api: &Api,
    repo: &RepositoryFacts,
    after: Option<&str>,
    (length, fields): (&str, &str),
) -> Result<Url, ProviderError> {
    let query = match after.and_then(|after| after.parse::<u32>().ok()) {
        Some(after) => format!("{IS_OPEN} AND id>{after}"),
        None => IS_OPEN.to_owned(),
    };
    let mut url = api.url_in(repo, &["pullrequests"])?;
    url.query_pairs_mut()
        .append_pair("q", &query)
        .append_pair("sort", "id")
        .append_pair("pagelen", length)
        .append_pair("fields", fields);
    Ok(url)
}

/// Where the next page begins: after the last pull request of this one.
fn cursor(page: &Page<'_, PullRequest<'_>>) -> Result<Option<String>, ProviderError> {
    let last = page.values.last().filter(|_| page.has_next());
    let number = last.map(PullRequest::number).transpose();
    Ok(number
        .map_err(lacking)?
        .map(|number| number.get().to_string()))
}

pub(super) async fn open_pull_requests(
    api: &Api,
    repo: &RepositoryFacts,
    after: Option<&str>,
) -> Result<Snapshot<PullRequestPage>, ProviderError> {
    let url = list_url(api, repo, after, (LENGTH_OF_WHOLE, WHOLE))?;
    let answer = api.get(&url, READING).await?;
    let date = answer.began_at()?;
    let page: Page<'_, PullRequest<'_>> = json(&answer)?;
    let next = cursor(&page)?;
    let readings: Vec<_> = page
        .values
        .iter()
        .map(|shown| whole(api, repo, shown))
        .collect();
    let pull_requests = stream::iter(readings)
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(Snapshot {
        date,
        of: PullRequestPage {
            pull_requests,
            next,
        },
    })
}

pub(super) async fn pull_request(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
) -> Result<Snapshot<Option<PullRequestSnapshot>>, ProviderError> {
    let url = url_of(api, repo, number, &[])?;
    let answer = match api.get(&url, READING).await {
        Ok(answer) => answer,
        // A repository that is gone has no pull requests either: that is another matter.
        Err(ProviderError::NotFound) => {
            let date = answer_by_id(api, &repo.provider_id).await?.began_at()?;
            return Ok(Snapshot { date, of: None });
        }
        Err(error) => return Err(error),
    };
    let date = answer.began_at()?;
    let shown: PullRequest<'_> = json(&answer)?;
    let of = Some(whole(api, repo, &shown).await?);
    Ok(Snapshot { date, of })
}

pub(super) async fn reviews(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
) -> Result<Snapshot<Vec<ReviewReport>>, ProviderError> {
    let answer = api.get(&url_of(api, repo, number, &[])?, READING).await?;
    let shown: PullRequest<'_> = json(&answer)?;
    Ok(Snapshot {
        date: answer.began_at()?,
        of: opinions(&shown).map_err(lacking)?,
    })
}

pub(super) async fn fingerprints(
    api: &Api,
    repo: &RepositoryFacts,
) -> Result<Snapshot<Fingerprints>, ProviderError> {
    let mut of = Vec::new();
    let mut date = None;
    let mut after: Option<String> = None;
    for _page in 0..MOST_PAGES {
        let url = list_url(api, repo, after.as_deref(), (LONGEST, FOR_FINGERPRINTS))?;
        let answer = api.get(&url, READING).await?;
        date = Some(match date {
            Some(date) => date,
            None => answer.began_at()?,
        });
        let page: Page<'_, PullRequest<'_>> = json(&answer)?;
        for shown in &page.values {
            let number = shown.number().map_err(lacking)?;
            of.push((number, shown.fingerprint().map_err(lacking)?));
        }
        after = cursor(&page)?;
        if after.is_none() {
            break;
        }
    }
    let date = date.ok_or_else(|| lacking("no page was read"))?;
    Ok(Snapshot {
        date,
        of: Fingerprints {
            of,
            tell_checks: false,
        },
    })
}

/// The number of the open pull request with this head. One whose source is gone has none.
pub(super) async fn with_head(
    api: &Api,
    repo: &RepositoryFacts,
    head: &CommitSha,
) -> Result<Snapshot<Option<PullRequestNumber>>, ProviderError> {
    let mut date = None;
    let mut found = None;
    let mut after: Option<String> = None;
    for _page in 0..MOST_PAGES {
        let url = list_url(api, repo, after.as_deref(), (LONGEST, FOR_FINGERPRINTS))?;
        let answer = api.get(&url, READING).await?;
        date = Some(match date {
            Some(date) => date,
            None => answer.began_at()?,
        });
        let page: Page<'_, PullRequest<'_>> = json(&answer)?;
        let has_it = |shown: &&PullRequest<'_>| {
            !shown.is_headless() && shown.head_sha().as_ref() == Ok(head)
        };
        let shown = page.values.iter().find(has_it);
        found = shown
            .map(PullRequest::number)
            .transpose()
            .map_err(lacking)?;
        after = cursor(&page)?;
        if found.is_some() || after.is_none() {
            break;
        }
    }
    let date = date.ok_or_else(|| lacking("no page was read"))?;
    Ok(Snapshot { date, of: found })
}

/// The URL of something of a pull request.
pub(super) fn url_of(
    api: &Api,
    repo: &RepositoryFacts,
    number: PullRequestNumber,
    segments: &[&str],
) -> Result<Url, ProviderError> {
    let number = number.to_string();
    let mut all = vec!["pullrequests", number.as_str()];
    all.extend(segments);
    api.url_in(repo, &all)
}

/// A pull request with its builds and whether it merges: both are asked for at once.
async fn whole(
    api: &Api,
    repo: &RepositoryFacts,
    shown: &PullRequest<'_>,
) -> Result<PullRequestSnapshot, ProviderError> {
    let lifecycle = shown.lifecycle().map_err(lacking)?;
    let report = shown.report(lifecycle, shown.said_at()).map_err(lacking)?;
    let fingerprint = shown.fingerprint().map_err(lacking)?;
    let reviews = opinions(shown).map_err(|_| Unavailable {
        why: "Bitbucket shows some opinions of reviewers in a way that can not be read.".to_owned(),
    });
    let (number, head) = (report.number, &report.head.sha);
    let verdict = async {
        if !lifecycle.is_open() {
            // What is not open is not tried again.
            Ok(Fact::Computing)
        } else if shown.is_headless() {
            Ok(Fact::Known(Verdict::Held(Hold::NothingToMerge)))
        } else if shown.is_queued() {
            Ok(Fact::Known(Verdict::Held(Hold::WaitsForAnother)))
        } else {
            conflicts::verdict(api, repo, number).await
        }
    };
    let evidence = async {
        if shown.is_headless() {
            tracing::info!(
                pull.number = number.get(),
                "the source of a pull request is gone"
            );
            Ok(builds::unavailable(head, builds::GONE.to_owned()))
        } else {
            builds::of_pull_request(api, repo, number, head).await
        }
    };
    let (verdict, evidence) = tokio::try_join!(verdict, evidence)?;
    Ok(PullRequestSnapshot {
        report,
        verdict,
        reviews,
        evidence,
        fingerprint,
    })
}

/// The opinions of all participants. A pull request that does not show them says nothing of them.
pub(super) fn opinions(shown: &PullRequest<'_>) -> Result<Vec<ReviewReport>, Lack> {
    if shown.participants.is_none() {
        return Err("participants are missing");
    }
    let said_at = shown.said_at();
    shown
        .participants()
        .filter_map(|participant| participant.review(said_at).transpose())
        .collect()
}
