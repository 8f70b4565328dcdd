//! Sample data: a distributor of maintenance goods with 2,000 products, five contracts and three warehouses.
//!
//! They have texts in English and German, attributes, drawings, data sheets and synonyms. It is generated from tables and a seed, always the same, and goes through the import like anybody's files.

mod beside;
mod content;
mod drawings;
mod families;
mod words;

use std::fmt::Write;

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::service::import;
use crate::service::party::{NewTenant, create_tenant};
use crate::service::{Error, Gateway};

use families::{Family, GROUPS, Sold};

/// The sample supplier's short name.
pub const TENANT_CODE: &str = "norden";
/// The sample supplier's name.
pub const TENANT_NAME: &str = "Norden Industrial Supply";
/// By which partners call the sample supplier.
pub const TENANT_IDENTITIES: &[(&str, &str)] = &[("NetworkID", "AN01999000001"), ("DUNS", "999000001")];

/// One account of the sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleAccount {
    /// The customer number.
    pub code: &'static str,
    /// The buyer's name.
    pub name: &'static str,
    /// What it is billed in.
    pub currency: &'static str,
    /// Its contract, in a sentence.
    pub contract: &'static str,
}

/// The five accounts, each with another contract.
pub const ACCOUNTS: [SampleAccount; 5] = [
    SampleAccount {
        code: "10010",
        name: "Globex",
        currency: "EUR",
        contract: "Its own list for fasteners, hand tools and safety, with prices by quantity; list price for the rest.",
    },
    SampleAccount {
        code: "10011",
        name: "Globex Leipzig",
        currency: "EUR",
        contract: "Inherits the list of Globex and has lower prices of its own for safety glasses.",
    },
    SampleAccount {
        code: "20020",
        name: "Initech",
        currency: "EUR",
        contract: "The list of the group INDUSTRY: 8 % off abrasives, chemicals and cleaning.",
    },
    SampleAccount {
        code: "30030",
        name: "Umbrella Logistics",
        currency: "EUR",
        contract: "No contract: list prices.",
    },
    SampleAccount {
        code: "40040",
        name: "Stark Manufacturing",
        currency: "USD",
        contract: "The general list in USD; a contract for bearings since 2026, and one for pipes that ended in 2025.",
    },
];

/// Products of a family.
const PER_FAMILY: usize = 40;
/// The group of accounts with a list of its own.
const GROUP: &str = "INDUSTRY";
/// What one euro is in the list in dollars.
const USD_PERCENT: u32 = 109;

/// Makes the sample supplier with its goods and contracts, or completes what is there.
///
/// # Errors
/// The store would not.
pub async fn load(gateway: &Gateway) -> Result<Uuid, Error> {
    let known = gateway
        .directory()
        .tenants()
        .find(|tenant| tenant.code == TENANT_CODE)
        .map(|tenant| tenant.id);
    let tenant_id = match known {
        Some(id) => id,
        None => create_tenant(gateway, &supplier()).await?,
    };
    let files = files();
    let files = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.clone().into_bytes()))
        .collect();
    let reports = import::all(gateway, tenant_id, files).await?;
    match reports.into_iter().find(|report| !report.is_taken()) {
        Some(refused) => Err(Error::Setting(refused.to_string())),
        None => Ok(tenant_id),
    }
}

fn supplier() -> NewTenant<'static> {
    NewTenant {
        code: TENANT_CODE,
        name: TENANT_NAME,
        time_zone: "Europe/Berlin",
        currency: "EUR",
        identities: TENANT_IDENTITIES,
    }
}

/// The files of the sample, as somebody would hand them to the import, in its order.
pub fn files() -> Vec<(String, String)> {
    let items = items();
    let named = |(name, text): (&str, String)| (name.to_owned(), text);
    let goods = [("categories.csv", categories()), ("products.csv", products(&items))];
    let terms = [
        ("warehouses.csv", warehouses()),
        ("accounts.csv", accounts()),
        ("price_lists.csv", price_lists()),
        ("price_assignments.csv", price_assignments()),
        ("prices.csv", prices(&items)),
        ("stock.csv", stock(&items)),
    ];
    let goods = goods.map(named).into_iter().chain(content::files(&items));
    goods.chain(terms.map(named)).chain(beside::files(&items)).collect()
}

/// A product with what contracts are computed from.
struct Item {
    sku: String,
    name: String,
    group: &'static str,
    family: &'static Family,
    maker: &'static str,
    number: usize,
    /// List price in cents; none is "on request".
    cents: Option<u32>,
    /// Its place on each axis of the family.
    places: Vec<usize>,
}

impl Item {
    /// Its value on each axis of the family.
    fn values(&self) -> Vec<&'static str> {
        let axes = self.family.axes.iter().zip(&self.places);
        axes.filter_map(|(axis, place)| axis.get(*place).copied()).collect()
    }
}

/// Pseudo-random numbers from a seed (SplitMix64): the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit.max(1)
    }
}

fn items() -> Vec<Item> {
    let mut items = Vec::with_capacity(2_000);
    for group in GROUPS {
        for family in group.families {
            let combinations: usize = family.axes.iter().map(|axis| axis.len()).product();
            for at in 0..PER_FAMILY {
                items.push(item(group.code, family, at * combinations / PER_FAMILY, items.len()));
            }
        }
    }
    items
}

/// The product at one combination of a family's axes.
fn item(group: &'static str, family: &'static Family, combination: usize, number: usize) -> Item {
    let mut places = vec![0; family.axes.len()];
    let mut rest = combination;
    for (place, axis) in places.iter_mut().zip(family.axes).rev() {
        *place = rest % axis.len();
        rest /= axis.len();
    }
    let mut parts = family.pattern.split("{}");
    let mut name = parts.next().unwrap_or_default().to_owned();
    for ((axis, place), part) in family.axes.iter().zip(&places).zip(parts) {
        name.push_str(axis[*place]);
        name.push_str(part);
    }
    let (first, steps) = family.price;
    let mut cents = u64::from(first);
    for (place, step) in places.iter().zip(steps) {
        cents = cents * (100 + u64::from(*step) * *place as u64) / 100;
    }
    let maker = family.makers[combination % family.makers.len()];
    Item {
        sku: format!("{}-{:05}", family.code, 10_000 + number * 7),
        name,
        group,
        family,
        maker,
        number,
        // Some goods have no price in any list.
        cents: u32::try_from(cents).ok().filter(|_| number % 61 != 60),
        places,
    }
}

fn categories() -> String {
    let mut text = String::from("code,name,parent\n");
    for group in GROUPS {
        line(&mut text, &[group.code, group.name, ""]);
        for family in group.families {
            line(&mut text, &[family.code, family.name, group.code]);
        }
    }
    text
}

fn products(items: &[Item]) -> String {
    let mut text = String::from(
        "sku,name,description,categories,base_unit,units,sold_in,list_price,price_quantity,price_unit,manufacturer,mpn,\
         gtin,unspsc,min_order_quantity,order_multiple,lead_time_days,status\n",
    );
    for item in items {
        let sale = Sale::of(item);
        let initials: String = item.maker.chars().filter(|c| c.is_ascii_uppercase()).collect();
        let status = match item.number {
            number if number % 97 == 5 => "discontinued",
            number if number % 113 == 8 => "blocked",
            _ => "active",
        };
        let lead_time = match item.number % 5 {
            0 => String::new(),
            days => (days * 3).to_string(),
        };
        line(
            &mut text,
            &[
                &item.sku,
                &item.name,
                &format!("{}, made by {}. {}", item.name, item.maker, sale.sentence),
                item.family.code,
                sale.base_unit,
                &sale.units,
                sale.sold_in,
                &item.cents.map(amount).unwrap_or_default(),
                sale.price_quantity,
                sale.price_unit,
                item.maker,
                &format!(
                    "{initials}{}-{}",
                    item.family.code.chars().rev().collect::<String>(),
                    2_400 + item.number * 3
                ),
                &gtin(item.number as u64),
                item.family.unspsc,
                sale.minimum,
                sale.multiple,
                &lead_time,
                status,
            ],
        );
    }
    text
}

/// How a product is sold, in the columns of the import.
struct Sale {
    base_unit: &'static str,
    units: String,
    sold_in: &'static str,
    price_unit: &'static str,
    price_quantity: &'static str,
    minimum: &'static str,
    multiple: &'static str,
    sentence: String,
}

impl Sale {
    fn of(item: &Item) -> Self {
        let pack_gtin = gtin(500_000 + item.number as u64);
        let each = Sale {
            base_unit: "EA",
            units: String::new(),
            sold_in: "EA",
            price_unit: "",
            price_quantity: "1",
            minimum: "",
            multiple: "",
            sentence: "Sold by the piece.".into(),
        };
        match item.family.sold {
            // Some heavy or cheap goods are not sold one by one.
            Sold::Each if item.number % 15 == 3 => Sale {
                minimum: "10",
                multiple: "5",
                sentence: "Sold from 10 pieces, in fives.".into(),
                ..each
            },
            Sold::Each => each,
            Sold::EachOrBox(count) => Sale {
                units: format!("BX={count}:{pack_gtin}"),
                sold_in: "EA|BX",
                sentence: format!("Sold by the piece or in boxes of {count}."),
                ..each
            },
            Sold::Box(count) => Sale {
                units: format!("BX={count}:{pack_gtin}"),
                sold_in: "BX",
                sentence: format!("Sold in boxes of {count}."),
                ..each
            },
            Sold::Hundred(count) => Sale {
                units: format!("BX={count}:{pack_gtin}"),
                sold_in: "BX",
                price_quantity: "100",
                sentence: format!("Sold in boxes of {count}; the list price is for 100 pieces."),
                ..each
            },
            Sold::Pack(count) => Sale {
                units: format!("PK={count}:{pack_gtin}"),
                sold_in: "PK",
                price_unit: "PK",
                sentence: format!("Sold in packs of {count}."),
                ..each
            },
            Sold::Pair(count) => Sale {
                base_unit: "PR",
                units: format!("PK={count}:{pack_gtin}"),
                sold_in: "PR|PK",
                sentence: format!("Sold by the pair or in packs of {count} pairs."),
                ..each
            },
            Sold::Metre(metres) => Sale {
                base_unit: "MTR",
                units: format!("RO={metres}:{pack_gtin}"),
                sold_in: "RO|MTR",
                minimum: "10",
                sentence: format!("Sold in rolls of {metres} m, or cut from 10 m."),
                ..each
            },
            Sold::Litre => Sale {
                base_unit: "LTR",
                units: format!("CA=5:{pack_gtin}|DR=200"),
                sold_in: "CA|DR",
                sentence: "Sold in cans of 5 l and drums of 200 l; the list price is for a litre.".into(),
                ..each
            },
            Sold::Roll => Sale {
                base_unit: "RO",
                sold_in: "RO",
                sentence: "Sold by the roll.".into(),
                ..each
            },
        }
    }

    /// The unit that contracts are in, with its content in the unit and quantity of the list price.
    fn contract(item: &Item) -> (&'static str, Decimal) {
        match item.family.sold {
            Sold::Box(count) => ("BX", Decimal::from(count)),
            Sold::Hundred(count) => ("BX", Decimal::new(i64::from(count), 2)),
            Sold::Pack(_) => ("PK", Decimal::ONE),
            Sold::Pair(_) => ("PR", Decimal::ONE),
            Sold::Metre(_) => ("MTR", Decimal::ONE),
            Sold::Litre => ("LTR", Decimal::ONE),
            Sold::Roll => ("RO", Decimal::ONE),
            Sold::Each | Sold::EachOrBox(_) => ("EA", Decimal::ONE),
        }
    }
}

fn warehouses() -> String {
    "code,name,region,country,time_zone,cutoff\n\
     HAM,Hamburg,Hamburg,DE,Europe/Berlin,16:00\n\
     LEJ,Leipzig,Saxony,DE,Europe/Berlin,17:30\n\
     RTM,Rotterdam,South Holland,NL,Europe/Amsterdam,15:00\n"
        .into()
}

fn accounts() -> String {
    let mut text = String::from("code,name,currency,parent,inherit_prices,groups,warehouse\n");
    let others = [
        ["", "", "", "HAM"],
        ["10010", "parent", "", "LEJ"],
        ["", "", GROUP, "HAM"],
        ["", "", "", "RTM"],
        ["", "", "", "RTM"],
    ];
    for (account, [parent, inherit, groups, warehouse]) in ACCOUNTS.iter().zip(others) {
        line(
            &mut text,
            &[
                account.code,
                account.name,
                account.currency,
                parent,
                inherit,
                groups,
                warehouse,
            ],
        );
    }
    text
}

fn price_lists() -> String {
    "code,kind,currency,priority,valid_from,valid_to\n\
     GLOBEX,contract,EUR,,2026-01-01,\n\
     GLOBEX-LEJ,contract,EUR,,2026-01-01,\n\
     INDUSTRY,contract,EUR,,2025-01-01,\n\
     STARK,contract,USD,,2026-01-01,\n\
     STARK-2025,contract,USD,,2025-01-01,2025-12-31\n\
     USD,list,USD,100,,\n"
        .into()
}

fn price_assignments() -> String {
    "list,account,group,priority\n\
     GLOBEX,10010,,\n\
     GLOBEX-LEJ,10011,,\n\
     INDUSTRY,,INDUSTRY,\n\
     STARK,40040,,1\n\
     STARK-2025,40040,,0\n"
        .into()
}

fn prices(items: &[Item]) -> String {
    let mut text = String::from("list,sku,unit,min_quantity,price,valid_from,valid_to\n");
    for item in items {
        let Some(cents) = item.cents else { continue };
        let (unit, content) = Sale::contract(item);
        let listed = Decimal::new(i64::from(cents), 2) * content;
        let price = |percent: u32| {
            let price = listed * Decimal::new(i64::from(percent), 2);
            let digits = if listed < Decimal::from(2) { 4 } else { 2 };
            crate::domain::money::round_half_up(price, digits)
                .normalize()
                .to_string()
        };
        let mut entry = |list: &str, from: &str, price: &str, valid_from: &str, valid_to: &str| {
            line(&mut text, &[list, &item.sku, unit, from, price, valid_from, valid_to]);
        };
        match item.group {
            "FAST" | "TOOL" | "SAFE" => {
                // Now and then one that must be asked for, and one that changes at the turn of a decade.
                match item.number % 40 {
                    17 => entry("GLOBEX", "", "", "", ""),
                    23 => {
                        entry("GLOBEX", "", &price(88), "", "2029-12-31");
                        entry("GLOBEX", "", &price(91), "2030-01-01", "");
                    }
                    _ => {
                        entry("GLOBEX", "", &price(88), "", "");
                        entry("GLOBEX", "10", &price(84), "", "");
                        entry("GLOBEX", "50", &price(79), "", "");
                    }
                }
                if item.family.code == "GLA" {
                    entry("GLOBEX-LEJ", "", &price(75), "", "");
                }
            }
            "CUTT" | "CHEM" | "CLEA" => entry("INDUSTRY", "", &price(92), "", ""),
            "FLOW" => entry("STARK-2025", "", &price(USD_PERCENT * 80 / 100), "", ""),
            "MOVE" => {
                entry("STARK", "", &price(USD_PERCENT * 85 / 100), "", "");
                entry("STARK", "20", &price(USD_PERCENT * 78 / 100), "", "");
            }
            _ => {}
        }
        entry("USD", "", &price(USD_PERCENT), "", "");
    }
    text
}

fn stock(items: &[Item]) -> String {
    let mut text = String::from("sku,warehouse,on_hand,allocated,safety\n");
    let mut dice = Dice(0x4E4F_5244_454E);
    for item in items {
        let pack = match item.family.sold {
            Sold::Each | Sold::Pair(_) | Sold::Roll => 1,
            Sold::Litre => 5,
            Sold::EachOrBox(count)
            | Sold::Box(count)
            | Sold::Hundred(count)
            | Sold::Pack(count)
            | Sold::Metre(count) => u64::from(count),
        };
        // The first warehouse has nearly everything, the others less.
        for (warehouse, percent) in [("HAM", 92), ("LEJ", 60), ("RTM", 45)] {
            if dice.below(100) >= percent {
                continue;
            }
            let packs = match dice.below(10) {
                0 => 0,
                1 => dice.below(4) + 1,
                _ => dice.below(180) + 12,
            };
            let allocated = dice.below(packs / 4 + 1);
            let safety = if packs > 40 { 2 } else { 0 };
            let count = |packs: u64| (packs * pack).to_string();
            line(
                &mut text,
                &[&item.sku, warehouse, &count(packs), &count(allocated), &count(safety)],
            );
        }
    }
    text
}

/// Appends one line of CSV.
fn line(text: &mut String, values: &[&str]) {
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        if value.contains([',', '"', '\n']) {
            text.push('"');
            text.push_str(&value.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(value);
        }
    }
    text.push('\n');
}

/// Cents as an amount.
fn amount(cents: u32) -> String {
    Decimal::new(i64::from(cents), 2).to_string()
}

/// A GTIN from the range that GS1 keeps for demonstrations (prefix 952), with its check digit.
fn gtin(number: u64) -> String {
    let mut text = format!("952{number:09}");
    let weighed = text.bytes().zip([1u32, 3].into_iter().cycle());
    let sum: u32 = weighed.map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    // Writing to a String cannot fail.
    write!(text, "{}", (10 - sum % 10) % 10).ok();
    text
}
