//! A world of terms made at random, as rows and as the files that bring them.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

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
}

pub struct Account {
    pub code: String,
    pub parent: Option<usize>,
    pub inherits: bool,
    pub groups: Vec<usize>,
}

pub struct List {
    pub code: String,
    pub is_general: bool,
    pub priority: i64,
    pub days: Days,
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

/// A rule in percent of the list price.
pub struct Rule {
    pub list: usize,
    pub position: usize,
    pub product: Option<usize>,
    pub category: Option<usize>,
    pub from: i64,
    pub days: Days,
    pub percent: i64,
}

pub struct Agreed {
    pub number: String,
    pub account: usize,
    pub addresses: Option<Vec<usize>>,
    pub product: usize,
    pub in_boxes: bool,
    pub price: Decimal,
    pub days: Days,
}

pub struct World {
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
    });
    let products: Vec<Product> = products.collect();
    let accounts = (0..12).map(|number| Account {
        code: format!("A-{number}"),
        parent: (number > 0 && !dice.one_in(3)).then(|| dice.below(number)),
        inherits: dice.one_in(2),
        groups: (0..GROUPS).filter(|_| dice.one_in(3)).collect(),
    });
    let accounts: Vec<Account> = accounts.collect();
    let lists: Vec<List> = (0..14)
        .map(|number| List {
            code: format!("L-{number:02}"),
            is_general: number >= 12,
            priority: dice.below(3) as i64,
            days: days(dice),
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
    for position in 0..40 {
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
            percent: -(dice.below(40) as i64),
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
    });
    let agreed = agreed.collect();
    World {
        products,
        accounts,
        lists,
        given: given.into_values().collect(),
        entries: entries.into_values().collect(),
        rules: rules.into_values().collect(),
        agreed,
    }
}

pub fn shown<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// The world as files, in an order of the dice.
pub fn files(world: &World, dice: &mut Dice) -> Vec<(&'static str, String)> {
    let unit = |in_boxes: bool| if in_boxes { "BX" } else { "EA" };
    let dates = |(from, to): Days| format!("{},{}", shown(from), shown(to));
    let mut files: Vec<(&'static str, &str, Vec<String>)> = Vec::new();
    let categories = (0..CATEGORIES).map(|at| {
        format!(
            "C-{at},C,{}",
            if at > 0 { format!("C-{}", at - 1) } else { String::new() }
        )
    });
    files.push(("categories.csv", "code,name,parent", categories.collect()));
    let products = world.products.iter().map(|product| {
        let Product {
            sku,
            box_of,
            list_price,
            category,
        } = product;
        format!("{sku},{sku},EA,BX={box_of},{},C-{category}", shown(*list_price))
    });
    files.push((
        "products.csv",
        "sku,name,base_unit,units,list_price,categories",
        products.collect(),
    ));
    let accounts = world.accounts.iter().map(|account| {
        let parent = account
            .parent
            .map(|at| world.accounts[at].code.clone())
            .unwrap_or_default();
        let inherit = if account.inherits && !parent.is_empty() {
            "parent"
        } else {
            "none"
        };
        let groups: Vec<String> = account.groups.iter().map(|group| format!("G-{group}")).collect();
        let code = &account.code;
        format!("{code},{code},{parent},{inherit},{}", groups.join("|"))
    });
    files.push((
        "accounts.csv",
        "code,name,parent,inherit_prices,groups",
        accounts.collect(),
    ));
    let addresses = world
        .accounts
        .iter()
        .flat_map(|account| (0..ADDRESSES).map(move |at| format!("{},S-{at}", account.code)));
    files.push(("addresses.csv", "account,code", addresses.collect()));
    let lists = world.lists.iter().map(|list| {
        let kind = if list.is_general { "list" } else { "contract" };
        format!("{},{kind},{},{}", list.code, list.priority, dates(list.days))
    });
    files.push((
        "price_lists.csv",
        "code,kind,priority,valid_from,valid_to",
        lists.collect(),
    ));
    let rules = world.rules.iter().map(|rule| {
        let product = rule.product.map(|at| world.products[at].sku.clone());
        let category = rule.category.map(|at| format!("C-{at}"));
        let (list, position) = (&world.lists[rule.list].code, rule.position);
        let (product, category) = (shown(product), shown(category));
        format!(
            "{list},{position},{product},{category},{},{},markup,{}",
            rule.from,
            dates(rule.days),
            rule.percent
        )
    });
    let header = "list,position,sku,category,min_quantity,valid_from,valid_to,calculation,value";
    files.push(("price_rules.csv", header, rules.collect()));
    let given = world.given.iter().map(|given| {
        let account = given.account.map(|at| world.accounts[at].code.clone());
        let group = given.group.map(|at| format!("G-{at}"));
        let list = &world.lists[given.list].code;
        format!(
            "{list},{},{},{},{}",
            shown(account),
            shown(group),
            given.priority,
            dates(given.days)
        )
    });
    files.push((
        "price_assignments.csv",
        "list,account,group,priority,valid_from,valid_to",
        given.collect(),
    ));
    let entries = world.entries.iter().map(|entry| {
        let (list, sku) = (&world.lists[entry.list].code, &world.products[entry.product].sku);
        let (unit, price) = (unit(entry.in_boxes), shown(entry.price));
        format!(
            "{list},{sku},{unit},{},{price},{},{}",
            entry.from,
            entry.per,
            dates(entry.days)
        )
    });
    let header = "list,sku,unit,min_quantity,price,price_quantity,valid_from,valid_to";
    files.push(("prices.csv", header, entries.collect()));
    let heads = world.agreed.iter().map(|agreed| {
        let all = if agreed.addresses.is_some() { "no" } else { "yes" };
        format!("{},{},{all}", agreed.number, world.accounts[agreed.account].code)
    });
    files.push(("agreements.csv", "number,account,all_ship_tos", heads.collect()));
    let ship_tos = world.agreed.iter().flat_map(|agreed| {
        let addresses = agreed.addresses.iter().flatten();
        addresses.map(move |at| format!("{},S-{at}", agreed.number))
    });
    files.push(("agreement_ship_tos.csv", "agreement,address", ship_tos.collect()));
    let lines = world.agreed.iter().map(|agreed| {
        let sku = &world.products[agreed.product].sku;
        let unit = unit(agreed.in_boxes);
        format!(
            "{},1,{sku},{unit},{},{}",
            agreed.number,
            agreed.price,
            dates(agreed.days)
        )
    });
    files.push((
        "agreement_lines.csv",
        "agreement,line,sku,unit,price,valid_from,valid_to",
        lines.collect(),
    ));
    let files = files.into_iter().map(|(name, header, mut rows)| {
        dice.shuffle(&mut rows);
        (name, format!("{header}\n{}\n", rows.join("\n")))
    });
    files.collect()
}
