//! What goes back to a reviewer whose workbook could not be taken whole: a note in plain words, and the lines to correct.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::campaign::{Campaign, Item, Reviewer};
use super::decisions::{Log, Standing};
use super::readback::{MOVED, Note, Reading, Severity, Trouble, Typed};
use crate::lang::Lang;

/// Lines to correct that a note names one by one; the workbook holds all of them.
const NAMED: usize = 40;

/// A line to correct: what is wrong with it, and what was typed.
#[derive(Debug, Clone)]
pub struct ToCorrect<'a> {
    pub item: &'a Item,
    pub reasons: Vec<String>,
    pub typed: Typed,
}

/// What goes back to one reviewer.
#[derive(Debug, Clone)]
pub struct Correction<'a> {
    pub campaign: &'a Campaign,
    pub reviewer: &'a Reviewer,
    pub lines: Vec<ToCorrect<'a>>,
    pub created: Timestamp,
}

/// The lines of a reading to send back; none when there is nobody to send them to, or nothing to correct.
#[must_use]
pub fn correction<'a>(campaign: &'a Campaign, log: &Log, reading: &Reading, now: Timestamp) -> Option<Correction<'a>> {
    let reviewer = campaign.reviewer(reading.reviewer.as_deref()?)?;
    let standings = log.standings();
    let open = |id: &str| !matches!(standings.get(id), Some(Standing::Decided(..)));
    let rerouted = Trouble::OwnAccess.code();
    let mut of_line: BTreeMap<&str, Vec<&Note>> = BTreeMap::new();
    for note in reading.notes.iter().filter(|note| note.severity == Severity::Refuse) {
        of_line.entry(note.item_id.as_deref().unwrap_or_default()).or_default().push(note);
    }
    let of_line = |id: &str| of_line.get(id).map(Vec::as_slice).unwrap_or_default().iter();
    let mut lines: Vec<ToCorrect<'a>> = reading
        .refused
        .iter()
        .filter(|(id, refused)| open(id) && !refused.codes.iter().any(|code| code == rerouted))
        .filter_map(|(id, refused)| {
            let reasons: BTreeSet<&str> = of_line(id).map(|n| n.text(reviewer.lang)).collect();
            let reasons = reasons.into_iter().map(str::to_owned).collect();
            Some(ToCorrect { item: campaign.item(id)?, reasons, typed: refused.typed.clone() })
        })
        .collect();
    // As in the workbook that came back: its sheets, and their rows from top to bottom.
    lines.sort_by_key(|line| (line.item.sheet, of_line(&line.item.id).filter_map(|note| note.row).min()));
    (!lines.is_empty()).then_some(Correction { campaign, reviewer, lines, created: now })
}

/// The note to send with it: what was taken, what was not and why, what is still missing.
#[must_use]
pub fn note(campaign: &Campaign, reading: &Reading, lang: Lang) -> String {
    let reviewer = reading.reviewer.as_deref().and_then(|id| campaign.reviewer(id));
    let (taken, refused, silent) = (reading.answers.len(), reading.refused.len(), reading.silent.len());
    let name = reviewer.map_or("", |r: &Reviewer| r.name.as_str());
    let mut lines = match lang {
        Lang::Fr => vec![
            format!("Bonjour {name},").replace(" ,", ","),
            String::new(),
            format!("Votre retour « {} » pour la revue des habilitations {} a été lu.", reading.file, campaign.head.id),
            format!("Décisions prises en compte : {taken}. Lignes refusées : {refused}. Lignes sans décision : {silent}."),
        ],
        Lang::En => vec![
            format!("Hello {name},").replace(" ,", ","),
            String::new(),
            format!("Your return \"{}\" for the access review {} was read.", reading.file, campaign.head.id),
            format!("Decisions taken: {taken}. Lines refused: {refused}. Lines not decided: {silent}."),
        ],
    };
    let mut section = |heading: &str, notes: &[&Note]| {
        if notes.is_empty() {
            return;
        }
        lines.extend([String::new(), heading.to_owned()]);
        lines.extend(notes.iter().take(NAMED).map(|note| format!("- {}", said(campaign, note, lang))));
        if notes.len() > NAMED {
            let more = notes.len() - NAMED;
            lines.push(lang.pick(
                format!("- et {more} autres, dans le classeur joint."),
                format!("- and {more} more, in the attached workbook."),
            ));
        }
    };
    let of = |wanted: &dyn Fn(&Note) -> bool| reading.notes.iter().filter(|n| wanted(n)).collect::<Vec<_>>();
    let moved = |n: &Note| n.code == MOVED;
    section(lang.pick("À corriger :", "To correct:"), &of(&|n| n.severity == Severity::Refuse && !moved(n)));
    section(
        lang.pick("À vérifier (pris en compte malgré tout) :", "To check (taken all the same):"),
        &of(&|n| n.severity == Severity::Warn),
    );
    section(lang.pick("Confié à un autre relecteur :", "Given to another reviewer:"), &of(&moved));
    let due = lang.date(campaign.head.due);
    let contact = &campaign.head.contact;
    let answered = silent + refused == 0 && reading.notes.iter().all(|n| n.severity != Severity::Refuse || moved(n));
    lines.push(String::new());
    lines.push(match (lang, answered) {
        (Lang::Fr, true) => format!("Vous n'avez rien à renvoyer. Une question : {contact}."),
        (Lang::En, true) => format!("There is nothing to return. Any question: {contact}."),
        (Lang::Fr, false) => format!("Merci de renvoyer le classeur corrigé et signé avant le {due}. Une question : {contact}."),
        (Lang::En, false) => format!("Please return the corrected and signed workbook by {due}. Any question: {contact}."),
    });
    lines.join("\n") + "\n"
}

/// Where, what, why: in one line, as the reviewer sees it.
#[must_use]
pub fn said(campaign: &Campaign, note: &Note, lang: Lang) -> String {
    let place = note.sheet.as_ref().zip(note.row).map(|(sheet, row)| match lang {
        Lang::Fr => format!("feuille {sheet}, ligne {row}"),
        Lang::En => format!("sheet {sheet}, row {row}"),
    });
    let item = note.item_id.as_deref().and_then(|id| campaign.item(id)).map(Item::title);
    let place = place.into_iter().chain(item).collect::<Vec<_>>().join(" — ");
    let text = note.text(lang);
    let text = if place.is_empty() { text.to_owned() } else { format!("{place}{}{text}", lang.pick(" : ", ": ")) };
    // One line each, whatever was typed.
    text.replace(['\n', '\r'], " ")
}
