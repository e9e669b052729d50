//! A redacted bundle names nobody: every name, login and address of the samples is looked for in all that was sealed.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use probant::snapshot::{read, schema::TABLES};
use serde_json::Value;

use crate::kit::{World, digest, files, tool};

/// Longest name of the samples, in words.
const LONGEST: usize = 5;

/// The samples with a `[redaction]` section, run; and the bundle, unpacked.
fn redacted(section: &str) -> (World, PathBuf) {
    let world = World::samples();
    world.append("probant.toml", section);
    world.probant(&["run", "--quiet"]).code(0);
    let unpacked = world.folder.join("unpacked");
    tool(Command::new("unzip").arg("-q").arg(world.bundle()).arg("-d").arg(&unpacked));
    (world, unpacked)
}

fn column(world: &World, query: &str) -> BTreeSet<String> {
    let cells = world.sql(query).into_iter().flatten().flatten();
    cells.flat_map(|cell| cell.split(';').map(str::to_owned).collect::<Vec<_>>()).filter(|cell| !cell.is_empty()).collect()
}

/// What must be gone: names of people, logins and addresses of people's accounts.
fn hidden(world: &World) -> BTreeSet<String> {
    let people = "link_status IN ('definite', 'declared') AND kind IN ('human', 'unknown')";
    let mut all = column(world, "SELECT display_name FROM people");
    all.extend(column(world, "SELECT emails FROM people"));
    all.extend(column(world, &format!("SELECT display_name FROM accounts WHERE {people}")));
    all.extend(column(world, &format!("SELECT emails FROM accounts WHERE {people}")));
    all.extend(column(world, &format!("SELECT login FROM accounts WHERE {people}")));
    assert!(all.len() > 5_000, "{}", all.len());
    all
}

/// Every text of the bundle, by file: archives unpacked, Parquet read.
fn texts(unpacked: &Path) -> Vec<(String, String)> {
    let mut texts = vec![];
    for path in files(unpacked) {
        let name = path.strip_prefix(unpacked).unwrap().display().to_string();
        let bytes = fs::read(&path).unwrap();
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        match extension {
            "parquet" => {}
            "xlsx" => {
                let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
                for at in 0..archive.len() {
                    let mut text = String::new();
                    archive.by_index(at).unwrap().read_to_string(&mut text).unwrap();
                    texts.push((name.clone(), text.replace("&apos;", "'").replace("&amp;", "&").replace(['<', '>'], "\n")));
                }
            }
            _ => texts.push((name.clone(), String::from_utf8_lossy(&bytes).replace(['<', '>'], "\n"))),
        }
        texts.push((name.clone(), name));
    }
    for table in TABLES {
        let mut csv = vec![];
        read::csv(&unpacked.join("data/snapshot"), table, &mut csv).unwrap();
        texts.push((format!("{}.parquet", table.name), String::from_utf8(csv).unwrap()));
    }
    texts
}

/// The first hidden name in a text, as whole words.
fn first<'h>(text: &str, hidden: &'h BTreeSet<String>) -> Option<&'h str> {
    let is_word = |c: char| c.is_alphanumeric() || "_-.@'’".contains(c);
    text.lines().flat_map(|line| line.split(|c: char| !(is_word(c) || c == ' '))).find_map(|run| {
        let words: Vec<&str> = run.split(' ').filter(|word| !word.is_empty()).collect();
        (0..words.len()).find_map(|from| {
            (1..=LONGEST.min(words.len() - from)).find_map(|length| {
                let name = words[from..from + length].join(" ");
                hidden.get(name.trim_matches(['.', '\'', '-'])).map(String::as_str)
            })
        })
    })
}

#[test]
fn nobody_is_named_in_a_redacted_bundle() {
    let (world, unpacked) = redacted("\n[redaction]\n");
    let hidden = hidden(&world);
    // The search finds what is there: the report inside the house names people.
    let inside =
        fs::read_to_string(files(&world.store().join("outputs")).into_iter().find(|p| p.ends_with("rapport.html")).unwrap());
    assert!(first(&inside.unwrap().replace(['<', '>'], "\n"), &hidden).is_some());
    let texts = texts(&unpacked);
    for file in
        ["data/index.html", "data/findings.json", "data/oscal/assessment-results.json", "accounts.parquet", "people.parquet"]
    {
        assert!(texts.iter().any(|(name, text)| name == file && text.len() > 1_000), "{file} was not looked at");
    }
    let found: Vec<String> =
        texts.iter().filter_map(|(file, text)| Some(format!("{file}: {}", first(text, &hidden)?))).take(20).collect();
    assert!(found.is_empty(), "named:\n{}", found.join("\n"));
    let workbooks = texts.iter().filter(|(name, _)| name.starts_with("data/review/")).count();
    assert!(workbooks > 100, "{workbooks} parts of workbooks");
    world.probant(&["verify", world.bundle().to_str().unwrap(), "--anchor", world.certificate().to_str().unwrap()]).code(0);
}

#[test]
fn what_was_redacted_is_said_and_the_mapping_stays_inside() {
    let (world, unpacked) = redacted("\n[redaction]\n");
    let listing: Value = serde_json::from_slice(&fs::read(unpacked.join("data/redaction.json")).unwrap()).unwrap();
    let columns = listing["columns"].as_array().unwrap();
    let action = |table: &str, column: &str| {
        columns.iter().find(|c| c["table"] == table && c["column"] == column).map(|c| c["action"].as_str().unwrap().to_owned())
    };
    assert_eq!(action("people", "display_name").as_deref(), Some("pseudonym"));
    assert_eq!(action("people", "emails").as_deref(), Some("drop"));
    assert_eq!(action("accounts", "kind"), None);
    // Raw captures are left out, each named by its digest; the collections still carry it.
    let left_out: Vec<&str> = listing["left_out"].as_array().unwrap().iter().map(|f| f["sha256"].as_str().unwrap()).collect();
    let raw = column(&world, "SELECT raw_sha256 FROM collections");
    assert!(raw.len() > 5 && raw.iter().all(|sha256| left_out.contains(&sha256.as_str())), "{left_out:?}");
    assert!(!unpacked.join("data/raw").exists());
    let mapping = files(&world.store().join("redaction"));
    assert_eq!(mapping.len(), 1);
    assert_eq!(fs::metadata(&mapping[0]).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&mapping[0]).unwrap();
    let name = column(&world, "SELECT display_name FROM people").into_iter().next().unwrap();
    assert!(text.contains(&name), "{name} is not in the mapping");
    let original = fs::read(files(&world.store().join("snapshots")).into_iter().find(|p| p.ends_with("snapshot.json")).unwrap());
    assert_eq!(listing["original_snapshot_sha256"].as_str().unwrap(), digest(&original.unwrap()));
}

/// Rows of a table of the bundle as CSV records.
fn rows(unpacked: &Path, table: &str) -> Vec<Vec<String>> {
    let table = TABLES.iter().find(|t| t.name == table).unwrap();
    let mut csv = vec![];
    read::csv(&unpacked.join("data/snapshot"), table, &mut csv).unwrap();
    let mut reader = csv::Reader::from_reader(Cursor::new(csv));
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn one_person_has_one_pseudonym_in_every_table_and_every_quarter() {
    let (world, unpacked) = redacted("\n[redaction]\n");
    let people = rows(&unpacked, "people");
    let position = |table: &str, column: &str| TABLES.iter().find(|t| t.name == table).unwrap().position(column).unwrap();
    let ids: BTreeSet<String> = people.iter().map(|row| row[position("people", "person_id")].clone()).collect();
    assert_eq!(ids.len() as u64, world.sql("SELECT COUNT(*) FROM people")[0][0].as_ref().unwrap().parse::<u64>().unwrap());
    let accounts = rows(&unpacked, "accounts");
    let linked = accounts.iter().map(|row| &row[position("accounts", "person_id")]).filter(|id| !id.is_empty());
    assert!(linked.clone().count() > 1_000 && linked.clone().all(|id| ids.contains(id)), "an account's person is nobody");
    let account_ids: BTreeSet<&String> = accounts.iter().map(|row| &row[position("accounts", "account_id")]).collect();
    assert_eq!(account_ids.len(), accounts.len(), "two accounts share a pseudonym");
    assert!(rows(&unpacked, "grants").iter().all(|row| account_ids.contains(&row[position("grants", "account_id")])));
    // The name of a person and their id say the same.
    let same = people.iter().filter(|row| row[position("people", "person_id")].ends_with(&row[position("people", "display_name")]));
    assert!(same.count() > people.len() * 9 / 10);

    // Another bundle with the same key, and one with another.
    let again = world.folder.join("again");
    let bundle = || world.probant(&["bundle", "--format", "json"]).code(0).json()["bundle"].as_str().unwrap().to_owned();
    tool(Command::new("unzip").arg("-q").arg(bundle()).arg("-d").arg(&again).current_dir(&world.folder));
    assert_eq!(rows(&again, "people"), people);
    fs::remove_file(world.store().join("keys/redaction.key")).unwrap();
    let other = world.folder.join("other");
    tool(Command::new("unzip").arg("-q").arg(bundle()).arg("-d").arg(&other).current_dir(&world.folder));
    assert!(rows(&other, "people").iter().all(|row| !ids.contains(&row[position("people", "person_id")])));
}

#[test]
fn a_redaction_that_cannot_be_followed_seals_nothing() {
    let world = World::small();
    let base = fs::read_to_string(world.folder.join("probant.toml")).unwrap();
    let with = |section: &str| world.write("probant.toml", format!("{base}\n[redaction]\n{section}\n"));
    for (section, words) in [
        ("drop = [\"people.nom\"]", &["people.nom", "sources schema"][..]),
        ("key_env = \"PROBANT_NO_SUCH_KEY\"", &["PROBANT_NO_SUCH_KEY", "not set"]),
        ("key_file = \"absent.key\"", &["absent.key", "openssl rand"]),
        ("keep = [\"grants.account_id\"]", &["accounts.account_id"]),
        ("hide = []", &["hide"]),
    ] {
        with(section);
        world.probant(&["run", "--quiet"]).code(2).says(words);
    }
    world.write("court.key", "abc");
    with("key_file = \"court.key\"");
    fs::set_permissions(world.folder.join("court.key"), fs::Permissions::from_mode(0o644)).unwrap();
    world.probant(&["run", "--quiet"]).code(2).says(&["chmod 600"]);
    fs::set_permissions(world.folder.join("court.key"), fs::Permissions::from_mode(0o600)).unwrap();
    world.probant(&["run", "--quiet"]).code(2).says(&["32 bytes"]);
    // Whether an account is enabled is what the checks judge.
    with("drop = [\"accounts.enabled\"]");
    world.probant(&["run", "--quiet"]).code(2).says(&["redaction changes what check", "keep", "nothing was sealed"]);
    assert!(files(&world.store().join("bundles")).is_empty());
}
