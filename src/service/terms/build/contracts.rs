//! Accounts and what belongs to them.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::super::Snapshot;
use super::super::parts::AccountRows;
use super::policy::{Policies, Ruled};
use super::{left_out, priority};
use crate::domain::account::Account;
use crate::domain::product::Goods;
use crate::domain::terms::{
    AccountTerms, AddressTerms, Agreement, AgreementLine, Assignment, AssortmentTarget, Belongings, Contracts, Credit,
    ListHead, Scope, ShipTo, Target,
};
use crate::store::terms::TargetKind;

/// The code of every account, by its identifier.
pub(super) type Codes = HashMap<Uuid, Arc<str>>;

/// The codes of accounts that were read, else of those that are known.
pub(super) fn codes(rows: Option<&AccountRows>, goods: &Goods) -> Codes {
    let code = |account: &Account| (account.id, account.code.as_str().into());
    match rows {
        Some(rows) => rows.accounts.iter().map(code).collect(),
        None => goods.accounts().map(code).collect(),
    }
}

pub(super) fn build(rows: &AccountRows, codes: &Codes, snapshot: &Snapshot) -> Contracts {
    let assignments = assignments(rows, codes);
    let belongings = belongings(rows, codes, snapshot);
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
    let policies = Policies::new(&rows.policies);
    let accounts = rows.accounts.iter().map(|account| {
        let ruled = policies.of(account);
        account_terms(account, &credits, ruled)
    });
    let heads: Vec<ListHead> = snapshot.book.lists.iter().map(|list| list.head.clone()).collect();
    Contracts::new(accounts.collect(), &heads, &assignments, belongings)
}

fn account_terms(account: &Account, credits: &HashMap<Uuid, Credit>, (policy, ruling): Ruled) -> AccountTerms {
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
        policy,
        ruling,
        order_minimum: account.order_minimum,
    }
}

/// Assignments to those that are still there.
fn assignments(rows: &AccountRows, codes: &Codes) -> Vec<Assignment> {
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
fn belongings(rows: &AccountRows, codes: &Codes, snapshot: &Snapshot) -> Belongings {
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
        let scope = match row.target_kind {
            AssortmentTarget::Product => catalogue.product_by_id(row.target_id).map(Scope::Product),
            AssortmentTarget::Category => snapshot
                .names
                .categories
                .get(&row.target_id)
                .cloned()
                .map(Scope::Category),
        };
        Some((codes.get(&row.account_id)?.clone(), row.rule, scope))
    });
    Belongings {
        addresses: addresses.collect(),
        own_parts: own_parts.collect(),
        assortments: assortments.collect(),
        agreements: agreements(rows, codes, snapshot),
    }
}

fn agreements(rows: &AccountRows, codes: &Codes, snapshot: &Snapshot) -> Vec<Agreement> {
    let mut lines: HashMap<Uuid, Vec<AgreementLine>> = HashMap::new();
    for row in &rows.agreement_lines {
        let scope = match (row.product_id, row.category_id) {
            (Some(id), _) => snapshot.book.catalogue.product_by_id(id).map(Scope::Product),
            (None, Some(id)) => snapshot.names.categories.get(&id).cloned().map(Scope::Category),
            (None, None) => None,
        };
        let unit = row.uom_id.map(|id| snapshot.names.units.get(&id).copied());
        let (Some(scope), None | Some(Some(_))) = (scope, unit) else {
            left_out("agreement line", row.id, "its product, category or unit is gone");
            continue;
        };
        lines.entry(row.agreement_id).or_default().push(AgreementLine {
            number: u32::try_from(row.line_number).unwrap_or(u32::MAX),
            scope,
            unit: unit.flatten(),
            price: row.unit_price,
            price_quantity: row.price_qty,
            maximum: row.qty_max,
            released: row.qty_released,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        });
    }
    let addresses: HashMap<Uuid, &str> = rows.addresses.iter().map(|row| (row.id, &*row.code)).collect();
    let mut ship_tos: HashMap<Uuid, Vec<ShipTo>> = HashMap::new();
    for row in &rows.agreement_ship_tos {
        if let Some(code) = addresses.get(&row.address_id) {
            ship_tos.entry(row.agreement_id).or_default().push(ShipTo {
                address: (*code).into(),
                valid_from: row.valid_from,
                valid_to: row.valid_to,
            });
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
            applies: row.applies,
            enforce: row.enforce_qty,
            lines: lines.remove(&row.id).unwrap_or_default(),
        })
    });
    agreements.collect()
}
