//! Sign-off and lines.

use probant::lang::Lang;
use probant::review::readback::{Choice, Severity};

use crate::kit::{codes, decided, kit};
use crate::review_world::edit::{META, PRIVILEGED, REVIEW, SIGNATURE};

#[test]
fn a_filled_and_signed_workbook_is_taken_whole_in_both_languages() {
    let kit = kit();
    for (employee, lang, word, yes) in [("P002", Lang::Fr, "Conserver", "Oui"), ("P001", Lang::En, "Keep", "Yes")] {
        let mut package = kit.sent(employee, lang);
        package.decide_all(word).sign(&kit.name(employee)).set(SIGNATURE, "B10", yes).set(SIGNATURE, "B11", yes);
        let (reading, log) = kit.read(&package);
        assert_eq!(codes(&reading), Vec::<&str>::new(), "{:?}", reading.notes);
        assert_eq!(decided(&log), kit.items(employee).len());
        assert!(reading.silent.is_empty() && reading.refused.is_empty());
        assert_eq!(reading.signature.unwrap().on.to_string(), "2026-12-03");
        assert!(reading.answers.values().all(|a| a.choice == Choice::Keep && a.justification.is_some()));
    }
}
