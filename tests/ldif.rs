//! Directory exports, from file to rows: decoded states, groups, completeness, redaction, and what hostile input does.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod ldif_support;

use std::fs;
use std::path::Path;

use ldif_support::{Harvested, harvest, harvest_bytes, refused};
use serde_json::json;

fn fixture(name: &str, config: &str) -> Harvested {
    harvest(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ldif").join(name), config).unwrap()
}

#[test]
fn active_directory_accounts_are_decoded() {
    let ad = fixture("active_directory.ldif", "");
    let jean = ad.account("jdupre");
    assert_eq!(jean["account_id"], "annuaire:11112222-3333-4444-0000-000000000450");
    assert_eq!((jean["kind"].as_str(), jean["display_name"].as_str(), jean["employee_id"].as_str()), ("human", "Jean Dupré", "007042"));
    assert_eq!(jean["emails"], "jean.dupre@agence.example;jdupre@agence.example");
    assert_eq!((jean["enabled"].as_str(), jean["locked"].as_str()), ("true", "false"));
    assert_eq!((jean["last_login_at"].as_str(), jean["last_login_precision"].as_str()), ("2026-09-22T09:30:00Z", "days_14"));
    assert_eq!((jean["created_at"].as_str(), jean["password_changed_at"].as_str()), ("2020-01-02T03:04:05Z", "2026-08-01T00:00:00Z"));
    assert!(!jean.contains_key("expires_on"), "never");
    let rest = ad.attributes("jdupre");
    assert_eq!(rest["upn"], "jdupre@agence.example");
    assert_eq!(rest["description"], "Poste \"A\"; bâtiment B");
    assert_eq!(rest["manager"], "CN=Martin,OU=Agents,dc=agence,dc=example");
    assert_eq!((&rest["admin_count"], &rest["sid_history"]), (&json!(1), &json!(["S-1-5-21-7-8-9-777"])));
    assert_eq!((&rest["department"], &rest["title"], &rest["employeeType"]), (&json!("Finances"), &json!("Comptable"), &json!("titulaire")));
    assert_eq!(rest["sid"], "S-1-5-21-1000-2000-3000-1104");

    let service = ad.account("svc_sauvegarde");
    assert_eq!((service["kind"].as_str(), service["password_never_expires"].as_str()), ("service", "true"));
    let rest = ad.attributes("svc_sauvegarde");
    for flag in ["password_not_required", "reversible_password", "no_preauth", "des_only", "unconstrained_delegation"] {
        assert_eq!(rest[flag], true, "{flag}");
    }
    assert!(rest.get("smartcard_required").is_none());
    assert_eq!(rest["spn"], json!(["backup/srv1.agence.example", "backup/srv1"]));
    assert_eq!(ad.attributes("Carte")["smartcard_required"], true);
    assert_eq!(ad.account("Carte")["password_never_expires"], "true");
    assert_eq!((ad.account("gmsa-sql$")["kind"].as_str(), ad.account("gmsa-sql$")["password_never_expires"].as_str()), ("service", "false"));
    assert_eq!((ad.account("krbtgt")["kind"].as_str(), ad.account("Invité")["kind"].as_str()), ("system", "system"));
    assert_eq!(ad.reading.details["computers"], 1);
    assert_eq!(ad.reading.details["contacts"], 1);
    assert_eq!(ad.reading.query["flavour_because"], "the entries carry objectGUID");
    assert_eq!(ad.rows("accounts").len(), 10);
}

#[test]
fn active_directory_locks_end_and_policies_standing_last_still_count() {
    let ad = fixture("active_directory.ldif", "");
    let martin = ad.account("martin");
    assert_eq!((martin["enabled"].as_str(), martin["locked"].as_str()), ("false", "true"), "locked 15 minutes ago for 30");
    assert_eq!(martin["expires_on"], "2026-12-31T23:00:00Z");
    assert_eq!(martin["password_never_expires"], "false", "the domain's 42 days");
    let petit = ad.account("petit");
    assert_eq!(petit["locked"], "false", "an old lockoutTime is not a lock");
    assert_eq!(ad.attributes("petit")["must_change_password"], true);
    assert!(!petit.contains_key("last_login_at") && petit["last_login_precision"] == "days_14");
    assert_eq!(ad.account("jdupre")["password_never_expires"], "true", "through a PSO on a group that holds his group");
    assert_eq!(ad.account("Politique")["password_never_expires"], "true", "through a PSO on the account");
    assert_eq!(ad.account("Illisible")["password_never_expires"], "false");
}

#[test]
fn a_value_that_cannot_be_read_does_not_lose_the_account() {
    let ad = fixture("active_directory.ldif", "");
    assert!(!ad.account("Illisible").contains_key("expires_on"));
    assert_eq!(ad.attributes("Illisible")["unreadable"], json!(["accountExpires"]));
    assert_eq!(ad.reading.details["unreadable_values"], 1);
}

#[test]
fn groups_nest_through_cycles_and_primary_groups_count() {
    let ad = fixture("active_directory.ldif", "");
    assert_eq!(
        ad.grants("jdupre"),
        [
            "Administrators nested G_interne > G_milieu > Domain Admins > Administrators",
            "Domain Admins nested G_interne > G_milieu > Domain Admins",
            "Domain Users direct",
            "G_cycle nested G_interne > G_milieu > G_cycle",
            "G_interne direct",
            "G_milieu nested G_interne > G_milieu",
        ]
    );
    assert_eq!(ad.grants("svc_sauvegarde"), ["Administrators nested Domain Admins > Administrators", "Domain Admins direct"], "primaryGroupID 512");
    assert_eq!(ad.grants("krbtgt"), ["Domain Users direct"]);
    assert_eq!(ad.grants("Invité"), ["Domain Guests direct"], "known by its RID only");
    let privileged: Vec<_> = ad.rows("entitlements").iter().filter(|row| row["privileged"] == "true").map(|row| row["name"].clone()).collect();
    assert_eq!(privileged, ["Domain Admins", "DnsAdmins", "Administrators"]);
    assert_eq!(ad.entitlement("G_milieu")["privileged"], "false");
    assert_eq!(ad.entitlement("Domain Admins")["description"], "Administrateurs du domaine");
    assert_eq!(ad.entitlement("Domain Admins")["resource"], "CN=Users,dc=agence,dc=example");
    assert_eq!(ad.reading.query["foreign_members"], json!(["cn=s-1-5-21-9-9-9-1000,cn=foreignsecurityprincipals,dc=agence,dc=example"]));
    assert_eq!(ad.reading.query["unresolved_members"], json!(["cn=disparu,ou=agents,dc=agence,dc=example"]));
    let incomplete = ad.reading.incomplete.as_deref().unwrap();
    assert!(incomplete.contains("first members of 1 group(s) (CN=G_grand,"), "{incomplete}");
}

#[test]
fn openldap_accounts_are_decoded() {
    let config = "default_policy = 'cn=defaut,ou=policies,dc=exemple,dc=org'\nservice_logins = ['^SVC-']\nprivileged_groups = ['CN=Audit, ou=groupes,dc=exemple,dc=org', 'cn=absent,dc=exemple,dc=org']";
    let ldap = fixture("openldap.ldif", config);
    let alice = ldap.account("alice");
    assert_eq!(alice["account_id"], "annuaire:aaaabbbb-cccc-dddd-0000-000000000001");
    assert_eq!((alice["last_login_at"].as_str(), alice["last_login_precision"].as_str()), ("2026-09-27T07:00:00.123456Z", "exact"));
    assert_eq!((alice["enabled"].as_str(), alice["locked"].as_str(), alice["password_never_expires"].as_str()), ("true", "false", "false"));
    let bruno = ldap.account("bruno");
    assert_eq!((bruno["locked"].as_str(), bruno["last_login_precision"].as_str()), ("true", "coarse"), "half an hour of a lock of one hour");
    assert_eq!(ldap.attributes("bruno")["must_change_password"], true);
    let carole = ldap.account("carole");
    assert_eq!((carole["locked"].as_str(), carole["expires_on"].as_str()), ("false", "2026-12-31T00:00:00Z"));
    let denis = ldap.account("denis");
    assert_eq!((denis["enabled"].as_str(), denis["locked"].as_str()), ("false", "true"), "000001010000Z is for good");
    let eve = ldap.account("eve");
    assert_eq!((eve["locked"].as_str(), eve["password_never_expires"].as_str()), ("true", "true"), "her own policy has no end");
    assert_eq!(ldap.account("svc-batch")["kind"], "service");
    let admin = ldap.account("admin");
    assert_eq!((admin["kind"].as_str(), admin["account_id"].as_str()), ("unknown", "annuaire:cn=admin,dc=exemple,dc=org"));
    assert_eq!(ldap.attributes("admin")["id_from"], "dn");
    assert_eq!(ldap.reading.details["ids_from_dn"], 1);
    assert_eq!(ldap.entitlement("audit")["privileged"], "true");
    assert_eq!(ldap.entitlement("compta")["privileged"], "false");
    assert_eq!(ldap.reading.query["privileged_groups_not_found"], json!(["cn=absent,dc=exemple,dc=org"]));
    assert_eq!(ldap.reading.query["default_policy"]["basis"], "declared");
}

#[test]
fn openldap_groups_of_every_kind() {
    let ldap = fixture("openldap.ldif", "");
    assert!(!ldap.entitlement("audit").contains_key("privileged"), "nobody can tell");
    assert_eq!(ldap.grants("alice"), ["audit direct", "compta direct", "unix direct"], "direct wins over nested; gidNumber counts");
    assert_eq!(ldap.grants("bruno"), ["audit direct", "compta nested audit > compta"]);
    assert_eq!(ldap.grants("carole"), ["unix direct"], "memberUid in any case");
    assert_eq!(ldap.grants("fred"), ["Hors Export direct", "compta direct"], "memberOf adds what no group says");
    assert_eq!(ldap.entitlement("Hors Export")["resource"], "ou=ailleurs,dc=exemple,dc=org");
    let details = &ldap.reading.details;
    assert_eq!((details["dynamic_groups_not_expanded"], details["groups_not_in_export"], details["unresolved_members"]), (1, 1, 2));
    assert!(!ldap.account("bruno").contains_key("password_never_expires"), "two policies and none declared: nobody can tell");
    assert!(!ldap.account("bruno").contains_key("locked"));
}

#[test]
fn ds389_and_ibm_accounts_are_decoded() {
    let ds = fixture("ds389.ldif", "");
    let state = |login| {
        let row = ds.account(login);
        let get = |column: &str| row.get(column).cloned().unwrap_or_default();
        [get("enabled"), get("locked"), get("password_never_expires")]
    };
    assert_eq!(ds.account("anna")["account_id"], "annuaire:3b515aa8-7b721001-99d1bf23-68312026");
    assert_eq!((ds.account("anna")["last_login_at"].as_str(), ds.account("anna")["last_login_precision"].as_str()), ("2026-09-27T10:10:10Z", "exact"));
    assert_eq!(state("anna"), ["true", "false", ""]);
    assert_eq!(state("bob"), ["false", "true", "true"], "unlocks in an hour; 2038 is never");
    assert_eq!(state("carl"), ["false", "true", ""], "by role; only an administrator unlocks");
    assert_eq!(state("dora"), ["true", "false", ""]);
    assert_eq!(ds.attributes("dora")["must_change_password"], true);

    let ibm = fixture("ibm.ldif", "");
    assert_eq!(ibm.reading.query["flavour"], "ibm");
    assert_eq!(ibm.account("bob")["enabled"], "false");
    assert_eq!((ibm.account("anna")["enabled"].as_str(), ibm.account("anna")["password_never_expires"].as_str()), ("true", "true"));
    assert_eq!(ibm.account("anna")["last_login_precision"], "none");
    assert_eq!(ibm.grants("anna"), ["metier direct", "tous nested metier > tous"]);
}

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
fn ldapsearch_says_whether_all_came() {
    let entries = "# extended LDIF\n#\n# LDAPv3\n\n# a, x\ndn: uid=a,dc=x\nuid: a\n\n# search reference\nref: ldap://other/dc=y\n\n";
    let whole = harvest_bytes(format!("{entries}# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 3\n# numEntries: 1\n# numReferences: 1\n").as_bytes(), "").unwrap();
    assert_eq!((whole.reading.rows_seen, whole.reading.server_count, whole.reading.incomplete.clone()), (1, Some(1), None));
    assert_eq!(whole.reading.details["references"], 1);
    let limited = harvest_bytes(format!("{entries}search: 2\nresult: 4 Size limit exceeded\n\n# numEntries: 2\n").as_bytes(), "").unwrap();
    let reason = limited.reading.incomplete.unwrap();
    assert!(reason.contains("result 4 (line 13), size limit exceeded: ask the directory's administrator"), "{reason}");
    assert!(reason.contains("ldapsearch counted 2 entries and 1 are in the export"), "{reason}");
    let cut = harvest_bytes(entries.as_bytes(), "").unwrap();
    assert!(cut.reading.incomplete.unwrap().contains("final `result:` is not"));
}

#[test]
fn a_cut_file_loses_its_last_entry_and_says_so() {
    let head = "dn: uid=a,dc=x\nuid: a\n\ndn: uid=b,dc=x\nuid: b\n";
    for (tail, why) in [("objectCla", "line 6: a line without a colon"), ("cn:: w6kgYg", "line 6: cn: base64 that does not decode"), ("cn:: w6kg\n YQ", "line 6: cn: base64")] {
        let cut = harvest_bytes(format!("{head}{tail}").as_bytes(), "").unwrap();
        assert_eq!((cut.reading.rows_seen, cut.reading.rows_kept, cut.rejects.len()), (2, 1, 1), "{tail}");
        assert!(cut.rejects[0].starts_with(&format!("2|{why}")) && cut.rejects[0].ends_with("|uid=b,dc=x"), "{}", cut.rejects[0]);
        assert!(cut.reading.incomplete.unwrap().contains("ends in the middle of an entry (line 6)"));
    }
    let whole = harvest_bytes(head.trim_end().as_bytes(), "").unwrap();
    assert_eq!((whole.reading.rows_kept, whole.reading.incomplete), (2, None), "a missing last line break is nothing");
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
        (b"hello world\n", "line 1: this is not LDIF (a line without a colon; expected `dn: \xe2\x80\xa6`)"),
        (b"\x1f\x8b\x08stuff\n", "decompress it first"),
        (b"dn: uid=a,dc=x\nuid: a\0\n", "line 2: a NUL byte: binary data, not LDIF"),
        (b"{\"dn\": 1}\n", "it looks like JSON or XML"),
        (b"ldap_bind: Invalid credentials (49)\n", "error message of ldapsearch"),
    ] {
        let error = refused(bytes);
        assert!(error.contains(std::str::from_utf8(message.as_ref()).unwrap()), "{error}");
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
        assert_eq!((got.reading.details["changetype_add"], got.reading.query["files"][0]["encoding"].as_str()), (1, Some(if little { "utf-16le" } else { "utf-16be" })));
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
    assert!(refused.rejects[0].contains("line 3: displayName: the value stands in another file") && refused.rejects[0].contains("allow_urls = true"));
    assert_eq!(harvest(&file, "allow_urls = true").unwrap().account("a")["display_name"], "Jo");
}

#[test]
fn several_files_make_one_directory() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("people.ldif"), "version: 1\ndn: uid=a,dc=x\nobjectClass: account\nuid: a\n\ndn: broken\nuid: b").unwrap();
    fs::write(dir.path().join("zgroups.ldif"), "version: 1\ndn: cn=g,dc=x\nobjectClass: groupOfNames\ncn: g\nmember: uid=a,dc=x\n").unwrap();
    let got = harvest(&dir.path().join("*.ldif"), "").unwrap();
    assert_eq!(got.grants("a"), ["g direct"]);
    assert_eq!((got.reading.pages, got.reading.rows_seen, got.reading.rows_kept), (2, 3, 2));
    assert!(got.rejects[0].contains("people.ldif, line 6: dn: the name"), "{}", got.rejects[0]);
    let again = harvest_bytes(&got.capture, "").unwrap();
    assert_eq!(again.rows("grants"), got.rows("grants"), "the capture alone gives the same rows");
}

#[test]
fn the_capture_gives_the_same_rows_again() {
    for name in ["active_directory.ldif", "openldap.ldif", "ds389.ldif", "ibm.ldif"] {
        let first = fixture(name, "");
        let again = harvest_bytes(&first.capture, "").unwrap();
        assert_eq!(again.tables, first.tables, "{name}");
    }
}

/// Exports of real tools, where they are at hand.
#[test]
fn real_exports_read_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures/real-tools/openldap");
    if !folder.exists() {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    }
    for (name, accounts) in [("slapcat.ldif", 8), ("ldapsearch-extended-all-ops.ldif", 8), ("ldapsearch-LLL-nowrap.ldif", 8)] {
        let got = harvest(&folder.join(name), "").unwrap();
        assert_eq!((got.rejects.len(), got.rows("accounts").len(), got.reading.incomplete.clone()), (0, accounts, None), "{name}");
        assert!(!String::from_utf8_lossy(&got.capture).contains("e1NTSEF9"), "{name}");
    }
}
