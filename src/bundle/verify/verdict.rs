//! The outcome of a verification: one line a check, an exit code, and what the bundle says of itself. Versioned JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::bundle::fault::{Fault, Lang, Phrase, phrase};
use crate::bundle::manifests_only::SealOf;

pub const SCHEMA: &str = "probant.verdict.v1";
/// Faults shown per check; the rest is counted.
const SHOWN: usize = 20;

/// Exit code 0, 1, 2 and 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Valid,
    Tampered,
    CannotTell,
    NotABundle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Passed,
    /// Worth knowing, without bearing on the verdict.
    Warning,
    Unknown,
    Failed,
    /// An earlier failure left nothing to examine.
    NotExamined,
    /// The signed level has no such part.
    NotApplicable,
}

/// What is examined, in the order in which it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    Container,
    Mimetype,
    EntryNames,
    SignedManifest,
    SignatureForm,
    SignatureValue,
    SigningCertificate,
    SigningTime,
    SignatureLevel,
    TimeStamp,
    ArchiveTimeStamp,
    TimeStampTrust,
    SignerTrust,
    Revocation,
    NothingMissing,
    NothingExtra,
    Digests,
    BagManifests,
    BagInfo,
    PayloadOxum,
    EntryCount,
}

/// A time-stamp that is genuine; whether its authority is trusted is said by its check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TimeStampLine {
    /// `signature` or `archive`.
    pub of: &'static str,
    pub time: String,
    pub authority: String,
    pub policy: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckLine {
    pub code: &'static str,
    pub outcome: Outcome,
    pub text: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

/// The certificate that signed. Trusted only if the verdict says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignerLine {
    pub subject: String,
    pub issuer: String,
    pub fingerprint_sha256: String,
    pub not_before: String,
    pub not_after: String,
}

/// What the bundle says of itself; worth what the verdict is worth.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Claims {
    pub signer: Option<SignerLine>,
    /// A claim of the signer, not a proof.
    pub signing_time: Option<String>,
    /// From level T on: what shows when the signature existed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub time_stamps: Vec<TimeStampLine>,
    pub organisation: Option<String>,
    pub bundle_id: Option<String>,
    pub seq: Option<u64>,
    pub previous_manifest_sha256: Option<String>,
    pub signature_level: Option<String>,
    pub manifest_sha256: Option<String>,
    /// The bundle whose manifests this one holds, without its evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seal_of: Option<SealOf>,
    pub entries: Option<usize>,
    pub bytes: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    pub schema: &'static str,
    pub exit: u8,
    pub status: Status,
    pub summary: String,
    #[serde(flatten)]
    pub claims: Claims,
    pub checks: Vec<CheckLine>,
}

/// Collects outcomes while a bundle is examined.
#[derive(Debug)]
pub(crate) struct Examination {
    lang: Lang,
    pub(crate) claims: Claims,
    outcomes: BTreeMap<Check, Vec<Fault>>,
    warnings: BTreeMap<Check, Fault>,
    /// What a passed check found, for the reader.
    notes: BTreeMap<Check, Vec<Fault>>,
    absent: BTreeSet<Check>,
}

impl Examination {
    pub(crate) fn new(lang: Lang) -> Self {
        Self {
            lang,
            claims: Claims::default(),
            outcomes: BTreeMap::new(),
            warnings: BTreeMap::new(),
            notes: BTreeMap::new(),
            absent: BTreeSet::new(),
        }
    }

    /// Marks a check as examined and keeps what was wrong with it.
    pub(crate) fn record(&mut self, check: Check, faults: impl IntoIterator<Item = Fault>) {
        self.outcomes.entry(check).or_default().extend(faults);
    }

    /// The value of a successful check.
    pub(crate) fn accept<T>(&mut self, check: Check, result: Result<T, Fault>) -> Option<T> {
        match result {
            Ok(value) => {
                self.record(check, []);
                Some(value)
            }
            Err(fault) => {
                self.record(check, [fault]);
                None
            }
        }
    }

    pub(crate) fn warn(&mut self, check: Check, fault: Fault) {
        self.warnings.insert(check, fault);
    }

    pub(crate) fn note(&mut self, check: Check, note: Fault) {
        self.notes.entry(check).or_default().push(note);
    }

    /// The signed level has nothing for this check.
    pub(crate) fn not_applicable(&mut self, check: Check) {
        self.absent.insert(check);
    }

    pub(crate) fn finish(self) -> Verdict {
        let checks: Vec<CheckLine> = Check::ALL.iter().map(|check| self.line(*check)).collect();
        let any = |outcome| checks.iter().any(|line| line.outcome == outcome);
        let status = if any(Outcome::Failed) {
            Status::Tampered
        } else if any(Outcome::Unknown) || any(Outcome::NotExamined) {
            Status::CannotTell
        } else {
            Status::Valid
        };
        self.verdict(status, checks)
    }

    pub(crate) fn not_a_bundle(self, fault: &Fault) -> Verdict {
        let details = vec![fault.text(self.lang)];
        let text = NOT_A_BUNDLE.text(self.lang).to_owned();
        let line = CheckLine { code: Check::Container.code(), outcome: Outcome::Failed, text, details };
        self.verdict(Status::NotABundle, vec![line])
    }

    fn verdict(self, status: Status, checks: Vec<CheckLine>) -> Verdict {
        let (exit, summary) = match status {
            Status::Valid => (0, &VALID),
            Status::Tampered => (1, &TAMPERED),
            Status::CannotTell if checks.iter().any(|line| line.outcome == Outcome::Passed) => (2, &CANNOT_TELL),
            Status::CannotTell => (2, &NOTHING_SEEN),
            Status::NotABundle => (3, &NOT_A_BUNDLE),
        };
        let summary = summary.text(self.lang).to_owned();
        Verdict { schema: SCHEMA, exit, status, summary, claims: self.claims, checks }
    }

    fn line(&self, check: Check) -> CheckLine {
        let code = check.code();
        let title = check.title().text(self.lang).to_owned();
        if let Some(warning) = self.warnings.get(&check) {
            let details = vec![warning.text(self.lang)];
            return CheckLine { code, outcome: Outcome::Warning, text: title, details };
        }
        let Some(faults) = self.outcomes.get(&check) else {
            let outcome = if self.absent.contains(&check) { Outcome::NotApplicable } else { Outcome::NotExamined };
            return CheckLine { code, outcome, text: title, details: Vec::new() };
        };
        let outcome = match faults.iter().map(|fault| fault.undetermined).reduce(|a, b| a && b) {
            None => Outcome::Passed,
            Some(true) => Outcome::Unknown,
            Some(false) => Outcome::Failed,
        };
        let notes = self.notes.get(&check).into_iter().flatten();
        let faults: Vec<&Fault> = faults.iter().chain(notes).collect();
        let mut details: Vec<String> = faults.iter().take(SHOWN).map(|fault| fault.text(self.lang)).collect();
        if faults.len() > SHOWN {
            details.push(format!("{} {}", MORE.text(self.lang), faults.len() - SHOWN));
        }
        CheckLine { code, outcome, text: title, details }
    }
}

impl Check {
    pub const ALL: [Self; 21] = [
        Self::Container,
        Self::Mimetype,
        Self::EntryNames,
        Self::SignedManifest,
        Self::SignatureForm,
        Self::SignatureValue,
        Self::SigningCertificate,
        Self::SigningTime,
        Self::SignatureLevel,
        Self::TimeStamp,
        Self::ArchiveTimeStamp,
        Self::TimeStampTrust,
        Self::SignerTrust,
        Self::Revocation,
        Self::NothingMissing,
        Self::NothingExtra,
        Self::Digests,
        Self::BagManifests,
        Self::BagInfo,
        Self::PayloadOxum,
        Self::EntryCount,
    ];

    /// Stable; shown in JSON.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.entry().0
    }

    #[must_use]
    pub fn title(self) -> &'static Phrase {
        self.entry().1
    }

    fn entry(self) -> (&'static str, &'static Phrase) {
        match self {
            Self::Container => ("zip-container", &CONTAINER),
            Self::Mimetype => ("mimetype", &MIMETYPE),
            Self::EntryNames => ("entry-names", &ENTRY_NAMES),
            Self::SignedManifest => ("signed-manifest", &SIGNED_MANIFEST),
            Self::SignatureForm => ("signature-form", &SIGNATURE_FORM),
            Self::SignatureValue => ("signature-value", &SIGNATURE_VALUE),
            Self::SigningCertificate => ("signing-certificate", &SIGNING_CERTIFICATE),
            Self::SigningTime => ("signing-time", &SIGNING_TIME),
            Self::SignatureLevel => ("signature-level", &SIGNATURE_LEVEL),
            Self::TimeStamp => ("time-stamp", &TIME_STAMP),
            Self::ArchiveTimeStamp => ("archive-time-stamp", &ARCHIVE_TIME_STAMP),
            Self::TimeStampTrust => ("time-stamp-trust", &TIME_STAMP_TRUST),
            Self::SignerTrust => ("signer-trust", &SIGNER_TRUST),
            Self::Revocation => ("revocation", &REVOCATION),
            Self::NothingMissing => ("nothing-missing", &NOTHING_MISSING),
            Self::NothingExtra => ("nothing-extra", &NOTHING_EXTRA),
            Self::Digests => ("digests", &DIGESTS),
            Self::BagManifests => ("bag-manifests", &BAG_MANIFESTS),
            Self::BagInfo => ("bag-info", &BAG_INFO),
            Self::PayloadOxum => ("payload-oxum", &PAYLOAD_OXUM),
            Self::EntryCount => ("entry-count", &ENTRY_COUNT),
        }
    }
}

static VALID: Phrase = phrase(
    "Valid: signed by a trusted certificate, nothing changed, nothing added, nothing removed.",
    "Valide : signé par un certificat de confiance, rien n'a été modifié, ajouté ni retiré.",
);
static TAMPERED: Phrase = phrase(
    "Tampered with: this is not the file that was sealed. Do not rely on it.",
    "Altéré : ce n'est pas le fichier qui a été scellé. Ne vous y fiez pas.",
);
static CANNOT_TELL: Phrase = phrase(
    "Cannot tell: nothing shows tampering, but whose seal this is, or whether it is whole, could not be established.",
    "Indéterminé : rien ne montre d'altération, mais l'auteur du scellé ou son intégrité n'ont pu être établis.",
);
static NOTHING_SEEN: Phrase = phrase(
    "Cannot tell: the file could not be examined, so nothing is known of it.",
    "Indéterminé : le fichier n'a pas pu être examiné, on n'en sait donc rien.",
);
static NOT_A_BUNDLE: Phrase = phrase("Not a bundle.", "Ce n'est pas un dossier de preuves.");
static MORE: Phrase = phrase("and more:", "et d'autres :");
static CONTAINER: Phrase = phrase("The container is built strictly", "Le conteneur est strictement construit");
static MIMETYPE: Phrase = phrase("The container declares itself as ASiC-E", "Le conteneur se déclare comme ASiC-E");
static ENTRY_NAMES: Phrase = phrase("Entry names are safe everywhere", "Les noms d'entrées sont sûrs sur tout système");
static SIGNED_MANIFEST: Phrase =
    phrase("The signed manifest has its only admissible form", "Le manifeste signé a sa seule forme admise");
static SIGNATURE_FORM: Phrase = phrase("The signature file is well formed", "Le fichier de signature est bien formé");
static SIGNATURE_VALUE: Phrase = phrase("The signature covers the manifest", "La signature couvre le manifeste");
static SIGNING_CERTIFICATE: Phrase = phrase("The signature names its certificate", "La signature désigne son certificat");
static SIGNING_TIME: Phrase = phrase(
    "The claimed signing time is plausible (a claim, not a proof)",
    "L'instant de signature déclaré est plausible (une déclaration, pas une preuve)",
);
static SIGNATURE_LEVEL: Phrase =
    phrase("The signature has every part of its signed level", "La signature a toutes les parties de son niveau signé");
static TIME_STAMP: Phrase =
    phrase("A time-stamp shows when the signature existed", "Un horodatage montre quand la signature existait");
static ARCHIVE_TIME_STAMP: Phrase = phrase(
    "An archive time-stamp covers every file and the signature",
    "Un horodatage d'archive couvre chaque fichier et la signature",
);
static TIME_STAMP_TRUST: Phrase = phrase(
    "The time-stamping authorities lead to an anchor that you trust",
    "Les autorités d'horodatage remontent à une ancre à laquelle vous faites confiance",
);
static REVOCATION: Phrase =
    phrase("No certificate was revoked before it was used", "Aucun certificat n'était révoqué avant son emploi");
static SIGNER_TRUST: Phrase =
    phrase("The signer leads to an anchor that you trust", "Le signataire remonte à une ancre à laquelle vous faites confiance");
static NOTHING_MISSING: Phrase = phrase("No file is missing", "Aucun fichier ne manque");
static NOTHING_EXTRA: Phrase = phrase("No file was added", "Aucun fichier n'a été ajouté");
static DIGESTS: Phrase = phrase("Every file has the digest that was signed", "Chaque fichier a l'empreinte qui a été signée");
static BAG_MANIFESTS: Phrase = phrase("The BagIt manifests say the same", "Les manifestes BagIt disent la même chose");
static BAG_INFO: Phrase = phrase("The bundle says who, what and which level", "Le dossier dit qui, quoi et quel niveau");
static PAYLOAD_OXUM: Phrase = phrase("Payload size and count are as declared", "Taille et nombre des fichiers sont ceux déclarés");
static ENTRY_COUNT: Phrase = phrase("Other validators take so many entries", "D'autres validateurs admettent autant d'entrées");
