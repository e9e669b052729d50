//! Runs the plan: reads every source into one new snapshot and publishes it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hashbrown::HashMap;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use regex::Regex;

use super::correlation::Correlation;
use super::declarations::{Declarations, Derogation, Exceptions, Register, date};
use super::link::Roster;
use super::sink::{CollectionSink, Shared};
use crate::context::Context;
use crate::snapshot::manifest::{self, Manifest};
use crate::snapshot::schema::{Collection, Decision, Exception};
use crate::snapshot::value::{Days, Micros};
use crate::snapshot::writer::TablesWriter;
use crate::sources::{Reading, Request, Source, SourceError};
use crate::store::raw::Capture;
use crate::store::{self, Store, StoreError};

/// One source to read.
pub struct Job {
    pub id: String,
    pub system: String,
    pub kind: &'static str,
    pub source: Box<dyn Source>,
    pub zone: TimeZone,
    /// When the content was true, as declared in the configuration.
    pub evidence_at: Option<Timestamp>,
    /// Where the file's name carries that date: first capture, read as ISO date or instant.
    pub evidence_from_name: Option<Regex>,
    /// Not read this time, and why.
    pub skip: Option<String>,
}

/// Everything a harvest needs to know.
pub struct Plan {
    pub jobs: Vec<Job>,
    pub correlation: Correlation,
    pub declarations: Option<(PathBuf, Declarations)>,
    pub exceptions: Option<(PathBuf, Exceptions)>,
    pub organisation: String,
    /// Folder that relative paths start from.
    pub base: PathBuf,
    pub as_of: Timestamp,
    pub zone: TimeZone,
}

/// How one source went.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub source: String,
    pub rows_seen: u64,
    pub rows_kept: u64,
    pub rows_rejected: u64,
    pub complete: bool,
    /// Why it is incomplete, or could not be read.
    pub reason: Option<String>,
    /// Nothing could be read although it was tried.
    pub failed: bool,
}

/// A published snapshot.
#[derive(Debug)]
pub struct Harvested {
    pub id: String,
    pub folder: PathBuf,
    pub outcomes: Vec<Outcome>,
    /// Declared accounts that no source showed.
    pub unmet_declarations: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum HarvestError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the snapshot could not be written to {}: {source}{}", folder.display(), if source.kind() == io::ErrorKind::StorageFull { ". The disk is full: free some space and run the same command again" } else { "" })]
    Write { folder: PathBuf, source: io::Error },
}

/// What a harvest tells while it goes.
pub trait Progress {
    fn started(&mut self, source: &str, at: usize, of: usize);
    fn rows(&mut self, source: &str, rows_seen: u64);
    fn ended(&mut self, outcome: &Outcome);
}

/// Reads every source of the plan into a new snapshot.
pub fn harvest(plan: &Plan, store: &mut Store, context: &Context, progress: &mut dyn Progress) -> Result<Harvested, HarvestError> {
    let started = context.now();
    let id = store.free_name("snapshots", &started.strftime("%Y%m%dT%H%M%SZ").to_string(), "");
    let name = format!("snapshots/{id}");
    let temporary = store::temporary(&store.root().join(&name));
    let write = |source| HarvestError::Write { folder: temporary.clone(), source };
    let tables = TablesWriter::start(&temporary.join(manifest::TABLES)).map_err(write)?;
    let mut run = Run {
        plan,
        context,
        snapshot: &id,
        raw: store.root().join("raw"),
        shared: Shared {
            tables,
            roster: Roster::new(plan.correlation.clone()),
            register: Register::new(plan.declarations.as_ref().map(|(_, d)| d).unwrap_or(&Declarations::default())),
            assets: HashMap::new(),
            links: BTreeMap::new(),
        },
    };
    let jobs = run.in_order();
    let mut outcomes = vec![];
    let mut open_roster = true;
    for (at, job) in jobs.iter().enumerate() {
        if open_roster && !feeds(job, "people") {
            run.shared.roster.close();
            open_roster = false;
        }
        progress.started(&job.id, at + 1, jobs.len());
        let outcome = run.collect(job, progress).map_err(write)?;
        progress.ended(&outcome);
        outcomes.push(outcome);
    }
    run.declared().map_err(write)?;
    run.derogations().map_err(write)?;
    let unmet_declarations = run.shared.register.unmet();
    let rows = run.shared.tables.finish().map_err(write)?;
    Manifest::make(&temporary, &id, plan.as_of, &plan.organisation, &rows).and_then(|m| m.write(&temporary)).map_err(write)?;
    let folder = store.publish("snapshot", context.now(), &name, serde_json::json!({ "rows": rows }))?;
    Ok(Harvested { id, folder, outcomes, unmet_declarations })
}

fn feeds(job: &Job, table: &str) -> bool {
    job.source.tables().contains(&table)
}

/// The state of one harvest.
struct Run<'a> {
    plan: &'a Plan,
    context: &'a Context,
    snapshot: &'a str,
    raw: PathBuf,
    shared: Shared,
}

impl<'a> Run<'a> {
    /// People first, then assets, then the rest: links need both.
    fn in_order(&self) -> Vec<&'a Job> {
        let mut jobs: Vec<&Job> = self.plan.jobs.iter().collect();
        let rank = |job: &Job| if feeds(job, "people") { 0 } else { u8::from(!feeds(job, "assets")) + 1 };
        jobs.sort_by(|a, b| (rank(a), &a.id).cmp(&(rank(b), &b.id)));
        jobs
    }

    /// Reads one source. Only a store that cannot be written is an error here.
    fn collect(&mut self, job: &Job, progress: &mut dyn Progress) -> io::Result<Outcome> {
        let collection_id = format!("{}@{}", job.id, self.snapshot);
        let started = self.context.now();
        let request = Request {
            source: job.id.clone(),
            system: job.system.clone(),
            zone: job.zone.clone(),
            as_of: self.plan.as_of,
            base: self.plan.base.clone(),
        };
        let mut capture = Capture::start(&self.raw, &job.id)?;
        let mut shown = |rows: u64| progress.rows(&job.id, rows);
        let mut sink = CollectionSink {
            shared: &mut self.shared,
            collection_id: &collection_id,
            progress: &mut shown,
            records: 0,
            rejects: BTreeMap::new(),
        };
        let result = match &job.skip {
            Some(reason) => Err(format!("skipped: {reason}")),
            None => match job.source.harvest(&request, &mut sink, &mut capture) {
                Ok(reading) => Ok(reading),
                Err(SourceError::Sink(error)) => return Err(error.0),
                Err(SourceError::Capture(error)) => return Err(error),
                Err(error) => Err(error.to_string()),
            },
        };
        let (records, rejected) = (sink.records, sink.rejects.values().sum::<u64>());
        let failed = result.is_err() && job.skip.is_none();
        let captured = if result.is_ok() { Some(capture.finish()?.sha256) } else { None };
        let reading = result.unwrap_or_else(|reason| Reading {
            endpoint: job.id.clone(),
            rows_seen: records + rejected,
            rows_kept: records,
            incomplete: Some(reason),
            ..Reading::default()
        });
        let collection = Frozen { job, id: &collection_id, reading: &reading, rejected, captured, started, ended: self.context.now() };
        self.shared.tables.push(&collection.row().into(), "")?;
        Ok(Outcome {
            source: job.id.clone(),
            rows_seen: reading.rows_seen,
            rows_kept: reading.rows_kept,
            rows_rejected: rejected,
            complete: reading.incomplete.is_none() && reading.rows_seen == reading.rows_kept + rejected,
            reason: reading.incomplete,
            failed,
        })
    }

    /// Privileged rights justified by declaration become decisions, once both sides of each are known.
    fn declared(&mut self) -> io::Result<()> {
        let Some((path, declarations)) = &self.plan.declarations else { return Ok(()) };
        let mut file = DeclaredFile::open(path, "declarations", "decisions", declarations.confirmed_on.as_ref())?;
        file.seen = (declarations.link.len() + declarations.account.len() + declarations.privileged.len()) as u64;
        let id = format!("declarations@{}", self.snapshot);
        let mut rows = vec![];
        for (n, (right, pairs)) in (1_u64..).zip(self.shared.register.rights()) {
            let campaign = format!("declaration {}", right.decided_on);
            if pairs.is_empty() {
                file.rejects.push((n, format!("no source shows the account {} {} or a right named {}", right.system, right.login, right.entitlement)));
            }
            for (account, entitlement) in pairs {
                rows.push(Decision {
                    campaign_id: campaign.clone().into(),
                    item_id: format!("{account} {entitlement}").into(),
                    reviewer_id: self.shared.roster.person(&right.approver).unwrap_or(&right.approver).to_owned().into(),
                    account_id: account.to_owned().into(),
                    entitlement_id: Some(entitlement.to_owned().into()),
                    decision: "keep".into(),
                    justification: Some(right.justification.clone().into()),
                    decided_at: date(&right.decided_on).and_then(|d| midnight(d, &self.plan.zone)).map(Micros::from),
                });
            }
        }
        for row in rows {
            self.shared.tables.push(&row.into(), &id)?;
        }
        self.close_declared(&file, &id)
    }

    /// Derogations become the `exceptions` table. One without usable dates is refused: it would never end.
    fn derogations(&mut self) -> io::Result<()> {
        let Some((path, exceptions)) = &self.plan.exceptions else { return Ok(()) };
        let mut file = DeclaredFile::open(path, "exceptions", "exceptions", None)?;
        file.seen = exceptions.exception.len() as u64;
        let id = format!("exceptions@{}", self.snapshot);
        for (n, derogation) in (1_u64..).zip(&exceptions.exception) {
            match exception(derogation) {
                Some(row) => self.shared.tables.push(&row.into(), &id)?,
                None => file.rejects.push((n, format!("{}: approved_on and expires_on must be dates such as 2026-12-31", derogation.id))),
            }
        }
        self.close_declared(&file, &id)
    }

    fn close_declared(&mut self, file: &DeclaredFile, id: &str) -> io::Result<()> {
        let mut silent = |_rows: u64| {};
        let mut sink = CollectionSink { shared: &mut self.shared, collection_id: id, progress: &mut silent, records: 0, rejects: BTreeMap::new() };
        for (row, reason) in &file.rejects {
            crate::sources::Sink::reject(&mut sink, *row, reason, "").map_err(|error| error.0)?;
        }
        let mut capture = Capture::start(&self.raw, file.kind)?;
        io::Write::write_all(&mut capture, &file.bytes)?;
        let captured = capture.finish()?;
        let now = Micros::from(self.context.now());
        let rejected = file.rejects.len() as u64;
        let row = Collection {
            collection_id: id.to_owned().into(),
            source: file.kind.into(),
            system: "probant".into(),
            kind: file.kind.into(),
            tables: vec![file.table.into()],
            started: now,
            ended: now,
            evidence_at: Some(file.at.map_or(now, Micros::from)),
            evidence_at_basis: if file.at.is_some() { "declared" } else { "harvest" }.into(),
            endpoint: file.path.display().to_string().into(),
            query: serde_json::json!({ "sha256": captured.sha256 }).to_string().into(),
            pages: 1,
            rows_seen: count(file.seen),
            rows_kept: count(file.seen.saturating_sub(rejected)),
            rows_rejected: count(rejected),
            details: "{}".into(),
            complete: true,
            raw_sha256: Some(captured.sha256.into()),
            tool_version: env!("CARGO_PKG_VERSION").into(),
            ..Collection::default()
        };
        self.shared.tables.push(&row.into(), "")
    }
}

fn midnight(date: jiff::civil::Date, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_timestamp(date.at(0, 0, 0, 0)).ok()
}

fn exception(derogation: &Derogation) -> Option<Exception<'_>> {
    Some(Exception {
        exception_id: derogation.id.as_str().into(),
        check_id: derogation.check.as_str().into(),
        subject: derogation.subject.as_str().into(),
        approver: derogation.approver.as_str().into(),
        approved_on: Days::from(date(&derogation.approved_on)?),
        expires_on: Days::from(date(&derogation.expires_on)?),
        reason: derogation.reason.as_str().into(),
    })
}

/// One of the two files that people write by hand, as a collection.
struct DeclaredFile<'a> {
    path: &'a Path,
    kind: &'static str,
    table: &'static str,
    bytes: Vec<u8>,
    at: Option<Timestamp>,
    seen: u64,
    rejects: Vec<(u64, String)>,
}

impl<'a> DeclaredFile<'a> {
    fn open(path: &'a Path, kind: &'static str, table: &'static str, at: Option<&toml::value::Datetime>) -> io::Result<Self> {
        let at = at.and_then(date).and_then(|date| midnight(date, &TimeZone::UTC));
        Ok(Self { path, kind, table, bytes: fs::read(path)?, at, seen: 0, rejects: vec![] })
    }
}

fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// One source's reading, on its way into `collections`.
struct Frozen<'a> {
    job: &'a Job,
    id: &'a str,
    reading: &'a Reading,
    rejected: u64,
    captured: Option<String>,
    started: Timestamp,
    ended: Timestamp,
}

impl Frozen<'_> {
    fn row(&self) -> Collection<'_> {
        let (at, basis) = self.evidence_at();
        let arithmetic = self.reading.rows_seen == self.reading.rows_kept + self.rejected;
        let reason = self.reading.incomplete.clone().or_else(|| {
            (!arithmetic).then(|| {
                format!("{} rows seen, but {} kept and {} rejected", self.reading.rows_seen, self.reading.rows_kept, self.rejected)
            })
        });
        Collection {
            collection_id: self.id.into(),
            source: self.job.id.as_str().into(),
            system: self.job.system.as_str().into(),
            kind: self.job.kind.into(),
            tables: self.job.source.tables().into_iter().map(Into::into).collect(),
            started: self.started.into(),
            ended: self.ended.into(),
            evidence_at: at.map(Micros::from),
            evidence_at_basis: basis.into(),
            identity: self.reading.identity.as_deref().map(Into::into),
            endpoint: self.reading.endpoint.as_str().into(),
            query: self.reading.query.to_string().into(),
            pages: count(self.reading.pages),
            rows_seen: count(self.reading.rows_seen),
            rows_kept: count(self.reading.rows_kept),
            rows_rejected: count(self.rejected),
            server_count: self.reading.server_count.map(count),
            details: serde_json::json!(self.reading.details).to_string().into(),
            complete: reason.is_none(),
            incomplete_reason: reason.map(Into::into),
            raw_sha256: self.captured.as_deref().map(Into::into),
            tool_version: env!("CARGO_PKG_VERSION").into(),
        }
    }

    /// A date found in the content, else a declared one, else the file's name, else its modification time.
    fn evidence_at(&self) -> (Option<Timestamp>, &'static str) {
        if self.captured.is_none() {
            return (None, "none");
        }
        if let Some(at) = self.reading.content_at {
            return (Some(at), "content");
        }
        if let Some(at) = self.job.evidence_at {
            return (Some(at), "declared");
        }
        if let Some(at) = self.job.evidence_from_name.as_ref().and_then(|pattern| self.from_name(pattern)) {
            return (Some(at), "file_name");
        }
        match self.reading.modified_at {
            Some(at) => (Some(at), "mtime"),
            None => (Some(self.ended), "harvest"),
        }
    }

    fn from_name(&self, pattern: &Regex) -> Option<Timestamp> {
        let text = pattern.captures(&self.reading.endpoint)?.get(1)?.as_str();
        let compact = |text: &str| jiff::civil::Date::strptime("%Y%m%d", text).ok();
        text.parse().ok().or_else(|| midnight(text.parse().ok().or_else(|| compact(text))?, &self.job.zone))
    }
}
