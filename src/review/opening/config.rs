//! `[review]` of probant.toml: how an access review is prepared.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use crate::lang::Lang;
use crate::review::error::ReviewError;
use crate::review::remediation::{Calendar, Targets};

/// How an access review is prepared.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewConfig {
    /// Name of the campaign, for example `2026-T4`. It begins the id of every line.
    pub campaign: String,
    /// Last day to return the workbooks, as `2026-12-18`.
    #[serde(deserialize_with = "date")]
    #[schemars(with = "String", extend("format" = "date"))]
    pub due: Date,
    /// Whom reviewers ask, as they should read it: a name, an address, a telephone number.
    pub contact: String,
    /// Employee number or e-mail address of who reviews what no rule gives to anyone.
    #[serde(default)]
    pub fallback_reviewer: Option<String>,
    /// Systems to review; all of them when empty.
    #[serde(default)]
    pub systems: Vec<String>,
    /// Who reviews, in the order asked. Service, shared, system and break-glass accounts always ask
    /// `technical_owner` first and never `line_manager`.
    #[serde(default = "default_rules")]
    pub rules: Vec<Rule>,
    /// Language of the workbooks; the organisation's when absent.
    #[serde(default)]
    pub lang: Option<Lang>,
    /// Language of single reviewers, by employee number or e-mail address.
    #[serde(default)]
    pub langs: BTreeMap<String, Lang>,
    /// Days without a login after which an account is called dormant. At least 15.
    #[serde(default = "default_dormant")]
    pub dormant_after_days: u32,
    /// What the lines of a sheet are sorted by first.
    #[serde(default)]
    pub group_by: GroupBy,
    /// Whether accounts known to be disabled are reviewed too. They keep their rights and can be enabled again.
    #[serde(default = "yes")]
    pub disabled_accounts: bool,
    /// Time to carry out what was decided.
    #[serde(default)]
    pub remediation: RemediationConfig,
}

/// Time to carry out what was decided: working days from the closing of the campaign.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RemediationConfig {
    /// Working days for a right.
    pub days: u32,
    /// Working days for a privileged right.
    pub privileged_days: u32,
    /// Whether Good Friday and 26 December are holidays too.
    pub alsace_moselle: bool,
    /// Days that the organisation closes, besides weekends and public holidays, as `2026-12-24`.
    #[schemars(with = "Vec<String>")]
    #[serde(deserialize_with = "dates")]
    pub closed: BTreeSet<Date>,
}

impl Default for RemediationConfig {
    fn default() -> Self {
        Self { days: 7, privileged_days: 3, alsace_moselle: false, closed: BTreeSet::new() }
    }
}

impl RemediationConfig {
    #[must_use]
    pub fn targets(&self) -> Targets {
        let calendar = Calendar { alsace_moselle: self.alsace_moselle, closed: self.closed.clone() };
        Targets { days: self.days, privileged_days: self.privileged_days, calendar }
    }
}

/// Where a reviewer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Owner of an application whose asset names the system.
    ApplicationOwner,
    /// Line manager of the person, for accounts of people surely linked to the roster.
    LineManager,
    /// Technical owner of the system's asset; for accounts that are no one's own, then their declared owner
    /// (who must not judge them: their manager does).
    TechnicalOwner,
    /// Owner of the right itself, where the source names one.
    RightOwner,
}

/// Sort order of a sheet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// All that one person holds, together.
    #[default]
    Person,
    /// All of one system together, then by person.
    System,
    /// All holders of one right together.
    Right,
}

impl ReviewConfig {
    /// What can be said of the configuration before seeing any record.
    pub fn check(&self) -> Result<(), ReviewError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let named = (1..=40).contains(&self.campaign.len()) && self.campaign.chars().all(plain);
        if !named || self.campaign.starts_with(['.', '-']) {
            return Err(ReviewError::Campaign(self.campaign.clone()));
        }
        if self.dormant_after_days < 15 {
            return Err(ReviewError::Dormant(self.dormant_after_days));
        }
        Ok(())
    }
}

fn default_rules() -> Vec<Rule> {
    vec![Rule::ApplicationOwner, Rule::LineManager, Rule::TechnicalOwner]
}

fn default_dormant() -> u32 {
    180
}

fn yes() -> bool {
    true
}

/// A date in quotes or as TOML's own date.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a date such as \"2026-12-18\"")]
enum Written {
    Text(String),
    Native(toml::value::Datetime),
}

impl Written {
    fn date<E: serde::de::Error>(self) -> Result<Date, E> {
        let text = match self {
            Self::Text(text) => text,
            Self::Native(native) => native.to_string(),
        };
        text.parse().map_err(|e| E::custom(format!("`{text}` is no date: write it as 2026-12-18 ({e})")))
    }
}

fn date<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
    Written::deserialize(from)?.date()
}

fn dates<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeSet<Date>, D::Error> {
    Vec::<Written>::deserialize(from)?.into_iter().map(Written::date).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const BASE: &str = "campaign = \"2026-T4\"\ncontact = \"RSSI\"\n";

    #[test]
    fn dates_are_read_quoted_or_not_and_defaults_are_filled_in() {
        for due in ["due = \"2026-12-18\"", "due = 2026-12-18"] {
            let config: ReviewConfig = toml::from_str(&format!("{BASE}{due}")).unwrap();
            assert_eq!(config.due, jiff::civil::date(2026, 12, 18));
            assert_eq!(config.rules, default_rules());
            assert_eq!((config.dormant_after_days, config.disabled_accounts), (180, true));
            config.check().unwrap();
        }
    }

    #[test]
    fn targets_come_with_the_days_that_are_not_worked() {
        let config: ReviewConfig = toml::from_str(&format!(
            "{BASE}due = 2026-12-18\n[remediation]\nprivileged_days = 2\nclosed = [2026-12-24, \"2026-12-31\"]"
        ))
        .unwrap();
        let targets = config.remediation.targets();
        assert_eq!((targets.days, targets.privileged_days), (7, 2));
        assert!(!targets.calendar.is_working(jiff::civil::date(2026, 12, 31)));
        let wrong = toml::from_str::<ReviewConfig>(&format!("{BASE}due = 2026-12-18\n[remediation]\nclosed = [\"24/12\"]"));
        assert!(wrong.unwrap_err().to_string().contains("`24/12` is no date"));
    }

    #[test]
    fn what_cannot_be_is_refused_in_words() {
        let unknown = toml::from_str::<ReviewConfig>(&format!("{BASE}due = 2026-12-18\nowner = 1"));
        assert!(unknown.unwrap_err().to_string().contains("unknown field `owner`"));
        let no_date = toml::from_str::<ReviewConfig>(&format!("{BASE}due = \"18/12/2026\""));
        assert!(no_date.unwrap_err().to_string().contains("`18/12/2026` is no date"));
        let mut config: ReviewConfig = toml::from_str(&format!("{BASE}due = 2026-12-18")).unwrap();
        config.dormant_after_days = 10;
        assert!(config.check().unwrap_err().to_string().contains("up to 14 days late"));
        config.campaign = "../T4".to_owned();
        assert!(config.check().unwrap_err().to_string().contains("for example `2026-T4`"));
    }
}
