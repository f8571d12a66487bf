//! Reading pull requests.

use ampel_domain::{
    facts::Completeness,
    ids::{OrganizationId, PullRequestId, RepositoryId},
    pulls::{PullRequest, Reviews},
};

use super::{OpenPullRequest, PullRequestItem, ReviewItem, StoredPullRequest, thin};
use crate::{
    Store, StoreError, digest,
    item::{Item, decode, text_in},
    keys::{self, Index, SK},
    store::{Question, Sorts},
    transaction::pause,
};

impl Store {
    /// A pull request with its reviews; `None` also when it belongs to another organization.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn pull_request(
        &self,
        organization: OrganizationId,
        id: PullRequestId,
    ) -> Result<Option<StoredPullRequest>, StoreError> {
        let key = keys::pull_request(id);
        let question = Question::table(key.pk, key.sk.clone());
        let mut read = None;
        for attempt in 0..digest::READS {
            if attempt > 0 {
                pause(attempt).await;
            }
            let items = self.pages(&question).await?;
            let Some(found) = assemble(items, &key.sk)? else {
                return Ok(None);
            };
            if found.organization != organization {
                return Ok(None);
            }
            if found.whole {
                return Ok(Some(found.stored));
            }
            read = Some(found.stored);
        }
        Ok(read.map(|mut stored| {
            stored.pull_request.reviews.completeness = Completeness::Computing;
            stored
        }))
    }

    /// All open pull requests of a repository, from an index that lags a little.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn open_pull_requests(
        &self,
        organization: OrganizationId,
        repository: RepositoryId,
    ) -> Result<Vec<OpenPullRequest>, StoreError> {
        self.open_by_base(organization, repository, Sorts::All)
            .await
    }

    /// All open pull requests of a repository into one branch, from an index that lags a little.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn open_pull_requests_into(
        &self,
        organization: OrganizationId,
        repository: RepositoryId,
        base: &str,
    ) -> Result<Vec<OpenPullRequest>, StoreError> {
        let sorts = Sorts::Begin(keys::base_prefix(base));
        self.open_by_base(organization, repository, sorts).await
    }

    async fn open_by_base(
        &self,
        organization: OrganizationId,
        repository: RepositoryId,
        sorts: Sorts,
    ) -> Result<Vec<OpenPullRequest>, StoreError> {
        let partition = keys::base_partition(organization, repository);
        let question = Question {
            sorts,
            ..Question::index(Index::OpenByBase, partition)
        };
        let items = self.pages(&question).await?;
        items.iter().map(thin::read).collect()
    }
}

struct Found {
    organization: OrganizationId,
    stored: StoredPullRequest,
    whole: bool,
}

/// A pull request of its item and its reviews' items; `None` when the former is not there.
fn assemble(items: Vec<Item>, head: &str) -> Result<Option<Found>, StoreError> {
    let mut own: Option<PullRequestItem> = None;
    let mut reviews = Reviews::default();
    for item in items {
        if text_in(&item, SK) == Some(head) {
            own = Some(decode(item)?);
        } else {
            let ReviewItem { review } = decode(item)?;
            reviews.by_id.insert(review.id.clone(), review);
        }
    }
    let Some(own) = own else { return Ok(None) };
    let whole = own.reviews_digest == digest::of(reviews.by_id.values())?;
    reviews.completeness = own.reviews_are;
    let stored = StoredPullRequest {
        pull_request: PullRequest {
            reviews,
            ..own.pull
        },
        judgement: own.judgement,
        version: own.version,
        refresh_due_at: own.refresh_due_at,
    };
    Ok(Some(Found {
        organization: own.organization,
        stored,
        whole,
    }))
}
