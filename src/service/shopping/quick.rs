//! Quick order: lines of part numbers and quantities, pasted or as a file, matched against what the account may buy.

use std::sync::Arc;

use crate::domain::product::Product;
use crate::domain::terms::Check;
use crate::domain::unit;
use crate::search;
use crate::service::search::Question;
use crate::service::session::cart::{self, Wanted};
use crate::service::session::visit::Visit;
use crate::service::{self, Error, Gateway, terms};

/// Products that a search for a number gives and that are looked at: those with the number come first.
const LOOKED_AT: usize = 8;

/// One line as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Its number in the text, from 1.
    pub line: u64,
    /// A part number: ours, the buyer's own, the maker's, or a GTIN.
    pub number: String,
    /// How many; empty where nothing was written.
    pub quantity: String,
    /// The unit; empty where nothing was written.
    pub unit: String,
}

/// What became of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// It goes in the cart.
    Found {
        /// What.
        wanted: Wanted,
        /// What is not as it was written.
        corrected: Vec<Correction>,
    },
    /// No product that the account may buy has this number.
    NotFound,
    /// Several products have this number, from different makers.
    Ambiguous,
    /// It cannot be ordered at present: blocked, or without a price.
    NotOrderable {
        /// Our part number.
        sku: String,
    },
    /// The quantity is no number, or not more than zero.
    Quantity,
    /// "1,000" may be one or a thousand.
    QuantityUnclear,
}

impl Match {
    /// Our part number, where the account may know it.
    pub fn sku(&self) -> Option<&str> {
        match self {
            Match::Found { wanted, .. } => Some(&wanted.sku),
            Match::NotOrderable { sku } => Some(sku),
            Match::NotFound | Match::Ambiguous | Match::Quantity | Match::QuantityUnclear => None,
        }
    }
}

/// What was changed on a line so that it can be ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Correction {
    /// The least quantity, because none was written.
    QuantityMissing,
    /// The next quantity that meets the smallest order and the packing quantity.
    QuantityRaised,
    /// The unit the shop offers first, because it is not sold in the one that was written.
    Unit,
}

/// A line and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matched {
    /// As it was written.
    pub written: Written,
    /// What became of it.
    pub found: Match,
}

/// Reads lines of number, quantity and unit, separated by tabs, semicolons, commas or blanks; empty lines and a first
/// line of headings are passed over. The second value tells whether there were more lines than are taken.
pub fn read(text: &str, lines_max: usize) -> (Vec<Written>, bool) {
    let mut columns = [Some(0), Some(1), Some(2)];
    let mut written = Vec::new();
    let mut is_first = true;
    for (line, text) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let cells = cells(text);
        if cells.iter().all(String::is_empty) {
            continue;
        }
        if std::mem::take(&mut is_first)
            && let Some(named) = headings(&cells)
        {
            columns = named;
            continue;
        }
        if written.len() == lines_max {
            return (written, true);
        }
        let cell = |at: Option<usize>| at.and_then(|at| cells.get(at)).cloned().unwrap_or_default();
        let [number, quantity, unit] = columns.map(cell);
        written.push(Written {
            line,
            number,
            quantity,
            unit,
        });
    }
    (written, false)
}

/// The cells of a line, by the first separator that it has.
fn cells(line: &str) -> Vec<String> {
    // A comma within a quantity that stands after a blank parts no cells: "AB-12 1,000".
    let is_number = |word: &str| word.contains(',') && word.chars().all(|c| c.is_ascii_digit() || ".,".contains(c));
    let has_number = line.split_whitespace().skip(1).any(is_number);
    let parts = |separator: &char| line.contains(*separator) && (*separator != ',' || !has_number);
    let Some(separator) = ['\t', ';', ','].into_iter().find(parts) else {
        return words(line);
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(u8::try_from(separator).unwrap_or(b'\t'))
        .trim(csv::Trim::All)
        .from_reader(line.as_bytes());
    let record = reader.records().next().and_then(Result::ok).unwrap_or_default();
    record.iter().map(str::to_owned).collect()
}

/// Number, quantity and unit between blanks; a number may have blanks itself.
fn words(line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let is_quantity = |at: usize| {
        at > 0
            && words
                .get(at)
                .is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()))
    };
    let from_end = |back: usize| words.len().checked_sub(back);
    let unit = |word: &&str| unit::named(word).is_some();
    let at = match (from_end(1), from_end(2)) {
        (Some(last), Some(before)) if is_quantity(before) && words.get(last).is_some_and(unit) => before,
        (Some(last), _) if is_quantity(last) => last,
        _ => words.len(),
    };
    let rest = |at: usize| words.get(at).map(|word| (*word).to_owned());
    let number = words[..at].join(" ");
    [Some(number), rest(at), rest(at + 1)].into_iter().flatten().collect()
}

/// Which columns a line of headings names; `None` when it is none.
fn headings(cells: &[String]) -> Option<[Option<usize>; 3]> {
    const NUMBER: &[&str] = &[
        "sku",
        "part",
        "part number",
        "part no",
        "part no.",
        "number",
        "item",
        "item number",
        "artikel",
        "artikelnummer",
        "artikelnr",
        "artikelnr.",
        "nummer",
        "teilenummer",
        "material",
    ];
    const QUANTITY: &[&str] = &["quantity", "qty", "qty.", "menge", "anzahl", "stück"];
    const UNIT: &[&str] = &["unit", "uom", "unit of measure", "einheit", "me", "mengeneinheit"];
    let find = |names: &[&str]| {
        cells
            .iter()
            .position(|cell| names.contains(&cell.to_lowercase().as_str()))
    };
    let number = find(NUMBER)?;
    Some([Some(number), find(QUANTITY), find(UNIT)])
}

/// Matches lines against what the account of a visit may buy.
///
/// # Errors
/// The index or the store would not.
pub async fn matched(gateway: &Gateway, visit: &Visit, written: Vec<Written>) -> Result<Vec<Matched>, Error> {
    let mut matched = Vec::with_capacity(written.len());
    for written in written {
        let found = match numbered(gateway, visit, written.number.trim()).await? {
            Ok(product) => found(gateway, visit, &written, &product).await?,
            Err(not) => not,
        };
        matched.push(Matched { written, found });
    }
    Ok(matched)
}

/// What becomes of a line whose product is known.
async fn found(gateway: &Gateway, visit: &Visit, written: &Written, product: &Product) -> Result<Match, Error> {
    let sku = product.sku.clone();
    let mut corrected = Vec::new();
    let asked = written.unit.trim();
    let sold = product
        .sellable_units()
        .find(|sold| !asked.is_empty() && unit::is_same(&sold.unit, asked));
    let Some(sold) = sold.or_else(|| product.default_unit()) else {
        return Ok(Match::NotOrderable { sku });
    };
    if !asked.is_empty() && !unit::is_same(&sold.unit, asked) {
        corrected.push(Correction::Unit);
    }
    let text = written.quantity.trim();
    let quantity = match (text.is_empty(), is_unclear(text)) {
        (true, _) => {
            corrected.push(Correction::QuantityMissing);
            product.steps(sold.factor).0
        }
        (false, true) => return Ok(Match::QuantityUnclear),
        (false, false) => match cart::read_quantity(text) {
            Ok(quantity) => quantity,
            Err(_) => return Ok(Match::Quantity),
        },
    };
    let answer = |quantity| terms::visit::answer(gateway, visit, &sku, quantity, Some(&sold.unit));
    let is_short = |check: &Check| {
        matches!(
            check,
            Check::BelowMinimum { .. } | Check::NotMultiple { .. } | Check::TooManyDecimals { .. }
        )
    };
    let mut fitting = quantity;
    if answer(quantity)
        .await?
        .is_ok_and(|answer| answer.checks.iter().any(is_short))
    {
        fitting = product.fitting(sold.factor, quantity);
        corrected.push(Correction::QuantityRaised);
    }
    if !answer(fitting).await?.is_ok_and(|answer| answer.is_orderable()) {
        return Ok(Match::NotOrderable { sku });
    }
    let wanted = Wanted {
        unit: sold.unit.clone(),
        quantity: fitting,
        sku,
    };
    Ok(Match::Found { wanted, corrected })
}

/// Whether a quantity has one separator before exactly three digits: a thousand in one country, one in another.
fn is_unclear(text: &str) -> bool {
    let mut parts = text.split(['.', ',']);
    let (Some(whole), Some(fraction), None) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    fraction.len() == 3 && !whole.trim_start_matches('0').is_empty()
}

/// The product of a number, of those the account may buy: ours, the buyer's own, then the maker's or a GTIN, however
/// they are written.
///
/// # Errors
/// The index or the store would not; the inner error says that no product has the number, or several have.
pub async fn numbered(gateway: &Gateway, visit: &Visit, number: &str) -> Result<Result<Arc<Product>, Match>, Error> {
    let session = &visit.session;
    let (tenant_id, account) = (session.tenant_id, session.account_code.as_str());
    let is_offered = |product: &Arc<Product>| {
        product.status.is_shown() && terms::is_offered(gateway, tenant_id, account, &product.sku)
    };
    if let Some(product) = terms::part(gateway, tenant_id, account, number).filter(is_offered) {
        return Ok(Ok(product));
    }
    let whole = search::number(number);
    if whole.is_empty() {
        return Ok(Err(Match::NotFound));
    }
    let question = Question {
        text: number,
        take: LOOKED_AT,
        ..Question::new(session.tenant_id, &session.account_code)
    };
    let answer = service::search::find(gateway, &question).await?;
    let mut found = answer
        .products
        .into_iter()
        .filter(|product| has_number(product, &whole));
    Ok(match (found.next(), found.next()) {
        (None, _) => Err(Match::NotFound),
        (Some(product), None) => Ok(product),
        (Some(_), Some(_)) => Err(Match::Ambiguous),
    })
}

/// Whether a number, without anything but letters and digits, is one of the product's.
fn has_number(product: &Product, whole: &str) -> bool {
    let gtins = product.units.iter().filter_map(|unit| unit.gtin.as_deref());
    let own = [
        Some(product.sku.as_str()),
        product.manufacturer_part_id.as_deref(),
        product.gtin.as_deref(),
    ];
    own.into_iter()
        .flatten()
        .chain(gtins)
        .any(|number| search::number(number) == whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_as_people_paste_them() {
        let check = |text: &str, expect: &[(u64, &str, &str, &str)]| {
            let (written, more) = read(text, 100);
            let written: Vec<_> = written
                .iter()
                .map(|w| (w.line, w.number.as_str(), w.quantity.as_str(), w.unit.as_str()))
                .collect();
            assert_eq!((written.as_slice(), more), (expect, false), "{text:?}");
        };
        check(
            "AB-12 5\n\n  AB-13\t2\tBX",
            &[(1, "AB-12", "5", ""), (3, "AB-13", "2", "BX")],
        );
        check(
            "AB-12;5;box\r\nAB-13;2,5",
            &[(1, "AB-12", "5", "box"), (2, "AB-13", "2,5", "")],
        );
        check("AB-12,5", &[(1, "AB-12", "5", "")]);
        check("AB-12, 5", &[(1, "AB-12", "5", "")]);
        check("AB-12 1,000 box", &[(1, "AB-12", "1,000", "box")]);
        check("AB 12 / 3 10 box", &[(1, "AB 12 / 3", "10", "box")]);
        check("AB-12", &[(1, "AB-12", "", "")]);
        check("4711", &[(1, "4711", "", "")]);
        check(
            "\u{feff}Menge;Artikelnummer;Einheit\n7;AB-12;Stück",
            &[(2, "AB-12", "7", "Stück")],
        );
        check("qty,sku\n7,\"AB,12\"", &[(2, "AB,12", "7", "")]);
        check("", &[]);
        let (written, more) = read("a 1\nb 2\nc 3", 2);
        assert_eq!((written.len(), more), (2, true));
    }

    #[test]
    fn a_thousand_is_not_guessed() {
        let check = |text: &str, expect: bool| assert_eq!(is_unclear(text), expect, "{text}");
        check("1,000", true);
        check("12.500", true);
        check("0.125", false);
        check("1000", false);
        check("2,5", false);
        check("1.234,5", false);
    }
}
