//! Which redirects are followed. Each hop is a call of its own: the pacer is asked for it, too.

use ampel_domain::instance::AddressRules;
use http::{Method, StatusCode, header};
use reqwest::{Request, Url};

use super::Answer;
use crate::pacing::CallKind;

/// How many redirects of one request are followed.
pub(super) const MOST_REDIRECTS: u32 = 5;

/// The request that follows `sent` where its answer is a redirect that stays on the host, as those
/// of renamed repositories do, and what kind of call it is. `None` where the answer is used as it
/// is: the token must not travel, and a write goes only where it was sent to or where the provider
/// says in so many words that it is to be sent again (RFC 9110, 15.4).
pub(super) fn follow(
    mut sent: Request,
    kind: CallKind,
    answer: &Answer,
    rules: &AddressRules,
) -> Option<(Request, CallKind)> {
    let repeats = match answer.status {
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => true,
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => match kind {
            CallKind::Read => true,
            CallKind::Write => return None,
        },
        StatusCode::SEE_OTHER => false,
        _no_redirect => return None,
    };
    let to = sent.url().join(answer.header("location")?).ok()?;
    if !same_origin(sent.url(), &to) || rules.check(&to).is_err() {
        return None;
    }
    *sent.url_mut() = to;
    if repeats {
        return Some((sent, kind));
    }
    *sent.method_mut() = Method::GET;
    *sent.body_mut() = None;
    for about_the_body in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        sent.headers_mut().remove(about_the_body);
    }
    Some((sent, CallKind::Read))
}

fn same_origin(from: &Url, to: &Url) -> bool {
    from.scheme() == to.scheme()
        && from.host_str() == to.host_str()
        && from.port_or_known_default() == to.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn sent(method: &Method) -> Request {
        let url = "https://git.example.org/a/b?x=1".parse().unwrap();
        let mut request = Request::new(method.clone(), url);
        let headers = request.headers_mut();
        headers.insert("content-type", "application/json".parse().unwrap());
        headers.insert("authorization", "Bearer t".parse().unwrap());
        *request.body_mut() = Some("{}".into());
        request
    }

    fn followed(
        method: &Method,
        kind: CallKind,
        status: u16,
        to: &str,
    ) -> Option<(Request, CallKind)> {
        let mut headers = HeaderMap::new();
        headers.insert("location", to.parse().unwrap());
        let answer = Answer::of(StatusCode::from_u16(status).unwrap(), headers, b"");
        follow(sent(method), kind, &answer, &AddressRules::default())
    }

    #[test]
    fn a_read_is_repeated_and_a_write_only_where_that_is_asked_for() {
        for (method, kind, status, method_after) in [
            (Method::GET, CallKind::Read, 301, Some(Method::GET)),
            (Method::GET, CallKind::Read, 302, Some(Method::GET)),
            // A query.
            (Method::POST, CallKind::Read, 302, Some(Method::POST)),
            (Method::GET, CallKind::Read, 303, Some(Method::GET)),
            (Method::POST, CallKind::Write, 301, None),
            (Method::PUT, CallKind::Write, 302, None),
            (Method::PUT, CallKind::Write, 303, Some(Method::GET)),
            (Method::PUT, CallKind::Write, 307, Some(Method::PUT)),
            (Method::DELETE, CallKind::Write, 308, Some(Method::DELETE)),
            (Method::GET, CallKind::Read, 304, None),
            (Method::GET, CallKind::Read, 200, None),
        ] {
            let next = followed(&method, kind, status, "c");
            let asked = next.as_ref().map(|(next, _)| next.method().clone());
            assert_eq!(asked, method_after, "{method} {status}");
            let Some((next, kind_after)) = next else {
                continue;
            };
            assert_eq!(next.url().as_str(), "https://git.example.org/a/c");
            assert!(next.headers().contains_key("authorization"));
            let is_repeated = status != 303;
            assert_eq!(next.body().is_some(), is_repeated);
            assert_eq!(next.headers().contains_key("content-type"), is_repeated);
            assert_eq!(kind_after == kind, is_repeated || kind == CallKind::Read);
        }
    }

    #[test]
    fn nothing_leaves_the_host() {
        for elsewhere in [
            "https://other.example.org/a",
            "http://git.example.org/a",
            "https://git.example.org:8443/a",
            "//other.example.org/a",
            "https://ada:secret@git.example.org/a",
            "https://",
        ] {
            for status in [302, 303, 307] {
                let next = followed(&Method::GET, CallKind::Read, status, elsewhere);
                assert!(next.is_none(), "{elsewhere}");
            }
        }
    }
}
