//! The raw capture: what Keycloak said, one JSON line an answer, `{"path":…,"body":…}`, with the fields of [`super::keep`] only. A
//! capture given as `files` is read again by the same code and gives the same rows.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Path of the first line of a capture of the Admin REST API; its body says how it was made.
pub(super) const LIVE: &str = "keycloak-live";
/// Paths of lines that came from exports begin so.
pub(super) const EXPORT: &str = "keycloak-export/";
/// Longest line that is read back.
const MAX_LINE: u64 = 256 << 20;

/// Why an answer is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fault {
    /// HTTP status, when the server answered at all.
    pub(super) status: Option<u16>,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { status: None, message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// One question and what came of it.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) path: String,
    pub(super) outcome: Result<Value, Fault>,
}

impl Line {
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let line = match &self.outcome {
            Ok(body) => json!({ "path": self.path, "body": body }),
            Err(fault) => json!({ "path": self.path, "fault": fault }),
        };
        writeln!(out, "{line}")
    }

    fn parse(text: &str) -> Option<Self> {
        let Ok(Value::Object(mut line)) = serde_json::from_str(text) else { return None };
        let path = line.get("path")?.as_str()?.to_owned();
        let outcome = match (line.remove("body"), line.remove("fault")) {
            (Some(body), None) => Ok(body),
            (None, Some(fault)) => Err(serde_json::from_value(fault).ok()?),
            _ => return None,
        };
        Some(Self { path, outcome })
    }
}

/// The path of a file's first line, when the file is a capture.
pub(super) fn first_path(input: &mut dyn BufRead) -> io::Result<Option<String>> {
    let mut head = String::new();
    // An export written on one line may be long and is no capture: a header is short.
    if let Err(error) = input.take(1 << 20).read_line(&mut head) {
        return if error.kind() == io::ErrorKind::InvalidData { Ok(None) } else { Err(error) };
    }
    if !head.starts_with("{\"body\"") && !head.starts_with("{\"path\"") {
        return Ok(None);
    }
    Ok(Line::parse(&head).map(|line| line.path))
}

/// The lines of a capture, in order; an error names the line.
pub(super) fn lines(input: &mut dyn BufRead, each: &mut dyn FnMut(Line) -> bool) -> Result<(), (u64, String)> {
    let mut text = String::new();
    for number in 1.. {
        text.clear();
        let count = input.take(MAX_LINE).read_line(&mut text).map_err(|error| (number, format!("cannot be read: {error}")))?;
        if count == 0 {
            return Ok(());
        }
        let Some(line) = Line::parse(&text) else {
            return Err((number, "is no line of a capture: it was cut or changed; take the capture from the store again".into()));
        };
        if !each(line) {
            return Ok(());
        }
    }
    Ok(())
}

/// A capture of the Admin REST API, read by path.
pub(super) struct Replay {
    file: Mutex<BufReader<File>>,
    /// Where each line begins.
    places: BTreeMap<String, u64>,
    /// Body of the first line.
    pub(super) header: Value,
}

impl Replay {
    pub(super) fn open(path: &Path) -> Result<Self, (u64, String)> {
        let mut file = BufReader::new(File::open(path).map_err(|error| (0, format!("cannot be opened: {error}")))?);
        let (mut places, mut header, mut at, mut failed) = (BTreeMap::new(), Value::Null, 0, None);
        let mut text = String::new();
        for number in 1.. {
            text.clear();
            let count =
                file.by_ref().take(MAX_LINE).read_line(&mut text).map_err(|error| (number, format!("cannot be read: {error}")))?;
            if count == 0 {
                break;
            }
            match Line::parse(&text) {
                Some(Line { path, outcome: Ok(body) }) if path == LIVE => header = body,
                Some(line) => {
                    places.entry(line.path).or_insert(at);
                }
                None => failed = failed.or(Some(number)),
            }
            at += count as u64;
        }
        match failed {
            Some(number) => {
                Err((number, "is no line of a capture: it was cut or changed; take the capture from the store again".into()))
            }
            None => Ok(Self { file: Mutex::new(file), places, header }),
        }
    }

    /// The answer to a question, as it was then.
    pub(super) fn answer(&self, path: &str) -> Result<Value, Fault> {
        let place = self.places.get(path).ok_or_else(|| Fault::new(format!("{path} is not in the capture")))?;
        let read = || -> io::Result<String> {
            let mut file = self.file.lock().map_err(|_poisoned| io::Error::other("a reader panicked"))?;
            file.seek(SeekFrom::Start(*place))?;
            let mut text = String::new();
            file.by_ref().take(MAX_LINE).read_line(&mut text)?;
            Ok(text)
        };
        let text = read().map_err(|error| Fault::new(format!("the capture cannot be read: {error}")))?;
        Line::parse(&text).map_or_else(|| Err(Fault::new("the capture changed while it was read")), |line| line.outcome)
    }
}
