//! Which cell a name means. Names are collected from the whole mapping once, then bound to each file's header; a file that lacks
//! one is refused before a row is taken.

use std::collections::BTreeSet;

use super::config::ColumnName;

/// A column that the mapping uses, by its place in [`Columns`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot(usize);

/// Every column that a mapping uses.
#[derive(Debug, Default)]
pub(super) struct Columns(Vec<Use>);

#[derive(Debug)]
struct Use {
    /// Alternatives; the first that the header has.
    names: Vec<ColumnName>,
    optional: bool,
    /// Key of the mapping that wants it.
    whence: String,
}

/// Where each column of the mapping is in one file.
#[derive(Debug, Default, Clone)]
pub(super) struct Binding(Vec<Vec<usize>>);

impl Binding {
    /// Places of a column: several when the header repeats its name, none when it is optional and absent.
    pub(super) fn places(&self, slot: Slot) -> &[usize] {
        self.0.get(slot.0).map_or(&[], Vec::as_slice)
    }

    /// Positions of the header that no column of the mapping uses.
    pub(super) fn unused(&self, width: usize) -> Vec<usize> {
        let used: BTreeSet<usize> = self.0.iter().flatten().copied().collect();
        (0..width).filter(|at| !used.contains(at)).collect()
    }
}

impl Columns {
    pub(super) fn add(&mut self, names: &[ColumnName], optional: bool, whence: &str) -> Slot {
        if let Some(at) = self.0.iter().position(|known| known.names == names) {
            if let Some(known) = self.0.get_mut(at) {
                known.optional &= optional;
            }
            return Slot(at);
        }
        self.0.push(Use { names: names.to_vec(), optional, whence: whence.to_owned() });
        Slot(self.0.len() - 1)
    }

    /// Names that the mapping uses.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|used| &used.names).filter_map(|name| match name {
            ColumnName::Name(name) => Some(name.as_str()),
            ColumnName::Position(_) => None,
        })
    }

    /// Finds every column in a header (`None`: the file has none, positions only).
    pub(super) fn bind(&self, header: Option<&[String]>) -> Result<Binding, String> {
        let known: Option<Vec<String>> = header.map(|names| names.iter().map(|name| normal(name)).collect());
        let mut missing = Vec::new();
        let mut places = Vec::with_capacity(self.0.len());
        for used in &self.0 {
            let found = used.names.iter().map(|name| find(name, known.as_deref())).find(|found| !found.is_empty());
            if found.is_none() && !used.optional {
                let names: Vec<String> = used.names.iter().map(ToString::to_string).collect();
                missing.push(format!("{} ({})", names.join(" or "), used.whence));
            }
            places.push(found.unwrap_or_default());
        }
        if missing.is_empty() {
            return Ok(Binding(places));
        }
        let what = if missing.len() == 1 { "column" } else { "columns" };
        Err(format!("{what} {} not found. {}", missing.join(", "), found_instead(header)))
    }
}

fn found_instead(header: Option<&[String]>) -> String {
    match header {
        None => "This file is read without a header: use positions (1, 2, 3…), or set read.header = true".to_owned(),
        Some(names) => {
            let listed: Vec<String> = names.iter().take(60).map(|name| format!("\"{}\"", name.trim())).collect();
            let more = if names.len() > 60 { format!(" and {} more", names.len() - 60) } else { String::new() };
            format!(
                "The header has: {}{more}. If the export changed on purpose, correct the mapping; nothing was taken",
                listed.join(", ")
            )
        }
    }
}

fn find(name: &ColumnName, header: Option<&[String]>) -> Vec<usize> {
    match (name, header) {
        (ColumnName::Position(at), Some(names)) if *at > names.len() => vec![],
        (ColumnName::Position(at), _) => at.checked_sub(1).into_iter().collect(),
        (ColumnName::Name(_), None) => vec![],
        (ColumnName::Name(name), Some(names)) => {
            let wanted = normal(name);
            names.iter().enumerate().filter(|(_, name)| **name == wanted).map(|(at, _)| at).collect()
        }
    }
}

/// A header name as it is compared: one blank between words, lower case, a straight apostrophe.
pub(super) fn normal(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    words.join(" ").replace('\u{2019}', "'").to_lowercase()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn named(name: &str) -> ColumnName {
        ColumnName::Name(name.to_owned())
    }

    #[test]
    fn headers_are_compared_without_case_blanks_or_typography() {
        let mut columns = Columns::default();
        let date = columns.add(&[named("Date d'entrée")], false, "fields.joined_on");
        let labels = columns.add(&[named("Étiquettes"), named("Labels")], false, "fields.labels");
        let header = ["Labels".to_owned(), " DATE  D\u{2019}ENTRÉE\u{a0}".to_owned(), "labels".to_owned()];
        let binding = columns.bind(Some(&header)).unwrap();
        assert_eq!(binding.places(date), [1]);
        assert_eq!(binding.places(labels), [0, 2]);
        assert!(binding.unused(3).is_empty());
    }

    #[test]
    fn a_changed_header_names_what_is_missing_and_what_is_there() {
        let mut columns = Columns::default();
        columns.add(&[named("Date de sortie"), named("Left on")], false, "fields.left_on");
        columns.add(&[named("Site")], true, "fields.site");
        let message = columns.bind(Some(&["Matricule".to_owned(), "Nom".to_owned()])).unwrap_err();
        assert_eq!(
            message,
            "column \"Date de sortie\" or \"Left on\" (fields.left_on) not found. The header has: \"Matricule\", \"Nom\". \
             If the export changed on purpose, correct the mapping; nothing was taken"
        );
        assert!(columns.bind(None).unwrap_err().contains("use positions"));
    }
}
