//! What is wrong with a bundle, in the reader's language: a fixed phrase in French and English, and the entry or value
//! that it is about.

pub use crate::lang::Lang;

/// One sentence in both languages.
#[derive(Debug, PartialEq, Eq)]
pub struct Phrase {
    pub en: &'static str,
    pub fr: &'static str,
}

impl Phrase {
    #[must_use]
    pub fn text(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::Fr => self.fr,
            Lang::En => self.en,
        }
    }
}

/// Shorthand for the tables of phrases.
pub(crate) const fn phrase(en: &'static str, fr: &'static str) -> Phrase {
    Phrase { en, fr }
}

/// A defect that was found, or (`undetermined`) something that could not be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub phrase: &'static Phrase,
    /// The entry, the value or the underlying error; empty when the phrase says it all.
    pub subject: String,
    /// True when the bundle is not shown to be wrong: the reader could not tell.
    pub undetermined: bool,
}

impl Fault {
    #[must_use]
    pub fn new(phrase: &'static Phrase, subject: impl Into<String>) -> Self {
        Self { phrase, subject: printable(&subject.into()), undetermined: false }
    }

    #[must_use]
    pub fn bare(phrase: &'static Phrase) -> Self {
        Self::new(phrase, "")
    }

    #[must_use]
    pub fn unknown(phrase: &'static Phrase, subject: impl Into<String>) -> Self {
        Self { undetermined: true, ..Self::new(phrase, subject) }
    }

    /// A failed read of the file itself says nothing about what is in it.
    #[must_use]
    pub fn io(error: &std::io::Error) -> Self {
        Self::unknown(&READ_ERROR, error.to_string())
    }

    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let said = self.phrase.text(lang);
        if self.subject.is_empty() {
            return format!("{said}.");
        }
        match lang {
            Lang::Fr => format!("{said} : {}", self.subject),
            Lang::En => format!("{said}: {}", self.subject),
        }
    }
}

static READ_ERROR: Phrase = phrase("the file could not be read", "le fichier n'a pas pu être lu");

/// A hostile name must not drive the terminal it is shown on, nor fill it.
fn printable(text: &str) -> String {
    const LONGEST: usize = 200;
    let mut shown = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == LONGEST {
            shown.push('…');
            break;
        }
        if c.is_control() || is_direction_mark(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Overrides of writing direction make a name read as another.
pub(crate) fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
