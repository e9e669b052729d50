//! The SQL engine: Polars over a snapshot's Parquet files. The only place that runs SQL.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use polars::prelude::*;
use polars::sql::SQLContext;

use super::finding::Subject;
use super::hold;
use super::params::Param;
use crate::snapshot::schema::TABLES;
use crate::snapshot::value::{Days, Micros};
use crate::snapshot::{columns, manifest, writer};

#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("{}: {message}", path.display())]
    Table { path: PathBuf, message: String },
    #[error("{0}")]
    Sql(String),
}

/// A snapshot opened for questions.
pub struct Engine {
    context: SQLContext,
}

/// An answer as text cells: null stays null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
}

impl Engine {
    /// Opens the tables of a snapshot's folder.
    pub fn open(snapshot: &Path) -> Result<Self, EngineError> {
        let context = SQLContext::new();
        for table in TABLES {
            let path = writer::path(&snapshot.join(manifest::TABLES), table.name);
            let wrong = |message: String| EngineError::Table { path: path.clone(), message };
            let location = PlRefPath::try_from_path(&path).map_err(|error| wrong(error.to_string()))?;
            let frame = LazyFrame::scan_parquet(location, ScanArgsParquet::default()).map_err(|error| wrong(error.to_string()))?;
            context.register(table.name, frame);
        }
        Ok(Self { context })
    }

    /// Holds what many queries ask of the largest tables in memory, if it fits.
    pub fn hold<'q>(&mut self, snapshot: &Path, queries: impl Iterator<Item = &'q str>) -> Result<(), EngineError> {
        for (table, columns) in hold::worth(snapshot, queries) {
            let frame = self.collect(&format!("SELECT {} FROM {table}", columns.join(", ")))?;
            self.context.register(table, frame.lazy());
        }
        Ok(())
    }

    /// The same tables without rows: enough to see whether a query can be planned.
    #[must_use]
    pub fn empty() -> Self {
        let context = SQLContext::new();
        for table in TABLES {
            context.register(table.name, DataFrame::empty_with_schema(&columns::schema(table)).lazy());
        }
        Self { context }
    }

    /// Sets the one-row table `params`.
    pub fn set_params(&mut self, params: &BTreeMap<String, Param>) -> Result<(), EngineError> {
        let series = params.iter().map(|(name, value)| {
            let name = PlSmallStr::from_str(name);
            Ok(match value {
                Param::Time(at) => Series::new(name, [at.0]).cast(&DataType::Datetime(TimeUnit::Microseconds, None))?,
                Param::Int(n) => Series::new(name, [*n]),
                Param::Real(n) => Series::new(name, [*n]),
            }
            .into_column())
        });
        let frame = series.collect::<PolarsResult<Vec<_>>>().and_then(|columns| DataFrame::new(1, columns)).map_err(sql)?;
        self.context.register("params", frame.lazy());
        Ok(())
    }

    /// Narrows `accounts`, `entitlements` and `grants` to the perimeter: the systems named are left out.
    pub fn leave_out(&mut self, systems: &[String]) -> Result<(), EngineError> {
        let quoted: Vec<String> = systems.iter().map(|system| format!("'{}'", system.replace('\'', "''"))).collect();
        if quoted.is_empty() {
            return Ok(());
        }
        let inside = format!("system NOT IN ({})", quoted.join(", "));
        let of_grants: Vec<String> =
            systems.iter().map(|system| format!("NOT STARTS_WITH(account_id, '{}:')", system.replace('\'', "''"))).collect();
        for (table, condition) in [("accounts", &inside), ("entitlements", &inside), ("grants", &of_grants.join(" AND "))] {
            let narrowed = self.context.execute(&format!("SELECT * FROM {table} WHERE {condition}")).map_err(sql)?;
            self.context.register(table, narrowed);
        }
        Ok(())
    }

    /// Plans a query without running it; returns the names of its columns.
    pub fn plan(&mut self, query: &str) -> Result<Vec<String>, EngineError> {
        let schema = self.context.execute(query).and_then(|mut frame| frame.collect_schema()).map_err(sql)?;
        Ok(schema.iter_names().map(ToString::to_string).collect())
    }

    fn collect(&mut self, query: &str) -> Result<DataFrame, EngineError> {
        self.context.execute(query).and_then(LazyFrame::collect).map_err(sql)
    }

    /// Runs a query and returns every row as text. Only SELECT and WITH: a snapshot is frozen.
    pub fn ask(&mut self, query: &str) -> Result<Answer, EngineError> {
        let first = query.trim_start_matches(|c: char| c.is_whitespace() || c == '(').split(|c: char| !c.is_alphabetic()).next();
        if !first.is_some_and(|word| word.eq_ignore_ascii_case("select") || word.eq_ignore_ascii_case("with")) {
            return Err(EngineError::Sql("only SELECT and WITH queries can be asked: a snapshot is frozen".into()));
        }
        let frame = self.collect(query)?;
        let columns = frame.get_column_names().into_iter().map(ToString::to_string).collect();
        let mut rows = vec![Vec::with_capacity(frame.width()); frame.height()];
        for column in frame.columns() {
            let series = column.as_materialized_series().rechunk();
            for (row, value) in rows.iter_mut().zip(series.iter()) {
                row.push(text(&value));
            }
        }
        Ok(Answer { columns, rows })
    }

    /// Runs a query whose first column is a key; subjects come sorted by it. A null key is an error: it names nobody.
    pub fn subjects(&mut self, query: &str) -> Result<(Vec<String>, Vec<Subject>), EngineError> {
        let answer = self.ask(query)?;
        let mut subjects = answer
            .rows
            .into_iter()
            .map(|mut cells| {
                let rest = cells.split_off(1.min(cells.len()));
                let key =
                    cells.pop().flatten().ok_or_else(|| EngineError::Sql("the first column, the subject's key, is null".into()))?;
                Ok(Subject { key, cells: rest })
            })
            .collect::<Result<Vec<_>, EngineError>>()?;
        subjects.sort_by(|a, b| a.key.cmp(&b.key));
        Ok((answer.columns, subjects))
    }

    /// Keys of a population, as one column.
    pub fn keys(&mut self, query: &str) -> Result<Keys, EngineError> {
        let frame = self.collect(query)?;
        let first = frame.columns().first().ok_or_else(|| EngineError::Sql("the population has no column".into()))?;
        let keys = first.cast(&DataType::String).map_err(sql)?;
        if keys.null_count() > 0 {
            return Err(EngineError::Sql("the first column, the subject's key, is null".into()));
        }
        Ok(Keys { series: keys.as_materialized_series().clone() })
    }
}

/// The keys of a population.
pub struct Keys {
    series: Series,
}

impl Keys {
    #[must_use]
    pub fn len(&self) -> usize {
        self.series.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    /// A key that occurs twice, or one of `subjects` that is not among the keys.
    pub fn contradiction(&self, subjects: &[&Subject]) -> Result<Option<String>, EngineError> {
        let strings = self.series.str().map_err(sql)?;
        let mut known: hashbrown::HashSet<&str> = hashbrown::HashSet::with_capacity(strings.len());
        for key in strings.iter().flatten() {
            if !known.insert(key) {
                return Ok(Some(format!("`{key}` is twice in its population")));
            }
        }
        Ok(subjects
            .iter()
            .find(|subject| !known.contains(subject.key.as_str()))
            .map(|subject| format!("`{}` is not in its population", subject.key)))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "used as map_err(sql)")]
fn sql(error: PolarsError) -> EngineError {
    // Polars appends its query plan, which helps nobody here.
    let text = error.to_string();
    let end =
        ["\n\nResolved plan", "\n\nThis error occurred", "\n\tFAILED HERE", "\n\n"].iter().filter_map(|mark| text.find(mark)).min();
    EngineError::Sql(text.get(..end.unwrap_or(text.len())).unwrap_or(&text).trim().to_owned())
}

/// A cell as people and auditors read it: RFC 3339 instants, ISO dates, `true` and `false`.
fn text(value: &AnyValue<'_>) -> Option<String> {
    match value {
        AnyValue::Null => None,
        AnyValue::String(text) => Some((*text).to_owned()),
        AnyValue::StringOwned(text) => Some(text.to_string()),
        AnyValue::Boolean(value) => Some(value.to_string()),
        AnyValue::Date(days) => Some(Days(*days).to_string()),
        AnyValue::Datetime(at, unit, _) | AnyValue::DatetimeOwned(at, unit, _) => Some(Micros(to_micros(*at, *unit)).to_string()),
        other => Some(other.to_string()),
    }
}

fn to_micros(at: i64, unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Nanoseconds => at / 1_000,
        TimeUnit::Microseconds => at,
        TimeUnit::Milliseconds => at * 1_000,
    }
}
