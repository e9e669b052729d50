//! Whatever happens to a bundle's bytes: never a panic, and never "valid" for another content.

use probant::bundle::digest::sha256;
use probant::bundle::{Lang, verify_source, zip_read};

use crate::kit::{good, judge, now, sealer, unpack};

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
    let archive = zip_read::open(good()).unwrap();
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
