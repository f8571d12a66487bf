//! Reading repositories.

use ampel_domain::{
    ids::{OrganizationId, RepositoryId},
    repositories::{Repository, RepositoryStatus},
};

use super::item::RepositoryItem;
use crate::{Store, StoreError, item::decode, keys, store::Question};

impl Store {
    /// A repository of an organization, whatever its status.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn repository(
        &self,
        organization: OrganizationId,
        id: RepositoryId,
    ) -> Result<Option<Repository>, StoreError> {
        let item = self.repository_item(organization, id).await?;
        Ok(item.map(Repository::from))
    }

    /// All repositories of an organization, active and gone, without those being removed, the
    /// first tracked first. What summary and grid are made of.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn repositories(
        &self,
        organization: OrganizationId,
    ) -> Result<Vec<Repository>, StoreError> {
        let partition = keys::organization(organization);
        let question = Question::table(partition, keys::REPOSITORY_PREFIX);
        let mut repositories = Vec::new();
        for item in self.pages(&question).await? {
            let repository = Repository::from(decode::<RepositoryItem>(item)?);
            match repository.status {
                RepositoryStatus::Active | RepositoryStatus::Gone => repositories.push(repository),
                RepositoryStatus::Untracking => {}
            }
        }
        Ok(repositories)
    }

    pub(super) async fn repository_item(
        &self,
        organization: OrganizationId,
        id: RepositoryId,
    ) -> Result<Option<RepositoryItem>, StoreError> {
        let item = self.get(&keys::repository(organization, id)).await?;
        item.map(decode::<RepositoryItem>).transpose()
    }
}
