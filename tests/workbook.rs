//! The reviewer's workbook, read back cell by cell and looked at as XML.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod review_world;

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use calamine::{Data, Range, Reader, SheetVisible, Xlsx};
use probant::lang::Lang;
use probant::outputs::workbook::{FIRST_ROW, FORMAT, META_SHEET};
use probant::review::paper::row::{self, Column};
use probant::review::{Review, open};
use probant::snapshot::value::Days;
use review_world::{World, book_of, config};

/// From the day 0 of spreadsheets, 1899-12-30, to that of the snapshot.
const DAYS_1899_TO_1970: i32 = 25_569;

type Book = Xlsx<Cursor<Vec<u8>>>;

fn made(employee: &str, lang: Lang) -> (Vec<u8>, usize) {
    let world = World::agency();
    let config = config();
    let review = open(&config, &world.records()).unwrap();
    let book = book_of(&review, employee);
    (world.workbook(&review, book, lang), book.lines.len())
}

fn opened(bytes: Vec<u8>) -> Book {
    Xlsx::new(Cursor::new(bytes)).unwrap()
}

fn text(range: &Range<Data>, row: u32, column: Column) -> String {
    match range.get_value((row, u32::from(column.index()))) {
        None | Some(Data::Empty) => String::new(),
        // As whoever reads a workbook back must hash it.
        #[expect(clippy::cast_possible_truncation, reason = "whole days")]
        Some(Data::DateTime(when)) => Days(when.as_f64() as i32 - DAYS_1899_TO_1970).to_string(),
        Some(other) => other.to_string(),
    }
}

fn meta(book: &mut Book) -> (BTreeMap<String, String>, Vec<[String; 3]>) {
    let range = book.worksheet_range(META_SHEET).unwrap();
    let cell = |row: usize, column: usize| range.get((row, column)).map(ToString::to_string).unwrap_or_default();
    let heading = (0..range.height()).find(|row| cell(*row, 0) == "item_id").unwrap();
    let facts = (0..heading).map(|row| (cell(row, 0), cell(row, 1))).filter(|(key, _)| !key.is_empty()).collect();
    (facts, (heading + 1..range.height()).map(|row| [cell(row, 0), cell(row, 1), cell(row, 2)]).collect())
}

/// Parts of the package, by name.
fn parts(bytes: Vec<u8>) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let (name, mut text) = (file.name().unwrap().into_owned(), String::new());
        file.read_to_string(&mut text).unwrap();
        parts.insert(name, text);
    }
    parts
}

#[test]
fn sheets_and_their_visibility_in_both_languages() {
    for (lang, names) in [
        (
            Lang::Fr,
            ["Lisez-moi", "À revoir", "Privilégiés", "Comptes de service", "Contexte", "Synthèse", "Signature", "Listes", "_meta"],
        ),
        (Lang::En, ["Read me", "To review", "Privileged", "Service accounts", "Context", "Summary", "Signature", "Lists", "_meta"]),
    ] {
        let book = opened(made("P002", lang).0);
        assert_eq!(book.sheet_names(), names);
        let visible: Vec<_> = book.sheets_metadata().iter().map(|sheet| sheet.visible).collect();
        assert!(visible[..7].iter().all(|v| *v == SheetVisible::Visible));
        assert_eq!(visible[7..], [SheetVisible::Hidden, SheetVisible::VeryHidden]);
    }
}

#[test]
fn every_line_is_on_one_sheet_and_its_hash_covers_what_is_read_back() {
    for (employee, lang) in [("P002", Lang::Fr), ("P001", Lang::En), ("P000", Lang::Fr)] {
        let (bytes, sent) = made(employee, lang);
        let mut book = opened(bytes);
        let (facts, marks) = meta(&mut book);
        assert_eq!((marks.len(), facts["lines"].clone()), (sent, sent.to_string()));
        let sheets: Vec<String> = book.sheet_names()[1..4].to_vec();
        let mut found = BTreeMap::new();
        for (sheet, code) in sheets.iter().zip(["review", "privileged", "service"]) {
            let range = book.worksheet_range(sheet).unwrap();
            for row in FIRST_ROW..=range.end().unwrap().0 {
                let item = text(&range, row, Column::Item);
                if item.is_empty() {
                    continue;
                }
                let cells = Column::FROZEN.map(|column| text(&range, row, column));
                let hash = row::hash(cells.iter().map(String::as_str));
                assert_eq!(hash, text(&range, row, Column::Hash), "{sheet} row {row}: {cells:?}");
                assert!(found.insert(item, [code.to_owned(), hash]).is_none(), "a line twice");
                assert!(Column::INPUT.iter().all(|column| text(&range, row, *column).is_empty()));
            }
        }
        let marked: BTreeMap<_, _> = marks.into_iter().map(|[item, sheet, hash]| (item, [sheet, hash])).collect();
        assert_eq!(found, marked);
    }
}

#[test]
fn a_line_says_who_what_how_and_why() {
    let mut book = opened(made("P002", Lang::Fr).0);
    let range = book.worksheet_range("À revoir").unwrap();
    let rows = FIRST_ROW..=range.end().unwrap().0;
    let row = rows.clone().find(|row| text(&range, *row, Column::Account) == "pai07").unwrap();
    let expected = [
        (Column::Person, "Noël Côté-Roussel\nService paie et carrières"),
        (Column::System, "paie"),
        (Column::Right, "GESTIONNAIRE\nSaisie des éléments variables et des primes"),
        (Column::Privileged, "Non"),
        (Column::Held, "Direct"),
        (Column::LastLogin, "Non connue"),
        (Column::Delta, "Toujours présent malgré la décision"),
        (Column::Previous, "Révoquer (2025-T4)\nA changé de poste"),
        (Column::Advice, "✗ Révoquer"),
        (Column::Reasons, "Devait être révoqué (2025-T4)"),
        (Column::State, "○ À décider"),
    ];
    for (column, value) in expected {
        assert_eq!(text(&range, row, column), value, "{column:?}");
    }
    assert!(text(&range, row, Column::Item).starts_with("2026-T4-"));
    assert!(rows.clone().any(|row| matches!(range.get_value((row, 8)), Some(Data::DateTime(_)))), "logins are true dates");
    let headings: Vec<String> = Column::ALL.iter().map(|column| text(&range, FIRST_ROW - 1, *column)).collect();
    assert_eq!(headings[14..18], ["Décision", "Changement demandé", "Justification", "Commentaire"]);
}

#[test]
fn formulas_in_data_are_neutralised_and_only_ours_remain() {
    let bytes = made("P002", Lang::Fr).0;
    let mut book = opened(bytes.clone());
    let range = book.worksheet_range("À revoir").unwrap();
    let accounts: Vec<String> = (FIRST_ROW..=range.end().unwrap().0).map(|row| text(&range, row, Column::Account)).collect();
    assert!(accounts.contains(&"'=cmd|' /C calc'!A0\n'@SUM(1+1)\n(désactivé)".to_owned()), "{accounts:?}");
    for (name, part) in parts(bytes).iter().filter(|(name, _)| name.starts_with("xl/worksheets/")) {
        let formulas: Vec<&str> = part.split("<f>").skip(1).filter_map(|rest| rest.split("</f>").next()).collect();
        assert!(formulas.iter().all(|f| !f.contains("cmd") && !f.contains("SUM(1+1)")), "{name}");
    }
}

#[test]
fn context_signature_and_summary_hold_their_figures() {
    let (bytes, sent) = made("P002", Lang::Fr);
    let mut book = opened(bytes);
    let flat = |range: &Range<Data>| -> Vec<Vec<String>> {
        range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
    };
    let context = flat(&book.worksheet_range("Contexte").unwrap());
    let source = context.iter().find(|row| row[0] == "dossiers" && row[2] == "ldif").unwrap();
    assert_eq!(source[4..], ["contenu du fichier", "23", "22", "1", "—", "✗ Non", "le fichier s'arrête au milieu d'une entrée"]);
    assert!(context.iter().any(|row| row[..3] == ["paie", "2", "matricule absent"]));
    assert!(context.iter().any(|row| row[0] == "132" && row[1] == "= lignes à revoir, dont :"));
    assert!(context.iter().any(|row| row[0] == "50" && row[1].trim() == "dans ce classeur"));
    let why = context.iter().find(|row| row[0] == "Pourquoi vous").unwrap();
    assert_eq!(why[1], "propriétaire de l'application : 41 ; responsable hiérarchique de la personne : 9");

    let summary = flat(&book.worksheet_range("Synthèse").unwrap());
    let total = summary.iter().find(|row| row[0] == "Total").unwrap();
    assert_eq!(total[1..6], [sent.to_string(), "0".into(), "0".into(), "0".into(), sent.to_string()]);
    assert!(summary.iter().any(|row| row[..3] == ["paie", "41", "41"]));
    let live = book.worksheet_formula("Synthèse").unwrap();
    assert!(live.rows().flatten().any(|f| f == "COUNTIF('À revoir'!$O$4:$O$45,\"Révoquer\")"));
    assert!(live.rows().flatten().any(|f| f.contains("\"~? Examiner\"")), "a literal question mark, not any letter");

    let signature = flat(&book.worksheet_range("Signature").unwrap());
    assert!(signature.iter().any(|row| row[0].contains("aucun de mes propres accès")));
    let guide = flat(&book.worksheet_range("Lisez-moi").unwrap());
    assert!(guide.iter().any(|row| row[1] == "50 lignes (À revoir : 42 ; Privilégiés : 8 ; Comptes de service : 0)"));
}

#[test]
fn meta_tells_where_a_renamed_file_belongs() {
    let mut book = opened(made("P001", Lang::En).0);
    let (facts, _) = meta(&mut book);
    let expected = [
        ("format", FORMAT),
        ("campaign", "2026-T4"),
        ("reviewer_id", "rh:P001"),
        ("reviewer", "François Saïd"),
        ("lang", "en"),
        ("snapshot_id", "2026-11-23T08:30:00Z"),
        ("created", "2026-11-23T08:30:00Z"),
        ("due", "2026-12-18"),
        ("tool_version", "0.1.0"),
        ("header_row", "3"),
        ("first_row", "4"),
    ];
    for (key, value) in expected {
        assert_eq!(facts[key], value, "{key}");
    }
}

#[test]
fn drop_downs_protection_colours_and_print_set_up_are_in_the_xml() {
    let parts = parts(made("P002", Lang::Fr).0);
    let workbook = &parts["xl/workbook.xml"];
    for wanted in [
        r#"<definedName name="probant_decisions">Listes!$A$1:$A$3</definedName>"#,
        r#"<definedName name="probant_yes_no">Listes!$B$1:$B$2</definedName>"#,
        r#"<definedName name="_xlnm.Print_Titles" localSheetId="1">'À revoir'!$B:$D,'À revoir'!$3:$3</definedName>"#,
        r#"name="_meta" sheetId="9" state="veryHidden""#,
    ] {
        let plain = workbook.replace("'Listes'", "Listes");
        assert!(plain.contains(wanted), "{wanted} in {workbook}");
    }
    let lines = &parts["xl/worksheets/sheet2.xml"];
    for wanted in [
        r#"<dataValidation type="list" allowBlank="1" showInputMessage="1" showErrorMessage="1""#,
        "<formula1>probant_decisions</formula1>",
        r#"sqref="O4:O45""#,
        r#"<autoFilter ref="A3:T45"/>"#,
        r#"<pane xSplit="4" ySplit="3" topLeftCell="E4""#,
        r#"paperSize="9""#,
        r#"orientation="landscape""#,
        // Two pages side by side, at a size that can be read.
        r#"scale="83" pageOrder="overThenDown""#,
        r#"<brk id="12" max="1048575" man="1"/>"#,
        // Typing over what is frozen is refused, and groups can be folded.
        r#"<dataValidation type="custom" showInputMessage="1" showErrorMessage="1" errorTitle="Colonne figée""#,
        r#"sqref="A4:N45"><formula1>FALSE</formula1>"#,
        r#"<outlinePr summaryBelow="0"/>"#,
        r#"outlineLevel="1""#,
        r#"outlineLevelRow="1"/>"#,
        "<formula>$C4&lt;&gt;$C3</formula>",
        "&amp;L&amp;8 2026-T4 — Zoé Müller",
        "<cfRule type=\"expression\"",
        "$O4=\"Révoquer\"",
        "$S4=\"⚠ Justification\"",
    ] {
        assert!(lines.replace("&quot;", "\"").contains(wanted), "{wanted}");
    }
    // Protected lines could be neither sorted nor folded; the other sheets have nothing to sort.
    assert!(!lines.contains("<sheetProtection"));
    let protection = parts["xl/worksheets/sheet7.xml"].split("<sheetProtection").nth(1).unwrap().split("/>").next().unwrap();
    assert!(protection.contains(r#"sheet="1""#) && !protection.contains("password"), "{protection}");
    // Both the id and the hash are hidden; and inputs, only they, are unlocked.
    assert_eq!(lines.matches(r#"hidden="1""#).count(), 2);
    assert!(parts["xl/styles.xml"].contains(r#"<protection locked="0"/>"#));
    assert!(parts["docProps/core.xml"].contains("2026-11-23T08:30:00Z</dcterms:created>"));
}

#[test]
fn the_same_book_gives_the_same_bytes() {
    assert_eq!(made("P002", Lang::Fr).0, made("P002", Lang::Fr).0);
    assert_ne!(made("P002", Lang::Fr).0, made("P002", Lang::En).0);
}

/// A world with one unnamed account that holds `rights` rights.
fn crowd(rights: usize) -> World {
    let mut world = World::empty();
    world.people.push(review_world::person("P001", "Zoé Müller"));
    world.accounts.push(review_world::account("s", "1", "a"));
    world.grants = (0..rights).map(|n| review_world::grant("s:1", &format!("s:{n:06}"))).collect();
    world
}

#[test]
fn big_books_say_the_same_on_every_line() {
    let world = crowd(20_500);
    let config = config();
    let review: Review<'_> = open(&config, &world.records()).unwrap();
    let bytes = world.workbook(&review, &review.books[0], Lang::Fr);
    let mut book = opened(bytes);
    let range = book.worksheet_range("À revoir").unwrap();
    assert_eq!(range.end().unwrap().0 + 1 - FIRST_ROW, 20_500);
    let last = range.end().unwrap().0;
    let cells = Column::FROZEN.map(|column| text(&range, last, column));
    assert_eq!(row::hash(cells.iter().map(String::as_str)), text(&range, last, Column::Hash));
    assert_eq!(meta(&mut book).1.len(), 20_500);
}
