//! `probant keys`: the seal key from its making to its end; and what is said of envelopes.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::Exit;
use crate::bundle::{self, Curve, Expiry, KeySource, KeyTrust, Recipient, Signer, Standing};
use crate::cli::args::{KeyRequestArgs, Keys, NewKeyArgs};
use crate::cli::failure::Failure;
use crate::cli::seal_key;
use crate::cli::session::Session;
use crate::cli::summary;
use crate::store::{self, Store};

pub(in crate::cli) fn keys(session: &Session, command: &Keys) -> Exit {
    match command {
        Keys::Create(args) => {
            let mut store = session.store()?;
            create(session, &mut store, args.kind.into(), args.years)
        }
        Keys::Show => show(session),
        Keys::Request(args) => request(session, args),
        Keys::Install { certificates } => install(session, certificates),
        Keys::Rotate(args) => rotate(session, args),
    }
}

/// The key that `probant init` makes.
pub(in crate::cli) fn first(session: &Session, store: &mut Store) -> Exit {
    create(session, store, Curve::default(), seal_key::YEARS)
}

fn create(session: &Session, store: &mut Store, curve: Curve, years: u8) -> Exit {
    let (fingerprint, _) = seal_key::create(session, curve, years)?;
    seal_key::note(session, store, "create", &fingerprint, json!({}))?;
    let (key, certificate) = seal_key::paths(session);
    session.console.json(&json!({ "schema": "probant.key.v1", "key": key, "certificate": certificate, "sha256": fingerprint }))?;
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

fn show(session: &Session) -> Exit {
    let console = &session.console;
    let source = seal_key::source(session);
    let secret = if source.is_shown_without_secret() { None } else { Some(seal_key::secret(session, false)?) };
    let standing = source.standing(secret.as_ref())?;
    let (state, days) = match standing.expiry(session.context.now()) {
        Expiry::NotYet => ("not_yet_valid", None),
        Expiry::Fine { days } => ("valid", Some(days)),
        Expiry::Soon { days, .. } => ("expires_soon", Some(days)),
        Expiry::Expired { days_ago } => ("expired", Some(-days_ago)),
    };
    let trust = match standing.trust {
        KeyTrust::SelfMade => "self_made",
        KeyTrust::Issued => "issued",
    };
    console.json(&json!({
        "schema": "probant.key.v1", "place": source.place(), "subject": standing.subject, "issuer": standing.issuer,
        "kind": standing.kind, "trust": trust, "not_before": standing.not_before, "not_after": standing.not_after,
        "state": state, "days_left": days, "chain": standing.chain, "sha256": standing.fingerprint,
    }))?;
    let line = |fr: &str, en: &str, value: &str| console.say(format!("{:<14}{value}", console.pick(fr, en)));
    line("Clé", "Key", &format!("{} ({})", source.place(), standing.kind));
    line("Au nom de", "For", &standing.subject);
    line("Émise par", "Issued by", &issuer(session, &standing));
    for authority in &standing.chain {
        line("", "", &format!("{} {authority}", console.pick("avec", "with")));
    }
    let from = seal_key::day(console, standing.not_before);
    let until = seal_key::day(console, standing.not_after);
    line("Valable", "Valid", &console.pick(format!("du {from} au {until}"), format!("from {from} until {until}")));
    line("SHA-256", "SHA-256", &standing.fingerprint);
    let said = match standing.expiry(session.context.now()) {
        Expiry::Fine { .. } => return Ok(0),
        Expiry::NotYet => {
            console.pick("Pas encore valable : elle ne scelle pas.".to_owned(), "Not valid yet: it does not seal.".to_owned())
        }
        Expiry::Soon { days, .. } => console.pick(format!("Expire dans {days} jour(s)."), format!("Expires in {days} day(s).")),
        Expiry::Expired { .. } => {
            console.pick("Expirée : elle ne scelle plus.".to_owned(), "Expired: it seals no more.".to_owned())
        }
    };
    console.say(format!("{said} {}", seal_key::next_step(console, &standing)));
    Ok(0)
}

fn issuer(session: &Session, standing: &Standing) -> String {
    match standing.trust {
        KeyTrust::Issued => standing.issuer.clone(),
        KeyTrust::SelfMade => session
            .console
            .pick(
                "elle-même (fait maison) : l'auditeur doit recevoir l'empreinte par une autre voie",
                "itself (self-made): the auditor must get the fingerprint by another way",
            )
            .to_owned(),
    }
}

fn request(session: &Session, args: &KeyRequestArgs) -> Exit {
    let console = &session.console;
    let source = seal_key::source(session);
    let subject = match args.subject.as_ref().or(session.config.file.signing.subject.as_ref()) {
        Some(subject) => subject.clone(),
        None => bundle::default_subject(&session.config.file.organisation.name)?,
    };
    let pem = bundle::certificate_request(&source, &seal_key::secret(session, false)?, &subject)?;
    let (key, _) = seal_key::paths(session);
    let path = args.output.as_ref().map_or_else(|| key.with_file_name("seal.csr.pem"), |path| session.context.folder.join(path));
    if let Some(folder) = path.parent() {
        store::atomic::folder(folder)?;
    }
    store::atomic::write(&path, pem.as_bytes())?;
    console.json(&json!({ "schema": "probant.key-request.v1", "request": path, "subject": subject }))?;
    let shown = summary::shown(&path, &session.context.folder);
    console.say(console.pick(
        format!("Demande : {shown}\nSujet : {subject}\nÀ remettre à votre autorité de certification, pour signature (digitalSignature, nonRepudiation). Au retour : `probant keys install CERTIFICAT.pem`."),
        format!("Request: {shown}\nSubject: {subject}\nTo give to your certification authority, for signing (digitalSignature, nonRepudiation). When it comes back: `probant keys install CERTIFICATE.pem`."),
    ));
    Ok(0)
}

fn install(session: &Session, files: &[PathBuf]) -> Exit {
    let console = &session.console;
    let source = seal_key::source(session);
    if let KeySource::Pkcs12(path) = &source {
        return Err(Failure::new(format!(
            "{}: a PKCS#12 file holds its certificates itself; make it again: openssl pkcs12 -export -inkey key.pem -in certificate.pem -certfile authorities.pem -out {}",
            path.display(),
            path.display()
        )));
    }
    let files: Vec<PathBuf> = files.iter().map(|file| session.context.folder.join(file)).collect();
    let mut store = session.store()?;
    let good = bundle::issued(&source, &seal_key::secret(session, false)?, &files, session.context.now())?;
    let (_, certificate) = seal_key::paths(session);
    store::atomic::folder(certificate.parent().unwrap_or(Path::new(".")))?;
    let kept = good.install(&certificate)?;
    let fingerprint = &good.standing.fingerprint;
    seal_key::note(session, &mut store, "install", fingerprint, json!({ "issuer": good.standing.issuer }))?;
    console.json(&json!({
        "schema": "probant.key.v1", "certificate": certificate, "subject": good.standing.subject, "issuer": good.standing.issuer,
        "sha256": fingerprint, "former": kept,
    }))?;
    let shown = certificate.display();
    console.say(console.pick(
        format!("Certificat en place : {shown}, émis par {}\nEmpreinte SHA-256 : {fingerprint}", good.standing.issuer),
        format!("Certificate in place: {shown}, issued by {}\nSHA-256 fingerprint: {fingerprint}", good.standing.issuer),
    ));
    if let Some(kept) = kept {
        console.say(
            console.pick(format!("L'ancien est gardé : {}", kept.display()), format!("The former one is kept: {}", kept.display())),
        );
    }
    Ok(0)
}

fn rotate(session: &Session, args: &NewKeyArgs) -> Exit {
    let console = &session.console;
    let KeySource::File { key, certificate } = seal_key::source(session) else { return Err(seal_key::not_a_file(session)) };
    if !key.exists() {
        return Err(Failure::new(format!(
            "there is no seal key at {}; make the first one with `probant keys create`",
            key.display()
        )));
    }
    let mut store = session.store()?;
    let new = seal_key::new_key(session, args.kind.into(), args.years, &seal_key::secret(session, true)?)?;
    let retired = bundle::rotate(&new, &key, &certificate)?;
    seal_key::note(session, &mut store, "rotate", &new.fingerprint, json!({ "former_certificate_sha256": retired.fingerprint }))?;
    console.json(&json!({
        "schema": "probant.key.v1", "key": key, "certificate": certificate, "sha256": new.fingerprint,
        "former": { "key": retired.key, "certificate": retired.certificate, "sha256": retired.fingerprint },
    }))?;
    let (was, old_key) = (retired.certificate.display(), retired.key.display());
    console.say(console.pick(
        format!(
            "Nouvelle clé : {}\nEmpreinte SHA-256, à donner à l'auditeur par une autre voie : {}\nLes dossiers d'avant se vérifient toujours avec --anchor {was}\nL'ancienne clé ne sert plus : {old_key} (chiffrée) ; détruisez-la quand tout est en ordre.",
            key.display(),
            new.fingerprint
        ),
        format!(
            "New key: {}\nSHA-256 fingerprint, to give the auditor by another way: {}\nFormer bundles still verify, with --anchor {was}\nThe former key serves no more: {old_key} (encrypted); destroy it once all is well.",
            key.display(),
            new.fingerprint
        ),
    ));
    Ok(0)
}

/// What the verifier passes to `--anchor`: the self-made certificate's file, or the authority by its name.
pub(in crate::cli) fn anchor(session: &Session, signer: &Signer) -> String {
    let (_, certificate) = seal_key::paths(session);
    match signer.standing() {
        Ok(standing) if standing.trust == KeyTrust::SelfMade && certificate.exists() => {
            summary::shown(&certificate, &session.context.folder)
        }
        Ok(standing) => format!("<{}>", standing.chain.last().unwrap_or(&standing.issuer)),
        Err(_) => "ca.pem".to_owned(),
    }
}

/// Where the envelopes are, for whom, and how they are opened.
pub(in crate::cli) fn say_envelopes(session: &Session, envelopes: &[PathBuf], recipients: &[Recipient]) {
    let Some(first) = envelopes.first() else { return };
    let console = &session.console;
    for path in envelopes {
        console.say(format!("{}  {}", console.pick("Chiffré    ", "Encrypted  "), summary::shown(path, &session.context.folder)));
    }
    for reader in recipients {
        console.say(format!("{:<13}{} {} (SHA-256 {})", "", console.pick("pour", "for"), reader.subject(), reader.fingerprint()));
    }
    let name = first.file_name().unwrap_or_default().to_string_lossy();
    let open = "openssl cms -decrypt -binary -inform DER -inkey key.pem";
    let command = match (envelopes.len(), name.split_once(".asice")) {
        (1, Some((bundle, _))) => format!("{open} -in {name} -out {bundle}.asice"),
        (_, Some((bundle, _))) => format!("for part in {bundle}.asice.*.p7m; do {open} -in \"$part\"; done > {bundle}.asice"),
        _ => format!("{open} -in {name}"),
    };
    console.say(console.pick(format!("Pour l'ouvrir : {command}"), format!("To open it: {command}")));
}
