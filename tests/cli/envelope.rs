//! A bundle encrypted for its reader: what the command makes, and what openssl gets out of it.

use std::fs;
use std::process::Command;

use crate::keys::openssl;
use crate::kit::{World, done, files, tool};

fn reader(world: &World, name: &str) {
    let line =
        format!("req -x509 -newkey rsa:3072 -nodes -keyout {name}.key -days 3000 -subj /O=Cabinet/CN={name} -out {name}.pem");
    openssl(world, &line);
}

#[test]
fn the_auditor_opens_what_was_encrypted() {
    let world = World::small();
    let now = crate::keys::soon();
    reader(&world, "auditrice");
    reader(&world, "autorite");
    world.edit("probant.toml", "[signing]", "[envelope]\nencrypt_for = [\"autorite.pem\"]\n\n[signing]");
    let at = |arguments: &[&str]| done(&mut world.at(&now, arguments));
    let run = at(&["run", "--encrypt-for", "auditrice.pem", "--quiet"]).code(0);
    let bundle = files(&world.store().join("bundles")).into_iter().find(|path| path.extension().unwrap() == "asice").unwrap();
    let envelope = bundle.with_extension("asice.p7m");
    for said in ["CN=auditrice,O=Cabinet", "CN=autorite,O=Cabinet", "openssl cms -decrypt -binary -inform DER -inkey key.pem -in"] {
        assert!(run.out.contains(said), "{said}\n{}", run.out);
    }
    for name in ["auditrice", "autorite"] {
        let mut command = Command::new("openssl");
        command.args(["cms", "-decrypt", "-binary", "-inform", "DER", "-inkey", &format!("{name}.key"), "-in"]).arg(&envelope);
        tool(command.args(["-out", "opened.asice"]).current_dir(&world.folder));
        assert!(fs::read(world.folder.join("opened.asice")).unwrap() == fs::read(&bundle).unwrap(), "{name}");
    }
    at(&["verify", "opened.asice", "--anchor", "store/keys/seal.cert.pem"]).code(0);
    let shut = at(&["verify", &envelope.display().to_string(), "--anchor", "store/keys/seal.cert.pem"]).code(3);
    assert!(shut.out.contains("encrypted for its reader") && shut.out.contains("openssl cms -decrypt"), "{}", shut.out);
    let ledger = at(&["ledger", "--format", "json"]).code(0).json();
    let event = ledger["entries"].as_array().unwrap().iter().find(|entry| entry["event"] == "envelope").unwrap().clone();
    assert_eq!(event["data"]["recipients"].as_array().unwrap().len(), 2);
    assert_eq!(event["data"]["snapshot"], ledger["entries"][0]["data"]["path"].as_str().unwrap().trim_start_matches("snapshots/"));
    at(&["ledger", "verify"]).code(0);
    assert_eq!(event["data"]["sha256"], crate::kit::digest(&fs::read(&envelope).unwrap()));
}

/// A reader who cannot be encrypted for is found before the work, not after.
#[test]
fn a_reader_who_cannot_be_is_refused_first() {
    let world = World::small();
    world.write("not.pem", "nothing");
    world.probant(&["run", "--encrypt-for", "not.pem"]).code(2).says(&["not.pem", "no certificate"]);
    world.probant(&["run", "--encrypt-for", "absent.pem"]).code(2).says(&["absent.pem", "No such file"]);
    openssl(&world, "req -x509 -newkey rsa:2048 -nodes -keyout w.key -days 3000 -subj /CN=w -out w.pem");
    done(&mut world.at(&crate::keys::soon(), &["run", "--encrypt-for", "w.pem"])).code(2).says(&[
        "w.pem",
        "2048 bits",
        "3072 to 4096",
    ]);
    assert!(files(&world.store().join("bundles")).is_empty() && files(&world.store().join("snapshots")).is_empty());
}
