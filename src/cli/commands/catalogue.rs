//! Commands that show what there is: `checks`, `sources`.

use super::{Exit, trial};
use crate::cli::args::{Checks, Sources};
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::session::Session;
use crate::cli::summary;
use crate::config;
use crate::judge::finding::Text;
use crate::judge::pages::matrix;
use crate::snapshot::pages;
use crate::sources::kinds::KINDS;

/// `probant checks`.
pub(in crate::cli) fn checks(session: &Session, command: &Checks) -> Exit {
    let (framework, checks) = session.checks()?;
    let console = &session.console;
    let find = |id: &String| {
        checks
            .iter()
            .find(|check| check.id == *id)
            .ok_or_else(|| Failure::new(format!("there is no check `{id}`; see `probant checks list`")))
    };
    match command {
        Checks::List => {
            let list: Vec<_> = checks
                .iter()
                .map(|c| serde_json::json!({ "id": c.id, "severity": c.severity, "controls": c.controls, "title": c.title, "file": c.file }))
                .collect();
            console.json(&serde_json::json!({ "schema": "probant.checks.v1", "checks": list }))?;
            let rows = checks
                .iter()
                .map(|c| {
                    vec![
                        c.id.clone(),
                        summary::severity(console.lang, c.severity).into(),
                        c.controls.join(" "),
                        console.pick(&c.title.fr, &c.title.en).clone(),
                    ]
                })
                .collect();
            let header = console.pick(["Contrôle", "Gravité", "Mesures", "Titre"], ["Check", "Severity", "Controls", "Title"]);
            console.table(&header, &[], rows);
        }
        Checks::Show { check } => Console::raw(&find(check)?.source),
        Checks::Matrix => Console::raw(&matrix(&framework, &checks)),
        Checks::Explain { check } => {
            let check = find(check)?;
            console.json(&serde_json::json!({
                "schema": "probant.check.v1", "id": check.id, "severity": check.severity, "controls": check.controls, "title": check.title,
                "rationale": check.rationale, "remediation": check.remediation, "needs_hours": check.needs, "file": check.file, "sha256": check.sha256,
            }))?;
            let pick = |text: &Text| console.pick(&text.fr, &text.en).clone();
            console.say(format!("{} ({})", pick(&check.title), summary::severity(console.lang, check.severity)));
            console.say(pick(&check.rationale));
            console.say(format!("{} {}", console.pick("Que faire :", "What to do:"), pick(&check.remediation)));
            let needs: Vec<String> = check.needs.iter().map(|(table, hours)| format!("{table} (< {hours} h)")).collect();
            console.say(format!("{} {}", console.pick("Repose sur :", "Rests on:"), needs.join(", ")));
            for control in framework.controls.iter().filter(|c| check.controls.contains(&c.id)) {
                console.say(format!("{} {} — {}", control.id, pick(&control.title), pick(&control.evidence)));
            }
            console.say(format!("{} {} (sha256 {})", console.pick("Fichier\u{a0}:", "File:"), check.file, check.sha256));
        }
    }
    Ok(0)
}

/// `probant sources`.
pub(in crate::cli) fn sources(session: &mut Session, command: &Sources) -> Exit {
    match command {
        Sources::Kinds | Sources::Schema | Sources::JsonSchema => {}
        Sources::List => {
            if session.config.sources.is_empty() {
                session.console.say(session.console.pick(
                    "Aucune source. Ajouter des tables [source.<id>] à probant.toml ; `probant sources kinds` dit ce qui peut être lu.",
                    "No source. Add [source.<id>] tables to probant.toml; `probant sources kinds` says what can be read.",
                ));
            }
            let titles = &session.titles;
            let list: Vec<_> = session
                .config
                .sources
                .iter()
                .map(|(id, e)| serde_json::json!({ "id": id, "kind": e.job.kind, "system": e.job.system, "title": e.title, "skip": e.job.skip }))
                .collect();
            session.console.json(&serde_json::json!({ "schema": "probant.sources.v1", "sources": list }))?;
            let rows = session
                .config
                .sources
                .iter()
                .map(|(id, entry)| {
                    let skip = entry.job.skip.as_deref().map(|reason| format!(" [{reason}]")).unwrap_or_default();
                    vec![
                        id.clone(),
                        entry.job.kind.into(),
                        entry.job.system.clone(),
                        titles.get(id).cloned().unwrap_or_default() + &skip,
                    ]
                })
                .collect();
            let header = session.console.pick(["Source", "Genre", "Système", "Titre"], ["Source", "Kind", "System", "Title"]);
            session.console.table(&header, &[], rows);
        }
        Sources::Test { source } => return trial::test(session, source),
    }
    Ok(0)
}

/// What needs no configuration: kinds, columns, JSON Schema.
pub(in crate::cli) fn source_pages(console: &Console, command: &Sources) -> Option<Exit> {
    match command {
        Sources::Schema => Console::raw(&pages::columns()),
        Sources::JsonSchema => {
            let text = serde_json::to_string_pretty(&config::schema::json_schema());
            match text {
                Ok(text) => Console::raw(&(text + "\n")),
                Err(error) => return Some(Err(error.into())),
            }
        }
        Sources::Kinds => {
            let list: Vec<_> =
                KINDS.iter().map(|k| serde_json::json!({ "kind": k.name, "fr": k.summary_fr, "en": k.summary_en })).collect();
            if let Err(error) = console.json(&serde_json::json!({ "schema": "probant.kinds.v1", "kinds": list })) {
                return Some(Err(error.into()));
            }
            let rows = KINDS
                .iter()
                .map(|kind| vec![kind.name.to_owned(), console.pick(kind.summary_fr, kind.summary_en).to_owned()])
                .collect();
            console.table(&console.pick(["Genre", "Ce qu'il lit"], ["Kind", "What it reads"]), &[], rows);
        }
        Sources::List | Sources::Test { .. } => return None,
    }
    Some(Ok(0))
}
