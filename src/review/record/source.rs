//! The sources that a campaign rests on, as they were when it was opened: a revocation is verified by the same source and scope.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::lang::Both;
use crate::snapshot::schema::Collection;

/// A source as it was when the campaign was opened: a revocation is verified by the same source and scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenSource {
    pub source: String,
    pub system: String,
    pub tables: Vec<String>,
    pub collection_id: String,
    pub evidence_at: Option<Timestamp>,
    pub rows_seen: i64,
    pub rows_rejected: i64,
    /// What of the query tells which part of the system was read (see [`scope`]).
    pub scope: String,
}

/// A problem of a source that someone accepted by name when the campaign was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    pub source: String,
    pub problem: Both,
}

/// `rows_seen = rows_kept + rows_rejected`, and the independent count where there is one.
#[must_use]
pub fn ties(collection: &Collection<'_>) -> bool {
    collection.rows_kept.checked_add(collection.rows_rejected) == Some(collection.rows_seen)
        && collection.server_count.is_none_or(|count| count == collection.rows_seen)
}

/// Keys of a query that tell which part of a system was asked for. The others name files or tell what was met, and differ
/// from one reading to the next of the same thing.
const ASKED: [&str; 12] = [
    "attributes",
    "base",
    "bases",
    "filter",
    "flavour",
    "format",
    "preset",
    "reads_everything",
    "realm",
    "realms",
    "record",
    "url",
];

/// Which part of the system a collection read: its kind, and what its query asked for. A file's name may bear its date, so a
/// file is known by its source.
#[must_use]
pub fn scope(collection: &Collection<'_>) -> String {
    let mut query: serde_json::Value = serde_json::from_str(&collection.query).unwrap_or_default();
    if let Some(query) = query.as_object_mut() {
        query.retain(|key, _| ASKED.contains(&key.as_str()));
    }
    format!("{} {query}", collection.kind)
}
