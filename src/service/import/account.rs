//! Customer accounts and their groups.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::report::{Report, shown};
use super::source::{Keys, Rows, circles};
use super::table::{Columns, Line, Table};
use super::{Batch, Plan};
use crate::domain::account::{AccountStatus, PriceInherit};
use crate::profile;
use crate::store::account::{AccountRow, GroupMemberRow, GroupRow};
use crate::store::feed::Change;
use crate::store::import::Steps;
use crate::store::policy::PolicyRow;
use crate::store::stock::WarehouseRow;
use crate::store::{self, StoreError, Tx, rows};

pub(super) const COLUMNS: Columns = Columns {
    required: &["code"],
    optional: &[
        "name",
        "parent",
        "bill_to",
        "inherit_prices",
        "currency",
        "warehouse",
        "groups",
        "status",
        "role",
        "payment_terms",
        "tax_class",
        "price_policy",
        "order_minimum",
        "deleted",
    ],
};

const ROLES: [&str; 5] = ["corporate", "bill_to", "sold_to", "ship_to", "site"];

/// Accounts to be written, with the groups they brought into being.
pub(super) struct Accounts {
    groups: Vec<GroupRow>,
    put: Vec<AccountRow>,
    replaced: Vec<Uuid>,
    members: Vec<GroupMemberRow>,
    bury: Vec<Uuid>,
}

/// What accounts are compared with.
pub(super) struct KnownAccounts {
    keys: Keys,
    warehouses: Keys,
    present: Vec<AccountRow>,
    groups: Vec<GroupRow>,
    policies: BTreeSet<String>,
}

/// An account whose parent is not looked up yet.
struct Parsed {
    line: u64,
    row: AccountRow,
    parent: Option<String>,
    bill_to: Option<String>,
    groups: BTreeSet<String>,
}

impl Plan for Accounts {
    type Known = KnownAccounts;
    const FEED: &'static str = "account";

    async fn known(tx: &mut Tx, batch: &Batch, _: &Table) -> Result<KnownAccounts, StoreError> {
        Ok(KnownAccounts {
            keys: Keys::new(store::source::keys::<AccountRow>(tx, &batch.source).await?),
            warehouses: Keys::new(store::source::keys::<WarehouseRow>(tx, &batch.source).await?),
            present: store::account::account_rows(tx, batch.tenant.id).await?,
            groups: store::account::groups(tx, batch.tenant.id).await?,
            policies: policies(tx, batch.tenant.id).await?,
        })
    }

    fn make(known: KnownAccounts, batch: &Batch, table: &Table, report: &mut Report) -> Self {
        let mut rows = Rows::new(known.keys);
        let mut parsed = Vec::new();
        let count = &mut report.rows;
        table.each(&mut report.faults, |line| {
            *count += 1;
            if let Some((code, id)) = rows.begin(line, "code", batch) {
                parsed.push(parse(line, code, id, (&known.warehouses, &known.policies), batch));
            }
        });
        let codes: HashMap<Uuid, &str> = known.present.iter().map(|row| (row.id, &*row.code)).collect();
        let parent_code = |row: &AccountRow| {
            row.parent_id
                .and_then(|id| codes.get(&id).map(|code| (*code).to_owned()))
        };
        let mut parents: HashMap<String, Option<String>> = known
            .present
            .iter()
            .map(|row| (row.code.clone(), parent_code(row)))
            .collect();
        let mut group_ids: HashMap<String, Uuid> =
            known.groups.into_iter().map(|group| (group.code, group.id)).collect();
        let (mut groups, mut members, mut lines) = (Vec::new(), Vec::new(), Vec::new());
        for Parsed {
            line,
            mut row,
            parent,
            bill_to,
            groups: own_groups,
        } in parsed
        {
            row.bill_to_id = bill_to.as_ref().and_then(|code| rows.id(code, batch.is_full));
            if let (Some(code), None) = (&bill_to, row.bill_to_id) {
                let reason = format!("there is no account {}", shown(code));
                report.faults.add(line, "bill_to", reason);
            }
            row.parent_id = parent.as_ref().and_then(|parent| rows.id(parent, batch.is_full));
            if let (Some(parent), None) = (&parent, row.parent_id) {
                report
                    .faults
                    .add(line, "parent", format!("there is no account {}", shown(parent)));
            }
            parents.insert(row.code.clone(), parent);
            lines.push((line, row.code.clone()));
            let account_id = row.id;
            if !rows.put(row, own_groups.iter().map(|code| code.as_str().into())) {
                continue;
            }
            for code in own_groups {
                let group_id = *group_ids.entry(code).or_insert_with_key(|code| {
                    let group = GroupRow {
                        tenant_id: batch.tenant.id,
                        id: batch.clock.new_id(),
                        code: code.clone(),
                    };
                    groups.push(group.clone());
                    group.id
                });
                members.push(GroupMemberRow {
                    tenant_id: batch.tenant.id,
                    account_id,
                    group_id,
                });
            }
        }
        circles(&parents, &lines, &mut report.faults);
        rows.end(batch.is_full);
        report.counts = rows.counts;
        Accounts {
            groups,
            put: rows.put,
            replaced: rows.replaced,
            members,
            bury: rows.bury,
        }
    }

    fn changes(&self, batch: &Batch) -> Vec<Change> {
        batch.changes(
            "account",
            &self.put.iter().map(|row| row.id).collect::<Vec<_>>(),
            &self.bury,
        )
    }

    fn steps(&self, steps: &mut Steps) {
        steps.put(&self.groups);
        steps.put(&self.put);
        steps.clear::<GroupMemberRow>(&self.replaced);
        steps.put(&self.members);
        steps.bury::<AccountRow>(&self.bury);
    }
}

/// The codes of all policies, the supplier's own and those that come with the program.
async fn policies(tx: &mut Tx, tenant_id: Uuid) -> Result<BTreeSet<String>, StoreError> {
    let own: Vec<PolicyRow> = rows::all_of(tx, tenant_id).await?;
    let named = profile::policy::all().iter().map(|named| named.code.clone());
    Ok(own.into_iter().map(|row| row.code).chain(named).collect())
}

fn parse(
    line: &mut Line<'_>,
    code: String,
    id: Uuid,
    (warehouses, policies): (&Keys, &BTreeSet<String>),
    batch: &Batch,
) -> Parsed {
    let name = line.name("name");
    let warehouse = line.code("warehouse");
    let default_warehouse_id = warehouse.as_ref().and_then(|code| warehouses.id(code));
    if let (Some(code), None) = (&warehouse, default_warehouse_id) {
        line.fault("warehouse", format!("there is no warehouse {}", shown(code)));
    }
    let currency = line.currency("currency").map(|currency| currency.code().to_owned());
    let parent = line.code("parent");
    let price_inherit = line.word("inherit_prices", PriceInherit::None);
    let bill_to = line.code("bill_to");
    if price_inherit == PriceInherit::BillTo && bill_to.is_none() {
        line.fault("inherit_prices", "says bill_to, but no account is billed instead");
    }
    if price_inherit == PriceInherit::Parent && parent.is_none() {
        line.fault("inherit_prices", "says parent, but there is no parent");
    }
    let price_policy = line.code("price_policy");
    if let Some(policy) = price_policy.as_ref().filter(|code| !policies.contains(*code)) {
        line.fault("price_policy", format!("there is no price policy {}", shown(policy)));
    }
    let role = |word: &str| ROLES.into_iter().find(|role| *role == word);
    let row = AccountRow {
        tenant_id: batch.tenant.id,
        id,
        source_id: batch.source.id,
        ext_id: code.clone(),
        code,
        name: line.required("name", name),
        parent_id: None,
        role: line
            .word_by("role", "sold_to", role, "corporate, bill_to, sold_to, ship_to, site")
            .to_owned(),
        bill_to_id: None,
        price_inherit,
        currency: currency.unwrap_or_else(|| batch.tenant.currency.clone()),
        payment_terms: line.name("payment_terms"),
        tax_class: line.code("tax_class"),
        price_policy,
        order_minimum: line.amount("order_minimum"),
        default_warehouse_id,
        status: line.word("status", AccountStatus::Active),
        row_hash: String::new(),
        synced_at: batch.now,
        deleted_at: None,
    };
    Parsed {
        line: line.number,
        row,
        parent,
        bill_to,
        groups: line.parts("groups").into_iter().collect(),
    }
}
