//! The properties a document may declare, the names they go by, and the row they make.

use std::collections::BTreeMap;

use jiff::Span;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use crate::snapshot::schema::Document;
use crate::snapshot::value::Days;
use crate::sources::dates::{self, DateFormat};

/// A property of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Property {
    Title,
    Owner,
    Version,
    ApprovedBy,
    ApprovedOn,
    LastReview,
    NextReview,
    /// How long after the last review the next is due: "6 months", "1 an".
    ReviewIn,
}

/// Names in the order in which they win. Written as [`plain`] makes them.
const NAMES: &[(Property, &[&str])] = &[
    (Property::Title, &["title", "titre", "document_title", "titre_du_document"]),
    (
        Property::Owner,
        &[
            "owner",
            "document_owner",
            "proprietaire",
            "proprietaire_du_document",
            "responsable",
            "responsable_du_document",
            "pilote",
            "owned_by",
        ],
    ),
    (Property::Version, &["version", "document_version", "version_du_document", "revision", "indice"]),
    (Property::ApprovedBy, &["approved_by", "approver", "approuve_par", "approbateur", "valide_par", "validated_by", "valideur"]),
    (
        Property::ApprovedOn,
        &[
            "approved_on",
            "approved_at",
            "approval_date",
            "date_approved",
            "approuve_le",
            "date_d_approbation",
            "date_approbation",
            "valide_le",
            "date_de_validation",
        ],
    ),
    (
        Property::LastReview,
        &[
            "last_review",
            "last_reviewed_on",
            "last_reviewed",
            "last_review_date",
            "reviewed_on",
            "derniere_revue",
            "date_de_derniere_revue",
            "date_derniere_revue",
            "date_de_la_derniere_revue",
            "revu_le",
            "relu_le",
            "derniere_relecture",
        ],
    ),
    (
        Property::NextReview,
        &[
            "next_review",
            "next_review_on",
            "next_review_date",
            "review_by",
            "review_due",
            "review_due_on",
            "prochaine_revue",
            "date_de_prochaine_revue",
            "date_prochaine_revue",
            "date_de_la_prochaine_revue",
            "a_revoir_le",
            "a_revoir_avant_le",
            "echeance_de_revue",
        ],
    ),
    (
        Property::ReviewIn,
        &[
            "review_in",
            "review_every",
            "review_period",
            "review_cycle",
            "revue_dans",
            "periodicite_de_revue",
            "periodicite_revue",
            "frequence_de_revue",
            "periodicite",
        ],
    ),
];

/// A name as it is compared: lower case, without accents, everything but letters and digits as one `_`.
pub(super) fn plain(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for c in name.nfd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)).flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            plain.push(c);
        } else if !plain.is_empty() && !plain.ends_with('_') {
            plain.push('_');
        }
    }
    plain.truncate(plain.trim_end_matches('_').len());
    plain
}

/// What a file says of itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// Written by someone for readers: front matter, custom properties. Name and value, in the file's order.
    pub(super) declared: Vec<(String, String)>,
    /// Kept by the program that wrote the file.
    pub(super) embedded: BTreeMap<&'static str, String>,
}

/// Names of embedded properties that make columns.
pub(super) const TITLE: &str = "title";
pub(super) const CREATOR: &str = "creator";
pub(super) const VERSION: &str = "version";

/// Turns what files say into rows.
pub(super) struct Rules {
    names: BTreeMap<String, (Property, usize)>,
    formats: Vec<DateFormat>,
    zone: TimeZone,
}

impl Rules {
    /// Refuses a name that is given to two properties, and a date format that says nothing.
    pub(super) fn new(keys: &BTreeMap<Property, Vec<String>>, formats: &[String], zone: &TimeZone) -> Result<Self, String> {
        let mut names = BTreeMap::new();
        let mut rank = 0;
        for (property, more) in keys {
            for name in more {
                rank += 1;
                if let Some((other, _)) = names.insert(plain(name), (*property, rank))
                    && other != *property
                {
                    return Err(format!("keys: \"{name}\" is given to two properties"));
                }
            }
        }
        for (property, usual) in NAMES {
            for name in *usual {
                rank += 1;
                names.entry((*name).to_owned()).or_insert((*property, rank));
            }
        }
        let mut known = vec![DateFormat::Iso];
        for format in formats {
            known.extend(DateFormat::named(format)?);
        }
        Ok(Self { names, formats: known, zone: zone.clone() })
    }

    /// The row of a document, without id, path and digest; or which property cannot be read.
    ///
    /// `modified` is not "reviewed" and `creator` is not "owner": the first is not used, the second only where nothing is declared, and
    /// then the row is labelled `embedded`.
    pub(super) fn row(&self, said: &Said) -> Result<Document<'static>, String> {
        let mut best: BTreeMap<Property, (usize, &str)> = BTreeMap::new();
        for (name, value) in &said.declared {
            let value = value.trim();
            if let Some((property, rank)) = self.names.get(&plain(name)).filter(|_| !value.is_empty()) {
                let known = best.entry(*property).or_insert((*rank, value));
                if *rank < known.0 {
                    *known = (*rank, value);
                }
            }
        }
        let text = |property| best.get(&property).map(|(_, value)| (*value).to_owned());
        let date = |property| self.date(property, best.get(&property).map(|(_, value)| *value));
        let last_review = date(Property::LastReview)?;
        let mut next_review = date(Property::NextReview)?;
        if let Some((_, period)) = best.get(&Property::ReviewIn) {
            let period = period_of(period)
                .ok_or_else(|| format!("review_in: \"{period}\" is no period: write for example \"6 months\" or \"1 an\""))?;
            let derived = last_review.map(|day| day.date().checked_add(period)).transpose();
            let derived = derived.map_err(|error| format!("review_in: the next review is out of range: {error}"))?;
            next_review = next_review.or(derived.map(Days::from));
        }
        let declared = best.keys().any(|property| !matches!(property, Property::Title | Property::Version));
        let embedded = |name| said.embedded.get(name).cloned();
        let owner = text(Property::Owner).or_else(|| if declared { None } else { embedded(CREATOR) });
        Ok(Document {
            title: text(Property::Title).or_else(|| embedded(TITLE)).map(Into::into),
            owner: owner.map(Into::into),
            version: text(Property::Version).or_else(|| embedded(VERSION)).map(Into::into),
            approved_by: text(Property::ApprovedBy).map(Into::into),
            approved_on: date(Property::ApprovedOn)?,
            last_review,
            next_review,
            strength: match (declared, said.embedded.is_empty()) {
                (true, _) => "declared",
                (false, false) => "embedded",
                (false, true) => "file_time",
            }
            .into(),
            ..Document::default()
        })
    }

    fn date(&self, property: Property, text: Option<&str>) -> Result<Option<Days>, String> {
        let Some(text) = text else { return Ok(None) };
        let moment = dates::parse(text, &self.formats)
            .map_err(|why| format!("{property:?}: {why}; other ways are declared under date_formats"))?;
        Ok(moment.map(|moment| moment.day(&self.zone)))
    }
}

/// A period in words, French or English.
fn period_of(text: &str) -> Option<Span> {
    let text = plain(text);
    let months = |n| Span::new().try_months(n).ok();
    match text.as_str() {
        "monthly" | "mensuel" | "mensuelle" => return months(1),
        "quarterly" | "trimestriel" | "trimestrielle" => return months(3),
        "semestriel" | "semestrielle" | "half_yearly" => return months(6),
        "annual" | "annually" | "yearly" | "annuel" | "annuelle" => return months(12),
        _ => {}
    }
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(unit_at)?;
    let number: i64 = number.parse().ok().filter(|n| (1..=100_000).contains(n))?;
    match unit.trim_start_matches('_') {
        "day" | "days" | "jour" | "jours" | "j" | "d" => Span::new().try_days(number).ok(),
        "week" | "weeks" | "semaine" | "semaines" => Span::new().try_weeks(number).ok(),
        "month" | "months" | "mois" => months(number),
        "year" | "years" | "an" | "ans" | "annee" | "annees" => Span::new().try_years(number).ok(),
        _ => None,
    }
}
