//! A snapshot made again, offline, from the raw captures of an earlier one: the same rows by the same readers, with the provenance of
//! the collections as they were. Links, declarations and derogations follow the configuration of today.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Component, Path, PathBuf};

use serde_json::{Value, json};

use super::run::{Job, Plan};
use crate::snapshot::manifest::Manifest;
use crate::snapshot::read;
use crate::snapshot::schema::Collection;
use crate::snapshot::value::Micros;
use crate::sources::{RawCapture, Reading, Request, Sink, Source, SourceError};
use crate::store::{atomic, digest, raw};

/// Folder in the store where captures are unpacked; a stopped run's is removed when the store is next opened.
const FOLDER: &str = "rebuild";

/// A source whose raw capture is read in its place.
struct Rebuilt {
    source: Box<dyn Source>,
    was: Collection<'static>,
    raw: PathBuf,
    scratch: PathBuf,
}

/// Makes every source of the plan read what it received for `snapshot`, as of that snapshot's instant. Returns the sources of the
/// snapshot that the configuration no longer has.
pub fn from_raw(plan: &mut Plan, store: &Path, snapshot: &Path) -> io::Result<Vec<String>> {
    plan.as_of = Manifest::read(snapshot)?.as_of;
    let name = snapshot.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let rows: Vec<Collection<'static>> = read::rows(snapshot)?;
    let mut then: BTreeMap<String, Collection<'static>> = rows.into_iter().map(|row| (row.source.to_string(), row)).collect();
    // What the configuration declares itself is no source, and declared anew.
    then.retain(|_, row| crate::sources::kinds::find(&row.kind).is_some());
    for job in std::mem::take(&mut plan.jobs) {
        let (job, skip) = match then.remove(&job.id) {
            None => (job, Some(format!("not a source of {name}"))),
            Some(was) if was.kind != job.kind => {
                let skip = format!("was of kind {} in {name} and is {} now: its capture cannot be read so", was.kind, job.kind);
                (job, Some(skip))
            }
            Some(was) => {
                let skip = if was.raw_sha256.is_none() { job.skip.clone() } else { unreadable(&job, &was) };
                let (raw, scratch) = (store.join("raw"), store.join(format!("{}{FOLDER}", atomic::TEMPORARY)));
                (Job { source: Box::new(Rebuilt { source: job.source, was, raw, scratch }), ..job }, skip)
            }
        };
        plan.jobs.push(Job { skip, ..job });
    }
    Ok(then.into_keys().collect())
}

/// Why a source's capture cannot be read in its place: it tells what was there, and does not hold it; or what was left out of it makes
/// it another text.
fn unreadable(job: &Job, was: &Collection<'_>) -> Option<String> {
    let asked = asked(was);
    if job.source.again(Path::new("capture"), &asked).is_some() {
        return None;
    }
    if files(&asked).is_empty() {
        let kind = &was.kind;
        return Some(format!(
            "a source of kind {kind} keeps a list of what it read, not the files: it can only be harvested from them"
        ));
    }
    let redacted = asked.get("redacted").and_then(Value::as_array).is_some_and(|columns| !columns.is_empty());
    // Rows written again without a column are CSV.
    let format = asked.get("format").and_then(Value::as_str).filter(|format| redacted && *format != "csv")?;
    Some(format!("secrets were left out of its capture, which can no longer be read as {format}: it can only be harvested again"))
}

fn asked(was: &Collection<'_>) -> Value {
    serde_json::from_str(&was.query).unwrap_or_default()
}

fn files(asked: &Value) -> &[Value] {
    asked.get("files").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

impl Source for Rebuilt {
    fn tables(&self) -> Vec<&'static str> {
        self.source.tables()
    }

    fn harvest(&self, request: &Request, sink: &mut dyn Sink, capture: &mut dyn RawCapture) -> Result<Reading, SourceError> {
        let folder = self.scratch.join(&request.source);
        let read = self.read(&folder, request, (sink, capture));
        let cleared = fs::remove_dir_all(&folder);
        let reading = read?;
        cleared.map_err(|error| self.failed(&format!("{} cannot be removed: {error}", folder.display())))?;
        Ok(self.as_it_was(reading))
    }
}

impl Rebuilt {
    fn failed(&self, why: &str) -> SourceError {
        SourceError::File { path: self.was.collection_id.to_string(), message: why.to_owned() }
    }

    fn read(&self, folder: &Path, request: &Request, out: (&mut dyn Sink, &mut dyn RawCapture)) -> Result<Reading, SourceError> {
        let Some(sha256) = self.was.raw_sha256.as_deref() else {
            let why = self.was.incomplete_reason.as_deref().unwrap_or("it could not be read then");
            return Err(self.failed(&format!("it has no raw capture: {why}")));
        };
        let asked = asked(&self.was);
        let unpacked = self.unpack(sha256, folder).map_err(|error| {
            self.failed(&format!("the raw capture {sha256} cannot be read back: {error}; take it from a copy of the store"))
        })?;
        let request = Request { base: folder.to_owned(), ..request.clone() };
        let (sink, capture) = out;
        if let Some(again) = self.source.again(&unpacked, &asked) {
            return again.harvest(&request, sink, capture);
        }
        split(&unpacked, folder, &asked).map_err(|why| self.failed(&why))?;
        self.source.harvest(&request, sink, capture)
    }

    /// Writes the capture into the folder; its digest must be its name.
    fn unpack(&self, sha256: &str, folder: &Path) -> io::Result<PathBuf> {
        atomic::folder(folder)?;
        let path = folder.join(".raw-capture");
        io::copy(&mut raw::open(&self.raw, sha256)?, &mut atomic::create(&path)?)?;
        let (found, _) = digest::stream(File::open(&path)?)?;
        if found == sha256 { Ok(path) } else { Err(io::Error::other(format!("it is damaged (its digest is {found})"))) }
    }

    /// The rows are new; where they come from is not.
    fn as_it_was(&self, reading: Reading) -> Reading {
        let was = &self.was;
        let mut query = asked(was);
        if let Some(keys) = query.as_object_mut() {
            let from = json!({ "collection": was.collection_id, "raw_sha256": was.raw_sha256, "tool_version": was.tool_version });
            keys.insert("rebuilt_from".to_owned(), from);
        }
        let then = (u64::try_from(was.rows_seen).unwrap_or_default(), u64::try_from(was.rows_kept).unwrap_or_default());
        let now = (reading.rows_seen, reading.rows_kept);
        let differs = (then != now)
            .then(|| format!("made again from its capture it has {} rows, {} kept; {} and {} then", now.0, now.1, then.0, then.1));
        let reasons: Vec<String> = was.incomplete_reason.as_deref().map(str::to_owned).into_iter().chain(differs).collect();
        Reading {
            endpoint: was.endpoint.to_string(),
            identity: was.identity.as_deref().map(str::to_owned),
            query,
            pages: u64::try_from(was.pages).unwrap_or_default(),
            server_count: was.server_count.and_then(|count| u64::try_from(count).ok()),
            details: serde_json::from_str(&was.details).unwrap_or(reading.details),
            incomplete: (!reasons.is_empty()).then(|| reasons.join("; ")),
            content_at: was.evidence_at.map(Micros::timestamp),
            ..reading
        }
    }
}

/// Puts the files that make up a capture where the configuration expects them, below `folder`.
fn split(capture: &Path, folder: &Path, asked: &Value) -> Result<(), String> {
    let files = files(asked);
    let told = |error: io::Error| format!("the raw capture cannot be unpacked: {error}");
    let length = fs::metadata(capture).map_err(told)?.len();
    let bytes: Option<u64> = files.iter().map(|file| file.get("bytes").and_then(Value::as_u64)).sum();
    if files.len() > 1 && bytes != Some(length) {
        return Err(
            "its files cannot be told apart in the raw capture, for secrets were left out of them: harvest it from them".to_owned()
        );
    }
    let mut input = BufReader::new(File::open(capture).map_err(told)?);
    for file in files {
        let name = file.get("path").or_else(|| file.get("file")).and_then(Value::as_str).unwrap_or_default();
        let path = Path::new(name);
        if name.is_empty() || !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) {
            return Err(format!("its file `{name}` lies outside of the configuration's folder: harvest it from there"));
        }
        let path = folder.join(path);
        atomic::folder(path.parent().unwrap_or(folder)).map_err(told)?;
        // One file: all there is, whatever was left out of it.
        let bytes = if files.len() == 1 { length } else { file.get("bytes").and_then(Value::as_u64).unwrap_or_default() };
        let mut out = atomic::create(&path).map_err(told)?;
        let copied = io::copy(&mut input.by_ref().take(bytes), &mut out).map_err(told)?;
        if copied != bytes {
            return Err(format!("the raw capture ends within {name}"));
        }
    }
    Ok(())
}
