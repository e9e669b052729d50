//! Several bundles under `probant verify`: their chain, a receipt, and unpacking what holds.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::kit::{Done, World, copy, done, files};

/// Three bundles of one store, a receipt after each, and a second history of the same key from the second bundle on.
struct Chain {
    world: World,
    other: World,
}

const DAYS: [&str; 3] = ["2026-10-05T08:00:00Z", "2026-10-06T08:00:00Z", "2026-10-07T08:00:00Z"];
/// When the auditor looks.
const LATER: &str = "2026-10-20T08:00:00Z";

fn chain() -> &'static Chain {
    static CHAIN: OnceLock<Chain> = OnceLock::new();
    CHAIN.get_or_init(|| {
        let (world, other) = (World::small(), World::empty());
        let run = |world: &World, n: usize| {
            done(&mut world.at(DAYS[n], &["run", "--quiet"])).code(0);
            done(&mut world.at(DAYS[n], &["ledger", "receipt", "--out", &format!("r{}.eml", n + 1)])).code(0);
        };
        run(&world, 0);
        copy(&world.folder, &other.folder);
        copy(&world.store(), &other.store());
        run(&world, 1);
        run(&world, 2);
        other.append("rh.csv", "3;Autre;Léa;Présent;01/02/2020;\n");
        run(&other, 1);
        Chain { world, other }
    })
}

fn bundles(world: &World) -> Vec<PathBuf> {
    files(&world.store().join("bundles"))
}

/// A folder with copies of these bundles.
fn folder(of: &[&Path]) -> World {
    let world = World::empty();
    for path in of {
        fs::copy(path, world.folder.join(path.file_name().unwrap())).unwrap();
    }
    world
}

fn verify(arguments: &[&str]) -> Done {
    let certificate = chain().world.certificate();
    let arguments = [&["verify", "--lang", "en", "--anchor", certificate.to_str().unwrap()], arguments].concat();
    done(&mut chain().world.at(LATER, &arguments))
}

fn in_folder(of: &[&Path], more: &[&str]) -> Done {
    let folder = folder(of);
    verify(&[&["--chain", folder.folder.to_str().unwrap()], more].concat())
}

#[test]
fn a_whole_chain_is_valid_and_says_so_in_one_line() {
    let all = bundles(&chain().world);
    let all: Vec<&Path> = all.iter().map(PathBuf::as_path).collect();
    let said = in_folder(&all, &["--expect-head", "r3.eml"]).code(0).out;
    assert!(said.contains("3 files: 3 valid. All of it holds."), "{said}");
    assert!(said.contains("✓ Each bundle names the one before it"), "{said}");
    let json = in_folder(&all, &["--format", "json"]).code(0).json();
    assert_eq!((json["exit"].clone(), json["chain"]["exit"].clone()), (0.into(), 0.into()));
    assert_eq!(json["bundles"].as_array().unwrap().len(), 3);
    // A file named and in the folder is one file.
    let bundles_folder = chain().world.store().join("bundles");
    let json = verify(&[all[0].to_str().unwrap(), "--chain", bundles_folder.to_str().unwrap(), "--format", "json"]).code(0).json();
    assert_eq!(json["bundles"].as_array().unwrap().len(), 3);
}

#[test]
fn each_attack_on_the_chain_has_its_words() {
    let (all, forked) = (bundles(&chain().world), bundles(&chain().other));
    let [one, two, three] = &all[..] else { panic!("{all:?}") };
    let other = &forked[1];
    let expect = |of: &[&Path], more: &[&str], code: i32, words: &str| {
        let said = in_folder(of, more).code(code).out;
        assert!(said.contains(words), "`{words}` is not in\n{said}");
    };
    expect(&[one, three], &[], 1, "the bundle of this number is missing: 2");
    expect(&[two, three], &[], 2, "bundles before the first one here are missing");
    // Same name, same number, the same key: another history.
    expect(&[one, other, three], &[], 1, "it follows a bundle that is not the one here");
    expect(&[one, other], &["--expect-head", "r3.eml"], 1, "the receipt names another bundle of this number");
    let replay = folder(&[one, two, three]);
    fs::copy(two, replay.folder.join("dossier-2026-T4.asice")).unwrap();
    let said = verify(&["--chain", replay.folder.to_str().unwrap()]).code(1).out;
    assert!(said.contains("the same bundle is there twice") && said.contains("the file was renamed"), "{said}");
    let fork = folder(&[one, two, three]);
    fs::copy(other, fork.folder.join("b.asice")).unwrap();
    let said = verify(&["--chain", fork.folder.to_str().unwrap()]).code(1).out;
    assert!(said.contains("there are two histories"), "{said}");
    // The end cut off: nothing shows it but a receipt.
    expect(&[one, two], &[], 0, "All of it holds");
    expect(&[one, two], &["--expect-head", "r2.eml"], 0, "All of it holds");
    expect(&[one, two], &["--expect-head", "r3.eml"], 1, "the end of the chain is missing");
    // A newer bundle than the receipt is no fault.
    expect(&[one, two, three], &["--expect-head", "r1.eml"], 0, "All of it holds");
    // One bundle alone against a receipt: it is one of those; that there are others is said.
    let said = verify(&[two.to_str().unwrap(), "--expect-head", "r3.eml"]).code(0).out;
    assert!(said.contains("! The newest bundle of the receipt is here"), "{said}");
    verify(&[other.to_str().unwrap(), "--expect-head", "r3.eml"]).code(1);
}

#[test]
fn a_receipt_that_was_edited_or_is_from_elsewhere_does_not_help() {
    let all = bundles(&chain().world);
    let world = World::small();
    let text = fs::read_to_string(chain().world.folder.join("r3.eml")).unwrap();
    world.write("r.eml", text.replace("Bundles: 3", "Bundles: 2"));
    let receipt = world.folder.join("r.eml");
    let said = verify(&[all[0].to_str().unwrap(), "--expect-head", receipt.to_str().unwrap()]).code(2).out;
    assert!(said.contains("it was edited"), "{said}");
    world.probant(&["run", "--quiet"]).code(0);
    world.probant(&["ledger", "receipt", "--out", "own.eml"]).code(0);
    let receipt = world.folder.join("own.eml");
    let said = verify(&[all[0].to_str().unwrap(), "--expect-head", receipt.to_str().unwrap()]).code(1).out;
    assert!(said.contains("? The receipt is signed by an anchor that you trust"), "{said}");
}

#[test]
fn the_worst_file_makes_the_exit_code() {
    let all = bundles(&chain().world);
    let world = World::empty();
    world.write("notes.txt", "not a bundle");
    let mut bytes = fs::read(&all[1]).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    world.write("bad.asice", bytes);
    let (bad, notes) = (world.folder.join("bad.asice"), world.folder.join("notes.txt"));
    let (good, bad, notes) = (all[0].to_str().unwrap(), bad.to_str().unwrap(), notes.to_str().unwrap());
    let said = verify(&[good, bad]).code(1).out;
    assert!(said.contains("2 files: 1 valid, 1 tampered with. It does not hold together."), "{said}");
    verify(&[good, bad, notes]).code(3);
    let said = verify(&[good, "absent.asice"]).code(2).out;
    assert!(said.contains("absent.asice: Cannot tell: the file could not be examined, so nothing is known of it."), "{said}");
    verify(&[]).code(2).says(&["FILE"]);
    let empty = World::empty();
    verify(&["--chain", empty.folder.to_str().unwrap()]).code(2).says(&["holds no .asice file"]);
}

#[test]
fn what_is_valid_is_unpacked_for_its_owner_only() {
    let all = bundles(&chain().world);
    let world = World::empty();
    let to = world.folder.join("x");
    verify(&[all[0].to_str().unwrap(), "--extract", to.to_str().unwrap()]).code(0);
    let unpacked = files(&to);
    assert!(unpacked.iter().any(|path| path.ends_with("data/index.html")), "{unpacked:?}");
    for path in &unpacked {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
        assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700, "{}", path.display());
    }
    let mut sums = std::process::Command::new("sha256sum");
    crate::kit::tool(sums.args(["-c", "--strict", "--quiet", "manifest-sha256.txt", "tagmanifest-sha256.txt"]).current_dir(&to));
    // Several: one folder each.
    let several = world.folder.join("several");
    verify(&[all[0].to_str().unwrap(), all[1].to_str().unwrap(), "--extract", several.to_str().unwrap()]).code(0);
    assert_eq!(fs::read_dir(&several).unwrap().count(), 2);
    // An empty folder is filled; one that holds something, a file, a link are left alone.
    let empty = world.folder.join("empty");
    fs::create_dir(&empty).unwrap();
    verify(&[all[0].to_str().unwrap(), "--extract", empty.to_str().unwrap()]).code(0);
    world.write("full/mine.txt", "mine");
    world.write("file", "mine");
    symlink(&empty, world.folder.join("link")).unwrap();
    for taken in ["full", "file", "link"] {
        let path = world.folder.join(taken);
        verify(&[all[0].to_str().unwrap(), "--extract", path.to_str().unwrap()]).code(2).says(&["something at this place already"]);
    }
    assert_eq!(fs::read_to_string(world.folder.join("full/mine.txt")).unwrap(), "mine");
    // A link where the temporary folder would be is not followed.
    symlink(world.folder.join("full"), world.folder.join(".tmp-y")).unwrap();
    let path = world.folder.join("y");
    verify(&[all[0].to_str().unwrap(), "--extract", path.to_str().unwrap()]).code(2);
    assert_eq!(fs::read_dir(world.folder.join("full")).unwrap().count(), 1);
}

#[test]
fn nothing_is_unpacked_of_what_does_not_hold() {
    let all = bundles(&chain().world);
    let world = World::empty();
    let to = world.folder.join("x");
    let mut bytes = fs::read(&all[0]).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    world.write("bad.asice", bytes);
    let bad = world.folder.join("bad.asice");
    for (files, code) in [(vec![bad.to_str().unwrap()], 1), (vec![all[0].to_str().unwrap(), bad.to_str().unwrap()], 1)] {
        verify(&[files, vec!["--extract", to.to_str().unwrap()]].concat()).code(code).says(&["Nothing was extracted"]);
    }
    // A good bundle of a chain that does not hold.
    let gap = folder(&[&all[0], &all[2]]);
    let arguments = [all[0].to_str().unwrap(), "--chain", gap.folder.to_str().unwrap(), "--extract", to.to_str().unwrap()];
    verify(&arguments).code(1).says(&["Nothing was extracted"]);
    assert!(!to.exists());
    assert!(fs::read_dir(&world.folder).unwrap().all(|entry| !entry.unwrap().file_name().to_string_lossy().starts_with(".tmp")));
}
