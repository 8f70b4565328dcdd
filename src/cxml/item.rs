//! Lines of carts and orders.

use super::address::{BillTo, Contact, IdReference, Name, ShipTo};
use super::content::{Fragment, Raw, Text};
use super::date::Date;
use super::element::{choice, element};
use super::extrinsic::{Extrinsic, Url};
use super::money::{Amount, Shipping, Tax, UnitPrice};
use super::number::{Figure, Number};
use super::order::Period;
use super::text::{Comments, Description};

element! {
    /// A line on its way to the buyer (cXML 1.2 `ItemIn`).
    pub struct ItemIn {
        attributes {
            /// How many units of measure.
            quantity: Option<Number> = "quantity",
            /// Quantity not yet received.
            open_quantity: Option<Number> = "openQuantity",
            /// Quantity promised.
            promised_quantity: Option<Number> = "promisedQuantity",
            /// Number of the line.
            line_number: Option<Number> = "lineNumber",
            /// Line that this one belongs to.
            parent_line_number: Option<Number> = "parentLineNumber",
            /// Whether the line groups others.
            item_type: Option<ItemType> = "itemType",
            /// Whether a group carries the price.
            composite_item_type: Option<CompositeItemType> = "compositeItemType",
            /// Material or service.
            item_classification: Option<String> = "itemClassification",
            /// Category of the line in the buyer's system.
            item_category: Option<String> = "itemCategory",
        }
        children {
            /// What it is, by part numbers.
            item_id: Option<ItemId> = "ItemID",
            /// Nodes of a chained PunchOut.
            path: Option<Raw> = "Path",
            /// What it is, in words and at which price.
            item_detail: Option<Box<ItemDetail>> = "ItemDetail",
            /// Another supplier of the line.
            supplier_id: Option<SupplierId> = "SupplierID",
            /// Possible suppliers of the line.
            supplier_list: Option<Raw> = "SupplierList",
            /// Where the line goes.
            ship_to: Option<Box<ShipTo>> = "ShipTo",
            /// Cost of shipping.
            shipping: Option<Box<Shipping>> = "Shipping",
            /// Tax.
            tax: Option<Box<Tax>> = "Tax",
            /// Travel, fee or labour.
            spend_detail: Option<Raw> = "SpendDetail",
            /// Accounts that bear the line.
            distributions: Vec<Distribution> = "Distribution",
            /// Persons to ask.
            contacts: Vec<Contact> = "Contact",
            /// Remarks.
            comments: Option<Comments> = "Comments",
            /// Split deliveries.
            schedule_lines: Vec<ScheduleLine> = "ScheduleLine",
            /// Where the invoice goes.
            bill_to: Option<Box<BillTo>> = "BillTo",
            /// Batch.
            batch: Option<Raw> = "Batch",
            /// Period of a service.
            period: Option<Period> = "Period",
            /// Further dates.
            date_infos: Vec<Raw> = "DateInfo",
            /// Further data.
            extrinsics: Vec<Extrinsic> = "Extrinsic",
        }
    }
}

element! {
    /// A line on its way to the supplier (cXML 1.2 `ItemOut`).
    pub struct ItemOut {
        attributes {
            /// How many units of measure.
            quantity: Option<Number> = "quantity",
            /// Number of the line.
            line_number: Option<Number> = "lineNumber",
            /// The buyer's requisition.
            requisition_id: Option<String> = "requisitionID",
            /// Item of the agreement.
            agreement_item_number: Option<String> = "agreementItemNumber",
            /// When the goods are wanted.
            requested_delivery_date: Option<Date> = "requestedDeliveryDate",
            /// Whether the line is not from a catalogue.
            is_ad_hoc: Option<Flag> = "isAdHoc",
            /// Line that this one belongs to.
            parent_line_number: Option<Number> = "parentLineNumber",
            /// Whether the line groups others.
            item_type: Option<ItemType> = "itemType",
            /// Whether a service entry is needed.
            requires_service_entry: Option<Flag> = "requiresServiceEntry",
            /// Until when a confirmation is wanted.
            confirmation_due_date: Option<Date> = "confirmationDueDate",
            /// Whether a group carries the price.
            composite_item_type: Option<CompositeItemType> = "compositeItemType",
            /// Material or service.
            item_classification: Option<String> = "itemClassification",
            /// Category of the line in the buyer's system.
            item_category: Option<String> = "itemCategory",
            /// Kind of subcontracting.
            subcontracting_type: Option<String> = "subcontractingType",
            /// Kind of stock transfer.
            stock_transfer_type: Option<String> = "stockTransferType",
            /// When the goods should leave.
            requested_shipment_date: Option<Date> = "requestedShipmentDate",
            /// Whether the line is a return.
            is_return: Option<Flag> = "isReturn",
            /// Number under which the return was allowed.
            return_authorization_number: Option<String> = "returnAuthorizationNumber",
            /// Whether no further delivery is expected.
            is_delivery_completed: Option<Flag> = "isDeliveryCompleted",
            /// Whether any quantity may be delivered.
            unlimited_delivery: Option<Flag> = "unlimitedDelivery",
            /// Whether this version changed the line.
            is_item_changed: Option<Flag> = "isItemChanged",
            /// Whether the line is called by kanban.
            is_kanban: Option<Flag> = "isKanban",
            /// Stock transfer: full or partial delivery.
            sto_delivery: Option<String> = "stoDelivery",
            /// Stock transfer: may be combined.
            sto_order_combination: Option<Flag> = "stoOrderCombination",
            /// Stock transfer: final delivery.
            sto_final_delivery: Option<Flag> = "stoFinalDelivery",
            /// Whether this version deletes or blocks the line.
            operation: Option<ItemOperation> = "operation",
        }
        children {
            /// What it is, by part numbers.
            item_id: Option<ItemId> = "ItemID",
            /// Nodes of a chained PunchOut.
            path: Option<Raw> = "Path",
            /// What it is, in words and at which price.
            item_detail: Option<Box<ItemDetail>> = "ItemDetail",
            /// What may be called off, within which limits.
            blanket_item_detail: Option<Box<BlanketItemDetail>> = "BlanketItemDetail",
            /// Another supplier of the line.
            supplier_id: Option<SupplierId> = "SupplierID",
            /// Possible suppliers of the line.
            supplier_list: Option<Raw> = "SupplierList",
            /// Where the line goes.
            ship_to: Option<Box<ShipTo>> = "ShipTo",
            /// Cost of shipping.
            shipping: Option<Box<Shipping>> = "Shipping",
            /// Tax.
            tax: Option<Box<Tax>> = "Tax",
            /// Travel, fee or labour.
            spend_detail: Option<Raw> = "SpendDetail",
            /// Accounts that bear the line.
            distributions: Vec<Distribution> = "Distribution",
            /// Persons to ask.
            contacts: Vec<Contact> = "Contact",
            /// Terms of delivery.
            terms_of_delivery: Option<Raw> = "TermsOfDelivery",
            /// Remarks and attachments.
            comments: Vec<Comments> = "Comments",
            /// Warnings and errors of the buyer's system.
            indicators: Vec<Raw> = "Indicator",
            /// Tolerances of quantity, price and time.
            tolerances: Option<Raw> = "Tolerances",
            /// What may follow this line.
            control_keys: Option<Raw> = "ControlKeys",
            /// Split deliveries.
            schedule_lines: Vec<ScheduleLine> = "ScheduleLine",
            /// The agreement that the line calls off, by document.
            master_agreement_reference: Option<Raw> = "MasterAgreementReference",
            /// The agreement that the line calls off, by identifier.
            master_agreement_id_info: Option<Raw> = "MasterAgreementIDInfo",
            /// Data of an industry.
            industry: Option<Raw> = "ItemOutIndustry",
            /// Packaging.
            packaging: Vec<Raw> = "Packaging",
            /// Release of a scheduling agreement.
            release_info: Option<Raw> = "ReleaseInfo",
            /// Batch.
            batch: Option<Raw> = "Batch",
        }
    }
}

choice! {
    /// An attribute that says yes by being there (for example cXML 1.2 `ItemOut/@isReturn`).
    pub enum Flag {
        /// Yes.
        Yes = "yes",
    }
}

choice! {
    /// Whether a line groups others (cXML 1.2 `ItemOut/@itemType`).
    pub enum ItemType {
        /// A group.
        Composite = "composite",
        /// A member or a plain line.
        Item = "item",
        /// A group without own data.
        Lean = "lean",
    }
}

choice! {
    /// Which line of a group carries the price (cXML 1.2 `ItemOut/@compositeItemType`).
    pub enum CompositeItemType {
        /// The group.
        GroupLevel = "groupLevel",
        /// The members.
        ItemLevel = "itemLevel",
    }
}

choice! {
    /// What an order change does to a line (cXML 1.2 `ItemOut/@operation`).
    pub enum ItemOperation {
        /// The line is cancelled.
        Delete = "delete",
        /// The line is blocked.
        Block = "block",
    }
}

element! {
    /// A product by its part numbers (cXML 1.2 `ItemID`).
    pub struct ItemId {
        children {
            /// The supplier's part number.
            supplier_part_id: Option<SupplierPartId> = "SupplierPartID",
            /// The supplier's further key, for example of a configuration or a cart.
            supplier_part_auxiliary_id: Option<Fragment> = "SupplierPartAuxiliaryID",
            /// The buyer's part number.
            buyer_part_id: Option<Text> = "BuyerPartID",
            /// Further identifiers.
            id_references: Vec<IdReference> = "IdReference",
        }
    }
}

impl ItemId {
    /// A product by the supplier's part number.
    pub fn new(supplier_part_id: impl Into<String>) -> ItemId {
        let part = SupplierPartId {
            value: supplier_part_id.into(),
            ..SupplierPartId::default()
        };
        ItemId {
            supplier_part_id: Some(part),
            ..ItemId::default()
        }
    }

    /// The supplier's part number, empty when there is none.
    #[must_use]
    pub fn part(&self) -> &str {
        self.supplier_part_id.as_ref().map_or("", |part| &part.value)
    }

    /// The supplier's further key, without white space at its ends.
    #[must_use]
    pub fn auxiliary(&self) -> Option<&str> {
        self.supplier_part_auxiliary_id.as_ref().map(Fragment::trimmed)
    }
}

element! {
    /// The supplier's part number (cXML 1.2 `SupplierPartID`).
    pub struct SupplierPartId {
        attributes {
            /// Revision of the part.
            revision_id: Option<String> = "revisionID",
        }
        text {
            /// The number.
            value: String,
        }
    }
}

element! {
    /// A product in words and at which price (cXML 1.2 `ItemDetail`).
    pub struct ItemDetail {
        children {
            /// Price per unit of measure.
            unit_price: Option<UnitPrice> = "UnitPrice",
            /// For humans, one a language.
            descriptions: Vec<Description> = "Description",
            /// Limit of the whole value.
            overall_limit: Option<Amount> = "OverallLimit",
            /// Expected value.
            expected_limit: Option<Amount> = "ExpectedLimit",
            /// Unit in which the quantity counts.
            unit_of_measure: Option<Text> = "UnitOfMeasure",
            /// The quantity that the price is for.
            price_basis_quantity: Option<Box<PriceBasisQuantity>> = "PriceBasisQuantity",
            /// Commodity codes.
            classifications: Vec<Classification> = "Classification",
            /// The maker's part number.
            manufacturer_part_id: Option<Text> = "ManufacturerPartID",
            /// The maker.
            manufacturer_name: Option<Name> = "ManufacturerName",
            /// Page about the product.
            url: Option<Url> = "URL",
            /// Days until delivery.
            lead_time: Option<Figure> = "LeadTime",
            /// Sizes and weights.
            dimensions: Vec<Dimension> = "Dimension",
            /// Data of an industry.
            industry: Option<Raw> = "ItemDetailIndustry",
            /// Attachments kept elsewhere.
            attachment_references: Vec<Raw> = "AttachmentReference",
            /// Days until acceptance.
            planned_acceptance_days: Option<Figure> = "PlannedAcceptanceDays",
            /// Further data.
            extrinsics: Vec<Extrinsic> = "Extrinsic",
        }
    }
}

element! {
    /// What may be called off a blanket order, within which limits (cXML 1.2 `BlanketItemDetail`).
    pub struct BlanketItemDetail {
        children {
            /// For humans, one a language.
            descriptions: Vec<Description> = "Description",
            /// Limit of the whole value.
            overall_limit: Option<Amount> = "OverallLimit",
            /// Expected value.
            expected_limit: Option<Amount> = "ExpectedLimit",
            /// Most that the line may cost.
            max_amount: Option<Amount> = "MaxAmount",
            /// Least that the line must cost.
            min_amount: Option<Amount> = "MinAmount",
            /// Most within the contract.
            max_contract_amount: Option<Amount> = "MaxContractAmount",
            /// Most outside the contract.
            max_adhoc_amount: Option<Amount> = "MaxAdhocAmount",
            /// Most units.
            max_quantity: Option<Figure> = "MaxQuantity",
            /// Least units.
            min_quantity: Option<Figure> = "MinQuantity",
            /// Price per unit of measure.
            unit_price: Option<UnitPrice> = "UnitPrice",
            /// Unit in which the quantity counts.
            unit_of_measure: Option<Text> = "UnitOfMeasure",
            /// The quantity that the price is for.
            price_basis_quantity: Option<Box<PriceBasisQuantity>> = "PriceBasisQuantity",
            /// Commodity codes.
            classifications: Vec<Classification> = "Classification",
            /// Further data.
            extrinsics: Vec<Extrinsic> = "Extrinsic",
        }
    }
}

element! {
    /// The quantity that a price is for (cXML 1.2 `PriceBasisQuantity`).
    pub struct PriceBasisQuantity {
        attributes {
            /// How many price units the price is for.
            quantity: Option<Number> = "quantity",
            /// Price units in one ordered unit.
            conversion_factor: Option<Number> = "conversionFactor",
        }
        children {
            /// The price unit.
            unit_of_measure: Option<Text> = "UnitOfMeasure",
            /// For humans.
            description: Option<Description> = "Description",
        }
    }
}

element! {
    /// A commodity code (cXML 1.2 `Classification`).
    pub struct Classification {
        attributes {
            /// Scheme of the code, for example `UNSPSC`.
            domain: Option<String> = "domain",
            /// The code where the text is its name.
            code: Option<String> = "code",
        }
        text {
            /// The code.
            value: String,
        }
    }
}

impl Classification {
    /// A code of a scheme.
    pub fn new(domain: impl Into<String>, value: impl Into<String>) -> Classification {
        Classification {
            domain: Some(domain.into()),
            value: value.into(),
            ..Classification::default()
        }
    }
}

element! {
    /// A size or weight (cXML 1.2 `Dimension`).
    pub struct Dimension {
        attributes {
            /// How much.
            quantity: Option<Number> = "quantity",
            /// Of what.
            kind: Option<String> = "type",
        }
        children {
            /// Unit of the quantity.
            unit_of_measure: Option<Text> = "UnitOfMeasure",
        }
    }
}

element! {
    /// A supplier in a domain (cXML 1.2 `SupplierID`).
    pub struct SupplierId {
        attributes {
            /// Domain of the identifier.
            domain: Option<String> = "domain",
        }
        text {
            /// The identifier.
            value: String,
        }
    }
}

element! {
    /// One of several deliveries of a line (cXML 1.2 `ScheduleLine`).
    pub struct ScheduleLine {
        attributes {
            /// How many units of measure.
            quantity: Option<Number> = "quantity",
            /// When the goods are wanted.
            requested_delivery_date: Option<Date> = "requestedDeliveryDate",
            /// Number of the delivery.
            line_number: Option<Number> = "lineNumber",
            /// Length of the time of delivery.
            delivery_window: Option<String> = "deliveryWindow",
            /// When the goods should leave.
            requested_shipment_date: Option<Date> = "requestedShipmentDate",
            /// When the goods were wanted at first.
            original_requested_delivery_date: Option<Date> = "originalRequestedDeliveryDate",
            /// Backlog, immediate or forecast.
            kind: Option<String> = "type",
            /// Date for statistics.
            statistical_delivery_date: Option<Date> = "statisticalDeliveryDate",
        }
        children {
            /// Unit of the quantity.
            unit_of_measure: Option<Text> = "UnitOfMeasure",
            /// Release of a scheduling agreement.
            release_info: Option<Raw> = "ScheduleLineReleaseInfo",
            /// Components that the buyer provides.
            subcontracting_components: Vec<Raw> = "SubcontractingComponent",
            /// Where this delivery goes.
            ship_to: Option<Box<ShipTo>> = "ShipTo",
            /// Data of an industry.
            industry: Option<Raw> = "ScheduleLineIndustry",
            /// Further data.
            extrinsics: Vec<Extrinsic> = "Extrinsic",
        }
    }
}

element! {
    /// The part of an amount that one account bears (cXML 1.2 `Distribution`).
    pub struct Distribution {
        children {
            /// The account.
            accounting: Option<Accounting> = "Accounting",
            /// The amount.
            charge: Option<Amount> = "Charge",
        }
    }
}

element! {
    /// An account (cXML 1.2 `Accounting`).
    pub struct Accounting {
        attributes {
            /// Name of the account.
            name: Option<String> = "name",
        }
        children {
            /// Parts of the account in the former way.
            segments: Vec<Segment> = "Segment",
            /// Parts of the account.
            accounting_segments: Vec<AccountingSegment> = "AccountingSegment",
        }
    }
}

element! {
    /// Part of an account in the former way (cXML 1.2 `Segment`).
    pub struct Segment {
        attributes {
            /// Kind of part.
            kind: Option<String> = "type",
            /// Its code.
            id: Option<String> = "id",
            /// For humans.
            description: Option<String> = "description",
        }
    }
}

element! {
    /// Part of an account (cXML 1.2 `AccountingSegment`).
    pub struct AccountingSegment {
        attributes {
            /// Its code.
            id: Option<String> = "id",
        }
        children {
            /// Kind of part.
            name: Option<Name> = "Name",
            /// For humans.
            description: Option<Description> = "Description",
        }
    }
}
