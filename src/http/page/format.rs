//! How money, quantities, prices and times are written: once, for every page.

use iso_currency::Currency;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;

use super::locale::Locale;
use super::text::Text;
use crate::domain::language::Language;

/// A space that does not break: between a number and its unit.
const TIED: char = '\u{a0}';

/// Who reads the page and when: all that writing depends on besides the value.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The zone that times are written in, with its name beside them.
    pub zone: TimeZone,
    /// The present instant, for "12 s ago".
    pub now: Timestamp,
    /// The language and the forms of numbers and days.
    pub locale: Locale,
}

impl Reader {
    /// A reader of whom nothing is known: English, in the zone of all.
    pub fn utc(now: Timestamp) -> Self {
        Reader {
            zone: TimeZone::UTC,
            now,
            locale: Locale::DEFAULT,
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

/// "2.5", "1000": a quantity as a number field takes it.
pub fn plain(value: Decimal) -> String {
    value.normalize().to_string()
}

impl Reader {
    /// "2.5", "1,000": a quantity without trailing zeros.
    pub fn quantity(&self, value: Decimal) -> String {
        self.locale.form.marks.decimal(value, 0)
    }

    /// "1,234.50": an amount with its currency's digits, and more where it has more.
    pub fn amount(&self, money: Money<'_>) -> String {
        let digits = Currency::from_code(money.currency)
            .and_then(Currency::exponent)
            .unwrap_or(2);
        self.locale.form.marks.decimal(money.amount, u32::from(digits))
    }

    /// "1,234.50 EUR".
    pub fn money(&self, money: Money<'_>) -> String {
        format!("{}{TIED}{}", self.amount(money), money.currency)
    }

    /// "/ box of 100 = 0.124 each": what a price is for, as it follows the money.
    pub fn per(&self, price: &Price<'_>) -> String {
        let (per, is_piece) = (price.per, self.is_piece(price.unit));
        let whole = match (per == Decimal::ONE, is_piece) {
            (true, true) => Text::new("price-each"),
            (true, false) => Text::new("price-per-unit").with("unit", price.unit),
            (false, true) => Text::new("price-per-pieces").with("quantity", per),
            (false, false) => Text::new("price-per-units")
                .with("quantity", per)
                .with("unit", price.unit),
        };
        let whole = self.say(whole);
        match self.each(price) {
            Some(each) => format!("{whole} {each}"),
            None => whole,
        }
    }

    /// "= 0.124 each", with "≈" where the division has no end; nothing where the price is for one piece already.
    fn each(&self, price: &Price<'_>) -> Option<String> {
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
        let sign = match shown.checked_mul(pieces) == Some(price.money.amount) {
            true => "=",
            false => "≈",
        };
        let shown = self.amount(Money {
            amount: shown,
            ..price.money
        });
        let text = match self.is_piece(content.piece) {
            true => Text::new("price-makes-each"),
            false => Text::new("price-makes-per-unit").with("unit", content.piece),
        };
        Some(self.say(text.with("sign", sign).with("amount", &shown)))
    }

    /// Whether a unit, as said in a sentence, is the single piece.
    fn is_piece(&self, unit: &str) -> bool {
        unit == self.say(Text::of("unit-", "EA"))
    }

    /// "12.40 EUR", "12.40 EUR / 100": a price and the quantity it is for, in a unit that stands elsewhere.
    pub fn price_per(&self, price: Money<'_>, per: Decimal) -> String {
        if per == Decimal::ONE {
            self.money(price)
        } else {
            format!("{} /{TIED}{}", self.money(price), self.quantity(per))
        }
    }

    /// "4 December", with the year when it is another one.
    pub fn day(&self, date: Date) -> String {
        let year = self.now.to_zoned(self.zone.clone()).year();
        let written = self.day_of(date, self.locale.month(date.month()));
        match (date.year() == year, self.locale.form.is_american) {
            (true, _) => written,
            (false, true) => format!("{written}, {}", date.year()),
            (false, false) => format!("{written} {}", date.year()),
        }
    }

    /// Day and month, the month's name given.
    fn day_of(&self, date: Date, month: &str) -> String {
        let day = date.day();
        match (self.locale.language, self.locale.form.is_american) {
            (Language::En, true) => format!("{month} {day}"),
            (Language::En, false) => format!("{day} {month}"),
            (Language::De, _) => format!("{day}. {month}"),
        }
    }

    /// "3 Nov 2026, 16:40 CET".
    pub fn moment(&self, at: Timestamp) -> String {
        let (hours, twelve) = ("%H:%M %Z", "%-I:%M %p %Z");
        self.dated(at, if self.locale.form.is_american { twelve } else { hours })
    }

    /// "3 Nov 2026, 16:40:07 CET".
    pub fn exact(&self, at: Timestamp) -> String {
        let (hours, twelve) = ("%H:%M:%S %Z", "%-I:%M:%S %p %Z");
        self.dated(at, if self.locale.form.is_american { twelve } else { hours })
    }

    fn dated(&self, at: Timestamp, time: &str) -> String {
        let there = at.to_zoned(self.zone.clone());
        let day = self.day_of(there.date(), self.locale.short_month(there.month()));
        let comma = if self.locale.form.is_american { "," } else { "" };
        format!("{day}{comma} {}, {}", there.year(), there.strftime(time))
    }

    /// "16:40 CET" today, otherwise the moment with its date.
    pub fn clock(&self, at: Timestamp) -> String {
        let (then, now) = (at.to_zoned(self.zone.clone()), self.now.to_zoned(self.zone.clone()));
        match (then.date() == now.date(), self.locale.form.is_american) {
            (true, false) => then.strftime("%H:%M %Z").to_string(),
            (true, true) => then.strftime("%-I:%M %p %Z").to_string(),
            (false, _) => self.moment(at),
        }
    }

    /// "12 s ago", "in 5 min"; beyond a week the moment itself.
    pub fn ago(&self, at: Timestamp) -> String {
        let apart = self.now.duration_since(at);
        let seconds = apart.unsigned_abs().as_secs();
        let is_past = apart >= SignedDuration::ZERO;
        let (text, size) = match (seconds, is_past) {
            (0..60, true) => ("ago-seconds", 1),
            (0..60, false) => ("in-seconds", 1),
            (60..3_600, true) => ("ago-minutes", 60),
            (60..3_600, false) => ("in-minutes", 60),
            (3_600..86_400, true) => ("ago-hours", 3_600),
            (3_600..86_400, false) => ("in-hours", 3_600),
            (86_400..604_800, true) => ("ago-days", 86_400),
            (86_400..604_800, false) => ("in-days", 86_400),
            _ => return self.moment(at),
        };
        self.say(Text::new(text).with("count", seconds / size))
    }
}

/// "812 bytes", "1.4 kB", "12 MB": the size of a document, in English.
pub fn bytes(size: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = Decimal::new(i64::try_from(size * 10 / unit).unwrap_or(i64::MAX), 1);
        Locale::DEFAULT.form.marks.decimal(tenths, 0)
    };
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
        text.replace([TIED, '\u{202f}'], " ")
    }

    /// A reader by a tag, at noon of a day in Berlin's winter.
    fn reader(tag: &str) -> Reader {
        Reader {
            zone: TimeZone::fixed(jiff::tz::offset(1)),
            now: "2026-11-03T15:40:07Z".parse().unwrap(),
            locale: Locale::choose(None, [tag]),
        }
    }

    #[test]
    fn quantities_lose_idle_zeros() {
        let check = |value: &str, expect: &str| assert_eq!(reader("en").quantity(dec(value)), expect);
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
                spaced(&reader("en").money(Money {
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
        let told = |tag: &str, value: &str, per: &str, unit: &str, content: Option<(&str, &str)>| {
            let content = content.map(|(pieces, piece)| Content {
                pieces: dec(pieces),
                piece,
            });
            let price = Price {
                money: Money {
                    amount: dec(value),
                    currency: "EUR",
                },
                per: dec(per),
                unit,
                content,
            };
            let reader = reader(tag);
            spaced(&format!("{} {}", reader.money(price.money), reader.per(&price)))
        };
        let check = |value: &str, per: &str, unit: &str, content: Option<(&str, &str)>, expect: &str| {
            assert_eq!(told("en", value, per, unit, content), expect);
        };
        assert_eq!(
            told("de", "1234.5", "1", "Karton mit 1.000", Some(("1000", "Stück"))),
            "1.234,50 EUR / Karton mit 1.000 = 1,2345 je Stück"
        );
        assert_eq!(
            told("de", "12.4", "100", "Stück", None),
            "12,40 EUR / 100 = 0,124 je Stück"
        );
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
        let (en, us, de) = (reader("en"), reader("en-US"), reader("de-DE"));
        let check = |seconds: i64, expect: &str, german: &str| {
            let at = en.now - SignedDuration::from_secs(seconds);
            assert_eq!(
                (spaced(&en.ago(at)), spaced(&de.ago(at))),
                (expect.into(), german.into())
            );
        };
        check(0, "0 s ago", "vor 0 s");
        check(12, "12 s ago", "vor 12 s");
        check(-300, "in 5 min", "in 5 min");
        check(7_200, "2 h ago", "vor 2 h");
        check(100_000, "1 day ago", "vor 1 Tag");
        check(500_000, "5 days ago", "vor 5 Tagen");
        check(700_000, "26 Oct 2026, 14:13 +01", "26. Okt. 2026, 14:13 +01");
        assert_eq!(
            (en.clock(en.now).as_str(), us.clock(en.now).as_str()),
            ("16:40 +01", "4:40 PM +01")
        );
        assert_eq!(us.moment(en.now), "Nov 3, 2026, 4:40 PM +01");
        assert_eq!(Reader::utc(en.now).exact(en.now), "3 Nov 2026, 15:40:07 UTC");
        let days = |date: Date| [en.day(date), us.day(date), de.day(date)];
        let december = jiff::civil::date(2026, 12, 4);
        assert_eq!(days(december), ["4 December", "December 4", "4. Dezember"]);
        let january = jiff::civil::date(2027, 1, 4);
        assert_eq!(days(january), ["4 January 2027", "January 4, 2027", "4. Januar 2027"]);
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
