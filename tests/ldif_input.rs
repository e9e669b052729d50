//! Directory exports as files: encodings, redaction, completeness, and what bad input does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod ldif_support;

use std::fs;
use std::path::Path;

use ldif_support::{Rows, fixture, harvest, harvest_bytes, refused, request};
use probant::sources::ldif::LdifConfig;
use probant::sources::{RawCapture, Source as _, SourceError};

#[test]
fn secrets_never_reach_the_capture_whatever_their_form() {
    for name in ["active_directory.ldif", "openldap.ldif"] {
        let got = fixture(name, "");
        let capture = String::from_utf8(got.capture).unwrap();
        for secret in ["cafebabe", "InMAZQBj", "e1NTSEF9", "c2VjcmV0"] {
            assert!(!capture.contains(secret), "{name}: {secret}");
        }
        assert!(capture.contains("[redacted]\n"), "{name}");
        let original = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ldif").join(name)).unwrap();
        assert!(capture.lines().count() <= original.lines().count());
        assert!(capture.lines().all(|line| line.ends_with("[redacted]") || original.lines().any(|known| known == line)), "{name}");
    }
    let text = "dn: cn=a,dc=x\nuserPassword;x-hash:: c2Vj\n cmV0\nuser\n Password: cafe\n babe\n# userPassword: cafebabe\n#\n  userPassword: cafe\nms-Mcs-AdmPwd:cafebabe\nSAMBANTPASSWORD:< file:///cafebabe\nuid: a\ncn: a\n";
    let mut utf16 = vec![0xFF, 0xFE];
    utf16.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    for bytes in [text.as_bytes().to_vec(), text.replace('\n', "\r\n").into_bytes(), utf16] {
        let got = harvest_bytes(&bytes, "").unwrap();
        let capture = String::from_utf8(got.capture).unwrap();
        for secret in ["cafe", "babe", "c2Vj", "cmV0"] {
            assert!(!capture.contains(secret), "{capture}");
        }
        assert_eq!(capture.matches("[redacted]").count(), 6, "{capture}");
        assert!(capture.contains("uid: a"));
        assert_eq!(got.reading.rows_kept, 1);
    }
}

#[test]
fn the_rest_of_a_secret_on_a_line_of_its_own_is_redacted_and_the_capture_reads_the_same() {
    let text =
        "dn: uid=a,dc=x\nuid: a\n\ndn: uid=b,dc=x\nuid: b\nuserPassword:: c2Vj\ncmV0cmV0\ncafebabe\n\ndn: uid=c,dc=x\nuid: c\n";
    let got = harvest_bytes(text.as_bytes(), "").unwrap();
    let capture = String::from_utf8(got.capture).unwrap();
    assert!(capture.contains("userPassword: [redacted]\n[redacted]\n[redacted]\n\ndn: uid=c"), "{capture}");
    assert_eq!(got.rejects, ["2|line 7: a line without a colon|uid=b,dc=x"]);
    let again = harvest_bytes(capture.as_bytes(), "").unwrap();
    assert_eq!((again.rejects, again.tables), (got.rejects, got.tables));
    assert_eq!(String::from_utf8(again.capture).unwrap(), capture);
}

#[test]
fn ldapsearch_says_whether_all_came() {
    let entries =
        "# extended LDIF\n#\n# LDAPv3\n\n# a, x\ndn: uid=a,dc=x\nuid: a\n\n# search reference\nref: ldap://other/dc=y\n\n";
    let whole = harvest_bytes(
        format!(
            "{entries}# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 3\n# numEntries: 1\n# numReferences: 1\n"
        )
        .as_bytes(),
        "",
    )
    .unwrap();
    assert_eq!((whole.reading.rows_seen, whole.reading.server_count, whole.reading.incomplete.clone()), (1, Some(1), None));
    assert_eq!(whole.reading.details["references"], 1);
    let limited =
        harvest_bytes(format!("{entries}search: 2\nresult: 4 Size limit exceeded\n\n# numEntries: 2\n").as_bytes(), "").unwrap();
    let reason = limited.reading.incomplete.unwrap();
    assert!(reason.contains("result 4 (line 13), size limit exceeded: ask the directory's administrator"), "{reason}");
    assert!(reason.contains("ldapsearch counted 2 entries and 1 are in the export"), "{reason}");
    let cut = harvest_bytes(entries.as_bytes(), "").unwrap();
    assert!(cut.reading.incomplete.unwrap().contains("final `result:` is not"));
}

#[test]
fn a_cut_file_loses_its_last_entry_and_says_so() {
    let head = "dn: uid=a,dc=x\nuid: a\n\ndn: uid=b,dc=x\nuid: b\n";
    for (tail, why) in [
        ("objectCla", "line 6: a line without a colon"),
        ("cn:: w6kgYg", "line 6: cn: base64 that does not decode"),
        ("cn:: w6kg\n YQ", "line 6: cn: base64"),
    ] {
        let cut = harvest_bytes(format!("{head}{tail}").as_bytes(), "").unwrap();
        assert_eq!((cut.reading.rows_seen, cut.reading.rows_kept, cut.rejects.len()), (2, 1, 1), "{tail}");
        assert!(cut.rejects[0].starts_with(&format!("2|{why}")) && cut.rejects[0].ends_with("|uid=b,dc=x"), "{}", cut.rejects[0]);
        assert!(cut.reading.incomplete.unwrap().contains("ends in the middle of an entry (line 6)"));
    }
    // Half a value looks like a whole one: only the missing line break tells.
    let short = harvest_bytes(head.trim_end().as_bytes(), "").unwrap();
    assert_eq!(short.reading.rows_kept, 2);
    assert!(short.reading.incomplete.unwrap().contains("ends in the middle of an entry (line 5)"));
}

#[test]
fn damage_in_the_middle_loses_one_entry() {
    let text = "dn: uid=a,dc=x\nuid: a\n\ndn: nobody\nuid: n\n\ndn:: !!\nuid: m\n\nuid: headless\n\ndn: uid=b,dc=x\ntwo words: x\nuid: b\n\ndn: uid=c,dc=x\nuid: c\n";
    let got = harvest_bytes(text.as_bytes(), "").unwrap();
    assert_eq!((got.reading.rows_seen, got.reading.rows_kept), (6, 2));
    let reasons: Vec<_> = got.rejects.iter().map(|reject| reject.split('|').nth(1).unwrap()).collect();
    assert_eq!(reasons[0], "line 4: dn: the name has a part without `=`");
    assert!(reasons[1].starts_with("line 7: dn: base64 that does not decode"));
    assert_eq!(reasons[2..], ["line 10: a record that does not begin with `dn:`", "line 13: this is no attribute description"]);
    assert_eq!(got.reading.incomplete, None);
}

#[test]
fn the_same_entry_twice_is_kept_once() {
    let entry = "dn: uid=a,dc=x\nobjectClass: account\nuid: a\nentryUUID: aaaabbbb-cccc-dddd-0000-000000000001\n\n";
    let group = "dn: cn=g,dc=x\nobjectClass: groupOfNames\ncn: g\nmember: uid=a,dc=x\n\n";
    let got = harvest_bytes(format!("{entry}{group}{entry}{group}").as_bytes(), "").unwrap();
    assert_eq!((got.reading.rows_seen, got.reading.rows_kept, got.rejects.len()), (4, 2, 2));
    assert!(got.rejects[0].starts_with("3|line 11: the same account came before"), "{}", got.rejects[0]);
    assert_eq!((got.rows("accounts").len(), got.rows("entitlements").len(), got.rows("grants").len()), (1, 1, 1));
}

#[test]
fn what_is_no_export_is_refused_with_its_line() {
    for (bytes, message) in [
        (&b"dn: uid=a,dc=x\nchangetype: modify\nreplace: mail\n"[..], "line 2: a change record (`changetype: modify`)"),
        (b"version: 2\n", "line 1: LDIF version 2 is not known"),
        (b"hello world\n", "line 1: this is not LDIF (a line without a colon; expected `dn: …`)"),
        (b"\x1f\x8b\x08stuff\n", "decompress it first"),
        (b"dn: uid=a,dc=x\nuid: a\0\n", "line 2: a NUL byte: binary data, not LDIF"),
        (b"{\"dn\": 1}\n", "it looks like JSON or XML"),
        (b"ldap_bind: Invalid credentials (49)\n", "error message of ldapsearch"),
    ] {
        let error = refused(bytes);
        assert!(error.contains(message), "{error}");
    }
    assert!(refused(b"").contains("is empty"));
    let missing = harvest(Path::new("/no/such/export.ldif"), "").err().unwrap().to_string();
    assert!(missing.contains("/no/such/export.ldif") && missing.contains("does not exist"), "{missing}");
    let nothing = harvest_bytes(b"version: 1\n\n# nothing\n", "").unwrap();
    assert!(nothing.reading.incomplete.unwrap().starts_with("no entry: check the base"));
}

#[test]
fn ldifde_marks_every_entry_as_added_and_writes_utf16() {
    let text = "dn: CN=Zoé,DC=x\r\nchangetype: add\r\nobjectClass: user\r\nsAMAccountName: zoe\r\ndisplayName: Zoé Œuf\r\n\r\n";
    for little in [true, false] {
        let mut bytes = if little { vec![0xFF, 0xFE] } else { vec![0xFE, 0xFF] };
        bytes.extend(text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }));
        let got = harvest_bytes(&bytes, "").unwrap();
        assert_eq!(got.account("zoe")["display_name"], "Zoé Œuf");
        assert_eq!(
            (got.reading.details["changetype_add"], got.reading.query["files"][0]["encoding"].as_str()),
            (1, Some(if little { "utf-16le" } else { "utf-16be" }))
        );
        assert_eq!(String::from_utf8(got.capture).unwrap(), text, "the capture is UTF-8");
        bytes.pop();
        assert!(harvest_bytes(&bytes, "").unwrap().reading.incomplete.unwrap().contains("middle of a character"));
    }
}

#[test]
fn without_classes_or_ids_logins_still_make_accounts() {
    let got = harvest_bytes(b"dn: cn=Amy Wong+sn=Kroker,dc=x\ncn: Amy Wong\nuid: amy\nmail: AMY@x.org\n", "").unwrap();
    let amy = got.account("amy");
    assert_eq!((amy["account_id"].as_str(), amy["emails"].as_str()), ("annuaire:cn=amy wong+sn=kroker,dc=x", "amy@x.org"));
    assert_eq!(amy["last_login_precision"], "none");
    assert!(!amy.contains_key("enabled"), "nobody can tell");
    assert!(got.reading.query["flavour_because"].as_str().unwrap().starts_with("no entry carries an immutable id"));
}

#[test]
fn values_in_files_of_their_own_need_leave() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("name.txt"), "Jo").unwrap();
    let file = dir.path().join("a.ldif");
    let url = format!("file://{}/name.txt", dir.path().display());
    fs::write(&file, format!("dn: uid=a,dc=x\nuid: a\ndisplayName:< {url}\njpegPhoto:< {url}\n")).unwrap();
    let refused = harvest(&file, "").unwrap();
    assert!(
        refused.rejects[0].contains("line 3: displayName: the value stands in another file")
            && refused.rejects[0].contains("allow_urls = true")
    );
    assert_eq!(harvest(&file, "allow_urls = true").unwrap().account("a")["display_name"], "Jo");
}

#[test]
fn several_files_make_one_directory() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("people.ldif"), "version: 1\ndn: uid=a,dc=x\nobjectClass: account\nuid: a\n\ndn: broken\nuid: b")
        .unwrap();
    fs::write(dir.path().join("zgroups.ldif"), "version: 1\ndn: cn=g,dc=x\nobjectClass: groupOfNames\ncn: g\nmember: uid=a,dc=x\n")
        .unwrap();
    let got = harvest(&dir.path().join("*.ldif"), "").unwrap();
    assert_eq!(got.grants("a"), ["g direct"]);
    assert_eq!((got.reading.pages, got.reading.rows_seen, got.reading.rows_kept), (2, 3, 2));
    assert!(got.rejects[0].contains("people.ldif, line 6: dn: the name"), "{}", got.rejects[0]);
    let again = harvest_bytes(&got.capture, "").unwrap();
    assert_eq!(again.rows("grants"), got.rows("grants"), "the capture alone gives the same rows");
}

#[test]
fn a_full_disk_is_told_as_such() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    impl RawCapture for Full {
        fn restart(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ldif/openldap.ldif");
    let config: LdifConfig = toml::from_str(&format!("path = '{}'", path.display())).unwrap();
    let error = config.harvest(&request(), &mut Rows::default(), &mut Full).unwrap_err();
    assert!(matches!(error, SourceError::Capture(_)), "{error}");
}

#[test]
fn endless_lines_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("huge.ldif");
    let file = fs::File::create(&path).unwrap();
    // A sparse file: no line break, and no text either.
    file.set_len(2 << 30).unwrap();
    let zeros = harvest(&path, "").err().unwrap().to_string();
    assert!(zeros.contains("line 1: a NUL byte: binary data"), "{zeros}");
    let mut text = b"dn: uid=a,dc=x\nuid: a\ndescription: ".to_vec();
    text.resize(64 << 20, b'x');
    fs::write(&path, &text).unwrap();
    let long = harvest(&path, "").err().unwrap().to_string();
    assert!(long.contains("line 3: a value or line longer than 16 MiB") && long.contains("export without it"), "{long}");
}
