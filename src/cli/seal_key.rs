//! The seal key of a configuration: where it lies, the secret that opens it, and whether its time is over.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use zeroize::Zeroizing;

use super::console::Console;
use super::failure::Failure;
use super::session::Session;
use crate::bundle::{self, Curve, Expiry, KeyRequest, KeySource, KeyTrust, NewKey, Signer, Standing, TokenSource};
use crate::context::Context;
use crate::store::{self, Store};

/// Bytes of a passphrase file; whatever is longer is another file.
const LONGEST: u64 = 4096;
/// Years that a self-made certificate is valid for.
pub(super) const YEARS: u8 = 5;

/// Paths of the seal key and its certificate, when they are files.
pub(super) fn paths(session: &Session) -> (PathBuf, PathBuf) {
    let signing = &session.config.file.signing;
    let keys = session.store_path().join("keys");
    let path = |set: &Option<PathBuf>, default: &str| {
        set.as_ref().map_or_else(|| keys.join(default), |path| session.config.base.join(path))
    };
    (path(&signing.key, "seal.key.pem"), path(&signing.certificate, "seal.cert.pem"))
}

/// The certificate file in place, if any, and those that were there before it.
pub(super) fn certificates(session: &Session) -> Result<Vec<PathBuf>, Failure> {
    let (_, certificate) = paths(session);
    let mut found: Vec<PathBuf> = bundle::former_certificates(&certificate)?;
    if certificate.exists() {
        found.insert(0, certificate);
    }
    Ok(found)
}

/// Where `[signing]` says that the key lies.
pub(super) fn source(session: &Session) -> KeySource {
    let signing = &session.config.file.signing;
    let (key, certificate) = paths(session);
    if let Some(path) = &signing.pkcs12 {
        return KeySource::Pkcs12(session.config.base.join(path));
    }
    match &signing.pkcs11 {
        None => KeySource::File { key, certificate },
        Some(token) => KeySource::Token(TokenSource {
            module: session.config.base.join(&token.module),
            token: token.token.clone(),
            slot: token.slot,
            key_label: token.key_label.clone(),
            key_id: token.id(),
            certificate: Some(certificate),
        }),
    }
}

/// The passphrase or PIN: from the file or descriptor configured, else the environment, else a prompt. A `new` one is typed twice.
pub(super) fn secret(session: &Session, new: bool) -> Result<SecretString, Failure> {
    if let Some(path) = &session.config.file.signing.passphrase_file {
        warn_of_others(session, &session.config.base.join(path))?;
    }
    read_secret(session, new)
}

/// The same without a word on who else can read it.
pub(super) fn read_secret(session: &Session, new: bool) -> Result<SecretString, Failure> {
    let signing = &session.config.file.signing;
    if let Some(path) = &signing.passphrase_file {
        return from_file(&session.config.base.join(path));
    }
    if let Some(descriptor) = signing.passphrase_fd {
        return from_file(Path::new(&format!("/dev/fd/{descriptor}"))).map_err(|failure| {
            failure.hint(&format!("[signing] passphrase_fd = {descriptor}: give it, as in `probant … {descriptor}< file`"))
        });
    }
    let variable = variable(session);
    if let Some(secret) = Context::secret(variable) {
        return Ok(secret);
    }
    prompt(session, variable, new)
}

/// Whether the secret is there without a question, and can be read more than once.
pub(super) fn is_silent(session: &Session) -> bool {
    let signing = &session.config.file.signing;
    signing.passphrase_file.is_some() || signing.passphrase_fd.is_none() && Context::secret(variable(session)).is_some()
}

/// Environment variable that holds the secret.
fn variable(session: &Session) -> &str {
    let signing = &session.config.file.signing;
    let default = if signing.pkcs11.is_some() { "PROBANT_PIN" } else { "PROBANT_PASSPHRASE" };
    signing.passphrase_env.as_deref().unwrap_or(default)
}

fn prompt(session: &Session, variable: &str, new: bool) -> Result<SecretString, Failure> {
    let console = &session.console;
    let question = match (session.config.file.signing.pkcs11.is_some(), new) {
        (true, _) => console.pick("Code PIN de la carte ou du HSM : ", "PIN of the card or HSM: "),
        (false, true) => console.pick("Phrase secrète de la nouvelle clé de scellement : ", "Passphrase of the new seal key: "),
        (false, false) => console.pick("Phrase secrète de la clé de scellement : ", "Passphrase of the seal key: "),
    };
    let typed = rpassword::prompt_password(question).map_err(|error| {
        Failure::new(format!(
            "no passphrase for the seal key, and no terminal to ask for it ({error}). Set {variable}, or [signing] passphrase_file or passphrase_fd in probant.toml"
        ))
    })?;
    if new {
        let again =
            Zeroizing::new(rpassword::prompt_password(console.pick("La même, encore une fois : ", "The same once more: "))?);
        if *again != typed {
            return Err(Failure::new("the two passphrases differ; nothing was made"));
        }
    }
    Ok(SecretString::from(typed))
}

/// The text of a small file, without the end of its line.
fn from_file(path: &Path) -> Result<SecretString, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", path.display()));
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(LONGEST).unwrap_or_default() + 1));
    File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text)).map_err(failed)?;
    if text.len() as u64 > LONGEST {
        return Err(Failure::new(format!("{}: longer than any passphrase ({LONGEST} bytes)", path.display())));
    }
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// A passphrase that others can read protects nothing.
fn warn_of_others(session: &Session, path: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = std::fs::metadata(path).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    let mode = metadata.permissions().mode() & 0o777;
    if metadata.is_file() && mode & 0o077 != 0 {
        let shown = path.display();
        session.console.note(session.console.pick(
            format!("La phrase secrète {shown} est lisible par d'autres (mode {mode:03o}) ; tapez : chmod 600 {shown}"),
            format!("The passphrase {shown} can be read by others (mode {mode:03o}); type: chmod 600 {shown}"),
        ));
    }
    Ok(())
}

/// A new key with its self-made certificate, not yet on disk.
pub(super) fn new_key(session: &Session, curve: Curve, years: u8, passphrase: &SecretString) -> Result<NewKey, Failure> {
    let now = session.context.now();
    let validity = jiff::SignedDuration::from_hours(i64::from(years) * 365 * 24);
    Ok(bundle::create_key(
        curve,
        &KeyRequest {
            organisation: &session.config.file.organisation.name,
            not_before: now,
            not_after: now.saturating_add(validity).map_err(|error| Failure::new(error.to_string()))?,
            passphrase,
        },
        &mut random,
    )?)
}

/// The system's random bytes.
pub(super) fn random(buffer: &mut [u8]) -> std::io::Result<()> {
    getrandom::fill(buffer).map_err(std::io::Error::other)
}

/// Makes the first key under a new passphrase; its certificate's fingerprint, and the passphrase.
pub(super) fn create(session: &Session, curve: Curve, years: u8) -> Result<(String, SecretString), Failure> {
    let KeySource::File { key, certificate } = source(session) else {
        return Err(not_a_file(session));
    };
    if key.exists() {
        return Err(Failure::new(format!(
            "{}: already exists; a key is never overwritten. A new one in its place: `probant keys rotate`",
            key.display()
        )));
    }
    let passphrase = secret(session, true)?;
    let made = new_key(session, curve, years, &passphrase)?;
    for path in [&key, &certificate] {
        store::atomic::folder(path.parent().unwrap_or(Path::new(".")))?;
    }
    made.write(&key, &certificate)?;
    Ok((made.fingerprint, passphrase))
}

/// Writes what happened to the key in the ledger.
pub(super) fn note(
    session: &Session,
    store: &mut Store,
    action: &str,
    fingerprint: &str,
    mut data: serde_json::Value,
) -> Result<(), Failure> {
    if let Some(data) = data.as_object_mut() {
        data.insert("action".into(), action.into());
        data.insert("certificate_sha256".into(), fingerprint.into());
    }
    Ok(store.note("key", session.context.now(), data)?)
}

/// A command that works on key files, while the key is elsewhere.
pub(super) fn not_a_file(session: &Session) -> Failure {
    Failure::new(session.console.pick(
        "la clé de [signing] n'est pas un fichier PKCS#8 : faites la nouvelle avec l'outil de la carte, du HSM ou d'openssl, puis désignez-la dans [signing] ; les anciens dossiers gardent leur certificat et restent valides",
        "the key of [signing] is not a PKCS#8 file: make the new one with the tool of the card or HSM or with openssl, then name it in [signing]; old bundles keep their certificate and stay valid",
    ))
}

/// The signer; made first when the configuration says so and there is none. Refused when its certificate's time is over.
pub(super) fn signer(session: &Session) -> Result<Signer, Failure> {
    let source = source(session);
    let mut known = None;
    if let KeySource::File { key, certificate } = &source
        && !key.exists()
    {
        if !session.config.file.signing.create {
            return Err(Failure::new(format!("there is no seal key at {}; make one with `probant keys create`", key.display())));
        }
        // Not in the ledger: a run gives the same store with a key that was there as with one made on the way. The bundle's event
        // names the certificate.
        let (fingerprint, passphrase) = create(session, Curve::default(), YEARS)?;
        known = Some(passphrase);
        session.console.note(session.console.pick(
            format!(
                "Clé de scellement créée : {}. Empreinte à donner à l'auditeur par une autre voie : {fingerprint}",
                certificate.display()
            ),
            format!("Seal key made: {}. Fingerprint to give the auditor by another way: {fingerprint}", certificate.display()),
        ));
    }
    // Before the passphrase is asked for, where that can be told.
    if source.is_shown_without_secret() && !matches!(source, KeySource::Token(_)) {
        refuse_expired(session, &source.standing(None)?)?;
    }
    // Asked for once.
    let secret = known.map_or_else(|| secret(session, false), Ok)?;
    let signer = source.signer(&secret)?;
    in_time(session, &signer.standing()?)?;
    Ok(signer)
}

/// Refuses a certificate whose time is over, and says when that is near.
pub(super) fn in_time(session: &Session, standing: &Standing) -> Result<(), Failure> {
    refuse_expired(session, standing)?;
    warn(session, standing);
    Ok(())
}

fn refuse_expired(session: &Session, standing: &Standing) -> Result<(), Failure> {
    let console = &session.console;
    let now = session.context.now();
    let what = |verb: &str, at| format!("{} {verb} {}", standing.subject, day(console, at));
    match standing.expiry(now) {
        Expiry::Fine { .. } | Expiry::Soon { .. } => Ok(()),
        Expiry::Expired { .. } => Err(Failure::new(console.pick(
            format!(
                "le certificat de scellement {} : un dossier scellé avec lui ne prouverait rien. {}",
                what("a expiré le", standing.not_after),
                next_step(console, standing)
            ),
            format!(
                "the seal certificate {}: a bundle sealed with it would prove nothing. {}",
                what("expired on", standing.not_after),
                next_step(console, standing)
            ),
        ))),
        Expiry::NotYet => Err(Failure::new(console.pick(
            format!("le certificat de scellement {}", what("n'est pas valable avant le", standing.not_before)),
            format!("the seal certificate {}", what("is not valid before", standing.not_before)),
        ))),
    }
}

/// Says that the certificate's time is nearly over.
fn warn(session: &Session, standing: &Standing) {
    let console = &session.console;
    let Expiry::Soon { days, within } = standing.expiry(session.context.now()) else { return };
    let urgency = match within {
        7 => console.pick("URGENT : ", "URGENT: "),
        30 => console.pick("Attention : ", "Warning: "),
        _ => "",
    };
    let end = day(console, standing.not_after);
    session.console.note(console.pick(
        format!("{urgency}le certificat de scellement expire dans {days} jour(s), le {end}. {}", next_step(console, standing)),
        format!("{urgency}the seal certificate expires in {days} day(s), on {end}. {}", next_step(console, standing)),
    ));
}

/// The same where the key itself is not needed: from the certificate file, which no secret protects.
pub(super) fn warn_from_file(session: &Session) {
    let (_, certificate) = paths(session);
    if session.config.file.signing.pkcs12.is_some() || !certificate.exists() {
        return;
    }
    match (KeySource::File { key: certificate.clone(), certificate }).standing(None) {
        Err(error) => session.console.note(error.to_string()),
        Ok(standing) => match standing.expiry(session.context.now()) {
            Expiry::Expired { .. } | Expiry::NotYet => {
                if let Err(failure) = refuse_expired(session, &standing) {
                    session.console.note(failure.plain());
                }
            }
            Expiry::Soon { .. } | Expiry::Fine { .. } => warn(session, &standing),
        },
    }
}

pub(super) fn next_step(console: &Console, standing: &Standing) -> &'static str {
    match standing.trust {
        KeyTrust::SelfMade => console.pick(
            "Faites une nouvelle clé : `probant keys rotate` (les anciens dossiers restent valides), et donnez sa nouvelle empreinte à l'auditeur.",
            "Make a new key: `probant keys rotate` (old bundles stay valid), and give the auditor its new fingerprint.",
        ),
        KeyTrust::Issued => console.pick(
            "Demandez le suivant à votre autorité : `probant keys request`, puis `probant keys install`.",
            "Ask your authority for the next one: `probant keys request`, then `probant keys install`.",
        ),
    }
}

/// A day as people of the language write it.
pub(super) fn day(console: &Console, instant: jiff::Timestamp) -> String {
    console.lang.date(jiff::tz::Offset::UTC.to_datetime(instant).date())
}
