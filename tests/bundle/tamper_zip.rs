//! Changes to the container, record by record: everything that ordinary ZIP readers overlook or repair.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use probant::bundle::container;
use probant::bundle::container::format::Record;
use probant::bundle::layout::MIMETYPE;

use crate::kit::{Entries, expect, good, judge, pack, unpack};

/// A container taken apart into its records, put together with offsets and counts that fit.
pub(crate) struct Raw {
    /// Local header, packed data.
    pub(crate) locals: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) centrals: Vec<Vec<u8>>,
    pub(crate) end: Vec<u8>,
}

impl Raw {
    fn of(bytes: &[u8]) -> Self {
        let archive = container::read::open(bytes).unwrap();
        let part = |from: u64, length: u64| bytes[usize::try_from(from).unwrap()..][..usize::try_from(length).unwrap()].to_vec();
        let local = |r: &Record| (r.local_header(), part(r.data_offset(), r.packed));
        Self {
            locals: archive.records.iter().map(local).collect(),
            centrals: archive.records.iter().map(Record::central_header).collect(),
            end: bytes[bytes.len() - 22..].to_vec(),
        }
    }

    pub(crate) fn good() -> Self {
        Self::of(good())
    }

    pub(crate) fn at(&self, name: &str) -> usize {
        self.locals.iter().position(|(header, _)| header[30..].starts_with(name.as_bytes())).unwrap()
    }

    /// The same bytes at the same fields of both headers; `field` counts from the local header's start.
    pub(crate) fn both(mut self, name: &str, field: usize, value: &[u8]) -> Self {
        let at = self.at(name);
        self.locals[at].0[field..field + value.len()].copy_from_slice(value);
        // The central header has two more bytes (who made it) before the fields that they share.
        self.centrals[at][field + 2..field + 2 + value.len()].copy_from_slice(value);
        self
    }

    /// Replaces the packed data and states its length and the unpacked one in both headers.
    pub(crate) fn data(mut self, name: &str, packed: Vec<u8>, crc: u32, size: usize) -> Self {
        let at = self.at(name);
        let length = u32::try_from(packed.len()).unwrap().to_le_bytes();
        self.locals[at].1 = packed;
        let fields = [crc.to_le_bytes(), length, u32::try_from(size).unwrap().to_le_bytes()].concat();
        self.both(name, 14, &fields)
    }

    pub(crate) fn local(mut self, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Self {
        let at = self.at(name);
        change(&mut self.locals[at].0);
        self
    }

    pub(crate) fn central(mut self, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Self {
        let at = self.at(name);
        change(&mut self.centrals[at]);
        self
    }

    /// Every entry's local header first, then the directory with true offsets, then the end record.
    pub(crate) fn build(self) -> Vec<u8> {
        self.build_after(b"")
    }

    pub(crate) fn build_after(mut self, prefix: &[u8]) -> Vec<u8> {
        let mut out = prefix.to_vec();
        for (index, (header, data)) in self.locals.iter().enumerate() {
            if let Some(central) = self.centrals.get_mut(index) {
                central[42..46].copy_from_slice(&u32::try_from(out.len()).unwrap().to_le_bytes());
            }
            out.extend(header);
            out.extend(data);
        }
        self.finish(out)
    }

    pub(crate) fn finish(mut self, mut out: Vec<u8>) -> Vec<u8> {
        let offset = u32::try_from(out.len()).unwrap().to_le_bytes();
        let directory = self.centrals.concat();
        let count = u16::try_from(self.centrals.len()).unwrap().to_le_bytes();
        self.end[8..10].copy_from_slice(&count);
        self.end[10..12].copy_from_slice(&count);
        self.end[12..16].copy_from_slice(&u32::try_from(directory.len()).unwrap().to_le_bytes());
        self.end[16..20].copy_from_slice(&offset);
        out.extend(directory);
        out.extend(self.end);
        out
    }
}

const FILE: &str = "data/index.html";

fn container(bytes: &[u8], says: &str) {
    expect(bytes, 1, "zip-container", says);
}

pub(crate) fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn content(name: &str) -> Vec<u8> {
    unpack(good()).into_iter().find(|(n, _)| n == name).unwrap().1
}

#[test]
fn taking_apart_changes_nothing() {
    assert!(Raw::good().build() == good());
}

#[test]
fn bytes_before_between_and_after() {
    container(&[b"MZ\0\0".as_slice(), good()].concat(), "central directory is not where");
    container(&Raw::good().build_after(b"MZ\0\0"), "before or between");
    let mut between = Raw::good();
    let at = between.at(FILE);
    between.locals[at].1.extend(b"between");
    container(&between.build(), "before or between");
    let mut before_directory = Raw::good();
    before_directory.locals.last_mut().unwrap().1.extend(b"x");
    container(&before_directory.build(), "before or between");
    container(&[good(), b"\n"].concat(), "cut short, or something was added");
    container(&[good(), good()].concat(), "central directory is not where");
}

#[test]
fn comments() {
    let mut archive = Raw::good();
    archive.end[20] = 5;
    container(&[archive.build(), b"hello".to_vec()].concat(), "cut short, or something was added");
    // A comment that itself looks like an end record.
    let mut nested = Raw::good();
    nested.end[20] = 22;
    container(&[nested.build(), good()[good().len() - 22..].to_vec()].concat(), "central directory is not where");
    let entry = Raw::good().central(FILE, |header| {
        header[32] = 2;
        header.extend(b"hi");
    });
    container(&entry.build(), "comment: data/index.html");
}

#[test]
fn entries_in_one_list_only_or_twice() {
    let mut twice = Raw::good();
    let at = twice.at(FILE);
    twice.locals.insert(at, twice.locals[at].clone());
    twice.centrals.insert(at, twice.centrals[at].clone());
    container(&twice.build(), "same name");

    let mut unlisted = Raw::good();
    let hidden = unlisted.locals[at].clone();
    unlisted.locals.push(hidden);
    container(&unlisted.build(), "before or between");

    let mut removed = Raw::good();
    removed.centrals.remove(at);
    let mut out = Vec::new();
    for (header, data) in &removed.locals {
        out.extend(header);
        out.extend(data);
    }
    container(&removed.finish(out), "before or between");

    let mut overlapping = Raw::good();
    let second = overlapping.centrals[at].clone();
    overlapping.centrals.insert(at + 1, second);
    let out = overlapping.locals.iter().flat_map(|(header, data)| [header.as_slice(), data].concat()).collect();
    container(&overlapping.finish(out), "overlap");

    let mut miscounted = Raw::good().build();
    let end = miscounted.len() - 22;
    miscounted[end + 8] -= 1;
    miscounted[end + 10] -= 1;
    container(&miscounted, "as many entries");
}

#[test]
fn local_header_and_directory_that_disagree() {
    for (field, value) in [(4, 45), (6, 2), (8, 0), (10, 1), (14, 1), (18, 1), (22, 1), (30, b'D')] {
        let bytes = Raw::good().local(FILE, |header| header[field] = value).build();
        container(&bytes, "disagree: data/index.html");
    }
    let longer = Raw::good().local(FILE, |header| {
        header[28] = 4;
        header.extend([0x99, 0x99, 0, 0]);
    });
    container(&longer.build(), "disagree: data/index.html");
}

#[test]
fn fields_that_no_seal_writes() {
    for (field, value, says) in [
        (6, &[1, 0][..], "encrypted"),
        (6, &[8, 0], "data descriptor"),
        (6, &[0, 8], "field that no sealed bundle has"),
        (8, &[12, 0], "unknown compression"),
        (8, &[99, 0], "unknown compression"),
        (4, &[63, 0], "field that no sealed bundle has"),
        (10, &[1, 0], "field that no sealed bundle has"),
        (12, &[0x22, 0], "field that no sealed bundle has"),
    ] {
        container(&Raw::good().both(FILE, field, value).build(), says);
    }
    let mode = |mode: u32| Raw::good().central(FILE, |h| h[38..42].copy_from_slice(&(mode << 16).to_le_bytes())).build();
    container(&mode(0o120_777), "a link, a folder or a device");
    container(&mode(0o040_755), "a link, a folder or a device");
    container(&mode(0o104_755), "field that no sealed bundle has");
    for field in [4, 5, 34, 36, 38] {
        let bytes = Raw::good().central(FILE, |header| header[field] ^= 1).build();
        container(&bytes, "field that no sealed bundle has");
    }
    let extra = Raw::good().central(FILE, |header| {
        header[30] = 4;
        header.extend([0x99, 0x99, 0, 0]);
    });
    container(&extra.build(), "field that no sealed bundle has");
    let latin1 = Raw::good().central(FILE, |header| header[46 + 5] = 0xe9).local(FILE, |header| header[30 + 5] = 0xe9);
    container(&latin1.build(), "not UTF-8");
}

#[test]
fn wrong_sizes_checksums_and_data() {
    let text = content(FILE);
    let (packed, crc) = (deflate(&text), crc32fast::hash(&text));
    let with = |packed: Vec<u8>, crc, size| Raw::good().data(FILE, packed, crc, size).build();
    assert!(with(packed.clone(), crc, text.len()) == good());
    expect(&with(packed.clone(), crc ^ 1, text.len()), 1, "digests", "CRC is wrong: data/index.html");
    expect(&with(packed.clone(), crc, text.len() - 1), 1, "digests", "more than the directory says");
    expect(&with(packed.clone(), crc, text.len() + 1), 1, "digests", "damaged");
    expect(&with([packed.clone(), vec![0]].concat(), crc, text.len()), 1, "digests", "follow the end");
    expect(&with(packed[..packed.len() - 1].to_vec(), crc, text.len()), 1, "digests", "damaged");
    expect(&with(vec![0xff; 20], crc, text.len()), 1, "digests", "damaged");
    let zeros = vec![0; 1 << 20];
    container(&with(deflate(&zeros), crc32fast::hash(&zeros), zeros.len()), "bomb");
    // A bomb that lies about its size is stopped at the size it states.
    expect(&with(deflate(&zeros), crc, 1100), 1, "digests", "more than the directory says");
    container(&with(packed.clone(), crc, packed.len()), "sizes are not plausible");
}

#[test]
fn the_first_entry_is_a_plain_mimetype() {
    let says = "not an uncompressed mimetype";
    let mimetype = |change: &dyn Fn(&mut Entries)| {
        let mut entries = unpack(good());
        change(&mut entries);
        pack(&entries)
    };
    let wrong = mimetype(&|entries| entries[0].1 = b"application/zip".to_vec());
    expect(&wrong, 1, "mimetype", says);
    let newline = mimetype(&|entries| entries[0].1.push(b'\n'));
    expect(&newline, 1, "mimetype", says);
    container(&mimetype(&|entries| entries.swap(0, 1)), "not in its place");
    container(&mimetype(&|entries| entries.swap(3, 4)), "not in its place");
    let text = content(MIMETYPE);
    let padded = [text, vec![b' '; 200]].concat();
    let compressed = Raw::good().data(MIMETYPE, deflate(&padded), crc32fast::hash(&padded), padded.len());
    let compressed = compressed.both(MIMETYPE, 4, &[20, 0]).both(MIMETYPE, 8, &[8, 0]);
    expect(&compressed.build(), 1, "mimetype", says);
}

#[test]
fn truncated_files_are_tampered_and_others_are_not_bundles() {
    for length in [good().len() - 1, good().len() - 21, good().len() - 22, good().len() / 2, 200, 70] {
        container(&good()[..length], "cut short");
    }
    assert_eq!(judge(&good()[1..]).exit, 1);
    for bytes in [b"".as_slice(), b"PK", b"%PDF-1.7 and so on", &vec![0; 100_000], &good()[..20]] {
        let verdict = judge(bytes);
        assert_eq!(verdict.exit, 3, "{verdict:#?}");
        assert_eq!(verdict.checks.len(), 1);
    }
    let other = pack(&vec![("a.txt".into(), b"just a zip".to_vec())]);
    assert_eq!(judge(&other).exit, 3);
    let folder = tempfile::tempdir().unwrap();
    let now = crate::kit::now();
    let verify = |path: &std::path::Path| {
        probant::bundle::verify(path, probant::bundle::Trusted::default(), now, probant::bundle::Lang::En).exit
    };
    assert_eq!(verify(folder.path()), 3);
    assert_eq!(verify(&folder.path().join("absent.asice")), 2);
}

/// zip64 records are refused where 32 bits suffice, and understood where they do not.
#[test]
fn zip64_only_when_needed() {
    use probant::bundle::container::format::{Method, Record, end_records};
    let bytes = good();
    let archive = container::read::open(bytes).unwrap();
    let size: usize = archive.records.iter().map(|r| r.central_header().len()).sum();
    let (offset, entries) = (bytes.len() - 22 - size, archive.records.len() as u64);
    // Made for 65,535 entries, then given the true number: the zip64 pair stands although nothing needs it.
    let mut tail = end_records(65_535, offset as u64, size as u64);
    tail[24..32].copy_from_slice(&entries.to_le_bytes());
    tail[32..40].copy_from_slice(&entries.to_le_bytes());
    container(&[&bytes[..bytes.len() - 22], &tail].concat(), "end record is not the one expected");

    let large = Record { name: "data/x".into(), method: Method::Stored, crc32: 1, packed: 1 << 33, size: 1 << 33, offset: 0 };
    assert_eq!(large.local_header().len(), 30 + 6 + 20);
    assert_eq!(large.central_header().len(), 46 + 6 + 20);
    let far = Record { size: 5, packed: 5, offset: 1 << 33, ..large };
    assert_eq!((far.local_header().len(), far.central_header().len()), (30 + 6, 46 + 6 + 12));
}
