//! Files of a campaign that are not what was written.

/// Why a campaign's files cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CampaignError {
    #[error("{file}: {source}. Restore the file from a copy of the store")]
    Json { file: &'static str, source: serde_json::Error },
    #[error(
        "{file} says it is `{found}`, and this Probant reads `{wanted}`: use the version that opened the campaign, or a newer one"
    )]
    Format { file: &'static str, found: String, wanted: &'static str },
    #[error(
        "items.json is not the file that campaign.json was sealed with (SHA-256 {found}, not {wanted}): restore it from a copy of the store"
    )]
    Changed { found: String, wanted: String },
    #[error(
        "items.json, item {0}: the cells do not give the row's hash, or the order is broken; restore it from a copy of the store"
    )]
    Item(String),
}

/// Refuses another version of a file.
pub(super) fn known(file: &'static str, found: &str, wanted: &'static str) -> Result<(), CampaignError> {
    if found == wanted { Ok(()) } else { Err(CampaignError::Format { file, found: found.to_owned(), wanted }) }
}
