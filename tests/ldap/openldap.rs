//! OpenLDAP: every way in, every limit, and the account table field by field against what ldapsearch says.

use std::collections::BTreeMap;

use probant::lang::Lang;
use probant::sources::ldap::probe::{Facts, Sight};

use crate::support::{Printed, harvest, instant, ldapsearch, password_file, server};

type Server = BTreeMap<String, String>;

pub(crate) fn keys(server: &Server, who: &str) -> String {
    format!(
        "url = 'ldaps://localhost:{}'\nca_file = '{}'\nbind_dn = 'cn={who},ou=services,dc=example,dc=com'\npassword_file = '{}'\nbase = 'dc=example,dc=com'\n",
        server["TLS"],
        server["CA"],
        password(who)
    )
}

/// A file with the password of one of the test identities.
pub(crate) fn password(who: &str) -> String {
    password_file(who, &format!("{who}pw"))
}

fn everybody(server: &Server) -> Vec<Printed> {
    let url = format!("ldap://127.0.0.1:{}", server["PLAIN"]);
    ldapsearch(
        &[
            "-x",
            "-H",
            &url,
            "-D",
            "cn=admin,dc=example,dc=com",
            "-w",
            "adminpw",
            "-b",
            "dc=example,dc=com",
            "-E",
            "pr=500/noprompt",
            "*",
            "+",
        ],
        &[],
    )
}

/// What the policy overlay means, told a second time: locked for 15 minutes by default, for ever under the other policy.
fn locked(entry: &Printed) -> bool {
    match entry.one("pwdAccountLockedTime").as_deref() {
        None | Some("000001010000Z") => false,
        Some(since) => entry.one("pwdPolicySubentry").is_some() || since > "20261031234500Z",
    }
}

#[test]
fn accounts_equal_an_independent_reading_field_by_field() {
    let Some(server) = server("openldap") else { return };
    let got = harvest(&format!("{}default_policy = 'cn=default,ou=policies,dc=example,dc=com'", keys(&server, "reader"))).unwrap();
    assert_eq!(got.incomplete(), "complete");
    let all = everybody(&server);
    let people: Vec<&Printed> =
        all.iter().filter(|entry| entry.all("objectClass").iter().any(|class| class == "inetOrgPerson")).collect();
    assert_eq!(people.len(), 1405);
    assert_eq!(got.reading.rows_seen, all.len() as u64);
    assert_eq!(got.reading.server_count, Some(all.len() as u64));
    assert_eq!(got.rows("accounts").len(), people.len() + 4, "people, and the four services");
    for entry in people {
        let row = got.account(&entry.one("uid").unwrap());
        let text = |column: &str| row.get(column).cloned();
        let when = |name: &str| entry.one(name).map(|written| instant(&written));
        assert_eq!(text("account_id").unwrap(), format!("annuaire:{}", entry.one("entryUUID").unwrap()));
        assert_eq!(text("display_name"), entry.one("displayName").or_else(|| entry.one("cn")));
        assert_eq!(text("emails"), entry.one("mail").map(|mail| mail.to_lowercase()));
        assert_eq!(text("employee_id"), entry.one("employeeNumber"));
        let disabled = entry.one("pwdAccountLockedTime").as_deref() == Some("000001010000Z");
        assert_eq!(text("enabled"), Some((!disabled).to_string()), "{}", entry.dn);
        if !disabled {
            assert_eq!(text("locked"), Some(locked(entry).to_string()), "{}", entry.dn);
        }
        let (exact, coarse) = (when("pwdLastSuccess"), when("authTimestamp"));
        assert_eq!(text("last_login_at"), exact.clone().max(coarse.clone()), "{}", entry.dn);
        let precision = if coarse > exact { "coarse" } else { "exact" };
        assert_eq!(text("last_login_precision").as_deref(), Some(precision), "{}", entry.dn);
        assert_eq!(text("created_at"), when("createTimestamp"));
        assert_eq!(text("password_changed_at"), when("pwdChangedTime"));
        assert_eq!(text("password_never_expires"), Some(entry.one("pwdPolicySubentry").is_some().to_string()), "{}", entry.dn);
        let rest: serde_json::Value = serde_json::from_str(&row["attributes"]).unwrap();
        assert_eq!(rest["dn"], entry.dn.as_str());
        assert_eq!(rest.get("manager").and_then(|v| v.as_str()).map(str::to_owned), entry.one("manager"));
        assert_eq!(rest.get("must_change_password").is_some(), entry.one("pwdReset").is_some());
    }
    got.assert_capture_reads_back("default_policy = 'cn=default,ou=policies,dc=example,dc=com'");
    let capture = String::from_utf8_lossy(&got.capture);
    assert!(!capture.to_lowercase().contains("userpassword") && !capture.contains("{SSHA}"), "a secret in the raw capture");
    assert_eq!(got.reading.details["references"], 1, "the referral entry is recorded");
    assert_eq!(got.reading.query["references"][0], "ldap://other.example/dc=other,dc=example??sub");
    assert_eq!(got.reading.query["flavour"], "openldap");
    assert_eq!(got.reading.identity.as_deref(), Some("cn=reader,ou=services,dc=example,dc=com"));
}

#[test]
fn groups_direct_nested_in_a_cycle_and_by_login() {
    let Some(server) = server("openldap") else { return };
    let got =
        harvest(&format!("{}privileged_groups = ['CN=Admins, ou=groups,dc=example,dc=com']", keys(&server, "reader"))).unwrap();
    let all = everybody(&server);
    let mut direct = 0;
    for group in &all {
        direct += group.all("member").iter().filter(|dn| dn.starts_with("uid=")).count()
            + group.all("memberUid").iter().filter(|uid| *uid != "ghost").count();
    }
    assert_eq!(got.rows("grants").iter().filter(|row| row["direct"] == "true").count(), direct);
    let seven = got.groups("u0007");
    for name in ["chain0", "chain1*", "chain2*", "chain3*", "chain4*", "chain5*", "admins*"] {
        assert!(seven.contains(&name.to_owned()), "{name} in {seven:?}");
    }
    let three = got.groups("u0003");
    assert!(three.contains(&"cycle-a".to_owned()) && three.contains(&"cycle-b*".to_owned()), "{three:?}");
    assert!(got.groups("u0001").contains(&"unix".to_owned()));
    let privileged: Vec<&str> =
        got.rows("entitlements").iter().filter(|row| row["privileged"] == "true").map(|row| row["name"].as_str()).collect();
    assert_eq!(privileged, ["admins"]);
}

#[test]
fn every_way_in_gives_the_same() {
    let Some(server) = server("openldap") else { return };
    let expected = harvest(&keys(&server, "reader")).unwrap();
    let (plain, socket, ca) = (&server["PLAIN"], server["SOCKET"].replace('/', "%2F"), &server["CA"]);
    let reader = format!("bind_dn = 'cn=reader,ou=services,dc=example,dc=com'\npassword_file = '{}'", password("reader"));
    let certificate = format!("client_cert = '{}'\nclient_key = '{}'\nsasl = 'external'", server["CLIENT"], server["CLIENT_KEY"]);
    for (way, how) in [
        (format!("url = 'ldap://127.0.0.1:{plain}'\nstarttls = true\nca_file = '{ca}'\n{reader}"), "starttls"),
        (format!("url = 'ldap://127.0.0.1:{plain}'\ncleartext_password = true\n{reader}"), "none"),
        (format!("url = 'ldapi://{socket}'\nsasl = 'external'"), "local socket"),
        (format!("url = 'ldapi://{socket}'\n{reader}"), "local socket"),
        (format!("url = 'ldaps://127.0.0.1:{}'\nca_file = '{ca}'\n{certificate}", server["TLS"]), "ldaps"),
        (format!("url = 'ldap://localhost:{plain}'\nstarttls = true\nca_file = '{ca}'\n{certificate}"), "starttls"),
        (format!("url = 'ldaps://localhost:{}'\nverify = 'chain'\nca_file = '{ca}'\n{reader}", server["TLS"]), "ldaps"),
        (format!("url = 'ldaps://localhost:{}'\nverify = 'nothing'\n{reader}", server["TLS"]), "ldaps"),
    ] {
        let got = harvest(&way).unwrap_or_else(|error| panic!("{way}\n{error}"));
        assert_eq!(got.incomplete(), "complete", "{way}");
        assert!(got.tables == expected.tables, "{way}: the base is found and the rows are the same");
        let tls = &got.reading.query["tls"];
        assert_eq!(tls["how"], how, "{way}");
        assert_eq!(tls.get("verify").is_some(), way.contains("verify"), "an opt-out is recorded: {tls}");
        assert_eq!(tls.get("cleartext_password").is_some(), way.contains("cleartext"), "an opt-out is recorded: {tls}");
    }
}

#[test]
fn a_size_limit_is_never_a_short_answer() {
    let Some(server) = server("openldap") else { return };
    // 500 entries at most, paged or not: each of emea, amer and apac holds as many or more, or just less.
    let got = harvest(&keys(&server, "limited")).unwrap();
    let why = got.incomplete();
    assert!(why.contains("size limit was reached") && why.contains("cn=limited") && why.contains("(result 4"), "{why}");
    assert!(why.contains("ou=emea,ou=people"), "the branch that is too large is named: {why}");
    assert!(!why.contains("ou=apac"), "a branch that fits is whole: {why}");
    assert!(got.reading.details["branches_cut"] >= 2);
    assert!(got.reading.rows_seen > 1200, "what the limit lets through was read: {}", got.reading.rows_seen);
    assert_eq!(got.reading.server_count, None);
    got.assert_capture_reads_back("");
    // A filter within the limit is whole.
    let got = harvest(&format!("{}filter = '(uid=u00*)'", keys(&server, "limited"))).unwrap();
    assert_eq!((got.incomplete(), got.rows("accounts").len()), ("complete", 100));
}

#[test]
fn pages_that_are_too_large_become_smaller() {
    let Some(server) = server("openldap") else { return };
    let got = harvest(&keys(&server, "paged")).unwrap();
    assert_eq!(got.incomplete(), "complete");
    assert_eq!(got.reading.query["page_size"], 400, "{}", got.reading.query["limits_met"]);
    assert_eq!(got.reading.query["limits_met"].as_array().unwrap().len(), 2, "5000 and 1000 were refused");
    assert_eq!(got.reading.server_count, Some(got.reading.rows_seen));
}

#[test]
fn what_may_not_be_read_is_unknown_and_named() {
    let Some(server) = server("openldap") else { return };
    let got = harvest(&keys(&server, "blind")).unwrap();
    assert_eq!(got.incomplete(), "complete");
    let unseen: Vec<&str> = got.reading.query["never_seen"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(unseen, ["pwdAccountLockedTime", "pwdLastSuccess"]);
    let row = got.account("u0001");
    assert_eq!((row.get("enabled"), row.get("locked")), (None, None), "neither yes nor no");
}

#[test]
fn several_bases_and_smaller_parts() {
    let Some(server) = server("openldap") else { return };
    let keys = keys(&server, "reader")
        .replace("'dc=example,dc=com'", "['ou=apac,ou=people,dc=example,dc=com', 'ou=groups,dc=example,dc=com']");
    let got = harvest(&keys).unwrap();
    assert_eq!((got.incomplete(), got.rows("accounts").len()), ("complete", 400));
    assert_eq!(got.reading.server_count, Some(got.reading.rows_seen));
    assert!(got.reading.details["unresolved_members"] > 0);
}

#[test]
fn a_test_of_the_source_tells_unseen_from_readable() {
    let Some(server) = server("openldap") else { return };
    let look = |who: &str| {
        let keys = format!(
            "{}probe = ['uid=u0101,ou=apac,ou=people,dc=example,dc=com', 'uid=nobody,dc=example,dc=com']",
            keys(&server, who)
        );
        crate::support::config(&keys).probe(&crate::support::request()).unwrap()
    };
    let (reader, blind) = (look("reader"), look("blind"));
    let sight = |facts: &Facts, name: &str| facts.attributes.iter().find(|told| told.attribute == name).unwrap().sight;
    assert_eq!(sight(&reader, "pwdAccountLockedTime"), Sight::Readable);
    assert_eq!(sight(&blind, "pwdAccountLockedTime"), Sight::NotSeen);
    assert!(reader.probed[0].seen.as_ref().unwrap().contains(&"pwdAccountLockedTime"));
    assert!(!blind.probed[0].seen.as_ref().unwrap().contains(&"pwdAccountLockedTime"));
    assert!(reader.probed[1].seen.as_ref().unwrap_err().contains("does not exist"));
    assert!(blind.lines(Lang::En).iter().any(|line| line.starts_with("pwdAccountLockedTime (state): seen on no entry")));
    assert_eq!(reader.question.pages[0], 5000);
}
