//! What a policy does otherwise than ours, in sentences, as traces name it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Level;
use super::list::{OnNoMatch, QuantityBasis, Select};
use super::policy::Policy;
use super::switch::{
    AgreementUse, Discount, Inherit, OverRelease, Pool, PromotionBase, PromotionUse, Reach, Returns, RoundAt, Validity,
};

/// A policy as a trace names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// Its code.
    pub code: Arc<str>,
    /// What it does otherwise than ours, in sentences.
    pub says: Vec<String>,
}

impl Policy {
    /// What it does otherwise than ours, in sentences.
    pub fn sentences(&self) -> Vec<String> {
        let ours = Policy::default();
        let mut told = Vec::new();
        if self.levels != ours.levels {
            let levels: Vec<&str> = self.levels.iter().map(|level| level.name()).collect();
            told.push(match levels.is_empty() {
                true => "No level is asked: every price is on request.".to_owned(),
                false => format!("Prices are looked for in this order: {}.", levels.join(", ")),
            });
        }
        let select = self.select.sentence();
        match self.pool {
            Pool::List if self.select != ours.select => told.push(format!("Of a list {select}.")),
            Pool::List => {}
            Pool::Level => told.push(format!("Of all lists of a level {select}.")),
            Pool::All => told.push(format!("Of all lists {select}.")),
        }
        let mut tell = |is_other: bool, text: &str| {
            if is_other {
                told.push(text.to_owned());
            }
        };
        tell(
            self.on_no_match == OnNoMatch::NoPrice,
            "A list without an entry ends the search: the price is on request.",
        );
        tell(
            self.discount == Discount::First,
            "The discount of the first list that has one comes off the price.",
        );
        tell(
            self.discount == Discount::None,
            "Discounts kept apart from prices are not used.",
        );
        tell(
            self.quantity_basis == QuantityBasis::Sale,
            "Breaks count the unit that is offered first.",
        );
        tell(
            self.quantity_basis == QuantityBasis::Order,
            "Breaks count the unit that is ordered.",
        );
        tell(
            self.returns == Returns::WithoutBreak,
            "A return is priced without breaks.",
        );
        tell(self.breaks == Reach::Above, "A break begins above its quantity.");
        tell(
            self.validity == Validity::Instants,
            "First and last days are instants: a last day ends as it begins.",
        );
        tell(
            self.round_at == RoundAt::BeforeUnit,
            "Prices are rounded for the base unit before they are converted.",
        );
        tell(
            self.agreements == AgreementUse::Named,
            "Agreements count only for lines that name them.",
        );
        tell(
            self.agreements == AgreementUse::Automatic,
            "Agreements count without being named.",
        );
        tell(
            self.agreements == AgreementUse::ShipTo,
            "Agreements count only for the addresses they name.",
        );
        tell(
            self.promotion_base == PromotionBase::Reached,
            "Promotions begin from the price at the break that is reached.",
        );
        let other = match self.over_release {
            OverRelease::AsAgreed => None,
            OverRelease::None => Some("More than an agreement has left is no matter."),
            OverRelease::Warn => Some("The price of an agreement holds for more than it has left, and that is told."),
            OverRelease::Block => Some("The price of an agreement does not hold for more than it has left."),
            OverRelease::Lower => Some("A line that names an agreement is lowered to what it has left."),
        };
        told.extend(other.map(str::to_owned));
        let other = match self.promotions {
            PromotionUse::AsSaid => None,
            PromotionUse::NeverOnContract => Some("Promotions replace no price of a contract."),
            PromotionUse::ReplaceIfLower => Some("Promotions replace any price that is not lower."),
            PromotionUse::Exclusive => Some("The first promotion that replaces a price is the only one."),
            PromotionUse::Stack => Some("Promotions are computed from the price that was found, and add up."),
        };
        told.extend(other.map(str::to_owned));
        let other = match self.inherit {
            Inherit::AsAccount => None,
            Inherit::None => Some("No account inherits prices."),
            Inherit::Parent => Some("Every account inherits the prices of the one above."),
            Inherit::BillTo => Some("Every account inherits the prices of the one that is billed."),
        };
        told.extend(other.map(str::to_owned));
        if let Some(digits) = self.round_digits {
            let mode = self.round_mode.name();
            told.push(format!("Unit prices are rounded {mode} to {digits} digits."));
        } else if !self.round_mode.is_ours() {
            told.push(format!("Prices are rounded {}.", self.round_mode.name()));
        }
        told
    }
}

impl Level {
    /// What it is called in a sentence.
    pub(super) fn name(self) -> &'static str {
        match self {
            Level::Agreement => "agreements",
            Level::Account => "the account's lists",
            Level::Inherited => "lists of accounts above",
            Level::Group => "lists of its groups",
            Level::Promotion => "promotions",
            Level::Default => "general lists",
            Level::ListPrice => "the list price",
        }
    }
}

impl Select {
    /// What decides, after "of a list".
    fn sentence(self) -> &'static str {
        match self {
            Select::Best => "the nearest to the product decides, then the highest break, then the latest start",
            Select::First => "the first that fits decides",
            Select::Sorted => "the nearest kind decides, then the highest break, then the last position",
            Select::Lowest => "the lowest price decides",
            Select::Highest => "the highest price decides",
            Select::Newest => "the latest start decides",
            Select::Oldest => "the earliest start decides",
        }
    }
}
