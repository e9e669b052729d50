//! Every kind of key makes a signature that openssl accepts as `CAdES`: PKCS#8 and PKCS#12, ECDSA and RSA.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use probant::bundle::{Curve, KeyError, KeyRequest, KeySource, Signer, TrustAnchor, create_key, load_signer};
use secrecy::SecretString;
use tempfile::TempDir;

use crate::kit::{PASSPHRASE, now, random, run};

const MANIFEST: &[u8] = b"<manifest>\xc3\xa9</manifest>\n";

/// A folder where openssl works.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `openssl`, with words parted by spaces.
    #[track_caller]
    pub(crate) fn openssl(&self, line: &str) -> String {
        run(Command::new("openssl").args(line.split(' ')).current_dir(self.folder.path()))
    }

    pub(crate) fn private(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// An encrypted key `name.key` and a self-made certificate `name.pem`; `options` as for `openssl genpkey`.
    pub(crate) fn key_pair(&self, name: &str, options: &str) -> (PathBuf, PathBuf) {
        // openssl wants a file for each passphrase of one command.
        fs::write(self.path("pass"), PASSPHRASE).unwrap();
        fs::write(self.path("out"), PASSPHRASE).unwrap();
        self.openssl(&format!("genpkey {options} -aes-256-cbc -pass file:pass -out {name}.key"));
        self.openssl(&format!(
            "req -x509 -key {name}.key -passin file:pass -days 3650 -subj /O=Essai/CN=Sceau -addext keyUsage=digitalSignature,nonRepudiation -out {name}.pem"
        ));
        (self.private(&format!("{name}.key")), self.path(&format!("{name}.pem")))
    }

    /// An authority `ca`, an intermediate `sub` under it.
    pub(crate) fn authorities(&self) {
        fs::write(self.path("ca.cnf"), "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n").unwrap();
        fs::write(self.path("seal.cnf"), "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n").unwrap();
        self.openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ca.key");
        self.openssl(
            "req -x509 -key ca.key -days 3650 -subj /O=Essai/CN=Racine -addext keyUsage=critical,keyCertSign,cRLSign -out ca.pem",
        );
        self.openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out sub.key");
        self.openssl("req -new -key sub.key -subj /O=Essai/CN=Intermediaire -out sub.csr");
        self.openssl("x509 -req -in sub.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3000 -extfile ca.cnf -out sub.pem");
    }

    /// A certificate for a request, by the intermediate authority.
    pub(crate) fn issue(&self, request: &str, out: &str) -> PathBuf {
        self.openssl(&format!(
            "x509 -req -in {request} -CA sub.pem -CAkey sub.key -CAcreateserial -days 700 -extfile seal.cnf -out {out}"
        ));
        self.path(out)
    }

    /// The signature of `signer`, under openssl, against `anchor`; what openssl prints of it.
    #[track_caller]
    pub(crate) fn accepted(&self, signer: &Signer, anchor: &Path) -> String {
        fs::write(self.path("m.xml"), MANIFEST).unwrap();
        fs::write(self.path("m.p7s"), signer.sign(MANIFEST, now()).unwrap()).unwrap();
        let mut command = Command::new("openssl");
        command.args([
            "cms",
            "-verify",
            "-cades",
            "-binary",
            "-inform",
            "DER",
            "-in",
            "m.p7s",
            "-content",
            "m.xml",
            "-out",
            "/dev/null",
        ]);
        command.args(["-no_check_time", "-CAfile"]).arg(anchor).current_dir(self.folder.path());
        let said = run(&mut command);
        assert!(said.contains("CAdES Verification successful"), "{said}");
        self.openssl("cms -cmsout -print -noout -inform DER -in m.p7s")
    }
}

pub(crate) fn secret() -> SecretString {
    SecretString::from(PASSPHRASE)
}

#[test]
fn openssl_accepts_every_kind_of_key_in_pkcs8() {
    let bench = Bench::new();
    let kinds = [
        ("p256", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256", "ECDSA P-256", "ecdsa-with-SHA256"),
        ("p384", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384", "ECDSA P-384", "ecdsa-with-SHA384"),
        ("rsa", "-algorithm RSA -pkeyopt rsa_keygen_bits:3072", "RSA 3072", "sha256WithRSAEncryption"),
    ];
    for (name, options, kind, algorithm) in kinds {
        let (key, certificate) = bench.key_pair(name, options);
        let signer = load_signer(&key, &certificate, &secret()).unwrap();
        assert_eq!(signer.kind().to_string(), kind);
        let printed = bench.accepted(&signer, &certificate);
        let info = printed.split("signatureAlgorithm:").last().unwrap();
        assert!(info.contains(algorithm), "{info}");
        assert_eq!(signer.sign(b"x", now()).unwrap(), signer.sign(b"x", now()).unwrap(), "{name}: not the same bytes");
    }
}

#[test]
fn a_key_made_here_on_p384_seals() {
    let bench = Bench::new();
    let passphrase = secret();
    let request = KeyRequest {
        organisation: "Agence",
        not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
        not_after: "2028-01-01T00:00:00Z".parse().unwrap(),
        passphrase: &passphrase,
    };
    let made = create_key(Curve::P384, &request, &mut random(5)).unwrap();
    let (key, certificate) = (bench.path("k.pem"), bench.path("c.pem"));
    made.write(&key, &certificate).unwrap();
    let signer = load_signer(&key, &certificate, &passphrase).unwrap();
    assert_eq!((signer.kind().to_string().as_str(), signer.fingerprint()), ("ECDSA P-384", made.fingerprint.as_str()));
    bench.accepted(&signer, &certificate);
}

#[test]
fn weak_and_oversized_rsa_keys_are_refused_by_their_size() {
    let bench = Bench::new();
    // Keys of more than 4096 bits take minutes to make: one of 2048 stands for both bounds.
    let (key, certificate) = bench.key_pair("weak", "-algorithm RSA -pkeyopt rsa_keygen_bits:2048");
    let error = load_signer(&key, &certificate, &secret()).unwrap_err();
    assert!(matches!(error, KeyError::RsaSize { bits: 2048, .. }), "{error}");
    assert!(error.to_string().contains("3072 to 4096") && error.to_string().contains("weak.key"), "{error}");
}

/// Today's encryption, and what older tools and Windows write.
#[test]
fn openssl_accepts_what_a_pkcs12_file_signs() {
    let bench = Bench::new();
    bench.authorities();
    for (name, algorithm, kind) in [
        ("ec", "-algorithm EC -pkeyopt ec_paramgen_curve:P-384", "ECDSA P-384"),
        ("rsa", "-algorithm RSA -pkeyopt rsa_keygen_bits:3072", "RSA 3072"),
    ] {
        bench.key_pair(name, algorithm);
        bench.openssl(&format!("req -new -key {name}.key -passin file:pass -subj /O=Essai/CN=Sceau-{name} -out {name}.csr"));
        bench.issue(&format!("{name}.csr"), &format!("{name}.pem"));
        for (file, extra) in [("new", ""), ("old", " -legacy"), ("plain-certificates", " -certpbe NONE")] {
            let file = format!("{name}-{file}.p12");
            bench.openssl(&format!(
                "pkcs12 -export{extra} -inkey {name}.key -passin file:pass -in {name}.pem -certfile sub.pem -passout file:out -out {file}"
            ));
            let source = KeySource::Pkcs12(bench.private(&file));
            let signer = source.signer(&secret()).unwrap_or_else(|e| panic!("{file}: {e}"));
            assert_eq!(signer.kind().to_string(), kind);
            assert_eq!(signer.subject(), format!("CN=Sceau-{name},O=Essai"));
            let standing = source.standing(Some(&secret())).unwrap();
            assert_eq!(standing.chain, ["CN=Intermediaire,O=Essai"], "{file}");
            // The root alone is trusted: the intermediate certificate is in the signature.
            bench.accepted(&signer, &bench.path("ca.pem"));
            assert_eq!(TrustAnchor::load(&bench.path("ca.pem")).unwrap().len(), 1);
        }
    }
}

#[test]
fn a_pkcs12_file_that_cannot_be_used_says_why() {
    let bench = Bench::new();
    bench.key_pair("k", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256");
    let export = "pkcs12 -export -inkey k.key -passin file:pass -in k.pem";
    bench.openssl(&format!("{export} -passout file:out -out k.p12"));
    let source = KeySource::Pkcs12(bench.private("k.p12"));
    assert!(source.signer(&secret()).is_ok());
    let error = source.signer(&SecretString::from("wrong")).unwrap_err();
    assert!(matches!(error, KeyError::WrongPassphrase { .. }) && error.to_string().contains("k.p12: wrong passphrase"), "{error}");
    assert!(matches!(source.signer(&SecretString::from("")), Err(KeyError::NoPassphrase { .. })));
    assert!(matches!(source.standing(None), Err(KeyError::NoPassphrase { .. })) && !source.is_shown_without_secret());

    fs::set_permissions(bench.path("k.p12"), fs::Permissions::from_mode(0o644)).unwrap();
    let error = source.signer(&secret()).unwrap_err().to_string();
    assert!(error.contains("chmod 600") && error.contains("0644"), "{error}");

    bench.openssl("pkcs12 -export -nokeys -in k.pem -passout file:out -out certificates.p12");
    let error = KeySource::Pkcs12(bench.private("certificates.p12")).signer(&secret()).unwrap_err().to_string();
    assert!(error.contains("no encrypted private key"), "{error}");

    fs::write(bench.path("not.p12"), "not a PKCS#12 file").unwrap();
    let error = KeySource::Pkcs12(bench.private("not.p12")).signer(&secret()).unwrap_err().to_string();
    assert!(error.contains("not.p12: cannot be read as a PKCS#12 file") && error.contains("openssl pkcs12 -export"), "{error}");
}

/// Whoever may write in the folder may put a key of their own there.
#[test]
fn a_folder_where_others_may_write_is_refused() {
    let bench = Bench::new();
    let (key, certificate) = bench.key_pair("k", "-algorithm EC -pkeyopt ec_paramgen_curve:P-256");
    let mode = |mode| fs::set_permissions(bench.folder.path(), fs::Permissions::from_mode(mode)).unwrap();
    for (bits, good) in [(0o700, true), (0o755, true), (0o1777, true), (0o775, false), (0o757, false)] {
        mode(bits);
        match load_signer(&key, &certificate, &secret()) {
            Ok(_) => assert!(good, "{bits:o}"),
            Err(error) => {
                assert!(!good && matches!(error, KeyError::FolderPermissions { .. }), "{bits:o}: {error}");
                assert!(error.to_string().contains("chmod go-w"), "{error}");
            }
        }
    }
    mode(0o700);
}
