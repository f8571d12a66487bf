//! An answer, read whole.

use std::time::{Duration, Instant};

use http::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822};

use super::Failure;
use crate::ProviderError;

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: StatusCode,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body.
    pub(crate) body: Vec<u8>,
    /// From before the request was sent until the headers were there, by our clock.
    pub(super) took: Duration,
}

impl Answer {
    /// An answer that came at once.
    #[cfg(test)]
    pub(crate) fn of(status: StatusCode, headers: HeaderMap, body: &[u8]) -> Self {
        Self {
            status,
            headers,
            body: body.to_vec(),
            took: Duration::ZERO,
        }
    }

    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A time of the provider's clock that lies at or before the start of the request.
    ///
    /// `Date` is stamped when the answer is made, in whole seconds, so what was read may be older
    /// than it by as long as the request took. Only a duration is measured with our clock, and
    /// the difference is rounded down to a whole second: a snapshot may claim to have seen too
    /// little, never something that happened after it was taken.
    pub(crate) fn began_at(&self) -> Result<Timestamp, ProviderError> {
        let date = self.header("date").and_then(http_date).ok_or_else(|| {
            ProviderError::InvalidAnswer {
                why: "no Date header".to_owned(),
            }
        })?;
        let began = SignedDuration::try_from(self.took)
            .ok()
            .and_then(|took| date.checked_sub(took).ok())
            .unwrap_or(date);
        let whole = if began.subsec_nanosecond() < 0 {
            began.as_second() - 1
        } else {
            began.as_second()
        };
        Timestamp::from_second(whole).map_err(|_| ProviderError::InvalidAnswer {
            why: "the Date header is out of range".to_owned(),
        })
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7; the obsolete forms are not sent any more).
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// Sends a request and reads its answer, up to `limit` bytes of body.
pub(super) async fn read(
    client: &reqwest::Client,
    request: reqwest::Request,
    limit: usize,
) -> Result<Answer, Failure> {
    let began = Instant::now();
    let mut response = client.execute(request).await?;
    let took = began.elapsed();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limit {
            return Err(Failure::finally(ProviderError::InvalidAnswer {
                why: format!("it is larger than {limit} bytes"),
            }));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status: response.status(),
        headers: std::mem::take(response.headers_mut()),
        body,
        took,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn began_at(date: &str, took: Duration) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("date", date.parse().unwrap());
        let mut answer = Answer::of(StatusCode::OK, headers, b"");
        answer.took = took;
        answer.began_at().unwrap().to_string()
    }

    #[test]
    fn a_reading_claims_no_second_it_may_have_missed() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(began_at(date, Duration::ZERO), "1994-11-06T08:49:37Z");
        // It may have been read at 36.997 although it was stamped at 37.000.
        assert_eq!(
            began_at(date, Duration::from_millis(3)),
            "1994-11-06T08:49:36Z"
        );
        assert_eq!(
            began_at(date, Duration::from_millis(1500)),
            "1994-11-06T08:49:35Z"
        );
    }
}
