//! Sources of one group, read at once: each on its own thread, their rows written in the order of the group.
//!
//! The source whose turn it is streams into the tables; the others run ahead by a batch or two and wait. So memory is bounded, and
//! which one was faster shows nowhere. Threads take sources in order, so the one whose turn it is has always been begun.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use super::frozen::Frozen;
use super::run::{Job, Outcome, Plan, Progress};
use super::sink::{CollectionSink, Known, Learned};
use crate::context::Context;
use crate::snapshot::feed::{Feed, Frame};
use crate::snapshot::schema::Collection;
use crate::snapshot::writer::TablesWriter;
use crate::sources::{RawCapture, Reading, Request, SourceError};
use crate::store::raw::Capture;

/// A source and its place among all.
pub(super) struct Turn<'a> {
    pub(super) job: &'a Job,
    pub(super) at: usize,
    pub(super) of: usize,
}

/// How reading a source ended, and what it taught.
pub(super) struct Ended {
    pub(super) outcome: Outcome,
    pub(super) collection: Collection<'static>,
    pub(super) learned: Learned,
}

/// What comes from the thread that reads a source.
enum Part {
    Rows(Frame),
    /// The last. An error: the store cannot be written.
    End(Box<io::Result<Ended>>),
}

/// What every thread of a harvest needs.
pub(super) struct Reader<'a, 'p> {
    pub(super) plan: &'a Plan,
    pub(super) context: &'a Context,
    pub(super) snapshot: &'a str,
    pub(super) raw: &'a Path,
    pub(super) known: &'a Known,
    pub(super) progress: &'a Mutex<&'p mut dyn Progress>,
}

/// Reads a group of sources.
pub(super) fn read(reader: &Reader<'_, '_>, group: &[Turn<'_>], tables: &mut TablesWriter) -> io::Result<Vec<Ended>> {
    let (ends, starts): (Vec<_>, Vec<_>) = group
        .iter()
        .map(|turn| {
            let (to, from) = sync_channel(1);
            (from, (turn, to))
        })
        .unzip();
    let queue = Mutex::new(starts.into_iter());
    let given_up = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..reader.plan.parallel.clamp(1, group.len()) {
            thread::Builder::new().name("source".to_owned()).spawn_scoped(scope, || {
                while let Some((turn, to)) = next(&queue).filter(|_| !given_up.load(Ordering::Relaxed)) {
                    let ended = reader.collect(turn, &to);
                    // The other end is gone when the harvest has failed, and says why.
                    let _sent = to.send(Part::End(Box::new(ended)));
                }
            })?;
        }
        let ended = ends.into_iter().map(|from| {
            let ended = drain(&from, tables)?;
            reader.progress().ended(&ended.outcome);
            Ok(ended)
        });
        let ended = ended.collect();
        given_up.store(true, Ordering::Relaxed);
        ended
    })
}

fn next<T>(queue: &Mutex<std::vec::IntoIter<T>>) -> Option<T> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).next()
}

/// Writes what one source gives, to its end.
fn drain(from: &Receiver<Part>, tables: &mut TablesWriter) -> io::Result<Ended> {
    for part in from {
        match part {
            Part::Rows(frame) => tables.take(frame)?,
            Part::End(ended) => return *ended,
        }
    }
    Err(io::Error::other("the thread that read a source ended early"))
}

impl RawCapture for Capture {
    fn restart(&mut self) -> io::Result<()> {
        self.restart()
    }
}

impl<'p> Reader<'_, 'p> {
    fn progress(&self) -> MutexGuard<'_, &'p mut dyn Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads one source. Only a store that cannot be written is an error here.
    fn collect(&self, turn: &Turn<'_>, to: &SyncSender<Part>) -> io::Result<Ended> {
        let job = turn.job;
        self.progress().started(&job.id, turn.at, turn.of);
        let collection_id = format!("{}@{}", job.id, self.snapshot);
        let started = self.context.now();
        let mut send = |frame| to.send(Part::Rows(frame)).map_err(|_gone| io::Error::other("the harvest has ended"));
        let mut shown = |rows: u64| self.progress().rows(&job.id, rows);
        let mut capture = Capture::start(self.raw, &job.id)?;
        let mut sink = CollectionSink {
            known: self.known,
            learned: Learned::default(),
            feed: Feed::new(&collection_id),
            to: &mut send,
            progress: &mut shown,
            witness: self.plan.witness.as_deref(),
            records: 0,
            rejects: 0,
        };
        let result = match &job.skip {
            Some(reason) => Err(reason.clone()),
            None => self.harvest(job, &mut sink, &mut capture)?,
        };
        let CollectionSink { mut feed, learned, records, rejects, .. } = sink;
        feed.rest()?.into_iter().try_for_each(&mut send)?;
        let failed = result.is_err() && job.skip.is_none();
        let captured = if result.is_ok() { Some(capture.finish()?.sha256) } else { None };
        let mut reading = result.unwrap_or_else(|reason| Reading {
            endpoint: job.id.clone(),
            rows_seen: records + rejects,
            rows_kept: records,
            incomplete: Some(reason),
            ..Reading::default()
        });
        reading.endpoint = self.plan.without_base(&reading.endpoint);
        reading.incomplete = reading.incomplete.map(|reason| self.plan.without_base(&reason));
        let query = self.plan.without_base(&reading.query.to_string());
        let frozen = Frozen {
            job,
            id: &collection_id,
            reading: &reading,
            query,
            rejected: rejects,
            captured,
            started,
            ended: self.context.now(),
        };
        let mut own = Feed::new("");
        let collection = frozen.row();
        own.push(&collection.clone().into())?;
        own.rest()?.into_iter().try_for_each(&mut send)?;
        let outcome = Outcome {
            source: job.id.clone(),
            rows_seen: reading.rows_seen,
            rows_kept: reading.rows_kept,
            rows_rejected: rejects,
            complete: reading.incomplete.is_none() && reading.rows_seen == reading.rows_kept + rejects,
            reason: reading.incomplete.clone(),
            failed,
        };
        Ok(Ended { outcome, collection, learned })
    }

    /// Lets the source read. The inner error is why it could not, for people.
    fn harvest(&self, job: &Job, sink: &mut CollectionSink<'_>, capture: &mut Capture) -> io::Result<Result<Reading, String>> {
        let request = Request {
            source: job.id.clone(),
            system: job.system.clone(),
            zone: job.zone.clone(),
            as_of: self.plan.as_of,
            base: self.plan.base.clone(),
        };
        // What a panic leaves half done is only read for what it counted.
        let read = catch_unwind(AssertUnwindSafe(|| job.source.harvest(&request, sink, capture)));
        match read {
            Ok(Ok(reading)) => Ok(Ok(reading)),
            Ok(Err(SourceError::Sink(error))) => Err(error.0),
            Ok(Err(SourceError::Capture(error))) => Err(error),
            Ok(Err(error)) => Ok(Err(self.plan.without_base(&error.to_string()))),
            Err(_panic) => Ok(Err("reading it ended in a defect of Probant, which said more above: please report it".to_owned())),
        }
    }
}
