//! The rules about one line: each says whether it is broken, and what our values would be.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use rust_decimal::{Decimal, RoundingStrategy};

use super::judge::{Broken, Correction, Effect};
use super::{LineFacts, Offer, Rule, Safeguards};
use crate::domain::order::OrderLine;
use crate::domain::unit;

/// A line as the rules see it; what an earlier rule corrected, the later ones see corrected.
pub(super) struct Asked<'a> {
    pub line: &'a OrderLine,
    pub known: &'a LineFacts,
    /// Whether goods are to be delivered for it: no return, no ceiling of a blanket order.
    pub is_goods: bool,
    pub quantity: Decimal,
    /// Whether an earlier rule put a price of ours in the place of the ordered one.
    pub price_settled: bool,
    /// What earlier lines take of the product, in base units.
    pub taken: Decimal,
    pub wanted: Option<Date>,
    pub now: Timestamp,
    pub today: Date,
}

type IsBroken = fn(&Asked<'_>, Option<Decimal>) -> Option<Broken>;

/// In the order in which they are asked.
pub(super) const RULES: [(Rule, IsBroken); 11] = [
    (Rule::UnitUnknown, unit_unknown),
    (Rule::UnitQuoted, unit_quoted),
    (Rule::Currency, currency),
    (Rule::QuoteExpired, quote_expired),
    (Rule::PriceUpPercent, price_up_percent),
    (Rule::PriceUpAmount, price_up_amount),
    (Rule::PriceDownPercent, price_down_percent),
    (Rule::Minimum, minimum),
    (Rule::Multiple, multiple),
    (Rule::QuantityShort, quantity_short),
    (Rule::DeliveryDays, delivery_days),
];

impl Asked<'_> {
    /// The quantity in base units.
    pub fn base_quantity(&self) -> Option<Decimal> {
        self.known.packing.as_ref()?.factor.to_base(self.quantity)
    }

    /// Takes over what an effect corrected.
    pub fn follow(&mut self, effect: &Effect) {
        let is_of_unit = effect
            .corrections
            .iter()
            .any(|correction| matches!(correction, Correction::Unit { .. }));
        for correction in &effect.corrections {
            match correction {
                // A quantity in another unit is the same quantity; the rules below count in the ordered unit.
                Correction::Quantity { ours, .. } if !is_of_unit => self.quantity = *ours,
                Correction::UnitPrice { .. } => self.price_settled = true,
                _ => {}
            }
        }
    }

    fn corrected_price(&self, (price, per): (Decimal, Decimal)) -> Vec<Correction> {
        let sent = self.line.unit_price.map(|sent| (sent, self.line.price_quantity));
        sent.map(|sent| Correction::UnitPrice {
            sent,
            ours: (price, per),
        })
        .into_iter()
        .collect()
    }

    /// The quantity corrected to so many base units, where the ordered unit can say that exactly.
    fn corrected_quantity(&self, base: Decimal) -> Vec<Correction> {
        let packing = self.known.packing.as_ref();
        let ours = packing.and_then(|packing| packing.factor.from_base(base));
        ours.map(|ours| Correction::Quantity {
            sent: self.line.quantity,
            ours: ours.normalize(),
        })
        .into_iter()
        .collect()
    }
}

/// Puts the price of ours that the line is held against into it: a valid quote, else the contract's present price.
pub fn expect(line: &mut OrderLine, known: &LineFacts, guards: &Safeguards, now: Timestamp) {
    let Some((offer, source)) = ours(line, known, guards, now) else {
        line.expected_price = None;
        line.expected_price_quantity = None;
        line.expected_source = None;
        return;
    };
    line.expected_price = Some(offer.price);
    line.expected_price_quantity = Some(offer.per);
    line.expected_source = Some(source.to_owned());
}

/// The price of ours that counts for a line, and where it comes from: `quote` or `contract`.
///
/// A price in another unit or currency than the ordered one cannot be compared.
pub fn ours<'k>(
    line: &OrderLine,
    known: &'k LineFacts,
    guards: &Safeguards,
    now: Timestamp,
) -> Option<(&'k Offer, &'static str)> {
    let days = guards.guard(Rule::QuoteExpired).and_then(|guard| guard.limit);
    let days = days.unwrap_or_default();
    let is_same = |offer: &&Offer| line.unit_own.as_ref() == Some(&offer.unit) && line.currency == offer.currency;
    let quote = known.quote.as_ref().filter(is_same);
    let quote = quote.filter(|quote| !is_over(quote, now, days));
    let quote = quote.map(|quote| (quote, "quote"));
    let contract = || known.contract.as_ref().filter(is_same);
    quote.or_else(|| contract().map(|contract| (contract, "contract")))
}

/// Whether an offer holds no more, so many days after its end.
fn is_over(offer: &Offer, now: Timestamp, days: Decimal) -> bool {
    let hours = i64::try_from(days).unwrap_or(0).saturating_mul(24);
    offer.until.is_some_and(|until| {
        let end = until.checked_add(hours.hours()).unwrap_or(Timestamp::MAX);
        end <= now
    })
}

fn unit_unknown(asked: &Asked<'_>, _: Option<Decimal>) -> Option<Broken> {
    if asked.line.unit_own.is_some() {
        return None;
    }
    Broken::new(
        "The unit of measure is not known",
        "map it or reject the line",
        Vec::new(),
    )
}

fn unit_quoted(asked: &Asked<'_>, _: Option<Decimal>) -> Option<Broken> {
    let quote = asked.known.quote.as_ref()?;
    let own = asked.line.unit_own.as_ref()?;
    if *own == quote.unit {
        return None;
    }
    let converted = asked.known.packing.as_ref().and_then(|packing| {
        let base = packing.factor.to_base(asked.quantity)?;
        packing.quoted?.from_base(base)
    });
    let corrections = match converted {
        Some(quantity) if quote.currency == asked.line.currency => {
            let mut corrections = vec![
                Correction::Unit {
                    sent: own.clone(),
                    ours: quote.unit.clone(),
                },
                Correction::Quantity {
                    sent: asked.line.quantity,
                    ours: quantity.normalize(),
                },
            ];
            corrections.extend(asked.corrected_price((quote.price, quote.per)));
            corrections
        }
        _ => Vec::new(),
    };
    Broken::new(
        format!("It was quoted in {} and is ordered in {own}", quote.unit),
        "accept it, or agree on the quoted unit",
        corrections,
    )
}

fn currency(asked: &Asked<'_>, _: Option<Decimal>) -> Option<Broken> {
    let ours = asked.known.contract.as_ref().or(asked.known.quote.as_ref())?;
    let sent = &asked.line.currency;
    if sent.is_empty() || *sent == ours.currency {
        return None;
    }
    Broken::new(
        format!("The order is in {sent} and our price in {}", ours.currency),
        "agree on the currency with the buyer",
        Vec::new(),
    )
}

fn quote_expired(asked: &Asked<'_>, limit: Option<Decimal>) -> Option<Broken> {
    let quote = asked.known.quote.as_ref()?;
    if !is_over(quote, asked.now, limit.unwrap_or_default()) {
        return None;
    }
    let contract = asked.known.contract.as_ref();
    let contract = contract.filter(|offer| offer.currency == asked.line.currency);
    let corrections = contract.map(|offer| asked.corrected_price((offer.price, offer.per)));
    Broken::new(
        format!("The quote held until {}", quote.until?.strftime("%Y-%m-%d %H:%M UTC")),
        "accept its price, or confirm the present one",
        corrections.unwrap_or_default(),
    )
}

/// How far the ordered price and ours are apart, multiplied crosswise so that no quotient is rounded.
struct Difference {
    ours: Decimal,
    theirs: Decimal,
    /// Both quantities that the prices are for, multiplied.
    per: Decimal,
}

fn difference(asked: &Asked<'_>) -> Option<Difference> {
    let line = asked.line;
    if asked.price_settled {
        return None;
    }
    let (price, expected, per) = (line.unit_price?, line.expected_price?, line.expected_price_quantity?);
    Some(Difference {
        ours: expected.checked_mul(line.price_quantity)?,
        theirs: price.checked_mul(per)?,
        per: per.checked_mul(line.price_quantity)?,
    })
}

fn price_up_percent(asked: &Asked<'_>, limit: Option<Decimal>) -> Option<Broken> {
    let apart = difference(asked)?;
    let gap = apart.ours.checked_sub(apart.theirs)?;
    if gap <= allowed(&apart, limit)? {
        return None;
    }
    price_broken(asked, "below")
}

fn price_down_percent(asked: &Asked<'_>, limit: Option<Decimal>) -> Option<Broken> {
    let apart = difference(asked)?;
    let gap = apart.theirs.checked_sub(apart.ours)?;
    if gap <= allowed(&apart, limit)? {
        return None;
    }
    price_broken(asked, "above")
}

fn allowed(apart: &Difference, percent: Option<Decimal>) -> Option<Decimal> {
    let part = apart.ours.abs().checked_mul(percent.unwrap_or_default())?;
    part.checked_div(Decimal::ONE_HUNDRED)
}

fn price_up_amount(asked: &Asked<'_>, limit: Option<Decimal>) -> Option<Broken> {
    let apart = difference(asked)?;
    let gap = apart.ours.checked_sub(apart.theirs)?;
    let over_line = gap.checked_mul(asked.line.quantity)?;
    let allowed = limit.unwrap_or_default().checked_mul(apart.per)?;
    if gap <= Decimal::ZERO || over_line <= allowed {
        return None;
    }
    price_broken(asked, "below")
}

fn price_broken(asked: &Asked<'_>, direction: &str) -> Option<Broken> {
    let line = asked.line;
    let (expected, per) = (line.expected_price?, line.expected_price_quantity?);
    let source = match line.expected_source.as_deref() {
        Some("quote") => "quoted price",
        _ => "contract price",
    };
    let found = format!(
        "The ordered price is {direction} our {source} of {} {} per {} {}",
        expected.normalize(),
        line.currency,
        per.normalize(),
        line.unit_own.as_deref().unwrap_or(&line.unit)
    );
    Broken::new(
        found,
        "accept it, or confirm ours",
        asked.corrected_price((expected, per)),
    )
}

fn minimum(asked: &Asked<'_>, _: Option<Decimal>) -> Option<Broken> {
    let packing = asked.known.packing.as_ref().filter(|_| asked.is_goods)?;
    let minimum = packing.minimum?;
    let base = asked.base_quantity()?;
    if base >= minimum {
        return None;
    }
    let wanted = match packing.multiple {
        Some(multiple) => next_multiple(minimum, multiple)?,
        None => minimum,
    };
    Broken::new(
        format!("The smallest order is {} {}", minimum.normalize(), packing.base_unit),
        "accept the smaller quantity, or agree on another",
        asked.corrected_quantity(wanted),
    )
}

fn multiple(asked: &Asked<'_>, _: Option<Decimal>) -> Option<Broken> {
    let packing = asked.known.packing.as_ref().filter(|_| asked.is_goods)?;
    let multiple = packing.multiple?;
    let base = asked.base_quantity()?;
    let wanted = next_multiple(base, multiple)?;
    if wanted == base {
        return None;
    }
    Broken::new(
        format!(
            "It is sold in multiples of {} {}",
            multiple.normalize(),
            packing.base_unit
        ),
        "accept the broken pack, or agree on another quantity",
        asked.corrected_quantity(wanted),
    )
}

/// The least multiple that is not less.
fn next_multiple(quantity: Decimal, multiple: Decimal) -> Option<Decimal> {
    unit::exact_mul(quantity.checked_div(multiple)?.ceil(), multiple)
}

fn quantity_short(asked: &Asked<'_>, _: Option<Decimal>) -> Option<Broken> {
    let packing = asked.known.packing.as_ref().filter(|_| asked.is_goods)?;
    let stock = asked.known.stock?;
    let base = asked.base_quantity()?;
    let left = packing.factor.to_base(stock.available)?.checked_sub(asked.taken)?;
    let left = left.max(Decimal::ZERO);
    if base <= left {
        return None;
    }
    let whole = match packing.multiple {
        Some(multiple) => left.checked_div(multiple)?.floor().checked_mul(multiple)?,
        None => left,
    };
    // As many digits as the order itself writes: 71 pieces are 10 cases of 7.
    let digits = asked.quantity.normalize().scale();
    let ours = packing.factor.floor_from_base(whole, digits);
    let corrections = match ours > Decimal::ZERO {
        true => vec![Correction::Quantity {
            sent: asked.line.quantity,
            ours: ours
                .round_dp_with_strategy(digits, RoundingStrategy::ToZero)
                .normalize(),
        }],
        false => Vec::new(),
    };
    let unit = asked.line.unit_own.as_deref().unwrap_or(&asked.line.unit);
    let found = match ours > Decimal::ZERO {
        true => format!("Only {} {unit} can be promised", ours.normalize()),
        false => "Nothing can be promised".to_owned(),
    };
    Broken::new(found, "let it wait for goods, or agree on less", corrections)
}

fn delivery_days(asked: &Asked<'_>, limit: Option<Decimal>) -> Option<Broken> {
    let ships_on = asked.known.stock.filter(|_| asked.is_goods)?.ships_on?;
    let days = i64::try_from(limit.unwrap_or_default()).ok()?;
    let from = asked.wanted.unwrap_or(asked.today).max(asked.today);
    let latest = from.checked_add(days.days()).ok()?;
    if ships_on <= latest {
        return None;
    }
    let found = match asked.wanted {
        Some(wanted) => format!("It is wanted on {wanted} and ships on {ships_on}"),
        None => format!("It ships on {ships_on} only"),
    };
    Broken::new(
        found,
        "accept the later day, or agree on another",
        vec![Correction::Delivery {
            sent: asked.wanted,
            ours: ships_on,
        }],
    )
}
