//! A world of terms made at random, as rows and as the files that bring them.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::terms_policy::{Policy, SELECTS};

/// Numbers from a seed: the same every time.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    pub fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    pub fn word(&mut self, of: &[&'static str]) -> &'static str {
        of[self.below(of.len())]
    }

    pub fn shuffle<T>(&mut self, rows: &mut [T]) {
        for at in (1..rows.len()).rev() {
            rows.swap(at, self.below(at + 1));
        }
    }
}

pub type Days = (Option<Date>, Option<Date>);

pub fn holds((from, to): Days, date: Date) -> bool {
    from.is_none_or(|from| from <= date) && to.is_none_or(|to| date <= to)
}

pub struct Product {
    pub sku: String,
    /// How many base units (`EA`) one `BX` is.
    pub box_of: i64,
    pub list_price: Option<Decimal>,
    pub category: usize,
    /// Whether `BX` is the unit that is offered first.
    pub sold_in_boxes: bool,
}

pub struct Account {
    pub code: String,
    pub parent: Option<usize>,
    pub inherits: bool,
    pub bill_to: Option<usize>,
    pub groups: Vec<usize>,
    pub policy: Option<usize>,
}

pub struct List {
    pub code: String,
    pub is_general: bool,
    pub priority: i64,
    pub days: Days,
    /// What it says itself.
    pub select: Option<&'static str>,
    pub on_no_match: Option<&'static str>,
    pub quantity_basis: Option<&'static str>,
    pub validity: Option<&'static str>,
    pub find_next: bool,
}

pub struct Given {
    pub list: usize,
    pub account: Option<usize>,
    pub group: Option<usize>,
    pub priority: i64,
    pub days: Days,
}

#[derive(Clone)]
pub struct Entry {
    pub list: usize,
    pub product: usize,
    pub in_boxes: bool,
    pub from: i64,
    pub days: Days,
    pub price: Option<Decimal>,
    pub per: i64,
}

/// What a rule says.
#[derive(Clone, Copy, Debug)]
pub enum Says {
    /// So many percent more than the list price.
    Markup(i64),
    /// A price for so many.
    Fixed(Decimal, i64),
    /// So many percent off another price.
    Discount(i64),
    /// What only an ERP can compute.
    Formula,
}

pub struct Rule {
    pub list: usize,
    pub position: usize,
    pub product: Option<usize>,
    pub category: Option<usize>,
    pub from: i64,
    pub days: Days,
    /// Seconds of the first and the last day.
    pub seconds: (Option<i64>, Option<i64>),
    pub says: Says,
    pub find_next: bool,
}

pub struct Agreed {
    pub number: String,
    pub account: usize,
    pub addresses: Option<Vec<usize>>,
    pub product: usize,
    pub in_boxes: bool,
    pub price: Decimal,
    pub days: Days,
    /// The most of its unit, and what was ordered of it.
    pub maximum: Option<i64>,
    pub released: i64,
    pub is_named: bool,
    pub enforce: &'static str,
}

/// A promotion of a product, a category or everything.
pub struct Promotion {
    pub code: String,
    pub product: Option<usize>,
    pub category: Option<usize>,
    pub group: Option<usize>,
    pub days: Days,
    pub from: i64,
    pub calculation: &'static str,
    pub value: Decimal,
    pub stacking: &'static str,
    pub priority: i64,
}

pub struct World {
    pub policies: Vec<Policy>,
    /// The policy of the source.
    pub of_source: Option<usize>,
    pub promotions: Vec<Promotion>,
    pub products: Vec<Product>,
    pub accounts: Vec<Account>,
    pub lists: Vec<List>,
    pub given: Vec<Given>,
    pub entries: Vec<Entry>,
    pub rules: Vec<Rule>,
    pub agreed: Vec<Agreed>,
}

/// The categories: each in the one before.
pub const CATEGORIES: usize = 4;
pub const GROUPS: usize = 3;
pub const POLICIES: usize = 8;
pub const ADDRESSES: usize = 2;

pub fn day(dice: &mut Dice) -> Date {
    jiff::civil::date(2026, 11, 1) + (dice.below(50) as i64).days()
}

pub fn days(dice: &mut Dice) -> Days {
    let from = dice.one_in(3).then(|| day(dice));
    let to = dice
        .one_in(3)
        .then(|| from.unwrap_or(jiff::civil::date(2026, 11, 10)) + (dice.below(20) as i64).days());
    (from, to)
}

pub fn price(dice: &mut Dice) -> Decimal {
    let digits = dice.below(4) as u32;
    Decimal::new(1 + dice.below(900_000) as i64, digits + 1)
}

pub fn world(dice: &mut Dice) -> World {
    let products = (0..25).map(|number| Product {
        sku: format!("P-{number}"),
        box_of: *dice.pick(&[7, 10, 12]),
        list_price: (!dice.one_in(6)).then(|| price(dice)),
        category: dice.below(CATEGORIES),
        sold_in_boxes: dice.one_in(3),
    });
    let products: Vec<Product> = products.collect();
    let accounts = (0..12).map(|number| Account {
        code: format!("A-{number}"),
        parent: (number > 0 && !dice.one_in(3)).then(|| dice.below(number)),
        inherits: dice.one_in(2),
        bill_to: (number > 0 && dice.one_in(2)).then(|| dice.below(number)),
        groups: (0..GROUPS).filter(|_| dice.one_in(3)).collect(),
        policy: (!dice.one_in(3)).then(|| dice.below(POLICIES)),
    });
    let mut accounts: Vec<Account> = accounts.collect();
    // Promotions and lists name groups that some account must be in.
    accounts[0].groups = (0..GROUPS).collect();
    let lists: Vec<List> = (0..14)
        .map(|number| List {
            code: format!("L-{number:02}"),
            is_general: number >= 12,
            priority: dice.below(3) as i64,
            days: days(dice),
            select: dice.one_in(4).then(|| dice.word(&SELECTS)),
            on_no_match: dice.one_in(6).then(|| dice.word(&["next_level", "no_price"])),
            quantity_basis: dice.one_in(6).then(|| dice.word(&["base", "sale", "order"])),
            validity: dice.one_in(6).then(|| dice.word(&["days", "instants"])),
            find_next: dice.one_in(5),
        })
        .collect();
    let mut given: BTreeMap<(usize, Option<usize>, Option<usize>), Given> = BTreeMap::new();
    for _ in 0..40 {
        let list = dice.below(12);
        let (account, group) = match dice.below(4) {
            0 | 1 => (Some(dice.below(accounts.len())), None),
            2 => (None, Some(dice.below(GROUPS))),
            _ => (None, None),
        };
        let row = Given {
            list,
            account,
            group,
            priority: dice.below(3) as i64,
            days: days(dice),
        };
        given.insert((list, account, group), row);
    }
    let mut entries = BTreeMap::new();
    for _ in 0..900 {
        let entry = Entry {
            list: dice.below(lists.len()),
            product: dice.below(products.len()),
            in_boxes: dice.one_in(3),
            from: *dice.pick(&[0, 1, 5, 10, 50]),
            days: days(dice),
            price: (!dice.one_in(12)).then(|| price(dice)),
            per: *dice.pick(&[1, 1, 1, 100]),
        };
        let key = (entry.list, entry.product, entry.in_boxes, entry.from, entry.days.0);
        entries.insert(key, entry);
    }
    let mut rules = BTreeMap::new();
    for position in 0..60 {
        let (product, category) = match dice.below(3) {
            0 => (Some(dice.below(products.len())), None),
            1 => (None, Some(dice.below(CATEGORIES))),
            _ => (None, None),
        };
        let rule = Rule {
            list: dice.below(lists.len()),
            position: position + 1,
            product,
            category,
            from: *dice.pick(&[0, 3, 20]),
            days: days(dice),
            seconds: (second(dice), None),
            says: says(dice),
            find_next: dice.one_in(4),
        };
        // On one day the last second is not before the first.
        let is_one_day = rule.days.0.is_some() && rule.days.0 == rule.days.1;
        let last = if is_one_day { Some(86_399) } else { second(dice) };
        let rule = Rule {
            seconds: (rule.seconds.0, last),
            ..rule
        };
        let key = (rule.list, rule.product, rule.category, rule.from, rule.days.0);
        rules.insert(key, rule);
    }
    let agreed = (0..10).map(|number| Agreed {
        number: format!("B-{number}"),
        account: dice.below(accounts.len()),
        addresses: dice.one_in(2).then(|| vec![dice.below(ADDRESSES)]),
        product: dice.below(products.len()),
        in_boxes: dice.one_in(2),
        price: price(dice),
        days: days(dice),
        maximum: dice.one_in(2).then(|| *dice.pick(&[5, 50, 300])),
        released: *dice.pick(&[0, 3, 60]),
        is_named: dice.one_in(3),
        enforce: dice.word(&["none", "warn", "block"]),
    });
    let agreed = agreed.collect();
    let promotions = (0..6).map(|number| promotion(dice, number, products.len())).collect();
    World {
        policies: (0..POLICIES).map(|_| Policy::random(dice)).collect(),
        of_source: dice.one_in(2).then(|| dice.below(POLICIES)),
        promotions,
        products,
        accounts,
        lists,
        given: given.into_values().collect(),
        entries: entries.into_values().collect(),
        rules: rules.into_values().collect(),
        agreed,
    }
}

/// A second of a day, now and then.
fn second(dice: &mut Dice) -> Option<i64> {
    dice.one_in(3).then(|| dice.below(86_400) as i64)
}

fn says(dice: &mut Dice) -> Says {
    match dice.below(8) {
        0 | 1 => Says::Fixed(price(dice), *dice.pick(&[1, 100])),
        2 => Says::Discount(dice.below(30) as i64),
        3 if dice.one_in(3) => Says::Formula,
        _ => Says::Markup(-(dice.below(40) as i64)),
    }
}

fn promotion(dice: &mut Dice, number: usize, products: usize) -> Promotion {
    let (product, category) = match dice.below(3) {
        0 => (Some(dice.below(products)), None),
        1 => (None, Some(dice.below(CATEGORIES))),
        _ => (None, None),
    };
    let (calculation, value) = match dice.below(3) {
        0 => ("fixed", price(dice)),
        1 => ("subtract", Decimal::new(dice.below(900) as i64, 3)),
        _ => ("multiply", Decimal::new(50 + dice.below(60) as i64, 2)),
    };
    Promotion {
        code: format!("M-{number}"),
        product,
        category,
        group: dice.one_in(3).then(|| dice.below(GROUPS)),
        days: days(dice),
        from: *dice.pick(&[0, 10, 100]),
        calculation,
        value,
        stacking: dice.word(&["never_on_contract", "replace_if_lower", "exclusive", "stack"]),
        priority: dice.below(3) as i64,
    }
}
