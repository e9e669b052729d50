//! Frameworks as data: the controls that checks speak for.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::check::{self, Check};
use super::embedded;
use super::finding::Text;
use crate::place::FileError;

/// A framework and its controls, in the framework's own order.
#[derive(Debug, Clone)]
pub struct Framework {
    pub id: String,
    pub name: String,
    pub controls: Vec<Control>,
}

#[derive(Debug, Clone)]
pub struct Control {
    pub id: String,
    pub theme: String,
    pub title: Text,
    /// In our own words: the standard's text is under copyright.
    pub explanation: Text,
    /// What an auditor usually asks to see.
    pub evidence: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    framework: Header,
    control: BTreeMap<String, Declared>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    id: String,
    name: String,
    #[expect(dead_code, reason = "titles of the framework are for readers of the file")]
    fr: toml::Table,
    #[expect(dead_code, reason = "titles of the framework are for readers of the file")]
    en: toml::Table,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    theme: String,
    fr: Words,
    en: Words,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    title: String,
    explanation: String,
    evidence: String,
}

/// `A.5.10` after `A.5.9`.
fn natural(id: &str) -> Vec<(u64, String)> {
    id.split('.').map(|part| (part.parse().unwrap_or(0), part.to_owned())).collect()
}

impl Framework {
    /// Reads a framework file.
    pub fn read(file: &str, source: &str) -> Result<Self, FileError> {
        let parsed: File = toml::from_str(source).map_err(|error| FileError::toml(file, source, &error))?;
        let mut controls: Vec<Control> = parsed
            .control
            .into_iter()
            .map(|(id, c)| Control {
                id,
                theme: c.theme,
                title: Text { fr: c.fr.title, en: c.en.title },
                explanation: Text { fr: c.fr.explanation, en: c.en.explanation },
                evidence: Text { fr: c.fr.evidence, en: c.en.evidence },
            })
            .collect();
        controls.sort_by_cached_key(|control| natural(&control.id));
        Ok(Self { id: parsed.framework.id, name: parsed.framework.name, controls })
    }

    /// The built-in ISO/IEC 27001:2022.
    pub fn iso27001() -> Result<Self, FileError> {
        let (file, source) =
            embedded::FRAMEWORKS.iter().find(|(name, _)| *name == "iso27001-2022.toml").copied().unwrap_or_default();
        Self::read(file, source)
    }
}

/// The built-in checks, and those of `own` files (name, text), which win over built-in ones of the same id.
pub fn checks(own: &[(String, String)], framework: &Framework) -> Result<Vec<Check>, FileError> {
    let built_in = embedded::CHECKS.iter().map(|(name, text)| (format!("controls/{name}"), (*text).to_owned()));
    let mut all: BTreeMap<String, Check> = BTreeMap::new();
    let mut own_ids: BTreeMap<String, String> = BTreeMap::new();
    for (at, (file, source)) in built_in.chain(own.iter().cloned()).enumerate() {
        for check in check::read(&file, &source)? {
            for control in &check.controls {
                if !framework.controls.iter().any(|known| known.id == *control) {
                    let at = source.find(&format!("\"{control}\"")).unwrap_or(0);
                    return Err(FileError::at(&file, &source, at, format!("{} has no control {control}", framework.name)));
                }
            }
            if at >= embedded::CHECKS.len()
                && let Some(other) = own_ids.insert(check.id.clone(), file.clone())
            {
                let at = source.find(&check.id).unwrap_or(0);
                return Err(FileError::at(&file, &source, at, format!("check {} is also declared in {other}", check.id)));
            }
            all.insert(check.id.clone(), check);
        }
    }
    Ok(all.into_values().collect())
}
