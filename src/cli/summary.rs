//! What a run says at its end, short enough to be read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::console::{Console, number};
use crate::judge::finding::{Assessment, CollectionSummary, Finding, Severity, Status};
use crate::lang::Lang;
use crate::outputs::report::CampaignState;
use crate::review::remediation;

/// Findings shown before "and n more".
const WORST: usize = 8;

/// `probant.run.v1`.
#[derive(Debug, Serialize)]
pub(super) struct RunSummary<'a> {
    pub(super) schema: &'a str,
    pub(super) snapshot: &'a str,
    pub(super) assessment: &'a Assessment,
    /// What was made, by kind.
    pub(super) files: BTreeMap<&'a str, Vec<PathBuf>>,
    pub(super) failed_sources: Vec<&'a str>,
}

/// A colon as the language sets it: after a no-break space in French.
pub(super) fn colon(lang: Lang) -> &'static str {
    lang.pick("\u{a0}:", ":")
}

/// Status in words, with a sign that says the same.
pub(super) fn status(lang: Lang, status: Status) -> &'static str {
    match status {
        Status::Satisfied => lang.pick("✓ satisfait", "✓ satisfied"),
        Status::NotSatisfied => lang.pick("✗ non satisfait", "✗ not satisfied"),
        Status::Stale => lang.pick("⌛ périmé", "⌛ stale"),
        Status::Incomplete => lang.pick("◐ incomplet", "◐ incomplete"),
        Status::NotCollected => lang.pick("○ non collecté", "○ not collected"),
        Status::Skipped => lang.pick("– non joué", "– skipped"),
        Status::NotApplicable => lang.pick("– non applicable", "– not applicable"),
        Status::NoAutomatedEvidence => lang.pick("· sans preuve automatique", "· no automated evidence"),
        Status::NothingToJudge => lang.pick("· rien à juger", "· nothing to judge"),
        Status::Broken => lang.pick("! défaillant", "! broken"),
    }
}

pub(super) fn severity(lang: Lang, severity: Severity) -> &'static str {
    match severity {
        Severity::Low => lang.pick("faible", "low"),
        Severity::Medium => lang.pick("moyenne", "medium"),
        Severity::High => lang.pick("élevée", "high"),
        Severity::Critical => lang.pick("critique", "critical"),
    }
}

/// Who, when, over what.
pub(super) fn header(console: &Console, assessment: &Assessment) {
    console.say(format!(
        "{} · {} {} · {} {} · {} {}",
        assessment.organisation,
        console.pick("période", "period"),
        console.lang.period(&assessment.period.label),
        console.pick("au", "as of"),
        assessment.as_of,
        console.pick("instantané", "snapshot"),
        assessment.snapshot_id
    ));
}

/// The sources and their arithmetic.
pub(super) fn sources(console: &Console, collections: &[CollectionSummary]) {
    let lang = console.lang;
    console.say("");
    let state = |c: &CollectionSummary| match (&c.incomplete_reason, c.evidence_at.is_some()) {
        (_, false) => {
            format!(
                "{}{} {}",
                status(lang, Status::NotCollected),
                colon(lang),
                lang.reason(c.incomplete_reason.as_deref().unwrap_or_default())
            )
        }
        (Some(reason), true) => format!("{}{} {}", status(lang, Status::Incomplete), colon(lang), lang.reason(reason)),
        (None, true) => lang.pick("✓ complète", "✓ complete").to_owned(),
    };
    let rows = collections
        .iter()
        .map(|c| {
            vec![c.source.clone(), number(lang, c.rows_seen), number(lang, c.rows_kept), number(lang, c.rows_rejected), state(c)]
        })
        .collect();
    let header = lang.pick(["Source", "lues", "retenues", "rejetées", "état"], ["Source", "read", "kept", "rejected", "state"]);
    console.table(&header, &[1, 2, 3], rows);
}

/// Controls counted by status.
pub(super) fn controls(console: &Console, assessment: &Assessment) {
    let mut by_status: BTreeMap<Status, u64> = BTreeMap::new();
    for control in &assessment.controls {
        *by_status.entry(control.status).or_default() += 1;
    }
    console.say("");
    let counts: Vec<String> = by_status.iter().rev().map(|(s, n)| format!("{n} {}", status(console.lang, *s))).collect();
    console.say(format!(
        "{} ({}){} {}",
        console.pick("Mesures", "Controls"),
        assessment.framework,
        colon(console.lang),
        counts.join(", ")
    ));
}

/// Findings that call for action, worst first.
pub(super) fn worst(assessment: &Assessment) -> Vec<&Finding> {
    let mut worst: Vec<&Finding> = assessment
        .findings
        .iter()
        .filter(|f| !matches!(f.status, Status::Satisfied | Status::NothingToJudge | Status::Skipped))
        .collect();
    worst.sort_by(|a, b| {
        let rank = |f: &Finding| (f.status == Status::Broken, f.status == Status::NotSatisfied, f.severity, f.counts.exceptions);
        rank(b).cmp(&rank(a)).then_with(|| a.check_id.cmp(&b.check_id))
    });
    worst
}

/// The worst findings, `limit` at most.
pub(super) fn findings(console: &Console, assessment: &Assessment, limit: Option<usize>) {
    let lang = console.lang;
    let worst = worst(assessment);
    let limit = limit.unwrap_or(worst.len());
    console.say("");
    let rows = worst
        .iter()
        .take(limit)
        .map(|f| {
            let c = f.counts;
            let arithmetic = format!(
                "{} = {} + {} + {} + {}",
                number(lang, c.population),
                number(lang, c.conform),
                number(lang, c.exceptions),
                number(lang, c.accepted),
                number(lang, c.undetermined)
            );
            vec![
                severity(lang, f.severity).to_owned(),
                status(lang, f.status).to_owned(),
                lang.pick(&f.title.fr, &f.title.en).clone(),
                arithmetic,
            ]
        })
        .collect();
    let header = lang.pick(
        ["Gravité", "État", "Constat", "population = conformes + écarts + dérogations + indéterminés"],
        ["Severity", "Status", "Finding", "population = conform + exceptions + accepted + undetermined"],
    );
    console.table(&header, &[3], rows);
    if worst.len() > limit {
        console.say(lang.pick(
            format!("  … et {} autres constats dans le rapport", worst.len() - limit),
            format!("  … and {} more findings in the report", worst.len() - limit),
        ));
    }
}

/// The whole summary of a run.
pub(super) fn run(console: &Console, assessment: &Assessment) {
    header(console, assessment);
    sources(console, &assessment.collections);
    controls(console, assessment);
    findings(console, assessment, Some(WORST));
}

/// One line for each campaign: how far it is, or what became of what it asked for.
pub(super) fn campaigns(console: &Console, campaigns: &[CampaignState]) {
    let lang = console.lang;
    for CampaignState { head, status, follow_up } in campaigns {
        let t = &status.totals;
        let label = console.pick("Revue      ", "Review     ");
        if status.abandoned.is_some() {
            console.say(console.pick(format!("{label}  {} abandonnée", head.id), format!("{label}  {} abandoned", head.id)));
        } else if status.closed_at.is_none() {
            let due = lang.date(head.due);
            let (decided, items) = (number(lang, t.decided), number(lang, t.items));
            let late = if status.late { console.pick(" ✗ en retard", " ✗ late") } else { "" };
            console.say(console.pick(
                format!("{label}  {} ouverte\u{a0}: {decided} lignes décidées sur {items}, à rendre le {due}{late}", head.id),
                format!("{label}  {} open: {decided} of {items} lines decided, due {due}{late}", head.id),
            ));
        } else if let Some(follow_up) = follow_up {
            let (sum, late) = (remediation::sum(follow_up, lang), follow_up.late);
            console.say(console.pick(
                format!("{label}  {} close\u{a0}: {sum} {late} hors délai", head.id),
                format!("{label}  {} closed: {sum} {late} late", head.id),
            ));
        }
    }
}

/// A path as shown: from the current folder where it lies below it.
pub(super) fn shown(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}
