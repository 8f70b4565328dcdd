//! From rows to the price book: every identifier becomes a place, every word what it stands for.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::Snapshot;
use super::parts::{AccountRows, GoodsRows, ListRows, Parts, StockRows, TradeRows};
use crate::domain::account::Account;
use crate::domain::money::{Currency, Money};
use crate::domain::party::Tenant;
use crate::domain::product::{CategoryTree, Goods, Product};
use crate::domain::stock::{Supply, Warehouse};
use crate::domain::terms::{
    AccountTerms, AddressTerms, Agreement, AgreementLine, Applies, Assignment, Base, Belongings, Break, Breaks,
    Calculation, Catalogue, Contracts, Credit, Enforce, ListHead, PriceBook, PriceList, ProductIndex, ProductTerms,
    Promotion, Rates, Rule, Rules, Scope, SourcingRule, Stacking, StockBook, StockRow, Substitution, Target, TaxRule,
    Trade, UnitIndex, UnitTerms,
};
use crate::domain::unit::Factor;
use crate::store::price_block::{self, BreakRow};
use crate::store::product::KnownUnit;
use crate::store::rule::RuleRow;
use crate::store::terms::{ListRow, TargetKind};
use crate::store::{self, StoreError, Tx};

/// By what identifiers of rows are found in the book.
#[derive(Debug, Default)]
pub(super) struct Names {
    units: HashMap<Uuid, UnitIndex>,
    categories: HashMap<Uuid, Arc<str>>,
    warehouses: Vec<Warehouse>,
}

impl Names {
    fn warehouse(&self, id: Uuid) -> Option<Arc<str>> {
        let found = self.warehouses.iter().find(|warehouse| warehouse.id == id);
        found.map(|warehouse| warehouse.code.as_str().into())
    }
}

/// Whether lists are those of a snapshot, used by accounts as there; only their breaks and rules may be others.
pub(super) fn is_alike(heads: &[ListRow], before: &Snapshot) -> bool {
    let lists = &before.book.lists;
    heads.len() == lists.len()
        && heads
            .iter()
            .zip(lists)
            .all(|(row, list)| head(row).is_some_and(|head| head.is_used_alike(&list.head)))
}

/// The snapshot of parts that moved, and of the one before for what did not; of lists all entries or those of some
/// products.
pub(super) async fn snapshot(
    tx: &mut Tx,
    tenant: &Tenant,
    parts: Parts,
    before: Option<&Snapshot>,
    only: Option<&[Uuid]>,
) -> Result<Snapshot, StoreError> {
    let mut snapshot = match before {
        Some(before) => before.clone(),
        None => Snapshot {
            zone: TimeZone::UTC,
            book: PriceBook::empty(Timestamp::UNIX_EPOCH),
            goods: Arc::default(),
            names: Arc::default(),
        },
    };
    snapshot.zone = TimeZone::get(&tenant.time_zone).unwrap_or_else(|_| {
        tracing::error!(tenant = %tenant.code, "terms.time_zone_unknown");
        TimeZone::UTC
    });
    let Ok(currency) = Currency::parse(&tenant.currency) else {
        return Err(StoreError::inconsistent(format!(
            "tenant {}: no currency of ISO 4217",
            tenant.id
        )));
    };
    let accounts = parts.accounts;
    if let Some(rows) = parts.goods {
        let known = accounts.as_ref().map(|rows| rows.accounts.clone()).unwrap_or_default();
        let catalogue = Arc::clone(&snapshot.book.catalogue);
        let code = tenant.code.clone();
        // Sorting and indexing a large catalogue takes longer than a thread for requests may be held.
        let built = tokio::task::spawn_blocking(move || goods(rows, &known, &catalogue, currency, &code));
        let built = built.await;
        let built = built.map_err(|_| StoreError::inconsistent("the catalogue could not be built"))?;
        snapshot.book.catalogue = Arc::new(built.catalogue);
        snapshot.goods = Arc::new(built.goods);
        snapshot.names = Arc::new(built.names);
    } else if let Some(rows) = &accounts {
        snapshot.goods = Arc::new(snapshot.goods.with_accounts(&rows.accounts));
    }
    if let Some(rows) = parts.trade {
        snapshot.book.trade = Arc::new(trade(&rows, &snapshot, accounts.as_ref(), currency));
    }
    if let Some(rows) = parts.lists {
        snapshot.book.lists = lists(tx, rows, &snapshot, before, only).await?;
    }
    if let Some(rows) = accounts {
        snapshot.book.contracts = Arc::new(contracts(rows, &snapshot));
    }
    if let Some(rows) = parts.stock {
        snapshot.book.stock = Arc::new(stock(&rows, &snapshot));
    }
    Ok(snapshot)
}

/// What goods become.
struct Built {
    catalogue: Catalogue,
    goods: Goods,
    names: Names,
}

fn goods(rows: GoodsRows, accounts: &[Account], before: &Catalogue, currency: Currency, tenant: &str) -> Built {
    let tree = CategoryTree::new(rows.categories.clone()).unwrap_or_else(|error| {
        // The import lets no such rows in; goods without categories are better than none.
        tracing::error!(tenant, %error, "terms.categories_unusable");
        CategoryTree::default()
    });
    let units = rows.units.iter().map(|known| UnitTerms {
        code: known.unit.code.as_str().into(),
        decimals: known.unit.decimals,
    });
    let mut catalogue = before.renewed(units);
    let mut codes = Shared::default();
    for product in &rows.products {
        if let Some(terms) = product_terms(product, &tree, &catalogue, currency, &mut codes) {
            catalogue.add(terms);
        }
    }
    rows.gone.iter().for_each(|id| catalogue.keep_place(*id));
    catalogue.set_substitutes(substitutes(&rows, &catalogue));
    let kits = kits(&rows, &catalogue);
    catalogue.set_kits(kits);
    let unit = |known: &KnownUnit| Some((known.id, catalogue.unit(&known.unit.code)?));
    let names = Names {
        units: rows.units.iter().filter_map(unit).collect(),
        categories: rows
            .categories
            .iter()
            .map(|category| (category.id, category.code.as_str().into()))
            .collect(),
        warehouses: rows.warehouses.clone(),
    };
    let units = rows.units.into_iter().map(|known| known.unit);
    Built {
        goods: Goods::new(rows.products, tree, units, &rows.warehouses, accounts),
        catalogue,
        names,
    }
}

/// Words that many rows share.
#[derive(Default)]
struct Shared(HashSet<Arc<str>>);

impl Shared {
    fn word(&mut self, word: &str) -> Arc<str> {
        if let Some(shared) = self.0.get(word) {
            return shared.clone();
        }
        let shared: Arc<str> = word.into();
        self.0.insert(shared.clone());
        shared
    }
}

fn product_terms(
    product: &Product,
    tree: &CategoryTree,
    catalogue: &Catalogue,
    currency: Currency,
    codes: &mut Shared,
) -> Option<ProductTerms> {
    let base_unit = catalogue.unit(&product.base_unit)?;
    let default_unit = product.default_unit().and_then(|unit| catalogue.unit(&unit.unit));
    let units = product.units.iter();
    let units = units.filter_map(|unit| Some((catalogue.unit(&unit.unit)?, unit.factor, unit.is_sellable)));
    // Nearest first: steps up from any of its categories.
    let mut categories: Vec<(usize, &str)> = Vec::new();
    for own in &product.categories {
        let path = tree.path(own);
        categories.extend(
            path.iter()
                .rev()
                .enumerate()
                .map(|(steps, category)| (steps, &*category.code)),
        );
    }
    categories.sort_unstable();
    let mut nearest: Vec<Arc<str>> = Vec::with_capacity(categories.len());
    for (_, code) in categories {
        if !nearest.iter().any(|known| **known == *code) {
            nearest.push(codes.word(code));
        }
    }
    Some(ProductTerms {
        id: product.id,
        sku: product.sku.as_str().into(),
        base_unit,
        default_unit: default_unit.unwrap_or(base_unit),
        units: units.collect(),
        price_quantity: product.price_quantity,
        list_price: product.list_price,
        min_order_quantity: product.min_order_quantity,
        order_multiple: product.order_multiple,
        lead_time_days: product.lead_time_days,
        cost: product.cost.map(|cost| Money::new(cost, currency)),
        categories: nearest.into(),
        price_group: product.price_group.as_deref().map(|word| codes.word(word)),
        tax_class: product.tax_class.as_deref().map(|word| codes.word(word)),
        status: product.status,
    })
}

fn substitutes(rows: &GoodsRows, catalogue: &Catalogue) -> Vec<(ProductIndex, Substitution)> {
    let mut pairs = Vec::new();
    for row in &rows.relations {
        let of = |id| catalogue.product_by_id(id);
        let (Some(product), Some(related)) = (of(row.product_id), of(row.related_id)) else {
            continue;
        };
        let substitution = |product, ratio| Substitution {
            product,
            ratio,
            priority: i32::try_from(row.priority).unwrap_or(i32::MAX),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        };
        match row.kind.as_str() {
            "substitute" => pairs.push((product, substitution(related, row.qty_ratio))),
            // The newer one stands in for the older.
            "supersedes" => pairs.push((related, substitution(product, row.qty_ratio))),
            _ => continue,
        }
        if row.two_way {
            let back = Decimal::ONE.checked_div(row.qty_ratio).unwrap_or(Decimal::ONE);
            let (from, to) = match row.kind.as_str() {
                "supersedes" => (product, related),
                _ => (related, product),
            };
            pairs.push((from, substitution(to, back)));
        }
    }
    pairs
}

fn kits(rows: &GoodsRows, catalogue: &Catalogue) -> Vec<(ProductIndex, Vec<(ProductIndex, Decimal)>)> {
    let codes: HashMap<Uuid, &str> = rows.units.iter().map(|known| (known.id, &*known.unit.code)).collect();
    let mut kits: HashMap<ProductIndex, Vec<(ProductIndex, Decimal)>> = HashMap::new();
    for row in &rows.kits {
        let of = |id| catalogue.product_by_id(id);
        let (Some(kit), Some(component)) = (of(row.kit_id), of(row.component_id)) else {
            continue;
        };
        let unit = codes.get(&row.uom_id).and_then(|code| catalogue.unit(code));
        let factor = unit.and_then(|unit| catalogue.product_at(component).factor(unit));
        let quantity = factor.unwrap_or(Factor::ONE).to_base(row.qty).unwrap_or(row.qty);
        kits.entry(kit).or_default().push((component, quantity));
    }
    kits.values_mut().for_each(|parts| parts.sort_unstable());
    kits.into_iter().collect()
}

fn priority(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A word that the import let in; another one is the default, since a price without the row would be worse.
fn read<T: Default>(word: &str, from_word: impl FnOnce(&str) -> Option<T>) -> T {
    from_word(word).unwrap_or_else(|| {
        tracing::error!(word, "terms.word_unknown");
        T::default()
    })
}

fn head(row: &ListRow) -> Option<ListHead> {
    let Ok(currency) = Currency::parse(&row.currency) else {
        tracing::error!(list = %row.code, "terms.list_currency_unknown");
        return None;
    };
    Some(ListHead {
        id: row.id,
        code: row.code.as_str().into(),
        kind: row.kind,
        currency,
        priority: priority(row.priority),
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        parent: row.parent_id,
        select: row.select_mode,
        on_no_match: row.on_no_match,
        quantity_basis: row.qty_basis,
        tax_included: row.tax_included,
        version: row.version,
    })
}

/// The lists; breaks of the same version are those of the snapshot before.
async fn lists(
    tx: &mut Tx,
    rows: ListRows,
    snapshot: &Snapshot,
    before: Option<&Snapshot>,
    only: Option<&[Uuid]>,
) -> Result<Vec<Arc<PriceList>>, StoreError> {
    let mut rules: HashMap<Uuid, Vec<Rule>> = HashMap::new();
    for row in rows.rules {
        if let Some(rule) = rule(&row, snapshot) {
            rules.entry(row.price_list_id).or_default().push(rule);
        }
    }
    let known: HashMap<Uuid, &Arc<PriceList>> = before
        .iter()
        .flat_map(|before| &before.book.lists)
        .map(|list| (list.head.id, list))
        .collect();
    let mut lists = Vec::with_capacity(rows.heads.len());
    for row in &rows.heads {
        let Some(head) = head(row) else { continue };
        let held = known.get(&head.id).filter(|list| list.head.version == head.version);
        let breaks = match held {
            Some(list) => Arc::clone(&list.breaks),
            None => {
                let rows = match only {
                    None => price_block::breaks(tx, row.tenant_id, row.id, row.version).await?,
                    Some(ids) => price_block::breaks_of(tx, row.tenant_id, row.id, row.version, ids).await?,
                };
                Arc::new(Breaks::new(breaks(rows, snapshot)))
            }
        };
        let rules = Arc::new(Rules::new(rules.remove(&row.id).unwrap_or_default()));
        lists.push(Arc::new(PriceList { head, breaks, rules }));
    }
    Ok(lists)
}

/// Entries whose product and unit are known.
fn breaks(rows: Vec<BreakRow>, snapshot: &Snapshot) -> Vec<Break> {
    // Neighbours are mostly of one product and unit.
    let mut product = (Uuid::nil(), None);
    let mut unit = (Uuid::nil(), None);
    let entry = |row: BreakRow| {
        if product.0 != row.product_id {
            product = (row.product_id, snapshot.book.catalogue.product_by_id(row.product_id));
        }
        if unit.0 != row.uom_id {
            unit = (row.uom_id, snapshot.names.units.get(&row.uom_id).copied());
        }
        Some(Break {
            product: product.1?,
            unit: unit.1?,
            min_quantity: row.min_qty,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            price: row.price,
            price_quantity: row.price_qty,
        })
    };
    rows.into_iter().filter_map(entry).collect()
}

fn rule(row: &RuleRow, snapshot: &Snapshot) -> Option<Rule> {
    let scope = match row.scope_kind.as_str() {
        "product" => Scope::Product(snapshot.book.catalogue.product_by_id(row.product_id?)?),
        "price_group" => Scope::Group(row.price_group.as_deref()?.into()),
        "category" => Scope::Category(snapshot.names.categories.get(&row.category_id?)?.clone()),
        _ => Scope::All,
    };
    let unit = match row.uom_id {
        Some(id) => Some(*snapshot.names.units.get(&id)?),
        None => None,
    };
    let warehouse = match row.warehouse_id {
        Some(id) => Some(snapshot.names.warehouse(id)?),
        None => None,
    };
    let floor_base = row.floor_base.as_deref().map(|word| read(word, Base::from_word));
    Some(Rule {
        position: u32::try_from(row.position).unwrap_or(u32::MAX),
        scope,
        unit,
        warehouse,
        min_quantity: row.min_qty,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        calculation: read(&row.calc, Calculation::from_word),
        base: read(&row.base, Base::from_word),
        value: row.value,
        price_quantity: row.price_qty,
        floor: floor_base.zip(row.floor_value),
        cap: row.cap_value,
        surcharge: row.surcharge,
        round_to: row.round_to,
    })
}

fn contracts(rows: AccountRows, snapshot: &Snapshot) -> Contracts {
    let codes: HashMap<Uuid, Arc<str>> = rows
        .accounts
        .iter()
        .map(|account| (account.id, account.code.as_str().into()))
        .collect();
    let assignments = assignments(&rows, &codes);
    let belongings = belongings(&rows, &codes, snapshot);
    let credits: HashMap<Uuid, Credit> = rows
        .credits
        .iter()
        .map(|row| {
            let credit = Credit {
                limit: row.credit_limit,
                used: row.open_invoices.saturating_add(row.open_orders),
            };
            (row.account_id, credit)
        })
        .collect();
    let accounts = rows.accounts.iter().map(|account| account_terms(account, &credits));
    let heads: Vec<ListHead> = snapshot.book.lists.iter().map(|list| list.head.clone()).collect();
    Contracts::new(accounts.collect(), &heads, &assignments, belongings)
}

fn account_terms(account: &Account, credits: &HashMap<Uuid, Credit>) -> AccountTerms {
    AccountTerms {
        code: account.code.as_str().into(),
        parent: account.parent.as_deref().map(Into::into),
        bill_to: account.bill_to.as_deref().map(Into::into),
        price_inherit: account.price_inherit,
        currency: account.currency,
        default_warehouse: account.default_warehouse.as_deref().map(Into::into),
        groups: account.groups.iter().map(|code| code.as_str().into()).collect(),
        tax_class: account.tax_class.as_deref().map(Into::into),
        credit: credits.get(&account.id).copied(),
        status: account.status,
    }
}

/// Assignments to those that are still there.
fn assignments(rows: &AccountRows, codes: &HashMap<Uuid, Arc<str>>) -> Vec<Assignment> {
    let groups: HashMap<Uuid, Arc<str>> = rows
        .groups
        .iter()
        .map(|group| (group.id, group.code.as_str().into()))
        .collect();
    let assignments = rows.assignments.iter().filter_map(|row| {
        let target = match row.target_kind {
            TargetKind::Account => Target::Account(codes.get(&row.target_id)?.clone()),
            TargetKind::Group => Target::Group(groups.get(&row.target_id)?.clone()),
            TargetKind::All => Target::All,
        };
        Some(Assignment {
            list: row.price_list_id,
            target,
            priority: priority(row.priority),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        })
    });
    assignments.collect()
}

/// What belongs to accounts that are still there.
fn belongings(rows: &AccountRows, codes: &HashMap<Uuid, Arc<str>>, snapshot: &Snapshot) -> Belongings {
    let catalogue = &snapshot.book.catalogue;
    let addresses = rows.addresses.iter().filter(|row| row.active).filter_map(|row| {
        let address = AddressTerms {
            code: row.code.as_str().into(),
            buyer_code: row.buyer_address_id.as_deref().map(Into::into),
            country: row.country.as_deref().map(Into::into),
            region: row.region.as_deref().map(Into::into),
            postal_code: row.postal_code.as_deref().map(Into::into),
        };
        Some((codes.get(&row.account_id)?.clone(), address))
    });
    let own_parts = rows.own_parts.iter().filter_map(|row| {
        let product = catalogue.product_by_id(row.product_id)?;
        Some((
            codes.get(&row.account_id)?.clone(),
            row.customer_sku.as_str().into(),
            product,
        ))
    });
    let assortments = rows.assortments.iter().filter_map(|row| {
        let scope = match row.target_kind.as_str() {
            "product" => Scope::Product(catalogue.product_by_id(row.target_id)?),
            _ => Scope::Category(snapshot.names.categories.get(&row.target_id)?.clone()),
        };
        Some((codes.get(&row.account_id)?.clone(), row.rule == "allow", scope))
    });
    Belongings {
        addresses: addresses.collect(),
        own_parts: own_parts.collect(),
        assortments: assortments.collect(),
        agreements: agreements(rows, codes, snapshot),
    }
}

fn agreements(rows: &AccountRows, codes: &HashMap<Uuid, Arc<str>>, snapshot: &Snapshot) -> Vec<Agreement> {
    let mut lines: HashMap<Uuid, Vec<AgreementLine>> = HashMap::new();
    for row in &rows.agreement_lines {
        let scope = match (row.product_id, row.category_id) {
            (Some(id), _) => snapshot.book.catalogue.product_by_id(id).map(Scope::Product),
            (None, Some(id)) => snapshot.names.categories.get(&id).cloned().map(Scope::Category),
            (None, None) => None,
        };
        let Some(scope) = scope else { continue };
        lines.entry(row.agreement_id).or_default().push(AgreementLine {
            number: u32::try_from(row.line_number).unwrap_or(u32::MAX),
            scope,
            unit: row.uom_id.and_then(|id| snapshot.names.units.get(&id).copied()),
            price: row.unit_price,
            price_quantity: row.price_qty,
            maximum: row.qty_max,
            released: row.qty_released,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        });
    }
    let addresses: HashMap<Uuid, &str> = rows.addresses.iter().map(|row| (row.id, &*row.code)).collect();
    let mut ship_tos: HashMap<Uuid, Vec<Arc<str>>> = HashMap::new();
    for row in &rows.agreement_ship_tos {
        if let Some(code) = addresses.get(&row.address_id) {
            ship_tos.entry(row.agreement_id).or_default().push((*code).into());
        }
    }
    let agreements = rows.agreements.iter().filter_map(|row| {
        let covered = ship_tos.remove(&row.id).unwrap_or_default();
        Some(Agreement {
            number: row.number.as_str().into(),
            account: codes.get(&row.account_id)?.clone(),
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            ship_tos: (!row.all_ship_tos).then(|| covered.into()),
            applies: read(&row.applies, Applies::from_word),
            enforce: read(&row.enforce_qty, Enforce::from_word),
            lines: lines.remove(&row.id).unwrap_or_default(),
        })
    });
    agreements.collect()
}

fn trade(rows: &TradeRows, snapshot: &Snapshot, accounts: Option<&AccountRows>, currency: Currency) -> Trade {
    let rates = rows.rates.iter().filter_map(|row| {
        let other = Currency::parse(&row.currency).ok()?;
        Some((other, row.valid_from, row.rate))
    });
    let word = |word: &Option<String>| word.as_deref().map(Into::into);
    let taxes = rows.taxes.iter().map(|row| TaxRule {
        code: row.code.as_str().into(),
        account_class: word(&row.account_class),
        product_class: word(&row.product_class),
        country: word(&row.country),
        region: word(&row.region),
        postal_from: word(&row.postal_from),
        postal_to: word(&row.postal_to),
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        rate: row.rate,
        priority: priority(row.priority),
    });
    let account = |id: Uuid| match accounts {
        Some(rows) => rows
            .accounts
            .iter()
            .find(|account| account.id == id)
            .map(|account| account.code.clone()),
        None => snapshot
            .goods
            .accounts()
            .find(|account| account.id == id)
            .map(|account| account.code.clone()),
    };
    let sourcing = rows.sourcing.iter().filter_map(|row| {
        Some(SourcingRule {
            account: match row.account_id {
                Some(id) => Some(account(id)?.into()),
                None => None,
            },
            region: word(&row.region),
            product: match row.product_id {
                Some(id) => Some(snapshot.book.catalogue.product_by_id(id)?),
                None => None,
            },
            warehouse: snapshot.names.warehouse(row.warehouse_id)?,
            priority: priority(row.priority),
        })
    });
    let promotions = rows.promotions.iter().map(|row| promotion(row, snapshot));
    Trade::new(
        promotions.collect(),
        taxes.collect(),
        Rates::new(currency, rates),
        sourcing.collect(),
    )
}

fn promotion(row: &store::trade::PromotionRow, snapshot: &Snapshot) -> Promotion {
    let pairs: Vec<(String, String)> = serde_json::from_value(row.scope.clone()).unwrap_or_default();
    let scopes = pairs.into_iter().filter_map(|(kind, name)| match kind.as_str() {
        "product" => {
            let index = snapshot.book.catalogue.product_by_id(name.parse().ok()?)?;
            Some(Scope::Product(index))
        }
        "category" => {
            let id: Uuid = name.parse().ok()?;
            Some(Scope::Category(snapshot.names.categories.get(&id)?.clone()))
        }
        "price_group" => Some(Scope::Group(name.into())),
        _ => Some(Scope::All),
    });
    let groups: Vec<String> = serde_json::from_value(row.account_groups.clone()).unwrap_or_default();
    Promotion {
        code: row.code.as_str().into(),
        scopes: scopes.collect(),
        groups: groups.into_iter().map(Into::into).collect(),
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        min_quantity: row.threshold_qty,
        unit: row
            .threshold_uom_id
            .and_then(|id| snapshot.names.units.get(&id).copied()),
        calculation: read(&row.calc, Calculation::from_word),
        value: row.value,
        stacking: read(&row.stacking, Stacking::from_word),
        priority: priority(row.priority),
    }
}

fn stock(rows: &StockRows, snapshot: &Snapshot) -> StockBook {
    let warehouses = &snapshot.names.warehouses;
    let catalogue = &snapshot.book.catalogue;
    let places: HashMap<Uuid, u16> = warehouses.iter().zip(0..).map(|(place, at)| (place.id, at)).collect();
    let mut reserved: HashMap<(Uuid, Uuid), Decimal> = HashMap::new();
    for row in &rows.reservations {
        let sum = reserved.entry((row.product_id, row.warehouse_id)).or_default();
        *sum = sum.saturating_add(row.qty);
    }
    let levels = rows.levels.iter().filter_map(|row| {
        let mut level = row.level();
        level.reserved = reserved
            .get(&(row.product_id, row.warehouse_id))
            .copied()
            .unwrap_or_default();
        Some(StockRow {
            warehouse: *places.get(&row.warehouse_id)?,
            product: catalogue.product_by_id(row.product_id)?,
            level,
        })
    });
    let supply = rows.supply.iter().filter(|row| row.firm).filter_map(|row| {
        let quantity = if row.kind == "demand" { -row.qty } else { row.qty };
        let product = catalogue.product_by_id(row.product_id)?;
        let supply = Supply { due: row.due, quantity };
        Some((product, *places.get(&row.warehouse_id)?, supply))
    });
    StockBook::new(warehouses.clone(), levels.collect(), supply)
}
