//! The sealed file handed to the auditor: one ZIP that is an ASiC-E container with a `CAdES` signature (ETSI EN 319 162-1), a
//! `BagIt` bag once unpacked (RFC 8493) and a link in a chain of bundles.
//!
//! [`seal()`] writes it, [`verify()`] reads it back and trusts nothing: it has its own strict ZIP, manifest and CMS reading,
//! because ordinary readers repair what they should refuse. The bundle seals bytes and never interprets them.
//!
//! ```text
//! layout ─ names, order         zip_format ─┬─ zip_write ─┐
//! asic, bagit ─ manifests                   └─ zip_read ──┼─► seal, verify ─► verdict
//! keys, sign, cms ─ the seal    check_signature, chain ───┘
//! ```

pub mod asic;
pub mod bagit;
pub mod chain;
pub mod check_signature;
pub mod cms;
pub mod contents;
pub mod digest;
pub mod error;
pub mod extract;
pub mod fault;
pub mod keys;
pub mod layout;
pub mod manifests_only;
pub mod opened;
pub mod partial;
pub mod pinned;
pub mod public_key;
pub mod read_at;
pub mod seal;
mod seal_profile;
pub mod sign;
pub mod signed_text;
pub mod verdict;
pub mod verify;
pub mod verify_text;
pub mod zip_format;
pub mod zip_read;
pub mod zip_stream;
pub mod zip_write;

pub use chain::TrustAnchor;
pub use error::{KeyError, SealError};
pub use extract::ExtractError;
pub use fault::Lang;
pub use keys::{KeyRequest, NewKey, create_key, load_signer};
pub use manifests_only::{ManifestsOnly, SealOf, manifests_only};
pub use opened::Opened;
pub use seal::{PayloadFile, PayloadSource, SealRequest, Sealed, seal};
pub use sign::Signer;
pub use verdict::{Outcome, Status, Verdict};
pub use verify::{verify, verify_source};
pub use verify_text::{VerifyText, verify_text};
