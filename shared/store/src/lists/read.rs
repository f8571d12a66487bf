//! Reading a page of a list.

use std::collections::BTreeSet;

use ampel_domain::{
    ids::{OrganizationId, RepositoryId},
    provider::Provider,
};

use super::{
    LARGEST_PAGE, ListOrder, ListPage, ListQuery, ListSort,
    cursor::{self, Position},
};
use crate::{
    Store, StoreError,
    expression::text,
    item::{Item, key_item},
    keys::{self, Index},
    pulls::{OpenPullRequest, thin},
    store::Question,
};

/// How many entries are read at once while looking for those that pass a filter.
const SIEVE: i32 = 500;

impl Store {
    /// A page of an organization's open pull requests, from indexes that lag a little.
    ///
    /// By update time, of all or of one light: one query that reads the page and nothing else.
    /// With another filter it reads on until the page is full. By creation or title, or of one
    /// repository, it reads the entries of all (or of the repository) and orders them here.
    ///
    /// # Errors
    /// [`StoreError::InvalidCursor`], [`StoreError::Unavailable`], [`StoreError::Corrupt`].
    pub async fn list_pull_requests(
        &self,
        organization: OrganizationId,
        query: &ListQuery,
    ) -> Result<ListPage, StoreError> {
        let after = cursor::decode(organization, query)?;
        let sieve = Sieve {
            query,
            repositories: self.repositories_of(organization, query.provider).await?,
        };
        let limit = usize::from(query.limit.clamp(1, LARGEST_PAGE));
        let found = match (query.repository, query.sort) {
            (None, ListSort::Updated) => {
                self.read_on(organization, &sieve, after, limit + 1).await?
            }
            (Some(repository), _) => {
                let all = self.open_pull_requests(organization, repository).await?;
                ordered(all, &sieve, after.as_ref())
            }
            (None, ListSort::Created | ListSort::Title) => {
                let question = by_update(organization, query);
                let entries = self.pages(&question).await?;
                let all: Result<_, StoreError> = entries.iter().map(thin::read).collect();
                ordered(all?, &sieve, after.as_ref())
            }
        };
        page(organization, query, found, limit)
    }

    /// The repositories of a provider; `None` where no provider is asked for.
    async fn repositories_of(
        &self,
        organization: OrganizationId,
        provider: Option<Provider>,
    ) -> Result<Option<BTreeSet<RepositoryId>>, StoreError> {
        let Some(provider) = provider else {
            return Ok(None);
        };
        let repositories = self.repositories(organization).await?;
        let of_provider = repositories
            .into_iter()
            .filter(|repository| repository.provider == provider);
        Ok(Some(of_provider.map(|repository| repository.id).collect()))
    }

    /// Entries in the order of the index, until there are enough that pass.
    async fn read_on(
        &self,
        organization: OrganizationId,
        sieve: &Sieve<'_>,
        after: Option<Position>,
        enough: usize,
    ) -> Result<Vec<OpenPullRequest>, StoreError> {
        let mut question = by_update(organization, sieve.query);
        question.limit = Some(if sieve.passes_all() {
            i32::try_from(enough).unwrap_or(SIEVE)
        } else {
            SIEVE
        });
        let mut start = after.map(|position| start_key(&question, &position));
        let mut found = Vec::new();
        loop {
            let page = self.page(&question, start).await?;
            for entry in &page.items {
                let entry = thin::read(entry)?;
                if sieve.passes(&entry) {
                    found.push(entry);
                }
            }
            start = page.next;
            if start.is_none() || found.len() >= enough {
                return Ok(found);
            }
        }
    }
}

/// The index by update time, of all or of one light.
fn by_update(organization: OrganizationId, query: &ListQuery) -> Question {
    let question = match query.light {
        None => Question::index(Index::OpenByUpdate, keys::organization(organization)),
        Some(light) => Question::index(Index::OpenByLight, keys::light(organization, light)),
    };
    Question {
        backwards: query.order == ListOrder::Descending,
        ..question
    }
}

/// The key after which a query goes on. There need not be an item with this key any more.
fn start_key(question: &Question, position: &Position) -> Item {
    let mut start = key_item(&keys::pull_request(position.id));
    if let Some(index) = question.index {
        start.insert(index.pk().into(), text(&question.partition));
        start.insert(index.sk().into(), text(&position.value));
    }
    start
}

/// What passes, ordered, after a place.
fn ordered(
    all: Vec<OpenPullRequest>,
    sieve: &Sieve<'_>,
    after: Option<&Position>,
) -> Vec<OpenPullRequest> {
    let query = sieve.query;
    let mut placed: Vec<(Position, OpenPullRequest)> = all
        .into_iter()
        .filter(|entry| sieve.passes(entry))
        .map(|entry| (Position::of(&entry, query.sort), entry))
        .collect();
    placed.sort_by(|(a, _), (b, _)| match query.order {
        ListOrder::Ascending => a.cmp(b),
        ListOrder::Descending => b.cmp(a),
    });
    let is_after = |position: &Position| match (after, query.order) {
        (None, _) => true,
        (Some(after), ListOrder::Ascending) => position > after,
        (Some(after), ListOrder::Descending) => position < after,
    };
    placed
        .into_iter()
        .filter(|(position, _)| is_after(position))
        .map(|(_, entry)| entry)
        .collect()
}

/// The first entries as a page; that there are more says where the next one begins.
fn page(
    organization: OrganizationId,
    query: &ListQuery,
    mut found: Vec<OpenPullRequest>,
    limit: usize,
) -> Result<ListPage, StoreError> {
    let more = found.len() > limit;
    found.truncate(limit);
    let next = match found.last() {
        Some(last) if more => {
            let position = Position::of(last, query.sort);
            Some(cursor::encode(organization, query, position)?)
        }
        Some(_) | None => None,
    };
    Ok(ListPage { items: found, next })
}

/// What decides whether an entry belongs to the list.
struct Sieve<'a> {
    query: &'a ListQuery,
    repositories: Option<BTreeSet<RepositoryId>>,
}

impl Sieve<'_> {
    /// Whether an index alone decides.
    fn passes_all(&self) -> bool {
        let ListQuery {
            light: _,
            provider,
            repository: _,
            author,
            draft,
            search,
            sort: _,
            order: _,
            limit: _,
            cursor: _,
        } = self.query;
        provider.is_none() && author.is_none() && draft.is_none() && search.is_none()
    }

    fn passes(&self, entry: &OpenPullRequest) -> bool {
        let query = self.query;
        let repository = self
            .repositories
            .as_ref()
            .is_none_or(|ids| ids.contains(&entry.id.repository()));
        let author = query
            .author
            .as_ref()
            .is_none_or(|author| entry.author.eq_ignore_ascii_case(author));
        repository
            && author
            && query.light.is_none_or(|light| entry.light == light)
            && query.draft.is_none_or(|draft| entry.draft == draft)
            && query
                .search
                .as_ref()
                .is_none_or(|search| matches(entry, search))
    }
}

fn matches(entry: &OpenPullRequest, search: &str) -> bool {
    let search = search.trim().to_lowercase();
    let number = search.strip_prefix('#').unwrap_or(&search);
    let is_in = |text: &str| text.to_lowercase().contains(&search);
    is_in(&entry.title)
        || is_in(&entry.author)
        || is_in(&entry.branch)
        || entry.number.to_string() == number
}

#[cfg(test)]
mod tests {
    use ampel_domain::{
        ids::{IdSeed, PullRequestNumber},
        light::Light,
    };
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_search_is_for_title_author_branch_or_number() {
        let number = PullRequestNumber::new(42).unwrap();
        let repository = RepositoryId::new(IdSeed {
            unix_millis: 1,
            random: 1,
        });
        let entry = OpenPullRequest {
            id: repository.pull_request(number),
            number,
            title: "Fix the Parser".to_owned(),
            author: "Grace".to_owned(),
            draft: false,
            head: "0123456789abcdef0123456789abcdef01234567".parse().unwrap(),
            branch: "topic/lexer".to_owned(),
            base: "main".to_owned(),
            light: Light::Green,
            reasons: Vec::new(),
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
            fingerprint: None,
        };
        for found in ["", "parser", "GRACE", "rac", "Topic/", "42", "#42", " #42 "] {
            assert!(matches(&entry, found), "{found}");
        }
        for other in ["4", "#4", "#", "#421", "main", "##42"] {
            assert!(!matches(&entry, other), "{other}");
        }
    }
}
