//! `redaction.json`: what was taken out, so that whoever reads the bundle knows what they do not see.

use serde::Serialize;

use super::Redaction;
use super::rules::Action;

/// Its name in the bundle.
pub const LISTING: &str = "redaction.json";

#[derive(Debug, Serialize)]
pub struct Listing {
    schema: &'static str,
    explanation: Explanation,
    /// Two bundles with the same one use the same pseudonyms.
    key_fingerprint: String,
    /// Digest of the `snapshot.json` that was redacted: the ledger names it.
    original_snapshot_sha256: String,
    columns: Vec<Rule>,
    /// Files that a bundle holds without redaction, and this one does not.
    left_out: Vec<Excluded>,
    /// Files taken as they are, because somebody asked for them by name: nothing in them is redacted.
    not_redacted: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Explanation {
    fr: &'static str,
    en: &'static str,
}

#[derive(Debug, Serialize)]
struct Rule {
    table: &'static str,
    column: &'static str,
    action: Action,
}

/// A file left out, by its digest.
#[derive(Debug, Serialize)]
pub struct Excluded {
    pub path: String,
    /// Of the uncompressed content.
    pub sha256: String,
    pub reason: String,
}

impl Listing {
    #[must_use]
    pub fn new(
        redaction: &Redaction,
        original_snapshot_sha256: String,
        left_out: Vec<Excluded>,
        not_redacted: Vec<String>,
    ) -> Self {
        let columns = redaction.rules().redacted().map(|(table, column, action)| Rule { table, column, action });
        Self {
            schema: "probant.redaction.v1",
            explanation: Explanation { fr: FR, en: EN },
            key_fingerprint: redaction.key_fingerprint(),
            original_snapshot_sha256,
            columns: columns.collect(),
            left_out,
            not_redacted,
        }
    }
}

const FR: &str = "Ce dossier a été expurgé avant d'être scellé. P-… est une personne, C-… un compte : une empreinte à clé, la même dans toutes les tables et tous les trimestres tant que la clé (key_fingerprint) reste la même. La correspondance et les captures brutes restent chez l'organisation, qui peut les montrer. Les constats ont été refaits sur les tables expurgées et donnent les mêmes chiffres. Les noms sont aussi retirés des textes libres où ils ont été reconnus ; un surnom ou une faute de frappe ne l'est pas.";
const EN: &str = "This bundle was redacted before it was sealed. P-… is a person, C-… an account: a keyed hash, the same in every table and every quarter as long as the key (key_fingerprint) is the same. What they stand for and the raw captures stay with the organisation, which can show them. Findings were made again from the redacted tables and give the same figures. Names were also taken out of free texts where they were recognised; a nickname or a misspelling is not.";
