//! Price lists with their breaks and rules.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::SignedDuration;
use jiff::civil::Time;
use uuid::Uuid;

use super::super::Snapshot;
use super::super::parts::ListRows;
use super::policy::Policies;
use super::{broken, priority};
use crate::domain::terms::{Break, Breaks, ListHead, PriceList, Rule, Rules, Scope, ScopeKind, Validity};
use crate::store::policy::PolicyRow;
use crate::store::price_block::{self, BreakRow};
use crate::store::rule::RuleRow;
use crate::store::terms::ListRow;
use crate::store::{StoreError, Tx};

/// How much is read of price lists that are not held yet.
#[derive(Clone, Copy)]
pub(in super::super) enum Extent<'i> {
    /// All entries.
    All,
    /// All entries of lists until there are so many; the other lists are still to be read.
    Until(usize),
    /// The entries of some products.
    Of(&'i [Uuid]),
}

/// Whether lists are those of a snapshot, used by accounts as there; only their breaks and rules may be others.
pub(in super::super) fn is_alike(heads: &[ListRow], policies: &[PolicyRow], before: &Snapshot) -> bool {
    let lists = &before.book.lists;
    let policies = Policies::new(policies);
    heads.len() == lists.len()
        && heads
            .iter()
            .zip(lists)
            .all(|(row, list)| head(row, &policies).is_used_alike(&list.head))
}

/// What the days of a list's entries mean.
fn validity(row: &ListRow, policies: &Policies) -> Validity {
    row.validity.unwrap_or_else(|| policies.validity(row.source_id))
}

fn head(row: &ListRow, policies: &Policies) -> ListHead {
    ListHead {
        id: row.id,
        code: row.code.as_str().into(),
        kind: row.kind,
        currency: row.currency,
        priority: priority(row.priority),
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        parent: row.parent_id,
        select: row.select_mode,
        on_no_match: row.on_no_match,
        quantity_basis: row.qty_basis,
        validity: validity(row, policies),
        find_next: row.find_next,
        tax_included: row.tax_included,
        version: row.version,
    }
}

/// The lists; breaks of the same version are those of the snapshot before.
pub(super) async fn build(
    tx: &mut Tx,
    rows: ListRows,
    snapshot: &Snapshot,
    before: Option<&Snapshot>,
    extent: Extent<'_>,
) -> Result<Vec<Arc<PriceList>>, StoreError> {
    let policies = Policies::new(&rows.policies);
    let validities: HashMap<Uuid, Validity> = rows
        .heads
        .iter()
        .map(|row| (row.id, validity(row, &policies)))
        .collect();
    let mut rules: HashMap<Uuid, Vec<Rule>> = HashMap::new();
    for row in rows.rules {
        let validity = validities.get(&row.price_list_id).copied().unwrap_or_default();
        if let Some(rule) = rule(&row, snapshot, validity)? {
            rules.entry(row.price_list_id).or_default().push(rule);
        }
    }
    let known: HashMap<Uuid, &Arc<PriceList>> = before
        .iter()
        .flat_map(|before| &before.book.lists)
        .map(|list| (list.head.id, list))
        .collect();
    let mut lists = Vec::with_capacity(rows.heads.len());
    let mut count = 0;
    for row in &rows.heads {
        let head = head(row, &policies);
        let is_same =
            |list: &&&Arc<PriceList>| list.head.version == head.version && list.head.validity == head.validity;
        let held = known.get(&head.id).filter(is_same);
        let (breaks, is_pending) = match (held, extent) {
            (Some(list), _) => (Arc::clone(&list.breaks), list.is_pending),
            (None, Extent::Until(enough)) if count >= enough => (Arc::default(), true),
            (None, Extent::All | Extent::Until(_)) => {
                let rows = price_block::breaks(tx, row.tenant_id, row.id, row.version).await?;
                (Arc::new(packed(rows, snapshot, head.validity)), false)
            }
            (None, Extent::Of(ids)) => {
                let rows = price_block::breaks_of(tx, row.tenant_id, row.id, row.version, ids).await?;
                (Arc::new(packed(rows, snapshot, head.validity)), false)
            }
        };
        count += breaks.len();
        let rules = Arc::new(Rules::new(rules.remove(&row.id).unwrap_or_default()));
        lists.push(Arc::new(PriceList {
            head,
            breaks,
            rules,
            is_pending,
        }));
    }
    Ok(lists)
}

/// The entries whose product and unit are known.
pub(in super::super) fn packed(rows: Vec<BreakRow>, snapshot: &Snapshot, validity: Validity) -> Breaks {
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
        let valid_to = match validity {
            Validity::Days => row.valid_to,
            // The last day is over as it begins.
            Validity::Instants => match row.valid_to {
                Some(day) => Some(day.yesterday().ok()?).filter(|last| row.valid_from.is_none_or(|from| from <= *last)),
                None => None,
            },
        };
        if row.valid_to.is_some() && valid_to.is_none() {
            return None;
        }
        Some(Break {
            product: product.1?,
            unit: unit.1?,
            min_quantity: row.min_qty,
            valid_from: row.valid_from,
            valid_to,
            price: row.price,
            price_quantity: row.price_qty,
        })
    };
    Breaks::new(rows.into_iter().filter_map(entry).collect())
}

/// A rule, where what it is for is there still; one that contradicts itself could hide a dearer price.
fn rule(row: &RuleRow, snapshot: &Snapshot, validity: Validity) -> Result<Option<Rule>, StoreError> {
    let names = &snapshot.names;
    let broken = |why| broken("price rule", row.id, why);
    let scope = match (row.scope_kind, row.product_id, row.category_id, &row.price_group) {
        (ScopeKind::Product, Some(id), None, None) => snapshot.book.catalogue.product_by_id(id).map(Scope::Product),
        (ScopeKind::Category, None, Some(id), None) => names.categories.get(&id).cloned().map(Scope::Category),
        (ScopeKind::PriceGroup, None, None, Some(code)) => Some(Scope::Group(code.as_str().into())),
        (ScopeKind::All, None, None, None) => Some(Scope::All),
        _ => return Err(broken("what it is for is not said once")),
    };
    let unit = match row.uom_id {
        Some(id) => {
            let unit = names.units.get(&id).copied();
            Some(unit.ok_or_else(|| broken("there is no such unit"))?)
        }
        None => None,
    };
    let warehouse = row.warehouse_id.map(|id| names.warehouse(id));
    // Of what is gone nobody can ask.
    let (Some(scope), None | Some(Some(_))) = (scope, &warehouse) else {
        return Ok(None);
    };
    let floor = match (row.floor_base, row.floor_value) {
        (Some(base), Some(value)) => Some((base, value)),
        (None, None) => None,
        _ => return Err(broken("its floor is said by half")),
    };
    let (time_from, time_to) = match validity {
        Validity::Days => (None, None),
        Validity::Instants => (
            row.second_from.map(time_of_day),
            // A day without a time is its midnight.
            row.valid_to.map(|_| time_of_day(row.second_to.unwrap_or(0))),
        ),
    };
    Ok(Some(Rule {
        position: u32::try_from(row.position).unwrap_or(u32::MAX),
        scope,
        unit,
        warehouse: warehouse.flatten(),
        min_quantity: row.min_qty,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        calculation: row.calc,
        base: row.base,
        value: row.value,
        price_quantity: row.price_qty,
        floor,
        cap: row.cap_value,
        surcharge: row.surcharge,
        round_to: row.round_to,
        time_from,
        time_to,
        find_next: row.find_next,
        formula: row.formula.as_deref().map(Into::into),
    }))
}

/// The time so many seconds after midnight, on a day without a change of the clock.
fn time_of_day(second: i64) -> Time {
    let time = Time::midnight().checked_add(SignedDuration::from_secs(second));
    time.unwrap_or(Time::MAX)
}
