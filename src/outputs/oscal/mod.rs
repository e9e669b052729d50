//! The assessment and the checks in OSCAL, the exchange format of governance tools (NIST, <https://pages.nist.gov/OSCAL/>).
//!
//! Two documents: `assessment-results.json` and `component-definition.json`. README.md of this folder says what becomes what, and
//! what OSCAL has no word for. Identifiers are derived from what they name, so that the same assessment gives the same bytes and
//! the same subject keeps its identifier from one quarter to the next.

mod components;
mod observations;
mod parts;
mod results;
mod risks;
mod subjects;
#[cfg(test)]
mod tests;
mod uuid;

use serde_json::{Value, json};

use crate::judge::check::Check;
use crate::judge::finding::{Assessment, Text};
use crate::lang::Lang;

/// Of the model that the documents are written for. Nothing is used that 1.1 does not have.
const OSCAL_VERSION: &str = "1.2.3";
/// Whose words the properties are: a property without it would claim to be one of OSCAL's own.
const NAMESPACE: &str = "urn:probant:oscal";
/// Folder of the documents, beside the findings that they cite.
pub const FOLDER: &str = "oscal";
pub const RESULTS: &str = "assessment-results.json";
pub const COMPONENTS: &str = "component-definition.json";

/// What the documents are made from.
pub struct Exchange<'a> {
    pub assessment: &'a Assessment,
    pub checks: &'a [Check],
    pub lang: Lang,
    /// Digest and relative path of the findings as JSON, which hold every subject.
    pub findings: (&'a str, &'a str),
}

impl<'a> Exchange<'a> {
    fn text(&self, both: &'a Text) -> &'a str {
        self.lang.pick(&both.fr, &both.en)
    }

    /// An identifier within this assessment: another snapshot or instant gives another.
    fn uuid_here(&self, kind: &str, name: &str) -> String {
        uuid::of(&[kind, &self.assessment.organisation, &self.assessment.snapshot_id, &self.assessment.as_of, name])
    }

    fn metadata(&self, title: &str) -> Value {
        json!({
            "title": title,
            "last-modified": self.assessment.as_of,
            "version": self.assessment.snapshot_id,
            "oscal-version": OSCAL_VERSION,
            "props": parts::props([("tool-version", self.assessment.tool_version.as_str()), ("language", self.lang.code())]),
            "parties": [{ "uuid": self.organisation(), "type": "organization", "name": parts::line(&self.assessment.organisation) }],
        })
    }

    /// The organisation keeps its identifier over the years.
    fn organisation(&self) -> String {
        uuid::of(&["party", &self.assessment.organisation])
    }

    /// Where the controls come from. OSCAL asks for a catalogue or profile; the standard's text is under copyright and has none.
    fn framework(&self) -> String {
        if self.assessment.framework.contains("27001:2022") {
            return "urn:iso:std:iso-iec:27001:ed-3".to_owned();
        }
        format!("{NAMESPACE}:framework:{}", parts::token(&self.assessment.framework))
    }
}

/// Both documents, by file name.
pub fn documents(exchange: &Exchange<'_>) -> serde_json::Result<[(&'static str, Vec<u8>); 2]> {
    let components = written(&components::document(exchange))?;
    let results = written(&results::document(exchange))?;
    Ok([(RESULTS, results), (COMPONENTS, components)])
}

fn written(document: &Value) -> serde_json::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(document)?;
    bytes.push(b'\n');
    Ok(bytes)
}
