//! Units of measure: exact conversion factors, and what the codes of the trade's code lists mean.

use rust_decimal::{Decimal, RoundingStrategy};

/// What a unit measures; only units of one dimension convert into each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Pieces; base: one.
    Count,
    /// A pack whose content the product says (box, case, roll).
    Pack,
    /// Base: metre.
    Length,
    /// Base: square metre.
    Area,
    /// Base: litre.
    Volume,
    /// Base: kilogram.
    Mass,
    /// Base: second.
    Time,
    /// Services, lump sums, energy: nothing to convert.
    Other,
}

known_by_words!(Dimension {
    Count = "count",
    Pack = "pack",
    Length = "length",
    Area = "area",
    Volume = "volume",
    Mass = "mass",
    Time = "time",
    Other = "other",
});

/// One unit of the supplier's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The supplier's code.
    pub code: String,
    /// The supplier's name of it, as said in a sentence: "box", "each".
    pub name: String,
    /// The UN/CEFACT code it goes on the wire as.
    pub unece: Option<String>,
    /// The ANSI X12 (element 355) code.
    pub ansi: Option<String>,
    /// What it measures.
    pub dimension: Dimension,
    /// How many base units of the dimension it is.
    pub factor: Decimal,
    /// Digits after the point a quantity may have.
    pub decimals: u32,
}

/// How many base units one unit is, as an exact fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factor {
    numerator: Decimal,
    denominator: Decimal,
}

/// A factor that is not positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not positive, expected a factor such as 12 or 0.5")]
pub struct FactorError;

impl Factor {
    /// One to one: the base unit itself.
    pub const ONE: Factor = Factor {
        numerator: Decimal::ONE,
        denominator: Decimal::ONE,
    };

    /// One unit is `numerator / denominator` base units.
    ///
    /// # Errors
    /// [`FactorError`] when either part is zero or less.
    pub fn new(numerator: Decimal, denominator: Decimal) -> Result<Self, FactorError> {
        if numerator <= Decimal::ZERO || denominator <= Decimal::ZERO {
            return Err(FactorError);
        }
        Ok(Factor {
            numerator: numerator.normalize(),
            denominator: denominator.normalize(),
        })
    }

    /// The numerator.
    pub fn numerator(self) -> Decimal {
        self.numerator
    }

    /// The denominator.
    pub fn denominator(self) -> Decimal {
        self.denominator
    }

    /// Whether it is the base unit.
    pub fn is_one(self) -> bool {
        self.numerator == self.denominator
    }

    /// The quantity in base units, `None` when it cannot be written exactly.
    pub fn to_base(self, quantity: Decimal) -> Option<Decimal> {
        if self.is_one() {
            return Some(quantity);
        }
        exact_div(exact_mul(quantity, self.numerator)?, self.denominator)
    }

    /// Base units counted in this unit, `None` when it cannot be written exactly.
    pub fn from_base(self, quantity: Decimal) -> Option<Decimal> {
        exact_div(exact_mul(quantity, self.denominator)?, self.numerator)
    }

    /// How many units fit into so many base units, to so many digits after the point: 71 pieces are 10 cases of 7.
    pub fn floor_from_base(self, quantity: Decimal, digits: u32) -> Decimal {
        let units = quantity
            .checked_mul(self.denominator)
            .and_then(|value| value.checked_div(self.numerator));
        let floor = RoundingStrategy::ToNegativeInfinity;
        units.map_or(Decimal::ZERO, |value| value.round_dp_with_strategy(digits, floor))
    }

    /// A price per base unit as a price per this unit, not yet rounded; `None` beyond the range of decimals.
    pub fn price_from_base(self, price: Decimal) -> Option<Decimal> {
        price.checked_mul(self.numerator)?.checked_div(self.denominator)
    }
}

/// The product, `None` when it needs more digits than a decimal keeps.
pub fn exact_mul(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b) = (a.normalize(), b.normalize());
    let product = a.checked_mul(b)?;
    (product.is_zero() || product.scale() == a.scale() + b.scale()).then(|| product.normalize())
}

/// The quotient, `None` when it has no finite decimal form or `b` is zero.
pub fn exact_div(a: Decimal, b: Decimal) -> Option<Decimal> {
    let quotient = a.checked_div(b)?.normalize();
    (exact_mul(quotient, b)? == a).then_some(quotient)
}

/// A unit of the public code lists.
///
/// Codes and names after UN/CEFACT Recommendation 20 (units) and 21 (packages, written here without the prefix `X` that
/// Recommendation 20 gives them), ASC X12 data element 355, and the internal codes SAP systems are delivered with.
#[derive(Debug, PartialEq, Eq)]
pub struct StandardUnit {
    /// The code to write on the wire.
    pub code: &'static str,
    /// Its English name.
    pub name: &'static str,
    /// What it measures.
    pub dimension: Dimension,
    /// Base units of the dimension in one of it, as text; `None` where there is no fixed number.
    pub factor: Option<&'static str>,
    /// Digits after the point a quantity may have.
    pub decimals: u32,
    /// Other codes of Recommendation 20/21, current and former.
    pub unece: &'static [&'static str],
    /// Its codes in ASC X12 element 355.
    pub x12: &'static [&'static str],
    /// Its internal codes in SAP systems.
    pub sap: &'static [&'static str],
    /// Words that partners write instead of a code.
    pub words: &'static [&'static str],
}

/// A code list in which a code has its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// UN/CEFACT Recommendations 20 and 21.
    Unece,
    /// ASC X12 data element 355.
    X12,
    /// SAP's internal codes.
    Sap,
}

impl StandardUnit {
    /// Whether this code of this list means the unit; letter case does not matter.
    pub fn has_code(&self, scheme: Scheme, code: &str) -> bool {
        let any = |codes: &[&str]| codes.iter().any(|known| known.eq_ignore_ascii_case(code));
        match scheme {
            Scheme::Unece => {
                let package = code
                    .strip_prefix(['X', 'x'])
                    .filter(|_| self.dimension == Dimension::Pack);
                [Some(code), package].into_iter().flatten().any(|code| {
                    self.code.eq_ignore_ascii_case(code)
                        || self.unece.iter().any(|known| known.eq_ignore_ascii_case(code))
                })
            }
            Scheme::X12 => any(self.x12),
            Scheme::Sap => any(self.sap),
        }
    }

    fn has_word(&self, word: &str) -> bool {
        self.words.iter().any(|known| known.eq_ignore_ascii_case(word))
    }
}

/// The unit that a code of one list means.
pub fn by_scheme(scheme: Scheme, code: &str) -> Option<&'static StandardUnit> {
    STANDARD.iter().find(|unit| unit.has_code(scheme, code))
}

/// The unit that a code or word means when its list is not known; `None` where the lists disagree.
///
/// `ST` is a sheet in Recommendation 20, a set in X12 and a piece in SAP: such a code needs a map of the partner, never
/// a guess.
pub fn named(text: &str) -> Option<&'static StandardUnit> {
    let means = |unit: &&StandardUnit| {
        [Scheme::Unece, Scheme::X12, Scheme::Sap]
            .into_iter()
            .any(|scheme| unit.has_code(scheme, text))
            || unit.has_word(text)
    };
    let mut found = STANDARD.iter().filter(means);
    found.next().filter(|_| found.next().is_none())
}

/// Whether two codes mean one unit: equal but for letter case, or one standard unit by [`named`].
pub fn is_same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || named(a).is_some_and(|unit| named(b) == Some(unit))
}

/// What people write behind a number in a standard unit (`40 mm`); `None` where they write the unit's name.
pub fn sign(code: &str) -> Option<&'static str> {
    let signs = [
        ("MMT", "mm"),
        ("CMT", "cm"),
        ("MTR", "m"),
        ("KMT", "km"),
        ("INH", "in"),
        ("FOT", "ft"),
        ("MTK", "m²"),
        ("MLT", "ml"),
        ("LTR", "l"),
        ("MTQ", "m³"),
        ("MGM", "mg"),
        ("GRM", "g"),
        ("KGM", "kg"),
        ("TNE", "t"),
        ("SEC", "s"),
        ("MIN", "min"),
        ("HUR", "h"),
        ("KWH", "kWh"),
    ];
    signs.into_iter().find(|(own, _)| *own == code).map(|(_, sign)| sign)
}

macro_rules! standard {
    ($($code:literal $name:literal $dimension:ident $factor:expr, $decimals:literal, $unece:expr, $x12:expr, $sap:expr, $words:expr;)*) => {
        &[$(StandardUnit {
            code: $code, name: $name, dimension: Dimension::$dimension, factor: $factor, decimals: $decimals,
            unece: &$unece, x12: &$x12, sap: &$sap, words: &$words,
        }),*]
    };
}

/// The units of maintenance, repair and operations trade, in the order of the dimensions.
pub const STANDARD: &[StandardUnit] = standard! {
    "EA" "each" Count Some("1"), 0, ["C62", "H87", "PCE", "NAR"], ["EA", "PC", "UN"], ["ST", "EA"],
        ["EACH", "PIECE", "PCS", "PIECES", "UNIT", "UNI", "STK"];
    "PR" "pair" Count Some("2"), 0, ["NPR"], ["PR"], ["PAA"], ["PAIR", "PAIRS"];
    "DZN" "dozen" Count Some("12"), 0, [], ["DZ"], ["DZ"], ["DOZ", "DOZEN"];
    "CEN" "hundred" Count Some("100"), 0, [], ["HU"], [], ["HUNDRED"];
    "GRO" "gross" Count Some("144"), 0, [], ["GS"], ["GRO"], ["GROSS"];
    "MIL" "thousand" Count Some("1000"), 0, [], ["TH"], ["TS"], ["THOUSAND"];

    "SET" "set" Pack None, 0, [], ["ST"], ["SAT"], [];
    "KT" "kit" Pack None, 0, [], ["KT"], [], ["KIT"];
    "BX" "box" Pack None, 0, [], ["BX"], [], ["BOX", "BOXES"];
    "CS" "case" Pack None, 0, [], ["CA"], ["CV"], ["CASE", "CASES", "CSE"];
    "CT" "carton" Pack None, 0, [], ["CT"], ["KAR"], ["CARTON", "CTN"];
    "PK" "package" Pack None, 0, ["NMP"], ["PK"], ["PAK"], ["PACK", "PKG", "PACKAGE"];
    "PA" "packet" Pack None, 0, [], [], [], ["PACKET"];
    "BG" "bag" Pack None, 0, [], ["BG"], ["BAG"], [];
    "BE" "bundle" Pack None, 0, [], ["BD"], [], ["BUNDLE"];
    "BO" "bottle" Pack None, 0, [], ["BO"], ["FL", "BOT"], ["BOTTLE", "BTL"];
    "CA" "can" Pack None, 0, [], ["CN"], ["DOS"], ["CAN"];
    "DR" "drum" Pack None, 0, [], ["DR"], ["TRO"], ["DRUM"];
    "PL" "pail" Pack None, 0, [], ["PA"], [], ["PAIL"];
    "JR" "jar" Pack None, 0, [], ["JR"], [], ["JAR"];
    "TU" "tube" Pack None, 0, [], [], ["TUB"], ["TUBE"];
    "RO" "roll" Pack None, 0, [], ["RL"], ["ROL"], ["ROLL", "ROLLS"];
    "RL" "reel" Pack None, 0, [], ["RE"], [], ["REEL"];
    "SO" "spool" Pack None, 0, [], ["SO"], [], ["SPOOL"];
    "ST" "sheet" Pack None, 0, [], ["SH"], ["BL"], ["SHEET", "SHEETS"];
    "PX" "pallet" Pack None, 0, [], ["PL"], ["PAL"], ["PALLET"];

    "MMT" "millimetre" Length Some("0.001"), 3, [], ["MM"], ["MM"], [];
    "CMT" "centimetre" Length Some("0.01"), 3, [], ["CM"], ["CM"], [];
    "MTR" "metre" Length Some("1"), 3, [], ["MR"], ["M"], ["METER", "METRE"];
    "KMT" "kilometre" Length Some("1000"), 3, [], [], ["KM"], [];
    "INH" "inch" Length Some("0.0254"), 3, [], ["IN"], ["IN"], ["INCH"];
    "FOT" "foot" Length Some("0.3048"), 3, [], ["FT"], ["FT"], ["FOOT", "FEET"];
    "YRD" "yard" Length Some("0.9144"), 3, [], ["YD"], ["YD"], ["YARD"];

    "MTK" "square metre" Area Some("1"), 3, [], ["SM"], ["M2"], ["SQM"];
    "INK" "square inch" Area Some("0.00064516"), 3, [], ["SI"], ["IN2"], [];
    "FTK" "square foot" Area Some("0.09290304"), 3, [], ["SF"], ["FT2"], ["SQFT"];
    "YDK" "square yard" Area Some("0.83612736"), 3, [], ["SY"], ["YD2"], [];

    "MLT" "millilitre" Volume Some("0.001"), 3, [], ["ML"], ["ML"], [];
    "LTR" "litre" Volume Some("1"), 3, [], ["LT"], ["L"], ["LITER", "LITRE"];
    "MTQ" "cubic metre" Volume Some("1000"), 3, [], [], ["M3"], ["CBM"];
    "FTQ" "cubic foot" Volume Some("28.316846592"), 3, [], ["CF"], ["FT3"], [];
    "GLL" "gallon (US)" Volume Some("3.785411784"), 3, [], ["GA"], ["GAL"], ["GALLON", "GALLONS"];
    "GLI" "gallon (UK)" Volume Some("4.54609"), 3, [], [], [], [];
    "QT" "quart (US)" Volume Some("0.946352946"), 3, ["QTL"], ["QT"], [], ["QUART"];
    "PT" "pint (US)" Volume Some("0.473176473"), 3, ["PTL"], ["PT"], [], ["PINT"];
    "OZA" "fluid ounce (US)" Volume Some("0.0295735295625"), 3, [], ["FO"], ["OZA"], [];

    "MGM" "milligram" Mass Some("0.000001"), 3, [], ["ME"], ["MG"], [];
    "GRM" "gram" Mass Some("0.001"), 3, [], ["GR"], ["G"], ["GRAM"];
    "KGM" "kilogram" Mass Some("1"), 3, [], ["KG"], ["KG"], ["KILO", "KILOGRAM"];
    "TNE" "tonne" Mass Some("1000"), 3, [], ["MP"], ["TO"], ["TONNE"];
    "ONZ" "ounce" Mass Some("0.028349523125"), 3, [], ["OZ"], ["OZ"], ["OUNCE"];
    "LBR" "pound" Mass Some("0.45359237"), 3, [], ["LB"], ["LB"], ["LBS", "POUND"];

    "SEC" "second" Time Some("1"), 3, [], [], ["S"], [];
    "MIN" "minute" Time Some("60"), 3, [], ["MJ"], ["MIN"], [];
    "HUR" "hour" Time Some("3600"), 3, [], ["HR"], ["STD", "H"], ["HOUR", "HOURS", "HRS"];
    "DAY" "day" Time Some("86400"), 3, [], ["DA"], ["TAG"], ["DAYS"];
    "WEE" "week" Time Some("604800"), 3, [], ["WK"], ["WCH"], ["WEEK"];
    "MON" "month" Time None, 3, [], ["MO"], ["MON"], ["MONTH"];
    "ANN" "year" Time None, 3, [], ["YR"], ["JHR"], ["YEAR"];

    "KWH" "kilowatt hour" Other None, 3, [], ["KH"], ["KWH"], [];
    "LS" "lump sum" Other None, 0, [], ["LS"], [], ["LUMPSUM"];
    "E48" "service unit" Other None, 3, [], [], ["LE"], [];
    "E51" "job" Other None, 0, [], [], [], ["JOB"];
    "ACT" "activity" Other None, 3, [], [], [], ["ACTIVITY"];
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::parse_decimal;
    use proptest::prelude::*;

    fn dec(text: &str) -> Decimal {
        parse_decimal(text).unwrap()
    }

    #[test]
    fn codes_mean_one_unit_or_none() {
        let check = |text: &str, expect: Option<&str>| assert_eq!(named(text).map(|unit| unit.code), expect, "{text}");
        for text in ["EA", "ea", "C62", "H87", "PCE", "PC", "Each", "UNI"] {
            check(text, Some("EA"));
        }
        check("BX", Some("BX"));
        check("XBX", Some("BX"));
        check("DZ", Some("DZN"));
        check("FT", Some("FOT"));
        check("FOT", Some("FOT"));
        check("LB", Some("LBR"));
        check("GA", Some("GLL"));
        check("GLL", Some("GLL"));
        check("HR", Some("HUR"));
        check("KG", Some("KGM"));
        for text in ["ST", "PA", "PL", "CA", "RL", "", "5 each", "X", "XEA"] {
            check(text, None);
        }
        let scheme = |scheme, code: &str| by_scheme(scheme, code).map(|unit| unit.code);
        assert_eq!(scheme(Scheme::Sap, "ST"), Some("EA"));
        assert_eq!(scheme(Scheme::X12, "ST"), Some("SET"));
        assert_eq!(scheme(Scheme::Unece, "ST"), Some("ST"));
        assert!(is_same("PCE", "ea") && is_same("ZZQ", "zzq") && !is_same("ST", "EA") && !is_same("BX", "CS"));
    }

    #[test]
    fn the_table_is_sound() {
        for (at, unit) in STANDARD.iter().enumerate() {
            assert!(
                unit.factor.is_none_or(|factor| dec(factor) > Decimal::ZERO),
                "{}",
                unit.code
            );
            for scheme in [Scheme::Unece, Scheme::X12, Scheme::Sap] {
                let codes: Vec<&str> = match scheme {
                    Scheme::Unece => [&[unit.code], unit.unece].concat(),
                    Scheme::X12 => unit.x12.to_vec(),
                    Scheme::Sap => unit.sap.to_vec(),
                };
                for code in codes {
                    let owner = STANDARD.iter().position(|other| other.has_code(scheme, code));
                    assert_eq!(owner, Some(at), "{scheme:?} {code} has two meanings");
                }
            }
        }
    }

    #[test]
    fn conversions_are_exact_or_refused() {
        let case = Factor::new(dec("7"), dec("1")).unwrap();
        assert_eq!(case.to_base(dec("2")), Some(dec("14")));
        assert_eq!(case.from_base(dec("14")), Some(dec("2")));
        assert_eq!(case.from_base(dec("10")), None);
        assert_eq!(case.floor_from_base(dec("70"), 0), dec("10"));
        assert_eq!(case.floor_from_base(dec("69.9"), 0), dec("9"));
        assert_eq!(case.floor_from_base(dec("10.5"), 1), dec("1.5"));
        let third = Factor::new(dec("1"), dec("3")).unwrap();
        assert_eq!(third.to_base(dec("6")), Some(dec("2")));
        assert_eq!(third.to_base(dec("1")), None);
        assert_eq!(third.price_from_base(dec("9")), Some(dec("3")));
        assert_eq!(Factor::new(dec("0"), dec("1")), Err(FactorError));
        assert_eq!(Factor::new(dec("1"), dec("-1")), Err(FactorError));
        assert_eq!(exact_mul(dec("1.00000000000001"), dec("1.00000000000000000001")), None);
    }

    proptest! {
        #[test]
        fn round_trips_are_exact_or_refused(q in 0i64..1_000_000_000, s in 0u32..4, n in 1i64..10_000, d in 1i64..10_000) {
            let quantity = Decimal::new(q, s);
            let factor = Factor::new(Decimal::from(n), Decimal::from(d)).unwrap();
            if let Some(base) = factor.to_base(quantity) {
                prop_assert_eq!(base * Decimal::from(d), quantity * Decimal::from(n));
                prop_assert_eq!(factor.from_base(base), Some(quantity.normalize()));
            }
        }
    }
}
