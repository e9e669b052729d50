//! The subjects that a check names, as inventory items: an account, a person, an asset, a change…, each under the identifier
//! that its key gives it in every assessment.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::parts::{line, object, props};
use super::uuid;
use crate::judge::finding::{Finding, Subject};

/// Subjects that one observation lists; all of them stand in the findings, which it cites.
pub(super) const LISTED: usize = 500;

/// What a check says of one subject.
#[derive(Clone, Copy)]
pub(super) enum Said {
    Exception,
    Accepted,
    Undetermined,
}

impl Said {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Exception => "exception",
            Self::Accepted => "accepted",
            Self::Undetermined => "undetermined",
        }
    }
}

/// The subjects of a finding that are listed: exceptions first, then what was accepted, then what could not be told.
pub(super) fn of(finding: &Finding) -> impl Iterator<Item = (Said, &Subject)> {
    let exceptions = finding.exceptions.iter().map(|subject| (Said::Exception, subject));
    let accepted = finding.accepted.iter().map(|accepted| (Said::Accepted, &accepted.subject));
    let undetermined = finding.undetermined.iter().map(|subject| (Said::Undetermined, subject));
    exceptions.chain(accepted).chain(undetermined).take(LISTED)
}

pub(super) fn uuid(subject: &Subject) -> String {
    uuid::of(&["subject", &subject.key])
}

/// A reference to a subject from an observation.
pub(super) fn reference(finding: &Finding, said: Said, subject: &Subject) -> Value {
    let columns = finding.columns.iter().skip(1);
    let cells = columns.zip(&subject.cells).filter_map(|(column, cell)| Some((column.as_str(), cell.as_deref()?)));
    json!({
        "subject-uuid": uuid(subject),
        "type": "inventory-item",
        "title": line(&subject.key),
        "props": props(std::iter::once(("judged", said.word())).chain(cells)),
    })
}

/// Every subject listed, once, however many checks name it.
pub(super) fn inventory(findings: &[Finding]) -> Vec<Value> {
    let all: BTreeMap<String, &Subject> = findings.iter().flat_map(of).map(|(_, subject)| (uuid(subject), subject)).collect();
    all.into_iter()
        .map(|(uuid, subject)| {
            object(json!({ "uuid": uuid, "description": line(&subject.key), "props": props([("key", subject.key.as_str())]) }))
        })
        .collect()
}
