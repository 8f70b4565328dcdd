//! Amounts of money, and what is added to or taken off them.

use super::address::IdReference;
use super::content::{Raw, Text};
use super::date::Date;
use super::element::element;
use super::extrinsic::Extrinsic;
use super::item::Distribution;
use super::number::Number;
use super::text::Description;

element! {
    /// An amount and its currency (cXML 1.2 `Money`).
    pub struct Money {
        attributes {
            /// ISO 4217 code.
            currency: Option<String> = "currency",
            /// The amount in the alternate currency.
            alternate_amount: Option<Number> = "alternateAmount",
            /// ISO 4217 code of the alternate amount.
            alternate_currency: Option<String> = "alternateCurrency",
        }
        text {
            /// The amount as it came.
            amount: Number,
        }
    }
}

impl Money {
    /// An amount in a currency.
    pub fn new(amount: impl Into<Number>, currency: impl Into<String>) -> Money {
        Money {
            currency: Some(currency.into()),
            amount: amount.into(),
            ..Money::default()
        }
    }
}

element! {
    /// An element that holds one `Money` (cXML 1.2 `Charge`, `MaxAmount`, `TaxAmount`, `OverallLimit` and others).
    pub struct Amount {
        children {
            /// The money.
            money: Option<Money> = "Money",
        }
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Amount {
        Amount {
            money: Some(money),
            ..Amount::default()
        }
    }
}

element! {
    /// Total cost of the items, without tax and shipping (cXML 1.2 `Total`, Reference Guide p. 113).
    pub struct Total {
        children {
            /// The amount, after the modifications.
            money: Option<Money> = "Money",
            /// What changed the original amount.
            modifications: Option<Box<Modifications>> = "Modifications",
        }
    }
}

impl From<Money> for Total {
    fn from(money: Money) -> Total {
        Total {
            money: Some(money),
            ..Total::default()
        }
    }
}

element! {
    /// Price per unit of measure (cXML 1.2 `UnitPrice`).
    pub struct UnitPrice {
        children {
            /// The price, after the modifications.
            money: Option<Money> = "Money",
            /// What changed the original price.
            modifications: Option<Box<Modifications>> = "Modifications",
            /// Conditions under which the price holds.
            pricing_conditions: Option<Raw> = "PricingConditions",
        }
    }
}

impl From<Money> for UnitPrice {
    fn from(money: Money) -> UnitPrice {
        UnitPrice {
            money: Some(money),
            ..UnitPrice::default()
        }
    }
}

element! {
    /// Allowances and charges on a price (cXML 1.2 `Modifications`).
    pub struct Modifications {
        children {
            /// Each change, in the order in which they apply.
            modifications: Vec<Modification> = "Modification",
        }
    }
}

element! {
    /// One allowance or charge (cXML 1.2 `Modification`).
    pub struct Modification {
        attributes {
            /// Order of application.
            level: Option<Number> = "level",
        }
        children {
            /// Price before this change.
            original_price: Option<OriginalPrice> = "OriginalPrice",
            /// What is taken off.
            additional_deduction: Option<AdditionalDeduction> = "AdditionalDeduction",
            /// What is added.
            additional_cost: Option<AdditionalCost> = "AdditionalCost",
            /// Tax on the change.
            tax: Option<Box<Tax>> = "Tax",
            /// Name and reason.
            detail: Option<ModificationDetail> = "ModificationDetail",
        }
    }
}

element! {
    /// Price before a change (cXML 1.2 `OriginalPrice`).
    pub struct OriginalPrice {
        attributes {
            /// Kind of price.
            kind: Option<String> = "type",
        }
        children {
            /// The price.
            money: Option<Money> = "Money",
        }
    }
}

element! {
    /// What is taken off a price (cXML 1.2 `AdditionalDeduction`).
    pub struct AdditionalDeduction {
        attributes {
            /// Kind of deduction.
            kind: Option<String> = "type",
        }
        children {
            /// An amount taken off.
            amount: Option<Amount> = "DeductionAmount",
            /// A part taken off.
            percent: Option<Percent> = "DeductionPercent",
            /// The price after the deduction.
            deducted_price: Option<Amount> = "DeductedPrice",
        }
    }
}

element! {
    /// What is added to a price (cXML 1.2 `AdditionalCost`).
    pub struct AdditionalCost {
        children {
            /// An amount added.
            money: Option<Money> = "Money",
            /// A part added.
            percentage: Option<Percent> = "Percentage",
        }
    }
}

element! {
    /// A part of a hundred (cXML 1.2 `Percentage`, `DeductionPercent`, `DiscountPercent`).
    pub struct Percent {
        attributes {
            /// The percentage.
            percent: Option<Number> = "percent",
        }
    }
}

element! {
    /// Name and reason of a change of price (cXML 1.2 `ModificationDetail`).
    pub struct ModificationDetail {
        attributes {
            /// Name of the change.
            name: Option<String> = "name",
            /// Code of the change.
            code: Option<String> = "code",
            /// First day.
            start_date: Option<Date> = "startDate",
            /// Last day.
            end_date: Option<Date> = "endDate",
            /// Scope of the change.
            scope: Option<String> = "scope",
            /// How it is calculated.
            calculation_type: Option<String> = "calculationType",
        }
        children {
            /// For humans.
            description: Option<Description> = "Description",
            /// Identifier of the change.
            id_reference: Option<IdReference> = "IdReference",
            /// Identifier of a parent.
            parent_id: Option<Raw> = "ParentID",
            /// Further data.
            extrinsics: Vec<Extrinsic> = "Extrinsic",
        }
    }
}

element! {
    /// Cost of shipping (cXML 1.2 `Shipping`).
    pub struct Shipping {
        attributes {
            /// Carrier domain of the tracking number.
            tracking_domain: Option<String> = "trackingDomain",
            /// Tracking number.
            tracking_id: Option<String> = "trackingId",
            /// Former tracking data.
            tracking: Option<String> = "tracking",
        }
        children {
            /// The cost.
            money: Option<Money> = "Money",
            /// Kind of shipping.
            description: Option<Description> = "Description",
            /// What changed the cost.
            modifications: Option<Box<Modifications>> = "Modifications",
        }
    }
}

element! {
    /// Tax on an order or a line (cXML 1.2 `Tax`).
    pub struct Tax {
        children {
            /// The tax.
            money: Option<Money> = "Money",
            /// Adjustment of the tax.
            adjustment: Option<Amount> = "TaxAdjustmentAmount",
            /// For humans.
            description: Option<Description> = "Description",
            /// The tax by kind and rate.
            details: Vec<TaxDetail> = "TaxDetail",
            /// Accounts that bear the tax.
            distributions: Vec<Distribution> = "Distribution",
            /// Further data.
            extrinsics: Vec<Extrinsic> = "Extrinsic",
        }
    }
}

element! {
    /// Tax of one kind and rate (cXML 1.2 `TaxDetail`).
    pub struct TaxDetail {
        attributes {
            /// Identifier of the taxed element.
            taxed_element: Option<String> = "taxedElement",
            /// What the tax is on.
            purpose: Option<String> = "purpose",
            /// Kind of tax.
            category: Option<String> = "category",
            /// Rate.
            percentage_rate: Option<Number> = "percentageRate",
            /// Whether the value added tax is recoverable.
            is_vat_recoverable: Option<String> = "isVatRecoverable",
            /// Date on which the tax becomes due.
            tax_point_date: Option<Date> = "taxPointDate",
            /// Date of payment.
            payment_date: Option<Date> = "paymentDate",
            /// Whether the transaction is triangular.
            is_triangular_transaction: Option<String> = "isTriangularTransaction",
            /// Zero rated or exempt.
            exempt_detail: Option<String> = "exemptDetail",
            /// Whether the tax is withheld.
            is_withholding_tax: Option<String> = "isWithholdingTax",
            /// Kind of rate.
            tax_rate_type: Option<String> = "taxRateType",
            /// Base rate.
            base_percentage_rate: Option<Number> = "basePercentageRate",
            /// Whether the price includes the tax.
            is_included_in_price: Option<String> = "isIncludedInPrice",
        }
        children {
            /// Amount on which the tax is computed.
            taxable_amount: Option<Amount> = "TaxableAmount",
            /// The tax.
            tax_amount: Option<Amount> = "TaxAmount",
            /// Jurisdiction.
            tax_location: Option<Raw> = "TaxLocation",
            /// Adjustment.
            adjustment: Option<Amount> = "TaxAdjustmentAmount",
            /// For humans.
            description: Option<Description> = "Description",
            /// Law that the transaction refers to.
            law_reference: Option<Raw> = "TriangularTransactionLawReference",
            /// Regime of the tax.
            tax_regime: Option<Text> = "TaxRegime",
            /// Reason of exemption.
            tax_exemption: Option<Raw> = "TaxExemption",
            /// Further data.
            extrinsics: Vec<Extrinsic> = "Extrinsic",
        }
    }
}
