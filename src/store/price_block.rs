//! The lean entries of price lists, packed: some hundred products to a row of the database.
//!
//! A row an entry would be some hundred bytes and a microsecond or two for each of millions; packed they are a dozen
//! bytes, a list comes in a few reads, and one product's entries in one.
//!
//! A block is: how many units it names, their identifiers; then for each product its identifier, how many entries it
//! has, and the entries. Numbers are in groups of seven bits, the lowest first, as long as the highest bit is set.

use std::collections::HashMap;

use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{StoreError, Tx, rows};

/// Products of one block: what a single price has to read, and some ten kilobytes.
const PRODUCTS_PER_BLOCK: usize = 256;

columns!(Block: "price_block" { tenant_id, price_list_id, version, first_product_id, entries, body });

/// A block as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The supplier.
    pub tenant_id: Uuid,
    /// The list.
    pub price_list_id: Uuid,
    /// The set of entries it belongs to.
    pub version: i64,
    /// The product it begins with.
    pub first_product_id: Uuid,
    /// How many entries it has.
    pub entries: i64,
    /// The entries, packed.
    pub body: Vec<u8>,
}

/// An entry of a list: from a quantity on, in these days, this price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakRow {
    /// The list.
    pub price_list_id: Uuid,
    /// The product.
    pub product_id: Uuid,
    /// The unit of quantity and price.
    pub uom_id: Uuid,
    /// The quantity it begins at.
    pub min_qty: Decimal,
    /// Its first day.
    pub valid_from: Option<Date>,
    /// Its last day.
    pub valid_to: Option<Date>,
    /// The price; none is "on request".
    pub price: Option<Decimal>,
    /// How many units the price is for.
    pub price_qty: Decimal,
}

/// Days are counted from here.
const EPOCH: Date = date(2000, 1, 1);

const HAS_PRICE: u8 = 1;
const HAS_FROM: u8 = 2;
const HAS_TO: u8 = 4;
const HAS_PRICE_QTY: u8 = 8;

/// Packs one set of entries, which come list by list in the order of their products' identifiers.
pub fn pack(tenant_id: Uuid, version: i64, entries: &[BreakRow]) -> Vec<Block> {
    let mut blocks = Vec::new();
    for list in entries.chunk_by(|a, b| a.price_list_id == b.price_list_id) {
        let products: Vec<&[BreakRow]> = list.chunk_by(|a, b| a.product_id == b.product_id).collect();
        for products in products.chunks(PRODUCTS_PER_BLOCK) {
            let count: usize = products.iter().map(|entries| entries.len()).sum();
            blocks.push(Block {
                tenant_id,
                price_list_id: list[0].price_list_id,
                version,
                first_product_id: products[0][0].product_id,
                entries: i64::try_from(count).unwrap_or(i64::MAX),
                body: body(products),
            });
        }
    }
    blocks
}

fn body(products: &[&[BreakRow]]) -> Vec<u8> {
    let mut units: Vec<Uuid> = products.iter().copied().flatten().map(|row| row.uom_id).collect();
    units.sort_unstable();
    units.dedup();
    let places: HashMap<Uuid, u128> = units.iter().copied().zip(0..).collect();
    let mut bytes = Vec::with_capacity(products.len() * 64);
    put_number(&mut bytes, units.len() as u128);
    units.iter().for_each(|unit| bytes.extend_from_slice(unit.as_bytes()));
    for entries in products {
        bytes.extend_from_slice(entries[0].product_id.as_bytes());
        put_number(&mut bytes, entries.len() as u128);
        for row in *entries {
            let flag = |is_there: bool, flag: u8| if is_there { flag } else { 0 };
            bytes.push(
                flag(row.price.is_some(), HAS_PRICE)
                    | flag(row.valid_from.is_some(), HAS_FROM)
                    | flag(row.valid_to.is_some(), HAS_TO)
                    | flag(
                        row.price_qty != Decimal::ONE || row.price_qty.scale() > 0,
                        HAS_PRICE_QTY,
                    ),
            );
            put_number(&mut bytes, places.get(&row.uom_id).copied().unwrap_or(0));
            put_decimal(&mut bytes, row.min_qty);
            row.valid_from
                .iter()
                .chain(&row.valid_to)
                .for_each(|day| put_day(&mut bytes, *day));
            if let Some(price) = row.price {
                put_decimal(&mut bytes, price);
            }
            if row.price_qty != Decimal::ONE || row.price_qty.scale() > 0 {
                put_decimal(&mut bytes, row.price_qty);
            }
        }
    }
    bytes
}

fn put_number(bytes: &mut Vec<u8>, mut number: u128) {
    while number >= 0x80 {
        bytes.push((number & 0x7F) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Scale and sign, then the digits.
fn put_decimal(bytes: &mut Vec<u8>, value: Decimal) {
    let is_negative = value.is_sign_negative() && !value.is_zero();
    bytes.push((value.scale() as u8) << 1 | u8::from(is_negative));
    put_number(bytes, value.mantissa().unsigned_abs());
}

fn put_day(bytes: &mut Vec<u8>, day: Date) {
    let days = (day - EPOCH).get_days();
    bytes.extend_from_slice(&days.to_be_bytes());
}

/// A block under reading.
struct Reader<'b> {
    bytes: &'b [u8],
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.bytes.split_first_chunk::<N>()?;
        self.bytes = rest;
        Some(*head)
    }

    fn number(&mut self) -> Option<u128> {
        let mut number = 0u128;
        for shift in (0..128).step_by(7) {
            let [byte] = self.take()?;
            number |= u128::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    fn id(&mut self) -> Option<Uuid> {
        self.take().map(Uuid::from_bytes)
    }

    fn decimal(&mut self) -> Option<Decimal> {
        let [head] = self.take()?;
        let digits = i128::try_from(self.number()?).ok()?;
        let digits = if head & 1 == 1 { -digits } else { digits };
        Decimal::try_from_i128_with_scale(digits, u32::from(head >> 1)).ok()
    }

    fn day(&mut self) -> Option<Date> {
        let days = i32::from_be_bytes(self.take()?);
        EPOCH.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
    }

    fn entry(&mut self, price_list_id: Uuid, product_id: Uuid, units: &[Uuid]) -> Option<BreakRow> {
        let [flags] = self.take()?;
        let has = |flag: u8| flags & flag != 0;
        let uom_id = *units.get(self.count()?)?;
        let min_qty = self.decimal()?;
        let valid_from = if has(HAS_FROM) { Some(self.day()?) } else { None };
        let valid_to = if has(HAS_TO) { Some(self.day()?) } else { None };
        let price = if has(HAS_PRICE) { Some(self.decimal()?) } else { None };
        let price_qty = if has(HAS_PRICE_QTY) {
            self.decimal()?
        } else {
            Decimal::ONE
        };
        Some(BreakRow {
            price_list_id,
            product_id,
            uom_id,
            min_qty,
            valid_from,
            valid_to,
            price,
            price_qty,
        })
    }
}

/// Unpacks a block; `None` where it is damaged.
fn unpack(block: &Block, entries: &mut Vec<BreakRow>) -> Option<()> {
    let mut reader = Reader { bytes: &block.body };
    let units: Option<Vec<Uuid>> = (0..reader.count()?).map(|_| reader.id()).collect();
    let units = units?;
    while !reader.bytes.is_empty() {
        let product_id = reader.id()?;
        for _ in 0..reader.count()? {
            entries.push(reader.entry(block.price_list_id, product_id, &units)?);
        }
    }
    Some(())
}

fn unpacked(blocks: &[Block]) -> Result<Vec<BreakRow>, StoreError> {
    let count = blocks
        .iter()
        .map(|block| usize::try_from(block.entries).unwrap_or(0))
        .sum();
    let mut entries = Vec::with_capacity(count);
    for block in blocks {
        unpack(block, &mut entries)
            .ok_or_else(|| StoreError::inconsistent(format!("price_block of list {}: damaged", block.price_list_id)))?;
    }
    Ok(entries)
}

/// Writes blocks of a set that is not in force yet.
///
/// # Errors
/// As every statement.
pub async fn insert(tx: &mut Tx, blocks: &[Block]) -> Result<(), StoreError> {
    for block in blocks {
        rows::insert(tx, block).await?;
    }
    Ok(())
}

/// The entries of one set of a list, in the order of their products' identifiers.
///
/// # Errors
/// [`StoreError::Inconsistent`] when a block is damaged.
pub async fn breaks(
    tx: &mut Tx,
    tenant_id: Uuid,
    price_list_id: Uuid,
    version: i64,
) -> Result<Vec<BreakRow>, StoreError> {
    let blocks: Vec<Block> = all!(
        tx,
        "SELECT * FROM price_block WHERE tenant_id = $1 AND price_list_id = $2 AND version = $3 \
         ORDER BY first_product_id",
        tenant_id,
        price_list_id,
        version
    )?;
    unpacked(&blocks)
}

/// The entries of some products in one set of a list; a block that has several of them is read once.
///
/// # Errors
/// [`StoreError::Inconsistent`] when a block is damaged.
pub async fn breaks_of(
    tx: &mut Tx,
    tenant_id: Uuid,
    price_list_id: Uuid,
    version: i64,
    product_ids: &[Uuid],
) -> Result<Vec<BreakRow>, StoreError> {
    let mut found = Vec::new();
    let mut sorted = product_ids.to_vec();
    sorted.sort_unstable();
    let mut entries: Vec<BreakRow> = Vec::new();
    for product_id in sorted {
        if entries.last().is_none_or(|last| last.product_id < product_id) {
            let blocks: Vec<Block> = all!(
                tx,
                "SELECT * FROM price_block WHERE tenant_id = $1 AND price_list_id = $2 AND version = $3 \
                 AND first_product_id <= $4 ORDER BY first_product_id DESC LIMIT 1",
                tenant_id,
                price_list_id,
                version,
                product_id
            )?;
            entries = unpacked(&blocks)?;
        }
        let first = entries.partition_point(|row| row.product_id < product_id);
        let own = entries[first..].iter().take_while(|row| row.product_id == product_id);
        found.extend(own.cloned());
    }
    Ok(found)
}

/// Deletes so many blocks of sets of a list that are older than the one in force; tells how many there were, zero when
/// none is left.
///
/// # Errors
/// As every statement.
pub async fn delete_old(tx: &mut Tx, tenant_id: Uuid, price_list_id: Uuid, blocks: i64) -> Result<u64, StoreError> {
    execute!(
        tx,
        "DELETE FROM price_block WHERE tenant_id = $1 AND price_list_id = $2 \
         AND (version, first_product_id) IN (SELECT version, first_product_id FROM price_block \
             WHERE tenant_id = $1 AND price_list_id = $2 \
             AND version < (SELECT version FROM price_list WHERE tenant_id = $1 AND id = $2) \
             ORDER BY version, first_product_id LIMIT $3)",
        tenant_id,
        price_list_id,
        blocks
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal() -> impl Strategy<Value = Decimal> {
        (any::<i64>(), 0u32..=20).prop_map(|(digits, scale)| Decimal::new(digits, scale))
    }

    fn day() -> impl Strategy<Value = Option<Date>> {
        proptest::option::of((-3_000_000i32..2_900_000).prop_filter_map("a day", |days| {
            EPOCH.checked_add(jiff::Span::new().try_days(days).ok()?).ok()
        }))
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back(
            rows in proptest::collection::vec(
                (0u128..600, 0u128..5, decimal(), day(), day(), proptest::option::of(decimal()), decimal()), 1..900)
        ) {
            let mut entries: Vec<BreakRow> = rows
                .into_iter()
                .map(|(product, unit, min_qty, valid_from, valid_to, price, price_qty)| BreakRow {
                    price_list_id: Uuid::from_u128(9),
                    product_id: Uuid::from_u128(product),
                    uom_id: Uuid::from_u128(unit),
                    min_qty,
                    valid_from,
                    valid_to,
                    price,
                    price_qty,
                })
                .collect();
            entries.sort_by_key(|row| row.product_id);
            let blocks = pack(Uuid::nil(), 1, &entries);
            let back = unpacked(&blocks).unwrap();
            prop_assert_eq!(&back, &entries);
            let digits = |rows: &[BreakRow]| rows.iter().map(|row| row.min_qty.scale()).collect::<Vec<_>>();
            prop_assert_eq!(digits(&back), digits(&entries));
            for mut block in blocks {
                block.body.pop();
                prop_assert!(unpacked(&[block]).is_err());
            }
        }
    }
}
