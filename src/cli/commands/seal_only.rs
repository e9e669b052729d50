//! `probant bundle seal-only`: the seal of a bundle without its evidence.

use std::fs;
use std::path::Path;

use super::Exit;
use crate::bundle::verify::verdict::Claims;
use crate::bundle::{self, SealRequest, Status};
use crate::cli::args::SealOnly;
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::notary;
use crate::cli::session::Session;
use crate::cli::{summary, time};
use crate::store;

/// Writes it into the store, and to a place of one's choice.
pub(in crate::cli) fn seal_only(session: &Session, args: &SealOnly) -> Exit {
    let lang = session.console.lang;
    let mut store = session.store()?;
    let signer = notary::signer(session)?;
    let anchors = notary::anchors(session, &[])?;
    let verdict = bundle::verify(&args.file, &anchors, session.context.now(), lang);
    if matches!(verdict.status, Status::Tampered | Status::NotABundle) {
        let details: Vec<&str> = verdict.checks.iter().flat_map(|line| &line.details).map(String::as_str).collect();
        return Err(Failure::new(format!("{}: {} {}", args.file.display(), verdict.summary, details.join("; "))));
    }
    let manifests = bundle::manifests_only(&args.file)
        .map_err(|fault| Failure::new(format!("{}: {}", args.file.display(), fault.text(lang))))?;
    let word = session.config.file.organisation.locale.pick("sceau", "seal");
    let name = store.free_name("seals", &format!("{}-{word}", manifests.of.bundle_id), ".asice");
    let request = SealRequest {
        bundle_id: name.trim_end_matches(".asice").to_owned(),
        file_name: name.clone(),
        // It stands beside the chain of bundles, not in it.
        seq: 1,
        previous_manifest_sha256: None,
        organisation: session.config.file.organisation.name.clone(),
        created: session.context.now(),
        files: manifests.files,
        bag_info: manifests.bag_info,
    };
    let path = store.root().join("seals").join(&name);
    store::atomic::folder(path.parent().unwrap_or(Path::new(".")))?;
    let sealed = time::seal(session, &request, &signer, &store::temporary(&path))?;
    let data = serde_json::json!({
        "of_manifest_sha256": manifests.of.manifest_sha256,
        "manifest_sha256": sealed.manifest_sha256,
        "bytes": sealed.bytes,
        "signer_sha256": signer.fingerprint(),
    });
    let mut written = store.publish("seal", session.context.now(), &format!("seals/{name}"), data)?;
    if let Some(out) = &args.out {
        // Never over something else.
        let mut file = fs::File::create_new(out).map_err(|error| Failure::new(format!("{}: {error}", out.display())))?;
        std::io::copy(&mut fs::File::open(&written)?, &mut file)?;
        file.sync_all()?;
        written.clone_from(out);
    }
    session.console.json(&serde_json::json!({ "schema": "probant.seal-only.v1", "seal": written, "of": manifests.of }))?;
    session.console.say(summary::shown(&written, &session.context.folder));
    Ok(0)
}

/// Says of each seal alone which of the other files it is the seal of. 1 when it names one of them and is another's.
pub(in crate::cli) fn pairs(console: &Console, files: &[(&Path, Claims)]) -> u8 {
    let mut worst = 0;
    for (file, claims) in files {
        let Some(of) = &claims.seal_of else { continue };
        let named = files.iter().find(|(_, other)| other.seal_of.is_none() && other.bundle_id.as_ref() == Some(&of.bundle_id));
        let shown = file.display();
        console.say(match named {
            None => console.pick(
                format!("{shown} est le scellé seul de {} ; donner aussi ce dossier pour les comparer.", of.bundle_id),
                format!("{shown} is the seal alone of {}; name that bundle too and they are compared.", of.bundle_id),
            ),
            Some((other, bundle)) if bundle.manifest_sha256.as_ref() == Some(&of.manifest_sha256) => console.pick(
                format!("{shown} est bien le scellé de {}.", other.display()),
                format!("{shown} is the seal of {}.", other.display()),
            ),
            Some((other, _)) => {
                worst = 1;
                console.pick(
                    format!("✗ {shown} est le scellé d'un autre dossier que {}, qui porte le même nom.", other.display()),
                    format!("✗ {shown} is the seal of another bundle than {}, which bears the same name.", other.display()),
                )
            }
        });
    }
    worst
}
