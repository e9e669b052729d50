//! Archive time-stamps (EN 319 162-1, A.7): each covers, through a manifest, every file that was there before it, the time-stamps
//! before it included. So the newest vouches for all, and is renewed before its authority's certificate expires.

use std::collections::{BTreeMap, BTreeSet};

use crate::bundle::container::format::Record;
use crate::bundle::container::read::Archive;
use crate::bundle::digest::Digest;
use crate::bundle::fault::{Fault, Phrase, phrase};
use crate::bundle::layout::{
    ARCHIVE_MANIFEST, ASIC_MANIFEST, SIGNATURE, archive_time_stamp, is_archive, is_signed_over, old_archive_manifest,
};
use crate::bundle::lists::asic::{self, ArchiveList};
use crate::bundle::lists::contents;
use crate::bundle::read_at::ReadAt;
use crate::bundle::tsa::Token;

/// Renewals in a bundle's life: one every few years.
pub const MAX_RENEWALS: usize = 99;

/// How many archive time-stamps there are, or should be: at least one.
#[must_use]
pub fn count(records: &[Record]) -> usize {
    (1..=MAX_RENEWALS).take_while(|number| records.iter().any(|record| record.name == archive_time_stamp(*number))).count().max(1)
}

/// The files that so many archive time-stamps have.
#[must_use]
pub fn names(count: usize) -> Vec<String> {
    (1..=count).flat_map(|number| [manifest_name(number, count), archive_time_stamp(number)]).collect()
}

fn manifest_name(number: usize, count: usize) -> String {
    if number == count { ARCHIVE_MANIFEST.to_owned() } else { old_archive_manifest(number) }
}

/// The manifest for the archive time-stamp of this number over files of these digests; older archive manifests bear their numbers.
#[must_use]
pub fn list(number: usize, digests: &BTreeMap<String, Digest>) -> ArchiveList {
    let references = digests.iter().filter(|(name, _)| is_covered(name)).map(|(name, digest)| (name.clone(), *digest));
    ArchiveList {
        token: archive_time_stamp(number),
        references: references.collect(),
        previous: (number > 1).then(|| old_archive_manifest(number - 1)),
    }
}

/// All but `mimetype`, which has one content.
fn is_covered(name: &str) -> bool {
    is_signed_over(name) || matches!(name, ASIC_MANIFEST | SIGNATURE) || is_archive(name)
}

/// The archive time-stamps in order, each about a manifest that holds exactly what it must; and what is wrong with them.
#[must_use]
pub fn examine<S: ReadAt + ?Sized>(archive: &Archive<'_, S>, digests: &BTreeMap<String, Digest>) -> (Vec<Token>, Vec<Fault>) {
    let count = count(&archive.records);
    let (mut tokens, mut faults) = (Vec::new(), Vec::new());
    let mut before: BTreeMap<String, Digest> =
        digests.iter().filter(|(name, _)| !is_archive(name)).map(|(name, digest)| (name.clone(), *digest)).collect();
    for number in 1..=count {
        match examine_one(archive, (number, count), &before) {
            Ok((token, mut wrong)) => {
                tokens.push(token);
                faults.append(&mut wrong);
            }
            Err(fault) => faults.push(fault),
        }
        for name in [manifest_name(number, count), archive_time_stamp(number)] {
            before.extend(digests.get(&name).map(|digest| (name, *digest)));
        }
    }
    (tokens, faults)
}

fn examine_one<S: ReadAt + ?Sized>(
    archive: &Archive<'_, S>,
    (number, count): (usize, usize),
    before: &BTreeMap<String, Digest>,
) -> Result<(Token, Vec<Fault>), Fault> {
    let name = manifest_name(number, count);
    let xml = contents::small(archive, &name)?;
    let token = Token::parse(&contents::small(archive, &archive_time_stamp(number))?)?;
    token.check(&xml)?;
    let (found, expected) = (asic::read_archive(&xml)?, list(number, before));
    if (&found.token, &found.previous) != (&expected.token, &expected.previous) {
        return Err(Fault::new(&LINKS, name));
    }
    let as_set = |list: ArchiveList| list.references.into_iter().collect::<BTreeSet<_>>();
    let (found, expected) = (as_set(found), as_set(expected));
    let differing: BTreeSet<&String> = found.symmetric_difference(&expected).map(|(name, _)| name).collect();
    Ok((token, differing.into_iter().map(|file| Fault::new(&DIFFERS, format!("{name}: {file}"))).collect()))
}

static LINKS: Phrase = phrase(
    "the archive manifest does not name its own time-stamp, or the manifest before it",
    "le manifeste d'archive ne désigne pas son propre horodatage, ou le manifeste qui le précède",
);
static DIFFERS: Phrase = phrase(
    "the archive time-stamp does not cover the file as it is here",
    "l'horodatage d'archive ne couvre pas le fichier tel qu'il est ici",
);
