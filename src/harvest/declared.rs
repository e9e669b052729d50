//! The two files that people write by hand, as collections: declarations and derogations.

use std::fs;
use std::io;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::declarations::{Derogation, Exceptions, date};
use super::frozen::{count, midnight};
use super::run::Run;
use super::sink::refused;
use crate::snapshot::schema::{Collection, DECLARATION, Decision, Exception, Record};
use crate::snapshot::value::{Days, Micros};
use crate::store::raw::Capture;

impl Run<'_> {
    /// Privileged rights justified by declaration become decisions, once both sides of each are known.
    pub(super) fn declared(&mut self) -> io::Result<()> {
        let Some((path, declarations)) = &self.plan.declarations else { return Ok(()) };
        let mut file =
            DeclaredFile::open(path, "declarations", "decisions", (declarations.confirmed_on.as_ref(), &self.plan.zone))?;
        file.seen = (declarations.link.len() + declarations.account.len() + declarations.privileged.len()) as u64;
        let id = format!("declarations@{}", self.snapshot);
        let mut rows = vec![];
        for (n, (right, pairs)) in (1_u64..).zip(self.known.register.rights()) {
            let campaign = format!("{DECLARATION} {}", right.decided_on);
            if pairs.is_empty() {
                file.rejects.push((
                    n,
                    format!("no source shows the account {} {} or a right named {}", right.system, right.login, right.entitlement),
                ));
            }
            for (account, entitlement) in pairs {
                rows.push(Decision {
                    campaign_id: campaign.clone().into(),
                    campaign_kind: DECLARATION.into(),
                    system: right.system.clone().into(),
                    privileged: Some(true),
                    item_id: format!("{account} {entitlement}").into(),
                    reviewer_id: self.known.roster.person(&right.approver).unwrap_or(&right.approver).to_owned().into(),
                    account_id: account.to_owned().into(),
                    entitlement_id: Some(entitlement.to_owned().into()),
                    decision: "keep".into(),
                    justification: Some(right.justification.clone().into()),
                    decided_at: date(&right.decided_on).and_then(|d| midnight(d, &self.plan.zone)).map(Micros::from),
                });
            }
        }
        self.tables.all(&id, rows.into_iter().map(Record::from))?;
        self.close_declared(&file, &id)
    }

    /// Derogations become the `exceptions` table. One without usable dates is refused: it would never end.
    pub(super) fn derogations(&mut self) -> io::Result<()> {
        let Some((path, exceptions)) = &self.plan.exceptions else { return Ok(()) };
        let mut file = DeclaredFile::open(path, "exceptions", "exceptions", (None, &self.plan.zone))?;
        file.seen = exceptions.exception.len() as u64;
        let id = format!("exceptions@{}", self.snapshot);
        let mut rows = vec![];
        for (n, derogation) in (1_u64..).zip(&exceptions.exception) {
            match exception(derogation) {
                Some(row) => rows.push(Record::from(row)),
                None => file
                    .rejects
                    .push((n, format!("{}: approved_on and expires_on must be dates such as 2026-12-31", derogation.id))),
            }
        }
        self.tables.all(&id, rows)?;
        self.close_declared(&file, &id)
    }

    fn close_declared(&mut self, file: &DeclaredFile, id: &str) -> io::Result<()> {
        self.tables.all(id, file.rejects.iter().map(|(row, reason)| refused(*row, reason, "")))?;
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
            endpoint: file.path.strip_prefix(&self.plan.base).unwrap_or(file.path).display().to_string().into(),
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
        self.tables.all("", [row.into()])
    }
}

/// The derogations that have usable dates, as rows.
#[must_use]
pub fn exceptions(declared: &Exceptions) -> Vec<Exception<'_>> {
    declared.exception.iter().filter_map(exception).collect()
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
    fn open(
        path: &'a Path,
        kind: &'static str,
        table: &'static str,
        (at, zone): (Option<&toml::value::Datetime>, &TimeZone),
    ) -> io::Result<Self> {
        let at = at.and_then(date).and_then(|date| midnight(date, zone));
        Ok(Self { path, kind, table, bytes: fs::read(path)?, at, seen: 0, rejects: vec![] })
    }
}
