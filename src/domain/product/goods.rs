//! All goods of one supplier in memory: looked up, browsed by category, and searched.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{Category, CategoryTree, Product};
use crate::domain::account::Account;
use crate::domain::stock::Warehouse;
use crate::domain::unit::Unit;

/// The goods of one supplier, with the names that are shown beside them; immutable, replaced as a whole.
///
/// Products that are never sold by themselves are found by their part number alone: they are in no list and no search.
#[derive(Clone, Debug, Default)]
pub struct Goods {
    /// In the order they are listed in: by name, numbers in a name by their value.
    products: Arc<[Arc<Product>]>,
    texts: Arc<[Text]>,
    product_of_sku: Arc<HashMap<String, usize>>,
    tree: Arc<CategoryTree>,
    /// Shown products of each category and those below it, in order.
    listed: Arc<HashMap<String, Vec<usize>>>,
    shown: usize,
    units: HashMap<String, Unit>,
    warehouses: HashMap<String, String>,
    accounts: BTreeMap<String, Account>,
}

/// What a search compares with.
#[derive(Debug)]
struct Text {
    /// Every field, folded, each word after a blank.
    folded: String,
    /// Part numbers without anything but letters and digits, each between blanks.
    numbers: String,
}

/// How well a product fits a search; the lowest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// The search is one of its part numbers.
    Number,
    /// Every word of the search begins a word of it.
    Words,
    /// Some word of the search is within a word of it.
    Within,
}

impl Goods {
    /// Builds them from rows in any order.
    pub fn new(
        mut products: Vec<Product>,
        tree: CategoryTree,
        units: impl IntoIterator<Item = Unit>,
        warehouses: &[Warehouse],
        accounts: &[Account],
    ) -> Self {
        products.sort_by_cached_key(|product| (listing_key(&product.name), product.sku.clone()));
        let products: Arc<[Arc<Product>]> = products.into_iter().map(Arc::new).collect();
        let mut listed: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, product) in products.iter().enumerate().filter(|(_, p)| p.status.is_shown()) {
            for category in product.categories.iter().flat_map(|code| tree.path(code)) {
                let places = listed.entry(category.code.clone()).or_default();
                // A product in two categories below one is counted once there.
                if places.last() != Some(&at) {
                    places.push(at);
                }
            }
        }
        Goods {
            texts: products.iter().map(|product| Text::new(product)).collect(),
            product_of_sku: Arc::new(
                products
                    .iter()
                    .zip(0..)
                    .map(|(product, at)| (product.sku.clone(), at))
                    .collect(),
            ),
            shown: products.iter().filter(|product| product.status.is_shown()).count(),
            products,
            tree: Arc::new(tree),
            listed: Arc::new(listed),
            units: units.into_iter().map(|unit| (unit.code.clone(), unit)).collect(),
            warehouses: warehouses.iter().map(|w| (w.code.clone(), w.name.clone())).collect(),
            accounts: accounts
                .iter()
                .map(|account| (account.code.clone(), account.clone()))
                .collect(),
        }
    }

    /// The same goods beside other accounts; they are shared.
    #[must_use]
    pub fn with_accounts(&self, accounts: &[Account]) -> Self {
        let accounts = accounts.iter().map(|account| (account.code.clone(), account.clone()));
        Goods {
            accounts: accounts.collect(),
            ..self.clone()
        }
    }

    /// The product of a part number.
    pub fn product(&self, sku: &str) -> Option<&Arc<Product>> {
        self.product_of_sku.get(sku).map(|at| &self.products[*at])
    }

    /// The categories.
    pub fn tree(&self) -> &CategoryTree {
        &self.tree
    }

    /// How many products are shown.
    pub fn count(&self) -> u64 {
        self.shown as u64
    }

    /// How many products are shown in a category and below it.
    pub fn count_in(&self, category: &str) -> u64 {
        self.listed.get(category).map_or(0, |places| places.len() as u64)
    }

    /// A page of the products in a category and below it, and how many there are.
    pub fn in_category(&self, category: &str, skip: usize, take: usize) -> (Vec<Arc<Product>>, u64) {
        let places = self.listed.get(category).map_or(&[][..], Vec::as_slice);
        (self.page(places.iter().copied(), skip, take), places.len() as u64)
    }

    /// A page of the products that a search finds, and how many there are; nothing for a search without words.
    ///
    /// Every word must be in one of part number, name, maker, maker's part number and GTIN; case and punctuation do not
    /// matter. First come products with exactly this part number, then those where every word begins a word.
    pub fn search(&self, query: &str, skip: usize, take: usize) -> (Vec<Arc<Product>>, u64) {
        let words = Words::new(query);
        if words.0.is_empty() {
            return (Vec::new(), 0);
        }
        let whole = number(query);
        let fits = self.texts.iter().enumerate();
        let fits = fits.filter(|(at, _)| self.products[*at].status.is_shown());
        let mut found: Vec<(Fit, usize)> = fits
            .filter_map(|(at, text)| Some((text.fit(&words, &whole)?, at)))
            .collect();
        found.sort_unstable();
        let total = found.len() as u64;
        (self.page(found.into_iter().map(|(_, at)| at), skip, take), total)
    }

    /// Categories with products whose names have every word of a search, in order of name.
    pub fn categories_matching(&self, query: &str) -> Vec<&Category> {
        let words = Words::new(query);
        if words.0.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<&Category> = self
            .tree
            .iter()
            .filter(|category| self.count_in(&category.code) > 0 && words.are_in(&folded(&category.name)))
            .collect();
        found.sort_by_key(|category| listing_key(&category.name));
        found
    }

    /// The supplier's name of a unit ("box"), or the code where there is no such unit.
    pub fn unit_name<'a>(&'a self, code: &'a str) -> &'a str {
        self.units.get(code).map_or(code, |unit| &unit.name)
    }

    /// The unit of a code.
    pub fn unit(&self, code: &str) -> Option<&Unit> {
        self.units.get(code)
    }

    /// The name of a warehouse.
    pub fn warehouse_name(&self, code: &str) -> Option<&str> {
        self.warehouses.get(code).map(String::as_str)
    }

    /// The account of a code.
    pub fn account(&self, code: &str) -> Option<&Account> {
        self.accounts.get(code)
    }

    /// All accounts, by code.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    fn page(&self, places: impl Iterator<Item = usize>, skip: usize, take: usize) -> Vec<Arc<Product>> {
        places
            .skip(skip)
            .take(take)
            .map(|at| self.products[at].clone())
            .collect()
    }
}

impl Text {
    fn new(product: &Product) -> Self {
        let gtins = product.units.iter().filter_map(|unit| unit.gtin.as_deref());
        let numbers = [
            Some(product.sku.as_str()),
            product.manufacturer_part_id.as_deref(),
            product.gtin.as_deref(),
        ]
        .into_iter()
        .flatten()
        .chain(gtins);
        let numbers: Vec<&str> = numbers.collect();
        let mut text = folded(&product.name);
        for field in product
            .manufacturer
            .as_deref()
            .into_iter()
            .chain(numbers.iter().copied())
        {
            text.push_str(" |");
            text.push_str(&folded(field));
        }
        let numbers = numbers.iter().map(|text| number(text) + " ");
        Text {
            folded: text,
            numbers: format!(" {}", numbers.collect::<String>()),
        }
    }

    fn fit(&self, words: &Words, whole: &str) -> Option<Fit> {
        if !whole.is_empty() && self.numbers.contains(&format!(" {whole} ")) {
            return Some(Fit::Number);
        }
        let mut fit = Fit::Words;
        for Word { folded, number } in &words.0 {
            if self.folded.contains(folded.as_str()) {
                continue;
            }
            if !self.folded.contains(folded.trim_start()) && !self.numbers.contains(number.as_str()) {
                return None;
            }
            fit = Fit::Within;
        }
        Some(fit)
    }
}

/// The words of a search.
struct Words(Vec<Word>);

/// One word of a search, as written with a blank before, and as a part number.
struct Word {
    folded: String,
    number: String,
}

impl Words {
    fn new(query: &str) -> Self {
        let query = joined(query);
        let words = query.split_whitespace().map(|word| Word {
            folded: folded(word),
            number: number(word),
        });
        Words(words.filter(|word| !word.number.is_empty()).collect())
    }

    fn are_in(&self, text: &str) -> bool {
        self.0.iter().all(|word| text.contains(word.folded.trim_start()))
    }
}

/// A text in lower case with `8 × 40` as `8x40`.
fn joined(text: &str) -> String {
    let text: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| if c == '×' { 'x' } else { c })
        .collect();
    let mut joined = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('x') {
        let is_between = before.trim_end().ends_with(|c: char| c.is_ascii_digit())
            && after.trim_start().starts_with(|c: char| c.is_ascii_digit());
        let (before, after) = match is_between {
            true => (before.trim_end(), after.trim_start()),
            false => (before, after),
        };
        joined.push_str(before);
        joined.push('x');
        rest = after;
    }
    joined.push_str(rest);
    joined
}

/// A text in lower case, each run of letters and digits after one blank.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len() + 1);
    for word in joined(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        folded.push(' ');
        folded.push_str(word);
    }
    folded
}

/// A part number in lower case without anything but letters and digits.
fn number(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Orders names so that M8 comes before M10.
fn listing_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len() + 16);
    let mut digits = String::new();
    for c in name.chars().flat_map(char::to_lowercase).chain(['\0']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if !digits.is_empty() {
            key.push_str(&format!("{:0>12}", digits.trim_start_matches('0')));
            digits.clear();
        }
        key.push(c);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::product::{ProductStatus, ProductUnit};
    use crate::domain::unit::Factor;
    use rust_decimal::Decimal;
    use uuid::Uuid;

    fn product(sku: &str, name: &str, mpn: &str, categories: &[&str], status: ProductStatus) -> Product {
        Product {
            id: Uuid::nil(),
            sku: sku.into(),
            name: name.into(),
            description: None,
            base_unit: "EA".into(),
            units: vec![ProductUnit {
                unit: "EA".into(),
                factor: Factor::ONE,
                is_sellable: true,
                is_default: true,
                gtin: None,
            }],
            price_quantity: Decimal::ONE,
            list_price: None,
            manufacturer: Some("Würth & Söhne".into()),
            manufacturer_part_id: Some(mpn.into()),
            gtin: Some("4006381333931".into()).filter(|_| sku == "B-10"),
            unspsc: None,
            tax_class: None,
            price_group: None,
            cost: None,
            min_order_quantity: None,
            order_multiple: None,
            lead_time_days: None,
            status,
            categories: categories.iter().map(|code| (*code).to_owned()).collect(),
            image: None,
        }
    }

    fn goods() -> Goods {
        let category = |code: &str, parent: Option<&str>| Category {
            id: Uuid::nil(),
            code: code.into(),
            name: format!("{code} screws"),
            parent: parent.map(Into::into),
        };
        let tree = CategoryTree::new([
            category("A", None),
            category("A1", Some("A")),
            category("A2", Some("A")),
            category("B", None),
        ]);
        let active = ProductStatus::Active;
        let products = vec![
            product("B-10", "Hex bolt M10 × 40, A2", "933-10/40", &["A1", "A2"], active),
            product("B-8", "Hex bolt M8 × 40, A2", "933-8/40", &["A1"], active),
            product("N-8", "Nut 1/4\" for B-8", "934", &["A2"], ProductStatus::Blocked),
            product("BOX", "Empty box", "", &["A"], ProductStatus::NotForSale),
        ];
        Goods::new(products, tree.unwrap(), [], &[], &[])
    }

    fn skus((products, total): (Vec<Arc<Product>>, u64)) -> String {
        let skus: Vec<&str> = products.iter().map(|product| product.sku.as_str()).collect();
        format!("{} of {total}", skus.join(" "))
    }

    #[test]
    fn categories_list_what_is_below_them_once_in_the_order_of_numbers() {
        let goods = goods();
        assert_eq!(goods.count(), 3);
        assert_eq!(skus(goods.in_category("A", 0, 10)), "B-8 B-10 N-8 of 3");
        assert_eq!(skus(goods.in_category("A", 1, 1)), "B-10 of 3");
        assert_eq!(skus(goods.in_category("A1", 0, 10)), "B-8 B-10 of 2");
        assert_eq!(skus(goods.in_category("B", 0, 10)), " of 0");
        assert_eq!(goods.count_in("A2"), 2);
        assert!(goods.product("BOX").is_some() && goods.product("box").is_none());
    }

    #[test]
    fn a_search_finds_words_and_part_numbers_however_they_are_written() {
        let goods = goods();
        let check = |query: &str, expect: &str| assert_eq!(skus(goods.search(query, 0, 10)), expect, "{query:?}");
        check("hex BOLT", "B-8 B-10 of 2");
        check("m8x40", "B-8 of 1");
        check("M8 x 40", "B-8 of 1");
        check("bolt m8×40 a2", "B-8 of 1");
        // The part number itself before what only mentions it.
        check("b-8", "B-8 N-8 of 2");
        check("B8", "B-8 of 1");
        check("933840", "B-8 of 1");
        check("4006381333931", "B-10 of 1");
        check("söhne hex 10", "B-10 of 1");
        check("1/4\"", "N-8 of 1");
        check("ex olt m10", "B-10 of 1");
        check("box", " of 0");
        check("bolt nut", " of 0");
        check("", " of 0");
        check(" -- ", " of 0");
        check("x", "B-8 B-10 of 2");
        assert_eq!(skus(goods.search("40", 1, 1)), "B-10 of 2");
    }

    #[test]
    fn categories_are_found_by_name_where_they_have_products() {
        let goods = goods();
        let codes = |query: &str| {
            let found = goods.categories_matching(query);
            found
                .iter()
                .map(|category| category.code.clone())
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(codes("SCREW"), "A A1 A2");
        assert_eq!(codes("a1 screws"), "A1");
        assert_eq!(codes(""), "");
    }
}
