//! One harvest: rows come in from a reader, records go out to the sink, and the arithmetic is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use jiff::Timestamp;
use serde_json::json;

use crate::snapshot::value::{Days, Micros};
use crate::sources::dates;
use crate::sources::{Request, Sink, SourceError};

use super::cell::{Cell, Cells, excerpt};
use super::columns::Binding;
use super::condition::Look;
use super::latest::Pending;
use super::plan::Plan;
use super::readers::{ReadPlan, Rows};
use super::records::{Built, Context, Values, build};
use super::seen::{Known, Seen};

/// Rows between two calls of the progress line.
const PROGRESS: u64 = 4096;

/// The state of a harvest.
pub(super) struct Harvest<'a> {
    pub plan: &'a Plan,
    read: &'a ReadPlan,
    pub request: &'a Request,
    pub sink: &'a mut dyn Sink,
    seen: Seen,
    pub file: File,
    /// Several files: a reject must say which.
    pub many: bool,
    pub latest: BTreeMap<String, Pending>,
    pub counts: Counts,
    pub content_at: Option<Timestamp>,
    /// Independent counts, one a file that has one.
    pub totals: Vec<u64>,
    pub incomplete: BTreeSet<String>,
}

/// What is known of the file being read.
#[derive(Default)]
pub(super) struct File {
    pub name: String,
    pub bound: Rc<Bound>,
}

/// A mapping bound to one header.
#[derive(Default)]
pub(super) struct Bound {
    pub binding: Binding,
    pub redacted: Vec<bool>,
    /// Places and names of the columns that become attributes.
    attributes: Vec<(usize, String)>,
}

/// The arithmetic of a harvest.
#[derive(Default)]
pub(super) struct Counts {
    pub seen: u64,
    pub kept: u64,
    pub rejected: u64,
    pub details: BTreeMap<String, u64>,
    /// Columns of a header that the mapping leaves alone.
    pub unused: BTreeSet<String>,
}

impl Counts {
    pub(super) fn add(&mut self, detail: &str, by: u64) {
        match self.details.get_mut(detail) {
            Some(count) => *count += by,
            None => {
                self.details.insert(detail.to_owned(), by);
            }
        }
    }
}

impl<'a> Harvest<'a> {
    pub(super) fn new(plan: &'a Plan, read: &'a ReadPlan, request: &'a Request, sink: &'a mut dyn Sink) -> Self {
        Self {
            plan,
            read,
            request,
            sink,
            seen: Seen::default(),
            file: File::default(),
            many: false,
            latest: BTreeMap::new(),
            counts: Counts::default(),
            content_at: None,
            totals: vec![],
            incomplete: BTreeSet::new(),
        }
    }

    /// Begins the next file.
    pub(super) fn begin(&mut self, name: &str) {
        self.file = File { name: name.to_owned(), bound: Rc::default() };
    }

    fn fail(&self, message: impl Into<String>) -> SourceError {
        SourceError::File { path: self.file.name.clone(), message: message.into() }
    }

    pub(super) fn refuse(&mut self, number: u64, reason: &str, excerpt: &str) -> Result<(), SourceError> {
        self.counts.rejected += 1;
        let named = if self.many { format!("{}: {reason}", self.file.name) } else { reason.to_owned() };
        Ok(self.sink.reject(number, &named, excerpt)?)
    }

    /// Turns one row into records, or rejects it.
    pub(super) fn convert(&mut self, number: u64, row: &dyn Cells, bound: &Bound) -> Result<(), SourceError> {
        let plan = self.plan;
        let look = Look { row, binding: &bound.binding, nulls: &plan.nulls };
        let mut values = Vec::with_capacity(plan.fields.len());
        for field in &plan.fields {
            match field.value(look, &self.request.zone) {
                Ok(value) => values.push((field.target.name, value)),
                Err(reason) => return self.refuse(number, &reason, &excerpt(row, &bound.redacted)),
            }
        }
        let today = self.request.zone.to_datetime(self.request.as_of).date();
        let context = Context { plan, system: &self.request.system, today: Days::from(today) };
        let attributes = attributes(row, &bound.attributes, &plan.nulls);
        match build(&context, Values(values), attributes) {
            Ok(built) => self.push(number, built, row, bound),
            Err(reason) => self.refuse(number, &reason, &excerpt(row, &bound.redacted)),
        }
    }

    fn push(&mut self, number: u64, built: Built<'_>, row: &dyn Cells, bound: &Bound) -> Result<(), SourceError> {
        if let Some((id, record)) = built.main {
            match self.seen.main(&id, &record, number) {
                Known::New => {
                    self.sink.push(record)?;
                    self.counts.add(self.plan.record.name, 1);
                }
                Known::Same => self.counts.add("repeated", 1),
                Known::Differs(first) => {
                    let reason = format!(
                        "{id} was already read at row {first} with other values; if rows are events or versions, say which one counts with `latest`"
                    );
                    return self.refuse(number, &reason, &excerpt(row, &bound.redacted));
                }
            }
        }
        for (key, record) in built.shared {
            if self.seen.shared(&key) {
                let table = match key.as_bytes().first() {
                    Some(b'e') => "entitlements",
                    Some(b'g') => "grants",
                    Some(b'a') => "accounts",
                    _ => "asset_hosts",
                };
                self.sink.push(record)?;
                self.counts.add(table, 1);
            }
        }
        self.counts.kept += 1;
        Ok(())
    }
}

/// The attributes of an account as a JSON object with sorted keys.
fn attributes(row: &dyn Cells, columns: &[(usize, String)], nulls: &[String]) -> String {
    let mut object: BTreeMap<&str, serde_json::Value> = BTreeMap::new();
    for (at, name) in columns {
        let value = match row.cell(*at) {
            Cell::List(items) => json!(items),
            Cell::Bool(value) => json!(value),
            // An object has no value of its own; what of it matters is named by path, and what of it is secret too.
            Cell::Fault(_) => continue,
            other => {
                let text = other.text();
                let text = text.trim();
                if super::condition::is_null(text, nulls) {
                    continue;
                }
                json!(text)
            }
        };
        object.entry(name).or_insert(value);
    }
    serde_json::to_string(&object).unwrap_or_else(|_| "{}".to_owned())
}

impl Rows for Harvest<'_> {
    fn header(&mut self, names: Option<&[String]>) -> Result<Vec<bool>, SourceError> {
        let binding = self.plan.columns.bind(names).map_err(|why| self.fail(why))?;
        let hidden: BTreeSet<usize> = self.plan.redact.iter().flat_map(|&slot| binding.places(slot)).copied().collect();
        let width = names.map_or(0, <[String]>::len).max(hidden.last().map_or(0, |last| last + 1));
        let redacted: Vec<bool> = (0..width).map(|at| hidden.contains(&at)).collect();
        let unused = binding.unused(names.map_or(0, <[String]>::len));
        let name_at = |at: usize| names.and_then(|names| names.get(at)).map(|name| name.trim().to_owned()).unwrap_or_default();
        let mut attributes: Vec<(usize, String)> = Vec::new();
        for (slot, label) in &self.plan.attributes {
            attributes.extend(binding.places(*slot).iter().map(|&at| (at, label.clone())));
        }
        if self.plan.rest {
            attributes.extend(unused.iter().map(|&at| (at, name_at(at))).filter(|(_, name)| !name.is_empty()));
        } else {
            self.counts.unused.extend(unused.into_iter().map(name_at).filter(|name| !name.is_empty()));
        }
        attributes.retain(|(at, _)| !hidden.contains(at));
        self.file.bound = Rc::new(Bound { binding, redacted: redacted.clone(), attributes });
        Ok(redacted)
    }

    fn row(&mut self, number: u64, row: &dyn Cells) -> Result<(), SourceError> {
        if (0..row.width()).all(|at| blank(&row.cell(at))) {
            self.counts.add("blank_rows", 1);
            return Ok(());
        }
        self.counts.seen += 1;
        if self.counts.seen.is_multiple_of(PROGRESS) {
            self.sink.progress(self.counts.seen);
        }
        let bound = Rc::clone(&self.file.bound);
        let look = Look { row, binding: &bound.binding, nulls: &self.plan.nulls };
        let plan = self.plan;
        if plan.skip.iter().any(|test| test.holds(look)) || !plan.keep.iter().all(|test| test.holds(look)) {
            self.counts.kept += 1;
            self.counts.add("skipped", 1);
            return Ok(());
        }
        match &plan.latest {
            Some(latest) => self.keep_latest(number, row, latest),
            None => self.convert(number, row, &bound),
        }
    }

    fn bad(&mut self, number: u64, reason: &str, excerpt: &str) -> Result<(), SourceError> {
        self.counts.seen += 1;
        self.refuse(number, reason, excerpt)
    }

    fn aside(&mut self, line: &str) {
        if let Some(count) = self.read.trailer.as_ref().and_then(|pattern| pattern.captures(line)).and_then(|found| {
            let digits: String = found.name("count")?.as_str().chars().filter(char::is_ascii_digit).collect();
            digits.parse().ok()
        }) {
            self.totals.push(count);
        }
        if let Some((pattern, _)) = &self.read.content_at
            && let Some(found) = pattern.captures(line)
        {
            let text = found.get(1).or_else(|| found.get(0)).map_or("", |group| group.as_str()).to_owned();
            self.content_date(&text);
        }
    }

    fn content_date(&mut self, text: &str) {
        let formats = self.read.content_dates();
        match dates::parse(text, formats).and_then(|moment| moment.map_or(Ok(None), |m| m.micros(&self.request.zone).map(Some))) {
            Ok(found) => self.content_at = self.content_at.max(found.map(Micros::timestamp)),
            Err(why) => {
                self.incomplete.insert(format!("{}: read.content_at: {why}", self.file.name));
            }
        }
    }

    fn total(&mut self, count: u64) {
        self.totals.push(count);
    }

    fn incomplete(&mut self, why: &str) {
        self.incomplete.insert(format!("{}: {why}", self.file.name));
    }
}

fn blank(cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Empty => true,
        Cell::Text(text) => text.trim().is_empty(),
        _ => false,
    }
}
