//! `probant sources test` on live directories: what it says when all is well, to people in both languages and to programs.

use crate::support::server;
use crate::worlds::{directory, ds389, openldap, samba};

#[test]
fn an_openldap_that_is_well() {
    let Some(server) = server("openldap") else { return };
    let world = directory(&openldap(&server, "paged"));
    let said = world.probant(&["sources", "test", "annuaire"]).code(0).out;
    for part in [
        "as cn=paged,ou=services,dc=example,dc=com",
        "directory: openldap (openldap, the root entry is of OpenLDAP's class)",
        "dc=example,dc=com: 200 entries at least",
        "in pages of 400",
        "limit met and got past: dc=example,dc=com: pages of 5000 are too large (result 11",
        "pwdAccountLockedTime (state): readable",
        "a harvest would ask for (objectClass=*) below, in pages of 5000: dc=example,dc=com",
        "✓ a harvest would be whole",
    ] {
        assert!(said.contains(part), "`{part}` is missing in:\n{said}");
    }
    assert!(!world.store().exists(), "nothing is kept");
    let french = world.probant(&["sources", "test", "annuaire", "--lang", "fr"]).code(0).out;
    for part in ["en tant que cn=paged", "parcours sans attributs :", "lisible", "✓ une collecte serait complète"] {
        assert!(french.contains(part), "`{part}` is missing in:\n{french}");
    }
    let json = world.probant(&["sources", "test", "annuaire", "--format", "json"]).code(0).json();
    assert_eq!((&json["schema"], &json["good"]), (&"probant.source-test.v1".into(), &true.into()));
    assert_eq!(json["facts"]["flavour"], "openldap");
    assert_eq!(json["facts"]["whole"]["page_size"], 400);
    assert_eq!(json["facts"]["whole"]["limits_met"].as_array().unwrap().len(), 2);
    assert!(json["facts"]["whole"]["entries"].as_u64().unwrap() > 1400);
}

#[test]
fn an_active_directory_and_a_389_ds() {
    let (Some(ad), Some(ds)) = (server("samba"), server("389ds")) else { return };
    let json = directory(&samba(&ad)).probant(&["sources", "test", "annuaire", "--format", "json"]).code(0).json();
    assert_eq!((&json["facts"]["flavour"], &json["facts"]["password_settings_hidden"]), (&"ad".into(), &true.into()));
    assert!(json["facts"]["would_ask"]["attributes"].as_array().unwrap().iter().any(|name| name == "userAccountControl"));
    // Its look-through limit is got past branch by branch.
    let json = directory(&ds389(&ds)).probant(&["sources", "test", "annuaire", "--format", "json"]).code(0).json();
    assert_eq!((&json["facts"]["flavour"], &json["facts"]["whole"]["branches_cut"]), (&"389ds".into(), &1.into()));
}
