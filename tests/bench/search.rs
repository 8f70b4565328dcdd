//! Searching a million products: names of six words and texts of twenty-five from a vocabulary of 30,000 (Zipf), in
//! 2,000 categories of which an account may buy 200, with a maker and three attributes each.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use punchgate::domain::terms::{Assorted, Assortment};
use punchgate::search::{Ask, Builder, Entry, Filter, Index, Key, Order, Room, Text, Weight};

const PRODUCTS: u64 = 1_000_000;
const WORDS: u64 = 30_000;
const CATEGORIES: u64 = 2_000;
const OFFERED: u64 = 200;
/// Searches of each kind.
const SEARCHES: usize = 20_000;
/// The words that nearly every text has: nobody looks for them.
const FILLERS: u64 = 50;
const CHANGES: u64 = 1_000;

/// Pseudo-random numbers from a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// A rank from 1: the n-th is n times rarer than the first.
    fn rank(&mut self) -> u64 {
        let part = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        ((part * ((WORDS + 1) as f64).ln()).exp() as u64).clamp(1, WORDS)
    }
}

/// The word of a rank: syllables that stand for its digits.
fn word(rank: u64) -> String {
    const SYLLABLES: [&str; 32] = [
        "ba", "ke", "li", "mo", "nu", "pra", "ste", "tri", "vo", "wu", "za", "che", "dri", "flo", "gru", "ha", "je",
        "kli", "lo", "mu", "na", "pe", "qui", "ro", "su", "ta", "we", "xi", "yo", "zu", "bla", "cre",
    ];
    let mut word = String::new();
    let mut rest = rank + 1_023;
    while rest > 0 {
        word.push_str(SYLLABLES[(rest % 32) as usize]);
        rest /= 32;
    }
    word
}

fn sku(number: u64) -> String {
    format!("PN-{:03}-{:05}", number / 5_000, number * 7 % 90_000)
}

fn entry(number: u64, dice: &mut Dice) -> Entry {
    let mut words = |count: usize| (0..count).map(|_| word(dice.rank())).collect::<Vec<_>>().join(" ");
    let (name, text) = (words(6), words(25));
    let english = |weight, text| Text {
        language: Some("en".to_owned()),
        weight,
        text,
    };
    let attribute = |code: &str, value: u64| (Key::Attribute(code.to_owned()), value.to_string());
    Entry {
        sku: format!("{}-{number}", sku(number)),
        listed_as: name.clone(),
        texts: vec![english(Weight::Name, name), english(Weight::Body, text)],
        numbers: vec![format!("{}-{number}", sku(number))],
        facets: vec![
            (Key::Category, format!("K{}", dice.below(CATEGORIES))),
            (Key::Maker, format!("Maker {}", dice.below(200))),
            attribute("length", dice.below(40)),
            attribute("colour", dice.below(12)),
            attribute("grade", dice.below(5)),
        ],
    }
}

fn made() -> (Index, Duration) {
    let english = ["en".to_owned()];
    let began = Instant::now();
    let mut builder = Builder::new(&english, &english, Room::LARGE).unwrap();
    let mut dice = Dice(7);
    for number in 0..PRODUCTS {
        builder.add(&entry(number, &mut dice)).unwrap();
    }
    let index = builder.finish().unwrap();
    (index, began.elapsed())
}

fn assortment() -> Assortment {
    let allowed = (0..OFFERED).map(|at| Assorted::Category(format!("K{}", at * CATEGORIES / OFFERED).into()));
    Assortment {
        is_limited: true,
        allowed: allowed.collect(),
        denied: Vec::new(),
    }
}

/// Searches of one to three words.
fn typed(fillers: u64) -> Vec<String> {
    let mut dice = Dice(11);
    let mut texts = Vec::with_capacity(SEARCHES);
    for at in 0..SEARCHES {
        let mut words = Vec::new();
        while words.len() <= at % 3 {
            let rank = dice.rank();
            if rank > fillers {
                words.push(word(rank));
            }
        }
        texts.push(words.join(" "));
    }
    texts
}

fn figures(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort_unstable();
    let at = |part: usize| times[(times.len() * part / 100).min(times.len() - 1)].as_secs_f64() * 1e3;
    (at(50), at(99))
}

fn measure(name: &str, goal: &str, index: &Index, asks: &[Ask<'_>]) {
    let mut found = 0;
    let times = asks.iter().map(|ask| {
        let began = Instant::now();
        found += index.find(ask).unwrap().total;
        began.elapsed()
    });
    let (p50, p99) = figures(times.collect());
    println!(
        "search: {name}: p50 {p50:.3} ms, p99 {p99:.2} ms, {} found on average {goal}",
        found / asks.len() as u64
    );
}

/// Makes the index, searches it, changes it.
pub fn run() {
    let (index, took) = made();
    let size = index.size().unwrap();
    println!(
        "search: {} products indexed in {:.1} s ({:.0} a second) by two threads, {} segments",
        size.products,
        took.as_secs_f64(),
        size.products as f64 / took.as_secs_f64(),
        size.segments
    );
    println!(
        "search: index {:.1} bytes a product (goal: at most 120) and {:.1} stored (part number and key of lists)",
        (size.bytes - size.stored_bytes) as f64 / size.products as f64,
        size.stored_bytes as f64 / size.products as f64
    );
    searches(&index);
    changes(&index);
}

fn searches(index: &Index) {
    let (everything, offered) = (Assortment::default(), assortment());
    let ask = |text| Ask {
        text,
        is_begun: false,
        account: "",
        assortment: &offered,
        category: None,
        filters: &[],
        facets: &[],
        order: Order::Fit,
        skip: 0,
        take: 20,
    };
    let (texts, all_texts) = (typed(FILLERS), typed(0));
    let asks: Vec<Ask<'_>> = texts.iter().map(|text| ask(text)).collect();
    // The assortment's bitmap is laid once for an index.
    let began = Instant::now();
    index.find(&asks[0]).unwrap();
    println!(
        "search: first search of an assortment {:.1} ms",
        began.elapsed().as_secs_f64() * 1e3
    );
    measure(
        "1 to 3 words within an assortment",
        "(goal: p50 0.6, p99 8)",
        index,
        &asks,
    );
    let open: Vec<Ask<'_>> = asks
        .iter()
        .map(|ask| Ask {
            assortment: &everything,
            ..ask.clone()
        })
        .collect();
    measure("the same without assortment", "", index, &open);
    let fillers: Vec<Ask<'_>> = all_texts.iter().map(|text| ask(text)).collect();
    measure("words that nearly every text has among them", "", index, &fillers);
    let facets = ["length", "colour", "grade"].map(|code| Key::Attribute(code.to_owned()));
    let facets = [&[Key::Category, Key::Maker][..], &facets].concat();
    let counted: Vec<Ask<'_>> = asks
        .iter()
        .map(|ask| Ask {
            facets: &facets,
            ..ask.clone()
        })
        .collect();
    measure("with five facets counted", "", index, &counted);
    let filters = [Filter {
        facet: facets[3].clone(),
        values: vec!["3".to_owned(), "4".to_owned()],
    }];
    let narrowed: Vec<Ask<'_>> = counted
        .iter()
        .map(|ask| Ask {
            filters: &filters,
            ..ask.clone()
        })
        .collect();
    measure("narrowed down, with five facets", "", index, &narrowed);
    let begun: Vec<String> = texts.iter().map(|text| text[..text.len() - 1].to_owned()).collect();
    let begun: Vec<Ask<'_>> = begun
        .iter()
        .take(2_000)
        .map(|text| Ask {
            is_begun: true,
            ..ask(text)
        })
        .collect();
    measure("the last word begun", "", index, &begun);
    let wrong: Vec<String> = texts
        .iter()
        .take(1_000)
        .map(|text| format!("{}q{}", &text[..3], &text[3..]))
        .collect();
    let wrong: Vec<Ask<'_>> = wrong.iter().map(|text| ask(text)).collect();
    measure("a typing error in the first word", "", index, &wrong);
    let mut dice = Dice(5);
    let numbers: Vec<u64> = (0..2_000).map(|_| dice.below(PRODUCTS)).collect();
    let skus: Vec<String> = numbers
        .iter()
        .map(|number| format!("{}{number}", sku(*number).replace('-', " ")))
        .collect();
    let exact: Vec<Ask<'_>> = skus
        .iter()
        .map(|text| Ask {
            assortment: &everything,
            ..ask(text)
        })
        .collect();
    measure("a part number, written otherwise", "", index, &exact);
}

fn changes(index: &Index) {
    let mut times = BTreeMap::new();
    for round in 0..5_u64 {
        let mut dice = Dice(100 + round);
        let entries: Vec<Entry> = (0..CHANGES)
            .map(|_| {
                let number = dice.below(PRODUCTS);
                let mut changed = entry(number, &mut dice);
                changed.texts[0].text.push_str(&format!(" changed{round}"));
                changed
            })
            .collect();
        let began = Instant::now();
        index.update(&entries, &[]).unwrap();
        let text = format!("changed{round}");
        let ask = Ask {
            text: &text,
            is_begun: false,
            account: "",
            assortment: &Assortment::default(),
            category: None,
            filters: &[],
            facets: &[],
            order: Order::Fit,
            skip: 0,
            take: 20,
        };
        assert!(index.find(&ask).unwrap().total > 900);
        times.insert(began.elapsed(), round);
    }
    let times: Vec<String> = times
        .keys()
        .map(|time| format!("{:.0}", time.as_secs_f64() * 1e3))
        .collect();
    println!(
        "search: {CHANGES} changes visible after {} ms (goal: at most 300)",
        times.join(", ")
    );
}
