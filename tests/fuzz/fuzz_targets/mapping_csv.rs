//! Declared mappings over CSV: every row seen is kept or rejected, no row vanishes, and what a redacted column holds goes nowhere.
#![no_main]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use probant_fuzz::harvests::{Folder, harvest};
use probant_fuzz::sources::table::TableConfig;

static FOLDER: LazyLock<Folder> = LazyLock::new(|| Folder::new("mapping-csv"));

/// The ways to read that real exports need.
const READS: [&str; 6] = [
    "",
    "delimiter = ','\nragged = true\n",
    "delimiter = ','\nquote = \"\"\nescape = '\\'\n",
    "header = false\ndelimiter = ','\n",
    "encodings = ['windows-1252']\ndecimal_comma = true\nnull = ['-', 'n/a']\n",
    "header = 2\nbanner = 1\ntrailer = '^Total ?: ?(?<count>[0-9]+)'\n",
];

fn mapping(read: &str, secret: bool) -> String {
    let column = |name: &str, place: u8| if read.contains("header = false") { place.to_string() } else { format!("'{name}'") };
    let (login, active, last, code) = (column("login", 1), column("actif", 2), column("dernier", 3), column("code", 4));
    let redact = if secret { format!("redact = [{code}]\n") } else { String::new() };
    format!(
        "path = 'f'\nrecord = 'accounts'\n{redact}[read]\nformat = 'csv'\n{read}[fields]\nlogin = {login}\n\
         enabled = {{ column = {active}, optional = true, yes = ['oui'], no = ['non'] }}\n\
         last_login_at = {{ column = {last}, optional = true, date = ['dd/mm/yyyy', 'iso'] }}\n"
    )
}

fn compile(read: &str, secret: bool) -> TableConfig {
    toml::from_str(&mapping(read, secret)).unwrap_or_else(|error| panic!("{error}\n{}", mapping(read, secret)))
}

static PLAIN: LazyLock<Vec<TableConfig>> = LazyLock::new(|| READS.iter().map(|read| compile(read, false)).collect());
static REDACTED: LazyLock<Vec<TableConfig>> = LazyLock::new(|| READS.iter().map(|read| compile(read, true)).collect());

fuzz_target!(|data: &[u8]| {
    FOLDER.put(data);
    // One way of reading for each input, so that there are many inputs.
    let way = data.len() % READS.len();
    if let Ok((_, told)) = harvest(&PLAIN[way], FOLDER.path()) {
        assert!(told.capture == data, "the capture of a mapping that redacts nothing is the file");
        let rows = told.rows.get("accounts").map(Vec::as_slice).unwrap_or_default();
        let ids: BTreeSet<_> = rows.iter().filter_map(|row| row.split('\t').next()).collect();
        assert_eq!(ids.len(), rows.len(), "an account is in the table twice");
    }
    // Only the arithmetic, which `harvest` holds.
    let _ = harvest(&REDACTED[way], FOLDER.path());
    written_by_a_csv_library(data);
});

const SECRET: &str = "XYZZY4PLUGH";

/// The same bytes as cells (apart at 0x1F, rows apart at 0x1E) of a file that a CSV library writes, its last column secret: all
/// rows are seen, and none tells the secret.
fn written_by_a_csv_library(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    // Control characters make a file binary in the eyes of the reader.
    let odd = |c: char| c.is_ascii_control() && !matches!(c, '\u{1e}' | '\u{1f}' | '\n' | '\r' | '\t');
    if text.contains(SECRET) || text.contains(odd) {
        return;
    }
    let mut writer = csv::WriterBuilder::new().delimiter(b',').from_writer(Vec::new());
    writer.write_record(["login", "actif", "dernier", "code"]).expect("written in memory");
    let mut count = 0;
    for row in text.split('\u{1e}') {
        let mut cells = row.split('\u{1f}').chain(["", ""]);
        let mut next = || cells.next().unwrap_or_default();
        let secret = format!("{SECRET}{}", data.len());
        writer.write_record([next(), next(), next(), &secret]).expect("written in memory");
        count += 1;
    }
    FOLDER.put(&writer.into_inner().expect("written in memory"));
    let (reading, told) = harvest(&REDACTED[1], FOLDER.path()).expect("a well-formed file is read");
    assert_eq!(reading.rows_seen, count, "a row vanished");
    assert!(!told.tells(SECRET), "a redacted column is told: {told:?}");
}
