//! The columns of the largest tables that many checks ask for, read once for all of them instead of once a query.
//!
//! Every query can also scan the files: that is slower and needs less memory, and is what happens when the columns would take more
//! than [`BUDGET`]. Answers are the same.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::sync::LazyLock;

use polars::prelude::{ParquetReader, SerReader};
use regex::Regex;

use crate::snapshot::schema::{Account, Grant, Table};
use crate::snapshot::{manifest, writer};

/// Bytes of columns held at most: with what a join of them takes, a snapshot of a million accounts is judged in 1.5 GB.
const BUDGET: u64 = 1 << 30;
/// Nearly every check on access reads these, and they are the only ones with millions of rows.
const LARGE: [&Table; 2] = [Account::TABLE, Grant::TABLE];
/// A text's place in memory beside its bytes; other values take half of that.
const VIEW: u64 = 16;

static COUNT_ALL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)\bcount\s*\(\s*\*\s*\)").ok());

/// The words of many queries: what may name a table or column.
struct Words<'q> {
    all: BTreeSet<&'q str>,
    /// A query may read columns that it does not name.
    unnamed: bool,
}

impl<'q> Words<'q> {
    fn of(queries: impl Iterator<Item = &'q str>) -> Self {
        let mut words = Self { all: BTreeSet::new(), unnamed: false };
        for query in queries {
            words.all.extend(query.split(|c: char| !(c.is_alphanumeric() || c == '_')));
            let counted = COUNT_ALL.as_ref().map_or(query.into(), |count| count.replace_all(query, ""));
            words.unnamed |= counted.contains('*');
        }
        let selects = |word: &&str| ["natural", "columns"].iter().any(|other| word.eq_ignore_ascii_case(other));
        words.unnamed |= words.all.iter().any(selects);
        words
    }

    /// Columns of a table that queries may read; none when no query names the table.
    fn columns(&self, table: &Table) -> Vec<&'static str> {
        let used = self.all.iter().any(|word| word.eq_ignore_ascii_case(table.name));
        let wanted = |name: &str| self.unnamed || self.all.iter().any(|word| word.eq_ignore_ascii_case(name));
        table.columns.iter().map(|column| column.name).filter(|name| used && wanted(name)).collect()
    }
}

/// Large tables and their columns that are worth holding for these queries; none when they take too much.
pub(super) fn worth<'q>(snapshot: &Path, queries: impl Iterator<Item = &'q str>) -> Vec<(&'static str, Vec<&'static str>)> {
    let words = Words::of(queries);
    let mut left = BUDGET;
    LARGE
        .into_iter()
        .filter_map(|table| {
            let columns = words.columns(table);
            // A file that cannot be read says so when it is asked.
            let size = size(&writer::path(&snapshot.join(manifest::TABLES), table.name), &columns)?;
            left = left.checked_sub(size)?;
            (!columns.is_empty()).then_some((table.name, columns))
        })
        .collect()
}

/// Bytes that columns of a Parquet file take in memory, from its footer.
fn size(path: &Path, columns: &[&str]) -> Option<u64> {
    let mut reader = ParquetReader::new(File::open(path).ok()?);
    // Damage may say anything: then it is too much.
    let bytes = |number: i64| u64::try_from(number).unwrap_or(BUDGET);
    let mut size: u64 = 0;
    for group in &reader.get_metadata().ok()?.row_groups {
        for chunk in group.parquet_columns() {
            if chunk.descriptor().path_in_schema.first().is_some_and(|name| columns.contains(&name.as_str())) {
                let values = bytes(chunk.num_values()).saturating_mul(VIEW);
                size = size.saturating_add(bytes(chunk.uncompressed_size())).saturating_add(values);
            }
        }
    }
    Some(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_queries_name_is_held_unless_they_name_all() {
        let columns = |query: &'static str| Words::of([query].into_iter()).columns(Grant::TABLE);
        assert_eq!(columns("SELECT g.account_id, COUNT( * ) FROM grants g GROUP BY 1"), ["account_id"]);
        assert_eq!(columns("SELECT account_id FROM accounts"), Vec::<&str>::new());
        for all in ["SELECT * FROM grants", "SELECT g.* FROM grants g", "SELECT 1 FROM grants NATURAL JOIN accounts"] {
            assert_eq!(columns(all).len(), Grant::TABLE.columns.len(), "{all}");
        }
    }
}
