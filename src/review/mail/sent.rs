//! Which workbook was made for whom: `sent.json` in the campaign's folder, written when the campaign is opened.

use serde::{Deserialize, Serialize};

/// Name of the file.
pub const FILE: &str = "sent.json";
const FORMAT: &str = "probant.sent.v1";

/// One reviewer's workbook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentBook {
    /// `person_id`.
    pub reviewer: String,
    /// Path below the campaign's folder, with `/`.
    pub file: String,
    pub bytes: u64,
    pub sha256: String,
}

#[derive(Serialize, Deserialize)]
struct Index {
    format: String,
    workbooks: Vec<SentBook>,
}

#[derive(Debug, thiserror::Error)]
pub enum SentError {
    #[error("{FILE}: {0}. Restore the file from a copy of the store")]
    Json(serde_json::Error),
    #[error("{FILE} says it is `{0}`, and this Probant reads `{FORMAT}`: use a newer one")]
    Format(String),
}

/// The file's bytes.
pub fn to_file(books: &[SentBook]) -> Result<Vec<u8>, SentError> {
    let index = Index { format: FORMAT.to_owned(), workbooks: books.to_vec() };
    let mut bytes = serde_json::to_vec_pretty(&index).map_err(SentError::Json)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads it.
pub fn from_file(bytes: &[u8]) -> Result<Vec<SentBook>, SentError> {
    let index: Index = serde_json::from_slice(bytes).map_err(SentError::Json)?;
    if index.format == FORMAT { Ok(index.workbooks) } else { Err(SentError::Format(index.format)) }
}
