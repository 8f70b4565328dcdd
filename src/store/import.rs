//! Rows of a file as pieces of work that are small enough for one write each.
//!
//! A small file is applied in one transaction. The pieces of a large one are first put by; one small write decides that
//! the file is taken; then they are applied one after the other, by whoever finds them, also after a crash. Each is
//! deleted in the transaction that applies it, so none is done twice.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::account::{AccountRow, GroupMemberRow, GroupRow};
use super::agreement::{AgreementLineRow, AgreementRow, AgreementShipToRow};
use super::attribute::{AttributeRow, AttributeTextRow, FacetRow, ProductAttributeRow};
use super::belonging::{AddressRow, AssortmentRow, CreditRow, OwnPartRow};
use super::content::{CategoryTextRow, ProductTextRow};
use super::feed::Change;
use super::media::ProductMediaRow;
use super::policy::PolicyRow;
use super::product::{CategoryRow, ProductCategoryRow, ProductRow, ProductUnitRow, UnitRow};
use super::relation::{KitComponentRow, RelationRow};
use super::rows::Row;
use super::rule::RuleRow;
use super::source::{BroughtRow, RejectedRow, Source};
use super::stock::{StockRow, WarehouseRow};
use super::supply::{SourcingRow, SupplyRow};
use super::synonym::SynonymRow;
use super::terms::{AssignmentRow, ListRow};
use super::trade::{PromotionRow, RateRow, TaxRuleRow};
use super::{StoreError, Tx, feed, rows};

/// Rows of one piece: some 20 ms of the writer.
const ROWS_PER_STEP: usize = 500;

text_enum!(Work {
    Put = "put",
    Clear = "clear",
    Bury = "bury",
    Remove = "remove",
    Feed = "feed",
});
columns!(Step: "import_step" { tenant_id, source_id, ordinal, work, target, body });

/// What a piece does with the rows of its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Inserts them, or replaces those with the same key.
    Put,
    /// Deletes the rows that belong to some products or accounts, or those of some identifiers.
    Clear,
    /// Notes that their source deleted them.
    Bury,
    /// Deletes them.
    Remove,
    /// Appends to the change feed.
    Feed,
}

/// One piece of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Where the rows come from.
    pub source_id: Uuid,
    /// Its place, from 1.
    pub ordinal: i64,
    /// What it does.
    pub work: Work,
    /// With which table.
    pub target: String,
    /// The rows, or which rows, as JSON.
    pub body: String,
}

/// Which rows, and when.
#[derive(Serialize, Deserialize)]
struct Which {
    ids: Vec<Uuid>,
    at: Timestamp,
}

/// A row that pieces of work put.
pub trait Kept: Row {
    /// Its key, columns separated by commas.
    const KEY: &'static str;
    /// By which column they are deleted: for rows that belong to others the one that says to which.
    const OWNER: Option<&'static str>;
}

macro_rules! kept {
    ($($type:ty: $key:literal $(of $owner:literal)?),+ $(,)?) => {
        $(impl Kept for $type {
            const KEY: &'static str = $key;
            const OWNER: Option<&'static str> = [$($owner)?].first().copied();
        })+

        async fn to_table(tx: &mut Tx, step: &Step) -> Result<(), StoreError> {
            match step.target.as_str() {
                $(table if table == <$type>::TABLE => to_rows::<$type>(tx, step).await,)+
                table => Err(StoreError::inconsistent(format!("import_step: {table} is not a table of rows"))),
            }
        }

        /// Every row of a table that one supplier has, as it is now.
        ///
        /// # Errors
        /// As every statement, and where pieces of work do not put rows of the table.
        pub async fn present(tx: &mut Tx, tenant_id: Uuid, table: &str) -> Result<Vec<Present>, StoreError> {
            match table {
                $(table if table == <$type>::TABLE => present_rows::<$type>(tx, tenant_id).await,)+
                table => Err(StoreError::inconsistent(format!("{table} is not a table of rows"))),
            }
        }
    };
}
kept!(
    UnitRow: "tenant_id, id",
    CategoryRow: "tenant_id, id",
    ProductRow: "tenant_id, id",
    ProductUnitRow: "tenant_id, product_id, uom_id" of "product_id",
    ProductCategoryRow: "tenant_id, product_id, category_id" of "product_id",
    WarehouseRow: "tenant_id, id",
    StockRow: "tenant_id, product_id, warehouse_id",
    AccountRow: "tenant_id, id",
    GroupRow: "tenant_id, id",
    GroupMemberRow: "tenant_id, account_id, group_id" of "account_id",
    ListRow: "tenant_id, id",
    AssignmentRow: "tenant_id, price_list_id, target_kind, target_id",
    RelationRow: "tenant_id, id" of "id",
    KitComponentRow: "tenant_id, id" of "id",
    AddressRow: "tenant_id, id" of "id",
    OwnPartRow: "tenant_id, id" of "id",
    AssortmentRow: "tenant_id, id" of "id",
    CreditRow: "tenant_id, id" of "id",
    PolicyRow: "tenant_id, id" of "id",
    RuleRow: "tenant_id, id" of "id",
    AgreementRow: "tenant_id, id" of "id",
    AgreementShipToRow: "tenant_id, id" of "id",
    AgreementLineRow: "tenant_id, id" of "id",
    RateRow: "tenant_id, id" of "id",
    TaxRuleRow: "tenant_id, id" of "id",
    PromotionRow: "tenant_id, id" of "id",
    SupplyRow: "tenant_id, id" of "id",
    SourcingRow: "tenant_id, id" of "id",
    ProductTextRow: "tenant_id, id" of "id",
    CategoryTextRow: "tenant_id, id" of "id",
    AttributeRow: "tenant_id, id" of "id",
    AttributeTextRow: "tenant_id, id" of "id",
    FacetRow: "tenant_id, id" of "id",
    ProductAttributeRow: "tenant_id, id" of "id",
    ProductMediaRow: "tenant_id, id" of "id",
    SynonymRow: "tenant_id, id" of "id",
    BroughtRow: "tenant_id, source_id, entity, ext_id",
    RejectedRow: "tenant_id, id" of "id",
);

async fn to_rows<R: Kept>(tx: &mut Tx, step: &Step) -> Result<(), StoreError> {
    if step.work == Work::Put {
        return rows::upsert_json::<R>(tx, step.body.clone(), R::KEY).await;
    }
    let Which { ids, at } = read(step)?;
    match (step.work, R::OWNER) {
        (Work::Clear, Some(owner)) => rows::delete_all::<R>(tx, step.tenant_id, owner, &ids).await?,
        _ => rows::bury_all::<R>(tx, step.tenant_id, &ids, at).await?,
    };
    Ok(())
}

/// A row as JSON, by column; what is NULL has no member.
pub type Present = serde_json::Map<String, serde_json::Value>;

async fn present_rows<R: Kept + rows::Readable>(tx: &mut Tx, tenant_id: Uuid) -> Result<Vec<Present>, StoreError> {
    let present: Vec<R> = rows::all_of(tx, tenant_id).await?;
    let row = |row: &R| {
        let members = R::COLUMNS.iter();
        members
            .filter_map(|column| Some((column.name.to_owned(), (column.json)(row)?)))
            .collect()
    };
    Ok(present.iter().map(row).collect())
}

/// Tables whose rows stay when their source deletes them, since others refer to them.
const BURIED: [&str; 5] = [
    CategoryRow::TABLE,
    ProductRow::TABLE,
    WarehouseRow::TABLE,
    AccountRow::TABLE,
    ListRow::TABLE,
];

fn read<T: serde::de::DeserializeOwned>(step: &Step) -> Result<T, StoreError> {
    serde_json::from_str(&step.body).map_err(|error| StoreError::inconsistent(format!("import_step: {error}")))
}

/// Does one piece of work.
///
/// # Errors
/// As every statement.
pub async fn apply(tx: &mut Tx, step: &Step) -> Result<(), StoreError> {
    let tenant_id = step.tenant_id;
    match step.work {
        Work::Put | Work::Clear | Work::Bury => to_table(tx, step).await,
        Work::Remove if step.target == StockRow::TABLE => {
            for (product_id, warehouse_id) in read::<Vec<(Uuid, Uuid)>>(step)? {
                super::stock::delete_level(tx, tenant_id, product_id, warehouse_id).await?;
            }
            Ok(())
        }
        Work::Remove => {
            for (list, target_kind, target_id) in read::<Vec<(Uuid, String, Uuid)>>(step)? {
                super::terms::delete_assignment(tx, tenant_id, list, &target_kind, target_id).await?;
            }
            Ok(())
        }
        Work::Feed => {
            let mut changes: Vec<Change> = read(step)?;
            feed::append(tx, tenant_id, &mut changes).await.map(|_| ())
        }
    }
}

/// Pieces of work in their order.
#[derive(Debug)]
pub struct Steps {
    /// Number of the first piece, less one: other imports of the same source put theirs by under other numbers.
    before: i64,
    tenant_id: Uuid,
    source_id: Uuid,
    at: Timestamp,
    steps: Vec<Step>,
    rows: usize,
}

impl Steps {
    /// None yet; `run` is a new identifier of this import, `at` is when the rows were brought.
    pub fn new(source: &Source, run: Uuid, at: Timestamp) -> Self {
        Steps {
            before: first_ordinal(run),
            tenant_id: source.tenant_id,
            source_id: source.id,
            at,
            steps: Vec::new(),
            rows: 0,
        }
    }

    /// The pieces.
    pub fn as_slice(&self) -> &[Step] {
        &self.steps
    }

    /// How many pieces there are.
    fn count(&self) -> i64 {
        i64::try_from(self.steps.len()).unwrap_or(i64::MAX >> 1)
    }

    /// The numbers of the pieces, for the decision about them.
    pub fn ordinals(&self) -> Ordinals {
        Ordinals {
            first: self.before + 1,
            last: self.before + self.count(),
        }
    }

    /// How many rows they touch.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Inserts rows, or replaces those with the same keys.
    pub fn put<R: Kept>(&mut self, rows: &[R]) {
        for rows in rows.chunks(ROWS_PER_STEP) {
            self.add(Work::Put, R::TABLE, rows.len(), rows::json_of(rows));
        }
    }

    /// Deletes the rows that belong to some products or accounts, or those of some identifiers.
    pub fn clear<R: Kept>(&mut self, owners: &[Uuid]) {
        self.which::<R>(Work::Clear, owners);
    }

    /// Notes of rows that their source deleted them.
    pub fn bury<R: Kept>(&mut self, ids: &[Uuid]) {
        self.which::<R>(Work::Bury, ids);
    }

    /// Takes away stock by product and warehouse.
    pub fn remove_stock(&mut self, keys: &[(Uuid, Uuid)]) {
        for keys in keys.chunks(ROWS_PER_STEP) {
            self.json(Work::Remove, StockRow::TABLE, keys.len(), keys);
        }
    }

    /// Takes price lists from those they were given to.
    pub fn remove_assignments(&mut self, gone: &[AssignmentRow]) {
        for gone in gone.chunks(ROWS_PER_STEP) {
            let keys = gone.iter().map(|row| {
                let kind = super::types::put(&row.target_kind);
                (row.price_list_id, kind, row.target_id)
            });
            self.json(
                Work::Remove,
                AssignmentRow::TABLE,
                gone.len(),
                &keys.collect::<Vec<_>>(),
            );
        }
    }

    /// Takes away rows of a table as it has them; those that others refer to stay, as deleted by their source.
    pub fn take_away(&mut self, table: &str, gone: &[Present]) {
        let text = |row: &Present, column: &str| {
            let value = row.get(column).and_then(serde_json::Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        let id = |row: &Present, column: &str| text(row, column).parse::<Uuid>().unwrap_or_default();
        if table == StockRow::TABLE {
            let keys: Vec<_> = gone
                .iter()
                .map(|row| (id(row, "product_id"), id(row, "warehouse_id")))
                .collect();
            self.remove_stock(&keys);
        } else if table == AssignmentRow::TABLE {
            let key = |row| (id(row, "price_list_id"), text(row, "target_kind"), id(row, "target_id"));
            let keys: Vec<_> = gone.iter().map(key).collect();
            self.json(Work::Remove, table, keys.len(), &keys);
        } else {
            let work = if BURIED.contains(&table) {
                Work::Bury
            } else {
                Work::Clear
            };
            let which = Which {
                ids: gone.iter().map(|row| id(row, "id")).collect(),
                at: self.at,
            };
            self.json(work, table, gone.len(), &which);
        }
    }

    /// The rows that are put, by table, as they travel.
    pub fn puts(&self) -> impl Iterator<Item = (&str, &str)> {
        let puts = self.steps.iter().filter(|step| step.work == Work::Put);
        puts.map(|step| (step.target.as_str(), step.body.as_str()))
    }

    /// Tells the changes; the last piece.
    pub fn feed(&mut self, changes: &[Change]) {
        self.json(Work::Feed, Change::TABLE, changes.len(), changes);
    }

    fn which<R: Kept>(&mut self, work: Work, ids: &[Uuid]) {
        for ids in ids.chunks(ROWS_PER_STEP) {
            let which = Which {
                ids: ids.to_vec(),
                at: self.at,
            };
            self.json(work, R::TABLE, ids.len(), &which);
        }
    }

    fn json<T: Serialize + ?Sized>(&mut self, work: Work, table: &str, rows: usize, body: &T) {
        // Identifiers, texts and moments always have a JSON form; an empty body would be refused when it is applied.
        self.add(work, table, rows, serde_json::to_string(body).unwrap_or_default());
    }

    fn add(&mut self, work: Work, table: &str, rows: usize, body: String) {
        self.rows += rows;
        self.steps.push(Step {
            tenant_id: self.tenant_id,
            source_id: self.source_id,
            ordinal: self.before + self.count() + 1,
            work,
            target: table.to_owned(),
            body,
        });
    }
}

/// The numbers of the pieces of one import, both included.
#[derive(Clone, Copy, Debug)]
pub struct Ordinals {
    first: i64,
    last: i64,
}

/// Forty bits of the identifier, above room for a million pieces.
fn first_ordinal(run: Uuid) -> i64 {
    let [.., a, b, c, d, e] = *run.as_bytes();
    i64::from_be_bytes([0, 0, 0, a, b, c, d, e]) << 20
}

/// Puts one piece by; `false` when another brought rows in between, so that the pieces no longer hold.
///
/// # Errors
/// As every statement.
pub async fn stage(tx: &mut Tx, source: &Source, step: &Step) -> Result<bool, StoreError> {
    tx.lock("import", &format!("{} {}", source.tenant_id, source.id))
        .await?;
    if !super::source::is_as_seen(tx, source).await? {
        return Ok(false);
    }
    rows::insert(tx, step).await?;
    Ok(true)
}

/// Decides that the file whose pieces were put by is taken; `false` when another brought rows in between.
///
/// Pieces of imports that ended before they decided, or come too late now, are thrown away.
///
/// # Errors
/// As every statement.
pub async fn decide(tx: &mut Tx, source: &Source, ordinals: Ordinals) -> Result<bool, StoreError> {
    // Before the source's own row, as in `apply_next`.
    tx.lock("import", &format!("{} {}", source.tenant_id, source.id))
        .await?;
    if !super::source::claim(tx, source).await? {
        return Ok(false);
    }
    execute!(
        tx,
        "DELETE FROM import_step WHERE tenant_id = $1 AND source_id = $2 AND NOT ordinal BETWEEN $3 AND $4",
        source.tenant_id,
        source.id,
        ordinals.first,
        ordinals.last
    )?;
    super::source::begin_applying(tx, source.tenant_id, source.id).await?;
    Ok(true)
}

/// Applies the first piece of a source whose file is taken, and tells whether there was one; after the last the source
/// takes files again.
///
/// # Errors
/// As every statement.
pub async fn apply_next(tx: &mut Tx, tenant_id: Uuid, source_id: Uuid) -> Result<bool, StoreError> {
    tx.lock("import", &format!("{tenant_id} {source_id}")).await?;
    let step: Option<Step> = optional!(
        tx,
        "SELECT p.* FROM import_step p JOIN source s ON s.tenant_id = p.tenant_id AND s.id = p.source_id \
         WHERE p.tenant_id = $1 AND p.source_id = $2 AND s.status = $3 ORDER BY p.ordinal LIMIT 1",
        tenant_id,
        source_id,
        super::source::APPLYING
    )?;
    let Some(step) = step else {
        super::source::activate(tx, tenant_id, source_id).await?;
        return Ok(false);
    };
    apply(tx, &step).await?;
    execute!(
        tx,
        "DELETE FROM import_step WHERE tenant_id = $1 AND source_id = $2 AND ordinal = $3",
        tenant_id,
        source_id,
        step.ordinal
    )?;
    Ok(true)
}
