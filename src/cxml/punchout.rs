//! A buyer's user visits the supplier's shop and comes back with a cart.

use super::address::{Contact, ShipTo};
use super::content::{Fragment, Raw};
use super::element::{choice, element};
use super::extrinsic::{Extrinsic, Link};
use super::item::{ItemId, ItemIn, ItemOut};
use super::money::{Shipping, Tax, Total};
use super::order::SupplierOrderInfo;

element! {
    /// Opens a session in the supplier's shop (cXML 1.2 `PunchOutSetupRequest`).
    pub struct PunchOutSetupRequest {
        attributes {
            /// What the user wants to do.
            operation: Option<Operation> = "operation",
        }
        children {
            /// The buyer's name of the session; returned byte for byte.
            buyer_cookie: Option<Fragment> = "BuyerCookie",
            /// Data that the partners agreed on, often the user's identity.
            extrinsics: Vec<Extrinsic> = "Extrinsic",
            /// Where the cart goes.
            browser_form_post: Option<Link> = "BrowserFormPost",
            /// Persons to ask.
            contacts: Vec<Contact> = "Contact",
            /// Where this request was to be posted; deprecated, never followed.
            supplier_setup: Option<Link> = "SupplierSetup",
            /// Where the goods would go.
            ship_to: Option<ShipTo> = "ShipTo",
            /// Where in the shop to start.
            selected_item: Option<SelectedItem> = "SelectedItem",
            /// The lines of the cart to edit or inspect.
            items: Vec<ItemOut> = "ItemOut",
        }
    }
}

choice! {
    /// What the user wants to do (cXML 1.2 `PunchOutSetupRequest/@operation`).
    pub enum Operation {
        /// Make a new cart.
        Create = "create",
        /// Look at a cart.
        Inspect = "inspect",
        /// Change a cart.
        Edit = "edit",
        /// Ask for a quote.
        Source = "source",
    }
}

element! {
    /// Where in the shop to start (cXML 1.2 `SelectedItem`).
    pub struct SelectedItem {
        children {
            /// A product or a category.
            item_id: Option<ItemId> = "ItemID",
        }
    }
}

element! {
    /// Answer to a set-up request (cXML 1.2 `PunchOutSetupResponse`).
    pub struct PunchOutSetupResponse {
        children {
            /// The page that the user's browser opens.
            start_page: Option<Link> = "StartPage",
        }
    }
}

element! {
    /// The cart on its way back through the user's browser (cXML 1.2 `PunchOutOrderMessage`).
    pub struct PunchOutOrderMessage {
        children {
            /// The buyer's name of the session.
            buyer_cookie: Option<Fragment> = "BuyerCookie",
            /// Totals and what may be done later.
            header: Option<PunchOutOrderMessageHeader> = "PunchOutOrderMessageHeader",
            /// The lines.
            items: Vec<ItemIn> = "ItemIn",
        }
    }
}

element! {
    /// Totals of a cart and what may be done with it later (cXML 1.2 `PunchOutOrderMessageHeader`).
    pub struct PunchOutOrderMessageHeader {
        attributes {
            /// The highest later operation.
            operation_allowed: Option<Operation> = "operationAllowed",
            /// Whether the quote is final.
            quote_status: Option<QuoteStatus> = "quoteStatus" or default,
        }
        children {
            /// State of a request for quotation.
            sourcing_status: Option<Raw> = "SourcingStatus",
            /// Sum of the lines, without shipping and tax.
            total: Option<Total> = "Total",
            /// Where the goods would go.
            ship_to: Option<ShipTo> = "ShipTo",
            /// Cost of shipping.
            shipping: Option<Shipping> = "Shipping",
            /// Tax.
            tax: Option<Tax> = "Tax",
            /// A sales order that exists already.
            supplier_order_info: Option<SupplierOrderInfo> = "SupplierOrderInfo",
        }
    }
}

impl PunchOutOrderMessageHeader {
    /// Whether the quote is final; `final` unless stated.
    #[must_use]
    pub fn quote_status(&self) -> QuoteStatus {
        QuoteStatus::stated(self.quote_status.as_ref())
    }
}

choice! {
    /// Whether a quote is final (cXML 1.2 `PunchOutOrderMessageHeader/@quoteStatus`).
    pub enum QuoteStatus or Final {
        /// A further quote follows.
        Pending = "pending",
        /// The quote is complete.
        Final = "final",
    }
}
