//! What the store has of one supplier, in parts that move by themselves.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Snapshot, build};
use crate::domain::account::Account;
use crate::domain::party::Tenant;
use crate::domain::product::{Category, Product};
use crate::domain::stock::Warehouse;
use crate::store::account::GroupRow;
use crate::store::agreement::{AgreementLineRow, AgreementRow, AgreementShipToRow};
use crate::store::belonging::{AddressRow, AssortmentRow, CreditRow, OwnPartRow};
use crate::store::policy::PolicyRow;
use crate::store::product::KnownUnit;
use crate::store::relation::{KitComponentRow, RelationRow};
use crate::store::rule::RuleRow;
use crate::store::stock::StockRow;
use crate::store::supply::{ReservationRow, SourcingRow, SupplyRow};
use crate::store::terms::{AssignmentRow, ListRow};
use crate::store::trade::{PromotionRow, RateRow, TaxRuleRow};
use crate::store::{self, StoreError, Tx, rows};

/// Which parts moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moves {
    /// Units, categories, products, their relations, and warehouses; everything that names them is built anew.
    pub goods: bool,
    /// Accounts, what belongs to them, and whom lists are given to.
    pub accounts: bool,
    /// Price lists.
    pub lists: bool,
    /// Rates, taxes, promotions, sourcing.
    pub trade: bool,
    /// Stock and supply.
    pub stock: bool,
    /// What orders of ours hold.
    pub held: bool,
}

/// Changes read at most to see what moved; after more of them everything is read.
const CHANGES_MAX: i64 = 1_000;

impl Moves {
    pub(super) const ALL: Moves = Moves {
        goods: true,
        accounts: true,
        lists: true,
        trade: true,
        stock: true,
        held: true,
    };

    /// What moved after a number of the change feed.
    pub(super) async fn since(tx: &mut Tx, tenant_id: Uuid, version: u64) -> Result<Self, StoreError> {
        let seen = i64::try_from(version).unwrap_or(i64::MAX);
        let changes = store::feed::after(tx, tenant_id, seen, CHANGES_MAX + 1).await?;
        if changes.len() as i64 > CHANGES_MAX {
            return Ok(Moves::ALL);
        }
        let mut moves = Moves::default();
        for change in &changes {
            moves.note(&change.entity);
        }
        Ok(moves)
    }

    fn note(&mut self, entity: &str) {
        match entity {
            "unit" | "category" | "product" | "relation" | "kit" | "warehouse" | "tenant" => *self = Moves::ALL,
            "account" | "price_assignment" | "address" | "own_part" | "assortment" | "credit" | "agreement" => {
                self.accounts = true;
            }
            "price_list" => self.lists = true,
            "price_policy" => (self.accounts, self.lists) = (true, true),
            "rate" | "tax" | "promotion" | "sourcing" => self.trade = true,
            "stock" | "supply" => self.stock = true,
            "reservation" => self.held = true,
            // Of connections, orders and the like prices know nothing.
            _ => {}
        }
    }
}

/// Units, categories, products and warehouses.
pub(super) struct GoodsRows {
    pub units: Vec<KnownUnit>,
    pub categories: Vec<Category>,
    pub products: Vec<Product>,
    pub gone: Vec<Uuid>,
    pub relations: Vec<RelationRow>,
    pub kits: Vec<KitComponentRow>,
    pub warehouses: Vec<Warehouse>,
}

/// Price lists and their rules; breaks are read list by list.
pub(super) struct ListRows {
    pub policies: Vec<PolicyRow>,
    pub heads: Vec<ListRow>,
    pub rules: Vec<RuleRow>,
}

/// Accounts and what belongs to them.
pub(super) struct AccountRows {
    pub policies: Vec<PolicyRow>,
    pub accounts: Vec<Account>,
    pub groups: Vec<GroupRow>,
    pub assignments: Vec<AssignmentRow>,
    pub addresses: Vec<AddressRow>,
    pub own_parts: Vec<OwnPartRow>,
    pub assortments: Vec<AssortmentRow>,
    pub credits: Vec<CreditRow>,
    pub agreements: Vec<AgreementRow>,
    pub agreement_ship_tos: Vec<AgreementShipToRow>,
    pub agreement_lines: Vec<AgreementLineRow>,
}

/// What holds for all accounts.
pub(super) struct TradeRows {
    pub rates: Vec<RateRow>,
    pub taxes: Vec<TaxRuleRow>,
    pub promotions: Vec<PromotionRow>,
    pub sourcing: Vec<SourcingRow>,
}

/// Stock and what moves it.
pub(super) struct StockRows {
    pub levels: Vec<StockRow>,
    pub supply: Vec<SupplyRow>,
}

/// The parts that moved.
pub(super) struct Parts {
    pub goods: Option<GoodsRows>,
    pub lists: Option<ListRows>,
    pub accounts: Option<AccountRows>,
    pub trade: Option<TradeRows>,
    pub stock: Option<StockRows>,
    pub held: Option<Vec<ReservationRow>>,
}

/// Reads the parts that moved.
pub(super) async fn read(
    tx: &mut Tx,
    tenant: &Tenant,
    moves: Moves,
    before: Option<&Snapshot>,
) -> Result<Parts, StoreError> {
    let id = tenant.id;
    let mut parts = Parts {
        goods: None,
        lists: None,
        accounts: None,
        trade: None,
        stock: None,
        held: None,
    };
    if moves.goods {
        parts.goods = Some(goods(tx, id).await?);
    }
    if moves.accounts || moves.lists {
        let policies: Vec<PolicyRow> = rows::all_of(tx, id).await?;
        let heads = store::terms::lists(tx, id).await?;
        // Lists that are used as before need no other accounts.
        let is_alike = before.is_some_and(|before| build::is_alike(&heads, &policies, before));
        if moves.accounts || !is_alike {
            parts.accounts = Some(accounts(tx, id).await?);
        }
        parts.lists = Some(ListRows {
            policies,
            heads,
            rules: rows::all_of(tx, id).await?,
        });
    }
    if moves.trade {
        parts.trade = Some(TradeRows {
            rates: rows::all_of(tx, id).await?,
            taxes: rows::all_of(tx, id).await?,
            promotions: rows::all_of(tx, id).await?,
            sourcing: rows::all_of(tx, id).await?,
        });
    }
    if moves.stock {
        parts.stock = Some(StockRows {
            levels: store::stock::levels(tx, id).await?,
            supply: rows::all_of(tx, id).await?,
        });
    }
    if moves.held {
        parts.held = Some(store::supply::held(tx, id).await?);
    }
    Ok(parts)
}

/// Reads all that decides about some products, and no others, by their part numbers; with their identifiers.
pub(super) async fn read_some(tx: &mut Tx, tenant: &Tenant, skus: &[&str]) -> Result<(Parts, Vec<Uuid>), StoreError> {
    let id = tenant.id;
    let mut ids = store::product::ids(tx, id, skus).await?;
    let relations: Vec<RelationRow> = rows::all_of(tx, id).await?;
    let kits: Vec<KitComponentRow> = rows::all_of(tx, id).await?;
    let mut named: Vec<Uuid> = kits
        .iter()
        .filter(|row| ids.contains(&row.kit_id))
        .map(|row| row.component_id)
        .collect();
    let is_about = |row: &&RelationRow| ids.contains(&row.product_id) || ids.contains(&row.related_id);
    named.extend(
        relations
            .iter()
            .filter(is_about)
            .flat_map(|row| [row.product_id, row.related_id]),
    );
    ids.extend(named);
    ids.sort_unstable();
    ids.dedup();
    let units = store::product::units(tx, id).await?;
    let categories = store::product::categories(tx, id).await?;
    let goods = GoodsRows {
        products: store::product::some_products(tx, id, &ids, &units, &categories).await?,
        gone: Vec::new(),
        relations,
        kits,
        warehouses: store::stock::warehouses(tx, id).await?,
        units,
        categories,
    };
    let moves = Moves {
        goods: false,
        stock: false,
        ..Moves::ALL
    };
    let mut parts = read(tx, tenant, moves, None).await?;
    parts.goods = Some(goods);
    parts.stock = Some(StockRows {
        levels: rows::some_of(tx, id, "product_id", &ids).await?,
        supply: rows::some_of(tx, id, "product_id", &ids).await?,
    });
    Ok((parts, ids))
}

async fn goods(tx: &mut Tx, id: Uuid) -> Result<GoodsRows, StoreError> {
    let units = store::product::units(tx, id).await?;
    let categories = store::product::categories(tx, id).await?;
    Ok(GoodsRows {
        products: store::product::products(tx, id, &units, &categories).await?,
        gone: store::product::gone(tx, id).await?,
        relations: rows::all_of(tx, id).await?,
        kits: rows::all_of(tx, id).await?,
        warehouses: store::stock::warehouses(tx, id).await?,
        units,
        categories,
    })
}

async fn accounts(tx: &mut Tx, id: Uuid) -> Result<AccountRows, StoreError> {
    let warehouses = store::stock::warehouses(tx, id).await?.into_iter();
    let warehouse_codes: HashMap<Uuid, String> = warehouses.map(|warehouse| (warehouse.id, warehouse.code)).collect();
    Ok(AccountRows {
        policies: rows::all_of(tx, id).await?,
        accounts: store::account::accounts(tx, id, &warehouse_codes).await?,
        groups: store::account::groups(tx, id).await?,
        assignments: store::terms::assignments(tx, id).await?,
        addresses: rows::all_of(tx, id).await?,
        own_parts: rows::all_of(tx, id).await?,
        assortments: rows::all_of(tx, id).await?,
        credits: rows::all_of(tx, id).await?,
        agreements: rows::all_of(tx, id).await?,
        agreement_ship_tos: rows::all_of(tx, id).await?,
        agreement_lines: rows::all_of(tx, id).await?,
    })
}
