//! From a cell to the kind of value its target holds.

use std::borrow::Cow;

use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::snapshot::ids;
use crate::snapshot::value::{Days, Micros};
use crate::sources::dates::{self, DateFormat, Moment};

use super::catalog::Kind;
use super::cell::{Cell, shorten};
use super::config::Literal;
use super::numbers::{Writing, whole};

/// A converted field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value<'r> {
    Null,
    Text(Cow<'r, str>),
    List(Vec<Cow<'r, str>>),
    Bool(bool),
    Int(i64),
    Time(Micros),
    Date(Days),
}

/// Everything declared about how a field is written.
#[derive(Debug, Clone)]
pub(super) struct Converter {
    pub kind: Kind,
    /// Empty: ISO 8601 only.
    pub dates: Vec<DateFormat>,
    /// Zone of this field, when it is not the source's.
    pub zone: Option<TimeZone>,
    pub yes: Vec<String>,
    pub no: Vec<String>,
    pub numbers: Writing,
}

/// Words that mean true and false unless the field says otherwise.
pub(super) const YES: &[&str] = &["true", "t", "yes", "y", "oui", "o", "vrai", "1"];
pub(super) const NO: &[&str] = &["false", "f", "no", "n", "non", "faux", "0"];

impl Converter {
    /// Converts a trimmed, non-empty text.
    pub(super) fn text<'r>(&self, text: Cow<'r, str>, zone: &TimeZone) -> Result<Value<'r>, String> {
        match self.kind {
            Kind::Text | Kind::List | Kind::Person => Ok(Value::Text(text)),
            Kind::Emails => Ok(Value::Text(Cow::Owned(ids::email(&text)))),
            Kind::Host | Kind::Hosts => {
                let host = ids::host(&text);
                Ok(if host.is_empty() { Value::Null } else { Value::Text(Cow::Owned(host)) })
            }
            Kind::Bool => self.word(&text).map(Value::Bool),
            Kind::Int => self.numbers.int(&text).map(Value::Int),
            Kind::Minutes => self.numbers.minutes(&text).map(Value::Int),
            Kind::Bytes => self.numbers.bytes(&text).map(Value::Int),
            Kind::Time => self.moment(&text)?.map_or(Ok(Value::Null), |moment| self.time(moment, zone)),
            Kind::Date => Ok(self.moment(&text)?.map_or(Value::Null, |moment| Value::Date(moment.day(self.zone(zone))))),
            Kind::Word(words) => words.iter().find(|word| **word == text.to_lowercase()).map_or_else(
                || Err(format!("\"{}\" is not one of {}; say what it means with `values`", shorten(&text), words.join(", "))),
                |word| Ok(Value::Text(Cow::Borrowed(word))),
            ),
        }
    }

    /// Converts a cell that is not text.
    pub(super) fn typed<'r>(&self, cell: &Cell<'r>, zone: &TimeZone) -> Result<Value<'r>, String> {
        match (self.kind, cell) {
            (_, Cell::Empty) => Ok(Value::Null),
            (Kind::Bool, _) => Ok(self.truth(cell)?.map_or(Value::Null, Value::Bool)),
            (Kind::Int, Cell::Number(number)) => {
                whole(*number).map(Value::Int).ok_or_else(|| format!("{number} is not a whole number"))
            }
            (Kind::Minutes, Cell::Number(number)) => {
                self.numbers.minutes_of(*number).map(Value::Int).ok_or_else(|| format!("{number} is not a duration"))
            }
            (Kind::Bytes, Cell::Number(number)) => {
                self.numbers.bytes_in_unit(*number).map(Value::Int).ok_or_else(|| format!("{number} is not a size"))
            }
            // A time of day in a sheet (04:30) is how people write durations below a day.
            (Kind::Minutes, Cell::Span(days) | Cell::Moment { days, .. }) if (0.0..366.0).contains(days) => {
                whole((days * 1440.0 - 1e-6).ceil().max(0.0)).map(Value::Int).ok_or_else(|| format!("{days} is not a duration"))
            }
            (Kind::Time, Cell::Moment { local, .. }) => self.time(Moment::Local(*local), zone),
            (Kind::Date, Cell::Moment { local, .. }) => Ok(Value::Date(local.date().into())),
            (Kind::Time | Kind::Date, Cell::Number(number)) if self.dates.is_empty() => {
                Err(format!("{number} is a number, not a date; if the column holds dates, declare date = \"excel\" or \"epoch\""))
            }
            (_, Cell::Moment { local, .. }) => {
                let midnight = local.time() == Time::midnight();
                let text = if midnight { local.date().to_string() } else { local.to_string() };
                self.text(Cow::Owned(text), zone)
            }
            (_, other) => self.text(Cow::Owned(other.text().into_owned()), zone),
        }
    }

    /// Whether a cell is true; null when it is empty.
    pub(super) fn truth(&self, cell: &Cell<'_>) -> Result<Option<bool>, String> {
        match cell {
            Cell::Bool(value) => Ok(Some(*value)),
            other => {
                let text = other.text();
                let text = text.trim();
                if text.is_empty() {
                    return Ok(None);
                }
                self.word(text).map(Some)
            }
        }
    }

    fn word(&self, text: &str) -> Result<bool, String> {
        let text = text.to_lowercase();
        if self.yes.contains(&text) {
            Ok(true)
        } else if self.no.contains(&text) {
            Ok(false)
        } else {
            Err(format!("\"{}\" is neither {} nor {}", shorten(&text), self.yes.join("/"), self.no.join("/")))
        }
    }

    fn moment(&self, text: &str) -> Result<Option<Moment>, String> {
        if self.dates.is_empty() {
            return dates::parse(text, &[DateFormat::Iso])
                .map_err(|why| format!("{why}, because the field declares no `date` format"));
        }
        dates::parse(text, &self.dates)
    }

    fn zone<'z>(&'z self, zone: &'z TimeZone) -> &'z TimeZone {
        self.zone.as_ref().unwrap_or(zone)
    }

    fn time(&self, moment: Moment, zone: &TimeZone) -> Result<Value<'static>, String> {
        moment.micros(self.zone(zone)).map(Value::Time)
    }

    /// Converts a literal of the mapping; its dates are ISO, its numbers plain.
    pub(super) fn literal(kind: Kind, literal: &Literal) -> Result<Value<'static>, String> {
        if matches!(literal, Literal::Text(text) if text.trim().is_empty()) {
            return Ok(Value::Null);
        }
        let plain = Self {
            kind,
            dates: vec![],
            zone: None,
            yes: YES.iter().map(ToString::to_string).collect(),
            no: NO.iter().map(ToString::to_string).collect(),
            numbers: Writing::default(),
        };
        match plain.text(Cow::Owned(literal.to_string()), &TimeZone::UTC)? {
            Value::Text(item) if kind.is_list() => Ok(Value::List(vec![item])),
            other => Ok(other),
        }
    }
}
