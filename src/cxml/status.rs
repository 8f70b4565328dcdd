//! What became of a request.

use super::content::Raw;
use super::element::element;
use super::extrinsic::Extrinsic;
use super::header::DocumentReference;

element! {
    /// Result of a request (cXML 1.2 `Status`).
    pub struct Status {
        attributes {
            /// Three digits, by class as in HTTP.
            code: Option<String> = "code",
            /// Name of the code.
            text: Option<String> = "text",
            /// Language of the text.
            lang: Option<String> = "xml:lang",
        }
        text {
            /// Detail for humans.
            body: String,
        }
    }
}

impl Status {
    /// A result with the text that belongs to the code.
    #[must_use]
    pub fn new(code: u16, text: &str) -> Status {
        let lang = Some("en-US".to_owned());
        Status {
            code: Some(code.to_string()),
            text: Some(text.to_owned()),
            lang,
            ..Status::default()
        }
    }

    /// The same result with a detail for humans.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<String>) -> Status {
        self.body = body.into();
        self
    }

    /// The code as a number between 100 and 999.
    #[must_use]
    pub fn code(&self) -> Option<u16> {
        let digits = self.code.as_deref()?.trim();
        if digits.len() == 3 {
            digits.parse().ok().filter(|code| *code >= 100)
        } else {
            None
        }
    }

    /// Whether the request succeeded: any code of the class 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.code().is_some_and(|code| code / 100 == 2)
    }
}

element! {
    /// Later news of a document (cXML 1.2 `StatusUpdateRequest`).
    pub struct StatusUpdateRequest {
        children {
            /// The document that the news is about.
            document_reference: Option<DocumentReference> = "DocumentReference",
            /// The news.
            status: Option<Status> = "Status",
            /// News of a payment by card.
            payment_status: Option<Raw> = "PaymentStatus",
            /// News of a sourcing event.
            sourcing_status: Option<Raw> = "SourcingStatus",
            /// News of an invoice.
            invoice_status: Option<Raw> = "InvoiceStatus",
            /// News of a document.
            document_status: Option<Raw> = "DocumentStatus",
            /// News of an integration.
            integration_status: Option<Raw> = "IntegrationStatus",
            /// Further data.
            extrinsics: Vec<Extrinsic> = "Extrinsic",
        }
    }
}
