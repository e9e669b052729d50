//! Sign-off and lines: the read-back table, row by row.

use probant::lang::Lang;
use probant::review::collecting::collect::collect;
use probant::review::readback::{Reading, Returned};
use probant::review::record::choice::Choice;
use probant::review::record::decisions::{Log, Standing, What};
use probant::review::record::returned::{Note, Severity};

use crate::kit::{Kit, codes, decided, how, kit};
use crate::review_world::edit::{META, PRIVILEGED, Package, REVIEW, SIGNATURE};

/// The note of a code, which must be there.
fn note<'r>(reading: &'r Reading, code: &str) -> &'r Note {
    reading.notes.iter().find(|n| n.code == code).unwrap_or_else(|| panic!("no {code} among {:?}", codes(reading)))
}

/// The id on a row.
fn id(kit: &Kit, package: &Package, sheet: usize, row: u32) -> String {
    let (reading, _) = kit.read(package);
    let name = ["", "", "À revoir", "Privilégiés", "Comptes de service"][sheet];
    let found = reading.answers.values().find(|a| a.sheet == name && a.row == row);
    found.unwrap_or_else(|| panic!("no answer on {name} row {row}: {:?}", reading.notes)).item_id.clone()
}

#[test]
fn a_filled_and_signed_workbook_is_taken_whole_in_both_languages() {
    let kit = kit();
    for (employee, lang, word, yes) in [("P002", Lang::Fr, "Conserver", "Oui"), ("P001", Lang::En, "Keep", "Yes")] {
        let mut package = kit.sent(employee, lang);
        package.decide_all(word).sign(&kit.name(employee)).set(SIGNATURE, "B10", yes).set(SIGNATURE, "B11", yes);
        let (reading, log) = kit.read(&package);
        // The frozen cells of the campaign are French: only the language of the sheet differs.
        let edits = reading.notes.iter().filter(|n| n.code == "locked-cell-edited").count();
        assert_eq!(edits > 0, lang == Lang::En, "{:?}", reading.notes.first());
        assert_eq!(decided(&log), kit.items(employee).len());
        assert!(reading.silent.is_empty() && reading.refused.is_empty());
        assert_eq!(reading.signature.unwrap().on.to_string(), "2026-12-03");
        assert!(reading.answers.values().all(|a| a.choice == Choice::Keep && a.justification.is_some()));
    }
}

#[test]
fn sorted_filtered_and_hidden_rows_are_matched_by_id() {
    let kit = kit();
    let mut package = kit.filled("P002");
    let rows = package.lines(REVIEW);
    let (first, last) = (rows[0], *rows.last().unwrap());
    let (first_id, last_id) = (id(&kit, &package, REVIEW, first), id(&kit, &package, REVIEW, last));
    package.set(REVIEW, &format!("O{first}"), "Révoquer");
    // The two rows change places, and all are hidden but one.
    let (a, b) = (package.row(REVIEW, first), package.row(REVIEW, last));
    let moved = |xml: &str, from: u32, to: u32| {
        let mut xml = xml.replace(&format!("<row r=\"{from}\""), &format!("<row r=\"{to}\" hidden=\"1\""));
        for column in 'A'..='T' {
            xml = xml.replace(&format!("<c r=\"{column}{from}\""), &format!("<c r=\"{column}{to}\""));
        }
        xml
    };
    let (there, here) = (moved(&a, first, last), moved(&b, last, first));
    package.sheet(REVIEW, |xml| xml.replace(&a, "@@A").replace(&b, "@@B").replace("@@A", &here).replace("@@B", &there));
    let (reading, log) = kit.read(&package);
    assert_eq!(codes(&reading), Vec::<&str>::new(), "{:?}", reading.notes);
    assert_eq!(reading.answers[&first_id].choice, Choice::Revoke);
    assert_eq!(reading.answers[&first_id].row, last);
    assert_eq!(reading.answers[&last_id].choice, Choice::Keep);
    assert_eq!(decided(&log), kit.items("P002").len());
}

#[test]
fn a_deleted_row_and_an_empty_decision_are_not_decided_never_kept() {
    let kit = kit();
    let mut package = kit.filled("P002");
    let rows = package.lines(REVIEW);
    let (gone, empty) = (id(&kit, &package, REVIEW, rows[1]), id(&kit, &package, REVIEW, rows[2]));
    package.set(REVIEW, &format!("O{}", rows[2]), "  ").set(REVIEW, &format!("Q{}", rows[2]), "à voir").delete_row(REVIEW, rows[1]);
    let (reading, log) = kit.read(&package);
    assert_eq!(codes(&reading), ["lines-missing", "silent-with-text"], "of the file first, then of its lines");
    assert!(note(&reading, "lines-missing").fr.contains("1 ligne(s)"));
    let mut silent = vec![gone.clone(), empty];
    silent.sort();
    assert_eq!(reading.silent, silent);
    assert_eq!(log.standings().get(gone.as_str()), None);
}

#[test]
fn a_duplicated_id_is_refused_both_times() {
    let kit = kit();
    let mut package = kit.filled("P002");
    let rows = package.lines(REVIEW);
    let item = id(&kit, &package, REVIEW, rows[0]);
    let last = rows.last().unwrap() + 1;
    let mut copy = package.row(REVIEW, rows[0]).replace(&format!("<row r=\"{}\"", rows[0]), &format!("<row r=\"{last}\""));
    for column in 'A'..='T' {
        copy = copy.replace(&format!("<c r=\"{column}{}\"", rows[0]), &format!("<c r=\"{column}{last}\""));
    }
    package.append_row(REVIEW, &copy);
    let (reading, log) = kit.read(&package);
    let notes: Vec<_> = reading.notes.iter().filter(|n| n.code == "duplicate-line").collect();
    assert_eq!(notes.iter().map(|n| n.row.unwrap()).collect::<Vec<_>>(), [rows[0], last]);
    assert!(matches!(log.standings()[item.as_str()], Standing::Refused(_)));
    assert_eq!(decided(&log), kit.items("P002").len() - 1);
}

#[test]
fn an_added_row_is_set_aside_as_a_request() {
    let kit = kit();
    let mut package = kit.filled("P002");
    let row = package.lines(REVIEW).last().unwrap() + 1;
    let cell = |column: char, text: &str| format!("<c r=\"{column}{row}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    package.append_row(REVIEW, &format!("<row r=\"{row}\">{}{}</row>", cell('C', "Nouvelle personne"), cell('O', "Conserver")));
    let (reading, log) = kit.read(&package);
    assert_eq!(codes(&reading), ["added-row"]);
    assert_eq!(reading.requests[0].text, "Nouvelle personne | Conserver");
    assert_eq!((reading.requests[0].row, note(&reading, "added-row").severity), (row, Severity::Refuse));
    assert_eq!(decided(&log), kit.items("P002").len());
}

#[test]
fn an_edited_locked_cell_warns_and_the_original_wins() {
    let kit = kit();
    let mut package = kit.filled("P002");
    let row = package.lines(REVIEW)[0];
    package.set(REVIEW, &format!("F{row}"), "Un droit anodin");
    let (reading, log) = kit.read(&package);
    let edited = note(&reading, "locked-cell-edited");
    assert_eq!((edited.severity, edited.row, edited.sheet.as_deref()), (Severity::Warn, Some(row), Some("À revoir")));
    let item = kit.campaign.item(edited.item_id.as_ref().unwrap()).unwrap();
    assert!(edited.fr.contains("Droit et description") && edited.fr.contains("Un droit anodin"), "{}", edited.fr);
    assert!(edited.fr.contains(item.shown(3)), "{} / {}", edited.fr, item.shown(3));
    assert_eq!(decided(&log), kit.items("P002").len());
}

#[test]
fn pasted_texts_are_understood_and_unknown_ones_refused_without_a_guess() {
    let kit = kit();
    let mut package = kit.filled("P002");
    let rows = package.lines(REVIEW);
    let words = [
        ("REVOQUER", Some(Choice::Revoke)),
        ("à\u{A0}conserver", Some(Choice::Keep)),
        ("Keep", Some(Choice::Keep)),
        ("✗ Révoqué", Some(Choice::Revoke)),
        ("oui", None),
        ("je ne sais pas", None),
    ];
    let ids: Vec<String> = rows.iter().take(words.len()).map(|row| id(&kit, &package, REVIEW, *row)).collect();
    for (row, (word, _)) in rows.iter().zip(words) {
        package.set(REVIEW, &format!("O{row}"), word);
    }
    let (reading, _) = kit.read(&package);
    for (id, (word, choice)) in ids.iter().zip(words) {
        assert_eq!(reading.answers.get(id).map(|a| a.choice), choice, "{word}");
        assert_eq!(reading.refused.contains_key(id), choice.is_none(), "{word}");
    }
    assert!(note(&reading, "unknown-choice").fr.starts_with("« oui » n'est pas un choix"));
}

#[test]
fn without_drop_downs_the_lines_are_read_all_the_same() {
    let kit = kit();
    let mut package = kit.filled("P002");
    let cut = |xml: &str, from: &str, to: &str| {
        let start = xml.find(from).unwrap();
        let end = start + xml[start..].find(to).unwrap() + to.len();
        format!("{}{}", &xml[..start], &xml[end..])
    };
    package.sheet(REVIEW, |xml| cut(&xml, "<dataValidations", "</dataValidations>"));
    let row = package.lines(REVIEW)[0];
    package.set(REVIEW, &format!("O{row}"), " révoquer ");
    let (reading, log) = kit.read(&package);
    assert_eq!(codes(&reading), Vec::<&str>::new(), "{:?}", reading.notes);
    assert_eq!(reading.answers.values().filter(|a| a.choice == Choice::Revoke).count(), 1);
    assert_eq!(decided(&log), kit.items("P002").len());
}

#[test]
fn a_formula_in_a_decision_is_refused_whatever_its_value() {
    let kit = kit();
    let mut package = kit.filled("P002");
    let row = package.lines(REVIEW)[0];
    package.raw(REVIEW, &format!("O{row}"), " t=\"str\"><f>\"Conser\"&amp;\"ver\"</f><v>Conserver</v>");
    let (reading, log) = kit.read(&package);
    assert_eq!(codes(&reading), ["formula"]);
    assert_eq!(note(&reading, "formula").row, Some(row));
    assert_eq!(decided(&log), kit.items("P002").len() - 1);
}

#[test]
fn modify_needs_its_target_and_a_privileged_right_its_reason() {
    let kit = kit();
    let mut package = kit.filled("P002");
    let privileged = package.lines(PRIVILEGED)[0];
    package.set(PRIVILEGED, &format!("Q{privileged}"), " ");
    let mut other = kit.filled("P002");
    let rows = other.lines(REVIEW);
    other.set(REVIEW, &format!("O{}", rows[0]), "Modifier").set(REVIEW, &format!("O{}", rows[1]), "Modifier");
    other.set(REVIEW, &format!("P{}", rows[1]), "Lecture seule").set(REVIEW, &format!("Q{}", rows[1]), "");
    let (reading, _) = kit.read(&package);
    assert_eq!(codes(&reading), ["justification-missing"], "{:?}", reading.notes);
    let (reading, _) = kit.read(&other);
    let mut found = codes(&reading);
    found.sort_unstable();
    assert_eq!(found, ["change-missing", "justification-absent"]);
    assert!(reading.answers.values().any(|a| a.change.as_deref() == Some("Lecture seule")));
}

#[test]
fn merged_decisions_are_filled_with_a_warning() {
    let kit = kit();
    let mut package = kit.filled("P002");
    let rows = package.lines(REVIEW);
    let range = format!("O{}:O{}", rows[0], rows[2]);
    package.set(REVIEW, &format!("O{}", rows[0]), "Révoquer");
    for row in &rows[1..3] {
        package.raw(REVIEW, &format!("O{row}"), ">");
    }
    package.sheet(REVIEW, |xml| {
        xml.replacen(
            "<conditionalFormatting",
            &format!("<mergeCells count=\"1\"><mergeCell ref=\"{range}\"/></mergeCells><conditionalFormatting"),
            1,
        )
    });
    let (reading, _) = kit.read(&package);
    assert_eq!(
        reading
            .notes
            .iter()
            .filter(|n| n.code == "merged-filled")
            .map(|n| n.row.unwrap())
            .collect::<std::collections::BTreeSet<_>>(),
        rows[1..3].iter().copied().collect()
    );
    assert_eq!(reading.answers.values().filter(|a| a.choice == Choice::Revoke).count(), 3);
}

#[test]
fn dates_as_text_and_the_1904_calendar_are_read_and_american_ones_refused() {
    let kit = kit();
    for (text, code) in
        [("03/12/2026", None), ("2026-12-03", None), ("12/31/2026", Some("bad-sign-date")), ("03/12/2031", Some("bad-sign-date"))]
    {
        let mut package = kit.filled("P002");
        package.set(SIGNATURE, "B9", text);
        let (reading, log) = kit.read(&package);
        assert_eq!(reading.signature.as_ref().map(|s| s.on.to_string()), code.is_none().then(|| "2026-12-03".to_owned()), "{text}");
        assert_eq!(decided(&log) == 0, code.is_some());
        assert_eq!(codes(&reading), code.into_iter().collect::<Vec<_>>());
    }
    let mut package = kit.filled("P002");
    package.edit("xl/workbook.xml", |xml| xml.replacen("<workbookPr ", "<workbookPr date1904=\"1\" ", 1));
    // 1,462 days less for the same day.
    let serial = 46_359 - 1_462;
    package.sheet(SIGNATURE, |xml| xml.replace("<v>46359</v>", &format!("<v>{serial}</v>")));
    let (reading, _) = kit.read(&package);
    assert_eq!(reading.signature.unwrap().on.to_string(), "2026-12-03");
}

#[test]
fn meta_decides_and_without_it_the_ids_do() {
    let kit = kit();
    let mut renamed = kit.filled("P002");
    renamed.edit("xl/workbook.xml", |xml| xml.replace("À revoir", "Feuil1").replace("name=\"_meta\"", "name=\"Feuil9\""));
    let (reading, log) = kit.read(&renamed);
    assert!(!codes(&reading).contains(&"meta-missing"), "{:?}", codes(&reading));
    assert_eq!(decided(&log), kit.items("P002").len());

    let mut without = kit.filled("P002");
    let facts = without.text(&format!("xl/worksheets/sheet{META}.xml"));
    let (from, to) = (facts.find("<sheetData>").unwrap(), facts.find("</sheetData>").unwrap());
    without.put(&format!("xl/worksheets/sheet{META}.xml"), format!("{}{}", &facts[..from + 11], &facts[to..]));
    let (reading, log) = kit.read(&without);
    assert_eq!(codes(&reading), ["meta-missing"]);
    assert_eq!(decided(&log), kit.items("P002").len());
}

#[test]
fn another_campaign_and_another_reviewer_are_refused() {
    let kit = kit();
    let mut other = kit.filled("P002");
    other.edit("xl/sharedStrings.xml", |xml| xml.replace("<t>2026-T4</t>", "<t>2025-T4</t>"));
    let (reading, log) = kit.read(&other);
    assert_eq!((codes(&reading), log.standings().len()), (vec!["other-campaign"], 0));
    let mut signed = kit.filled("P002");
    signed.set(SIGNATURE, "B7", "Jean Quidam");
    let (reading, log) = kit.read(&signed);
    assert_eq!((codes(&reading), decided(&log)), (vec!["signed-by-other"], 0));
    assert!(note(&reading, "signed-by-other").fr.contains("Jean Quidam"));
}

#[test]
fn without_its_signature_nothing_is_taken() {
    let kit = kit();
    let mut package = kit.filled("P002");
    package.set(SIGNATURE, "B8", "").set(SIGNATURE, "B11", "Non");
    let (reading, log) = kit.read(&package);
    assert_eq!((codes(&reading), decided(&log)), (vec!["not-signed", "declaration-no"], 0));
    assert!(note(&reading, "not-signed").fr.contains("(Fonction)"));
    // It is on record all the same.
    assert!(matches!(&log.events()[0].what, What::Returned(r) if r.signature.is_none()));
}

#[test]
fn a_line_of_another_reviewer_or_of_ones_own_is_not_taken() {
    let kit = kit();
    // P002 manages P007 and reviews the payroll; lines of P002's own accounts are with someone else.
    let own = kit.campaign.items.iter().find(|i| i.own.contains(&"rh:P002".to_owned())).unwrap();
    let foreign = kit.campaign.items.iter().find(|i| i.reviewer.as_deref() == Some("rh:P001")).unwrap();
    for (item, code) in [(own, "own-access"), (foreign, "not-your-line")] {
        let mut package = kit.filled("P002");
        let row = package.lines(REVIEW).last().unwrap() + 1;
        let cell = |column: char, text: &str| format!("<c r=\"{column}{row}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
        package.append_row(REVIEW, &format!("<row r=\"{row}\">{}{}</row>", cell('A', &item.id), cell('O', "Conserver")));
        let (reading, log) = kit.read(&package);
        assert_eq!(codes(&reading), [code]);
        assert_eq!(note(&reading, code).row, Some(row));
        assert!(!matches!(log.standings().get(item.id.as_str()), Some(Standing::Decided(..))));
    }
    // A shared account that P005 owns is P005's own.
    let shared = kit.campaign.items.iter().find(|i| i.account_id == "annuaire:svc-1").unwrap();
    assert!(shared.own.contains(&"rh:P005".to_owned()) && shared.reviewer.as_deref() != Some("rh:P005"));
}

#[test]
fn identical_copies_count_once_and_conflicting_ones_not_at_all() {
    let kit = kit();
    let one = kit.filled("P002");
    let row = one.lines(REVIEW)[0];
    let disputed = id(&kit, &one, REVIEW, row);
    let mut two = one.clone();
    two.set(REVIEW, &format!("O{row}"), "Révoquer");
    let (a, b) = (one.save(), two.save());
    let mut log = Log::default();
    let same = [Returned { name: "a.xlsx", bytes: &a }, Returned { name: "a (1).xlsx", bytes: &a }];
    let readings = collect(&kit.campaign, &mut log, &same, how());
    assert_eq!(codes(&readings[1]), ["same-file"]);
    assert_eq!(decided(&log), kit.items("P002").len());

    for files in [[("a.xlsx", &a), ("b.xlsx", &b)], [("b.xlsx", &b), ("a.xlsx", &a)]] {
        let mut log = Log::default();
        let readings = collect(&kit.campaign, &mut log, &files.map(|(name, bytes)| Returned { name, bytes }), how());
        assert!(readings.iter().all(|r| codes(r) == ["conflicting-copies"]), "{:?}", readings[0].notes);
        assert!(matches!(log.standings()[disputed.as_str()], Standing::Refused(_)));
        assert_eq!(decided(&log), kit.items("P002").len() - 1);
    }
}

#[test]
fn a_later_file_supersedes_and_nothing_is_erased_and_the_same_file_again_changes_nothing() {
    let kit = kit();
    let one = kit.filled("P002");
    let row = one.lines(REVIEW)[0];
    let changed = id(&kit, &one, REVIEW, row);
    let mut two = one.clone();
    two.set(REVIEW, &format!("O{row}"), "Révoquer");
    let (a, b) = (one.save(), two.save());
    let mut log = Log::default();
    collect(&kit.campaign, &mut log, &[Returned { name: "a.xlsx", bytes: &a }], how());
    let readings = collect(&kit.campaign, &mut log, &[Returned { name: "b.xlsx", bytes: &b }], how());
    assert_eq!(codes(&readings[0]), ["decision-changed"]);
    let Standing::Decided(event, decided) = log.standings()[changed.as_str()] else { panic!() };
    assert_eq!(decided.choice, Choice::Revoke);
    let before = &log.events()[usize::try_from(decided.supersedes.unwrap()).unwrap() - 1];
    assert!(matches!(&before.what, What::Decided(d) if d.choice == Choice::Keep && d.item_id == changed) && before.seq < event.seq);

    let file = |log: &Log| {
        let mut bytes = vec![];
        log.write(0, &mut bytes).unwrap();
        bytes
    };
    let bytes = file(&log);
    let mut again = Log::from_bytes(&bytes).unwrap();
    let readings = collect(
        &kit.campaign,
        &mut again,
        &[Returned { name: "x.xlsx", bytes: &a }, Returned { name: "y.xlsx", bytes: &b }],
        how(),
    );
    assert!(readings.iter().all(|r| codes(r) == ["already-collected"]));
    assert_eq!(file(&again), bytes);
}
