//! The `[redaction]` section of `probant.toml`.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

/// What leaves in a sealed bundle without naming people. Its presence switches redaction on: names, logins, e-mail addresses and
/// employee numbers become pseudonyms or are left out, raw captures stay inside. Columns are written `table.column`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RedactionConfig {
    /// File that holds the key of the pseudonyms (32 bytes or more). Default: `keys/redaction.key` in the store, made when missing.
    pub key_file: Option<PathBuf>,
    /// Environment variable that holds it, instead of a file.
    pub key_env: Option<String>,
    /// Columns left as they are although they would be redacted.
    pub keep: Vec<String>,
    /// More columns to leave out.
    pub drop: Vec<String>,
    /// More columns to replace by pseudonyms.
    pub pseudonymise: Vec<String>,
}
