//! What is to be delivered of an order: its lines as the safeguards corrected them.

use std::borrow::Cow;

use rust_decimal::{Decimal, RoundingStrategy};

use super::safeguard::{Action, Correction, Effect};
use super::{LineChange, OrderLine};

/// The lines that are to be delivered, each with our values where a safeguard put them in the place of the order's.
///
/// Returns, lines that the buyer took out, and what a safeguard rejected are left out.
pub fn delivered<'a>(lines: &'a [OrderLine], effects: &[Effect]) -> Vec<Cow<'a, OrderLine>> {
    if effects.iter().any(|effect| effect.action == Action::RejectOrder) {
        return Vec::new();
    }
    let goods = lines
        .iter()
        .filter(|line| !line.is_return && line.change != LineChange::Cancelled);
    let line = |line: &'a OrderLine| {
        let about = effects
            .iter()
            .filter(|effect| effect.line_number == Some(line.line_number));
        let mut corrected = Cow::Borrowed(line);
        let mut scale = None;
        for effect in about {
            match effect.action {
                Action::RejectLine => return None,
                Action::Correct => correct(&mut corrected, &effect.corrections, &mut scale),
                Action::Accept | Action::Hold | Action::RejectOrder => {}
            }
        }
        Some(corrected)
    };
    goods.filter_map(line).collect()
}

/// From the ordered unit to the quoted one, which a correction put in its place: so many of it for so many as ordered.
#[derive(Clone, Copy)]
struct Scale {
    quoted: Decimal,
    ordered: Decimal,
}

fn correct(line: &mut Cow<'_, OrderLine>, corrections: &[Correction], scale: &mut Option<Scale>) {
    let changes_unit = corrections
        .iter()
        .any(|correction| matches!(correction, Correction::Unit { .. }));
    for correction in corrections {
        match correction {
            Correction::Unit { ours, .. } => line.to_mut().unit_own = Some(ours.clone()),
            Correction::Quantity { sent, ours } if changes_unit => {
                *scale = Some(Scale {
                    quoted: *ours,
                    ordered: *sent,
                });
                line.to_mut().quantity = *ours;
            }
            // What came later is counted in the ordered unit; whole steps of the quoted one are delivered.
            Correction::Quantity { ours, .. } => {
                let scaled = scale.and_then(|scale| {
                    let scaled = ours.checked_mul(scale.quoted)?.checked_div(scale.ordered)?;
                    let digits = scale.quoted.normalize().scale();
                    Some(scaled.round_dp_with_strategy(digits, RoundingStrategy::ToZero))
                });
                line.to_mut().quantity = scaled.unwrap_or(*ours);
            }
            Correction::UnitPrice { ours, .. } => {
                let line = line.to_mut();
                (line.unit_price, line.price_quantity) = (Some(ours.0), ours.1);
            }
            // The day is told to the buyer; freight is the order's, not a line's.
            Correction::Delivery { .. } | Correction::Shipping { .. } => {}
        }
    }
}
