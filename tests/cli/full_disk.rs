//! A disk that fills up during a run: said in so many words, nothing half-written is kept, and the same command succeeds once there
//! is room. The disk is a small tmpfs in a mount namespace of its own, which goes with its shell.

use std::process::Command;

use crate::kit::{World, files, skipped};

/// Fills up, says what is left, makes room, runs again. `$1` is the size, `$2` the command.
const SCRIPT: &str = r#"
mount -t tmpfs -o mode=0700,size="$1" none store || exit 77
"$2" run --quiet > out.txt 2> full.txt; echo $? > full.code
find store/snapshots store/bundles -mindepth 1 -maxdepth 1 ! -name '.tmp-*' > named.txt
mount -o remount,size=50m store
"$2" ledger --format json > ledger.json || exit 78
"$2" run --quiet > /dev/null 2> again.txt; echo $? > again.code
find store -name '.tmp-*' > left.txt
"$2" verify --anchor store/keys/seal.cert.pem store/bundles/*.asice > verdict.txt || exit 79
"#;

fn fill(size: &str) -> Option<World> {
    let world = World::small();
    std::fs::create_dir(world.store()).unwrap();
    let mut shell = Command::new("unshare");
    shell.args(["--mount", "--map-root-user", "sh", "-c", SCRIPT, "sh", size, env!("CARGO_BIN_EXE_probant")]);
    let output = shell.current_dir(&world.folder).env("PROBANT_NOW", crate::kit::NOW).output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    match output.status.code() {
        Some(0) => Some(world),
        Some(78) => panic!("the ledger does not read after a full disk: {said}"),
        Some(79) => panic!("the bundle made once there was room is not valid: {}", read(&world, "verdict.txt")),
        _ => None,
    }
}

fn read(world: &World, name: &str) -> String {
    std::fs::read_to_string(world.folder.join(name)).unwrap_or_default()
}

#[test]
fn a_full_disk_is_named_and_the_next_run_succeeds() {
    let whole = World::small();
    whole.probant(&["run", "--quiet"]).code(0);
    let bytes: u64 = files(&whole.store()).iter().map(|path| path.metadata().unwrap().len()).sum();
    // From the first file to the last: raw captures, snapshot, findings, report, bundle.
    for percent in [1, 5, 9, 12, 30, 60, 90] {
        let size = format!("{}k", (bytes * percent / 100_000).max(4));
        let Some(world) = fill(&size) else {
            return skipped("a_full_disk_is_named_and_the_next_run_succeeds", "this system lets nobody mount a tmpfs");
        };
        let message = read(&world, "full.txt").replace("\n  │ ", " ");
        assert_eq!(read(&world, "full.code").trim(), "2", "{size}: {message}");
        assert!(message.contains("disk is full") && message.contains("run the same command again"), "{size}: {message}");
        // What bears a name is whole, so it is in the ledger.
        let ledger = read(&world, "ledger.json");
        for name in read(&world, "named.txt").lines() {
            assert!(ledger.contains(name.strip_prefix("store/").unwrap()), "{size}: {name} is in no event of the ledger");
        }
        assert_eq!(read(&world, "again.code").trim(), "0", "{size}: {}", read(&world, "again.txt"));
        assert_eq!(read(&world, "left.txt"), "", "{size}: temporaries were left");
    }
}

#[test]
fn words_that_did_not_reach_their_reader_are_no_success() {
    let world = World::small();
    world.probant(&["harvest", "--quiet"]).code(0);
    let Ok(full) = std::fs::File::options().write(true).open("/dev/full") else {
        return skipped("words_that_did_not_reach_their_reader_are_no_success", "/dev/full is not there");
    };
    let mut command = world.command(&["sql", "SELECT login FROM accounts"]);
    let output = command.stdout(full).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("standard output could not be written: No space left on device"), "{said}");

    // Nobody listens on standard error: the work is done all the same.
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = world.command(&["run"]).stdout(std::process::Stdio::null()).stderr(full()).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(world.bundle().is_file());
}
