//! Whatever the bytes: no panic, and every row seen is kept or rejected.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;

use crate::sources::Source;

use super::super::TableConfig;
use super::{Kept, compile, request};

/// Every format, each over one file called `f`.
fn mappings() -> Vec<String> {
    let account = "[fields]\nlogin = \"a\"\nenabled = { column = \"b\", optional = true }\nlast_login_at = { column = \"c\", date = \"dd/mm/yyyy\", optional = true }\n";
    let head = "path = \"f\"\nrecord = \"accounts\"\n";
    let mut all: Vec<String> = ["format = \"csv\"", "format = \"csv\"\nragged = true\nquote = \"\"\nescape = '\\'", "format = \"json\"", "format = \"jsonl\"", "format = \"ini\"", "format = \"xlsx\"", "format = \"ods\"",
        "format = \"lines\"\npattern = '^(?<a>[^:]*):(?<b>[^:]*):?(?<c>.*)$'", "format = \"blocks\"\nbegin = 'a'\nend = 'b'\nfind = { a = '(a+)', b = 'b', c = 'c(.*)' }",
        "format = \"fixed\"\ncolumns = [{ name = \"a\", start = 1, width = 2 }, { name = \"b\", start = 3, width = 1 }, { name = \"c\", start = 4, width = 10 }]"]
        .iter().map(|read| format!("{head}[read]\n{read}\n{account}")).collect();
    let redacted: Vec<String> = all
        .iter()
        .map(|mapping| format!("redact = [\"b\"]\n{}", mapping.replace("enabled = { column = \"b\", optional = true }\n", "")))
        .collect();
    all.extend(redacted);
    all
}

/// The arithmetic of a harvest, when there was one.
fn arithmetic(table: &TableConfig, bytes: &[u8]) -> Option<(u64, u64, u64)> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f"), bytes).unwrap();
    let mut kept = Kept::default();
    let reading = table.harvest(&request(folder.path()), &mut kept, &mut Vec::new()).ok()?;
    Some((reading.rows_seen, reading.rows_kept, kept.rejects.len() as u64))
}

fn cells() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("oui".to_owned()),
        Just("31/02/2026".to_owned()),
        Just("01/02/2026".to_owned()),
        Just("a \"b\"\n;c".to_owned()),
        "[a-zé;\",\\\\\r\n ]{0,6}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn random_tables_add_up(rows in proptest::collection::vec(proptest::collection::vec(cells(), 0..5), 0..30), quoted: bool) {
        let write = |cell: &String| if quoted { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() };
        let mut text = "a,b,c\n".to_owned();
        for row in &rows {
            text += &row.iter().map(write).collect::<Vec<_>>().join(",");
            text += "\r\n";
        }
        for mapping in mappings() {
            if let Some((seen, kept, rejected)) = arithmetic(&compile(&mapping).unwrap(), text.as_bytes()) {
                prop_assert_eq!(seen, kept + rejected);
                // Quoted rows are rows: none may vanish (blank ones are no rows).
                if quoted && mapping.contains("format = \"csv\"\n[") {
                    let real = rows.iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty())).count() as u64;
                    let short = rows.iter().filter(|row| row.len() != 3 && !row.is_empty() && row.iter().all(|cell| cell.trim().is_empty())).count() as u64;
                    prop_assert_eq!(seen, real + short);
                }
            }
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for mapping in mappings() {
            if let Some((seen, kept, rejected)) = arithmetic(&compile(&mapping).unwrap(), &bytes) {
                prop_assert_eq!(seen, kept + rejected);
            }
        }
    }

    #[test]
    fn random_json_never_panics(logins in proptest::collection::vec(proptest::option::of("[a-z]{0,3}"), 0..20), odd in "[\\[\\]{}\":,a1 ]{0,40}") {
        let records: Vec<_> = logins.iter().map(|login| serde_json::json!({"a": login, "b": [true], "c": {"d": 1}})).collect();
        let table = compile(&mappings()[2]).unwrap();
        let whole = arithmetic(&table, serde_json::json!(records).to_string().as_bytes());
        prop_assert_eq!(whole.map(|(seen, ..)| seen), Some(logins.len() as u64));
        let _ = arithmetic(&table, odd.as_bytes());
    }

    #[test]
    fn random_dates_numbers_and_patterns_never_panic(text in "\\PC{0,24}", pattern in "[dmyHMSfaz/: T'-]{0,16}") {
        use crate::sources::dates::{DateFormat, parse};
        for name in ["iso", "epoch", "epoch-ms", "excel", "jira", "bareos", "generalized", "filetime", "dd/mm/yyyy HH:MM"] {
            let _ = parse(&text, &DateFormat::named(name).unwrap());
        }
        if let Ok(formats) = DateFormat::named(&pattern) {
            let _ = parse(&text, &formats);
        }
        let numbers = super::super::numbers::Writing::default();
        let _ = (numbers.minutes(&text), numbers.bytes(&text), numbers.int(&text));
    }
}

#[test]
fn the_same_file_gives_the_same_records() {
    let mut text = "a,b,c\n".to_owned();
    for n in 0..500 {
        writeln!(text, "u{n},oui,01/02/2026").unwrap();
    }
    let table = compile(&mappings()[0]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("f"), text).unwrap();
    let run = || -> BTreeMap<&'static str, Vec<String>> {
        let mut kept = Kept::default();
        table.harvest(&request(folder.path()), &mut kept, &mut Vec::new()).unwrap();
        kept.rows
    };
    assert_eq!(run(), run());
    assert_eq!(run()["accounts"].len(), 500);
}
