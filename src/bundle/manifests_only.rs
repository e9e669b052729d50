//! The seal alone: a second, small bundle that holds the manifests and signature of another and none of its evidence, for online
//! validators that must not see it.
//!
//! It is a bundle like another (ASiC-E, BagIt, signed on its own), so that every tool that reads one reads it. Its payload is what
//! ties the other's content: the bag manifests list every file with its digest, and the signed ASiC manifest lists those. Names of
//! files are in it; what is in the files is not.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use serde::Serialize;

use crate::bundle::container;
use crate::bundle::container::read::Archive;
use crate::bundle::digest::{Digest, hex, sha256};
use crate::bundle::fault::{Fault, Phrase, phrase};
use crate::bundle::layout::{ASIC_MANIFEST, BAG_INFO, BAGIT, MANIFEST, PAYLOAD, SIGNATURE, TAG_MANIFEST};
use crate::bundle::lists::asic;
use crate::bundle::lists::bagit::BagInfo;
use crate::bundle::lists::contents;
use crate::bundle::read_at::ReadAt;
use crate::bundle::seal::{PayloadFile, PayloadSource};
use crate::bundle::signature::check;
use crate::bundle::signature::cms;

/// Folder of the other bundle's manifests in the payload.
const FOLDER: &str = "manifests/";
/// Labels of `bag-info.txt` that name the other bundle.
const OF_ID: &str = "Seal-Of";
const OF_MANIFEST: &str = "Seal-Of-Manifest-SHA256";
/// What is taken over, and nothing else.
const TAKEN: [&str; 6] = [ASIC_MANIFEST, BAG_INFO, BAGIT, MANIFEST, SIGNATURE, TAG_MANIFEST];
/// Bytes of one of them; manifests of 100,000 long names stay below.
const LARGEST: u64 = 128 << 20;

/// The bundle that a seal alone stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SealOf {
    pub bundle_id: String,
    /// Digest of its `ASiCManifest001.xml`, as its own verdict shows it.
    pub manifest_sha256: String,
}

/// The payload of a seal alone, and the lines that its `bag-info.txt` needs.
#[derive(Debug)]
pub struct ManifestsOnly {
    pub of: SealOf,
    pub files: Vec<PayloadFile>,
    pub bag_info: Vec<(String, String)>,
}

/// Name in the payload: the last part of the name in the bundle.
fn taken(name: &str) -> String {
    format!("{FOLDER}{}", name.rsplit('/').next().unwrap_or(name))
}

/// Takes the manifests of a bundle. The caller has verified it.
pub fn manifests_only(bundle: &Path) -> Result<ManifestsOnly, Fault> {
    let file = File::open(bundle).map_err(|e| Fault::io(&e))?;
    let archive = container::read::open(&file)?;
    let info = BagInfo::read(&contents::small(&archive, BAG_INFO)?)?;
    if of(&info).is_some() {
        return Err(Fault::new(&SEAL_OF_SEAL, info.bundle_id));
    }
    let mut files = Vec::new();
    let mut manifest_sha256 = String::new();
    for name in TAKEN {
        let content = contents::small(&archive, name)?;
        if name == ASIC_MANIFEST {
            manifest_sha256 = hex(&sha256(&content));
        }
        files.push(PayloadFile { path: taken(name), source: PayloadSource::Bytes(content) });
    }
    let of = SealOf { bundle_id: info.bundle_id, manifest_sha256 };
    let bag_info = vec![(OF_ID.to_owned(), of.bundle_id.clone()), (OF_MANIFEST.to_owned(), of.manifest_sha256.clone())];
    Ok(ManifestsOnly { of, files, bag_info })
}

/// The bundle that this one is the seal of, as its `bag-info.txt` says.
#[must_use]
pub fn of(info: &BagInfo) -> Option<SealOf> {
    let line = |label: &str| info.extra.iter().find(|(known, _)| known == label).map(|(_, value)| value.clone());
    Some(SealOf { bundle_id: line(OF_ID)?, manifest_sha256: line(OF_MANIFEST)? })
}

/// What does not tie in a seal alone: the manifests in it must be of the bundle named, signed, and agree with each other.
pub(crate) fn check<S: ReadAt + ?Sized>(archive: &Archive<'_, S>, of: &SealOf) -> Vec<Fault> {
    match ties(archive, of) {
        Ok(faults) => faults,
        Err(fault) => vec![fault],
    }
}

fn ties<S: ReadAt + ?Sized>(archive: &Archive<'_, S>, of: &SealOf) -> Result<Vec<Fault>, Fault> {
    let mut faults = Vec::new();
    let mut held: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for name in TAKEN {
        let inside = format!("{PAYLOAD}{}", taken(name));
        let record = archive.records.iter().find(|record| record.name == inside);
        held.insert(name, container::stream::content(archive.source, record.ok_or_else(|| Fault::new(&ABSENT, inside))?, LARGEST)?);
    }
    let content = |name: &str| held.get(name).map(Vec::as_slice).unwrap_or_default();
    let manifest = content(ASIC_MANIFEST);
    if hex(&sha256(manifest)) != of.manifest_sha256 {
        faults.push(Fault::new(&OTHER_BUNDLE, of.bundle_id.clone()));
    }
    check::check_value(&cms::parse(content(SIGNATURE))?, manifest)?;
    let signed: BTreeMap<String, Digest> = asic::read(manifest)?.into_iter().collect();
    for name in [BAG_INFO, BAGIT, MANIFEST, TAG_MANIFEST] {
        if signed.get(name) != Some(&sha256(content(name))) {
            faults.push(Fault::new(&UNTIED, name));
        }
    }
    let info = BagInfo::read(content(BAG_INFO))?;
    if info.bundle_id != of.bundle_id {
        faults.push(Fault::new(&OTHER_BUNDLE, info.bundle_id));
    }
    Ok(faults)
}

static SEAL_OF_SEAL: Phrase = phrase(
    "this is already the seal alone of another bundle; name that bundle",
    "c'est déjà le scellé seul d'un autre dossier ; nommer ce dossier",
);
static ABSENT: Phrase = phrase("the seal alone does not hold this manifest", "le scellé seul ne contient pas ce manifeste");
static OTHER_BUNDLE: Phrase = phrase("the manifests are those of another bundle", "les manifestes sont ceux d'un autre dossier");
static UNTIED: Phrase = phrase(
    "the signed manifest of the bundle does not hold this file's digest",
    "le manifeste signé du dossier ne contient pas l'empreinte de ce fichier",
);
