//! Bitbucket's words in ours. Webhooks and REST write them alike.

use ampel_domain::{
    facts::{CheckState, CommitSha, Conclusion, Lifecycle},
    provider::Login,
};
use jiff::Timestamp;

use super::shape::{Text, User, text};
use crate::text::cut;

/// Bytes of a title that are kept.
pub(super) const TITLE_LIMIT: usize = 1024;
/// Bytes of a link that are kept.
const URL_LIMIT: usize = 2048;
/// Bytes of a person's name that are kept.
const NAME_LIMIT: usize = 255;
/// The commit that Git writes for none.
pub(super) const NO_COMMIT: &str = "000000000000";
/// Digits of the longest hash.
const LONGEST_SHA: usize = 64;

/// A commit hash, cut to twelve digits: pull requests show no more, statuses, commits and pushes
/// show all. This is the one place where Bitbucket's hashes are made comparable (ADR 0010).
pub(super) fn sha(text: &str) -> Option<CommitSha> {
    let is_hash = text.len() <= LONGEST_SHA && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    let short = text.get(..CommitSha::SHORTEST).filter(|_| is_hash)?;
    short.parse().ok()
}

/// Where in its life a pull request is; `None` for a word we do not know. Superseded ones were
/// closed in favour of another; drafts and those that wait in a merge queue are open. `at` is when the pull request was closed, where Bitbucket says,
/// else when it last changed: nothing else tells when it ended.
pub(super) fn lifecycle(word: &str, at: Option<Timestamp>) -> Option<Lifecycle> {
    match word {
        "OPEN" | "DRAFT" | "QUEUED" => Some(Lifecycle::Open),
        "MERGED" => Some(Lifecycle::Merged { at }),
        "DECLINED" | "SUPERSEDED" => Some(Lifecycle::Closed { at }),
        _unknown => None,
    }
}

/// Where a build is.
pub(super) fn build_state(word: &str) -> CheckState {
    match word {
        "SUCCESSFUL" => CheckState::Completed(Conclusion::Success),
        "FAILED" => CheckState::Completed(Conclusion::Failure),
        "INPROGRESS" => CheckState::InProgress,
        "STOPPED" => CheckState::Completed(Conclusion::Cancelled),
        _unknown => CheckState::Completed(Conclusion::Unrecognised),
    }
}

/// What a person is called: there are no user names any more, so the nickname, then what older
/// payloads and teams have. Nobody is `ghost`.
pub(super) fn login(user: Option<&User<'_>>) -> Login {
    let name = user.and_then(|user| {
        [&user.nickname, &user.username, &user.display_name]
            .into_iter()
            .find_map(|name| text(name.as_ref()).and_then(|name| cut(name, NAME_LIMIT)))
    });
    Login::new(&name.unwrap_or_default())
}

/// What identifies a person: their UUID, else the id of their Atlassian account.
pub(super) fn user_id<'u>(user: &'u User<'_>) -> Option<&'u str> {
    text(user.uuid.as_ref()).or(text(user.account_id.as_ref()))
}

/// A link, cut.
pub(super) fn link(url: Option<&Text<'_>>) -> Option<String> {
    text(url).and_then(|url| cut(url, URL_LIMIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hash_is_cut_alike() {
        let whole = "A6E5E7D797EDF751cbd839d6bd4aef86c941eec9";
        let short = sha("a6e5e7d797ed").unwrap();
        assert_eq!(sha(whole), Some(short.clone()));
        assert_eq!(sha(&format!("{whole}{}", "0".repeat(24))), Some(short));
        for wrong in [
            "",
            "a6e5e7d797e",
            "a6e5e7d797edg",
            "äöüäöüäöü",
            &"0".repeat(65),
        ] {
            assert_eq!(sha(wrong), None, "{wrong}");
        }
    }
}
