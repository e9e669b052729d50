//! Whatever happens to a bundle's bytes: never a panic, and never "valid" for another content.

use probant::bundle::container;
use probant::bundle::digest::sha256;
use probant::bundle::layout::SIGNATURE;
use probant::bundle::{Lang, Level, Trusted, verify_source};

use crate::authority::{Pki, TSA, today};
use crate::forged::Forger;
use crate::kit::{entry, good, judge, now, pack, sealer, unpack};

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(1);
        let digest = sha256(&self.0.to_le_bytes());
        usize::try_from(u64::from_le_bytes(digest[..8].try_into().unwrap()) % bound as u64).unwrap()
    }
}

/// Whether every byte of the range lies inside one entry's compressed data, which alone can be spelled in several ways.
fn is_deflated(at: usize) -> bool {
    let archive = container::read::open(good()).unwrap();
    let at = at as u64;
    archive.records.iter().any(|r| r.packed < r.size && (r.data_offset()..r.data_offset() + r.packed).contains(&at))
}

/// A bundle called valid must hold what was sealed, and must be the sealed file outside compressed data.
fn check(bytes: &[u8], what: &str) {
    if judge(bytes).exit == 0 {
        assert_eq!(bytes.len(), good().len(), "valid although {what}");
        let differing = bytes.iter().zip(good()).enumerate().filter(|(_, (a, b))| a != b);
        assert!(differing.map(|(at, _)| at).all(is_deflated), "valid although {what}");
        assert!(unpack(bytes) == unpack(good()), "valid with another content: {what}");
    }
}

#[test]
fn one_changed_bit_anywhere() {
    // Every bit of the container's own records and of the small files at the end, and a sample of the rest.
    let mut numbers = Numbers(1);
    let mut at = 0;
    while at < good().len() {
        let mut bytes = good().to_vec();
        let bit = numbers.below(8);
        bytes[at] ^= 1 << bit;
        check(&bytes, &format!("bit {bit} of byte {at} was changed"));
        at += if is_deflated(at) || at < good().len() / 2 { 1 + numbers.below(60) } else { 1 };
    }
}

#[test]
fn several_changes_at_once() {
    let mut numbers = Numbers(1 << 32);
    for round in 0..1500 {
        let mut bytes = good().to_vec();
        for _ in 0..=numbers.below(4) {
            let (at, other) = (numbers.below(bytes.len()), numbers.below(bytes.len()));
            let length = 1 + numbers.below(40).min(bytes.len() - at - 1).min(bytes.len() - other - 1);
            match numbers.below(6) {
                0 => bytes[at] = bytes[other],
                1 => bytes[at] = u8::try_from(numbers.below(256)).unwrap(),
                2 => bytes.copy_within(other..other + length, at),
                3 => bytes.truncate(at.max(1)),
                4 => drop(bytes.drain(at..at + length)),
                _ => bytes.extend_from_within(at..at + length),
            }
            if bytes.len() < 100 {
                break;
            }
        }
        if bytes != good() {
            check(&bytes, &format!("round {round} changed it"));
        }
    }
}

#[test]
fn noise_is_never_a_bundle() {
    let mut numbers = Numbers(7);
    for _ in 0..300 {
        let length = numbers.below(400);
        let mut bytes: Vec<u8> = (0..length).map(|_| u8::try_from(numbers.below(256)).unwrap()).collect();
        if numbers.below(2) == 0 {
            bytes.extend_from_slice(&good()[good().len() - 22..]);
        }
        let verdict = verify_source(bytes.as_slice(), &sealer().anchors, now(), Lang::Fr);
        assert_eq!(verdict.exit, 3);
    }
}

/// Every byte of what nothing else covers: the signature file of level T, the newest archive time-stamp of level LTA.
#[test]
fn one_changed_bit_of_a_time_stamp() {
    let pki = Pki::usual();
    pki.issue("horloge", "racine-tsa", TSA, ("P-256", 3650));
    let now = today();
    let lists = ["racine.crl", "racine-tsa.crl"];
    for (level, name) in [(Level::T, SIGNATURE), (Level::Lta, "META-INF/timestamp001.tst"), (Level::Lta, SIGNATURE)] {
        let forger = Forger::new(&pki, "horloge", now);
        let bundle = pki.seal_by(level, &forger, &pki.signer(&["sceau", "racine"]), &lists);
        let (anchors, authorities, crls) = (pki.anchors(&["racine"]), pki.anchors(&["racine-tsa"]), pki.crls(&lists));
        let trust = Trusted { anchors: &anchors, authorities: &authorities, crls: &crls };
        let judge = |bytes: &[u8]| verify_source(bytes, trust, now + jiff::SignedDuration::from_mins(10), Lang::En).exit;
        assert_eq!(judge(&bundle), 0);
        let entries = unpack(&bundle);
        let content = entries.iter().find(|(n, _)| n == name).unwrap().1.clone();
        // A root inside is only a hint: the verifier's own is what counts, and may be a renewed one with the same key.
        let roots: Vec<_> = ["racine", "racine-tsa"].iter().filter_map(|root| place(&content, &der(&pki, root))).collect();
        let mut numbers = Numbers(level as u64);
        let mut at = numbers.below(3);
        while at < content.len() {
            if let Some(root) = roots.iter().find(|root| root.contains(&at)) {
                at = root.end;
            }
            let (mut entries, bit) = (entries.clone(), numbers.below(8));
            entry(&mut entries, name)[at] ^= 1 << bit;
            assert_ne!(judge(&pack(&entries)), 0, "{level:?}: bit {bit} of byte {at} of {name} does not count");
            at += 1 + numbers.below(9);
        }
    }
}

fn der(pki: &Pki, name: &str) -> Vec<u8> {
    pki.openssl(&["x509", "-in", &format!("{name}.pem"), "-outform", "DER", "-out", "found.der"]);
    std::fs::read(pki.path("found.der")).unwrap()
}

fn place(content: &[u8], part: &[u8]) -> Option<std::ops::Range<usize>> {
    let at = content.windows(part.len()).position(|window| window == part)?;
    Some(at..at + part.len())
}
