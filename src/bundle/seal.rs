//! Sealing: payload files in, one signed container out. Same request, same key, same bytes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::bundle::container::ahead;
use crate::bundle::container::content::Content;
use crate::bundle::container::write::ZipWriter;
use crate::bundle::digest::{Digest, hex, sha256};
use crate::bundle::error::SealError;
use crate::bundle::fault::Lang;
use crate::bundle::keys::signer::Signer;
use crate::bundle::lasting::archive;
use crate::bundle::lasting::proofs::Proofs;
use crate::bundle::layout::{
    self, ARCHIVE_MANIFEST, ASIC_MANIFEST, BAG_INFO, BAGIT, MANIFEST, MANY_ENTRIES, MAX_ENTRIES, MIMETYPE, MIMETYPE_CONTENT,
    PAYLOAD, SIGNATURE, TAG_MANIFEST, VERIFY_EN, VERIFY_FR,
};
use crate::bundle::level::Level;
use crate::bundle::lists::asic;
use crate::bundle::lists::bagit::{self, BagInfo};
use crate::bundle::partial::Partial;
use crate::bundle::pinned::Planned;
use crate::bundle::verify_text::{VerifyText, verify_text};

#[derive(Debug)]
pub struct SealRequest {
    pub bundle_id: String,
    /// Name the file will bear when it reaches people: the commands of `VERIFY.*.md` say it. Letters, digits, `.`, `-`, `_`.
    pub file_name: String,
    /// From 1; every later bundle names the one before it.
    pub seq: u64,
    pub previous_manifest_sha256: Option<String>,
    pub organisation: String,
    /// The claimed signing time; whole seconds are kept.
    pub created: jiff::Timestamp,
    /// `VERIFY.fr.md` and `VERIFY.en.md` are added by the seal.
    pub files: Vec<PayloadFile>,
    /// More lines for `bag-info.txt`, in this order.
    pub bag_info: Vec<(String, String)>,
}

#[derive(Debug)]
pub struct PayloadFile {
    /// Under `data/`, with slashes. [`layout::portable_name`] makes one from any name.
    pub path: String,
    pub source: PayloadSource,
}

#[derive(Debug)]
pub enum PayloadSource {
    Bytes(Vec<u8>),
    File(PathBuf),
}

/// What was made.
#[derive(Debug)]
pub struct Sealed {
    pub path: PathBuf,
    /// Digest of `ASiCManifest001.xml`: what the next bundle's chain link holds.
    pub manifest_sha256: String,
    pub entries: usize,
    pub bytes: u64,
    /// More than [`MANY_ENTRIES`]: online validators will soon refuse it.
    pub many_entries: bool,
}

/// Writes a bundle of level B to `destination`, which must not exist. On any error nothing is left there.
pub fn seal(request: &SealRequest, signer: &Signer, destination: &Path) -> Result<Sealed, SealError> {
    write_whole(request, &mut Seal { signer, proofs: None }, destination)
}

/// The same with the time-stamps and revocation lists of a higher level.
pub fn seal_with(request: &SealRequest, signer: &Signer, proofs: &mut Proofs<'_>, destination: &Path) -> Result<Sealed, SealError> {
    write_whole(request, &mut Seal { signer, proofs: Some(proofs) }, destination)
}

/// Who seals, and what is added to the signature.
struct Seal<'s, 'p> {
    signer: &'s Signer,
    proofs: Option<&'s mut Proofs<'p>>,
}

impl Seal<'_, '_> {
    fn level(&self) -> Level {
        self.proofs.as_ref().map_or(Level::B, |proofs| proofs.level)
    }

    fn sign(&mut self, manifest: &[u8], created: jiff::Timestamp) -> Result<Vec<u8>, SealError> {
        let signature = self.signer.sign(manifest, created)?;
        match &mut self.proofs {
            Some(proofs) => proofs.raise(signature, created),
            None => Ok(signature),
        }
    }
}

fn write_whole(request: &SealRequest, seal: &mut Seal<'_, '_>, destination: &Path) -> Result<Sealed, SealError> {
    let payload = plan(request, seal)?;
    let info = bag_info(request, seal.level(), &payload)?;
    let (partial, file) = Partial::create(destination)?;
    let written = write(request, seal, &payload, &info, file).map_err(|e| e.at(destination))?;
    partial.commit()?;
    Ok(Sealed { path: destination.to_owned(), ..written })
}

/// The payload by its name in the bundle, checked; sizes of files are fixed from here on.
fn plan<'r>(request: &'r SealRequest, seal: &Seal<'_, '_>) -> Result<BTreeMap<String, Content<'r>>, SealError> {
    check_file_name(&request.file_name)?;
    let text = VerifyText { request, signer: seal.signer, level: seal.level() };
    let mut payload = BTreeMap::from([
        (VERIFY_FR.to_owned(), Content::Text(verify_text(Lang::Fr, &text))),
        (VERIFY_EN.to_owned(), Content::Text(verify_text(Lang::En, &text))),
    ]);
    let names: Vec<String> = request.files.iter().map(|file| format!("{PAYLOAD}{}", file.path)).collect();
    if let Some(path) = names.iter().find(|name| payload.contains_key(*name)) {
        return Err(SealError::Reserved { path: path.clone() });
    }
    for name in &names {
        layout::check_name(name).map_err(SealError::EntryName)?;
    }
    let all = names.iter().map(String::as_str).chain([VERIFY_FR, VERIFY_EN]);
    layout::check_together(all).map_err(SealError::EntryName)?;
    // The seven files around the payload, and two for each archive time-stamp.
    let (count, limit) = (names.len() + payload.len(), MAX_ENTRIES - 7 - 2 * archive::MAX_RENEWALS);
    if count > limit {
        return Err(SealError::TooMany { count, limit });
    }
    for (name, file) in names.into_iter().zip(&request.files) {
        let content = match &file.source {
            PayloadSource::Bytes(bytes) => Content::Bytes(bytes),
            PayloadSource::File(path) => Content::File(Planned::new(path)?),
        };
        payload.insert(name, content);
    }
    Ok(payload)
}

/// The name is printed in shell commands.
fn check_file_name(name: &str) -> Result<(), SealError> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    if name.is_empty() || name.starts_with(['-', '.']) || !name.chars().all(plain) {
        return Err(SealError::BundleName { name: name.to_owned() });
    }
    Ok(())
}

fn bag_info(request: &SealRequest, level: Level, payload: &BTreeMap<String, Content<'_>>) -> Result<BagInfo, SealError> {
    let info = BagInfo {
        organisation: request.organisation.clone(),
        date: jiff::tz::Offset::UTC.to_datetime(request.created).date().to_string(),
        oxum: (payload.values().map(Content::size).sum(), payload.len() as u64),
        bundle_id: request.bundle_id.clone(),
        seq: request.seq,
        previous: request.previous_manifest_sha256.clone(),
        level: level.name().to_owned(),
        extra: request.bag_info.clone(),
    };
    info.check()?;
    Ok(info)
}

fn write(
    request: &SealRequest,
    seal: &mut Seal<'_, '_>,
    payload: &BTreeMap<String, Content<'_>>,
    info: &BagInfo,
    file: File,
) -> Result<Sealed, SealError> {
    let mut zip = ZipWriter::new(BufWriter::with_capacity(1 << 18, file));
    let mut tags = BTreeMap::new();
    let mimetype = zip.add_stored(MIMETYPE, MIMETYPE_CONTENT.as_bytes())?;
    tags.insert(BAGIT.to_owned(), zip.add_bytes(BAGIT, bagit::DECLARATION.as_bytes())?);
    tags.insert(BAG_INFO.to_owned(), zip.add_bytes(BAG_INFO, info.write().as_bytes())?);
    let mut digests = zip.add_payload(payload, ahead::threads())?;
    tags.insert(MANIFEST.to_owned(), zip.add_bytes(MANIFEST, bagit::write_manifest(&digests).as_bytes())?);
    let mut tagged = tags.clone();
    tagged.insert(MIMETYPE.to_owned(), mimetype);
    tags.insert(TAG_MANIFEST.to_owned(), zip.add_bytes(TAG_MANIFEST, bagit::write_manifest(&tagged).as_bytes())?);
    digests.extend(tags);
    let references: Vec<(String, Digest)> = digests.iter().map(|(name, digest)| (name.clone(), *digest)).collect();
    let manifest = asic::write(&references);
    digests.insert(ASIC_MANIFEST.to_owned(), zip.add_bytes(ASIC_MANIFEST, manifest.as_bytes())?);
    let signature = seal.sign(manifest.as_bytes(), request.created)?;
    digests.insert(SIGNATURE.to_owned(), zip.add_bytes(SIGNATURE, &signature)?);
    add_archive_time_stamp(&mut zip, seal, &mut digests, request.created)?;
    let (sink, bytes) = zip.finish()?;
    let file = sink.into_inner().map_err(|e| SealError::Output(e.into_error()))?;
    // An entry that was first deflated, then stored, may leave a longer tail behind.
    file.set_len(bytes)?;
    file.sync_all()?;
    // All but mimetype, of which no digest was kept.
    let entries = digests.len() + 1;
    Ok(Sealed {
        path: PathBuf::new(),
        manifest_sha256: hex(&sha256(manifest.as_bytes())),
        entries,
        bytes,
        many_entries: entries > MANY_ENTRIES,
    })
}

/// At level LTA: the archive manifest over everything written so far, and its time-stamp.
fn add_archive_time_stamp(
    zip: &mut ZipWriter<BufWriter<File>>,
    seal: &mut Seal<'_, '_>,
    digests: &mut BTreeMap<String, Digest>,
    created: jiff::Timestamp,
) -> Result<(), SealError> {
    let Some(proofs) = seal.proofs.as_mut().filter(|proofs| proofs.level == Level::Lta) else { return Ok(()) };
    let list = archive::list(1, digests);
    let xml = asic::write_archive(&list);
    let token = proofs.archive(xml.as_bytes(), created)?;
    digests.insert(list.token.clone(), zip.add_bytes(&list.token, &token)?);
    digests.insert(ARCHIVE_MANIFEST.to_owned(), zip.add_bytes(ARCHIVE_MANIFEST, xml.as_bytes())?);
    Ok(())
}

pub(super) fn file_digest(file: &mut File) -> Result<Digest, SealError> {
    file.seek(SeekFrom::Start(0))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 17];
    loop {
        let read = file.read(&mut buffer)?;
        match buffer.get(..read) {
            Some(chunk) if read > 0 => hasher.update(chunk),
            _ => return Ok(hasher.finalize().into()),
        }
    }
}
