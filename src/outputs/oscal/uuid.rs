//! Identifiers made from names (RFC 9562, version 5), so that nothing in a document is random.

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};

/// The namespace of every name: version 5 of `urn:probant:oscal` in the URL namespace of RFC 9562, section 6.6.
const NAMESPACE: [u8; 16] = [0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];
const OURS: &str = "urn:probant:oscal";

/// The identifier of a name of several parts. Version 5 is made with SHA-1 by definition; it names and protects nothing.
pub(super) fn of(name: &[&str]) -> String {
    // A length before each part: ("ab", "c") and ("a", "bc") are two names.
    let name: Vec<String> = name.iter().map(|part| format!("{}:{part};", part.len())).collect();
    text(&version5(version5(NAMESPACE, OURS), &name.concat()))
}

fn version5(namespace: [u8; 16], name: &str) -> [u8; 16] {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    context.update(&namespace);
    context.update(name.as_bytes());
    let mut bytes = [0; 16];
    for (byte, digested) in bytes.iter_mut().zip(context.finish().as_ref()) {
        *byte = *digested;
    }
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = (*version & 0x0f) | 0x50;
    *variant = (*variant & 0x3f) | 0x80;
    bytes
}

fn text(bytes: &[u8; 16]) -> String {
    let digit = |(n, byte): (usize, &u8)| {
        let dash = if matches!(n, 4 | 6 | 8 | 10) { "-" } else { "" };
        format!("{dash}{byte:02x}")
    };
    bytes.iter().enumerate().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_comes_out() {
        // RFC 9562, appendix A.4: www.example.com in the DNS namespace.
        let dns = [0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];
        assert_eq!(text(&version5(dns, "www.example.com")), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_eq!(of(&["a"]), of(&["a"]));
    }
}
