//! What was sent, to whom and when: `mail.jsonl` in the campaign's folder, to which lines are only ever added.
//!
//! A line is written and synced before a letter's last word goes out, and one after the server has taken or refused it. A run that
//! was killed between the two leaves a letter in doubt: SMTP cannot tell whether it arrived, so it is not sent again unasked.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Name of the file.
pub const FILE: &str = "mail.jsonl";

/// One event, one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub at: Timestamp,
    /// Who typed the command.
    pub by: String,
    /// `person_id` of the reviewer.
    pub reviewer: String,
    /// Which letter: `invitation`, `before-7`, `due`, `late-1`.
    pub letter: String,
    #[serde(flatten)]
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// The server is ready for the text; what follows may or may not arrive.
    Sending {
        to: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        copy: Option<String>,
        message_id: String,
        /// Of the whole message.
        sha256: String,
        /// Of the attached workbooks, with a blank between two.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        workbook_sha256: Option<String>,
        /// `starttls`, `implicit` or `cleartext`.
        protection: String,
    },
    /// The server has it.
    Accepted { answer: String },
    /// The server does not want it, in its own words.
    Refused { answer: String },
    /// Someone asked for it to be sent again.
    Again,
}

/// How far a letter has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Sent(Timestamp),
    /// Begun, and nothing is known of its end.
    Doubt(Timestamp),
    /// Refused, or to be sent again.
    Open,
}

/// Every letter that something was done about, by reviewer and letter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    standings: BTreeMap<(String, String), Standing>,
}

#[derive(Debug, thiserror::Error)]
#[error("{FILE}, line {line}: {source}. The file is only ever added to: restore it from a copy of the store")]
pub struct HistoryError {
    line: usize,
    source: serde_json::Error,
}

impl History {
    /// Reads the file. A last line without its end was never acknowledged: what it was to announce had not begun.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HistoryError> {
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let mut history = Self::default();
        for (at, line) in bytes.get(..whole).unwrap_or_default().split(|byte| *byte == b'\n').enumerate() {
            if !line.is_empty() {
                let event: Event = serde_json::from_slice(line).map_err(|source| HistoryError { line: at + 1, source })?;
                history.add(&event);
            }
        }
        Ok(history)
    }

    pub fn add(&mut self, event: &Event) {
        let standing = match event.what {
            What::Sending { .. } => Standing::Doubt(event.at),
            What::Accepted { .. } => Standing::Sent(event.at),
            What::Refused { .. } | What::Again => Standing::Open,
        };
        self.standings.insert((event.reviewer.clone(), event.letter.clone()), standing);
    }

    #[must_use]
    pub fn of(&self, reviewer: &str, letter: &str) -> Option<Standing> {
        self.standings.get(&(reviewer.to_owned(), letter.to_owned())).copied()
    }

    /// The letters of a reviewer that were sent or may have been.
    pub fn letters<'h>(&'h self, reviewer: &'h str) -> impl Iterator<Item = &'h str> {
        let mine = self.standings.iter().filter(move |((of, _), standing)| of == reviewer && **standing != Standing::Open);
        mine.map(|((_, letter), _)| letter.as_str())
    }
}

impl Event {
    /// The line, with its end.
    pub fn line(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        Ok(line)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn event(what: What) -> Vec<u8> {
        let at = "2026-12-01T08:00:00Z".parse().unwrap();
        Event { at, by: "x".into(), reviewer: "rh:1".into(), letter: "due".into(), what }.line().unwrap()
    }

    fn sending() -> What {
        let text = String::new;
        What::Sending { to: text(), copy: None, message_id: text(), sha256: text(), workbook_sha256: None, protection: text() }
    }

    #[test]
    fn a_letter_begun_and_not_ended_is_in_doubt() {
        let of = |events: &[Vec<u8>]| History::from_bytes(&events.concat()).unwrap().of("rh:1", "due");
        let at = "2026-12-01T08:00:00Z".parse().unwrap();
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[event(sending())]), Some(Standing::Doubt(at)));
        let ok = || event(What::Accepted { answer: "250".into() });
        assert_eq!(of(&[event(sending()), ok()]), Some(Standing::Sent(at)));
        assert_eq!(of(&[event(sending()), event(What::Refused { answer: "550".into() })]), Some(Standing::Open));
        assert_eq!(of(&[event(sending()), ok(), event(What::Again)]), Some(Standing::Open));
    }

    #[test]
    fn a_torn_last_line_never_counted_and_a_broken_one_is_an_error() {
        let whole = event(sending());
        let torn = [whole.as_slice(), whole.get(..whole.len() - 5).unwrap()].concat();
        assert!(History::from_bytes(&torn).unwrap().of("rh:1", "due").is_some());
        let broken = [b"{}\n".as_slice(), &whole].concat();
        assert!(History::from_bytes(&broken).unwrap_err().to_string().starts_with("mail.jsonl, line 1"));
    }
}
