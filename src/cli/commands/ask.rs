//! Commands that ask a snapshot: `sql`, `sample`.

use std::fs;

use super::Exit;
use crate::cli::args::{Sample, Sql};
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::session::Session;
use crate::judge::engine::Engine;
use crate::snapshot::schema::TABLES;
use crate::store::{SNAPSHOT_FILE, digest};

/// `probant sample`: rows ranked by the digest of seed and row, so that anyone with the snapshot draws the same ones.
pub(in crate::cli) fn sample(session: &Session, args: &Sample) -> Exit {
    let snapshot = session.snapshot(None)?;
    let known: Vec<&str> = TABLES.iter().map(|t| t.name).collect();
    if !known.contains(&args.table.as_str()) {
        return Err(Failure::new(format!("there is no table `{}`; the tables are {}", args.table, known.join(", "))));
    }
    let seed = match &args.seed {
        Some(seed) => seed.clone(),
        None => digest::hex(&fs::read(snapshot.join(SNAPSHOT_FILE))?),
    };
    let condition = args.condition.as_ref().map(|sql| format!(" WHERE {sql}")).unwrap_or_default();
    let answer = Engine::open(&snapshot)?.ask(&format!("SELECT * FROM {}{condition}", args.table))?;
    let population = answer.rows.len();
    let mut ranked: Vec<(String, Vec<Option<String>>)> = answer
        .rows
        .into_iter()
        .map(|row| {
            let text: Vec<&str> = row.iter().map(|cell| cell.as_deref().unwrap_or("\u{0}")).collect();
            (digest::hex(format!("{seed}\u{1f}{}", text.join("\u{1f}")).as_bytes()), row)
        })
        .collect();
    ranked.sort();
    ranked.truncate(args.size);
    let console = &session.console;
    console.json(&serde_json::json!({
        "schema": "probant.sample.v1", "table": args.table, "seed": seed, "population": population, "columns": answer.columns,
        "rows": ranked.iter().map(|(_, row)| row).collect::<Vec<_>>(),
    }))?;
    console.say(console.pick(
        format!("{} lignes tirées de {population} ({}), graine {seed}", ranked.len(), args.table),
        format!("{} rows drawn from {population} ({}), seed {seed}", ranked.len(), args.table),
    ));
    show_rows(console, &answer.columns, ranked.into_iter().map(|(_, row)| row));
    Ok(0)
}

fn show_rows(console: &Console, columns: &[String], rows: impl Iterator<Item = Vec<Option<String>>>) {
    let header: Vec<&str> = columns.iter().map(String::as_str).collect();
    let rows = rows.map(|row| row.into_iter().map(|cell| cell.unwrap_or_else(|| "∅".into())).collect()).collect();
    console.table(&header, &[], rows);
}

/// `probant sql`.
pub(in crate::cli) fn sql(session: &Session, args: &Sql) -> Exit {
    let snapshot = session.snapshot(args.snapshot.as_deref())?;
    let answer = Engine::open(&snapshot)?.ask(&args.query)?;
    let console = &session.console;
    console.json(&serde_json::json!({ "schema": "probant.sql.v1", "columns": answer.columns, "rows": answer.rows }))?;
    let rows = answer.rows.len();
    show_rows(console, &answer.columns, answer.rows.into_iter());
    console.note(console.pick(format!("{rows} ligne(s)"), format!("{rows} row(s)")));
    Ok(0)
}
