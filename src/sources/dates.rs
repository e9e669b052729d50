//! Dates as exports write them. A format is declared or it is ISO 8601; day and month are never guessed apart, and a date that
//! does not exist (31/02) is refused, never rolled over.

mod pattern;
mod read;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use crate::snapshot::value::{Days, Micros};

/// What a text said about time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// A calendar day.
    Day(Date),
    /// A time of day without a zone.
    Local(DateTime),
    /// An instant.
    Instant(Timestamp),
}

impl Moment {
    /// As an instant; a day is its first moment in the zone. A local time that summer time repeats is the earlier of the two,
    /// one that it skips is read with the offset before the change (RFC 5545 section 3.3.5).
    pub fn micros(self, zone: &TimeZone) -> Result<Micros, String> {
        let local = match self {
            Self::Instant(instant) => return Ok(instant.into()),
            Self::Day(day) => day.to_datetime(Time::midnight()),
            Self::Local(local) => local,
        };
        zone.to_timestamp(local).map(Micros::from).map_err(|error| format!("{local} is out of range: {error}"))
    }

    /// As a calendar day; an instant's day is the one of the zone.
    #[must_use]
    pub fn day(self, zone: &TimeZone) -> Days {
        match self {
            Self::Day(day) => day.into(),
            Self::Local(local) => local.date().into(),
            Self::Instant(instant) => zone.to_datetime(instant).date().into(),
        }
    }
}

/// A declared way of writing dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DateFormat {
    /// ISO 8601 calendar dates: `2026-11-23`, `2026-11-23T10:00:00.5+01:00`, with a blank for the T, offsets `Z +01 +0100 +01:00`.
    Iso,
    /// Seconds, or thousandths, since 1970; 0 is "never".
    Epoch { per_second: i64 },
    /// Days since 1899-12-30 with a fraction, as Excel stores them (1900 system).
    Excel,
    /// 100 ns since 1601-01-01 (MS-DTYP 2.3.3); 0 and 2^63-1 are "never".
    Filetime,
    /// A pattern such as `dd/mm/yyyy HH:MM`.
    Pattern { text: String, parts: Vec<Part> },
}

/// One piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Number { unit: Unit, widths: (usize, usize) },
    MonthName,
    Meridiem,
    Offset,
    Literal(char),
}

/// What a number of a pattern counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    Year,
    ShortYear,
    Month,
    Day,
    Hour,
    Hour12,
    Minute,
    Second,
    Fraction,
}

impl DateFormat {
    /// A named format or a pattern; several for names whose tool writes several. The message of an error says what to write.
    pub fn named(name: &str) -> Result<Vec<Self>, String> {
        let patterns: &[&str] = match name.trim() {
            "iso" | "jira-rest" => return Ok(vec![Self::Iso]),
            "epoch" => return Ok(vec![Self::Epoch { per_second: 1 }]),
            "epoch-ms" => return Ok(vec![Self::Epoch { per_second: 1000 }]),
            "excel" => return Ok(vec![Self::Excel]),
            "filetime" => return Ok(vec![Self::Filetime]),
            // Jira's default "complete date/time format", said in its own words: d/MMM/yy h:mm a.
            "jira" => &["d/mmm/yy h:MM a", "d/mmm/yy HH:MM", "d/mmm/yy"],
            // Bareos before 23 and since.
            "bareos" => return Ok(vec![Self::pattern("d-mmm-yyyy HH:MM:SS")?, Self::Iso]),
            "generalized" => &["yyyymmddHHMMSS.fzzz", "yyyymmddHHMMSSzzz"],
            pattern => return Ok(vec![Self::pattern(pattern)?]),
        };
        patterns.iter().map(|pattern| Self::pattern(pattern)).collect()
    }

    fn pattern(text: &str) -> Result<Self, String> {
        pattern::compile(text).map(|parts| Self::Pattern { text: text.to_owned(), parts })
    }

    /// How a message names it.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Iso => "ISO 8601 (yyyy-mm-dd)",
            Self::Epoch { per_second: 1 } => "epoch seconds",
            Self::Epoch { .. } => "epoch milliseconds",
            Self::Excel => "an Excel serial number",
            Self::Filetime => "a FILETIME",
            Self::Pattern { text, .. } => text,
        }
    }

    /// Reads a text. `Ok(None)` is the format's own word for never.
    pub fn parse(&self, text: &str) -> Result<Option<Moment>, String> {
        let text = text.trim();
        match self {
            Self::Iso => read::iso(text).map(Some),
            Self::Epoch { per_second } => read::epoch(text, *per_second),
            Self::Excel => {
                let days: f64 =
                    text.replace(',', ".").parse().map_err(|_unfit| format!("\"{text}\" is not an Excel date number"))?;
                read::serial(days).map(|local| Some(Moment::Local(local)))
            }
            Self::Filetime => read::filetime(text),
            Self::Pattern { parts, .. } => read::pattern(text, parts).map(Some),
        }
    }
}

/// Reads a text in the first format that takes it; the message of the refusal names them all.
pub fn parse(text: &str, formats: &[DateFormat]) -> Result<Option<Moment>, String> {
    let mut refusal = None;
    for format in formats {
        match format.parse(text) {
            Ok(moment) => return Ok(moment),
            // A date that fits the format and does not exist says more than one that does not fit.
            Err(why) if refusal.is_none() || why.contains("does not exist") => refusal = Some(why),
            Err(_) => {}
        }
    }
    let names = formats.iter().map(DateFormat::name).collect::<Vec<_>>().join(" or ");
    Err(format!("{}; expected {names}", refusal.unwrap_or_default()))
}

/// An Excel serial number as a local time.
pub fn excel(days: f64) -> Result<DateTime, String> {
    read::serial(days)
}
