//! Commands that judge: `assess`, `drift`.

use super::Exit;
use crate::cli::args::{Assess, Drift, Judged};
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::remote;
use crate::cli::seal_key;
use crate::cli::session::Session;
use crate::cli::summary;
use crate::judge::drift;
use crate::judge::finding::{Assessment, Severity, Status};
use crate::snapshot::manifest::Manifest;
use crate::store;

/// `probant assess`.
pub(in crate::cli) fn assess(session: &Session, args: &Assess) -> Exit {
    let snapshot = session.snapshot(args.judged.snapshot.as_deref())?;
    let assessment = session.assess(&snapshot, &args.judged)?;
    let console = &session.console;
    console.json(&assessment)?;
    if let Some(id) = &args.check {
        subjects(console, &assessment, id)?;
    } else {
        summary::header(console, &assessment);
        summary::controls(console, &assessment);
        summary::findings(console, &assessment, None);
    }
    let gate = args.fail_on.map(Severity::from);
    let act = assessment.findings.iter().any(|f| gate.is_some_and(|gate| f.severity >= gate) && f.status >= Status::NotCollected);
    Ok(u8::from(act))
}

/// Every subject of one check.
fn subjects(console: &Console, assessment: &Assessment, id: &str) -> Result<(), Failure> {
    let finding = assessment
        .findings
        .iter()
        .find(|f| f.check_id == id)
        .ok_or_else(|| Failure::new(format!("there is no check `{id}`; see `probant checks list`")))?;
    console.say(format!(
        "{} — {}",
        console.pick(&finding.title.fr, &finding.title.en),
        summary::status(console.lang, finding.status)
    ));
    console.say(console.pick(&finding.reason.fr, &finding.reason.en));
    let header: Vec<&str> = finding.columns.iter().map(String::as_str).collect();
    let unknown = console.pick("inconnu", "unknown");
    for (title, list) in [
        (console.pick("Écarts", "Exceptions"), &finding.exceptions),
        (console.pick("Indéterminés", "Undetermined"), &finding.undetermined),
    ] {
        if list.is_empty() {
            continue;
        }
        console.say("");
        console.say(format!("{title} ({})", list.len()));
        let rows = list
            .iter()
            .map(|s| {
                std::iter::once(s.key.clone()).chain(s.cells.iter().map(|c| c.clone().unwrap_or_else(|| unknown.into()))).collect()
            })
            .collect();
        console.table(&header, &[], rows);
    }
    for accepted in &finding.accepted {
        console.say(format!(
            "{} {} : {} ({}, {} {})",
            console.pick("Dérogation", "Derogation"),
            accepted.exception_id,
            accepted.subject.key,
            accepted.approver,
            console.pick("jusqu'au", "until"),
            accepted.expires_on
        ));
    }
    Ok(())
}

/// `probant drift`.
pub(in crate::cli) fn drift(session: &Session, args: &Drift) -> Exit {
    let result = compare(session, args);
    seal_key::warn_from_file(session);
    if !args.icinga {
        let drift = result?;
        session.console.json(&drift)?;
        show_drift(&session.console, &drift);
        return Ok(u8::from(drift.worse().next().is_some()));
    }
    // The monitoring-plug-in convention: one line, 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
    match result {
        Err(failure) => Ok(icinga_unknown(&failure)),
        Ok(drift) => {
            let worse: Vec<_> = drift.worse().collect();
            let appeared: usize = worse.iter().map(|c| c.appeared.len()).sum();
            let (word, code) = match drift.worst() {
                None => ("OK", 0),
                Some(severity) if severity >= Severity::High => ("CRITICAL", 2),
                Some(_) => ("WARNING", 1),
            };
            let names: Vec<String> = worse
                .iter()
                .map(|c| match c.appeared.len() {
                    // Nothing new that is at fault: the status alone got worse.
                    0 => format!("{} {}", c.check_id, c.now.word()),
                    new => format!("{} +{new}", c.check_id),
                })
                .collect();
            let names =
                if names.is_empty() { session.console.pick("rien de nouveau", "nothing new").to_owned() } else { names.join(", ") };
            Console::raw(&format!("{word} - {names} | new={appeared} checks_worse={}\n", worse.len()));
            Ok(code)
        }
    }
}

/// What a monitoring plug-in says when it cannot tell: one line, exit 3.
pub(in crate::cli) fn icinga_unknown(failure: &Failure) -> u8 {
    Console::raw(&format!("UNKNOWN - {}\n", failure.plain()));
    3
}

fn compare(session: &Session, args: &Drift) -> Result<drift::Drift, Failure> {
    let now = session.snapshot(args.judged.snapshot.as_deref())?;
    let before = if let Some(name) = &args.since {
        session.snapshot(Some(name))?
    } else {
        remote::snapshots(session, None, 2)?;
        let all = store::snapshots(&session.store_path())?;
        let at = all.iter().position(|path| *path == now).unwrap_or_default();
        at.checked_sub(1).and_then(|at| all.get(at).cloned()).ok_or_else(|| {
            Failure::new("there is no older snapshot to compare with; harvest once more, or name one with --since")
        })?
    };
    // The older one is judged as of its own instant: what was fine then must not look late now.
    let then = Judged { as_of: Some(Manifest::read(&before)?.as_of), ..args.judged.clone() };
    Ok(drift::compare(&session.assess(&before, &then)?, &session.assess(&now, &args.judged)?))
}

fn show_drift(console: &Console, drift: &drift::Drift) {
    console.say(format!("{} → {}", drift.before, drift.now));
    if drift.changes.is_empty() {
        console.say(console.pick(
            format!("Rien n'a changé dans {} contrôles.", drift.compared),
            format!("Nothing changed in {} checks.", drift.compared),
        ));
    }
    for change in &drift.changes {
        console.say(format!(
            "{}{} {} → {}, +{} −{}",
            console.pick(&change.title.fr, &change.title.en),
            summary::colon(console.lang),
            summary::status(console.lang, change.before),
            summary::status(console.lang, change.now),
            change.appeared.len(),
            change.disappeared.len()
        ));
        for subject in change.appeared.iter().take(20) {
            let cells: Vec<&str> = subject.cells.iter().flatten().map(String::as_str).collect();
            console.say(format!("  + {}  {}", subject.key, cells.join("  ")));
        }
        if change.appeared.len() > 20 {
            console.say(format!("  … +{}", change.appeared.len() - 20));
        }
        for key in change.disappeared.iter().take(20) {
            console.say(format!("  − {key}"));
        }
        if change.disappeared.len() > 20 {
            console.say(format!("  … −{}", change.disappeared.len() - 20));
        }
    }
}
