//! `probant review follow-up` and `claim`: what a closed campaign asked for, and whether it happened.

use super::Exit;
use crate::cli::args::{ClaimReview, FailOn, FollowUpReview};
use crate::cli::failure::Failure;
use crate::cli::held::{self, Held};
use crate::cli::session::Session;
use crate::cli::{follow, summary};
use crate::review::record::choice::word;
use crate::review::remediation::{FollowUp, Followed, sum, why};

/// Tasks shown on a screen; the files hold all of them.
const SHOWN: usize = 40;

/// The campaign named; else the configuration's when it is closed; else the last closed one.
fn named(session: &Session, asked: Option<&str>) -> Result<String, Failure> {
    if let Some(asked) = asked {
        return Ok(asked.to_owned());
    }
    let closed = held::closed(session)?;
    let current = held::current(session).ok();
    let ours = closed.iter().find(|held| Some(held.id()) == current).or(closed.last());
    // Nothing closed: the message is the one for the configuration's own.
    ours.map_or_else(|| held::current(session).map(str::to_owned), |held: &Held| Ok(held.id().to_owned()))
}

/// `probant review follow-up`.
pub(in crate::cli) fn follow_up(session: &Session, args: &FollowUpReview) -> Exit {
    let id = named(session, args.campaign.as_deref())?;
    let mut store = session.store()?;
    let followed = follow::refresh(session, &mut store, &id)?;
    let console = &session.console;
    console.json(&serde_json::json!({
        "schema": "probant.follow-up.v1", "follow_up": followed.follow_up, "files": followed.files,
    }))?;
    show(session, &followed.follow_up);
    console.say("");
    for path in &followed.files {
        console.say(summary::shown(path, &session.context.folder));
    }
    Ok(u8::from(args.fail_on == Some(FailOn::Late) && followed.follow_up.late > 0))
}

fn show(session: &Session, follow_up: &FollowUp) {
    let console = &session.console;
    let lang = console.lang;
    console.say(format!(
        "{} · {} {} · {}",
        follow_up.campaign,
        console.pick("au", "on"),
        lang.date(follow_up.today),
        console.pick(
            format!("{} instantané(s) postérieur(s) lu(s)", follow_up.snapshots.len()),
            format!("{} later snapshot(s) read", follow_up.snapshots.len())
        )
    ));
    console.say(sum(follow_up, lang));
    let mut outstanding: Vec<&Followed> = follow_up.tasks.iter().filter(|task| task.is_outstanding()).collect();
    outstanding.sort_by(|a, b| (!a.late, a.due, &a.system, &a.item_id).cmp(&(!b.late, b.due, &b.system, &b.item_id)));
    let row = |task: &&Followed| {
        let late = if task.late { console.pick(" ✗ hors délai", " ✗ late") } else { "" };
        vec![
            task.item_id.clone(),
            task.title.clone(),
            word(task.choice, lang).to_owned(),
            format!("{}{late}", lang.date(task.due)),
            task.working_days.to_string(),
            task.state.word(lang).to_owned(),
            why(task, lang),
        ]
    };
    let header = console.pick(
        ["Ligne", "Quoi", "Décision", "Échéance", "Jours ouvrés", "État", "Pourquoi"],
        ["Line", "What", "Decision", "Due", "Working days", "State", "Why"],
    );
    if !outstanding.is_empty() {
        console.say("");
    }
    console.table(&header, &[4], outstanding.iter().take(SHOWN).map(row).collect());
    if let Some(more) = outstanding.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        console.say(console.pick(format!("  … et {more} autres dans les fichiers"), format!("  … and {more} more in the files")));
    }
    if follow_up.late > 0 {
        console.say(console.pick(format!("{} hors délai", follow_up.late), format!("{} late", follow_up.late)));
    }
}

/// `probant review claim`.
pub(in crate::cli) fn claim(session: &Session, args: &ClaimReview) -> Exit {
    let id = named(session, args.campaign.as_deref())?;
    let claimed = follow::claim(session, &id, &args.lines, (&args.by, args.ticket.as_deref()))?;
    let console = &session.console;
    console.json(&serde_json::json!({ "schema": "probant.claim.v1", "campaign": id, "lines": args.lines }))?;
    console.say(console.pick(
        format!("{claimed} tâche(s) dite(s) faite(s) : la prochaine collecte le vérifiera (`probant harvest`, puis `probant review follow-up`)"),
        format!("{claimed} task(s) said to be done: the next collection will verify it (`probant harvest`, then `probant review follow-up`)"),
    ));
    Ok(0)
}
