//! Of many event rows with one key, the latest makes the record: the others are understood and counted as superseded.

use std::rc::Rc;

use crate::snapshot::value::Micros;
use crate::sources::SourceError;
use crate::sources::dates::{self, DateFormat, Moment};

use super::cell::{Cell, Cells, OwnedRow, excerpt};
use super::condition::Look;
use super::harvest::{Bound, Harvest};
use super::plan::LatestPlan;

/// The latest row of a key so far.
pub(super) struct Pending {
    at: Micros,
    number: u64,
    row: OwnedRow,
    file: String,
    bound: Rc<Bound>,
}

impl Harvest<'_> {
    /// Keeps a row when it is the latest of its key.
    pub(super) fn keep_latest(&mut self, number: u64, row: &dyn Cells, plan: &LatestPlan) -> Result<(), SourceError> {
        let bound = Rc::clone(&self.file.bound);
        let look = Look { row, binding: &bound.binding, nulls: &self.plan.nulls };
        let at = match look.cell(plan.by) {
            Cell::Moment { local, .. } => Ok(Some(Moment::Local(local))),
            Cell::Empty => Err("the column is empty".to_owned()),
            other if plan.dates.is_empty() => dates::parse(&other.text(), &[DateFormat::Iso]),
            other => dates::parse(&other.text(), &plan.dates),
        };
        let zone = plan.zone.as_ref().unwrap_or(&self.request.zone);
        let at = at.and_then(|moment| moment.map_or(Ok(Micros(0)), |moment| moment.micros(zone)));
        let (at, key) = match (at, look.text(plan.key)) {
            (Ok(at), Some(key)) => (at, key),
            (Err(why), _) => return self.refuse(number, &format!("latest.by: {why}"), &excerpt(row, &bound.redacted)),
            (_, None) => return self.refuse(number, "latest.key: the column is empty", &excerpt(row, &bound.redacted)),
        };
        // Two events of one instant: the one written later is the later one.
        if self.latest.get(&key).is_none_or(|known| known.at <= at) {
            let file = self.file.name.clone();
            if self.latest.insert(key, Pending { at, number, row: OwnedRow::of(row), file, bound }).is_none() {
                return Ok(());
            }
        }
        self.counts.kept += 1;
        self.counts.add("superseded", 1);
        Ok(())
    }

    /// Converts what `latest` kept back, in the order of the files.
    pub(super) fn finish(&mut self) -> Result<(), SourceError> {
        let mut pending: Vec<Pending> = std::mem::take(&mut self.latest).into_values().collect();
        pending.sort_by(|a, b| (&a.file, a.number).cmp(&(&b.file, b.number)));
        for one in pending {
            self.file.name = one.file;
            self.convert(one.number, &one.row, &one.bound)?;
        }
        self.sink.progress(self.counts.seen);
        Ok(())
    }
}
