//! The report's words, read from one table a language.

use std::collections::BTreeMap;

use super::ReportError;
use crate::lang::Lang;

/// The report's own words, then the names of what an assessment holds.
pub(super) const FRENCH: &str =
    concat!(include_str!("../../../templates/report/texts.fr.toml"), include_str!("../../../templates/report/names.fr.toml"));
pub(super) const ENGLISH: &str =
    concat!(include_str!("../../../templates/report/texts.en.toml"), include_str!("../../../templates/report/names.en.toml"));

/// Section, then key, then words.
pub(super) type Table = BTreeMap<String, BTreeMap<String, String>>;

/// The words of one language.
#[derive(Debug, Clone)]
pub(super) struct Texts {
    lang: Lang,
    pub(super) table: Table,
}

impl Texts {
    pub(super) fn load(lang: Lang) -> Result<Self, ReportError> {
        let (name, source) = match lang {
            Lang::Fr => ("French", FRENCH),
            Lang::En => ("English", ENGLISH),
        };
        let mut table: Table =
            toml::from_str(source).map_err(|source| ReportError::Texts { lang: name, source: Box::new(source) })?;
        if matches!(lang, Lang::Fr) {
            for words in table.values_mut().flat_map(BTreeMap::values_mut) {
                *words = unbreakable(words);
            }
        }
        Ok(Self { lang, table })
    }

    /// The words for a key, or the key itself: what we have no words for (a theme of another framework, a column of a
    /// check of one's own) is printed as it is named.
    pub(super) fn or_raw(&self, section: &str, key: &str) -> String {
        self.table.get(section).and_then(|s| s.get(key)).map_or_else(|| key.to_owned(), Clone::clone)
    }

    /// The singular or plural of `one|many`. French counts 0 as singular, English does not.
    pub(super) fn unit(&self, key: &str, n: u64) -> String {
        let both = self.or_raw("unit", key);
        let singular = match self.lang {
            Lang::Fr => n < 2,
            Lang::En => n == 1,
        };
        let (one, many) = both.split_once('|').unwrap_or((&both, &both));
        if singular { one.to_owned() } else { many.to_owned() }
    }
}

/// Fills `{name}` in. Values are not searched again, so a value that holds `{…}` stays as it is.
pub(super) fn fill(pattern: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(pattern.len() + 32);
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        if let Some((_, value)) = values.iter().find(|(key, _)| *key == name) {
            out.push_str(value);
        } else {
            out.extend(["{", name, "}"]);
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// French puts a space before `: ; ! ?` and inside quotation marks, at which a line must not break.
fn unbreakable(words: &str) -> String {
    let wide = words.replace(" :", "\u{a0}:").replace("« ", "«\u{a0}").replace(" »", "\u{a0}»");
    wide.replace(" ;", "\u{202f};").replace(" !", "\u{202f}!").replace(" ?", "\u{202f}?")
}
