//! The samples' planted problems are found: none missed, none invented. The list is the generator's own (planted.toml).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::Value;
use toml::Table;

use crate::kit::ran;

fn truth() -> Table {
    std::fs::read_to_string(ran().folder.join("planted.toml")).unwrap().parse().unwrap()
}

fn assessment() -> Value {
    ran().probant(&["assess", "--format", "json"]).code(0).json()
}

/// Keys of a finding's subjects, in the order given.
fn found(finding: &Value, list: &str) -> Vec<String> {
    let key = |subject: &Value| subject["key"].as_str().unwrap().to_owned();
    finding[list].as_array().unwrap().iter().map(key).collect()
}

fn planted(check: &toml::Value, list: &str) -> Vec<String> {
    check[list].as_array().unwrap().iter().map(|key| key.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_check_finds_what_was_planted_and_nothing_else() {
    let (truth, assessment) = (truth(), assessment());
    let findings: BTreeMap<&str, &Value> =
        assessment["findings"].as_array().unwrap().iter().map(|f| (f["check_id"].as_str().unwrap(), f)).collect();
    let checks = truth["check"].as_table().unwrap();
    assert!(findings.keys().copied().eq(checks.keys().map(String::as_str)), "checks: {:?}", findings.keys());

    let mut wrong = String::new();
    for (id, check) in checks {
        let finding = findings[id.as_str()];
        for list in ["exceptions", "accepted", "undetermined"] {
            let (found, planted) = (found(finding, list), planted(check, list));
            if found == planted {
                continue;
            }
            let (found_set, planted_set) = (BTreeSet::from_iter(&found), BTreeSet::from_iter(&planted));
            let missing: Vec<_> = planted_set.difference(&found_set).collect();
            let extra: Vec<_> = found_set.difference(&planted_set).collect();
            writeln!(wrong, "{id}, {list}: missing {missing:?}, extra {extra:?} (none of both: order or repetition)").unwrap();
        }
        let population = check["population"].as_integer().unwrap();
        if finding["counts"]["population"] != population {
            writeln!(wrong, "{id}: population of {} where {population} were planted", finding["counts"]["population"]).unwrap();
        }
        let count = |name: &str| finding["counts"][name].as_u64().unwrap();
        let sum = count("conform") + count("exceptions") + count("accepted") + count("undetermined");
        if sum != count("population") {
            writeln!(wrong, "{id}: the parts make {sum}, not the population").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn every_source_has_the_rows_it_was_written_with() {
    let (truth, assessment) = (truth(), assessment());
    let collections = assessment["collections"].as_array().unwrap();
    let mut wrong = String::new();
    for (source, planted) in truth["source"].as_table().unwrap() {
        let Some(collection) = collections.iter().find(|c| c["source"] == source.as_str()) else {
            writeln!(wrong, "{source}: not in the collections").unwrap();
            continue;
        };
        let number = |key: &str| collection[key].as_i64().unwrap();
        let planted_number = |key: &str| planted[key].as_integer().unwrap();
        let arithmetic = (number("rows_seen"), number("rows_kept"), number("rows_rejected"));
        let (seen, rejected) = (planted_number("seen"), planted_number("rejected"));
        if arithmetic != (seen, seen - rejected, rejected) {
            writeln!(wrong, "{source}: seen, kept, rejected are {arithmetic:?}; planted {seen} with {rejected} to reject").unwrap();
        }
        for (key, value) in
            [("complete", &collection["complete"]), ("collected", &Value::Bool(!collection["evidence_at"].is_null()))]
        {
            if *value != planted[key].as_bool().unwrap() {
                writeln!(wrong, "{source}: {key} is {value}").unwrap();
            }
        }
    }
    // The two files written by hand are collections of their own.
    let known = truth["source"].as_table().unwrap();
    for collection in collections {
        let source = collection["source"].as_str().unwrap();
        if !known.contains_key(source) && !["declarations", "exceptions"].contains(&source) {
            writeln!(wrong, "{source}: a collection that no source explains").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn accounts_are_tied_to_people_as_planted() {
    let links: BTreeMap<String, i64> = serde_json::from_value(assessment()["links"].clone()).unwrap();
    let planted: BTreeMap<String, i64> =
        truth()["links"].as_table().unwrap().iter().map(|(status, n)| (status.clone(), n.as_integer().unwrap())).collect();
    assert_eq!(links, planted);
}
