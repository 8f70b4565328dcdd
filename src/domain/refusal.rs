//! Every business "no": what, where and what to do, without the partner's input in it.

/// Why a request is refused; one table turns it into a cXML Status ([`Code::status`]) and a problem
/// ([`Code::problem`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The class of refusal.
    pub code: Code,
    /// The field or element the refusal is about, in the standard's words.
    pub field: Option<String>,
    /// One sentence for the reader: what was wrong and what to do. Never echoes input.
    pub text: String,
}

impl Refusal {
    /// A refusal without a field.
    pub fn new(code: Code, text: impl Into<String>) -> Self {
        Refusal {
            code,
            field: None,
            text: text.into(),
        }
    }

    /// Names the field the refusal is about.
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.field {
            Some(field) => write!(f, "{field}: {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

impl std::error::Error for Refusal {}

/// The classes of refusal and the cXML Status each becomes (Reference Guide, status codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// 400: parsed, but unacceptable.
    BadRequest,
    /// 401: the Sender is not recognised; one text for every reason.
    Unauthorized,
    /// 402: a complete Payment element is needed.
    PaymentRequired,
    /// 403: From not allowed for this Sender, To not us, or the wrong deployment mode.
    Forbidden,
    /// 406: not well-formed, wrong structure or a forbidden construct.
    NotAcceptable,
    /// 409: the present state prevents the request.
    Conflict,
    /// 412: an earlier condition does not hold, such as an unknown cart on edit.
    PreconditionFailed,
    /// 417: something the request refers to is not there.
    ExpectationFailed,
    /// 450: this request or feature is not implemented here.
    NotImplemented,
    /// 475: the connection demands a signature and there is none.
    SignatureRequired,
    /// 477: a signature is there but cannot be accepted.
    SignatureUnacceptable,
    /// 499: larger than the limits.
    TooLarge,
    /// 500: an unexpected fault before anything was stored.
    Internal,
    /// 560: for now; try the same document again later.
    Temporary,
    /// 560 with HTTP 429: more requests than the limit allows.
    TooMany,
}

impl Code {
    /// The cXML Status code and its published text.
    pub fn status(self) -> (u16, &'static str) {
        match self {
            Code::BadRequest => (400, "Bad Request"),
            Code::Unauthorized => (401, "Unauthorized"),
            Code::PaymentRequired => (402, "Payment Required"),
            Code::Forbidden => (403, "Forbidden"),
            Code::NotAcceptable => (406, "Not Acceptable"),
            Code::Conflict => (409, "Conflict"),
            Code::PreconditionFailed => (412, "Precondition Failed"),
            Code::ExpectationFailed => (417, "Expectation Failed"),
            Code::NotImplemented => (450, "Not Implemented"),
            Code::SignatureRequired => (475, "Signature Required"),
            Code::SignatureUnacceptable => (477, "Signature Unacceptable"),
            Code::TooLarge => (499, "Document Size Error"),
            Code::Internal => (500, "Internal Server Error"),
            Code::Temporary | Code::TooMany => (560, "Temporary server error"),
        }
    }

    /// What the refusal is to a program (RFC 9457): the HTTP status, the name of the type of problem, and its title.
    pub fn problem(self) -> (u16, &'static str, &'static str) {
        match self {
            Code::BadRequest => (400, "bad-request", "The request cannot be used as it is"),
            Code::Unauthorized => (401, "unauthorized", "The token is missing or cannot be used"),
            Code::PaymentRequired => (402, "payment-required", "A payment is missing"),
            Code::Forbidden | Code::SignatureRequired | Code::SignatureUnacceptable => {
                (403, "forbidden", "This is not allowed")
            }
            Code::NotAcceptable => (422, "not-acceptable", "The document cannot be read"),
            Code::Conflict => (409, "conflict", "The present state prevents it"),
            Code::PreconditionFailed => (412, "precondition-failed", "An earlier condition does not hold"),
            Code::ExpectationFailed => (404, "not-found", "There is nothing here"),
            Code::NotImplemented => (405, "not-implemented", "There is no such operation here"),
            Code::TooLarge => (413, "too-large", "The request is too large"),
            Code::Internal => (500, "internal", "Something went wrong"),
            Code::Temporary => (503, "temporary", "Not possible for the moment"),
            Code::TooMany => (429, "too-many", "Too many requests"),
        }
    }

    /// Whether the partner may send the same document again and be served; such answers are never stored.
    pub fn is_transient(self) -> bool {
        self.status().0 >= 500
    }
}
