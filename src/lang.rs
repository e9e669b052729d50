//! The two languages people read Probant in, and how each writes a date.

// By its path: the fuzz targets take this file by its own.
#[path = "lang/reasons.rs"]
mod reasons;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::civil;
use serde::{Deserialize, Serialize};

/// A language of screens, reports and workbooks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// French.
    #[default]
    Fr,
    /// English.
    En,
}

/// A language that Probant does not speak.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("language `{0}` is not known: write `fr` or `en`")]
pub struct UnknownLang(pub String);

impl Lang {
    /// The one of two texts that is in this language.
    pub fn pick<T>(self, fr: T, en: T) -> T {
        match self {
            Self::Fr => fr,
            Self::En => en,
        }
    }

    /// Two-letter code (ISO 639-1).
    #[must_use]
    pub fn code(self) -> &'static str {
        self.pick("fr", "en")
    }

    /// `23/11/2026` in French; `2026-11-23` in English, where d/m and m/d would be confused.
    #[must_use]
    pub fn date(self, date: civil::Date) -> String {
        match self {
            Self::Fr => format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year()),
            Self::En => date.to_string(),
        }
    }

    /// Why a row was refused or a source is incomplete, as far as there are words for it: sources write in English.
    #[must_use]
    pub fn reason(self, english: &str) -> Cow<'_, str> {
        self.pick(reasons::french as fn(&str) -> Cow<'_, str>, |text| Cow::Borrowed(text))(english)
    }

    /// A period as each language names quarters: `2026-T3` in French, `2026-Q3` in English, whichever was typed.
    #[must_use]
    pub fn period(self, label: &str) -> String {
        match label.split_at_checked(4) {
            Some((year, quarter)) if quarter.starts_with("-T") || quarter.starts_with("-Q") => {
                format!("{year}{}{}", self.pick("-T", "-Q"), quarter.get(2..).unwrap_or_default())
            }
            _ => label.to_owned(),
        }
    }

    /// [`Self::date`] and the time of day to the minute.
    #[must_use]
    pub fn date_time(self, at: civil::DateTime) -> String {
        format!("{} {:02}:{:02}", self.date(at.date()), at.hour(), at.minute())
    }
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Both {
    pub fr: String,
    pub en: String,
}

impl Both {
    #[must_use]
    pub fn text(&self, lang: Lang) -> &str {
        lang.pick(&self.fr, &self.en)
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Lang {
    type Err = UnknownLang;

    /// Reads `fr` and `en`, also as the start of a POSIX locale (`fr_FR.UTF-8`), in any case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let language = text.trim().split(['_', '-', '.']).next().unwrap_or_default();
        match language.to_ascii_lowercase().as_str() {
            "fr" => Ok(Self::Fr),
            "en" => Ok(Self::En),
            _ => Err(UnknownLang(text.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn each_language_writes_dates_its_own_way() {
        let at = civil::datetime(2026, 3, 4, 9, 5, 59, 0);
        assert_eq!(Lang::Fr.date_time(at), "04/03/2026 09:05");
        assert_eq!(Lang::En.date_time(at), "2026-03-04 09:05");
    }

    #[test]
    fn quarters_bear_the_name_they_have_in_each_language() {
        for (label, fr, en) in [
            ("2026-T3", "2026-T3", "2026-Q3"),
            ("2026-Q3", "2026-T3", "2026-Q3"),
            ("2026-09", "2026-09", "2026-09"),
            ("é", "é", "é"),
        ] {
            assert_eq!((Lang::Fr.period(label).as_str(), Lang::En.period(label).as_str()), (fr, en));
        }
    }

    #[test]
    fn locales_are_read_and_the_rest_is_refused_in_words() {
        assert_eq!("fr_FR.UTF-8".parse::<Lang>(), Ok(Lang::Fr));
        assert_eq!("EN".parse::<Lang>(), Ok(Lang::En));
        let error = "de".parse::<Lang>().unwrap_err().to_string();
        assert_eq!(error, "language `de` is not known: write `fr` or `en`");
    }
}
