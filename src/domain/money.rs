//! Exact amounts of money: ISO 4217 currencies, rounding, and the one way a line amount is computed.
//!
//! Amounts are [`Decimal`], never binary floats. Rounding is half up (away from zero at the midpoint) unless a supplier's
//! price policy says otherwise: it is what invoices and the procurement systems that check them do.

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Most digits a decimal may have before and after the point together (the exact range of [`Decimal`]).
pub const DECIMAL_DIGITS_MAX: usize = 28;

/// Why a text is not a decimal of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Nothing but blanks, or nothing at all.
    #[error("is empty, expected a number such as 12.50")]
    Empty,
    /// A character that has no place in a plain decimal; the offset counts characters from 1.
    #[error("has {found:?} at character {at}, expected a plain number such as 1234.50 (point, no thousands separator)")]
    Character {
        /// The character.
        found: char,
        /// Its place, from 1.
        at: usize,
    },
    /// No digit, or a point without a digit on both sides.
    #[error("is not a number, expected digits such as 12 or 12.50")]
    Malformed,
    /// More digits than are kept exactly.
    #[error("has more than {DECIMAL_DIGITS_MAX} digits")]
    TooLong,
}

/// Reads a canonical decimal: optional minus, digits, optionally a point and digits; blanks around are dropped.
///
/// The scale is kept: `12.50` stays `12.50`. Exponents, plus signs and separators are refused, since a guess at what
/// `1,234` means is a wrong price for somebody.
///
/// # Errors
/// [`DecimalError`] names the first fault.
pub fn parse_decimal(text: &str) -> Result<Decimal, DecimalError> {
    if let Some(value) = parse_short(text.as_bytes()) {
        return Ok(value);
    }
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    if text.is_empty() {
        return Err(DecimalError::Empty);
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let offset = text.len() - digits.len();
    let (mut count, mut points) = (0usize, 0usize);
    for (at, found) in digits.chars().enumerate() {
        match found {
            '0'..='9' => count += 1,
            '.' if points == 0 => points = 1,
            _ => {
                return Err(DecimalError::Character {
                    found,
                    at: at + offset + 1,
                });
            }
        }
    }
    if count == 0 || digits.starts_with('.') || digits.ends_with('.') {
        return Err(DecimalError::Malformed);
    }
    if count > DECIMAL_DIGITS_MAX {
        return Err(DecimalError::TooLong);
    }
    Decimal::from_str_exact(text).map_err(|_| DecimalError::TooLong)
}

/// Digits that a 64-bit number surely holds.
const SHORT_DIGITS_MAX: usize = 18;

/// Nearly every number there is, in one pass: few digits without sign, with a point between digits or none.
fn parse_short(text: &[u8]) -> Option<Decimal> {
    if text.len() > SHORT_DIGITS_MAX {
        return None;
    }
    let (mut mantissa, mut point) = (0i64, None);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' => mantissa = mantissa * 10 + i64::from(byte - b'0'),
            b'.' if point.is_none() && at > 0 => point = Some(at),
            _ => return None,
        }
    }
    let scale = point.map_or(0, |at| text.len() - at - 1);
    let is_number = !text.is_empty() && (point.is_none() || scale > 0);
    is_number.then(|| Decimal::new(mantissa, u32::try_from(scale).unwrap_or(0)))
}

/// Rounds half up (away from zero at the midpoint) to so many digits after the point; fewer digits stay as they are.
pub fn round_half_up(value: Decimal, digits: u32) -> Decimal {
    value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

/// Drops trailing zeros, but keeps at least so many digits after the point: `24.9900` with 2 is `24.99`.
pub fn with_digits_min(value: Decimal, digits_min: u32) -> Decimal {
    let mut value = value.normalize();
    if value.scale() < digits_min {
        value.rescale(digits_min);
    }
    value
}

/// A currency one can be billed in, by its ISO 4217 code.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

/// A code that is not an ISO 4217 currency with minor digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not an ISO 4217 currency, expected a code such as USD or EUR")]
pub struct CurrencyError;

impl Currency {
    /// Reads a three-letter code, upper case as ISO 4217 writes it; testing and metal codes (`XXX`, `XAU`) are refused.
    ///
    /// # Errors
    /// [`CurrencyError`] when the code is not a currency one can be billed in.
    pub fn parse(code: &str) -> Result<Self, CurrencyError> {
        match iso_currency::Currency::from_code(code) {
            Some(currency) if currency.exponent().is_some() && currency.code() == code => Ok(Currency(currency)),
            _ => Err(CurrencyError),
        }
    }

    /// The ISO 4217 code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Digits after the point of the smallest unit: 2 for USD, 0 for JPY, 3 for KWD.
    pub fn minor_digits(self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(code: &str) -> Result<Self, CurrencyError> {
        Currency::parse(code)
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.code().cmp(other.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Currency::parse(&code).map_err(serde::de::Error::custom)
    }
}

/// An exact amount in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// The amount, with the scale it came with.
    pub amount: Decimal,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// An amount in a currency.
    pub fn new(amount: Decimal, currency: Currency) -> Self {
        Money { amount, currency }
    }

    /// Nothing, with the currency's digits.
    pub fn zero(currency: Currency) -> Self {
        Money::new(Decimal::new(0, currency.minor_digits()), currency)
    }

    /// Rounded half up to the currency's digits and written with all of them: 9.5 USD is 9.50 USD.
    #[must_use]
    pub fn rounded(self) -> Self {
        let digits = self.currency.minor_digits();
        let mut amount = round_half_up(self.amount, digits);
        amount.rescale(digits);
        Money::new(amount, self.currency)
    }

    /// The sum, or `None` when the currencies differ or the range is exceeded.
    pub fn checked_add(self, other: Money) -> Option<Money> {
        if self.currency != other.currency {
            return None;
        }
        Some(Money::new(self.amount.checked_add(other.amount)?, self.currency))
    }

    /// The amount alone as text: trailing zeros dropped down to the currency's digits (`12.50`, `0.1234`).
    pub fn amount_text(&self) -> String {
        with_digits_min(self.amount, self.currency.minor_digits()).to_string()
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount_text(), self.currency)
    }
}

/// What a line costs: quantity × unit price ÷ the quantity the price is for, rounded half up to the currency's digits.
///
/// `None` when the price quantity is not positive or the range of exact decimals is exceeded.
pub fn line_amount(quantity: Decimal, unit_price: Money, price_quantity: Decimal) -> Option<Money> {
    line_amount_by(quantity, unit_price, price_quantity, round_half_up)
}

/// What a line costs, rounded in another way: a supplier's ERP may have one of its own.
///
/// `None` as for [`line_amount`].
pub fn line_amount_by(
    quantity: Decimal,
    unit_price: Money,
    price_quantity: Decimal,
    round: impl FnOnce(Decimal, u32) -> Decimal,
) -> Option<Money> {
    if price_quantity <= Decimal::ZERO {
        return None;
    }
    let mut amount = quantity.checked_mul(unit_price.amount)?;
    if price_quantity != Decimal::ONE {
        amount = amount.checked_div(price_quantity)?;
    }
    let amount = round(amount, unit_price.currency.minor_digits());
    Some(Money::new(amount, unit_price.currency).rounded())
}

/// The total of rounded lines, `None` when a currency differs or the range is exceeded; no lines are zero.
pub fn total(currency: Currency, lines: impl IntoIterator<Item = Money>) -> Option<Money> {
    lines.into_iter().try_fold(Money::zero(currency), Money::checked_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        parse_decimal(text).unwrap()
    }

    #[test]
    fn decimals_keep_their_scale_and_refuse_guesses() {
        for text in [
            "0",
            "12",
            "12.50",
            "-3.250",
            "0.000000000000000000000000001",
            "1234567890123456789012345678",
        ] {
            assert_eq!(parse_decimal(text).map(|value| value.to_string()), Ok(text.to_owned()));
        }
        assert_eq!(parse_decimal(" 7 \r\n"), Ok(dec("7")));
        let check = |text: &str, expect| assert_eq!(parse_decimal(text), Err(expect), "{text:?}");
        check("", DecimalError::Empty);
        check("  ", DecimalError::Empty);
        check("1,234.50", DecimalError::Character { found: ',', at: 2 });
        check("-1e5", DecimalError::Character { found: 'e', at: 3 });
        check("+1", DecimalError::Character { found: '+', at: 1 });
        check("1.2.3", DecimalError::Character { found: '.', at: 4 });
        check("=1+1", DecimalError::Character { found: '=', at: 1 });
        check("NaN", DecimalError::Character { found: 'N', at: 1 });
        check("١", DecimalError::Character { found: '١', at: 1 });
        check(".5", DecimalError::Malformed);
        check("5.", DecimalError::Malformed);
        check("-", DecimalError::Malformed);
        check("1111111111222222222233333333334444444444", DecimalError::TooLong);
        check("0.00000000000000000000000000001", DecimalError::TooLong);
    }

    #[test]
    fn currencies_are_iso_4217() {
        let check = |code: &str, expect: Option<u32>| {
            assert_eq!(
                Currency::parse(code).ok().map(Currency::minor_digits),
                expect,
                "{code:?}"
            );
        };
        check("USD", Some(2));
        check("EUR", Some(2));
        check("JPY", Some(0));
        check("KWD", Some(3));
        for code in ["usd", "XXX", "XAU", "US", "USDT", "", "ZZZ"] {
            check(code, None);
        }
    }

    #[test]
    fn line_amounts_round_half_up_once() {
        let check = |quantity: &str, price: &str, per: &str, code: &str, expect: &str| {
            let price = Money::new(dec(price), Currency::parse(code).unwrap());
            let amount = line_amount(dec(quantity), price, dec(per)).map(|money| money.amount.to_string());
            assert_eq!(amount.as_deref(), Some(expect), "{quantity} × {price} / {per}");
        };
        check("3", "1.115", "1", "USD", "3.35");
        check("1", "0.005", "1", "USD", "0.01");
        check("-1", "0.005", "1", "USD", "-0.01");
        check("250", "12.34", "100", "USD", "30.85");
        check("1", "0.5", "1", "JPY", "1");
        check("2.5", "1.0005", "1", "KWD", "2.501");
        check("1", "9.5", "1", "USD", "9.50");
        let usd = Money::new(dec("1"), Currency::parse("USD").unwrap());
        assert_eq!(line_amount(dec("1"), usd, dec("0")), None);
        let most = Money::new(Decimal::MAX, usd.currency);
        assert_eq!(line_amount(dec("2"), most, dec("1")), None);
    }

    #[test]
    fn totals_are_of_one_currency() {
        let usd = Currency::parse("USD").unwrap();
        let eur = Currency::parse("EUR").unwrap();
        let lines = [Money::new(dec("1.10"), usd), Money::new(dec("2.05"), usd)];
        assert_eq!(
            total(usd, lines).map(|sum| sum.to_string()),
            Some("3.15 USD".to_owned())
        );
        assert_eq!(total(usd, [Money::new(dec("1"), eur)]), None);
        assert_eq!(total(usd, []).map(|sum| sum.to_string()), Some("0.00 USD".to_owned()));
    }

    #[test]
    fn money_reads_back_from_json() {
        let money = Money::new(dec("12.340"), Currency::parse("EUR").unwrap());
        let text = serde_json::to_string(&money).unwrap();
        assert_eq!(text, r#"{"amount":"12.340","currency":"EUR"}"#);
        assert_eq!(serde_json::from_str::<Money>(&text).unwrap(), money);
    }
}
