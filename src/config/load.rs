//! Reads `probant.toml` and its includes. Every refusal points at file, line and column and says what is allowed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use regex::Regex;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::sections::{Common, File};
use crate::harvest::Job;
use crate::harvest::declarations::{Declarations, Exceptions};
use crate::judge::soa::Soa;
use crate::place::FileError;
use crate::sources::kinds;

/// Name of the file.
const NAME: &str = "probant.toml";

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error(transparent)]
    Place(#[from] FileError),
    #[error("{} cannot be read: {source}. Name another with --config, or make one with `probant init`", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("no {NAME} in {} or above; make one with `probant init`, or name one with --config", folder.display())]
    NotFound { folder: PathBuf },
}

/// A source as declared.
pub struct SourceEntry {
    pub title: Option<String>,
    pub job: Job,
    /// File that declares it.
    pub declared_in: String,
}

/// The configuration, read and checked.
pub struct Config {
    pub path: PathBuf,
    /// Folder that every path starts from.
    pub base: PathBuf,
    pub file: File,
    pub zone: TimeZone,
    pub as_of: Option<Timestamp>,
    pub sources: BTreeMap<String, SourceEntry>,
    pub soa: Soa,
    pub declarations: Option<(PathBuf, Declarations)>,
    pub exceptions: Option<(PathBuf, Exceptions)>,
    /// Own check files: name and text.
    pub checks: Vec<(String, String)>,
    /// The configuration's own files as read: name and text. They hold no secret.
    pub files: Vec<(String, String)>,
}

/// Looks for `probant.toml` in a folder and above it.
pub fn find(folder: &Path) -> Result<PathBuf, ConfigError> {
    folder
        .ancestors()
        .map(|folder| folder.join(NAME))
        .find(|path| path.is_file())
        .ok_or_else(|| ConfigError::NotFound { folder: folder.to_owned() })
}

/// A TOML text with the name people know it by.
struct Document {
    name: String,
    text: String,
}

impl Document {
    fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        Ok(Self { name: path.display().to_string(), text })
    }

    fn file_name(&self) -> String {
        Path::new(&self.name).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    fn refuse(&self, byte: usize, message: impl Into<String>) -> FileError {
        FileError::at(&self.name, &self.text, byte, message)
    }

    fn toml(&self, error: &toml::de::Error) -> FileError {
        FileError::toml(&self.name, &self.text, error)
    }

    /// Where a key stands, by its path of table names; the start of the file when it is not there.
    fn place(&self, path: &[&str]) -> usize {
        let walk = || {
            let mut table = DeTable::parse(&self.text).ok()?.into_inner();
            for (depth, name) in path.iter().enumerate() {
                let (key, value) = table.into_iter().find(|(key, _)| key.get_ref() == name)?;
                if depth + 1 == path.len() {
                    return Some(key.span().start);
                }
                let DeValue::Table(inner) = value.into_inner() else { return None };
                table = inner;
            }
            None
        };
        walk().unwrap_or(0)
    }

    /// Where a text stands in the value of a key.
    fn place_in(&self, key: &str, text: &str) -> usize {
        let at = self.place(&[key]);
        at + self.text.get(at..).and_then(|rest| rest.find(text)).unwrap_or(0)
    }

    fn parse<T: DeserializeOwned>(&self) -> Result<T, FileError> {
        toml::from_str(&self.text).map_err(|error| self.toml(&error))
    }
}

/// Reads the configuration at `path`.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    let document = Document::read(path)?;
    let base = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    let mut root = DeTable::parse(&document.text).map_err(|error| document.toml(&error))?;
    let span = root.span();
    let declared = root.get_mut().remove("source");
    let file: File = File::deserialize(toml::Deserializer::from(Spanned::new(span, root.into_inner()))).map_err(|error| {
        let mut refused = document.toml(&error);
        if refused.message.starts_with("unknown field") && refused.message.contains("`organisation`") {
            refused.message.push_str(", or tables [source.<id>]");
        }
        refused
    })?;
    let zone = TimeZone::get(&file.organisation.zone).map_err(|_unknown| {
        document.refuse(
            document.place(&["organisation", "zone"]),
            format!("`{}` is not a time zone; write an IANA name such as Europe/Paris", file.organisation.zone),
        )
    })?;
    let as_of = match &file.run.as_of {
        None => None,
        Some(written) => Some(instant(written, &zone).ok_or_else(|| {
            document
                .refuse(document.place(&["run", "as_of"]), "as_of must be a date, or an instant such as 2026-10-05T08:00:00+02:00")
        })?),
    };
    if let Some(review) = &file.review {
        review.check().map_err(|error| document.refuse(document.place(&["review"]), error.to_string()))?;
    }
    file.signing.check().map_err(|(key, message)| document.refuse(document.place(&["signing", key]), message))?;
    let mut reader = Sources { zone: &zone, sources: BTreeMap::new() };
    if let Some(declared) = declared {
        reader.add(&document, declared)?;
    }
    let mut files = vec![(document.file_name(), document.text.clone())];
    for included in included(&document, &base, &file.include)? {
        reader.include(&included)?;
        files.push((included.file_name(), included.text));
    }
    let sources = reader.sources;
    if let Some(path) = &file.soa.file {
        let other = named(&document, &base, path, document.place(&["soa", "file"]))?;
        files.push((other.file_name(), other.text));
    }
    let soa = soa(&document, &base, &file.soa)?;
    let declarations = beside(&document, &base, file.declarations.as_deref(), "declarations")?;
    let exceptions = beside(&document, &base, file.exceptions.as_deref(), "exceptions")?;
    let checks = own_checks(&base, file.checks.folder.as_deref())?;
    Ok(Config { path: path.to_owned(), base, zone, as_of, sources, soa, declarations, exceptions, checks, files, file })
}

/// An instant with an offset, or a local one or a date in the zone given.
fn instant(written: &toml::value::Datetime, zone: &TimeZone) -> Option<Timestamp> {
    let text = written.to_string();
    match (written.offset.is_some(), written.time.is_some()) {
        (true, _) => text.parse().ok(),
        (false, true) => zone.to_timestamp(text.parse::<jiff::civil::DateTime>().ok()?).ok(),
        (false, false) => zone.to_timestamp(text.parse::<jiff::civil::Date>().ok()?.at(0, 0, 0, 0)).ok(),
    }
}

/// A file named by the configuration, or an error at the key that names it.
fn named(document: &Document, base: &Path, path: &Path, at: usize) -> Result<Document, ConfigError> {
    Document::read(&base.join(path)).map_err(|error| match error {
        ConfigError::Read { path, source } => document.refuse(at, format!("{} cannot be read: {source}", path.display())).into(),
        other => other,
    })
}

fn beside<T: DeserializeOwned>(
    document: &Document,
    base: &Path,
    path: Option<&Path>,
    key: &str,
) -> Result<Option<(PathBuf, T)>, ConfigError> {
    let Some(path) = path else { return Ok(None) };
    let other = named(document, base, path, document.place(&[key]))?;
    Ok(Some((base.join(path), other.parse()?)))
}

fn soa(document: &Document, base: &Path, soa: &Soa) -> Result<Soa, ConfigError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct SoaFile {
        soa: Soa,
    }
    match &soa.file {
        None => Ok(soa.clone()),
        Some(path) => Ok(named(document, base, path, document.place(&["soa", "file"]))?.parse::<SoaFile>()?.soa),
    }
}

fn own_checks(base: &Path, folder: Option<&Path>) -> Result<Vec<(String, String)>, ConfigError> {
    let Some(folder) = folder.map(|folder| base.join(folder)) else { return Ok(vec![]) };
    let read = |source| ConfigError::Read { path: folder.clone(), source };
    let mut paths = vec![];
    for entry in fs::read_dir(&folder).map_err(read)? {
        let path = entry.map_err(read)?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| Document::read(path).map(|document| (document.name, document.text))).collect()
}

/// Files that `include` names, sorted. A pattern that matches nothing is an error: silence would lose sources.
fn included(document: &Document, base: &Path, patterns: &[String]) -> Result<Vec<Document>, ConfigError> {
    let mut documents = vec![];
    for pattern in patterns {
        let (folder, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
        let Some((head, tail)) = name.split_once('*') else {
            documents.push(named(document, base, Path::new(pattern), document.place_in("include", pattern))?);
            continue;
        };
        let folder = base.join(folder);
        let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
            .map_err(|error| {
                document.refuse(document.place_in("include", pattern), format!("{} cannot be read: {error}", folder.display()))
            })?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| {
                path.file_name().is_some_and(|name| {
                    let name = name.to_string_lossy();
                    name.len() >= head.len() + tail.len() && name.starts_with(head) && name.ends_with(tail)
                })
            })
            .collect();
        paths.sort();
        if paths.is_empty() {
            return Err(document.refuse(document.place_in("include", pattern), format!("no file matches `{pattern}`")).into());
        }
        for path in paths {
            documents.push(Document::read(&path)?);
        }
    }
    Ok(documents)
}

/// Sources gathered over all files.
struct Sources<'a> {
    zone: &'a TimeZone,
    sources: BTreeMap<String, SourceEntry>,
}

impl Sources<'_> {
    /// An included file holds `[source.<id>]` tables and nothing else.
    fn include(&mut self, document: &Document) -> Result<(), ConfigError> {
        let mut root = DeTable::parse(&document.text).map_err(|error| document.toml(&error))?;
        let declared = root.get_mut().remove("source");
        if let Some((key, _)) = root.get_ref().iter().next() {
            let message = format!("`{}` cannot stand here; an included file holds only [source.<id>] tables", key.get_ref());
            return Err(document.refuse(key.span().start, message).into());
        }
        match declared {
            Some(declared) => self.add(document, declared),
            None => Err(document.refuse(0, "it holds no [source.<id>] table").into()),
        }
    }

    fn add(&mut self, document: &Document, declared: Spanned<DeValue<'_>>) -> Result<(), ConfigError> {
        let at = declared.span().start;
        let DeValue::Table(tables) = declared.into_inner() else {
            return Err(document.refuse(at, "`source` must be tables: [source.<id>]").into());
        };
        for (id, keys) in tables {
            let at = id.span().start;
            let id = id.into_inner().into_owned();
            if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
                return Err(document.refuse(at, format!("`{id}` cannot name a source; use letters, digits, - and _")).into());
            }
            if let Some(other) = self.sources.get(&id) {
                return Err(document
                    .refuse(at, format!("source {id} is also declared in {}; give one of them another name", other.declared_in))
                    .into());
            }
            let entry = self.entry(document, &id, keys)?;
            self.sources.insert(id, entry);
        }
        Ok(())
    }

    fn entry(&self, document: &Document, id: &str, declared: Spanned<DeValue<'_>>) -> Result<SourceEntry, ConfigError> {
        let span = declared.span();
        let DeValue::Table(keys) = declared.into_inner() else {
            return Err(document.refuse(span.start, format!("source {id} must be a table: [source.{id}]")).into());
        };
        let (common, own): (Vec<_>, Vec<_>) = keys.into_iter().partition(|(key, _)| Common::KEYS.contains(&key.get_ref().as_ref()));
        let de = |keys: Vec<_>| toml::Deserializer::from(Spanned::new(span.clone(), keys.into_iter().collect::<DeTable<'_>>()));
        let common = Common::deserialize(de(common)).map_err(|error| document.toml(&error))?;
        let Some(kind) = kinds::find(&common.kind) else {
            let known: Vec<&str> = kinds::KINDS.iter().map(|kind| kind.name).collect();
            return Err(document
                .refuse(
                    span.start,
                    format!("source {id} is of an unknown kind `{}`; the kinds are {}", common.kind, known.join(", ")),
                )
                .into());
        };
        let source = kind.read(de(own)).map_err(|error| {
            // A mapping that contradicts itself has no single place: point at its source.
            let mut refused = match error.span() {
                Some(_) => document.toml(&error),
                None => document.refuse(span.start, error.message()),
            };
            if refused.message.starts_with("unknown field") {
                refused.message = format!("{}; or one of those every source has: {}", refused.message, Common::KEYS.join(", "));
            }
            refused
        })?;
        let zone = match &common.zone {
            None => self.zone.clone(),
            Some(name) => TimeZone::get(name.get_ref()).map_err(|_unknown| {
                document.refuse(name.span().start, "not a time zone; write an IANA name such as Europe/Paris")
            })?,
        };
        let evidence_at = match &common.evidence_at {
            None => None,
            Some(written) => Some(instant(written.get_ref(), &zone).ok_or_else(|| {
                document.refuse(written.span().start, "evidence_at must be a date, or an instant such as 2026-10-05T08:00:00+02:00")
            })?),
        };
        let evidence_from_name = match &common.evidence_from_name {
            None => None,
            Some(pattern) => {
                let regex =
                    Regex::new(pattern.get_ref()).map_err(|error| document.refuse(pattern.span().start, error.to_string()))?;
                if regex.captures_len() < 2 {
                    return Err(document
                        .refuse(pattern.span().start, "the date must stand in a group: `roster-(\\d{4}-\\d{2}-\\d{2})`")
                        .into());
                }
                Some(regex)
            }
        };
        Ok(SourceEntry {
            title: common.title,
            declared_in: document.name.clone(),
            job: Job {
                id: id.to_owned(),
                system: common.system,
                kind: kind.name,
                source,
                zone,
                evidence_at,
                evidence_from_name,
                skip: common.skip,
            },
        })
    }
}
