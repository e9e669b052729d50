//! Bundles as a chain: each carries its number and the digest of the signed manifest before it. What one bundle cannot show (another
//! put in its place, one left out, the newest ones withheld) shows when they lie beside each other, and beside a receipt.

use std::collections::BTreeMap;
use std::path::Path;

use super::receipt::{Known, Received};
use super::report::Report;
use crate::bundle::fault::{Fault, Phrase, phrase};
use crate::bundle::{Lang, TrustAnchor, Verdict};

/// Gaps counted: a hostile number must not make this count to 2^64.
const MANY: usize = 1000;

/// A bundle that was verified, and where it lies.
pub struct Link<'a> {
    pub file: &'a Path,
    pub verdict: &'a Verdict,
}

/// What the chain is held against.
pub struct Expected<'a> {
    /// The receipt, or why it cannot be read.
    pub receipt: Option<&'a Result<Received, Fault>>,
    pub anchors: &'a [TrustAnchor],
    /// All bundles should be there, not only some of them.
    pub complete: bool,
}

/// A link whose number and digests could be read.
struct Member<'a> {
    name: String,
    seq: u64,
    manifest: &'a str,
    previous: Option<&'a str>,
    signed: Option<jiff::Timestamp>,
    bundle_id: &'a str,
}

/// Holds bundles against each other and against a receipt.
#[must_use]
pub fn examine(links: &[Link<'_>], expected: &Expected<'_>, lang: Lang) -> Report {
    let mut report = Report::new(lang);
    let members: Vec<Member<'_>> = links.iter().filter_map(member).collect();
    let mut by_seq: BTreeMap<u64, Vec<&Member<'_>>> = BTreeMap::new();
    for member in &members {
        by_seq.entry(member.seq).or_default().push(member);
    }
    let received = expected.receipt.and_then(|receipt| receipt.as_ref().ok());
    let known: &[Known] = received.map_or(&[], |received| &received.receipt.bundles);
    if expected.complete {
        unique(&mut report, &by_seq);
        whole(&mut report, &by_seq, known);
        linked(&mut report, &by_seq);
        report.remark("chain-time", &TIME, &backwards(&by_seq));
        let renamed = members.iter().filter(|member| member.name != format!("{}.asice", member.bundle_id));
        let renamed: Vec<Fault> =
            renamed.map(|member| Fault::new(&RENAMED, format!("{} ({}.asice)", member.name, member.bundle_id))).collect();
        report.remark("chain-names", &NAMES, &renamed);
    }
    match expected.receipt {
        None => {}
        Some(Err(fault)) => report.record("receipt-signature", &RECEIPT, std::slice::from_ref(fault)),
        Some(Ok(received)) => {
            report.record("receipt-signature", &RECEIPT, received.check_signer(expected.anchors).err().as_slice());
            against(&mut report, &by_seq, received, expected.complete);
        }
    }
    report
}

fn member<'a>(link: &Link<'a>) -> Option<Member<'a>> {
    let claims = &link.verdict.claims;
    Some(Member {
        name: link.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        seq: claims.seq?,
        manifest: claims.manifest_sha256.as_deref()?,
        previous: claims.previous_manifest_sha256.as_deref(),
        signed: claims.signing_time.as_deref().and_then(|time| time.parse().ok()),
        bundle_id: claims.bundle_id.as_deref().unwrap_or_default(),
    })
}

/// Two bundles of one number: the same one shown twice, or another history.
fn unique(report: &mut Report, by_seq: &BTreeMap<u64, Vec<&Member<'_>>>) {
    let mut faults = vec![];
    for (seq, members) in by_seq {
        let Some((first, others)) = members.split_first() else { continue };
        for other in others {
            let phrase = if other.manifest == first.manifest { &REPLAY } else { &FORK };
            faults.push(Fault::new(phrase, format!("{seq}: {}, {}", first.name, other.name)));
        }
    }
    report.record("chain-unique", &UNIQUE, &faults);
}

/// Numbers without a bundle. Those that the receipt says were removed when their time was over are no gap.
fn whole(report: &mut Report, by_seq: &BTreeMap<u64, Vec<&Member<'_>>>, known: &[Known]) {
    let (first, last) = (by_seq.keys().next().copied().unwrap_or(1), by_seq.keys().next_back().copied().unwrap_or(0));
    let purged = |seq: u64| known.iter().any(|bundle| bundle.seq == seq && bundle.purged);
    let absent = |from: u64, to: u64| (from..to).filter(|seq| !by_seq.contains_key(seq) && !purged(*seq));
    let gaps: Vec<Fault> = absent(first, last).take(MANY).map(|seq| Fault::new(&GAP, seq.to_string())).collect();
    report.record("chain-gaps", &GAPS, &gaps);
    let before: Vec<Fault> = absent(1, first).take(1).map(|_| Fault::unknown(&BEFORE, format!("1–{}", first - 1))).collect();
    report.record("chain-start", &START, &before);
}

/// Each bundle names the one before it.
fn linked(report: &mut Report, by_seq: &BTreeMap<u64, Vec<&Member<'_>>>) {
    let mut faults = vec![];
    for member in by_seq.values().flatten() {
        if member.seq == 1 {
            faults.extend(member.previous.map(|_| Fault::new(&FIRST, member.name.clone())));
            continue;
        }
        let before = member.seq.checked_sub(1).and_then(|seq| by_seq.get(&seq));
        let follows = |other: &Member<'_>| Some(other.manifest) == member.previous;
        if before.is_some_and(|before| !before.iter().any(|other| follows(other))) {
            // It may follow another bundle that is here: then the numbers were exchanged.
            let phrase = if by_seq.values().flatten().any(|other| follows(other)) { &REORDERED } else { &OTHER };
            faults.push(Fault::new(phrase, format!("{} ({})", member.name, member.seq)));
        } else if member.previous.is_none() {
            faults.push(Fault::new(&OTHER, format!("{} ({})", member.name, member.seq)));
        }
    }
    report.record("chain-links", &LINKS, &faults);
}

/// Claimed signing times that go back along the chain.
fn backwards(by_seq: &BTreeMap<u64, Vec<&Member<'_>>>) -> Vec<Fault> {
    let all: Vec<&&Member<'_>> = by_seq.values().flatten().collect();
    let pairs = all.iter().zip(all.iter().skip(1));
    let back = pairs.filter(|(a, b)| matches!((a.signed, b.signed), (Some(before), Some(after)) if after < before));
    back.map(|(a, b)| Fault::new(&BACKWARDS, format!("{}, {}", a.name, b.name))).collect()
}

/// The bundles of the receipt against those that are here.
fn against(report: &mut Report, by_seq: &BTreeMap<u64, Vec<&Member<'_>>>, received: &Received, complete: bool) {
    let known = &received.receipt.bundles;
    let mut faults = vec![];
    for bundle in known {
        for member in by_seq.get(&bundle.seq).into_iter().flatten() {
            if member.manifest != bundle.manifest_sha256 {
                faults.push(Fault::new(&NOT_THIS, format!("{} ({})", member.name, bundle.seq)));
            }
        }
    }
    report.record("receipt-bundles", &SAME, &faults);
    let last = by_seq.keys().next_back().copied().unwrap_or(0);
    let withheld: Vec<Fault> = known
        .iter()
        .filter(|bundle| !bundle.purged && bundle.seq > last)
        .map(|bundle| Fault::new(&WITHHELD, format!("{} ({})", bundle.name, bundle.seq)))
        .collect();
    if complete {
        report.record("receipt-tail", &TAIL, &withheld);
    } else {
        report.remark("receipt-tail", &TAIL, &withheld);
    }
}

static UNIQUE: Phrase = phrase("No number is there twice", "Aucun numéro ne figure deux fois");
static REPLAY: Phrase = phrase(
    "the same bundle is there twice, perhaps to pass for another",
    "le même dossier figure deux fois, peut-être pour passer pour un autre",
);
static FORK: Phrase = phrase(
    "two different bundles bear the same number: there are two histories",
    "deux dossiers différents portent le même numéro : il y a deux histoires",
);
static GAPS: Phrase = phrase("No bundle is missing in between", "Aucun dossier ne manque au milieu");
static GAP: Phrase = phrase("the bundle of this number is missing", "le dossier de ce numéro manque");
static START: Phrase = phrase("The chain is there from its first bundle on", "La chaîne est là depuis son premier dossier");
static BEFORE: Phrase = phrase(
    "bundles before the first one here are missing; a receipt would tell whether they were removed when their time was over",
    "des dossiers antérieurs au premier présent manquent ; un reçu dirait s'ils ont été retirés à leur échéance",
);
static LINKS: Phrase = phrase("Each bundle names the one before it", "Chaque dossier désigne celui qui le précède");
static FIRST: Phrase = phrase("the first bundle names one before it", "le premier dossier en désigne un avant lui");
static REORDERED: Phrase = phrase(
    "it follows another bundle than the one before it: they were reordered",
    "il suit un autre dossier que le précédent : l'ordre a été changé",
);
static OTHER: Phrase = phrase(
    "it follows a bundle that is not the one here: that one was replaced",
    "il suit un dossier qui n'est pas celui présent : celui-ci a été remplacé",
);
static TIME: Phrase =
    phrase("Signing times follow the order of the chain", "Les instants de signature suivent l'ordre de la chaîne");
static BACKWARDS: Phrase =
    phrase("the later bundle claims an earlier signing time", "le dossier suivant déclare un instant de signature antérieur");
static NAMES: Phrase =
    phrase("Files bear the names they were sealed under", "Les fichiers portent les noms sous lesquels ils ont été scellés");
static RENAMED: Phrase = phrase("the file was renamed (sealed as)", "le fichier a été renommé (scellé sous)");
static RECEIPT: Phrase =
    phrase("The receipt is signed by an anchor that you trust", "Le reçu est signé par une ancre à laquelle vous faites confiance");
static SAME: Phrase = phrase("These are the bundles that the receipt names", "Ce sont les dossiers que désigne le reçu");
static NOT_THIS: Phrase =
    phrase("the receipt names another bundle of this number", "le reçu désigne un autre dossier de ce numéro");
static TAIL: Phrase = phrase("The newest bundle of the receipt is here", "Le dossier le plus récent du reçu est là");
static WITHHELD: Phrase = phrase(
    "the receipt knows a newer bundle that is not here: the end of the chain is missing",
    "le reçu connaît un dossier plus récent qui n'est pas là : la fin de la chaîne manque",
);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use crate::bundle::Status;
    use crate::bundle::verify::verdict::Claims;
    use std::path::PathBuf;

    fn verdict(seq: u64, manifest: &str, previous: Option<&str>) -> Verdict {
        let claims = Claims {
            seq: Some(seq),
            manifest_sha256: Some(manifest.into()),
            previous_manifest_sha256: previous.map(str::to_owned),
            bundle_id: Some(format!("b{seq}")),
            signing_time: Some(format!("2026-10-{:02}T08:00:00Z", seq.min(28))),
            ..Claims::default()
        };
        Verdict { schema: "", exit: 0, status: Status::Valid, summary: String::new(), claims, checks: vec![] }
    }

    /// Exit code, and the codes of what did not pass.
    fn judged(verdicts: &[(&str, Verdict)]) -> (u8, Vec<&'static str>) {
        let files: Vec<PathBuf> = verdicts.iter().map(|(name, _)| PathBuf::from(format!("{name}.asice"))).collect();
        let links: Vec<_> = files.iter().zip(verdicts).map(|(file, (_, verdict))| Link { file, verdict }).collect();
        let report = examine(&links, &Expected { receipt: None, anchors: &[], complete: true }, Lang::En);
        let odd = report.checks.iter().filter(|line| line.outcome != crate::bundle::Outcome::Passed).map(|line| line.code);
        (report.exit(), odd.collect())
    }

    #[test]
    fn a_whole_chain_holds_in_any_order_of_files() {
        let chain = [("b3", verdict(3, "c", Some("b"))), ("b1", verdict(1, "a", None)), ("b2", verdict(2, "b", Some("a")))];
        assert_eq!(judged(&chain), (0, vec![]));
    }

    #[test]
    fn each_break_of_the_chain_is_named() {
        let (one, two, three) =
            (("b1", verdict(1, "a", None)), ("b2", verdict(2, "b", Some("a"))), ("b3", verdict(3, "c", Some("b"))));
        // Another bundle in the place of the second.
        assert_eq!(judged(&[one.clone(), ("b2", verdict(2, "x", Some("a"))), three.clone()]), (1, vec!["chain-links"]));
        // Numbers exchanged.
        let exchanged = [one.clone(), ("b2", verdict(2, "c", Some("b"))), ("b3", verdict(3, "b", Some("a")))];
        assert_eq!(judged(&exchanged), (1, vec!["chain-links"]));
        // One left out in the middle, at the start.
        assert_eq!(judged(&[one.clone(), three.clone()]), (1, vec!["chain-gaps"]));
        assert_eq!(judged(&[two.clone(), three.clone()]), (2, vec!["chain-start"]));
        // Two histories; the same bundle twice.
        assert_eq!(judged(&[one.clone(), two.clone(), ("b2", verdict(2, "x", Some("a")))]).1[0], "chain-unique");
        assert_eq!(judged(&[one.clone(), two.clone(), ("b3", two.1.clone())]), (1, vec!["chain-unique", "chain-names"]));
        // A first one that names one before; a later one that names none.
        assert_eq!(judged(&[("b1", verdict(1, "a", Some("z")))]), (1, vec!["chain-links"]));
        assert_eq!(judged(&[one.clone(), ("b2", verdict(2, "b", None))]), (1, vec!["chain-links"]));
        // A number made to exhaust whoever counts.
        assert_eq!(judged(&[one, ("b9", verdict(u64::MAX, "z", Some("a")))]).0, 1);
    }
}
