//! The words that the switches of a policy take.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use super::agreement::Enforce;
use super::trade::Stacking;
use crate::domain::money::round_half_up;

/// Says the words of a switch, for files and for the policies that come with the program, which are the same.
macro_rules! switch {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant),+
        }

        known_by_words!($name { $($variant = $word),+ });
    };
}

switch!(
    /// Which lists are compared before one decides.
    Pool {
        /// None: each list decides by itself, the first that has a price.
        #[default]
        List = "list",
        /// All of a level, before the next level is asked.
        Level = "level",
        /// All there are.
        All = "all",
    }
);

switch!(
    /// Which of the discounts that are kept apart from prices comes off the price.
    Discount {
        /// The highest.
        #[default]
        Highest = "highest",
        /// That of the first list that has one.
        First = "first",
        /// None.
        None = "none",
    }
);

switch!(
    /// Which break a negative quantity reaches.
    Returns {
        /// The one its size reaches.
        #[default]
        BySize = "by_size",
        /// None.
        WithoutBreak = "without_break",
    }
);

switch!(
    /// Whether a break begins at its quantity or above it.
    Reach {
        /// At it.
        #[default]
        At = "at",
        /// Above it; a break at zero is none.
        Above = "above",
    }
);

switch!(
    /// What the days of entries and rules mean.
    Validity {
        /// Whole days, the first and the last among them.
        #[default]
        Days = "days",
        /// Instants: a day without a time is its midnight, so that the last day is over as it begins.
        Instants = "instants",
    }
);

switch!(
    /// Where a price is rounded.
    RoundAt {
        /// Once, after it was converted to the requested unit.
        #[default]
        AfterUnit = "after_unit",
        /// Of a list for the base unit already, and again afterwards.
        BeforeUnit = "before_unit",
    }
);

switch!(
    /// How something is rounded.
    RoundMode {
        /// To the nearest, a half away from zero.
        #[default]
        HalfUp = "half_up",
        /// To the nearest, a half to the even digit.
        HalfEven = "half_even",
        /// Away from zero.
        Up = "up",
        /// Towards zero.
        Down = "down",
    }
);

impl RoundMode {
    /// Rounds to so many digits after the point; fewer digits stay as they are.
    pub fn round(self, value: Decimal, digits: u32) -> Decimal {
        match self {
            RoundMode::HalfUp => round_half_up(value, digits),
            RoundMode::HalfEven => value.round_dp_with_strategy(digits, RoundingStrategy::MidpointNearestEven),
            RoundMode::Up => value.round_dp_with_strategy(digits, RoundingStrategy::AwayFromZero),
            RoundMode::Down => value.round_dp_with_strategy(digits, RoundingStrategy::ToZero),
        }
    }

    /// Whether it is ours, which is not told.
    pub(super) fn is_ours(&self) -> bool {
        *self == RoundMode::HalfUp
    }

    /// What it is called in a sentence.
    pub(super) fn name(self) -> &'static str {
        match self {
            RoundMode::HalfUp => "half up",
            RoundMode::HalfEven => "half to even",
            RoundMode::Up => "up",
            RoundMode::Down => "down",
        }
    }
}

switch!(
    /// When the prices of agreements are used.
    AgreementUse {
        /// As each agreement says.
        #[default]
        AsAgreed = "as_agreed",
        /// Whenever they fit.
        Automatic = "automatic",
        /// Only for an order line that names the agreement.
        Named = "named",
        /// Only for ship-to addresses that the agreement names.
        ShipTo = "ship_to",
    }
);

switch!(
    /// What happens when more is ordered than was agreed.
    OverRelease {
        /// What each agreement says.
        #[default]
        AsAgreed = "as_agreed",
        /// Nothing.
        None = "none",
        /// The price holds, and the trace says so.
        Warn = "warn",
        /// The price does not hold for this quantity.
        Block = "block",
        /// A line that names the agreement is for no more than is left.
        Lower = "lower",
    }
);

impl OverRelease {
    /// What an agreement says to it.
    pub(super) fn enforce(self, agreed: Enforce) -> Enforce {
        match self {
            OverRelease::AsAgreed => agreed,
            OverRelease::None => Enforce::None,
            OverRelease::Warn | OverRelease::Lower => Enforce::Warn,
            OverRelease::Block => Enforce::Block,
        }
    }
}

switch!(
    /// Which prices promotions replace.
    PromotionUse {
        /// Those that each promotion says.
        #[default]
        AsSaid = "as_said",
        /// As every promotion said `never_on_contract`.
        NeverOnContract = "never_on_contract",
        /// As every promotion said `replace_if_lower`.
        ReplaceIfLower = "replace_if_lower",
        /// As every promotion said `exclusive`.
        Exclusive = "exclusive",
        /// As every promotion said `stack`.
        Stack = "stack",
    }
);

impl PromotionUse {
    /// What a promotion says to it.
    pub(super) fn stacking(self, said: Stacking) -> Stacking {
        match self {
            PromotionUse::AsSaid => said,
            PromotionUse::NeverOnContract => Stacking::NeverOnContract,
            PromotionUse::ReplaceIfLower => Stacking::ReplaceIfLower,
            PromotionUse::Exclusive => Stacking::Exclusive,
            PromotionUse::Stack => Stacking::Stack,
        }
    }
}

switch!(
    /// What promotions compute their price from.
    PromotionBase {
        /// The price of lists for quantity zero.
        #[default]
        WithoutBreaks = "without_breaks",
        /// The price of lists for the quantity that is asked for.
        Reached = "reached",
    }
);

switch!(
    /// Whose lists apply after an account's own.
    Inherit {
        /// Those that the account says.
        #[default]
        AsAccount = "as_account",
        /// Nobody's.
        None = "none",
        /// Its parent's.
        Parent = "parent",
        /// Those of the account that is billed.
        BillTo = "bill_to",
    }
);
