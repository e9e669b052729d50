//! What `kind = "documents"` may say.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::property::Property;

/// The documents of a folder and what they say of themselves: owner, version, approval, reviews.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentsConfig {
    /// Folder to read with all that lies below, relative to the configuration file. Symbolic links are not followed; files and folders
    /// whose name begins with `.` or `~$` are skipped and counted.
    pub folder: PathBuf,
    /// Extensions of what counts as a document, without the dot. Files of other types are counted and left out. Properties are read
    /// from md, markdown, erb, adoc, txt, htm and html (front matter), docx, xlsx, pptx and their kin, odt, ods, odp, odg, and pdf.
    #[serde(default = "extensions")]
    pub extensions: Vec<String>,
    /// Patterns of paths below the folder to leave out, such as `archives/**`; counted.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Names under which your documents hold a property, beside the usual French and English ones: `owner = ["Pilote du processus"]`.
    /// Case, accents and punctuation do not matter.
    #[serde(default)]
    pub keys: BTreeMap<Property, Vec<String>>,
    /// How dates are written, beside ISO 8601: `dd/mm/yyyy`, `d mmm yyyy`. Tried in order; day and month are never guessed.
    #[serde(default)]
    pub date_formats: Vec<String>,
}

fn extensions() -> Vec<String> {
    let known = [
        "adoc", "doc", "docm", "docx", "erb", "htm", "html", "markdown", "md", "odg", "odp", "ods", "odt", "pdf", "ppt", "pptm",
        "pptx", "rtf", "txt", "xls", "xlsm", "xlsx",
    ];
    known.map(String::from).to_vec()
}
