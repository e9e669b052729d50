//! Numbers, durations and sizes as people and tools write them.

/// How the numbers of a field are written.
#[derive(Debug, Clone, Default)]
pub(super) struct Writing {
    pub decimal_comma: bool,
    pub thousands: Option<String>,
    /// Unit of a plain number; durations default to minutes, sizes to bytes.
    pub unit: Option<String>,
    /// KB and Ko are 1024 bytes.
    pub binary: bool,
}

impl Writing {
    /// A decimal number. Blanks between groups of three digits are thousands separators everywhere.
    pub(super) fn decimal(&self, text: &str) -> Option<f64> {
        let mut digits = joined(text)?;
        if let Some(separator) = &self.thousands {
            digits = digits.replace(separator.as_str(), "");
        }
        if self.decimal_comma {
            digits = digits.replace(',', ".");
        }
        let plain = digits.strip_prefix(['+', '-']).unwrap_or(&digits);
        let shaped = plain.bytes().all(|b| b.is_ascii_digit() || b == b'.') && plain.bytes().any(|b| b.is_ascii_digit());
        if shaped { digits.parse().ok() } else { None }
    }

    /// A whole number.
    pub(super) fn int(&self, text: &str) -> Result<i64, String> {
        match joined(text).and_then(|digits| digits.parse().ok()) {
            Some(number) => Ok(number),
            None => self.decimal(text).and_then(whole).ok_or_else(|| format!("\"{text}\" is not a whole number")),
        }
    }

    /// A duration in minutes, a started minute counting: `4h30`, `4 h`, `04:30`, `1 j 2 h`, `90 min`, `PT4H30M`, or a plain number.
    pub(super) fn minutes(&self, text: &str) -> Result<i64, String> {
        let refused = || format!("\"{text}\" is not a duration; write for example 4h30, 04:30 or 270 min");
        if let Some(number) = self.decimal(text) {
            return self.minutes_of(number).ok_or_else(refused);
        }
        let seconds = if text.contains(':') { clock(text) } else { units(text) };
        seconds.and_then(|seconds| whole((seconds / 60.0).ceil())).ok_or_else(refused)
    }

    /// A plain number of the declared unit, in minutes.
    pub(super) fn minutes_of(&self, number: f64) -> Option<i64> {
        let seconds = number * seconds_in(self.unit.as_deref().unwrap_or("minutes"))?;
        if seconds < 0.0 { None } else { whole((seconds / 60.0).ceil()) }
    }

    /// A size in bytes: `3,5 Go`, `22MB`, `512 KiB`, or a plain number.
    pub(super) fn bytes(&self, text: &str) -> Result<i64, String> {
        let refused = || format!("\"{text}\" is not a size; write for example 3,5 Go, 22MB or 512 KiB");
        let text = text.trim();
        let end = text.find(char::is_alphabetic).unwrap_or(text.len());
        let (number, unit) = text.split_at_checked(end).ok_or_else(refused)?;
        let unit = if unit.is_empty() { self.unit.as_deref().unwrap_or("bytes") } else { unit };
        let factor = self.factor(unit).ok_or_else(refused)?;
        // Whole bytes beyond 2^53 would lose digits as a float.
        if let (1.0, Ok(exact)) = (factor, self.int(number)) {
            return if exact < 0 { Err(refused()) } else { Ok(exact) };
        }
        let number = self.decimal(number).ok_or_else(refused)?;
        bytes_of(number * factor).ok_or_else(refused)
    }

    /// A plain number of the declared unit, in bytes.
    pub(super) fn bytes_in_unit(&self, number: f64) -> Option<i64> {
        bytes_of(number * self.factor(self.unit.as_deref().unwrap_or("bytes"))?)
    }

    /// Bytes in one unit. IEC 80000-13: K, M, G are powers of 1000 and Ki, Mi, Gi of 1024; tools that mean otherwise say `binary`.
    pub(super) fn factor(&self, unit: &str) -> Option<f64> {
        let unit = unit.trim().to_lowercase();
        if matches!(unit.as_str(), "b" | "o" | "byte" | "bytes" | "octet" | "octets") {
            return Some(1.0);
        }
        let mut chars = unit.chars();
        let power = match chars.next()? {
            'k' => 1,
            'm' => 2,
            'g' => 3,
            't' => 4,
            'p' => 5,
            _ => return None,
        };
        let base: f64 = match chars.as_str() {
            "ib" | "io" => 1024.0,
            "" | "b" | "o" if self.binary => 1024.0,
            "" | "b" | "o" => 1000.0,
            _ => return None,
        };
        Some(base.powi(power))
    }
}

/// Digits without the blanks between their thousands; `None` when a blank separates something else (`30 30`).
fn joined(text: &str) -> Option<String> {
    let mut groups = text.split_whitespace();
    let mut digits = groups.next().unwrap_or_default().to_owned();
    for group in groups {
        let whole = group.bytes().take_while(u8::is_ascii_digit).count();
        if whole != 3 || !digits.ends_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        digits.push_str(group);
    }
    Some(digits)
}

/// Number and unit, again and again; a last number without unit after hours is minutes (`4h30`). In seconds.
fn units(text: &str) -> Option<f64> {
    let lower = text.to_lowercase();
    let iso = lower.starts_with('p');
    let body = if iso { lower.trim_start_matches('p').replace('t', "") } else { lower };
    let mut rest = body.trim_start();
    let mut total = 0.0;
    let mut previous = "";
    while !rest.is_empty() {
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ',')).unwrap_or(rest.len());
        let (number, after) = rest.split_at_checked(end)?;
        let number = number.replace(',', ".").parse::<f64>().ok()?;
        let after = after.trim_start();
        let end = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let (unit, next) = after.split_at_checked(end)?;
        let unit = match (unit, previous) {
            ("", "h" | "heures" | "heure" | "hours" | "hour") => "min",
            ("", _) => return None,
            (unit, _) => unit,
        };
        total += number * seconds_in(unit)?;
        previous = unit;
        rest = next.trim_start();
    }
    Some(total)
}

/// `HH:MM` or `HH:MM:SS`, in seconds.
fn clock(text: &str) -> Option<f64> {
    let parts: Vec<f64> =
        text.trim().split(':').map(|part| part.trim().parse::<u32>().ok().map(f64::from)).collect::<Option<_>>()?;
    match parts.as_slice() {
        [hours, minutes] if *minutes < 60.0 => Some(hours * 3600.0 + minutes * 60.0),
        [hours, minutes, seconds] if *minutes < 60.0 && *seconds < 60.0 => Some(hours * 3600.0 + minutes * 60.0 + seconds),
        _ => None,
    }
}

/// Whole bytes, rounded.
fn bytes_of(bytes: f64) -> Option<i64> {
    if bytes < 0.0 { None } else { whole(bytes.round()) }
}

/// Seconds in one unit of time, French or English.
pub(super) fn seconds_in(unit: &str) -> Option<f64> {
    Some(match unit {
        "s" | "sec" | "secs" | "second" | "seconds" | "seconde" | "secondes" => 1.0,
        "m" | "mn" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" | "heure" | "heures" => 3600.0,
        "d" | "j" | "day" | "days" | "jour" | "jours" => 86_400.0,
        _ => return None,
    })
}

/// A float that is a whole number an i64 and a float can both hold.
pub(super) fn whole(number: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "bounded to 2^53 on the same line")]
    let as_int = |n: f64| n as i64;
    (number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0).then(|| as_int(number))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn durations_in_every_writing_give_minutes() {
        let plain = Writing::default();
        for (text, minutes) in [
            ("4h30", 270),
            ("4 h 30", 270),
            ("4h", 240),
            ("04:30", 270),
            ("00:04:01", 5),
            ("90", 90),
            ("90 min", 90),
            ("1 j 2 h", 1560),
            ("2 jours", 2880),
            ("1,5 h", 90),
            ("PT4H30M", 270),
            ("30 s", 1),
            ("0", 0),
        ] {
            assert_eq!(plain.minutes(text), Ok(minutes), "{text}");
        }
        let hours = Writing { unit: Some("hours".into()), ..Writing::default() };
        assert_eq!(hours.minutes("4"), Ok(240));
        for text in ["4h30m5x", "abc", "12:75", "-5", "h", "30 30"] {
            assert!(plain.minutes(text).unwrap_err().contains("is not a duration"), "{text}");
        }
    }

    #[test]
    fn sizes_know_thousands_from_1024_and_the_decimal_comma() {
        let french = Writing { decimal_comma: true, ..Writing::default() };
        assert_eq!(french.bytes("3,5 Go"), Ok(3_500_000_000));
        assert_eq!(french.bytes("1 234 567"), Ok(1_234_567));
        assert_eq!(french.bytes("512 Kio"), Ok(524_288));
        let tool = Writing { binary: true, thousands: Some(",".into()), ..Writing::default() };
        assert_eq!(tool.bytes("22MB"), Ok(23_068_672));
        assert_eq!(tool.bytes("198,836,224"), Ok(198_836_224));
        let kb = Writing { unit: Some("KiB".into()), ..Writing::default() };
        assert_eq!(kb.bytes("10"), Ok(10_240));
        for text in ["beaucoup", "3 furlongs", "", "-4 Go", "1.2.3"] {
            assert!(french.bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn whole_numbers_are_exact_or_refused() {
        let plain = Writing::default();
        assert_eq!(plain.int("9223372036854775807"), Ok(i64::MAX));
        assert_eq!(plain.int("1\u{202f}024"), Ok(1024));
        assert!(plain.int("3,5").unwrap_err().contains("is not a whole number"));
        assert!(plain.int("1e9").is_err());
    }
}
