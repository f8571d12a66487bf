//! What the indexes show of an open pull request: one short text, so that a page of a list is one
//! small query.

use ampel_domain::{
    facts::CommitSha,
    ids::{PullRequestId, PullRequestNumber, RepositoryId},
    light::{Judgement, Light, ReasonCode},
    pulls::PullRequest,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::PullRequestItem;
use crate::{
    StoreError,
    item::{Document, Item, corrupt, text_in},
    keys::{self, Index, Key, PK, SK},
};

/// The most bytes of an index entry, with its keys.
pub(crate) const ENTRY_LIMIT: usize = 400;

/// How many codes of reasons an entry shows.
const MOST_REASONS: usize = 6;

/// An open pull request as the indexes show it: shortly after it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPullRequest {
    /// Its id.
    pub id: PullRequestId,
    /// Its number.
    pub number: PullRequestNumber,
    /// Its title, cut to what fits.
    pub title: String,
    /// Who opened it, cut to what fits.
    pub author: String,
    /// Whether its author says it is not ready.
    pub draft: bool,
    /// Its head's commit.
    pub head: CommitSha,
    /// Its head's branch, cut to what fits.
    pub branch: String,
    /// The branch it would be merged into, cut to what fits.
    pub base: String,
    /// Its light.
    pub light: Light,
    /// The codes of the light's reasons, each once, the most important first.
    pub reasons: Vec<ReasonCode>,
    /// When it was opened, to the second.
    pub created_at: Timestamp,
    /// The newest `updatedAt` heard of, to the second.
    pub updated_at: Timestamp,
    /// The digest of its last fingerprint, as [`fingerprint_digest`] makes it.
    pub fingerprint: Option<String>,
}

/// What the indexes keep of a fingerprint, to be compared with [`OpenPullRequest::fingerprint`].
#[must_use]
pub fn fingerprint_digest(fingerprint: &str) -> String {
    keys::digest(&[fingerprint]).chars().take(16).collect()
}

/// The text, as an array: names would cost more than what they name.
#[derive(Serialize, Deserialize)]
struct Thin(
    /// The version of this form.
    u8,
    /// Head, in base 64.
    String,
    /// Light: 0 green, 1 yellow, 2 red.
    u8,
    /// Reasons, as [`numbered`] numbers them.
    Vec<u8>,
    /// Draft.
    u8,
    /// Created, in seconds.
    i64,
    /// Updated, in seconds.
    i64,
    /// The digest of the fingerprint, or empty.
    String,
    /// Author.
    String,
    /// Base.
    String,
    /// Branch.
    String,
    /// Title.
    String,
);

const VERSION: u8 = 1;

/// The bytes of an index entry besides the thin text: DynamoDB counts names and values.
pub(crate) fn entry_size(own: &Key, index: Index, pk: &str, sk: &str) -> usize {
    let pair = |name: &str, value: &str| name.len() + value.len();
    pair(PK, &own.pk)
        + pair(SK, &own.sk)
        + pair(index.pk(), pk)
        + pair(index.sk(), sk)
        + pair("type", PullRequestItem::TYPE)
        + pair("thin", "")
}

/// The text of an open pull request, of at most `limit` bytes. The title is cut first.
pub(crate) fn of(
    pull: &PullRequest,
    judgement: &Judgement,
    limit: usize,
) -> Result<String, StoreError> {
    let mut thin = Thin(
        VERSION,
        pack(pull.head_sha())?,
        light_number(judgement.light),
        reason_numbers(judgement),
        u8::from(*pull.draft.shown()),
        pull.created_at.as_second(),
        pull.updated_at().as_second(),
        pull.fingerprint
            .as_deref()
            .map(fingerprint_digest)
            .unwrap_or_default(),
        pull.author.to_string(),
        pull.base.shown().clone(),
        pull.head.shown().branch.clone(),
        pull.title.shown().clone(),
    );
    for step in 0..STEPS {
        let over = text(&thin)?.len().saturating_sub(limit);
        if over == 0 {
            break;
        }
        let (field, least) = match step {
            0 | 1 => (&mut thin.11, 48),
            2 => (&mut thin.10, 16),
            3 => (&mut thin.9, 16),
            4 => (&mut thin.8, 16),
            5 | 6 => (&mut thin.11, 0),
            7 => (&mut thin.10, 0),
            8 => (&mut thin.9, 0),
            _last => (&mut thin.8, 0),
        };
        shorten(field, over, least);
    }
    text(&thin)
}

/// How many cuts are tried: what has to be escaped in JSON is longer than it looks, so the longest
/// field is cut twice.
const STEPS: u32 = 10;

/// Takes about `over` bytes, as JSON counts them, off the end of a text, but leaves `least`.
fn shorten(field: &mut String, over: usize, least: usize) {
    const MARK: &str = "…";
    if field.len() <= least {
        return;
    }
    let wanted = over + MARK.len();
    let mut end = field.len();
    let mut freed = 0;
    for (at, character) in field.char_indices().rev() {
        if freed >= wanted || at < least {
            break;
        }
        freed += escaped_size(character);
        end = at;
    }
    field.truncate(end);
    if least > 0 || !field.is_empty() {
        field.push_str(MARK);
    }
}

/// How many bytes a character takes in a JSON text.
fn escaped_size(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        control if control < '\u{20}' => 6,
        other => other.len_utf8(),
    }
}

fn text(thin: &Thin) -> Result<String, StoreError> {
    serde_json::to_string(thin).map_err(|error| corrupt("an index entry", &error))
}

fn pack(sha: &CommitSha) -> Result<String, StoreError> {
    let bytes = hex::decode(sha.as_str()).map_err(|error| corrupt("an index entry", &error))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn unpack(packed: &str) -> Option<CommitSha> {
    let bytes = URL_SAFE_NO_PAD.decode(packed).ok()?;
    hex::encode(bytes).parse().ok()
}

/// The open pull request of an index entry.
pub(crate) fn read(entry: &Item) -> Result<OpenPullRequest, StoreError> {
    let name = || {
        let part = |name| text_in(entry, name).unwrap_or("?");
        format!("{} / {} in an index", part(PK), part(SK))
    };
    if text_in(entry, "type") != Some(PullRequestItem::TYPE) {
        return Err(corrupt(&name(), &"it is no pull request"));
    }
    let id = id_of(entry).ok_or_else(|| corrupt(&name(), &"its keys are malformed"))?;
    let text = text_in(entry, "thin").unwrap_or_default();
    let thin: Thin = serde_json::from_str(text).map_err(|error| corrupt(&name(), &error))?;
    expand(id, thin).ok_or_else(|| corrupt(&name(), &"its text can not be understood"))
}

fn id_of(entry: &Item) -> Option<PullRequestId> {
    let repository: RepositoryId = text_in(entry, PK)?.strip_prefix("REPO#")?.parse().ok()?;
    let number = text_in(entry, SK)?.strip_prefix(keys::PULL_REQUEST_PREFIX)?;
    let number = PullRequestNumber::new(number.parse().ok()?)?;
    Some(repository.pull_request(number))
}

fn expand(id: PullRequestId, thin: Thin) -> Option<OpenPullRequest> {
    if thin.0 != VERSION {
        return None;
    }
    Some(OpenPullRequest {
        id,
        number: id.number(),
        head: unpack(&thin.1)?,
        light: Light::ALL
            .into_iter()
            .find(|light| light_number(*light) == thin.2)?,
        // A code that a newer release added is left out, not guessed.
        reasons: thin.3.into_iter().filter_map(reason_of).collect(),
        draft: thin.4 == 1,
        created_at: Timestamp::from_second(thin.5).ok()?,
        updated_at: Timestamp::from_second(thin.6).ok()?,
        fingerprint: (!thin.7.is_empty()).then_some(thin.7),
        author: thin.8,
        base: thin.9,
        branch: thin.10,
        title: thin.11,
    })
}

fn light_number(light: Light) -> u8 {
    match light {
        Light::Green => 0,
        Light::Yellow => 1,
        Light::Red => 2,
    }
}

fn reason_numbers(judgement: &Judgement) -> Vec<u8> {
    let mut numbers = Vec::new();
    for reason in &judgement.reasons {
        let number = numbered(reason.code);
        if numbers.len() < MOST_REASONS && !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    numbers
}

/// The number of a code. Stored: a number is never given to another code.
fn numbered(code: ReasonCode) -> u8 {
    match code {
        ReasonCode::Conflicts => 1,
        ReasonCode::CheckFailed => 2,
        ReasonCode::ChangesRequested => 3,
        ReasonCode::Draft => 4,
        ReasonCode::CheckPending => 5,
        ReasonCode::CheckCancelled => 6,
        ReasonCode::CheckUnrecognised => 7,
        ReasonCode::ChecksComputing => 8,
        ReasonCode::ChecksUnavailable => 9,
        ReasonCode::ReviewRequired => 10,
        ReasonCode::ReviewsComputing => 11,
        ReasonCode::ReviewsUnavailable => 12,
        ReasonCode::MergeabilityComputing => 13,
        ReasonCode::MergeabilityUnavailable => 14,
        ReasonCode::Contradiction => 15,
        ReasonCode::Approved => 16,
        ReasonCode::ChecksPassed => 17,
        ReasonCode::NoChecks => 18,
        ReasonCode::Mergeable => 19,
        ReasonCode::PolicyViolated => 20,
        ReasonCode::NothingToMerge => 21,
        ReasonCode::Behind => 22,
        ReasonCode::ApprovalsMissing => 23,
        ReasonCode::ConversationsOpen => 24,
        ReasonCode::ChecksRequired => 25,
        ReasonCode::MergeHeld => 26,
    }
}

fn reason_of(number: u8) -> Option<ReasonCode> {
    ReasonCode::ALL
        .into_iter()
        .find(|code| numbered(*code) == number)
}

#[cfg(test)]
mod tests;
