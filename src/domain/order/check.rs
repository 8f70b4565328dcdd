//! Checks of an order before it is accepted: hold or note (cXML notes 3.4, 3.5).
//!
//! What is refused outright is refused while the document is read; what is noticed here is answered 200, because a 4xx
//! makes networks mark the order as failed and hides it from the people who could mend it.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::domain::exchange::{Finding, Severity};
use crate::domain::order::safeguard::{Effect, Facts, Judge, Safeguards};
use crate::domain::order::{OrderAction, OrderHeader, OrderKind, OrderLine};

/// An order as read from its document, before it has a version.
#[derive(Clone, Debug)]
pub struct Draft {
    /// `@orderID`, without a version suffix where the connection strips it.
    pub order_id: String,
    /// new, update or delete.
    pub action: OrderAction,
    /// regular, release, blanket …
    pub kind: OrderKind,
    /// `@orderVersion`, or the suffix of the order number.
    pub order_version: Option<i64>,
    /// `@isInternalVersion`.
    pub is_internal: bool,
    /// Header values.
    pub header: OrderHeader,
    /// The one currency of the order.
    pub currency: String,
    /// Lines; identifiers are given when the version is stored.
    pub lines: Vec<OrderLine>,
    /// Lines without a part number that the buyer marked as such (`@isAdHoc`), by position.
    pub ad_hoc: Vec<i64>,
    /// Lines that a change takes out (`ItemOut/@operation="delete"`), by position.
    pub cancelled: Vec<i64>,
    /// Lines that a change stops for now (`ItemOut/@operation="block"`), by position.
    pub blocked: Vec<i64>,
    /// Requested delivery dates that could be read, by position; 0 is the header.
    pub requested: Vec<(i64, Date)>,
}

impl Draft {
    /// The day on which a line is wanted: its own, else the order's.
    pub fn wanted(&self, line: &OrderLine) -> Option<Date> {
        let day_of = |position| self.requested.iter().find(|(of, _)| *of == position);
        day_of(line.position).or_else(|| day_of(0)).map(|(_, day)| *day)
    }
}

/// A finding about a line, or about the whole order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFinding {
    /// The line, or `None` for the order.
    pub line_number: Option<i64>,
    /// What was noticed.
    pub finding: Finding,
}

/// What was noticed about an order before it is accepted.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// What stops it: a person must decide, or a safeguard rejected it.
    pub held: Vec<LineFinding>,
    /// What does not stop it.
    pub noted: Vec<Finding>,
    /// What the connection's safeguards found and did, some of it among the above.
    pub effects: Vec<Effect>,
}

impl Checked {
    fn add(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let found = effect.finding();
            match effect.action.stops() {
                true => self.held.push(found),
                false => self.noted.push(found.finding),
            }
            self.effects.push(effect);
        }
    }
}

/// Everything about an order that a person should decide or know; lines carry their expected prices already.
pub fn check(draft: &Draft, facts: &Facts, guards: &Safeguards, now: Timestamp, today: Date) -> Checked {
    let mut checked = Checked::default();
    if draft.action == OrderAction::Delete {
        // A delete still carries the order; its details are ignored (solutions guide, p. 165).
        return checked;
    }
    let mut judge = Judge::new(draft, facts, guards, now, today);
    for (at, line) in draft.lines.iter().enumerate() {
        if !draft.cancelled.contains(&line.position) {
            check_line(line, draft, &mut checked.held);
            checked.add(judge.line(at));
        }
    }
    if draft.kind != OrderKind::Blanket {
        check_total(draft, &mut checked.held);
    }
    for (position, date) in &draft.requested {
        if *date < today && !draft.cancelled.contains(position) {
            let line = draft
                .lines
                .iter()
                .find(|line| line.position == *position)
                .map(|line| line.line_number);
            checked.held.push(hold(
                line,
                "order.date-past",
                "The requested delivery date has passed; agree on a new one.",
            ));
        }
    }
    checked.add(judge.whole());
    for (effect, position) in checked.effects.iter_mut().zip(1..) {
        effect.position = position;
    }
    checked
}

fn check_line(line: &OrderLine, draft: &Draft, findings: &mut Vec<LineFinding>) {
    let number = Some(line.line_number);
    let ad_hoc = draft.ad_hoc.contains(&line.position);
    if line.sku.is_none() && draft.kind != OrderKind::Blanket {
        let text = if ad_hoc {
            "The buyer ordered something that is not in the catalogue; find the product or reject the line."
        } else {
            "The part number is not known; find the product or reject the line."
        };
        findings.push(hold(number, "order.part", text));
    }
    if draft.blocked.contains(&line.position) {
        findings.push(hold(
            number,
            "order.blocked",
            "The buyer blocked this line; ask before anything is delivered.",
        ));
    }
    match line.unit_price {
        None if draft.kind != OrderKind::Blanket => {
            findings.push(hold(
                number,
                "order.price-missing",
                "The line has no price; agree on one.",
            ));
        }
        Some(price) if price < Decimal::ZERO => {
            findings.push(hold(
                number,
                "order.price-negative",
                "The price is negative; agree on one.",
            ));
        }
        _ => {}
    }
}

/// Compares the stated total with the sum of the lines, with and without tax and shipping, since buyers do both.
fn check_total(draft: &Draft, findings: &mut Vec<LineFinding>) {
    let Some((total, _)) = &draft.header.total else { return };
    let amounts: Option<Vec<Decimal>> = draft
        .lines
        .iter()
        .filter(|line| !line.is_return && !draft.cancelled.contains(&line.position))
        .map(|line| line.amount)
        .collect();
    let Some(amounts) = amounts else { return };
    let Some(sum) = amounts
        .iter()
        .try_fold(Decimal::ZERO, |sum, amount| sum.checked_add(*amount))
    else {
        return;
    };
    let tax = draft.header.tax.unwrap_or_default();
    let shipping = draft.header.shipping.unwrap_or_default();
    let tolerance = Decimal::new(1, 2) * Decimal::from(amounts.len().max(1));
    let fits = [Decimal::ZERO, tax, shipping, tax + shipping]
        .iter()
        .any(|extra| (sum + extra - total).abs() <= tolerance);
    if !fits {
        let text = format!(
            "The total of {} is not the sum of the lines, {}; ask the buyer which is meant.",
            total.normalize(),
            sum.normalize()
        );
        findings.push(hold(None, "order.total", &text));
    }
}

fn hold(line_number: Option<i64>, rule: &str, text: &str) -> LineFinding {
    let place = line_number.map_or_else(|| "OrderRequestHeader".to_owned(), |number| format!("ItemOut {number}"));
    LineFinding {
        line_number,
        finding: Finding {
            severity: Severity::Hold,
            rule: rule.to_owned(),
            place,
            text: text.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::order::LineChange;
    use uuid::Uuid;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn line(number: i64, quantity: &str, price: Option<&str>, expected: Option<&str>) -> OrderLine {
        let quantity = decimal(quantity);
        let unit_price = price.map(decimal);
        OrderLine {
            tenant_id: Uuid::nil(),
            version_id: Uuid::nil(),
            position: number,
            line_number: number,
            parent_line_number: None,
            supplier_part_id: "A".into(),
            auxiliary_id: None,
            buyer_part_id: None,
            sku: Some("A".into()),
            description: String::new(),
            classification: None,
            quantity,
            unit: "EA".into(),
            unit_own: Some("EA".into()),
            unit_price,
            price_quantity: Decimal::ONE,
            currency: "USD".into(),
            amount: unit_price.map(|price| price * quantity),
            requested_delivery_date: None,
            expected_price: expected.map(decimal),
            expected_price_quantity: expected.map(|_| Decimal::ONE),
            expected_source: expected.map(|_| "contract".into()),
            trace: None,
            quote_line_id: None,
            change: LineChange::Added,
            is_return: false,
        }
    }

    fn draft(total: &str, lines: Vec<OrderLine>) -> Draft {
        Draft {
            order_id: "1".into(),
            action: OrderAction::New,
            kind: OrderKind::Regular,
            order_version: None,
            is_internal: false,
            header: OrderHeader {
                total: Some((decimal(total), "USD".into())),
                ..OrderHeader::default()
            },
            currency: "USD".into(),
            lines,
            ad_hoc: Vec::new(),
            cancelled: Vec::new(),
            blocked: Vec::new(),
            requested: Vec::new(),
        }
    }

    fn rules(draft: &Draft, tolerance: &str) -> Vec<String> {
        let today = jiff::civil::date(2026, 11, 24);
        let guards = Safeguards::default().in_force(decimal(tolerance)).unwrap();
        check(draft, &Facts::default(), &guards, Timestamp::UNIX_EPOCH, today)
            .held
            .into_iter()
            .map(|found| found.finding.rule)
            .collect()
    }

    #[test]
    fn prices_totals_and_dates() {
        assert!(rules(&draft("20", vec![line(1, "2", Some("10"), Some("10.00"))]), "0").is_empty());
        assert_eq!(
            rules(&draft("22", vec![line(1, "2", Some("11"), Some("10"))]), "0"),
            ["order.price"]
        );
        assert!(rules(&draft("20.2", vec![line(1, "2", Some("10.1"), Some("10"))]), "1").is_empty());
        assert_eq!(
            rules(&draft("200", vec![line(1, "2", Some("10"), Some("10"))]), "0"),
            ["order.total"]
        );
        assert_eq!(
            rules(&draft("0", vec![line(1, "2", None, Some("10"))]), "0"),
            ["order.price-missing"]
        );
        assert_eq!(
            rules(&draft("-2", vec![line(1, "2", Some("-1"), None)]), "0"),
            ["order.price-negative"]
        );
    }

    #[test]
    fn tax_and_shipping_may_be_inside_the_total() {
        for total in ["20", "21", "25", "26", "26.01"] {
            let mut draft = draft(total, vec![line(1, "2", Some("10"), Some("10"))]);
            draft.header.tax = Some(decimal("1"));
            draft.header.shipping = Some(decimal("5"));
            assert!(rules(&draft, "0").is_empty(), "{total}");
        }
    }

    #[test]
    fn unknown_parts_and_units_and_past_dates_are_held() {
        let mut unknown = line(1, "1", Some("1"), None);
        unknown.sku = None;
        unknown.unit_own = None;
        let mut draft = draft("1", vec![unknown]);
        draft.requested = vec![
            (1, jiff::civil::date(2026, 11, 23)),
            (0, jiff::civil::date(2026, 11, 24)),
        ];
        assert_eq!(rules(&draft, "0"), ["order.part", "order.unit", "order.date-past"]);
        draft.action = OrderAction::Delete;
        assert!(rules(&draft, "0").is_empty());
        draft.action = OrderAction::New;
        draft.kind = OrderKind::Blanket;
        draft.header.total = Some((decimal("5000"), "USD".into()));
        draft.requested.clear();
        draft.lines[0].unit_own = Some("EA".into());
        assert!(rules(&draft, "0").is_empty());
    }

    #[test]
    fn cancelled_lines_do_not_count_and_blocked_ones_are_held() {
        let lines = vec![line(1, "2", Some("10"), Some("10")), line(2, "1", Some("5"), Some("4"))];
        let mut draft = draft("20", lines);
        draft.cancelled = vec![2];
        draft.requested = vec![(2, jiff::civil::date(2020, 1, 1))];
        assert!(rules(&draft, "0").is_empty());
        draft.blocked = vec![1];
        assert_eq!(rules(&draft, "0"), ["order.blocked"]);
    }
}
