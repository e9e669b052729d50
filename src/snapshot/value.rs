//! The seven kinds of cell that a table can hold, and the two time types behind them.
//!
//! They stand apart from Polars so that sources can make rows without knowing the engine.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use jiff::civil;

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(pub i64);

/// Days since 1970-01-01, proleptic Gregorian, no zone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Days(pub i32);

impl Micros {
    /// One second.
    pub const SECOND: i64 = 1_000_000;
    /// Twenty-four hours; never a civil day across a change of summer time.
    pub const DAY: i64 = 86_400 * Self::SECOND;

    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        // Everything that makes a `Micros` came from a `Timestamp` or was bounded by a parser; out of range means the far edge.
        Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
    }
}

impl From<Timestamp> for Micros {
    fn from(t: Timestamp) -> Self {
        Self(t.as_microsecond())
    }
}

/// RFC 3339 in UTC, seconds when there is no fraction.
impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

const EPOCH: civil::Date = civil::date(1970, 1, 1);

impl Days {
    #[must_use]
    pub fn date(self) -> civil::Date {
        EPOCH.checked_add(jiff::Span::new().days(self.0.clamp(-4_371_000, 2_932_000))).unwrap_or(EPOCH)
    }
}

impl From<civil::Date> for Days {
    fn from(date: civil::Date) -> Self {
        // Both ends are civil dates of years -9999 to 9999: the span in days always exists and fits an i32.
        let days = date.since(EPOCH).map_or(0, |span| span.get_days());
        Self(days)
    }
}

/// ISO 8601 calendar date.
impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

/// One cell on its way into a table. `Null` is "the source cannot tell", never "no".
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    Null,
    Text(Cow<'a, str>),
    Bool(bool),
    Int(i64),
    Real(f64),
    Time(Micros),
    Date(Days),
}

impl Value<'_> {
    /// The same, borrowing from nobody.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Self::Bool(value) => Value::Bool(value),
            Self::Int(value) => Value::Int(value),
            Self::Real(value) => Value::Real(value),
            Self::Time(value) => Value::Time(value),
            Self::Date(value) => Value::Date(value),
        }
    }
}

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// Several texts, joined by `;` (a `;` inside one becomes a comma): `';' || col || ';' LIKE '%;x;%'` finds x in any SQL.
    List,
    Bool,
    Int,
    Real,
    /// Instant, microseconds UTC.
    Time,
    /// Calendar date.
    Date,
}

impl Kind {
    /// The word used in the generated page of columns.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::List => "list (text joined by ;)",
            Self::Bool => "boolean",
            Self::Int => "integer",
            Self::Real => "real",
            Self::Time => "timestamp (µs, UTC)",
            Self::Date => "date",
        }
    }
}

/// A Rust field that becomes one cell, and is made from one. Implemented for the field types of the records and for their `Option`s.
pub trait Cell {
    fn cell(&self) -> Value<'_>;
    /// From a cell as stored; one of another kind (which the schema rules out) gives the type's empty value.
    fn take(value: Value<'static>) -> Self;
}

macro_rules! copied {
    ($($field:ty => $variant:ident),+) => { $(
        impl Cell for $field {
            fn cell(&self) -> Value<'_> {
                Value::$variant(*self)
            }
            fn take(value: Value<'static>) -> Self {
                if let Value::$variant(value) = value { value } else { Self::default() }
            }
        }
    )+ };
}

copied!(bool => Bool, i64 => Int, f64 => Real, Micros => Time, Days => Date);

impl Cell for Cow<'_, str> {
    fn cell(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }
    fn take(value: Value<'static>) -> Self {
        if let Value::Text(text) = value { text } else { Cow::default() }
    }
}

/// An empty list is null: "no address known", not an address of no letters.
impl Cell for Vec<Cow<'_, str>> {
    fn cell(&self) -> Value<'_> {
        match self.as_slice() {
            [] => Value::Null,
            [one] if !one.contains(';') => Value::Text(Cow::Borrowed(one)),
            many => Value::Text(Cow::Owned(many.iter().map(|item| item.replace(';', ",")).collect::<Vec<_>>().join(";"))),
        }
    }
    fn take(value: Value<'static>) -> Self {
        if let Value::Text(text) = value { text.split(';').map(|item| item.to_owned().into()).collect() } else { vec![] }
    }
}

impl<T: Cell> Cell for Option<T> {
    fn cell(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, Cell::cell)
    }
    fn take(value: Value<'static>) -> Self {
        if value == Value::Null { None } else { Some(T::take(value)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_agree_on_both_sides_of_the_epoch() {
        for (text, days) in [("1970-01-01", 0), ("1969-12-31", -1), ("2026-11-23", 20_780), ("0001-01-01", -719_162)] {
            let date: civil::Date = text.parse().unwrap_or(EPOCH);
            assert_eq!(Days::from(date), Days(days), "{text}");
            assert_eq!(Days(days).to_string(), text);
        }
    }

    #[test]
    fn a_list_joins_with_semicolons_and_an_empty_one_is_null() {
        let none: Vec<Cow<'_, str>> = vec![];
        assert_eq!(none.cell(), Value::Null);
        let two: Vec<Cow<'_, str>> = vec!["a;b".into(), "c".into()];
        assert_eq!(two.cell(), Value::Text("a,b;c".into()));
    }
}
