//! `kind = "ldif"`: a directory's content as a file (RFC 2849), from ldapsearch, slapcat, ldifde, db2ldif or idsdb2ldif.
//!
//! The export is read twice in constant memory (see [`crate::sources::directory`]); the first reading also hashes the file and
//! writes the raw capture, the second decodes entries on one thread while it reads lines on another.

pub mod ahead;
pub mod config;
pub mod lines;
pub mod reader;
pub mod refusal;
pub mod scan;
pub mod trailer;
pub mod values;

pub use config::LdifConfig;

use std::fs::File;
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use self::ahead::Passed;
use self::lines::Fault;
use self::reader::{Manner, Reader};
use self::refusal::ReadError;
use self::trailer::Trailer;
use self::values::Urls;
use super::directory::{DecodeError, Harvest, Options, Survey, Told, Visit, gather};
use super::text::{Encoding, Utf8};
use super::{RawCapture, Reading, Request, Sink, Source, SourceError, intake};

/// What one reading of one file tells.
struct Pass {
    trailer: Trailer,
    passed: Passed,
    encoding: &'static str,
}

/// One file of the export.
struct Input {
    path: PathBuf,
    /// As messages and the provenance name it.
    name: String,
}

impl Source for LdifConfig {
    fn tables(&self) -> Vec<&'static str> {
        vec!["accounts", "entitlements", "grants"]
    }

    /// Several files are one text in the capture, and passwords were left out of it: it is read as it is.
    fn again(&self, capture: &Path, _asked: &Value) -> Option<Box<dyn Source>> {
        Some(Box::new(Self { path: vec![capture.display().to_string()], ..self.clone() }))
    }

    fn harvest(&self, request: &Request, sink: &mut dyn Sink, capture: &mut dyn RawCapture) -> Result<Reading, SourceError> {
        let mut reading = Reading::default();
        let inputs = self.inputs(request, &mut reading)?;
        let options = self.options();
        let mut survey = Survey::new(request, &options, sink);
        let mut first = vec![];
        for (i, input) in inputs.iter().enumerate() {
            if i > 0 {
                capture.write_all(b"\n\n").map_err(SourceError::Capture)?;
            }
            first.push(self.read(input, inputs.len() > 1, &mut *capture, &mut survey)?);
        }
        let known = survey.finish().map_err(|error| decode_error(error, &reading.endpoint))?;
        let mut harvest = Harvest::new(request, &options, sink, known);
        let mut changed = false;
        for (input, before) in inputs.iter().zip(&first) {
            let again = self.decode(input, inputs.len() > 1, &mut harvest)?;
            changed |= again.passed.bytes != before.passed.bytes || again.trailer != before.trailer;
        }
        let told = harvest.finish();
        reading.rows_seen = told.rows_seen;
        reading.rows_kept = told.rows_kept;
        reading.details = told.details;
        let mut notes = told.notes;
        notes.insert("files".to_owned(), inputs.iter().zip(&first).map(|(input, pass)| described(input, pass)).collect());
        reading.query = Value::Object(notes);
        let mut reasons = told.incomplete;
        if changed {
            reasons.push("the file changed while it was read: harvest again when the export has ended".to_owned());
        }
        conclude(&mut reading, &first, reasons);
        Ok(reading)
    }
}

impl LdifConfig {
    fn inputs(&self, request: &Request, reading: &mut Reading) -> Result<Vec<Input>, SourceError> {
        let mut inputs = vec![];
        for path in intake::expand(request, &self.path)? {
            // Opened here for its checks: a regular file, readable, not empty.
            let mut nowhere = io::sink();
            reading.modified_at = reading.modified_at.max(intake::Intake::open(&path, &mut nowhere)?.modified);
            let name = path.strip_prefix(&request.base).unwrap_or(&path).display().to_string();
            inputs.push(Input { path, name });
        }
        reading.endpoint = inputs.iter().map(|input| input.name.as_str()).collect::<Vec<_>>().join(", ");
        reading.pages = inputs.len() as u64;
        Ok(inputs)
    }

    /// First reading of a file: hashed and captured on its way.
    fn read(&self, input: &Input, several: bool, capture: &mut dyn Write, visit: &mut impl Visit) -> Result<Pass, SourceError> {
        let (file, manner) = self.open(input, several)?;
        std::thread::scope(|scope| {
            let (ahead, handle) = ahead::start(scope, file, true);
            let (trailer, encoding) = run(ahead, Some(capture), manner, visit).map_err(|error| read_error(error, &input.name))?;
            let passed = handle.join().map_err(|_panic| died(input))?;
            Ok(Pass { trailer, passed, encoding })
        })
    }

    /// Second reading: lines are read on a thread of their own, entries are decoded on this one.
    fn decode(&self, input: &Input, several: bool, harvest: &mut Harvest<'_>) -> Result<Pass, SourceError> {
        let (file, manner) = self.open(input, several)?;
        let name = manner.file;
        std::thread::scope(|scope| {
            let (ahead, handle) = ahead::start(scope, file, false);
            let (mut gather, gatherings) = gather::pipe(harvest);
            let lines = scope.spawn(move || {
                let told = run(ahead, None, manner, &mut gather)?;
                gather.finish()?;
                Ok(told)
            });
            gatherings.decode(harvest, name).map_err(|error| decode_error(error, &input.name))?;
            let told: Result<_, ReadError> = lines.join().map_err(|_panic| died(input))?;
            let (trailer, encoding) = told.map_err(|error| read_error(error, &input.name))?;
            let passed = handle.join().map_err(|_panic| died(input))?;
            Ok(Pass { trailer, passed, encoding })
        })
    }

    fn open<'i>(&self, input: &'i Input, several: bool) -> Result<(File, Manner<'i>), SourceError> {
        let file = File::open(&input.path).map_err(|error| unreadable(&input.path, &error))?;
        let urls = match input.path.parent() {
            Some(folder) if self.allow_urls => Urls::Below(folder.to_owned()),
            _ => Urls::Refused,
        };
        Ok((file, Manner { urls, file: several.then_some(input.name.as_str()) }))
    }
}

fn died(input: &Input) -> SourceError {
    intake::fault(&input.path, "reading it failed unexpectedly".to_owned())
}

/// Reads one text of any of the encodings that exports come in.
fn run<R: Read>(
    mut input: R,
    capture: Option<&mut dyn Write>,
    manner: Manner<'_>,
    visit: &mut impl Visit,
) -> Result<(Trailer, &'static str), ReadError> {
    let mut head = Vec::with_capacity(3);
    input.by_ref().take(3).read_to_end(&mut head).map_err(Fault::Read)?;
    let utf16 = match head.as_slice() {
        [0xFF, 0xFE, ..] => Some("utf-16le"),
        [0xFE, 0xFF, ..] => Some("utf-16be"),
        _ => None,
    };
    if head == [0xEF, 0xBB, 0xBF] {
        head.clear();
    }
    let input = Cursor::new(head).chain(input);
    let Some(name) = utf16 else {
        return Ok((Reader::new(input, capture, manner).run(visit)?, "utf-8"));
    };
    let encoding = Encoding::named(name).map_err(|error| Fault::Read(io::Error::other(error)))?;
    Ok((Reader::new(Utf8::new(input, encoding), capture, manner).run(visit)?, name))
}

fn described(input: &Input, pass: &Pass) -> Value {
    let sha256 = pass.passed.sha256.map(|digest| intake::hex(&digest));
    json!({ "path": input.name, "bytes": pass.passed.bytes, "sha256": sha256, "encoding": pass.encoding })
}

/// Adds up what the files told around their entries.
fn conclude(reading: &mut Reading, passes: &[Pass], mut reasons: Vec<String>) {
    let mut references = 0;
    let mut adds = 0;
    let counted: Option<u64> = passes.iter().map(|pass| pass.trailer.counted).sum();
    for Pass { trailer, passed, encoding } in passes {
        references += trailer.references;
        adds += trailer.adds;
        reasons.extend(trailer.incomplete());
        if *encoding != "utf-8" && passed.bytes % 2 == 1 {
            reasons.push("the UTF-16 text ends in the middle of a character: it was cut; export it again".to_owned());
        }
    }
    reading.server_count = counted;
    if let Some(counted) = counted.filter(|counted| *counted != reading.rows_seen) {
        reasons.push(format!("ldapsearch counted {counted} entries and {} are in the export", reading.rows_seen));
    }
    if reading.rows_seen == 0 {
        reasons.push("no entry: check the base, the filter and the rights of the identity that exported it".to_owned());
    }
    for (name, count) in [("references", references), ("changetype_add", adds)] {
        if count > 0 {
            reading.details.insert(name.to_owned(), count);
        }
    }
    reading.incomplete = (!reasons.is_empty()).then(|| reasons.join("; "));
}

fn unreadable(path: &Path, error: &io::Error) -> SourceError {
    intake::fault(path, format!("cannot be read: {error}"))
}

fn decode_error(error: DecodeError, path: &str) -> SourceError {
    match error {
        DecodeError::Sink(error) => error.into(),
        error @ (DecodeError::Names(_) | DecodeError::Aside(_) | DecodeError::Abandoned) => {
            SourceError::File { path: path.to_owned(), message: error.to_string() }
        }
    }
}

fn read_error(error: ReadError, path: &str) -> SourceError {
    let path = path.to_owned();
    match error {
        ReadError::Decode(error) => decode_error(error, &path),
        ReadError::Line { line, message } => SourceError::Line { path, line, message },
        ReadError::Lines(Fault::Capture(error)) => SourceError::Capture(error),
        ReadError::Lines(Fault::Read(error)) => SourceError::File { path, message: format!("cannot be read: {error}") },
        ReadError::Lines(fault @ (Fault::TooLong { line } | Fault::Nul { line })) => {
            SourceError::Line { path, line, message: fault.to_string() }
        }
    }
}

/// Reads bytes as an export into `sink`, both readings: for fuzzing and property tests.
pub fn read_bytes(bytes: &[u8], request: &Request, options: &Options, sink: &mut dyn Sink) -> Result<Told, SourceError> {
    let manner = Manner { urls: Urls::Refused, file: None };
    let mut survey = Survey::new(request, options, sink);
    run(bytes, Some(&mut io::sink()), manner.clone(), &mut survey).map_err(|error| read_error(error, "bytes"))?;
    let known = survey.finish().map_err(|error| decode_error(error, "bytes"))?;
    let mut harvest = Harvest::new(request, options, sink, known);
    run(bytes, None, manner, &mut harvest).map_err(|error| read_error(error, "bytes"))?;
    Ok(harvest.finish())
}
