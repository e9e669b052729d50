//! A file of one line of 2 GB is refused early, whatever the format, without taking memory for it.

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::time::Duration;

use crate::kit::{NOW, World};

/// Bytes of the line.
const LINE: u64 = 2 << 30;
/// Bytes of it that are letters. The rest is a hole in the file, which costs no time to write: far more than a reader may take
/// before it gives up, so that one without a limit would meet the zeros and say so.
const LETTERS: u64 = 64 << 20;
/// KiB that the process may ever hold: its usual footprint and a few times the longest line allowed.
const MOST: u64 = 300 << 10;

/// Puts the line at the end of a file.
fn stretch(world: &World, name: &str, start: &str) {
    world.append(name, start);
    let mut file = fs::File::options().write(true).open(world.folder.join(name)).unwrap();
    let end = file.seek(SeekFrom::End(0)).unwrap();
    let block = vec![b'a'; 1 << 20];
    for _ in 0..LETTERS >> 20 {
        file.write_all(&block).unwrap();
    }
    file.set_len(end + LINE).unwrap();
}

/// Runs a harvest; its most memory in KiB, its exit code and its words.
fn harvest(world: &World) -> (u64, Option<i32>, String) {
    let said = world.folder.join("said.txt");
    let mut run = world.at(NOW, &["harvest"]);
    let mut run = run.stdout(fs::File::create(&said).unwrap()).spawn().unwrap();
    let status = format!("/proc/{}/status", run.id());
    let mut most = 0;
    loop {
        if let Some(code) = run.try_wait().unwrap() {
            return (most, code.code(), fs::read_to_string(said).unwrap());
        }
        let text = fs::read_to_string(&status).unwrap_or_default();
        let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        most = most.max(peak.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[track_caller]
fn refused(world: &World, words: &[&str]) {
    let (most, code, said) = harvest(world);
    assert_eq!(code, Some(2), "{said}");
    for word in words {
        assert!(said.contains(word), "`{word}` is not said:\n{said}");
    }
    assert!(most > 0 && most < MOST, "it took {most} KiB");
}

#[test]
fn in_an_ldif() {
    let world = World::small();
    stretch(&world, "annuaire.ldif", "dn: uid=long,dc=x\nobjectClass: inetOrgPerson\ndescription: ");
    refused(&world, &["annuaire.ldif, line 13", "longer than 16 MiB", "jpegPhoto"]);
}

#[test]
fn in_a_csv() {
    let world = World::small();
    stretch(&world, "rh.csv", "3;");
    refused(&world, &["rh.csv", "line 4", "longer than 16 MiB"]);
}

#[test]
fn in_a_quoted_cell_of_a_csv() {
    let world = World::small();
    stretch(&world, "rh.csv", "3;\"");
    refused(&world, &["rh.csv", "line 4", "longer than 16 MiB"]);
}
