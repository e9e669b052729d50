//! The sealed file handed to the auditor: one ZIP that is an ASiC-E container with a `CAdES` signature (ETSI EN 319 162-1), a
//! `BagIt` bag once unpacked (RFC 8493) and a link in a chain of bundles.
//!
//! [`seal()`] writes it, [`verify()`] reads it back and trusts nothing: it has its own strict ZIP, manifest and CMS reading,
//! because ordinary readers repair what they should refuse. The bundle seals bytes and never interprets them.
//!
//! ```text
//! container ─ ZIP in one spelling         ─┐
//! layout, lists ─ names, order, manifests ─┤
//! certificates ─► signature ─► keys       ─┼─► seal, manifests_only ─► verify ─► extend
//! tsa, lasting ─ what makes it last       ─┤
//! envelope ─ for whom alone it opens      ─┘
//! ```

pub mod certificates;
pub mod container;
pub mod digest;
pub mod envelope;
pub mod error;
pub mod extend;
pub mod fault;
pub mod keys;
pub mod lasting;
pub mod layout;
pub mod level;
pub mod lists;
pub mod manifests_only;
pub mod partial;
pub mod pinned;
pub mod read_at;
pub mod seal;
pub mod signature;
pub mod signed_text;
pub mod tsa;
pub mod verify;
pub mod verify_text;

pub use certificates::chain::TrustAnchor;
pub use certificates::crl::Crl;
pub use envelope::{EnvelopeError, Recipient};
pub use error::{KeyError, SealError};
pub use extend::{Extended, extend};
pub use fault::Lang;
pub use keys::signer::Signer;
pub use keys::{
    Curve, Expiry, Issued, KeyKind, KeyRequest, KeySource, KeyTrust, NewKey, Retired, Standing, TokenSource, certificate_request,
    create_key, default_subject, former_certificates, issued, load_signer, rotate,
};
pub use lasting::proofs::Proofs;
pub use level::Level;
pub use manifests_only::{ManifestsOnly, SealOf, manifests_only};
pub use seal::{PayloadFile, PayloadSource, SealRequest, Sealed, seal, seal_with};
pub use tsa::{Authority, TimeStamping, Transport, policy};
pub use verify::extract::ExtractError;
pub use verify::opened::Opened;
pub use verify::verdict::{Outcome, Status, Verdict};
pub use verify::{Trusted, verify, verify_source};
pub use verify_text::{VerifyText, verify_text};
