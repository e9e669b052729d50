//! A mapping, checked and compiled: what is wrong with it is said before any file is opened.

use jiff::tz::TimeZone;
use regex::{Regex, RegexBuilder};

use crate::sources::dates::DateFormat;

use super::catalog::{self, RecordKind, RecordSpec};
use super::columns::{Columns, Slot, normal};
use super::condition::Condition;
use super::config::{ColumnName, Mapping, OneOrMany, Rights};
use super::field::Field;
use super::fields;

/// Something in a mapping that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct ConfigError {
    /// Key below the source, such as `fields.left_on.date`.
    pub key: String,
    pub message: String,
}

impl ConfigError {
    pub fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { key: key.into(), message: message.into() }
    }
}

/// Compiles a regex of the mapping, within a bounded size.
pub(super) fn regex(pattern: &str, key: &str) -> Result<Regex, ConfigError> {
    build(pattern, key, false)
}

/// The same, `^` and `$` meaning line ends.
pub(super) fn multi_line(pattern: &str, key: &str) -> Result<Regex, ConfigError> {
    build(pattern, key, true)
}

fn build(pattern: &str, key: &str, multi: bool) -> Result<Regex, ConfigError> {
    RegexBuilder::new(pattern)
        .multi_line(multi)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| ConfigError::new(key, format!("this is not a regular expression that can be used: {error}")))
}

/// Compiles declared date formats.
pub(super) fn dates(declared: Option<&OneOrMany<String>>, key: &str) -> Result<Vec<DateFormat>, ConfigError> {
    let mut formats = Vec::new();
    for name in declared.map_or(&[][..], OneOrMany::as_slice) {
        formats.extend(DateFormat::named(name).map_err(|why| ConfigError::new(format!("{key}.date"), why))?);
    }
    Ok(formats)
}

/// Looks up a declared zone.
pub(super) fn zone(name: Option<&String>, key: &str) -> Result<Option<TimeZone>, ConfigError> {
    name.map(|name| {
        TimeZone::get(name).map_err(|_unfit| {
            ConfigError::new(format!("{key}.zone"), format!("\"{name}\" is not a time zone; write for example \"Europe/Paris\""))
        })
    })
    .transpose()
}

/// What becomes of a row.
#[derive(Debug)]
pub(super) struct Plan {
    pub record: &'static RecordSpec,
    pub columns: Columns,
    pub fields: Vec<Field>,
    pub skip: Vec<Condition>,
    pub keep: Vec<Condition>,
    pub latest: Option<LatestPlan>,
    pub redact: Vec<Slot>,
    pub attributes: Vec<(Slot, String)>,
    /// Columns that nothing uses become attributes too.
    pub rest: bool,
    pub rights: RightsPlan,
    pub people: Option<String>,
    pub assets: Option<String>,
    /// Lower-case words that mean "not told".
    pub nulls: Vec<String>,
}

/// Of many rows with one key, the latest.
#[derive(Debug)]
pub(super) struct LatestPlan {
    pub key: Slot,
    pub by: Slot,
    pub dates: Vec<DateFormat>,
    pub zone: Option<TimeZone>,
}

/// What is known of the entitlements that rows bring.
#[derive(Debug)]
pub(super) struct RightsPlan {
    pub resource: Option<String>,
    /// Lower-case names.
    pub privileged: Option<Vec<String>>,
    pub privileged_matches: Option<Regex>,
    pub declare_accounts: bool,
}

impl RightsPlan {
    fn compile(rights: &Rights) -> Result<Self, ConfigError> {
        Ok(Self {
            resource: rights.resource.clone(),
            privileged: rights.privileged.as_ref().map(|names| names.iter().map(|n| n.trim().to_lowercase()).collect()),
            privileged_matches: rights.privileged_matches.as_ref().map(|p| regex(p, "rights.privileged_matches")).transpose()?,
            declare_accounts: rights.declare_accounts.unwrap_or(false),
        })
    }

    /// Whether a right gives administration; null when the mapping does not say.
    pub(super) fn is_privileged(&self, name: &str) -> Option<bool> {
        if self.privileged.is_none() && self.privileged_matches.is_none() {
            return None;
        }
        let listed = self.privileged.as_ref().is_some_and(|names| names.contains(&name.to_lowercase()));
        Some(listed || self.privileged_matches.as_ref().is_some_and(|pattern| pattern.is_match(name)))
    }
}

impl Plan {
    /// Checks a mapping whole.
    pub(super) fn compile(config: &Mapping) -> Result<Self, ConfigError> {
        let name = config.record.as_deref().ok_or_else(|| {
            ConfigError::new("record", "say which kind of record the rows become, for example record = \"accounts\"")
        })?;
        let record = catalog::record(name).ok_or_else(|| {
            let known: Vec<&str> = catalog::RECORDS.iter().map(|spec| spec.name).collect();
            ConfigError::new("record", format!("\"{name}\" is not a kind of record; known are {}", known.join(", ")))
        })?;
        let mut columns = Columns::default();
        let fields = fields::compile(config, record, &mut columns)?;
        let tests = |tests: &Option<Vec<_>>, columns: &mut Columns, key| {
            Condition::compile(tests.as_deref().unwrap_or_default(), columns, key)
        };
        let skip = tests(&config.skip_when, &mut columns, "skip_when")?;
        let keep = tests(&config.keep_when, &mut columns, "keep_when")?;
        let latest = latest(config, &mut columns)?;
        refuse_redacted_fields(config, &columns)?;
        let list = |names: &Option<Vec<ColumnName>>| names.clone().unwrap_or_default();
        let redact = list(&config.redact).iter().map(|name| columns.add(std::slice::from_ref(name), false, "redact")).collect();
        let attributes = list(&config.attributes)
            .iter()
            .map(|name| {
                let label = if let ColumnName::Name(name) = name { name.clone() } else { name.to_string() };
                (columns.add(std::slice::from_ref(name), false, "attributes"), label)
            })
            .collect();
        let plan = Self {
            record,
            columns,
            fields,
            skip,
            keep,
            latest,
            redact,
            attributes,
            rest: config.rest.is_some(),
            rights: RightsPlan::compile(&config.rights)?,
            people: config.people.clone(),
            assets: config.assets.clone(),
            nulls: config.read.null.iter().flatten().map(|w| w.trim().to_lowercase()).filter(|w| !w.is_empty()).collect(),
        };
        plan.check(config)?;
        Ok(plan)
    }

    fn check(&self, config: &Mapping) -> Result<(), ConfigError> {
        let mapped = |name: &str| config.fields.contains_key(name);
        let accounts = self.record.kind == RecordKind::Accounts;
        if let Some(rest) = &config.rest
            && rest != "attributes"
        {
            return Err(ConfigError::new("rest", format!("\"{rest}\" is not known; the only choice is rest = \"attributes\"")));
        }
        if (self.rest || !self.attributes.is_empty()) && !accounts {
            return Err(ConfigError::new("attributes", "only accounts have attributes"));
        }
        if self.people.is_none()
            && let Some(owner) = ["owner", "technical_owner"].into_iter().find(|name| mapped(name))
            && self.record.kind != RecordKind::Documents
        {
            return Err(ConfigError::new(
                format!("fields.{owner}"),
                "an owner needs `people`: the system of the roster that employee numbers belong to, for example people = \"RH\"",
            ));
        }
        if self.assets.is_none() && self.record.kind == RecordKind::RestoreTests && mapped("asset") {
            return Err(ConfigError::new(
                "fields.asset",
                "an asset needs `assets`: the system of the roster of assets, for example assets = \"CMDB\"",
            ));
        }
        match self.record.kind {
            RecordKind::Grants if !["login", "account_id", "logins", "groups"].into_iter().any(mapped) => {
                Err(ConfigError::new("fields", "grants need a holder: map login, account_id, logins or groups"))
            }
            RecordKind::People if !["display_name", "given_name", "family_name"].into_iter().any(mapped) => {
                Err(ConfigError::new("fields", "people need a name: map display_name, or given_name and family_name"))
            }
            _ => Ok(()),
        }
    }
}

fn latest(config: &Mapping, columns: &mut Columns) -> Result<Option<LatestPlan>, ConfigError> {
    let Some(latest) = &config.latest else { return Ok(None) };
    Ok(Some(LatestPlan {
        key: columns.add(std::slice::from_ref(&latest.key), false, "latest.key"),
        by: columns.add(std::slice::from_ref(&latest.by), false, "latest.by"),
        dates: dates(latest.date.as_ref(), "latest")?,
        zone: zone(latest.zone.as_ref(), "latest")?,
    }))
}

/// A value that must not leave the file cannot be a field's.
fn refuse_redacted_fields(config: &Mapping, columns: &Columns) -> Result<(), ConfigError> {
    for name in config.redact.iter().flatten() {
        if let ColumnName::Name(name) = name
            && columns.names().any(|used| normal(used) == normal(name))
        {
            return Err(ConfigError::new(
                "redact",
                format!("\"{name}\" is redacted and also used by the mapping; remove one of the two"),
            ));
        }
    }
    Ok(())
}
