//! What a try at a live source finds out, whatever its kind: facts for programs, lines for people, and whether all is well.

use crate::lang::Lang;

/// A live source, looked at without harvesting it.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// As JSON; each kind its own keys.
    pub facts: serde_json::Value,
    /// The same for people.
    lines: [Vec<String>; 2],
    /// Why a harvest would not be whole, or not tell all it should, in both languages; empty when all is well.
    wanting: [Vec<String>; 2],
}

impl Look {
    /// `lines` and `wanting` say it in the language they are given.
    #[must_use]
    pub fn new(facts: serde_json::Value, lines: impl Fn(Lang) -> Vec<String>, wanting: impl Fn(Lang) -> Vec<String>) -> Self {
        Self { facts, lines: [Lang::Fr, Lang::En].map(lines), wanting: [Lang::Fr, Lang::En].map(wanting) }
    }

    #[must_use]
    pub fn lines(&self, lang: Lang) -> &[String] {
        let [fr, en] = &self.lines;
        lang.pick(fr, en)
    }

    #[must_use]
    pub fn wanting(&self, lang: Lang) -> &[String] {
        let [fr, en] = &self.wanting;
        lang.pick(fr, en)
    }

    #[must_use]
    pub fn is_good(&self) -> bool {
        self.wanting.iter().all(Vec::is_empty)
    }
}
