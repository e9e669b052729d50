//! One source's reading as a row of `collections`: its arithmetic, and when its content was true.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use regex::Regex;

use super::run::Job;
use crate::snapshot::schema::Collection;
use crate::snapshot::value::Micros;
use crate::sources::Reading;

/// Midnight of a day in a zone.
pub(super) fn midnight(date: Date, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_timestamp(date.at(0, 0, 0, 0)).ok()
}

/// A count as the tables hold it.
pub(super) fn count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// One source's reading, on its way into `collections`.
pub(super) struct Frozen<'a> {
    pub(super) job: &'a Job,
    pub(super) id: &'a str,
    pub(super) reading: &'a Reading,
    /// As JSON, without the configuration's folder.
    pub(super) query: String,
    pub(super) rejected: u64,
    pub(super) captured: Option<String>,
    pub(super) started: Timestamp,
    pub(super) ended: Timestamp,
}

impl Frozen<'_> {
    /// Owned: it outlives what it was made from.
    pub(super) fn row(&self) -> Collection<'static> {
        let (at, basis) = self.evidence_at();
        let arithmetic = self.reading.rows_seen == self.reading.rows_kept + self.rejected;
        let reason = self.reading.incomplete.clone().or_else(|| {
            (!arithmetic).then(|| {
                format!("{} rows seen, but {} kept and {} rejected", self.reading.rows_seen, self.reading.rows_kept, self.rejected)
            })
        });
        let reasons: Vec<String> = reason.into_iter().chain(self.all_rejected()).chain(self.undated(basis)).collect();
        let reason = (!reasons.is_empty()).then(|| reasons.join("; "));
        Collection {
            collection_id: self.id.to_owned().into(),
            source: self.job.id.clone().into(),
            system: self.job.system.clone().into(),
            kind: self.job.kind.into(),
            tables: self.job.source.tables().into_iter().map(Into::into).collect(),
            started: self.started.into(),
            ended: self.ended.into(),
            evidence_at: at.map(Micros::from),
            evidence_at_basis: basis.into(),
            identity: self.reading.identity.clone().map(Into::into),
            endpoint: self.reading.endpoint.clone().into(),
            query: self.query.clone().into(),
            pages: count(self.reading.pages),
            rows_seen: count(self.reading.rows_seen),
            rows_kept: count(self.reading.rows_kept),
            rows_rejected: count(self.rejected),
            server_count: self.reading.server_count.map(count),
            details: serde_json::json!(self.reading.details).to_string().into(),
            complete: reason.is_none(),
            incomplete_reason: reason.map(Into::into),
            raw_sha256: self.captured.clone().map(Into::into),
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
        if let Some(at) = self.job.evidence_from_name.as_ref().and_then(|pattern| self.date_in_name(pattern)) {
            return (Some(at), "file_name");
        }
        match self.reading.modified_at {
            Some(at) => (Some(at), "mtime"),
            None => (Some(self.ended), "harvest"),
        }
    }

    /// Rows that were all refused are no empty source: without this, the checks would find nothing to judge, and say no more.
    fn all_rejected(&self) -> Option<String> {
        (self.reading.rows_kept == 0 && self.rejected > 0)
            .then(|| format!("not one of the {} rows could be read: correct what their reasons name", self.rejected))
    }

    /// A declared date that is not in the name: what stands in for it would make the evidence look fresher than it may be.
    fn undated(&self, basis: &str) -> Option<String> {
        let pattern = self.job.evidence_from_name.as_ref()?;
        matches!(basis, "mtime" | "harvest").then(|| {
            format!(
                "evidence_from_name (`{pattern}`) finds no date in the names of the files read: correct it, or declare evidence_at"
            )
        })
    }

    fn date_in_name(&self, pattern: &Regex) -> Option<Timestamp> {
        // The endpoint may be a pattern such as roster-*.csv; the files read stand in the query.
        let found = pattern.captures(&self.reading.endpoint).or_else(|| pattern.captures(&self.query))?;
        let text = found.get(1)?.as_str();
        let compact = |text: &str| Date::strptime("%Y%m%d", text).ok();
        text.parse().ok().or_else(|| midnight(text.parse().ok().or_else(|| compact(text))?, &self.job.zone))
    }
}
