//! The ledger against itself, against the heads that were signed when it was shorter, and against what it announces.

use std::path::Path;

use super::receipt::{self, Received};
use super::report::Report;
use crate::bundle::TrustAnchor;
use crate::bundle::fault::{Fault, Phrase, phrase};
use crate::store::backend::Backend;
use crate::store::ledger::{Entry, Head, LedgerError};
use crate::store::{self, StoreError, notary, purge, remote};

/// Heads from one place: where each was found, and what it says.
pub type Heads = Vec<(String, Result<Received, Fault>)>;

/// The ledger as it was read.
pub struct Read<'a> {
    pub entries: &'a [Entry],
    pub head: &'a Head,
}

impl Read<'_> {
    /// SHA-256 of the line of this number.
    fn digest(&self, seq: u64) -> Option<&str> {
        match seq.cmp(&self.head.seq) {
            std::cmp::Ordering::Equal => Some(&self.head.sha256),
            std::cmp::Ordering::Greater => None,
            std::cmp::Ordering::Less => {
                let next = self.entries.get(usize::try_from(seq).ok()?)?;
                (seq > 0).then_some(next.previous.as_str())
            }
        }
    }

    /// What contradicts this receipt.
    #[must_use]
    pub fn contradicts(&self, from: &str, received: &Received) -> Option<Fault> {
        let known = &received.receipt;
        if self.digest(1).is_some_and(|first| first != known.ledger) {
            return Some(Fault::new(&OTHER_LEDGER, from));
        }
        match self.digest(known.head.seq) {
            None => Some(Fault::new(&CUT, format!("{from}: {} > {}", known.head.seq, self.head.seq))),
            Some(digest) if digest != known.head.sha256 => Some(Fault::new(&FORKED, format!("{from}: {}", known.head.seq))),
            Some(_) => None,
        }
    }
}

/// The chain itself.
pub fn chain(report: &mut Report, read: Result<&Head, &LedgerError>) {
    let fault = match read {
        Ok(_) => None,
        Err(error @ LedgerError::Broken { .. }) => Some(Fault::new(&BROKEN, error.to_string())),
        Err(error @ LedgerError::Io { .. }) => Some(Fault::unknown(&BROKEN, error.to_string())),
    };
    report.record("ledger-chain", &CHAIN, fault.as_slice());
}

/// Heads of one place: their signatures, whether the ledger still agrees with them, and who signed.
pub fn heads(report: &mut Report, codes: &Codes, read: &Read<'_>, heads: &Heads, anchors: &[TrustAnchor]) {
    if heads.is_empty() {
        // Nothing was compared: in the store that is worth knowing, of a place that was named it is no answer.
        if codes.expected {
            report.record(codes.agree, codes.title, &[Fault::unknown(&NO_HEAD, "")]);
        } else {
            report.remark(codes.agree, codes.title, &[Fault::bare(&NO_HEAD)]);
        }
        return;
    }
    let (mut faults, mut strangers) = (vec![], vec![]);
    for (from, received) in heads {
        match received {
            Err(fault) => faults.push(Fault { subject: join(from, &fault.subject), ..fault.clone() }),
            Ok(received) => {
                faults.extend(read.contradicts(from, received));
                if let Err(fault) = received.check_signer(anchors) {
                    strangers.push(Fault { subject: join(from, &fault.subject), ..fault });
                }
            }
        }
    }
    report.record(codes.agree, codes.title, &faults);
    report.record(codes.signers, &SIGNERS, &strangers);
}

fn join(from: &str, subject: &str) -> String {
    if subject.is_empty() { from.to_owned() } else { format!("{from}: {subject}") }
}

/// How the checks of one place's heads are called.
pub struct Codes {
    agree: &'static str,
    signers: &'static str,
    title: &'static Phrase,
    /// Without any head there, nothing can be told.
    expected: bool,
}

pub static IN_STORE: Codes = Codes { agree: "checkpoints", signers: "checkpoint-signers", title: &CHECKPOINTS, expected: false };
pub static RECEIVED: Codes = Codes { agree: "receipts", signers: "receipt-signers", title: &RECEIPTS, expected: true };
pub static IN_MIRROR: Codes = Codes { agree: "mirror-heads", signers: "mirror-signers", title: &MIRRORED, expected: true };

/// Checkpoints of a store, oldest first.
pub fn checkpoints(root: &Path) -> std::io::Result<Heads> {
    let mut found = vec![];
    for name in notary::names(root)? {
        let bytes = receipt::bytes(&root.join(notary::FOLDER).join(&name))?;
        found.push((name, Received::read(&bytes)));
    }
    Ok(found)
}

/// Events that no signed head covers yet: worth knowing, nothing wrong.
pub fn uncovered(report: &mut Report, read: &Read<'_>, heads: &Heads) {
    let covered = heads.iter().filter_map(|(_, head)| Some(head.as_ref().ok()?.receipt.head.seq)).max().unwrap_or(0);
    let left = (covered < read.head.seq).then(|| Fault::new(&UNCOVERED, format!("{}–{}", covered + 1, read.head.seq)));
    report.remark("unsigned-events", &COVERED, left.as_slice());
}

/// Everything that the ledger announces is there as it was announced, or was removed and the ledger says so.
/// Where the store is in a bucket, that is asked for what the working folder does not have.
pub fn objects(report: &mut Report, root: &Path, entries: &[Entry], bucket: Option<&dyn Backend>) -> Result<(), StoreError> {
    let purged = purge::purged(entries);
    let mut faults = vec![];
    for (path, sha256) in entries.iter().filter_map(store::announced) {
        let elsewhere = match bucket {
            Some(bucket) if !root.join(&path).exists() => remote::digest_in(bucket, &path)?,
            _ => None,
        };
        match elsewhere.map_or_else(|| store::object_digest(&root.join(&path)), Ok) {
            Ok(found) if found == sha256 => {}
            Ok(_) => faults.push(Fault::new(&CHANGED, path)),
            Err(_) if purged.contains_key(&path) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let waits = store::object_digest(&store::temporary(&root.join(&path))).is_ok_and(|found| found == sha256);
                faults.push(if waits { Fault::unknown(&UNFINISHED, path) } else { Fault::new(&ABSENT, path) });
            }
            Err(error) => faults.push(Fault::unknown(&UNREAD, format!("{path}: {error}"))),
        }
    }
    report.record("objects", &OBJECTS, &faults);
    Ok(())
}

/// Bundles of a receipt against those of the ledger.
pub fn bundles(report: &mut Report, entries: &[Entry], heads: &Heads) {
    let known = receipt::bundles(entries);
    let differs = |bundle: &&receipt::Known| {
        !known.iter().any(|k| (k.seq, &k.manifest_sha256, &k.sha256) == (bundle.seq, &bundle.manifest_sha256, &bundle.sha256))
    };
    let received = heads.iter().filter_map(|(from, head)| Some((from, head.as_ref().ok()?)));
    let faults: Vec<Fault> = received
        .flat_map(|(from, head)| {
            head.receipt.bundles.iter().filter(differs).map(move |b| Fault::new(&OTHER_BUNDLE, join(from, &b.name)))
        })
        .collect();
    report.record("receipt-bundles", &BUNDLES, &faults);
}

static CHAIN: Phrase =
    phrase("Every event carries the digest of the one before", "Chaque événement porte l'empreinte du précédent");
static BROKEN: Phrase = phrase("the chain does not hold", "la chaîne ne tient pas");
static CHECKPOINTS: Phrase =
    phrase("Every signed head in the store fits the ledger", "Chaque tête signée du dépôt correspond au registre");
static NO_HEAD: Phrase = phrase("there is no signed head there", "il n'y a là aucune tête signée");
static RECEIPTS: Phrase =
    phrase("The ledger still holds what the receipts say", "Le registre contient toujours ce que disent les reçus");
static MIRRORED: Phrase =
    phrase("The ledger still holds what the mirror says", "Le registre contient toujours ce que dit le miroir");
static SIGNERS: Phrase =
    phrase("They are signed by an anchor that you trust", "Ils sont signés par une ancre à laquelle vous faites confiance");
static COVERED: Phrase = phrase("Every event is covered by a signed head", "Chaque événement est couvert par une tête signée");
static UNCOVERED: Phrase = phrase(
    "no signed head covers these events yet (one is written after each event when the seal key opens without a prompt, and by `probant ledger receipt`)",
    "aucune tête signée ne couvre encore ces événements (il en est écrit une après chaque événement quand la clé s'ouvre sans question, et par `probant ledger receipt`)",
);
static OBJECTS: Phrase = phrase(
    "Everything that the ledger announces is there, or its removal is recorded",
    "Tout ce que le registre annonce est là, ou son retrait est consigné",
);
static BUNDLES: Phrase = phrase(
    "The ledger knows the receipts' bundles as they are there",
    "Le registre connaît les dossiers des reçus tels qu'ils y sont",
);
static OTHER_LEDGER: Phrase = phrase(
    "this head is of another ledger, or the ledger was made anew",
    "cette tête est d'un autre registre, ou le registre a été refait",
);
static CUT: Phrase = phrase(
    "the ledger was cut: a signed head names an event that it no longer holds",
    "le registre a été tronqué : une tête signée désigne un événement qu'il n'a plus",
);
static FORKED: Phrase = phrase(
    "the ledger was rewritten: a signed head says otherwise of this event",
    "le registre a été réécrit : une tête signée dit autre chose de cet événement",
);
static CHANGED: Phrase = phrase("it was changed since", "il a été modifié depuis");
static ABSENT: Phrase = phrase("it is gone, and no removal is recorded", "il a disparu, et aucun retrait n'est consigné");
static UNFINISHED: Phrase = phrase(
    "it is announced and still bears its temporary name: a run goes on, or was stopped, and the next one finishes it",
    "il est annoncé et porte encore son nom provisoire : une exécution est en cours, ou a été arrêtée, et la suivante le terminera",
);
static UNREAD: Phrase = phrase("it cannot be read", "il ne peut être lu");
static OTHER_BUNDLE: Phrase = phrase("the ledger does not know this bundle", "le registre ne connaît pas ce dossier");
