//! Shipped mappings. A preset lies beneath a source's own mapping: own keys win, and `fields`, `read` and `rights` merge key by
//! key.

use super::config::{Mapping, Read, Rights};
use super::plan::ConfigError;

/// A shipped mapping.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    pub name: &'static str,
    /// TOML, its opening comment saying where the format was read.
    pub text: &'static str,
}

macro_rules! presets {
    ($($name:literal),+ $(,)?) => {
        /// Every shipped mapping.
        pub const PRESETS: &[Preset] = &[$(Preset { name: $name, text: include_str!(concat!("presets/", $name, ".toml")) }),+];
    };
}

presets![
    "bareos-restore",
    "gitlab-members",
    "gitlab-users",
    "hr-roster-fr",
    "icinga-roles",
    "itsm-fr-changes",
    "itsm-fr-incidents",
    "jira-csv-changes",
    "jira-csv-incidents",
    "mysql-users",
    "netbackup-most-columns",
    "netbackup-rest-jobs",
    "pgbackrest-restore",
    "postgresql-members",
    "postgresql-roles",
    "pv-restore",
    "rundeck-realm",
    "servicenow-incidents",
    "sonarqube-users",
    "veeam-sessions",
];

/// Puts the preset that a mapping names beneath it.
pub(super) fn apply(own: Mapping) -> Result<Mapping, ConfigError> {
    let Some(name) = own.preset.clone() else { return Ok(own) };
    let Some(preset) = PRESETS.iter().find(|preset| preset.name == name) else {
        let known: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
        return Err(ConfigError::new("preset", format!("\"{name}\" is not a preset; shipped are {}", known.join(", "))));
    };
    let beneath: Mapping = toml::from_str(preset.text).map_err(|error| ConfigError::new("preset", format!("{name}: {error}")))?;
    Ok(merge(own, beneath))
}

fn merge(own: Mapping, beneath: Mapping) -> Mapping {
    let mut fields = beneath.fields;
    fields.extend(own.fields);
    Mapping {
        path: own.path.or(beneath.path),
        record: own.record.or(beneath.record),
        preset: own.preset,
        people: own.people.or(beneath.people),
        assets: own.assets.or(beneath.assets),
        read: merge_read(own.read, beneath.read),
        fields,
        skip_when: own.skip_when.or(beneath.skip_when),
        keep_when: own.keep_when.or(beneath.keep_when),
        latest: own.latest.or(beneath.latest),
        rights: Rights {
            resource: own.rights.resource.or(beneath.rights.resource),
            privileged: own.rights.privileged.or(beneath.rights.privileged),
            privileged_matches: own.rights.privileged_matches.or(beneath.rights.privileged_matches),
            declare_accounts: own.rights.declare_accounts.or(beneath.rights.declare_accounts),
        },
        redact: own.redact.or(beneath.redact),
        attributes: own.attributes.or(beneath.attributes),
        rest: own.rest.or(beneath.rest),
    }
}

/// A source that changes the format of its preset (an xlsx instead of a csv) says all of `read` anew but the words.
fn merge_read(own: Read, beneath: Read) -> Read {
    if own.format.is_some() && own.format != beneath.format {
        return Read { null: own.null.clone().or(beneath.null), decimal_comma: own.decimal_comma.or(beneath.decimal_comma), ..own };
    }
    Read {
        format: own.format.or(beneath.format),
        encodings: own.encodings.or(beneath.encodings),
        null: own.null.or(beneath.null),
        decimal_comma: own.decimal_comma.or(beneath.decimal_comma),
        banner: own.banner.or(beneath.banner),
        trailer: own.trailer.or(beneath.trailer),
        content_at: own.content_at.or(beneath.content_at),
        delimiter: own.delimiter.or(beneath.delimiter),
        quote: own.quote.or(beneath.quote),
        escape: own.escape.or(beneath.escape),
        header: own.header.or(beneath.header),
        ragged: own.ragged.or(beneath.ragged),
        sheet: own.sheet.or(beneath.sheet),
        records: own.records.or(beneath.records),
        total: own.total.or(beneath.total),
        pages: own.pages.or(beneath.pages),
        pattern: own.pattern.or(beneath.pattern),
        skip: own.skip.or(beneath.skip),
        begin: own.begin.or(beneath.begin),
        end: own.end.or(beneath.end),
        find: own.find.or(beneath.find),
        columns: own.columns.or(beneath.columns),
    }
}
