//! Outcomes of several checks, one line each, and the exit code that follows from them: as a bundle's verdict has them.

use serde::Serialize;

use crate::bundle::fault::{Fault, Phrase};
use crate::bundle::verify::verdict::CheckLine;
use crate::bundle::{Lang, Outcome};

/// Faults shown per check; the rest is counted.
const SHOWN: usize = 20;

#[derive(Debug, Serialize)]
pub struct Report {
    #[serde(skip)]
    lang: Lang,
    pub checks: Vec<CheckLine>,
}

impl Report {
    #[must_use]
    pub fn new(lang: Lang) -> Self {
        Self { lang, checks: vec![] }
    }

    /// A check that was made, and what was wrong.
    pub fn record(&mut self, code: &'static str, title: &Phrase, faults: &[Fault]) {
        let outcome = match faults.iter().map(|fault| fault.undetermined).reduce(|a, b| a && b) {
            None => Outcome::Passed,
            Some(true) => Outcome::Unknown,
            Some(false) => Outcome::Failed,
        };
        self.push(code, title, outcome, faults);
    }

    /// The same where what was found has no bearing on the outcome.
    pub fn remark(&mut self, code: &'static str, title: &Phrase, faults: &[Fault]) {
        let outcome = if faults.is_empty() { Outcome::Passed } else { Outcome::Warning };
        self.push(code, title, outcome, faults);
    }

    fn push(&mut self, code: &'static str, title: &Phrase, outcome: Outcome, faults: &[Fault]) {
        let mut details: Vec<String> = faults.iter().take(SHOWN).map(|fault| fault.text(self.lang)).collect();
        if faults.len() > SHOWN {
            details.push(format!("… + {}", faults.len() - SHOWN));
        }
        self.checks.push(CheckLine { code, outcome, text: title.text(self.lang).to_owned(), details });
    }

    /// 0: all holds. 1: something was changed, removed or added. 2: it cannot be told.
    #[must_use]
    pub fn exit(&self) -> u8 {
        let any = |outcome| self.checks.iter().any(|line| line.outcome == outcome);
        if any(Outcome::Failed) {
            1
        } else if any(Outcome::Unknown) || any(Outcome::NotExamined) {
            2
        } else {
            0
        }
    }
}
