//! Bad evidence: what is wrong, where and what to do, in the run's words and in the collection; the other sources are read all the
//! same, and what depends on the missing one is not green.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::kit::{Done, World, done, entry, skipped};

/// The arithmetic and the state of a collection: seen, kept, rejected, complete, why not.
fn collection(world: &World, source: &str) -> (String, String, String, bool, String) {
    let query = format!(
        "SELECT rows_seen, rows_kept, rows_rejected, complete, incomplete_reason FROM collections WHERE source = '{source}'"
    );
    let row: Vec<String> = world.sql(&query).remove(0).into_iter().map(Option::unwrap_or_default).collect();
    (row[0].clone(), row[1].clone(), row[2].clone(), row[3] == "true", row[4].clone())
}

/// Reasons of what was rejected, in order.
fn rejects(world: &World) -> Vec<String> {
    world.sql("SELECT reason FROM rejects ORDER BY collection_id, row").into_iter().map(|mut row| row.remove(0).unwrap()).collect()
}

/// The source cannot be read: exit 2, the words said and kept, everything else read, and its checks not green.
#[track_caller]
fn unreadable(world: &World, source: &str, words: &[&str]) {
    check_unreadable(world, world.probant(&["harvest"]), source, words);
}

#[track_caller]
fn check_unreadable(world: &World, harvest: Done, source: &str, words: &[&str]) {
    harvest.code(2).says(words).says(&[&format!("could not be read: {source}"), "not collected"]);
    let (_, kept, _, complete, reason) = collection(world, source);
    assert_eq!((kept.as_str(), complete), ("0", false));
    for word in words {
        assert!(reason.contains(word), "`{word}` is not kept in the collection: {reason}");
    }
    let others = world.sql(&format!("SELECT source FROM collections WHERE complete AND source <> '{source}'"));
    assert_eq!(others.len(), 2, "the other sources were not read");
    let findings = world.probant(&["assess", "--format", "json"]).code(0).json();
    let leavers = findings["findings"].as_array().unwrap().iter().find(|f| f["check_id"] == "leaver-with-active-account").unwrap();
    let status = leavers["status"].as_str().unwrap();
    assert!(["not_collected", "incomplete", "not_satisfied"].contains(&status), "green in spite of {source}: {status}");
}

#[test]
fn a_truncated_ldif() {
    let whole = format!("version: 1\n\n{}{}", entry("amartin", 1), entry("lpetit", 2));
    // In a value, in base64, in a name, right behind a colon.
    for end in
        ["entryUUID: 11111111-1111-1111-1111-0000", "entryUUID:: MTEx", "dn: uid=b,dc=x\nuid", "dn: uid=b,dc=x\nobjectClass:"]
    {
        let world = World::small();
        let cut = whole.rfind("entryUUID").unwrap();
        world.write("annuaire.ldif", format!("{}{end}", &whole[..cut]));
        world.probant(&["harvest"]).code(0).says(&["annuaire", "it was cut; export it again"]);
        let (seen, kept, rejected, complete, reason) = collection(&world, "annuaire");
        assert!(!complete && reason.contains("line ") && reason.contains("it was cut"), "{end}: {reason}");
        let number = |text: String| text.parse::<u64>().unwrap();
        assert_eq!(number(seen), number(kept) + number(rejected), "{end}");
    }
}

#[test]
fn a_list_cut_by_the_server() {
    let world = World::small();
    world.append("annuaire.ldif", "# search result\nsearch: 2\nresult: 4 Size limit exceeded\n\n# numEntries: 1\n");
    world.probant(&["harvest"]).code(0).says(&["size limit exceeded", "paging"]);
    let (_, kept, _, complete, _) = collection(&world, "annuaire");
    assert_eq!((kept.as_str(), complete), ("1", false));
}

#[test]
fn an_ldif_of_changes() {
    let world = World::small();
    world.write("annuaire.ldif", "dn: uid=x,dc=x\nchangetype: delete\n");
    unreadable(&world, "annuaire", &["changetype"]);
}

#[test]
fn binary_where_text_should_be() {
    let bytes: Vec<u8> = (0..9000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let world = World::small();
    world.write("annuaire.ldif", &bytes);
    unreadable(&world, "annuaire", &["annuaire.ldif", "line 1", "not LDIF"]);
    let world = World::small();
    world.write("rh.csv", &bytes);
    unreadable(&world, "rh", &["rh.csv", "binary data, not text", "export the data as text"]);
}

#[test]
fn a_csv_with_a_changed_header() {
    let world = World::small();
    world.edit("rh.csv", "Statut", "Etat");
    unreadable(
        &world,
        "rh",
        &["rh.csv", "column \"Statut\" (fields.status) not found", "\"Prénom\", \"Etat\"", "correct the mapping"],
    );
}

#[test]
fn an_unknown_status_and_an_impossible_date() {
    let world = World::small();
    world.append("rh.csv", "3;Roux;Eva;Muté;01/02/2020;\n4;Roux;Léa;Présent;31/02/2020;\n5;Roux;Zoé;Présent;2020-02-01;\n");
    world.probant(&["harvest"]).code(0).says(&["rh: 5 read = 2 kept + 3 rejected"]);
    let reasons = rejects(&world);
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    assert!(
        reasons[0].contains("\"Muté\"") && reasons[0].contains("sorti") && reasons[0].contains("fields.status.values"),
        "{reasons:?}"
    );
    assert!(reasons[1].contains("\"31/02/2020\" does not exist in the calendar"), "{reasons:?}");
    assert!(reasons[2].contains("\"2020-02-01\"") && reasons[2].contains("dd/mm/yyyy"), "{reasons:?}");
    let rows = world.sql("SELECT row FROM rejects ORDER BY row");
    assert_eq!(rows, [[Some("4".to_owned())], [Some("5".into())], [Some("6".into())]], "rows as a spreadsheet counts them");
    let report = world.probant(&["assess", "--check", "source-with-rejects"]).code(0);
    assert!(report.out.contains("rh "), "{}", report.out);
}

#[test]
fn an_xlsx_that_is_a_renamed_csv() {
    let world = World::small();
    world.edit("probant.toml", "path = \"rh.csv\"", "path = \"rh.xlsx\"");
    world.edit("probant.toml", "format = \"csv\"\ndelimiter = \";\"", "format = \"xlsx\"");
    std::fs::rename(world.folder.join("rh.csv"), world.folder.join("rh.xlsx")).unwrap();
    unreadable(&world, "rh", &["rh.xlsx", "this is text, not a workbook", "a renamed csv?", "read.format = \"csv\""]);
}

#[test]
fn an_empty_file() {
    let world = World::small();
    world.write("rh.csv", "");
    unreadable(&world, "rh", &["rh.csv", "empty", "export it again"]);
    let world = World::small();
    world.write("annuaire.ldif", "");
    unreadable(&world, "annuaire", &["annuaire.ldif", "empty", "run it again"]);
}

#[test]
fn a_missing_file() {
    for (file, source, what) in [("rh.csv", "rh", "no such file"), ("annuaire.ldif", "annuaire", "does not exist")] {
        let world = World::small();
        std::fs::remove_file(world.folder.join(file)).unwrap();
        unreadable(&world, source, &[file, what]);
    }
}

/// A folder in the place of a file.
#[test]
fn a_folder_where_a_file_should_be() {
    let world = World::small();
    std::fs::remove_file(world.folder.join("annuaire.ldif")).unwrap();
    std::fs::create_dir(world.folder.join("annuaire.ldif")).unwrap();
    unreadable(&world, "annuaire", &["annuaire.ldif", "is not a file"]);
}

#[test]
fn a_folder_without_read_permission() {
    let world = World::small();
    world.edit("probant.toml", "path = \"annuaire.ldif\"", "path = \"clos/annuaire.ldif\"");
    std::fs::create_dir(world.folder.join("clos")).unwrap();
    std::fs::rename(world.folder.join("annuaire.ldif"), world.folder.join("clos/annuaire.ldif")).unwrap();
    let shut = std::fs::Permissions::from_mode(0o000);
    std::fs::set_permissions(world.folder.join("clos"), shut).unwrap();
    let harvest = if std::fs::read_dir(world.folder.join("clos")).is_err() {
        world.probant(&["harvest"])
    } else {
        // Nothing is closed to root: be nobody.
        let as_nobody = |arguments: &[&str]| {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", env!("CARGO_BIN_EXE_probant")]);
            command.args(arguments).current_dir(&world.folder).env("PROBANT_NOW", crate::kit::NOW);
            command
        };
        let given = Command::new("chown").args(["-R", "65534:65534"]).arg(&world.folder).output();
        let possible =
            given.is_ok_and(|given| given.status.success()) && as_nobody(&["--version"]).output().is_ok_and(|o| o.status.success());
        if !possible {
            return skipped("a_folder_without_read_permission", "run by root, who may not become nobody here (setpriv, chown)");
        }
        done(&mut as_nobody(&["harvest"]))
    };
    check_unreadable(&world, harvest, "annuaire", &["clos/annuaire.ldif", "may not be read", "the right to read it"]);
    let open = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(world.folder.join("clos"), open).unwrap();
}

#[test]
fn rows_that_are_all_refused_are_no_empty_source() {
    let world = World::small();
    world.edit("probant.toml", "yes = [\"oui\"], no = [\"non\"]", "yes = [\"O\"], no = [\"N\"]");
    let told = world.probant(&["harvest", "--lang", "en"]).code(0);
    assert!(told.out.contains("◐ incomplete: not one of the 2 rows could be read"), "{}", told.out);
    assert_eq!(world.sql("SELECT complete FROM collections WHERE source = 'appli'"), [[Some("false".to_owned())]]);
    let told = world.probant(&["harvest", "--lang", "fr"]).code(0);
    assert!(told.out.contains("aucune des 2 lignes n'a pu être lue"), "{}", told.out);
}

#[test]
fn a_date_that_no_name_holds_is_said() {
    let world = World::small();
    world.edit(
        "probant.toml",
        "path = \"rh.csv\"\nevidence_at = 2026-10-01",
        "path = \"rh.csv\"\nevidence_from_name = 'rh-(\\d{8})'",
    );
    let told = world.probant(&["harvest", "--lang", "en"]).code(0);
    assert!(told.out.contains("evidence_from_name (`rh-(\\d{8})`) finds no date"), "{}", told.out);
    let told = world.probant(&["harvest", "--lang", "fr"]).code(0);
    assert!(told.out.contains("ne trouve pas de date dans les noms"), "{}", told.out);
    std::fs::rename(world.folder.join("rh.csv"), world.folder.join("rh-20261002.csv")).unwrap();
    world.edit("probant.toml", "path = \"rh.csv\"", "path = \"rh-*.csv\"");
    world.probant(&["harvest", "--quiet"]).code(0);
    let at = world.sql("SELECT evidence_at_basis, complete FROM collections WHERE source = 'rh'");
    assert_eq!(at, [[Some("file_name".to_owned()), Some("true".to_owned())]]);
}
