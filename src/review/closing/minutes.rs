//! The minutes of a closed campaign (procès-verbal): what was reviewed, by whom, with what result, ready to sign.

use crate::lang::Lang;
use crate::review::lines::line::Delta;
use crate::review::paper::page::{Block, Page};
use crate::review::paper::texts;
use crate::review::record::campaign::{Campaign, Head, NoAnswer};
use crate::review::record::choice::{Choice, word};
use crate::review::record::decisions::{Log, Tally};
use crate::review::underway::status::{Progress, Signal, status};

/// The minutes; none while the campaign is open.
#[must_use]
pub fn minutes(campaign: &Campaign, log: &Log, lang: Lang) -> Option<Page> {
    let (closing, totals) = log.closed()?;
    let head = &campaign.head;
    let zone = jiff::tz::TimeZone::get(&head.zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let local = |at: jiff::Timestamp| format!("{} ({})", lang.date_time(zone.to_datetime(at)), head.zone);
    let on = status(campaign, log, zone.to_datetime(closing.at).date());
    let title = lang.pick("Procès-verbal de revue des habilitations", "Minutes of the access review");
    let facts = vec![
        fact(lang, "Campagne", "Campaign", &format!("{} ({})", head.id, head.kind.word(lang))),
        fact(lang, "Ouverte le", "Opened on", &format!("{}, {}", local(head.opened_at), head.opened_by)),
        fact(lang, "À rendre avant le", "Due on", &lang.date(head.due)),
        fact(lang, "Close le", "Closed on", &format!("{}, {}", local(closing.at), closing.by)),
        fact(lang, "Systèmes", "Systems", &scope(head, lang)),
        fact(lang, "Instantané", "Snapshot", &head.snapshot_id),
        fact(lang, "Lignes figées (SHA-256)", "Frozen lines (SHA-256)", &head.items_sha256),
        fact(lang, "Règle en l'absence de réponse", "Rule for silence", rule(head.no_answer, lang)),
    ];
    let heads = |fr: &[&str], en: &[&str]| lang.pick(fr, en).iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
    let mut blocks = vec![
        Block::Table { heads: heads(&["Fait", "Valeur"], &["Fact", "Value"]), rows: facts },
        heading(lang, "Totaux", "Totals"),
        Block::Text(sum(&totals, lang)),
        Block::Text(changes(head, lang)),
        heading(lang, "Relecteurs", "Reviewers"),
        tally_table(&on.reviewers, lang, true),
    ];
    if !on.moved.is_empty() {
        blocks.push(heading(lang, "Lignes confiées à un autre relecteur", "Lines given to another reviewer"));
        blocks.extend(on.moved.iter().map(|moved| Block::Text(moved.say(&zone, lang))));
    }
    blocks.extend([
        heading(lang, "Outils", "Tools"),
        tally_table(&on.systems, lang, false),
        heading(lang, "À retirer ou modifier", "To revoke or modify"),
        actions(campaign, log, lang),
        heading(lang, "Sources et réserves", "Sources and reservations"),
    ]);
    blocks.extend(reservations(campaign, &on.signals, lang));
    blocks.push(heading(lang, "Fichiers rendus", "Returned files"));
    let files = log.returns().map(|(event, r)| {
        let who = r.reviewer.as_deref().map_or("—", |id| campaign.reviewer(id).map_or(id, |r| &r.name));
        let signed =
            r.signature.as_ref().map_or_else(|| "—".to_owned(), |s| format!("{}, {}, {}", s.name, s.role, lang.date(s.on)));
        vec![lang.date_time(zone.to_datetime(event.at)), r.file.clone(), who.to_owned(), signed, r.sha256.clone()]
    });
    let mut columns = heads(
        &["Reçu le", "Fichier", "Relecteur", "Signé par", "SHA-256"],
        &["Received", "File", "Reviewer", "Signed by", "SHA-256"],
    );
    if let Some(received) = columns.first_mut() {
        *received = format!("{received} ({})", head.zone);
    }
    blocks.push(Block::Table { heads: columns, rows: files.collect() });
    blocks.push(heading(lang, "Signatures", "Signatures"));
    blocks.push(Block::Text(
        lang.pick(
            "Les soussignés attestent que la revue a porté sur les lignes figées ci-dessus, et que les décisions rendues par les relecteurs y sont reportées sans changement.",
            "The undersigned attest that the review covered the frozen lines above, and that the reviewers' decisions are reported here unchanged.",
        )
        .to_owned(),
    ));
    let sign = |fr: &str, en: &str| vec![lang.pick(fr, en).to_owned(), String::new(), String::new(), String::new()];
    blocks.push(Block::Table {
        heads: heads(&["Rôle", "Nom", "Date", "Signature"], &["Role", "Name", "Date", "Signature"]),
        rows: vec![
            sign("Responsable de la campagne", "Lead of the campaign"),
            sign("Responsable de la sécurité", "Security officer"),
        ],
    });
    Some(Page { lang, title: format!("{title} — {}", head.organisation), wide: false, blocks })
}

fn heading(lang: Lang, fr: &str, en: &str) -> Block {
    Block::Heading(lang.pick(fr, en).to_owned())
}

fn fact(lang: Lang, fr: &str, en: &str, value: &str) -> Vec<String> {
    vec![lang.pick(fr, en).to_owned(), value.to_owned()]
}

fn rule(rule: Option<NoAnswer>, lang: Lang) -> &'static str {
    match rule {
        None => lang.pick("aucune : chaque ligne devait être décidée", "none: every line had to be decided"),
        Some(NoAnswer::Revoke) => lang.pick("révoquer (fixée à l'ouverture)", "revoke (set at opening)"),
        Some(NoAnswer::Keep) => lang.pick("conserver (fixée à l'ouverture)", "keep (set at opening)"),
    }
}

fn sum(t: &Tally, lang: Lang) -> String {
    match lang {
        Lang::Fr => format!(
            "{} lignes = {} décidées ({} conservées + {} à révoquer + {} à modifier) + {} refusées + {} sans réponse.",
            t.items, t.decided, t.keep, t.revoke, t.modify, t.refused, t.no_answer
        ),
        Lang::En => format!(
            "{} lines = {} decided ({} kept + {} to revoke + {} to modify) + {} refused + {} without answer.",
            t.items, t.decided, t.keep, t.revoke, t.modify, t.refused, t.no_answer
        ),
    }
}

fn scope(head: &Head, lang: Lang) -> String {
    let systems = if head.systems.is_empty() { lang.pick("tous", "all").to_owned() } else { head.systems.join(", ") };
    let since = head.since.map(|day| format!("{} {}", lang.pick(", depuis le", ", since"), lang.date(day)));
    systems + &since.unwrap_or_default()
}

/// All lines in scope against what was decided before, those not asked about included.
fn changes(head: &Head, lang: Lang) -> String {
    let by_delta = head.totals.by_delta.iter();
    let part = |(delta, n): (&Delta, &u64)| {
        let word = texts::delta(*delta, lang);
        lang.pick(format!("{n} « {word} »"), format!("{n} \"{word}\""))
    };
    let parts: Vec<String> = by_delta.map(part).collect();
    let against = head.baseline.as_ref().map(|id| lang.pick(format!(" (campagne {id})"), format!(" (campaign {id})")));
    let against = against.unwrap_or_default();
    match lang {
        Lang::Fr => format!(
            "Face aux décisions antérieures{against} : {} ; {} droit(s) disparu(s) depuis ; {} ligne(s) du périmètre non demandée(s) par ce genre de campagne.",
            parts.join(" + "),
            head.removed,
            head.totals.not_selected
        ),
        Lang::En => format!(
            "Against earlier decisions{against}: {}; {} right(s) gone since; {} line(s) in scope that this kind of campaign does not ask about.",
            parts.join(" + "),
            head.removed,
            head.totals.not_selected
        ),
    }
}

fn tally_table(progress: &[Progress], lang: Lang, signed: bool) -> Block {
    let mut heads: Vec<String> = lang
        .pick(
            ["Nom", "Lignes", "Conservées", "À révoquer", "À modifier", "Refusées", "Sans réponse"],
            ["Name", "Lines", "Kept", "To revoke", "To modify", "Refused", "No answer"],
        )
        .map(str::to_owned)
        .into();
    if signed {
        heads.push(lang.pick("Signé", "Signed").to_owned());
    }
    let rows = progress.iter().map(|p| {
        let t = &p.tally;
        let counts = [t.items, t.keep, t.revoke, t.modify, t.refused, t.no_answer].map(|n| n.to_string());
        let mut row = vec![p.name.clone()];
        row.extend(counts);
        if signed {
            row.push(if p.signed { lang.pick("✓ oui", "✓ yes") } else { lang.pick("✗ non", "✗ no") }.to_owned());
        }
        row
    });
    Block::Table { heads, rows: rows.collect() }
}

fn actions(campaign: &Campaign, log: &Log, lang: Lang) -> Block {
    let outcomes = log.outcomes();
    let rows: Vec<Vec<String>> = campaign
        .items
        .iter()
        .filter_map(|item| Some((item, outcomes.get(item.id.as_str())?)))
        .filter(|(_, outcome)| outcome.choice != Choice::Keep)
        .map(|(item, outcome)| {
            let detail = outcome.decided.map_or(lang.pick("sans réponse", "no answer").to_owned(), |d| {
                [d.change.as_deref(), d.justification.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("\n")
            });
            vec![
                item.system.clone(),
                item.login.clone(),
                item.person().to_owned(),
                item.shown(3).to_owned(),
                word(outcome.choice, lang).to_owned(),
                detail,
            ]
        })
        .collect();
    if rows.is_empty() {
        return Block::Text(lang.pick("Rien à retirer ni à modifier.", "Nothing to revoke or modify.").to_owned());
    }
    let heads = lang.pick(
        ["Outil", "Compte", "Personne", "Droit", "Décision", "Précision"],
        ["Tool", "Account", "Person", "Right", "Decision", "Detail"],
    );
    Block::Table { heads: heads.map(str::to_owned).into(), rows }
}

fn reservations(campaign: &Campaign, signals: &[Signal], lang: Lang) -> Vec<Block> {
    let mut lines = vec![];
    for waiver in &campaign.head.waivers {
        let (source, problem) = (&waiver.source, waiver.problem.text(lang));
        lines.push(match lang {
            Lang::Fr => format!("Source « {source} » acceptée malgré : {problem}."),
            Lang::En => format!("Source \"{source}\" accepted although: {problem}."),
        });
    }
    let unassigned = campaign.items.iter().filter(|item| item.reviewer.is_none()).count();
    if unassigned > 0 {
        lines.push(match lang {
            Lang::Fr => format!("{unassigned} ligne(s) sans relecteur possible."),
            Lang::En => format!("{unassigned} line(s) without a possible reviewer."),
        });
    }
    lines.extend(signals.iter().map(|signal| signal.say(lang)));
    if lines.is_empty() {
        lines.push(lang.pick("Aucune réserve.", "No reservation.").to_owned());
    }
    lines.into_iter().map(Block::Text).collect()
}

impl Signal {
    /// One sentence.
    #[must_use]
    pub fn say(&self, lang: Lang) -> String {
        let fr = lang == Lang::Fr;
        match self {
            Self::AllKept { reviewer, kept, decided } if fr => format!("{reviewer} : {kept} lignes conservées sur {decided}."),
            Self::AllKept { reviewer, kept, decided } => format!("{reviewer}: {kept} of {decided} lines kept."),
            Self::FasterThanReading { reviewer, minutes, decided } if fr => {
                format!("{reviewer} : {decided} lignes décidées, fichier ouvert {minutes} min : plus vite qu'on ne lit.")
            }
            Self::FasterThanReading { reviewer, minutes, decided } => {
                format!("{reviewer}: {decided} lines decided, file open for {minutes} min: faster than reading.")
            }
            Self::PrivilegedWithoutJustification { reviewer, lines } if fr => {
                format!("{reviewer} : {lines} droit(s) privilégié(s) à conserver sans justification (lignes refusées).")
            }
            Self::PrivilegedWithoutJustification { reviewer, lines } => {
                format!("{reviewer}: {lines} privileged right(s) to keep without justification (lines refused).")
            }
            Self::EmptyJustification { reviewer, lines, text } if fr => {
                format!("{reviewer} : justification « {text} » sur {lines} droit(s) privilégié(s).")
            }
            Self::EmptyJustification { reviewer, lines, text } => {
                format!("{reviewer}: justification \"{text}\" on {lines} privileged right(s).")
            }
            Self::KeptAgainstAdvice { reviewer, lines } if fr => {
                format!("{reviewer} : {lines} ligne(s) conservée(s) contre la recommandation de révoquer.")
            }
            Self::KeptAgainstAdvice { reviewer, lines } => {
                format!("{reviewer}: {lines} line(s) kept against the recommendation to revoke.")
            }
        }
    }
}
