//! How domain values are kept in columns.
//!
//! | domain | SQLite (STRICT tables) | PostgreSQL |
//! |---|---|---|
//! | `Uuid` | `BLOB`, 16 bytes | `UUID` |
//! | `Decimal` | `TEXT`, every digit and the scale kept | `NUMERIC` |
//! | `Timestamp` | `TEXT`, always six fraction digits, so that text order is time order | `TIMESTAMPTZ` |
//! | `civil::Date` | `TEXT` | `DATE` |
//! | JSON | `TEXT` | `JSONB` |
//! | enums, currencies | `TEXT` | `TEXT` |
//! | `i64`, `bool`, text, bytes | `INTEGER`, `INTEGER`, `TEXT`, `BLOB` | `BIGINT`, `BOOLEAN`, `TEXT`, `BYTEA` |
//!
//! Decimals on SQLite are text: never compare, order or sum them in SQL.

use jiff::civil;
use jiff::{SignedDuration, Timestamp, ToSpan};
use rust_decimal::Decimal;
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, PgValueFormat, PgValueRef};
use sqlx::sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Postgres, Sqlite, Type};
use uuid::Uuid;

use crate::domain::money::Currency;
use crate::domain::terms::Trace;

/// A value that can be bound to a statement.
pub trait Put {
    /// What is bound, and read from rows.
    type Column;
    /// The column's value.
    fn to_column(&self) -> Self::Column;
}

/// A domain value that one column keeps.
pub trait Stored: Put + Sized {
    /// How the JSON parameter of many rows carries it.
    const KIND: Kind = Kind::Plain;
    /// The domain value of a column.
    ///
    /// # Errors
    /// When the column's value is not one of the domain's.
    fn from_column(column: Self::Column) -> Result<Self, BoxDynError>;
    /// The value in the JSON parameter of many rows; none is NULL.
    fn to_json(&self) -> Option<serde_json::Value>;
}

/// How JSON carries a column's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As text, number or truth value.
    Plain,
    /// As hexadecimal text.
    Blob,
    /// As it is; JSON's own null is a value.
    Json,
    /// As it is, or NULL.
    JsonOrNull,
}

/// The column's value, for statements written by hand: `.bind(put(&at))`.
pub fn put<T: Put + ?Sized>(value: &T) -> T::Column {
    value.to_column()
}

/// The word of an enum whose variants serialise as words.
pub fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        // No variant of a `words!` type carries a value; the empty word would be refused on reading.
        _ => String::new(),
    }
}

impl<T: Put + ?Sized> Put for &T {
    type Column = T::Column;
    fn to_column(&self) -> T::Column {
        (**self).to_column()
    }
}

impl Put for str {
    type Column = String;
    fn to_column(&self) -> String {
        self.to_owned()
    }
}

impl Put for [u8] {
    type Column = Vec<u8>;
    fn to_column(&self) -> Vec<u8> {
        self.to_owned()
    }
}

impl<const N: usize> Put for [u8; N] {
    type Column = Vec<u8>;
    fn to_column(&self) -> Vec<u8> {
        self.to_vec()
    }
}

impl<T: Put> Put for Option<T> {
    type Column = Option<T::Column>;
    fn to_column(&self) -> Self::Column {
        self.as_ref().map(T::to_column)
    }
}

impl<T: Stored> Stored for Option<T> {
    const KIND: Kind = match T::KIND {
        Kind::Json => Kind::JsonOrNull,
        kind => kind,
    };
    fn from_column(column: Self::Column) -> Result<Self, BoxDynError> {
        column.map(T::from_column).transpose()
    }
    fn to_json(&self) -> Option<serde_json::Value> {
        self.as_ref().and_then(T::to_json)
    }
}

macro_rules! as_it_is {
    ($($type:ty),+) => {$(
        impl Put for $type {
            type Column = $type;
            fn to_column(&self) -> $type {
                self.clone()
            }
        }
        impl Stored for $type {
            fn from_column(column: $type) -> Result<Self, BoxDynError> {
                Ok(column)
            }
            fn to_json(&self) -> Option<serde_json::Value> {
                Some(self.clone().into())
            }
        }
    )+};
}
as_it_is!(String, bool, i64);

impl Put for Currency {
    type Column = String;
    fn to_column(&self) -> String {
        self.code().to_owned()
    }
}

impl Stored for Currency {
    fn from_column(code: String) -> Result<Self, BoxDynError> {
        Ok(Currency::parse(&code)?)
    }
    fn to_json(&self) -> Option<serde_json::Value> {
        Some(self.code().into())
    }
}

json!(serde_json::Value, (String, String), Vec<String>, Trace);

impl Put for Uuid {
    type Column = Uuid;
    fn to_column(&self) -> Uuid {
        *self
    }
}

impl Stored for Uuid {
    const KIND: Kind = Kind::Blob;
    fn from_column(column: Uuid) -> Result<Self, BoxDynError> {
        Ok(column)
    }
    fn to_json(&self) -> Option<serde_json::Value> {
        Some(self.to_string().into())
    }
}

impl Put for Vec<u8> {
    type Column = Vec<u8>;
    fn to_column(&self) -> Vec<u8> {
        self.clone()
    }
}

impl Stored for Vec<u8> {
    const KIND: Kind = Kind::Blob;
    fn from_column(column: Vec<u8>) -> Result<Self, BoxDynError> {
        Ok(column)
    }
    fn to_json(&self) -> Option<serde_json::Value> {
        use std::fmt::Write;
        let mut text = String::with_capacity(2 + 2 * self.len());
        text.push_str("\\x");
        for byte in self {
            // Writing to a String cannot fail.
            write!(text, "{byte:02x}").ok();
        }
        Some(text.into())
    }
}

/// A domain value as one of the newtypes below.
macro_rules! by_newtype {
    ($($type:ty => $newtype:ident),+) => {$(
        impl Put for $type {
            type Column = $newtype;
            fn to_column(&self) -> $newtype {
                $newtype(*self)
            }
        }
        impl Stored for $type {
            fn from_column(column: $newtype) -> Result<Self, BoxDynError> {
                Ok(column.0)
            }
            fn to_json(&self) -> Option<serde_json::Value> {
                Some($newtype(*self).to_string().into())
            }
        }

        impl Type<Sqlite> for $newtype {
            fn type_info() -> SqliteTypeInfo {
                <str as Type<Sqlite>>::type_info()
            }
        }
        impl Encode<'_, Sqlite> for $newtype {
            fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
                Encode::<Sqlite>::encode(self.to_string(), buffer)
            }
        }
        impl Decode<'_, Sqlite> for $newtype {
            fn decode(value: SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
                Ok($newtype(<&str as Decode<Sqlite>>::decode(value)?.parse()?))
            }
        }
    )+};
}
by_newtype!(Decimal => Amount, Timestamp => Instant, civil::Date => Date);

/// An exact decimal with its scale.
#[derive(Clone, Copy, Debug)]
pub struct Amount(pub Decimal);

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut value = self.0;
        if value.is_zero() {
            // PostgreSQL knows no negative zero.
            value.set_sign_positive(true);
        }
        value.fmt(f)
    }
}

/// A moment, to the microsecond.
#[derive(Clone, Copy, Debug)]
pub struct Instant(pub Timestamp);

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Fixed width: with as many digits as needed "…00.5Z" would sort before "…00Z".
        write!(f, "{:.6}", self.0)
    }
}

/// A day.
#[derive(Clone, Copy, Debug)]
pub struct Date(pub civil::Date);

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

// PostgreSQL's binary forms. sqlx's own for `Decimal` loses the scale of zero, and it has none for jiff.

impl Type<Postgres> for Amount {
    fn type_info() -> PgTypeInfo {
        <Decimal as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Amount {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let scale = self.0.scale();
        // Digits to the base 10,000, aligned to the decimal point.
        let padding = (4 - scale % 4) % 4;
        let mut rest = self.0.mantissa().unsigned_abs() * 10u128.pow(padding);
        let mut digits = Vec::with_capacity(9);
        while rest > 0 {
            digits.push((rest % 10_000) as u16);
            rest /= 10_000;
        }
        digits.reverse();
        let weight = i16::try_from(digits.len())? - i16::try_from(scale.div_ceil(4))? - 1;
        let sign: u16 = if self.0.is_sign_negative() && !digits.is_empty() {
            0x4000
        } else {
            0
        };
        buffer.extend_from_slice(&u16::try_from(digits.len())?.to_be_bytes());
        buffer.extend_from_slice(&weight.to_be_bytes());
        buffer.extend_from_slice(&sign.to_be_bytes());
        buffer.extend_from_slice(&u16::try_from(scale)?.to_be_bytes());
        for digit in digits {
            buffer.extend_from_slice(&digit.to_be_bytes());
        }
        Ok(IsNull::No)
    }
}

impl Decode<'_, Postgres> for Amount {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        if value.format() == PgValueFormat::Text {
            return Ok(Amount(value.as_str()?.parse()?));
        }
        let words: Vec<i16> = value
            .as_bytes()?
            .chunks_exact(2)
            .map(|pair| i16::from_be_bytes([pair[0], pair[1]]))
            .collect();
        let [_, weight, sign, scale, digits @ ..] = words.as_slice() else {
            return Err("a NUMERIC is cut off".into());
        };
        if !matches!(*sign, 0 | 0x4000) {
            return Err("a NUMERIC is no number".into());
        }
        let out_of_range = || "a NUMERIC is out of range";
        let scale = u32::try_from(*scale)?;
        let mut mantissa = 0i128;
        for (place, digit) in digits.iter().enumerate() {
            let exponent = 4 * (i32::from(*weight) - i32::try_from(place)?) + i32::try_from(scale)?;
            let digit = i128::from(*digit);
            let part = match u32::try_from(exponent) {
                Ok(exponent) => 10i128.checked_pow(exponent).and_then(|power| digit.checked_mul(power)),
                // The last digit's padding.
                Err(_) => Some(digit / 10i128.pow(exponent.unsigned_abs())),
            };
            mantissa = part
                .and_then(|part| mantissa.checked_add(part))
                .ok_or_else(out_of_range)?;
        }
        let signed = if *sign == 0 { mantissa } else { -mantissa };
        Ok(Amount(Decimal::try_from_i128_with_scale(signed, scale)?))
    }
}

/// PostgreSQL counts from the first moment of 2000.
const POSTGRES_EPOCH_US: i64 = 946_684_800_000_000;
const POSTGRES_EPOCH_DAY: civil::Date = civil::date(2000, 1, 1);

impl Type<Postgres> for Instant {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("timestamptz")
    }
}

impl Encode<'_, Postgres> for Instant {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&(self.0.as_microsecond() - POSTGRES_EPOCH_US).to_be_bytes());
        Ok(IsNull::No)
    }
}

impl Decode<'_, Postgres> for Instant {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        if value.format() == PgValueFormat::Text {
            return Ok(Instant(value.as_str()?.parse()?));
        }
        let since = SignedDuration::from_micros(i64::from_be_bytes(value.as_bytes()?.try_into()?));
        Ok(Instant(
            Timestamp::from_microsecond(POSTGRES_EPOCH_US)?.checked_add(since)?,
        ))
    }
}

impl Type<Postgres> for Date {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("date")
    }
}

impl Encode<'_, Postgres> for Date {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let days = (self.0 - POSTGRES_EPOCH_DAY).get_days();
        buffer.extend_from_slice(&days.to_be_bytes());
        Ok(IsNull::No)
    }
}

impl Decode<'_, Postgres> for Date {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        if value.format() == PgValueFormat::Text {
            return Ok(Date(value.as_str()?.parse()?));
        }
        let days = i32::from_be_bytes(value.as_bytes()?.try_into()?);
        Ok(Date(POSTGRES_EPOCH_DAY.checked_add(days.days())?))
    }
}
