//! An error in a file that people write, with its place: file, line, column, and the text around it for the edge to show.

/// Something in a file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}, column {column}: {message}")]
pub struct FileError {
    /// As the person named it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub message: String,
    /// The whole text, and the byte pointed at.
    pub text: String,
    pub byte: usize,
}

impl FileError {
    /// Points at a byte of the file's text.
    #[must_use]
    pub fn at(file: &str, text: &str, byte: usize, message: impl Into<String>) -> Self {
        let mut byte = byte.min(text.len());
        while !text.is_char_boundary(byte) {
            byte -= 1;
        }
        let before = text.get(..byte).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            message: message.into(),
            text: text.to_owned(),
            byte,
        }
    }

    /// From the TOML reader, whose message already says what is allowed.
    #[must_use]
    pub fn toml(file: &str, text: &str, error: &toml::de::Error) -> Self {
        Self::at(file, text, error.span().map_or(0, |span| span.start), error.message())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_in_characters() {
        let error = FileError::at("é.toml", "clé = 1\nété = x\n", "clé = 1\nété = ".len(), "no");
        assert_eq!(error.to_string(), "é.toml, line 2, column 7: no");
        assert_eq!(FileError::at("f", "é", 1, "").byte, 0);
    }
}
