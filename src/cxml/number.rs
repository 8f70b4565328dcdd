//! Numbers as documents write them.
//!
//! `.` is the only decimal sign. A comma is legal as thousands separator alone (SAP cXML Solutions Guide p. 17), so
//! it is accepted in correct groups of three before the point and noted; whatever could be read in two ways is not
//! read at all.

use rust_decimal::Decimal;

use super::element::element;

/// Longest text that is looked at; more characters than any number that fits an exact decimal.
const CHARACTERS_MAX: usize = 64;

/// A number as it came; [`Number::decimal`] reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Number(String);

element! {
    /// An element that holds one number (cXML 1.2 `MaxQuantity`, `MinQuantity`, `LeadTime`, `PlannedAcceptanceDays`).
    pub struct Figure {
        text {
            /// The number as it came.
            value: Number,
        }
    }
}

impl<T: Into<Number>> From<T> for Figure {
    fn from(value: T) -> Figure {
        Figure {
            value: value.into(),
            ..Figure::default()
        }
    }
}

/// What a number's text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parsed {
    /// The exact value with its scale.
    pub value: Decimal,
    /// Whether commas grouped the thousands: accepted with a warning.
    pub grouped: bool,
}

/// Why a text is not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// There is no text.
    #[error("expected a number, found nothing")]
    Empty,
    /// Something else than digits, a leading minus, one point and correct groups.
    #[error("expected digits with `.` as the only decimal sign and no exponent, blank or symbol")]
    Malformed,
    /// More digits than an exact decimal holds (28).
    #[error("expected at most 28 digits")]
    TooLong,
}

impl Number {
    /// The text as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The exact value.
    ///
    /// # Errors
    ///
    /// When the text is empty, malformed or too long.
    pub fn decimal(&self) -> Result<Decimal, NumberError> {
        parse(&self.0).map(|parsed| parsed.value)
    }

    /// The value as a count or line number: whole and not negative; `2.0` is 2.
    ///
    /// # Errors
    ///
    /// When the text is not a number, or not such a number.
    pub fn whole(&self) -> Result<u64, NumberError> {
        let value = self.decimal()?;
        if value.fract().is_zero() {
            u64::try_from(value).map_err(|_| NumberError::Malformed)
        } else {
            Err(NumberError::Malformed)
        }
    }

    /// The text in the strict form, where it is a number at all.
    #[must_use]
    pub fn strict(&self) -> String {
        self.decimal()
            .map_or_else(|_| self.0.clone(), |value| value.to_string())
    }
}

impl From<&str> for Number {
    fn from(text: &str) -> Number {
        Number(text.to_owned())
    }
}

impl From<String> for Number {
    fn from(text: String) -> Number {
        Number(text)
    }
}

impl From<Decimal> for Number {
    fn from(value: Decimal) -> Number {
        Number(value.to_string())
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Number {
        Number(value.to_string())
    }
}

/// Reads a number.
///
/// # Errors
///
/// When the text is empty, malformed or too long.
pub fn parse(text: &str) -> Result<Parsed, NumberError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(NumberError::Empty);
    }
    if text.len() > CHARACTERS_MAX {
        return Err(NumberError::TooLong);
    }
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) if is_digits(fraction) => (whole, fraction),
        Some(_) => return Err(NumberError::Malformed),
        None => (unsigned, ""),
    };
    let grouped = whole.contains(',');
    let well_formed = if grouped {
        is_grouped(whole)
    } else {
        is_digits(whole) || (whole.is_empty() && !fraction.is_empty())
    };
    if !well_formed {
        return Err(NumberError::Malformed);
    }
    let plain: String = text.chars().filter(|character| *character != ',').collect();
    let value = Decimal::from_str_exact(&plain).map_err(|_| NumberError::TooLong)?;
    Ok(Parsed { value, grouped })
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Groups of three after a first group of one to three digits; a leading zero would make `0,123` a decimal comma.
fn is_grouped(whole: &str) -> bool {
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    is_digits(first)
        && first.len() <= 3
        && !first.starts_with('0')
        && groups.all(|group| group.len() == 3 && is_digits(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<(&str, bool), NumberError>) {
        let got = parse(text);
        let expect = expect.map(|(value, grouped)| Parsed {
            value: Decimal::from_str_exact(value).unwrap(),
            grouped,
        });
        assert_eq!(got, expect, "{text:?}");
        if let (Ok(got), Ok(expect)) = (got, expect) {
            assert_eq!(got.value.scale(), expect.value.scale(), "scale of {text:?}");
        }
    }

    #[test]
    fn numbers_as_the_guide_writes_them() {
        check("0", Ok(("0", false)));
        check("12.50", Ok(("12.50", false)));
        check(" 7\n", Ok(("7", false)));
        check(".00", Ok(("0.00", false)));
        check("-.34", Ok(("-0.34", false)));
        check("-5", Ok(("-5", false)));
        check("00000001730.900", Ok(("1730.900", false)));
        check("3,001.01", Ok(("3001.01", true)));
        check("1,000", Ok(("1000", true)));
        check("20,000.00000", Ok(("20000.00000", true)));
        check("1,234,567", Ok(("1234567", true)));
    }

    #[test]
    fn what_could_mean_two_things_is_refused() {
        for text in [
            "1e3",
            "1e309",
            "NaN",
            "Infinity",
            "0x10",
            "١٢",
            "1.000,5",
            "1234,00",
            "1,23",
            "$5",
            "12.34 USD",
            "1 000",
            "+5",
            "5.",
            ".",
            "-",
            "--1",
            "1.2.3",
            ",100",
            "1,000,",
            "12,34,567",
            "1234,567",
            "0,123",
            "1,000.5,0",
            "５",
            "1_000",
        ] {
            check(text, Err(NumberError::Malformed));
        }
        check("", Err(NumberError::Empty));
        check(" \t", Err(NumberError::Empty));
        check(&"9".repeat(400), Err(NumberError::TooLong));
        check("99999999999999999999999999999999", Err(NumberError::TooLong));
        check("0.123456789012345678901234567890", Err(NumberError::TooLong));
    }

    #[test]
    fn counts_are_whole() {
        assert_eq!(Number::from("2.0").whole(), Ok(2));
        assert_eq!(Number::from("0").whole(), Ok(0));
        for text in ["-1", "1.5", "18446744073709551616", ""] {
            assert!(Number::from(text).whole().is_err(), "{text}");
        }
    }

    #[test]
    fn strict_form_is_plain() {
        assert_eq!(Number::from("3,001.01").strict(), "3001.01");
        assert_eq!(Number::from(".5").strict(), "0.5");
        assert_eq!(Number::from("five").strict(), "five");
    }

    proptest::proptest! {
        #[test]
        fn every_decimal_survives(mantissa in -1_000_000_000_000_i64..1_000_000_000_000, scale in 0_u32..10) {
            let value = Decimal::new(mantissa, scale);
            proptest::prop_assert_eq!(Number::from(value).decimal(), Ok(value));
        }

        #[test]
        fn no_text_panics(text in ".{0,80}") {
            let parsed = parse(&text);
            proptest::prop_assert!(parsed.is_ok() || parsed.is_err());
        }
    }
}
