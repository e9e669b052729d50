//! Judges a whole snapshot: every check, then every control, in one [`Assessment`].

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::check::{self, Check};
use super::controls::Framework;
use super::engine::{Answer, Engine, EngineError};
use super::finding::{Assessment, CollectionSummary, ControlStatus, Finding, Need, Period, Status};
use super::params::{Expression, Param};
use super::period::Span;
use super::run::{self, Circumstances, Derogation};
use super::soa::Soa;
use crate::place::FileError;
use crate::snapshot::manifest::Manifest;

/// What is judged, by what, and when.
pub struct Request<'a> {
    pub snapshot: &'a Path,
    pub framework: &'a Framework,
    pub checks: &'a [Check],
    pub soa: &'a Soa,
    /// Parameters set in the configuration, by check and name.
    pub params: &'a BTreeMap<String, BTreeMap<String, Expression>>,
    /// Checks that are not run, and why.
    pub skipped: &'a BTreeMap<String, String>,
    /// Systems outside the perimeter.
    pub outside: &'a [String],
    pub organisation: &'a str,
    pub as_of: Timestamp,
    pub period: &'a Span,
    pub zone: &'a TimeZone,
    /// IANA name of `zone`.
    pub zone_name: &'a str,
}

#[derive(Debug, thiserror::Error)]
pub enum AssessError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("{path}: {source}")]
    Manifest { path: String, source: std::io::Error },
}

/// Plans every query on empty tables, so that a mistake in a check file shows with its place before anything is judged.
pub fn validate(checks: &[Check]) -> Result<(), FileError> {
    let mut engine = Engine::empty();
    let epoch = Span { label: String::new(), start: Timestamp::UNIX_EPOCH, end: Timestamp::UNIX_EPOCH };
    for check in checks {
        let params = worked_out(check, None, Timestamp::UNIX_EPOCH, &epoch, &TimeZone::UTC)?;
        let refuse = |byte, message: String| FileError::at(&check.file, &check.source, byte, message);
        engine.set_params(&params).map_err(|error| refuse(0, error.to_string()))?;
        let mut columns: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (name, query) in check.queries() {
            let planned = engine.plan(&query.sql).map_err(|error| {
                let message = error.to_string();
                let place = check::locate(&check.source, query, &message);
                refuse(place, format!("the `{name}` query of check {} is not understood: {message}", check.id))
            })?;
            columns.insert(name, planned);
        }
        // One list of column names heads both lists of subjects.
        if let (Some(query), Some(of_undetermined)) = (&check.undetermined, columns.get("undetermined"))
            && columns.get("exceptions") != Some(of_undetermined)
        {
            let message =
                format!("`undetermined` of check {} must select the same columns as `exceptions`, in the same order", check.id);
            return Err(refuse(query.span.start, message));
        }
    }
    Ok(())
}

/// `as_of`, the period's ends, and the check's own parameters, the configuration's values winning.
fn worked_out(
    check: &Check,
    set: Option<&BTreeMap<String, Expression>>,
    as_of: Timestamp,
    period: &Span,
    zone: &TimeZone,
) -> Result<BTreeMap<String, Param>, FileError> {
    let mut params: BTreeMap<String, Param> = BTreeMap::from([
        ("as_of".to_owned(), Param::Time(as_of.into())),
        ("period_start".to_owned(), Param::Time(period.start.into())),
        ("period_end".to_owned(), Param::Time(period.end.into())),
    ]);
    for (name, (expression, at)) in &check.params {
        let expression = set.and_then(|set| set.get(name)).unwrap_or(expression);
        let value =
            expression.work_out(as_of, period, zone).map_err(|message| FileError::at(&check.file, &check.source, *at, message))?;
        params.insert(name.clone(), value);
    }
    Ok(params)
}

/// Judges.
pub fn assess(request: &Request<'_>) -> Result<Assessment, AssessError> {
    validate(request.checks)?;
    let manifest = Manifest::read(request.snapshot)
        .map_err(|source| AssessError::Manifest { path: request.snapshot.display().to_string(), source })?;
    let mut engine = Engine::open(request.snapshot)?;
    let collections = collections(&mut engine)?;
    let links = counted(&engine.ask("SELECT link_status, COUNT(*) AS n FROM accounts GROUP BY link_status")?);
    let mut by_system = counted(&engine.ask("SELECT system, COUNT(*) AS n FROM accounts GROUP BY system")?);
    by_system.retain(|system, _| request.outside.contains(system));
    engine.leave_out(request.outside)?;
    let derogations = derogations(&mut engine)?;
    engine.hold(request.snapshot, request.checks.iter().flat_map(Check::queries).map(|(_, query)| query.sql.as_str()))?;
    let now = Circumstances { today: request.zone.to_datetime(request.as_of).date().to_string(), derogations: &derogations };
    let mut findings = vec![];
    for check in request.checks {
        let params = worked_out(check, request.params.get(&check.id), request.as_of, request.period, request.zone)?;
        let needs = check.needs.iter().map(|(table, hours)| need(table, *hours, &collections, request.as_of)).collect();
        let mut finding = match request.skipped.get(&check.id) {
            None => run::judge(&mut engine, check, &params, needs, &now),
            Some(reason) => skipped(check, needs, reason),
        };
        finding.exceptions.sort_by(|a, b| a.key.cmp(&b.key));
        findings.push(finding);
    }
    Ok(Assessment {
        schema: "probant.assessment.v1".into(),
        tool_version: env!("CARGO_PKG_VERSION").into(),
        organisation: request.organisation.to_owned(),
        framework: request.framework.name.clone(),
        snapshot_id: manifest.id,
        as_of: request.as_of.to_string(),
        zone: request.zone_name.to_owned(),
        period: Period {
            label: request.period.label.clone(),
            start: request.period.start.to_string(),
            end: request.period.end.to_string(),
        },
        controls: controls(request, &findings),
        findings,
        collections,
        outside_perimeter: by_system,
        links,
        tables: manifest.tables.into_iter().map(|(name, table)| (name, table.rows)).collect(),
    })
}

fn skipped(check: &Check, needs: Vec<Need>, reason: &str) -> Finding {
    Finding {
        check_id: check.id.clone(),
        title: check.title.clone(),
        severity: check.severity,
        controls: check.controls.clone(),
        status: Status::Skipped,
        reason: super::finding::Text { fr: format!("Non exécuté : {reason}"), en: format!("Not run: {reason}") },
        rationale: check.rationale.clone(),
        remediation: check.remediation.clone(),
        counts: super::finding::Counts::default(),
        columns: vec![],
        exceptions: vec![],
        accepted: vec![],
        undetermined: vec![],
        expired_exceptions: vec![],
        needs,
        params: BTreeMap::new(),
        check_sha256: check.sha256.clone(),
    }
}

/// What the evidence of one table is worth. The oldest collection counts, and one that is missing or partial weakens all.
fn need(table: &str, max_age_hours: u64, collections: &[CollectionSummary], as_of: Timestamp) -> Need {
    let feeding: Vec<&CollectionSummary> = collections.iter().filter(|c| c.tables.iter().any(|t| t == table)).collect();
    let dates: Option<Vec<Timestamp>> = feeding.iter().map(|c| c.evidence_at.as_deref().and_then(|at| at.parse().ok())).collect();
    let oldest = feeding.iter().filter_map(|c| c.evidence_at.as_deref()).min().map(str::to_owned);
    // `collections` itself is written by every run: there is always one, as fresh as the run.
    let status = if table == "collections" {
        Status::Satisfied
    } else if oldest.is_none() {
        Status::NotCollected
    } else if feeding.iter().any(|c| !c.complete) {
        Status::Incomplete
    } else if dates.is_none_or(|dates| dates.iter().any(|at| older_than(*at, as_of, max_age_hours))) {
        Status::Stale
    } else {
        Status::Satisfied
    };
    Need {
        table: table.to_owned(),
        oldest_evidence_at: oldest,
        max_age_hours,
        collections: feeding.iter().map(|c| c.collection_id.clone()).collect(),
        status,
    }
}

fn older_than(at: Timestamp, as_of: Timestamp, hours: u64) -> bool {
    as_of.as_second().saturating_sub(at.as_second()) > i64::try_from(hours).unwrap_or(i64::MAX).saturating_mul(3600)
}

/// A control is as good as its worst check.
fn controls(request: &Request<'_>, findings: &[Finding]) -> Vec<ControlStatus> {
    let framework = &request.framework.controls;
    framework
        .iter()
        .map(|control| {
            let declared = request.soa.control.get(&control.id);
            let applicable = declared.is_none_or(|d| d.applicable);
            let speaking: Vec<&Finding> = findings.iter().filter(|f| f.controls.contains(&control.id)).collect();
            let status = if applicable {
                speaking.iter().map(|f| f.status).max().unwrap_or(Status::NoAutomatedEvidence)
            } else {
                Status::NotApplicable
            };
            ControlStatus {
                id: control.id.clone(),
                title: control.title.clone(),
                explanation: control.explanation.clone(),
                theme: control.theme.clone(),
                status,
                applicable,
                justification: declared.map(|d| d.justification.clone()),
                implementation: declared.and_then(|d| d.implementation).map(|i| i.word().to_owned()),
                owner: declared.and_then(|d| d.owner.clone()),
                checks: speaking.iter().map(|f| f.check_id.clone()).collect(),
                documents: declared.map(|d| d.documents.clone()).unwrap_or_default(),
            }
        })
        .collect()
}

fn counted(answer: &Answer) -> BTreeMap<String, u64> {
    let pair = |row: &Vec<Option<String>>| match row.as_slice() {
        [key, Some(n)] => Some((key.clone().unwrap_or_default(), n.parse().ok()?)),
        _ => None,
    };
    answer.rows.iter().filter_map(pair).collect()
}

/// A row of text cells read in the order of its SELECT list.
struct Cells(std::vec::IntoIter<Option<String>>);

impl Cells {
    fn opt(&mut self) -> Option<String> {
        self.0.next().flatten()
    }
    fn text(&mut self) -> String {
        self.opt().unwrap_or_default()
    }
    fn number(&mut self) -> u64 {
        self.text().parse().unwrap_or_default()
    }
}

fn derogations(engine: &mut Engine) -> Result<Vec<Derogation>, EngineError> {
    let answer = engine.ask(
        "SELECT exception_id, check_id, subject, approver, approved_on, expires_on, reason FROM exceptions ORDER BY exception_id",
    )?;
    Ok(answer
        .rows
        .into_iter()
        .map(|row| Cells(row.into_iter()))
        .map(|mut row| Derogation {
            id: row.text(),
            check: row.text(),
            subject: row.text(),
            approver: row.text(),
            approved_on: row.text(),
            expires_on: row.text(),
            reason: row.text(),
        })
        .collect())
}

/// Every collection with its arithmetic and the reasons of its rejects.
pub fn collections(engine: &mut Engine) -> Result<Vec<CollectionSummary>, EngineError> {
    let rejects = engine.ask("SELECT collection_id, reason, COUNT(*) AS n FROM rejects GROUP BY collection_id, reason")?;
    let mut reasons: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
    for mut row in rejects.rows.into_iter().map(|row| Cells(row.into_iter())) {
        reasons.entry(row.text()).or_default().push((row.text(), row.number()));
    }
    for of_one in reasons.values_mut() {
        of_one.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    }
    let answer = engine.ask(
        "SELECT collection_id, source, system, kind, tables, endpoint, evidence_at, evidence_at_basis, rows_seen, rows_kept, rows_rejected, server_count, complete, incomplete_reason, raw_sha256 FROM collections ORDER BY collection_id",
    )?;
    Ok(answer
        .rows
        .into_iter()
        .map(|row| Cells(row.into_iter()))
        .map(|mut row| {
            let collection_id = row.text();
            CollectionSummary {
                reject_reasons: reasons.remove(&collection_id).unwrap_or_default(),
                collection_id,
                source: row.text(),
                system: row.text(),
                kind: row.text(),
                tables: row.text().split(';').filter(|t| !t.is_empty()).map(str::to_owned).collect(),
                endpoint: row.text(),
                evidence_at: row.opt(),
                evidence_at_basis: row.text(),
                rows_seen: row.number(),
                rows_kept: row.number(),
                rows_rejected: row.number(),
                server_count: row.opt().and_then(|n| n.parse().ok()),
                complete: row.text() == "true",
                incomplete_reason: row.opt(),
                raw_sha256: row.opt(),
            }
        })
        .collect())
}
