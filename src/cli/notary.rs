//! The seal key at hand: signs the ledger's head after each event when that takes no question, else when a command asked anyway.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::failure::Failure;
use super::seal_key;
use super::session::Session;
use crate::bundle::{KeySource, Signer, TrustAnchor};
use crate::custody::attest::SealNotary;
use crate::store::Store;

/// Lets the store sign its heads where the key opens without a question. A key that then does not open is said, and costs nothing
/// but the heads.
pub(super) fn at_hand(session: &Session, store: &mut Store) -> Result<(), Failure> {
    let source = seal_key::source(session);
    let there = match &source {
        KeySource::File { key, .. } => key.exists(),
        KeySource::Pkcs12(path) => path.exists(),
        // A card locks itself after a few wrong PINs: they are not tried without need.
        KeySource::Token(_) => false,
    };
    if !there || !seal_key::is_silent(session) {
        return Ok(());
    }
    match seal_key::read_secret(session, false).and_then(|secret| Ok(source.signer(&secret)?)) {
        Ok(signer) => with(session, store, Rc::clone(session.signer.get_or_init(|| Rc::new(signer)))),
        Err(failure) => {
            session.console.note(session.console.pick(
                format!("La tête du registre n'est pas signée : {}", failure.plain()),
                format!("The ledger's head is not signed: {}", failure.plain()),
            ));
            Ok(())
        }
    }
}

/// The signer, asked for if need be. Opened once: deriving a key from a passphrase takes its time.
pub(super) fn signer(session: &Session) -> Result<Rc<Signer>, Failure> {
    if let Some(signer) = session.signer.get() {
        return Ok(Rc::clone(signer));
    }
    let signer = seal_key::signer(session)?;
    Ok(Rc::clone(session.signer.get_or_init(|| Rc::new(signer))))
}

/// Lets the store sign its heads with this key.
pub(super) fn with(session: &Session, store: &mut Store, signer: Rc<Signer>) -> Result<(), Failure> {
    let organisation = session.config.file.organisation.name.clone();
    Ok(store.set_notary(Box::new(SealNotary { signer, organisation }))?)
}

/// Anchors named on the command line, and where none is: the configured certificate, and those that were in its place before.
pub(super) fn anchors(session: &Session, named: &[PathBuf]) -> Result<Vec<TrustAnchor>, Failure> {
    if !named.is_empty() {
        return load(named);
    }
    load(&seal_key::certificates(session)?)
}

/// Every certificate of these files.
pub(super) fn load(paths: &[impl AsRef<Path>]) -> Result<Vec<TrustAnchor>, Failure> {
    let mut anchors = vec![];
    for path in paths {
        anchors.extend(TrustAnchor::load(path.as_ref())?);
    }
    Ok(anchors)
}
