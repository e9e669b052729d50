//! Why a later reading cannot prove that something is gone.

use serde::{Deserialize, Serialize};

use crate::lang::{Both, Lang};

/// What is wrong with the reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It was tried, and nothing could be read.
    Unread,
    /// The source is not in the snapshot.
    NotCollected,
    /// Its content is from before the decision.
    Older,
    Incomplete,
    Untied,
    OtherScope,
    Empty,
    /// A row that could not be read names what is looked for, or there are too many to tell.
    Rejected,
    /// The source does not say whether the account is enabled.
    Unstated,
}

/// A source and its doubt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    pub source: String,
    pub why: Why,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Doubt {
    pub(super) fn new(source: &str, why: Why, detail: Option<&str>) -> Self {
        Self { source: source.to_owned(), why, detail: detail.map(str::to_owned) }
    }

    /// In words.
    #[must_use]
    pub fn both(&self) -> Both {
        let (fr, en) = match self.why {
            Why::Unread => ("rien n'a pu être lu", "nothing could be read"),
            Why::NotCollected => ("source non collectée", "was not collected"),
            Why::Older => ("contenu antérieur à la décision", "its content is older than the decision"),
            Why::Incomplete => ("collecte incomplète", "incomplete"),
            Why::Untied => ("ses comptes ne tombent pas juste", "its counts do not add up"),
            Why::OtherScope => {
                ("autre périmètre lu qu'à l'ouverture de la campagne", "another scope was read than when the campaign was opened")
            }
            Why::Empty => ("revenue vide", "it came back empty"),
            Why::Rejected => (
                "une ligne illisible nomme le compte ou le droit (ou il y en a trop pour le savoir)",
                "a row that could not be read names the account or the right (or there are too many to tell)",
            ),
            Why::Unstated => {
                ("la source ne dit pas si le compte est actif", "the source does not tell whether the account is enabled")
            }
        };
        let detail = |lang: Lang| self.detail.as_ref().map(|detail| format!(" ({})", lang.reason(detail))).unwrap_or_default();
        let (in_french, in_english) = (detail(Lang::Fr), detail(Lang::En));
        Both { fr: format!("{} : {fr}{in_french}", self.source), en: format!("{}: {en}{in_english}", self.source) }
    }
}
