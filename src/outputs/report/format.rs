//! Numbers, dates and ages as people of each language write them.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::ReportError;
use super::texts::{Texts, fill};
use crate::lang::Lang;

/// Longest cell printed, in characters: a hostile or binary value must not swell the page.
const CELL_LIMIT: usize = 400;

/// How one report writes things.
#[derive(Debug, Clone)]
pub(super) struct Format {
    pub(super) lang: Lang,
    pub(super) texts: Texts,
    zone: TimeZone,
}

impl Format {
    pub(super) fn new(lang: Lang, zone: &str, texts: Texts) -> Result<Self, ReportError> {
        let found = TimeZone::get(zone).map_err(|source| ReportError::Zone { zone: zone.to_owned(), source })?;
        Ok(Self { lang, texts, zone: found })
    }

    /// Groups of three: a narrow no-break space in French, a comma in English.
    pub(super) fn number(&self, n: u64) -> String {
        let digits = n.to_string();
        let separator = match self.lang {
            Lang::Fr => '\u{202f}',
            Lang::En => ',',
        };
        let mut out = String::with_capacity(digits.len() * 2);
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                out.push(separator);
            }
            out.push(digit);
        }
        out
    }

    /// `3 constats`, `1 finding`.
    pub(super) fn count(&self, n: u64, unit: &str) -> String {
        format!("{}\u{a0}{}", self.number(n), self.texts.unit(unit, n))
    }

    /// An instant in the organisation's zone; a text that is no instant stays as it is, so that nothing is lost.
    pub(super) fn instant(&self, raw: &str) -> String {
        raw.parse().map_or_else(|_not_an_instant| raw.to_owned(), |at: Timestamp| self.timestamp(at))
    }

    fn timestamp(&self, at: Timestamp) -> String {
        self.lang.date_time(self.zone.to_datetime(at)).replace(' ', "\u{a0}")
    }

    /// The day of an instant in the organisation's zone.
    pub(super) fn day_of(&self, at: Timestamp) -> String {
        self.lang.date(self.zone.to_datetime(at).date())
    }

    /// The last day before an exclusive end.
    pub(super) fn day_before(&self, end: Timestamp) -> String {
        self.day_of(end.checked_sub(1.second()).unwrap_or(end))
    }

    /// One cell of a check's answer. Dates, instants (a snapshot's have no zone because all are UTC) and booleans are
    /// written for people; anything else is printed as received.
    pub(super) fn cell(&self, raw: &str) -> String {
        match raw {
            "" => return self.texts.or_raw("doc", "empty"),
            "true" => return self.texts.or_raw("doc", "yes"),
            "false" => return self.texts.or_raw("doc", "no"),
            _ => {}
        }
        let shape = raw.as_bytes();
        if shape.get(4) == Some(&b'-') && shape.get(7) == Some(&b'-') {
            if shape.len() == 10
                && let Ok(day) = raw.parse::<Date>()
            {
                return self.lang.date(day);
            }
            if let Ok(at) = raw.parse::<Timestamp>() {
                return self.timestamp(at);
            }
            if shape.len() >= 19
                && let Ok(at) = raw.parse::<DateTime>().and_then(|utc| TimeZone::UTC.to_timestamp(utc))
            {
                return self.timestamp(at);
            }
        }
        self.bounded(raw)
    }

    /// A text as received, cut when it is very long, with what cannot be seen made visible.
    pub(super) fn bounded(&self, raw: &str) -> String {
        let Some((cut, _)) = raw.char_indices().nth(CELL_LIMIT) else { return visible(raw) };
        let (kept, rest) = raw.split_at(cut);
        let more = self.number(u64::try_from(rest.chars().count()).unwrap_or(u64::MAX));
        fill(&self.texts.or_raw("doc", "cut"), &[("text", &visible(kept)), ("n", &more)])
    }

    /// A length of time, in the largest unit that says it exactly enough: hours below two days, then days, then years.
    pub(super) fn hours(&self, hours: u64) -> String {
        match hours {
            0..=47 => self.count(hours, "hour"),
            48..=17_519 => self.count(hours / 24, "day"),
            _ => self.count(hours / 8_760, "year"),
        }
    }
}

/// Control characters, zero-width ones and those that turn the direction of text around (a name that reads otherwise
/// than it is stored) are written as their code points.
fn visible(raw: &str) -> String {
    let hidden = |c: char| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    if !raw.contains(hidden) {
        return raw.to_owned();
    }
    raw.chars().map(|c| if hidden(c) { format!("[U+{:04X}]", u32::from(c)) } else { c.to_string() }).collect()
}
