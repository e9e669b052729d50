//! Every text format, read into records.

use super::{harvest, read};

const PEOPLE: &str = r#"
record = "people"
[read]
format = "csv"
delimiter = ";"
[fields]
employee_id = "Matricule"
display_name = { columns = ["Prénom", "Nom"] }
left_on = { column = "Date de sortie", date = "dd/mm/yyyy" }
"#;

#[test]
fn csv_in_windows_1252_with_crlf_keeps_its_bytes() {
    let bytes = b"Matricule;Pr\xE9nom;Nom;Date de sortie\r\n007;Zo\xEB;L\x9Cuf;\r\n8;\"A;B\";C;01/02/2026\r\n";
    let (reading, kept) = read("rh.csv", bytes, PEOPLE);
    assert_eq!(
        kept.table("people"),
        [
            "person_id=SYS:7 employee_id=007 display_name=Zoë Lœuf status=active",
            "person_id=SYS:8 employee_id=8 display_name=A;B C status=left left_on=2026-02-01",
        ]
    );
    assert_eq!(kept.capture, bytes);
    assert_eq!((reading.rows_seen, reading.rows_kept, reading.pages), (2, 2, 1));
    let file = &reading.query["files"][0];
    assert_eq!(file["read_as"], "windows-1252");
    assert_eq!(file["rows"], 2);
    assert_eq!(file["sha256"].as_str().unwrap().len(), 64);
    assert!(reading.modified_at.is_some());
}

#[test]
fn row_numbers_are_lines_of_the_file_whatever_is_above_or_inside_them() {
    let text = "Édité le 23/11/2026 08:30\r\n\r\nMatricule;Prénom;Nom;Date de sortie\r\n1;\"deux\r\nlignes\";X;\r\n\r\n2;A;B;31/02/2026\r\n2 lignes\r\n";
    let mapping = PEOPLE.replace(
        "delimiter = \";\"",
        "delimiter = \";\"\nheader = 3\ntrailer = '^(?<count>\\d+) lignes'\ncontent_at = { regex = 'Édité le (.*)', date = \"dd/mm/yyyy HH:MM\" }",
    );
    let (reading, kept) = read("rh.csv", text, &mapping);
    assert_eq!(kept.table("people"), ["person_id=SYS:1 employee_id=1 display_name=deux\nlignes X status=active"]);
    assert_eq!(kept.reasons(), ["7: left_on: \"31/02/2026\" does not exist in the calendar; expected dd/mm/yyyy"]);
    assert_eq!(kept.rejects[0].2, "2 | A | B | 31/02/2026");
    assert_eq!(reading.server_count, Some(2));
    assert_eq!(reading.incomplete, None);
    assert_eq!(reading.content_at.unwrap().to_string(), "2026-11-23T07:30:00Z");
}

#[test]
fn a_quote_that_is_never_closed_loses_nothing_in_silence() {
    let text = "Matricule;Prénom;Nom;Date de sortie\n1;A;B;\n2;C;D;\"oups\n3;E;F;\n4;G;H;\n";
    let (reading, kept) = read("rh.csv", text, PEOPLE);
    assert_eq!(kept.table("people").len(), 1);
    assert_eq!(kept.rejects[0].0, 3);
    assert!(kept.rejects[0].1.contains("never closed: the 2 lines after it"), "{}", kept.rejects[0].1);
    assert!(reading.incomplete.unwrap().contains("line 3 is never closed; 2 lines after it are lost"));
}

#[test]
fn rows_out_of_step_with_the_header_are_refused_unless_ragged() {
    let text = "Matricule;Prénom;Nom;Date de sortie\n1;A;B\n2;C;D;;E\n3;F;G;\n";
    let (_, kept) = read("rh.csv", text, PEOPLE);
    assert_eq!(kept.reasons(), ["2: this row has 3 cells, the header has 4", "3: this row has 5 cells, the header has 4"]);
    let (_, kept) = read("rh.csv", text, &PEOPLE.replace("format = \"csv\"", "format = \"csv\"\nragged = true"));
    assert_eq!(kept.reasons(), ["3: this row has 5 cells, the header has 4"]);
}

#[test]
fn a_banner_is_counted_or_matched() {
    let text = "# outil 1.2\n# export\nMatricule;Prénom;Nom;Date de sortie\n1;A;B;\n";
    for banner in ["2", "'^#'"] {
        let (_, kept) = read("rh.csv", text, &PEOPLE.replace("[read]", &format!("[read]\nbanner = {banner}")));
        assert_eq!(kept.table("people").len(), 1, "banner = {banner}");
    }
}

#[test]
fn json_walks_paths_arrays_and_totals() {
    let text = r#"{"at": "2026-11-20T10:00:00Z", "page": {"total": 3}, "data": [
        {"id": 1, "a": {"login": "zoé"}, "groups": [{"name": "x"}, {"name": "y"}], "on": true},
        {"id": 2, "a": {"login": "bob"}, "groups": [], "on": null},
        17]}"#;
    let (reading, kept) = read(
        "users.json",
        text,
        r#"
record = "accounts"
rest = "attributes"
[read]
format = "json"
records = "/data"
total = "/page/total"
content_at = { pointer = "/at" }
[fields]
account_id = "/id"
login = "a.login"
enabled = "on"
entitlements = "groups.name"
"#,
    );
    assert_eq!(
        kept.table("accounts"),
        [
            "account_id=SYS:1 system=SYS login=zoé kind=unknown enabled=true last_login_precision=none link_status=none attributes={\"id\":\"1\"}",
            "account_id=SYS:2 system=SYS login=bob kind=unknown last_login_precision=none link_status=none attributes={\"groups\":[],\"id\":\"2\"}",
        ]
        .map(ToOwned::to_owned)
    );
    assert_eq!(
        kept.table("grants"),
        ["account_id=SYS:1 entitlement_id=SYS:x direct=true", "account_id=SYS:1 entitlement_id=SYS:y direct=true"]
    );
    assert_eq!(kept.reasons(), ["3: this record is not an object"]);
    assert_eq!((reading.server_count, reading.incomplete), (Some(3), None));
    assert_eq!(reading.content_at.unwrap().to_string(), "2026-11-20T10:00:00Z");
}

#[test]
fn pages_tie_with_a_total_said_once_and_a_missing_page_shows() {
    let folder = tempfile::tempdir().unwrap();
    let page = |logins: &[&str]| {
        format!(
            "{{\"total\": 3, \"users\": {}}}",
            serde_json::json!(logins.iter().map(|l| serde_json::json!({"login": l})).collect::<Vec<_>>())
        )
    };
    std::fs::write(folder.path().join("u1.json"), page(&["a", "b"])).unwrap();
    let mapping = "path = \"u*.json\"\nrecord = \"accounts\"\n[read]\nformat = \"json\"\nrecords = \"/users\"\ntotal = \"/total\"\npages = true\n[fields]\nlogin = \"login\"\n";
    let (reading, _) = harvest(folder.path(), mapping).unwrap();
    assert_eq!(reading.incomplete.unwrap(), "the source counts 3 rows and 2 were read");
    std::fs::write(folder.path().join("u2.json"), page(&["c"])).unwrap();
    let (reading, kept) = harvest(folder.path(), mapping).unwrap();
    assert_eq!((reading.incomplete, reading.pages, kept.table("accounts").len()), (None, 2, 3));
}

#[test]
fn json_lines_stream_and_reject_what_is_not_one() {
    let text = "{\"login\": \"a\"}\n\nnot json\n[1]\n{\"login\": \"b\", \"mail\": \"B@X.FR\"}\n";
    let mapping = "record = \"accounts\"\n[read]\nformat = \"jsonl\"\n[fields]\nlogin = \"login\"\nemails = \"mail\"\n";
    let (reading, kept) = read("u.jsonl", text, mapping);
    assert_eq!(reading.rows_seen, 4);
    assert!(kept.table("accounts")[1].contains("emails=b@x.fr"));
    assert!(kept.rejects[0].1.starts_with("this line is not JSON: expected ident"), "{}", kept.rejects[0].1);
    assert_eq!(kept.rejects[1], (4, "this line is not a JSON object".into(), "[1]".into()));
}

#[test]
fn ini_sections_are_rows() {
    let text = "; roles\n[ops]\nusers = \"a, b\"\npermissions = \"*\"\n[lecture]\nusers=c\ngroups = 'lecteurs'\nperdu\n";
    let (_, kept) = read("roles.ini", text, "preset = \"icinga-roles\"\n");
    assert_eq!(
        kept.table("grants"),
        [
            "account_id=SYS:a entitlement_id=SYS:ops direct=true",
            "account_id=SYS:b entitlement_id=SYS:ops direct=true",
            "account_id=SYS:c entitlement_id=SYS:lecture direct=true",
            "account_id=SYS:@lecteurs entitlement_id=SYS:lecture direct=true",
        ]
    );
    assert!(kept.table("entitlements")[0].ends_with("resource=Icinga Web name=ops description=* privileged=true"));
    assert!(kept.table("entitlements")[1].ends_with("name=lecture privileged=false"));
    assert_eq!(kept.table("accounts").len(), 4);
    assert_eq!(kept.reasons(), ["8: this line is neither a [section] nor key = value"]);
}

#[test]
fn fixed_widths_count_characters() {
    let text = "TACHE     STATUT\nréplié    TERMINE\nb\n-- 2 taches\n";
    let (reading, kept) = read(
        "u.txt",
        text,
        r#"
record = "backup_jobs"
[read]
format = "fixed"
banner = 1
trailer = '^-- (?<count>\d+) taches'
columns = [{ name = "tache", start = 1, width = 10 }, { name = "statut", start = 11, width = 9 }]
[fields]
job_id = "tache"
client = { const = "SRV01.agence.example" }
job_type = { const = "backup" }
state = { const = "done" }
outcome = { column = "statut", values = { TERMINE = "success" } }
"#,
    );
    assert_eq!(kept.table("backup_jobs"), ["job_id=SYS:réplié tool=SYS client=srv01 job_type=backup state=done outcome=success"]);
    assert_eq!(kept.reasons(), ["3: outcome is empty"]);
    assert_eq!(reading.server_count, Some(2));
}

#[test]
fn a_block_without_its_end_is_a_cut_log() {
    let text = "bruit\nSTART 1\nok: oui\nEND\nSTART 2\nok: non\nSTART 3\n";
    let (reading, kept) = read(
        "j.log",
        text,
        r#"
record = "documents"
[read]
format = "blocks"
begin = '^START'
end = '^END'
find = { number = '^START (\d+)', ok = '^ok: (\w+)' }
[fields]
path = { template = "bloc {number} {ok}" }
"#,
    );
    assert_eq!(kept.table("documents"), ["document_id=SYS:bloc 1 oui path=bloc 1 oui strength=declared"]);
    assert_eq!(kept.rejects.iter().map(|r| r.0).collect::<Vec<_>>(), [5, 7]);
    assert!(kept.rejects[0].1.contains("the log is cut"));
    assert_eq!(reading.rows_seen, 3);
}

#[test]
fn a_log_in_which_no_block_begins_is_told() {
    let mapping = r#"
record = "documents"
[read]
format = "blocks"
begin = '^START'
find = { number = '^START (\d+)' }
[fields]
path = { template = "bloc {number}" }
"#;
    let (reading, kept) = read("j.log", "\nbruit\nencore\n", mapping);
    assert_eq!(kept.rejects.iter().map(|r| (r.0, r.2.as_str())).collect::<Vec<_>>(), [(2, "bruit")]);
    assert!(kept.rejects[0].1.contains("no block begins in this file"), "{}", kept.rejects[0].1);
    assert_eq!((reading.rows_seen, reading.rows_kept), (1, 0));
}

#[test]
fn secrets_reach_neither_capture_nor_rejects() {
    let secret = "hunter2";
    let csv = format!("login;pw;état\na;{secret};oui\nb;{secret};peut-être\nc;{secret}\n");
    let mapping = "record = \"accounts\"\nredact = [\"pw\"]\nrest = \"attributes\"\n[read]\nformat = \"csv\"\ndelimiter = \";\"\n[fields]\nlogin = \"login\"\nenabled = \"état\"\n";
    let (_, kept) = read("a.csv", &csv, mapping);
    assert_eq!(
        kept.captured(),
        "login;pw;état\na;[redacted];oui\nb;[redacted];peut-être\n[redacted: a line that could not be read]\n"
    );
    assert_eq!(kept.rejects[0].2, "b | [redacted] | peut-être");
    assert_eq!(kept.rejects[1].2, "[redacted]");

    let json = format!("[{{\"login\":\"a\",\"auth\":{{\"pw\":\"{secret}\"}}}}]");
    let mapping = "record = \"accounts\"\nredact = [\"auth.pw\"]\n[read]\nformat = \"json\"\n[fields]\nlogin = \"login\"\n";
    let (_, kept) = read("a.json", &json, mapping);
    assert_eq!(kept.captured(), "[{\"auth\":{\"pw\":\"[redacted]\"},\"login\":\"a\"}]\n");

    let ini = format!("; old {secret}\n[a]\npw = {secret}\nusers = x\n");
    let mapping = "record = \"grants\"\nredact = [\"pw\"]\n[read]\nformat = \"ini\"\n[fields]\nentitlement = \"section\"\nlogins = \"users\"\n";
    let (_, kept) = read("a.ini", &ini, mapping);
    assert_eq!(kept.captured(), "[redacted: a line that could not be read]\n[a]\npw = [redacted]\nusers = x\n");
}
