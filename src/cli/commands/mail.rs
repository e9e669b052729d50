//! `probant review send`: what went to whom, what did not and why.

use super::Exit;
use crate::cli::args::SendReview;
use crate::cli::console::Console;
use crate::cli::mail::{self, Done, Fate, Opened, Sending};
use crate::cli::session::Session;
use crate::lang::Lang;
use crate::review::mail::{Ask, Skipped};

/// Version of the JSON.
const SCHEMA: &str = "probant.mail.v1";

pub(super) fn send(session: &Session, args: &SendReview) -> Exit {
    let opened = Opened::read(session, args.campaign.as_deref())?;
    let ask = if args.remind { Ask::Remind } else { Ask::Invite };
    let outcome = mail::send(session, &opened, &Sending { ask, dry_run: args.dry_run, again: &args.again })?;
    let console = &session.console;
    let letters: Vec<_> = outcome.done.iter().map(|done| letter(done, console.lang)).collect();
    let others = outcome.plan.skipped.iter().map(|(reviewer, why)| {
        serde_json::json!({ "reviewer": reviewer.person_id, "name": reviewer.name, "why": skipped(why, console.lang), "trouble": why.is_trouble() })
    });
    console.json(&serde_json::json!({
        "schema": SCHEMA, "campaign": opened.campaign.head.id, "dry_run": args.dry_run, "letters": letters,
        "others": others.collect::<Vec<_>>(),
    }))?;
    let rows = outcome.done.iter().map(|done| {
        let copy = if done.copied { console.pick("oui", "yes") } else { "" };
        let size = format!("{} Ko", done.bytes.div_ceil(1000));
        let wanted = &done.wanted;
        vec![
            wanted.reviewer.name.clone(),
            wanted.to.to_owned(),
            wanted.letter.clone(),
            size,
            copy.to_owned(),
            fate(&done.fate, console.lang),
        ]
    });
    let header = console
        .pick(["Relecteur", "adresse", "lettre", "taille", "copie", ""], ["Reviewer", "address", "letter", "size", "copy", ""]);
    console.table(&header, &[3], rows.collect());
    others_said(console, &outcome.plan.skipped);
    let failed = outcome.done.iter().filter(|done| matches!(done.fate, Fate::Failed(_) | Fate::Unreachable(_))).count();
    let troubled = outcome.plan.skipped.iter().filter(|(_, why)| why.is_trouble()).count();
    let sent = outcome.done.len() - failed;
    console.note(match (args.dry_run, console.lang) {
        (true, Lang::Fr) => {
            format!("À blanc : {sent} lettre(s) à envoyer, rien n'est parti ; {troubled} relecteur(s) sans lettre possible")
        }
        (true, Lang::En) => {
            format!("Dry run: {sent} letter(s) to send, nothing went out; {troubled} reviewer(s) cannot be written to")
        }
        (false, Lang::Fr) => {
            format!("{sent} lettre(s) envoyée(s), {failed} en échec, {troubled} relecteur(s) sans lettre possible")
        }
        (false, Lang::En) => format!("{sent} letter(s) sent, {failed} failed, {troubled} reviewer(s) cannot be written to"),
    });
    Ok(if failed + troubled > 0 { 2 } else { 0 })
}

fn letter(done: &Done<'_>, lang: Lang) -> serde_json::Value {
    let (state, refused) = match &done.fate {
        Fate::Sent { copy_refused, .. } => ("sent", copy_refused.clone()),
        Fate::Would => ("dry-run", vec![]),
        Fate::Failed(_) => ("failed", vec![]),
        Fate::Unreachable(_) => ("unreachable", vec![]),
    };
    serde_json::json!({
        "reviewer": done.wanted.reviewer.person_id, "name": done.wanted.reviewer.name, "to": done.wanted.to, "letter": done.wanted.letter,
        "bytes": done.bytes, "copied": done.copied, "state": state, "said": fate(&done.fate, lang), "copies_refused": refused,
    })
}

fn fate(fate: &Fate, lang: Lang) -> String {
    match fate {
        Fate::Sent { answer, copy_refused } => {
            let sent = format!("{} ({answer})", lang.pick("✓ envoyée", "✓ sent"));
            if copy_refused.is_empty() {
                return sent;
            }
            let refused = copy_refused.join("; ");
            format!("{sent}; {} {refused}", lang.pick("copie refusée :", "copy refused:"))
        }
        Fate::Would => lang.pick("à envoyer", "to be sent").to_owned(),
        Fate::Failed(why) | Fate::Unreachable(why) => format!("✗ {why}"),
    }
}

/// Those who get no letter: each one who is a trouble by name, the others as counts.
fn others_said(console: &Console, others: &[(&crate::review::record::item::Reviewer, Skipped)]) {
    let lang = console.lang;
    for (reviewer, why) in others.iter().filter(|(_, why)| why.is_trouble()) {
        console.say(format!("! {}{}{}", reviewer.name, lang.pick("\u{a0}: ", ": "), skipped(why, lang)));
    }
    let count = |wanted: fn(&Skipped) -> bool| others.iter().filter(|(_, why)| wanted(why)).count();
    let sent = count(|why| matches!(why, Skipped::Sent(_)));
    if sent > 0 {
        console.say(console.pick(
            format!("{sent} relecteur(s) l'ont déjà reçue ; pour la renvoyer à l'un d'eux : --again MATRICULE"),
            format!("{sent} reviewer(s) have had it already; to send it to one of them again: --again REVIEWER"),
        ));
    }
    let done = count(|why| matches!(why, Skipped::Done));
    if done > 0 {
        console.say(console.pick(
            format!("{done} relecteur(s) ont tout rendu et signé"),
            format!("{done} reviewer(s) have returned and signed everything"),
        ));
    }
    for (reviewer, why) in others.iter().filter(|(_, why)| matches!(why, Skipped::Moved)) {
        console.say(format!("{}{}{}", reviewer.name, lang.pick("\u{a0}: ", ": "), skipped(why, lang)));
    }
    if let Some((_, why)) = others.iter().find(|(_, why)| matches!(why, Skipped::NotBefore(_))) {
        console.say(skipped(why, lang));
    }
}

fn skipped(why: &Skipped, lang: Lang) -> String {
    let told = |at: &jiff::Timestamp| at.strftime("%Y-%m-%d %H:%M UTC").to_string();
    match (why, lang) {
        (Skipped::NoAddress, Lang::Fr) => {
            "sans adresse dans l'annuaire RH ; ouvrez son brouillon (.eml), ou remettez-lui le classeur".to_owned()
        }
        (Skipped::NoAddress, Lang::En) => {
            "no address in the HR roster; open the draft (.eml), or hand the workbook over".to_owned()
        }
        (Skipped::BadAddress(text), Lang::Fr) => {
            format!("« {text} » n'est pas une adresse ; corrigez l'annuaire RH, ou envoyez son brouillon (.eml)")
        }
        (Skipped::BadAddress(text), Lang::En) => {
            format!("\"{text}\" is no e-mail address; correct the HR roster, or send the draft (.eml) by hand")
        }
        (Skipped::Sent(at), Lang::Fr) => format!("déjà envoyée le {}", told(at)),
        (Skipped::Sent(at), Lang::En) => format!("already sent on {}", told(at)),
        (Skipped::Doubt(at), Lang::Fr) => format!(
            "l'envoi du {} a été interrompu : nul ne sait si la lettre est arrivée. Demandez-le, puis --again MATRICULE si elle manque",
            told(at)
        ),
        (Skipped::Doubt(at), Lang::En) => format!(
            "the sending of {} was interrupted: nobody knows whether the letter arrived. Ask, then --again REVIEWER if it did not",
            told(at)
        ),
        (Skipped::Done, Lang::Fr) => "tout est rendu et signé".to_owned(),
        (Skipped::Done, Lang::En) => "everything is returned and signed".to_owned(),
        (Skipped::Moved, Lang::Fr) => "toutes ses lignes ont été confiées à un autre relecteur".to_owned(),
        (Skipped::Moved, Lang::En) => "all of the lines were given to another reviewer".to_owned(),
        (Skipped::NotBefore(day), _) => format!("{} {}", lang.pick("Aucun rappel avant le", "No reminder before"), lang.date(*day)),
    }
}
