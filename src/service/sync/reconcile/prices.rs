//! A sample of prices as we resolve them, against the ERP's own answers: what no comparison of rows would show.

use std::collections::BTreeSet;

use jiff::civil::Date;
use openssl::sha::sha256;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::Drift;
use crate::domain::terms::{Level, Request};
use crate::erp::fault::Fault;
use crate::erp::link::Link;
use crate::erp::questions::PriceQuestion;
use crate::erp::steps::Known;
use crate::erp::value::Value;
use crate::service::sync::Source;
use crate::service::{Error, Gateway, terms};
use crate::store::drift::PRICE;
use crate::store::{self, StoreError};

/// The entity of differences of prices.
pub(super) const ENTITY: &str = "price";
/// Prices that are asked for at most, those that differed before among them.
const SAMPLE_MAX: usize = 500;

/// What a sample of prices came to.
#[derive(Debug, Default)]
pub(super) struct Sampled {
    /// Every question with both answers.
    pub prices: Vec<Json>,
    /// Those with two answers.
    pub drifts: Vec<Drift>,
    /// Why it is not whole.
    pub fault: Option<Fault>,
}

/// Asks the ERP for a sample of prices, those that differed before first; nothing where the mapping does not say how.
///
/// # Errors
/// The store would not.
pub(super) async fn sample(
    gateway: &Gateway,
    tenant_id: Uuid,
    source: &Source,
    stored: &store::source::Source,
) -> Result<Option<Sampled>, Error> {
    let Some(question) = source
        .mapping
        .price
        .as_ref()
        .filter(|_| source.setting.sample_prices > 0)
    else {
        return Ok(None);
    };
    let mut sampled = Sampled::default();
    let mut link = match Link::new(&source.mapping, &source.access) {
        Ok(link) => link,
        Err(fault) => {
            sampled.fault = Some(fault);
            return Ok(Some(sampled));
        }
    };
    for (account, sku) in chosen(gateway, tenant_id, source, stored).await? {
        let Some(ours) = ours(gateway, tenant_id, question, &account, &sku).await? else {
            continue;
        };
        let theirs = match question.ask(&mut link, ours.known(source)).await {
            Ok(theirs) => theirs,
            Err(fault) => {
                sampled.fault = Some(fault);
                break;
            }
        };
        let theirs = theirs
            .and_then(|text| text.parse::<Decimal>().ok())
            .map(|price| price.normalize());
        let text = |price: Option<Decimal>| price.map(|price| price.to_string());
        sampled.prices.push(json!({
            "account": account, "sku": sku, "unit": ours.unit, "here": text(ours.price), "there": text(theirs),
        }));
        if theirs != ours.price {
            sampled.drifts.push(drift(gateway, stored, &ours, theirs));
        }
    }
    Ok(Some(sampled))
}

/// Accounts and products to ask about: those that differed before, then some that chance brings.
async fn chosen(
    gateway: &Gateway,
    tenant_id: Uuid,
    source: &Source,
    stored: &store::source::Source,
) -> Result<BTreeSet<(String, String)>, Error> {
    let (id, erp) = (stored.id, stored.clone());
    let read = gateway.store.read(async |tx| {
        let before = store::drift::of_source(tx, tenant_id, id).await?;
        let accounts = store::source::keys::<store::account::AccountRow>(tx, &erp).await?;
        let parts = store::product::parts(tx, tenant_id, id).await?;
        Ok::<_, StoreError>((before, accounts, parts))
    });
    let (before, accounts, parts) = read.await?;
    let mut chosen: BTreeSet<(String, String)> = before
        .iter()
        .filter(|drift| drift.kind == PRICE)
        .filter_map(|drift| {
            let (account, rest) = drift.key.split_once(" · ")?;
            let (sku, _) = rest.split_once(" · ")?;
            Some((account.to_owned(), sku.to_owned()))
        })
        .take(SAMPLE_MAX)
        .collect();
    let accounts: Vec<&str> = accounts
        .iter()
        .filter(|account| account.deleted_at.is_none())
        .map(|account| account.ext_id.as_str())
        .collect();
    if accounts.is_empty() || parts.is_empty() {
        return Ok(chosen);
    }
    let seed = gateway.clock.new_id();
    for number in 0..source.setting.sample_prices.min(SAMPLE_MAX) {
        let dice = sha256(format!("{seed} {number}").as_bytes());
        let [a, b, c, d, e, f, g, h, ..] = dice;
        let pick = |bytes: [u8; 4], of: usize| usize::try_from(u32::from_be_bytes(bytes)).unwrap_or(0) % of;
        let account = accounts[pick([a, b, c, d], accounts.len())];
        let part = &parts[pick([e, f, g, h], parts.len())];
        chosen.insert((account.to_owned(), part.sku.clone()));
    }
    Ok(chosen)
}

/// One price as we resolve it.
struct Ours {
    account: String,
    sku: String,
    unit: String,
    price: Option<Decimal>,
    day: Date,
}

/// Nothing where we have no answer, or one that the ERP's question leaves out.
async fn ours(
    gateway: &Gateway,
    tenant_id: Uuid,
    question: &PriceQuestion,
    account: &str,
    sku: &str,
) -> Result<Option<Ours>, Error> {
    let mut day = Date::default();
    let asked = terms::ask(gateway, tenant_id, |now, today| {
        day = today;
        Request::new(account, sku, Decimal::ONE, today, now)
    });
    let Ok(answer) = asked.await? else {
        return Ok(None);
    };
    let decided = answer.trace.decided().map(|decided| decided.level);
    if question.without_promotions && decided == Some(Level::Promotion) {
        return Ok(None);
    }
    let price = answer.unit_price.as_ref().map(|price| price.amount);
    Ok(Some(Ours {
        account: account.to_owned(),
        sku: sku.to_owned(),
        unit: answer.unit.to_string(),
        price: price
            .and_then(|price| price.checked_div(answer.price_quantity))
            .map(|price| price.normalize()),
        day,
    }))
}

impl Ours {
    /// What the steps of the question may name.
    fn known(&self, source: &Source) -> Known {
        let number = |number: i64| Value::Number(number.to_string());
        let day = vec![
            ("year".to_owned(), number(self.day.year().into())),
            ("month".to_owned(), number(self.day.month().into())),
            ("day".to_owned(), number(self.day.day().into())),
        ];
        let members = [
            ("account", Value::text(&self.account)),
            ("sku", Value::text(&self.sku)),
            ("unit", Value::text(&self.unit)),
            ("quantity", number(1)),
            ("date", Value::text(self.day.to_string())),
            ("day", Value::Record(day)),
        ];
        let mut known = Known::default();
        known.set(
            "asked",
            Value::Record(members.map(|(name, value)| (name.to_owned(), value)).into()),
        );
        known.set("settings", Value::Record(source.values().into_iter().collect()));
        known
    }
}

fn drift(gateway: &Gateway, stored: &store::source::Source, ours: &Ours, theirs: Option<Decimal>) -> Drift {
    let text = |price: Option<Decimal>| price.map(|price| price.to_string());
    let (here, there) = (text(ours.price), text(theirs));
    super::other(
        gateway,
        stored,
        ENTITY,
        PRICE,
        format!("{} · {} · 1 {}", ours.account, ours.sku, ours.unit),
        vec![("price of one".to_owned(), here, there)],
    )
}
