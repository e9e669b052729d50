//! Harvests of the fake server.

use super::fake::{Fake, Manners};
use super::*;
use crate::sources::secret;
use serde_json::json;

fn run(manners: Manners, more: &str) -> (Result<Reading, String>, Kept, Vec<u8>, Fake) {
    let dir = tempfile::tempdir().unwrap();
    secret::write(&dir.path().join("secret"), "sésame\n");
    let fake = Fake::start(manners);
    let (reading, kept, capture) = harvest(dir.path(), &fake.config(more));
    (reading, kept, capture, fake)
}

const EMPLOYEE: &str = "employee_attribute = 'employeeNumber'\n";

#[test]
fn a_realm_is_read_whole_and_its_capture_gives_the_same_rows() {
    let (reading, kept, capture, fake) = run(Manners::default(), "");
    let reading = reading.unwrap();
    assert_eq!(reading.incomplete, None);
    assert_eq!((reading.rows_seen, reading.rows_kept, reading.server_count), (9, 9, Some(9)));
    assert_eq!((reading.identity.as_deref(), fake.tokens()), (Some("probant"), 1));
    assert_eq!(reading.query["tls"], "none (allow_http = true)");
    let details: Vec<(&str, u64)> = reading.details.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(
        details,
        [
            ("cross_checked_users", 2),
            ("federated_users", 1),
            ("federation_components", 1),
            ("grants_direct", 11),
            ("grants_through_groups_and_composites", 19),
            ("groups", 2),
            ("login_events", 4),
            ("roles", 9),
            ("service_accounts", 2),
            ("users", 7),
        ]
    );
    assert_again(EMPLOYEE, &reading, &kept, &capture);
    let text = String::from_utf8(capture).unwrap();
    for secret in ["SECRET", "sésame", "10.1.2.3", "access_token"] {
        assert!(!text.contains(secret), "{secret} is in the capture");
    }
}

#[test]
fn accounts_say_what_the_server_said() {
    let (_, kept, _, _) = run(Manners::default(), "service_logins = ['svc$']");
    let anne = kept.account("adurand");
    let said = |key: &str| anne.get(key).map(String::as_str);
    assert_eq!(
        (said("account_id"), said("display_name"), said("emails")),
        (Some("KC:u-1"), Some("Anne Durand"), Some("anne.durand@agence.example"))
    );
    assert_eq!(
        (said("employee_id"), said("kind"), said("enabled"), said("locked")),
        (Some("001"), Some("human"), Some("true"), None)
    );
    assert_eq!((said("last_login_at"), said("last_login_precision")), (Some("2025-10-09T08:53:22Z"), Some("exact")));
    assert_eq!((said("created_at"), said("password_never_expires")), (Some("2020-09-13T12:26:40.001Z"), Some("false")));
    assert_eq!(kept.attributes("adurand")["otp"], true);
    let simple = kept.account("dsimple");
    assert_eq!((simple["enabled"].as_str(), simple["kind"].as_str()), ("false", "unknown"));
    assert_eq!(kept.attributes("dsimple")["required_actions"], json!(["UPDATE_PASSWORD"]));
    assert_eq!(
        (kept.account("fnobody")["last_login_precision"].as_str(), kept.account("gsvc")["kind"].as_str()),
        ("none", "service")
    );
    assert_eq!(kept.attributes("efc")["identity_providers"], json!(["franceconnect"]));
    let batch = kept.account("service-account-batch");
    // Its client is switched off, so nobody can use it.
    assert_eq!((batch["kind"].as_str(), batch["enabled"].as_str(), batch["display_name"].as_str()), ("service", "false", "batch"));
    assert_eq!(kept.account("service-account-grafana")["last_login_at"], "2025-10-09T08:53:21Z");
}

#[test]
fn an_account_of_a_directory_says_which_entry_it_is() {
    let (_, kept, _, _) = run(Manners::default(), "");
    let attributes = kept.attributes("cldap");
    assert_eq!(
        attributes["federation"],
        json!({ "component": "Annuaire", "provider": "ldap", "link": "comp-ldap", "ldap_id": "7f3c-1", "ldap_entry_dn": "uid=cldap,ou=people,dc=agence" })
    );
    assert_eq!((attributes["upn"].as_str(), kept.account("cldap")["employee_id"].as_str()), (Some("cldap@agence.example"), "003"));
    // The directory decides on its password.
    assert_eq!(kept.account("cldap").get("password_never_expires"), None);
    assert_eq!(kept.attributes("adurand").get("federation"), None);
}

#[test]
fn rights_follow_from_composites_groups_and_the_groups_above() {
    let (_, kept, _, _) = run(Manners::default(), "");
    let default = ["account/view-profile < default-roles-agence", "offline_access < default-roles-agence"];
    assert_eq!(kept.rights("adurand"), [default[0], "default-roles-agence", default[1]]);
    // `exploitation` and `boucle` contain each other.
    assert_eq!(
        kept.rights("bexploit"),
        [
            default[0],
            "auditeur < exploitation",
            "boucle < exploitation",
            "default-roles-agence",
            "exploitation",
            default[1],
            "realm-management/manage-users < exploitation > realm-management/realm-admin",
            "realm-management/realm-admin < exploitation",
        ]
    );
    assert_eq!(
        kept.rights("cldap"),
        [
            "/DSI/Exploitants",
            default[0],
            "auditeur < /DSI/Exploitants > /DSI",
            "default-roles-agence",
            "grafana/éditeur/tableaux < /DSI/Exploitants",
            default[1],
        ]
    );
    // Held both ways: the direct grant is the one to review.
    assert!(kept.rights("dsimple").contains(&"auditeur".to_owned()));
    assert_eq!(kept.rights("fnobody"), Vec::<String>::new());
    assert_eq!(kept.rights("service-account-grafana"), ["realm-management/manage-users"]);
}

#[test]
fn privilege_is_known_declared_inherited_or_unknown() {
    let (_, kept, _, _) = run(Manners::default(), "");
    let privileged = |kept: &Kept, name: &str| kept.entitlement(name).get("privileged").cloned();
    for name in ["realm-management/realm-admin", "realm-management/manage-users", "exploitation", "boucle"] {
        assert_eq!(privileged(&kept, name).as_deref(), Some("true"), "{name}");
    }
    for name in ["offline_access", "account/view-profile", "default-roles-agence"] {
        assert_eq!(privileged(&kept, name).as_deref(), Some("false"), "{name}");
    }
    assert_eq!((privileged(&kept, "auditeur"), privileged(&kept, "/DSI")), (None, None));
    let (_, kept, _, _) = run(Manners::default(), "privileged_roles = ['grafana/éditeur/tableaux']");
    for (name, word) in
        [("/DSI/Exploitants", "true"), ("/DSI", "false"), ("auditeur", "false"), ("grafana/éditeur/tableaux", "true")]
    {
        assert_eq!(privileged(&kept, name).as_deref(), Some(word), "{name}");
    }
    let role = kept.entitlement("grafana/éditeur/tableaux");
    assert_eq!((role["entitlement_id"].as_str(), role["resource"].as_str()), ("KC:ro-edit", "agence/grafana"));
}

#[test]
fn an_old_token_is_renewed_and_one_server_error_is_tried_again() {
    let manners =
        Manners { token_life: 10, fails: vec![("/users?brief", 500, 1), ("/groups/g-dsi/members", 503, 1)], ..Manners::default() };
    let (reading, kept, _, fake) = run(manners, "");
    assert_eq!(reading.unwrap().incomplete, None);
    assert_eq!(kept.table("accounts").len(), 9);
    assert!(fake.tokens() > 3, "{} tokens", fake.tokens());
    let tries = fake.log().iter().filter(|line| line.contains("/users?briefRepresentation=false&first=0")).count();
    assert!(tries >= 2, "{tries}");
}

#[test]
fn a_page_cut_in_the_middle_is_read_again_or_said() {
    let (whole, kept, _, _) =
        run(Manners { cuts: vec![("/users?briefRepresentation=false&first=3", 1)], ..Manners::default() }, "");
    assert_eq!((whole.unwrap().incomplete, kept.table("accounts").len()), (None, 9));
    let manners = Manners { cuts: vec![("/users?briefRepresentation=false&first=3", usize::MAX)], ..Manners::default() };
    let (reading, kept, capture, _) = run(manners, "");
    let reading = reading.unwrap();
    let why = reading.incomplete.clone().unwrap();
    assert!(why.contains("broke off after 3") && why.contains("tried 4 times"), "{why}");
    assert_eq!((reading.rows_seen, kept.table("accounts").len(), reading.server_count), (5, 5, Some(9)));
    assert_again(EMPLOYEE, &reading, &kept, &capture);
}

#[test]
fn a_server_that_lists_less_than_it_counts_is_not_believed() {
    let (reading, kept, _, _) = run(Manners { hidden: vec!["bexploit"], ..Manners::default() }, "");
    let why = reading.unwrap().incomplete.unwrap();
    assert!(why.contains("counts 7 users and listed 6"), "{why}");
    assert!(why.contains("1 users hold roles or groups and were not listed (the first: u-2)"), "{why}");
    assert_eq!(kept.table("accounts").len(), 8);
}

#[test]
fn short_pages_do_not_end_a_list() {
    let (reading, kept, _, _) = run(Manners { page_cap: 2, ..Manners::default() }, "");
    assert_eq!((reading.unwrap().incomplete, kept.table("accounts").len(), kept.table("entitlements").len()), (None, 9, 11));
}

#[test]
fn a_missing_right_is_named() {
    let (reading, ..) = run(Manners { fails: vec![("/users?brief", 403, usize::MAX)], ..Manners::default() }, "");
    let error = reading.unwrap_err();
    assert!(error.contains("status 403") && error.contains("give it view-users of realm-management"), "{error}");
    let (reading, ..) = run(Manners { rights: Some(vec!["query-users", "view-realm", "view-clients"]), ..Manners::default() }, "");
    let error = reading.unwrap_err();
    assert!(error.contains("lacks view-users") && error.contains("without saying so"), "{error}");
    // A lightweight token shows no rights; then the count decides.
    let (reading, ..) = run(Manners { rights: None, ..Manners::default() }, "");
    assert_eq!(reading.unwrap().incomplete, None);
}

#[test]
fn what_is_only_useful_may_be_refused() {
    let manners = Manners { fails: vec![("/events", 403, usize::MAX), ("/users?idpAlias", 403, usize::MAX)], ..Manners::default() };
    let (reading, kept, capture, _) = run(manners, "");
    let reading = reading.unwrap();
    assert_eq!(reading.incomplete, None);
    let notes = reading.query["notes"].to_string();
    assert!(notes.contains("give it view-events of realm-management") && notes.contains("franceconnect cannot be read"), "{notes}");
    assert_eq!(
        (kept.account("adurand").get("last_login_at"), kept.account("adurand")["last_login_precision"].as_str()),
        (None, "none")
    );
    assert_again(EMPLOYEE, &reading, &kept, &capture);
}

#[test]
fn holders_that_cannot_be_read_make_it_incomplete() {
    let (reading, ..) = run(Manners { fails: vec![("/roles/exploitation/users", 404, usize::MAX)], ..Manners::default() }, "");
    let why = reading.unwrap().incomplete.unwrap();
    assert!(why.contains("holders of the role exploitation could not be read"), "{why}");
    assert!(why.contains("the realm roles of bexploit are not those the server computes"), "{why}");
}

#[test]
fn effective_roles_are_compared_with_the_servers_own() {
    let (reading, ..) = run(Manners { extra_role: Some("inattendu"), ..Manners::default() }, "");
    let why = reading.unwrap().incomplete.unwrap();
    assert!(why.contains("the realm roles of bexploit are not those the server computes (they differ in inattendu)"), "{why}");
}

#[test]
fn wrong_secret_unreachable_server_and_wrong_realm_each_have_their_words() {
    let fake = Fake::start(Manners::default());
    let dir = tempfile::tempdir().unwrap();
    let told = |secret: &str, config: &str| {
        secret::write(&dir.path().join("secret"), secret);
        harvest(dir.path(), config).0.unwrap_err()
    };
    let error = told("faux", &fake.config(""));
    assert!(
        error.contains("the client probant is refused (Invalid client or Invalid client credentials): check client_id"),
        "{error}"
    );
    assert!(told("", &fake.config("")).contains("is empty"));
    let error = told("sésame", &fake.config("").replace("'agence'", "'autre'"));
    assert!(error.contains("status 404") && error.contains("check `realm` = \"autre\""), "{error}");
    let error = told("sésame", &fake.config("").replace("allow_http = true\n", ""));
    assert!(error.contains("does not start with https://") && error.contains("allow_http = true"), "{error}");
    let error = told("sésame", &fake.config("").replace("client_id = 'probant'\n", ""));
    assert!(error.contains("`client_id` is missing"), "{error}");
    let error = told("sésame", &fake.config("").replace("secret_file = 'secret'\n", "secret_env = 'PROBANT_TEST_NOT_SET'\n"));
    assert!(error.contains("the environment variable PROBANT_TEST_NOT_SET, named by secret_env, is not set"), "{error}");
    let config = fake.config("");
    drop(fake);
    let error = told("sésame", &config);
    assert!(error.contains("the connection failed") && error.contains("check that the server runs"), "{error}");
    let error =
        told("sésame", "url = 'http://keycloak.invalid'\nrealm = 'a'\nclient_id = 'c'\nsecret_file = 'secret'\nallow_http = true");
    assert!(
        error.contains("keycloak.invalid") && (error.contains("no such host") || error.contains("connection failed")),
        "{error}"
    );
}

#[test]
fn a_slow_answer_is_given_up_and_asked_for_again() {
    let (reading, kept, _, fake) = run(Manners { slow_once: Some("/roles?"), ..Manners::default() }, "timeout_seconds = 1");
    assert_eq!((reading.unwrap().incomplete, kept.table("accounts").len()), (None, 9));
    assert_eq!(fake.log().iter().filter(|line| line.contains("/agence/roles?first=0")).count(), 2);
}

#[test]
fn no_answer_can_be_missing_from_a_capture_unnoticed() {
    let (reading, _, capture, _) = run(Manners::default(), "");
    let reading = reading.unwrap();
    let text = String::from_utf8(capture).unwrap();
    let dir = tempfile::tempdir().unwrap();
    for gone in 0..text.lines().count() {
        let left: Vec<&str> = text.lines().enumerate().filter(|(at, _)| *at != gone).map(|(_, line)| line).collect();
        std::fs::write(dir.path().join("c"), format!("{}\n", left.join("\n"))).unwrap();
        let (again, ..) = harvest(dir.path(), "files = ['c']");
        let noticed = again.map_or(true, |again| again.incomplete.is_some() || again.query["notes"] != reading.query["notes"]);
        let line = text.lines().nth(gone).unwrap();
        assert!(noticed, "{line}");
    }
}

#[test]
fn a_changed_capture_is_refused_at_its_line() {
    let (_, _, capture, _) = run(Manners::default(), "");
    let dir = tempfile::tempdir().unwrap();
    let told = |bytes: &[u8]| {
        std::fs::write(dir.path().join("c"), bytes).unwrap();
        harvest(dir.path(), "files = ['c']").0
    };
    let text = String::from_utf8(capture).unwrap();
    let cut = &text[..text.len() - 40];
    let error = told(cut.as_bytes()).unwrap_err();
    assert!(
        error.contains(&format!("line {}", text.lines().count())) && error.contains("take the capture from the store again"),
        "{error}"
    );
    let without: Vec<&str> = text.lines().filter(|line| !line.contains("/users/count")).collect();
    let why = told(format!("{}\n", without.join("\n")).as_bytes()).unwrap().incomplete.unwrap();
    assert!(why.contains("gave no count"), "{why}");
}
