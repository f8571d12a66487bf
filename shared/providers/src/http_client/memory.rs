//! What was read before, so that a provider can say "not modified" instead of all of it again.
//!
//! GitHub does not count such an answer against its limit. Every answer is remembered for the very
//! request it was given to, token included, and only used when the provider was asked again with
//! that token and said that it still holds: nobody sees what their token may not read.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use reqwest::Request;
use sha2::{Digest, Sha256};

use super::Answer;

/// How many answers are remembered; the oldest goes first.
const MOST_ANSWERS: usize = 1_024;
/// Bytes of all of them, headers included.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Bytes of an answer that is worth remembering: of a page of a hundred, which are what a provider
/// is asked for again and again.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// A digest of a request with everything in it.
type Question = [u8; 32];

/// The answers of a process.
#[derive(Debug, Default)]
pub(super) struct Memory {
    answers: Mutex<Answers>,
}

#[derive(Debug, Default)]
struct Answers {
    by_question: HashMap<Question, Arc<Remembered>>,
    /// The oldest first.
    order: VecDeque<Question>,
    bytes: usize,
}

#[derive(Debug)]
struct Remembered {
    tag: HeaderValue,
    headers: HeaderMap,
    body: Vec<u8>,
    bytes: usize,
}

/// A request that may be answered from memory.
pub(super) struct Asked {
    question: Question,
    known: Option<Arc<Remembered>>,
}

impl Memory {
    /// Makes a request conditional where its answer is known; `None` for one that is no plain
    /// read.
    pub(super) fn ask(&self, request: &mut Request) -> Option<Asked> {
        let plain = request.method() == Method::GET
            && request.body().is_none()
            && !request.headers().contains_key(header::IF_NONE_MATCH);
        if !plain {
            return None;
        }
        let question = question(request);
        let known = self.answers().by_question.get(&question).cloned();
        if let Some(known) = &known {
            let headers = request.headers_mut();
            headers.insert(header::IF_NONE_MATCH, known.tag.clone());
        }
        Some(Asked { question, known })
    }

    /// Gives "not modified" the body it stands for, and remembers what can be asked for again. A
    /// failure is neither.
    pub(super) fn complete(&self, asked: Asked, answer: Answer) -> Answer {
        match (answer.status, asked.known) {
            (StatusCode::NOT_MODIFIED, Some(known)) => known.answer(&answer),
            (StatusCode::OK, _) => {
                self.remember(asked.question, &answer);
                answer
            }
            (_other, _) => answer,
        }
    }

    fn remember(&self, question: Question, answer: &Answer) {
        let remembered = Remembered::of(answer).map(Arc::new);
        let mut answers = self.answers();
        answers.order.retain(|known| *known != question);
        answers.forget(&question);
        let Some(remembered) = remembered else { return };
        while answers.order.len() >= MOST_ANSWERS || answers.bytes + remembered.bytes > MOST_BYTES {
            let Some(oldest) = answers.order.pop_front() else {
                break;
            };
            answers.forget(&oldest);
        }
        answers.bytes += remembered.bytes;
        answers.order.push_back(question);
        answers.by_question.insert(question, remembered);
    }

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answers {
    fn forget(&mut self, question: &Question) {
        if let Some(forgotten) = self.by_question.remove(question) {
            self.bytes = self.bytes.saturating_sub(forgotten.bytes);
        }
    }
}

impl Remembered {
    /// `None` for an answer without a tag, too large, or not to be stored.
    fn of(answer: &Answer) -> Option<Self> {
        let tag = answer.headers.get(header::ETAG)?.clone();
        let forbidden = answer
            .header("cache-control")
            .is_some_and(|said| said.to_ascii_lowercase().contains("no-store"));
        let headers: HeaderMap = answer
            .headers
            .iter()
            .filter(|(name, _)| is_lasting(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let size = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len();
        let bytes = answer.body.len() + headers.iter().map(size).sum::<usize>();
        (!forbidden && bytes <= LARGEST_ANSWER).then(|| Self {
            tag,
            headers,
            body: answer.body.clone(),
            bytes,
        })
    }

    /// The remembered answer with what the provider says now (RFC 9111, 4.3.4).
    fn answer(&self, fresh: &Answer) -> Answer {
        let mut headers = self.headers.clone();
        for name in fresh.headers.keys() {
            headers.remove(name);
        }
        for (name, value) in &fresh.headers {
            headers.append(name.clone(), value.clone());
        }
        Answer {
            status: StatusCode::OK,
            headers,
            body: self.body.clone(),
            took: fresh.took,
        }
    }
}

/// Whether a header says something of the answer, rather than of the moment it was given in.
fn is_lasting(name: &HeaderName) -> bool {
    let momentary = [
        header::DATE,
        header::SET_COOKIE,
        header::RETRY_AFTER,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::CONNECTION,
    ];
    let counts = name
        .as_str()
        .trim_start_matches("x-")
        .starts_with("ratelimit");
    !counts && !momentary.contains(name)
}

/// The digest of a request's URL and of all its headers: whatever stands in them, the token above
/// all, makes it another question. Parts can not run into each other.
fn question(request: &Request) -> Question {
    let mut headers: Vec<(&[u8], &[u8])> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes()))
        .collect();
    headers.sort_unstable();
    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    };
    add(request.url().as_str().as_bytes());
    for (name, value) in headers {
        add(name);
        add(value);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(token: &str, path: &str) -> Request {
        let url = format!("https://git.example.org{path}").parse().unwrap();
        let mut request = Request::new(Method::GET, url);
        let headers = request.headers_mut();
        headers.insert("private-token", token.parse().unwrap());
        request
    }

    fn answer(status: u16, headers: &[(&'static str, &str)], body: &[u8]) -> Answer {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        Answer::of(StatusCode::from_u16(status).unwrap(), headers, body)
    }

    fn remembers(memory: &Memory, token: &str, path: &str) -> bool {
        let mut request = request(token, path);
        memory.ask(&mut request);
        request.headers().contains_key("if-none-match")
    }

    fn tell(memory: &Memory, path: &str, answer: Answer) -> Answer {
        let asked = memory.ask(&mut request("ada", path)).unwrap();
        memory.complete(asked, answer)
    }

    #[test]
    fn a_known_answer_comes_back_with_fresh_headers() {
        let memory = Memory::default();
        let first = [
            ("etag", "W/\"1\""),
            ("link", "<next>"),
            ("date", "then"),
            ("x-ratelimit-remaining", "9"),
        ];
        tell(&memory, "/a", answer(200, &first, b"body"));
        let fresh = [("etag", "W/\"1\""), ("ratelimit-remaining", "8")];
        let again = tell(&memory, "/a", answer(304, &fresh, b""));
        assert_eq!(
            (again.status, &again.body[..]),
            (StatusCode::OK, &b"body"[..])
        );
        assert_eq!(again.header("link"), Some("<next>"));
        assert_eq!(again.header("ratelimit-remaining"), Some("8"));
        assert_eq!(again.header("x-ratelimit-remaining"), None);
        assert_eq!(again.header("date"), None);
    }

    #[test]
    fn nothing_is_remembered_that_is_another_ones_or_no_success_or_too_large() {
        let memory = Memory::default();
        let tag = [("etag", "\"1\"")];
        tell(&memory, "/a", answer(200, &tag, b"body"));
        assert!(remembers(&memory, "ada", "/a"));
        assert!(!remembers(&memory, "grace", "/a"));
        assert!(!remembers(&memory, "ada", "/a?page=2"));
        for (status, headers, bytes) in [
            (404, &tag[..], 1),
            (500, &tag, 1),
            (201, &tag, 1),
            (200, &[], 1),
            (
                200,
                &[("etag", "\"1\""), ("cache-control", "private, no-store")],
                1,
            ),
            (200, &tag, LARGEST_ANSWER),
        ] {
            tell(&memory, "/b", answer(status, headers, &vec![b'x'; bytes]));
            assert!(!remembers(&memory, "ada", "/b"), "{status} {headers:?}");
        }
        // Who never asked for it is not told that nothing changed.
        let unasked = tell(&memory, "/b", answer(304, &tag, b""));
        assert_eq!(unasked.status, StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn the_oldest_is_forgotten_and_what_changed_is_replaced() {
        let memory = Memory::default();
        let tag = |tag: &str| answer(200, &[("etag", tag)], tag.as_bytes());
        for n in 0..MOST_ANSWERS {
            tell(&memory, &format!("/{n}"), tag("\"1\""));
        }
        tell(&memory, "/0", tag("\"2\""));
        tell(&memory, "/more", tag("\"1\""));
        assert!(!remembers(&memory, "ada", "/1"));
        assert!(remembers(&memory, "ada", "/2"));
        let again = tell(&memory, "/0", answer(304, &[], b""));
        assert_eq!(again.body, b"\"2\"");
        let answers = memory.answers();
        assert_eq!(answers.order.len(), MOST_ANSWERS);
        assert_eq!(answers.by_question.len(), MOST_ANSWERS);
    }

    #[test]
    fn large_answers_make_room_for_each_other() {
        let memory = Memory::default();
        let large = || answer(200, &[("etag", "\"1\"")], &vec![b'x'; LARGEST_ANSWER - 100]);
        let fit = MOST_BYTES / (LARGEST_ANSWER - 100);
        for n in 0..=fit {
            tell(&memory, &format!("/{n}"), large());
            assert!(memory.answers().bytes <= MOST_BYTES);
        }
        assert!(!remembers(&memory, "ada", "/0"));
        assert!(remembers(&memory, "ada", "/1"));
        // What is replaced, or no longer to be remembered, takes no room.
        tell(&memory, "/1", large());
        tell(&memory, "/2", answer(200, &[], b""));
        let answers = memory.answers();
        let known: usize = answers.by_question.values().map(|known| known.bytes).sum();
        assert_eq!(answers.bytes, known);
        assert_eq!(answers.by_question.len(), fit - 1);
    }
}
