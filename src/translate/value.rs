//! Numbers, money and addresses out of wire types, with refusals that name the field.

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::cxml::{Address, Date, ItemDetail, Money, Number};
use crate::domain::exchange::{Finding, Severity};
use crate::domain::money::Currency;
use crate::domain::refusal::{Code, Refusal};
use crate::domain::session::ShipTo;

/// A refusal with 400 at a field.
pub(super) fn bad(field: impl Into<String>, text: &str) -> Refusal {
    Refusal::new(Code::BadRequest, text).at(field)
}

/// A warning.
pub(super) fn warn(rule: &str, place: &str, text: &str) -> Finding {
    Finding {
        severity: Severity::Warn,
        rule: rule.to_owned(),
        place: place.to_owned(),
        text: text.to_owned(),
    }
}

/// A number that must be one, where it is there at all.
pub(super) fn decimal(number: &Number, field: &str, findings: &mut Vec<Finding>) -> Result<Decimal, Refusal> {
    let parsed =
        crate::cxml::number::parse(number.as_str()).map_err(|error| bad(field, &format!("Not a number: {error}.")))?;
    if parsed.grouped {
        findings.push(warn(
            "number.grouped",
            field,
            "Commas were read as thousands separators.",
        ));
    }
    Ok(parsed.value)
}

/// An amount and its currency (ISO 4217, folded to upper case); `None` when the element is missing or empty.
pub(super) fn money(
    money: Option<&Money>,
    field: &str,
    findings: &mut Vec<Finding>,
) -> Result<Option<(Decimal, String)>, Refusal> {
    let Some(money) = money else { return Ok(None) };
    if money.amount.as_str().trim().is_empty() {
        findings.push(warn("money.empty", field, "The amount is empty."));
        return Ok(None);
    }
    let amount = decimal(&money.amount, field, findings)?;
    let code = money
        .currency
        .as_deref()
        .unwrap_or_default()
        .trim()
        .to_ascii_uppercase();
    let currency = Currency::parse(&code).map_err(|_| {
        bad(
            format!("{field}/@currency"),
            "The currency must be an ISO 4217 code such as USD.",
        )
    })?;
    Ok(Some((amount, currency.code().to_owned())))
}

/// The quantity, in the line's unit, that the price is for (cXML 1.2 `PriceBasisQuantity`): a price for `quantity`
/// price units, of which one ordered unit is `conversionFactor`.
pub(super) fn price_quantity(
    detail: Option<&ItemDetail>,
    place: &str,
    findings: &mut Vec<Finding>,
) -> Result<Decimal, Refusal> {
    let Some(basis) = detail.and_then(|detail| detail.price_basis_quantity.as_deref()) else {
        return Ok(Decimal::ONE);
    };
    let part = |number: Option<&Number>, field: &str, findings: &mut Vec<Finding>| match number {
        None => Ok(Decimal::ONE),
        Some(number) => {
            let field = format!("{place}/@{field}");
            let value = decimal(number, &field, findings)?;
            if value > Decimal::ZERO {
                Ok(value)
            } else {
                Err(bad(field, "The value must be more than zero."))
            }
        }
    };
    let quantity = part(basis.quantity.as_ref(), "quantity", findings)?;
    let factor = part(basis.conversion_factor.as_ref(), "conversionFactor", findings)?;
    quantity
        .checked_div(factor)
        .filter(|value| *value > Decimal::ZERO)
        .ok_or_else(|| bad(place, "The price basis cannot be computed with these values."))
}

/// The day a date attribute means on its writer's wall; a date that cannot be read is a finding, not a refusal.
pub(super) fn day(date: &Date, zone: &TimeZone, field: &str, findings: &mut Vec<Finding>) -> Option<jiff::civil::Date> {
    match date.read(zone) {
        Ok(parsed) => {
            if !parsed.assumed.is_empty() {
                findings.push(warn(
                    "date.form",
                    field,
                    "The date is not in the standard's form and was read as meant.",
                ));
            }
            Some(parsed.local.date())
        }
        Err(_) => {
            findings.push(warn(
                "date.unreadable",
                field,
                "The date cannot be read and was ignored.",
            ));
            None
        }
    }
}

/// The zone of a connection; unknown names are UTC.
pub(super) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// An address as people and the ERP need it.
pub(super) fn ship_to(address: &Address) -> ShipTo {
    let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let mut lines = Vec::new();
    let mut country = address.iso_country_code.as_deref().and_then(filled);
    if let Some(postal) = &address.postal_address {
        lines.extend(
            postal
                .deliver_to
                .iter()
                .chain(&postal.streets)
                .filter_map(|line| filled(line.as_str())),
        );
        lines.extend(postal.city.as_ref().and_then(|city| filled(&city.value)));
        lines.extend(postal.state.as_ref().and_then(|state| filled(&state.value)));
        lines.extend(postal.postal_code.as_ref().and_then(|code| filled(code.as_str())));
        let stated = postal
            .country
            .as_ref()
            .and_then(|country| country.iso_country_code.as_deref());
        country = stated.and_then(filled).or(country);
    }
    ShipTo {
        address_id: address.address_id.as_deref().and_then(filled),
        name: address.name.as_ref().and_then(|name| filled(&name.value)),
        lines,
        country,
    }
}
