//! Bad input: each message says what was found, where, and what to do.

use super::{harvest, try_read};

const CSV: &str = "record = \"people\"\n[read]\nformat = \"csv\"\ndelimiter = \";\"\n[fields]\nemployee_id = \"Matricule\"\ndisplay_name = \"Nom\"\n";

fn message(file: &str, content: impl AsRef<[u8]>, mapping: &str) -> String {
    try_read(file, content, mapping).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn a_changed_header_takes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rh.csv"), "Matricule;Nom complet\n1;A\n").unwrap();
    let error = harvest(folder.path(), &format!("path = \"rh.csv\"\n{CSV}")).map(|_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "rh.csv: column \"Nom\" (fields.display_name) not found. The header has: \"Matricule\", \"Nom complet\". \
         If the export changed on purpose, correct the mapping; nothing was taken"
    );
    assert!(message("rh.csv", "Matricule,Nom\n1,A\n", CSV).contains("The header has: \"Matricule,Nom\""));
}

#[test]
fn files_that_are_not_what_their_name_says() {
    assert_eq!(message("rh.csv", "", CSV), "rh.csv: the file is empty; export it again, or remove the source");
    let zip = b"PK\x03\x04\x14\0\0\0\x08\0";
    assert!(
        message("rh.csv", zip, CSV)
            .contains("the file is a zip container (a workbook .xlsx or .ods, whatever its name says), not text")
    );
    assert!(message("rh.csv", b"a;b\n\x00\x01\x02", CSV).contains("rh.csv: the file is binary data, not text"));
    let xlsx = CSV.replace("\"csv\"\ndelimiter = \";\"", "\"xlsx\"");
    assert_eq!(
        message("rh.xlsx", "Matricule;Nom\n1;A\n", &xlsx),
        "rh.xlsx: this is text, not a workbook (it begins with \"Matricule;Nom\"): a renamed csv? Set read.format = \"csv\", or save it as a real workbook"
    );
    assert!(message("rh.xlsx", b"\xD0\xCF\x11\xE0\xA1\xB1", &xlsx).contains("protected by a password, or is an old .xls"));
    assert!(message("rh.xlsx", zip, &xlsx).contains("the workbook is damaged"));
    assert!(message("rh.xlsx", b"\0\x01\x02", &xlsx).contains("this is binary data, not a workbook"));
}

#[test]
fn files_that_are_not_there_or_may_not_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: &str| harvest(folder.path(), &format!("path = \"{path}\"\n{CSV}")).map(|_| ()).unwrap_err().to_string();
    assert_eq!(refused("absent.csv"), "absent.csv: there is no such file; correct `path`, or export it again");
    assert_eq!(refused("x*.csv"), "x*.csv: no file matches; correct `path`, or export again");
    assert_eq!(refused("nowhere/x*.csv"), "nowhere: there is no such folder; correct `path`");
    std::fs::create_dir(folder.path().join("d.csv")).unwrap();
    assert_eq!(refused("d.csv"), "d.csv: this is a folder; name the files in it, for example with *.csv");
    // The superuser may read everything, so the refusal itself is tried on the error.
    let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    assert_eq!(
        super::super::input::failure("rh.csv", &denied).to_string(),
        "rh.csv: permission denied; run as an account that may read it, or open it to this one"
    );
}

#[test]
fn json_that_is_cut_deep_or_elsewhere() {
    let mapping = "record = \"accounts\"\n[read]\nformat = \"json\"\nrecords = \"/users\"\n[fields]\nlogin = \"login\"\n";
    let cut = message("u.json", "{\"users\": [\n{\"login\": \"a\"},\n{\"lo", mapping);
    assert!(cut.starts_with("u.json, line 3: this is not JSON: EOF while parsing a string"), "{cut}");
    let deep = format!("{{\"users\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(message("u.json", deep, mapping).contains("nested deeper than 128 levels"));
    assert!(message("u.json", "{\"data\": []}", mapping).contains("read.records: there is nothing at \"/users\""));
    assert!(message("u.json", "{\"users\": {}}", mapping).contains("\"/users\" is not an array of records"));
    let changed = message("u.json", "{\"users\": [{\"username\": \"a\"}]}", mapping);
    assert!(changed.contains("column \"login\" (fields.login) not found. The header has: \"username\""), "{changed}");
}

#[test]
fn rows_and_lines_without_end_are_bounded() {
    let long = format!("Matricule;Nom\n1;{}\n", "x".repeat(17 << 20));
    assert!(message("rh.csv", long, CSV).contains("line 2 is longer than 16 MiB"));
    let quoted = format!("Matricule;Nom\n1;A\n2;\"{}", "ligne\n".repeat(3 << 20));
    let error = message("rh.csv", quoted, CSV);
    assert!(error.starts_with("rh.csv, line 3: a row is longer than 16 MiB: a quote opened here is never closed"), "{error}");
}

#[test]
fn undecodable_text_names_what_was_tried() {
    let mapping = CSV.replace("[read]", "[read]\nencodings = [\"utf-8\"]");
    let error = message("rh.csv", b"Matricule;Nom\n1;Zo\xEB\n", &mapping);
    assert!(error.contains("in none of the encodings tried (UTF-8)"), "{error}");
}
