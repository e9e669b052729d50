//! Mistakes in `probant.toml`, its includes and its check files: refused with file, line, column and what is allowed.

use crate::kit::World;

/// Makes one mistake in the small configuration; the refusal must hold every word.
#[track_caller]
fn refused(old: &str, new: &str, words: &[&str]) {
    let world = World::small();
    world.edit("probant.toml", old, new);
    world.probant(&["run"]).code(2).says(words);
    assert!(!world.store().exists(), "a store was made in spite of a refused configuration");
}

#[test]
fn an_unknown_key() {
    refused("locale = ", "langue = ", &["probant.toml, line 5, column 1", "unknown field `langue`", "`name`, `locale`, `zone`"]);
}

#[test]
fn an_unknown_section() {
    refused("[signing]", "[sealing]", &["probant.toml, line 7, column 2", "unknown field `sealing`", "`signing`"]);
}

#[test]
fn an_unknown_key_of_a_source() {
    refused(
        "path = \"rh.csv\"",
        "chemin = \"rh.csv\"",
        &["line 14, column 1", "unknown field `chemin`", "`path`, `record`", "evidence_at"],
    );
}

#[test]
fn an_unknown_key_deep_in_a_source() {
    refused("delimiter", "separator", &["probant.toml, line 20, column 1", "unknown field `separator`", "`delimiter`"]);
}

#[test]
fn a_wrong_type() {
    refused("locale = \"en\"", "locale = 3", &["probant.toml, line 5, column 10", "string"]);
    refused("create = true", "create = \"yes\"", &["probant.toml, line 8, column 10", "expected a boolean"]);
    refused("evidence_at = 2026-10-01", "evidence_at = \"October\"", &["line 15, column 15", "datetime"]);
}

#[test]
fn a_word_that_is_not_allowed() {
    refused("locale = \"en\"", "locale = \"de\"", &["line 5, column 10", "`de`", "fr", "en"]);
    refused("flavour = \"openldap\"", "flavour = \"novell\"", &["column 11", "`novell`", "`openldap`, `ad`"]);
    refused("name = \"Essai\"", "name = \"Essai\"\nzone = \"Paris\"", &["line 5", "`Paris` is not a time zone", "Europe/Paris"]);
}

#[test]
fn an_unknown_kind() {
    refused("kind = \"ldif\"", "kind = \"novell\"", &["source annuaire", "unknown kind `novell`", "the kinds are ldif, table"]);
}

#[test]
fn a_field_that_the_record_does_not_have() {
    refused("joined_on", "hired_on", &["probant.toml, line 11", "fields.hired_on", "joined_on, left_on"]);
}

#[test]
fn a_missing_included_file() {
    refused("include = []", "include = [\"plus.toml\"]", &["probant.toml, line 1, column 13", "plus.toml", "No such file"]);
}

#[test]
fn a_pattern_of_includes_that_finds_nothing() {
    let world = World::small();
    world.write("sources.d/LISEZMOI.txt", "");
    world.edit("probant.toml", "include = []", "include = [\"sources.d/*.toml\"]");
    world.probant(&["run"]).code(2).says(&["probant.toml, line 1", "no file matches `sources.d/*.toml`"]);
}

#[test]
fn other_files_that_are_missing() {
    refused("include = []", "declarations = \"declare.toml\"", &["probant.toml, line 1", "declare.toml", "No such file"]);
    refused("include = []", "exceptions = \"except.toml\"", &["probant.toml, line 1", "except.toml", "No such file"]);
    refused("[signing]", "[soa]\nfile = \"appl.toml\"\n[signing]", &["probant.toml, line 8", "appl.toml", "No such file"]);
}

#[test]
fn a_source_named_twice_in_one_file() {
    let world = World::small();
    world.append("probant.toml", "\n[source.rh]\nkind = \"ldif\"\n");
    world.probant(&["run"]).code(2).says(&["probant.toml, line 53, column 9", "duplicate key"]);
}

#[test]
fn a_source_named_twice_over_two_files() {
    let world = World::small();
    world.edit("probant.toml", "include = []", "include = [\"plus.toml\"]");
    world.write("plus.toml", "# Ours\n[source.rh]\nkind = \"ldif\"\nsystem = \"X\"\npath = \"x\"\n");
    world.probant(&["run"]).code(2).says(&[
        "plus.toml, line 2, column 9",
        "rh is also declared in",
        "probant.toml",
        "another name",
    ]);
}

#[test]
fn a_section_in_an_included_file() {
    let world = World::small();
    world.edit("probant.toml", "include = []", "include = [\"plus.toml\"]");
    world.write("plus.toml", "[store]\npath = \"x\"\n");
    world.probant(&["run"]).code(2).says(&["plus.toml, line 1", "`store` cannot stand here", "[source.<id>]"]);
}

#[test]
fn no_configuration_at_all() {
    World::empty().probant(&["run"]).code(2).says(&["no probant.toml", "probant init", "--config"]);
    World::empty().probant(&["run", "--config", "absent.toml"]).code(2).says(&["absent.toml", "No such file"]);
}

#[test]
fn an_unknown_check_in_the_configuration() {
    for section in ["skip]\nnope = \"no such thing\"", "params.nope]\ndays = 3"] {
        let world = World::small();
        world.append("probant.toml", &format!("\n[checks.{section}\n"));
        world.probant(&["checks", "list"]).code(2).says(&["[checks] names `nope`", "probant checks list"]);
    }
}

#[test]
fn an_instant_that_is_none() {
    let world = World::small();
    let mut command = world.at("yesterday", &["harvest"]);
    crate::kit::done(&mut command).code(2).says(&["PROBANT_NOW is `yesterday`", "2026-10-05T08:00:00Z"]);
}

const CHECK: &str = r#"[check.mine]
controls = ["A.5.18"]
severity = "high"
needs = { accounts = "7d" }
population = "SELECT account_id FROM accounts"
exceptions = """
SELECT account_id, login
FROM accounts"""
determined = "Every account has a login."

[check.mine.fr]
title = "Comptes"
remediation = "Rien"

[check.mine.en]
title = "Accounts"
remediation = "Nothing"
"#;

fn with_check(old: &str, new: &str) -> World {
    let world = World::small();
    world.append("probant.toml", "\n[checks]\nfolder = \"mine\"\n");
    world.write("mine/accounts.toml", CHECK);
    world.edit("mine/accounts.toml", old, new);
    world
}

#[test]
fn an_own_check_runs() {
    let world = with_check("Nothing", "Nothing at all");
    world.probant(&["harvest", "--quiet"]).code(0);
    let done = world.probant(&["assess", "--check", "mine"]).code(0);
    assert!(done.out.contains("APPLI:lp") && done.out.contains("LDAP:11111111"), "{}", done.out);
}

#[test]
fn a_bad_check_file_is_refused_at_its_place() {
    for (old, new, words) in [
        ("severity = \"high\"", "severity = \"grave\"", &["accounts.toml, line 3, column 12", "`grave`", "`critical`"][..]),
        ("controls", "mesures", &["accounts.toml, line 2, column 1", "unknown field `mesures`", "`controls`"]),
        ("A.5.18", "A.9.99", &["accounts.toml, line 2, column 13", "has no control A.9.99"]),
        ("accounts = \"7d\"", "comptes = \"7d\"", &["accounts.toml, line 4", "there is no table `comptes`", "accounts"]),
        ("\"7d\"", "\"a week\"", &["accounts.toml, line 4", "a week"]),
        (
            "FROM accounts\"\"\"",
            "FORM accounts\"\"\"",
            &["accounts.toml, line 8, column 6", "`exceptions` query of check mine", "accounts"],
        ),
        ("login\nFROM", "logn\nFROM", &["accounts.toml, line 7, column 20", "`exceptions` query of check mine", "logn"]),
        ("id FROM accounts\"", "id FROM comptes\"", &["accounts.toml, line 5", "`population` query of check mine", "comptes"]),
        (
            "FROM accounts\"\"\"",
            "FROM accounts WHERE enabled\"\"\"",
            &["accounts.toml, line 6", "may be null (enabled)", "`undetermined`"],
        ),
    ] {
        // The last one is about a check that says nothing of the nullable column.
        let world = with_check(old, new);
        if new.contains("enabled") {
            world.edit("mine/accounts.toml", "determined = \"Every account has a login.\"\n", "");
        }
        world.probant(&["checks", "list"]).code(2).says(words);
    }
}
