//! What is asked of a time-stamping authority, and its answer (RFC 3161, sections 2.4.1 and 2.4.2).

use const_oid::ObjectIdentifier;
use der::asn1::{Any, BitString, Int, OctetString};
use der::{Decode as _, Encode as _, Sequence};

use super::definite::definite;
use super::tst_info::MessageImprint;
use crate::bundle::certificates::public_key::{Hash, plain};
use crate::bundle::digest::sha256;

/// Bits of PKIFailureInfo and their names.
const FAILURES: [(usize, &str); 8] = [
    (0, "badAlg"),
    (2, "badRequest"),
    (5, "badDataFormat"),
    (14, "timeNotAvailable"),
    (15, "unacceptedPolicy"),
    (16, "unacceptedExtension"),
    (17, "addInfoNotAvailable"),
    (25, "systemFailure"),
];

#[derive(Sequence)]
struct Request {
    version: u8,
    imprint: MessageImprint,
    #[asn1(optional = "true")]
    policy: Option<ObjectIdentifier>,
    nonce: Int,
    cert_req: bool,
}

#[derive(Sequence)]
struct Status {
    code: u8,
    #[asn1(optional = "true")]
    text: Option<Vec<String>>,
    #[asn1(optional = "true")]
    failure: Option<BitString>,
}

#[derive(Sequence)]
struct Response {
    status: Status,
    #[asn1(optional = "true")]
    token: Option<Any>,
}

/// The request for a token over `data`, its certificate included.
pub(super) fn request(data: &[u8], policy: Option<ObjectIdentifier>, nonce: &Int) -> der::Result<Vec<u8>> {
    let hash_algorithm = plain(Hash::Sha256.digest_oid());
    let imprint = MessageImprint { hash_algorithm, hashed_message: OctetString::new(sha256(data))? };
    Request { version: 1, imprint, policy, nonce: nonce.clone(), cert_req: true }.to_der()
}

/// The token, in DER, if the authority granted one.
pub(super) fn token(answer: &[u8]) -> Result<Vec<u8>, String> {
    let unreadable = |e: der::Error| format!("the answer is no time-stamp response ({e})");
    let answer = definite(answer).map_err(|fault| fault.text(crate::bundle::fault::Lang::En))?;
    let response = Response::from_der(&answer).map_err(unreadable)?;
    match (response.status.code, response.token) {
        // Granted, as asked or with modifications, which are looked for afterwards.
        (0 | 1, Some(token)) => token.to_der().map_err(unreadable),
        (0 | 1, None) => Err("the authority granted the time-stamp and sent none".into()),
        (status, _) => Err(refused(status, &response.status)),
    }
}

fn refused(status: u8, said: &Status) -> String {
    let set = |bit: usize| said.failure.as_ref().is_some_and(|bits| bits.bits().nth(bit) == Some(true));
    let names = FAILURES.iter().filter(|(bit, _)| set(*bit)).map(|(_, name)| (*name).to_owned());
    let texts = said.text.iter().flatten().map(|text| text.chars().filter(|c| !c.is_control()).take(200).collect());
    let why: Vec<String> = names.chain(texts).collect();
    format!("the authority refused (status {status}): {}", if why.is_empty() { "no reason given".into() } else { why.join(", ") })
}
