//! What answers say of rate limits, in the dialects of the providers.
//!
//! - GitHub: `x-ratelimit-limit`, `-remaining`, `-reset` (seconds since the epoch), `-resource`;
//!   `retry-after` with its secondary limits.
//! - GitLab: `RateLimit-Limit`, `-Remaining`, `-Reset` (seconds since the epoch); `Retry-After`.
//! - Bitbucket: `X-RateLimit-Limit` and `-NearLimit`, on some answers.
//! - Gitea and Forgejo: nothing of their own; a proxy before them may speak one of these.

use ampel_domain::{
    budget::{LONGEST_WAIT, RateSeen, Resource},
    provider::Provider,
};
use http::{StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use reqwest::Url;

use super::answer::{Answer, http_date};
use crate::ProviderError;

/// How long to wait where a provider says only that it is too much (GitHub's own advice).
const DEFAULT_WAIT: SignedDuration = SignedDuration::from_secs(60);
/// No duration until a reset is as large as this many seconds, and no time is as small.
const SMALLEST_TIME: i64 = 100_000_000;
/// Bitbucket says that the limit is near when less than a fifth is left.
const NEAR: u32 = 5;
/// The words of GitHub's refusals, which are 403 as missing permissions are.
const TOO_FAST: [&str; 3] = [
    "secondary rate limit",
    "abuse detection",
    "rate limit exceeded",
];
/// Bytes of a refusal that are searched for them.
const REFUSAL_LIMIT: usize = 4 * 1024;

/// What a provider counts a call as.
pub(super) fn resource(provider: Provider, url: &Url) -> Resource {
    match provider {
        Provider::Github if url.path().ends_with("/graphql") => Resource::Graphql,
        Provider::Github | Provider::Gitlab | Provider::Bitbucket | Provider::Gitea => {
            Resource::Core
        }
    }
}

/// What an answer to a call that counts as `resource` says of the limits.
pub(super) fn seen(answer: &Answer, resource: Resource) -> RateSeen {
    let retry_after = is_rate_limit(answer)
        .then(|| retry_after(answer).or_else(|| (!is_used_up(answer)).then_some(DEFAULT_WAIT)))
        .flatten();
    let word = match resource {
        Resource::Core => "core",
        Resource::Graphql => "graphql",
    };
    // GitHub counts some calls by themselves; what it says of those is not about this budget.
    let about_another = answer
        .header("x-ratelimit-resource")
        .is_some_and(|named| ["search", "core", "graphql"].contains(&named) && named != word);
    if about_another {
        return RateSeen {
            retry_after,
            ..RateSeen::default()
        };
    }
    let limit = count(answer, "limit");
    let near = answer.header("x-ratelimit-nearlimit") == Some("true");
    RateSeen {
        limit,
        remaining: count(answer, "remaining").or_else(|| near.then_some(limit? / NEAR)),
        resets_in: resets_in(answer),
        retry_after,
    }
}

/// Whether an answer is a refusal for the sake of a rate limit.
pub(crate) fn is_rate_limit(answer: &Answer) -> bool {
    let asks = answer.headers.contains_key(header::RETRY_AFTER);
    match answer.status {
        StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::SERVICE_UNAVAILABLE => asks,
        StatusCode::FORBIDDEN => asks || is_used_up(answer) || says_too_fast(answer),
        _other => false,
    }
}

/// The error of such a refusal: when the provider wants to be asked again. `now` is our time.
pub(crate) fn rate_limited(answer: &Answer, now: Timestamp) -> ProviderError {
    let reset = || is_used_up(answer).then(|| resets_in(answer)).flatten();
    let wait = retry_after(answer).or_else(reset).unwrap_or(DEFAULT_WAIT);
    let wait = wait.clamp(SignedDuration::ZERO, LONGEST_WAIT);
    ProviderError::RateLimited {
        until: now.checked_add(wait).unwrap_or(now),
    }
}

fn is_used_up(answer: &Answer) -> bool {
    count(answer, "remaining") == Some(0)
}

fn says_too_fast(answer: &Answer) -> bool {
    let start = answer.body.get(..REFUSAL_LIMIT).unwrap_or(&answer.body);
    let said = String::from_utf8_lossy(start).to_ascii_lowercase();
    TOO_FAST.iter().any(|words| said.contains(words))
}

/// `Retry-After`: seconds, or a time (RFC 9110, 10.2.3).
fn retry_after(answer: &Answer) -> Option<SignedDuration> {
    let text = answer.header("retry-after")?.trim();
    let wait = match text.parse::<i64>() {
        Ok(seconds) => SignedDuration::from_secs(seconds),
        Err(_) => http_date(text)?.duration_since(provider_time(answer)),
    };
    Some(wait.max(SignedDuration::ZERO))
}

/// The time until the reset, by the provider's own clock: ours may be another.
fn resets_in(answer: &Answer) -> Option<SignedDuration> {
    let reset: i64 = number(answer, "reset")?;
    if reset < SMALLEST_TIME {
        return Some(SignedDuration::from_secs(reset.max(0)));
    }
    let end = Timestamp::from_second(reset).ok()?;
    Some(end.duration_since(provider_time(answer)))
}

fn provider_time(answer: &Answer) -> Timestamp {
    answer
        .header("date")
        .and_then(http_date)
        .unwrap_or_else(Timestamp::now)
}

fn count(answer: &Answer, name: &str) -> Option<u32> {
    number(answer, name)
}

fn number<T: std::str::FromStr>(answer: &Answer, name: &str) -> Option<T> {
    let named = |prefix: &str| answer.header(&format!("{prefix}{name}"));
    named("x-ratelimit-")
        .or_else(|| named("ratelimit-"))?
        .trim()
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    /// An answer of Sunday, 1994-11-06T08:49:37Z, whatever our clock says.
    fn answer(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
        let mut map = HeaderMap::new();
        map.insert("date", "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        Answer::of(StatusCode::from_u16(status).unwrap(), map, body.as_bytes())
    }

    fn seconds(wait: Option<SignedDuration>) -> Option<i64> {
        wait.map(|wait| wait.as_secs())
    }

    #[test]
    fn every_dialect_is_understood() {
        let github = [
            ("x-ratelimit-limit", "5000"),
            ("x-ratelimit-remaining", "4999"),
            ("x-ratelimit-reset", "2000000000"),
            ("x-ratelimit-resource", "core"),
        ];
        let read = answer(200, &github, "");
        let said = seen(&read, Resource::Core);
        assert_eq!((said.limit, said.remaining), (Some(5000), Some(4999)));
        assert_eq!(seconds(said.resets_in), Some(2_000_000_000 - 784_111_777));
        assert_eq!(said.retry_after, None);
        assert_eq!(seen(&read, Resource::Graphql), RateSeen::default());
        let gitlab = [
            ("ratelimit-limit", "2000"),
            ("ratelimit-remaining", "7"),
            ("ratelimit-reset", "60"),
        ];
        let said = seen(&answer(200, &gitlab, ""), Resource::Core);
        assert_eq!((said.limit, said.remaining), (Some(2000), Some(7)));
        assert_eq!(seconds(said.resets_in), Some(60));
        let bitbucket = [
            ("x-ratelimit-limit", "1000"),
            ("x-ratelimit-nearlimit", "true"),
            ("x-ratelimit-resource", "repository"),
        ];
        let said = seen(&answer(200, &bitbucket, ""), Resource::Core);
        assert_eq!((said.limit, said.remaining), (Some(1000), Some(200)));
        let gitea = seen(&answer(200, &[], ""), Resource::Core);
        assert_eq!(gitea, RateSeen::default());
        let nonsense = [("x-ratelimit-limit", "-1"), ("x-ratelimit-reset", "soon")];
        let said = seen(&answer(200, &nonsense, ""), Resource::Core);
        assert_eq!(said, RateSeen::default());
    }

    #[test]
    fn only_a_refusal_stops_the_account() {
        let wait = |answer: &Answer| seconds(seen(answer, Resource::Core).retry_after);
        let told = [("retry-after", "30")];
        for status in [403, 429, 503] {
            assert_eq!(wait(&answer(status, &told, "")), Some(30), "{status}");
        }
        let dated = [("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT")];
        assert_eq!(wait(&answer(429, &dated, "")), Some(60));
        assert_eq!(wait(&answer(429, &[], "")), Some(60));
        let secondary = r#"{"message":"You have exceeded a secondary rate limit."}"#;
        assert_eq!(wait(&answer(403, &[], secondary)), Some(60));
        for (status, headers) in [(200, &told[..]), (403, &[]), (404, &told), (503, &[])] {
            assert_eq!(wait(&answer(status, headers, "no")), None, "{status}");
        }
        // A window that is used up ends by itself, and other resources have their own.
        let used_up = [("x-ratelimit-remaining", "0")];
        assert_eq!(wait(&answer(403, &used_up, "")), None);
    }

    #[test]
    fn a_reset_is_counted_by_the_clock_that_names_it() {
        let primary = [
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "784112377"),
        ];
        let now: Timestamp = "2026-01-05T09:00:00Z".parse().unwrap();
        assert_eq!(
            rate_limited(&answer(403, &primary, ""), now),
            ProviderError::RateLimited {
                until: now + SignedDuration::from_secs(600)
            }
        );
        let absurd = [("retry-after", "99999999999")];
        assert_eq!(
            rate_limited(&answer(429, &absurd, ""), now),
            ProviderError::RateLimited {
                until: now + LONGEST_WAIT
            }
        );
    }
}
