//! Samba as Active Directory: every variant of userAccountControl, policies, primary groups, nesting, a group of 2,500.

use std::collections::BTreeMap;

use crate::support::{Harvested, Printed, harvest, instant, ldapsearch, password_file, server};

pub(crate) type Server = BTreeMap<String, String>;

pub(crate) fn password(server: &Server) -> String {
    password_file("samba-reader", &server["PASSWORD"])
}

pub(crate) fn keys(server: &Server) -> String {
    format!(
        "url = 'ldaps://{}'\nca_file = '{}'\nbind_dn = '{}'\npassword_file = '{}'\n",
        server["ADDRESS"],
        server["CA"],
        server["USER"],
        password(server)
    )
}

fn search(server: &Server, filter: &str, attributes: &[&str]) -> Vec<Printed> {
    let url = format!("ldaps://{}", server["ADDRESS"]);
    let mut arguments = vec![
        "-x",
        "-H",
        &url,
        "-D",
        &server["USER"],
        "-w",
        &server["PASSWORD"],
        "-b",
        &server["BASE"],
        "-E",
        "pr=500/noprompt",
        filter,
    ];
    arguments.extend(attributes);
    ldapsearch(&arguments, &[("LDAPTLS_CACERT", &server["CA"])])
}

/// A GUID as Microsoft writes it, from its bytes: the first three groups are little-endian.
fn guid(bytes: &[u8]) -> String {
    let hex = |order: &[usize]| probant::sources::intake::hex(&order.iter().map(|i| bytes[*i]).collect::<Vec<u8>>());
    [&[3, 2, 1, 0][..], &[5, 4], &[7, 6], &[8, 9], &[10, 11, 12, 13, 14, 15]].map(hex).join("-")
}

/// 100 ns since 1601, as an instant to the second.
pub(crate) fn filetime(text: &str) -> Option<String> {
    let ticks: i64 = text.parse().unwrap();
    (ticks != 0 && ticks != i64::MAX)
        .then(|| jiff::Timestamp::from_second(ticks / 10_000_000 - 11_644_473_600).unwrap().to_string())
}

/// To the second: fractions differ in how many digits are written.
pub(crate) fn seconds(text: Option<&String>) -> Option<String> {
    text.map(|text| text.split_once('.').map_or_else(|| text.clone(), |(whole, _)| format!("{whole}Z")))
}

pub(crate) fn attributes(got: &Harvested, login: &str) -> serde_json::Value {
    serde_json::from_str(&got.account(login)["attributes"]).unwrap()
}

#[test]
fn accounts_equal_an_independent_reading_field_by_field() {
    let Some(server) = server("samba") else { return };
    let got = harvest(&keys(&server)).unwrap();
    assert_eq!(got.incomplete(), "complete");
    assert_eq!(got.reading.query["flavour"], "ad");
    let people = search(&server, "(&(objectCategory=person)(objectClass=user))", &["*"]);
    assert!(people.len() > 2620);
    assert_eq!(got.rows("accounts").len(), people.len() + 1, "people, and the managed service account");
    assert_eq!(got.reading.server_count, Some(got.reading.rows_seen));
    for entry in &people {
        let row = got.account(&entry.one("sAMAccountName").unwrap());
        let control: u32 = entry.one("userAccountControl").unwrap().parse().unwrap();
        let dn = &entry.dn;
        assert_eq!(row["account_id"], format!("annuaire:{}", guid(&entry.bytes("objectGUID")[0])), "{dn}");
        assert_eq!(row.get("display_name").cloned(), entry.one("displayName").or_else(|| entry.one("cn")), "{dn}");
        assert_eq!(row.get("employee_id").cloned(), entry.one("employeeID").or_else(|| entry.one("employeeNumber")), "{dn}");
        assert_eq!(row["enabled"], (control & 2 == 0).to_string(), "{dn}");
        assert_eq!(seconds(row.get("expires_on")), entry.one("accountExpires").and_then(|text| filetime(&text)), "{dn}");
        assert_eq!(seconds(row.get("password_changed_at")), entry.one("pwdLastSet").and_then(|text| filetime(&text)), "{dn}");
        let logins = ["lastLogonTimestamp", "lastLogon"].iter().filter_map(|name| filetime(&entry.one(name)?)).max();
        assert_eq!(seconds(row.get("last_login_at")), logins, "{dn}");
        assert_eq!(row["last_login_precision"], "days_14");
        assert_eq!(
            seconds(row.get("created_at")),
            entry.one("whenCreated").map(|text| seconds(Some(&instant(&text))).unwrap()),
            "{dn}"
        );
        // This identity may not read the settings objects that apply to two accounts: then nobody can tell.
        let never = if row["login"].starts_with("pso.") { None } else { Some((control & (0x1_0000 | 0x4_0000) != 0).to_string()) };
        assert_eq!(row.get("password_never_expires").cloned(), never, "{dn}");
        let rest = attributes(&got, &row["login"]);
        assert_eq!(rest["dn"], dn.as_str());
        for (key, bit) in [
            ("password_not_required", 0x20),
            ("reversible_password", 0x80),
            ("no_preauth", 0x40_0000),
            ("des_only", 0x20_0000),
            ("unconstrained_delegation", 0x8_0000),
            ("smartcard_required", 0x4_0000),
        ] {
            assert_eq!(rest.get(key).is_some(), control & bit != 0, "{key} of {dn}");
        }
        assert_eq!(rest.get("must_change_password").is_some(), entry.one("pwdLastSet").as_deref() == Some("0"), "{dn}");
    }
    got.assert_capture_reads_back("");
}

#[test]
fn the_server_agrees_on_what_it_computes_itself() {
    let Some(server) = server("samba") else { return };
    // Its own computation is for now, ours for the instant of the tests: what does not depend on that is compared.
    let got = harvest(&keys(&server)).unwrap();
    for entry in search(
        &server,
        "(&(objectCategory=person)(objectClass=user)(!(sAMAccountName=b*)))",
        &["sAMAccountName", "msDS-UserPasswordExpiryTimeComputed", "msDS-ResultantPSO"],
    ) {
        let Some(expiry) = entry.one("msDS-UserPasswordExpiryTimeComputed") else { continue };
        let row = got.account(&entry.one("sAMAccountName").unwrap());
        let never = expiry == "9223372036854775807";
        if expiry != "0" {
            assert_eq!(row["password_never_expires"], never.to_string(), "{}: {expiry}", entry.dn);
        }
    }
}

#[test]
fn settings_objects_count_where_they_can_be_read() {
    let Some(server) = server("samba") else { return };
    let path = password_file("samba-administrator", "Adm1n-Passw0rd!");
    let keys = format!(
        "url = 'ldaps://{}'\nca_file = '{}'\nbind_dn = 'Administrator@corp.example.test'\npassword_file = '{}'\n",
        server["ADDRESS"], server["CA"], path
    );
    let got = harvest(&keys).unwrap();
    for (login, never) in [("pso.user", "true"), ("pso.member", "true"), ("uac.normal", "false")] {
        assert_eq!(got.account(login)["password_never_expires"], never, "{login}");
    }
    assert!(!got.reading.query["attributes"].to_string().contains("ResultantPSO"), "not asked for when it need not be");
}

#[test]
fn a_test_of_the_source_says_what_can_be_read() {
    let Some(server) = server("samba") else { return };
    let keys = format!("{}probe = ['CN=locked.now,OU=Staff,{}']", keys(&server), server["BASE"]);
    let facts = crate::support::config(&keys).probe(&crate::support::request()).unwrap();
    let text = facts.lines(probant::lang::Lang::En).join("\n");
    for part in [
        "as reader@corp.example.test",
        "directory: Samba",
        "the root entry names Active Directory",
        "200 entries at least",
        "lockoutTime (state): readable",
        "CN=locked.now,OU=Staff,DC=corp,DC=example,DC=test: objectGUID, userAccountControl, lockoutTime",
        "PSO",
        "in pages of 1000: DC=corp,DC=example,DC=test",
        "msDS-PSOApplied",
    ] {
        assert!(text.contains(part), "`{part}` is missing in:\n{text}");
    }
    assert!(facts.settings_hidden && facts.look().is_good(), "a harvest would be whole");
    assert!(facts.lines(probant::lang::Lang::Fr).join("\n").contains("une collecte demanderait"));
}

#[test]
fn locks_hold_for_as_long_as_the_policy_says() {
    let Some(server) = server("samba") else { return };
    let got = harvest(&keys(&server)).unwrap();
    for (login, locked) in [("locked.now", Some("true")), ("locked.past", Some("false")), ("locked.zero", Some("false"))] {
        assert_eq!(got.account(login).get("locked").map(String::as_str), locked, "{login}");
    }
    for (login, kind) in [
        ("svc-sql", "service"),
        ("gmsa$", "service"),
        ("krbtgt", "system"),
        ("Guest", "system"),
        ("uac.normal", "human"),
        ("uac.constrained", "unknown"),
    ] {
        assert_eq!(got.account(login)["kind"], kind, "{login}");
    }
    assert_eq!(attributes(&got, "uac.constrained")["delegates_to"][0], "cifs/files.corp.example.test");
    for login in ["name.comma", "name.paren", "name.unicode"] {
        assert!(got.account(login)["display_name"].len() > 8);
    }
    assert!(!got.rows("accounts").iter().any(|row| row["login"] == "gone" || row["login"].starts_with("WS")));
}

#[test]
fn groups_nested_primary_in_a_cycle_and_large() {
    let Some(server) = server("samba") else { return };
    let got = harvest(&keys(&server)).unwrap();
    let nested = got.groups("adm.nested");
    for name in [
        "Domain Users",
        "chain-0",
        "chain-1*",
        "chain-5*",
        "Domain Admins*",
        "Administrators*",
        "Denied RODC Password Replication Group*",
    ] {
        assert!(nested.contains(&name.to_owned()), "{name} in {nested:?}");
    }
    assert_eq!(got.groups("primary"), ["Domain Users", "Users*", "primary-only"], "the old primary group became an ordinary one");
    assert!(got.groups("b0000").contains(&"cycle-b*".to_owned()));
    let big = got.rows("entitlements").iter().find(|row| row["name"] == "Big").unwrap();
    assert_eq!(got.rows("grants").iter().filter(|row| row["entitlement_id"] == big["entitlement_id"]).count(), 2500);
    let privileged: Vec<&str> =
        got.rows("entitlements").iter().filter(|row| row["privileged"] == "true").map(|row| row["name"].as_str()).collect();
    for name in ["Domain Admins", "Enterprise Admins", "Schema Admins", "Administrators", "Account Operators", "Backup Operators"] {
        assert!(privileged.contains(&name), "{name} in {privileged:?}");
    }
    assert!(!privileged.contains(&"Domain Users") && !privileged.contains(&"Big"));
    // Every direct membership that the server lists, and no other.
    let accounts: BTreeMap<String, String> = got
        .rows("accounts")
        .iter()
        .map(|row| (attributes(&got, &row["login"])["dn"].as_str().unwrap().to_owned(), row["login"].clone()))
        .collect();
    let mut listed = 0;
    for group in search(&server, "(objectClass=group)", &["cn", "member"]) {
        listed += group.all("member").iter().filter(|dn| accounts.contains_key(*dn)).count();
    }
    let primary = got.rows("accounts").iter().filter(|row| row["login"] != "gmsa$").count() + 1;
    assert_eq!(got.rows("grants").iter().filter(|row| row["direct"] == "true").count(), listed + primary);
}

#[test]
fn references_at_the_root_are_recorded() {
    let Some(server) = server("samba") else { return };
    let got = harvest(&keys(&server)).unwrap();
    let references: Vec<&str> =
        got.reading.query["references"].as_array().unwrap().iter().map(|url| url.as_str().unwrap()).collect();
    assert!(references.iter().any(|url| url.contains("CN=Configuration,DC=corp,DC=example,DC=test")), "{references:?}");
    assert_eq!(got.reading.details["references"], references.len() as u64);
}
