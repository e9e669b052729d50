//! The reasons why a row was refused or a source is incomplete, in French.
//!
//! Sources write them in English, once, into the snapshot: one text is one reason, whoever reads it. Here each has its French words,
//! with `{}` for what varies. A reason is made of parts (a file, a field, a hint), so parts are replaced where they stand; what is
//! not known stays in English, which is better than not said. A test holds every line to the text of the sources.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

// By their paths, as this file itself is taken by its own.
#[path = "reasons/directories.rs"]
mod directories;
#[path = "reasons/files.rs"]
mod files;
#[path = "reasons/keycloak.rs"]
mod keycloak;
#[path = "reasons/ldap.rs"]
mod ldap;
#[cfg(test)]
#[path = "reasons/walk.rs"]
mod walk;

/// Every table.
const TABLES: [&[(&str, &str)]; 5] = [ldap::REASONS, keycloak::REASONS, directories::REASONS, files::REASONS, REASONS];

/// English as the sources write it, and French.
const REASONS: &[(&str, &str)] = &[
    // --- values of cells ---
    ("\"{}\" does not exist in the calendar", "« {} » n'existe pas dans le calendrier"),
    ("\"{}\" is not an ISO 8601 date", "« {} » n'est pas une date ISO 8601"),
    ("\"{}\" is not such a date", "« {} » n'est pas une telle date"),
    ("\"{}\" is not an Excel date number", "« {} » n'est pas un numéro de jour d'Excel"),
    ("\"{}\" is not an epoch number", "« {} » n'est pas un nombre de secondes depuis 1970"),
    ("\"{}\" is not a whole number", "« {} » n'est pas un nombre entier"),
    (
        "\"{}\" is not a duration; write for example 4h30, 04:30 or 270 min",
        "« {} » n'est pas une durée ; écrire par exemple 4h30, 04:30 ou 270 min",
    ),
    (
        "\"{}\" is not a size; write for example 3,5 Go, 22MB or 512 KiB",
        "« {} » n'est pas une taille ; écrire par exemple 3,5 Go, 22MB ou 512 KiB",
    ),
    ("\"{}\" is not an employee number", "« {} » n'est pas un matricule"),
    (
        "\"{}\" is not one of {}; say what it means with `values`",
        "« {} » n'est pas l'un de {} ; dire ce qu'il signifie avec `values`",
    ),
    ("\"{}\" is neither {} nor {}", "« {} » n'est ni {} ni {}"),
    ("; expected {}", " ; attendu : {}"),
    (", because the field declares no `date` format", ", car le champ ne déclare pas de format `date`"),
    (
        " is a number, not a date; if the column holds dates, declare date = \"excel\" or \"epoch\"",
        " est un nombre, pas une date ; si la colonne contient des dates, déclarer date = \"excel\" ou \"epoch\"",
    ),
    ("the cell holds the error {}", "la cellule contient l'erreur {}"),
    ("the cell holds more than {} characters", "la cellule contient plus de {} caractères"),
    (
        "no holder: login, account_id, logins and groups are all empty",
        "aucun détenteur : login, account_id, logins et groups sont tous vides",
    ),
    ("latest.key: the column is empty", "latest.key : la colonne est vide"),
    // --- rows ---
    ("; it spans several lines: a quote too many?", " ; elle court sur plusieurs lignes : un guillemet de trop ?"),
    ("this row has {} cells, the header has {}", "cette ligne a {} cellules, l'en-tête en a {}"),
    ("this row has 1 cell, the header has {}", "cette ligne a 1 cellule, l'en-tête en a {}"),
    (
        "this row has cells to the right of the header, which has {}",
        "cette ligne a des cellules à droite de l'en-tête, qui en a {}",
    ),
    ("this line is not JSON: {}", "cette ligne n'est pas du JSON : {}"),
    (
        "the quote opened at line {} is never closed; {} lines after it are lost",
        "le guillemet ouvert à la ligne {} n'est jamais fermé ; {} lignes après lui sont perdues",
    ),
    ("the source counts {} rows and {} were read", "la source compte {} lignes et {} ont été lues"),
    (
        "the pages give different totals: records were added or removed while they were fetched",
        "les pages donnent des totaux différents : des enregistrements ont été ajoutés ou retirés pendant l'export",
    ),
    // --- directories ---
    ("the same group came before: the first one is kept", "ce groupe est déjà venu : le premier est gardé"),
    ("the same account came before: the first one is kept", "ce compte est déjà venu : le premier est gardé"),
    (
        "the entry holds more than 64 MiB of values: export fewer attributes",
        "l'entrée contient plus de 64 Mio de valeurs : exporter moins d'attributs",
    ),
    ("a record that does not begin with `dn:`", "un enregistrement qui ne commence pas par `dn:`"),
    ("a line without a colon", "une ligne sans deux-points"),
    ("this is no attribute description", "ce n'est pas une description d'attribut"),
    ("base64 that does not decode ({})", "base64 illisible ({})"),
    ("the server gave only the first members of {} group(s)", "le serveur n'a donné que les premiers membres de {} groupe(s)"),
    (
        ": export with a tool that reads `member;range=` to its end",
        " : exporter avec un outil qui lit `member;range=` jusqu'au bout",
    ),
    (
        "groups are nested more than {} deep around {} account(s): not followed further",
        "des groupes sont imbriqués sur plus de {} niveaux autour de {} compte(s) : pas suivis plus loin",
    ),
    ("the server ended the search with result {} (line {})", "le serveur a mis fin à la recherche avec le code {} (ligne {})"),
    (
        "the file ends in the middle of an entry (line {}): it was cut; export it again",
        "le fichier finit au milieu d'une entrée (ligne {}) : il a été coupé ; refaire l'export",
    ),
    (
        "ldapsearch's banner is there and its final `result:` is not: the output was cut; export it again",
        "l'en-tête de ldapsearch est là et son `result:` final n'y est pas : la sortie a été coupée ; refaire l'export",
    ),
    ("ldapsearch counted {} entries and {} are in the export", "ldapsearch a compté {} entrées et l'export en contient {}"),
    (
        "the file changed while it was read: harvest again when the export has ended",
        "le fichier a changé pendant la lecture : collecter de nouveau quand l'export sera fini",
    ),
    (
        "the UTF-16 text ends in the middle of a character: it was cut; export it again",
        "le texte UTF-16 finit au milieu d'un caractère : il a été coupé ; refaire l'export",
    ),
    (
        "no entry: check the base, the filter and the rights of the identity that exported it",
        "aucune entrée : vérifier la base, le filtre et les droits de l'identité qui a exporté",
    ),
    // --- backups, tickets, documents ---
    (
        "the record ends in {}: the output was cut, or a field count in it is wrong",
        "l'enregistrement finit dans {} : la sortie a été coupée, ou un de ses compteurs de champs est faux",
    ),
    (
        "{} should be a number and reads \"{}\": the field counts of the record do not tie",
        "{} devrait être un nombre et vaut « {} » : les compteurs de champs de l'enregistrement ne concordent pas",
    ),
    (
        "the record holds NUL bytes: the file is damaged or is no text",
        "l'enregistrement contient des octets nuls : le fichier est abîmé ou n'est pas du texte",
    ),
    ("bpdbjobs announced {} jobs and the file holds {}", "bpdbjobs annonçait {} travaux et le fichier en contient {}"),
    ("the issue cannot be read ({})", "le ticket ne peut pas être lu ({})"),
    ("cannot be read further ({}): export that page again", "ne peut pas être lu plus loin ({}) : exporter de nouveau cette page"),
    (
        "the status \"{}\" (id {}) is not known and has no category: declare it under statuses",
        "le statut « {} » (id {}) n'est pas connu et n'a pas de catégorie : le déclarer sous statuses",
    ),
    ("is not what its name says: it is {}", "n'est pas ce que dit son nom : c'est {}"),
    ("is a damaged container: {}", "est un conteneur abîmé : {}"),
    ("cannot be listed", "ne peut pas être listé"),
    ("cannot be read: {}", "ne peut pas être lu : {}"),
    ("front matter, line {}: ", "en-tête, ligne {} : "),
    ("other ways are declared under date_formats", "d'autres écritures se déclarent sous date_formats"),
    // --- files ---
    ("the file is empty; export it again, or remove the source", "le fichier est vide ; refaire l'export, ou retirer la source"),
    (
        "the file is {}, not text; correct `format`, or export the data as text",
        "le fichier est {}, pas du texte ; corriger `format`, ou exporter les données en texte",
    ),
    ("columns {} not found", "colonnes {} introuvables"),
    ("column {} not found", "colonne {} introuvable"),
    (
        "the workbook cannot be read: {}; save it again from a spreadsheet program",
        "le classeur ne peut pas être lu : {} ; l'enregistrer de nouveau depuis un tableur",
    ),
];

/// Expressions of [`TABLES`], made once.
static EXPRESSIONS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let mut all: Vec<_> = TABLES.into_iter().flatten().collect();
    // Where one holds another, the longer one speaks.
    all.sort_by_key(|(english, _)| std::cmp::Reverse(english.replace("{}", "").len()));
    all.into_iter().filter_map(|(english, french)| Some((Regex::new(&expression(english)).ok()?, *french))).collect()
});

/// A value is as short as can be; the last of a text goes to the end of its part.
fn expression(english: &str) -> String {
    let literals: Vec<String> = english.split("{}").map(regex::escape).collect();
    let last = literals.last().is_some_and(String::is_empty);
    let body = literals.join("(.+?)");
    if last { format!("{}([^;]+)", body.strip_suffix("(.+?)").unwrap_or(&body)) } else { body }
}

/// A reason in French, as far as its words are known.
pub(super) fn french(reason: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(reason);
    for (expression, french) in EXPRESSIONS.iter() {
        let replaced = expression.replace_all(&text, |found: &Captures<'_>| {
            let values: Vec<&str> = found.iter().skip(1).flatten().map(|value| value.as_str()).collect();
            fill(french, &values)
        });
        if let Cow::Owned(replaced) = replaced {
            text = Cow::Owned(replaced);
        }
    }
    text
}

/// Puts values in place of `{}`; they are not searched again.
fn fill(pattern: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let mut parts = pattern.split("{}");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + values.next().copied().unwrap_or_default() + part)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use std::path::Path;

    #[test]
    fn composed_reasons_are_translated_part_by_part() {
        for (english, expected) in [
            (
                "a.csv: joined_on: \"31/02/2026\" does not exist in the calendar; expected %d/%m/%Y",
                "a.csv: joined_on: « 31/02/2026 » n'existe pas dans le calendrier ; attendu : %d/%m/%Y",
            ),
            ("cn=x: the same account came before: the first one is kept", "cn=x: ce compte est déjà venu : le premier est gardé"),
            ("the source counts 12 rows and 10 were read", "la source compte 12 lignes et 10 ont été lues"),
            (
                "ldapsearch counted 5 entries and 4 are in the export; autre",
                "ldapsearch a compté 5 entrées et l'export en contient 4; autre",
            ),
            ("something nobody has met", "something nobody has met"),
        ] {
            assert_eq!(french(english), expected);
        }
    }

    #[test]
    fn as_many_values_in_french_as_in_english() {
        for (english, french) in TABLES.into_iter().flatten() {
            assert_eq!(english.matches("{}").count(), french.matches("{}").count(), "{english}");
        }
        assert_eq!(EXPRESSIONS.len(), TABLES.map(<[_]>::len).iter().sum::<usize>());
    }

    fn sources(folder: &Path, all: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                sources(&entry.path(), all);
            } else {
                let text = std::fs::read_to_string(entry.path()).unwrap().replace("\\\"", "\"");
                // A backslash at the end of a line joins it with the next one's text.
                all.extend(text.split("\\\n").enumerate().map(|(n, part)| if n == 0 { part } else { part.trim_start() }));
            }
        }
    }

    /// A source whose words change must change them here too.
    #[test]
    fn every_reason_is_one_that_a_source_writes() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut all = String::new();
        sources(&root.join("sources"), &mut all);
        sources(&root.join("harvest"), &mut all);
        for (english, _) in TABLES.into_iter().flatten() {
            let longest = english.split("{}").max_by_key(|part| part.len()).unwrap();
            assert!(all.contains(longest.trim()), "no source writes `{longest}`");
        }
    }
}
