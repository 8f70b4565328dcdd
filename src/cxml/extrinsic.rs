//! Data that partners agree on beside the standard, and addresses on the net.

use super::element::element;

element! {
    /// One named datum outside the standard (cXML 1.2 `Extrinsic`).
    pub struct Extrinsic {
        attributes {
            /// Name of the datum, compared without case.
            name: Option<String> = "name",
        }
        any {
            /// Its value: text or elements.
            content,
        }
    }
}

impl Extrinsic {
    /// A datum that is text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Extrinsic {
        Extrinsic {
            name: Some(name.into()),
            content: super::content::Fragment::from_text(text),
            ..Extrinsic::default()
        }
    }

    /// Whether the datum has this name, without case.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        self.name
            .as_deref()
            .is_some_and(|own| own.trim().eq_ignore_ascii_case(name))
    }

    /// The text of the value, without white space at its ends.
    #[must_use]
    pub fn text(&self) -> &str {
        self.content.trimmed()
    }
}

element! {
    /// An address on the net (cXML 1.2 `URL`).
    pub struct Url {
        attributes {
            /// Purpose of the address.
            name: Option<String> = "name",
        }
        text {
            /// The address as it came, without white space at its ends.
            value: String,
        }
    }
}

impl From<&str> for Url {
    fn from(value: &str) -> Url {
        Url {
            value: value.to_owned(),
            ..Url::default()
        }
    }
}

element! {
    /// An element that holds one address (cXML 1.2 `BrowserFormPost`, `SupplierSetup`, `StartPage`, `Followup`).
    pub struct Link {
        children {
            /// The address.
            url: Option<Url> = "URL",
        }
    }
}

impl Link {
    /// The address, empty when there is none.
    #[must_use]
    pub fn address(&self) -> &str {
        self.url.as_ref().map_or("", |url| &url.value)
    }
}

impl From<&str> for Link {
    fn from(address: &str) -> Link {
        Link {
            url: Some(Url::from(address)),
            ..Link::default()
        }
    }
}

/// The text of the first datum with this name, without case.
#[must_use]
pub fn find<'a>(extrinsics: &'a [Extrinsic], name: &str) -> Option<&'a str> {
    extrinsics
        .iter()
        .find(|extrinsic| extrinsic.is_named(name))
        .map(Extrinsic::text)
}
