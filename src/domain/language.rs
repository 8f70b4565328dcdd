//! The languages that people's pages are written in.

use serde::{Deserialize, Serialize};

/// A language that the shop speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// German.
    De,
}

impl Language {
    /// Every one of them.
    pub const ALL: [Language; 2] = [Language::En, Language::De];

    /// Its code (ISO 639-1), by which it is stored and asked for.
    pub fn code(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::De => "de",
        }
    }

    /// Its own name, by which people find it who read nothing else on the page.
    pub fn own_name(self) -> &'static str {
        match self {
            Language::En => "English",
            Language::De => "Deutsch",
        }
    }

    /// The language of a code or tag (BCP 47): "de", "de-AT", "DE_at".
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or(tag).trim();
        Self::ALL
            .into_iter()
            .find(|language| primary.eq_ignore_ascii_case(language.code()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_languages() {
        let check = |tag: &str, expect: Option<Language>| assert_eq!(Language::of_tag(tag), expect, "{tag}");
        check("de", Some(Language::De));
        check("de-AT", Some(Language::De));
        check("DE_ch", Some(Language::De));
        check("en-US", Some(Language::En));
        check("den", None);
        check("fr-FR", None);
        check("", None);
    }
}
