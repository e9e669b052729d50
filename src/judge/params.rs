//! Parameters of checks: small expressions such as `as_of - 90 days`, worked out before the SQL runs.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::period::Span;
use crate::snapshot::value::Micros;

/// A worked-out parameter: it becomes a column of the one-row table `params`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Param {
    Time(Micros),
    Int(i64),
    Real(f64),
}

impl std::fmt::Display for Param {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Time(at) => at.fmt(f),
            Self::Int(n) => n.fmt(f),
            Self::Real(n) => n.fmt(f),
        }
    }
}

/// A parameter as written: a number, or an instant with an offset.
#[derive(Debug, Clone, PartialEq, serde::Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub enum Expression {
    Int(i64),
    Real(f64),
    Text(String),
}

/// How old evidence may be: `36h`, `7d`.
pub fn hours(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is not an age; write `36h` or `7d`");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let number: u64 = number.parse().ok().filter(|n| *n > 0 && *n < 100_000).ok_or_else(wrong)?;
    match unit {
        "h" => Ok(number),
        "d" => Ok(number * 24),
        _ => Err(wrong()),
    }
}

impl Expression {
    /// Works it out for a judgement at `as_of` over `period`. Days, months and years are civil ones in `zone`.
    pub fn work_out(&self, as_of: Timestamp, period: &Span, zone: &TimeZone) -> Result<Param, String> {
        let text = match self {
            Self::Int(n) => return Ok(Param::Int(*n)),
            Self::Real(n) => return Ok(Param::Real(*n)),
            Self::Text(text) => text.trim(),
        };
        let wrong = || {
            format!(
                "`{text}` is not a parameter; write a number, `as_of`, `period_start` or `period_end`, with `- 90 days`, `+ 36 hours`, `- 3 months` or `- 1 year` behind it if need be"
            )
        };
        let (base, offset) = match text.find([' ', '-', '+']) {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let base = match base {
            "as_of" => as_of,
            "period_start" => period.start,
            "period_end" => period.end,
            _ => return Err(wrong()),
        };
        let offset = offset.trim();
        if offset.is_empty() {
            return Ok(Param::Time(base.into()));
        }
        let (sign, rest) = match offset.split_at_checked(1) {
            Some(("-", rest)) => (-1, rest.trim()),
            Some(("+", rest)) => (1, rest.trim()),
            _ => return Err(wrong()),
        };
        let (number, unit) = rest.split_once(' ').ok_or_else(wrong)?;
        let n = sign * number.parse::<i64>().ok().filter(|n| (0..100_000).contains(n)).ok_or_else(wrong)?;
        let span = jiff::Span::new();
        let span = match unit.trim().trim_end_matches('s') {
            "hour" => span.hours(n),
            "day" => span.days(n),
            "month" => span.months(n),
            "year" => span.years(n),
            _ => return Err(wrong()),
        };
        let moved = zone.to_datetime(base).checked_add(span).and_then(|moved| zone.to_timestamp(moved));
        moved.map(|at| Param::Time(at.into())).map_err(|error| format!("`{text}`: {error}"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn at(text: &str) -> Param {
        let period = Span::parse("2026-T3", &TimeZone::UTC).unwrap();
        Expression::Text(text.into()).work_out("2026-10-05T08:00:00Z".parse().unwrap(), &period, &TimeZone::UTC).unwrap()
    }

    #[test]
    fn offsets_are_civil() {
        assert_eq!(at("as_of - 90 days").to_string(), "2026-07-07T08:00:00Z");
        assert_eq!(at("as_of-1 day").to_string(), "2026-10-04T08:00:00Z");
        assert_eq!(at("period_start").to_string(), "2026-07-01T00:00:00Z");
        assert_eq!(at("period_end + 36 hours").to_string(), "2026-10-02T12:00:00Z");
        assert_eq!(at("as_of - 3 years").to_string(), "2023-10-05T08:00:00Z");
    }

    #[test]
    fn what_cannot_be_read_says_what_can() {
        let period = Span::parse("2026-T3", &TimeZone::UTC).unwrap();
        let message = Expression::Text("now() - 3".into())
            .work_out("2026-10-05T08:00:00Z".parse().unwrap(), &period, &TimeZone::UTC)
            .unwrap_err();
        assert!(message.contains("`now() - 3` is not a parameter") && message.contains("as_of"), "{message}");
        assert_eq!(hours("7d"), Ok(168));
        assert!(hours("7 weeks").unwrap_err().contains("`36h` or `7d`"));
    }
}
