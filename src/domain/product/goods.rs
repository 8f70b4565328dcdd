//! All goods of one supplier in memory: looked up and browsed by category.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{CategoryTree, Product};
use crate::domain::account::Account;
use crate::domain::stock::Warehouse;
use crate::domain::unit::{self, Unit};

/// The goods of one supplier, with the names that are shown beside them; immutable, replaced as a whole.
///
/// Products that are never sold by themselves are found by their part number alone: they are in no list and no search.
#[derive(Clone, Debug, Default)]
pub struct Goods {
    /// In the order they are listed in: by name, numbers in a name by their value.
    products: Arc<[Arc<Product>]>,
    product_of_sku: Arc<HashMap<String, usize>>,
    tree: Arc<CategoryTree>,
    /// Shown products of each category and those below it, in order.
    listed: Arc<HashMap<String, Vec<usize>>>,
    shown: usize,
    units: HashMap<String, Unit>,
    warehouses: HashMap<String, String>,
    accounts: BTreeMap<String, Account>,
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

    /// The supplier's name of a unit ("box"), or the code where there is no such unit.
    pub fn unit_name<'a>(&'a self, code: &'a str) -> &'a str {
        self.units.get(code).map_or(code, |unit| &unit.name)
    }

    /// The unit of a code.
    pub fn unit(&self, code: &str) -> Option<&Unit> {
        self.units.get(code)
    }

    /// The standard's code of a unit of the supplier's: the one that the supplier says, else the one that the code itself
    /// is; never a guess.
    pub fn unit_code(&self, code: &str) -> Option<&str> {
        let own = self.unit(code).and_then(|unit| unit.unece.as_deref());
        own.or_else(|| unit::named(code).map(|unit| unit.code))
    }

    /// Whether a code of somebody else's means a unit of the supplier's.
    pub fn is_unit(&self, code: &str, theirs: &str) -> bool {
        let own = self.unit(code);
        let standard = own.into_iter().flat_map(|unit| [&unit.unece, &unit.ansi]).flatten();
        unit::is_same(code, theirs) || standard.into_iter().any(|known| unit::is_same(known, theirs))
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

/// Orders names so that M8 comes before M10.
pub fn listing_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len() + 16);
    let mut digits = String::new();
    for c in name.chars().flat_map(char::to_lowercase).chain(['\0']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if !digits.is_empty() {
            // The count of digits before them orders numbers of any length.
            let digits_of_value = digits.trim_start_matches('0');
            let count = char::from(b'0' + u8::try_from(digits_of_value.len().min(70)).unwrap_or(70));
            key.push(count);
            key.push_str(digits_of_value);
            digits.clear();
        }
        if c != '\0' {
            key.push(c);
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::product::{Category, ProductStatus, ProductUnit};
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
    fn names_are_ordered_by_their_numbers() {
        let mut names = ["M10 × 20", "M8 × 40", "M8 × 5", "M08 × 6", "A", "M10"];
        names.sort_by_key(|name| listing_key(name));
        assert_eq!(names, ["A", "M8 × 5", "M08 × 6", "M8 × 40", "M10", "M10 × 20"]);
    }
}
