//! A key on a PKCS#11 token: SoftHSM stands for smart cards and HSMs. Its tokens live in the test's folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::keys::{authority, issue, key_events, soon};
use crate::kit::{Done, World, done, skipped, tool};

const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
];
const PIN: &str = "271828";

struct Token {
    world: World,
    module: PathBuf,
    now: String,
}

impl Token {
    /// A token `sceau` with these keys, each `type label id`. None where SoftHSM is not installed.
    fn new(test: &str, keys: &[(&str, &str, &str)]) -> Option<Self> {
        let Some(module) = MODULES.iter().map(PathBuf::from).find(|path| path.exists()) else {
            skipped(test, "needs SoftHSM and OpenSC (apt install softhsm2 opensc)");
            return None;
        };
        let token = Self { world: World::small(), module, now: soon() };
        std::fs::create_dir(token.world.folder.join("tokens")).unwrap();
        let tokens = token.world.folder.join("tokens");
        token.world.write("softhsm2.conf", format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display()));
        token.softhsm(&["--init-token", "--free", "--label", "sceau", "--pin", PIN, "--so-pin", "31415926"]);
        for (kind, label, id) in keys {
            token.pkcs11_tool(&["--keypairgen", "--key-type", kind, "--label", label, "--id", id]);
        }
        Some(token)
    }

    fn with_environment<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.env("SOFTHSM2_CONF", self.world.folder.join("softhsm2.conf")).current_dir(&self.world.folder)
    }

    #[track_caller]
    fn softhsm(&self, arguments: &[&str]) {
        tool(self.with_environment(Command::new("softhsm2-util").args(arguments)));
    }

    #[track_caller]
    fn pkcs11_tool(&self, arguments: &[&str]) {
        let mut command = Command::new("pkcs11-tool");
        command.arg("--module").arg(&self.module).args(["--token-label", "sceau", "--login", "--pin", PIN]).args(arguments);
        tool(self.with_environment(&mut command));
    }

    /// Writes the `[signing.pkcs11]` that the tests start from.
    fn configure(&self, more: &str) {
        let module = self.module.display();
        let section = format!("[signing.pkcs11]\nmodule = \"{module}\"\n{more}\n");
        self.world.edit("probant.toml", "create = true\npassphrase_file = \"passphrase.txt\"\n", &section);
    }

    fn probant(&self, arguments: &[&str]) -> Done {
        self.with_pin(PIN, arguments)
    }

    fn with_pin(&self, pin: &str, arguments: &[&str]) -> Done {
        let mut command = self.world.at(&self.now, arguments);
        done(self.with_environment(&mut command).env("PROBANT_PIN", pin))
    }

    fn bundle(&self) -> String {
        self.world.bundle().display().to_string()
    }

    /// openssl, on the bundle as it is.
    #[track_caller]
    fn openssl_accepts(&self, anchor: &str) {
        tool(Command::new("unzip").args(["-q", "-o", &self.bundle(), "-d", "x"]).current_dir(&self.world.folder));
        let line = "cms -verify -cades -binary -inform DER -in x/META-INF/signature001.p7s -content x/META-INF/ASiCManifest001.xml -out /dev/null";
        let mut command = Command::new("openssl");
        command.args(line.split(' ')).args(["-CAfile", anchor]).current_dir(&self.world.folder);
        let said = tool(&mut command);
        assert!(said.contains("CAdES Verification successful"), "{said}");
    }
}

/// From a key that was made on the token to a sealed bundle, without the key ever being in a file.
#[test]
fn keys_on_a_token_seal() {
    let test = "keys_on_a_token_seal";
    let kinds = [
        ("EC:secp256r1", "ec256", "01", "ECDSA P-256"),
        ("EC:secp384r1", "ec384", "02", "ECDSA P-384"),
        ("rsa:3072", "rsa", "03", "RSA 3072"),
    ];
    for (kind, label, id, shown) in kinds {
        let Some(token) = Token::new(test, &[(kind, label, id), ("EC:secp256r1", "autre", "0f")]) else { return };
        token.configure(&format!("token = \"sceau\"\nkey_label = \"{label}\"\n"));
        token.probant(&["run"]).code(2).says(&["token `sceau`", "no certificate of this key", "probant keys request"]);
        token.probant(&["keys", "request", "--subject", "CN=Sceau,O=Essai"]).code(0);
        authority(&token.world);
        issue(&token.world, "store/keys/seal.csr.pem", "issued.pem");
        token.probant(&["keys", "install", "issued.pem"]).code(0);
        let said = token.probant(&["keys", "show"]).code(0).out;
        assert!(said.contains(shown) && said.contains("CN=Racine,O=Essai"), "{said}");
        token.probant(&["run", "--quiet"]).code(0);
        token.openssl_accepts("ca.pem");
        assert_eq!(key_events(&token.world).len(), 1);
        assert!(!Path::new(&token.world.store().join("keys/seal.key.pem")).exists());
    }
}

/// The certificate may lie on the token, under the key's id.
#[test]
fn a_certificate_on_the_token_is_found() {
    let Some(token) = Token::new("a_certificate_on_the_token_is_found", &[("EC:secp256r1", "sceau-2026", "a1b2")]) else { return };
    token.configure("key_id = \"A1:B2\"");
    token.probant(&["keys", "request", "--output", "r.csr", "--subject", "CN=Sceau,O=Essai"]).code(0);
    authority(&token.world);
    issue(&token.world, "r.csr", "issued.pem");
    crate::keys::openssl(&token.world, "x509 -in issued.pem -outform DER -out issued.der");
    token.pkcs11_tool(&["--write-object", "issued.der", "--type", "cert", "--id", "a1b2", "--label", "certificat"]);
    token.probant(&["run", "--quiet"]).code(0);
    crate::keys::revocation_list(&token.world);
    token.probant(&["verify", &token.bundle(), "--anchor", "ca.pem", "--crl", "ca.crl"]).code(0);
    // Nothing secret is needed to show it.
    let mut command = token.world.at(&token.now, &["keys", "show", "--format", "json"]);
    let shown = done(token.with_environment(&mut command)).code(0).json();
    assert_eq!(shown["issuer"], "CN=Racine,O=Essai");
    let mut command = token.world.at(&token.now, &["run"]);
    done(token.with_environment(&mut command)).code(2).says(&["PROBANT_PIN"]);
}

#[test]
fn a_key_that_wants_the_pin_each_time_seals() {
    let Some(token) = Token::new("a_key_that_wants_the_pin_each_time_seals", &[]) else { return };
    token.pkcs11_tool(&["--keypairgen", "--key-type", "rsa:3072", "--label", "strict", "--id", "05", "--always-auth"]);
    token.configure("");
    token.probant(&["keys", "request"]).code(0);
    crate::keys::openssl(&token.world, "req -in store/keys/seal.csr.pem -noout -verify");
    let Some(token) = Token::new("a_key_that_wants_the_pin_each_time_seals", &[]) else { return };
    token.pkcs11_tool(&["--keypairgen", "--key-type", "EC:secp256r1", "--label", "strict", "--id", "05", "--always-auth"]);
    token.configure("");
    // SoftHSM digests no message for ECDSA.
    token.probant(&["keys", "request"]).code(2).says(&["CKA_ALWAYS_AUTHENTICATE", "Use a key without"]);
}

#[test]
fn a_token_that_cannot_be_used_says_why() {
    let keys = [("EC:secp256r1", "un", "01"), ("EC:secp256r1", "deux", "02"), ("rsa:2048", "faible", "03")];
    let Some(token) = Token::new("a_token_that_cannot_be_used_says_why", &keys) else { return };
    token.configure("key_label = \"un\"");
    token.with_pin("0000", &["keys", "request"]).code(2).says(&["wrong PIN", "lock", "do not let a script repeat"]);
    let request = |old: &str, new: &str| {
        token.world.edit("probant.toml", old, new);
        token.probant(&["keys", "request"])
    };
    request("key_label = \"un\"", "key_label = \"trois\"").code(2).says(&[
        "no private key of that name",
        "`deux` (id 02)",
        "`un` (id 01)",
    ]);
    request("key_label = \"trois\"", "token = \"absent\"").code(2).says(&["there is no such token", "`sceau` (slot"]);
    request("token = \"absent\"", "slot = 3").code(2).says(&["there is no such token"]);
    request("slot = 3", "").code(2).says(&["several private keys fit", "key_label or key_id"]);
    request("[signing.pkcs11]\n", "[signing.pkcs11]\nkey_id = \"03\"\n").code(2).says(&["RSA key of 2048 bits"]);
    let module = token.module.display().to_string();
    request(&module, "/absent/module.so").code(2).says(&["/absent/module.so", "the module cannot be loaded"]);
}
