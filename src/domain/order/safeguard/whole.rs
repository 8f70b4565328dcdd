//! The rules about an order as a whole.

use rust_decimal::Decimal;

use super::Rule;
use super::judge::{Broken, Correction, Judge};
use crate::domain::session::ShipTo;

type IsBroken = fn(&Judge<'_>, Option<Decimal>) -> Option<Broken>;

/// In the order in which they are asked.
pub(super) const RULES: [(Rule, IsBroken); 2] =
    [(Rule::FreightCap, freight_cap), (Rule::AddressChange, address_change)];

/// Longest part of an address that a finding repeats, in characters.
const PLACE_CHARS_MAX: usize = 80;

fn freight_cap(judge: &Judge<'_>, limit: Option<Decimal>) -> Option<Broken> {
    let sent = judge.draft.header.shipping?;
    let cap = limit?;
    if sent <= cap {
        return None;
    }
    let found = format!("The order states {} {} freight", sent.normalize(), judge.draft.currency);
    Broken::new(
        found,
        "accept it, or confirm what is agreed",
        vec![Correction::Shipping { sent, ours: cap }],
    )
}

fn address_change(judge: &Judge<'_>, _: Option<Decimal>) -> Option<Broken> {
    let ordered = judge.draft.header.ship_to.as_ref()?;
    let advice = "make sure with the buyer that the goods go there";
    let same: Vec<bool> = judge
        .facts
        .visits
        .iter()
        .filter_map(|visited| is_same(ordered, visited))
        .collect();
    if same.contains(&true) {
        return None;
    }
    if !same.is_empty() {
        let found = format!(
            "The goods go to {}, and the visit was for another address",
            place(ordered)
        );
        return Broken::new(found, advice, Vec::new());
    }
    if judge.facts.address_known != Some(false) {
        return None;
    }
    let found = format!("The goods go to {}, which is not on record", place(ordered));
    Broken::new(found, advice, Vec::new())
}

/// Whether two addresses are one place: by the buyer's codes, else by what is written; `None` where neither tells.
fn is_same(a: &ShipTo, b: &ShipTo) -> Option<bool> {
    if let (Some(a), Some(b)) = (&a.address_id, &b.address_id) {
        return Some(a.trim().eq_ignore_ascii_case(b.trim()));
    }
    if a.lines.is_empty() || b.lines.is_empty() {
        return None;
    }
    let words = |lines: &[String]| {
        let words = lines.iter().flat_map(|line| line.split_whitespace());
        words.collect::<Vec<_>>().join(" ").to_lowercase()
    };
    Some(words(&a.lines) == words(&b.lines))
}

fn place(ship_to: &ShipTo) -> String {
    let named = ship_to
        .address_id
        .as_ref()
        .or(ship_to.lines.first())
        .or(ship_to.name.as_ref());
    let named = named.map(|text| text.trim()).filter(|text| !text.is_empty());
    named
        .unwrap_or("an address without a name")
        .chars()
        .take(PLACE_CHARS_MAX)
        .collect()
}
