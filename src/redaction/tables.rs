//! The tables of a snapshot, written again with the rules applied to every cell.

use std::io;
use std::path::Path;

use serde_json::{Map, Value as Json};

use super::known::Known;
use super::rules::{Action, Rules};
use super::scrub;
use crate::snapshot::read;
use crate::snapshot::schema::{COLLECTION_ID, Record, TABLES, Table};
use crate::snapshot::value::{Kind, Value};
use crate::snapshot::writer::{TablesWriter, Written};

/// Rows held before they are handed to the writer.
const BATCH: usize = 1 << 14;

/// Writes the tables below `to`.
pub(super) fn write(snapshot: &Path, rules: &Rules, known: &Known, to: &Path) -> io::Result<Written> {
    let mut writer = TablesWriter::start(to)?;
    for table in TABLES {
        let actions: Vec<Action> = table.columns.iter().map(|column| rules.of(table.name, column.name)).collect();
        // Rows of one collection are written together.
        let (mut of, mut rows) = (String::new(), vec![]);
        read::cells(snapshot, table, |cells| {
            let cells: Vec<Value<'static>> = redacted(table, &actions, cells, known);
            let collection = match (cells.last(), table.columns.last()) {
                (Some(Value::Text(id)), Some(column)) if column.name == COLLECTION_ID.name => id.to_string(),
                _ => String::new(),
            };
            let mut cells = cells.into_iter();
            let record = Record::stored(table.name, &mut || cells.next().unwrap_or(Value::Null))
                .ok_or_else(|| io::Error::other(format!("no table {}", table.name)))?;
            if collection != of || rows.len() == BATCH {
                writer.all(&of, rows.drain(..))?;
                of = collection;
            }
            rows.push(record);
            Ok(())
        })?;
        writer.all(&of, rows)?;
    }
    writer.finish()
}

fn redacted(table: &Table, actions: &[Action], cells: Vec<Value<'static>>, known: &Known) -> Vec<Value<'static>> {
    let columns = table.columns.iter().zip(actions);
    let one = |((column, action), value): ((&crate::snapshot::schema::Column, &Action), Value<'static>)| match (action, value) {
        (_, Value::Null) => Value::Null,
        (Action::Drop, _) if column.nullable => Value::Null,
        (Action::Drop, Value::Text(_)) => Value::Text("".into()),
        (action, Value::Text(text)) => {
            let name = |text: &str| match (table.name, column.name) {
                ("accounts", "login") => known.login(text),
                _ => known.pseudonym(text),
            };
            Value::Text(replaced(*action, column.kind, &text, known, &name).into())
        }
        (_, other) => other,
    };
    columns.zip(cells).map(one).collect()
}

fn replaced(action: Action, kind: Kind, text: &str, known: &Known, name: &dyn Fn(&str) -> String) -> String {
    match action {
        // An empty text names nobody; `P-…` of nothing would look like somebody.
        _ if text.trim().is_empty() => text.to_owned(),
        Action::Keep | Action::Drop => text.to_owned(),
        Action::Pseudonym if kind == Kind::List => text.split(';').map(name).collect::<Vec<_>>().join(";"),
        Action::Pseudonym => name(text),
        Action::PersonId => known.person_id(text),
        Action::AccountId => known.account_id(text),
        Action::Ids => known.ids(text),
        Action::Flags => flags(text),
        Action::Scrub => scrub::text(text, known),
    }
}

/// Of a JSON object, what is neither text nor list. One that cannot be read is left out whole.
fn flags(text: &str) -> String {
    let object: Map<String, Json> = serde_json::from_str(text).unwrap_or_default();
    let kept = object.into_iter().filter(|(_, value)| value.is_boolean() || value.is_number());
    Json::Object(kept.collect()).to_string()
}
