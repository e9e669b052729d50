//! The three ways directories write an instant: generalizedTime, FILETIME, and days since 1970 (shadow).
//!
//! They are read a million times in a row, so the common form is parsed by hand; a test compares it with the `jiff` crate.

use jiff::tz::TimeZone;

use crate::snapshot::value::Micros;

/// 100 ns units between 1601-01-01 and 1970-01-01 (MS-DTYP 2.3.3).
const FILETIME_EPOCH: i64 = 116_444_736_000_000_000;

/// Not an instant or interval as it should be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable;

/// FILETIME as decimal text: `Ok(None)` for 0 and for the two ways of writing "never".
pub fn filetime(text: &str) -> Result<Option<Micros>, Unreadable> {
    match text.parse::<i64>() {
        Ok(0 | i64::MAX | i64::MIN) => Ok(None),
        Ok(ticks) if ticks > 0 => Ok(Some(Micros((ticks - FILETIME_EPOCH) / 10))),
        _ => Err(Unreadable),
    }
}

/// An AD interval: negative 100 ns units. `None` means without end (0 or the smallest number, MS-ADTS 3.1.1.4.5.36).
pub fn interval(text: &str) -> Result<Option<i64>, Unreadable> {
    match text.parse::<i64>() {
        Ok(0 | i64::MIN) => Ok(None),
        Ok(ticks) if ticks < 0 => Ok(Some(-(ticks / 10))),
        _ => Err(Unreadable),
    }
}

/// Days since 1970-01-01, as `/etc/shadow` counts them; negative: never.
pub fn shadow_days(text: &str) -> Result<Option<Micros>, Unreadable> {
    match text.parse::<i64>() {
        Ok(days) if days < 0 => Ok(None),
        Ok(days) if days < 3_000_000 => Ok(Some(Micros(days * Micros::DAY))),
        _ => Err(Unreadable),
    }
}

/// generalizedTime (RFC 4517 section 3.3.13): minutes, seconds and fraction optional; `Z`, an offset, or nothing: then `zone`.
#[must_use]
pub fn generalized(text: &[u8], zone: &TimeZone) -> Option<Micros> {
    let mut rest = text;
    let year = digits(&mut rest, 4)?;
    let month = digits(&mut rest, 2)?;
    let day = digits(&mut rest, 2)?;
    let hour = digits(&mut rest, 2)?;
    let minute = digits(&mut rest, 2);
    let second = if minute.is_some() { digits(&mut rest, 2) } else { None };
    // A leap second is the last microsecond that a clock without them can tell.
    let whole = [hour.checked_mul(3600)?, minute.unwrap_or(0) * 60, second.unwrap_or(0).min(59)];
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) || hour > 23 || minute > Some(59) || second > Some(60) {
        return None;
    }
    // A fraction is of the smallest unit written.
    let unit = if second.is_some() {
        Micros::SECOND
    } else if minute.is_some() {
        60 * Micros::SECOND
    } else {
        3600 * Micros::SECOND
    };
    let fraction = fraction(&mut rest, unit)?;
    let local = (days_from_civil(year, month, day) * 86_400 + whole.iter().sum::<i64>()) * Micros::SECOND + fraction;
    match rest {
        b"Z" | b"z" => Some(Micros(local)),
        [] => in_zone(local, zone),
        [sign @ (b'+' | b'-'), offset @ ..] => {
            let mut offset = offset;
            let hours = digits(&mut offset, 2).filter(|h| *h <= 23)?;
            let minutes = if offset.is_empty() { 0 } else { digits(&mut offset, 2).filter(|m| *m <= 59)? };
            let ahead = (hours * 60 + minutes) * 60 * Micros::SECOND;
            offset.is_empty().then_some(Micros(if *sign == b'+' { local - ahead } else { local + ahead }))
        }
        _ => None,
    }
}

fn in_zone(local: i64, zone: &TimeZone) -> Option<Micros> {
    let civil = TimeZone::UTC.to_datetime(jiff::Timestamp::from_microsecond(local).ok()?);
    zone.to_timestamp(civil).ok().map(Micros::from)
}

fn digits(rest: &mut &[u8], count: usize) -> Option<i64> {
    let (head, tail) = rest.split_at_checked(count)?;
    let mut number = 0;
    for byte in head {
        number = number * 10 + i64::from(byte.checked_sub(b'0').filter(|d| *d <= 9)?);
    }
    *rest = tail;
    Some(number)
}

fn fraction(rest: &mut &[u8], unit: i64) -> Option<i64> {
    let [b'.' | b',', tail @ ..] = *rest else { return Some(0) };
    let count = tail.iter().take_while(|b| b.is_ascii_digit()).count();
    let mut part = unit;
    let mut sum = 0;
    for byte in tail.iter().take(count) {
        part /= 10;
        sum += part * i64::from(byte - b'0');
    }
    *rest = tail.get(count..)?;
    (count > 0).then_some(sum)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a valid civil date (H. Hinnant, "chrono-compatible low-level date algorithms").
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use jiff::civil;

    use super::*;

    fn utc(text: &str) -> Option<String> {
        generalized(text.as_bytes(), &TimeZone::UTC).map(|t| t.to_string())
    }

    #[test]
    fn generalized_time_in_all_the_forms_that_occur() {
        assert_eq!(utc("20260704221530Z").unwrap(), "2026-07-04T22:15:30Z");
        assert_eq!(utc("20260704221530.0Z").unwrap(), "2026-07-04T22:15:30Z");
        assert_eq!(utc("20260704221530.25Z").unwrap(), "2026-07-04T22:15:30.25Z");
        assert_eq!(utc("202607042215Z").unwrap(), "2026-07-04T22:15:00Z");
        assert_eq!(utc("2026070422.5Z").unwrap(), "2026-07-04T22:30:00Z");
        assert_eq!(utc("20260704221530+0200").unwrap(), "2026-07-04T20:15:30Z");
        assert_eq!(utc("20260704221530-01").unwrap(), "2026-07-04T23:15:30Z");
        let paris = TimeZone::get("Europe/Paris").unwrap();
        assert_eq!(generalized(b"20260704221530", &paris).unwrap().to_string(), "2026-07-04T20:15:30Z");
        for bad in [
            "",
            "2026",
            "20261301000000Z",
            "20260230000000Z",
            "20260704251530Z",
            "20260704221530X",
            "20260704221530+25",
            "20260704221530.Z",
        ] {
            assert_eq!(utc(bad), None, "{bad}");
        }
    }

    #[test]
    fn generalized_time_agrees_with_jiff_over_four_centuries() {
        let mut at = civil::date(1899, 12, 31).at(23, 59, 58, 0);
        while at.year() < 2301 {
            let written = at.strftime("%Y%m%d%H%M%SZ").to_string();
            let expected = Micros::from(TimeZone::UTC.to_timestamp(at).unwrap());
            assert_eq!(generalized(written.as_bytes(), &TimeZone::UTC), Some(expected), "{written}");
            at += jiff::Span::new().hours(3701).seconds(7);
        }
    }

    #[test]
    fn filetimes_intervals_and_shadow_days() {
        assert_eq!(filetime("133485408000000000").unwrap().unwrap().to_string(), "2024-01-01T00:00:00Z");
        assert_eq!(filetime("9223372036854775807"), Ok(None));
        assert_eq!(filetime("0"), Ok(None));
        assert_eq!(filetime("-5"), Err(Unreadable));
        assert_eq!(interval("-36288000000000"), Ok(Some(42 * Micros::DAY)));
        assert_eq!(interval("-9223372036854775808"), Ok(None));
        assert_eq!(interval("12"), Err(Unreadable));
        assert_eq!(shadow_days("1").unwrap().unwrap().to_string(), "1970-01-02T00:00:00Z");
        assert_eq!(shadow_days("-1"), Ok(None));
    }
}
