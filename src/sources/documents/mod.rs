//! Documents of the management system, from a folder: who owns each, which version it is, who approved it, when it was and is to be
//! reviewed, and how strong each of these statements is.
//!
//! The raw capture is the list of what was read (path, size, time, digest, properties), not the documents.

mod config;
mod front_matter;
mod office;
mod pdf;
mod property;
#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde_json::json;
use sha2::{Digest, Sha256};
use walkdir::{DirEntry, WalkDir};

pub use self::config::DocumentsConfig;
pub use self::property::Property;
use self::property::{Rules, Said};
use super::intake::{self, fault};
use super::{RawCapture, Reading, Request, Sink, Source, SourceError};
use crate::snapshot::ids;
use crate::snapshot::schema::Document;

/// More documents than this are a mistaken folder.
const MAX_FILES: u64 = 200_000;
/// Deeper folders are counted, not entered.
const MAX_DEPTH: usize = 64;
/// Bytes looked at to tell what a file is.
const HEAD: usize = 1024 + 8;
/// Of each property, what the raw capture keeps, in characters.
const CAPTURED: usize = 500;

impl Source for DocumentsConfig {
    fn tables(&self) -> Vec<&'static str> {
        vec!["documents"]
    }

    fn harvest(&self, request: &Request, sink: &mut dyn Sink, capture: &mut dyn RawCapture) -> Result<Reading, SourceError> {
        let configured = |message| SourceError::File { path: format!("source {}", request.source), message };
        let rules = Rules::new(&self.keys, &self.date_formats, &request.zone).map_err(configured)?;
        let patterns = self.exclude.iter().map(|pattern| glob::Pattern::new(pattern));
        let exclude = patterns.collect::<Result<Vec<_>, _>>().map_err(|error| configured(format!("exclude: {error}")))?;
        let folder = request.path(&self.folder);
        let root = fs::canonicalize(&folder)
            .map_err(|error| fault(&folder, format!("cannot be opened: {error}; check the path and its rights")))?;
        if !root.is_dir() {
            return Err(fault(&folder, "is not a folder".into()));
        }
        let extensions = self.extensions.iter().map(|extension| extension.trim_start_matches('.').to_lowercase()).collect();
        let mut harvest = Harvest { rules, exclude, extensions, root, request, sink, capture, reading: Reading::default() };
        harvest.walk(&folder)?;
        let mut reading = harvest.reading;
        if reading.rows_seen == 0 {
            return Err(fault(
                &folder,
                format!("holds no document ({}): check the folder and `extensions`", self.extensions.join(", ")),
            ));
        }
        reading.endpoint = self.folder.display().to_string();
        reading.query =
            json!({ "folder": self.folder.display().to_string(), "extensions": self.extensions, "exclude": self.exclude });
        reading.pages = reading.rows_seen;
        Ok(reading)
    }
}

struct Harvest<'a> {
    rules: Rules,
    exclude: Vec<glob::Pattern>,
    extensions: Vec<String>,
    root: PathBuf,
    request: &'a Request,
    sink: &'a mut dyn Sink,
    capture: &'a mut dyn Write,
    reading: Reading,
}

impl Harvest<'_> {
    fn walk(&mut self, folder: &Path) -> Result<(), SourceError> {
        let mut walk = WalkDir::new(&self.root).follow_links(false).max_depth(MAX_DEPTH).sort_by_file_name().into_iter();
        while let Some(entry) = walk.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) if error.depth() == 0 => {
                    return Err(fault(folder, format!("cannot be listed: {error}; check its rights")));
                }
                Err(error) => {
                    self.count("unreadable_folders");
                    let path = error
                        .path()
                        .and_then(|path| path.strip_prefix(&self.root).ok())
                        .unwrap_or(Path::new("?"))
                        .display()
                        .to_string();
                    self.doubt(&format!("{path} cannot be listed"));
                    continue;
                }
            };
            if entry.depth() == 0 {
                continue;
            }
            let Ok(path) = entry.path().strip_prefix(&self.root) else { continue };
            if let Some(why) = self.skipped(&entry, path) {
                self.count(why);
                if entry.file_type().is_dir() {
                    walk.skip_current_dir();
                }
                continue;
            }
            if entry.file_type().is_dir() {
                if entry.depth() == MAX_DEPTH {
                    self.doubt(&format!("folders more than {MAX_DEPTH} levels deep were not entered"));
                }
                continue;
            }
            if self.reading.rows_seen == MAX_FILES {
                self.doubt(&format!("more than {MAX_FILES} documents: split the folder into several sources"));
                return Ok(());
            }
            self.file(&entry, path)?;
        }
        Ok(())
    }

    /// Why an entry is no document, if so.
    fn skipped(&self, entry: &DirEntry, path: &Path) -> Option<&'static str> {
        let name = entry.file_name().as_encoded_bytes();
        let kind = entry.file_type();
        if kind.is_symlink() {
            Some("skipped_symbolic_links")
        } else if name.starts_with(b".") || name.starts_with(b"~$") {
            Some("skipped_hidden")
        } else if self.exclude.iter().any(|pattern| pattern.matches_path(path)) {
            Some("skipped_excluded")
        } else if kind.is_dir() || (kind.is_file() && self.extensions.contains(&extension(path))) {
            None
        } else {
            Some("skipped_other_types")
        }
    }

    fn file(&mut self, entry: &DirEntry, path: &Path) -> Result<(), SourceError> {
        self.reading.rows_seen += 1;
        let row = self.reading.rows_seen;
        if row.is_multiple_of(256) {
            self.sink.progress(row);
        }
        // Ids must be the same on every system: forward slashes.
        let shown = path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        let mut line = Line::new();
        note(&mut line, "path", shown.as_str().into());
        let read = if path.to_str().is_none() {
            Err("its name is not UTF-8: rename it".into())
        } else {
            self.read(entry.path(), &mut line)
        };
        match read {
            Ok(document) => {
                *self.reading.details.entry(format!("strength_{}", document.strength)).or_default() += 1;
                let document =
                    Document { document_id: ids::object(&self.request.system, &shown).into(), path: shown.into(), ..document };
                self.reading.rows_kept += 1;
                self.sink.push(document.into())?;
            }
            Err(why) => {
                note(&mut line, "error", why.as_str().into());
                self.sink.reject(row, &format!("{shown}: {why}"), &shown)?;
            }
        }
        writeln!(self.capture, "{}", serde_json::Value::Object(line)).map_err(SourceError::Capture)
    }

    /// Everything about one file; what was learnt before an error stays in `line`.
    fn read(&mut self, path: &Path, line: &mut Line) -> Result<Document<'static>, String> {
        let unreadable = |error: io::Error| format!("cannot be read: {error}");
        // Between listing and opening, a folder above could have been replaced by a link that leads elsewhere.
        if !fs::canonicalize(path).map_err(unreadable)?.starts_with(&self.root) {
            return Err("leads out of the folder".into());
        }
        let mut file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        let modified = intake::modified(&metadata);
        self.reading.modified_at = self.reading.modified_at.max(modified);
        note(line, "bytes", metadata.len().into());
        note(line, "modified", modified.map(|time| time.to_string()).into());
        let mut digest = Sha256::new();
        let mut buffer = vec![0; 128 * 1024];
        let mut head = Vec::new();
        loop {
            let count = file.read(&mut buffer).map_err(unreadable)?;
            let bytes = buffer.get(..count).unwrap_or_default();
            if bytes.is_empty() {
                break;
            }
            let room = HEAD.saturating_sub(head.len()).min(count);
            head.extend_from_slice(bytes.get(..room).unwrap_or_default());
            digest.update(bytes);
        }
        let digest = intake::hex(&digest.finalize());
        note(line, "sha256", digest.as_str().into());
        if head.is_empty() {
            return Err("is empty".into());
        }
        file.rewind().map_err(unreadable)?;
        let said = properties(path, &mut file, metadata.len(), &head)?;
        let cut = |value: &str| value.chars().take(CAPTURED).collect::<String>();
        note(line, "declared", said.declared.iter().map(|(name, value)| json!([cut(name), cut(value)])).collect());
        note(
            line,
            "embedded",
            said.embedded.iter().map(|(name, value)| ((*name).to_owned(), cut(value).into())).collect::<Line>().into(),
        );
        Ok(Document { sha256: Some(digest.into()), ..self.rules.row(&said)? })
    }

    fn count(&mut self, what: &str) {
        *self.reading.details.entry(what.into()).or_default() += 1;
    }

    /// Notes the first reasons for which the list is not whole.
    fn doubt(&mut self, why: &str) {
        let known = self.reading.incomplete.get_or_insert_default();
        if known.len() < 500 && !known.contains(why) {
            if !known.is_empty() {
                known.push_str("; ");
            }
            known.push_str(why);
        }
    }
}

/// A line of the raw capture.
type Line = serde_json::Map<String, serde_json::Value>;

fn note(line: &mut Line, name: &str, value: serde_json::Value) {
    line.insert(name.to_owned(), value);
}

fn properties(path: &Path, file: &mut File, size: u64, head: &[u8]) -> Result<Said, String> {
    match extension(path).as_str() {
        "md" | "markdown" | "erb" | "adoc" | "txt" | "htm" | "html" => front_matter::read(file),
        "docx" | "docm" | "dotx" | "xlsx" | "xlsm" | "xltx" | "pptx" | "pptm" | "potx" | "odt" | "ods" | "odp" | "odg" | "ott" => {
            office::read(file, head)
        }
        "pdf" => pdf::read(file, size, head),
        _ => Ok(Said::default()),
    }
}

fn extension(path: &Path) -> String {
    path.extension().and_then(OsStr::to_str).unwrap_or_default().to_lowercase()
}
