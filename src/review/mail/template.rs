//! The texts of letters: a subject line, an empty line, the body, with `{names}` in braces. Probant's own, or the organisation's.

use std::collections::BTreeMap;

use super::plan::Stage;
use crate::lang::Lang;

/// What a letter may name.
pub const NAMES: [&str; 10] =
    ["name", "organisation", "campaign", "due", "lines", "undecided", "days", "file", "contact", "return"];

/// A letter before it is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    subject: String,
    body: String,
}

/// A letter in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// One line.
    pub subject: String,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error("{file}: a letter is a subject on the first line, an empty line, then the text")]
    Shape { file: String },
    #[error("{file}, line {line}: `{{{name}}}` is not known; a letter may name {}", NAMES.map(|name| format!("{{{name}}}")).join(", "))]
    Unknown { file: String, line: usize, name: String },
}

impl Template {
    /// Reads a template and refuses what it could not fill in.
    pub fn parse(file: &str, text: &str) -> Result<Self, TemplateError> {
        let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        for (at, line) in text.lines().enumerate() {
            if let Some(name) = names(line).find(|name| !NAMES.contains(name)) {
                return Err(TemplateError::Unknown { file: file.to_owned(), line: at + 1, name: name.to_owned() });
            }
        }
        let (subject, body) = text.split_once("\n\n").ok_or_else(|| TemplateError::Shape { file: file.to_owned() })?;
        if subject.trim().is_empty() || subject.contains('\n') || body.trim().is_empty() {
            return Err(TemplateError::Shape { file: file.to_owned() });
        }
        Ok(Self { subject: subject.trim().to_owned(), body: body.trim_end().to_owned() + "\n" })
    }

    /// Fills it in. A value is put in as it is and never read for braces again.
    #[must_use]
    pub fn fill(&self, facts: &BTreeMap<&'static str, String>) -> Letter {
        let subject = one_line(&filled(&self.subject, facts));
        Letter { subject, text: filled(&self.body, facts) }
    }
}

/// Names in braces.
fn names(line: &str) -> impl Iterator<Item = &str> {
    line.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name)
}

fn filled(text: &str, facts: &BTreeMap<&'static str, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        if let Some((value, after)) = after.split_once('}').and_then(|(name, after)| Some((facts.get(name)?, after))) {
            out.extend(value.chars().filter(|c| *c == '\n' || !c.is_control()));
            rest = after;
        } else {
            out.push('{');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// Without line ends or controls: what stands in a header.
pub(super) fn one_line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Name of a template's file.
#[must_use]
pub fn file_name(stage: Stage, lang: Lang) -> String {
    format!("{}.{lang}.txt", stage.word())
}

/// Probant's own.
#[must_use]
pub fn own(stage: Stage, lang: Lang) -> &'static str {
    match stage {
        Stage::Invitation => lang.pick(
            include_str!("../../../templates/mail/invitation.fr.txt"),
            include_str!("../../../templates/mail/invitation.en.txt"),
        ),
        Stage::Before => {
            lang.pick(include_str!("../../../templates/mail/before.fr.txt"), include_str!("../../../templates/mail/before.en.txt"))
        }
        Stage::Due => {
            lang.pick(include_str!("../../../templates/mail/due.fr.txt"), include_str!("../../../templates/mail/due.en.txt"))
        }
        Stage::Late => {
            lang.pick(include_str!("../../../templates/mail/late.fr.txt"), include_str!("../../../templates/mail/late.en.txt"))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn every_letter_of_ours_reads_and_leaves_no_brace() {
        let facts: BTreeMap<&'static str, String> = NAMES.iter().map(|name| (*name, format!("<{name}>"))).collect();
        for lang in [Lang::Fr, Lang::En] {
            for stage in Stage::ALL {
                let letter = Template::parse(&file_name(stage, lang), own(stage, lang)).unwrap().fill(&facts);
                assert!(!letter.subject.contains(['{', '}', '\n']) && !letter.text.contains(['{', '}']), "{letter:?}");
                assert!(letter.subject.contains("<campaign>") && letter.text.contains("<contact>"), "{letter:?}");
            }
        }
    }

    #[test]
    fn values_never_become_headers_or_templates() {
        let template = Template::parse("x", "{name}\n\n{name} {days}\n").unwrap();
        let facts = BTreeMap::from([("name", "a\r\nBcc: b@c\u{0} {days}".to_owned()), ("days", "3".to_owned())]);
        let letter = template.fill(&facts);
        assert_eq!(letter.subject, "a Bcc: b@c {days}");
        assert_eq!(letter.text, "a\nBcc: b@c {days} 3\n");
    }

    #[test]
    fn what_cannot_be_filled_in_is_refused_with_its_line() {
        let error = Template::parse("late.fr.txt", "Sujet\n\nBonjour {nom},\n").unwrap_err().to_string();
        assert!(error.starts_with("late.fr.txt, line 3: `{nom}` is not known") && error.contains("{name}"), "{error}");
        for text in ["", "Sujet", "\n\nx", "a\nb\n\nc"] {
            assert!(matches!(Template::parse("x", text), Err(TemplateError::Shape { .. })), "{text:?}");
        }
    }
}
