//! Certification and time-stamping authorities to try seals with, all made by openssl on the day of the test. Shared by the tests of
//! the bundle and those of the command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

pub(crate) const CA: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n";
pub(crate) const SIGNER: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n";
pub(crate) const TSA: &str =
    "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n";

const CONFIG: &str = "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\n\
default_crl_days=30\ncrlnumber=crlnumber\nunique_subject=no\n[p]\norganizationName=optional\ncommonName=supplied\n\
[req]\ndistinguished_name=dn\n[dn]\n[tsa]\ndefault_tsa=t\n[t]\nserial=tsaserial\ndefault_policy=1.2.3.4.1\nother_policies=1.2.3.4.5\n\
digests=sha256,sha384,sha512\nsigner_digest=sha256\naccuracy=secs:1\nclock_precision_digits=3\ness_cert_id_chain=no\n\
ess_cert_id_alg=sha256\n";

/// A folder of authorities; each name is a key, a certificate and, for authorities, a list.
pub(crate) struct Pki {
    folder: TempDir,
}

impl Pki {
    pub(crate) fn new() -> Self {
        let pki = Self { folder: tempfile::tempdir().unwrap() };
        for (name, content) in
            [("openssl.cnf", CONFIG), ("index.txt", ""), ("serial", "1000\n"), ("crlnumber", "01\n"), ("tsaserial", "01\n")]
        {
            fs::write(pki.path(name), content).unwrap();
        }
        pki
    }

    /// An authority with a signer below it, and one with a time-stamping authority below it.
    pub(crate) fn usual() -> Self {
        let pki = Self::new();
        pki.root("racine", "P-256");
        pki.issue("sceau", "racine", SIGNER, ("P-256", 730));
        pki.root("racine-tsa", "rsa:2048");
        pki.issue("tsa", "racine-tsa", TSA, ("rsa:2048", 3650));
        pki.list("racine", "racine.crl");
        pki.list("racine-tsa", "racine-tsa.crl");
        pki
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    #[track_caller]
    pub(crate) fn openssl(&self, args: &[&str]) -> String {
        run(Command::new("openssl").args(args).current_dir(self.folder.path()))
    }

    fn key(&self, name: &str, kind: &str) {
        let out = format!("{name}.key");
        match kind.strip_prefix("rsa:") {
            Some(bits) => {
                self.openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", &format!("rsa_keygen_bits:{bits}"), "-out", &out])
            }
            None => self.openssl(&["genpkey", "-algorithm", "EC", "-pkeyopt", &format!("ec_paramgen_curve:{kind}"), "-out", &out]),
        };
    }

    /// A self-made authority.
    pub(crate) fn root(&self, name: &str, kind: &str) {
        self.key(name, kind);
        self.sign(name, &["-selfsign", "-keyfile", &format!("{name}.key")], CA, (-2, 7300));
    }

    /// A certificate for a new key, valid from yesterday for so many days.
    pub(crate) fn issue(&self, name: &str, issuer: &str, extensions: &str, (kind, days): (&str, i64)) {
        self.key(name, kind);
        self.certify(name, issuer, extensions, days);
    }

    /// A certificate for the key that is there already.
    pub(crate) fn certify(&self, name: &str, issuer: &str, extensions: &str, days: i64) {
        let (ca, ca_key) = (format!("{issuer}.pem"), format!("{issuer}.key"));
        self.sign(name, &["-cert", &ca, "-keyfile", &ca_key], extensions, (-1, days));
    }

    /// Asks for a certificate of this key and gives it, valid from one day to another, counted from today.
    fn sign(&self, name: &str, issuer: &[&str], extensions: &str, (from, to): (i64, i64)) {
        fs::write(self.path("extensions"), extensions).unwrap();
        let (key, out, subject) = (format!("{name}.key"), format!("{name}.pem"), format!("/O=Agence/CN={name}"));
        self.openssl(&["req", "-new", "-config", "openssl.cnf", "-key", &key, "-subj", &subject, "-out", "request"]);
        let (from, to) = (day(from), day(to));
        let args = ["ca", "-batch", "-config", "openssl.cnf", "-notext", "-in", "request", "-extfile", "extensions"];
        let when = ["-startdate", &from, "-enddate", &to, "-out", &out];
        self.openssl(&[&args[..], issuer, &when[..]].concat());
    }

    pub(crate) fn revoke(&self, name: &str, issuer: &str, reason: Option<&str>) {
        let reason: Vec<&str> = reason.into_iter().flat_map(|reason| ["-crl_reason", reason]).collect();
        self.revoke_with(name, issuer, &reason);
    }

    pub(crate) fn revoke_with(&self, name: &str, issuer: &str, more: &[&str]) {
        let (file, ca, ca_key) = (format!("{name}.pem"), format!("{issuer}.pem"), format!("{issuer}.key"));
        let args = ["ca", "-config", "openssl.cnf", "-cert", &ca, "-keyfile", &ca_key, "-revoke", &file];
        self.openssl(&[&args[..], more].concat());
    }

    /// Nothing was ever revoked.
    pub(crate) fn forget(&self) {
        fs::write(self.path("index.txt"), "").unwrap();
    }

    /// The list as of now, in PEM. The one index serves every authority: what others issued is in nobody's way.
    pub(crate) fn list(&self, issuer: &str, out: &str) {
        let (ca, ca_key) = (format!("{issuer}.pem"), format!("{issuer}.key"));
        self.openssl(&["ca", "-config", "openssl.cnf", "-gencrl", "-cert", &ca, "-keyfile", &ca_key, "-out", out]);
    }
}

/// `openssl ts -reply`.
pub(crate) fn answer(folder: &Path, name: &str, query: &[u8]) -> Vec<u8> {
    let (signer, key) = (format!("{name}.pem"), format!("{name}.key"));
    fs::write(folder.join("query.tsq"), query).unwrap();
    let mut command = Command::new("openssl");
    command.args(["ts", "-reply", "-config", "openssl.cnf", "-queryfile", "query.tsq", "-signer", &signer, "-inkey", &key, "-out"]);
    run(command.arg("answer.tsr").current_dir(folder));
    fs::read(folder.join("answer.tsr")).unwrap()
}

/// So many days from now, as openssl wants it.
fn day(days: i64) -> String {
    (today() + jiff::SignedDuration::from_hours(24 * days)).strftime("%Y%m%d%H%M%SZ").to_string()
}

/// Certificates made by openssl start at the second of the run.
pub(crate) fn today() -> jiff::Timestamp {
    let seconds: i64 = run(Command::new("date").arg("+%s")).trim().parse().unwrap();
    jiff::Timestamp::from_second(seconds).unwrap()
}

pub(crate) fn years(count: i64) -> jiff::SignedDuration {
    jiff::SignedDuration::from_hours(count * 365 * 24)
}

/// Standard output and error of a command that must succeed.
#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{text}");
    text
}
