//! Policies made at random: every switch takes every word.

use punchgate::domain::terms::Level;

use crate::terms_world::Dice;

/// A policy as the slow resolver knows it: words, as files write them.
#[derive(Clone, Debug)]
pub struct Policy {
    pub levels: Vec<Level>,
    pub select: &'static str,
    pub pool: &'static str,
    pub on_no_match: &'static str,
    pub discount: &'static str,
    pub quantity_basis: &'static str,
    pub returns: &'static str,
    pub breaks: &'static str,
    pub validity: &'static str,
    pub round_at: &'static str,
    pub round_mode: &'static str,
    pub round_digits: Option<u32>,
    pub agreements: &'static str,
    pub over_release: &'static str,
    pub promotions: &'static str,
    pub promotion_base: &'static str,
    pub inherit: &'static str,
}

pub const SELECTS: [&str; 7] = ["best", "first", "sorted", "lowest", "highest", "newest", "oldest"];
const COLUMNS: &str = "code,source,levels,select,pool,on_no_match,discount,quantity_basis,returns,breaks,validity,\
    round_at,round_mode,round_digits,agreements,over_release,promotions,promotion_base,inherit";

impl Policy {
    /// Ours.
    pub fn ours() -> Self {
        use Level::{Account, Agreement, Default, Group, Inherited, ListPrice};
        Policy {
            levels: vec![Agreement, Account, Inherited, Group, Default, ListPrice],
            select: "best",
            pool: "list",
            on_no_match: "next_level",
            discount: "highest",
            quantity_basis: "base",
            returns: "by_size",
            breaks: "at",
            validity: "days",
            round_at: "after_unit",
            round_mode: "half_up",
            round_digits: None,
            agreements: "as_agreed",
            over_release: "as_agreed",
            promotions: "as_said",
            promotion_base: "without_breaks",
            inherit: "as_account",
        }
    }

    pub fn random(dice: &mut Dice) -> Self {
        let mut levels = Policy::ours().levels;
        let has_list_price = levels.pop().is_some() && !dice.one_in(5);
        if dice.one_in(2) {
            dice.shuffle(&mut levels);
        }
        if dice.one_in(4) {
            levels.pop();
        }
        levels.extend(has_list_price.then_some(Level::ListPrice));
        let round_at = dice.word(&["after_unit", "after_unit", "before_unit"]);
        let digits = *dice.pick(&[None, Some(2), Some(4), Some(6)]);
        Policy {
            levels,
            select: dice.word(&SELECTS),
            pool: dice.word(&["list", "list", "level", "all"]),
            on_no_match: dice.word(&["next_level", "next_level", "no_price"]),
            discount: dice.word(&["highest", "first", "none"]),
            quantity_basis: dice.word(&["base", "sale", "order"]),
            returns: dice.word(&["by_size", "without_break"]),
            breaks: dice.word(&["at", "above"]),
            validity: dice.word(&["days", "instants"]),
            round_at,
            round_mode: dice.word(&["half_up", "half_even", "up", "down"]),
            round_digits: if round_at == "before_unit" {
                digits.or(Some(4))
            } else {
                digits
            },
            agreements: dice.word(&["as_agreed", "automatic", "named", "ship_to"]),
            over_release: dice.word(&["as_agreed", "none", "warn", "block", "lower"]),
            promotions: dice.word(&["as_said", "never_on_contract", "replace_if_lower", "exclusive", "stack"]),
            promotion_base: dice.word(&["without_breaks", "reached"]),
            inherit: dice.word(&["as_account", "none", "parent", "bill_to"]),
        }
    }

    /// Its line of a file.
    fn line(&self, code: usize, source: &str) -> String {
        let levels = self.levels.iter().map(|level| match level {
            Level::Agreement => "agreement",
            Level::Account => "account",
            Level::Inherited => "inherited",
            Level::Group => "group",
            Level::Default => "default",
            Level::ListPrice => "list_price",
            Level::Promotion => unreachable!("no policy names it"),
        });
        let digits = self.round_digits.map(|digits| digits.to_string()).unwrap_or_default();
        let words = [
            self.select,
            self.pool,
            self.on_no_match,
            self.discount,
            self.quantity_basis,
            self.returns,
            self.breaks,
            self.validity,
            self.round_at,
            self.round_mode,
            &digits,
            self.agreements,
            self.over_release,
            self.promotions,
            self.promotion_base,
            self.inherit,
        ];
        let levels = levels.collect::<Vec<_>>().join("|");
        format!("{},{source},{levels},{}", self::code(code), words.join(","))
    }
}

/// The code of a policy.
pub fn code(at: usize) -> String {
    format!("Q-{at}")
}

/// The file of policies; the first may be the one of the source.
pub fn file(policies: &[Policy], of_source: Option<usize>) -> (&'static str, &'static str, Vec<String>) {
    let lines = policies.iter().enumerate().map(|(at, policy)| {
        let source = if of_source == Some(at) { "files" } else { "" };
        policy.line(at, source)
    });
    ("price_policies.csv", COLUMNS, lines.collect())
}
