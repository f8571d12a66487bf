//! What the demo shows at one provider: an organization, its repositories and their pull requests.

use ampel_domain::provider::Provider;

use super::scenes::Scene;

/// Everything the demo shows at one provider.
#[derive(Debug, Clone, Copy)]
pub struct Organization {
    /// Which provider.
    pub provider: Provider,
    /// What the account there is called in the product.
    pub account: &'static str,
    /// Who owns the repositories.
    pub owner: &'static str,
    /// The person the account belongs to.
    pub person: &'static str,
    /// What the account's token is sent with, where that takes a name.
    pub username: Option<&'static str>,
    /// The account's token. It opens nothing but the fake.
    pub token: &'static str,
    /// Everybody else who writes to the repositories.
    pub writers: &'static [&'static str],
    /// What pull requests of bots are labelled with, where there are labels.
    pub bots_label: Option<&'static str>,
    /// The repositories.
    pub repositories: &'static [DemoRepository],
    /// The pull requests, oldest first.
    pub script: &'static [Entry],
    /// How many pull requests life keeps open, more or less, in repositories that are not archived.
    pub aim: usize,
}

impl Organization {
    /// What is known of a repository of the demo.
    pub(super) fn repository(&self, name: &str) -> Option<&DemoRepository> {
        self.repositories.iter().find(|repo| repo.name == name)
    }

    /// The checks a repository runs.
    pub(crate) fn checks_of(&self, name: &str) -> &'static [&'static str] {
        self.repository(name)
            .map_or(&["build", "test"], |repo| repo.checks)
    }
}

/// A repository of the demo.
#[derive(Debug, Clone, Copy)]
pub struct DemoRepository {
    /// Its name without the owner.
    pub name: &'static str,
    /// One line about it.
    pub about: &'static str,
    /// Main language.
    pub language: &'static str,
    /// The branch pull requests aim at.
    pub default_branch: &'static str,
    /// Only members see it.
    pub private: bool,
    /// It is read only in the end.
    pub archived: bool,
    /// The checks it runs; the last one takes longest.
    pub checks: &'static [&'static str],
}

/// One line of the script: a pull request and what has become of it.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The repository's name.
    pub(super) repo: &'static str,
    /// Who opened it.
    pub(super) author: &'static str,
    /// Its title.
    pub(super) title: &'static str,
    /// What has become of it.
    pub(super) scene: Scene,
    /// Where it aims at, if not at the default branch.
    pub(super) base: Option<&'static str>,
}

impl Entry {
    pub(super) const fn new(
        repo: &'static str,
        author: &'static str,
        title: &'static str,
        scene: Scene,
    ) -> Self {
        Self {
            repo,
            author,
            title,
            scene,
            base: None,
        }
    }

    /// It aims at another branch.
    pub(super) const fn onto(mut self, base: &'static str) -> Self {
        self.base = Some(base);
        self
    }

    /// Whether a machine opened it.
    pub(super) fn is_by_bot(&self) -> bool {
        self.author.starts_with("renovate")
    }

    /// Whether it comes from a fork: tomas is a friend of the house, not a member.
    pub(super) fn is_from_fork(&self) -> bool {
        self.author == "tomas"
    }
}
