//! The sealed file handed to the auditor: one ZIP that is an ASiC-E container with a `CAdES` signature (ETSI EN 319 162-1), a
//! `BagIt` bag once unpacked (RFC 8493) and a link in a chain of bundles.
//!
//! [`seal()`] writes it, [`verify()`] reads it back and trusts nothing: it has its own strict ZIP, manifest and CMS reading,
//! because ordinary readers repair what they should refuse. The bundle seals bytes and never interprets them.
//!
//! ```text
//! layout ─ names, order         zip_format ─┬─ zip_write ─┐
//! asic, bagit ─ manifests                   └─ zip_read ──┼─► seal, verify ─► verdict
//! keys, sign, cms ─ the seal    check_signature, chain ───┤
//! tsa, crl, proofs ─ what makes it last    verify_time ───┤
//! archive ─ archive time-stamps, renewed by extend ───────┘
//! ```

mod ahead;
pub mod archive;
pub mod asic;
pub mod bagit;
pub mod chain;
pub mod check_signature;
pub mod cms;
pub mod content;
pub mod contents;
pub mod crl;
pub mod digest;
pub mod envelope;
pub mod error;
pub mod extend;
pub mod extract;
pub mod fault;
pub mod keys;
pub mod layout;
pub mod level;
pub mod manifests_only;
pub mod opened;
mod packing;
pub mod partial;
pub mod pinned;
pub mod proofs;
pub mod public_key;
pub mod read_at;
mod rsa_key;
pub mod seal;
pub mod sign;
pub mod signed_text;
pub mod tsa;
pub mod usage;
pub mod verdict;
pub mod verify;
pub mod verify_text;
mod verify_time;
pub mod zip_format;
pub mod zip_read;
pub mod zip_stream;
pub mod zip_write;

pub use chain::TrustAnchor;
pub use crl::Crl;
pub use envelope::{EnvelopeError, Recipient};
pub use error::{KeyError, SealError};
pub use extend::{Extended, extend};
pub use extract::ExtractError;
pub use fault::Lang;
pub use keys::{
    Curve, Expiry, Issued, KeyKind, KeyRequest, KeySource, NewKey, Retired, Standing, TokenSource, Trust as KeyTrust,
    certificate_request, create_key, default_subject, former_certificates, issued, load_signer, rotate,
};
pub use level::Level;
pub use manifests_only::{ManifestsOnly, SealOf, manifests_only};
pub use opened::Opened;
pub use proofs::Proofs;
pub use seal::{PayloadFile, PayloadSource, SealRequest, Sealed, seal, seal_with};
pub use sign::Signer;
pub use tsa::{Authority, TimeStamping, Transport, policy};
pub use verdict::{Outcome, Status, Verdict};
pub use verify::{Trusted, verify, verify_source};
pub use verify_text::{VerifyText, verify_text};
