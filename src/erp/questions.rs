//! What an ERP is asked beside its rows: its own price of something, and an order that it should have.

use serde::Deserialize;

use super::fault::Fault;
use super::link::Link;
use super::steps::{Known, Step, run};
use super::value::Value;

/// How an ERP is asked for its own price: `asked.` has `account`, `sku`, `unit`, `quantity` and `day`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceQuestion {
    /// What is asked, step by step; nothing of it may change anything there.
    pub ask: Vec<Step>,
    /// The kept value that is the price of one.
    #[serde(default = "price")]
    pub price: String,
    /// Whether the answer is without promotions, so that prices by a promotion are not compared.
    #[serde(default)]
    pub without_promotions: bool,
}

fn price() -> String {
    "price".to_owned()
}

/// How an ERP is asked for an order: `order.` has `id`, `number`, `account` and `seq`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderQuestion {
    /// What is asked, step by step; nothing of it may change anything there.
    pub ask: Vec<Step>,
    /// The kept value that is there where the ERP has the order and did not cancel it.
    pub found: String,
    /// The kept list of its lines; what follows are paths within `line`.
    pub lines: String,
    /// The product's part number.
    pub sku: String,
    /// The unit.
    pub unit: String,
    /// How many.
    pub quantity: String,
    /// The price of one.
    pub price: Option<String>,
}

/// One line of an order as the ERP has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErpLine {
    /// The product's part number.
    pub sku: String,
    /// The unit.
    pub unit: String,
    /// How many, as the ERP writes it.
    pub quantity: String,
    /// The price of one.
    pub price: Option<String>,
}

impl PriceQuestion {
    /// The ERP's price; nothing where it has none.
    ///
    /// # Errors
    /// [`Fault`]: no answer came, or the ERP does not know what is asked for.
    pub async fn ask(&self, link: &mut Link, mut known: Known) -> Result<Option<String>, Fault> {
        known.set("context", link.context().await?);
        run(link, &self.ask, &mut known).await?;
        let price = known.at(&self.price);
        Ok(price.as_ref().and_then(Value::as_text).map(str::to_owned))
    }
}

impl OrderQuestion {
    /// The lines of the order that the ERP has; nothing where it has none.
    ///
    /// # Errors
    /// [`Fault`]: no answer came, or it is not one.
    pub async fn ask(&self, link: &mut Link, mut known: Known) -> Result<Option<Vec<ErpLine>>, Fault> {
        known.set("context", link.context().await?);
        run(link, &self.ask, &mut known).await?;
        if !known.at(&self.found).is_some_and(|found| found.is_yes()) {
            return Ok(None);
        }
        let lines = known.at(&self.lines).unwrap_or_default();
        let line = |line: &Value| {
            let mut of_line = Known::default();
            of_line.set("line", line.clone());
            let text = |path: &str| {
                let value = of_line.at(&format!("line.{path}"))?;
                value.as_text().map(str::to_owned)
            };
            // Lines without a product are headings and remarks.
            Some(ErpLine {
                sku: text(&self.sku)?,
                unit: text(&self.unit).unwrap_or_default(),
                quantity: text(&self.quantity).unwrap_or_default(),
                price: self.price.as_deref().and_then(text),
            })
        };
        Ok(Some(lines.items().iter().filter_map(line).collect()))
    }
}
