//! Working days in France, for delays counted as people count them.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};

/// Which days are not worked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Good Friday and 26 December, in Bas-Rhin, Haut-Rhin and Moselle (Code du travail, L3134-13).
    pub alsace_moselle: bool,
    /// Days that the organisation closes.
    pub closed: BTreeSet<Date>,
}

impl Calendar {
    #[must_use]
    pub fn is_working(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        !weekend && !self.closed.contains(&day) && !self.is_holiday(day)
    }

    /// The eleven public holidays of Code du travail, L3133-1, and the two of Alsace-Moselle.
    #[must_use]
    pub fn is_holiday(&self, day: Date) -> bool {
        let fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)];
        if fixed.contains(&(day.month(), day.day())) || (self.alsace_moselle && (day.month(), day.day()) == (12, 26)) {
            return true;
        }
        let Some(easter) = easter(day.year()) else { return false };
        let after = day.since(easter).map_or(i32::MIN, |span| span.get_days());
        // Easter Monday, Ascension, Whit Monday; Good Friday.
        matches!(after, 1 | 39 | 50) || (self.alsace_moselle && after == -2)
    }

    /// The day that lies `days` working days after another.
    #[must_use]
    pub fn add(&self, from: Date, days: u32) -> Date {
        let mut day = from;
        let mut left = days;
        while left > 0 {
            let Ok(next) = day.tomorrow() else { return day };
            day = next;
            left -= u32::from(self.is_working(day));
        }
        day
    }

    /// Working days after `from`, up to and including `to`.
    #[must_use]
    pub fn between(&self, from: Date, to: Date) -> u32 {
        let mut day = from;
        let mut count = 0;
        while day < to {
            let Ok(next) = day.tomorrow() else { return count };
            day = next;
            count += u32::from(self.is_working(day));
        }
        count
    }
}

/// Easter Sunday of the Gregorian calendar (J. Meeus, Astronomical Algorithms, chapter 8).
#[expect(clippy::many_single_char_names, reason = "the letters of the published algorithm")]
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 19 * l) / 433;
    let month = (h + l - 7 * m + 90) / 25;
    let day = (h + l - 7 * m + 33 * month + 19) % 32;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn easter_falls_where_the_church_says() {
        for (year, day) in [
            (2024, date(2024, 3, 31)),
            (2025, date(2025, 4, 20)),
            (2026, date(2026, 4, 5)),
            (2027, date(2027, 3, 28)),
            (2038, date(2038, 4, 25)),
        ] {
            assert_eq!(easter(year), Some(day));
        }
    }

    #[test]
    fn french_holidays_and_weekends_do_not_count() {
        let calendar = Calendar::default();
        // 2026: Easter Monday 6 April, Ascension 14 May, Whit Monday 25 May.
        for day in
            [date(2026, 4, 6), date(2026, 5, 14), date(2026, 5, 25), date(2026, 12, 25), date(2026, 11, 11), date(2026, 11, 28)]
        {
            assert!(!calendar.is_working(day), "{day}");
        }
        assert!(calendar.is_working(date(2026, 4, 3)) && calendar.is_working(date(2025, 12, 26)));
        let east = Calendar { alsace_moselle: true, closed: [date(2026, 12, 24)].into() };
        assert!(!east.is_working(date(2026, 4, 3)) && !east.is_working(date(2025, 12, 26)) && !east.is_working(date(2026, 12, 24)));
        // Friday 18 December 2026 and seven working days: 25 December and 1 January are holidays.
        assert_eq!(calendar.add(date(2026, 12, 18), 7), date(2026, 12, 30));
        assert_eq!(calendar.add(date(2026, 12, 29), 3), date(2027, 1, 4));
        assert_eq!(calendar.between(date(2026, 12, 18), date(2026, 12, 30)), 7);
        assert_eq!(calendar.between(date(2026, 12, 30), date(2026, 12, 18)), 0);
    }
}
