//! `probant review`: open a campaign, see where it stands, collect what comes back, close it.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::{Exit, follow_up, handing, mail};
use crate::cli::args::{FailOn, OpenReview, Review, StatusReview};
use crate::cli::campaigns::{self, Options};
use crate::cli::collecting::{self, Taken};
use crate::cli::console::number;
use crate::cli::session::Session;
use crate::cli::{held, summary, workbooks};
use crate::review::collecting::correction::said;
use crate::review::underway::status::{Reply, status};

/// What is said of one file on a screen; the note to send back and the log have more.
const NOTES: usize = 40;

/// Runs one of the review's commands.
pub(in crate::cli) fn review(session: &Session, command: &Review) -> Exit {
    match command {
        Review::Open(args) => open(session, args),
        Review::Status(args) => show(session, args),
        Review::Send(args) => mail::send(session, args),
        Review::Collect { files } => collect(session, files),
        Review::Close => close(session),
        Review::FollowUp(args) => follow_up::follow_up(session, args),
        Review::Claim(args) => follow_up::claim(session, args),
        Review::Reassign(args) => handing::reassign(session, args),
        Review::Abandon(args) => handing::abandon(session, args),
    }
}

fn open(session: &Session, args: &OpenReview) -> Exit {
    let snapshot = session.snapshot(args.judged.snapshot.as_deref())?;
    let assessment = session.assess(&snapshot, &args.judged)?;
    let options = Options {
        kind: args.kind.into(),
        accepted: args.accept_source.iter().cloned().collect::<BTreeSet<_>>(),
        no_answer: args.no_answer.map(Into::into),
        since: args.since,
    };
    let made = campaigns::open(session, &snapshot, &assessment, &options)?;
    let (made, unaddressed) = (made.workbooks, made.unaddressed);
    session.console.json(&serde_json::json!({
        "schema": "probant.review.v1", "workbooks": made.paths, "lines": made.lines, "unassigned": made.unassigned,
        "without_address": unaddressed,
    }))?;
    for path in &made.paths {
        session.console.say(summary::shown(path, &session.context.folder));
    }
    session.console.note(session.console.pick(
        format!("{} lignes, {} sans relecteur", made.lines, made.unassigned),
        format!("{} lines, {} without a reviewer", made.lines, made.unassigned),
    ));
    session.console.note(session.console.pick(
        "À côté de chaque classeur, un brouillon de courriel (.eml) à ouvrir et envoyer ; ou `probant review send`",
        "Beside each workbook, a draft e-mail (.eml) to open and send; or `probant review send`",
    ));
    if !unaddressed.is_empty() {
        session.console.note(session.console.pick(
            format!("Sans adresse dans l'annuaire RH, à compléter à la main : {}", unaddressed.join(", ")),
            format!("Without an address in the HR roster, to be filled in by hand: {}", unaddressed.join(", ")),
        ));
    }
    Ok(0)
}

fn show(session: &Session, args: &StatusReview) -> Exit {
    let (campaign, log, _) = held::configured(session)?;
    if let Some(path) = &args.workbook {
        workbooks::overview(session, &campaign, &log, path)?;
    }
    let zone = TimeZone::get(&campaign.head.zone).unwrap_or(TimeZone::UTC);
    let status = status(&campaign, &log, zone.to_datetime(session.context.now()).date());
    let console = &session.console;
    console.json(&status)?;
    let n = |n| number(console.lang, n);
    let rows = |list: &[crate::review::underway::status::Progress]| -> Vec<Vec<String>> {
        list.iter()
            .map(|p| {
                let state = match p.state {
                    Reply::Nothing => console.pick("rien à rendre", "nothing to return"),
                    Reply::Signed => console.pick("signé", "signed"),
                    Reply::Late => console.pick("en retard", "late"),
                    Reply::Partly => console.pick("signé en partie", "signed in part"),
                    Reply::Awaited => console.pick("attendu", "awaited"),
                    Reply::Unfinished => console.pick("resté incomplet", "left unfinished"),
                };
                vec![
                    p.name.clone(),
                    n(p.tally.items),
                    n(p.tally.decided),
                    n(p.tally.refused),
                    n(p.tally.no_answer),
                    state.to_owned(),
                ]
            })
            .collect()
    };
    let header = console.pick(
        ["Relecteur", "lignes", "décidées", "refusées", "sans réponse", "état"],
        ["Reviewer", "lines", "decided", "refused", "no answer", "state"],
    );
    console.say(format!("{} · {} {}", status.campaign, console.pick("à rendre le", "due"), console.lang.date(status.due)));
    if let Some(abandoned) = &status.abandoned {
        console.say(format!("✗ {}", abandoned.say(&zone, console.lang)));
    }
    console.table(&header, &[1, 2, 3, 4], rows(&status.reviewers));
    console.say("");
    let header = console.pick(
        ["Système", "lignes", "décidées", "refusées", "sans réponse", ""],
        ["System", "lines", "decided", "refused", "no answer", ""],
    );
    let mut systems = rows(&status.systems);
    for row in &mut systems {
        row.truncate(5);
    }
    console.table(&header, &[1, 2, 3, 4], systems);
    for moved in &status.moved {
        console.say(format!("→ {}", moved.say(&zone, console.lang)));
    }
    for signal in &status.signals {
        console.say(format!("! {}", signal.say(console.lang)));
    }
    Ok(u8::from(args.fail_on == Some(FailOn::Late) && status.late))
}

fn collect(session: &Session, files: &[std::path::PathBuf]) -> Exit {
    let Taken { campaign, readings, corrections } = collecting::take(session, files)?;
    let console = &session.console;
    let list: Vec<_> = readings
        .iter()
        .map(|r| {
            serde_json::json!({
                "file": r.file, "sha256": r.sha256, "reviewer": r.reviewer, "decided": r.answers.len(), "refused": r.refused.len(),
                "no_answer": r.silent, "requests": r.requests, "notes": r.notes,
            })
        })
        .collect();
    console.json(&serde_json::json!({ "schema": "probant.collect.v1", "readings": list, "corrections": corrections }))?;
    for reading in &readings {
        console.say(console.pick(
            format!(
                "{}\u{a0}: {} décision(s) prise(s), {} ligne(s) refusée(s), {} sans réponse",
                reading.file,
                reading.answers.len(),
                reading.refused.len(),
                reading.silent.len()
            ),
            format!(
                "{}: {} decision(s) taken, {} line(s) refused, {} without an answer",
                reading.file,
                reading.answers.len(),
                reading.refused.len(),
                reading.silent.len()
            ),
        ));
        for note in reading.notes.iter().take(NOTES) {
            console.say(format!("    {}", said(&campaign, note, console.lang)));
        }
        if let Some(more) = reading.notes.len().checked_sub(NOTES).filter(|more| *more > 0) {
            console.say(console.pick(format!("    … et {more} autres"), format!("    … and {more} more")));
        }
    }
    for path in &corrections {
        console.say(format!(
            "{} {}",
            console.pick("À renvoyer\u{a0}:", "To send back:"),
            summary::shown(path, &session.context.folder)
        ));
    }
    Ok(0)
}

fn close(session: &Session) -> Exit {
    let (tally, paths) = campaigns::finish(session)?;
    let console = &session.console;
    console.json(&serde_json::json!({ "schema": "probant.close.v1", "totals": tally, "minutes": paths }))?;
    console.say(console.pick(
        format!(
            "{} lignes = {} décidées + {} refusées + {} sans réponse",
            tally.items, tally.decided, tally.refused, tally.no_answer
        ),
        format!(
            "{} lines = {} decided + {} refused + {} without an answer",
            tally.items, tally.decided, tally.refused, tally.no_answer
        ),
    ));
    for path in &paths {
        console.say(summary::shown(path, &session.context.folder));
    }
    Ok(0)
}
