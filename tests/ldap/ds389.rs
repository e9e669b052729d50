//! 389 Directory Server: its look-through limit, its pages, its states.

use std::collections::BTreeMap;

use crate::openldap::password;
use crate::support::{Printed, harvest, instant, ldapsearch, server};

type Server = BTreeMap<String, String>;

fn keys(server: &Server, base: &str) -> String {
    format!(
        "url = 'ldaps://localhost:{}'\nca_file = '{}'\nbind_dn = 'cn=reader,ou=services,dc=example,dc=com'\npassword_file = '{}'\nbase = '{base}'\n",
        server["TLS"],
        server["CA"],
        password("reader")
    )
}

fn administrator(server: &Server, base: &str) -> Vec<Printed> {
    let url = format!("ldap://127.0.0.1:{}", server["PLAIN"]);
    ldapsearch(
        &[
            "-x",
            "-H",
            &url,
            "-D",
            "cn=Directory Manager",
            "-w",
            "adminpw12",
            "-b",
            base,
            "-E",
            "pr=1000/noprompt",
            "(objectClass=inetOrgPerson)",
            "*",
            "+",
        ],
        &[],
    )
}

#[test]
fn the_look_through_limit_is_got_past_branch_by_branch() {
    let Some(server) = server("389ds") else { return };
    let got = harvest(&keys(&server, "ou=people,dc=example,dc=com")).unwrap();
    assert_eq!(got.incomplete(), "complete");
    assert_eq!((got.rows("accounts").len(), got.reading.rows_seen), (5200, 5205));
    assert_eq!(got.reading.details["branches_cut"], 1);
    let met = got.reading.query["limits_met"].to_string();
    assert!(met.contains("look-through") && met.contains("(result 11"), "{met}");
    assert_eq!(got.reading.query["flavour"], "389ds");
}

#[test]
fn a_branch_that_is_too_large_is_never_a_short_answer() {
    let Some(server) = server("389ds") else { return };
    let got = harvest(&keys(&server, "ou=huge,dc=example,dc=com")).unwrap();
    let why = got.incomplete();
    for part in [
        "ou=huge,dc=example,dc=com",
        "an administrative limit was reached",
        "look-through",
        "nsLookThroughLimit",
        "cn=reader",
        "(result 11",
    ] {
        assert!(why.contains(part), "`{part}` is missing in: {why}");
    }
    // This server gives the base alone before it refuses; whatever comes is kept.
    assert!((1..5101).contains(&got.reading.rows_seen), "{}", got.reading.rows_seen);
    got.assert_capture_reads_back("");
}

#[test]
fn accounts_equal_an_independent_reading_field_by_field() {
    let Some(server) = server("389ds") else { return };
    for base in ["ou=b1,ou=people,dc=example,dc=com", "ou=b2,ou=people,dc=example,dc=com"] {
        let got = harvest(&keys(&server, base)).unwrap();
        assert_eq!(got.incomplete(), "complete");
        let people = administrator(&server, base);
        assert_eq!((people.len(), got.rows("accounts").len()), (1300, 1300));
        let occurs = people.iter().any(|entry| entry.one("nsAccountLock").is_some());
        for entry in people {
            let row = got.account(&entry.one("uid").unwrap());
            assert_eq!(row["account_id"], format!("annuaire:{}", entry.one("nsUniqueId").unwrap()));
            assert_eq!(row.get("display_name").cloned(), entry.one("displayName").or_else(|| entry.one("cn")), "{}", entry.dn);
            assert_eq!(row.get("emails").cloned(), entry.one("mail").map(|mail| mail.to_lowercase()), "{}", entry.dn);
            assert_eq!(row.get("employee_id").cloned(), entry.one("employeeNumber"), "{}", entry.dn);
            // A branch in which nobody is disabled cannot tell whether that may be read.
            let enabled = occurs.then(|| (entry.one("nsAccountLock").as_deref() != Some("true")).to_string());
            assert_eq!(row.get("enabled").cloned(), enabled, "{}", entry.dn);
            if let Some(until) = entry.one("accountUnlockTime") {
                assert_eq!(
                    row["locked"],
                    (until.as_str() > "20261101000000Z" || until.starts_with("1970")).to_string(),
                    "{}",
                    entry.dn
                );
            }
            assert_eq!(row.get("last_login_at").cloned(), entry.one("lastLoginTime").map(|text| instant(&text)), "{}", entry.dn);
            assert_eq!(row["last_login_precision"], "exact");
            assert_eq!(row.get("created_at").cloned(), entry.one("createTimestamp").map(|text| instant(&text)));
            if entry.one("passwordExpirationTime").as_deref() == Some("20380119031407Z") {
                assert_eq!(row["password_never_expires"], "true", "{}", entry.dn);
            }
        }
        got.assert_capture_reads_back("");
    }
}

#[test]
fn groups_static_nested_and_dynamic() {
    let Some(server) = server("389ds") else { return };
    let keys = keys(&server, "ou=people,dc=example,dc=com")
        .replace("base = 'ou=people,dc=example,dc=com'", "base = ['ou=people,dc=example,dc=com', 'ou=groups,dc=example,dc=com']");
    let got = harvest(&keys).unwrap();
    assert_eq!(got.incomplete(), "complete");
    assert_eq!(got.groups("u00002"), ["outer*", "staff"]);
    assert_eq!(got.groups("u00001"), Vec::<String>::new());
    assert_eq!(got.reading.details["dynamic_groups_not_expanded"], 1);
}
