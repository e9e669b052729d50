//! Bundles to break: a fixed key, a fixed instant, and ways to take a bundle apart and put it together again.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use probant::bundle::container;
use probant::bundle::container::write::ZipWriter;
use probant::bundle::digest::{Digest, sha256};
use probant::bundle::layout::{ASIC_MANIFEST, BAG_INFO, BAGIT, MANIFEST, MIMETYPE, SIGNATURE, TAG_MANIFEST};
use probant::bundle::lists::asic;
use probant::bundle::lists::bagit;
use probant::bundle::{
    Curve, KeyRequest, Lang, Outcome, PayloadFile, PayloadSource, SealRequest, Sealed, Signer, TrustAnchor, Verdict, create_key,
    load_signer, seal, verify_source,
};
use secrecy::SecretString;
use tempfile::TempDir;

pub(crate) const PASSPHRASE: &str = "mot de passe d'essai";

/// Names and contents, in the order of the file.
pub(crate) type Entries = Vec<(String, Vec<u8>)>;

pub(crate) fn now() -> jiff::Timestamp {
    "2026-10-01T08:30:00Z".parse().unwrap()
}

/// A known stream of bytes in place of the system's random source.
pub(crate) fn random(seed: u8) -> impl FnMut(&mut [u8]) -> std::io::Result<()> {
    let mut state = sha256(&[seed]);
    move |buffer| {
        for byte in buffer {
            state = sha256(&state);
            *byte = state[0];
        }
        Ok(())
    }
}

/// A signer with its self-made certificate, in a folder that lives as long as the tests.
pub(crate) struct Sealer {
    pub(crate) signer: Signer,
    pub(crate) anchors: Vec<TrustAnchor>,
    pub(crate) certificate: PathBuf,
    _folder: TempDir,
}

impl Sealer {
    fn new(seed: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (key, certificate) = (folder.path().join("seal.key.pem"), folder.path().join("seal.cert.pem"));
        let passphrase = SecretString::from(PASSPHRASE);
        let request = KeyRequest {
            organisation: "Agence régionale d'essai",
            not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
            not_after: "2028-01-01T00:00:00Z".parse().unwrap(),
            passphrase: &passphrase,
        };
        create_key(Curve::P256, &request, &mut random(seed)).unwrap().write(&key, &certificate).unwrap();
        let signer = load_signer(&key, &certificate, &passphrase).unwrap();
        let anchors = TrustAnchor::load(&certificate).unwrap();
        Self { signer, anchors, certificate, _folder: folder }
    }
}

pub(crate) fn sealer() -> &'static Sealer {
    static SEALER: OnceLock<Sealer> = OnceLock::new();
    SEALER.get_or_init(|| Sealer::new(1))
}

/// Same organisation, same names in the certificate, another key.
pub(crate) fn impostor() -> &'static Sealer {
    static IMPOSTOR: OnceLock<Sealer> = OnceLock::new();
    IMPOSTOR.get_or_init(|| Sealer::new(2))
}

pub(crate) fn file(path: &str, content: impl Into<Vec<u8>>) -> PayloadFile {
    PayloadFile { path: path.into(), source: PayloadSource::Bytes(content.into()) }
}

pub(crate) fn request(files: Vec<PayloadFile>) -> SealRequest {
    SealRequest {
        bundle_id: "2026-T3".into(),
        file_name: "dossier.asice".into(),
        seq: 2,
        previous_manifest_sha256: Some("5a".repeat(32)),
        organisation: "Agence régionale d'essai".into(),
        created: now(),
        files,
        bag_info: vec![("Contact-Name".into(), "Mme Élodie N'Guyen".into())],
    }
}

pub(crate) fn sample_files() -> Vec<PayloadFile> {
    let mut noise = vec![0; 40_000];
    random(9)(&mut noise).unwrap();
    vec![
        file("index.html", "<h1>Trimestre</h1>\n".repeat(40)),
        file("tables/comptes été.csv", "login;actif\nélodie;oui\n".repeat(500)),
        file("raw/bruit.bin", noise),
        file("vide.txt", ""),
    ]
}

pub(crate) fn seal_to(folder: &Path, files: Vec<PayloadFile>) -> Sealed {
    seal(&request(files), &sealer().signer, &folder.join("dossier.asice")).unwrap()
}

/// A good bundle's bytes.
pub(crate) fn good() -> &'static [u8] {
    static GOOD: OnceLock<Vec<u8>> = OnceLock::new();
    GOOD.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        fs::read(seal_to(folder.path(), sample_files()).path).unwrap()
    })
}

pub(crate) fn judge(bytes: &[u8]) -> Verdict {
    verify_source(bytes, &sealer().anchors, now(), Lang::En)
}

/// The codes of the checks with this outcome.
pub(crate) fn codes(verdict: &Verdict, outcome: Outcome) -> Vec<&'static str> {
    verdict.checks.iter().filter(|line| line.outcome == outcome).map(|line| line.code).collect()
}

/// Exit code, and that `code` is among the failed (or unknown) checks, with a detail that says `says`.
#[track_caller]
pub(crate) fn expect(bytes: &[u8], exit: u8, code: &str, says: &str) {
    expect_verdict(&judge(bytes), exit, code, says);
}

#[track_caller]
pub(crate) fn expect_verdict(verdict: &Verdict, exit: u8, code: &str, says: &str) {
    assert_eq!(verdict.exit, exit, "{verdict:#?}");
    let line = verdict.checks.iter().find(|line| line.code == code).unwrap_or_else(|| panic!("no {code}: {verdict:#?}"));
    let wanted = if exit == 2 { Outcome::Unknown } else { Outcome::Failed };
    assert_eq!(line.outcome, wanted, "{verdict:#?}");
    assert!(line.details.iter().any(|detail| detail.contains(says)), "{code} does not say {says:?}: {line:#?}");
}

pub(crate) fn unpack(bytes: &[u8]) -> Entries {
    let archive = container::read::open(bytes).unwrap();
    let content = |record| container::stream::content(bytes, record, u64::MAX).unwrap();
    archive.records.iter().map(|record| (record.name.clone(), content(record))).collect()
}

/// A container of the right form around any entries whatever.
pub(crate) fn pack(entries: &Entries) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        if name == MIMETYPE {
            zip.add_stored(name, content).unwrap();
        } else {
            zip.add_bytes(name, content).unwrap();
        }
    }
    zip.finish().unwrap().0.into_inner()
}

pub(crate) fn entry<'e>(entries: &'e mut Entries, name: &str) -> &'e mut Vec<u8> {
    &mut entries.iter_mut().find(|(n, _)| n == name).unwrap().1
}

/// Inserts after the last payload file, so that the order stays right.
pub(crate) fn insert_payload(entries: &mut Entries, name: &str, content: &str) {
    let at = entries.iter().position(|(n, _)| n.starts_with("data/") && n.as_str() > name || n == MANIFEST).unwrap();
    entries.insert(at, (name.into(), content.into()));
}

fn digests(entries: &Entries, keep: impl Fn(&str) -> bool) -> BTreeMap<String, Digest> {
    entries.iter().filter(|(name, _)| keep(name)).map(|(name, content)| (name.clone(), sha256(content))).collect()
}

/// What an outsider can put right: bag-info's count and size, both bag manifests.
pub(crate) fn fix_bag(entries: &mut Entries) {
    let payload: Vec<_> = entries.iter().filter(|(name, _)| name.starts_with("data/")).collect();
    let oxum = (payload.iter().map(|(_, content)| content.len() as u64).sum(), payload.len() as u64);
    let mut info = bagit::BagInfo::read(entry(entries, BAG_INFO)).unwrap();
    info.oxum = oxum;
    *entry(entries, BAG_INFO) = info.write().into_bytes();
    *entry(entries, MANIFEST) = bagit::write_manifest(&digests(entries, |name| name.starts_with("data/"))).into_bytes();
    let tagged = [MIMETYPE, BAGIT, BAG_INFO, MANIFEST];
    *entry(entries, TAG_MANIFEST) = bagit::write_manifest(&digests(entries, |name| tagged.contains(&name))).into_bytes();
}

/// The manifest that the signature should cover, for these entries.
pub(crate) fn fix_asic(entries: &mut Entries) {
    let left_out = [MIMETYPE, ASIC_MANIFEST, SIGNATURE];
    let references: Vec<_> = digests(entries, |name| !left_out.contains(&name)).into_iter().collect();
    *entry(entries, ASIC_MANIFEST) = asic::write(&references).into_bytes();
}

/// What only the holder of a key can do.
pub(crate) fn resign(entries: &mut Entries, signer: &Signer) {
    let manifest = entry(entries, ASIC_MANIFEST).clone();
    *entry(entries, SIGNATURE) = signer.sign(&manifest, now()).unwrap();
}

/// Standard output and error of a command that must succeed.
#[track_caller]
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{text}");
    text
}

pub(crate) fn write_entries(folder: &Path, entries: &Entries) {
    for (name, content) in entries {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}
