//! What answers say of rate limits, in the dialects of the providers.
//!
//! - GitHub: `x-ratelimit-limit`, `-remaining`, `-reset` (seconds since the epoch), `-resource`;
//!   `retry-after` with its secondary limits. GraphQL refuses in a 200, too.
//! - GitLab: `RateLimit-Limit`, `-Remaining`, `-Reset` (seconds since the epoch); `Retry-After`.
//! - Bitbucket: `X-RateLimit-Limit` and `-NearLimit`, on some answers.
//! - Gitea and Forgejo: nothing of their own; a proxy before them may speak one of these.

use ampel_domain::{
    budget::{Limit, RateSeen, Resource, after},
    provider::Provider,
};
use http::{StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use reqwest::Url;
use serde::{Deserialize, de::IgnoredAny};

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
    let refuses = match resource {
        Resource::Core => is_rate_limit(answer),
        Resource::Graphql => is_rate_limit(answer) || is_limited_query(answer),
    };
    // A window that is used up ends by itself, where it is said when.
    let ends = is_used_up(answer) && resets_in(answer).is_some();
    let retry_after = refuses
        .then(|| retry_after(answer).or_else(|| (!ends).then_some(DEFAULT_WAIT)))
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
    // A window without calls is none: nobody could ever ask again.
    let limit = count(answer, "limit").filter(|calls| *calls > 0);
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

/// Whether an answer to a GraphQL query is such a refusal although its status says that all is
/// well, as GitHub's may be (its "rate limits and query limits for the GraphQL API").
pub(crate) fn is_limited_query(answer: &Answer) -> bool {
    if answer.status != StatusCode::OK {
        return false;
    }
    let Ok(said) = serde_json::from_slice::<Said>(&answer.body) else {
        return false;
    };
    let names_it = |error: &SaidError| {
        let kind = error.kind.as_deref();
        matches!(kind, Some("RATE_LIMITED" | "RATE_LIMIT"))
    };
    let asks = answer.headers.contains_key(header::RETRY_AFTER);
    said.errors.iter().any(names_it) || said.data.is_none() && (asks || says_too_fast(answer))
}

/// What is looked at of the answer to a query to tell a refusal.
#[derive(Deserialize)]
struct Said {
    data: Option<IgnoredAny>,
    #[serde(default)]
    errors: Vec<SaidError>,
}

#[derive(Deserialize)]
struct SaidError {
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// The error of such a refusal: when the provider wants to be asked again. `now` is our time.
pub(crate) fn rate_limited(answer: &Answer, now: Timestamp) -> ProviderError {
    let reset = || is_used_up(answer).then(|| resets_in(answer)).flatten();
    let (wait, limit) = match retry_after(answer).or_else(reset) {
        Some(wait) => (wait, Limit::Told),
        None => (DEFAULT_WAIT, Limit::Guessed),
    };
    ProviderError::RateLimited {
        until: after(now, wait),
        limit,
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

/// The number of a header; the first one where it lists what it means, `10, 10;w=1`.
fn number<T: std::str::FromStr>(answer: &Answer, name: &str) -> Option<T> {
    let named = |prefix: &str| answer.header(&format!("{prefix}{name}"));
    let text = named("x-ratelimit-").or_else(|| named("ratelimit-"))?;
    text.split([',', ';']).next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use ampel_domain::budget::LONGEST_WAIT;
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
        let listed = [
            ("ratelimit-limit", "10, 10;w=1"),
            ("ratelimit-remaining", "0"),
            ("ratelimit-reset", "1"),
        ];
        let said = seen(&answer(200, &listed, ""), Resource::Core);
        assert_eq!((said.limit, said.remaining), (Some(10), Some(0)));
        assert_eq!(seconds(said.resets_in), Some(1));
        let empty = [("ratelimit-limit", "0")];
        assert_eq!(seen(&answer(200, &empty, ""), Resource::Core).limit, None);
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
        // A window that is used up ends by itself, where it is said when.
        let used_up = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "60")];
        assert_eq!(wait(&answer(403, &used_up, "")), None);
        assert_eq!(wait(&answer(403, &used_up[..1], "")), Some(60));
    }

    #[test]
    fn a_query_may_be_refused_in_a_success() {
        let wait = |headers: &[(&'static str, &str)], body: &str| {
            let answer = answer(200, headers, body);
            assert_eq!(seen(&answer, Resource::Core).retry_after, None, "{body}");
            let waits = seconds(seen(&answer, Resource::Graphql).retry_after);
            assert!(is_limited_query(&answer) || waits.is_none(), "{body}");
            waits
        };
        let told = [("retry-after", "30")];
        let left = [("x-ratelimit-remaining", "4000")];
        let used_up = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "60")];
        let secondary = r#"{"message":"You have exceeded a secondary rate limit."}"#;
        let named = r#"{"data":{"a":1},"errors":[{"type":"RATE_LIMITED","message":"no"}]}"#;
        assert_eq!(wait(&told, secondary), Some(30));
        assert_eq!(wait(&left, secondary), Some(60));
        assert_eq!(wait(&left, named), Some(60), "others are stopped, too");
        assert_eq!(wait(&used_up, named), None, "its window ends by itself");
        assert_eq!(wait(&told, "{}"), Some(30));
        for body in [
            r#"{"data":{"title":"secondary rate limit"}}"#,
            r#"{"data":{"a":null},"errors":[{"type":"NOT_FOUND"}]}"#,
            r#"{"data":{"a":1},"errors":[{"type":"RESOURCE_LIMITS_EXCEEDED"}]}"#,
            "secondary rate limit",
        ] {
            assert_eq!(wait(&told, body), None, "{body}");
        }
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
                until: now + SignedDuration::from_secs(600),
                limit: Limit::Told,
            }
        );
        let absurd = [("retry-after", "99999999999")];
        assert_eq!(
            rate_limited(&answer(429, &absurd, ""), now),
            ProviderError::RateLimited {
                until: now + LONGEST_WAIT,
                limit: Limit::Told,
            }
        );
        // Nobody said when.
        assert_eq!(
            rate_limited(&answer(403, &[], ""), now),
            ProviderError::RateLimited {
                until: now + DEFAULT_WAIT,
                limit: Limit::Guessed,
            }
        );
    }
}
