//! `probant bundle extend`: a newer archive time-stamp for a bundle of the past.

use std::path::{Path, PathBuf};

use super::Exit;
use crate::bundle::{Extended, TrustAnchor};
use crate::cli::args::Extend;
use crate::cli::failure::Failure;
use crate::cli::session::Session;
use crate::cli::{notary, summary, time};

/// Folder of the store for renewed bundles: what the ledger announced under `bundles` stays as it was announced.
const RENEWED: &str = "renewed";

/// A bundle of the store stays, and its renewed form is published beside it through the ledger; any other takes its own place.
pub(in crate::cli) fn extend(session: &Session, args: &Extend) -> Exit {
    let mut anchors = notary::load(&args.anchor)?;
    if anchors.is_empty() {
        anchors = time::own_anchors(session)?;
    }
    let within = |path: &Path| folder_of(path).starts_with(folder(&session.store_path()));
    let (out, extended) = match &args.out {
        Some(out) if within(out) => {
            return Err(Failure::new(format!(
                "{}: lies in the store, where only the ledger names files; write it elsewhere, or leave --out away",
                out.display()
            )));
        }
        None if within(&args.file) => within_store(session, &args.file, &anchors)?,
        out => {
            let out = out.as_ref().unwrap_or(&args.file);
            (out.clone(), time::extend(session, &args.file, out, &anchors)?)
        }
    };
    session.console.json(&serde_json::json!({
        "schema": "probant.extended.v1", "path": out, "sha256": extended.file_sha256, "bytes": extended.bytes,
        "archive_time_stamps": extended.time_stamps,
    }))?;
    let shown = summary::shown(&out, &session.context.folder);
    session.console.say(session.console.pick(
        format!("Renouvelé : {shown} porte {} horodatages d'archive", extended.time_stamps),
        format!("Renewed: {shown} has {} archive time-stamps", extended.time_stamps),
    ));
    Ok(0)
}

fn folder_of(path: &Path) -> PathBuf {
    folder(path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))
}

fn folder(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_absent| path.to_owned())
}

fn within_store(session: &Session, file: &Path, anchors: &[TrustAnchor]) -> Result<(PathBuf, Extended), Failure> {
    let mut store = session.store()?;
    crate::store::atomic::folder(&store.root().join(RENEWED))?;
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let name = format!("{RENEWED}/{}", store.free_name(RENEWED, &format!("{stem}-r"), ".asice"));
    let extended = time::extend(session, file, &crate::store::temporary(&store.root().join(&name)), anchors)?;
    let from = file.file_name().map(|name| name.to_string_lossy().into_owned());
    let data = serde_json::json!({
        "renewed": from, "bytes": extended.bytes, "archive_time_stamps": extended.time_stamps,
    });
    let path = store.publish("bundle-extended", session.context.now(), &name, data)?;
    Ok((path, extended))
}
