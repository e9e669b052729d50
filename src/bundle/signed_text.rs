//! A small text and its seal in one file: S/MIME `multipart/signed` (RFC 8551, 3.5.3), which `openssl cms -verify` and mail programs
//! check without Probant.
//!
//! There is one way to write such a file, and reading accepts that way only, with either line end.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::bundle::certificates::chain::{self, TrustAnchor};
use crate::bundle::certificates::fingerprint;
use crate::bundle::digest::{hex, sha256};
use crate::bundle::error::SealError;
use crate::bundle::fault::{Fault, Phrase, phrase};
use crate::bundle::keys::signer::Signer;
use crate::bundle::signature::check;
use crate::bundle::signature::cms;

/// Characters of a line of base64 (RFC 2045 allows 76; PEM and OpenSSL write 64).
const LINE: usize = 64;
/// Headers of the part that is signed. They are signed too.
const PART: &str = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
const SEAL_PART: &str = "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\nContent-Transfer-Encoding: base64\r\n\
     Content-Disposition: attachment; filename=\"smime.p7s\"\r\n\r\n";
/// Says how to check the file, where mail programs show nothing.
const PREAMBLE: &str = "To check this page / pour controler cette page :\r\n\
     openssl cms -verify -in THIS_FILE -CAfile ca.pem -no-CApath -no-CAstore\r\n";

/// A text whose signature is right. Whether its signer is trusted is said apart.
#[derive(Debug)]
pub struct SignedText {
    /// With `\n` at line ends.
    pub text: String,
    parsed: cms::Parsed,
}

/// Seals a text (line ends `\n`), claimed to be written at `instant`.
pub fn sign(signer: &Signer, text: &str, instant: jiff::Timestamp) -> Result<Vec<u8>, SealError> {
    let content = content(text);
    let seal = signer.sign(content.as_bytes(), instant)?;
    Ok(write(&content, &seal).into_bytes())
}

/// Reads a sealed text and checks its signature.
pub fn open(bytes: &[u8]) -> Result<SignedText, Fault> {
    let written = std::str::from_utf8(bytes).map_err(|e| Fault::new(&NOT_SIGNED_TEXT, e.to_string()))?;
    let written = written.replace("\r\n", "\n").replace('\n', "\r\n");
    let (content, seal) = parts(&written).ok_or_else(|| Fault::bare(&NOT_SIGNED_TEXT))?;
    if write(&content, &seal) != written {
        return Err(Fault::bare(&NOT_SIGNED_TEXT));
    }
    let parsed = cms::parse_bare(&seal)?;
    check::check_value(&parsed, content.as_bytes())?;
    check::check_signing_certificate(&parsed)?;
    chain::check_no_stranger(&parsed.signer, &parsed.others)?;
    let text = content.strip_prefix(PART).unwrap_or_default().replace("\r\n", "\n");
    Ok(SignedText { text, parsed })
}

impl SignedText {
    /// Whether the signer leads to an anchor, everything on the way being valid at `at`.
    pub fn check_signer(&self, anchors: &[TrustAnchor], at: jiff::Timestamp) -> Result<(), Fault> {
        chain::check(&self.parsed.signer, &self.parsed.others, anchors, at)
    }

    /// SHA-256 of the signer's certificate, as pairs joined by colons.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.parsed.signer).unwrap_or_default()
    }
}

/// What is signed: the part's headers and the text, with the line ends of mail.
fn content(text: &str) -> String {
    format!("{PART}{}", text.replace('\n', "\r\n"))
}

fn boundary(content: &str) -> String {
    let digest = hex(&sha256(content.as_bytes()));
    format!("probant-{}", digest.get(..32).unwrap_or_default())
}

fn write(content: &str, seal: &[u8]) -> String {
    let boundary = boundary(content);
    let text = BASE64.encode(seal);
    let lines: Vec<&str> = text.as_bytes().chunks(LINE).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!(
        "MIME-Version: 1.0\r\n\
         Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=\"sha-256\"; boundary=\"{boundary}\"\r\n\r\n\
         {PREAMBLE}\r\n--{boundary}\r\n{content}\r\n--{boundary}\r\n{SEAL_PART}{}\r\n\r\n--{boundary}--\r\n",
        lines.join("\r\n")
    )
}

/// The signed content and the seal. The caller writes them again and compares: what is not looked at here is looked at there.
fn parts(written: &str) -> Option<(String, Vec<u8>)> {
    let (_, rest) = written.split_once("boundary=\"")?;
    let (boundary, rest) = rest.split_once('"')?;
    let delimiter = format!("\r\n--{boundary}\r\n");
    let (_, rest) = rest.split_once(&delimiter)?;
    let (content, seal) = rest.rsplit_once(&delimiter)?;
    let (_, seal) = seal.split_once("\r\n\r\n")?;
    let (seal, _) = seal.split_once("\r\n\r\n")?;
    let seal = BASE64.decode(seal.replace("\r\n", "")).ok()?;
    content.starts_with(PART).then(|| (content.to_owned(), seal))
}

static NOT_SIGNED_TEXT: Phrase = phrase(
    "it is not a page that Probant signed, or it was edited",
    "ce n'est pas une page signée par Probant, ou elle a été modifiée",
);
