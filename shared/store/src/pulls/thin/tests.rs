use std::collections::{BTreeSet, HashMap};

use ampel_domain::{
    facts::{Lifecycle, Verdict},
    ids::{IdSeed, OrganizationId},
    light::Reason,
    provider::Login,
    pulls::{Head, PullRequestReport},
};
use proptest::prelude::*;

use super::*;
use crate::{Cause, PullRequestWrite, item::encode};

fn seed(random: u128) -> IdSeed {
    IdSeed {
        unix_millis: 1_767_225_600_000,
        random,
    }
}

fn write(title: &str, author: &str, branch: &str, base: &str) -> PullRequestWrite {
    let at: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
    let number = PullRequestNumber::new(u32::MAX).unwrap();
    let report = PullRequestReport {
        number,
        provider_id: "1".into(),
        author: Login::new(author),
        author_avatar_url: None,
        created_at: at,
        updated_at: at,
        url: "https://github.com/a/b/pull/1".into(),
        title: title.into(),
        description: None,
        lifecycle: Lifecycle::Open,
        draft: true,
        head: Head {
            sha: "ab".repeat(20).parse().unwrap(),
            branch: branch.into(),
            repository: None,
            is_fork: false,
        },
        base: base.into(),
        labels: BTreeSet::new(),
        requested_reviewers: BTreeSet::new(),
        size: None,
        comments: None,
        verdict: Some(Verdict::Clean),
    };
    let mut after =
        PullRequest::from_event(RepositoryId::new(seed(1)).pull_request(number), report);
    after.fingerprint = Some("fingerprint".into());
    let reasons = ReasonCode::ALL.into_iter().map(|code| Reason {
        code,
        text: "because".into(),
        url: None,
    });
    PullRequestWrite {
        before: None,
        after,
        judgement: Some(Judgement {
            light: Light::Yellow,
            reasons: reasons.collect(),
        }),
        refresh_due_at: None,
    }
}

/// The entry of each index, projected as the template says.
fn entries(write: &PullRequestWrite) -> Vec<HashMap<String, String>> {
    let organization = OrganizationId::new(seed(2));
    let item = PullRequestItem::after(organization, write, Cause::Sync).unwrap();
    let item = encode(&keys::pull_request(write.after.id), &item).unwrap();
    let indexes = [Index::OpenByUpdate, Index::OpenByLight, Index::OpenByBase];
    let projected = indexes.map(|index| {
        let names = [PK, SK, index.pk(), index.sk(), "thin", "type", "org"];
        names
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), text_in(&item, name)?.to_owned())))
            .collect()
    });
    projected.into()
}

fn shown(entry: &HashMap<String, String>) -> OpenPullRequest {
    let item = entry
        .iter()
        .map(|(name, value)| (name.clone(), crate::expression::text(value)))
        .collect();
    read(&item).unwrap()
}

fn size(entry: &HashMap<String, String>) -> usize {
    entry
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum()
}

#[test]
fn an_ordinary_pull_request_is_shown_whole() {
    let title = "Answer 404 for what belongs to another organization";
    let write = write(title, "ada-lovelace", "fix/tenants", "main");
    for entry in entries(&write) {
        assert!(size(&entry) <= ENTRY_LIMIT);
        let shown = shown(&entry);
        assert_eq!(shown.id, write.after.id);
        assert_eq!(shown.title, title);
        assert_eq!(
            (shown.author.as_str(), shown.base.as_str()),
            ("ada-lovelace", "main")
        );
        assert_eq!(&shown.head, write.after.head_sha());
        assert_eq!(shown.light, Light::Yellow);
        assert_eq!(shown.reasons, ReasonCode::ALL[..MOST_REASONS]);
        assert_eq!(shown.fingerprint, Some(fingerprint_digest("fingerprint")));
        assert_eq!(shown.updated_at, write.after.updated_at());
        assert!(shown.draft);
    }
}

proptest! {
    #[test]
    fn whatever_the_texts_an_entry_fits(
        title in ".{0,300}", author in ".{1,120}", branch in ".{0,260}", base in ".{1,260}"
    ) {
        let write = write(&title, &author, &branch, &base);
        for entry in entries(&write) {
            prop_assert!(size(&entry) <= ENTRY_LIMIT, "{}", size(&entry));
            prop_assert_eq!(shown(&entry).id, write.after.id);
        }
    }
}

#[test]
fn numbers_of_reasons_are_their_own() {
    let numbers: BTreeSet<u8> = ReasonCode::ALL.into_iter().map(numbered).collect();
    assert_eq!(numbers.len(), ReasonCode::ALL.len());
}
