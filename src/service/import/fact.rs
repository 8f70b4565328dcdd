//! Rows that are known by what they are about, not by a code of their own: one way to compare and write them all.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use uuid::Uuid;

use super::report::{Faults, Report, shown};
use super::source::Keys;
use super::table::{Columns, Line, Table};
use super::{Batch, Plan};
use crate::domain::terms::Select;
use crate::store::account::{AccountRow, GroupRow};
use crate::store::agreement::AgreementRow;
use crate::store::attribute::AttributeRow;
use crate::store::belonging::AddressRow;
use crate::store::feed::Change;
use crate::store::import::{Kept, Steps};
use crate::store::media::MediaHead;
use crate::store::policy::PolicyRow;
use crate::store::product::{CategoryRow, Part, PartUnit, ProductRow, UnitRow};
use crate::store::rows::{self, Readable, Row};
use crate::store::source::Source;
use crate::store::stock::WarehouseRow;
use crate::store::terms::ListRow;
use crate::store::{self, StoreError, Tx};

/// A kind of row of which a line is one, and whose key is among its columns.
pub(super) trait Fact: Kept + Readable + Clone + Send + Sync {
    /// The columns of its files; `deleted` is among them.
    const COLUMNS: Columns;
    /// The word of the change feed.
    const ENTITY: &'static str;
    /// The column that a fault of the key is told of.
    const FIELD: &'static str;
    /// What of the store its lines name.
    const NEEDS: Needs;
    /// What makes it another row.
    type Key: Eq + Hash;

    /// Its key.
    fn key(&self) -> Self::Key;
    /// Its identifier.
    fn id(&self) -> Uuid;
    /// Gives it the identifier of the row that it replaces.
    fn set_id(&mut self, id: Uuid);
    /// What it is about, for the change feed.
    fn subject(&self) -> Uuid {
        self.id()
    }
    /// Reads a line; nothing where it is wrong.
    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self>;
    /// Finds what is wrong between rows: all there will be, those of the file with their lines.
    fn together(_rows: &[(Option<u64>, Self)], _names: &Names, _faults: &mut Faults) {}
}

/// Says that a fact is identified by its field `id`, and what it is about where that is another.
macro_rules! identified {
    ($(by $subject:ident)?) => {
        fn id(&self) -> Uuid {
            self.id
        }

        fn set_id(&mut self, id: Uuid) {
            self.id = id;
        }
        $(
            fn subject(&self) -> Uuid {
                self.$subject
            }
        )?
    };
}

/// What of the store lines name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Needs {
    pub products: bool,
    pub categories: bool,
    pub accounts: bool,
    pub warehouses: bool,
    pub lists: bool,
    pub addresses: bool,
    pub agreements: bool,
    pub attributes: bool,
    pub media: bool,
    pub policies: bool,
}

impl Needs {
    pub(super) const NOTHING: Needs = Needs {
        products: false,
        categories: false,
        accounts: false,
        warehouses: false,
        lists: false,
        addresses: false,
        agreements: false,
        attributes: false,
        media: false,
        policies: false,
    };
}

/// What lines name, by its names.
#[derive(Default)]
pub(super) struct Names {
    parts: HashMap<String, Part>,
    /// Products that are deleted, for lines that delete.
    gone_parts: HashMap<String, Part>,
    part_units: HashSet<PartUnit>,
    units: HashMap<String, UnitRow>,
    pub price_groups: HashSet<String>,
    pub product_tax_classes: HashSet<String>,
    pub account_tax_classes: HashSet<String>,
    categories: Keys,
    accounts: Keys,
    warehouses: Keys,
    lists: Keys,
    /// Lists of whose rules the first that fits decides.
    pub ordered_lists: HashSet<Uuid>,
    pub groups: HashSet<String>,
    addresses: HashMap<(Uuid, String), Uuid>,
    agreements: HashMap<String, AgreementRow>,
    attributes: HashMap<String, AttributeRow>,
    media: HashMap<String, MediaHead>,
    sources: HashMap<String, Uuid>,
    /// The policies that accounts name.
    pub policies_in_use: HashSet<String>,
    /// Whether prices are decided by another policy than ours for some account or source.
    pub has_policies: bool,
}

impl Names {
    async fn read(tx: &mut Tx, batch: &Batch, needs: Needs, has_deleted: bool) -> Result<Self, StoreError> {
        let tenant_id = batch.tenant.id;
        let mut names = Names::default();
        if needs.products {
            let parts = store::product::parts(tx, tenant_id, batch.source.id).await?;
            names.parts = parts.into_iter().map(|part| (part.sku.clone(), part)).collect();
            if has_deleted {
                let gone = store::product::gone_parts(tx, tenant_id, batch.source.id).await?;
                names.gone_parts = gone.into_iter().map(|part| (part.sku.clone(), part)).collect();
            }
            names.part_units = store::product::part_units(tx, tenant_id).await?.into_iter().collect();
            let units = store::product::unit_rows(tx, tenant_id).await?;
            names.units = units.into_iter().map(|unit| (unit.code.clone(), unit)).collect();
            let words = rows::words::<ProductRow>(tx, tenant_id, "price_group").await?;
            names.price_groups = words.into_iter().collect();
            let words = rows::words::<ProductRow>(tx, tenant_id, "tax_class").await?;
            names.product_tax_classes = words.into_iter().collect();
        }
        if needs.categories {
            names.categories = Keys::new(store::source::keys::<CategoryRow>(tx, &batch.source).await?);
        }
        if needs.accounts {
            names.accounts = Keys::new(store::source::keys::<AccountRow>(tx, &batch.source).await?);
            let words = rows::words::<AccountRow>(tx, tenant_id, "tax_class").await?;
            names.account_tax_classes = words.into_iter().collect();
            let groups = store::account::groups(tx, tenant_id).await?;
            names.groups = groups.into_iter().map(|group: GroupRow| group.code).collect();
        }
        if needs.warehouses {
            names.warehouses = Keys::new(store::source::keys::<WarehouseRow>(tx, &batch.source).await?);
        }
        if needs.lists {
            names.lists = Keys::new(store::source::keys::<ListRow>(tx, &batch.source).await?);
            let lists = store::terms::lists(tx, tenant_id).await?;
            let ordered = lists.into_iter().filter(|list| list.select_mode == Some(Select::First));
            names.ordered_lists = ordered.map(|list| list.id).collect();
        }
        if needs.addresses {
            let rows: Vec<AddressRow> = rows::all_of(tx, tenant_id).await?;
            let rows = rows.into_iter().map(|row| ((row.account_id, row.code), row.id));
            names.addresses = rows.collect();
        }
        if needs.agreements {
            let rows: Vec<AgreementRow> = rows::all_of(tx, tenant_id).await?;
            names.agreements = rows.into_iter().map(|row| (row.number.clone(), row)).collect();
        }
        if needs.attributes {
            let rows: Vec<AttributeRow> = rows::all_of(tx, tenant_id).await?;
            names.attributes = rows.into_iter().map(|row| (row.code.clone(), row)).collect();
            let units = store::product::unit_rows(tx, tenant_id).await?;
            names.units = units.into_iter().map(|unit| (unit.code.clone(), unit)).collect();
        }
        if needs.policies {
            let rows: Vec<Source> = rows::all_of(tx, tenant_id).await?;
            names.sources = rows.into_iter().map(|row| (row.code, row.id)).collect();
        }
        if needs.policies || needs.lists {
            let words = rows::words::<AccountRow>(tx, tenant_id, "price_policy").await?;
            names.policies_in_use = words.into_iter().collect();
            let rows: Vec<PolicyRow> = rows::all_of(tx, tenant_id).await?;
            names.has_policies = !rows.is_empty() || !names.policies_in_use.is_empty();
        }
        if needs.media {
            let heads = store::media::heads(tx, tenant_id).await?;
            names.media = heads.into_iter().map(|head| (head.name.clone(), head)).collect();
        }
        Ok(names)
    }

    /// The product of a column, where there is one; an unknown one is a fault.
    pub(super) fn product(&self, line: &mut Line<'_>, column: &str) -> Option<&Part> {
        let sku = line.code(column)?;
        let gone = self.gone_parts.get(&sku).filter(|_| line.is_deleted());
        let part = self.parts.get(&sku).or(gone);
        if part.is_none() {
            line.fault(column, format!("there is no product {}", shown(&sku)));
        }
        part
    }

    /// A product by its part number.
    pub(super) fn part(&self, sku: &str) -> Option<&Part> {
        self.parts.get(sku)
    }

    /// A category by its code.
    pub(super) fn category_of(&self, code: &str) -> Option<Uuid> {
        self.categories.id(code)
    }

    /// The unit of a column, where there is one: one of the product's, or any where there is no product.
    pub(super) fn unit(&self, line: &mut Line<'_>, column: &str, product: Option<&Part>) -> Option<Uuid> {
        let code = line.code(column)?;
        let id = self.units.get(&code).map(|unit| unit.id);
        let id = id.filter(|uom_id| {
            let has = |part: &Part| {
                self.part_units.contains(&PartUnit {
                    product_id: part.id,
                    uom_id: *uom_id,
                })
            };
            product.is_none_or(has)
        });
        if id.is_none() {
            let whose = if product.is_some() {
                "the product has"
            } else {
                "there is"
            };
            line.fault(column, format!("{whose} no unit {}", shown(&code)));
        }
        id
    }

    /// The category of a column, where there is one.
    pub(super) fn category(&self, line: &mut Line<'_>, column: &str) -> Option<Uuid> {
        named(&self.categories, line, column, "category")
    }

    /// The account of a column, where there is one.
    pub(super) fn account(&self, line: &mut Line<'_>, column: &str) -> Option<Uuid> {
        named(&self.accounts, line, column, "account")
    }

    /// The warehouse of a column, where there is one.
    pub(super) fn warehouse(&self, line: &mut Line<'_>, column: &str) -> Option<Uuid> {
        named(&self.warehouses, line, column, "warehouse")
    }

    /// The price list of a column, where there is one.
    pub(super) fn list(&self, line: &mut Line<'_>, column: &str) -> Option<Uuid> {
        named(&self.lists, line, column, "price list")
    }

    /// The source of a column, where there is one.
    pub(super) fn source(&self, line: &mut Line<'_>, column: &str) -> Option<Uuid> {
        let code = line.code(column)?;
        let id = self.sources.get(&code).copied();
        if id.is_none() {
            line.fault(column, format!("there is no source {}", shown(&code)));
        }
        id
    }

    /// The agreement of a column, where there is one.
    pub(super) fn agreement(&self, line: &mut Line<'_>, column: &str) -> Option<&AgreementRow> {
        let number = line.code(column)?;
        let row = self.agreements.get(&number);
        if row.is_none() {
            line.fault(column, format!("there is no agreement {}", shown(&number)));
        }
        row
    }

    /// Whether a unit is the supplier's own.
    pub(super) fn has_unit(&self, code: &str) -> bool {
        self.units.contains_key(code)
    }

    /// The attribute of a code.
    pub(super) fn attribute_of(&self, code: &str) -> Option<&AttributeRow> {
        self.attributes.get(code)
    }

    /// The attribute of a column, where there is one.
    pub(super) fn attribute(&self, line: &mut Line<'_>, column: &str) -> Option<&AttributeRow> {
        let code = line.code(column)?;
        let row = self.attributes.get(&code);
        if row.is_none() {
            line.fault(column, format!("there is no attribute {}", shown(&code)));
        }
        row
    }

    /// The picture or document of a column, where there is one.
    pub(super) fn media(&self, line: &mut Line<'_>, column: &str) -> Option<&MediaHead> {
        let name = line.code(column)?;
        let head = self.media.get(&name);
        if head.is_none() {
            line.fault(
                column,
                format!(
                    "there is no picture or document {}; import the file first",
                    shown(&name)
                ),
            );
        }
        head
    }

    /// The address of a column, of one account.
    pub(super) fn address(&self, line: &mut Line<'_>, column: &str, account_id: Uuid) -> Option<Uuid> {
        let code = line.code(column)?;
        let id = self.addresses.get(&(account_id, code.clone())).copied();
        if id.is_none() {
            line.fault(column, format!("the account has no address {}", shown(&code)));
        }
        id
    }

    /// A word of a column, where there is one; it must be one that is in use.
    pub(super) fn word(
        &self,
        line: &mut Line<'_>,
        column: &str,
        used: impl Fn(&Names) -> &HashSet<String>,
        what: &str,
    ) -> Option<String> {
        let word = line.code(column)?;
        if !used(self).contains(&word) {
            line.fault(column, format!("there is no {what} {}", shown(&word)));
        }
        Some(word)
    }
}

fn named(keys: &Keys, line: &mut Line<'_>, column: &str, what: &str) -> Option<Uuid> {
    let code = line.code(column)?;
    let id = keys.id_for(line, &code);
    if id.is_none() {
        line.fault(column, format!("there is no {what} {}", shown(&code)));
    }
    id
}

/// Facts to be written.
pub(super) struct Facts<F> {
    put: Vec<F>,
    gone: Vec<F>,
}

impl<F: Fact> Plan for Facts<F> {
    type Known = (Names, Vec<F>);
    const FEED: &'static str = F::ENTITY;

    async fn known(tx: &mut Tx, batch: &Batch, table: &Table) -> Result<Self::Known, StoreError> {
        let mut has_deleted = false;
        table.each(&mut Faults::default(), |line| has_deleted |= line.is_deleted());
        let names = Names::read(tx, batch, F::NEEDS, has_deleted).await?;
        Ok((names, rows::all_of::<F>(tx, batch.tenant.id).await?))
    }

    fn make((names, present): Self::Known, batch: &Batch, table: &Table, report: &mut Report) -> Self {
        let mut present: HashMap<F::Key, F> = present.into_iter().map(|row| (row.key(), row)).collect();
        let mut seen: HashMap<F::Key, u64> = HashMap::new();
        let (mut put, mut gone, mut all) = (Vec::new(), Vec::new(), Vec::new());
        let (rows, counts) = (&mut report.rows, &mut report.counts);
        table.each(&mut report.faults, |line| {
            *rows += 1;
            let Some(mut row) = F::read(line, &names, batch) else {
                return;
            };
            if let Some(first) = seen.insert(row.key(), line.number) {
                return line.fault(F::FIELD, format!("is on line {first} already"));
            }
            let before = present.remove(&row.key());
            if let Some(before) = &before {
                row.set_id(before.id());
            }
            match (before, line.yes("deleted", false)) {
                (None, true) => counts.unchanged += 1,
                (Some(before), true) => gone.push(before),
                (before, false) => {
                    let count = match &before {
                        None => &mut counts.added,
                        Some(before) if is_same(before, &row) => &mut counts.unchanged,
                        Some(_) => &mut counts.changed,
                    };
                    *count += 1;
                    if batch.rewrites || before.is_none_or(|before| !is_same(&before, &row)) {
                        put.push(row.clone());
                    }
                    all.push((Some(line.number), row));
                }
            }
        });
        match batch.is_full {
            true => gone.extend(present.into_values()),
            false => all.extend(present.into_values().map(|row| (None, row))),
        }
        F::together(&all, &names, &mut report.faults);
        counts.deleted = gone.len() as u64;
        Facts { put, gone }
    }

    fn changes(&self, batch: &Batch) -> Vec<Change> {
        let subjects: HashSet<Uuid> = self.put.iter().chain(&self.gone).map(Fact::subject).collect();
        batch.changes(F::ENTITY, &subjects.into_iter().collect::<Vec<_>>(), &[])
    }

    fn steps(&self, steps: &mut Steps) {
        // What goes first, so that a key it held is free.
        let gone: Vec<Uuid> = self.gone.iter().map(Fact::id).collect();
        steps.clear::<F>(&gone);
        steps.put(&self.put);
    }
}

/// Columns that say nothing about the content.
const NO_CONTENT: [&str; 3] = ["tenant_id", "id", "as_of"];

fn is_same<R: Row>(a: &R, b: &R) -> bool {
    let mut columns = R::COLUMNS.iter().filter(|column| !NO_CONTENT.contains(&column.name));
    columns.all(|column| (column.json)(a) == (column.json)(b))
}

/// Rows of the file that hold on a day on which another with the same group holds too.
pub(super) fn overlaps<F: Fact, G: Eq + Hash>(
    rows: &[(Option<u64>, F)],
    group: impl Fn(&F) -> G,
    days: impl Fn(&F) -> (Option<jiff::civil::Date>, Option<jiff::civil::Date>),
    faults: &mut Faults,
) {
    let mut groups: HashMap<G, Vec<&(Option<u64>, F)>> = HashMap::new();
    for row in rows {
        groups.entry(group(&row.1)).or_default().push(row);
    }
    for mut rows in groups.into_values() {
        rows.sort_by_key(|(_, row)| days(row).0);
        for pair in rows.windows(2) {
            let [(a_line, a), (b_line, b)] = pair else { continue };
            let (Some(end), Some(start)) = (
                days(a).1.or(Some(jiff::civil::Date::MAX)),
                days(b).0.or(Some(jiff::civil::Date::MIN)),
            ) else {
                continue;
            };
            let Some(line) = b_line.or(*a_line).filter(|_| start <= end) else {
                continue;
            };
            let other = if b_line.is_some() { a_line } else { b_line };
            let other = other.map_or("a row that is there".to_owned(), |line| format!("line {line}"));
            faults.add(
                line,
                "valid_from",
                format!("the days overlap those of {other}, for the same"),
            );
        }
    }
}
