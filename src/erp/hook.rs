//! The few things that a mapping file cannot say, by name: `hook:NAME:ARGUMENT`.

use super::expression::{Refused, Scope};
use super::formula::{Formula, Price};
use super::value::Value;

/// One of the hooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hook {
    /// A part of what a formula of a Tryton price list says.
    Formula(Part),
    /// A part of what a formula of a Tryton promotion says.
    Promotion(Part),
    /// The other units of a base unit's kind, as `BX=100/1|…`; the lookup has symbol, factor and category of each.
    Units(String),
    /// The symbols of all units of the kind of a product's `default_uom`, that of the sale unit first.
    SoldIn(String),
}

/// A part of a rule of prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// How the price is found.
    Calculation,
    /// From what.
    Base,
    /// With which value.
    Value,
    /// What is added.
    Surcharge,
    /// What the price is never less than so many times of.
    FloorBase,
    /// How many times.
    Floor,
}

impl Hook {
    /// Reads a hook's name and argument.
    ///
    /// # Errors
    /// There is no such hook.
    pub fn parse(text: &str) -> Result<Hook, String> {
        let (name, argument) = text.split_once(':').unwrap_or((text, ""));
        Ok(match name {
            "tryton_formula" => Hook::Formula(Part::parse(argument)?),
            "tryton_promotion" => Hook::Promotion(Part::parse(argument)?),
            "tryton_units" => Hook::Units(argument.to_owned()),
            "tryton_sold_in" => Hook::SoldIn(argument.to_owned()),
            _ => {
                let known = "tryton_formula:PART, tryton_promotion:PART, tryton_units:LOOKUP, tryton_sold_in:LOOKUP";
                return Err(format!("{name:?} is no hook; there are {known}"));
            }
        })
    }

    /// The lookup that it needs.
    pub fn lookup(&self) -> Option<&str> {
        match self {
            Hook::Units(name) | Hook::SoldIn(name) => Some(name),
            Hook::Formula(_) | Hook::Promotion(_) => None,
        }
    }

    /// What it makes of a value.
    ///
    /// # Errors
    /// [`Refused`] where the record is not as it should be.
    pub fn take(&self, value: Value, scope: &Scope<'_>) -> Result<Value, Refused> {
        match self {
            Hook::Formula(part) => {
                let formula = Formula::parse(value.as_text().unwrap_or_default());
                part.of_rule(formula.as_ref(), scope)
            }
            Hook::Promotion(part) => {
                let text = value.as_text().unwrap_or_default();
                let formula = Formula::parse(text).filter(Formula::is_of_present_price);
                let formula = formula
                    .ok_or_else(|| Refused::because(format!("the promotion's formula {text:?} is not known")))?;
                part.of_rule(Some(&formula), scope)
            }
            Hook::Units(lookup) => units(lookup, &value, scope),
            Hook::SoldIn(lookup) => sold_in(lookup, &value, scope),
        }
    }
}

impl Part {
    fn parse(text: &str) -> Result<Part, String> {
        Ok(match text {
            "calculation" => Part::Calculation,
            "base" => Part::Base,
            "value" => Part::Value,
            "surcharge" => Part::Surcharge,
            "floor_base" => Part::FloorBase,
            "floor" => Part::Floor,
            _ => {
                let known = "calculation, base, value, surcharge, floor_base, floor";
                return Err(format!("{text:?} is no part of a formula; there are {known}"));
            }
        })
    }

    /// A formula that is not known is a fixed price without a value: on request.
    fn of_rule(self, formula: Option<&Formula>, scope: &Scope<'_>) -> Result<Value, Refused> {
        let Some(formula) = formula else {
            return Ok(match self {
                Part::Calculation => Value::text("fixed"),
                _ => Value::Null,
            });
        };
        Ok(match (self, &formula.base) {
            (Part::Calculation, None) => Value::text("fixed"),
            (Part::Calculation, Some(_)) => Value::text("multiply"),
            (Part::Base, None) => Value::Null,
            (Part::Base, Some(base)) => word(*base, scope)?,
            (Part::Value, None) => Value::Number(formula.constant.to_string()),
            (Part::Value, Some(_)) => Value::Number(formula.factor.to_string()),
            (Part::Surcharge, Some(_)) if !formula.constant.is_zero() => Value::Number(formula.constant.to_string()),
            (Part::Surcharge, _) => Value::Null,
            (Part::FloorBase, _) => match formula.floor {
                Some((base, _)) => word(base, scope)?,
                None => Value::Null,
            },
            (Part::Floor, _) => formula
                .floor
                .map_or(Value::Null, |(_, times)| Value::Number(times.to_string())),
        })
    }
}

/// A price in our words; what a list is made from is said by the list.
fn word(price: Price, scope: &Scope<'_>) -> Result<Value, Refused> {
    let made_from = || {
        let said = scope
            .parent
            .and_then(|list| list.member("price"))
            .and_then(Value::as_text);
        match said {
            Some("list_price") => Ok("list_price"),
            Some("cost_price") => Ok("cost"),
            other => Err(Refused {
                reason: format!("the price list is made from {other:?}, not from list_price or cost_price"),
                is_missing: other.is_none(),
            }),
        }
    };
    Ok(Value::text(match price {
        Price::List => "list_price",
        Price::Cost => "cost",
        Price::Parent => "parent",
        Price::Unit => made_from()?,
    }))
}

/// Symbol and factor of every unit of the same kind, that of the identifier first.
fn same_kind(lookup: &str, id: &Value, scope: &Scope<'_>) -> Result<Vec<(String, String)>, Refused> {
    let nothing = || Refused::because(format!("the unit {} is not in the lookup {lookup}", id.to_json()));
    let table = scope.beside.lookups.get(lookup).ok_or_else(nothing)?;
    let base = id.as_text().and_then(|id| table.get(id)).ok_or_else(nothing)?;
    let category = base.member("category");
    let of_kind = table
        .values()
        .filter(|unit| unit.member("category") == category && *unit != base);
    let units = std::iter::once(base).chain(of_kind).map(|unit| {
        let symbol = unit.member("symbol").and_then(Value::as_text).unwrap_or_default();
        let factor = super::expression::number(unit.member("factor").unwrap_or(&Value::Null))?;
        Ok((symbol.to_owned(), factor.normalize().to_string()))
    });
    units.collect()
}

fn units(lookup: &str, base: &Value, scope: &Scope<'_>) -> Result<Value, Refused> {
    let units = same_kind(lookup, base, scope)?;
    let Some(((_, base_factor), others)) = units.split_first() else {
        return Ok(Value::Null);
    };
    let others: Vec<String> = others
        .iter()
        .map(|(symbol, factor)| format!("{symbol}={factor}/{base_factor}"))
        .collect();
    Ok(Value::Text(others.join("|")))
}

fn sold_in(lookup: &str, sold: &Value, scope: &Scope<'_>) -> Result<Value, Refused> {
    let base = scope.record.member("default_uom").cloned().unwrap_or_default();
    let units = same_kind(lookup, &base, scope)?;
    let sold = sold.as_text().unwrap_or_default();
    let mut symbols: Vec<&str> = units.iter().map(|(symbol, _)| symbol.as_str()).collect();
    // The stable order keeps the base unit before the others.
    symbols.sort_by_key(|symbol| *symbol != sold);
    Ok(Value::Text(symbols.join("|")))
}
