//! Why a price is what it is, in sentences, from the trace alone.

use super::{Answer, Base, Calculation, Check, Level, Outcome, RuleEntry, Step, Trace};
use crate::domain::stock::Band;

impl Answer {
    /// The reasons in sentences, in the order in which they came.
    pub fn explanation(&self) -> Vec<String> {
        let trace = &self.trace;
        let mut told = vec![self.question()];
        told.extend(trace.reasons(self.unit_price.map_or("", |price| price.currency.code())));
        told.push(self.conclusion());
        told.extend(self.checks.iter().map(check));
        told.push(self.shipping());
        let at = trace.version;
        told.push(format!("Prices and stock are as of {}, change {at}.", self.as_of));
        told
    }

    fn question(&self) -> String {
        let trace = &self.trace;
        let to = trace
            .ship_to
            .as_ref()
            .map(|code| format!(" to {code}"))
            .unwrap_or_default();
        let (quantity, unit, product) = (self.quantity.normalize(), &self.unit, &self.product);
        let base = match *unit == trace.base_unit {
            true => String::new(),
            false => format!(" ({} {})", trace.base_quantity.normalize(), trace.base_unit),
        };
        let (account, date) = (&trace.account, trace.date);
        format!("{quantity} {unit}{base} of {product} for account {account}{to} on {date}.")
    }

    fn conclusion(&self) -> String {
        let per = match self.price_quantity.is_integer() && self.price_quantity.normalize().to_string() == "1" {
            true => format!("a {}", self.unit),
            false => format!("for {} {}", self.price_quantity.normalize(), self.unit),
        };
        match (self.unit_price, self.line_amount) {
            (Some(price), Some(amount)) => {
                let until = self
                    .valid_until
                    .map(|date| format!(", until {date}"))
                    .unwrap_or_default();
                format!("The price is {price} {per}, {amount} in all{until}.")
            }
            (Some(price), None) => format!("The price is {price} {per}; the amount is beyond all range."),
            (None, _) => "There is no price: it is given on request.".to_owned(),
        }
    }

    fn shipping(&self) -> String {
        let availability = &self.availability;
        let from = availability
            .warehouse
            .as_ref()
            .map(|code| format!(" from {code}"))
            .unwrap_or_default();
        let on = availability
            .ships_on
            .map(|date| format!(" on {date}"))
            .unwrap_or_default();
        let (there, unit) = (availability.available.normalize(), &self.unit);
        match availability.band {
            Band::InStock => format!("It ships{from}{on}; {there} {unit} are available."),
            Band::Partial if on.is_empty() => format!("Only {there} {unit} are available; no date is known for all."),
            Band::Partial => format!("Only {there} {unit} are available; all of it ships{from}{on}."),
            Band::LeadTime => format!("Nothing is available; it ships{from}{on}."),
            Band::OnRequest => "Nothing is available, and no date is known.".to_owned(),
        }
    }
}

impl Trace {
    /// How the price came about, in sentences: what was asked in turn, conversion and rounding.
    pub fn reasons(&self, currency: &str) -> Vec<String> {
        let mut told = Vec::new();
        if let Some(ruling) = &self.policy {
            told.push(format!("Its prices are decided by the policy {}.", ruling.code));
            told.extend(ruling.says.iter().cloned());
        }
        if let Some(asked) = self.lowered_from {
            let asked = asked.normalize();
            told.push(format!(
                "{asked} were asked for; that is lowered to what is left of the agreement."
            ));
        }
        told.extend(self.steps.iter().map(|step| sentence(step, self)));
        if let Some(conversion) = &self.conversion {
            if conversion.currency.code() != currency {
                let (from, rate) = (conversion.currency, conversion.rate.normalize());
                told.push(format!("It is listed in {from}; one {from} is {rate} {currency}."));
            }
            if let Some(tax) = conversion.tax {
                let percent = (tax * rust_decimal::Decimal::ONE_HUNDRED).normalize();
                told.push(format!(
                    "The listed price includes {percent} % of tax, which was taken out."
                ));
            }
        }
        if let Some(rounding) = &self.rounding {
            let (before, after, digits) = (rounding.before, rounding.after, rounding.digits);
            let mode = rounding.mode.name();
            told.push(format!("{before} was rounded {mode} to {digits} digits: {after}."));
        }
        told
    }
}

/// Where something was looked for.
fn place(step: &Step) -> String {
    let list = step.list.as_deref().unwrap_or_default();
    match step.level {
        Level::Agreement => format!("Agreement {list}"),
        Level::Account => format!("The account's list {list}"),
        Level::Inherited => format!("The list {list}, inherited from the account above,"),
        Level::Group => format!("The group's list {list}"),
        Level::Promotion => format!("Promotion {list}"),
        Level::Default => format!("The general list {list}"),
        Level::ListPrice => "The product".to_owned(),
    }
}

fn sentence(step: &Step, trace: &Trace) -> String {
    let place = place(step);
    match &step.outcome {
        Outcome::OtherCurrency => format!("{place} is in another currency and was passed over."),
        Outcome::NotValid => format!("{place} is not valid on this day."),
        Outcome::NoEntry => format!("{place} has no entry for this product, unit and quantity."),
        Outcome::NotPriced => format!("{place} has no entry, and says that there is no price then."),
        Outcome::NotForThis => format!("{place} is for other addresses, or must be named by the order."),
        Outcome::Exceeded { left } => format!("{place} has only {} left.", left.normalize()),
        Outcome::NoPrice => format!("{place} has no list price."),
        Outcome::ListPrice { price, price_quantity } => {
            format!(
                "{place} has the list price {price} for {} {}.",
                price_quantity.normalize(),
                trace.base_unit
            )
        }
        Outcome::Entry(entry) => {
            let price = entry.price.map_or("on request".to_owned(), |price| price.to_string());
            let (per, unit, from) = (
                entry.price_quantity.normalize(),
                &entry.unit,
                entry.min_quantity.normalize(),
            );
            format!(
                "{place} says {price} for {per} {unit} from {from} {unit} on (entry {}).",
                entry.ordinal
            )
        }
        Outcome::Rule(entry) => rule(&place, entry),
        Outcome::Compared { price, unit, position } => {
            let price = price.map_or("on request".to_owned(), |price| price.to_string());
            let from = position.map_or(String::new(), |position| format!(" by rule {position}"));
            format!("{place} comes to {price} for one {unit}{from}; it was compared.")
        }
        Outcome::Discount { position, percent } => {
            let percent = percent.normalize();
            format!("{place} takes {percent} % off the price (rule {position}).")
        }
        Outcome::Agreement(entry) => {
            let price = entry.price.map_or("on request".to_owned(), |price| price.to_string());
            let exceeds = if entry.exceeds {
                "; this is more than is left"
            } else {
                ""
            };
            let (per, unit, line) = (entry.price_quantity.normalize(), &entry.unit, entry.line);
            format!("{place} says {price} for {per} {unit} (line {line}){exceeds}.")
        }
        Outcome::Promotion {
            base,
            calculation,
            value,
            price,
        } => {
            let how = how(*calculation, "that", *value);
            format!("{place} replaces the price: {base} without breaks, {how}, is {price}.")
        }
        Outcome::BelowThreshold { min_quantity, quantity } => {
            let (from, there) = (min_quantity.normalize(), quantity.normalize());
            format!("{place} begins at {from}; there are {there}.")
        }
        Outcome::NotLower { price } => format!("{place} would make it {price}, which is not lower."),
    }
}

fn rule(place: &str, entry: &RuleEntry) -> String {
    let scope = entry.scope.as_deref().unwrap_or("everything");
    let from = entry.min_quantity.normalize();
    if let Some(formula) = &entry.formula {
        let rule = format!("{place} has rule {} for {scope} from {from} on", entry.position);
        return format!("{rule}, a formula that only the ERP can compute: {formula}. The price is on request.");
    }
    let base = match entry.base {
        Base::ListPrice => "the list price",
        Base::Cost => "the cost",
        Base::Parent => "the list it is made from",
    };
    let how = entry.value.map_or(String::new(), |value| {
        format!(", {}", how(entry.calculation, base, value))
    });
    let price = entry
        .price
        .map_or("on request".to_owned(), |price| price.normalize().to_string());
    format!(
        "{place} has rule {} for {scope} from {from} on{how}: {price}.",
        entry.position
    )
}

fn how(calculation: Calculation, base: &str, value: rust_decimal::Decimal) -> String {
    let value = value.normalize();
    match calculation {
        Calculation::Fixed => "a fixed price".to_owned(),
        Calculation::Multiply => format!("{base} times {value}"),
        Calculation::Subtract => format!("{base} less {value}"),
        Calculation::Markup => format!("{base} and {value} % of it"),
        Calculation::Margin => format!("{base} at a margin of {value} %"),
        Calculation::Discount => format!("{base} less {value} % of it"),
        Calculation::Formula => "a formula".to_owned(),
    }
}

fn check(check: &Check) -> String {
    match check {
        Check::NotPositive => "The quantity must be more than zero.".to_owned(),
        Check::BelowMinimum { minimum, unit } => format!("The smallest order is {} {unit}.", minimum.normalize()),
        Check::NotMultiple { multiple, unit } => format!("Orders are multiples of {} {unit}.", multiple.normalize()),
        Check::TooManyDecimals { decimals, unit } => format!("{unit} takes {decimals} digits after the point."),
        Check::UnitNotSold => "It is not sold in this unit.".to_owned(),
        Check::ProductNotSold => "It cannot be ordered at present.".to_owned(),
        Check::AccountBlocked => "The account is blocked.".to_owned(),
        Check::NotInAssortment => "It is not in the account's assortment.".to_owned(),
        Check::AgreementExceeded { left, unit } => format!("Of the agreement {} {unit} are left.", left.normalize()),
    }
}
