//! Encodings chosen, bounds held, messages said.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;

const BOTH: &[Encoding] = &[Encoding::UTF8, Encoding::WINDOWS_1252];

fn decode(bytes: &[u8], candidates: &[Encoding]) -> (String, String) {
    let choice = probe(bytes, candidates).unwrap();
    let mut text = String::new();
    Utf8::new(bytes, choice.encoding).read_to_string(&mut text).unwrap();
    (text, choice.to_string())
}

#[test]
fn the_first_encoding_that_can_read_all_of_it_wins() {
    assert_eq!(decode("é;à\n".as_bytes(), BOTH), ("é;à\n".into(), "UTF-8".into()));
    assert_eq!(decode(b"\xE9;\x80\n", BOTH), ("é;€\n".into(), "windows-1252".into()));
    assert_eq!(decode(b"\xEF\xBB\xBFnom\n", BOTH), ("nom\n".into(), "UTF-8 (BOM)".into()));
    assert_eq!(decode(b"\xFF\xFEn\0o\0\n\0", BOTH), ("no\n".into(), "UTF-16LE (BOM)".into()));
}

#[test]
fn a_late_byte_decides_for_the_whole_file() {
    let mut bytes = "a;b\n".repeat(100_000).into_bytes();
    bytes.extend(b"\xE9t\xE9\n");
    let (text, choice) = decode(&bytes, BOTH);
    assert_eq!(choice, "windows-1252");
    assert!(text.ends_with("été\n"), "{}", &text[text.len() - 20..]);
}

#[test]
fn a_character_cut_by_the_buffer_is_whole_again() {
    let text = "é".repeat(200_000);
    assert_eq!(decode(text.as_bytes(), BOTH).0, text);
}

#[test]
fn refusals_say_what_was_found_and_what_to_do() {
    let message = |bytes: &[u8], candidates: &[Encoding]| probe(bytes, candidates).unwrap_err().to_string();
    assert_eq!(message(b"", BOTH), "the file is empty; export it again, or remove the source");
    assert_eq!(message(b" \r\n\n", BOTH), "the file is empty; export it again, or remove the source");
    assert!(message(b"PK\x03\x04rest", BOTH).contains("a workbook .xlsx or .ods"));
    assert!(message(b"abc\0def", BOTH).contains("binary data"));
    assert!(message(b"ok\nx\x81\n", &[Encoding::UTF8]).contains("tried (UTF-8); the first refuses the bytes of line"));
    assert!(message(b"ok\nx\x81\xE9\n", BOTH).contains("UTF-8, windows-1252"));
    assert!(Encoding::named("latin-9000").unwrap_err().to_string().contains("\"latin-9000\" is not an encoding"));
}

#[test]
fn an_endless_line_is_refused_without_being_held() {
    // Two gigabytes of one line, made on the fly: the probe must stop at its bound.
    let endless = io::repeat(b'x').take(2 << 30);
    let error = probe(b"head\n".chain(endless), BOTH).unwrap_err().to_string();
    assert!(error.starts_with("line 2 is longer than 16 MiB"), "{error}");
    let mut lines = Lines::new(io::repeat(b'x').take(2 << 30));
    assert!(matches!(lines.next_line(), Err(TextError::LongLine { line: 1 })));
}

#[test]
fn lines_are_numbered_and_lose_their_ends() {
    let mut lines = Lines::new(&b"a\r\nb\n\nc"[..]);
    let mut seen = vec![];
    while let Some((number, line)) = lines.next_line().unwrap() {
        seen.push(format!("{number}{line}"));
    }
    assert_eq!(seen, ["1a", "2b", "3", "4c"]);
}
