//! Runs the plan: reads every source into one new snapshot and publishes it.

use std::io;
use std::path::PathBuf;
use std::sync::Mutex;

use hashbrown::HashMap;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use regex::Regex;

use super::correlation::Correlation;
use super::declarations::{Declarations, Exceptions, Register};
use super::link::Roster;
use super::reading::{Ended, Reader, Turn, read};
use super::sink::Known;
use super::witness::Witness;
use crate::context::Context;
use crate::disk;
use crate::snapshot::manifest::{self, Manifest};
use crate::snapshot::schema::Collection;
use crate::snapshot::writer::TablesWriter;
use crate::sources::Source;
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
    /// Sources read at once, at least one. What the snapshot holds does not depend on it.
    pub parallel: usize,
    /// Closed access reviews, where there are any.
    pub witness: Option<Box<dyn Witness>>,
}

impl Plan {
    /// A message without the folder that all paths start from: outputs must not depend on where the configuration lies.
    pub(super) fn without_base(&self, message: &str) -> String {
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
    #[error("the snapshot could not be written to {}: {source}{}", folder.display(), disk::hint(source))]
    Write { folder: PathBuf, source: io::Error },
}

/// What a harvest tells while it goes: of several sources at once, from their threads.
pub trait Progress: Send {
    fn started(&mut self, source: &str, at: usize, of: usize);
    fn rows(&mut self, source: &str, rows_seen: u64);
    /// In the order of the sources, whichever ended first.
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
        tables,
        known: Known {
            roster: Roster::new(plan.correlation.clone()),
            register: plan.declarations.as_ref().map(|(_, declared)| Register::new(declared)).unwrap_or_default(),
            assets: HashMap::new(),
            federated: plan.jobs.iter().any(|job| job.kind == "keycloak").then(HashMap::new),
        },
    };
    let (outcomes, collections) = run.sources(progress).map_err(write)?;
    run.declared().map_err(write)?;
    run.derogations().map_err(write)?;
    run.testimony(&collections).map_err(write)?;
    let unmet_declarations = run.known.register.unmet();
    let rows = run.tables.finish().map_err(write)?;
    Manifest::make(&temporary, &id, plan.as_of, &plan.organisation, &rows).and_then(|m| m.write(&temporary)).map_err(write)?;
    let folder = store.publish("snapshot", context.now(), &name, serde_json::json!({ "rows": rows }))?;
    Ok(Harvested { id, folder, outcomes, unmet_declarations })
}

fn feeds(job: &Job, table: &str) -> bool {
    job.source.tables().contains(&table)
}

/// People first, then assets, then the rest: links need both. Identity providers last: they federate directories.
fn rank(job: &Job) -> u8 {
    match job.kind {
        _ if feeds(job, "people") => 0,
        _ if feeds(job, "assets") => 1,
        "keycloak" => 3,
        _ => 2,
    }
}

/// The state of one harvest.
pub(super) struct Run<'a> {
    pub(super) plan: &'a Plan,
    pub(super) context: &'a Context,
    pub(super) snapshot: &'a str,
    pub(super) raw: PathBuf,
    pub(super) tables: TablesWriter,
    pub(super) known: Known,
}

impl Run<'_> {
    /// Reads every source, group by group: a group rests on what those before it told. Only a store that cannot be written is an
    /// error here.
    fn sources(&mut self, progress: &mut dyn Progress) -> io::Result<(Vec<Outcome>, Vec<Collection<'static>>)> {
        let mut jobs: Vec<&Job> = self.plan.jobs.iter().collect();
        jobs.sort_by(|a, b| (rank(a), &a.id).cmp(&(rank(b), &b.id)));
        let turns: Vec<Turn<'_>> = (1..).zip(&jobs).map(|(at, job)| Turn { job, at, of: jobs.len() }).collect();
        let progress = Mutex::new(progress);
        let (mut outcomes, mut collections) = (vec![], vec![]);
        let mut open_roster = true;
        for group in turns.chunk_by(|a, b| rank(a.job) == rank(b.job)) {
            if open_roster && group.first().is_some_and(|turn| rank(turn.job) > 0) {
                self.known.roster.close();
                open_roster = false;
            }
            let reader = Reader {
                plan: self.plan,
                context: self.context,
                snapshot: self.snapshot,
                raw: &self.raw,
                known: &self.known,
                progress: &progress,
            };
            for Ended { outcome, collection, learned } in read(&reader, group, &mut self.tables)? {
                self.known.learn(learned);
                outcomes.push(outcome);
                collections.push(collection);
            }
        }
        Ok((outcomes, collections))
    }
}
