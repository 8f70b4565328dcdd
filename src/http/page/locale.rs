//! In which language and in which forms a reader is written to.

use rust_decimal::Decimal;

use crate::domain::language::Language;

/// Language and forms of one reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locale {
    /// The language of sentences and names of months.
    pub language: Language,
    /// How numbers and days are written.
    pub form: Form,
}

/// How one country writes numbers and days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// Its tag (BCP 47): "de-CH".
    pub tag: &'static str,
    /// What stands in numbers.
    pub marks: Marks,
    /// Whether the month comes before the day, and hours are counted to twelve.
    pub is_american: bool,
}

/// What stands before decimals and between thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marks {
    /// 1,234.5
    Point,
    /// 1.234,5
    Comma,
    /// 1’234.5
    Apostrophe,
    /// 1 234,5
    Space,
}

/// The forms there are, the first of each language also for its other countries.
const FORMS: [Form; 16] = [
    form("en-GB", Marks::Point, false),
    form("en-US", Marks::Point, true),
    form("en-CH", Marks::Apostrophe, false),
    form("de-DE", Marks::Comma, false),
    form("de-CH", Marks::Apostrophe, false),
    form("de-LI", Marks::Apostrophe, false),
    form("fr-FR", Marks::Space, false),
    form("fr-CH", Marks::Apostrophe, false),
    form("it-IT", Marks::Comma, false),
    form("it-CH", Marks::Apostrophe, false),
    form("es-ES", Marks::Comma, false),
    form("nl-NL", Marks::Comma, false),
    form("pl-PL", Marks::Space, false),
    form("da-DK", Marks::Comma, false),
    form("sv-SE", Marks::Space, false),
    form("nb-NO", Marks::Space, false),
];

const fn form(tag: &'static str, marks: Marks, is_american: bool) -> Form {
    Form {
        tag,
        marks,
        is_american,
    }
}

impl Form {
    /// The form of a tag: its country's, else that of its language.
    fn of_tag(tag: &str) -> Option<&'static Form> {
        let tag = tag.trim();
        let primary = tag.split(['-', '_']).next().unwrap_or(tag);
        let exact = FORMS.iter().find(|form| form.tag.eq_ignore_ascii_case(tag));
        let same = |form: &&Form| form.tag[..2].eq_ignore_ascii_case(primary);
        exact.or_else(|| FORMS.iter().find(same))
    }
}

impl Locale {
    /// A reader of whom nothing is known.
    pub const DEFAULT: Locale = Locale {
        language: Language::En,
        form: FORMS[0],
    };

    /// Language and forms from what the reader chose, and from tags, the weightiest first.
    ///
    /// English is read in many countries, so its numbers are those of the first tag, whatever its language; every
    /// other language writes numbers its own way.
    pub fn choose<'t>(chosen: Option<Language>, tags: impl IntoIterator<Item = &'t str>) -> Self {
        let tags: Vec<&str> = tags.into_iter().filter(|tag| Form::of_tag(tag).is_some()).collect();
        let spoken = tags.iter().find_map(|tag| Language::of_tag(tag));
        let language = chosen.or(spoken).unwrap_or(Self::DEFAULT.language);
        let fits = |tag: &&&str| language == Language::En || Language::of_tag(tag) == Some(language);
        let tag = tags.iter().find(fits).copied().unwrap_or(language.code());
        Locale {
            language,
            form: Form::of_tag(tag).copied().unwrap_or(Self::DEFAULT.form),
        }
    }

    /// The tag of a page: its language, and the country of its forms ("en-DE").
    pub fn tag(&self) -> String {
        let country = self.form.tag.get(3..).unwrap_or_default();
        format!("{}-{country}", self.language.code())
    }

    /// The name of a month, 1 to 12.
    pub fn month(&self, month: i8) -> &'static str {
        let names = match self.language {
            Language::En => [
                "January",
                "February",
                "March",
                "April",
                "May",
                "June",
                "July",
                "August",
                "September",
                "October",
                "November",
                "December",
            ],
            Language::De => [
                "Januar",
                "Februar",
                "März",
                "April",
                "Mai",
                "Juni",
                "Juli",
                "August",
                "September",
                "Oktober",
                "November",
                "Dezember",
            ],
        };
        name_of(month, names)
    }

    /// The short name of a month, 1 to 12.
    pub fn short_month(&self, month: i8) -> &'static str {
        let names = match self.language {
            Language::En => [
                "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
            ],
            Language::De => [
                "Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez.",
            ],
        };
        name_of(month, names)
    }
}

fn name_of(month: i8, names: [&'static str; 12]) -> &'static str {
    let at = usize::try_from(month - 1).unwrap_or(0).min(11);
    names[at]
}

impl Marks {
    /// What stands between thousands, and before decimals.
    fn signs(self) -> (char, char) {
        match self {
            Marks::Point => (',', '.'),
            Marks::Comma => ('.', ','),
            Marks::Apostrophe => ('\u{2019}', '.'),
            Marks::Space => ('\u{202f}', ','),
        }
    }

    /// "1,234.5": grouped, at least `digits` decimals, no idle zeros beyond them.
    pub fn decimal(self, value: Decimal, digits: u32) -> String {
        let (group, point) = self.signs();
        let mut value = value.normalize();
        if value.scale() < digits {
            value.rescale(digits);
        }
        let text = value.abs().to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let mut out = String::with_capacity(text.len() + 8);
        if value.is_sign_negative() && !value.is_zero() {
            out.push('\u{2212}');
        }
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                out.push(group);
            }
            out.push(digit);
        }
        if !fraction.is_empty() {
            out.push(point);
            out.push_str(fraction);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_by_the_visit() {
        let check = |chosen: Option<Language>, tags: &[&str], expect: &str, marks: Marks| {
            let locale = Locale::choose(chosen, tags.iter().copied());
            assert_eq!((locale.tag().as_str(), locale.form.marks), (expect, marks), "{tags:?}");
        };
        check(None, &[], "en-GB", Marks::Point);
        check(None, &["en-US"], "en-US", Marks::Point);
        check(None, &["de-DE", "en-US"], "de-DE", Marks::Comma);
        check(None, &["de-CH"], "de-CH", Marks::Apostrophe);
        check(None, &["de-LU"], "de-DE", Marks::Comma);
        check(None, &["zz", "DE"], "de-DE", Marks::Comma);
        // A French document of a German: the shop has no French, and English numbers are those of the first tag.
        check(None, &["fr-FR", "de-DE"], "de-DE", Marks::Comma);
        check(None, &["fr-FR"], "en-FR", Marks::Space);
        check(Some(Language::En), &["de-DE"], "en-DE", Marks::Comma);
        check(Some(Language::De), &["en-US", "de-CH"], "de-CH", Marks::Apostrophe);
        check(Some(Language::De), &["en-US"], "de-DE", Marks::Comma);
    }

    #[test]
    fn numbers_as_countries_write_them() {
        let check = |marks: Marks, value: &str, digits: u32, expect: &str| {
            assert_eq!(marks.decimal(value.parse().unwrap(), digits), expect);
        };
        check(Marks::Point, "1234567.125", 0, "1,234,567.125");
        check(Marks::Comma, "1234567.125", 0, "1.234.567,125");
        check(Marks::Apostrophe, "1234.5", 2, "1\u{2019}234.50");
        check(Marks::Space, "-1234.5", 2, "\u{2212}1\u{202f}234,50");
        check(Marks::Comma, "0", 2, "0,00");
        check(Marks::Point, "-0.0", 0, "0");
        check(
            Marks::Point,
            "99999999999999999999999999.99",
            0,
            "99,999,999,999,999,999,999,999,999.99",
        );
    }
}
