//! Time-stamps of RFC 3161: asking authorities for them, and reading them strictly. The network itself is passed in.

pub mod definite;
mod message;
pub mod token;
pub mod tst_info;

use std::fmt;

use const_oid::ObjectIdentifier;
use der::asn1::Int;
use x509_cert::Certificate;

use crate::bundle::certificates::chain::{self, TrustAnchor};
use crate::bundle::certificates::usage::Purpose;
use crate::bundle::error::SealError;
use crate::bundle::fault::{Fault, Lang};
use crate::bundle::keys::Random;
pub use token::Token;

/// Bytes of random number in a request: the answer to another request does not bear it.
const NONCE: usize = 12;
/// An authority's clock may be behind ours by so much.
pub(super) const SKEW: jiff::SignedDuration = jiff::SignedDuration::from_mins(5);

/// Sends a request and returns the body of the answer; the size and time it may take are the sender's to bound.
pub trait Transport {
    fn post(&self, url: &str, content_type: &str, body: &[u8]) -> Result<Vec<u8>, String>;
}

/// A time-stamping authority that the organisation has chosen.
#[derive(Clone, Debug)]
pub struct Authority {
    pub url: String,
    /// Asked for, and looked for in the token.
    pub policy: Option<ObjectIdentifier>,
    /// What its certificate must lead to.
    pub anchors: Vec<TrustAnchor>,
}

/// A policy as the configuration spells it: `1.2.3.4`.
#[must_use]
pub fn policy(text: &str) -> Option<ObjectIdentifier> {
    ObjectIdentifier::new(text).ok()
}

/// Everything needed to obtain a time-stamp.
pub struct TimeStamping<'a> {
    /// The first that answers rightly serves.
    pub authorities: Vec<Authority>,
    pub transport: &'a dyn Transport,
    pub random: Random<'a>,
}

impl fmt::Debug for TimeStamping<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimeStamping").field("authorities", &self.authorities).finish_non_exhaustive()
    }
}

/// A token that was checked, and its path to the authority's anchor.
#[derive(Debug)]
pub(super) struct Stamped {
    pub(super) der: Vec<u8>,
    pub(super) token: Token,
    pub(super) path: Vec<Certificate>,
}

impl TimeStamping<'_> {
    /// A time-stamp over `data`, made after `after`, from the first authority that gives a good one.
    pub(super) fn stamp(&mut self, data: &[u8], after: jiff::Timestamp) -> Result<Stamped, SealError> {
        let mut why = Vec::new();
        for authority in &self.authorities {
            let nonce = nonce(self.random)?;
            match ask(authority, self.transport, (data, after), &nonce) {
                Ok(stamped) => return Ok(stamped),
                Err(reason) => why.push(format!("{}: {reason}", authority.url)),
            }
        }
        Err(SealError::TimeStamp { why: if why.is_empty() { "no authority is configured".into() } else { why.join("; ") } })
    }
}

fn ask(
    authority: &Authority,
    transport: &dyn Transport,
    (data, after): (&[u8], jiff::Timestamp),
    nonce: &Int,
) -> Result<Stamped, String> {
    let said = |fault: Fault| fault.text(Lang::En);
    let request = message::request(data, authority.policy, nonce).map_err(|e| e.to_string())?;
    let answer = transport.post(&authority.url, "application/timestamp-query", &request)?;
    let token = Token::parse(&message::token(&answer)?).map_err(said)?;
    if token.says.nonce.as_ref() != Some(nonce) {
        return Err("the answer bears another nonce: it was made for another request".into());
    }
    if authority.policy.is_some_and(|policy| policy != token.says.policy) {
        return Err(format!("the time-stamp follows policy {}, which was not asked for", token.says.policy));
    }
    if token.says.latest + SKEW < after {
        return Err(format!("the authority's clock says {}, before {after}: one of the two clocks is wrong", token.says.time));
    }
    let path = chain::path(&token.signer, &token.others, &authority.anchors, Purpose::TimeStamp).map_err(said)?;
    chain::check_validity(&path, token.says.time).map_err(said)?;
    // In the form that bundles keep: what leads to the anchor, and from there on for those who trust a higher one.
    let kept = token.with(&chain::prolonged(&path, &token.others), &[]).map_err(|e| e.to_string())?;
    let path: Vec<Certificate> = path.into_iter().cloned().collect();
    let token = Token::parse(&kept).map_err(said)?;
    token.check(data).map_err(said)?;
    Ok(Stamped { der: kept, token, path })
}

/// Positive and of fixed length.
fn nonce(random: Random<'_>) -> Result<Int, SealError> {
    let mut bytes = [0_u8; NONCE];
    random(&mut bytes).map_err(|e| SealError::Signature(format!("the system gave no random bytes: {e}")))?;
    if let Some(first) = bytes.first_mut() {
        *first = (*first & 0x7f) | 0x40;
    }
    Int::new(&bytes).map_err(|e| SealError::Signature(e.to_string()))
}
