//! What `ldapsearch` writes around the entries: its banner, result lines, references and counts. They say whether all came.

use std::fmt::Write as _;

/// First attribute of records that are no entries.
pub const RECORDS: [&str; 9] = ["search", "result", "ref", "control", "text", "matcheddn", "referral", "extended", "pagedresults"];

/// Result codes that people meet (RFC 4511 appendix A), and whom to ask.
const CODES: [(u32, &str); 6] = [
    (3, "time limit exceeded: ask for a longer time limit for this identity"),
    (
        4,
        "size limit exceeded: ask the directory's administrator to lift the size limit of this identity, or export with paging (`-E pr=1000/noprompt`)",
    ),
    (10, "a referral: the base lies on another server"),
    (
        11,
        "administrative limit exceeded: ask the directory's administrator to lift the limits of this identity (look-through, paged size)",
    ),
    (32, "the base does not exist: check `-b`"),
    (50, "insufficient access rights for this identity"),
];

/// Everything told around the entries of one or several exports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trailer {
    /// The banner of a verbose `ldapsearch`: its end must then come too.
    banner: bool,
    results: u64,
    failure: Option<(u32, u64)>,
    /// Sum of `# numEntries`.
    pub counted: Option<u64>,
    pub references: u64,
    /// Entries marked `changetype: add`, as `ldifde` writes all of them.
    pub adds: u64,
    /// Line on which a cut file ends.
    pub cut_at: Option<u64>,
}

impl Trailer {
    /// A comment between entries, without its `#`.
    pub fn comment(&mut self, text: &str) {
        let text = text.trim();
        if text == "extended LDIF" {
            self.banner = true;
        } else if text.starts_with("refldap://") || text.starts_with("refldaps://") {
            self.references += 1;
        } else if let Some(count) = text.strip_prefix("numEntries:").and_then(|count| count.trim().parse::<u64>().ok()) {
            // Paged searches print one count a page.
            self.counted = Some(self.counted.unwrap_or_default().saturating_add(count));
        }
    }

    /// A line of a record that is no entry.
    pub fn line(&mut self, name: &str, value: &str, number: u64) {
        match name {
            "ref" => self.references += 1,
            "result" => {
                self.results += 1;
                let code = value.split_whitespace().next().and_then(|code| code.parse().ok());
                if let Some(code) = code.filter(|code| *code != 0) {
                    self.failure = self.failure.or(Some((code, number)));
                }
            }
            _ => {}
        }
    }

    /// Why not everything came.
    #[must_use]
    pub fn incomplete(&self) -> Vec<String> {
        let mut reasons = vec![];
        if let Some((code, line)) = self.failure {
            let mut reason = format!("the server ended the search with result {code} (line {line})");
            if let Some((_, meaning)) = CODES.iter().find(|(known, _)| *known == code) {
                // Writing to a String cannot fail.
                let _ = write!(reason, ", {meaning}");
            }
            reasons.push(reason);
        }
        if let Some(line) = self.cut_at {
            reasons.push(format!("the file ends in the middle of an entry (line {line}): it was cut; export it again"));
        } else if self.banner && self.results == 0 {
            reasons.push(
                "ldapsearch's banner is there and its final `result:` is not: the output was cut; export it again".to_owned(),
            );
        }
        reasons
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_search_is_complete_and_a_refused_one_says_whom_to_ask() {
        let mut whole = Trailer::default();
        whole.comment(" extended LDIF");
        whole.line("search", "2", 9);
        whole.line("result", "0 Success", 10);
        whole.comment(" numEntries: 3");
        assert_eq!((whole.incomplete(), whole.counted), (vec![], Some(3)));
        let mut limited = whole.clone();
        limited.line("result", "4 Size limit exceeded", 20);
        assert!(
            limited
                .incomplete()
                .join("")
                .starts_with("the server ended the search with result 4 (line 20), size limit exceeded: ask")
        );
    }

    #[test]
    fn a_banner_without_an_end_was_cut() {
        let mut cut = Trailer::default();
        cut.comment("extended LDIF");
        assert!(cut.incomplete().join("").contains("final `result:` is not"));
        assert_eq!(Trailer::default().incomplete(), Vec::<String>::new(), "slapcat and -LLL have neither");
    }

    #[test]
    fn counts_of_pages_add_up_and_references_are_counted() {
        let mut pages = Trailer::default();
        pages.comment(" numEntries: 1000");
        pages.comment(" numEntries: 500");
        pages.line("ref", "ldap://other/", 1);
        pages.comment(" refldap://ForestDnsZones.x/");
        assert_eq!((pages.counted, pages.references), (Some(1500), 2));
    }
}
