//! What people declare about accounts: manual links, service, shared and break-glass accounts with their owners, privileged
//! rights that were justified, and risks accepted in writing. Two TOML files, read like any other evidence.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;

/// `declarations.toml`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Declarations {
    /// When the declarations were last confirmed true.
    #[schemars(with = "Option<String>")]
    pub confirmed_on: Option<toml::value::Datetime>,
    /// Accounts tied to a person by hand.
    pub link: Vec<ManualLink>,
    /// Service, shared, system and break-glass accounts, and who answers for them.
    pub account: Vec<DeclaredAccount>,
    /// Privileged rights that are justified.
    pub privileged: Vec<JustifiedRight>,
}

/// An account tied to a person by hand.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManualLink {
    pub system: String,
    pub login: String,
    /// Employee number of the person.
    pub person: String,
    /// How it is known.
    pub reason: String,
}

/// An account that is nobody's own.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclaredAccount {
    pub system: String,
    pub login: String,
    pub kind: DeclaredKind,
    /// Employee number of the owner. Without one the account is known, and owned by nobody.
    pub owner: Option<String>,
    /// What it is for.
    pub purpose: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeclaredKind {
    Service,
    Shared,
    System,
    BreakGlass,
}

impl DeclaredKind {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Shared => "shared",
            Self::System => "system",
            Self::BreakGlass => "break_glass",
        }
    }
}

/// A privileged right that somebody justified in writing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JustifiedRight {
    pub system: String,
    pub login: String,
    /// Name of the entitlement.
    pub entitlement: String,
    pub justification: String,
    /// Employee number of who approved it.
    pub approver: String,
    #[schemars(with = "String")]
    pub decided_on: toml::value::Datetime,
}

/// `exceptions.toml`: derogations.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Exceptions {
    pub exception: Vec<Derogation>,
}

/// A risk accepted in writing, by someone, until a date.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Derogation {
    pub id: String,
    /// Check it applies to.
    pub check: String,
    /// Key of the subject, as the check prints it.
    pub subject: String,
    pub approver: String,
    #[schemars(with = "String")]
    pub approved_on: toml::value::Datetime,
    /// Last day it holds.
    #[schemars(with = "String")]
    pub expires_on: toml::value::Datetime,
    pub reason: String,
}

/// A TOML date without time; `None` for anything else.
#[must_use]
pub fn date(value: &toml::value::Datetime) -> Option<Date> {
    value.to_string().parse().ok().filter(|_| value.time.is_none())
}

/// Declarations while accounts stream by: looked up by system and login.
#[derive(Debug, Default)]
pub(super) struct Register {
    links: BTreeMap<(String, String), String>,
    accounts: BTreeMap<(String, String), DeclaredAccount>,
    rights: Vec<JustifiedRight>,
    /// Systems and logins of `rights`, and the account that bears them.
    bearers: BTreeMap<(String, String), Option<String>>,
    /// Systems and names of `rights`, and the entitlements that bear them.
    entitlements: BTreeMap<(String, String), BTreeSet<String>>,
    met: BTreeSet<(String, String)>,
}

/// What of the declarations one source showed.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    bearers: Vec<((String, String), String)>,
    entitlements: Vec<((String, String), String)>,
    met: BTreeSet<(String, String)>,
}

fn key(system: &str, login: &str) -> (String, String) {
    (system.to_owned(), login.to_lowercase())
}

impl Register {
    pub(super) fn new(declarations: &Declarations) -> Self {
        let mut register = Self { rights: declarations.privileged.clone(), ..Self::default() };
        for link in &declarations.link {
            register.links.insert(key(&link.system, &link.login), link.person.clone());
        }
        for account in &declarations.account {
            register.accounts.insert(key(&account.system, &account.login), account.clone());
        }
        for right in &declarations.privileged {
            register.bearers.insert(key(&right.system, &right.login), None);
            register.entitlements.insert((right.system.clone(), right.entitlement.clone()), BTreeSet::new());
        }
        register
    }

    fn is_empty(&self) -> bool {
        self.links.is_empty() && self.accounts.is_empty() && self.bearers.is_empty()
    }

    /// Employee number that an account was tied to by hand, and its declaration, if any.
    pub(super) fn account(
        &self,
        system: &str,
        login: &str,
        account_id: &str,
        seen: &mut Sightings,
    ) -> (Option<&str>, Option<&DeclaredAccount>) {
        if self.is_empty() {
            return (None, None);
        }
        let key = key(system, login);
        if self.bearers.contains_key(&key) {
            seen.bearers.push((key.clone(), account_id.to_owned()));
        }
        let found = (self.links.get(&key).map(String::as_str), self.accounts.get(&key));
        if found.0.is_some() || found.1.is_some() {
            seen.met.insert(key);
        }
        found
    }

    pub(super) fn entitlement(&self, system: &str, name: &str, entitlement_id: &str, seen: &mut Sightings) {
        if self.entitlements.is_empty() {
            return;
        }
        let key = (system.to_owned(), name.to_owned());
        if self.entitlements.contains_key(&key) {
            seen.entitlements.push((key, entitlement_id.to_owned()));
        }
    }

    /// Takes in what a source showed. Of two accounts that bear a right the last one counts.
    pub(super) fn learn(&mut self, seen: Sightings) {
        for (key, account) in seen.bearers {
            self.bearers.insert(key, Some(account));
        }
        for (key, entitlement) in seen.entitlements {
            self.entitlements.entry(key).or_default().insert(entitlement);
        }
        self.met.extend(seen.met);
    }

    /// Justified rights with the account and entitlements they fell on; an empty list where one of the two was not seen.
    pub(super) fn rights(&self) -> impl Iterator<Item = (&JustifiedRight, Vec<(&str, &str)>)> {
        self.rights.iter().map(|right| {
            let account = self.bearers.get(&key(&right.system, &right.login)).and_then(Option::as_deref);
            let entitlements = self.entitlements.get(&(right.system.clone(), right.entitlement.clone()));
            let pairs = account
                .into_iter()
                .flat_map(|account| entitlements.into_iter().flatten().map(move |id| (account, id.as_str())))
                .collect();
            (right, pairs)
        })
    }

    /// Declared accounts and links that no source showed: `system login`.
    pub(super) fn unmet(&self) -> Vec<String> {
        let declared: BTreeSet<_> = self.links.keys().chain(self.accounts.keys()).collect();
        declared.into_iter().filter(|key| !self.met.contains(*key)).map(|(system, login)| format!("{system} {login}")).collect()
    }
}
