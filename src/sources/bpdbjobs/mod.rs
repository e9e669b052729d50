//! NetBackup jobs from saved output of `bpdbjobs -report -all_columns`.
//!
//! The fields are those of Veritas' commands reference; what they look like in the wild (escaped commas, embedded newlines,
//! count and removal lines, jobs without a word) is told in `record` and `reader`.

mod fields;
mod jobs;
mod reader;
mod record;
mod start;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use self::fields::{Fault, Fields};
use self::jobs::{Jobs, MAX_JOBS};
use self::reader::{Records, Tally};
use super::intake::{self, Intake};
use super::{RawCapture, Reading, Request, Sink, SinkError, Source, SourceError};

/// NetBackup jobs, as `bpdbjobs -report -all_columns` prints them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BpdbjobsConfig {
    /// Saved outputs of `bpdbjobs -report -all_columns` of one master server: paths or patterns such as `jobs-*.txt`, relative to
    /// the configuration file. Exports may overlap: the latest record of each job counts. UTF-8, Windows-1252 and UTF-16 with a
    /// byte order mark (what PowerShell's `>` writes) are read. For `-most_columns`, use kind = "table" and preset =
    /// "netbackup-most-columns".
    pub files: Vec<String>,
}

impl Source for BpdbjobsConfig {
    fn tables(&self) -> Vec<&'static str> {
        vec!["backup_jobs"]
    }

    fn harvest(&self, request: &Request, sink: &mut dyn Sink, capture: &mut dyn RawCapture) -> Result<Reading, SourceError> {
        let files = intake::expand(request, &self.files)?;
        let mut harvest = Harvest::new(sink);
        let mut described = Vec::new();
        for path in &files {
            if files.len() > 1 {
                harvest.file = format!("{}: ", path.file_name().unwrap_or_default().to_string_lossy());
            }
            described.push(harvest.file(path, capture)?);
        }
        let mut reading = harvest.finish(request)?;
        reading.endpoint = self.files.join(", ");
        reading.pages = files.len() as u64;
        reading.query = serde_json::json!({ "files": described });
        Ok(reading)
    }
}

struct Harvest<'a> {
    sink: &'a mut dyn Sink,
    jobs: Jobs,
    reading: Reading,
    /// Opens each reason when there are several files.
    file: String,
    rejected: u64,
    most_columns: u64,
    overflow: bool,
}

/// Why a file was given up.
#[derive(Debug)]
enum Stop {
    Read(io::Error),
    Sink(SinkError),
}
impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}
impl From<SinkError> for Stop {
    fn from(error: SinkError) -> Self {
        Self::Sink(error)
    }
}

impl<'a> Harvest<'a> {
    fn new(sink: &'a mut dyn Sink) -> Self {
        Self {
            sink,
            jobs: Jobs::default(),
            reading: Reading::default(),
            file: String::new(),
            rejected: 0,
            most_columns: 0,
            overflow: false,
        }
    }

    fn file(&mut self, path: &Path, capture: &mut dyn Write) -> Result<serde_json::Value, SourceError> {
        let mut intake = Intake::open(path, capture)?;
        self.reading.modified_at = self.reading.modified_at.max(intake.modified);
        let before = (self.reading.rows_kept, self.most_columns);
        let tally = match intake::text(&mut intake) {
            Ok(Some(mut text)) => reader::read(&mut text, self),
            Ok(None) => {
                return Err(intake::fault(
                    path,
                    "is binary, not text: give the saved output of bpdbjobs -report -all_columns".into(),
                ));
            }
            Err(error) => Err(Stop::Read(error)),
        };
        let tally = match tally {
            Ok(tally) => tally,
            Err(Stop::Read(error)) => return Err(intake.error(&error)),
            Err(Stop::Sink(error)) => return Err(error.into()),
        };
        if tally.records > 0 && self.most_columns - before.1 == tally.records {
            return Err(intake::fault(path, Fault::MostColumns.to_string()));
        }
        if tally.starts == 0 && tally.records > 0 && self.reading.rows_kept == before.0 {
            return Err(SourceError::Line {
                path: path.display().to_string(),
                line: 1,
                message:
                    "no line begins with job id, type, state and status: save the output of bpdbjobs -report -all_columns here"
                        .into(),
            });
        }
        self.tie(&tally);
        intake.finish()
    }

    /// The arithmetic of one file.
    fn tie(&mut self, tally: &Tally) {
        let mut doubts = Vec::new();
        doubts.extend(tally.cut.clone());
        if tally.removals > 0 {
            *self.reading.details.entry("removed_from_database".into()).or_default() += tally.removals;
        }
        if let Some(announced) = tally.announced {
            let jobs = announced.saturating_sub(tally.removals);
            self.reading.server_count = Some(self.reading.server_count.unwrap_or(0).saturating_add(jobs));
            if jobs != tally.records {
                doubts.push(format!("bpdbjobs announced {jobs} jobs and the file holds {}", tally.records));
            }
        }
        for doubt in doubts {
            let doubt = format!("{}{doubt}", self.file);
            self.reading.incomplete = Some(match self.reading.incomplete.take() {
                None => doubt,
                Some(before) => format!("{before}; {doubt}"),
            });
        }
    }

    fn finish(mut self, request: &Request) -> Result<Reading, SourceError> {
        for row in self.jobs.rows(&request.system) {
            for (word, value) in [("type", &row.job_type), ("outcome", &row.outcome)] {
                *self.reading.details.entry(format!("{word}_{value}")).or_default() += 1;
            }
            self.sink.push(row.into())?;
        }
        self.sink.progress(self.reading.rows_seen);
        for (word, count) in [("superseded", self.jobs.superseded), ("fields_read_as_windows_1252", self.jobs.windows_1252)] {
            if count > 0 {
                self.reading.details.insert(word.into(), count);
            }
        }
        if self.overflow {
            self.reading.incomplete = Some(format!("more than {MAX_JOBS} jobs: split the export by period into several sources"));
        }
        // The export is at least as young as the newest event in it; a clock that was wrong must not make it younger than now.
        let newest = self.jobs.newest.and_then(|seconds| Timestamp::from_second(seconds).ok());
        self.reading.content_at = newest.filter(|newest| *newest <= request.as_of);
        Ok(self.reading)
    }

    fn reject(&mut self, line: u64, reason: &str, excerpt: &str) -> Result<(), SinkError> {
        self.rejected += 1;
        self.sink.reject(line, &format!("{}{reason}", self.file), excerpt)
    }

    fn seen(&mut self) {
        self.reading.rows_seen += 1;
        if self.reading.rows_seen.is_multiple_of(4096) {
            self.sink.progress(self.reading.rows_seen);
        }
    }
}

impl Records for Harvest<'_> {
    type Error = Stop;

    fn record(&mut self, line: u64, fields: Fields) -> Result<(), Stop> {
        self.seen();
        let added = if self.jobs.len() >= MAX_JOBS {
            self.overflow = true;
            Err(format!("more than {MAX_JOBS} jobs"))
        } else {
            self.jobs.add(&fields)
        };
        match added {
            Ok(()) => self.reading.rows_kept += 1,
            Err(reason) => {
                let head: Vec<_> = (1..=12).map(|n| String::from_utf8_lossy(fields.head(n))).collect();
                self.reject(line, &reason, &head.join(","))?;
            }
        }
        Ok(())
    }

    fn refused(&mut self, line: u64, fault: &Fault, excerpt: &str) -> Result<(), Stop> {
        self.seen();
        self.most_columns += u64::from(*fault == Fault::MostColumns);
        Ok(self.reject(line, &fault.to_string(), excerpt)?)
    }
}

/// Reads any bytes as bpdbjobs output and forgets what it read: the entry of the fuzzer. Returns rows seen, kept and refused.
#[must_use]
pub fn fuzz(bytes: &[u8]) -> (u64, u64, u64) {
    struct Null;
    impl Sink for Null {
        fn push(&mut self, _: crate::snapshot::schema::Record<'_>) -> Result<(), SinkError> {
            Ok(())
        }
        fn reject(&mut self, _: u64, _: &str, _: &str) -> Result<(), SinkError> {
            Ok(())
        }
        fn progress(&mut self, _: u64) {}
    }
    let mut null = Null;
    let mut harvest = Harvest::new(&mut null);
    if let Ok(Some(mut text)) = intake::text(bytes)
        && let Ok(tally) = reader::read(&mut text, &mut harvest)
    {
        harvest.tie(&tally);
    }
    for row in harvest.jobs.rows("fuzz") {
        let _ = harvest.sink.push(row.into());
    }
    (harvest.reading.rows_seen, harvest.reading.rows_kept, harvest.rejected)
}
