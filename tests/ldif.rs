//! Directory exports of every flavour, from file to rows: decoded states, policies, groups.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stderr, reason = "tests")]

mod ldif_support;

use std::fmt::Write as _;
use std::path::Path;

use ldif_support::{fixture, harvest, harvest_bytes};
use probant::sources::directory::Room;
use serde_json::json;

#[test]
fn active_directory_accounts_are_decoded() {
    let ad = fixture("active_directory.ldif", "");
    let jean = ad.account("jdupre");
    assert_eq!(jean["account_id"], "annuaire:11112222-3333-4444-0000-000000000450");
    assert_eq!(
        (jean["kind"].as_str(), jean["display_name"].as_str(), jean["employee_id"].as_str()),
        ("human", "Jean Dupré", "007042")
    );
    assert_eq!(jean["emails"], "jean.dupre@agence.example;jdupre@agence.example");
    assert_eq!((jean["enabled"].as_str(), jean["locked"].as_str()), ("true", "false"));
    assert_eq!((jean["last_login_at"].as_str(), jean["last_login_precision"].as_str()), ("2026-09-22T09:30:00Z", "days_14"));
    assert_eq!(
        (jean["created_at"].as_str(), jean["password_changed_at"].as_str()),
        ("2020-01-02T03:04:05Z", "2026-08-01T00:00:00Z")
    );
    assert!(!jean.contains_key("expires_on"), "never");
    let rest = ad.attributes("jdupre");
    assert_eq!(rest["upn"], "jdupre@agence.example");
    assert_eq!(rest["description"], "Poste \"A\"; bâtiment B");
    assert_eq!(rest["manager"], "CN=Martin,OU=Agents,dc=agence,dc=example");
    assert_eq!((&rest["admin_count"], &rest["sid_history"]), (&json!(1), &json!(["S-1-5-21-7-8-9-777"])));
    assert_eq!(
        (&rest["department"], &rest["title"], &rest["employeeType"]),
        (&json!("Finances"), &json!("Comptable"), &json!("titulaire"))
    );
    assert_eq!(rest["sid"], "S-1-5-21-1000-2000-3000-1104");

    let service = ad.account("svc_sauvegarde");
    assert_eq!((service["kind"].as_str(), service["password_never_expires"].as_str()), ("service", "true"));
    let rest = ad.attributes("svc_sauvegarde");
    for flag in ["password_not_required", "reversible_password", "no_preauth", "des_only", "unconstrained_delegation"] {
        assert_eq!(rest[flag], true, "{flag}");
    }
    assert!(rest.get("smartcard_required").is_none());
    assert_eq!(rest["spn"], json!(["backup/srv1.agence.example", "backup/srv1"]));
    assert_eq!(ad.attributes("carte")["smartcard_required"], true);
    assert_eq!(ad.account("carte")["password_never_expires"], "true");
    assert_eq!(
        (ad.account("gmsa-sql$")["kind"].as_str(), ad.account("gmsa-sql$")["password_never_expires"].as_str()),
        ("service", "false")
    );
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
    assert_eq!(ad.account("politique")["password_never_expires"], "true", "through a PSO on the account");
    assert_eq!(ad.account("illisible")["password_never_expires"], "false");
}

#[test]
fn a_value_that_cannot_be_read_does_not_lose_the_account() {
    let ad = fixture("active_directory.ldif", "");
    assert!(!ad.account("illisible").contains_key("expires_on"));
    assert_eq!(ad.attributes("illisible")["unreadable"], json!(["accountExpires"]));
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
    assert_eq!(
        ad.grants("svc_sauvegarde"),
        ["Administrators nested Domain Admins > Administrators", "Domain Admins direct"],
        "primaryGroupID 512"
    );
    assert_eq!(ad.grants("krbtgt"), ["Domain Users direct"]);
    assert_eq!(ad.grants("Invité"), ["Domain Guests direct"], "known by its RID only");
    let privileged: Vec<_> =
        ad.rows("entitlements").iter().filter(|row| row["privileged"] == "true").map(|row| row["name"].clone()).collect();
    assert_eq!(privileged, ["Domain Admins", "DnsAdmins", "Administrators"]);
    assert_eq!(ad.entitlement("G_milieu")["privileged"], "false");
    assert_eq!(ad.entitlement("Domain Admins")["description"], "Administrateurs du domaine");
    assert_eq!(ad.entitlement("Domain Admins")["resource"], "CN=Users,dc=agence,dc=example");
    assert_eq!(
        ad.reading.query["foreign_members"],
        json!(["cn=s-1-5-21-9-9-9-1000,cn=foreignsecurityprincipals,dc=agence,dc=example"])
    );
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
    assert_eq!(
        (alice["enabled"].as_str(), alice["locked"].as_str(), alice["password_never_expires"].as_str()),
        ("true", "false", "false")
    );
    let bruno = ldap.account("bruno");
    assert_eq!(
        (bruno["locked"].as_str(), bruno["last_login_precision"].as_str()),
        ("true", "coarse"),
        "half an hour of a lock of one hour"
    );
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
    let why = ldap.reading.incomplete.as_deref().unwrap_or_default();
    assert!(why.contains("no group here (cn=absent,dc=exemple,dc=org)"), "a typo must not make administrators vanish: {why}");
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
    assert_eq!(
        (ds.account("anna")["last_login_at"].as_str(), ds.account("anna")["last_login_precision"].as_str()),
        ("2026-09-27T10:10:10Z", "exact")
    );
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

/// More memberships than wait in memory, so that they really go through a temporary file.
#[test]
fn every_one_of_many_memberships_is_found_again() {
    const PEOPLE: usize = 12_000;
    const GROUPS: usize = 16;
    // Every group leaves some people out, each others.
    let lists = |group: usize, person: usize| person % (GROUPS + 3) != group;
    let mut text = String::new();
    let mut memberships = 0;
    for group in 0..GROUPS {
        write!(text, "dn: cn=g{group:02},dc=x\nobjectClass: groupOfNames\ncn: g{group:02}\n").unwrap();
        for person in (0..PEOPLE).rev().filter(|person| lists(group, *person)) {
            writeln!(text, "member: uid=p{person},dc=x").unwrap();
            memberships += 1;
        }
        text.push_str("member: uid=nobody,dc=x\n\n");
    }
    for person in 0..PEOPLE {
        write!(text, "dn: uid=P{person}, dc=x\nobjectClass: account\nuid: p{person}\n\n").unwrap();
    }
    assert!(memberships > Room::default().0, "{memberships} memberships fit in memory");
    let got = harvest_bytes(text.as_bytes(), "").unwrap();
    let mut granted = got.rows("grants").iter().map(|row| (row["account_id"].as_str(), row["entitlement_id"].as_str()));
    for person in 0..PEOPLE {
        for group in (0..GROUPS).filter(|group| lists(*group, person)) {
            let (account, entitlement) = (format!("annuaire:uid=p{person},dc=x"), format!("annuaire:cn=g{group:02},dc=x"));
            assert_eq!(granted.next(), Some((account.as_str(), entitlement.as_str())));
        }
    }
    assert_eq!(granted.next(), None);
    assert_eq!(got.reading.details["unresolved_members"], 1);
    assert_eq!(got.reading.query["unresolved_members"], json!(["uid=nobody,dc=x"]));
}
