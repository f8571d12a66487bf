//! Lists of open pull requests, from indexes that lag a little.

use ampel_domain::{facts::Lifecycle, ids::RepositoryId, tenancy::Caller};
use ampel_store::{ListOrder, ListQuery, ListSort, OpenPullRequest};
use ampel_wire::api::{
    Page,
    pulls::{PullRequestItem, PullRequestSort, PullRequestsPage, SortOrder},
};

use super::Reading;
use crate::{refusal::Refusal, repositories::is_visible};

impl Reading {
    /// A page of the open pull requests of the caller's organization. Unfiltered or by light, and
    /// sorted by update, it is one query.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for a cursor of another list, [`Refusal::Unavailable`].
    pub async fn pull_requests(
        &self,
        caller: Caller,
        wanted: PullRequestsPage,
    ) -> Result<Page<PullRequestItem>, Refusal> {
        let query = query(wanted);
        let page = self
            .store
            .list_pull_requests(caller.organization, &query)
            .await?;
        let items = page.items.into_iter().map(item).collect();
        Ok(Page {
            items,
            next_cursor: page.next,
        })
    }

    /// The same of one repository.
    ///
    /// # Errors
    /// Also [`Refusal::NotFound`].
    pub async fn pull_requests_of(
        &self,
        caller: Caller,
        repository: RepositoryId,
        mut wanted: PullRequestsPage,
    ) -> Result<Page<PullRequestItem>, Refusal> {
        let found = self
            .store
            .repository(caller.organization, repository)
            .await?;
        if !found.is_some_and(|found| is_visible(found.status)) {
            return Err(Refusal::NotFound("Repository"));
        }
        wanted.filter.repository = Some(repository);
        self.pull_requests(caller, wanted).await
    }
}

fn query(wanted: PullRequestsPage) -> ListQuery {
    let filter = wanted.filter;
    ListQuery {
        light: filter.light,
        provider: filter.provider,
        repository: filter.repository,
        author: filter.author,
        draft: filter.draft,
        search: filter.search,
        sort: match wanted.sort {
            PullRequestSort::Updated => ListSort::Updated,
            PullRequestSort::Created => ListSort::Created,
            PullRequestSort::Title => ListSort::Title,
        },
        order: match wanted.order {
            SortOrder::Ascending => ListOrder::Ascending,
            SortOrder::Descending => ListOrder::Descending,
        },
        limit: u8::try_from(wanted.limit.get()).unwrap_or(u8::MAX),
        cursor: wanted.cursor,
    }
}

fn item(open: OpenPullRequest) -> PullRequestItem {
    PullRequestItem {
        id: open.id,
        repository_id: open.id.repository(),
        number: open.number,
        title: open.title,
        state: Lifecycle::Open.as_str(),
        author: open.author,
        is_draft: open.draft,
        head_sha: open.head,
        source_branch: open.branch,
        target_branch: open.base,
        light: open.light,
        reasons: open.reasons.into_iter().map(Into::into).collect(),
        created_at: open.created_at,
        updated_at: open.updated_at,
    }
}
