//! From the fields of a record to a job: codes into words, and one line for a job that several exports show.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::fields::{Fields, number};
use crate::snapshot::ids;
use crate::snapshot::schema::BackupJob;
use crate::snapshot::value::Micros;

/// Jobs held at once; about 150 bytes each. The busiest masters keep some hundred thousand.
pub(super) const MAX_JOBS: usize = 5_000_000;
/// 9999-12-31T23:59:59Z; beyond, a field is no instant.
const MAX_SECONDS: u64 = 253_402_300_799;

/// A job as last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Job {
    id: u64,
    parent: Option<u64>,
    kind: u64,
    state: Option<u64>,
    status: Option<i64>,
    client: Arc<str>,
    policy: Option<Arc<str>>,
    started: Option<i64>,
    ended: Option<i64>,
    kilobytes: Option<i64>,
    backup_id: Option<Box<str>>,
}

/// All jobs by number, so that daily exports that overlap give each job once.
#[derive(Debug, Default)]
pub(super) struct Jobs {
    by_number: BTreeMap<u64, Job>,
    names: BTreeSet<Arc<str>>,
    /// Fields that were not UTF-8 and were read as Windows-1252.
    pub(super) windows_1252: u64,
    /// Records that another record of the same job replaced.
    pub(super) superseded: u64,
    /// Newest instant seen, in seconds since 1970.
    pub(super) newest: Option<i64>,
}

impl Jobs {
    pub(super) fn len(&self) -> usize {
        self.by_number.len()
    }

    /// Takes a record, or says why it is refused.
    pub(super) fn add(&mut self, fields: &Fields) -> Result<(), String> {
        let job = self.job(fields)?;
        self.newest = self.newest.max(job.ended).max(job.started);
        match self.by_number.get_mut(&job.id) {
            None => {
                self.by_number.insert(job.id, job);
            }
            Some(known) if !same_job(known, &job) => {
                return Err(format!(
                    "job {} was already read with another client, policy or type: one source is one master server, and its job numbers are not reused",
                    job.id
                ));
            }
            Some(known) => {
                self.superseded += 1;
                let replaced = if rank(&job) >= rank(known) { std::mem::replace(known, job) } else { job };
                known.complete(replaced);
            }
        }
        Ok(())
    }

    fn job(&mut self, fields: &Fields) -> Result<Job, String> {
        let id = whole(fields, 1, "job id")?.ok_or("field 1 (job id) is empty")?;
        let state = whole(fields, 3, "state")?;
        let parent = number(fields.parent()).filter(|parent| *parent != 0 && *parent != id);
        let kilobytes = match fields.head(15) {
            [] => fields.try_kilobytes.as_deref().unwrap_or_default(),
            field => field,
        };
        let kilobytes =
            if kilobytes.is_empty() { None } else { Some(number(kilobytes).ok_or("field 15 (kilobytes) is not a number")?) };
        let client = self.text(fields.head(7));
        let policy = self.text(fields.head(5));
        let backup_id = self.text(fields.backup_id());
        Ok(Job {
            id,
            parent,
            kind: whole(fields, 2, "type")?.unwrap_or(u64::MAX),
            state,
            status: whole(fields, 4, "status")?.map(|status| i64::try_from(status).unwrap_or(i64::MAX)),
            client: self.name(&ids::host(&client)),
            policy: (!policy.is_empty()).then(|| self.name(&policy)),
            started: instant(fields, 9, "start")?,
            ended: instant(fields, 11, "end")?,
            kilobytes: kilobytes.map(|k| i64::try_from(k).unwrap_or(i64::MAX)),
            backup_id: (!backup_id.is_empty()).then(|| backup_id.into()),
        })
    }

    /// Text of a field: UTF-8, else Windows-1252, in which every byte string can be read.
    fn text(&mut self, field: &[u8]) -> String {
        let field = field.trim_ascii();
        if let Ok(text) = std::str::from_utf8(field) {
            return text.to_owned();
        }
        self.windows_1252 += 1;
        encoding_rs::WINDOWS_1252.decode_without_bom_handling(field).0.into_owned()
    }

    /// One copy of each client and policy.
    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.names.insert(Arc::clone(&name));
        name
    }

    /// The rows, by job number.
    pub(super) fn rows<'a>(&'a self, system: &'a str) -> impl Iterator<Item = BackupJob<'a>> {
        self.by_number.values().map(move |job| job.row(system))
    }
}

impl Job {
    /// Takes from another record of the same job what this one leaves out of what never changes: whom and what it is about.
    fn complete(&mut self, other: Self) {
        if self.client.is_empty() {
            self.client = other.client;
        }
        if self.kind == u64::MAX {
            self.kind = other.kind;
        }
        self.policy = self.policy.take().or(other.policy);
        self.parent = self.parent.or(other.parent);
        self.backup_id = self.backup_id.take().or(other.backup_id);
    }

    fn row(&self, system: &str) -> BackupJob<'_> {
        BackupJob {
            job_id: ids::object(system, &self.id.to_string()).into(),
            parent_id: self.parent.map(|parent| ids::object(system, &parent.to_string()).into()),
            tool: "netbackup".into(),
            client: (&*self.client).into(),
            policy: self.policy.as_deref().map(Into::into),
            job_type: job_type(self.kind).into(),
            state: state(self.state).into(),
            status_code: self.status,
            outcome: outcome(self.state, self.status).into(),
            started: self.started.map(|seconds| Micros(seconds * Micros::SECOND)),
            ended: self.ended.map(|seconds| Micros(seconds * Micros::SECOND)),
            bytes: self.kilobytes.map(|kilobytes| kilobytes.saturating_mul(1024)),
            backup_ref: self.backup_id.as_deref().map(Into::into),
        }
    }
}

/// Job types. An archive deletes what it copies, a snapshot stays on the machine it protects, and an instant recovery or a catalog
/// recovery is no test: none of them passes for a backup or a restore.
fn job_type(code: u64) -> &'static str {
    match code {
        0 | 22 => "backup",
        2 => "restore",
        3 => "verify",
        4 => "duplicate",
        6 => "catalog",
        17 => "cleanup",
        _ => "other",
    }
}

const DONE: u64 = 3;

fn state(code: Option<u64>) -> &'static str {
    match code {
        Some(0) => "queued",
        Some(1) => "active",
        Some(2) => "requeued",
        Some(DONE) => "done",
        Some(4) => "suspended",
        Some(5) => "incomplete",
        _ => "unknown",
    }
}

/// Only a job that is done and has a status has an outcome. Status 1 is "the requested operation was partially successful".
fn outcome(state: Option<u64>, status: Option<i64>) -> &'static str {
    match (state, status) {
        (Some(DONE), Some(0)) => "success",
        (Some(DONE), Some(1)) => "partial",
        (Some(DONE), Some(_)) => "failed",
        _ => "unknown",
    }
}

/// Whether two records of one number can be one job: what one does not know yet, the other may.
fn same_job(a: &Job, b: &Job) -> bool {
    let client = a.client.is_empty() || b.client.is_empty() || a.client == b.client;
    let policy = a.policy.is_none() || b.policy.is_none() || a.policy == b.policy;
    client && policy && (a.kind == b.kind || a.kind == u64::MAX || b.kind == u64::MAX)
}

/// A later record of a job is one that is done, or ended later; between equals, the one read last.
fn rank(job: &Job) -> (bool, Option<i64>) {
    (job.state == Some(DONE), job.ended)
}

fn whole(fields: &Fields, index: usize, name: &str) -> Result<Option<u64>, String> {
    let field = fields.head(index);
    if field.trim_ascii().is_empty() {
        return Ok(None);
    }
    number(field).map(Some).ok_or_else(|| format!("field {index} ({name}) is not a number"))
}

/// Seconds since 1970; 0 is "not yet".
fn instant(fields: &Fields, index: usize, name: &str) -> Result<Option<i64>, String> {
    match whole(fields, index, name)? {
        None | Some(0) => Ok(None),
        Some(seconds) if seconds <= MAX_SECONDS => Ok(i64::try_from(seconds).ok()),
        Some(seconds) => Err(format!("field {index} ({name}) is no instant: {seconds} seconds since 1970 is after the year 9999")),
    }
}
