//! Verification: a verdict on any file whatever, from one open descriptor, with trust from the verifier's anchors alone.

pub mod extract;
pub mod opened;
mod time;
pub mod verdict;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use x509_cert::Certificate;

use self::time::{Sealed, Verifier};
use self::verdict::{Check, Examination, SignerLine, Verdict};
use crate::bundle::certificates::chain::{self, TrustAnchor};
use crate::bundle::certificates::crl::Crl;
use crate::bundle::certificates::{fingerprint, from_time};
use crate::bundle::container;
use crate::bundle::container::format::Method;
use crate::bundle::container::read::Archive;
use crate::bundle::digest::{Digest, hex, sha256};
use crate::bundle::envelope;
use crate::bundle::fault::{Fault, Lang, Phrase, phrase};
use crate::bundle::lasting::archive;
use crate::bundle::layout::{ASIC_MANIFEST, BAG_INFO, MANY_ENTRIES, MIMETYPE, MIMETYPE_CONTENT, SIGNATURE, check_name};
use crate::bundle::level::Level;
use crate::bundle::lists::asic::{self, Reference};
use crate::bundle::lists::bagit::BagInfo;
use crate::bundle::lists::contents;
use crate::bundle::manifests_only;
use crate::bundle::read_at::ReadAt;
use crate::bundle::signature::check;
use crate::bundle::signature::cms::{self, Parsed};

/// Bytes at either end of a file in which a damaged bundle still shows that it was one.
const TELLING: u64 = 1 << 16;

/// What the verifier brought along, by another way than the bundle. Anchors alone convert into it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trusted<'t> {
    /// For the signer.
    pub anchors: &'t [TrustAnchor],
    /// For the time-stamping authorities; when there are none, the signer's anchors serve for these too.
    pub authorities: &'t [TrustAnchor],
    /// Revocation lists beside those in the bundle.
    pub crls: &'t [Crl],
}

impl<'t> From<&'t [TrustAnchor]> for Trusted<'t> {
    fn from(anchors: &'t [TrustAnchor]) -> Self {
        Self { anchors, ..Self::default() }
    }
}

impl<'t> From<&'t Vec<TrustAnchor>> for Trusted<'t> {
    fn from(anchors: &'t Vec<TrustAnchor>) -> Self {
        anchors.as_slice().into()
    }
}

/// Never fails: a file that cannot be opened is a verdict too (cannot tell).
#[must_use]
pub fn verify<'t>(file: &Path, trust: impl Into<Trusted<'t>>, now: jiff::Timestamp, lang: Lang) -> Verdict {
    open(file, lang).map_or_else(|verdict| *verdict, |open| verify_source(&open, trust, now, lang))
}

/// Opens a regular file; anything else is a verdict.
pub(crate) fn open(file: &Path, lang: Lang) -> Result<File, Box<Verdict>> {
    let opened = File::open(file).and_then(|open| Ok((open.metadata()?.is_file(), open)));
    match opened {
        Ok((true, open)) => Ok(open),
        Ok((false, _)) => Err(Box::new(Examination::new(lang).not_a_bundle(&Fault::bare(&NOT_A_FILE)))),
        Err(error) => Err(unreadable(&error, lang)),
    }
}

/// The verdict on a file that cannot be read.
pub(crate) fn unreadable(error: &std::io::Error, lang: Lang) -> Box<Verdict> {
    let mut examination = Examination::new(lang);
    examination.record(Check::Container, [Fault::io(error)]);
    Box::new(examination.finish())
}

/// The same on any run of bytes.
pub fn verify_source<'t, S: ReadAt + ?Sized>(
    source: &S,
    trust: impl Into<Trusted<'t>>,
    now: jiff::Timestamp,
    lang: Lang,
) -> Verdict {
    let trust = trust.into();
    let mut examination = Examination::new(lang);
    examination.claims.bytes = source.len().ok();
    if envelope::is_envelope(source) {
        return examination.not_a_bundle(&Fault::bare(&ENVELOPE));
    }
    let archive = match container::read::open(source) {
        Ok(_) if !was_a_bundle(source) => return examination.not_a_bundle(&Fault::bare(&WRONG_MIMETYPE)),
        Ok(archive) => archive,
        Err(fault) if !fault.undetermined && !was_a_bundle(source) => return examination.not_a_bundle(&fault),
        Err(fault) => {
            examination.record(Check::Container, [fault]);
            return examination.finish();
        }
    };
    examination.record(Check::Container, []);
    check_entries(&mut examination, &archive);
    let manifest = examination.accept(Check::SignedManifest, contents::small(&archive, ASIC_MANIFEST));
    let references = manifest.as_ref().and_then(|xml| examination.accept(Check::SignedManifest, asic::read(xml)));
    let level = check_bag_info(&mut examination, &archive);
    let digests = check_contents(&mut examination, &archive, references.as_deref(), level);
    let parsed = contents::small(&archive, SIGNATURE).and_then(|bytes| cms::parse(&bytes));
    if let (Some(parsed), Some(xml)) = (examination.accept(Check::SignatureForm, parsed), &manifest) {
        examination.claims.manifest_sha256 = Some(hex(&sha256(xml)));
        check_signature(&mut examination, &parsed, xml, now);
        name_signer(&mut examination, &parsed);
        if let Some(level) = level {
            time::examine(
                &mut examination,
                &archive,
                &Sealed { parsed: &parsed, level, digests: &digests },
                &Verifier { trust, now },
            );
        }
    }
    examination.finish()
}

fn was_a_bundle<S: ReadAt + ?Sized>(source: &S) -> bool {
    let Ok(length) = source.len() else { return false };
    let holds = |offset: u64, needle: &str| {
        let window = usize::try_from(TELLING.min(length - offset)).unwrap_or(0);
        source.bytes_at(offset, window).is_ok_and(|bytes| bytes.windows(needle.len()).any(|w| w == needle.as_bytes()))
    };
    holds(0, MIMETYPE_CONTENT) || holds(length.saturating_sub(TELLING), ASIC_MANIFEST)
}

fn check_entries<S: ReadAt + ?Sized>(examination: &mut Examination, archive: &Archive<'_, S>) {
    let records = &archive.records;
    examination.claims.entries = Some(records.len());
    examination.record(Check::EntryNames, records.iter().filter_map(|record| check_name(&record.name).err()));
    examination.record(Check::EntryCount, []);
    if records.len() > MANY_ENTRIES {
        examination.warn(Check::EntryCount, Fault::new(&MANY, records.len().to_string()));
    }
    let mimetype = contents::small(archive, MIMETYPE);
    let first = records.first().is_some_and(|first| first.name == MIMETYPE && first.method == Method::Stored);
    let right =
        mimetype.and_then(
            |content| {
                if first && content == MIMETYPE_CONTENT.as_bytes() { Ok(()) } else { Err(Fault::bare(&WRONG_MIMETYPE)) }
            },
        );
    examination.accept(Check::Mimetype, right);
}

fn check_signature(examination: &mut Examination, parsed: &Parsed, manifest: &[u8], now: jiff::Timestamp) {
    examination.accept(Check::SignatureValue, check::check_value(parsed, manifest));
    examination.accept(Check::SigningCertificate, check::check_signing_certificate(parsed));
    let time = examination.accept(Check::SigningTime, check::signing_time(parsed));
    if let Some(time) = time {
        examination.claims.signing_time = Some(time.to_string());
        examination.record(Check::SigningTime, implausible_time(time, &parsed.signer, now));
    }
}

/// A claimed time after the verifier's clock or outside the certificate's validity convinces nobody.
fn implausible_time(time: jiff::Timestamp, signer: &Certificate, now: jiff::Timestamp) -> Option<Fault> {
    let validity = signer.tbs_certificate().validity();
    let before = from_time(&validity.not_before).is_some_and(|start| time < start);
    let after = from_time(&validity.not_after).is_some_and(|end| time > end);
    if time > now {
        Some(Fault::unknown(&FUTURE, time.to_string()))
    } else if before || after {
        Some(Fault::unknown(&OUTSIDE_VALIDITY, time.to_string()))
    } else {
        None
    }
}

fn name_signer(examination: &mut Examination, parsed: &Parsed) {
    let tbs = parsed.signer.tbs_certificate();
    let shown = |time| from_time(time).map(|instant| instant.to_string()).unwrap_or_default();
    examination.claims.signer = Some(SignerLine {
        subject: tbs.subject().to_string(),
        issuer: tbs.issuer().to_string(),
        fingerprint_sha256: fingerprint(&parsed.signer).unwrap_or_default(),
        not_before: shown(&tbs.validity().not_before),
        not_after: shown(&tbs.validity().not_after),
    });
    examination.accept(Check::SignatureForm, chain::check_no_stranger(&parsed.signer, &parsed.others));
}

fn check_contents<S: ReadAt + ?Sized>(
    examination: &mut Examination,
    archive: &Archive<'_, S>,
    references: Option<&[Reference]>,
    level: Option<Level>,
) -> BTreeMap<String, Digest> {
    let (digests, faults) = contents::digests(archive);
    // Without a level nobody knows what belongs to it; that its reading failed is said elsewhere.
    let added = match level {
        Some(Level::B | Level::T | Level::Lt) => Vec::new(),
        Some(Level::Lta) | None => archive::names(archive::count(&archive.records)),
    };
    if let Some(references) = references {
        let expected = if level.is_some() { added.as_slice() } else { &[] };
        examination.record(Check::NothingMissing, contents::missing(&archive.records, references, expected));
        examination.record(Check::NothingExtra, contents::extra(&archive.records, references, &added));
        examination.record(Check::Digests, contents::changed(&digests, references));
    }
    // Without references the check is left unexamined, but damage is damage.
    if !faults.is_empty() {
        examination.record(Check::Digests, faults);
    }
    match contents::check_bag(archive, &digests) {
        Ok(faults) => examination.record(Check::BagManifests, faults),
        Err(fault) => examination.record(Check::BagManifests, [fault]),
    }
    digests
}

fn check_bag_info<S: ReadAt + ?Sized>(examination: &mut Examination, archive: &Archive<'_, S>) -> Option<Level> {
    let info = contents::small(archive, BAG_INFO).and_then(|bytes| BagInfo::read(&bytes));
    let info = examination.accept(Check::BagInfo, info)?;
    let level = Level::named(&info.level);
    if level.is_none() {
        examination.record(Check::BagInfo, [Fault::unknown(&OTHER_LEVEL, info.level.clone())]);
    }
    let found = contents::oxum(&archive.records);
    let differs = (found != info.oxum).then(|| {
        let subject = format!("{}.{} / {}.{}", info.oxum.0, info.oxum.1, found.0, found.1);
        Fault::new(&OXUM_DIFFERS, subject)
    });
    examination.record(Check::PayloadOxum, differs);
    examination.claims.seal_of = manifests_only::of(&info);
    if let Some(of) = examination.claims.seal_of.clone() {
        examination.record(Check::BagManifests, manifests_only::check(archive, &of));
    }
    let claims = &mut examination.claims;
    claims.organisation = Some(info.organisation);
    claims.bundle_id = Some(info.bundle_id);
    claims.seq = Some(info.seq);
    claims.previous_manifest_sha256 = info.previous;
    claims.signature_level = Some(info.level);
    level
}

static ENVELOPE: Phrase = phrase(
    "it is a bundle encrypted for its reader. Whoever holds the key opens it, then verifies what comes out: openssl cms -decrypt -binary -inform DER -in dossier.asice.p7m -inkey key.pem -out dossier.asice",
    "c'est un dossier chiffré pour son lecteur. Qui détient la clé l'ouvre, puis vérifie ce qui en sort : openssl cms -decrypt -binary -inform DER -in dossier.asice.p7m -inkey cle.pem -out dossier.asice",
);
static NOT_A_FILE: Phrase = phrase("it is not a regular file", "ce n'est pas un fichier ordinaire");
static MANY: Phrase =
    phrase("online validators refuse more than 1,000 entries", "les validateurs en ligne refusent plus de 1 000 entrées");
static WRONG_MIMETYPE: Phrase = phrase(
    "the first entry is not an uncompressed mimetype that says ASiC-E",
    "la première entrée n'est pas un mimetype non compressé annonçant ASiC-E",
);
static FUTURE: Phrase = phrase("the claimed signing time lies in the future", "l'instant de signature déclaré est dans le futur");
static OUTSIDE_VALIDITY: Phrase = phrase(
    "the claimed signing time lies outside the certificate's validity",
    "l'instant de signature déclaré est hors de la validité du certificat",
);
static OTHER_LEVEL: Phrase = phrase(
    "this version judges signatures of levels B, T, LT and LTA only",
    "cette version ne juge que les signatures de niveau B, T, LT et LTA",
);
static OXUM_DIFFERS: Phrase =
    phrase("bytes and files declared / found under data", "octets et fichiers déclarés / trouvés sous data");
