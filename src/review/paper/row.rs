//! A line as the cells of a row: the columns, their order, what each says, and the hash over the frozen ones.
//!
//! The workbook writes these cells; whoever reads a workbook back hashes what it finds the same way and so sees every
//! frozen cell that was edited. The hash detects accidents and clumsy edits; it is no signature.

use std::borrow::Cow;

use jiff::civil::Date;
use sha2::{Digest, Sha256};

use super::clean;
use super::texts::{self, Words};
use crate::lang::Lang;
use crate::review::lines::advice::Precision;
use crate::review::lines::line::{Line, is_personal, short};

/// Version of the workbook's layout. Columns and keys are only ever added within a version.
pub const FORMAT: &str = "probant.workbook.v1";
/// Value of `content` in the `_meta` of a workbook that holds only some of its reviewer's lines, to be corrected.
pub const PARTIAL: &str = "correction";
/// Value of `content` in the `_meta` of a workbook of lines that came from another reviewer; `handover` is then its number.
pub const HANDED: &str = "handover";

/// Columns of a line sheet, left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// Id of the line. Hidden.
    Item,
    /// Number on the sheet, to speak of a line. Not hashed: it belongs to the sheet.
    Number,
    Person,
    Account,
    System,
    Right,
    Privileged,
    Held,
    LastLogin,
    Delta,
    Previous,
    Flags,
    Advice,
    Reasons,
    Decision,
    Change,
    Justification,
    Comment,
    /// A formula: what the line still lacks. Not hashed.
    State,
    /// Hash of the frozen cells. Hidden.
    Hash,
}

impl Column {
    pub const ALL: [Self; 20] = [
        Self::Item,
        Self::Number,
        Self::Person,
        Self::Account,
        Self::System,
        Self::Right,
        Self::Privileged,
        Self::Held,
        Self::LastLogin,
        Self::Delta,
        Self::Previous,
        Self::Flags,
        Self::Advice,
        Self::Reasons,
        Self::Decision,
        Self::Change,
        Self::Justification,
        Self::Comment,
        Self::State,
        Self::Hash,
    ];

    /// The columns that [`hash`] covers, in its order.
    pub const FROZEN: [Self; 13] = [
        Self::Item,
        Self::Person,
        Self::Account,
        Self::System,
        Self::Right,
        Self::Privileged,
        Self::Held,
        Self::LastLogin,
        Self::Delta,
        Self::Previous,
        Self::Flags,
        Self::Advice,
        Self::Reasons,
    ];

    /// The four columns that the reviewer fills in.
    pub const INPUT: [Self; 4] = [Self::Decision, Self::Change, Self::Justification, Self::Comment];

    #[must_use]
    pub fn index(self) -> u16 {
        self as u16
    }

    /// Heading.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::Item => lang.pick("Id de ligne", "Line id"),
            Self::Number => lang.pick("N°", "No."),
            Self::Person => lang.pick("Personne", "Person"),
            Self::Account => lang.pick("Compte", "Account"),
            Self::System => lang.pick("Outil", "Tool"),
            Self::Right => lang.pick("Droit et description", "Right and description"),
            Self::Privileged => lang.pick("Privilégié", "Privileged"),
            Self::Held => lang.pick("Obtenu", "Held"),
            Self::LastLogin => lang.pick("Dernière connexion", "Last login"),
            Self::Delta => lang.pick("Depuis la revue précédente", "Since the last review"),
            Self::Previous => lang.pick("Décision précédente", "Earlier decision"),
            Self::Flags => lang.pick("Alertes", "Flags"),
            Self::Advice => lang.pick("Recommandation", "Recommendation"),
            Self::Reasons => lang.pick("Motif", "Reason"),
            Self::Decision => lang.pick("Décision", "Decision"),
            Self::Change => lang.pick("Changement demandé", "Requested change"),
            Self::Justification => "Justification",
            Self::Comment => lang.pick("Commentaire", "Comment"),
            Self::State => lang.pick("État", "State"),
            Self::Hash => lang.pick("Empreinte", "Row hash"),
        }
    }
}

/// A frozen cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    /// A day, and how far it can be trusted.
    Date(Date, Precision),
}

impl Cell {
    /// As it is hashed: a date as ISO 8601, whatever the sheet shows.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Date(date, _) => Cow::Owned(date.to_string()),
        }
    }
}

/// The frozen cells of a line, in the order of [`Column::FROZEN`].
#[must_use]
pub fn cells(line: &Line<'_>, lang: Lang) -> [Cell; 13] {
    let words = Words::of(lang);
    let text = |text: &str| Cell::Text(text.to_owned());
    [
        text(&line.item_id),
        joined(person(line, lang)),
        joined(account(line, words)),
        Cell::Text(clean::text(&line.account.system)),
        joined(right(line, words)),
        text(line.entitlement_id.map_or("—", |_| words.tristate(line.privileged()))),
        joined(held(line, words)),
        line.last_login
            .map_or_else(|| text(words.no_login_known), |day| Cell::Date(day, Precision::of(&line.account.last_login_precision))),
        text(texts::delta(line.delta, lang)),
        joined(previous(line, lang)),
        joined(line.flags.iter().map(|f| clean::text(lang.pick(&f.fr, &f.en))).collect()),
        text(texts::verdict(line.advice.verdict, lang)),
        joined(vec![texts::reasons(line, &line.advice, lang)]),
    ]
}

/// First 64 bits of a SHA-256 over the texts of the frozen cells, lengths included.
#[must_use]
pub fn hash<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut digest = Sha256::new();
    digest.update(b"probant.row.v1");
    for text in texts {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    }
    short(digest)
}

fn joined(mut parts: Vec<String>) -> Cell {
    let text = if parts.len() == 1 { parts.pop() } else { None };
    Cell::Text(clean::fit(text.unwrap_or_else(|| parts.join("\n"))))
}

fn person(line: &Line<'_>, lang: Lang) -> Vec<String> {
    let words = Words::of(lang);
    if !is_personal(line.account) {
        let owner = line.owner.map(|p| format!("{}{}", words.owner, clean::text(&p.display_name)));
        let kind = texts::kind(&line.account.kind, lang).to_owned();
        return vec![kind, owner.unwrap_or_else(|| words.no_owner.to_owned())];
    }
    let Some(person) = line.person else { return vec![words.nobody.to_owned()] };
    let mut parts = vec![clean::text(&person.display_name)];
    parts.extend(person.org_unit.as_deref().map(clean::text));
    if !matches!(line.account.link_status.as_ref(), "definite" | "declared") {
        parts.push(words.candidate.to_owned());
    }
    parts
}

fn account(line: &Line<'_>, words: &Words) -> Vec<String> {
    let account = line.account;
    let mut parts = vec![clean::text(&account.login)];
    let known = line.person.filter(|_| is_personal(account)).map(|p| p.display_name.as_ref());
    let shown = account.display_name.as_deref();
    parts.extend(shown.filter(|name| Some(*name) != known && *name != account.login).map(clean::text));
    match account.enabled {
        Some(true) => {}
        Some(false) => parts.push(words.disabled.to_owned()),
        None => parts.push(words.maybe_enabled.to_owned()),
    }
    if account.locked == Some(true) {
        parts.push(words.locked.to_owned());
    }
    parts
}

fn right(line: &Line<'_>, words: &Words) -> Vec<String> {
    let Some(id) = line.entitlement_id else { return vec![words.no_right.to_owned()] };
    let Some(right) = line.entitlement else {
        return vec![clean::text(id), words.undescribed.to_owned()];
    };
    let mut name = clean::text(&right.name);
    let resource = right.resource.as_ref();
    if !resource.is_empty() && *resource != *right.name && *resource != *right.system {
        name = format!("{name} ({})", clean::text(resource));
    }
    let mut parts = vec![name];
    parts.extend(right.description.as_deref().map(clean::text).filter(|text| !text.is_empty()));
    parts
}

fn held(line: &Line<'_>, words: &Words) -> Vec<String> {
    if line.entitlement_id.is_none() {
        return vec!["—".to_owned()];
    }
    let mut parts = vec![];
    if line.direct {
        parts.push(words.direct.to_owned());
    }
    parts.extend(line.via.iter().map(|path| format!("{}{}", words.via, clean::text(path))));
    if parts.is_empty() {
        parts.push(words.indirect.to_owned());
    }
    parts
}

fn previous(line: &Line<'_>, lang: Lang) -> Vec<String> {
    let words = Words::of(lang);
    let Some(previous) = line.previous else { return vec![words.no_earlier_decision.to_owned()] };
    let decided = clean::text(words.decision(&previous.decision));
    let mut parts = vec![format!("{decided} ({})", texts::campaign(previous, lang))];
    let why = previous.justification.as_deref().map(clean::text);
    parts.extend(why.filter(|text| !text.is_empty()));
    parts
}
