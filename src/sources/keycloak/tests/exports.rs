//! Realm exports: whole, split, several realms in one, cut, partial, written by hand.

use super::*;
use crate::sources::secret;
use serde_json::json;

fn files(config: &str, files: &[(&str, &[u8])]) -> (Result<Reading, String>, Kept, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    harvest(dir.path(), &format!("files = ['*.json']\n{config}"))
}

fn bytes(value: &Json) -> Vec<u8> {
    serde_json::to_vec_pretty(value).unwrap()
}

#[test]
fn an_export_gives_the_rows_that_the_server_gives() {
    let (reading, kept, capture) = files("employee_attribute = 'employeeNumber'", &[("agence.json", &bytes(&world::export()))]);
    let reading = reading.unwrap();
    assert_eq!((reading.incomplete.as_deref(), reading.rows_seen, reading.rows_kept), (None, 9, 9));
    assert!(
        reading.query["notes"].to_string().contains("those that never logged in and were not synchronised"),
        "{}",
        reading.query
    );
    assert!(reading.query["files"][0]["sha256"].as_str().unwrap().len() == 64);

    let dir = tempfile::tempdir().unwrap();
    secret::write(&dir.path().join("secret"), "sésame");
    let server = fake::Fake::start(fake::Manners::default());
    let (_, live, _) = harvest(dir.path(), &server.config(""));
    let sorted = |kept: &Kept, table: &str| {
        let mut rows = kept.table(table).to_vec();
        rows.sort();
        rows
    };
    assert_eq!(sorted(&kept, "grants"), sorted(&live, "grants"));
    assert_eq!(sorted(&kept, "entitlements"), sorted(&live, "entitlements"));
    for mut row in live.table("accounts").to_vec() {
        // Events and links are known to the server alone, credentials to the export alone.
        let mut exported = kept.account(&row["login"].clone()).clone();
        for key in ["last_login_at", "last_login_precision", "attributes", "password_changed_at"] {
            row.remove(key);
            exported.remove(key);
        }
        if exported["kind"] == "service" {
            exported.remove("password_never_expires");
        }
        assert_eq!(exported, row);
    }
    assert_eq!(kept.account("adurand")["password_changed_at"], "2023-11-14T22:13:20Z");
    assert_eq!(
        (kept.account("adurand")["last_login_precision"].as_str(), kept.account("adurand").get("last_login_at")),
        ("none", None)
    );
    assert_again("employee_attribute = 'employeeNumber'", &reading, &kept, &capture);
    let text = String::from_utf8(capture).unwrap();
    assert!(!text.contains("SECRET"), "{text}");
}

#[test]
fn a_split_export_is_one_realm_and_a_missing_part_is_noticed() {
    let mut realm = world::export();
    let users = realm.as_object_mut().unwrap().remove("users").unwrap();
    let part = |range: std::ops::Range<usize>| bytes(&json!({ "realm": "agence", "users": users.as_array().unwrap()[range] }));
    let federated =
        bytes(&json!({ "realm": "agence", "federatedUsers": [{ "id": "f:comp-ldap:zorro", "realmRoles": ["auditeur"] }] }));
    let all = [
        ("agence-realm.json", bytes(&realm)),
        ("agence-users-0.json", part(0..4)),
        ("agence-users-1.json", part(4..9)),
        ("agence-federated-users-0.json", federated),
    ];
    let given: Vec<(&str, &[u8])> = all.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    let (reading, kept, capture) = files("", &given);
    let reading = reading.unwrap();
    assert_eq!((reading.incomplete.as_deref(), reading.rows_kept, reading.pages), (None, 10, 4));
    let zorro = kept.account("zorro");
    assert_eq!(
        (zorro["account_id"].as_str(), zorro.get("enabled"), zorro["kind"].as_str()),
        ("KC:f:comp-ldap:zorro", None, "human")
    );
    assert_eq!(kept.rights("zorro"), ["auditeur"]);
    assert_again("", &reading, &kept, &capture);
    let (reading, ..) = files("", &[given[0], given[2], given[3]]);
    assert_eq!(reading.unwrap().incomplete.unwrap(), "agence-users-0.json missing: add them, or export again");
    let (reading, kept, _) = files("", &given[1..3]);
    let why = reading.unwrap().incomplete.unwrap();
    assert!(why.contains("realm agence: only users were given; add agence-realm.json"), "{why}");
    assert_eq!(kept.rights("bexploit"), ["default-roles-agence", "exploitation"]);
}

#[test]
fn several_realms_in_one_file_keep_apart() {
    let realm = |name: &str| json!({ "realm": name, "users": [{ "username": "admin", "enabled": true, "realmRoles": ["admin"] }], "roles": { "realm": [{ "name": "admin" }] } });
    let both = bytes(&json!([realm("master"), realm("agence")]));
    let (reading, kept, _) = files("", &[("both.json", &both)]);
    assert_eq!((reading.unwrap().incomplete, kept.table("accounts").len()), (None, 2));
    let ids: Vec<&str> = kept.table("accounts").iter().map(|row| row["account_id"].as_str()).collect();
    assert_eq!(ids, ["KC:master/admin", "KC:agence/admin"]);
    let roles: Vec<_> = kept
        .table("entitlements")
        .iter()
        .map(|row| (row["resource"].as_str(), row.get("privileged").map(String::as_str)))
        .collect();
    // In the master realm `admin` rules all realms; elsewhere it is an application's word.
    assert_eq!(roles, [("master", Some("true")), ("agence", None)]);
    let (reading, kept, _) = files("realms = ['agence']", &[("both.json", &both)]);
    let reading = reading.unwrap();
    assert_eq!((reading.details["realms_left_out"], kept.table("accounts").len()), (1, 1));
    let error = files("realms = ['paris']", &[("both.json", &both)]).0.unwrap_err();
    assert!(error.contains("\"paris\" is in none of the files"), "{error}");
}

#[test]
fn users_of_a_directory_that_are_not_there_make_it_incomplete() {
    let mut export = world::export();
    export["users"].as_array_mut().unwrap().retain(|user| user.get("federationLink").is_none());
    let why = files("", &[("a.json", &bytes(&export))]).0.unwrap().incomplete.unwrap();
    assert!(why.contains("also come from the directory Annuaire, and none of them is in the export"), "{why}");
    assert!(why.contains("harvest the directory itself"), "{why}");
    export["components"]["org.keycloak.storage.UserStorageProvider"][0]["config"]["enabled"] = json!(["false"]);
    assert_eq!(files("", &[("a.json", &bytes(&export))]).0.unwrap().incomplete, None);
    export.as_object_mut().unwrap().remove("users");
    let why = files("", &[("a.json", &bytes(&export))]).0.unwrap().incomplete.unwrap();
    assert!(why.contains("the export holds no users") && why.contains("--users realm_file"), "{why}");
}

#[test]
fn damage_is_told_and_what_came_before_it_stands() {
    let whole = bytes(&world::export());
    let at = String::from_utf8(whole.clone()).unwrap().find("\"fnobody\"").unwrap();
    let (reading, kept, capture) = files("", &[("a.json", &whole[..at])]);
    let reading = reading.unwrap();
    let why = reading.incomplete.clone().unwrap();
    assert!(why.contains("a.json cannot be read beyond line") && why.contains("export again"), "{why}");
    assert!(!kept.table("accounts").is_empty() && kept.table("accounts").len() < 9);
    assert!(!capture.is_empty());
    for (bytes, word) in [
        (&b"{\"users\": 3"[..], "is no realm export"),
        (b"[1, 2]", "is no realm export"),
        (b"{\"issues\": []}", "is JSON without `realm`"),
        (b"\x7fELF\0\0", "is binary, not JSON"),
        (b"", "is empty"),
    ] {
        let error = files("", &[("a.json", bytes)]).0.unwrap_err();
        assert!(error.contains(word) && error.contains("a.json"), "{error}");
    }
    let deep = format!("{{\"realm\": \"x\", \"groups\": {}", "[".repeat(100_000));
    assert!(files("", &[("a.json", deep.as_bytes())]).0.unwrap().incomplete.unwrap().contains("recursion limit"));
}

#[test]
fn wherever_an_export_is_cut_somebody_is_told() {
    let whole = serde_json::to_vec(&world::export()).unwrap();
    for at in (1..whole.len()).step_by(61) {
        let (reading, kept, _) = files("", &[("a.json", &whole[..at])]);
        assert!(reading.map_or(true, |reading| reading.incomplete.is_some()), "cut at {at}");
        assert!(kept.table("accounts").len() <= 9);
    }
}

#[test]
fn odd_users_are_rejected_with_their_reason() {
    let export = json!({ "realm": "x", "roles": {}, "users": [
        { "id": "1", "username": "a", "enabled": true }, { "id": "1", "username": "a" }, { "id": "2" }, {}, 7,
        { "id": "3", "username": "b", "groups": ["/inconnu"], "clientRoles": { "realm-management": ["realm-admin"] } },
    ] });
    let (reading, kept, _) = files("", &[("x.json", &bytes(&export))]);
    let reading = reading.unwrap();
    assert_eq!((reading.rows_seen, reading.rows_kept, reading.details["held_but_not_defined"]), (6, 2, 2));
    let reasons: Vec<(u64, &str)> = kept.rejects.iter().map(|(row, why, _)| (*row, why.as_str())).collect();
    assert_eq!(
        reasons,
        [
            (2, "the user is there twice"),
            (3, "the user has no username"),
            (4, "the user has neither id nor username"),
            (5, "the user has neither id nor username")
        ]
    );
    // A role that is held but not defined (an import file leaves Keycloak's own out) is still a role.
    assert_eq!(kept.rights("b"), ["/inconnu", "realm-management/realm-admin"]);
    assert_eq!(kept.entitlement("realm-management/realm-admin")["privileged"], "true");
}

#[test]
fn files_and_url_are_one_or_the_other() {
    let dir = tempfile::tempdir().unwrap();
    let told = |config: &str| harvest(dir.path(), config).0.unwrap_err();
    assert!(told("").contains("neither `files` nor `url` is set"));
    assert!(told("files = ['a']\nurl = 'https://x'").contains("both `files` and `url` are set"));
    assert!(
        toml::from_str::<KeycloakConfig>("url = 'https://x'\nclient_secret = 'x'")
            .unwrap_err()
            .to_string()
            .contains("client_secret")
    );
}
