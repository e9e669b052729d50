//! The mirror: signed heads and bundles in a second place, a folder or a bucket with object lock, against which a ledger that was cut or
//! rewritten no longer holds.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::bucket::{Server, credentials};
use crate::kills;
use crate::kit::{World, done, files};

/// A world whose mirror is a folder beside its store.
fn world() -> World {
    let world = World::small();
    world.edit("probant.toml", "[signing]", "[mirror]\nto = \"elsewhere\"\n\n[signing]");
    world
}

fn names(folder: &Path) -> Vec<String> {
    files(folder).iter().map(|path| path.strip_prefix(folder).unwrap().display().to_string()).collect()
}

fn harvest(world: &World, day: u32) {
    done(&mut world.at(&format!("2026-10-{day:02}T08:00:00Z"), &["harvest", "--quiet"])).code(0);
}

/// Cuts the newest event off the ledger, with its head.
fn cut(world: &World) {
    let path = world.store().join("ledger.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    fs::write(&path, lines[..lines.len() - 1].concat()).unwrap();
    fs::remove_file(files(&world.store().join("checkpoints")).pop().unwrap()).unwrap();
}

#[test]
fn every_run_copies_heads_and_bundles_and_a_cut_ledger_shows() {
    let world = world();
    world.probant(&["run"]).code(0).says(&["Copied to the mirror: 3."]);
    harvest(&world, 6);
    let elsewhere = world.folder.join("elsewhere");
    let there = names(&elsewhere);
    assert_eq!(there.len(), 4, "{there:?}");
    assert!(there[0].starts_with("bundles/evidence-") && there[3] == "checkpoints/0000000003.eml", "{there:?}");
    assert_eq!(fs::read(elsewhere.join(&there[0])).unwrap(), fs::read(world.bundle()).unwrap());
    let said = world.probant(&["ledger", "verify", "--against"]).code(0).out;
    assert!(said.contains("✓ The ledger still holds what the mirror says"), "{said}");
    cut(&world);
    world.probant(&["ledger", "verify"]).code(0);
    let said = world.probant(&["ledger", "verify", "--against"]).code(1).out;
    assert!(said.contains("the ledger was cut") && said.contains("elsewhere/checkpoints/0000000003.eml"), "{said}");
    // Named by its place, the same; a place that holds nothing is no answer.
    world.probant(&["ledger", "verify", "--against", "elsewhere"]).code(1);
    let said = world.probant(&["ledger", "verify", "--against", "nowhere"]).code(2).out;
    assert!(said.contains("there is no signed head there"), "{said}");
    assert!(!world.folder.join("nowhere").exists());
    // The next harvest works, says that the mirror knows better, and puts nothing into it.
    let before = names(&elsewhere);
    let mut harvest = world.at("2026-10-07T08:00:00Z", &["harvest"]);
    done(&mut harvest).code(2).says(&[
        "The work is done, but not the copy to the mirror",
        "the ledger was rewritten",
        "probant mirror",
    ]);
    assert_eq!(names(&elsewhere), before);
    assert_eq!(files(&world.store().join("checkpoints")).len(), 3, "the work is done");
    world.probant(&["mirror"]).code(1);
}

#[test]
fn nothing_in_the_mirror_is_replaced() {
    let world = world();
    world.probant(&["run", "--quiet"]).code(0);
    let copy = files(&world.folder.join("elsewhere/bundles")).pop().unwrap();
    let mut bytes = fs::read(&copy).unwrap();
    bytes[100] ^= 1;
    fs::write(&copy, &bytes).unwrap();
    // Of the same size: seen where one looks.
    world.probant(&["mirror"]).code(0);
    let said = world.probant(&["mirror", "--look"]).code(1).out;
    assert!(said.contains("the mirror holds something else under this name"), "{said}");
    bytes.push(0);
    fs::write(&copy, &bytes).unwrap();
    world.probant(&["mirror"]).code(1);
    let said = world.probant(&["ledger", "verify", "--against"]).code(0).out;
    assert!(said.contains("! Every bundle of the ledger is in the mirror"), "{said}");
    assert_eq!(fs::read(&copy).unwrap(), bytes, "it was replaced");
    // Removed there: copied again.
    fs::remove_file(&copy).unwrap();
    let json = world.probant(&["mirror", "--format", "json"]).code(0).json();
    assert_eq!(json["copied"].as_array().unwrap().len(), 1);
    assert_eq!(json["already_there"], 2);
}

#[test]
fn a_mirror_that_cannot_be_reached_stops_no_work() {
    let world = World::small();
    world.edit("probant.toml", "[signing]", "[mirror]\nto = \"mnt/not-mounted\"\n\n[signing]");
    world.probant(&["run"]).code(2).says(&["The work is done, but not the copy to the mirror", "mnt/not-mounted"]);
    assert!(world.bundle().exists() && !world.folder.join("mnt").exists());
    world.edit("probant.toml", "mnt/not-mounted", "ftp://x");
    world.probant(&["mirror"]).code(2).says(&["`ftp://x` is no place that is known"]);
    world.edit("probant.toml", "ftp://x", "s3://bucket/x");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    world.edit(
        "probant.toml",
        "[signing]",
        &format!("[mirror.s3]\nendpoint = \"http://{closed}\"\ncredentials_file = \"s3.env\"\n\n[signing]"),
    );
    credentials(&world);
    world.probant(&["harvest"]).code(2).says(&["s3://bucket/x", "Connection refused"]);
    fs::set_permissions(world.folder.join("s3.env"), fs::Permissions::from_mode(0o644)).unwrap();
    world.probant(&["mirror"]).code(2).says(&["s3.env", "readable by others", "chmod 600"]);
}

#[test]
fn a_copy_killed_at_any_instant_leaves_nothing_half_made_under_a_name() {
    const KILLS: usize = 16;
    let world = world();
    for day in 0..4 {
        done(&mut world.at(&format!("2026-10-{:02}T08:00:00Z", 5 + day), &["run", "--quiet"])).code(0);
    }
    let elsewhere = world.folder.join("elsewhere");
    let all = names(&elsewhere);
    assert_eq!(all.len(), 12);
    fs::remove_dir_all(&elsewhere).unwrap();
    let mut partly = 0;
    for n in kills::instants(&kills::whole(&mut world.command(&["mirror", "--quiet"])), KILLS) {
        fs::remove_dir_all(&elsewhere).unwrap();
        let life = kills::at(n, &mut world.command(&["mirror", "--quiet"]));
        fs::create_dir_all(&elsewhere).unwrap();
        let there = names(&elsewhere);
        let named: Vec<_> = there.iter().filter(|name| !name.contains(".tmp-")).collect();
        partly += usize::from(!there.is_empty() && named.len() < all.len());
        for name in named {
            assert_eq!(fs::read(elsewhere.join(name)).unwrap(), fs::read(world.store().join(name)).unwrap(), "{name}");
        }
        world.probant(&["mirror", "--look"]).code(0);
        assert_eq!(names(&elsewhere), all, "killed at {:?}", life.operations.last());
    }
    assert!(partly >= KILLS / 2, "only {partly} of {KILLS} kills came in the middle");
}

#[test]
fn a_purge_leaves_the_mirror_alone() {
    let world = world();
    world.edit("probant.toml", "[signing]", "[store.keep]\nbundles = \"1 year\"\n\n[signing]");
    world.probant(&["run", "--quiet"]).code(0);
    done(&mut world.at("2028-10-05T08:00:00Z", &["purge", "--quiet"])).code(0);
    assert!(!files(&world.store().join("bundles")).iter().any(|path| path.extension().unwrap() == "asice"));
    assert_eq!(files(&world.folder.join("elsewhere/bundles")).len(), 1);
    done(&mut world.at("2028-10-06T08:00:00Z", &["mirror"])).code(0);
    done(&mut world.at("2028-10-06T08:00:00Z", &["ledger", "verify", "--against"])).code(0);
}

#[test]
fn a_bucket_holds_the_copies_under_lock() {
    let Some(server) = Server::start("a_bucket_holds_the_copies_under_lock") else { return };
    server.bucket("locked", true);
    let world = World::small();
    credentials(&world);
    let mirror = "[mirror]\nto = \"s3://locked/agence\"\nlock = { mode = \"compliance\", days = 3650 }\n\n";
    world.edit("probant.toml", "[signing]", &format!("{mirror}{}[signing]", server.section("mirror")));
    world.probant(&["run"]).code(0).says(&["Copied to the mirror: 3."]);
    let bundle = world.bundle().file_name().unwrap().to_str().unwrap().to_owned();
    for name in [format!("bundles/{bundle}"), "checkpoints/0000000002.eml".into()] {
        let head = server.ask("HEAD", &format!("/locked/agence/{name}"), "").to_lowercase();
        assert!(head.contains("x-amz-object-lock-mode: compliance"), "{name}: {head}");
        assert!(head.contains("x-amz-object-lock-retain-until-date: 2036-10-02"), "{name}: {head}");
    }
    harvest(&world, 6);
    world.probant(&["ledger", "verify", "--against"]).code(0);
    world.probant(&["mirror", "--look"]).code(0);
    cut(&world);
    let said = world.probant(&["ledger", "verify", "--against", "s3://locked/agence"]).code(1).out;
    assert!(said.contains("s3://locked/agence/checkpoints/0000000003.eml"), "{said}");
    // The secret is in no file of the store and in no message.
    for path in files(&world.store()) {
        let bytes = fs::read(&path).unwrap();
        assert!(!bytes.windows(13).any(|w| w == b"not-so-secret"), "{}", path.display());
    }
    // A bucket that is not there.
    world.edit("probant.toml", "s3://locked/agence", "s3://absent/agence");
    let done = world.probant(&["mirror"]).code(2).says(&["s3://absent/agence", "NoSuchBucket"]);
    assert!(!done.err.contains("not-so-secret"), "{}", done.err);
}
