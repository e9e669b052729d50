//! `kind = "table"`: any export that can be cut into rows becomes records through a declared mapping.
//!
//! The way of a row: a reader of `readers` cuts it out of the file, `columns` knows which cell is meant, `field` and `convert`
//! make values of its cells, `records` and `operations` make records of the values. `plan` has checked all of it before a file
//! was opened. Nothing is guessed: a word, a date or a column that the mapping does not explain rejects the row or the file,
//! with the reason.

mod capture;
mod catalog;
mod cell;
mod columns;
mod condition;
mod config;
mod convert;
mod field;
mod fields;
mod harvest;
mod input;
mod latest;
mod literals;
mod numbers;
mod operations;
mod plan;
mod presets;
mod readers;
mod records;
mod seen;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::io::Write;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};
use serde_json::json;

use crate::sources::{RawCapture, Reading, Request, Sink, Source, SourceError};

pub use catalog::{Kind, RECORDS, RecordKind, RecordSpec, Target};
pub use config::{FieldSpec, FieldTable, Format, Mapping};
pub use plan::ConfigError;
pub use presets::{PRESETS, Preset};

use harvest::Harvest;
use input::{Found, Input};
use plan::Plan;
use readers::ReadPlan;

/// A checked mapping, ready to harvest. Read from TOML it is checked whole, so that a mapping that cannot be meant is refused
/// with the rest of the configuration.
#[derive(Debug)]
pub struct TableConfig {
    plan: Plan,
    read: ReadPlan,
    paths: Vec<String>,
    preset: Option<String>,
    /// Names of the redacted columns, for the provenance.
    redacted: Vec<String>,
}

impl<'de> Deserialize<'de> for TableConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Mapping::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for TableConfig {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("TableConfig")
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Mapping::json_schema(generator)
    }
}

impl TableConfig {
    /// Checks a mapping, its preset beneath it. The error names the key.
    pub fn new(config: Mapping) -> Result<Self, ConfigError> {
        let preset = config.preset.clone();
        let config = presets::apply(config)?;
        let paths = config.path.as_ref().map(|path| path.as_slice().to_vec()).unwrap_or_default();
        if paths.is_empty() {
            return Err(ConfigError::new("path", "say which file to read, for example path = \"exports/rh.csv\""));
        }
        let plan = Plan::compile(&config)?;
        let mut read = ReadPlan::compile(&config.read)?;
        read.wanted = plan.columns.names().map(ToOwned::to_owned).collect();
        read.wanted.sort();
        read.wanted.dedup();
        read.rest = plan.rest;
        let redacted = config.redact.iter().flatten().map(|name| name.to_string().replace('"', "")).collect();
        Ok(Self { plan, read, paths, preset, redacted })
    }

    fn file(&self, found: &Found, harvest: &mut Harvest<'_>, capture: &mut dyn Write) -> Result<serde_json::Value, SourceError> {
        harvest.begin(&found.name);
        let mut input = Input::new(found.path.clone(), found.name.clone(), !self.redacted.is_empty(), capture);
        let before = harvest.counts.seen;
        self.read.read(&mut input, harvest)?;
        Ok(json!({
            "file": found.name,
            "sha256": input.sha256(),
            "bytes": found.bytes,
            "read_as": input.note,
            "rows": harvest.counts.seen - before,
        }))
    }
}

impl Source for TableConfig {
    fn tables(&self) -> Vec<&'static str> {
        self.plan.record.tables.to_vec()
    }

    fn harvest(&self, request: &Request, sink: &mut dyn Sink, capture: &mut dyn RawCapture) -> Result<Reading, SourceError> {
        let found = input::find(&request.base, &self.paths)?;
        let mut harvest = Harvest::new(&self.plan, &self.read, request, sink);
        harvest.many = found.len() > 1;
        let mut files = Vec::with_capacity(found.len());
        for one in &found {
            files.push(self.file(one, &mut harvest, capture)?);
        }
        harvest.finish()?;
        let server_count = self.server_count(&mut harvest);
        let counts = harvest.counts;
        Ok(Reading {
            endpoint: self.paths.join(", "),
            identity: None,
            query: json!({
                "record": self.plan.record.name,
                "preset": self.preset,
                "format": format!("{:?}", self.read.format).to_lowercase(),
                "files": files,
                "redacted": self.redacted,
                "columns_not_used": counts.unused,
            }),
            pages: found.len() as u64,
            rows_seen: counts.seen,
            rows_kept: counts.kept,
            server_count,
            details: counts.details,
            incomplete: (!harvest.incomplete.is_empty()).then(|| harvest.incomplete.into_iter().collect::<Vec<_>>().join("; ")),
            content_at: harvest.content_at,
            modified_at: found.iter().filter_map(|one| one.modified).max(),
        })
    }
}

impl TableConfig {
    /// The independent count, and whether the rows tie with it.
    fn server_count(&self, harvest: &mut Harvest<'_>) -> Option<u64> {
        let totals = &harvest.totals;
        let count = if self.read.pages { totals.iter().copied().max() } else { totals.iter().copied().reduce(|a, b| a + b) }?;
        if self.read.pages && totals.iter().any(|total| *total != count) {
            harvest
                .incomplete
                .insert("the pages give different totals: records were added or removed while they were fetched".to_owned());
        }
        if count != harvest.counts.seen {
            harvest.incomplete.insert(format!("the source counts {count} rows and {} were read", harvest.counts.seen));
        }
        Some(count)
    }
}
