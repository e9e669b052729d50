//! Questions and their answers: pages followed to the end, several questions under way at once, and every answer in the capture
//! in the order in which it was asked for.

use std::io::{self, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;

use super::super::capture::{Fault, Line, Replay};
use super::http::Http;

/// Where answers come from: the server, or the capture of an earlier harvest.
pub(super) enum Origin {
    Server(Box<Http>),
    Capture(Replay),
}

impl Origin {
    fn answer(&self, path: &str) -> Result<Value, Fault> {
        match self {
            Self::Server(http) => http.answer(path),
            Self::Capture(replay) => replay.answer(path),
        }
    }
}

/// What of an answer is kept.
pub(super) type Keep = fn(Value) -> Value;

pub(super) struct Ask<'a> {
    origin: &'a Origin,
    capture: &'a mut dyn Write,
    /// The capture could not be written: told once, at the end.
    failed: Option<io::Error>,
    connections: usize,
    page_size: u32,
    pub(super) pages: u64,
}

/// Questions of one batch, so that few answers are held at once.
const BATCH: usize = 64;

impl<'a> Ask<'a> {
    pub(super) fn new(origin: &'a Origin, capture: &'a mut dyn Write, connections: usize, page_size: u32) -> Self {
        Self { origin, capture, failed: None, connections, page_size, pages: 0 }
    }

    pub(super) fn record(&mut self, line: &Line) {
        self.pages += 1;
        if self.failed.is_none() {
            self.failed = line.write(self.capture).err();
        }
    }

    /// What kept the capture from being written.
    pub(super) fn failed(&mut self) -> Option<io::Error> {
        self.failed.take()
    }

    /// One answer.
    pub(super) fn one(&mut self, path: &str, keep: Keep) -> Result<Value, Fault> {
        let line = Line { path: path.to_owned(), outcome: self.origin.answer(path).map(keep) };
        self.record(&line);
        line.outcome
    }

    /// One page of a list, from an offset on.
    pub(super) fn page(&mut self, path: &str, first: usize, keep: Keep) -> Result<Vec<Value>, Fault> {
        let path = at(path, first, self.page_size);
        list(self.one(&path, keep)?, &path)
    }

    /// A whole list.
    pub(super) fn list(&mut self, path: &str, keep: Keep) -> Result<Vec<Value>, Fault> {
        let (lines, found) = follow(self.origin, path, self.page_size, keep);
        for line in &lines {
            self.record(line);
        }
        found
    }

    /// Several whole lists, several at once; results in the order of the questions.
    pub(super) fn lists(&mut self, paths: &[String], keep: Keep) -> Vec<Result<Vec<Value>, Fault>> {
        let (origin, page_size) = (self.origin, self.page_size);
        self.several(paths, |path| follow(origin, path, page_size, keep))
    }

    /// Several single answers, several at once.
    pub(super) fn each(&mut self, paths: &[String], keep: Keep) -> Vec<Result<Value, Fault>> {
        let origin = self.origin;
        self.several(paths, |path| {
            let line = Line { path: path.to_owned(), outcome: origin.answer(path).map(keep) };
            let outcome = line.outcome.clone();
            (vec![line], outcome)
        })
    }

    fn several<T: Send>(
        &mut self,
        paths: &[String],
        ask: impl Fn(&str) -> (Vec<Line>, Result<T, Fault>) + Sync,
    ) -> Vec<Result<T, Fault>> {
        let mut results = Vec::with_capacity(paths.len());
        for batch in paths.chunks(BATCH) {
            let next = AtomicUsize::new(0);
            let done = Mutex::new(vec![]);
            thread::scope(|scope| {
                for _ in 0..self.connections.clamp(1, batch.len().max(1)) {
                    scope.spawn(|| {
                        while let Some((at, path)) = {
                            let at = next.fetch_add(1, Ordering::Relaxed);
                            batch.get(at).map(|path| (at, path))
                        } {
                            let answer = ask(path);
                            if let Ok(mut done) = done.lock() {
                                done.push((at, answer));
                            }
                        }
                    });
                }
            });
            let mut done = done.into_inner().unwrap_or_default();
            done.sort_by_key(|(at, _)| *at);
            for (_, (lines, result)) in done {
                for line in &lines {
                    self.record(line);
                }
                results.push(result);
            }
        }
        results
    }
}

/// A question with its offset.
fn at(path: &str, first: usize, max: u32) -> String {
    let sign = if path.contains('?') { '&' } else { '?' };
    format!("{path}{sign}first={first}&max={max}")
}

fn list(value: Value, path: &str) -> Result<Vec<Value>, Fault> {
    match value {
        Value::Array(items) => Ok(items),
        _ => Err(Fault::new(format!("{path}: the answer is no list; check `url`"))),
    }
}

/// Follows a list to its end. The end is an empty page: a short one proves nothing, for a server or a user storage provider may hold
/// back entries of a page. A server that does not page repeats itself: that is the end too.
fn follow(origin: &Origin, path: &str, page_size: u32, keep: Keep) -> (Vec<Line>, Result<Vec<Value>, Fault>) {
    let (mut lines, mut all): (Vec<Line>, Vec<Value>) = (vec![], vec![]);
    let mut first = 0;
    loop {
        let path = at(path, first, page_size);
        let line = Line { path: path.clone(), outcome: origin.answer(&path).map(keep) };
        let page = line.outcome.clone().and_then(|value| list(value, &path));
        lines.push(line);
        match page {
            Err(fault) => return (lines, Err(fault)),
            Ok(page) if page.is_empty() || (first > 0 && all.get(..page.len()) == Some(&page[..])) => return (lines, Ok(all)),
            Ok(page) => {
                first += page.len();
                all.extend(page);
            }
        }
    }
}
