//! Runs the plan: reads every source into one new snapshot and publishes it.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use hashbrown::HashMap;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use regex::Regex;

use super::correlation::Correlation;
use super::declarations::{Declarations, Exceptions, Register};
use super::frozen::Frozen;
use super::link::Roster;
use super::sink::{CollectionSink, Shared};
use super::witness::Witness;
use crate::context::Context;
use crate::snapshot::manifest::{self, Manifest};
use crate::snapshot::schema::Collection;
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
    /// Closed access reviews, where there are any.
    pub witness: Option<Box<dyn Witness>>,
}

impl Plan {
    /// A message without the folder that all paths start from: outputs must not depend on where the configuration lies.
    fn without_base(&self, message: &str) -> String {
        let base = self.base.display().to_string();
        if base.is_empty() || base == "." { message.to_owned() } else { message.replace(&format!("{base}/"), "") }
    }
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
            register: plan.declarations.as_ref().map(|(_, declared)| Register::new(declared)).unwrap_or_default(),
            assets: HashMap::new(),
            links: BTreeMap::new(),
            federated: plan.jobs.iter().any(|job| job.kind == "keycloak").then(HashMap::new),
        },
    };
    let jobs = run.in_order();
    let mut outcomes = vec![];
    let mut collections = vec![];
    let mut open_roster = true;
    for (at, job) in jobs.iter().enumerate() {
        if open_roster && !feeds(job, "people") {
            run.shared.roster.close();
            open_roster = false;
        }
        progress.started(&job.id, at + 1, jobs.len());
        let (outcome, collection) = run.collect(job, progress).map_err(write)?;
        progress.ended(&outcome);
        collections.push(collection);
        outcomes.push(outcome);
    }
    run.declared().map_err(write)?;
    run.derogations().map_err(write)?;
    run.testimony(&collections).map_err(write)?;
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
pub(super) struct Run<'a> {
    pub(super) plan: &'a Plan,
    pub(super) context: &'a Context,
    pub(super) snapshot: &'a str,
    pub(super) raw: PathBuf,
    pub(super) shared: Shared,
}

impl<'a> Run<'a> {
    /// People first, then assets, then the rest: links need both. Identity providers last: they federate directories.
    fn in_order(&self) -> Vec<&'a Job> {
        let mut jobs: Vec<&Job> = self.plan.jobs.iter().collect();
        let rank = |job: &Job| match job.kind {
            _ if feeds(job, "people") => 0,
            _ if feeds(job, "assets") => 1,
            "keycloak" => 3,
            _ => 2,
        };
        jobs.sort_by(|a, b| (rank(a), &a.id).cmp(&(rank(b), &b.id)));
        jobs
    }

    /// Reads one source. Only a store that cannot be written is an error here.
    fn collect(&mut self, job: &Job, progress: &mut dyn Progress) -> io::Result<(Outcome, Collection<'static>)> {
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
            witness: self.plan.witness.as_deref(),
            records: 0,
            rejects: BTreeMap::new(),
        };
        let result = match &job.skip {
            Some(reason) => Err(reason.clone()),
            None => match job.source.harvest(&request, &mut sink, &mut capture) {
                Ok(reading) => Ok(reading),
                Err(SourceError::Sink(error)) => return Err(error.0),
                Err(SourceError::Capture(error)) => return Err(error),
                Err(error) => Err(self.plan.without_base(&error.to_string())),
            },
        };
        let (records, rejected) = (sink.records, sink.rejects.values().sum::<u64>());
        let failed = result.is_err() && job.skip.is_none();
        let captured = if result.is_ok() { Some(capture.finish()?.sha256) } else { None };
        let mut reading = result.unwrap_or_else(|reason| Reading {
            endpoint: job.id.clone(),
            rows_seen: records + rejected,
            rows_kept: records,
            incomplete: Some(reason),
            ..Reading::default()
        });
        reading.endpoint = self.plan.without_base(&reading.endpoint);
        reading.incomplete = reading.incomplete.map(|reason| self.plan.without_base(&reason));
        let query = self.plan.without_base(&reading.query.to_string());
        let collection =
            Frozen { job, id: &collection_id, reading: &reading, query, rejected, captured, started, ended: self.context.now() };
        let row = collection.row();
        self.shared.tables.push(&row.clone().into(), "")?;
        let outcome = Outcome {
            source: job.id.clone(),
            rows_seen: reading.rows_seen,
            rows_kept: reading.rows_kept,
            rows_rejected: rejected,
            complete: reading.incomplete.is_none() && reading.rows_seen == reading.rows_kept + rejected,
            reason: reading.incomplete.clone(),
            failed,
        };
        Ok((outcome, row))
    }
}
