//! What people write in a decision, however a spreadsheet or a keyboard bent it. Known words only: nothing is guessed.

use crate::review::paper::fold::folded;
use crate::review::record::choice::Choice;

const KEEP: [&str; 9] = ["conserver", "conserve", "a conserver", "garder", "garde", "a garder", "maintenir", "keep", "kept"];
const REVOKE: [&str; 10] =
    ["revoquer", "revoque", "a revoquer", "retirer", "a retirer", "supprimer", "a supprimer", "revoke", "revoked", "remove"];
const MODIFY: [&str; 7] = ["modifier", "modifie", "a modifier", "changer", "modify", "modified", "change"];

/// The choice that a text stands for; `None` when it is none of them.
#[must_use]
pub fn choice(text: &str) -> Option<Choice> {
    let folded = folded(text);
    // The signs that the sheet shows in front (✓ ✗ ≠), bullets, and a full stop at the end.
    let word = folded.trim_matches(|c: char| !c.is_alphanumeric());
    let among = |words: &[&str]| words.contains(&word);
    if among(&KEEP) {
        Some(Choice::Keep)
    } else if among(&REVOKE) {
        Some(Choice::Revoke)
    } else if among(&MODIFY) {
        Some(Choice::Modify)
    } else {
        None
    }
}

/// Yes or no, as declarations answer.
#[must_use]
pub(super) fn yes_no(text: &str) -> Option<bool> {
    let folded = folded(text);
    match folded.trim_matches(|c: char| !c.is_alphanumeric()) {
        "oui" | "o" | "yes" | "y" => Some(true),
        "non" | "n" | "no" => Some(false),
        _ => None,
    }
}

/// A text that someone typed: without invisible and control signs, at most what a cell holds.
#[must_use]
pub(super) fn typed(text: &str) -> Option<String> {
    let kept: String = text
        .chars()
        .filter(|c| {
            *c == '\n'
                || *c == '\t'
                || !(c.is_control()
                    || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}'))
        })
        .take(32_767)
        .collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// Whether two names may be one person's: they share a word of at least two letters, and hyphens do not count.
#[must_use]
pub(super) fn same_person(a: &str, b: &str) -> bool {
    let split = |name: &str| -> Vec<String> {
        folded(name).split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 1).map(str::to_owned).collect()
    };
    let (a, b) = (split(a), split(b));
    let family = |word: &String| b.contains(word);
    // A given name alone is shared by many: with two words on both sides, two must agree.
    let agree = a.iter().filter(|word| family(word)).count();
    agree >= 2.min(a.len()).min(b.len()).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_survive_case_accents_spaces_signs_and_both_languages() {
        for text in
            ["Révoquer", "REVOQUER", " révoqué ", "Re\u{301}voquer", "✗ Révoquer", "à\u{A0}révoquer.", "Revoke", "ｒｅｖｏｋｅ"]
        {
            assert_eq!(choice(text), Some(Choice::Revoke), "{text:?}");
        }
        for text in ["✓ Conserver", "keep", "Conserve\u{301}", "à\u{202F}garder"] {
            assert_eq!(choice(text), Some(Choice::Keep), "{text:?}");
        }
        assert_eq!(choice("≠ Modifier"), Some(Choice::Modify));
        for text in ["", "ok", "oui", "x", "Conserver ?? ou révoquer", "ne pas conserver", "non"] {
            assert_eq!(choice(text), None, "{text:?}");
        }
    }

    #[test]
    fn names_agree_whatever_their_order_but_not_by_one_common_given_name() {
        assert!(same_person("LEFÈVRE Élodie", "Élodie Lefevre"));
        assert!(same_person("É. Lefèvre", "Élodie Lefèvre"));
        assert!(!same_person("Élodie Bénard", "Élodie Lefèvre"));
        assert!(!same_person("", "Élodie Lefèvre"));
    }
}
