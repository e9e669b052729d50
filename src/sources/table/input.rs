//! The files of a source: finding them, and opening one so that it is hashed and captured on its way.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::sources::SourceError;
use crate::sources::text::{self, Choice, Encoding, TextError, Utf8};

use super::capture::{CAPTURE_FAILED, Redacted, Tee};

/// One file to read.
pub(super) struct Input<'c> {
    pub path: PathBuf,
    /// Its name as a message or the provenance gives it.
    pub name: String,
    pub redacting: bool,
    capture: &'c mut dyn Write,
    digest: Sha256,
    /// Encoding chosen, or sheet read.
    pub note: Option<String>,
}

/// A text file being read.
pub(super) struct Opened<'i> {
    pub text: Utf8<Tee<'i, File>>,
    pub redacted: Redacted<'i>,
}

impl<'c> Input<'c> {
    pub(super) fn new(path: PathBuf, name: String, redacting: bool, capture: &'c mut dyn Write) -> Self {
        Self { path, name, redacting, capture, digest: Sha256::new(), note: None }
    }

    /// Opens it as text.
    pub(super) fn open(&mut self, encodings: &[Encoding]) -> Result<Opened<'_>, SourceError> {
        let choice = self.probe(encodings)?;
        self.note = Some(choice.to_string());
        let file = File::open(&self.path).map_err(|error| self.io(&error))?;
        let (copy, out): (Option<&mut dyn Write>, Option<&mut dyn Write>) =
            if self.redacting { (None, Some(self.capture)) } else { (Some(self.capture), None) };
        let text = Utf8::new(Tee::new(file, &mut self.digest, copy), choice.encoding);
        Ok(Opened { text, redacted: Redacted::new(out) })
    }

    fn probe(&self, encodings: &[Encoding]) -> Result<Choice, SourceError> {
        let file = File::open(&self.path).map_err(|error| self.io(&error))?;
        text::probe(file, encodings).map_err(|error| self.text(error))
    }

    /// Hashes (and captures) the whole file without looking into it, and says where a redacted text goes.
    pub(super) fn drain(&mut self) -> Result<Redacted<'_>, SourceError> {
        let file = File::open(&self.path).map_err(|error| self.io(&error))?;
        let copy: Option<&mut dyn Write> = if self.redacting { None } else { Some(&mut *self.capture) };
        let copied = io::copy(&mut Tee::new(file, &mut self.digest, copy), &mut io::sink());
        copied.map_err(|error| self.io(&error))?;
        let out: Option<&mut dyn Write> = if self.redacting { Some(&mut *self.capture) } else { None };
        Ok(Redacted::new(out))
    }

    /// SHA-256 of what was read, in hexadecimal.
    pub(super) fn sha256(&self) -> String {
        use std::fmt::Write as _;
        let mut hex = String::with_capacity(64);
        for byte in self.digest.clone().finalize() {
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }

    pub(super) fn fail(&self, message: impl Into<String>) -> SourceError {
        SourceError::File { path: self.name.clone(), message: message.into() }
    }

    pub(super) fn io(&self, error: &io::Error) -> SourceError {
        failure(&self.name, error)
    }

    pub(super) fn text(&self, error: TextError) -> SourceError {
        match error {
            TextError::Io(error) => self.io(&error),
            other => self.fail(other.to_string()),
        }
    }
}

/// A failed read or write of one file, in words.
pub(super) fn failure(name: &str, error: &io::Error) -> SourceError {
    let text = error.to_string();
    if text.starts_with(CAPTURE_FAILED) {
        return SourceError::Capture(io::Error::new(error.kind(), text));
    }
    let message = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file; correct `path`, or export it again".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "permission denied; run as an account that may read it, or open it to this one".to_owned()
        }
        io::ErrorKind::IsADirectory => "this is a folder; name the files in it, for example with *.csv".to_owned(),
        _ => text,
    };
    SourceError::File { path: name.to_owned(), message }
}

/// A file found, with the name that messages give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub path: PathBuf,
    pub name: String,
    pub modified: Option<Timestamp>,
    pub bytes: u64,
}

/// Finds the files a mapping names, in the order given; those of a pattern sorted by name.
pub(super) fn find(base: &Path, patterns: &[String]) -> Result<Vec<Found>, SourceError> {
    let mut found = Vec::new();
    for pattern in patterns {
        let path = Path::new(pattern);
        let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if !file_name.contains(['*', '?']) {
            found.push(look(base.join(path), pattern.clone())?);
            continue;
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut names = matching(&base.join(folder), folder, &file_name)?;
        if names.is_empty() {
            let message = "no file matches; correct `path`, or export again".to_owned();
            return Err(SourceError::File { path: pattern.clone(), message });
        }
        names.sort();
        for name in names {
            found.push(look(base.join(folder).join(&name), folder.join(&name).to_string_lossy().into_owned())?);
        }
    }
    Ok(found)
}

fn matching(folder: &Path, shown: &Path, pattern: &str) -> Result<Vec<String>, SourceError> {
    let shown = if shown.as_os_str().is_empty() { ".".into() } else { shown.to_string_lossy() };
    let entries = std::fs::read_dir(folder).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            SourceError::File { path: shown.to_string(), message: "there is no such folder; correct `path`".into() }
        }
        _ => failure(&shown, &error),
    })?;
    let pattern: Vec<char> = pattern.chars().collect();
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| failure(&shown, &error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_file = entry.path().is_file();
        if is_file && !name.starts_with('.') && wild(&pattern, &name.chars().collect::<Vec<_>>()) {
            names.push(name);
        }
    }
    Ok(names)
}

/// `*` is any run of characters, `?` any one.
fn wild(pattern: &[char], name: &[char]) -> bool {
    match (pattern.split_first(), name.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), _) => (0..=name.len()).any(|skip| wild(rest, name.get(skip..).unwrap_or_default())),
        (Some(('?', rest)), Some((_, name))) => wild(rest, name),
        (Some((a, rest)), Some((b, name))) => a == b && wild(rest, name),
        _ => false,
    }
}

fn look(path: PathBuf, name: String) -> Result<Found, SourceError> {
    let meta = std::fs::metadata(&path).map_err(|error| failure(&name, &error))?;
    if meta.is_dir() {
        return Err(failure(&name, &io::Error::from(io::ErrorKind::IsADirectory)));
    }
    let modified = meta.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
    Ok(Found { path, name, modified, bytes: meta.len() })
}

/// A text that stopped being readable on the way.
pub(super) fn text_failure(name: &str, error: TextError) -> SourceError {
    match error {
        TextError::Io(error) => failure(name, &error),
        TextError::LongLine { line } => SourceError::Line { path: name.to_owned(), line, message: error.to_string() },
        other => SourceError::File { path: name.to_owned(), message: other.to_string() },
    }
}
