//! Sealing the parts of a run into a bundle, and encrypting it for its readers.

use std::fs;
use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::payload::{self, Parts};
use super::session::Session;
use super::{remote, seal_key, time};
use crate::bundle::layout::portable_name;
use crate::bundle::{Recipient, SealRequest, Signer, envelope};
use crate::judge::finding::Assessment;
use crate::store::{self, Store};

/// File name of the next bundle.
pub(super) fn bundle_name(session: &Session, store: &Store, assessment: &Assessment) -> String {
    let locale = session.config.file.organisation.locale;
    let label = portable_name(&locale.period(&assessment.period.label));
    let prefix = locale.pick("dossier", "evidence");
    store.free_name("bundles", &format!("{prefix}-{label}-{}", assessment.snapshot_id), ".asice")
}

/// Seals the parts into the store's next bundle.
pub(super) fn seal(
    session: &Session,
    store: &mut Store,
    name: &str,
    signer: &Signer,
    parts: &Parts<'_>,
) -> Result<PathBuf, Failure> {
    remote::captures(session, parts.assessment)?;
    let previous: Vec<_> = store.events().iter().filter(|entry| entry.event == "bundle").collect();
    let request = SealRequest {
        bundle_id: name.trim_end_matches(".asice").to_owned(),
        file_name: name.to_owned(),
        seq: previous.len() as u64 + 1,
        previous_manifest_sha256: previous.last().and_then(|e| e.data.get("manifest_sha256")?.as_str().map(str::to_owned)),
        organisation: session.config.file.organisation.name.clone(),
        created: session.context.now(),
        files: payload::files(session, store, name, parts)?,
        bag_info: vec![
            ("Snapshot-Id".into(), parts.assessment.snapshot_id.clone()),
            ("Period".into(), parts.assessment.period.label.clone()),
            ("As-Of".into(), parts.assessment.as_of.clone()),
        ],
    };
    let path = store.root().join("bundles").join(name);
    let sealed = time::seal(session, &request, signer, &store::temporary(&path))?;
    let data = serde_json::json!({
        "seq": request.seq,
        "snapshot": parts.assessment.snapshot_id,
        "manifest_sha256": sealed.manifest_sha256,
        "previous_manifest_sha256": request.previous_manifest_sha256,
        "bytes": sealed.bytes,
        "entries": sealed.entries,
        "signer_sha256": signer.fingerprint(),
    });
    let path = store.publish("bundle", session.context.now(), &format!("bundles/{name}"), data)?;
    if sealed.many_entries {
        session.console.note(session.console.pick(
            format!("Le dossier contient {} fichiers : au-delà de 1 000, des vérificateurs en ligne le refusent.", sealed.entries),
            format!("The bundle holds {} files: beyond 1,000, online validators refuse it.", sealed.entries),
        ));
    }
    Ok(path)
}

/// Those who may open the bundle: of the command line, and of `[envelope]`.
pub(super) fn recipients(session: &Session, named: &[PathBuf]) -> Result<Vec<Recipient>, Failure> {
    let configured = session.config.file.envelope.encrypt_for.iter().map(|path| session.config.base.join(path));
    let mut paths: Vec<PathBuf> = named.iter().map(|path| session.context.folder.join(path)).chain(configured).collect();
    paths.sort();
    paths.dedup();
    paths.iter().map(|path| Ok(Recipient::load(path, session.context.now())?)).collect()
}

/// Encrypts a sealed bundle for its readers, beside it. Nothing without readers.
pub(super) fn envelopes(
    session: &Session,
    store: &mut Store,
    bundle: &Path,
    recipients: &[Recipient],
) -> Result<Vec<PathBuf>, Failure> {
    if recipients.is_empty() {
        return Ok(vec![]);
    }
    let name = bundle.file_name().unwrap_or_default().to_string_lossy();
    let parts = envelope::parts(&name, fs::metadata(bundle)?.len(), envelope::PART);
    let place = |part: &envelope::Part| store::temporary(&store.root().join("bundles").join(&part.name));
    for part in &parts {
        envelope::encrypt(bundle, part, recipients, &mut seal_key::random, &place(part))?;
    }
    // All are whole before the first is given its name.
    let readers: Vec<_> = recipients
        .iter()
        .map(|reader| serde_json::json!({ "subject": reader.subject(), "certificate_sha256": reader.fingerprint() }))
        .collect();
    let sealed = store.events().iter().rev().find(|entry| entry.event == "bundle");
    let snapshot = sealed.and_then(|entry| entry.data.get("snapshot")).cloned();
    let mut paths = vec![];
    for (at, part) in parts.iter().enumerate() {
        let data = serde_json::json!({
            "bundle": name, "snapshot": snapshot, "part": at + 1, "parts": parts.len(), "recipients": readers,
        });
        paths.push(store.publish("envelope", session.context.now(), &format!("bundles/{}", part.name), data)?);
    }
    Ok(paths)
}
