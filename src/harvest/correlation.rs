//! How accounts are tied to people: the declared rules (`[correlation]`) and their confidence.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// Rules that tie accounts to people, in order.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Correlation {
    /// Rules in order; the first that names somebody decides. `name` never makes more than a candidate.
    pub rules: Vec<Rule>,
    /// Login conventions by system, as patterns over the roster: `{given}`, `{family}`, `{employee}`, `{given:1}` (first letter),
    /// `{family:7}`. Compared without accents, case, spaces and hyphens. `"*"` stands for every system without one of its own.
    pub logins: BTreeMap<String, Vec<String>>,
}

impl Default for Correlation {
    fn default() -> Self {
        Self { rules: vec![Rule::EmployeeId, Rule::Email, Rule::Upn, Rule::Login, Rule::Name], logins: BTreeMap::new() }
    }
}

/// One way to know whose account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The employee number that the system holds is that of the roster.
    EmployeeId,
    /// One of its addresses is one of the roster's.
    Email,
    /// Its user principal name is one of the roster's addresses.
    Upn,
    /// Its login is the one the roster declares, or follows the system's convention for one person only.
    Login,
    /// Its name is that of a person: a candidate, never a proof.
    Name,
}

impl Rule {
    /// The word stored in `accounts.link_rule`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::EmployeeId => "employee_id",
            Self::Email => "email",
            Self::Upn => "upn",
            Self::Login => "login",
            Self::Name => "name",
        }
    }

    /// How far the rule can be trusted, 0 to 1. An employee number is issued once; an address can be handed on; a login
    /// convention collides; a name is shared by homonyms.
    #[must_use]
    pub fn confidence(self) -> f64 {
        match self {
            Self::EmployeeId => 1.0,
            Self::Email => 0.95,
            Self::Upn => 0.9,
            Self::Login => 0.8,
            Self::Name => 0.4,
        }
    }
}
