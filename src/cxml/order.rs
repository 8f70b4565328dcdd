//! Purchase orders.

use super::address::{Address, BillTo, Contact, IdReference, PostalAddress, ShipTo};
use super::content::{Raw, Secret};
use super::date::Date;
use super::element::{choice, element};
use super::extrinsic::{Extrinsic, Link};
use super::header::DocumentReference;
use super::item::{Flag, ItemOut};
use super::money::{Amount, Percent, Shipping, Tax, Total};
use super::number::Number;
use super::text::Comments;

element! {
    /// A purchase order, its change or its cancellation (cXML 1.2 `OrderRequest`).
    pub struct OrderRequest {
        children {
            /// What holds for the whole order.
            header: Option<Box<OrderRequestHeader>> = "OrderRequestHeader",
            /// The lines.
            items: Vec<ItemOut> = "ItemOut",
        }
    }
}

element! {
    /// What holds for a whole order (cXML 1.2 `OrderRequestHeader`).
    pub struct OrderRequestHeader {
        attributes {
            /// The buyer's order number; unique per buyer, not globally.
            order_id: Option<String> = "orderID",
            /// When the order was made; copied verbatim into later references.
            order_date: Option<Date> = "orderDate",
            /// Kind of order.
            order_type: Option<OrderType> = "orderType" or default,
            /// Whether a blanket order is called off by releases.
            release_required: Option<Flag> = "releaseRequired",
            /// New order, change or cancellation.
            kind: Option<OrderKind> = "type" or default,
            /// Version of the order, from 1.
            order_version: Option<Number> = "orderVersion",
            /// Whether the change is the buyer's internal affair.
            is_internal_version: Option<Flag> = "isInternalVersion",
            /// The agreement above.
            parent_agreement_id: Option<String> = "parentAgreementID",
            /// Document of the agreement above.
            parent_agreement_payload_id: Option<String> = "parentAgreementPayloadID",
            /// First day.
            effective_date: Option<Date> = "effectiveDate",
            /// Last day.
            expiration_date: Option<Date> = "expirationDate",
            /// The agreement that a release calls off.
            agreement_id: Option<String> = "agreementID",
            /// Document of that agreement.
            agreement_payload_id: Option<String> = "agreementPayloadID",
            /// The buyer's requisition.
            requisition_id: Option<String> = "requisitionID",
            /// Whether to ship only when all is there.
            ship_complete: Option<Flag> = "shipComplete",
            /// When the goods are fetched.
            pick_up_date: Option<Date> = "pickUpDate",
            /// When the goods are wanted.
            requested_delivery_date: Option<Date> = "requestedDeliveryDate",
            /// Whether the order is an outbound stock transfer.
            is_sto_outbound: Option<Flag> = "isSTOOutbound",
        }
        children {
            /// Sum of the lines, without shipping and tax; a ceiling on blanket orders.
            total: Option<Total> = "Total",
            /// Where the goods go.
            ship_to: Option<ShipTo> = "ShipTo",
            /// Where the invoice goes.
            bill_to: Option<BillTo> = "BillTo",
            /// Further parties.
            business_partners: Vec<BusinessPartner> = "BusinessPartner",
            /// The buyer's legal entity.
            legal_entity: Option<ReferenceHolder> = "LegalEntity",
            /// The buyer's organisational units.
            organizational_units: Vec<ReferenceHolder> = "OrganizationalUnit",
            /// Cost of shipping.
            shipping: Option<Shipping> = "Shipping",
            /// Tax.
            tax: Option<Tax> = "Tax",
            /// Payment by card.
            payment: Option<Payment> = "Payment",
            /// When the invoice is due, and discounts.
            payment_terms: Vec<PaymentTerm> = "PaymentTerm",
            /// Persons to ask.
            contacts: Vec<Contact> = "Contact",
            /// Remarks and attachments.
            comments: Vec<Comments> = "Comments",
            /// Where later documents should go; a hint, never followed unless allowed.
            followup: Option<Link> = "Followup",
            /// What may follow this order.
            control_keys: Option<Raw> = "ControlKeys",
            /// The most recent request of the same order, on changes and cancellations.
            document_reference: Option<DocumentReference> = "DocumentReference",
            /// The supplier's sales order.
            supplier_order_info: Option<SupplierOrderInfo> = "SupplierOrderInfo",
            /// Terms of delivery.
            terms_of_delivery: Option<Raw> = "TermsOfDelivery",
            /// Period of delivery.
            delivery_period: Option<DeliveryPeriod> = "DeliveryPeriod",
            /// Identifiers.
            id_references: Vec<IdReference> = "IdReference",
            /// Data of an industry.
            industry: Option<Raw> = "OrderRequestHeaderIndustry",
            /// Further data.
            extrinsics: Vec<Extrinsic> = "Extrinsic",
        }
    }
}

impl OrderRequestHeader {
    /// New order, change or cancellation; `new` unless stated.
    #[must_use]
    pub fn kind(&self) -> OrderKind {
        OrderKind::stated(self.kind.as_ref())
    }

    /// Kind of order; `regular` unless stated.
    #[must_use]
    pub fn order_type(&self) -> OrderType {
        OrderType::stated(self.order_type.as_ref())
    }
}

choice! {
    /// New order, change or cancellation (cXML 1.2 `OrderRequestHeader/@type`).
    pub enum OrderKind or New {
        /// A new order.
        New = "new",
        /// Replaces the whole former order.
        Update = "update",
        /// Cancels the order.
        Delete = "delete",
    }
}

choice! {
    /// Kind of order (cXML 1.2 `OrderRequestHeader/@orderType`).
    pub enum OrderType or Regular {
        /// A release against a blanket order.
        Release = "release",
        /// A plain order.
        Regular = "regular",
        /// A blanket order: its total is a ceiling.
        Blanket = "blanket",
        /// A stock transfer.
        StockTransport = "stockTransport",
        /// A release of a stock transfer.
        StockTransportRelease = "stockTransportRelease",
    }
}

element! {
    /// A further party (cXML 1.2 `BusinessPartner`).
    pub struct BusinessPartner {
        attributes {
            /// Kind of party.
            kind: Option<String> = "type",
            /// Its part in the order.
            role: Option<String> = "role",
        }
        children {
            /// Its address.
            address: Option<Address> = "Address",
            /// Its identifiers.
            id_references: Vec<IdReference> = "IdReference",
        }
    }
}

element! {
    /// An element that holds one identifier (cXML 1.2 `LegalEntity`, `OrganizationalUnit`).
    pub struct ReferenceHolder {
        children {
            /// The identifier.
            id_reference: Option<IdReference> = "IdReference",
        }
    }
}

element! {
    /// How the buyer pays (cXML 1.2 `Payment`).
    pub struct Payment {
        children {
            /// A purchasing card.
            pcard: Option<PCard> = "PCard",
            /// A token in place of a card.
            payment_token: Option<Raw> = "PaymentToken",
        }
    }
}

element! {
    /// A purchasing card (cXML 1.2 `PCard`); its number and end are card data and never stored.
    pub struct PCard {
        attributes {
            /// Card number.
            number: Option<Secret> = "number",
            /// Last day of the card.
            expiration: Option<Secret> = "expiration",
            /// Name on the card.
            name: Option<String> = "name",
        }
        children {
            /// Address of the card's owner.
            postal_address: Option<PostalAddress> = "PostalAddress",
        }
    }
}

element! {
    /// When an invoice is due, and the discount for paying early (cXML 1.2 `PaymentTerm`).
    pub struct PaymentTerm {
        attributes {
            /// Days until the payment.
            pay_in_number_of_days: Option<Number> = "payInNumberOfDays",
        }
        children {
            /// Discount, or a surcharge when negative.
            discount: Option<Discount> = "Discount",
            /// Further data.
            extrinsics: Vec<Extrinsic> = "Extrinsic",
        }
    }
}

element! {
    /// A discount (cXML 1.2 `Discount`).
    pub struct Discount {
        children {
            /// By percentage.
            percent: Option<Percent> = "DiscountPercent",
            /// By amount.
            amount: Option<Amount> = "DiscountAmount",
        }
    }
}

element! {
    /// A sales order of the supplier (cXML 1.2 `SupplierOrderInfo`).
    pub struct SupplierOrderInfo {
        attributes {
            /// The supplier's order number.
            order_id: Option<String> = "orderID",
            /// When it was made.
            order_date: Option<Date> = "orderDate",
        }
    }
}

element! {
    /// Period of delivery (cXML 1.2 `DeliveryPeriod`).
    pub struct DeliveryPeriod {
        children {
            /// The period.
            period: Option<Period> = "Period",
        }
    }
}

element! {
    /// From one time to another (cXML 1.2 `Period`).
    pub struct Period {
        attributes {
            /// Start.
            start_date: Option<Date> = "startDate",
            /// End.
            end_date: Option<Date> = "endDate",
        }
    }
}
