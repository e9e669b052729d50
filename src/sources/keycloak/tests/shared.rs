//! Real realm files, where the shared fixtures are at hand.

use std::path::PathBuf;

use super::*;

fn read(name: &str) -> Option<(Reading, Kept)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/fixtures/keycloak");
    if !folder.join(name).exists() {
        eprintln!("SKIPPED: {} is not there, so {name} is not tried", folder.display());
        return None;
    }
    let (reading, kept, capture) = harvest(&folder, &format!("files = ['{name}']"));
    let reading = reading.unwrap();
    assert_again("", &reading, &kept, &capture);
    let text = String::from_utf8(capture).unwrap();
    assert!(!text.contains("secretData") && !text.contains("client-secret") && !text.contains("privateKey"), "{name}");
    Some((reading, kept))
}

#[test]
fn the_master_realm_of_an_export_without_users() {
    let Some((reading, kept)) = read("master-realm-18.0.2.json") else { return };
    assert!(reading.incomplete.unwrap().contains("realm master: the export holds no users"));
    assert_eq!(kept.table("accounts").len(), 0);
    let mut privileged: Vec<&str> = kept
        .table("entitlements")
        .iter()
        .filter(|row| row.get("privileged").is_some_and(|word| word == "true"))
        .map(|row| row["name"].as_str())
        .collect();
    privileged.sort_unstable();
    let managed = ["authorization", "clients", "events", "identity-providers", "realm", "users"]
        .map(|what| format!("master-realm/manage-{what}"));
    let mut expected = vec!["admin", "create-realm", "master-realm/create-client", "master-realm/impersonation"];
    expected.extend(managed.iter().map(String::as_str));
    assert_eq!(privileged, expected);
    assert_eq!(kept.entitlement("default-roles-master")["privileged"], "false");
}

#[test]
fn a_realm_written_for_import() {
    let Some((reading, kept)) = read("quickstart-authz-realm.json") else { return };
    assert_eq!((reading.incomplete.as_deref(), reading.rows_kept), (None, 4));
    assert_eq!(kept.rights("jdoe"), ["user", "user_premium"]);
    assert_eq!(kept.rights("service-account-jakarta-servlet-authz-client"), ["jakarta-servlet-authz-client/uma_protection"]);
    let service = kept.account("service-account-jakarta-servlet-authz-client");
    assert_eq!((service["kind"].as_str(), service["display_name"].as_str()), ("service", "jakarta-servlet-authz-client"));
    assert_eq!(kept.account("alice")["password_never_expires"], "true");
    assert_eq!(kept.account("admin")["account_id"], "KC:quickstart/admin");
}

#[test]
fn a_realm_with_groups_and_clients() {
    let Some((reading, kept)) = read("strimzi-kafka-authz-realm.json") else { return };
    assert_eq!(reading.incomplete, None);
    assert_eq!(
        kept.rights("alice"),
        ["/ClusterManager Group", "account/manage-account", "account/view-profile", "offline_access", "uma_authorization"]
    );
    assert_eq!(
        kept.rights("service-account-team-a-client"),
        ["Dev Team A", "account/manage-account", "account/view-profile", "offline_access"]
    );
    assert_eq!(kept.account("alice")["emails"], "alice@strimzi.io");
    let Some((reading, _)) = read("quickstart-spring-realm.json") else { return };
    assert_eq!((reading.incomplete, reading.rows_kept), (None, 3));
}
