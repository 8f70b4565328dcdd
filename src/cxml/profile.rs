//! What a server can do.

use super::date::Date;
use super::element::element;
use super::extrinsic::Url;

element! {
    /// Asks what the server can do; also a ping (cXML 1.2 `ProfileRequest`).
    pub struct ProfileRequest {}
}

element! {
    /// What the server can do for the sender (cXML 1.2 `ProfileResponse`, Reference Guide 4.3).
    pub struct ProfileResponse {
        attributes {
            /// Since when this holds.
            effective_date: Option<Date> = "effectiveDate",
            /// When it was last refreshed.
            last_refresh: Option<Date> = "lastRefresh",
        }
        children {
            /// Options of the whole server.
            options: Vec<ProfileOption> = "Option",
            /// Requests that the server takes.
            transactions: Vec<Transaction> = "Transaction",
        }
    }
}

element! {
    /// One option (cXML 1.2 `Option`).
    pub struct ProfileOption {
        attributes {
            /// Name of the option.
            name: Option<String> = "name",
        }
        text {
            /// Its value.
            value: String,
        }
    }
}

element! {
    /// One request that the server takes (cXML 1.2 `Transaction`).
    pub struct Transaction {
        attributes {
            /// Name of the request.
            request_name: Option<String> = "requestName",
        }
        children {
            /// Where to send it.
            url: Option<Url> = "URL",
            /// Options of this request.
            options: Vec<ProfileOption> = "Option",
        }
    }
}

impl Transaction {
    /// A request and where to send it.
    #[must_use]
    pub fn new(request_name: &str, url: &str) -> Transaction {
        Transaction {
            request_name: Some(request_name.to_owned()),
            url: Some(Url::from(url)),
            ..Transaction::default()
        }
    }
}
