//! What `sources test` says of a live Keycloak.

use super::fake::{Fake, Manners};
use super::*;
use crate::lang::Lang;
use crate::sources::{Look, secret};

fn look(manners: Manners, attribute: &str) -> (Result<Look, String>, Fake) {
    let dir = tempfile::tempdir().unwrap();
    secret::write(&dir.path().join("secret"), "sésame\n");
    let fake = Fake::start(manners);
    let config: KeycloakConfig = toml::from_str(&fake.config("").replace("employeeNumber", attribute)).unwrap();
    let look = config.look(&request(dir.path())).unwrap().map_err(|error| error.to_string());
    (look, fake)
}

#[test]
fn a_realm_that_is_well_is_looked_at_and_not_harvested() {
    let (look, fake) = look(Manners::default(), "employeeNumber");
    let look = look.unwrap();
    assert!(look.is_good(), "{:?}", look.wanting(Lang::En));
    let said = look.lines(Lang::En).join("\n");
    for part in [
        "realm agence as probant (TLS: none (allow_http = true))",
        "roles of the realm: readable",
        "groups: readable",
        "login events: readable",
        "users: 7 as the server counts",
        "attribute employeeNumber: on ",
    ] {
        assert!(said.contains(part), "`{part}` is missing in:\n{said}");
    }
    assert!(look.lines(Lang::Fr).join("\n").contains("rôles du royaume : lisible"));
    assert_eq!((&look.facts["login_events_kept"], &look.facts["users"]["server_count"]), (&true.into(), &7.into()));
    assert!(fake.log().len() < 10, "a few questions: {:?}", fake.log());
}

#[test]
fn what_a_harvest_would_miss_is_said() {
    let (without, _) = look(Manners { fails: vec![("/groups", 403, usize::MAX)], ..Manners::default() }, "employeeNumber");
    let without = without.unwrap();
    assert!(!without.is_good());
    let [wanting] = without.wanting(Lang::En) else { panic!("{:?}", without.wanting(Lang::En)) };
    assert!(wanting.contains("lacks a right: give it view-users and query-groups of realm-management"), "{wanting}");
    // Events are not needed for a whole harvest.
    let (events, _) = look(Manners { fails: vec![("/events", 403, usize::MAX)], ..Manners::default() }, "employeeNumber");
    let events = events.unwrap();
    assert!(events.is_good() && events.lines(Lang::En).join("\n").contains("give it view-events"));
    let (wrong, _) = look(Manners::default(), "matricule");
    let said = wrong.unwrap().wanting(Lang::Fr).join("\n");
    assert!(said.contains("ne porte l'attribut matricule (employee_attribute)"), "{said}");
}

#[test]
fn a_client_that_is_refused_is_told_so() {
    let (refused, _) = look(Manners { fails: vec![("", 404, usize::MAX)], ..Manners::default() }, "employeeNumber");
    let error = refused.unwrap_err();
    assert!(error.contains("status 404") && error.contains("check `realm`"), "{error}");
    let exports: KeycloakConfig = toml::from_str("files = ['a.json']").unwrap();
    assert!(exports.look(&request(Path::new("/"))).is_none(), "exports are tried by reading them");
}
