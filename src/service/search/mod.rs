//! Finding products: words and numbers, narrowed down by facets, within what the account may buy.
//!
//! ```ignore
//! let answer = search::find(gateway, &Question { text: "hex bolt", ..Question::new(tenant_id, account) }).await?;
//! ```

mod counts;
mod entries;
mod follow;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use uuid::Uuid;

use crate::domain::attribute::{AttributeKind, AttributeValue};
use crate::domain::money::parse_decimal;
use crate::domain::product::{Goods, Product, listing_key};
use crate::domain::terms::Assortment;
use crate::search::{Ask, Counted, Found, Index};
use crate::service::{Error, Gateway, product, terms};

pub use crate::search::{Filter, Key, Order, Size};
pub use counts::{Counts, counts, is_any_in};
pub use follow::{follow, follow_all, follow_held};

use entries::Context;

/// Products up to which a missing index is made while somebody waits: a second or two.
const WAITED_FOR_MAX: u64 = 20_000;
/// Longest text of a question, in characters; the rest is left out.
const TEXT_CHARS_MAX: usize = 200;
/// Results that can be paged through: more are for narrowing down.
pub const RESULTS_MAX: usize = 10_000;
/// Facets beside the list of a search through all categories.
const FACETS_MAX: usize = 6;
/// Products, words and categories of suggestions.
const SUGGESTED_PRODUCTS: usize = 6;
const SUGGESTED_WORDS: usize = 5;
/// Products whose names are looked through for words that go on.
const LOOKED_AT: usize = 40;

/// The indexes of the process.
#[derive(Default)]
pub struct Search {
    held: RwLock<Arc<HashMap<Uuid, Held>>>,
    /// One brings the index of a supplier up to date at a time.
    turns: Mutex<HashMap<Uuid, Arc<tokio::sync::Mutex<()>>>>,
}

/// The index of a supplier at one number of the change feed.
#[derive(Clone)]
struct Held {
    index: Arc<Index>,
    context: Arc<Context>,
    seq: i64,
}

impl Search {
    fn all(&self) -> Arc<HashMap<Uuid, Held>> {
        Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn held(&self, tenant_id: Uuid) -> Option<Held> {
        self.all().get(&tenant_id).cloned()
    }

    fn replace(&self, tenant_id: Uuid, held: Held) {
        // Indexes of several suppliers may be ready at once.
        let mut all = self.held.write().unwrap_or_else(PoisonError::into_inner);
        let mut others = HashMap::clone(&all);
        others.insert(tenant_id, held);
        *all = Arc::new(others);
    }

    fn turn(&self, tenant_id: Uuid) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(tenant_id).or_default())
    }
}

/// What somebody looks for.
#[derive(Clone, Copy, Debug)]
pub struct Question<'q> {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The customer number; only what it may buy is found.
    pub account: &'q str,
    /// Words or numbers; empty for everything.
    pub text: &'q str,
    /// Only in this category and below it.
    pub category: Option<&'q str>,
    /// Only with one of the values, for each.
    pub filters: &'q [Filter],
    /// The language of names, as ISO 639-1.
    pub language: &'q str,
    /// What comes first.
    pub order: Order,
    /// How many to leave out.
    pub skip: usize,
    /// How many to give.
    pub take: usize,
}

impl<'q> Question<'q> {
    /// Everything that an account may buy, the first few.
    pub fn new(tenant_id: Uuid, account: &'q str) -> Self {
        Question {
            tenant_id,
            account,
            text: "",
            category: None,
            filters: &[],
            language: "en",
            order: Order::Fit,
            skip: 0,
            take: 24,
        }
    }
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// How many there are.
    pub total: u64,
    /// The part of them that was asked for, the best first.
    pub products: Vec<Arc<Product>>,
    /// How they can be narrowed down; facets whose values would change nothing are left out.
    pub facets: Vec<Facet>,
    /// Categories directly below the one asked about, with how many of the products are in each.
    pub categories: Vec<(String, u64)>,
    /// What was searched for instead, where a word was taken for a typing error.
    pub instead: Option<String>,
    /// Where nothing is found: words that no product has which the account may buy.
    pub unknown: Vec<String>,
    /// Where nothing has all the words: how many have each of the others.
    pub alone: Vec<(String, u64)>,
    /// Whether the index is still being made, so that nothing can be said yet.
    pub is_preparing: bool,
}

/// A way to narrow down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facet {
    /// The facet.
    pub key: Key,
    /// The attribute's name in the language; none for makers.
    pub name: Option<String>,
    /// Its values in order.
    pub values: Vec<FacetValue>,
}

/// One value of a facet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetValue {
    /// As filters name it.
    pub value: String,
    /// What it is, for pages to say it in the reader's form; none for makers.
    pub shown: Option<crate::service::content::Shown>,
    /// How many products have it.
    pub count: u64,
    /// Whether it is among the filters.
    pub is_chosen: bool,
}

/// Finds products.
///
/// # Errors
/// The index cannot be read, or could not be made.
pub async fn find(gateway: &Gateway, question: &Question<'_>) -> Result<Answer, Error> {
    let Some((held, goods, assortment)) = stage(gateway, question.tenant_id, question.account).await? else {
        return Ok(unprepared(gateway, question));
    };
    let facets = facets_of(&held.context, &goods, question);
    let found = held.index.find(&Ask {
        text: cut(question.text),
        is_begun: false,
        account: question.account,
        assortment: &assortment,
        category: question.category,
        filters: question.filters,
        facets: &facets,
        order: question.order,
        skip: question.skip.min(RESULTS_MAX),
        take: question.take.min(RESULTS_MAX.saturating_sub(question.skip)),
    })?;
    Ok(answered(found, &held.context, &goods, question))
}

/// What can be said without an index: the part number itself, or the products of a category.
fn unprepared(gateway: &Gateway, question: &Question<'_>) -> Answer {
    let mut answer = Answer {
        is_preparing: true,
        ..Answer::default()
    };
    let Some(goods) = product::goods(gateway, question.tenant_id) else {
        return answer;
    };
    let (products, total) = match (question.text, question.category) {
        ("", Some(code)) => goods.in_category(code, question.skip, question.take),
        (sku, _) => (goods.product(sku).cloned().into_iter().collect(), 1),
    };
    let is_offered = |product: &Arc<Product>| {
        product.status.is_shown() && terms::is_offered(gateway, question.tenant_id, question.account, &product.sku)
    };
    answer.products = products.into_iter().filter(is_offered).collect();
    let assortment = terms::assortment(gateway, question.tenant_id, question.account);
    // How many there are of what others may buy is not told.
    answer.total = match assortment.is_some_and(|assortment| assortment.is_everything()) {
        true if !answer.products.is_empty() => total,
        _ => answer.products.len() as u64,
    };
    answer
}

/// What somebody may mean who is still typing.
#[derive(Clone, Debug, Default)]
pub struct Suggested {
    /// Products that fit, the best first.
    pub products: Vec<Arc<Product>>,
    /// How the last word may go on.
    pub words: Vec<String>,
}

/// Suggests products and words while somebody types.
///
/// # Errors
/// As for [`find`].
pub async fn suggest(gateway: &Gateway, question: &Question<'_>) -> Result<Suggested, Error> {
    let Some((held, goods, assortment)) = stage(gateway, question.tenant_id, question.account).await? else {
        return Ok(Suggested::default());
    };
    let text = cut(question.text);
    if text.trim().is_empty() {
        return Ok(Suggested::default());
    }
    let found = held.index.find(&Ask {
        text,
        is_begun: true,
        account: question.account,
        assortment: &assortment,
        category: question.category,
        filters: &[],
        facets: &[],
        order: Order::Fit,
        skip: 0,
        take: LOOKED_AT,
    })?;
    let products = products(&goods, &found.skus);
    Ok(Suggested {
        words: words_of(text, &products),
        products: products.into_iter().take(SUGGESTED_PRODUCTS).collect(),
    })
}

/// How large a supplier's index is, where there is one.
///
/// # Errors
/// The index cannot be read.
pub fn size(gateway: &Gateway, tenant_id: Uuid) -> Result<Option<Size>, Error> {
    let held = gateway.search.held(tenant_id);
    Ok(held.map(|held| held.index.size()).transpose()?)
}

/// The index, the goods and what the account may buy; nothing while a large index is being made.
async fn stage(
    gateway: &Gateway,
    tenant_id: Uuid,
    account: &str,
) -> Result<Option<(Held, Arc<Goods>, Assortment)>, Error> {
    let Some(goods) = product::goods(gateway, tenant_id) else {
        return Ok(None);
    };
    let Some(assortment) = terms::assortment(gateway, tenant_id, account) else {
        return Ok(None);
    };
    let held = match gateway.search.held(tenant_id) {
        Some(held) => held,
        None if goods.count() > WAITED_FOR_MAX => return Ok(None),
        None => {
            follow(gateway, tenant_id).await?;
            let Some(held) = gateway.search.held(tenant_id) else {
                return Ok(None);
            };
            held
        }
    };
    Ok(Some((held, goods, assortment)))
}

fn cut(text: &str) -> &str {
    text.char_indices()
        .nth(TEXT_CHARS_MAX)
        .map_or(text, |(at, _)| &text[..at])
}

/// The facets to count: those of the category or the nearest above it that has any, else those of every category.
fn facets_of(context: &Context, goods: &Goods, question: &Question<'_>) -> Vec<Key> {
    let path = question
        .category
        .map(|code| goods.tree().path(code))
        .unwrap_or_default();
    let nearest = path
        .iter()
        .rev()
        .find_map(|category| context.facets.get(&category.code));
    let mut codes: Vec<&String> = match nearest {
        Some(own) => own.iter().collect(),
        None => context.facets.values().flatten().collect(),
    };
    if nearest.is_none() {
        codes.sort();
        codes.dedup();
    }
    let mut keys = vec![Key::Category, Key::Maker];
    keys.extend(codes.into_iter().map(|code| Key::Attribute(code.clone())));
    // What is chosen stays in sight, wherever it was chosen.
    for filter in question.filters {
        if !keys.contains(&filter.facet) {
            keys.push(filter.facet.clone());
        }
    }
    keys
}

fn answered(found: Found, context: &Context, goods: &Goods, question: &Question<'_>) -> Answer {
    let mut answer = Answer {
        total: found.total,
        products: products(goods, &found.skus),
        instead: found.instead,
        unknown: found.unknown,
        alone: found.alone,
        ..Answer::default()
    };
    for counted in found.counted {
        if counted.facet == Key::Category {
            answer.categories = below(goods, question.category, &counted);
        } else {
            answer.facets.extend(facet(context, question, counted, found.total));
        }
    }
    let has_own = question.category.is_some_and(|code| {
        let path = goods.tree().path(code);
        path.iter().any(|category| context.facets.contains_key(&category.code))
    });
    if !has_own {
        // Through all categories, those that tell most of the products apart.
        let known = |facet: &Facet| facet.values.iter().map(|value| value.count).sum::<u64>();
        let is_fixed = |facet: &Facet| facet.key == Key::Maker || facet.values.iter().any(|value| value.is_chosen);
        answer
            .facets
            .sort_by_key(|facet| (!is_fixed(facet), std::cmp::Reverse(known(facet)), facet.key.clone()));
        answer.facets.truncate(FACETS_MAX.max(question.filters.len() + 1));
    }
    answer
}

fn products(goods: &Goods, skus: &[String]) -> Vec<Arc<Product>> {
    // A product that came or went since the goods were read is in one of the two alone.
    skus.iter().filter_map(|sku| goods.product(sku).cloned()).collect()
}

/// The counted categories directly below one, or at the root.
fn below(goods: &Goods, category: Option<&str>, counted: &Counted) -> Vec<(String, u64)> {
    let children = goods.tree().children(category);
    let count = |code: &str| {
        counted
            .values
            .iter()
            .find(|(value, _)| value == code)
            .map(|(_, count)| *count)
    };
    children
        .filter_map(|child| Some((child.code.clone(), count(&child.code)?)))
        .collect()
}

/// A facet with its values in order; nothing where it tells no products apart.
fn facet(context: &Context, question: &Question<'_>, mut counted: Counted, total: u64) -> Option<Facet> {
    let chosen = question.filters.iter().find(|filter| filter.facet == counted.facet);
    // What is chosen stays in sight where no product has it any more.
    for value in chosen.iter().flat_map(|filter| &filter.values) {
        if !counted.values.iter().any(|(known, _)| known == value) {
            counted.values.push((value.clone(), 0));
        }
    }
    let is_chosen = |value: &str| chosen.is_some_and(|filter| filter.values.iter().any(|own| own == value));
    let attribute = match &counted.facet {
        Key::Attribute(code) => Some(context.wording.attribute_of(code)?),
        Key::Category | Key::Maker => None,
    };
    let tells_apart = counted.values.len() > 1 || counted.values.iter().any(|(_, count)| *count < total);
    if !tells_apart && chosen.is_none() {
        return None;
    }
    let mut values: Vec<FacetValue> = counted
        .values
        .into_iter()
        .map(|(value, count)| FacetValue {
            shown: attribute.and_then(|attribute| {
                let typed = typed(attribute.kind, &value)?;
                context.wording.shown(attribute.id, typed, question.language)
            }),
            is_chosen: is_chosen(&value),
            value,
            count,
        })
        .collect();
    values.sort_by_cached_key(order_of);
    let name = attribute.map(|attribute| {
        let own = context
            .wording
            .names(attribute.id, "")
            .and_then(|names| names.get(question.language));
        own.unwrap_or(&attribute.name).clone()
    });
    Some(Facet {
        key: counted.facet,
        name,
        values,
    })
}

/// Numbers by their value, words by themselves with numbers in them by value.
fn order_of(value: &FacetValue) -> (Option<rust_decimal::Decimal>, String) {
    match value.shown.as_ref().map(|shown| (&shown.value, &shown.words)) {
        Some((AttributeValue::Number(number), _)) => (Some(*number), String::new()),
        Some((_, Some(words))) => (None, listing_key(words)),
        _ => (None, listing_key(&value.value)),
    }
}

fn typed(kind: AttributeKind, value: &str) -> Option<AttributeValue> {
    match kind {
        AttributeKind::Text => Some(AttributeValue::Text(value.to_owned())),
        AttributeKind::Number => parse_decimal(value).ok().map(AttributeValue::Number),
        AttributeKind::YesNo => Some(AttributeValue::YesNo(value == "yes")),
    }
}

/// Words of the products' names that the last typed word begins; only those of what the account may buy.
fn words_of(text: &str, products: &[Arc<Product>]) -> Vec<String> {
    let Some(begin) = text.split_whitespace().last().map(str::to_lowercase) else {
        return Vec::new();
    };
    let mut words: Vec<(usize, String)> = Vec::new();
    for product in products {
        let names = product
            .name
            .split(|c: char| !c.is_alphanumeric())
            .map(str::to_lowercase);
        for word in names.filter(|word| word.len() > begin.len() && word.starts_with(&begin)) {
            match words.iter_mut().find(|(_, known)| *known == word) {
                Some((count, _)) => *count += 1,
                None => words.push((1, word)),
            }
        }
    }
    words.sort_by(|a, b| (b.0, &a.1).cmp(&(a.0, &b.1)));
    words.into_iter().take(SUGGESTED_WORDS).map(|(_, word)| word).collect()
}
