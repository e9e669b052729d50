//! Taking a container apart with the strict reader, and making one of any entries with the writer.

use std::collections::BTreeMap;
use std::io::Cursor;

use crate::bundle::digest::{Digest, sha256};
use crate::bundle::fault::Fault;
use crate::bundle::layout::{ASIC_MANIFEST, BAG_INFO, BAGIT, MANIFEST, MIMETYPE, SIGNATURE, TAG_MANIFEST};
use crate::bundle::container::write::ZipWriter;
use crate::bundle::lists::asic;
use crate::bundle::lists::bagit;
use crate::bundle::container;

/// Names and contents, in the order of the file.
pub type Entries = Vec<(String, Vec<u8>)>;

/// Bytes; what a target may unpack of one entry.
pub const LARGEST: u64 = 8 << 20;

pub fn unpack(bytes: &[u8]) -> Result<Entries, Fault> {
    let archive = container::read::open(bytes)?;
    let content = |record| container::stream::content(bytes, record, LARGEST);
    archive.records.iter().map(|record| Ok((record.name.clone(), content(record)?))).collect()
}

/// A container of the right form around any entries whatever.
#[must_use]
pub fn pack(entries: &Entries) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        let added = if name == MIMETYPE { zip.add_stored(name, content) } else { zip.add_bytes(name, content) };
        added.unwrap_or_else(|error| panic!("packing in memory: {error}"));
    }
    zip.finish().map(|(sink, _)| sink.into_inner()).unwrap_or_else(|error| panic!("packing in memory: {error}"))
}

fn entry<'e>(entries: &'e mut Entries, name: &str) -> Option<&'e mut Vec<u8>> {
    entries.iter_mut().find(|(n, _)| n == name).map(|(_, content)| content)
}

fn digests(entries: &Entries, keep: impl Fn(&str) -> bool) -> BTreeMap<String, Digest> {
    entries.iter().filter(|(name, _)| keep(name)).map(|(name, content)| (name.clone(), sha256(content))).collect()
}

/// What an outsider can put right: bag-info's count and size, and both bag manifests.
pub fn fix_bag(entries: &mut Entries) {
    let payload: Vec<_> = entries.iter().filter(|(name, _)| name.starts_with("data/")).collect();
    let oxum = (payload.iter().map(|(_, content)| content.len() as u64).sum(), payload.len() as u64);
    if let Some(content) = entry(entries, BAG_INFO)
        && let Ok(mut info) = bagit::BagInfo::read(content)
    {
        info.oxum = oxum;
        *content = info.write().into_bytes();
    }
    let listed = bagit::write_manifest(&digests(entries, |name| name.starts_with("data/")));
    if let Some(content) = entry(entries, MANIFEST) {
        *content = listed.into_bytes();
    }
    let listed = bagit::write_manifest(&digests(entries, |name| [MIMETYPE, BAGIT, BAG_INFO, MANIFEST].contains(&name)));
    if let Some(content) = entry(entries, TAG_MANIFEST) {
        *content = listed.into_bytes();
    }
}

/// The manifest that the signature should cover for these entries. The signature itself is out of an outsider's reach.
pub fn fix_signed_manifest(entries: &mut Entries) {
    let left_out = [MIMETYPE, ASIC_MANIFEST, SIGNATURE];
    let references: Vec<_> = digests(entries, |name| !left_out.contains(&name)).into_iter().collect();
    if let Some(content) = entry(entries, ASIC_MANIFEST) {
        *content = asic::write(&references).into_bytes();
    }
}
