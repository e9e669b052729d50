//! The seal key at hand: signs the ledger's head after each event when that takes no question, else when a command asked anyway.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::failure::Failure;
use super::produce;
use super::session::Session;
use crate::bundle::{self, Signer, TrustAnchor};
use crate::context::Context;
use crate::custody::attest::SealNotary;
use crate::store::Store;

/// Lets the store sign its heads where the key opens without a question. A key that then does not open is said, and costs nothing
/// but the heads.
pub(super) fn at_hand(session: &Session, store: &mut Store) -> Result<(), Failure> {
    let (key, certificate) = produce::key_paths(session);
    let signing = &session.config.file.signing;
    let variable = signing.passphrase_env.as_deref().unwrap_or("PROBANT_PASSPHRASE");
    let silent = signing.passphrase_file.is_some() || Context::secret(variable).is_some();
    if !silent || !key.exists() {
        return Ok(());
    }
    let opened =
        produce::passphrase(session, false).and_then(|passphrase| Ok(bundle::load_signer(&key, &certificate, &passphrase)?));
    match opened {
        Ok(signer) => with(session, store, Rc::new(signer)),
        Err(failure) => {
            session.console.note(session.console.pick(
                format!("La tête du registre n'est pas signée : {}", failure.plain()),
                format!("The ledger's head is not signed: {}", failure.plain()),
            ));
            Ok(())
        }
    }
}

/// Lets the store sign its heads with this key.
pub(super) fn with(session: &Session, store: &mut Store, signer: Rc<Signer>) -> Result<(), Failure> {
    let organisation = session.config.file.organisation.name.clone();
    Ok(store.set_notary(Box::new(SealNotary { signer, organisation }))?)
}

/// Anchors named on the command line, and where none is: the configured certificate.
pub(super) fn anchors(session: &Session, named: &[PathBuf]) -> Result<Vec<TrustAnchor>, Failure> {
    let (_, certificate) = produce::key_paths(session);
    let own = if certificate.exists() { vec![certificate] } else { vec![] };
    load(if named.is_empty() { &own } else { named })
}

/// Every certificate of these files.
pub(super) fn load(paths: &[impl AsRef<Path>]) -> Result<Vec<TrustAnchor>, Failure> {
    let mut anchors = vec![];
    for path in paths {
        anchors.extend(TrustAnchor::load(path.as_ref())?);
    }
    Ok(anchors)
}
