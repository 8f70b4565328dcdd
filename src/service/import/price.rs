//! Price lists without their entries, and whom they are given to.

use std::collections::HashMap;

use uuid::Uuid;

use super::report::{Report, shown};
use super::source::{Keys, Rows, circles, content};
use super::table::{Columns, Line, Table};
use super::{Batch, Plan};
use crate::domain::money::Currency;
use crate::domain::terms::ListKind;
use crate::store::account::{AccountRow, GroupRow};
use crate::store::feed::Change;
use crate::store::import::Steps;
use crate::store::terms::{AssignmentRow, ListRow, TargetKind};
use crate::store::{self, StoreError, Tx};

pub(super) const LIST_COLUMNS: Columns = Columns {
    required: &["code"],
    optional: &[
        "kind",
        "currency",
        "priority",
        "valid_from",
        "valid_to",
        "parent",
        "select",
        "on_no_match",
        "quantity_basis",
        "validity",
        "find_next",
        "tax_included",
        "deleted",
    ],
};
pub(super) const ASSIGNMENT_COLUMNS: Columns = Columns {
    required: &["list"],
    optional: &["account", "group", "priority", "valid_from", "valid_to", "deleted"],
};

/// Highest priority number: more steps than any set of lists has.
const PRIORITY_MAX: i64 = 1_000_000;

/// Price lists to be written.
pub(super) struct Lists {
    put: Vec<ListRow>,
    bury: Vec<Uuid>,
}

impl Plan for Lists {
    type Known = (Keys, Vec<ListRow>);
    const FEED: &'static str = "price_list";

    async fn known(tx: &mut Tx, batch: &Batch, _: &Table) -> Result<Self::Known, StoreError> {
        let keys = store::source::keys::<ListRow>(tx, &batch.source).await?;
        Ok((Keys::new(keys), store::terms::lists(tx, batch.tenant.id).await?))
    }

    fn make((keys, present): Self::Known, batch: &Batch, table: &Table, report: &mut Report) -> Self {
        let codes: HashMap<Uuid, String> = present.iter().map(|row| (row.id, row.code.clone())).collect();
        let parent_code = |row: &ListRow| row.parent_id.and_then(|id| codes.get(&id).cloned());
        let mut parents: HashMap<String, Option<String>> =
            present.iter().map(|row| (row.code.clone(), parent_code(row))).collect();
        let present: HashMap<Uuid, ListRow> = present.into_iter().map(|row| (row.id, row)).collect();
        let mut rows = Rows::new(keys);
        let mut parsed = Vec::new();
        let count = &mut report.rows;
        table.each(&mut report.faults, |line| {
            *count += 1;
            if let Some((code, id)) = rows.begin(line, "code", batch)
                && let Some(row) = list_row(line, code, id, batch)
            {
                parsed.push((line.number, row, line.code("parent")));
            }
        });
        let mut lines = Vec::with_capacity(parsed.len());
        for (line, mut row, parent) in parsed {
            row.parent_id = parent.as_ref().and_then(|parent| rows.id(parent, batch.is_full));
            if let (Some(parent), None) = (&parent, row.parent_id) {
                let reason = format!("there is no price list {}", shown(parent));
                report.faults.add(line, "parent", reason);
            }
            parents.insert(row.code.clone(), parent);
            lines.push((line, row.code.clone()));
            // Another currency makes other prices of the same numbers: they must come anew.
            let entries = present.get(&row.id).filter(|present| present.currency == row.currency);
            let version = entries.map_or(batch.source.revision + 1, |present| present.version);
            rows.put(ListRow { version, ..row }, []);
        }
        circles(&parents, &lines, &mut report.faults);
        rows.end(batch.is_full);
        report.counts = rows.counts;
        Lists {
            put: rows.put,
            bury: rows.bury,
        }
    }

    fn changes(&self, batch: &Batch) -> Vec<Change> {
        batch.changes(
            "price_list",
            &self.put.iter().map(|row| row.id).collect::<Vec<_>>(),
            &self.bury,
        )
    }

    fn steps(&self, steps: &mut Steps) {
        steps.put(&self.put);
        steps.bury::<ListRow>(&self.bury);
    }
}

fn list_row(line: &mut Line<'_>, code: String, id: Uuid, batch: &Batch) -> Option<ListRow> {
    let currency = match line.text("currency") {
        Some(_) => line.currency("currency"),
        None => {
            let own = Currency::parse(&batch.tenant.currency).ok();
            if own.is_none() {
                line.fault("currency", "is needed: the supplier's own is not one of ISO 4217");
            }
            own
        }
    };
    let (valid_from, valid_to) = line.validity();
    Some(ListRow {
        tenant_id: batch.tenant.id,
        id,
        source_id: batch.source.id,
        ext_id: code.clone(),
        code,
        kind: line.word("kind", ListKind::Contract),
        currency: currency?,
        parent_id: None,
        base: "list".to_owned(),
        qty_basis: line.choice("quantity_basis"),
        select_mode: line.choice("select"),
        on_no_match: line.choice("on_no_match"),
        validity: line.choice("validity"),
        find_next: line.yes("find_next", false),
        tax_included: line.yes("tax_included", false),
        valid_from,
        valid_to,
        priority: line.whole("priority", PRIORITY_MAX).unwrap_or(0),
        version: 0,
        row_hash: String::new(),
        synced_at: batch.now,
        deleted_at: None,
    })
}

/// Assignments to be written.
pub(super) struct Assignments {
    put: Vec<AssignmentRow>,
    gone: Vec<AssignmentRow>,
}

/// What assignments are compared with.
pub(super) struct KnownAssignments {
    lists: Keys,
    accounts: Keys,
    groups: Vec<GroupRow>,
    present: Vec<AssignmentRow>,
}

/// A list, and to whom it is given.
type Given = (Uuid, TargetKind, Uuid);

fn given(row: &AssignmentRow) -> Given {
    (row.price_list_id, row.target_kind, row.target_id)
}

impl Plan for Assignments {
    type Known = KnownAssignments;
    const FEED: &'static str = "price_assignment";

    async fn known(tx: &mut Tx, batch: &Batch, _: &Table) -> Result<KnownAssignments, StoreError> {
        Ok(KnownAssignments {
            lists: Keys::new(store::source::keys::<ListRow>(tx, &batch.source).await?),
            accounts: Keys::new(store::source::keys::<AccountRow>(tx, &batch.source).await?),
            groups: store::account::groups(tx, batch.tenant.id).await?,
            present: store::terms::assignments(tx, batch.tenant.id).await?,
        })
    }

    fn make(mut known: KnownAssignments, batch: &Batch, table: &Table, report: &mut Report) -> Self {
        let present = std::mem::take(&mut known.present);
        let mut present: HashMap<Given, AssignmentRow> = present.into_iter().map(|row| (given(&row), row)).collect();
        let mut seen: HashMap<Given, u64> = HashMap::new();
        let (mut put, mut gone) = (Vec::new(), Vec::new());
        let (rows, counts) = (&mut report.rows, &mut report.counts);
        table.each(&mut report.faults, |line| {
            *rows += 1;
            let Some(row) = assignment_row(line, &known, batch) else {
                return;
            };
            if let Some(first) = seen.insert(given(&row), line.number) {
                return line.fault("list", format!("is given to the same on line {first} already"));
            }
            let before = present.remove(&given(&row));
            match (before, line.yes("deleted", false)) {
                (None, true) => counts.unchanged += 1,
                (Some(before), true) => gone.push(before),
                (Some(before), false) if content(&before) == content(&row) && !batch.rewrites => counts.unchanged += 1,
                (before, false) => {
                    match before {
                        Some(_) => counts.changed += 1,
                        None => counts.added += 1,
                    }
                    put.push(row);
                }
            }
        });
        if batch.is_full {
            gone.extend(present.into_values());
        }
        counts.deleted = gone.len() as u64;
        Assignments { put, gone }
    }

    fn changes(&self, batch: &Batch) -> Vec<Change> {
        let lists: Vec<Uuid> = self.put.iter().chain(&self.gone).map(|row| row.price_list_id).collect();
        batch.changes("price_assignment", &lists, &[])
    }

    fn steps(&self, steps: &mut Steps) {
        steps.put(&self.put);
        steps.remove_assignments(&self.gone);
    }
}

fn assignment_row(line: &mut Line<'_>, known: &KnownAssignments, batch: &Batch) -> Option<AssignmentRow> {
    let list = line.code("list");
    let list = line.required("list", list);
    let price_list_id = known.lists.id_for(line, &list);
    if price_list_id.is_none() && !list.is_empty() {
        line.fault("list", format!("there is no price list {}", shown(&list)));
    }
    let target = match (line.code("account"), line.code("group")) {
        (None, None) => Some((TargetKind::All, Uuid::nil())),
        (Some(code), None) => {
            let id = known.accounts.id_for(line, &code);
            if id.is_none() {
                line.fault("account", format!("there is no account {}", shown(&code)));
            }
            id.map(|id| (TargetKind::Account, id))
        }
        (None, Some(code)) => {
            let id = known
                .groups
                .iter()
                .find(|group| group.code == code)
                .map(|group| group.id);
            if id.is_none() {
                line.fault("group", format!("no account is in a group {}", shown(&code)));
            }
            id.map(|id| (TargetKind::Group, id))
        }
        (Some(_), Some(_)) => {
            line.fault("group", "is set beside account; give the list to one of them a line");
            None
        }
    };
    let (valid_from, valid_to) = line.validity();
    let priority = line.whole("priority", PRIORITY_MAX).unwrap_or(0);
    let (target_kind, target_id) = target?;
    Some(AssignmentRow {
        tenant_id: batch.tenant.id,
        price_list_id: price_list_id?,
        target_kind,
        target_id,
        priority,
        valid_from,
        valid_to,
    })
}
