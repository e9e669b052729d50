//! `META-INF/ASiCManifest001.xml`: the list of digests that the signature covers (EN 319 162-1, A.4), and in the same form the
//! archive manifests, which time-stamps cover (A.7).
//!
//! There is one way to write it, and reading accepts that way only, so that no two readers can understand it differently.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use roxmltree::{Document, Node, ParsingOptions};

use crate::bundle::digest::Digest;
use crate::bundle::fault::{Fault, Phrase, phrase};
use crate::bundle::layout::{MAX_ENTRIES, SIGNATURE};

const NAMESPACE: &str = "http://uri.etsi.org/02918/v1.2.1#";
const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const SIGNATURE_TYPE: &str = "application/pkcs7-signature";
const TOKEN_TYPE: &str = "application/vnd.etsi.timestamp-token";
/// Unreserved characters of RFC 3986 and the slash stay as they are.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A file and the digest of its content.
pub type Reference = (String, Digest);

/// An archive manifest: what a time-stamp covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArchiveList {
    /// The time-stamp's file.
    pub token: String,
    /// Sorted by name.
    pub references: Vec<Reference>,
    /// The archive manifest before this one, among the references.
    pub previous: Option<String>,
}

/// One reference a line; `references` sorted by name.
#[must_use]
pub fn write(references: &[Reference]) -> String {
    write_list((SIGNATURE, SIGNATURE_TYPE), references, None)
}

#[must_use]
pub fn write_archive(list: &ArchiveList) -> String {
    write_list((&list.token, TOKEN_TYPE), &list.references, list.previous.as_deref())
}

fn write_list((sealed_by, media): (&str, &str), references: &[Reference], previous: Option<&str>) -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <asic:ASiCManifest xmlns:asic=\"{NAMESPACE}\" xmlns:ds=\"{DSIG}\">\n\
         <asic:SigReference URI=\"{sealed_by}\" MimeType=\"{media}\"/>\n"
    );
    for (name, digest) in references {
        let uri = utf8_percent_encode(name, ESCAPED);
        let value = BASE64.encode(digest);
        let root = if previous == Some(name) { " Rootfile=\"true\"" } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            xml,
            "<asic:DataObjectReference URI=\"{uri}\"{root}><ds:DigestMethod Algorithm=\"{SHA256}\"/>\
             <ds:DigestValue>{value}</ds:DigestValue></asic:DataObjectReference>"
        );
    }
    xml.push_str("</asic:ASiCManifest>\n");
    xml
}

/// The references, if these are the very bytes that [`write()`] gives for them.
pub fn read(bytes: &[u8]) -> Result<Vec<Reference>, Fault> {
    let list = read_list(bytes)?;
    if list.token != SIGNATURE {
        return Err(Fault::bare(&SIG_REFERENCE));
    }
    if write(&list.references).as_bytes() == bytes { Ok(list.references) } else { Err(Fault::bare(&NOT_CANONICAL)) }
}

/// The list, if these are the very bytes that [`write_archive`] gives for it.
pub fn read_archive(bytes: &[u8]) -> Result<ArchiveList, Fault> {
    let list = read_list(bytes)?;
    if write_archive(&list).as_bytes() == bytes { Ok(list) } else { Err(Fault::bare(&NOT_CANONICAL)) }
}

fn read_list(bytes: &[u8]) -> Result<ArchiveList, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|e| Fault::new(&NOT_XML, e.to_string()))?;
    if text.contains("<!") {
        return Err(Fault::bare(&DOCTYPE));
    }
    // Four nodes a reference and a line end, under a root that has two more.
    let nodes = u32::try_from(MAX_ENTRIES * 6).unwrap_or(u32::MAX);
    let options = ParsingOptions { allow_dtd: false, nodes_limit: nodes, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|e| Fault::new(&NOT_XML, e.to_string()))?;
    let root = document.root_element();
    if !root.has_tag_name((NAMESPACE, "ASiCManifest")) {
        return Err(Fault::new(&STRUCTURE, root.tag_name().name()));
    }
    let mut children = root.children().filter(Node::is_element);
    let seal = children.next().filter(|node| is(*node, "SigReference")).and_then(|node| node.attribute("URI"));
    let token = seal.ok_or_else(|| Fault::bare(&SIG_REFERENCE))?.to_owned();
    let references: Vec<Node<'_, '_>> = children.collect();
    let previous = references.iter().find(|node| node.attribute("Rootfile").is_some()).map(|node| read_reference(*node));
    let references: Vec<Reference> = references.into_iter().map(read_reference).collect::<Result<_, _>>()?;
    if let Some((_, after)) = references.iter().zip(references.iter().skip(1)).find(|(a, b)| a.0 >= b.0) {
        return Err(Fault::new(&NOT_SORTED, after.0.clone()));
    }
    Ok(ArchiveList { token, references, previous: previous.transpose()?.map(|(name, _)| name) })
}

fn read_reference(node: Node<'_, '_>) -> Result<Reference, Fault> {
    if !is(node, "DataObjectReference") {
        return Err(Fault::new(&STRUCTURE, node.tag_name().name()));
    }
    let uri = node.attribute("URI").ok_or_else(|| Fault::new(&STRUCTURE, "URI"))?;
    let broken = || Fault::new(&STRUCTURE, uri);
    let name = percent_decode_str(uri).decode_utf8().map_err(|e| Fault::new(&STRUCTURE, format!("{uri} ({e})")))?;
    let dsig = |tag: &'static str| node.children().find(|child| child.has_tag_name((DSIG, tag)));
    let method = dsig("DigestMethod").and_then(|m| m.attribute("Algorithm")).ok_or_else(broken)?;
    if method != SHA256 {
        return Err(Fault::new(&WEAK_DIGEST, format!("{uri} ({method})")));
    }
    let value = dsig("DigestValue").and_then(|v| v.text()).ok_or_else(broken)?;
    let digest = BASE64.decode(value).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(broken)?;
    Ok((name.into_owned(), digest))
}

fn is(node: Node<'_, '_>, tag: &'static str) -> bool {
    node.has_tag_name((NAMESPACE, tag))
}

static NOT_XML: Phrase = phrase("the signed manifest is not readable XML", "le manifeste signé n'est pas du XML lisible");
static DOCTYPE: Phrase = phrase(
    "the signed manifest has a document type or a comment, which none may have",
    "le manifeste signé comporte une DOCTYPE ou un commentaire, ce qui n'est jamais permis",
);
static STRUCTURE: Phrase =
    phrase("the signed manifest is not built as it must be", "le manifeste signé n'est pas construit comme il le doit");
static SIG_REFERENCE: Phrase =
    phrase("the signed manifest does not point at its own signature", "le manifeste signé ne désigne pas sa propre signature");
static NOT_SORTED: Phrase = phrase(
    "the signed manifest names a file twice, or out of order",
    "le manifeste signé nomme un fichier deux fois, ou dans le désordre",
);
static WEAK_DIGEST: Phrase =
    phrase("the signed manifest uses another digest than SHA-256", "le manifeste signé emploie une autre empreinte que SHA-256");
static NOT_CANONICAL: Phrase = phrase(
    "the signed manifest is not in its only admissible spelling: it was edited",
    "le manifeste signé n'est pas dans sa seule écriture admise : il a été retouché",
);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn sample() -> Vec<Reference> {
        vec![("bag-info.txt".into(), [1; 32]), ("data/été & <hiver>.csv".into(), [2; 32])]
    }

    #[test]
    fn what_is_written_is_read_back() {
        let xml = write(&sample());
        assert!(xml.contains("URI=\"data/%C3%A9t%C3%A9%20%26%20%3Chiver%3E.csv\""), "{xml}");
        assert_eq!(read(xml.as_bytes()).unwrap(), sample());
        assert_eq!(read(write(&[]).as_bytes()).unwrap(), vec![]);
    }

    #[test]
    fn every_other_spelling_is_refused() {
        let xml = write(&sample());
        let twice = write(&[sample(), sample()].concat());
        let reversed = write(&sample().into_iter().rev().collect::<Vec<_>>());
        for (wrong, why) in [
            (xml.replacen("/>\n", " />\n", 1), &NOT_CANONICAL),
            (xml.replacen("%C3%A9", "%c3%a9", 1), &NOT_CANONICAL),
            (xml.replacen("data/", "data%2F", 1), &NOT_CANONICAL),
            (xml.replace('\n', "\r\n"), &NOT_CANONICAL),
            (format!("{xml}\n"), &NOT_CANONICAL),
            (xml.replacen("MimeType", "Rootfile=\"true\" MimeType", 1), &NOT_CANONICAL),
            (xml.replacen("xmlenc#sha256", "xmldsig#sha1", 1), &WEAK_DIGEST),
            (xml.replacen("signature001", "signature002", 1), &SIG_REFERENCE),
            (xml.replacen("<asic:ASiC", "<!DOCTYPE x><asic:ASiC", 1), &DOCTYPE),
            (xml.replacen("<asic:ASiC", "<!-- x --><asic:ASiC", 1), &DOCTYPE),
            (xml.replacen("02918/v1.2.1#", "02918/v1.1.1#", 1), &STRUCTURE),
            (twice, &NOT_SORTED),
            (reversed, &NOT_SORTED),
            ("<a".into(), &NOT_XML),
        ] {
            assert_eq!(read(wrong.as_bytes()).unwrap_err().phrase, why, "{wrong}");
        }
    }
}
