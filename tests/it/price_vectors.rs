//! The price vectors of the reference folder against the price book: what the default policy covers must be equal,
//! the rest is counted by what it waits for.
//!
//! Rules of an ERP ("10 % off the category from 50 on") are made breaks of each product first, as its connector does.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use punchgate::domain::account::{AccountStatus, PriceInherit};
use punchgate::domain::money::{Currency, Money, parse_decimal};
use punchgate::domain::product::ProductStatus;
use punchgate::domain::terms::{
    AccountTerms, Answer, Assignment, Break, Catalogue, ListHead, ListKind, PriceBook, PriceList, ProductTerms,
    Request, Target, UnitTerms,
};
use punchgate::domain::unit::Factor;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;
use uuid::Uuid;

use crate::reference;

/// From a quantity, from a day, to a day, this price.
type Dated = (Decimal, Option<Date>, Option<Date>, Decimal);

/// Not covered yet, and why.
type Waits = &'static str;

fn read(name: &str) -> Option<Value> {
    let path = reference::folder()?.join("vectors/price").join(name);
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value[name].as_str()
}

fn dec(value: &Value) -> Option<Decimal> {
    match value {
        Value::String(text) => parse_decimal(text).ok(),
        Value::Number(number) => parse_decimal(&number.to_string()).ok(),
        _ => None,
    }
}

fn usd() -> Currency {
    Currency::parse("USD").unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn find<'v>(rows: &'v Value, column: &str, name: &str) -> &'v Value {
    list(rows).iter().find(|row| row[column] == name).unwrap()
}

/// A price list of the fixture as breaks of one product.
fn flat(fixture: &Value, code: &str, product: &Value) -> Result<Vec<Dated>, Waits> {
    let rules = find(&fixture["price_lists"], "code", code);
    if rules["qty_basis"] != "base" {
        return Err("breaks counted in the sale unit");
    }
    if rules["tax_included"] == true {
        return Err("prices with tax");
    }
    let mut categories = Vec::new();
    let mut at = text(product, "category");
    while let Some(category) = at {
        categories.push(category);
        at = text(find(&fixture["categories"], "code", category), "parent");
    }
    let date = |entry: &Value, name: &str| text(entry, name).map(|text| text.parse::<Date>().unwrap());
    let mut breaks: Vec<Dated> = Vec::new();
    for entry in list(&rules["entries"]) {
        let other_product = text(entry, "sku").is_some_and(|sku| Some(sku) != text(product, "sku"));
        if other_product || text(entry, "category").is_some_and(|category| !categories.contains(&category)) {
            continue;
        }
        let from = dec(&entry["min_qty"]).unwrap_or_default();
        let (first, last) = (date(entry, "valid_from"), date(entry, "valid_to"));
        let above = breaks
            .iter()
            .filter(|(_, first, last, _)| first.is_none() && last.is_none());
        if above.clone().any(|(above, ..)| *above < from) {
            return Err("the first line wins, not the highest break");
        }
        if above.clone().any(|(above, ..)| *above == from) {
            continue;
        }
        let base = if rules["base"] == "cost" { "cost" } else { "list_price" };
        let mut price = match text(entry, "calc") {
            Some("fixed") => dec(&entry["value"]),
            Some("multiply") => dec(&product[base])
                .zip(dec(&entry["value"]))
                .map(|(base, by)| base * by),
            Some("parent") => {
                let parent = flat(fixture, text(rules, "parent").unwrap(), product)?;
                parent
                    .iter()
                    .find(|(from, ..)| from.is_zero())
                    .map(|(.., price)| *price)
            }
            _ => return Err("another way to compute a price"),
        };
        if let Some(floor) = text(entry, "floor_base") {
            let floor = dec(&product[floor])
                .zip(dec(&entry["floor_value"]))
                .map(|(base, by)| base * by);
            price = price.max(floor);
        }
        if let Some(price) = price {
            // The ERP rounds in the base unit, to even.
            let price = price.round_dp_with_strategy(4, RoundingStrategy::MidpointNearestEven);
            breaks.push((from, first, last, price));
        }
    }
    if !breaks.iter().any(|(from, first, ..)| from.is_zero() && first.is_none()) {
        return Err("no match in a list is no price");
    }
    Ok(breaks)
}

/// The fixture's book with one list for the account `A`, and `B` below it that inherits or not.
fn book(fixture: &Value, code: &str, sku: &str, inherit: PriceInherit) -> Result<PriceBook, Waits> {
    let units = list(&fixture["uoms"]).iter().map(|unit| UnitTerms {
        code: text(unit, "code").unwrap().into(),
        decimals: 3,
    });
    let mut catalogue = Catalogue::new(units);
    let product = find(&fixture["products"], "sku", sku);
    if product["type"] == "kit" {
        return Err("kits");
    }
    let base = find(&fixture["uoms"], "code", text(product, "base_uom").unwrap());
    let units = list(&fixture["uoms"])
        .iter()
        .filter(|unit| unit["dimension"] == base["dimension"]);
    let units = units.map(|unit| {
        let factor = Factor::new(dec(&unit["factor"]).unwrap(), dec(&base["factor"]).unwrap()).unwrap();
        (catalogue.unit(text(unit, "code").unwrap()).unwrap(), factor, true)
    });
    let base_unit = catalogue.unit(text(base, "code").unwrap()).unwrap();
    let terms = ProductTerms {
        id: Uuid::nil(),
        sku: sku.into(),
        base_unit,
        default_unit: base_unit,
        units: units.collect(),
        price_quantity: Decimal::ONE,
        list_price: dec(&product["list_price"]).map(|price| Money::new(price, usd())),
        min_order_quantity: dec(&product["min_qty"]),
        order_multiple: dec(&product["multiple"]),
        lead_time_days: None,
        status: ProductStatus::Active,
    };
    let index = catalogue.add(terms);
    let entries = flat(fixture, code, product)?
        .into_iter()
        .map(|(min_quantity, valid_from, valid_to, price)| Break {
            product: index,
            unit: base_unit,
            min_quantity,
            valid_from,
            valid_to,
            price: Some(price),
            price_quantity: Decimal::ONE,
        });
    let entries = entries.collect();
    Ok(with_lists(
        catalogue,
        vec![(Target::Account("A".into()), entries)],
        inherit,
    ))
}

fn with_lists(catalogue: Catalogue, lists: Vec<(Target, Vec<Break>)>, inherit: PriceInherit) -> PriceBook {
    let account = |code: &str, parent: Option<&str>| AccountTerms {
        code: code.into(),
        parent: parent.map(Into::into),
        price_inherit: parent.map_or(PriceInherit::None, |_| inherit),
        currency: usd(),
        default_warehouse: None,
        groups: Box::new(["G".into()]),
        status: AccountStatus::Active,
    };
    let mut book = PriceBook::empty(Timestamp::UNIX_EPOCH);
    book.catalogue = Arc::new(catalogue);
    let (mut heads, mut assignments) = (Vec::new(), Vec::new());
    for ((target, entries), at) in lists.into_iter().zip(1u128..) {
        let head = ListHead {
            id: Uuid::from_u128(at),
            code: format!("L{at}").into(),
            kind: ListKind::Contract,
            currency: usd(),
            priority: 0,
            valid_from: None,
            valid_to: None,
        };
        assignments.push(Assignment {
            list: head.id,
            target,
            priority: i32::try_from(at).unwrap(),
            valid_from: None,
            valid_to: None,
        });
        heads.push(Arc::new(PriceList::new(head, entries)));
    }
    book.with_contracts(vec![account("A", None), account("B", Some("A"))], heads, &assignments)
}

fn resolve(book: &PriceBook, account: &str, sku: &str, line: &Value, date: &str) -> Answer {
    let request = Request {
        account,
        product: sku,
        quantity: dec(&line["quantity"]).unwrap(),
        unit: text(line, "uom"),
        date: date.parse().unwrap(),
        now: Timestamp::UNIX_EPOCH,
    };
    book.resolve(&request).unwrap()
}

/// The price for one, to four digits as the vectors write it.
fn each(answer: &Answer) -> Value {
    let Some(price) = answer.unit_price else {
        return Value::Null;
    };
    let mut each =
        (price.amount / answer.price_quantity).round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero);
    each.rescale(4);
    each.to_string().into()
}

/// What we say and what is expected, or what it waits for.
fn tryton(fixture: &Value, vector: &Value) -> Result<(Value, Value), Waits> {
    let (input, expected) = (&vector["input"], &vector["expected"]);
    match text(vector, "kind").unwrap() {
        "price" => {
            if input["currency"] != "USD" {
                return Err("prices in another currency by rate");
            }
            let sku = text(input, "product").unwrap();
            let book = book(fixture, text(input, "price_list").unwrap(), sku, PriceInherit::None)?;
            let answer = resolve(&book, "A", sku, input, text(input, "date").unwrap());
            Ok((each(&answer), expected["unit_price"].clone()))
        }
        "account" => {
            let sku = text(input, "product").unwrap();
            let said = |inherit| {
                let book = book(fixture, "GLOBEX", sku, inherit)?;
                Ok::<_, Waits>(each(&resolve(&book, "B", sku, input, text(input, "date").unwrap())))
            };
            let said = [said(PriceInherit::None)?, said(PriceInherit::Parent)?];
            let inherited = &vector["gateway_with_inheritance"]["unit_price"];
            Ok((
                Value::from(said.to_vec()),
                Value::from(vec![expected["unit_price"].clone(), inherited.clone()]),
            ))
        }
        "order" => order(fixture, input, expected),
        "order-rule" => {
            let [line] = list(&input["lines"]) else {
                return Err("stock and credit over several lines");
            };
            let sku = text(line, "product").unwrap();
            if find(&fixture["products"], "sku", sku)["min_qty"].is_null() {
                return Err("stock and credit of an order");
            }
            let book = book(fixture, "LIST", sku, PriceInherit::None)?;
            let answer = resolve(&book, "A", sku, line, "2026-11-23");
            Ok((answer.checks.is_empty().into(), expected["accepted"].clone()))
        }
        _ => Err("supply, reservations and kits"),
    }
}

fn order(fixture: &Value, input: &Value, expected: &Value) -> Result<(Value, Value), Waits> {
    if input["cur"].is_string() {
        return Err("prices in another currency by rate");
    }
    let account = find(&fixture["accounts"], "code", text(input, "account").unwrap());
    let code = text(account, "price_list").unwrap_or("LIST");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for (line, expected) in list(&input["lines"]).iter().zip(list(&expected["lines"])) {
        if line["blanket_agreement"] == true {
            return Err("agreements");
        }
        if expected["promotion"] == true {
            return Err("promotions");
        }
        let sku = text(line, "product").unwrap();
        let answer = resolve(
            &book(fixture, code, sku, PriceInherit::None)?,
            "A",
            sku,
            line,
            "2026-11-23",
        );
        let amount = answer.line_amount.map(|money| money.amount.to_string());
        ours.push(Value::from(vec![each(&answer), amount.into()]));
        theirs.push(Value::from(vec![
            expected["unit_price"].clone(),
            expected["amount"].clone(),
        ]));
    }
    Ok((ours.into(), theirs.into()))
}

/// Other ERPs: levels of which the first that has a price decides, and breaks.
fn other(vector: &Value) -> Result<(Value, Value), Waits> {
    let input = &vector["input"];
    let mut catalogue = Catalogue::new([UnitTerms {
        code: "EA".into(),
        decimals: 0,
    }]);
    let unit = catalogue.unit("EA").unwrap();
    let list_price = dec(&input["list_price"]);
    let product = catalogue.add(ProductTerms {
        id: Uuid::nil(),
        sku: "P".into(),
        base_unit: unit,
        default_unit: unit,
        units: Box::new([(unit, Factor::ONE, true)]),
        price_quantity: Decimal::ONE,
        list_price: list_price.map(|price| Money::new(price, usd())),
        min_order_quantity: None,
        order_multiple: None,
        lead_time_days: None,
        status: ProductStatus::Active,
    });
    let entry = |min_quantity: Option<Decimal>, price: Decimal, price_quantity: Option<Decimal>| Break {
        product,
        unit,
        min_quantity: min_quantity.unwrap_or_default(),
        valid_from: None,
        valid_to: None,
        price: Some(price),
        price_quantity: price_quantity.unwrap_or(Decimal::ONE),
    };
    let lists = match text(vector, "policy").unwrap() {
        "first_level" => {
            let targets = [Target::Account("A".into()), Target::Group("G".into()), Target::All];
            let levels = list(&vector["levels"]).iter().zip(targets);
            let lists = levels.map(|(level, target)| {
                let entries = list(&vector["candidates"])
                    .iter()
                    .filter(|candidate| candidate["level"] == *level);
                let entries = entries.map(|candidate| {
                    let percent = dec(&candidate["discount_pct"]);
                    let less = percent
                        .zip(list_price)
                        .map(|(percent, list)| list - list * percent / Decimal::ONE_HUNDRED);
                    let price = dec(&candidate["price"]).or(less).unwrap();
                    entry(dec(&candidate["min_qty"]), price, dec(&candidate["price_qty"]))
                });
                (target, entries.collect())
            });
            lists.collect()
        }
        "p21_breaks" => {
            // The price at a place holds below the break of the same place.
            let ends = list(&input["breaks"])
                .iter()
                .filter_map(dec)
                .filter(|end| !end.is_zero());
            let starts = std::iter::once(Decimal::ZERO).chain(ends);
            let entries = starts
                .zip(list(&input["values"]))
                .map(|(start, price)| entry(Some(start), dec(price).unwrap(), None));
            vec![(Target::Account("A".into()), entries.collect())]
        }
        "bc_best_price" => return Err("the lowest price wins"),
        "fo_grid" => return Err("the search goes on after a match"),
        _ => return Err("another order of entries"),
    };
    let book = with_lists(catalogue, lists, PriceInherit::None);
    let answer = resolve(&book, "A", "P", input, "2026-11-23");
    Ok((each(&answer), vector["expected"].clone()))
}

#[test]
fn reference_price_vectors() {
    let (Some(fixture), Some(tryton_vectors), Some(others)) = (
        read("tryton-fixture.json"),
        read("tryton-vectors.json"),
        read("erp-semantics-vectors.json"),
    ) else {
        return;
    };
    let (mut equal, mut waiting, mut wrong) = (0, BTreeMap::<Waits, u32>::new(), HashMap::new());
    let ours = list(&tryton_vectors["vectors"])
        .iter()
        .map(|vector| (vector, tryton(&fixture, vector)));
    for (vector, judged) in ours.chain(list(&others["vectors"]).iter().map(|vector| (vector, other(vector)))) {
        match judged {
            Ok((said, expected)) if said == expected => equal += 1,
            Ok(differs) => {
                wrong.insert(vector["id"].to_string(), differs);
            }
            Err(waits) => *waiting.entry(waits).or_default() += 1,
        }
    }
    println!(
        "price vectors: {equal} equal, {} waiting: {waiting:#?}",
        waiting.values().sum::<u32>()
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(equal >= 40, "{equal}");
}
