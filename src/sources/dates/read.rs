//! Reading the text of a date, piece by piece.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use super::{Moment, Part, Unit};

pub(super) fn epoch(text: &str, per_second: i64) -> Result<Option<Moment>, String> {
    let number: i64 = text.parse().map_err(|_unfit| format!("\"{text}\" is not an epoch number"))?;
    if number == 0 {
        return Ok(None);
    }
    let instant = if per_second == 1 { Timestamp::from_second(number) } else { Timestamp::from_millisecond(number) };
    instant.map(|t| Some(Moment::Instant(t))).map_err(|_unfit| format!("{number} is out of range for an epoch"))
}

pub(super) fn filetime(text: &str) -> Result<Option<Moment>, String> {
    let ticks: i64 = text.parse().map_err(|_unfit| format!("\"{text}\" is not a FILETIME"))?;
    if ticks == 0 || ticks == i64::MAX {
        return Ok(None);
    }
    // 11 644 473 600 s lie between 1601 and 1970.
    let instant = Timestamp::from_microsecond(ticks / 10 - 11_644_473_600_000_000);
    instant.map(|t| Some(Moment::Instant(t))).map_err(|_unfit| format!("{ticks} is out of range for a FILETIME"))
}

pub(super) fn serial(days: f64) -> Result<DateTime, String> {
    // 2 958 465 is 9999-12-31. Below 61 lies Excel's invented 1900-02-29; no evidence is that old.
    if !(61.0..2_958_466.0).contains(&days) {
        return Err(format!("{days} is not a date of an Excel sheet"));
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded by the range above")]
    let millis = (days * 86_400_000.0).round() as i64;
    jiff::civil::datetime(1899, 12, 30, 0, 0, 0, 0)
        .checked_add(jiff::Span::new().milliseconds(millis))
        .map_err(|error| format!("{days} is not a date: {error}"))
}

/// Cursor over the bytes of a text.
struct Cursor<'t> {
    rest: &'t str,
}

impl<'t> Cursor<'t> {
    fn digits(&mut self, narrow: usize, wide: usize) -> Option<&'t str> {
        let run = self.rest.bytes().take(wide).take_while(u8::is_ascii_digit).count();
        if run < narrow {
            return None;
        }
        let (digits, rest) = self.rest.split_at_checked(run)?;
        self.rest = rest;
        Some(digits)
    }

    fn skip(&mut self, wanted: char) -> bool {
        let found = self.rest.strip_prefix(wanted);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn word(&mut self) -> &'t str {
        let end = self.rest.find(|c: char| !c.is_alphabetic()).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        word
    }

    /// `Z`, `+01`, `+0100`, `+01:00`, and `UTC`/`GMT`.
    fn offset(&mut self) -> Option<Offset> {
        for utc in ["Z", "z", "UTC", "GMT"] {
            if let Some(rest) = self.rest.strip_prefix(utc) {
                self.rest = rest;
                return Some(Offset::UTC);
            }
        }
        let sign = if self.skip('+') {
            1
        } else if self.skip('-') {
            -1
        } else {
            return None;
        };
        let hours: i32 = self.digits(2, 2)?.parse().ok()?;
        let colon = self.skip(':');
        let minutes: i32 = match self.digits(2, 2) {
            Some(minutes) => minutes.parse().ok()?,
            None if colon => return None,
            None => 0,
        };
        if minutes > 59 {
            return None;
        }
        Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
    }
}

/// The pieces of a date as they are found.
#[derive(Default)]
struct Pieces {
    year: i16,
    month: i8,
    day: i8,
    time: Option<(i8, i8, i8, i32)>,
    afternoon: Option<bool>,
    twelve: bool,
    offset: Option<Offset>,
}

impl Pieces {
    fn set(&mut self, unit: Unit, digits: &str) -> Option<()> {
        let number: i16 = if unit == Unit::Fraction { 0 } else { digits.parse().ok()? };
        let small = i8::try_from(number).ok();
        let time = self.time.unwrap_or_default();
        match unit {
            Unit::Year => self.year = number,
            // The pivot of POSIX strptime: 69 is 1969, 68 is 2068.
            Unit::ShortYear => self.year = if number < 69 { 2000 + number } else { 1900 + number },
            Unit::Month => self.month = small?,
            Unit::Day => self.day = small?,
            Unit::Hour => self.time = Some((small?, time.1, time.2, time.3)),
            Unit::Hour12 => {
                self.twelve = true;
                self.time = Some((small?, time.1, time.2, time.3));
            }
            Unit::Minute => self.time = Some((time.0, small?, time.2, time.3)),
            Unit::Second => self.time = Some((time.0, time.1, small?, time.3)),
            Unit::Fraction => {
                let nanos: i32 = format!("{digits:0<9}").parse().ok()?;
                self.time = Some((time.0, time.1, time.2, nanos));
            }
        }
        Some(())
    }

    fn moment(mut self, text: &str) -> Result<Moment, String> {
        let missing = || format!("\"{text}\" does not exist in the calendar");
        if self.twelve {
            let (hour, minute, second, nanos) = self.time.unwrap_or_default();
            if !(1..=12).contains(&hour) {
                return Err(missing());
            }
            let hour = hour % 12 + if self.afternoon == Some(true) { 12 } else { 0 };
            self.time = Some((hour, minute, second, nanos));
        }
        let date = Date::new(self.year, self.month, self.day).map_err(|_out_of_range| missing())?;
        let Some((hour, minute, second, nanos)) = self.time else { return Ok(Moment::Day(date)) };
        // A leap second is the last one of its minute; jiff has no 60.
        let time = Time::new(hour, minute, if second == 60 { 59 } else { second }, nanos).map_err(|_out_of_range| missing())?;
        let local = date.to_datetime(time);
        match self.offset {
            None => Ok(Moment::Local(local)),
            Some(offset) => offset.to_timestamp(local).map(Moment::Instant).map_err(|_out_of_range| missing()),
        }
    }
}

pub(super) fn pattern(text: &str, parts: &[Part]) -> Result<Moment, String> {
    let mut cursor = Cursor { rest: text };
    let mut pieces = Pieces::default();
    for part in parts {
        take(&mut cursor, &mut pieces, part).ok_or_else(|| format!("\"{text}\" is not such a date"))?;
    }
    if cursor.rest.is_empty() { pieces.moment(text) } else { Err(format!("\"{text}\" is not such a date")) }
}

fn take(cursor: &mut Cursor<'_>, pieces: &mut Pieces, part: &Part) -> Option<()> {
    match part {
        Part::Literal(c) if c.is_whitespace() => {
            let trimmed = cursor.rest.trim_start();
            let skipped = trimmed.len() < cursor.rest.len();
            cursor.rest = trimmed;
            skipped.then_some(())
        }
        Part::Literal(c) => cursor.skip(*c).then_some(()),
        Part::Number { unit, widths } => {
            let digits = cursor.digits(widths.0, widths.1)?;
            pieces.set(*unit, digits)
        }
        Part::MonthName => {
            pieces.month = month(cursor.word())?;
            cursor.skip('.');
            Some(())
        }
        Part::Meridiem => {
            pieces.afternoon = Some(match cursor.word().to_lowercase().as_str() {
                "am" => false,
                "pm" => true,
                _ => return None,
            });
            Some(())
        }
        Part::Offset => {
            pieces.offset = Some(cursor.offset()?);
            Some(())
        }
    }
}

pub(super) fn iso(text: &str) -> Result<Moment, String> {
    let mut cursor = Cursor { rest: text };
    let mut pieces = Pieces::default();
    match iso_pieces(&mut cursor, &mut pieces) {
        Some(()) if cursor.rest.is_empty() => pieces.moment(text),
        _ => Err(format!("\"{text}\" is not an ISO 8601 date")),
    }
}

fn iso_pieces(cursor: &mut Cursor<'_>, pieces: &mut Pieces) -> Option<()> {
    pieces.set(Unit::Year, cursor.digits(4, 4)?)?;
    for unit in [Unit::Month, Unit::Day] {
        cursor.skip('-').then_some(())?;
        pieces.set(unit, cursor.digits(2, 2)?)?;
    }
    if cursor.rest.is_empty() {
        return Some(());
    }
    (cursor.skip('T') || cursor.skip('t') || cursor.skip(' ')).then_some(())?;
    pieces.set(Unit::Hour, cursor.digits(2, 2)?)?;
    cursor.skip(':').then_some(())?;
    pieces.set(Unit::Minute, cursor.digits(2, 2)?)?;
    if cursor.skip(':') {
        pieces.set(Unit::Second, cursor.digits(2, 2)?)?;
        if cursor.skip('.') || cursor.skip(',') {
            pieces.set(Unit::Fraction, cursor.digits(1, 9)?)?;
        }
    }
    cursor.skip(' ');
    if !cursor.rest.is_empty() {
        pieces.offset = Some(cursor.offset()?);
    }
    Some(())
}

/// Month by name, French or English, whole or shortened, accents or none.
fn month(word: &str) -> Option<i8> {
    let word: String = word
        .to_lowercase()
        .chars()
        .map(|c| match c {
            'é' => 'e',
            'û' => 'u',
            other => other,
        })
        .collect();
    Some(match word.as_str() {
        "janvier" | "janv" | "jan" | "january" => 1,
        "fevrier" | "fevr" | "fev" | "february" | "feb" => 2,
        "mars" | "mar" | "march" => 3,
        "avril" | "avr" | "april" | "apr" => 4,
        "mai" | "may" => 5,
        "juin" | "jun" | "june" => 6,
        "juillet" | "juil" | "jul" | "july" => 7,
        "aout" | "aou" | "august" | "aug" => 8,
        "septembre" | "sept" | "sep" | "september" => 9,
        "octobre" | "oct" | "october" => 10,
        "novembre" | "nov" | "november" => 11,
        "decembre" | "dec" | "december" => 12,
        _ => return None,
    })
}
