//! The raw capture of a live directory: what was received, as LDIF (RFC 2849), which `kind = "ldif"` reads back to the same rows.

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::ber::Entry;
use crate::sources::directory::{Attr, Attributes};

/// Writes entries.
#[derive(Default)]
pub struct Capture {
    buffer: Vec<u8>,
    encoded: String,
    /// Values of secrets that came although none was asked for.
    pub redacted: u64,
}

impl Capture {
    /// Begins with where it comes from.
    pub fn start(heading: &[String], out: &mut dyn Write) -> io::Result<Self> {
        let mut capture = Self::default();
        capture.buffer.extend_from_slice(b"version: 1\n");
        for line in heading {
            capture.comment(line);
        }
        capture.buffer.push(b'\n');
        capture.send(out)?;
        Ok(capture)
    }

    fn comment(&mut self, text: &str) {
        self.buffer.extend_from_slice(b"# ");
        // A comment ends with its line; what stands in it came from elsewhere.
        self.buffer.extend(text.bytes().map(|byte| if byte.is_ascii_control() { b' ' } else { byte }));
        self.buffer.push(b'\n');
    }

    fn send(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    pub fn entry(&mut self, entry: &Entry<'_>, names: &mut Attributes, out: &mut dyn Write) -> io::Result<()> {
        self.line(b"dn", entry.dn);
        for attribute in entry.attributes() {
            if names.resolve(attribute.name).attr == Attr::Secret {
                self.redacted += 1;
                self.buffer.extend_from_slice(attribute.name);
                self.buffer.extend_from_slice(b": [redacted]\n");
                continue;
            }
            for value in attribute.values() {
                self.line(attribute.name, value);
            }
        }
        self.buffer.push(b'\n');
        self.send(out)
    }

    fn line(&mut self, name: &[u8], value: &[u8]) {
        self.buffer.extend_from_slice(name);
        if is_safe(value) {
            self.buffer.extend_from_slice(b": ");
            self.buffer.extend_from_slice(value);
        } else {
            self.encoded.clear();
            STANDARD.encode_string(value, &mut self.encoded);
            self.buffer.extend_from_slice(b":: ");
            self.buffer.extend_from_slice(self.encoded.as_bytes());
        }
        self.buffer.push(b'\n');
    }

    /// Ends it as ldapsearch does: references, the count, and a result when it was not success, so that whoever reads it back knows.
    pub fn finish(
        mut self,
        references: &[String],
        entries: u64,
        refused: Option<(u32, &str)>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        for url in references {
            self.comment(&format!("ref{url}"));
        }
        if !references.is_empty() {
            self.buffer.push(b'\n');
        }
        if let Some((rc, text)) = refused {
            self.buffer.extend_from_slice(format!("search: 2\nresult: {rc} ").as_bytes());
            self.buffer.extend(text.bytes().map(|byte| if byte.is_ascii_graphic() || byte == b' ' { byte } else { b'?' }));
            self.buffer.extend_from_slice(b"\n\n");
        }
        self.comment(&format!("numEntries: {entries}"));
        self.send(out)
    }
}

/// SAFE-STRING, and neither a space at the end, which readers may trim.
fn is_safe(value: &[u8]) -> bool {
    match value {
        [] => true,
        [b' ' | b':' | b'<', ..] | [.., b' '] => false,
        _ => value.iter().all(|byte| (0x20..0x7F).contains(byte)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::super::ber::{OCTETS, SEQUENCE, SET, put};
    use super::*;

    #[test]
    fn values_of_every_kind_are_written_so_that_they_come_back() {
        let mut attributes = vec![];
        for (name, value) in [
            ("cn", "plain"),
            ("sn", " space"),
            ("sn", "end "),
            ("sn", "é"),
            ("sn", ""),
            ("sn", ":x"),
            ("sn", "a\nb"),
            ("userPassword", "hash"),
        ] {
            let (mut set, mut pair, mut values) = (vec![], vec![], vec![]);
            put(OCTETS, value.as_bytes(), &mut values);
            put(SET, &values, &mut set);
            put(OCTETS, name.as_bytes(), &mut pair);
            pair.extend_from_slice(&set);
            put(SEQUENCE, &pair, &mut attributes);
        }
        let mut body = vec![];
        put(OCTETS, b"cn=a,dc=x", &mut body);
        put(SEQUENCE, &attributes, &mut body);
        let mut out = vec![];
        let mut capture = Capture::start(&["from ldap://x\ny".to_owned()], &mut out).unwrap();
        capture.entry(&Entry::new(&body).unwrap(), &mut Attributes::default(), &mut out).unwrap();
        assert_eq!(capture.redacted, 1);
        capture.finish(&["ldap://b/dc=y".to_owned()], 1, Some((4, "Size\nlimit")), &mut out).unwrap();
        let expected = "version: 1\n# from ldap://x y\n\ndn: cn=a,dc=x\ncn: plain\nsn:: IHNwYWNl\nsn:: ZW5kIA==\nsn:: w6k=\nsn: \nsn:: Ong=\nsn:: YQpi\n\
                        userPassword: [redacted]\n\n# refldap://b/dc=y\n\nsearch: 2\nresult: 4 Size?limit\n\n# numEntries: 1\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
