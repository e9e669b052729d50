//! A text as it is compared, however a spreadsheet or a keyboard bent it.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Compatibility forms undone (NFKD), without accents, invisible signs, case, and repeated or unusual spaces.
#[must_use]
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if text.bytes().all(|byte| matches!(byte, b'!'..=b'~' if byte != b'`')) {
        out.push_str(text);
        out.make_ascii_lowercase();
        return out;
    }
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            // Soft hyphen, zero-width signs, byte-order mark.
            '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' => {}
            '’' | '‘' | '`' => out.push('\''),
            'œ' => out.push_str("oe"),
            'æ' => out.push_str("ae"),
            c if c.is_whitespace() || c.is_control() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    out.trim().to_owned()
}
