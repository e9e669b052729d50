//! Access reviews beside a harvest: closed campaigns are a source too. They give the decisions, and the state of every
//! revocation as this very harvest shows it.
//!
//! The harvest knows nothing of campaigns: it lets a [`Witness`] watch the rows go by, and takes its rows at the end.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::frozen::count;
use super::run::Run;
use super::sink::refused;
use crate::snapshot::schema::{Account, Collection, Grant, Record, Reject};
use crate::snapshot::value::Micros;
use crate::store::raw::Capture;

/// Who watches a harvest and has rows of their own to add when every source was read. Called from any thread.
pub trait Witness: Send + Sync {
    /// Whether an account, or what it holds, is to be shown. Asked of every row: it must be quick.
    fn wants(&self, account_id: &str) -> bool;
    fn account(&self, account: &Account<'_>);
    fn grant(&self, grant: &Grant<'_>);
    fn reject(&self, reject: &Reject<'_>);
    /// What there is to add, once the collections of every source are known.
    fn testimony(&self, snapshot_id: &str, collections: &[Collection<'static>]) -> Testimony;
}

/// Rows that a witness adds, and what they rest on.
#[derive(Debug, Default)]
pub struct Testimony {
    /// Where it was read, relative to the store.
    pub endpoint: String,
    /// What was read: files with their SHA-256.
    pub query: serde_json::Value,
    /// The files' bytes, for the raw capture.
    pub bytes: Vec<u8>,
    /// Lines read: rows kept and rows refused.
    pub rows: Vec<Record<'static>>,
    /// Campaigns that could not be read, and why. The collection is incomplete then.
    pub refused: Vec<String>,
    pub details: BTreeMap<String, u64>,
}

/// Name, kind and system of the collection.
const CAMPAIGNS: &str = "campaigns";

impl Run<'_> {
    /// The rows of closed campaigns, as a collection of its own; none without closed campaigns.
    pub(super) fn testimony(&mut self, collections: &[Collection<'static>]) -> io::Result<()> {
        let Some(witness) = &self.plan.witness else { return Ok(()) };
        let testimony = witness.testimony(self.snapshot, collections);
        let id = format!("{CAMPAIGNS}@{}", self.snapshot);
        let kept = testimony.rows.len() as u64;
        let rejected = testimony.refused.len() as u64;
        self.tables.all(&id, testimony.rows)?;
        self.tables.all(&id, (1_u64..).zip(&testimony.refused).map(|(n, reason)| refused(n, reason, "")))?;
        let mut capture = Capture::start(&self.raw, CAMPAIGNS)?;
        capture.write_all(&testimony.bytes)?;
        let captured = capture.finish()?;
        let now = Micros::from(self.context.now());
        let row = Collection {
            collection_id: id.into(),
            source: CAMPAIGNS.into(),
            system: "probant".into(),
            kind: CAMPAIGNS.into(),
            tables: vec!["decisions".into(), "remediations".into()],
            started: now,
            ended: now,
            evidence_at: Some(now),
            evidence_at_basis: "harvest".into(),
            endpoint: testimony.endpoint.into(),
            query: testimony.query.to_string().into(),
            pages: 1,
            rows_seen: count(kept + rejected),
            rows_kept: count(kept),
            rows_rejected: count(rejected),
            details: serde_json::json!(testimony.details).to_string().into(),
            complete: testimony.refused.is_empty(),
            incomplete_reason: testimony.refused.first().cloned().map(Into::into),
            raw_sha256: Some(captured.sha256.into()),
            tool_version: env!("CARGO_PKG_VERSION").into(),
            ..Collection::default()
        };
        self.tables.all("", [row.into()])
    }
}
