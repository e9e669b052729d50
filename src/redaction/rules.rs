//! What becomes of each column: the built-in rules, and those of the configuration over them.
//!
//! A rule stands here for every text and list column of the schema, if only to say that it names nobody: a column that is added
//! without one fails a test.

use std::collections::BTreeMap;

use serde::Serialize;

use super::config::RedactionConfig;
use crate::snapshot::schema::TABLES;
use crate::snapshot::value::Kind;

/// What becomes of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Names nobody.
    Keep,
    /// Left empty.
    Drop,
    /// Replaced, each value by its pseudonym.
    Pseudonym,
    /// Pseudonym of a person's id, its system kept: follows `people.person_id`.
    PersonId,
    /// Pseudonym of an account's id, its system kept: follows `accounts.account_id`.
    AccountId,
    /// Ids that the two above replace, in a text.
    Ids,
    /// JSON of which only what is neither text nor list is kept: flags and numbers.
    Flags,
    /// A text of people: the names that other columns hold are replaced in it.
    Scrub,
}

use Action::{AccountId, Drop, Flags, Ids, Keep, PersonId, Pseudonym, Scrub};

/// What is done to columns of a table.
type Columns = (Action, &'static [&'static str]);

const RULES: &[(&str, &[Columns])] = &[
    (
        "collections",
        &[
            (Keep, &["collection_id", "source", "system", "kind", "tables", "evidence_at_basis", "raw_sha256", "tool_version"]),
            (Scrub, &["identity", "endpoint", "query", "details", "incomplete_reason"]),
        ],
    ),
    (
        "people",
        &[
            (PersonId, &["person_id", "manager_id"]),
            (Pseudonym, &["employee_id", "display_name", "login"]),
            (Drop, &["given_name", "family_name", "emails"]),
            (Keep, &["org_unit", "site", "contract", "status", "collection_id"]),
        ],
    ),
    (
        "accounts",
        &[
            (AccountId, &["account_id"]),
            (PersonId, &["owner_id", "person_id"]),
            (Pseudonym, &["login", "display_name", "employee_id"]),
            (Drop, &["emails"]),
            (Flags, &["attributes"]),
            (Keep, &["system", "kind", "last_login_precision", "link_rule", "link_status", "collection_id"]),
        ],
    ),
    (
        "entitlements",
        &[
            (PersonId, &["owner_id"]),
            (Scrub, &["resource", "name", "description"]),
            (Keep, &["entitlement_id", "system", "collection_id"]),
        ],
    ),
    ("grants", &[(AccountId, &["account_id"]), (Scrub, &["via"]), (Keep, &["entitlement_id", "collection_id"])]),
    (
        "assets",
        &[
            (PersonId, &["owner_id", "technical_owner_id"]),
            (Keep, &["asset_id", "application", "system", "criticality", "collection_id"]),
        ],
    ),
    ("asset_hosts", &[(Keep, &["asset_id", "host", "collection_id"])]),
    (
        "backup_jobs",
        &[(
            Keep,
            &["job_id", "parent_id", "tool", "client", "policy", "job_type", "state", "outcome", "backup_ref", "collection_id"],
        )],
    ),
    (
        "restore_tests",
        &[
            (Pseudonym, &["operator", "validator"]),
            (Scrub, &["anomaly"]),
            (
                Keep,
                &[
                    "test_id",
                    "application",
                    "asset_id",
                    "tool",
                    "source_host",
                    "target_host",
                    "backup_ref",
                    "result",
                    "ticket",
                    "collection_id",
                ],
            ),
        ],
    ),
    (
        "changes",
        &[
            (Pseudonym, &["requester", "implementer", "approvers"]),
            (Scrub, &["title"]),
            (Keep, &["change_id", "tracker", "change_type", "risk", "status", "assets", "tickets", "collection_id"]),
        ],
    ),
    (
        "incidents",
        &[
            (Pseudonym, &["assignee"]),
            (Scrub, &["title", "cause"]),
            (Keep, &["incident_id", "tracker", "severity", "status", "assets", "tickets", "collection_id"]),
        ],
    ),
    (
        "documents",
        &[
            (Pseudonym, &["owner", "approved_by"]),
            (Scrub, &["document_id", "path", "title"]),
            (Keep, &["version", "strength", "sha256", "collection_id"]),
        ],
    ),
    ("vulnerabilities", &[(Scrub, &["finding"]), (Keep, &["vulnerability_id", "asset", "severity", "status", "collection_id"])]),
    ("rejects", &[(Drop, &["excerpt"]), (Scrub, &["reason"]), (Keep, &["collection_id"])]),
    (
        "decisions",
        &[
            (PersonId, &["reviewer_id"]),
            (AccountId, &["account_id"]),
            (Scrub, &["item_id", "justification"]),
            (Keep, &["campaign_id", "campaign_kind", "system", "entitlement_id", "decision", "collection_id"]),
        ],
    ),
    (
        "remediations",
        &[
            (AccountId, &["account_id"]),
            (Scrub, &["item_id", "title", "owner"]),
            (Keep, &["campaign_id", "system", "entitlement_id", "decision", "status", "collection_id"]),
        ],
    ),
    (
        "exceptions",
        &[
            (Ids, &["subject"]),
            (Pseudonym, &["approver"]),
            (Scrub, &["reason"]),
            (Keep, &["exception_id", "check_id", "collection_id"]),
        ],
    ),
];

/// A rule of the configuration that cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    #[error("[redaction] names `{0}`, which is no column; write table.column as `probant sources schema` lists them")]
    Unknown(String),
    #[error("[redaction] `{0}` is not a text: only texts and lists can be replaced by pseudonyms; `drop` leaves it out")]
    NotText(String),
    #[error("[redaction] `{0}` may not be empty in the schema, so it cannot be dropped; pseudonymise it instead")]
    Required(String),
    #[error("[redaction] `{column}` joins tables: it follows {leader}; write that one instead")]
    Follows { column: String, leader: &'static str },
    #[error("[redaction] names `{0}` twice")]
    Twice(String),
}

/// The action of every column, by table and column.
#[derive(Debug, Clone)]
pub struct Rules {
    actions: BTreeMap<(&'static str, &'static str), Action>,
}

impl Rules {
    /// The built-in rules, changed as the configuration says.
    pub fn new(config: &RedactionConfig) -> Result<Self, RuleError> {
        let built_in = RULES.iter().flat_map(|(table, actions)| {
            actions.iter().flat_map(|(action, columns)| columns.iter().map(|column| ((*table, *column), *action)))
        });
        let mut rules = Self { actions: built_in.collect() };
        let mut named = std::collections::BTreeSet::new();
        for (list, action) in [(&config.keep, Keep), (&config.drop, Drop), (&config.pseudonymise, Pseudonym)] {
            for name in list {
                if !named.insert(name) {
                    return Err(RuleError::Twice(name.clone()));
                }
                rules.set(name, action)?;
            }
        }
        Ok(rules)
    }

    fn set(&mut self, name: &str, action: Action) -> Result<(), RuleError> {
        let (table, column) = name
            .split_once('.')
            .and_then(|(table, column)| {
                let table = TABLES.iter().find(|known| known.name == table)?;
                Some((table.name, table.columns.iter().find(|known| known.name == column)?))
            })
            .ok_or_else(|| RuleError::Unknown(name.to_owned()))?;
        let is_text = matches!(column.kind, Kind::Text | Kind::List);
        let before = self.of(table, column.name);
        match (before, action) {
            // Leaders: their followers look at them.
            (PersonId, Keep) if name == "people.person_id" => {}
            (AccountId, Keep) if name == "accounts.account_id" => {}
            (PersonId, _) => {
                return Err(RuleError::Follows { column: name.to_owned(), leader: "people.person_id, which can only be kept" });
            }
            (AccountId, _) => {
                return Err(RuleError::Follows { column: name.to_owned(), leader: "accounts.account_id, which can only be kept" });
            }
            (_, Pseudonym) if !is_text => return Err(RuleError::NotText(name.to_owned())),
            (_, Drop) if !column.nullable && !is_text => return Err(RuleError::Required(name.to_owned())),
            _ => {}
        }
        self.actions.insert((table, column.name), action);
        Ok(())
    }

    /// The action of a column; those that hold neither text nor list are kept unless a rule says otherwise.
    #[must_use]
    pub fn of(&self, table: &str, column: &str) -> Action {
        let find = |table, column, otherwise| self.actions.get(&(table, column)).copied().unwrap_or(otherwise);
        match find(table, column, Keep) {
            PersonId => find("people", "person_id", PersonId),
            AccountId => find("accounts", "account_id", AccountId),
            other => other,
        }
    }

    /// Columns that are not as the source said them, in the order of the schema: table, column, action.
    pub fn redacted(&self) -> impl Iterator<Item = (&'static str, &'static str, Action)> {
        TABLES
            .iter()
            .flat_map(|table| table.columns.iter().map(|column| (table.name, column.name, self.of(table.name, column.name))))
            .filter(|(_, _, action)| *action != Keep)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn every_text_of_the_schema_has_a_rule_and_every_rule_a_column() {
        let rules = Rules::new(&RedactionConfig::default()).unwrap();
        for table in TABLES {
            for column in table.columns.iter().filter(|c| matches!(c.kind, Kind::Text | Kind::List)) {
                assert!(
                    rules.actions.contains_key(&(table.name, column.name)),
                    "no rule says whether {}.{} may leave",
                    table.name,
                    column.name
                );
            }
        }
        for (table, column) in rules.actions.keys() {
            let known = TABLES.iter().any(|t| t.name == *table && t.columns.iter().any(|c| c.name == *column));
            assert!(known, "{table}.{column} is no column");
        }
    }

    #[test]
    fn ids_that_join_follow_their_leader() {
        let config = RedactionConfig { keep: vec!["people.person_id".into()], ..RedactionConfig::default() };
        let rules = Rules::new(&config).unwrap();
        assert_eq!(rules.of("assets", "owner_id"), Keep);
        assert_eq!(rules.of("grants", "account_id"), AccountId);
    }

    #[test]
    fn wrong_rules_are_refused_in_words() {
        let refused = |keep: &[&str], drop: &[&str], pseudonymise: &[&str]| {
            let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            let config = RedactionConfig {
                keep: list(keep),
                drop: list(drop),
                pseudonymise: list(pseudonymise),
                ..RedactionConfig::default()
            };
            Rules::new(&config).unwrap_err().to_string()
        };
        assert!(refused(&["people.nom"], &[], &[]).contains("sources schema"));
        assert!(refused(&[], &[], &["people.joined_on"]).contains("only texts"));
        assert!(refused(&[], &["grants.direct"], &[]).contains("cannot be dropped"));
        assert!(refused(&[], &["grants.account_id"], &[]).contains("accounts.account_id"));
        assert!(refused(&["people.site"], &["people.site"], &[]).contains("twice"));
    }
}
