//! A key and its certificates in one PKCS#12 file (`.p12`, `.pfx`), as OpenSSL, Windows and the tools of authorities export them: AES
//! of today, and the RC2 and 3DES of older ones.

use std::path::Path;

use p12_keystore::error::Error as P12Error;
use p12_keystore::{KeyStore, KeyStoreEntry, PrivateKeyChain};
use secrecy::{ExposeSecret as _, SecretString};

use super::file::read_secret;
use super::signing_key::SigningKey;
use crate::bundle::certificates::files::{chain_of, from_der};
use crate::bundle::error::KeyError;
use crate::bundle::keys::signer::Signer;

pub(super) fn open(path: &Path, passphrase: &SecretString) -> Result<Signer, KeyError> {
    let refuse = |reason: String| KeyError::Pkcs12 { path: path.to_owned(), reason };
    let bytes = read_secret(path)?;
    if passphrase.expose_secret().is_empty() {
        return Err(KeyError::NoPassphrase { path: path.to_owned() });
    }
    let store = KeyStore::from_pkcs12(&bytes, passphrase.expose_secret()).map_err(|error| match error {
        P12Error::MacError(_) => KeyError::WrongPassphrase { path: path.to_owned() },
        other => refuse(format!("{other}{HINT}")),
    })?;
    let entry = single(&store).map_err(refuse)?;
    let place = path.display().to_string();
    let key = SigningKey::from_pkcs8(entry.key(), &place)?.ok_or_else(|| refuse("its key is no PKCS#8".into()))?;
    let public = key.public().map_err(|e| KeyError::Build(e.to_string()))?;
    let certificates = entry.chain().iter().map(|c| from_der(c.as_der())).collect::<Result<Vec<_>, _>>().map_err(refuse)?;
    let chain = chain_of(&public, certificates);
    if chain.is_empty() {
        return Err(refuse("it holds no certificate of its key".into()));
    }
    super::signer(key, chain)
}

const HINT: &str =
    ". Write it again: openssl pkcs12 -in old.p12 -out all.pem, then openssl pkcs12 -export -in all.pem -out new.p12";

/// The only key of the file.
fn single(store: &KeyStore) -> Result<&PrivateKeyChain, String> {
    let keys: Vec<_> = store
        .entries()
        .filter_map(|(alias, entry)| match entry {
            KeyStoreEntry::PrivateKeyChain(chain) => Some((alias, chain)),
            _ => None,
        })
        .collect();
    match keys.as_slice() {
        [(_, chain)] => Ok(chain),
        [] => Err("it holds no encrypted private key with its certificate".into()),
        several => {
            let names: Vec<&str> = several.iter().map(|(alias, _)| alias.as_str()).collect();
            Err(format!("it holds {} keys ({}); export the one that seals to a file of its own", names.len(), names.join(", ")))
        }
    }
}
