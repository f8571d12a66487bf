//! A provider that counts: every call, who made it and when, against a limit of its own.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::{Duration, Instant},
};

/// The time it writes into its answers, and when its window ends.
const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const RESET: i64 = 784_111_777 + 3_600;

/// How long those who come first wait for the others.
const PATIENCE: Duration = Duration::from_secs(60);

/// A call it answered.
#[derive(Debug, Clone)]
pub struct Made {
    /// The owner of the repository it was about: who made it.
    pub who: String,
    /// Its method.
    pub method: String,
    /// When it arrived.
    pub at: Instant,
}

#[derive(Default)]
struct State {
    made: Vec<Made>,
    /// How many calls were counted since the beginning.
    total: usize,
    refused: usize,
    /// Nobody is answered before so many have asked.
    awaited: usize,
    came: BTreeSet<String>,
}

/// The provider.
pub struct Counting {
    pub url: String,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Counting {
    /// A provider that allows so many calls.
    pub fn allowing(limit: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state: Arc<(Mutex<State>, Condvar)> = Arc::default();
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &shared, limit));
            }
        });
        Self { url, state }
    }

    /// Answers nobody before so many different ones have asked: they are at work at once then.
    pub fn awaits(&self, awaited: usize) {
        let mut state = self.state.0.lock().unwrap();
        state.came.clear();
        state.awaited = awaited;
    }

    /// What was asked since the last time; panics if anything had to be refused.
    pub fn take(&self) -> Vec<Made> {
        let mut state = self.state.0.lock().unwrap();
        assert_eq!(state.refused, 0, "more calls than the budget");
        std::mem::take(&mut state.made)
    }
}

fn serve(mut stream: TcpStream, shared: &(Mutex<State>, Condvar), limit: usize) {
    let Some((method, path)) = request(&mut stream) else {
        return;
    };
    let at = Instant::now();
    let who = path.split('/').nth(4).unwrap_or_default().to_owned();
    let mut state = shared.0.lock().unwrap();
    state.came.insert(who.clone());
    shared.1.notify_all();
    let is_early = |state: &mut State| state.came.len() < state.awaited;
    let (mut state, _late) = shared
        .1
        .wait_timeout_while(state, PATIENCE, is_early)
        .unwrap();
    let answer = if state.total < limit {
        state.total += 1;
        state.made.push(Made { who, method, at });
        answer("200 OK", limit, limit - state.total)
    } else {
        state.refused += 1;
        answer("403 Forbidden", limit, 0)
    };
    drop(state);
    // Who was ended in the middle does not read it.
    let _ = stream.write_all(answer.as_bytes());
}

/// An answer about a repository, whatever was asked.
fn answer(status: &str, limit: usize, remaining: usize) -> String {
    let body = r#"{"id":1,"name":"web","owner":{"login":"acme"},"html_url":"https://x/"}"#;
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\ndate: {DATE}\r\n\
         x-ratelimit-limit: {limit}\r\nx-ratelimit-remaining: {remaining}\r\n\
         x-ratelimit-reset: {RESET}\r\nx-ratelimit-resource: core\r\n\r\n{body}",
        body.len()
    )
}

fn request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut heard = Vec::new();
    let mut buffer = [0; 4096];
    while !heard.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream.read(&mut buffer).ok()?;
        if read == 0 {
            return None;
        }
        heard.extend_from_slice(&buffer[..read]);
    }
    let text = String::from_utf8_lossy(&heard).into_owned();
    let mut words = text.split(' ');
    Some((words.next()?.to_owned(), words.next()?.to_owned()))
}
