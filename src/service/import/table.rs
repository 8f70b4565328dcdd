//! The lines of a file: CSV or JSON lines, read into named values with every fault noted by line and field.

use std::borrow::Cow;

use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use super::report::{Faults, shown};
use crate::config::nearest;
use crate::domain::money::{Currency, parse_decimal};
use crate::domain::word::Word;

/// Longest line, in bytes: ten times what the longest description needs; a quote that is not closed ends here.
pub(super) const LINE_BYTES_MAX: usize = 64 * 1024;
/// Longest code: what buyers' systems take as a part number.
const CODE_CHARS_MAX: usize = 100;
/// Longest name: more is a description.
const NAME_CHARS_MAX: usize = 500;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Comma or semicolon separated values with a header.
    Csv,
    /// One JSON object a line.
    JsonLines,
}

/// The columns of an entity.
#[derive(Clone, Copy, Debug)]
pub struct Columns {
    /// Those a file must have.
    pub required: &'static [&'static str],
    /// Those it may have.
    pub optional: &'static [&'static str],
}

impl Columns {
    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.required.iter().chain(self.optional).copied()
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.names().position(|known| known == name)
    }

    fn unknown(&self, name: &str) -> String {
        let near = nearest(name, self.names()).map(|near| format!("; did you mean {near}?"));
        format!("is not a column{}", near.unwrap_or_default())
    }
}

/// A file's text and its columns.
#[derive(Debug)]
pub struct Table {
    text: String,
    format: Format,
    columns: Columns,
}

/// One line, with what is wrong about it.
pub struct Line<'t> {
    /// Its number in the file, from 1; of several lines, the first.
    pub number: u64,
    columns: Columns,
    values: &'t [String],
    faults: &'t mut Faults,
}

impl Table {
    /// A file's bytes as text.
    ///
    /// # Errors
    /// Says where the bytes are not UTF-8.
    pub fn new(bytes: Vec<u8>, format: Format, columns: Columns) -> Result<Self, (u64, String)> {
        let text = String::from_utf8(bytes).map_err(|error| {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = good.iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
            (line, "is not UTF-8; save the file as \"CSV UTF-8\"".to_owned())
        })?;
        Ok(Table { text, format, columns })
    }

    /// Lines of our own making.
    pub fn of_text(text: String, format: Format, columns: Columns) -> Self {
        Table { text, format, columns }
    }

    /// Gives every line that could be read to `take`; what could not be read is a fault.
    pub fn each(&self, faults: &mut Faults, take: impl FnMut(&mut Line<'_>)) {
        match self.format {
            Format::Csv => self.each_csv(faults, take),
            Format::JsonLines => self.each_json(faults, take),
        }
    }

    fn body(&self) -> &str {
        self.text.strip_prefix('\u{feff}').unwrap_or(&self.text)
    }

    fn each_csv(&self, faults: &mut Faults, mut take: impl FnMut(&mut Line<'_>)) {
        let body = self.body();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter(body))
            .flexible(true)
            .from_reader(body.as_bytes());
        let places = match reader.headers() {
            Ok(header) => self.header(header, faults),
            Err(error) => return faults.add(1, "", error.to_string()),
        };
        let Some(places) = places else { return };
        let mut record = csv::StringRecord::new();
        let mut values = vec![String::new(); self.columns.names().count()];
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => return faults.add(1, "", error.to_string()),
            }
            let number = record.position().map_or(0, csv::Position::line);
            if record.as_slice().len() > LINE_BYTES_MAX {
                faults.add(number, "", "is longer than 64 KiB; is a quote not closed?");
                continue;
            }
            if record.len() != places.len() {
                let reason = format!("has {} values, the header has {}", record.len(), places.len());
                faults.add(number, "", reason);
                continue;
            }
            for (value, place) in record.iter().zip(&places) {
                values[*place].clear();
                values[*place].push_str(value.trim());
            }
            take(&mut Line {
                number,
                columns: self.columns,
                values: &values,
                faults,
            });
        }
    }

    /// Where the header's columns are among ours; nothing when a name is wrong.
    fn header(&self, header: &csv::StringRecord, faults: &mut Faults) -> Option<Vec<usize>> {
        let mut places = Vec::with_capacity(header.len());
        for name in header {
            let name = name.trim().to_ascii_lowercase();
            match self.columns.place(&name) {
                Some(place) if places.contains(&place) => faults.add(1, &name, "is there twice"),
                Some(place) => places.push(place),
                None => faults.add(1, &name, self.columns.unknown(&name)),
            }
        }
        for name in self.columns.required {
            if self.columns.place(name).is_some_and(|place| !places.contains(&place)) {
                faults.add(1, name, "is missing: the file must have this column");
            }
        }
        (places.len() == header.len() && faults.is_empty()).then_some(places)
    }

    fn each_json(&self, faults: &mut Faults, mut take: impl FnMut(&mut Line<'_>)) {
        let mut values = vec![String::new(); self.columns.names().count()];
        for (text, number) in self.body().lines().zip(1..) {
            if text.trim().is_empty() {
                continue;
            }
            if text.len() > LINE_BYTES_MAX {
                faults.add(number, "", "is longer than 64 KiB");
                continue;
            }
            let members: Members<'_> = match serde_json::from_str(text) {
                Ok(members) => members,
                Err(error) => {
                    faults.add(number, "", format!("is not a JSON object: {error}"));
                    continue;
                }
            };
            if self.members(&members, number, &mut values, faults) {
                take(&mut Line {
                    number,
                    columns: self.columns,
                    values: &values,
                    faults,
                });
            }
        }
    }

    fn members(&self, members: &Members<'_>, number: u64, values: &mut [String], faults: &mut Faults) -> bool {
        values.iter_mut().for_each(String::clear);
        let mut is_good = true;
        let mut seen = Vec::with_capacity(members.0.len());
        for (name, value) in &members.0 {
            let fault = match self.columns.place(name) {
                None => self.columns.unknown(name),
                Some(place) if seen.contains(&place) => "is there twice".to_owned(),
                Some(place) => match plain(value.get()) {
                    Some(text) => {
                        seen.push(place);
                        text.trim().clone_into(&mut values[place]);
                        continue;
                    }
                    None => "must be a text, a number, true, false, null, or a list or object of these".to_owned(),
                },
            };
            faults.add(number, name, fault);
            is_good = false;
        }
        is_good
    }
}

/// The delimiter of the first line: the one of comma and semicolon that occurs more often.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |delimiter: u8| first.bytes().filter(|byte| *byte == delimiter).count();
    if count(b';') > count(b',') { b';' } else { b',' }
}

/// The members of a JSON object in order, with repetitions; numbers keep every digit.
pub(super) struct Members<'t>(pub(super) Vec<(Cow<'t, str>, &'t RawValue)>);

impl<'t> Deserialize<'t> for Members<'t> {
    fn deserialize<D: serde::Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'t> Visitor<'t> for InOrder {
            type Value = Members<'t>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Members<'t>, A::Error> {
                let mut members = Vec::new();
                while let Some((Name(name), value)) = map.next_entry::<Name<'t>, &'t RawValue>()? {
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// A member's name; borrowed where it has no escapes.
#[derive(Deserialize)]
struct Name<'t>(#[serde(borrow)] Cow<'t, str>);

/// A JSON value as a CSV file would write it: lists with `|`, objects as `name=value|…`.
fn plain(json: &str) -> Option<String> {
    match json.as_bytes().first()? {
        b'"' => serde_json::from_str(json).ok(),
        b'n' => Some(String::new()),
        b't' => Some("yes".to_owned()),
        b'f' => Some("no".to_owned()),
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(json).ok()?;
            let items: Option<Vec<String>> = items.iter().map(|item| plain(item.get())).collect();
            Some(items?.join("|"))
        }
        b'{' => {
            let members: Members<'_> = serde_json::from_str(json).ok()?;
            let items: Option<Vec<String>> = members
                .0
                .iter()
                .map(|(name, value)| Some(format!("{name}={}", plain(value.get())?)))
                .collect();
            Some(items?.join("|"))
        }
        _ => Some(json.to_owned()),
    }
}

impl Line<'_> {
    /// Notes what is wrong with a field.
    pub fn fault(&mut self, field: &str, reason: impl Into<String>) {
        self.faults.add(self.number, field, reason);
    }

    /// The text of a column; none when it is empty or not in the file.
    pub fn text(&self, column: &str) -> Option<&str> {
        let value = self.columns.place(column).and_then(|place| self.values.get(place));
        value.map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A text of so many characters at most, without control characters.
    fn short(&mut self, column: &str, chars_max: usize) -> Option<String> {
        let text = self.text(column)?.to_owned();
        if text.chars().any(|c| c.is_control()) {
            self.fault(column, "has a control character or a line break");
        } else if text.chars().count() > chars_max {
            self.fault(column, format!("is longer than {chars_max} characters"));
        }
        Some(text)
    }

    /// A code, where there is one.
    pub fn code(&mut self, column: &str) -> Option<String> {
        self.short(column, CODE_CHARS_MAX)
    }

    /// A name, where there is one.
    pub fn name(&mut self, column: &str) -> Option<String> {
        self.short(column, NAME_CHARS_MAX)
    }

    /// A long text, where there is one; line breaks and tabs may be in it.
    pub fn prose(&mut self, column: &str) -> Option<String> {
        let text = self.text(column)?.replace("\r\n", "\n");
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
            self.fault(column, "has a control character");
        }
        Some(text)
    }

    /// What must be there; its absence is a fault.
    pub fn required(&mut self, column: &str, value: Option<String>) -> String {
        if value.is_none() {
            self.fault(column, "is missing");
        }
        value.unwrap_or_default()
    }

    /// A decimal number, where there is one.
    pub fn decimal(&mut self, column: &str) -> Option<Decimal> {
        match parse_decimal(self.text(column)?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(column, error.to_string());
                None
            }
        }
    }

    /// A decimal number of zero or more, where there is one.
    pub fn amount(&mut self, column: &str) -> Option<Decimal> {
        let value = self.decimal(column)?;
        if value < Decimal::ZERO {
            self.fault(column, "is less than zero");
        }
        Some(value)
    }

    /// A decimal number of more than zero, where there is one.
    pub fn positive(&mut self, column: &str) -> Option<Decimal> {
        let value = self.decimal(column)?;
        if value <= Decimal::ZERO {
            self.fault(column, "must be more than zero");
            return None;
        }
        Some(value)
    }

    /// A whole number from zero to `max`, where there is one.
    pub fn whole(&mut self, column: &str, max: i64) -> Option<i64> {
        let value = self
            .text(column)?
            .parse()
            .ok()
            .filter(|value| (0..=max).contains(value));
        if value.is_none() {
            self.fault(column, format!("must be a whole number from 0 to {max}"));
        }
        value
    }

    /// A day, where there is one.
    pub fn date(&mut self, column: &str) -> Option<Date> {
        let value = Date::strptime("%Y-%m-%d", self.text(column)?).ok();
        if value.is_none() {
            self.fault(column, "must be a day such as 2026-11-30");
        }
        value
    }

    /// The days from `valid_from` to `valid_to`.
    pub fn validity(&mut self) -> (Option<Date>, Option<Date>) {
        let (from, to) = (self.date("valid_from"), self.date("valid_to"));
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            self.fault("valid_to", "is before valid_from");
        }
        (from, to)
    }

    /// A day with or without a time of it, where there is one; the time in seconds after midnight.
    fn moment(&mut self, column: &str) -> (Option<Date>, Option<i64>) {
        let Some(text) = self.text(column) else {
            return (None, None);
        };
        if let Ok(date) = Date::strptime("%Y-%m-%d", text) {
            return (Some(date), None);
        }
        let formats = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"];
        let moment = formats.iter().find_map(|format| DateTime::strptime(format, text).ok());
        let Some(moment) = moment else {
            self.fault(
                column,
                "must be a day such as 2026-11-30, or a day and time such as 2026-11-30T12:00:00",
            );
            return (None, None);
        };
        let time = moment.time();
        let second = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
        (Some(moment.date()), Some(second))
    }

    /// The days from `valid_from` to `valid_to`, each with a time of day or without; by the supplier's clock.
    pub fn moments(&mut self) -> [(Option<Date>, Option<i64>); 2] {
        let (from, to) = (self.moment("valid_from"), self.moment("valid_to"));
        let is_reversed = match (from.0, to.0) {
            (Some(first), Some(last)) => last < first || (last == first && to.1.is_some_and(|to| Some(to) < from.1)),
            _ => false,
        };
        if is_reversed {
            self.fault("valid_to", "is before valid_from");
        }
        [from, to]
    }

    /// A currency, where there is one.
    pub fn currency(&mut self, column: &str) -> Option<Currency> {
        match Currency::parse(self.text(column)?) {
            Ok(currency) => Some(currency),
            Err(error) => {
                self.fault(column, error.to_string());
                None
            }
        }
    }

    /// A country, where there is one.
    pub fn country(&mut self, column: &str) -> Option<String> {
        let code = self.code(column)?;
        if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            self.fault(column, "must be a country code of ISO 3166 such as DE");
        }
        Some(code)
    }

    /// A language, where there is one.
    pub fn language(&mut self, column: &str) -> Option<String> {
        let code = self.code(column)?;
        if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_lowercase()) {
            self.fault(column, "must be a language code of ISO 639-1 such as de");
        }
        Some(code)
    }

    /// What must be there, by the function that reads a column; its absence is a fault.
    pub fn needed<T>(&mut self, column: &str, read: impl FnOnce(&mut Self, &str) -> Option<T>) -> Option<T> {
        let is_there = self.text(column).is_some();
        if !is_there {
            self.fault(column, "is missing");
        }
        read(self, column).filter(|_| is_there)
    }

    /// One of a choice's words, or the default.
    pub fn word<W: Word>(&mut self, column: &str, default: W) -> W {
        self.word_by(column, default, W::from_word, &W::words())
    }

    /// One of a choice's words, where there is one.
    pub fn choice<W: Word>(&mut self, column: &str) -> Option<W> {
        self.word_by(column, None, |word| W::from_word(word).map(Some), &W::words())
    }

    /// One of some words, or the default.
    pub fn word_by<T>(&mut self, column: &str, default: T, read: impl FnOnce(&str) -> Option<T>, words: &str) -> T {
        let Some(text) = self.text(column) else { return default };
        match read(text) {
            Some(value) => value,
            None => {
                let reason = format!("{} must be one of {words}", shown(text));
                self.fault(column, reason);
                default
            }
        }
    }

    /// `yes` or `no`, or the default.
    pub fn yes(&mut self, column: &str, default: bool) -> bool {
        let read = |word: &str| match word.to_ascii_lowercase().as_str() {
            "yes" | "true" | "1" => Some(true),
            "no" | "false" | "0" => Some(false),
            _ => None,
        };
        self.word_by(column, default, read, "yes, no")
    }

    /// Whether the line says that its row is deleted; what that column says is judged by [`Line::yes`].
    pub fn is_deleted(&self) -> bool {
        self.text("deleted")
            .is_some_and(|word| matches!(&*word.to_ascii_lowercase(), "yes" | "true" | "1"))
    }

    /// The parts of a text between `|`, without empty ones.
    pub fn parts(&self, column: &str) -> Vec<String> {
        let text = self.text(column).unwrap_or_default();
        let parts = text.split('|').map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    }
}
