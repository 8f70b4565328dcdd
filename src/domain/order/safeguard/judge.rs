//! The rules of a connection, asked about one order.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::line::{self, Asked};
use super::{Action, Facts, Guard, LineFacts, Rule, Safeguards, whole};
use crate::domain::exchange::{Finding, Severity};
use crate::domain::order::OrderKind;
use crate::domain::order::check::{Draft, LineFinding};

/// A value of the order and what took its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "field")]
pub enum Correction {
    /// `UnitPrice`, each with the quantity it is for.
    UnitPrice {
        /// As ordered.
        sent: (Decimal, Decimal),
        /// Ours.
        ours: (Decimal, Decimal),
    },
    /// `@quantity`.
    Quantity {
        /// As ordered.
        sent: Decimal,
        /// What is delivered.
        ours: Decimal,
    },
    /// `UnitOfMeasure`.
    Unit {
        /// As ordered.
        sent: String,
        /// Ours.
        ours: String,
    },
    /// The day of delivery.
    Delivery {
        /// The wanted day, where one was said.
        sent: Option<Date>,
        /// The day on which it ships.
        ours: Date,
    },
    /// `Shipping`.
    Shipping {
        /// As ordered.
        sent: Decimal,
        /// The most that is agreed.
        ours: Decimal,
    },
}

/// What one rule found, and what was done; kept with the version of the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The supplier; given when it is stored.
    pub tenant_id: Uuid,
    /// The version; given when it is stored.
    pub version_id: Uuid,
    /// Place among the version's effects, from 1.
    pub position: i64,
    /// The line, where it is about one.
    pub line_number: Option<i64>,
    /// Which rule.
    pub rule: Rule,
    /// What was done.
    pub action: Action,
    /// The limit that was passed.
    pub limit_value: Option<Decimal>,
    /// What was found, in one sentence.
    pub text: String,
    /// The values that were corrected, theirs and ours.
    pub corrections: Vec<Correction>,
}

impl Effect {
    /// The effect as a finding of the document.
    pub fn finding(&self) -> LineFinding {
        let severity = match self.action {
            Action::Accept | Action::Correct => Severity::Warn,
            Action::Hold => Severity::Hold,
            Action::RejectLine | Action::RejectOrder => Severity::Error,
        };
        let place = self.line_number.map(|number| format!("ItemOut {number}"));
        LineFinding {
            line_number: self.line_number,
            finding: Finding {
                severity,
                rule: self.rule.about().code.to_owned(),
                place: place.unwrap_or_else(|| "OrderRequestHeader".to_owned()),
                text: self.text.clone(),
            },
        }
    }
}

/// What a rule found.
pub(super) struct Broken {
    /// What is the matter, as the beginning of a sentence.
    pub found: String,
    /// What a person who decides can do.
    pub advice: &'static str,
    /// Our values in place of the order's; none where there are none that are exact.
    pub corrections: Vec<Correction>,
}

impl Broken {
    pub fn new(found: impl Into<String>, advice: &'static str, corrections: Vec<Correction>) -> Option<Broken> {
        Some(Broken {
            found: found.into(),
            advice,
            corrections,
        })
    }

    /// What is done: nothing is corrected to a value that is not known.
    fn settle(self, rule: Rule, guard: Guard, line_number: Option<i64>) -> Effect {
        let Broken { found, advice, .. } = &self;
        let (action, text) = match guard.action {
            Action::Accept => (Action::Accept, format!("{found}: taken as it came.")),
            Action::Correct if self.corrections.is_empty() => (
                Action::Hold,
                format!("{found}, and it cannot be corrected exactly; {advice}."),
            ),
            Action::Correct => (Action::Correct, format!("{found}: our value takes its place.")),
            Action::Hold => (Action::Hold, format!("{found}; {advice}.")),
            Action::RejectLine => (Action::RejectLine, format!("{found}: the line is rejected.")),
            Action::RejectOrder => (Action::RejectOrder, format!("{found}: the order is rejected.")),
        };
        Effect {
            tenant_id: Uuid::nil(),
            version_id: Uuid::nil(),
            position: 0,
            line_number,
            rule,
            action,
            limit_value: guard.limit,
            text,
            corrections: match action {
                Action::Correct => self.corrections,
                _ => Vec::new(),
            },
        }
    }
}

/// Asks the rules in force about one order, line by line in their order.
pub struct Judge<'a> {
    pub(super) draft: &'a Draft,
    pub(super) facts: &'a Facts,
    guards: &'a Safeguards,
    now: Timestamp,
    today: Date,
    /// What earlier lines take of each product, in base units.
    taken: HashMap<&'a str, Decimal>,
}

static NOTHING_KNOWN: LineFacts = LineFacts {
    quote: None,
    contract: None,
    packing: None,
    stock: None,
};

impl<'a> Judge<'a> {
    /// Begins with an order; `now` is when it came, `today` the supplier's day.
    pub fn new(draft: &'a Draft, facts: &'a Facts, guards: &'a Safeguards, now: Timestamp, today: Date) -> Self {
        Judge {
            draft,
            facts,
            guards,
            now,
            today,
            taken: HashMap::new(),
        }
    }

    /// What the rules find about the line at a place from 0.
    pub fn line(&mut self, at: usize) -> Vec<Effect> {
        let draft = self.draft;
        let Some(line) = draft.lines.get(at) else {
            return Vec::new();
        };
        let known = self.facts.lines.get(at).unwrap_or(&NOTHING_KNOWN);
        let sku = line.sku.as_deref();
        let mut asked = Asked {
            line,
            known,
            is_goods: !line.is_return && draft.kind != OrderKind::Blanket,
            quantity: line.quantity,
            price_settled: false,
            taken: sku.and_then(|sku| self.taken.get(sku).copied()).unwrap_or_default(),
            wanted: draft.wanted(line),
            now: self.now,
            today: self.today,
        };
        let mut effects = Vec::new();
        for (rule, is_broken) in line::RULES {
            let Some(guard) = self.guards.guard(rule) else { continue };
            if let Some(broken) = is_broken(&asked, guard.limit) {
                let effect = broken.settle(rule, guard, Some(line.line_number));
                asked.follow(&effect);
                effects.push(effect);
            }
        }
        let is_delivered = effects.iter().all(|effect| effect.action < Action::RejectLine);
        if let (Some(sku), true) = (sku, is_delivered && asked.is_goods) {
            let base = asked.base_quantity().unwrap_or_default();
            let taken = self.taken.entry(sku).or_default();
            *taken = taken.saturating_add(base);
        }
        effects
    }

    /// What the rules find about the order as a whole.
    pub fn whole(&self) -> Vec<Effect> {
        let mut effects = Vec::new();
        for (rule, is_broken) in whole::RULES {
            let Some(guard) = self.guards.guard(rule) else { continue };
            if let Some(broken) = is_broken(self, guard.limit) {
                effects.push(broken.settle(rule, guard, None));
            }
        }
        effects
    }
}
