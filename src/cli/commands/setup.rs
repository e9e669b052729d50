//! Commands that set things up: `init`, `keys`.

use std::fs;

use super::Exit;
use crate::bundle::TrustAnchor;
use crate::cli::args::{Global, Init};
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::produce;
use crate::cli::session::Session;
use crate::config;
use crate::context::Context;
use crate::outputs::files;

/// `probant init`: a commented starter, and a seal key.
pub(in crate::cli) fn init(context: Context, console: &Console, args: &Init, global: &Global) -> Exit {
    let folder = context.folder.join(&args.folder);
    let path = folder.join("probant.toml");
    if path.exists() {
        return Err(Failure::new(format!("{} exists already; nothing was changed", path.display())));
    }
    let organisation = args.organisation.clone().unwrap_or_else(|| console.pick("Mon organisme", "My organisation").to_owned());
    let template =
        console.pick(include_str!("../../../templates/probant.fr.toml"), include_str!("../../../templates/probant.en.toml"));
    let quoted = toml::Value::String(organisation).to_string();
    fs::create_dir_all(&folder)?;
    files::write(&folder, "probant.toml", template.replace("\"{organisation}\"", &quoted).as_bytes())?;
    files::write(&folder, "probant.schema.json", serde_json::to_string_pretty(&config::schema::json_schema())?.as_bytes())?;
    console.say(console.pick(format!("Écrit : {}", path.display()), format!("Written: {}", path.display())));
    let session = Session::open(context, &Global { config: Some(path), ..global.clone() })?;
    session.store()?;
    // The configuration stands whatever happens to the key: say how to go on.
    create_key(&session).map_err(|failure| {
        failure.hint(session.console.pick(
            "probant.toml est écrit ; il ne manque que la clé : tapez `probant keys create` (phrase secrète de 8 caractères au moins, au clavier ou dans PROBANT_PASSPHRASE)",
            "probant.toml is written, only the key is missing: type `probant keys create` (passphrase of at least 8 characters, typed or in PROBANT_PASSPHRASE)",
        ))
    })
}

/// `probant keys create`.
pub(in crate::cli) fn create_key(session: &Session) -> Exit {
    let fingerprint = produce::create_key(session)?;
    let (key, certificate) = produce::key_paths(session);
    session
        .console
        .json(&serde_json::json!({ "schema": "probant.key.v1", "key": key, "certificate": certificate, "sha256": fingerprint }))?;
    session.console.say(session.console.pick(
        format!(
            "Clé : {}\nCertificat : {}\nEmpreinte SHA-256, à donner à l'auditeur par une autre voie : {fingerprint}",
            key.display(),
            certificate.display()
        ),
        format!(
            "Key: {}\nCertificate: {}\nSHA-256 fingerprint, to give the auditor by another way: {fingerprint}",
            key.display(),
            certificate.display()
        ),
    ));
    Ok(0)
}

/// `probant keys show`.
pub(in crate::cli) fn show_key(session: &Session) -> Exit {
    let (_, certificate) = produce::key_paths(session);
    for anchor in TrustAnchor::load(&certificate)? {
        session
            .console
            .json(&serde_json::json!({ "schema": "probant.key.v1", "certificate": certificate, "subject": anchor.subject(), "sha256": anchor.fingerprint()? }))?;
        session.console.say(format!("{}\n{}\nSHA-256 {}", certificate.display(), anchor.subject(), anchor.fingerprint()?));
    }
    Ok(0)
}
