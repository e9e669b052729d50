//! The period that happenings are judged over: a quarter, a month, a year, or two dates.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

/// A period: from `start` (in) to `end` (out).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub label: String,
    pub start: Timestamp,
    pub end: Timestamp,
}

const FORMS: &str =
    "write a quarter (2026-T3 or 2026-Q3), a month (2026-09), a year (2026), or two days (2026-07-01..2026-09-30, both in)";

impl Span {
    /// Reads a period as typed; midnights are those of `zone`.
    pub fn parse(text: &str, zone: &TimeZone) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a period; {FORMS}");
        let (first, last) = bounds(text.trim()).ok_or_else(wrong)?;
        Self::between(text.trim().to_owned(), first, last, zone).ok_or_else(wrong)
    }

    /// The last whole quarter before an instant.
    #[must_use]
    pub fn last_quarter(as_of: Timestamp, zone: &TimeZone) -> Self {
        let today = zone.to_datetime(as_of).date();
        let quarter = (today.month() - 1) / 3;
        let (year, quarter) = if quarter == 0 { (today.year() - 1, 4) } else { (today.year(), quarter) };
        let label = format!("{year}-T{quarter}");
        // A quarter of a year that a timestamp can hold always has bounds.
        Self::parse(&label, zone).unwrap_or(Self { label, start: as_of, end: as_of })
    }

    fn between(label: String, first: Date, last: Date, zone: &TimeZone) -> Option<Self> {
        let start = zone.to_timestamp(first.at(0, 0, 0, 0)).ok()?;
        let end = zone.to_timestamp(last.tomorrow().ok()?.at(0, 0, 0, 0)).ok()?;
        (start < end).then_some(Self { label, start, end })
    }
}

fn bounds(text: &str) -> Option<(Date, Date)> {
    if let Some((first, last)) = text.split_once("..") {
        return Some((first.trim().parse().ok()?, last.trim().parse().ok()?));
    }
    let year: i16 = text.get(..4)?.parse().ok().filter(|year| (1970..=9000).contains(year))?;
    let (first, last) = match text.get(4..)? {
        "" => (1, 12),
        rest => {
            if let Some(quarter) = rest.strip_prefix("-T").or_else(|| rest.strip_prefix("-Q")) {
                let quarter: i8 = quarter.parse().ok().filter(|q| (1..=4).contains(q))?;
                (quarter * 3 - 2, quarter * 3)
            } else {
                let month: i8 = rest.strip_prefix('-')?.parse().ok().filter(|m| (1..=12).contains(m))?;
                (month, month)
            }
        }
    };
    Some((date(year, first, 1), date(year, last, 1).last_of_month()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn quarters_begin_at_local_midnight() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        let span = Span::parse("2026-T3", &paris).unwrap();
        assert_eq!(span.start.to_string(), "2026-06-30T22:00:00Z");
        assert_eq!(span.end.to_string(), "2026-09-30T22:00:00Z");
        assert_eq!(Span::last_quarter("2026-10-05T08:00:00Z".parse().unwrap(), &paris), span);
        assert_eq!(Span::last_quarter("2026-02-05T08:00:00Z".parse().unwrap(), &paris).label, "2025-T4");
    }

    #[test]
    fn other_forms_and_nonsense() {
        let utc = TimeZone::UTC;
        assert_eq!(Span::parse("2026-02", &utc).unwrap().end.to_string(), "2026-03-01T00:00:00Z");
        assert_eq!(Span::parse("2026-07-01..2026-07-01", &utc).unwrap().end.to_string(), "2026-07-02T00:00:00Z");
        for nonsense in ["2026-T5", "T3", "2026-13", "2026-07-02..2026-07-01", ""] {
            assert!(Span::parse(nonsense, &utc).unwrap_err().contains("2026-Q3"), "{nonsense}");
        }
    }
}
