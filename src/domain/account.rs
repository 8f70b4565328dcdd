//! The buyer's customer account in the supplier's ERP: whose contracts apply.

use uuid::Uuid;

use super::money::Currency;

/// Whose price lists an account uses after its own; explicit, never guessed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PriceInherit {
    /// Only its own.
    #[default]
    None,
    /// Its parent's too.
    Parent,
    /// Those of the account that is billed too.
    BillTo,
}

impl PriceInherit {
    /// The word it is stored and imported by.
    pub fn word(self) -> &'static str {
        match self {
            PriceInherit::None => "none",
            PriceInherit::Parent => "parent",
            PriceInherit::BillTo => "bill_to",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [PriceInherit::None, PriceInherit::Parent, PriceInherit::BillTo]
            .into_iter()
            .find(|inherit| inherit.word() == word)
    }
}

/// Whether an account may buy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccountStatus {
    /// Buys.
    #[default]
    Active,
    /// Buys, but orders wait for a person.
    OnHold,
    /// Does not buy.
    Blocked,
}

impl AccountStatus {
    /// The word it is stored and imported by.
    pub fn word(self) -> &'static str {
        match self {
            AccountStatus::Active => "active",
            AccountStatus::OnHold => "on_hold",
            AccountStatus::Blocked => "blocked",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        use AccountStatus::{Active, Blocked, OnHold};
        [Active, OnHold, Blocked]
            .into_iter()
            .find(|status| status.word() == word)
    }
}

/// One customer account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Our identifier.
    pub id: Uuid,
    /// The ERP's customer number.
    pub code: String,
    /// The name shown.
    pub name: String,
    /// The code of the account above.
    pub parent: Option<String>,
    /// The code of the account that is billed, where that is another.
    pub bill_to: Option<String>,
    /// Whose price lists apply after its own.
    pub price_inherit: PriceInherit,
    /// The currency it is billed in.
    pub currency: Currency,
    /// Its tax class; rules of tax name it.
    pub tax_class: Option<String>,
    /// The code of the warehouse it is served from first.
    pub default_warehouse: Option<String>,
    /// Codes of the groups it belongs to; price lists can be given to a group.
    pub groups: Vec<String>,
    /// Whether it may buy.
    pub status: AccountStatus,
}
