//! The same input, instant and key give the same bytes, wherever the folder lies and however the configuration is named.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::kit::{World, copy, done, files, ran};

/// Files of a store by their path below it. The lock is not evidence.
fn names(store: &Path) -> BTreeSet<PathBuf> {
    files(store).iter().map(|path| path.strip_prefix(store).unwrap().to_owned()).filter(|name| name != Path::new(".lock")).collect()
}

#[test]
fn two_runs_in_two_folders_make_the_same_store() {
    let first = ran();
    let second = World::samples();
    // Below folders of another depth and name, so that a path that leaks shows.
    let below = second.folder.join("ailleurs/plus bas");
    fs::create_dir_all(&below).unwrap();
    copy(&first.store().join("keys"), &second.store().join("keys"));
    let config = second.folder.join("probant.toml");
    done(second.command(&["run", "--quiet", "--config", config.to_str().unwrap()]).current_dir(&below)).code(0);

    let (one, other) = (names(&first.store()), names(&second.store()));
    let odd: Vec<_> = one.symmetric_difference(&other).collect();
    assert!(odd.is_empty(), "only in one of the two stores: {odd:#?}");
    for kind in ["bundles", "snapshots", "outputs", "campaigns", "raw", "ledger.jsonl"] {
        assert!(one.iter().any(|name| name.starts_with(kind)), "nothing below {kind}");
    }
    let differ: Vec<_> = one
        .iter()
        .filter(|name| fs::read(first.store().join(name)).unwrap() != fs::read(second.store().join(name)).unwrap())
        .collect();
    assert!(differ.is_empty(), "not the same bytes: {differ:#?}");
}

#[test]
fn how_many_sources_are_read_at_once_changes_no_byte_of_the_snapshot() {
    let made = ["1", "2", "16"].map(|parallel| {
        let world = World::samples();
        let config = world.folder.join("probant.toml");
        let text = fs::read_to_string(&config).unwrap();
        fs::write(&config, format!("{text}\n[harvest]\nparallel = {parallel}\n")).unwrap();
        let said = done(&mut world.command(&["harvest"])).code(0).err;
        let snapshots = files(&world.store().join("snapshots"));
        let held: Vec<_> = snapshots.iter().map(|path| (path.file_name().unwrap().to_owned(), fs::read(path).unwrap())).collect();
        assert!(held.len() > 15, "{held:?}");
        (held, names(&world.store()), said)
    });
    for other in &made[1..] {
        assert!(made[0] == *other, "another snapshot, raw capture or order of lines");
    }
    assert!(made[0].2.contains("[1/"), "{}", made[0].2);
}

#[test]
fn no_output_names_the_folder_it_was_made_in() {
    let store = ran().store();
    let folder = ran().folder.to_str().unwrap();
    let leaks: Vec<_> = ["outputs", "snapshots", "ledger.jsonl"]
        .iter()
        .flat_map(|kind| if store.join(kind).is_dir() { files(&store.join(kind)) } else { vec![store.join(kind)] })
        .filter(|path| holds(&fs::read(path).unwrap(), folder.as_bytes()))
        .collect();
    assert!(leaks.is_empty(), "{folder} stands in {leaks:#?}");
}

#[test]
fn judging_again_gives_the_same_report() {
    let world = World::run_samples();
    let report = |now: &str| {
        done(&mut world.at(now, &["report", "--quiet"])).code(0);
        ["rapport.html", "report.html", "findings.json"].map(|name| {
            let path = files(&world.store().join("outputs")).into_iter().find(|path| path.ends_with(name)).unwrap();
            fs::read(path).unwrap()
        })
    };
    // Long after: the samples fix the instant that they are judged at.
    assert!(report("2026-10-05T08:00:00Z") == report("2027-03-01T10:00:00Z"), "the report changed with the day");
}

pub(crate) fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}
