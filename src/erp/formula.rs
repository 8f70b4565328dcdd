//! Formulas of Tryton's price lists: Python of which the common shapes are one of our rules.
//!
//! `unit_price * 0.90`, `Decimal("12.50")`, `cost_price / 0.8 + 1`, `parent_unit_price`,
//! `list_price * 0.5 if list_price * 0.5 > cost_price * 1.1 else cost_price * 1.1`. Everything that comes to a factor of
//! one price and a constant is known; what is not known is a price on request, never a guess.

use rust_decimal::Decimal;

use crate::domain::money::parse_decimal;

/// Longest formula that is looked at.
const CHARS_MAX: usize = 500;
/// Deepest parentheses.
const DEPTH_MAX: usize = 16;

/// The prices that formulas name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Price {
    /// The price that the list is made from, or the present one of a promotion.
    Unit,
    /// The product's list price.
    List,
    /// The product's cost.
    Cost,
    /// What the parent list says.
    Parent,
}

/// What a formula comes to: so many times a price, and a constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formula {
    /// The price; none where the constant is all.
    pub base: Option<Price>,
    /// How many times it.
    pub factor: Decimal,
    /// What is added, or the price itself.
    pub constant: Decimal,
    /// Never less than so many times that.
    pub floor: Option<(Price, Decimal)>,
}

impl Formula {
    /// Reads a formula; nothing where it is of another shape.
    pub fn parse(text: &str) -> Option<Formula> {
        if text.chars().count() > CHARS_MAX {
            return None;
        }
        let mut reader = Reader {
            tokens: tokens(text)?,
            at: 0,
        };
        let formula = reader.choice()?;
        (reader.at == reader.tokens.len()).then_some(formula)
    }

    /// Whether it is about the present price or a constant alone.
    pub fn is_of_present_price(&self) -> bool {
        self.floor.is_none()
            && match self.base {
                Some(Price::Unit) => self.constant.is_zero(),
                Some(_) => false,
                None => true,
            }
    }

    fn constant(value: Decimal) -> Formula {
        Formula {
            base: None,
            factor: Decimal::ZERO,
            constant: value,
            floor: None,
        }
    }

    fn is_constant(&self) -> bool {
        self.base.is_none() && self.floor.is_none()
    }

    fn plus(self, other: Formula, sign: Decimal) -> Option<Formula> {
        if self.floor.is_some() || other.floor.is_some() {
            return None;
        }
        let (base, factor) = match (self.base, other.base) {
            (base, None) => (base, self.factor),
            (None, base) => (base, other.factor.checked_mul(sign)?),
            (Some(a), Some(b)) if a == b => (Some(a), self.factor.checked_add(other.factor.checked_mul(sign)?)?),
            _ => return None,
        };
        Some(Formula {
            base,
            factor,
            constant: self.constant.checked_add(other.constant.checked_mul(sign)?)?,
            floor: None,
        })
    }

    fn times(self, other: Formula) -> Option<Formula> {
        let (constant, rest) = match (self.is_constant(), other.is_constant()) {
            (true, _) => (self.constant, other),
            (_, true) => (other.constant, self),
            _ => return None,
        };
        if rest.floor.is_some() {
            return None;
        }
        Some(Formula {
            factor: rest.factor.checked_mul(constant)?,
            constant: rest.constant.checked_mul(constant)?,
            ..rest
        })
    }

    fn divided(self, other: Formula) -> Option<Formula> {
        if !other.is_constant() || self.floor.is_some() {
            return None;
        }
        // A quotient that is cut off would be another price.
        let exact = |value: Decimal| {
            let quotient = value.checked_div(other.constant)?;
            (quotient.checked_mul(other.constant)? == value).then_some(quotient)
        };
        Some(Formula {
            factor: exact(self.factor)?,
            constant: exact(self.constant)?,
            ..self
        })
    }

    /// The larger of two: the second as a floor of the first.
    fn or_more(self, floor: Formula) -> Option<Formula> {
        let base = floor
            .base
            .filter(|_| floor.constant.is_zero() && floor.floor.is_none())?;
        self.base.filter(|_| self.floor.is_none() && self.constant.is_zero())?;
        Some(Formula {
            floor: Some((base, floor.factor)),
            ..self
        })
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(Decimal),
    Name(String),
    Sign(&'static str),
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = |is: &dyn Fn(char) -> bool| rest.find(|c| !is(c)).unwrap_or(rest.len());
        let (token, used) = if first.is_ascii_digit() || first == '.' {
            let used = length(&|c| c.is_ascii_digit() || c == '.');
            (Token::Number(decimal(&rest[..used])?), used)
        } else if first.is_ascii_alphabetic() {
            let used = length(&|c| c.is_ascii_alphanumeric() || c == '_');
            (Token::Name(rest[..used].to_owned()), used)
        } else if first == '"' || first == '\'' {
            let inner = rest[1..].split(first).next()?;
            let is_closed = rest[1 + inner.len()..].starts_with(first);
            is_closed.then_some(())?;
            (Token::Number(decimal(inner.trim())?), inner.len() + 2)
        } else {
            let signs = [">=", "<=", "+", "-", "*", "/", "(", ")", ">", "<"];
            let sign = signs.into_iter().find(|sign| rest.starts_with(sign))?;
            // `**` and `//` are other operations.
            (!rest.starts_with("**") && !rest.starts_with("//")).then_some(())?;
            (Token::Sign(sign), sign.len())
        };
        tokens.push(token);
        rest = rest[used..].trim_start();
    }
    Some(tokens)
}

/// A number as Python writes it: `.5` and `5.` too.
fn decimal(text: &str) -> Option<Decimal> {
    let text = text.strip_suffix('.').unwrap_or(text);
    match text.strip_prefix('.') {
        Some(fraction) => parse_decimal(&format!("0.{fraction}")).ok(),
        None => parse_decimal(text).ok(),
    }
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
}

impl Reader {
    fn is_next(&mut self, token: &Token) -> bool {
        let is_next = self.tokens.get(self.at) == Some(token);
        self.at += usize::from(is_next);
        is_next
    }

    fn is_word(&mut self, word: &str) -> bool {
        self.is_next(&Token::Name(word.to_owned()))
    }

    /// `A`, or `A if A > B else B`.
    fn choice(&mut self) -> Option<Formula> {
        let first = self.sum(0)?;
        if !self.is_word("if") {
            return Some(first);
        }
        let left = self.sum(0)?;
        let is_more = match self.tokens.get(self.at)? {
            Token::Sign(">" | ">=") => true,
            Token::Sign("<" | "<=") => false,
            _ => return None,
        };
        self.at += 1;
        let right = self.sum(0)?;
        self.is_word("else").then_some(())?;
        let second = self.sum(0)?;
        // The larger of both, whichever way round it is asked.
        let is_larger = match is_more {
            true => left == first && right == second,
            false => left == second && right == first,
        };
        is_larger.then_some(())?;
        first.or_more(second)
    }

    fn sum(&mut self, depth: usize) -> Option<Formula> {
        let mut sum = self.product(depth)?;
        loop {
            let sign = match () {
                () if self.is_next(&Token::Sign("+")) => Decimal::ONE,
                () if self.is_next(&Token::Sign("-")) => Decimal::NEGATIVE_ONE,
                () => return Some(sum),
            };
            sum = sum.plus(self.product(depth)?, sign)?;
        }
    }

    fn product(&mut self, depth: usize) -> Option<Formula> {
        let mut product = self.one(depth)?;
        loop {
            if self.is_next(&Token::Sign("*")) {
                product = product.times(self.one(depth)?)?;
            } else if self.is_next(&Token::Sign("/")) {
                product = product.divided(self.one(depth)?)?;
            } else {
                return Some(product);
            }
        }
    }

    fn one(&mut self, depth: usize) -> Option<Formula> {
        (depth < DEPTH_MAX).then_some(())?;
        let token = self.tokens.get(self.at)?.clone();
        self.at += 1;
        match token {
            Token::Number(value) => Some(Formula::constant(value)),
            Token::Sign("-") => self.one(depth + 1)?.times(Formula::constant(Decimal::NEGATIVE_ONE)),
            Token::Sign("(") => {
                let inner = self.sum(depth + 1)?;
                self.is_next(&Token::Sign(")")).then_some(inner)
            }
            Token::Sign(_) => None,
            Token::Name(name) => {
                let price = match name.as_str() {
                    "unit_price" => Price::Unit,
                    "list_price" => Price::List,
                    "cost_price" => Price::Cost,
                    "parent_unit_price" => Price::Parent,
                    "Decimal" => {
                        self.is_next(&Token::Sign("(")).then_some(())?;
                        let inner = self.sum(depth + 1)?;
                        return (self.is_next(&Token::Sign(")")) && inner.is_constant()).then_some(inner);
                    }
                    _ => return None,
                };
                Some(Formula {
                    base: Some(price),
                    factor: Decimal::ONE,
                    ..Formula::constant(Decimal::ZERO)
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_shapes_are_known() {
        let check = |text: &str, expect: &str| {
            let said = Formula::parse(text).map(|formula| {
                let floor = formula.floor.map(|(price, times)| format!(" floor {times} {price:?}"));
                format!(
                    "{} {:?} + {}{}",
                    formula.factor,
                    formula.base,
                    formula.constant,
                    floor.unwrap_or_default()
                )
            });
            assert_eq!(said.as_deref(), Some(expect), "{text}");
        };
        check("Decimal(\"1250.0000\")", "0 None + 1250.0000");
        check("Decimal('7')", "0 None + 7");
        check("Decimal(0)", "0 None + 0");
        check("12.5", "0 None + 12.5");
        check("unit_price", "1 Some(Unit) + 0");
        check("unit_price * 0.90", "0.90 Some(Unit) + 0");
        check("0.90*unit_price", "0.90 Some(Unit) + 0");
        check("unit_price * (1 - .15)", "0.85 Some(Unit) + 0");
        check("unit_price * (100 - 15) / 100", "0.85 Some(Unit) + 0");
        check("cost_price / 0.8 + 1", "1.25 Some(Cost) + 1");
        check("parent_unit_price", "1 Some(Parent) + 0");
        check("list_price - Decimal('2.50')", "1 Some(List) + -2.50");
        check(
            "list_price * 0.5 if list_price * 0.5 > cost_price * 1.1 else cost_price * 1.1",
            "0.5 Some(List) + 0 floor 1.1 Cost",
        );
        check(
            "unit_price if cost_price < unit_price else cost_price",
            "1 Some(Unit) + 0 floor 1 Cost",
        );
    }

    #[test]
    fn other_shapes_are_not_guessed() {
        for text in [
            "",
            "unit_price ** 2",
            "unit_price // 2",
            "unit_price / 3",
            "unit_price * cost_price",
            "unit_price + cost_price",
            "max(unit_price, cost_price)",
            "quantity * 2",
            "unit_price if unit_price < cost_price else cost_price",
            "unit_price * 0.9 if quantity > 5 else unit_price",
            "(unit_price",
            "Decimal(unit_price)",
            "Decimal(\"x\")",
            "1 2",
            "unit_price.__class__",
        ] {
            assert_eq!(Formula::parse(text), None, "{text}");
        }
        assert_eq!(Formula::parse(&"(".repeat(200)), None);
    }
}
