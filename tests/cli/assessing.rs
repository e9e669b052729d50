//! Gates for scripts and monitoring: what makes `assess` and `drift` say that there is something to act on.

use crate::kit::{World, done};

const LATER: &str = "2026-10-06T08:00:00Z";

/// A world where, between two harvests, somebody left and kept an account.
fn a_new_leaver() -> World {
    let world = World::small();
    world.probant(&["harvest", "--quiet"]).code(0);
    world.edit("rh.csv", "1;Martin;Anne;Présent;01/02/2020;", "1;Martin;Anne;Sorti;01/02/2020;31/08/2026");
    done(&mut world.at(LATER, &["harvest", "--quiet"])).code(0);
    world
}

#[test]
fn fail_on_is_a_gate() {
    let world = a_new_leaver();
    world.probant(&["assess", "--quiet"]).code(0);
    world.probant(&["assess", "--quiet", "--fail-on", "high"]).code(1);
    // Skipped, with the reason that every output shows.
    let before = World::small();
    before.probant(&["harvest", "--quiet"]).code(0);
    before.probant(&["assess", "--fail-on", "grave"]).code(2).says(&["grave", "critical"]);
    before.probant(&["assess", "--quiet", "--fail-on", "critical"]).code(0);
}

#[test]
fn drift_names_the_new_leaver() {
    let world = a_new_leaver();
    let drift = done(&mut world.at(LATER, &["drift", "--lang", "en"])).code(1);
    assert!(drift.out.contains("APPLI:am"), "{}", drift.out);
    let json = done(&mut world.at(LATER, &["drift", "--format", "json"])).code(1).json();
    let change = json["changes"].as_array().unwrap().iter().find(|c| c["check_id"] == "leaver-with-active-account").unwrap();
    let keys: Vec<&str> = change["appeared"].as_array().unwrap().iter().map(|s| s["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["APPLI:am"]);
    assert_eq!(change["now"], "not_satisfied");
    assert_ne!(change["before"], "not_satisfied");

    let icinga = done(&mut world.at(LATER, &["drift", "--icinga"])).code(2);
    assert_eq!(icinga.out.lines().count(), 1, "{}", icinga.out);
    assert!(
        icinga.out.starts_with("CRITICAL - ")
            && icinga.out.contains("leaver-with-active-account +1")
            && icinga.out.contains("| new=")
    );
}

#[test]
fn drift_without_change_is_quiet() {
    let world = World::small();
    world.probant(&["harvest", "--quiet"]).code(0);
    done(&mut world.at(LATER, &["harvest", "--quiet"])).code(0);
    let drift = done(&mut world.at(LATER, &["drift", "--lang", "en"])).code(0);
    assert!(drift.out.contains("Nothing changed"), "{}", drift.out);
    let icinga = done(&mut world.at(LATER, &["drift", "--icinga"])).code(0);
    assert!(icinga.out.starts_with("OK - "), "{}", icinga.out);
}

#[test]
fn drift_the_other_way_is_no_alarm() {
    let world = a_new_leaver();
    world.edit("appli.csv", "am,1,oui", "am,1,non");
    done(&mut world.at("2026-10-07T08:00:00Z", &["harvest", "--quiet"])).code(0);
    let json = done(&mut world.at("2026-10-07T08:00:00Z", &["drift", "--format", "json"])).code(0).json();
    let change = json["changes"].as_array().unwrap().iter().find(|c| c["check_id"] == "leaver-with-active-account").unwrap();
    assert_eq!(change["disappeared"][0], "APPLI:am");
    // Over both days it is still worse: the directory does not tell whether the leaver's other account is enabled.
    let since = done(&mut world.at("2026-10-07T08:00:00Z", &["drift", "--since", "20261005T080000Z", "--lang", "en"])).code(1);
    assert!(since.out.contains("satisfied → ◐ incomplete, +0 −0"), "{}", since.out);
}

#[test]
fn drift_with_nothing_to_compare() {
    let world = World::small();
    world.probant(&["harvest", "--quiet"]).code(0);
    world.probant(&["drift"]).code(2).says(&["no older snapshot", "--since"]);
    let icinga = world.probant(&["drift", "--icinga"]).code(3);
    assert!(icinga.out.starts_with("UNKNOWN - there is no older snapshot"), "{}", icinga.out);
    assert!(!icinga.out.contains('│') && icinga.out.lines().count() == 1, "a monitoring line holds no frame: {}", icinga.out);
    let empty = World::small().probant(&["drift", "--icinga"]).code(3);
    assert!(empty.out.starts_with("UNKNOWN - "), "{}", empty.out);
}

#[test]
fn monitoring_is_told_what_it_cannot_know_in_one_line_too() {
    let world = World::empty();
    let says = |arguments: &[&str], what: &str| {
        let told = world.probant(arguments).code(3);
        assert!(told.out.starts_with("UNKNOWN - ") && told.out.contains(what), "{}", told.out);
        assert_eq!((told.out.lines().count(), told.err.as_str()), (1, ""));
    };
    says(&["drift", "--icinga"], "no probant.toml in");
    says(&["--config", "elsewhere.toml", "drift", "--icinga"], "elsewhere.toml cannot be read");
    says(&["drift", "--icinga", "--snap"], "--snap");
    world.write("probant.toml", "[organisation\n");
    says(&["drift", "--icinga"], "line 1, column ");
}

#[test]
fn a_source_that_comes_back_is_no_alarm() {
    let world = World::small();
    // The directory does not tell whether the account of the one who left is enabled, so the check is incomplete when it is read.
    world.edit("rh.csv", "1;Martin;Anne;Présent;01/02/2020;", "1;Martin;Anne;Sorti;01/02/2020;31/08/2026");
    world.edit("appli.csv", "am,1,oui\n", "");
    for (file, absent) in [("annuaire.ldif", "absent.ldif"), ("appli.csv", "absent.csv")] {
        world.edit("probant.toml", file, absent);
    }
    world.probant(&["harvest", "--quiet"]).code(2);
    for (file, absent) in [("annuaire.ldif", "absent.ldif"), ("appli.csv", "absent.csv")] {
        world.edit("probant.toml", absent, file);
    }
    done(&mut world.at(LATER, &["harvest", "--quiet"])).code(0);
    let json = done(&mut world.at(LATER, &["drift", "--format", "json"])).code(0).json();
    let came_back = json["changes"].as_array().unwrap().iter().any(|c| c["before"] == "not_collected" && c["now"] == "incomplete");
    assert!(came_back, "{json}");
    let icinga = done(&mut world.at(LATER, &["drift", "--icinga"])).code(0);
    assert!(icinga.out.starts_with("OK - "), "{}", icinga.out);
    // And the other way round it is one, named by what became of the check where nobody new is at fault.
    world.edit("probant.toml", "annuaire.ldif", "absent.ldif");
    done(&mut world.at("2026-10-07T08:00:00Z", &["harvest", "--quiet"])).code(2);
    let lost = done(&mut world.at("2026-10-07T08:00:00Z", &["drift", "--icinga"])).code(2);
    assert!(lost.out.starts_with("CRITICAL - ") && lost.out.contains("source-not-collected +1"), "{}", lost.out);
    assert!(lost.out.contains("orphan-account incomplete") && !lost.out.contains("+0"), "{}", lost.out);
}

#[test]
fn nothing_to_judge_yet() {
    World::small().probant(&["assess"]).code(2).says(&["no snapshot yet", "probant run", "probant harvest"]);
}

#[test]
fn a_skipped_check_shows_its_reason() {
    let world = a_new_leaver();
    world.append("probant.toml", "\n[checks.skip]\nleaver-with-active-account = \"repris par l'outil RH\"\n");
    let findings = world.probant(&["assess", "--format", "json"]).code(0).json();
    let finding = findings["findings"].as_array().unwrap().iter().find(|f| f["check_id"] == "leaver-with-active-account").unwrap();
    assert_eq!(finding["status"], "skipped");
    assert!(finding["reason"]["fr"].as_str().unwrap().contains("repris par l'outil RH"), "{finding}");
    assert!(finding["exceptions"].as_array().unwrap().is_empty());
}

#[test]
fn a_parameter_of_the_configuration_wins() {
    let world = a_new_leaver();
    let exceptions =
        |world: &World| world.probant(&["assess", "--check", "leaver-with-active-account"]).code(0).out.contains("APPLI:am");
    assert!(exceptions(&world));
    world.append("probant.toml", "\n[checks.params.leaver-with-active-account]\nleft_before = \"as_of - 90 days\"\n");
    assert!(!exceptions(&world));
}
