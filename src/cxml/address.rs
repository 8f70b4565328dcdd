//! Who and where: addresses, contacts, references.

use super::content::{Raw, Text};
use super::element::element;
use super::extrinsic::{Extrinsic, Url};
use super::text::Description;

element! {
    /// A name in a language (cXML 1.2 `Name`, `Creator`).
    pub struct Name {
        attributes {
            /// Language of the name.
            lang: Option<String> = "xml:lang",
        }
        text {
            /// The name.
            value: String,
        }
    }
}

impl Name {
    /// A name in a language.
    pub fn new(value: impl Into<String>, lang: impl Into<String>) -> Name {
        Name {
            lang: Some(lang.into()),
            value: value.into(),
            ..Name::default()
        }
    }
}

element! {
    /// A place or organisation with its ways of contact (cXML 1.2 `Address`).
    pub struct Address {
        attributes {
            /// ISO 3166 country of the address.
            iso_country_code: Option<String> = "isoCountryCode",
            /// The buyer's code of the address.
            address_id: Option<String> = "addressID",
            /// Who gave the code.
            address_id_domain: Option<String> = "addressIDDomain",
        }
        children {
            /// Name of the place or organisation.
            name: Option<Name> = "Name",
            /// Where letters and parcels go.
            postal_address: Option<PostalAddress> = "PostalAddress",
            /// Mail address.
            email: Option<Email> = "Email",
            /// Telephone.
            phone: Option<Phone> = "Phone",
            /// Fax.
            fax: Option<Fax> = "Fax",
            /// Web address.
            url: Option<Url> = "URL",
        }
    }
}

element! {
    /// Where letters and parcels go (cXML 1.2 `PostalAddress`).
    pub struct PostalAddress {
        attributes {
            /// Name of the address.
            name: Option<String> = "name",
        }
        children {
            /// Persons and departments.
            deliver_to: Vec<Text> = "DeliverTo",
            /// Street lines.
            streets: Vec<Text> = "Street",
            /// City.
            city: Option<City> = "City",
            /// Part of the city.
            municipality: Option<Municipality> = "Municipality",
            /// State or region.
            state: Option<State> = "State",
            /// Postal code.
            postal_code: Option<Text> = "PostalCode",
            /// Country.
            country: Option<Country> = "Country",
            /// Further data.
            extrinsics: Vec<Extrinsic> = "Extrinsic",
        }
    }
}

element! {
    /// A city (cXML 1.2 `City`).
    pub struct City {
        attributes {
            /// Code of the city.
            city_code: Option<String> = "cityCode",
        }
        text {
            /// Its name.
            value: String,
        }
    }
}

element! {
    /// A part of a city (cXML 1.2 `Municipality`).
    pub struct Municipality {
        attributes {
            /// Code of the municipality.
            municipality_code: Option<String> = "municipalityCode",
        }
        text {
            /// Its name.
            value: String,
        }
    }
}

element! {
    /// A state or region (cXML 1.2 `State`).
    pub struct State {
        attributes {
            /// ISO 3166-2 code.
            iso_state_code: Option<String> = "isoStateCode",
        }
        text {
            /// Its name or code.
            value: String,
        }
    }
}

element! {
    /// A country, or the country of a telephone number (cXML 1.2 `Country`, `CountryCode`).
    pub struct Country {
        attributes {
            /// ISO 3166 code.
            iso_country_code: Option<String> = "isoCountryCode",
        }
        text {
            /// Its name, or the dialling code.
            value: String,
        }
    }
}

element! {
    /// A mail address (cXML 1.2 `Email`).
    pub struct Email {
        attributes {
            /// Purpose of the address.
            name: Option<String> = "name",
            /// Language that its owner prefers.
            preferred_lang: Option<String> = "preferredLang",
        }
        text {
            /// The address.
            value: String,
        }
    }
}

element! {
    /// A telephone (cXML 1.2 `Phone`).
    pub struct Phone {
        attributes {
            /// Purpose of the telephone.
            name: Option<String> = "name",
        }
        children {
            /// Its number.
            number: Option<TelephoneNumber> = "TelephoneNumber",
        }
    }
}

element! {
    /// A fax (cXML 1.2 `Fax`).
    pub struct Fax {
        attributes {
            /// Purpose of the fax.
            name: Option<String> = "name",
        }
        children {
            /// Its number.
            number: Option<TelephoneNumber> = "TelephoneNumber",
            /// Its web address.
            url: Option<Url> = "URL",
            /// Its mail address.
            email: Option<Email> = "Email",
        }
    }
}

element! {
    /// A telephone number in its parts (cXML 1.2 `TelephoneNumber`).
    pub struct TelephoneNumber {
        children {
            /// Country and its dialling code.
            country_code: Option<Country> = "CountryCode",
            /// Area code.
            area_or_city_code: Option<Text> = "AreaOrCityCode",
            /// Local number.
            number: Option<Text> = "Number",
            /// Extension.
            extension: Option<Text> = "Extension",
        }
    }
}

element! {
    /// A person or function to ask (cXML 1.2 `Contact`).
    pub struct Contact {
        attributes {
            /// What the contact is for, for example `endUser` or `buyer`.
            role: Option<String> = "role",
            /// The buyer's code of the address.
            address_id: Option<String> = "addressID",
            /// Who gave the code.
            address_id_domain: Option<String> = "addressIDDomain",
        }
        children {
            /// Name of the person or function.
            name: Option<Name> = "Name",
            /// Where letters go.
            postal_addresses: Vec<PostalAddress> = "PostalAddress",
            /// Mail addresses.
            emails: Vec<Email> = "Email",
            /// Telephones.
            phones: Vec<Phone> = "Phone",
            /// Faxes.
            faxes: Vec<Fax> = "Fax",
            /// Web addresses.
            urls: Vec<Url> = "URL",
            /// Identifiers.
            id_references: Vec<IdReference> = "IdReference",
            /// Further data.
            extrinsics: Vec<Extrinsic> = "Extrinsic",
        }
    }
}

element! {
    /// An identifier in a domain (cXML 1.2 `IdReference`).
    pub struct IdReference {
        attributes {
            /// The identifier.
            identifier: Option<String> = "identifier",
            /// Its domain.
            domain: Option<String> = "domain",
        }
        children {
            /// Who gave it.
            creator: Option<Name> = "Creator",
            /// For humans.
            description: Option<Description> = "Description",
        }
    }
}

element! {
    /// Where the goods go (cXML 1.2 `ShipTo`).
    pub struct ShipTo {
        children {
            /// The address.
            address: Option<Address> = "Address",
            /// Wanted carriers.
            carrier_identifiers: Vec<CarrierIdentifier> = "CarrierIdentifier",
            /// Route, contract and instructions of the transport.
            transport_information: Vec<Raw> = "TransportInformation",
            /// Identifiers.
            id_references: Vec<IdReference> = "IdReference",
        }
    }
}

element! {
    /// A carrier (cXML 1.2 `CarrierIdentifier`).
    pub struct CarrierIdentifier {
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
    /// Where the invoice goes (cXML 1.2 `BillTo`).
    pub struct BillTo {
        children {
            /// The address.
            address: Option<Address> = "Address",
            /// Identifiers.
            id_references: Vec<IdReference> = "IdReference",
        }
    }
}
