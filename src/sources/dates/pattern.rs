//! Compiling date patterns, and refusing those that cannot be meant.

use super::{Part, Unit};

pub(super) fn compile(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let mut run = 1;
        while c.is_ascii_alphabetic() && chars.peek() == Some(&c) {
            chars.next();
            run += 1;
        }
        if c == '\'' {
            parts.extend(chars.by_ref().take_while(|&quoted| quoted != '\'').map(Part::Literal));
        } else {
            parts.push(part(c, run, text)?);
        }
    }
    fix_widths(&mut parts);
    check(&parts, text)?;
    Ok(parts)
}

fn part(letter: char, run: usize, text: &str) -> Result<Part, String> {
    let number = |unit, narrow, wide| Ok(Part::Number { unit, widths: (narrow, wide) });
    match (letter, run) {
        ('d', 1 | 2) => number(Unit::Day, 1, 2),
        ('m', 1 | 2) => number(Unit::Month, 1, 2),
        ('m' | 'M', 3 | 4) => Ok(Part::MonthName),
        ('y', 4) => number(Unit::Year, 4, 4),
        ('y', 2) => number(Unit::ShortYear, 2, 2),
        ('H', 1 | 2) => number(Unit::Hour, 1, 2),
        ('h', 1 | 2) => number(Unit::Hour12, 1, 2),
        ('M', 1 | 2) => number(Unit::Minute, 1, 2),
        ('s' | 'S', 1 | 2) => number(Unit::Second, 1, 2),
        ('f', _) => number(Unit::Fraction, 1, 9),
        ('a', 1) => Ok(Part::Meridiem),
        ('z' | 'Z', _) => Ok(Part::Offset),
        ('T', 1) => Ok(Part::Literal('T')),
        (letter, _) if letter.is_ascii_alphabetic() => Err(format!(
            "\"{}\" in the date format \"{text}\" is unknown: use d m mmm yyyy yy H h M S f a zzz, or quote words with '…'",
            letter.to_string().repeat(run)
        )),
        (other, _) => Ok(Part::Literal(other)),
    }
}

/// Numbers that touch (`yyyymmdd`) have their full width; the last of them may not be cut either.
fn fix_widths(parts: &mut [Part]) {
    let numeric: Vec<bool> = parts.iter().map(|part| matches!(part, Part::Number { .. })).collect();
    for (at, part) in parts.iter_mut().enumerate() {
        let touches = numeric.get(at + 1).copied().unwrap_or(false) || (at > 0 && numeric.get(at - 1).copied().unwrap_or(false));
        if let Part::Number { unit, widths } = part
            && touches
            && *unit != Unit::Fraction
        {
            widths.0 = widths.1;
        }
    }
}

fn check(parts: &[Part], text: &str) -> Result<(), String> {
    let count = |wanted: &[Unit]| parts.iter().filter(|p| matches!(p, Part::Number { unit, .. } if wanted.contains(unit))).count();
    let names = parts.iter().filter(|p| **p == Part::MonthName).count();
    let months = count(&[Unit::Month]) + names;
    let hours = count(&[Unit::Hour, Unit::Hour12]);
    let problem = if count(&[Unit::Minute]) > 0 && hours == 0 {
        "has minutes (M) without hours: small m is the month, capital M the minute"
    } else if months > 1 {
        "says the month twice: small m is the month, capital M the minute"
    } else if count(&[Unit::Year, Unit::ShortYear]) != 1 || months != 1 || count(&[Unit::Day]) != 1 {
        "must say day (d), month (m) and year (yyyy) once each"
    } else if count(&[Unit::Hour12]) > 0 && !parts.contains(&Part::Meridiem) {
        "has a 12-hour clock (h) without a; write H for 24 hours"
    } else {
        return Ok(());
    };
    Err(format!("the date format \"{text}\" {problem}"))
}
