//! An account that Keycloak takes from a directory is that directory's account seen again: one person, both accounts tied to it.

use crate::kit::{ROSTER, World, entry};

const CONFIG: &str = r#"
[source.rh]
kind = "table"
system = "RH"
path = "rh.csv"
evidence_at = 2026-10-01
record = "people"

[source.rh.read]
format = "csv"
delimiter = ";"

[source.rh.fields]
employee_id = "Matricule"
family_name = "Nom"
given_name = "Prénom"
status = { column = "Statut", values = { "Présent" = "active" } }
joined_on = { column = "Entrée", date = "dd/mm/yyyy" }

[source.a-sso]
kind = "keycloak"
system = "SSO"
files = ["realm.json"]
evidence_at = 2026-10-01

[source.z-annuaire]
kind = "ldif"
system = "LDAP"
path = "annuaire.ldif"
evidence_at = 2026-10-01
flavour = "openldap"
"#;

/// The realm knows Anne by another login, without her number or address: only the directory's id says who she is. The last user is
/// Keycloak's own and nobody's.
const REALM: &str = r#"{
  "realm": "agence", "enabled": true,
  "roles": { "realm": [{ "id": "r-1", "name": "auditeur" }] },
  "components": { "org.keycloak.storage.UserStorageProvider": [
    { "id": "comp-1", "name": "annuaire", "providerId": "ldap", "config": { "enabled": ["true"] } } ] },
  "users": [
    { "id": "u-1", "username": "anne.m", "enabled": true, "federationLink": "comp-1", "realmRoles": ["auditeur"],
      "attributes": { "LDAP_ID": ["11111111-1111-1111-1111-000000000001"], "LDAP_ENTRY_DN": ["uid=amartin,ou=people,dc=x"] } },
    { "id": "u-2", "username": "local.only", "enabled": true } ]
}"#;

#[test]
fn a_federated_account_is_tied_to_the_directorys_person_and_not_doubled() {
    let world = World::empty();
    world.write("probant.toml", format!("[organisation]\nname = \"Essai\"\nlocale = \"en\"\n{CONFIG}"));
    world.write("rh.csv", ROSTER);
    world.write("annuaire.ldif", format!("version: 1\n\n{}", entry("amartin", 1)));
    world.write("realm.json", REALM);
    world.probant(&["harvest"]).code(0);
    let rows = world.sql("SELECT system, login, person_id, link_rule, link_status FROM accounts ORDER BY system, login");
    let row = |cells: [&str; 5]| cells.map(|cell| (!cell.is_empty()).then(|| cell.to_owned())).to_vec();
    assert_eq!(
        rows,
        [
            row(["LDAP", "amartin", "RH:1", "employee_id", "definite"]),
            row(["SSO", "anne.m", "RH:1", "federated", "definite"]),
            row(["SSO", "local.only", "", "", "none"]),
        ]
    );
    let people = world.sql("SELECT COUNT(*) FROM people");
    assert_eq!(people[0][0].as_deref(), Some("1"), "nobody is doubled");
    let held = world.sql("SELECT COUNT(DISTINCT person_id) FROM accounts WHERE person_id IS NOT NULL");
    assert_eq!(held[0][0].as_deref(), Some("1"));
}
