//! What a text from a source must lose before it may stand in a spreadsheet cell.
//!
//! The policy, which the workbook states to its readers too:
//! - control characters, and the invisible ones that reverse or hide text, are removed; tabs and line ends become spaces;
//! - a text that begins like a formula (`=`, `+`, `-`, `@`, their full-width forms, or a tab or carriage return) gets a
//!   visible apostrophe in front (CWE-1236). The cell is a string already, so no spreadsheet would run it as it is; the
//!   apostrophe keeps it harmless when the sheet is saved as CSV and opened again;
//! - more than Excel's 32,767 UTF-16 units are cut, with a mark.

/// Excel's limit for a cell, in UTF-16 code units (Microsoft: "Excel specifications and limits").
const CELL_UNITS: usize = 32_767;
/// Ends a text that was cut. One unit.
const CUT: char = '…';

/// One text of a source, on one line, safe in a cell.
#[must_use]
pub fn text(raw: &str) -> String {
    if is_plain(raw) {
        return fit(raw.to_owned());
    }
    let risky = starts_like_a_formula(raw);
    let mut out = String::with_capacity(raw.len() + usize::from(risky));
    if risky {
        out.push('\'');
    }
    for c in raw.chars() {
        match c {
            '\t' | '\n' | '\r' => out.push(' '),
            c if is_hidden(c) => {}
            c => out.push(c),
        }
    }
    let kept = out.trim_end().len();
    out.truncate(kept);
    fit(out)
}

/// What most texts are: nothing in them to look at twice.
fn is_plain(raw: &str) -> bool {
    let [first, .., last] = raw.as_bytes() else { return false };
    first.is_ascii_alphanumeric() && *last != b' ' && raw.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Cuts a cell to what Excel holds. For cells put together from several cleaned texts.
#[must_use]
pub fn fit(mut cell: String) -> String {
    if cell.len() <= CELL_UNITS {
        return cell; // a UTF-8 byte is never more than one UTF-16 unit
    }
    let mut units = 0;
    let mut last_fitting = 0;
    for (at, c) in cell.char_indices() {
        units += c.len_utf16();
        if units > CELL_UNITS {
            cell.truncate(last_fitting);
            cell.push(CUT);
            return cell;
        }
        if units < CELL_UNITS {
            last_fitting = at + c.len_utf8();
        }
    }
    cell
}

fn starts_like_a_formula(raw: &str) -> bool {
    if raw.starts_with(['\t', '\r', '\n']) {
        return true;
    }
    let first = raw.chars().find(|c| !c.is_whitespace() && !is_hidden(*c));
    matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'))
}

/// Controls, and format characters that change what is seen without being seen: bidirectional overrides and isolates,
/// zero-width signs, and the noncharacters that XML 1.0 cannot carry.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}'
            | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_get_an_apostrophe_however_they_hide() {
        for raw in ["=1+1", "+33 1", "-2", "@SUM(A1)", " \u{200B}=cmd|' /C calc'!A0", "＝1", "\u{7}=1"] {
            assert!(text(raw).starts_with('\''), "{raw:?} -> {:?}", text(raw));
        }
        assert_eq!(text("\t=1"), "' =1");
        assert_eq!(text("Lecture - écriture"), "Lecture - écriture");
        assert_eq!(text("'déjà"), "'déjà");
    }

    #[test]
    fn controls_and_reversing_characters_go() {
        assert_eq!(text("a\u{0}b\u{1b}[31m\u{202E}c\r\nd\u{85}"), "ab[31mc  d");
    }

    #[test]
    fn long_texts_are_cut_to_excels_units_with_a_mark() {
        let just = "é".repeat(32_767);
        assert_eq!(text(&just), just);
        let cut = text(&"é".repeat(32_768));
        assert_eq!(cut.encode_utf16().count(), 32_767);
        assert!(cut.ends_with('…'));
        let emoji = text(&"😀".repeat(20_000));
        assert!(emoji.encode_utf16().count() <= 32_767 && emoji.ends_with("😀…"));
    }
}
