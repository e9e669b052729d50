//! What can be decided on a line.

use serde::{Deserialize, Serialize};

use crate::lang::Lang;
use crate::review::paper::texts::Words;

/// One of three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    Keep,
    Revoke,
    Modify,
}

impl Choice {
    /// As the `decisions` table writes it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Revoke => "revoke",
            Self::Modify => "modify",
        }
    }
}

/// The word of a choice, as the drop-down has it.
#[must_use]
pub fn word(choice: Choice, lang: Lang) -> &'static str {
    let words = Words::of(lang);
    match choice {
        Choice::Keep => words.keep,
        Choice::Revoke => words.revoke,
        Choice::Modify => words.modify,
    }
}
