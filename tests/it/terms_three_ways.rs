//! Book, database and a slow obvious resolver agree, whatever the order of rows.
//!
//! A world of rows is made at random and imported: in one order to the first database, in another to the next. Every
//! question is then asked three times: of the book, of what the database has of the product alone, and of a resolver
//! that looks at every row. `PUNCHGATE_TEST_PRICE_CASES` says how many questions.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use punchgate::domain::terms::{Answer, Level, Request};
use punchgate::service::terms;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::import::{Shop, shops};
use crate::support_store::tell;

/// Questions in the ordinary run.
const CASES: u64 = 4_000;
/// Questions between two readings of the database.
const BATCH: u64 = 200;

/// Numbers from a seed: the same every time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        x ^ (x >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    fn shuffle<T>(&mut self, rows: &mut [T]) {
        for at in (1..rows.len()).rev() {
            rows.swap(at, self.below(at + 1));
        }
    }
}

type Days = (Option<Date>, Option<Date>);

fn holds((from, to): Days, date: Date) -> bool {
    from.is_none_or(|from| from <= date) && to.is_none_or(|to| date <= to)
}

struct Product {
    sku: String,
    /// How many base units (`EA`) one `BX` is.
    box_of: i64,
    list_price: Option<Decimal>,
    category: usize,
}

struct Account {
    code: String,
    parent: Option<usize>,
    inherits: bool,
    groups: Vec<usize>,
}

struct List {
    code: String,
    is_general: bool,
    priority: i64,
    days: Days,
}

struct Given {
    list: usize,
    account: Option<usize>,
    group: Option<usize>,
    priority: i64,
    days: Days,
}

#[derive(Clone)]
struct Entry {
    list: usize,
    product: usize,
    in_boxes: bool,
    from: i64,
    days: Days,
    price: Option<Decimal>,
    per: i64,
}

/// A rule in percent of the list price.
struct Rule {
    list: usize,
    position: usize,
    product: Option<usize>,
    category: Option<usize>,
    from: i64,
    days: Days,
    percent: i64,
}

struct Agreed {
    number: String,
    account: usize,
    addresses: Option<Vec<usize>>,
    product: usize,
    in_boxes: bool,
    price: Decimal,
    days: Days,
}

struct World {
    products: Vec<Product>,
    accounts: Vec<Account>,
    lists: Vec<List>,
    given: Vec<Given>,
    entries: Vec<Entry>,
    rules: Vec<Rule>,
    agreed: Vec<Agreed>,
}

/// The categories: each in the one before.
const CATEGORIES: usize = 4;
const GROUPS: usize = 3;
const ADDRESSES: usize = 2;

fn day(dice: &mut Dice) -> Date {
    jiff::civil::date(2026, 11, 1) + (dice.below(50) as i64).days()
}

fn days(dice: &mut Dice) -> Days {
    let from = dice.one_in(3).then(|| day(dice));
    let to = dice
        .one_in(3)
        .then(|| from.unwrap_or(jiff::civil::date(2026, 11, 10)) + (dice.below(20) as i64).days());
    (from, to)
}

fn price(dice: &mut Dice) -> Decimal {
    let digits = dice.below(4) as u32;
    Decimal::new(1 + dice.below(900_000) as i64, digits + 1)
}

fn world(dice: &mut Dice) -> World {
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

fn shown<T: std::fmt::Display>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// The world as files, in an order of the dice.
fn files(world: &World, dice: &mut Dice) -> Vec<(&'static str, String)> {
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

#[derive(Debug)]
struct Question {
    account: usize,
    product: usize,
    in_boxes: bool,
    quantity: i64,
    date: Date,
    ship_to: Option<usize>,
}

/// What is answered: the price for one requested unit, and where from.
type Said = (Option<Decimal>, Level, String);

impl World {
    /// Every row looked at, the rules of the policy one after the other.
    fn slow(&self, question: &Question) -> Said {
        let product = &self.products[question.product];
        let box_of = Decimal::from(product.box_of);
        let base = if question.in_boxes {
            question.quantity * product.box_of
        } else {
            question.quantity
        };
        // A price for one of its own unit as one for the requested unit.
        let to_asked = |price: Decimal, in_boxes: bool| match (in_boxes, question.in_boxes) {
            (true, false) => (price / box_of, true),
            (false, true) => (price * box_of, true),
            _ => (price, false),
        };
        let rounded = |listed: Decimal, per: i64, in_boxes: bool| {
            let (price, is_converted) = to_asked(listed, in_boxes);
            let digits = listed.scale().max(4);
            // As listed it is never rounded; for one of a hundred the division is ours, not the policy's.
            if is_converted {
                half_up(price / Decimal::from(per), digits)
            } else {
                listed / Decimal::from(per)
            }
        };
        let chain = self.chain(question.account);
        for above in &chain {
            let mut own: Vec<&Agreed> = self
                .agreed
                .iter()
                .filter(|agreed| agreed.account == *above && agreed.product == question.product)
                .filter(|agreed| holds(agreed.days, question.date))
                .filter(|agreed| {
                    let wanted = question.ship_to;
                    agreed
                        .addresses
                        .as_ref()
                        .is_none_or(|covered| wanted.is_some_and(|at| covered.contains(&at)))
                })
                .collect();
            own.sort_by_key(|agreed| (agreed.addresses.is_none(), agreed.number.clone()));
            if let Some(agreed) = own.first() {
                let price = rounded(agreed.price, 1, agreed.in_boxes);
                return (Some(price), Level::Agreement, agreed.number.clone());
            }
        }
        for (level, list) in self.ways(question, &chain) {
            let code = self.lists[list].code.clone();
            if let Some(entry) = self.best_entry(list, question, base) {
                let price = entry.price.map(|price| rounded(price, entry.per, entry.in_boxes));
                let of_entry = (
                    if entry.in_boxes {
                        entry.from * product.box_of
                    } else {
                        entry.from
                    },
                    entry.days.0,
                );
                let rule = self
                    .best_rule(list, question, base)
                    .filter(|rule| rule.product.is_some());
                if rule.is_none_or(|rule| (rule.from, rule.days.0) <= of_entry) {
                    return (price, level, code);
                }
            }
            if let (Some(rule), Some(listed)) = (self.best_rule(list, question, base), product.list_price) {
                let computed = listed * Decimal::from(100 + rule.percent) / Decimal::ONE_HUNDRED;
                return (Some(half_up(to_asked(computed, false).0, 4)), level, code);
            }
        }
        let price = product.list_price.map(|listed| rounded(listed, 1, false));
        (price, Level::ListPrice, String::new())
    }

    fn chain(&self, account: usize) -> Vec<usize> {
        let mut chain = vec![account];
        let mut at = account;
        while let (Some(parent), true) = (self.accounts[at].parent, self.accounts[at].inherits) {
            chain.push(parent);
            at = parent;
        }
        chain
    }

    /// The lists that are valid, in their order.
    fn ways(&self, question: &Question, chain: &[usize]) -> Vec<(Level, usize)> {
        let mut ways = Vec::new();
        for given in self.given.iter().filter(|given| holds(given.days, question.date)) {
            let place = match (given.account, given.group) {
                (Some(account), _) => {
                    let depth = chain.iter().position(|above| *above == account);
                    depth.map(|depth| (if depth == 0 { Level::Account } else { Level::Inherited }, depth))
                }
                (None, Some(group)) => {
                    let groups = &self.accounts[question.account].groups;
                    groups.contains(&group).then_some((Level::Group, 0))
                }
                (None, None) => Some((Level::Group, 0)),
            };
            if let Some((level, depth)) = place {
                let code = self.lists[given.list].code.clone();
                ways.push((level, depth, given.priority, code, given.days, given.list));
            }
        }
        for (at, list) in self.lists.iter().enumerate().filter(|(_, list)| list.is_general) {
            ways.push((Level::Default, 0, list.priority, list.code.clone(), (None, None), at));
        }
        ways.retain(|way| holds(self.lists[way.5].days, question.date));
        ways.sort();
        ways.into_iter().map(|way| (way.0, way.5)).collect()
    }

    fn best_entry(&self, list: usize, question: &Question, base: i64) -> Option<&Entry> {
        let best = |in_boxes: bool, quantity: i64| {
            let fitting = self.entries.iter().filter(|entry| {
                (entry.list, entry.product, entry.in_boxes) == (list, question.product, in_boxes)
                    && entry.from <= quantity
                    && holds(entry.days, question.date)
            });
            fitting.max_by_key(|entry| (entry.from, entry.days.0))
        };
        best(question.in_boxes, question.quantity).or_else(|| best(false, base))
    }

    fn best_rule(&self, list: usize, question: &Question, base: i64) -> Option<&Rule> {
        let product = &self.products[question.product];
        product.list_price?;
        let fitting = self.rules.iter().filter(|rule| {
            rule.list == list
                && rule.product.is_none_or(|of| of == question.product)
                && rule.category.is_none_or(|of| of <= product.category)
                && rule.from <= base
                && holds(rule.days, question.date)
        });
        fitting.min_by_key(|rule| {
            let distance = match (rule.product, rule.category) {
                (Some(_), _) => 0,
                // The nearer category has the higher number.
                (_, Some(category)) => 1 + product.category - category,
                _ => usize::MAX,
            };
            (distance, std::cmp::Reverse((rule.from, rule.days.0)), rule.position)
        })
    }
}

fn half_up(value: Decimal, digits: u32) -> Decimal {
    value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

fn said(answer: &Answer) -> Said {
    let decided = answer.trace.decided().unwrap();
    let list = decided.list.as_deref().unwrap_or_default().to_owned();
    let each = answer
        .unit_price
        .map(|price| (price.amount / answer.price_quantity).normalize());
    (each, decided.level, list)
}

fn questions(world: &World, dice: &mut Dice, count: u64) -> Vec<Question> {
    let question = |_| Question {
        account: dice.below(world.accounts.len()),
        product: dice.below(world.products.len()),
        in_boxes: dice.one_in(2),
        quantity: *dice.pick(&[0, 1, 2, 4, 5, 9, 10, 49, 50, 51, 500]),
        date: day(dice),
        ship_to: dice.one_in(2).then(|| dice.below(ADDRESSES)),
    };
    (0..count).map(question).collect()
}

async fn agree(world: &World, shops: &[Shop], questions: &[Question]) {
    let skus: Vec<&str> = world.products.iter().map(|product| &*product.sku).collect();
    let mut readings = Vec::new();
    for shop in shops {
        readings.push(terms::query(&shop.gateway, shop.tenant_id, &skus).await.unwrap());
    }
    for question in questions {
        let (price, level, list) = world.slow(question);
        let slow = (price.map(|price| price.normalize()), level, list);
        let ship_to = question.ship_to.map(|at| format!("S-{at}"));
        let asked = |now, _| Request {
            unit: Some(if question.in_boxes { "BX" } else { "EA" }),
            ship_to: ship_to.as_deref(),
            ..Request::new(
                &world.accounts[question.account].code,
                &world.products[question.product].sku,
                Decimal::from(question.quantity),
                question.date,
                now,
            )
        };
        for (shop, reading) in shops.iter().zip(&readings) {
            let book = terms::ask(&shop.gateway, shop.tenant_id, asked).unwrap();
            assert_eq!(said(&book), slow, "{question:?}\n{:#?}", book.trace);
            let mut query = reading.ask(&shop.gateway, asked).unwrap();
            assert_eq!(said(&query), slow, "from the database: {question:?}");
            query.as_of = book.as_of;
            let places = |answer: &Answer| answer.trace.steps.len();
            assert_eq!(
                (query.valid_until, places(&query)),
                (book.valid_until, places(&book)),
                "{question:?}"
            );
        }
    }
}

#[tokio::test]
async fn book_database_and_a_slow_resolver_agree_whatever_the_order_of_rows() {
    let cases = std::env::var("PUNCHGATE_TEST_PRICE_CASES").ok();
    let cases: u64 = cases.and_then(|text| text.parse().ok()).unwrap_or(CASES);
    let mut dice = Dice(2026);
    let mut done = 0;
    let mut stands = shops().await;
    stands.extend(shops().await);
    while done < cases {
        let world = world(&mut dice);
        for shop in &stands {
            for (name, text) in files(&world, &mut dice) {
                // The world before is gone where a file may say so.
                let has_full = !matches!(name, "prices.csv");
                let name = if has_full {
                    name.replace(".csv", ".full.csv")
                } else {
                    name.to_owned()
                };
                shop.good(&name, &text).await;
            }
        }
        let here = (cases - done).min(10 * BATCH);
        agree(&world, &stands, &questions(&world, &mut dice, here)).await;
        done += here;
    }
    tell(&format!(
        "prices: {done} questions, book, database and a slow resolver agree"
    ));
}
