//! A configuration that cannot be meant is refused as it is read, with its place; nothing is asked of a server.

use crate::kit::World;
use crate::worlds::{directory, world};

#[track_caller]
fn refused(world: &World, words: &[&str]) {
    for command in [&["sources", "list"][..], &["harvest"]] {
        world.probant(command).code(2).says(words).says(&["probant.toml, line"]);
    }
    assert!(!world.store().exists(), "nothing was begun");
}

#[test]
fn keys_that_contradict_each_other() {
    let place = "probant.toml, line 6, column 1";
    refused(
        &directory("url = 'ldap://x'\nbind_dn = 'cn=a'"),
        &[place, "the password would cross the network in the clear", "ldaps://"],
    );
    refused(&directory("url = 'ldaps://x'\nstarttls = true"), &[place, "starttls is for ldap:// only"]);
    refused(&directory("url = 'ldaps://x'\nsasl = 'external'"), &[place, "client certificate"]);
    refused(&directory("url = 'ldaps://x'\npassword = 'x'"), &["unknown field `password`", "`password_file`", "line 10"]);
    refused(&directory("url = 'ldaps://x'\nextra_attributes = ['userPassword']"), &["userPassword holds secrets", "line 10"]);
}

#[test]
fn a_keycloak_that_is_half_configured() {
    let keycloak = |keys: &str| world(&format!("[source.sso]\nkind = \"keycloak\"\nsystem = \"SSO\"\n{keys}\n"));
    refused(&keycloak("url = 'https://x'\nrealm = 'a'"), &["`client_id` is missing"]);
    refused(&keycloak("url = 'http://x'\nrealm = 'a'\nclient_id = 'c'"), &["does not start with https://", "allow_http"]);
    refused(&keycloak("files = ['a']\nurl = 'https://x'"), &["both `files` and `url`"]);
    refused(
        &keycloak("url = 'https://x'\nrealm = 'a'\nclient_id = 'c'\nsecret_env = 'A'\nsecret_file = 'b'"),
        &["secret_file and secret_env: keep one"],
    );
}

#[test]
fn the_live_sources_of_the_samples_are_good_once_uncommented() {
    let world = World::samples();
    let text = std::fs::read_to_string(world.folder.join("probant.toml")).unwrap();
    let (_, rest) = text.split_once("# --- the same directories, live").unwrap();
    let (block, _) = rest.split_once("# --- end of the live directories").unwrap();
    let start = block.find("# [source.").unwrap();
    let live: Vec<&str> = block[start..].lines().map(|line| line.strip_prefix("# ").unwrap_or_default()).collect();
    world.append("probant.toml", &format!("\n{}\n", live.join("\n")));
    let listed = world.probant(&["sources", "list", "--format", "json"]).code(0).json();
    let ids: Vec<&str> = listed["sources"].as_array().unwrap().iter().map(|source| source["id"].as_str().unwrap()).collect();
    for id in ["openldap-direct", "ad-direct", "ds389-direct", "extranet-direct", "sso-direct"] {
        assert!(ids.contains(&id), "{id} in {ids:?}");
    }
}
