//! The checked-in tables of own events.

use std::collections::BTreeMap;

use ampel_domain::provider::Provider;

/// The own event (`ProviderEvent::kind`, `ignored` or `unusable`) of every (event, subject) of a
/// provider, as `shared/providers/events` lists them.
///
/// # Panics
/// Where a line has not three cells, or one is there twice.
pub fn expected_events(provider: Provider) -> BTreeMap<(String, String), String> {
    let table = match provider {
        Provider::Github => include_str!("../../../providers/events/github.tsv"),
        Provider::Gitlab => include_str!("../../../providers/events/gitlab.tsv"),
        Provider::Bitbucket => include_str!("../../../providers/events/bitbucket.tsv"),
        Provider::Gitea => include_str!("../../../providers/events/gitea.tsv"),
    };
    let mut events = BTreeMap::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [event, subject, own] = cells[..] else {
            panic!("not three cells: {line}");
        };
        let key = (event.to_owned(), subject.to_owned());
        let before = events.insert(key, own.to_owned());
        assert_eq!(before, None, "listed twice: {line}");
    }
    events
}
