//! The order beside what it came from: the cart that was offered, and the version before.

use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::domain::order::{LineChange, OrderLine};
use crate::domain::quote::QuoteLine;
use crate::domain::unit;

/// One ordered line with what it is compared to.
#[derive(Clone, Debug)]
pub struct Beside {
    /// As ordered.
    pub line: OrderLine,
    /// The offer it came from.
    pub offer: Option<QuoteLine>,
    /// What the order says otherwise.
    pub differs: Differences,
}

/// What an ordered line says otherwise than its offer, or than the contract where there is no offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// The text names something else; a text that was only cut short does not.
    pub description: bool,
    /// The quantity.
    pub quantity: bool,
    /// The unit of measure.
    pub unit: bool,
    /// The price for the same quantity.
    pub price: bool,
    /// No offer belongs to the line, while other lines of the order have one.
    pub not_in_cart: bool,
}

impl Differences {
    /// Whether there is any.
    pub fn any(self) -> bool {
        self != Differences::default()
    }
}

/// The whole order beside the carts its lines name.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// The ordered lines, in their order.
    pub lines: Vec<Beside>,
    /// What was offered in the same carts and not ordered.
    pub not_ordered: Vec<QuoteLine>,
}

/// Puts the lines of an order beside `offers`, every line of the quotes that any of them names, the latest quote last.
pub fn compare(lines: Vec<OrderLine>, offers: Vec<QuoteLine>) -> Comparison {
    let has_cart = !offers.is_empty();
    let ordered: HashSet<Uuid> = lines.iter().filter_map(|line| line.quote_line_id).collect();
    // An edited cart offers its lines again; the later offer, which comes later, counts.
    let by_id: HashMap<Uuid, QuoteLine> = offers.into_iter().map(|offer| (offer.line_id, offer)).collect();
    let mut not_ordered: Vec<QuoteLine> = by_id
        .values()
        .filter(|offer| !ordered.contains(&offer.line_id))
        .cloned()
        .collect();
    not_ordered.sort_by_key(|offer| (offer.quote_id, offer.line_number));
    let beside = |line: OrderLine| {
        let offer = line.quote_line_id.and_then(|id| by_id.get(&id)).cloned();
        let differs = differences(&line, offer.as_ref(), has_cart);
        Beside { line, offer, differs }
    };
    Comparison {
        lines: lines.into_iter().map(beside).collect(),
        not_ordered,
    }
}

fn differences(line: &OrderLine, offer: Option<&QuoteLine>, has_cart: bool) -> Differences {
    if line.change == LineChange::Cancelled {
        return Differences::default();
    }
    let Some(offer) = offer else {
        let expected = line.expected_price.zip(line.expected_price_quantity);
        return Differences {
            price: expected.is_some_and(|expected| is_other_price(line, expected)),
            not_in_cart: has_cart,
            ..Differences::default()
        };
    };
    Differences {
        description: is_other_text(&line.description, &offer.description),
        quantity: line.quantity != offer.quantity,
        unit: !unit::is_same(&line.unit, &offer.unit_sent) && line.unit_own.as_ref() != Some(&offer.unit),
        price: is_other_price(line, (offer.unit_price, offer.price_quantity)),
        not_in_cart: false,
    }
}

/// Compared crosswise, so that no quotient is rounded.
fn is_other_price(line: &OrderLine, (price, quantity): (Decimal, Decimal)) -> bool {
    let Some(ordered) = line.unit_price else { return true };
    let pair = ordered
        .checked_mul(quantity)
        .zip(price.checked_mul(line.price_quantity));
    pair.is_none_or(|(theirs, ours)| theirs != ours)
}

/// Buyers' systems cut texts and fold blanks; neither makes another article.
fn is_other_text(ordered: &str, offered: &str) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (ordered, offered) = (words(ordered), words(offered));
    let cut = ordered.trim_end_matches(['.', '…']);
    !offered.starts_with(cut) || (cut.is_empty() && !offered.is_empty())
}

/// What one version did to a line of the version before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineDifference {
    /// `@lineNumber`.
    pub line_number: i64,
    /// The line as it was; `None` where it is new.
    pub before: Option<OrderLine>,
    /// The line as it is; `None` where it was taken out.
    pub after: Option<OrderLine>,
}

/// What a version changed, line by line; lines that stayed as they were are left out.
pub fn changes(before: &[OrderLine], after: &[OrderLine]) -> Vec<LineDifference> {
    let earlier: HashMap<i64, &OrderLine> = before
        .iter()
        .filter(|line| line.change != LineChange::Cancelled)
        .map(|line| (line.line_number, line))
        .collect();
    let mut changes = Vec::new();
    for line in after {
        let was = earlier.get(&line.line_number).copied();
        let (before, after) = match line.change {
            LineChange::Same => continue,
            LineChange::Cancelled if was.is_none() => continue,
            LineChange::Cancelled => (was.cloned(), None),
            LineChange::Added | LineChange::Changed => (was.cloned(), Some(line.clone())),
        };
        changes.push(LineDifference {
            line_number: line.line_number,
            before,
            after,
        });
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn line(number: i64, quantity: &str, price: &str) -> OrderLine {
        OrderLine {
            tenant_id: Uuid::nil(),
            version_id: Uuid::nil(),
            position: number,
            line_number: number,
            parent_line_number: None,
            supplier_part_id: "B-100".into(),
            auxiliary_id: None,
            buyer_part_id: None,
            sku: Some("B-100".into()),
            description: "Hex bolt M8 x 40, galvanised".into(),
            classification: None,
            quantity: dec(quantity),
            unit: "BX".into(),
            unit_own: Some("BOX".into()),
            unit_price: Some(dec(price)),
            price_quantity: Decimal::ONE,
            currency: "EUR".into(),
            amount: None,
            requested_delivery_date: None,
            expected_price: None,
            expected_price_quantity: None,
            expected_source: None,
            trace: None,
            quote_line_id: Some(Uuid::from_u128(number.unsigned_abs().into())),
            change: LineChange::Added,
            is_return: false,
        }
    }

    fn offer(number: u128) -> QuoteLine {
        QuoteLine {
            tenant_id: Uuid::nil(),
            quote_id: Uuid::nil(),
            line_id: Uuid::from_u128(number),
            line_number: 1,
            sku: "B-100".into(),
            description: "Hex bolt M8 x 40,  galvanised".into(),
            quantity: dec("2"),
            unit: "BOX".into(),
            unit_sent: "BX".into(),
            unit_price: dec("12.40"),
            price_quantity: Decimal::ONE,
            amount: dec("24.80"),
            classification: None,
            trace: None,
        }
    }

    #[test]
    fn each_difference_is_found_alone() {
        let check = |change: fn(&mut OrderLine), expect: Differences| {
            let mut ordered = line(1, "2.0", "12.4");
            change(&mut ordered);
            let compared = compare(vec![ordered], vec![offer(1)]);
            assert_eq!(compared.lines[0].differs, expect);
            assert!(compared.not_ordered.is_empty());
        };
        let none = Differences::default();
        check(|_| {}, none);
        check(|line| line.description = "Hex bolt M8 x…".into(), none);
        check(|line| line.change = LineChange::Cancelled, none);
        // 1,240 for a hundred is the same price.
        check(
            |line| {
                line.unit_price = Some(dec("1240"));
                line.price_quantity = dec("100");
            },
            none,
        );
        check(|line| line.quantity = dec("3"), Differences { quantity: true, ..none });
        check(
            |line| line.unit_price = Some(dec("12.41")),
            Differences { price: true, ..none },
        );
        check(|line| line.unit_price = None, Differences { price: true, ..none });
        check(
            |line| {
                line.unit = "EA".into();
                line.unit_own = Some("EA".into());
            },
            Differences { unit: true, ..none },
        );
        check(
            |line| line.description = "Wing nut".into(),
            Differences {
                description: true,
                ..none
            },
        );
    }

    #[test]
    fn lines_without_a_partner_are_found_on_both_sides() {
        let foreign = OrderLine {
            quote_line_id: None,
            ..line(2, "1", "1")
        };
        let compared = compare(vec![line(1, "2", "12.40"), foreign], vec![offer(1), offer(9)]);
        assert!(!compared.lines[0].differs.any());
        assert!(compared.lines[1].differs.not_in_cart);
        assert_eq!(compared.not_ordered[0].line_id, Uuid::from_u128(9));
    }

    #[test]
    fn without_a_cart_the_contract_is_compared() {
        let ordered = OrderLine {
            quote_line_id: None,
            expected_price: Some(dec("11")),
            expected_price_quantity: Some(Decimal::ONE),
            ..line(1, "2", "12.40")
        };
        let compared = compare(vec![ordered], Vec::new());
        let expect = Differences {
            price: true,
            ..Differences::default()
        };
        assert_eq!(compared.lines[0].differs, expect);
    }

    #[test]
    fn versions_differ_by_line() {
        let of = |number, quantity: &str, change| OrderLine {
            change,
            ..line(number, quantity, "1")
        };
        let before = [
            of(1, "1", LineChange::Added),
            of(2, "2", LineChange::Added),
            of(3, "3", LineChange::Added),
        ];
        let after = [
            of(1, "1", LineChange::Same),
            of(2, "5", LineChange::Changed),
            of(4, "4", LineChange::Added),
            of(3, "3", LineChange::Cancelled),
        ];
        let found: Vec<(i64, bool, bool)> = changes(&before, &after)
            .iter()
            .map(|change| (change.line_number, change.before.is_some(), change.after.is_some()))
            .collect();
        assert_eq!(found, [(2, true, true), (4, false, true), (3, true, false)]);
    }
}
