//! Incidents and changes from saved pages of Jira's REST API.
//!
//! Names of statuses and types follow the language of whoever exported, so statuses are read by what the configuration declares
//! and else by their category. A page that is missing, cut or from another search is noticed by Jira's own counts.

mod config;
mod issue;
mod pages;
mod service;
#[cfg(test)]
mod tests;
mod value;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

pub use self::config::{Fields, JiraConfig, Kind, Status};
use self::issue::{Issue, Reader};
use self::pages::{Budget, Page};
use super::intake::{self, Intake};
use super::{RawCapture, Reading, Request, Sink, SinkError, Source, SourceError};
use crate::snapshot::schema::{Change, Incident, Record};
use crate::snapshot::value::Micros;

impl Source for JiraConfig {
    fn tables(&self) -> Vec<&'static str> {
        vec![match self.record {
            Kind::Incidents => "incidents",
            Kind::Changes => "changes",
        }]
    }

    fn harvest(&self, request: &Request, sink: &mut dyn Sink, capture: &mut dyn RawCapture) -> Result<Reading, SourceError> {
        let reader = Reader::new(self, &request.system, &request.zone)
            .map_err(|message| SourceError::File { path: format!("source {}", request.source), message })?;
        let files = intake::expand(request, &self.files)?;
        let mut harvest =
            Harvest { reader, sink, reading: Reading::default(), issues: BTreeMap::new(), pages: Vec::new(), stop: None };
        let mut described = Vec::new();
        for path in &files {
            described.push(harvest.file(path, capture)?);
        }
        let mut reading = harvest.finish(request)?;
        reading.endpoint = self.files.join(", ");
        reading.query = serde_json::json!({ "files": described });
        Ok(reading)
    }
}

struct Harvest<'a> {
    reader: Reader<'a>,
    sink: &'a mut dyn Sink,
    reading: Reading,
    /// By key, so that an issue on two pages counts once: the latest.
    issues: BTreeMap<String, (Option<Micros>, Option<Record<'static>>)>,
    pages: Vec<Page>,
    stop: Option<SinkError>,
}

impl Harvest<'_> {
    fn file(&mut self, path: &Path, capture: &mut dyn Write) -> Result<serde_json::Value, SourceError> {
        let mut intake = Intake::open(path, capture)?;
        self.reading.modified_at = self.reading.modified_at.max(intake.modified);
        let left = Cell::new(0);
        let first = self.pages.len();
        let read = match intake::text(Budget::new(&mut intake, &left)) {
            Ok(Some(mut text)) => Ok(self.pages(&mut *text, &left)),
            Ok(None) => return Err(intake::fault(path, "is binary, not JSON: save the answer of /rest/api/2/search".into())),
            Err(error) => Err(error),
        };
        let broken = read.map_err(|error| intake.error(&error))?;
        if let Some(error) = self.stop.take() {
            return Err(error.into());
        }
        let read = self.pages.get(first..).unwrap_or_default();
        if let Some(said) = read.iter().flat_map(|page| &page.errors).next() {
            return Err(intake::fault(path, format!("holds an error message of Jira, not issues: {said}")));
        }
        if let Some(error) = broken {
            if error.io_error_kind().is_some_and(|kind| kind != std::io::ErrorKind::FileTooLarge) {
                return Err(intake.error(&error.into()));
            }
            self.broken(path, first, &error)?;
        } else if !read.iter().any(|page| page.has_issues) {
            return Err(intake::fault(
                path,
                "is JSON without `issues`: save the answer of /rest/api/2/search, not of another resource".into(),
            ));
        }
        intake.finish()
    }

    /// Reads the pages of a file until its end, or until one cannot be read.
    fn pages(&mut self, text: &mut dyn std::io::BufRead, left: &Cell<u64>) -> Option<serde_json::Error> {
        loop {
            let mut page = Page::default();
            left.set(pages::MAX_RECORD);
            let read = pages::next(text, left, &mut page, &mut |issue| self.issue(issue));
            if read.is_some() {
                self.pages.push(page);
            }
            match read {
                None => return None,
                Some(Ok(())) => {}
                Some(Err(error)) => return Some(error),
            }
        }
    }

    /// A page that is no JSON or ends too early: what came before it stands.
    fn broken(&mut self, path: &Path, first: usize, error: &serde_json::Error) -> Result<(), SourceError> {
        let read = self.pages.get(first..).unwrap_or_default();
        if read.iter().all(|page| page.issues == 0) {
            return Err(SourceError::Line {
                path: path.display().to_string(),
                line: error.line() as u64,
                message: format!("is not a page of issues ({error}): save the answer of /rest/api/2/search as it comes"),
            });
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if read.last().is_some_and(|page| page.broken) {
            self.reading.rows_seen += 1;
            self.sink.reject(self.reading.rows_seen, &format!("{name}: the issue cannot be read ({error})"), "")?;
        }
        self.doubt(format!("{name} cannot be read further ({error}): export that page again"));
        Ok(())
    }

    fn issue(&mut self, value: &serde_json::Value) -> bool {
        self.reading.rows_seen += 1;
        let row = self.reading.rows_seen;
        if row.is_multiple_of(1024) {
            self.sink.progress(row);
        }
        match self.reader.read(value) {
            Ok(issue) => {
                self.reading.rows_kept += 1;
                self.keep(issue);
                true
            }
            Err(why) => {
                let key = value.get("key").and_then(|key| key.as_str()).unwrap_or("?");
                let title = value.pointer("/fields/summary").and_then(|title| title.as_str()).unwrap_or_default();
                let title: String = title.chars().take(150).collect();
                let told = self.sink.reject(row, &format!("{key}: {why}"), &format!("{key} {title}"));
                self.stop = told.err();
                self.stop.is_none()
            }
        }
    }

    fn keep(&mut self, issue: Issue) {
        let mut count = |what: &str| *self.reading.details.entry(what.into()).or_default() += 1;
        if issue.by_category {
            count("status_read_by_category");
        }
        if issue.row.is_none() {
            count("out_of_scope");
        }
        match self.issues.get_mut(&issue.key) {
            None => {
                self.issues.insert(issue.key, (issue.updated, issue.row));
            }
            Some(known) => {
                count("superseded");
                if issue.updated >= known.0 {
                    *known = (issue.updated, issue.row);
                }
            }
        }
    }

    fn doubt(&mut self, doubt: String) {
        self.reading.incomplete = Some(match self.reading.incomplete.take() {
            None => doubt,
            Some(before) => format!("{before}; {doubt}"),
        });
    }

    fn finish(mut self, request: &Request) -> Result<Reading, SourceError> {
        let (announced, missing) = pages::tie(&self.pages);
        self.reading.server_count = announced;
        if let Some(missing) = missing {
            self.doubt(missing);
        }
        self.reading.pages = self.pages.len() as u64;
        // The export is at least as young as the newest change in it.
        let newest = self.issues.values().filter_map(|(updated, _)| *updated).max();
        self.reading.content_at = newest.map(Micros::timestamp).filter(|newest| *newest <= request.as_of);
        for (_, row) in self.issues.into_values() {
            let Some(row) = row else { continue };
            if let Record::Incident(Incident { status, .. }) | Record::Change(Change { status, .. }) = &row {
                *self.reading.details.entry(format!("status_{status}")).or_default() += 1;
            }
            self.sink.push(row)?;
        }
        self.sink.progress(self.reading.rows_seen);
        Ok(self.reading)
    }
}
