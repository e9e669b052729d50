//! Names as they are compared: without accents, case, punctuation or order.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Letters and digits in lower case, accents and ligatures undone, everything else dropped.
#[must_use]
pub(super) fn squeeze(text: &str) -> String {
    if text.is_ascii() {
        // Most logins: nothing to undo.
        return text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| char::from(b.to_ascii_lowercase())).collect();
    }
    fold(text).filter(|c| c.is_alphanumeric()).collect()
}

/// The words of a name, sorted, so that `DUPONT Jean-Marc` and `Jean Marc Dupont` agree. `None` under two words: one word alone
/// names nobody.
#[must_use]
pub(super) fn key(name: &str) -> Option<String> {
    let folded: String = if name.is_ascii() {
        let plain = |b: u8| if b.is_ascii_alphanumeric() { char::from(b.to_ascii_lowercase()) } else { ' ' };
        name.bytes().map(plain).collect()
    } else {
        fold(name).map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect()
    };
    let mut words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    (words.len() > 1).then(|| words.join(" "))
}

fn fold(text: &str) -> impl Iterator<Item = char> + '_ {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).flat_map(|c| {
        // What NFKD leaves joined or barred.
        let (first, second) = match c {
            'œ' => ('o', Some('e')),
            'æ' => ('a', Some('e')),
            'ß' => ('s', Some('s')),
            'ø' => ('o', None),
            'ł' => ('l', None),
            'đ' => ('d', None),
            other => (other, None),
        };
        std::iter::once(first).chain(second)
    })
}

/// A login made from a pattern such as `{given:1}{family}`; `None` when the roster lacks a part, or the pattern names an unknown one.
#[must_use]
pub(super) fn login(pattern: &str, part: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut made = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        made.push_str(&squeeze(before));
        let (field, after) = after.split_once('}')?;
        let (name, length) = match field.split_once(':') {
            Some((name, length)) => (name, length.parse().ok()?),
            None => (field, usize::MAX),
        };
        made.extend(squeeze(&part(name)?).chars().take(length));
        rest = after;
    }
    made.push_str(&squeeze(rest));
    (!made.is_empty()).then_some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_agree_whatever_their_order_accents_and_hyphens() {
        assert_eq!(key("LEFÈVRE Anne-Laure"), key("Anne Laure Lefevre"));
        assert_eq!(key("Bœuf Zoé"), key("zoe BOEUF"));
        assert_eq!(key("Administrateur"), None);
    }

    #[test]
    fn plain_text_is_read_as_any_other() {
        for text in ["DUPONT Jean-Marc", "o'neil_2 x", "", "a\tb.c", "Mc  Kay"] {
            assert_eq!(squeeze(text), fold(text).filter(|c| c.is_alphanumeric()).collect::<String>());
            // An accent undone is no letter: it only sends the text the long way.
            let accented = format!("{text} \u{e9}");
            assert_eq!(key(&accented), key(&format!("{text} e")), "{text}");
        }
    }

    #[test]
    fn login_patterns_cut_and_squeeze() {
        let part = |name: &str| match name {
            "given" => Some("Anne-Laure".to_owned()),
            "family" => Some("Lefèvre d'Ys".to_owned()),
            _ => None,
        };
        assert_eq!(login("{given:1}{family}", part).as_deref(), Some("alefevredys"));
        assert_eq!(login("{given}.{family:7}", part).as_deref(), Some("annelaurelefevre"));
        assert_eq!(login("{employee}", part), None);
        assert_eq!(login("{given", part), None);
    }
}
