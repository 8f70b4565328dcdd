//! Lines that belong together, as promotions count them: names are looked up once, and each sum is made once, whichever
//! of the lines is asked about.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::book::PriceBook;
use super::catalogue::ProductIndex;
use super::resolve::Asked;
use super::trade::Promotion;
use super::{Answer, Beside, Request, Unresolved};
use crate::domain::unit::Factor;

/// A line with its names looked up.
#[derive(Clone, Copy)]
struct Counted {
    product: ProductIndex,
    base_quantity: Decimal,
}

/// Base quantities by what makes them the promotion's unit, divided at the end alone: so the sum is the same in
/// whatever order its lines come and go.
type Sum = BTreeMap<(Decimal, Decimal), Decimal>;

/// The lines of a cart or order.
#[derive(Default)]
pub(super) struct Basket {
    /// What is not known does not count.
    lines: Vec<Option<Counted>>,
    /// By the place of the promotion.
    sums: Box<[OnceCell<Sum>]>,
}

impl PriceBook {
    /// Resolves questions about lines that belong together. Each question comes with the place of its own line among
    /// them, which counts as it is asked about and not beside itself; what a request has [`Request::beside`] is passed
    /// over.
    pub fn resolve_all<'r>(
        &self,
        lines: &[Beside<'_>],
        questions: impl IntoIterator<Item = (Request<'r>, Option<usize>)>,
    ) -> Vec<Result<Answer, Unresolved>> {
        let basket = self.basket(lines);
        let questions: Vec<(Request<'_>, Option<usize>)> = questions.into_iter().collect();
        if let Some((first, _)) = questions.first() {
            self.touch(first.account, questions.iter().map(|(request, _)| request.product));
        }
        questions
            .into_iter()
            .map(|(request, place)| self.resolve_in(&basket, place, &request))
            .collect()
    }

    /// Lines with their names looked up; none where no promotion counts them.
    pub(super) fn basket(&self, lines: &[Beside<'_>]) -> Basket {
        if self.trade.promotions().is_empty() {
            return Basket::default();
        }
        let counted = lines.iter().map(|line| {
            let product = self.catalogue.product(line.product)?;
            let unit = self.catalogue.unit(line.unit)?;
            let factor = self.catalogue.product_at(product).factor(unit)?;
            Some(Counted {
                product,
                base_quantity: factor.to_base(line.quantity)?.max(Decimal::ZERO),
            })
        });
        Basket {
            lines: counted.collect(),
            sums: self.trade.promotions().iter().map(|_| OnceCell::new()).collect(),
        }
    }

    /// How much of what a promotion is about is in the cart, in the promotion's unit.
    pub(super) fn together(&self, place: usize, promotion: &Promotion, asked: &Asked<'_>) -> Decimal {
        let mut sum = asked
            .basket
            .map_or_else(Sum::new, |basket| self.sum(basket, place, promotion));
        let before = asked
            .basket
            .zip(asked.place)
            .and_then(|(basket, place)| *basket.lines.get(place)?);
        if let Some(before) = before {
            self.count(promotion, before, Decimal::saturating_sub, &mut sum);
        }
        let own = Counted {
            product: asked.index,
            base_quantity: asked.base_quantity,
        };
        self.count(promotion, own, Decimal::saturating_add, &mut sum);
        let in_unit = sum.into_iter().filter_map(|((numerator, denominator), base)| {
            let quantity = base.checked_mul(denominator)?;
            quantity.checked_div(numerator)
        });
        in_unit.fold(Decimal::ZERO, Decimal::saturating_add)
    }

    /// What all lines of a basket come to for a promotion.
    fn sum(&self, basket: &Basket, place: usize, promotion: &Promotion) -> Sum {
        let of_lines = || {
            let mut sum = Sum::new();
            for line in basket.lines.iter().flatten() {
                self.count(promotion, *line, Decimal::saturating_add, &mut sum);
            }
            sum
        };
        let kept = basket.sums.get(place);
        kept.map_or_else(Sum::new, |kept| kept.get_or_init(of_lines).clone())
    }

    /// Counts a line that the promotion is about.
    fn count(&self, promotion: &Promotion, line: Counted, how: fn(Decimal, Decimal) -> Decimal, sum: &mut Sum) {
        let product = self.catalogue.product_at(line.product);
        let mut scopes = promotion.scopes.iter();
        if !scopes.any(|scope| scope.distance(line.product, product).is_some()) {
            return;
        }
        let factor = match promotion.unit {
            Some(unit) => product.factor(unit),
            None => Some(Factor::ONE),
        };
        if let Some(factor) = factor {
            let base = sum.entry((factor.numerator(), factor.denominator())).or_default();
            *base = how(*base, line.base_quantity);
        }
    }
}
