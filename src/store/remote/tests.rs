//! Two working folders on one place, a stop between the two, a place that was cut or changed. A folder stands in for the bucket: the
//! rules are the same.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::store::backend::folder::Folder;
use crate::store::{Store, temporary};
use jiff::Timestamp;
use serde_json::json;
use std::fs;
use std::rc::Rc;

fn now() -> Timestamp {
    "2026-10-05T08:00:00Z".parse().unwrap()
}

/// A folder in the place of the bucket: the rules are the same.
fn bucket(folder: &Path) -> Rc<dyn Backend> {
    Rc::new(Folder::open(&folder.join("bucket")).unwrap())
}

fn open(folder: &Path, name: &str) -> Result<Store, StoreError> {
    Store::open_in(&folder.join(name), Some(bucket(folder)), now())
}

fn bundle(store: &mut Store, name: &str, content: &str) -> Result<(), StoreError> {
    let name = format!("bundles/{name}");
    fs::write(temporary(&store.root().join(&name)), content).unwrap();
    store.publish("bundle", now(), &name, json!({})).map(|_| ())
}

#[test]
fn what_one_working_folder_records_the_other_reads() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = open(folder.path(), "one").unwrap();
    bundle(&mut one, "a", "first").unwrap();
    bundle(&mut one, "b", "second").unwrap();
    let two = open(folder.path(), "two").unwrap();
    assert_eq!((two.events(), two.ledger_head()), (one.events(), one.ledger_head()));
    let known = |name: &str| crate::store::versions(two.events())[name].clone();
    fetch_object(two.root(), &*bucket(folder.path()), "bundles/b", &known("bundles/b")).unwrap();
    assert_eq!(fs::read_to_string(two.root().join("bundles/b")).unwrap(), "second");
    assert_eq!(fs::read_dir(two.root()).unwrap().filter(|e| e.as_ref().unwrap().path().join("object").exists()).count(), 0);
    // Changed in the bucket: refused, and nothing is left in its place.
    fs::write(folder.path().join("bucket/bundles/a"), "FIRST").unwrap();
    let message = fetch_object(two.root(), &*bucket(folder.path()), "bundles/a", &known("bundles/a")).unwrap_err().to_string();
    assert!(message.contains("bundles/a was changed since it was recorded"), "{message}");
    assert!(!two.root().join("bundles/a").exists());
}

#[test]
fn what_replaces_an_object_stands_beside_it_and_is_what_others_fetch() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = open(folder.path(), "one").unwrap();
    bundle(&mut one, "a", "first").unwrap();
    let two = open(folder.path(), "two").unwrap();
    let fetch = |store: &Store| {
        let versions = crate::store::versions(store.events());
        fetch_object(store.root(), &*bucket(folder.path()), "bundles/a", &versions["bundles/a"]).unwrap();
        fs::read_to_string(store.root().join("bundles/a")).unwrap()
    };
    assert_eq!(fetch(&two), "first");
    bundle(&mut one, "a", "extended").unwrap();
    drop(two);
    let two = open(folder.path(), "two").unwrap();
    assert_eq!(fetch(&two), "extended");
    let there: Vec<_> = bucket(folder.path()).list("bundles").unwrap().into_keys().collect();
    assert_eq!(there, ["a", "a.0000000002"]);
}

#[test]
fn of_two_writers_at_once_one_is_told_to_run_again_and_loses_nothing_of_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = open(folder.path(), "one").unwrap();
    let mut two = open(folder.path(), "two").unwrap();
    bundle(&mut one, "a", "of one").unwrap();
    let message = bundle(&mut two, "b", "of two").unwrap_err().to_string();
    assert!(message.contains("another Probant recorded event 1") && message.contains("run the same command again"), "{message}");
    // Not recorded, not named, and gone with the next opening, which brings what the other did.
    assert_eq!(two.events().len(), 0);
    assert!(!two.root().join("bundles/b").exists());
    drop(two);
    let mut two = open(folder.path(), "two").unwrap();
    assert_eq!(two.events(), one.events());
    assert_eq!(fs::read_dir(two.root().join("bundles")).unwrap().count(), 0);
    // What the one that lost had put into the bucket already stands in nobody's way.
    assert_eq!(two.free_name("bundles", "b", ""), "b-2");
    bundle(&mut two, "b", "of two").unwrap();
    // The first one is behind now.
    assert!(bundle(&mut one, "c", "of one").is_err());
}

#[test]
fn a_stop_between_bucket_and_working_folder_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path(), "one").unwrap();
    bundle(&mut store, "a", "first").unwrap();
    drop(store);
    // As if stopped after the bucket had the event, and in the middle of the local line.
    let local = folder.path().join("one/ledger.jsonl");
    let whole = fs::read(&local).unwrap();
    fs::rename(folder.path().join("one/bundles/a"), folder.path().join("one/bundles/.tmp-a")).unwrap();
    for cut in [0, 10, whole.len() - 1] {
        fs::write(&local, &whole[..cut]).unwrap();
        let store = open(folder.path(), "one").unwrap();
        assert_eq!(store.events().len(), 1, "cut at {cut}");
        assert_eq!(fs::read(&local).unwrap(), whole);
        assert_eq!(fs::read_to_string(folder.path().join("one/bundles/a")).unwrap(), "first");
    }
}

#[test]
fn a_bucket_that_was_cut_or_changed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path(), "one").unwrap();
    for name in ["a", "b", "c"] {
        bundle(&mut store, name, name).unwrap();
    }
    drop(store);
    let event = |n: u64| folder.path().join("bucket").join(event_name(n));
    let refused = |name: &str, words: &str| {
        let message = open(folder.path(), name).unwrap_err().to_string();
        assert!(message.contains(words), "`{words}` is not in {message}");
    };
    let third = fs::read(event(3)).unwrap();
    fs::remove_file(event(3)).unwrap();
    refused("one", "it holds 2 events and the working folder");
    fs::write(event(3), &third).unwrap();
    fs::rename(event(2), event(4)).unwrap();
    refused("new", "event 2 of 3 is missing");
    fs::rename(event(4), event(2)).unwrap();
    fs::write(event(3), String::from_utf8(third).unwrap().replace("bundles/c", "bundles/x")).unwrap();
    refused("one", "event 3 is not the one that the working folder");
    // To one that knows nothing, it only shows when the chain goes on from it: heads and receipts are for that.
    open(folder.path(), "new").unwrap();
    let second = fs::read_to_string(event(2)).unwrap().replace("bundles/b", "bundles/x");
    fs::write(event(2), second).unwrap();
    refused("newer", "event 3 does not follow the one before it");
}
