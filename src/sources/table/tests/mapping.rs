//! What a mapping can say about a field, a row and a file.

use super::{compile, harvest, read};

#[test]
fn values_defaults_and_empties() {
    let mapping = |rest: &str| {
        format!(
            "record = \"accounts\"\n[read]\nformat = \"csv\"\nnull = [\"?\"]\n[fields]\nlogin = \"l\"\nenabled = {{ column = \"s\", values = {{ Actif = true, \"Bloqué\" = false }} {rest} }}\n"
        )
    };
    let text = "l,s\na,ACTIF\nb,bloqué\nc,Suspendu\nd,?\ne,\n";
    let (_, kept) = read("a.csv", text, &mapping(""));
    let enabled = |kept: &super::Kept| {
        kept.table("accounts")
            .iter()
            .map(|row| row.split(' ').find(|c| c.starts_with("enabled")).unwrap_or("-").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(enabled(&kept), ["enabled=true", "enabled=false", "-", "-"]);
    assert_eq!(
        kept.reasons(),
        [
            "4: enabled: \"Suspendu\" is not among the values listed (actif, bloqué); add it to fields.enabled.values, or say a default"
        ]
    );
    assert_eq!(enabled(&read("a.csv", text, &mapping(", default = \"null\"")).1), ["enabled=true", "enabled=false", "-", "-", "-"]);
    assert_eq!(
        enabled(&read("a.csv", text, &mapping(", default = false, empty = true")).1)[2..],
        ["enabled=false", "enabled=true", "enabled=true"]
    );
}

#[test]
fn an_unmapped_status_never_becomes_a_success() {
    let mapping = "record = \"restore_tests\"\n[read]\nformat = \"csv\"\n[fields]\ntest_id = \"id\"\napplication = \"app\"\nresult = \"res\"\n";
    let (_, kept) = read("t.csv", "id,app,res\n1,Paie,Presque OK\n2,Paie,conform\n", mapping);
    assert_eq!(kept.table("restore_tests"), ["test_id=SYS:2 application=Paie result=conform"]);
    assert!(kept.rejects[0].1.contains("\"Presque OK\" is not one of conform, conform_with_reserve"), "{}", kept.rejects[0].1);
}

#[test]
fn origins_joined_first_template_constant_flags_and_cases() {
    let mapping = r#"
record = "accounts"
people = "RH"
attributes = ["ville"]
[read]
format = "csv"
[fields]
login = { template = "{user}@{host}" }
display_name = { columns = ["p", "n"], join = "-" }
emails = { column = "mels", split = "|" }
kind = { cases = [{ when = [{ column = "user", matches = "^svc_" }], value = "service" }], const = "human" }
last_login_at = { first_of = ["current", "last", "absent"] }
owner = "chef"
entitlements = { flags = { adm = "ADMIN", aud = "AUDIT" } }
[rights]
privileged_matches = "ADM"
"#;
    let text = "user,host,p,n,mels,current,last,chef,adm,aud,ville\n\
                svc_x,h,,N,A@b.fr|| c@d.fr |A@B.fr,,2026-01-02,0042,oui,non,Lyon\n\
                bob,h,P,N,,2026-01-03T10:00Z,2026-01-02,Chef@X.fr,f,1,\n";
    let (_, kept) = read("a.csv", text, mapping);
    assert_eq!(
        kept.table("accounts"),
        [
            "account_id=SYS:svc_x@h system=SYS login=svc_x@h display_name=N emails=a@b.fr;c@d.fr kind=service \
             last_login_at=2026-01-01T23:00:00Z last_login_precision=exact owner_id=RH:42 link_status=none attributes={\"ville\":\"Lyon\"}",
            "account_id=SYS:bob@h system=SYS login=bob@h display_name=P-N kind=human last_login_at=2026-01-03T10:00:00Z \
             last_login_precision=exact owner_id=mailto:chef@x.fr link_status=none attributes={}",
        ]
    );
    assert_eq!(
        kept.table("entitlements"),
        [
            "entitlement_id=SYS:ADMIN system=SYS resource=SYS name=ADMIN privileged=true",
            "entitlement_id=SYS:AUDIT system=SYS resource=SYS name=AUDIT privileged=false",
        ]
    );
}

#[test]
fn rows_out_of_scope_are_understood_and_counted() {
    let mapping = "record = \"documents\"\nkeep_when = [{ column = \"type\", equals = \"PSSI\" }]\nskip_when = [{ column = \"n\", above = 2 }, { column = \"p\", empty = true }]\n[read]\nformat = \"csv\"\n[fields]\npath = \"p\"\n";
    let (reading, kept) = read("d.csv", "p,type,n\na,pssi,1\nb,autre,1\nc,PSSI,3\n,PSSI,1\n,,\n", mapping);
    assert_eq!(kept.table("documents"), ["document_id=SYS:a path=a strength=declared"]);
    assert_eq!((reading.rows_seen, reading.rows_kept, reading.details["skipped"], reading.details["blank_rows"]), (4, 4, 3, 1));
}

#[test]
fn the_latest_event_of_a_key_makes_the_record() {
    let mapping = r#"
record = "incidents"
latest = { key = "number", by = "updated", date = "dd/mm/yyyy HH:MM" }
[read]
format = "csv"
[fields]
incident_id = "number"
title = "t"
status = { column = "state", values = { New = "open", Closed = "closed" } }
"#;
    let text = "number,t,state,updated\nI1,a,New,29/2/2016 01:16\nI2,b,New,29/2/2016 01:16\nI1,a,Closed,5/3/2016 12:00\nI1,a,Odd,1/3/2016 12:00\nI3,c,New,30/2/2016 01:00\n";
    let (reading, kept) = read("i.csv", text, mapping);
    assert_eq!(
        kept.table("incidents"),
        ["incident_id=SYS:I2 tracker=SYS title=b status=open", "incident_id=SYS:I1 tracker=SYS title=a status=closed"]
    );
    assert_eq!(reading.details["superseded"], 2);
    assert!(kept.rejects[0].1.contains("latest.by: \"30/2/2016 01:00\" does not exist"));
}

#[test]
fn a_row_said_twice_is_one_record_and_a_contradiction_is_told() {
    let mapping = "record = \"people\"\n[read]\nformat = \"csv\"\n[fields]\nemployee_id = \"m\"\ndisplay_name = \"n\"\n";
    let (reading, kept) = read("p.csv", "m,n\n7,A\n007,B\n7,A\n000,Z\n", mapping);
    assert_eq!(kept.table("people").len(), 1);
    assert_eq!(reading.details["repeated"], 1);
    assert!(kept.rejects[0].1.starts_with("SYS:7 was already read at row 2 with other values"), "{}", kept.rejects[0].1);
    assert_eq!(kept.rejects[1].1, "employee_id: \"000\" is not an employee number");
}

#[test]
fn grants_name_resources_holders_and_paths() {
    let mapping = r#"
record = "grants"
[read]
format = "csv"
[fields]
login = "user"
account_id = "id"
entitlement = "role"
resource = "base"
via = { column = "via" }
[rights]
privileged = ["DBA"]
declare_accounts = true
"#;
    let (_, kept) =
        read("g.csv", "user,id,role,base,via\na,1,dba,PAIE,\na,1,lecture,PAIE,grp > tous\n,,x,PAIE,\na,1,dba,PAIE,\n", mapping);
    assert_eq!(
        kept.table("grants"),
        [
            "account_id=SYS:1 entitlement_id=SYS:PAIE/dba direct=true",
            "account_id=SYS:1 entitlement_id=SYS:PAIE/lecture direct=false via=grp > tous",
        ]
    );
    assert_eq!(kept.table("entitlements")[0], "entitlement_id=SYS:PAIE/dba system=SYS resource=PAIE name=dba privileged=true");
    assert_eq!(kept.table("accounts").len(), 1);
    assert_eq!(kept.reasons(), ["4: no holder: login, account_id, logins and groups are all empty"]);
}

#[test]
fn assets_bring_hosts_from_one_row_or_several() {
    let mapping = r#"
record = "assets"
people = "RH"
[read]
format = "csv"
delimiter = ";"
decimal_comma = true
[fields]
application = "Application"
hosts = { column = "Serveurs", split = "," }
owner = "Responsable"
rto_minutes = { column = "RTO", unit = "hours" }
rpo_minutes = "RPO"
backup_expected = "Sauvegarde"
restore_test_every_days = { const = 180 }
"#;
    let text = "Application;Serveurs;Responsable;RTO;RPO;Sauvegarde\nPaie;SRV1.x.fr, srv2;0012;4;24h;oui\nPaie;srv3;0012;4;1 j;oui\nPaie;srv4;13;4;24h;oui\n";
    let (_, kept) = read("a.csv", text, mapping);
    assert_eq!(
        kept.table("assets"),
        [
            "asset_id=SYS:Paie application=Paie owner_id=RH:12 backup_expected=true rto_minutes=240 rpo_minutes=1440 restore_test_every_days=180"
        ]
    );
    assert_eq!(
        kept.table("asset_hosts"),
        ["asset_id=SYS:Paie host=srv1", "asset_id=SYS:Paie host=srv2", "asset_id=SYS:Paie host=srv3"]
    );
    assert!(kept.rejects[0].1.contains("with other values"));
}

#[test]
fn jobs_that_are_not_done_have_no_outcome_and_no_parent_is_no_parent() {
    let mapping = "record = \"backup_jobs\"\n[read]\nformat = \"csv\"\nheader = false\n[fields]\njob_id = 1\nparent_id = 2\nclient = 3\njob_type = { const = \"backup\" }\nstate = 4\noutcome = { column = 5, values = { 0 = \"success\" } }\nbytes = { column = 6, unit = \"KiB\" }\n";
    let (_, kept) = read("j.csv", "1,0,A.x,done,0,2\n2,2,A,active,0\n3,1,A,done,0,1\n", mapping);
    assert_eq!(
        kept.table("backup_jobs"),
        [
            "job_id=SYS:1 tool=SYS client=a job_type=backup state=done outcome=success bytes=2048",
            "job_id=SYS:2 tool=SYS client=a job_type=backup state=active outcome=unknown",
            "job_id=SYS:3 parent_id=SYS:1 tool=SYS client=a job_type=backup state=done outcome=success bytes=1024",
        ]
    );
}

#[test]
fn a_manager_or_owner_written_0_is_nobody() {
    let mapping =
        "record = \"people\"\n[read]\nformat = \"csv\"\n[fields]\nemployee_id = \"m\"\ndisplay_name = \"n\"\nmanager = \"r\"\n";
    let (_, kept) = read("p.csv", "m,n,r\n1,A,0000\n2,B,0001\n", mapping);
    assert!(!kept.table("people")[0].contains("manager_id"));
    assert!(kept.table("people")[1].contains("manager_id=SYS:1 "));
}

#[test]
fn changes_documents_vulnerabilities_and_their_derived_fields() {
    let change = "record = \"changes\"\n[read]\nformat = \"csv\"\n[fields]\nchange_id = \"Clé\"\ntitle = \"Résumé\"\nstatus = \"s\"\napprovers = \"Approbateur\"\ntickets = { column = \"Labels\", extract = '[A-Z]+-\\d+' }\n";
    let (_, kept) = read("c.csv", "Clé,Résumé,s,Approbateur,Approbateur,Labels,Labels\nC-1,t,done,Ann,Bob,rien,INC-4\n", change);
    assert_eq!(kept.table("changes"), ["change_id=SYS:C-1 tracker=SYS title=t approvers=Ann;Bob status=done tickets=INC-4"]);
    let document = "record = \"documents\"\n[read]\nformat = \"csv\"\n[fields]\npath = \"p\"\nlast_review = \"l\"\nreview_every_months = \"e\"\n";
    let (_, kept) = read("d.csv", "p,l,e\na,2026-08-31,6\n", document);
    assert!(kept.table("documents")[0].contains("last_review=2026-08-31 next_review=2027-02-28"));
    let finding = "record = \"vulnerabilities\"\n[read]\nformat = \"csv\"\n[fields]\nfinding = \"f\"\nasset = \"a\"\nseverity = \"s\"\nstatus = { const = \"open\" }\nfirst_seen = { column = \"d\", date = \"epoch\", zone = \"UTC\" }\n";
    let (_, kept) = read("v.csv", "f,a,s,d\nCVE-1,srv1,HIGH,1795428771\n", finding);
    assert_eq!(
        kept.table("vulnerabilities"),
        ["vulnerability_id=SYS:CVE-1@srv1 finding=CVE-1 asset=srv1 severity=high first_seen=2026-11-23T10:12:51Z status=open"]
    );
}

#[test]
fn several_files_are_read_in_order_and_a_reject_says_which() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("b.csv"), "n,m\nB,x y\n").unwrap();
    std::fs::write(folder.path().join("a.csv"), "m,n\n1,A\n").unwrap();
    let mapping = "path = \"?.csv\"\nrecord = \"people\"\n[read]\nformat = \"csv\"\n[fields]\nemployee_id = \"m\"\ndisplay_name = \"n\"\njoined_on = { column = \"m\", date = \"yyyymmdd\", optional = true }\n";
    let (reading, kept) = harvest(folder.path(), mapping).unwrap();
    assert_eq!(reading.pages, 2);
    assert!(kept.rejects[1].1.starts_with("b.csv: joined_on: \"x y\" is not such a date"), "{:?}", kept.rejects);
    assert_eq!(kept.captured(), "m,n\n1,A\nn,m\nB,x y\n");
}

#[test]
fn a_mapping_that_cannot_be_meant_is_refused_with_its_key() {
    let base = "path = \"x\"\nrecord = \"people\"\n[read]\nformat = \"csv\"\n[fields]\nemployee_id = \"m\"\ndisplay_name = \"n\"\n";
    let refused = |mapping: &str| compile(mapping).map(|_| ()).unwrap_err();
    assert!(compile(base).is_ok());
    for (mapping, message) in [
        (base.replace("display_name", "displayname"), "fields.displayname: people have no such field; known are employee_id"),
        (base.replace("employee_id = \"m\"\n", ""), "fields.employee_id: people need it: say which column it is in"),
        (base.replace("display_name = \"n\"\n", ""), "fields: people need a name"),
        (base.replace("people", "persons"), "record: \"persons\" is not a kind of record; known are people, accounts"),
        (base.replace("path = \"x\"\n", ""), "path: say which file to read"),
        (base.replace("format = \"csv\"", ""), "read.format: say how the file is written"),
        (
            base.replace("format = \"csv\"", "format = \"csv\"\npattern = 'x'"),
            "read.pattern: this key is not for format csv; remove it",
        ),
        (base.replace("format = \"csv\"", "format = \"lines\""), "read.pattern: this format needs it"),
        (
            base.replace("format = \"csv\"", "format = \"csv\"\ndelimiter = \"||\""),
            "read.delimiter: \"||\" is not one ASCII character",
        ),
        (
            base.replace("format = \"csv\"", "format = \"csv\"\nencodings = [\"ansi-x\"]"),
            "read.encodings: \"ansi-x\" is not an encoding",
        ),
        (base.replace("format = \"csv\"", "format = \"json\"\nrecords = \"data\""), "read.records: \"data\" is not a JSON pointer"),
        (
            base.replace("\"n\"", "{ column = \"n\", extract = '(' }"),
            "fields.display_name.extract: this is not a regular expression",
        ),
        (base.replace("\"n\"", "{ column = \"n\", const = \"x\" }"), "fields.display_name: say exactly one origin"),
        (base.replace("\"n\"", "{ column = \"n\", date = \"iso\" }"), "fields.display_name.date: this target is not a date"),
        (base.replace("\"n\"", "{ column = \"n\", default = \"x\" }"), "fields.display_name.default: a default is for words"),
        (base.replace("\"n\"", "{ template = \"{n\" }"), "fields.display_name.template: \"{n\" opens a brace"),
        (
            format!("{base}joined_on = {{ column = \"j\", date = \"dd/MM/yyyy\" }}\n"),
            "fields.joined_on.date: the date format \"dd/MM/yyyy\" has minutes",
        ),
        (
            format!("{base}joined_on = {{ column = \"j\", zone = \"Paris\" }}\n"),
            "fields.joined_on.zone: \"Paris\" is not a time zone",
        ),
        (
            format!("{base}status = {{ column = \"s\", values = {{ Actif = \"actif\" }} }}\n"),
            "fields.status.values.Actif: \"actif\" is not one of active, left, unknown",
        ),
        (format!("redact = [\"N\"]\n{base}"), "redact: \"N\" is redacted and also used"),
        (format!("rest = \"attributes\"\n{base}"), "attributes: only accounts have attributes"),
        (format!("skip_when = [{{ column = \"n\" }}]\n{base}"), "skip_when[1]: a test takes exactly one of equals"),
        (format!("preset = \"sap\"\n{base}"), "preset: \"sap\" is not a preset; shipped are bareos-restore"),
        (base.replace("\"n\"", "{ colum = \"n\" }"), "unknown field `colum`"),
        (format!("{base}[read2]\n"), "unknown field `read2`"),
        (base.replace("\"n\"", "0"), "a position counts from 1"),
    ] {
        let refusal = refused(&mapping);
        assert!(refusal.contains(message), "{message:?} is not in {refusal:?}");
    }
    let asset = "path = \"x\"\nrecord = \"assets\"\n[read]\nformat = \"csv\"\n[fields]\napplication = \"a\"\nowner = \"o\"\n";
    assert!(refused(asset).contains("fields.owner: an owner needs `people`"));
}
