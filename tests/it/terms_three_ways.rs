//! Book, database and a slow obvious resolver agree, whatever the order of rows.
//!
//! A world of rows is made at random and imported: in one order to the first database, in another to the next. Every
//! question is then asked three times: of the book, of what the database has of the product alone, and of a resolver
//! that looks at every row. `PUNCHGATE_TEST_PRICE_CASES` says how many questions.

use jiff::civil::Date;
use punchgate::domain::terms::{Answer, Level, Request};
use punchgate::service::terms;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::import::{Shop, shops};
use crate::support_store::tell;
use crate::terms_world::{ADDRESSES, Agreed, Dice, Entry, Rule, World, day, files, holds, world};

/// Questions in the ordinary run.
const CASES: u64 = 4_000;
/// Questions between two readings of the database.
const BATCH: u64 = 200;

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
