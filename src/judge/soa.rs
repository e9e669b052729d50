//! The Statement of Applicability: which controls apply, why, and how far they are in place.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::controls::Framework;

/// `[soa]`, in `probant.toml` or in a file of its own.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Soa {
    /// File that holds the `[soa]` table, instead of it standing here.
    pub file: Option<std::path::PathBuf>,
    pub version: Option<String>,
    pub approved_by: Option<String>,
    #[schemars(with = "Option<String>")]
    pub approved_on: Option<toml::value::Datetime>,
    /// By control id.
    pub control: BTreeMap<String, Applicability>,
}

/// What is declared of one control.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Applicability {
    pub applicable: bool,
    /// Why it applies, or why not.
    pub justification: String,
    /// Required when it applies.
    pub implementation: Option<Implementation>,
    pub owner: Option<String>,
    /// Documents attached to it, as paths or titles.
    #[serde(default)]
    pub documents: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Implementation {
    Implemented,
    Partial,
    Planned,
}

impl Implementation {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Implemented => "implemented",
            Self::Partial => "partial",
            Self::Planned => "planned",
        }
    }
}

impl Soa {
    /// Refuses unknown controls, an empty justification, and an applicable control without its implementation.
    pub fn validate(&self, framework: &Framework) -> Result<(), String> {
        for (id, declared) in &self.control {
            if !framework.controls.iter().any(|control| control.id == *id) {
                return Err(format!("{} has no control {id}", framework.name));
            }
            if declared.justification.trim().is_empty() {
                return Err(format!("control {id} has no justification; the standard asks for one, applicable or not"));
            }
            if declared.applicable && declared.implementation.is_none() {
                return Err(format!("control {id} applies: say implementation = \"implemented\", \"partial\" or \"planned\""));
            }
        }
        Ok(())
    }
}
