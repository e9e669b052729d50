//! The kinds of source: one line each. Help, configuration and JSON Schema are made from this table.

use serde::de::{DeserializeOwned, Error as _};

use super::Source;
use super::bpdbjobs::BpdbjobsConfig;
use super::documents::DocumentsConfig;
use super::jira::JiraConfig;
use super::keycloak::KeycloakConfig;
use super::ldap::LdapConfig;
use super::ldif::LdifConfig;
use super::table::TableConfig;

/// A kind of source.
pub struct Kind {
    /// Word in `kind = "…"`.
    pub name: &'static str,
    pub summary_en: &'static str,
    pub summary_fr: &'static str,
    read: fn(toml::Deserializer<'_>) -> Result<Box<dyn Source>, toml::de::Error>,
    schema: fn() -> schemars::Schema,
}

impl Kind {
    /// Reads the keys of a source of this kind.
    pub fn read(&self, keys: toml::Deserializer<'_>) -> Result<Box<dyn Source>, toml::de::Error> {
        (self.read)(keys)
    }

    /// JSON Schema of its keys.
    #[must_use]
    pub fn schema(&self) -> schemars::Schema {
        (self.schema)()
    }
}

fn read<T: Source + DeserializeOwned + 'static>(keys: toml::Deserializer<'_>) -> Result<Box<dyn Source>, toml::de::Error> {
    let source = T::deserialize(keys)?;
    source.check().map_err(toml::de::Error::custom)?;
    Ok(Box::new(source))
}

macro_rules! kinds {
    ($( $(#[$when:meta])? $name:literal $config:ty, $en:literal, $fr:literal; )+) => {
        /// Every kind, in the order of the manual.
        pub const KINDS: &[Kind] = &[$( $(#[$when])? Kind {
            name: $name,
            summary_en: $en,
            summary_fr: $fr,
            read: read::<$config>,
            schema: || schemars::schema_for!($config),
        } ),+];
    };
}

kinds! {
    "ldif" LdifConfig,
        "Directory export (RFC 2849): OpenLDAP, Active Directory, 389-DS, IBM TDS",
        "Export d'annuaire (RFC 2849) : OpenLDAP, Active Directory, 389-DS, IBM TDS";
    "table" TableConfig,
        "Any export by a declared mapping: csv, xlsx, ods, json, jsonl, ini, regex lines or blocks, fixed width",
        "Tout export par correspondance déclarée : csv, xlsx, ods, json, jsonl, ini, lignes ou blocs par regex, largeur fixe";
    "ldap" LdapConfig,
        "Live directory (LDAP): OpenLDAP, Active Directory, 389-DS, IBM TDS",
        "Annuaire en direct (LDAP) : OpenLDAP, Active Directory, 389-DS, IBM TDS";
    "keycloak" KeycloakConfig,
        "Keycloak: realm exports, or live by its Admin REST API",
        "Keycloak : exports de royaume, ou en direct par son API REST d'administration";
    "bpdbjobs" BpdbjobsConfig,
        "NetBackup jobs, bpdbjobs -report -all_columns",
        "Travaux NetBackup, bpdbjobs -report -all_columns";
    "jira" JiraConfig,
        "Jira and Jira Service Management, REST JSON",
        "Jira et Jira Service Management, JSON de l'API REST";
    "documents" DocumentsConfig,
        "A folder of documents: Markdown, docx, xlsx, odt, ods, PDF",
        "Un dossier de documents : Markdown, docx, xlsx, odt, ods, PDF";
}

/// A kind by its word.
#[must_use]
pub fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}
