//! The seal key from its making to its end, by the commands that people type.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::Value;

use crate::kit::{NOW, World, done, files, tool};

/// Certificates that openssl makes start now; the samples live a little before.
pub(crate) fn soon() -> String {
    let now = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `openssl` in the folder, with words parted by spaces.
#[track_caller]
pub(crate) fn openssl(world: &World, line: &str) -> String {
    tool(Command::new("openssl").args(line.split(' ')).current_dir(&world.folder))
}

/// An authority: `ca.pem`, `ca.key`.
pub(crate) fn authority(world: &World) {
    world.write("seal.cnf", "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n");
    openssl(world, "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ca.key");
    openssl(
        world,
        "req -x509 -key ca.key -days 3000 -subj /O=Essai/CN=Racine -addext keyUsage=critical,keyCertSign,cRLSign -out ca.pem",
    );
}

/// The authority's list of what it revoked: nothing, `ca.crl`.
pub(crate) fn revocation_list(world: &World) {
    world.write("index.txt", "");
    world.write("ca.cnf", "[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\ndefault_md=sha256\ndefault_crl_days=700\ncrl_extensions=ext\n[ext]\nauthorityKeyIdentifier=keyid:always\n");
    openssl(world, "ca -gencrl -config ca.cnf -keyfile ca.key -cert ca.pem -out ca.crl");
}

/// The authority's answer to a request.
pub(crate) fn issue(world: &World, request: &str, out: &str) {
    let line = format!("x509 -req -in {request} -CA ca.pem -CAkey ca.key -CAcreateserial -days 700 -extfile seal.cnf -out {out}");
    openssl(world, &line);
}

fn bundles(world: &World) -> Vec<String> {
    let made = files(&world.store().join("bundles"));
    made.iter().filter(|path| path.extension().is_some_and(|e| e == "asice")).map(|path| path.display().to_string()).collect()
}

/// What the ledger says was done to keys.
pub(crate) fn key_events(world: &World) -> Vec<Value> {
    let ledger = world.probant(&["ledger", "--format", "json"]).code(0).json();
    ledger["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["event"] == "key")
        .map(|entry| entry["data"].clone())
        .collect()
}

#[test]
fn a_key_is_made_and_shown() {
    let world = World::small();
    let made = world.probant(&["keys", "create", "--kind", "p384", "--years", "2", "--format", "json"]).code(0).json();
    let shown = world.probant(&["keys", "show"]).code(0).out;
    for part in
        ["ECDSA P-384", "CN=Probant seal,O=Essai", "self-made", "2026-10-05 until 2028-10-04", made["sha256"].as_str().unwrap()]
    {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    let json = world.probant(&["keys", "show", "--format", "json"]).code(0).json();
    assert_eq!(
        (json["trust"].as_str(), json["state"].as_str(), json["days_left"].as_i64()),
        (Some("self_made"), Some("valid"), Some(730))
    );
    assert!(world.probant(&["keys", "show", "--lang", "fr"]).code(0).out.contains("fait maison"));
    world.probant(&["keys", "create"]).code(2).says(&["already exists", "probant keys rotate"]);
    world.probant(&["keys", "create", "--kind", "rsa"]).code(2).says(&["p256", "p384"]);
    assert!(world.probant(&["keys", "create", "--help"]).code(0).out.contains("openssl genpkey -algorithm RSA"));
    let [event] = key_events(&world).try_into().unwrap();
    assert_eq!((event["action"].as_str(), event["certificate_sha256"].clone()), (Some("create"), made["sha256"].clone()));
}

#[test]
fn the_organisations_authority_takes_over() {
    let world = World::small();
    let now = soon();
    let at = |arguments: &[&str]| done(&mut world.at(&now, arguments));
    at(&["keys", "create"]).code(0);
    let asked = at(&["keys", "request", "--subject", "CN=Sceau de preuve, O=Essai, C=FR"]).code(0);
    assert!(asked.out.contains("store/keys/seal.csr.pem") && asked.out.contains("probant keys install"), "{}", asked.out);
    authority(&world);
    issue(&world, "store/keys/seal.csr.pem", "issued.pem");
    at(&["keys", "install", "ca.pem"]).code(2).says(&["ca.pem", "another key"]);
    let put = at(&["keys", "install", "issued.pem"]).code(0);
    assert!(put.out.contains("issued by CN=Racine,O=Essai") && put.out.contains("store/keys/old/"), "{}", put.out);
    assert!(at(&["keys", "show"]).code(0).out.contains("CN=Sceau de preuve,O=Essai,C=FR"));
    let run = at(&["run", "--quiet"]).code(0);
    assert!(run.out.contains("--anchor <CN=Racine,O=Essai>"), "{}", run.out);
    // Who is certified by an authority may have been revoked by it: its list says.
    let unsure = at(&["verify", &bundles(&world)[0], "--anchor", "ca.pem"]).code(2).out;
    assert!(unsure.contains("no revocation list") && unsure.contains("--crl"), "{unsure}");
    revocation_list(&world);
    at(&["verify", &bundles(&world)[0], "--anchor", "ca.pem", "--crl", "ca.crl"]).code(0);
    // The former, self-made certificate does not speak for it, though the key is the same.
    let former = files(&world.store().join("keys/old"));
    at(&["verify", &bundles(&world)[0], "--anchor", &former[0].display().to_string()]).code(2);
    let actions: Vec<Value> = key_events(&world).iter().map(|event| event["action"].clone()).collect();
    assert_eq!(actions, ["create", "install"]);
}

#[test]
fn old_bundles_verify_after_a_rotation() {
    let world = World::small();
    world.probant(&["run", "--quiet"]).code(0);
    let former = bundles(&world);
    let before = fs::read(world.certificate()).unwrap();
    let said = world.probant(&["keys", "rotate", "--format", "json"]).code(0).json();
    world.probant(&["bundle"]).code(0);
    let latter = bundles(&world).into_iter().find(|bundle| !former.contains(bundle)).unwrap();
    let kept = said["former"]["certificate"].as_str().unwrap();
    assert_eq!(fs::read(kept).unwrap(), before);
    world.probant(&["verify", &former[0], "--anchor", kept]).code(0);
    world.probant(&["verify", &latter, "--anchor", "store/keys/seal.cert.pem"]).code(0);
    world.probant(&["verify", &former[0], &latter, "--anchor", kept, "--anchor", "store/keys/seal.cert.pem"]).code(0);
    world.probant(&["verify", &former[0], "--anchor", "store/keys/seal.cert.pem"]).code(2);
    let last = key_events(&world).pop().unwrap();
    assert_eq!((&last["action"], &last["certificate_sha256"]), (&"rotate".into(), &said["sha256"]));
    assert_eq!(last["former_certificate_sha256"], said["former"]["sha256"]);
    // Heads that the former key signed are still known to be ours.
    world.probant(&["ledger", "verify"]).code(0);
}

#[test]
fn the_end_of_a_certificate_is_said_in_time() {
    let world = World::small();
    world.probant(&["run", "--quiet"]).code(0);
    world.probant(&["harvest", "--quiet"]).code(0);
    // Made on 2026-10-05 for five years of 365 days.
    for (day, says, urgency) in [
        ("2031-08-05", "expires in 59 day(s), on 2031-10-04. Make a new key: `probant keys rotate`", ""),
        ("2031-09-14", "expires in 19 day(s)", "Warning: "),
        ("2031-10-01", "expires in 2 day(s)", "URGENT: "),
    ] {
        let now = format!("{day}T08:00:01Z");
        for command in ["bundle", "drift"] {
            let said = done(&mut world.at(&now, &[command])).err;
            assert!(said.contains(&format!("{urgency}the seal certificate {says}")), "{command}: {said}");
            if urgency.is_empty() {
                assert!(!said.contains("Warning: the seal") && !said.contains("URGENT"), "{said}");
            }
        }
    }
    let count = bundles(&world).len();
    for command in ["run", "bundle"] {
        let late = done(&mut world.at("2031-10-05T08:00:00Z", &[command])).code(2);
        late.says(&["expired on 2031-10-04", "would prove nothing", "probant keys rotate"]);
    }
    assert_eq!(bundles(&world).len(), count);
    let early = done(&mut world.at("2026-10-01T08:00:00Z", &["bundle"])).code(2);
    early.says(&["not valid before"]);
    let drift = done(&mut world.at("2031-10-05T08:00:00Z", &["drift"]));
    assert!(drift.err.contains("expired on 2031-10-04") && drift.code != Some(2), "{drift:?}");
    assert!(!world.probant(&["bundle"]).code(0).err.contains("expire"), "said without a reason, at {NOW}");
}

#[test]
fn the_passphrase_comes_from_a_descriptor() {
    let world = World::small();
    world.edit("probant.toml", "passphrase_file = \"passphrase.txt\"", "passphrase_fd = 3");
    let shell = |script: &str| {
        let mut shell = Command::new("sh");
        let binary = env!("CARGO_BIN_EXE_probant");
        done(shell.args(["-c", script, binary]).env("PROBANT_NOW", NOW).current_dir(&world.folder))
    };
    shell("exec \"$0\" keys create 3< passphrase.txt").code(0);
    shell("cat passphrase.txt | { exec 3<&0; exec \"$0\" keys request; }").code(0);
    shell("echo wrong | { exec 3<&0; exec \"$0\" keys request; }").code(2).says(&["wrong passphrase"]);
    shell("exec \"$0\" keys request").code(2).says(&["passphrase_fd = 3", "3< file"]);
}

#[test]
fn a_passphrase_that_others_can_read_is_said() {
    let world = World::small();
    let mode = |mode| fs::set_permissions(world.folder.join("passphrase.txt"), fs::Permissions::from_mode(mode)).unwrap();
    mode(0o644);
    world.probant(&["keys", "create"]).code(0).says(&["can be read by others (mode 644)", "chmod 600"]);
    mode(0o600);
    assert!(!world.probant(&["keys", "request"]).code(0).err.contains("others"));
}

#[test]
fn a_pkcs12_file_seals() {
    let world = World::small();
    let now = soon();
    world.edit("probant.toml", "create = true", "pkcs12 = \"seal.p12\"");
    world.write("out.txt", "une phrase assez longue\n");
    openssl(
        &world,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout k.pem -days 700 -subj /O=Essai/CN=Sceau -out c.pem",
    );
    openssl(&world, "pkcs12 -export -inkey k.pem -in c.pem -passout file:out.txt -out seal.p12");
    let at = |arguments: &[&str]| done(&mut world.at(&now, arguments));
    fs::set_permissions(world.folder.join("seal.p12"), fs::Permissions::from_mode(0o640)).unwrap();
    at(&["run"]).code(2).says(&["seal.p12", "readable by others", "chmod 600"]);
    fs::set_permissions(world.folder.join("seal.p12"), fs::Permissions::from_mode(0o600)).unwrap();
    at(&["run", "--quiet"]).code(0);
    at(&["verify", &bundles(&world)[0], "--anchor", "c.pem"]).code(0);
    assert!(at(&["keys", "show"]).code(0).out.contains("seal.p12 (ECDSA P-384)"));
    for arguments in [&["keys", "create"][..], &["keys", "rotate"]] {
        at(arguments).code(2).says(&["not a PKCS#8 file", "[signing]"]);
    }
    at(&["keys", "install", "c.pem"]).code(2).says(&["openssl pkcs12 -export"]);
    at(&["keys", "request"]).code(0);
    world.write("passphrase.txt", "une autre phrase\n");
    at(&["run"]).code(2).says(&["seal.p12: wrong passphrase"]);
}

#[test]
fn contradictions_in_the_configuration_are_shown_at_their_line() {
    let world = World::small();
    world.edit("probant.toml", "create = true", "key = \"k.pem\"\npkcs12 = \"seal.p12\"");
    world.probant(&["run"]).code(2).says(&["probant.toml, line 9, column 1", "two seal keys, key and pkcs12"]);
    world.edit("probant.toml", "pkcs12 = \"seal.p12\"", "pkcs11 = { modul = \"x.so\" }");
    world.probant(&["run"]).code(2).says(&["probant.toml, line 9", "modul", "module"]);
}
