//! The buyer's customer account in the supplier's ERP: whose contracts apply.

use rust_decimal::Decimal;
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

known_by_words!(PriceInherit {
    None = "none",
    Parent = "parent",
    BillTo = "bill_to",
});

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

known_by_words!(AccountStatus {
    Active = "active",
    OnHold = "on_hold",
    Blocked = "blocked",
});

/// What an address of an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressRole {
    /// Goods go there.
    ShipTo,
    /// Invoices go there.
    BillTo,
    /// Both.
    Both,
}

known_by_words!(AddressRole {
    ShipTo = "ship_to",
    BillTo = "bill_to",
    Both = "both",
});

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
    /// The source that brought it.
    pub source_id: Uuid,
    /// The code of the policy by which its prices are decided; none is that of its source.
    pub price_policy: Option<String>,
    /// The smallest amount of a whole order, without tax, in its currency; none is what the policy says.
    pub order_minimum: Option<Decimal>,
    /// The code of the warehouse it is served from first.
    pub default_warehouse: Option<String>,
    /// Codes of the groups it belongs to; price lists can be given to a group.
    pub groups: Vec<String>,
    /// Whether it may buy.
    pub status: AccountStatus,
}
