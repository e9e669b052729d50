//! Takes names out of texts that people wrote: titles, causes, justifications, configuration files, cells of workbooks.
//!
//! A name is found as whole words, in any case and without accents; an address is found by its form, known or not.

use super::key::fold;
use super::known::Known;

/// Longest name looked for, in words.
const LONGEST: usize = 6;

/// Belongs to a word. `GRP_PAIE` and `jean.martin@x.fr` are one word each, so that neither is taken for `paie` or `martin`.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '@' | '\'' | '’' | '+')
}

/// Ends of sentences and quotes are no part of a name.
fn is_edge(c: char) -> bool {
    matches!(c, '.' | '-' | '\'' | '’' | '+')
}

/// Where each word stands.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut words = vec![];
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (is_word(c), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                let raw = text.get(from..at).unwrap_or_default();
                let left = raw.trim_start_matches(is_edge);
                let word = left.trim_end_matches(is_edge);
                let from = at - left.len();
                if !word.is_empty() {
                    words.push((from, from + word.len()));
                }
                start = None;
            }
            _ => {}
        }
    }
    words
}

/// `a@b.c`: an address, whoever's it is.
fn is_address(word: &str) -> bool {
    word.split_once('@')
        .is_some_and(|(local, host)| !local.is_empty() && host.trim_matches('.').contains('.') && !host.contains('@'))
}

/// The text with names replaced by pseudonyms.
pub(super) fn text(text: &str, known: &Known) -> String {
    let words = words(text);
    let mut out = String::with_capacity(text.len());
    let (mut at, mut copied) = (0, 0);
    while at < words.len() {
        let Some(found) = (1..=LONGEST).rev().find_map(|length| find(text, &words, at, length, known)) else {
            at += 1;
            continue;
        };
        out.push_str(text.get(copied..found.start).unwrap_or_default());
        out.push_str(&found.pseudonym);
        copied = found.end;
        at += found.words;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    out
}

/// A name found in a text.
struct Found {
    start: usize,
    end: usize,
    words: usize,
    pseudonym: String,
}

/// The name of so many words that begins at a word or, in `d'Anne`, behind its apostrophe.
fn find(text: &str, words: &[(usize, usize)], at: usize, length: usize, known: &Known) -> Option<Found> {
    let run = words.get(at..at + length)?;
    let between = |pair: &[(usize, usize)]| match pair {
        [(_, end), (start, _)] => text.get(*end..*start).is_some_and(|gap| gap.chars().all(char::is_whitespace)),
        _ => false,
    };
    if !run.windows(2).all(between) {
        return None;
    }
    let ((first, first_end), (_, end)) = (*run.first()?, *run.last()?);
    let elided = text.get(first..first_end)?.match_indices(['\'', '’']).map(|(at, mark)| first + at + mark.len());
    std::iter::once(first).chain(elided).find_map(|start| {
        let pseudonym = name(text.get(start..end)?, length, known)?;
        Some(Found { start, end, words: length, pseudonym })
    })
}

/// The pseudonym of a name of so many words, if it is one.
fn name(written: &str, words: usize, known: &Known) -> Option<String> {
    if known.hides(&fold(written)) || (words == 1 && is_address(written)) {
        return Some(known.pseudonym(written));
    }
    // `jmartin@AGENCE` (Kerberos) is jmartin.
    let login = written.split_once('@').map(|(login, _)| login)?;
    (words == 1 && known.hides(&fold(login))).then(|| known.pseudonym(login))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_and_what_only_holds_them_stays() {
        let known = Known::of(&["Anne Martin", "jmartin", "Jean-Pierre d'Arc"]);
        let (anne, login, jean) =
            (known.pseudonym("Anne Martin"), known.pseudonym("jmartin"), known.pseudonym("Jean-Pierre d'Arc"));
        let unknown = known.pseudonym("x.y@agence.example");
        for (before, after) in [
            ("« Départ d’Anne Martin », l'Anne Martin", format!("« Départ d’{anne} », l'{anne}")),
            ("Départ de ANNE\u{a0}MARTIN.", format!("Départ de {anne}.")),
            ("cn=Martin Anne,ou=x", format!("cn={anne},ou=x")),
            ("(jmartin), \"jmartin\", jmartin@AGENCE", format!("({login}), \"{login}\", {login}")),
            ("GRP_jmartin_RW jmartin-adm", "GRP_jmartin_RW jmartin-adm".to_owned()),
            ("Jean-Pierre d'Arc, Saint-Martin", format!("{jean}, Saint-Martin")),
            ("écrire à x.y@agence.example.", format!("écrire à {unknown}.")),
            ("user@host 12@ @x", "user@host 12@ @x".to_owned()),
            ("", String::new()),
        ] {
            assert_eq!(text(before, &known), after);
        }
    }
}
