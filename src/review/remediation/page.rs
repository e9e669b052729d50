//! The follow-up as a document: what was asked, what is proven, what is late.

use super::follow::{FollowUp, Followed, State};
use crate::lang::Lang;
use crate::review::campaign::Campaign;
use crate::review::page::{Block, Page};
use crate::review::readback::word;

/// States in the order in which they call for action.
const ORDER: [State; 7] = [
    State::Reappeared,
    State::StillPresent,
    State::NotObservable,
    State::Claimed,
    State::Open,
    State::Excepted,
    State::VerifiedAbsent,
];

/// The follow-up, ready to print.
#[must_use]
pub fn page(campaign: &Campaign, follow_up: &FollowUp, lang: Lang) -> Page {
    let title = lang.pick("Suivi des révocations et modifications", "Follow-up of revocations and modifications");
    let on = lang.date(follow_up.today);
    let facts = [
        (lang.pick("Campagne", "Campaign"), campaign.head.id.clone()),
        (lang.pick("État au", "State on"), on),
        (lang.pick("Instantanés lus", "Snapshots read"), listed(&follow_up.snapshots)),
        (lang.pick("Hors délai", "Late"), follow_up.late.to_string()),
    ];
    let mut blocks = vec![
        Block::Table {
            heads: lang.pick(["Fait", "Valeur"], ["Fact", "Value"]).map(str::to_owned).into(),
            rows: facts.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect(),
        },
        Block::Text(sum(follow_up, lang)),
        Block::Text(
            lang.pick(
                "« Absence vérifiée » : une collecte postérieure à la décision, complète, réussie, de la même source et du même \
                 périmètre ne montre plus le droit. La clôture d'un ticket ne suffit jamais.",
                "\"Verified absent\": a collection later than the decision, complete, successful, of the same source and scope, \
                 does not show the right any more. A closed ticket never suffices.",
            )
            .to_owned(),
        ),
    ];
    for state in ORDER {
        let tasks: Vec<&Followed> = follow_up.tasks.iter().filter(|task| task.state == state).collect();
        if !tasks.is_empty() {
            blocks.push(Block::Heading(format!("{} ({})", state.word(lang), tasks.len())));
            blocks.push(table(&tasks, lang));
        }
    }
    Page { lang, title: format!("{title} — {}", campaign.head.organisation), wide: true, blocks }
}

fn listed(snapshots: &[String]) -> String {
    match snapshots {
        [] => "—".to_owned(),
        [first, .., last] if snapshots.len() > 3 => format!("{} ({first} … {last})", snapshots.len()),
        few => few.join(", "),
    }
}

/// How many tasks are in each state, as a sum.
#[must_use]
pub fn sum(follow_up: &FollowUp, lang: Lang) -> String {
    let parts: Vec<String> =
        ORDER.iter().filter_map(|state| Some(format!("{} {}", follow_up.totals.get(state)?, state.word(lang)))).collect();
    let parts = if parts.is_empty() { "0".to_owned() } else { parts.join(" + ") };
    lang.pick(format!("{} tâches = {parts}.", follow_up.tasks.len()), format!("{} tasks = {parts}.", follow_up.tasks.len()))
}

fn table(tasks: &[&Followed], lang: Lang) -> Block {
    let heads = lang.pick(
        ["Ligne", "Système", "Compte et droit", "Décision", "Responsable", "Échéance", "Jours ouvrés", "Pourquoi"],
        ["Line", "System", "Account and right", "Decision", "Owner", "Due", "Working days", "Why"],
    );
    // Why only where there is something to say.
    let told = tasks.iter().any(|task| !why(task, lang).is_empty());
    let row = |task: &&Followed| {
        let late = if task.late { lang.pick(" ✗ hors délai", " ✗ late") } else { "" };
        let decision = match &task.change {
            Some(change) => format!("{}{}{change}", word(task.choice, lang), lang.pick(" : ", ": ")),
            None => word(task.choice, lang).to_owned(),
        };
        let mut row = vec![
            task.item_id.clone(),
            task.system.clone(),
            task.title.clone(),
            decision,
            task.owner.clone().unwrap_or_else(|| "—".to_owned()),
            format!("{}{late}", lang.date(task.due)),
            task.working_days.to_string(),
        ];
        row.extend(told.then(|| why(task, lang)));
        row
    };
    let shown = heads.len() - usize::from(!told);
    Block::Table { heads: heads.into_iter().take(shown).map(str::to_owned).collect(), rows: tasks.iter().map(row).collect() }
}

/// Why a task is in its state, in one line.
#[must_use]
pub fn why(task: &Followed, lang: Lang) -> String {
    let superseded = task.superseded_by.as_ref().map(|campaign| {
        lang.pick(format!("décidée à nouveau par la campagne {campaign}"), format!("decided again by campaign {campaign}"))
    });
    let why = task.why.as_ref().map(|why| why.text(lang).to_owned());
    why.into_iter().chain(superseded).collect::<Vec<_>>().join(" ; ")
}
