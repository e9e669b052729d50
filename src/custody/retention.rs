//! What may go: everything past its time that nothing still kept refers to.
//!
//! A bundle refers to the snapshot it was sealed from, a campaign to the one it was opened on, a snapshot to its raw captures and its
//! outputs. The newest snapshot stays whatever its age: the next run is compared with it.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::store::purge::Removal;

/// How long something is kept: `400 days`, `13 months`, `10 years`.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct Period {
    span: Count,
    pub text: String,
}

/// A number of one unit. (A `Span` compares with none but itself.)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    Days(i32),
    Months(i32),
    Years(i32),
}

/// Longest number of any unit: no calendar overflows.
const LONGEST: i32 = 36_500;

impl FromStr for Period {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse =
            || format!("`{text}` is no time to keep something: write a number of days, months or years, such as \"13 months\"");
        let (number, unit) = text.trim().split_once(' ').ok_or_else(refuse)?;
        let number: i32 = number.parse().ok().filter(|n| (1..=LONGEST).contains(n)).ok_or_else(refuse)?;
        let span = match unit.trim().trim_end_matches('s') {
            "day" => Count::Days(number),
            "month" => Count::Months(number),
            "year" if number <= 1000 => Count::Years(number),
            _ => return Err(refuse()),
        };
        Ok(Self { span, text: text.trim().to_owned() })
    }
}

impl TryFrom<String> for Period {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl Period {
    /// When what was made at this instant is past its time, counted on the calendar of this zone.
    #[must_use]
    pub fn end(&self, made: Timestamp, zone: &TimeZone) -> Timestamp {
        let span = match self.span {
            Count::Days(n) => Span::new().try_days(n),
            Count::Months(n) => Span::new().try_months(n),
            Count::Years(n) => Span::new().try_years(n),
        };
        let end = span.and_then(|span| made.to_zoned_datetime(zone.clone()).checked_add(span)).map(|end| end.timestamp());
        // Beyond the calendar is never.
        end.unwrap_or(Timestamp::MAX)
    }
}

/// How long each kind is kept. A kind without a time is kept for ever.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Keep {
    /// Raw captures, counted from when they were last written or last named by a snapshot.
    pub raw: Option<Period>,
    /// Snapshots, with the outputs made of them.
    pub snapshots: Option<Period>,
    /// Access-review campaigns, counted from their closing. An open one stays.
    pub campaigns: Option<Period>,
    /// Sealed bundles.
    pub bundles: Option<Period>,
}

/// Something that is kept, and what it needs.
#[derive(Debug, Clone)]
pub struct Object {
    pub kind: &'static str,
    /// Path below the store.
    pub path: String,
    pub sha256: String,
    pub made: Timestamp,
    /// When its time is over, and how long that was; `None` when it has no end.
    pub ends: Option<(Timestamp, String)>,
    /// Paths of what must stay as long as this does.
    pub refers: Vec<String>,
}

/// What goes, and what stays although its time is over, with what needs it.
#[derive(Debug, Default)]
pub struct Plan {
    pub removals: Vec<Removal>,
    pub needed: Vec<(String, String)>,
}

/// Parts objects into those that go and those that stay.
#[must_use]
pub fn plan(objects: &[Object], now: Timestamp) -> Plan {
    let by_path: BTreeMap<&str, &Object> = objects.iter().map(|object| (object.path.as_str(), object)).collect();
    let over = |object: &Object| object.ends.as_ref().is_some_and(|(end, _)| *end <= now);
    let mut stays: BTreeSet<&str> = objects.iter().filter(|object| !over(object)).map(|object| object.path.as_str()).collect();
    let mut needed_by: BTreeMap<&str, &str> = BTreeMap::new();
    let mut look_at: Vec<&str> = stays.iter().copied().collect();
    while let Some(path) = look_at.pop() {
        for needed in by_path.get(path).map(|object| object.refers.as_slice()).unwrap_or_default() {
            if let Some((needed, _)) = by_path.get_key_value(needed.as_str())
                && stays.insert(needed)
            {
                needed_by.insert(needed, path);
                look_at.push(needed);
            }
        }
    }
    let mut plan = Plan::default();
    for object in objects {
        let Some((end, kept)) = object.ends.as_ref().filter(|_| over(object)) else { continue };
        match needed_by.get(object.path.as_str()) {
            Some(by) => plan.needed.push((object.path.clone(), (*by).to_owned())),
            None => plan.removals.push(Removal {
                object: object.path.clone(),
                kind: object.kind.to_owned(),
                sha256: object.sha256.clone(),
                made: object.made,
                kept: kept.clone(),
                reason: format!("kept for {kept}; its time was over at {end}"),
            }),
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn at(day: &str) -> Timestamp {
        format!("{day}T08:00:00Z").parse().unwrap()
    }

    fn object(path: &str, ends: Option<&str>, refers: &[&str]) -> Object {
        Object {
            kind: "snapshot",
            path: path.into(),
            sha256: String::new(),
            made: at("2025-01-01"),
            ends: ends.map(|day| (at(day), "1 year".into())),
            refers: refers.iter().map(|&path| path.into()).collect(),
        }
    }

    #[test]
    fn periods_are_counted_on_the_calendar() {
        let zone = TimeZone::get("Europe/Paris").unwrap();
        let end = |text: &str| text.parse::<Period>().unwrap().end(at("2026-01-31"), &zone).to_string();
        assert_eq!(end("1 month"), "2026-02-28T08:00:00Z");
        assert_eq!(end("10 years"), "2036-01-31T08:00:00Z");
        // One hour less: summer time came in between.
        assert_eq!(end("90 days"), "2026-05-01T07:00:00Z");
        for wrong in ["", "3", "3 weeks", "-1 days", "0 days", "99999999999 days", "5000 years", "years 3"] {
            assert!(wrong.parse::<Period>().unwrap_err().contains("13 months"), "{wrong}");
        }
    }

    #[test]
    fn what_something_still_kept_refers_to_stays() {
        let objects = [
            object("bundles/new", Some("2030-01-01"), &["snapshots/old"]),
            object("snapshots/old", Some("2026-01-01"), &["raw/shared", "outputs/old"]),
            object("snapshots/gone", Some("2026-01-01"), &["raw/shared", "raw/alone"]),
            object("raw/shared", Some("2026-01-01"), &[]),
            object("raw/alone", Some("2026-01-01"), &[]),
            object("raw/endless", None, &[]),
            object("outputs/old", Some("2026-01-01"), &[]),
        ];
        let plan = plan(&objects, at("2026-10-05"));
        let removed: Vec<_> = plan.removals.iter().map(|r| r.object.as_str()).collect();
        assert_eq!(removed, ["snapshots/gone", "raw/alone"]);
        let needed: Vec<_> = plan.needed.iter().map(|(what, by)| (what.as_str(), by.as_str())).collect();
        assert_eq!(needed, [("snapshots/old", "bundles/new"), ("raw/shared", "snapshots/old"), ("outputs/old", "snapshots/old")]);
        let reason = plan.removals.first().unwrap().reason.clone();
        assert_eq!(reason, "kept for 1 year; its time was over at 2026-01-01T08:00:00Z");
    }
}
