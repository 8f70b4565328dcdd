//! How money, quantities, prices and times are written: once, for every page.

use iso_currency::Currency;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

/// A space that does not break: between a number and its unit.
const TIED: char = '\u{a0}';

/// Who reads the page and when: all that writing depends on besides the value.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The zone that times are written in, with its name beside them.
    pub zone: TimeZone,
    /// The present instant, for "12 s ago".
    pub now: Timestamp,
}

impl Reader {
    /// A reader of whom nothing is known.
    pub fn utc(now: Timestamp) -> Self {
        Reader {
            zone: TimeZone::UTC,
            now,
        }
    }
}

/// An amount in its currency (ISO 4217 code).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Money<'a> {
    /// The amount, exact.
    pub amount: Decimal,
    /// The currency's three letters.
    pub currency: &'a str,
}

/// A price, the quantity and unit it is for, and what that makes for one piece.
#[derive(Clone, Copy, Debug)]
pub struct Price<'a> {
    /// What `per` units cost.
    pub money: Money<'a>,
    /// The quantity the price is for; 1 unless priced per 100 or the like.
    pub per: Decimal,
    /// The unit as said in a sentence: "each", "box of 100", "m".
    pub unit: &'a str,
    /// How many pieces one unit holds, where that is more than one.
    pub content: Option<Content<'a>>,
}

/// What one unit of a package holds.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    /// Pieces in one unit.
    pub pieces: Decimal,
    /// The piece as said in a sentence: "each", "m".
    pub piece: &'a str,
}

/// "1,234.5": grouped, at least `digits` after the point, no idle zeros beyond them.
pub fn decimal(value: Decimal, digits: u32) -> String {
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
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// "2.5", "1,000": a quantity without trailing zeros.
pub fn quantity(value: Decimal) -> String {
    decimal(value, 0)
}

/// "2.5", "1000": a quantity as a number field takes it.
pub fn plain(value: Decimal) -> String {
    value.normalize().to_string()
}

/// "1,234.50": an amount with its currency's digits, and more where it has more.
pub fn amount(money: Money<'_>) -> String {
    let digits = Currency::from_code(money.currency)
        .and_then(Currency::exponent)
        .unwrap_or(2);
    decimal(money.amount, u32::from(digits))
}

/// "1,234.50 EUR".
pub fn money(money: Money<'_>) -> String {
    format!("{}{TIED}{}", amount(money), money.currency)
}

/// "/ box of 100 = 0.124 each": what a price is for, as it follows the money.
pub fn per(price: &Price<'_>) -> String {
    let whole = match (price.per == Decimal::ONE, price.unit) {
        (true, "each") => "each".to_owned(),
        (true, unit) => format!("/{TIED}{unit}"),
        (false, "each") => format!("/{TIED}{}", quantity(price.per)),
        (false, unit) => format!("/{TIED}{}{TIED}{unit}", quantity(price.per)),
    };
    match each(price) {
        Some(each) => format!("{whole} {each}"),
        None => whole,
    }
}

/// "= 0.124 each", with "≈" where the division has no end; nothing where the price is for one piece already.
fn each(price: &Price<'_>) -> Option<String> {
    let content = price.content.unwrap_or(Content {
        pieces: Decimal::ONE,
        piece: price.unit,
    });
    let pieces = content.pieces.checked_mul(price.per)?;
    if pieces == Decimal::ONE || pieces <= Decimal::ZERO {
        return None;
    }
    let exact = price.money.amount.checked_div(pieces)?;
    let shown = exact.round_dp(4);
    let sign = if shown.checked_mul(pieces) == Some(price.money.amount) {
        '='
    } else {
        '≈'
    };
    let shown = amount(Money {
        amount: shown,
        ..price.money
    });
    Some(match content.piece {
        "each" => format!("{sign}{TIED}{shown}{TIED}each"),
        piece => format!("{sign}{TIED}{shown}{TIED}/{TIED}{piece}"),
    })
}

/// "12.40 EUR / box of 100 = 0.124 each".
pub fn price(price: &Price<'_>) -> String {
    format!("{} {}", money(price.money), per(price))
}

/// "4 December", with the year when it is another one.
pub fn day(date: Date, reader: &Reader) -> String {
    let year = reader.now.to_zoned(reader.zone.clone()).year();
    let form = if date.year() == year { "%-d %B" } else { "%-d %B %Y" };
    date.strftime(form).to_string()
}

/// "12.40 EUR", "12.40 EUR / 100": a price and the quantity it is for, in a unit that stands elsewhere.
pub fn price_per(price: Money<'_>, per: Decimal) -> String {
    if per == Decimal::ONE {
        money(price)
    } else {
        format!("{} /{TIED}{}", money(price), quantity(per))
    }
}

/// "3 Nov 2026, 16:40 CET".
pub fn moment(at: Timestamp, reader: &Reader) -> String {
    at.to_zoned(reader.zone.clone())
        .strftime("%-d %b %Y, %H:%M %Z")
        .to_string()
}

/// "3 Nov 2026, 16:40:07 CET".
pub fn exact(at: Timestamp, reader: &Reader) -> String {
    at.to_zoned(reader.zone.clone())
        .strftime("%-d %b %Y, %H:%M:%S %Z")
        .to_string()
}

/// "16:40 CET" today, otherwise the moment with its date.
pub fn clock(at: Timestamp, reader: &Reader) -> String {
    let (then, now) = (
        at.to_zoned(reader.zone.clone()),
        reader.now.to_zoned(reader.zone.clone()),
    );
    if then.date() == now.date() {
        then.strftime("%H:%M %Z").to_string()
    } else {
        moment(at, reader)
    }
}

/// "12 s ago", "in 5 min"; beyond a week the moment itself.
pub fn ago(at: Timestamp, reader: &Reader) -> String {
    let apart = reader.now.duration_since(at);
    let seconds = apart.abs().as_secs();
    let length = match seconds {
        0..60 => format!("{seconds}{TIED}s"),
        60..3_600 => format!("{}{TIED}min", seconds / 60),
        3_600..86_400 => format!("{}{TIED}h", seconds / 3_600),
        86_400..172_800 => format!("1{TIED}day"),
        172_800..604_800 => format!("{}{TIED}days", seconds / 86_400),
        _ => return moment(at, reader),
    };
    if apart < SignedDuration::ZERO {
        format!("in {length}")
    } else {
        format!("{length} ago")
    }
}

/// "812 bytes", "1.4 kB", "12 MB": the size of a document.
pub fn bytes(size: u64) -> String {
    let tenths = |unit: u64| decimal(Decimal::new(i64::try_from(size * 10 / unit).unwrap_or(i64::MAX), 1), 0);
    match size {
        1 => format!("1{TIED}byte"),
        0..1_000 => format!("{size}{TIED}bytes"),
        1_000..1_000_000 => format!("{}{TIED}kB", tenths(1_000)),
        _ => format!("{}{TIED}MB", tenths(1_000_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn spaced(text: &str) -> String {
        text.replace(TIED, " ")
    }

    #[test]
    fn quantities_lose_idle_zeros() {
        let check = |value: &str, expect: &str| assert_eq!(quantity(dec(value)), expect);
        check("1.000", "1");
        check("2.50", "2.5");
        check("1000", "1,000");
        check("1234567.125", "1,234,567.125");
        check("0", "0");
        check("-0.0", "0");
        check("-12", "−12");
        check("100", "100");
        check("99999999999999999999999999.99", "99,999,999,999,999,999,999,999,999.99");
        assert_eq!(plain(dec("1200.50")), "1200.5");
    }

    #[test]
    fn money_has_its_currency_digits_and_keeps_more() {
        let check = |value: &str, currency: &str, expect: &str| {
            assert_eq!(
                spaced(&money(Money {
                    amount: dec(value),
                    currency
                })),
                expect
            );
        };
        check("12.4", "EUR", "12.40 EUR");
        check("12.4000", "EUR", "12.40 EUR");
        check("0.124", "EUR", "0.124 EUR");
        check("1500", "JPY", "1,500 JPY");
        check("1.5", "KWD", "1.500 KWD");
        check("3", "QQQ", "3.00 QQQ");
        check("-1234.5", "USD", "−1,234.50 USD");
    }

    #[test]
    fn prices_say_what_they_are_for() {
        let check = |value: &str, per: &str, unit: &str, content: Option<(&str, &str)>, expect: &str| {
            let content = content.map(|(pieces, piece)| Content {
                pieces: dec(pieces),
                piece,
            });
            let shown = price(&Price {
                money: Money {
                    amount: dec(value),
                    currency: "EUR",
                },
                per: dec(per),
                unit,
                content,
            });
            assert_eq!(spaced(&shown), expect);
        };
        check(
            "12.40",
            "1",
            "box of 100",
            Some(("100", "each")),
            "12.40 EUR / box of 100 = 0.124 each",
        );
        check("12.40", "1", "each", None, "12.40 EUR each");
        check("12.40", "100", "each", None, "12.40 EUR / 100 = 0.124 each");
        check(
            "10",
            "1",
            "pack of 3",
            Some(("3", "each")),
            "10.00 EUR / pack of 3 ≈ 3.3333 each",
        );
        check("95", "1", "reel", Some(("50", "m")), "95.00 EUR / reel = 1.90 / m");
        check("95", "100", "m", None, "95.00 EUR / 100 m = 0.95 / m");
        check("5", "1", "box", None, "5.00 EUR / box");
        check("5", "1", "box", Some(("0", "each")), "5.00 EUR / box");
    }

    #[test]
    fn times_in_the_readers_zone() {
        let now: Timestamp = "2026-11-03T15:40:07Z".parse().unwrap();
        let reader = Reader {
            zone: TimeZone::fixed(jiff::tz::offset(1)),
            now,
        };
        let check = |seconds: i64, expect: &str| {
            assert_eq!(spaced(&ago(now - SignedDuration::from_secs(seconds), &reader)), expect);
        };
        check(0, "0 s ago");
        check(12, "12 s ago");
        check(-300, "in 5 min");
        check(7_200, "2 h ago");
        check(100_000, "1 day ago");
        check(500_000, "5 days ago");
        check(700_000, "26 Oct 2026, 14:13 +01");
        assert_eq!(clock(now, &reader), "16:40 +01");
        assert_eq!(exact(now, &Reader::utc(now)), "3 Nov 2026, 15:40:07 UTC");
        assert_eq!(day(jiff::civil::date(2026, 12, 4), &reader), "4 December");
        assert_eq!(day(jiff::civil::date(2027, 1, 4), &reader), "4 January 2027");
    }

    #[test]
    fn sizes() {
        let check = |size: u64, expect: &str| assert_eq!(spaced(&bytes(size)), expect);
        check(0, "0 bytes");
        check(1, "1 byte");
        check(812, "812 bytes");
        check(1_440, "1.4 kB");
        check(12_000_000, "12 MB");
    }
}
