//! Certification and time-stamping authorities to try seals with, all made by openssl on the day of the test.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use probant::bundle::{
    Authority, Crl, Level, Proofs, SealRequest, Signer, TimeStamping, Transport, TrustAnchor, Verdict, load_signer, seal_with,
    verify_source,
};
use secrecy::SecretString;
use tempfile::TempDir;

use crate::kit::{PASSPHRASE, request, run};

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
        fs::write(self.path("extensions"), CA).unwrap();
        let (key, out) = (format!("{name}.key"), format!("{name}.pem"));
        self.openssl(&[
            "req",
            "-new",
            "-config",
            "openssl.cnf",
            "-key",
            &key,
            "-subj",
            &format!("/O=Agence/CN={name}"),
            "-out",
            "request",
        ]);
        self.openssl(&[
            "ca", "-batch", "-config", "openssl.cnf", "-notext", "-selfsign", "-keyfile", &key, "-in", "request", "-extfile",
            "extensions", "-startdate", &day(-2), "-enddate", &day(7300), "-out", &out,
        ]);
    }

    /// A certificate for a new key, valid from yesterday for so many days.
    pub(crate) fn issue(&self, name: &str, issuer: &str, extensions: &str, (kind, days): (&str, i64)) {
        self.key(name, kind);
        self.certify(name, issuer, extensions, days);
    }

    /// A certificate for the key that is there already.
    pub(crate) fn certify(&self, name: &str, issuer: &str, extensions: &str, days: i64) {
        fs::write(self.path("extensions"), extensions).unwrap();
        let (key, out) = (format!("{name}.key"), format!("{name}.pem"));
        let (ca, ca_key) = (format!("{issuer}.pem"), format!("{issuer}.key"));
        self.openssl(&[
            "req",
            "-new",
            "-config",
            "openssl.cnf",
            "-key",
            &key,
            "-subj",
            &format!("/O=Agence/CN={name}"),
            "-out",
            "request",
        ]);
        self.openssl(&[
            "ca",
            "-batch",
            "-config",
            "openssl.cnf",
            "-notext",
            "-cert",
            &ca,
            "-keyfile",
            &ca_key,
            "-in",
            "request",
            "-extfile",
            "extensions",
            "-startdate",
            &day(-1),
            "-enddate",
            &day(days),
            "-out",
            &out,
        ]);
    }

    pub(crate) fn revoke(&self, name: &str, issuer: &str, reason: Option<&str>) {
        let (file, ca, ca_key) = (format!("{name}.pem"), format!("{issuer}.pem"), format!("{issuer}.key"));
        let mut args = vec!["ca", "-config", "openssl.cnf", "-cert", &ca, "-keyfile", &ca_key, "-revoke", &file];
        args.extend(reason.into_iter().flat_map(|reason| ["-crl_reason", reason]));
        self.openssl(&args);
    }

    /// The list as of now, in PEM. The one index serves every authority: what others issued is in nobody's way.
    pub(crate) fn list(&self, issuer: &str, out: &str) {
        let (ca, ca_key) = (format!("{issuer}.pem"), format!("{issuer}.key"));
        self.openssl(&["ca", "-config", "openssl.cnf", "-gencrl", "-cert", &ca, "-keyfile", &ca_key, "-out", out]);
    }

    pub(crate) fn anchors(&self, names: &[&str]) -> Vec<TrustAnchor> {
        names.iter().flat_map(|name| TrustAnchor::load(&self.path(&format!("{name}.pem"))).unwrap()).collect()
    }

    pub(crate) fn crls(&self, names: &[&str]) -> Vec<Crl> {
        names.iter().flat_map(|name| Crl::load(&self.path(name)).unwrap()).collect()
    }

    /// The key of the first name, encrypted by openssl, with the certificates of all.
    pub(crate) fn signer(&self, chain: &[&str]) -> Signer {
        let all: String = chain.iter().map(|c| fs::read_to_string(self.path(&format!("{c}.pem"))).unwrap()).collect();
        fs::write(self.path("chain.pem"), all).unwrap();
        let key = format!("{}.key", chain[0]);
        let pass = format!("pass:{PASSPHRASE}");
        self.openssl(&["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-in", &key, "-out", "encrypted.pem", "-passout", &pass]);
        fs::set_permissions(self.path("encrypted.pem"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        load_signer(&self.path("encrypted.pem"), &self.path("chain.pem"), &SecretString::from(PASSPHRASE)).unwrap()
    }

    pub(crate) fn authority(&self, name: &str, anchor: &str) -> Authority {
        Authority { url: format!("http://{name}.invalid/"), policy: None, anchors: self.anchors(&[anchor]) }
    }

    /// Seals at a level with the usual signer, authority and lists.
    pub(crate) fn seal(&self, level: Level) -> Vec<u8> {
        let desk = Desk::new(self, "tsa");
        self.seal_by(level, &desk, &self.signer(&["sceau", "racine"]), &["racine.crl", "racine-tsa.crl"])
    }

    pub(crate) fn seal_by(&self, level: Level, desk: &Desk<'_>, signer: &Signer, lists: &[&str]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dossier.asice");
        let request = SealRequest { created: today(), ..request(crate::kit::sample_files()) };
        let random = &mut crate::kit::random(5);
        let stamping = TimeStamping { authorities: vec![self.authority("tsa", "racine-tsa")], transport: desk, random };
        let mut proofs = Proofs { level, stamping, crls: self.crls(lists) };
        fs::read(seal_with(&request, signer, &mut proofs, &path).unwrap().path).unwrap()
    }

    /// By someone who trusts both roots and brings no lists.
    pub(crate) fn judge(&self, bytes: &[u8], at: jiff::Timestamp) -> Verdict {
        let (anchors, authorities) = (self.anchors(&["racine"]), self.anchors(&["racine-tsa"]));
        let trust = probant::bundle::Trust { anchors: &anchors, authorities: &authorities, crls: &[] };
        verify_source(bytes, trust, at, probant::bundle::Lang::En)
    }
}

/// Answers time-stamp requests as an authority's server does.
pub(crate) struct Desk<'p> {
    pki: &'p Pki,
    name: &'p str,
    /// How often it was asked.
    pub(crate) asked: Cell<u32>,
    /// Changes the answer on its way.
    pub(crate) meddle: fn(Vec<u8>) -> Vec<u8>,
}

impl<'p> Desk<'p> {
    pub(crate) fn new(pki: &'p Pki, name: &'p str) -> Self {
        Self { pki, name, asked: Cell::new(0), meddle: |answer| answer }
    }
}

impl Transport for Desk<'_> {
    fn post(&self, url: &str, content_type: &str, body: &[u8]) -> Result<Vec<u8>, String> {
        assert_eq!(content_type, "application/timestamp-query");
        self.asked.set(self.asked.get() + 1);
        if url.contains("down") {
            return Err("connection refused".into());
        }
        Ok((self.meddle)(answer(self.pki.folder(), self.name, body)))
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
