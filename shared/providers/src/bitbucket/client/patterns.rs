//! Which branches a restriction is about: a pattern, or a type of the branching model.

use ampel_domain::repositories::RepositoryFacts;
use serde::Deserialize;

use super::{
    api::{Api, json},
    repositories::READING,
};
use crate::{
    ProviderError,
    bitbucket::shape::{Text, text},
};

/// Whether a branch's name fits a pattern, in which `*` stands for any text: also for one with a
/// slash, so that rather too much is demanded than too little.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|start| name.strip_prefix(start)) else {
        return false;
    };
    let mut middle: Vec<&str> = parts.collect();
    let Some(end) = middle.pop() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(end)
}

/// The types that the branches of a repository are of.
#[derive(Default)]
pub(super) struct BranchingModel {
    /// By type: a name, or how names of the type begin.
    names: Vec<(String, Name)>,
}

enum Name {
    Is(String),
    Begins(String),
}

#[derive(Deserialize)]
struct Shown<'a> {
    #[serde(borrow)]
    development: Option<Line<'a>>,
    #[serde(borrow)]
    production: Option<Line<'a>>,
    #[serde(borrow)]
    branch_types: Option<Vec<Type<'a>>>,
}

/// One of the two branches that stay.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    branch: Option<Branch<'a>>,
}

#[derive(Deserialize)]
struct Branch<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Type<'a> {
    #[serde(borrow)]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    prefix: Option<Text<'a>>,
}

impl BranchingModel {
    pub(super) async fn read(api: &Api, repo: &RepositoryFacts) -> Result<Self, ProviderError> {
        let url = api.url_in(repo, &["branching-model"])?;
        let answer = api.get(&url, READING).await?;
        let shown: Shown<'_> = json(&answer)?;
        let line = |kind: &str, line: Option<&Line<'_>>| {
            line.and_then(Line::name)
                .map(|name| (kind.to_owned(), Name::Is(name.to_owned())))
        };
        let types = shown.branch_types.iter().flatten();
        let names = types.filter_map(|known| {
            let (kind, prefix) = (text(known.kind.as_ref())?, text(known.prefix.as_ref())?);
            Some((kind.to_owned(), Name::Begins(prefix.to_owned())))
        });
        Ok(Self {
            names: names
                .chain(line("development", shown.development.as_ref()))
                .chain(line("production", shown.production.as_ref()))
                .collect(),
        })
    }

    /// Whether a branch is of this type.
    pub(super) fn has(&self, kind: &str, branch: &str) -> bool {
        self.names.iter().any(|(known, name)| {
            known == kind
                && match name {
                    Name::Is(name) => name == branch,
                    Name::Begins(prefix) => branch.starts_with(prefix.as_str()),
                }
        })
    }
}

impl Line<'_> {
    fn name(&self) -> Option<&str> {
        let branch = self.branch.as_ref();
        branch
            .and_then(|branch| text(branch.name.as_ref()))
            .or(text(self.name.as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_matched_as_bitbucket_writes_them() {
        for (pattern, name, expected) in [
            ("main", "main", true),
            ("main", "maintenance", false),
            ("*", "anything/at/all", true),
            ("release/*", "release/1.2", true),
            ("release/*", "hotfix/release/1", false),
            ("**", "x", true),
            ("*/web/*", "team/web/login", true),
            ("*/web/*", "team/api/login", false),
            ("a*a", "a", false),
            ("", "main", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
