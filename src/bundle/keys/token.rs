//! A key on a PKCS#11 token (smart card, HSM): the token signs a digest that is made here; the key never leaves it.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as CryptokiError, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::ObjectHandle;
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use secrecy::SecretString;
use x509_cert::Certificate;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::signing_key::KeyKind;
use super::token_search as search;
use crate::bundle::certificates::files::{self, chain_of};
use crate::bundle::certificates::public_key::Hash;
use crate::bundle::error::KeyError;

pub(super) const NO_CERTIFICATE: &str =
    "there is no certificate of this key on it, nor in [signing] certificate. Ask for one: probant keys request";

/// DigestInfo of SHA-256 before the digest itself (RFC 8017, 9.2, note 1).
const DIGEST_INFO_SHA256: [u8; 19] =
    [0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20];

/// Which key of which token, by the names that the vendor's tools show.
#[derive(Clone, Debug, Default)]
pub struct TokenSource {
    /// The vendor's library (`opensc-pkcs11.so`, `libsofthsm2.so`…).
    pub module: PathBuf,
    /// Label of the token; without it and without a slot, the only token there is.
    pub token: Option<String>,
    pub slot: Option<u64>,
    /// `CKA_LABEL` of the key.
    pub key_label: Option<String>,
    /// `CKA_ID` of the key.
    pub key_id: Option<Vec<u8>>,
    /// Certificates in PEM, where the token holds none; the file need not be there.
    pub certificate: Option<PathBuf>,
}

impl TokenSource {
    /// An error that names the module and the token.
    pub(super) fn fault(&self, reason: impl fmt::Display) -> KeyError {
        KeyError::Token { token: self.to_string(), reason: reason.to_string() }
    }

    fn said(&self, error: &CryptokiError) -> KeyError {
        self.fault(said(error))
    }
}

impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.module.display())?;
        match (&self.token, self.slot) {
            (Some(label), _) => write!(f, ", token `{label}`"),
            (None, Some(slot)) => write!(f, ", slot {slot}"),
            (None, None) => Ok(()),
        }
    }
}

/// What a module said, without its lecture.
fn said(error: &CryptokiError) -> String {
    match error {
        CryptokiError::Pkcs11(code, function) => format!("{function:?} answered {code:?}"),
        CryptokiError::LibraryLoading(cause) => format!("the module cannot be loaded: {cause}"),
        other => other.to_string(),
    }
}

/// A key found on a token, with the session that may use it.
pub(crate) struct TokenKey {
    /// A token does one thing at a time.
    session: Mutex<Session>,
    handle: ObjectHandle,
    pub(super) kind: KeyKind,
    pub(super) public: SubjectPublicKeyInfoOwned,
    /// Keys for legally binding signatures want the PIN before each one (`CKA_ALWAYS_AUTHENTICATE`).
    pin_each_time: Option<SecretString>,
    source: TokenSource,
}

impl TokenKey {
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let raw = match &self.pin_each_time {
            None => self.sign_digest(&session, message),
            Some(pin) => self.sign_after_pin(&session, message, pin),
        };
        let raw = raw.map_err(|error| match error {
            CryptokiError::Pkcs11(RvError::MechanismInvalid, _) if self.pin_each_time.is_some() => self.source.fault(PIN_EACH_TIME),
            other => self.source.said(&other),
        })?;
        let malformed = |e: p256::ecdsa::Error| self.source.fault(format!("its signature has not the right form: {e}"));
        // A token gives r and s side by side; CMS wants them in DER, and a seal the lower s.
        match self.kind {
            KeyKind::P256 => {
                let signature = p256::ecdsa::Signature::from_slice(&raw).map_err(malformed)?;
                Ok(signature.normalize_s().to_der().as_bytes().to_vec())
            }
            KeyKind::P384 => {
                let signature = p384::ecdsa::Signature::from_slice(&raw).map_err(malformed)?;
                Ok(signature.normalize_s().to_der().as_bytes().to_vec())
            }
            KeyKind::Rsa(_) => Ok(raw),
        }
    }

    fn sign_digest(&self, session: &Session, message: &[u8]) -> Result<Vec<u8>, CryptokiError> {
        let digest = self.kind.hash().digest(message);
        match self.kind {
            KeyKind::P256 | KeyKind::P384 => session.sign(&Mechanism::Ecdsa, self.handle, &digest),
            KeyKind::Rsa(_) => {
                let info = [DIGEST_INFO_SHA256.as_slice(), &digest].concat();
                session.sign(&Mechanism::RsaPkcs, self.handle, &info)
            }
        }
    }

    /// The PIN goes between the start of the operation and its end, so the token digests the message itself.
    fn sign_after_pin(&self, session: &Session, message: &[u8], pin: &SecretString) -> Result<Vec<u8>, CryptokiError> {
        let mechanism = match (self.kind, self.kind.hash()) {
            (KeyKind::Rsa(_), _) => Mechanism::Sha256RsaPkcs,
            (_, Hash::Sha384) => Mechanism::EcdsaSha384,
            _ => Mechanism::EcdsaSha256,
        };
        session.sign_init(&mechanism, self.handle)?;
        session.login(UserType::ContextSpecific, Some(pin))?;
        session.sign_update(message)?;
        session.sign_final()
    }
}

/// The key, opened with its PIN, and its certificates: none when there are none yet.
pub(super) fn open(source: &TokenSource, pin: &SecretString) -> Result<(super::SigningKey, Vec<Certificate>), KeyError> {
    let (module, slot) = connect(source)?;
    let session = module.open_ro_session(slot).map_err(|e| source.said(&e))?;
    log_in(source, &module, slot, &session, pin)?;
    let handle = search::private_key(source, &session)?;
    let pool = pool(source, &session)?;
    let public = search::public_key(source, &session, handle, &pool)?;
    let named = |oid| source.fault(format!("only RSA and ECDSA on P-256 or P-384 can seal; this key is {oid}"));
    let kind = KeyKind::of(&public).map_err(|refusal| named(format!("{refusal:?}")))?.check(&source.to_string())?;
    let asks = search::asks_each_time(&session, handle).map_err(|e| source.said(&e))?;
    let chain = chain_of(&public, pool);
    let (pin_each_time, session) = (asks.then(|| pin.clone()), Mutex::new(session));
    Ok((super::SigningKey::Token(TokenKey { session, handle, kind, public, pin_each_time, source: source.clone() }), chain))
}

/// The certificates of the key, which a token shows to anyone. The key itself is not seen without a PIN: its public half, or a
/// certificate of its name, says which they are.
pub(super) fn public_certificates(source: &TokenSource) -> Result<Vec<Certificate>, KeyError> {
    let (module, slot) = connect(source)?;
    let session = module.open_ro_session(slot).map_err(|e| source.said(&e))?;
    let public = search::named_public(source, &session)?.ok_or_else(|| source.fault(NO_CERTIFICATE))?;
    let chain = chain_of(&public, pool(source, &session)?);
    if chain.is_empty() { Err(source.fault(NO_CERTIFICATE)) } else { Ok(chain) }
}

/// Certificates of the file, where there is one, and of the token.
fn pool(source: &TokenSource, session: &Session) -> Result<Vec<Certificate>, KeyError> {
    let mut pool = match &source.certificate {
        // A request is made before there is a certificate.
        Some(path) if path.exists() => files::read(path)?,
        _ => vec![],
    };
    pool.extend(search::certificates(source, session)?);
    Ok(pool)
}

fn connect(source: &TokenSource) -> Result<(Pkcs11, Slot), KeyError> {
    let module = Pkcs11::new(&source.module).map_err(|e| source.said(&e))?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(CryptokiError::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(source.said(&error)),
    }
    let slot = search::slot(source, &module)?;
    Ok((module, slot))
}

/// A card locks itself after a few wrong PINs: the last try is never spent here.
fn log_in(source: &TokenSource, module: &Pkcs11, slot: Slot, session: &Session, pin: &SecretString) -> Result<(), KeyError> {
    let info = || module.get_token_info(slot).map_err(|e| source.said(&e));
    let before = info()?;
    if before.user_pin_locked() {
        return Err(source.fault(LOCKED));
    }
    if before.user_pin_final_try() {
        return Err(source.fault(FINAL_TRY));
    }
    match session.login(UserType::User, Some(pin)) {
        Ok(()) | Err(CryptokiError::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
        Err(CryptokiError::Pkcs11(RvError::PinLocked, _)) => Err(source.fault(LOCKED)),
        Err(CryptokiError::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _)) => {
            Err(source.fault(wrong_pin(&info()?)))
        }
        Err(error) => Err(source.said(&error)),
    }
}

const LOCKED: &str =
    "its PIN is locked after too many wrong ones. Unlock it with the PUK or the security officer's PIN, by the vendor's tool";
const FINAL_TRY: &str = "one wrong PIN more and it locks, so it was not tried. Make sure of the PIN, log in once with the vendor's tool (pkcs11-tool --login --test), which resets the count, then run this again";

const PIN_EACH_TIME: &str = "this key wants the PIN before each signature (CKA_ALWAYS_AUTHENTICATE), which goes only when the token digests the message itself, and this one does not. Use a key without that attribute";

fn wrong_pin(after: &TokenInfo) -> String {
    let left = if after.user_pin_locked() {
        "it is locked now: unlock it with the PUK, by the vendor's tool"
    } else if after.user_pin_final_try() {
        "ONE try is left: a wrong PIN more locks it"
    } else {
        "a few wrong PINs lock it (often three), so do not let a script repeat this"
    };
    format!("wrong PIN; {left}")
}
