//! `probant bundle extend`: a newer archive time-stamp for a bundle of the past.

use std::path::Path;

use super::Exit;
use crate::bundle::{Extended, TrustAnchor};
use crate::cli::args::Extend;
use crate::cli::failure::Failure;
use crate::cli::session::Session;
use crate::cli::{summary, time};

/// A bundle of the store is published through the ledger, like everything there; any other takes its own place.
pub(in crate::cli) fn extend(session: &Session, args: &Extend) -> Exit {
    let mut anchors = vec![];
    for path in &args.anchor {
        anchors.extend(TrustAnchor::load(path)?);
    }
    if anchors.is_empty() {
        anchors = time::own_anchors(session)?;
    }
    let out = args.out.as_deref().unwrap_or(&args.file);
    let extended = match in_store(session, out) {
        Some(name) => within_store(session, args, &name, &anchors)?,
        None => time::extend(session, &args.file, out, &anchors)?,
    };
    session.console.json(&serde_json::json!({
        "schema": "probant.extended.v1", "path": out, "sha256": extended.file_sha256, "bytes": extended.bytes,
        "archive_time_stamps": extended.time_stamps,
    }))?;
    let shown = summary::shown(out, &session.context.folder);
    session.console.say(session.console.pick(
        format!("Renouvelé : {shown} porte {} horodatages d'archive", extended.time_stamps),
        format!("Renewed: {shown} has {} archive time-stamps", extended.time_stamps),
    ));
    Ok(0)
}

/// Its name below the store, for a bundle there.
fn in_store(session: &Session, path: &Path) -> Option<String> {
    let bundles = session.store_path().join("bundles").canonicalize().ok()?;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).canonicalize().ok()?;
    (folder == bundles).then(|| format!("bundles/{}", path.file_name().unwrap_or_default().to_string_lossy()))
}

fn within_store(session: &Session, args: &Extend, name: &str, anchors: &[TrustAnchor]) -> Result<Extended, Failure> {
    let mut store = session.store()?;
    let path = store.root().join(name);
    let extended = time::extend(session, &args.file, &crate::store::temporary(&path), anchors)?;
    let data = serde_json::json!({ "bytes": extended.bytes, "archive_time_stamps": extended.time_stamps });
    store.publish("bundle-extended", session.context.now(), name, data)?;
    Ok(extended)
}
