//! The envelope: one document, its identity and its body.

use std::ops::Range;

use super::content::{Other, Raw};
use super::date::Date;
use super::element::{Element, Slot, attributes_of, choice};
use super::header::Header;
use super::order::OrderRequest;
use super::profile::{ProfileRequest, ProfileResponse};
use super::punchout::{PunchOutOrderMessage, PunchOutSetupRequest, PunchOutSetupResponse};
use super::read::Findings;
use super::status::{Status, StatusUpdateRequest};
use super::write::{self, Attribute, Out, WriteOptions, Written};
use crate::xml::{self, Violations};

/// One document (cXML 1.2 `cXML`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Unique name of the document; the same on every repetition.
    pub payload_id: Option<String>,
    /// When the document was made; the same on every repetition.
    pub timestamp: Option<Date>,
    /// Version of the grammar that the document claims.
    pub version: Option<String>,
    /// Language of the texts that state none.
    pub lang: Option<String>,
    /// Version of the signature's rules, where the document is signed.
    pub signature_version: Option<String>,
    /// What the document says.
    pub body: Body,
    /// Signatures after the body.
    pub signatures: Vec<Raw>,
    /// What the grammar does not give to the envelope.
    pub other: Other,
    /// SYSTEM identifier of the document type declaration; never followed.
    pub system_id: Option<String>,
    /// What was off the rules but could be read.
    pub findings: Findings,
    /// What is wrong by the grammar that it was held against.
    pub violations: Violations,
    /// Byte spans of secrets in the source text, to be replaced before anything is stored.
    pub redactions: Vec<Range<usize>>,
}

/// What a document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Asks for something; a response answers on the same connection.
    Request(Box<Request>),
    /// Tells something, without answer.
    Message(Box<Message>),
    /// Answers a request.
    Response(Box<Response>),
    /// A header alone; read only where asked for.
    Absent(Option<Box<Header>>),
}

/// A request (cXML 1.2 `Request`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who asks whom.
    pub header: Option<Header>,
    /// Production or test.
    pub deployment_mode: Option<DeploymentMode>,
    /// Identifier for a signature.
    pub id: Option<String>,
    /// What is asked.
    pub payload: RequestPayload,
    /// What the grammar does not give to a request.
    pub other: Other,
}

/// A message (cXML 1.2 `Message`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who tells whom.
    pub header: Option<Header>,
    /// Production or test.
    pub deployment_mode: Option<DeploymentMode>,
    /// The `payloadID` of the document that this one follows.
    pub in_reply_to: Option<String>,
    /// Identifier for a signature.
    pub id: Option<String>,
    /// How it went; 200 when absent.
    pub status: Option<Status>,
    /// What is told.
    pub payload: MessagePayload,
    /// What the grammar does not give to a message.
    pub other: Other,
}

/// A response (cXML 1.2 `Response`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// A header, which the grammar does not give to a response; kept.
    pub header: Option<Header>,
    /// Identifier for a signature.
    pub id: Option<String>,
    /// How it went.
    pub status: Option<Status>,
    /// What is answered; never beside a status of failure.
    pub payload: Option<ResponsePayload>,
    /// What the grammar does not give to a response.
    pub other: Other,
}

choice! {
    /// Production or test (cXML 1.2 `Request/@deploymentMode`).
    pub enum DeploymentMode or Production {
        /// The document counts.
        Production = "production",
        /// The document must have no effect on the business.
        Test = "test",
    }
}

/// What a request asks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the standard names the elements")]
pub enum RequestPayload {
    ProfileRequest(ProfileRequest),
    PunchOutSetupRequest(Box<PunchOutSetupRequest>),
    OrderRequest(Box<OrderRequest>),
    StatusUpdateRequest(Box<StatusUpdateRequest>),
    /// Any other request, kept as it came.
    Other(Raw),
}

/// What a message tells.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the standard names the elements")]
pub enum MessagePayload {
    PunchOutOrderMessage(Box<PunchOutOrderMessage>),
    /// Any other message, kept as it came.
    Other(Raw),
}

/// What a response answers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the standard names the elements")]
pub enum ResponsePayload {
    ProfileResponse(Box<ProfileResponse>),
    PunchOutSetupResponse(PunchOutSetupResponse),
    /// Any other answer, kept as it came.
    Other(Raw),
}

impl Document {
    /// Who sends to whom; responses should have none.
    #[must_use]
    pub fn header(&self) -> Option<&Header> {
        match &self.body {
            Body::Request(request) => request.header.as_ref(),
            Body::Message(message) => message.header.as_ref(),
            Body::Response(response) => response.header.as_ref(),
            Body::Absent(header) => header.as_deref(),
        }
    }

    /// Version of the grammar: as stated, else as in the SYSTEM identifier of the document type declaration.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        let named = || {
            self.system_id
                .as_deref()?
                .rsplit('/')
                .nth(1)
                .filter(|folder| folder.starts_with("1."))
        };
        self.version
            .as_deref()
            .filter(|version| !version.is_empty())
            .or_else(named)
    }

    /// Production or test; production unless stated.
    #[must_use]
    pub fn deployment_mode(&self) -> DeploymentMode {
        DeploymentMode::stated(match &self.body {
            Body::Request(request) => request.deployment_mode.as_ref(),
            Body::Message(message) => message.deployment_mode.as_ref(),
            Body::Response(_) | Body::Absent(_) => None,
        })
    }

    /// Name of the payload element, for example `OrderRequest`.
    #[must_use]
    pub fn payload_name(&self) -> Option<&str> {
        match &self.body {
            Body::Request(request) => Some(request.payload.name()),
            Body::Message(message) => Some(message.payload.name()),
            Body::Response(response) => response.payload.as_ref().map(ResponsePayload::name),
            Body::Absent(_) => None,
        }
    }
}

impl Message {
    /// Code of the status; a message without status says 200.
    #[must_use]
    pub fn code(&self) -> Option<u16> {
        self.status.as_ref().map_or(Some(200), Status::code)
    }
}

impl RequestPayload {
    /// Name of the element.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            RequestPayload::ProfileRequest(_) => "ProfileRequest",
            RequestPayload::PunchOutSetupRequest(_) => "PunchOutSetupRequest",
            RequestPayload::OrderRequest(_) => "OrderRequest",
            RequestPayload::StatusUpdateRequest(_) => "StatusUpdateRequest",
            RequestPayload::Other(raw) => &raw.name,
        }
    }
}

impl MessagePayload {
    /// Name of the element.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            MessagePayload::PunchOutOrderMessage(_) => "PunchOutOrderMessage",
            MessagePayload::Other(raw) => &raw.name,
        }
    }
}

impl ResponsePayload {
    /// Name of the element.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            ResponsePayload::ProfileResponse(_) => "ProfileResponse",
            ResponsePayload::PunchOutSetupResponse(_) => "PunchOutSetupResponse",
            ResponsePayload::Other(raw) => &raw.name,
        }
    }
}

impl Document {
    /// A response; the payload goes with a status of success alone.
    #[must_use]
    pub fn response(
        payload_id: impl Into<String>,
        timestamp: impl Into<Date>,
        status: Status,
        payload: Option<ResponsePayload>,
    ) -> Document {
        let response = Response {
            header: None,
            id: None,
            status: Some(status),
            payload,
            other: Other::default(),
        };
        Document::new(payload_id, timestamp, Body::Response(Box::new(response)))
    }

    /// A request.
    #[must_use]
    pub fn request(
        payload_id: impl Into<String>,
        timestamp: impl Into<Date>,
        header: Header,
        deployment_mode: DeploymentMode,
        payload: RequestPayload,
    ) -> Document {
        let request = Request {
            header: Some(header),
            deployment_mode: Some(deployment_mode),
            id: None,
            payload,
            other: Other::default(),
        };
        Document::new(payload_id, timestamp, Body::Request(Box::new(request)))
    }

    /// A message; without status it says 200.
    #[must_use]
    pub fn message(
        payload_id: impl Into<String>,
        timestamp: impl Into<Date>,
        header: Header,
        deployment_mode: DeploymentMode,
        status: Option<Status>,
        payload: MessagePayload,
    ) -> Document {
        let message = Message {
            header: Some(header),
            deployment_mode: Some(deployment_mode),
            in_reply_to: None,
            id: None,
            status,
            payload,
            other: Other::default(),
        };
        Document::new(payload_id, timestamp, Body::Message(Box::new(message)))
    }

    fn new(payload_id: impl Into<String>, timestamp: impl Into<Date>, body: Body) -> Document {
        Document {
            payload_id: Some(payload_id.into()),
            timestamp: Some(timestamp.into()),
            version: None,
            lang: Some("en-US".to_owned()),
            signature_version: None,
            body,
            signatures: Vec::new(),
            other: Other::default(),
            system_id: None,
            findings: Findings::default(),
            violations: Violations::default(),
            redactions: Vec::new(),
        }
    }

    /// Writes the document in grammar order, with XML declaration and DOCTYPE.
    ///
    /// # Errors
    ///
    /// When a kept fragment or name is not well-formed.
    pub fn write(&self, options: &WriteOptions) -> Result<String, xml::WriteError> {
        let mut out = Written::new(options, self.payload_name());
        let mut attributes = Vec::new();
        write::attribute(&mut attributes, "payloadID", &self.payload_id, &None);
        write::attribute(&mut attributes, "timestamp", &self.timestamp, &None);
        write::attribute(&mut attributes, "xml:lang", &self.lang, &None);
        attributes.push(Attribute::new("version", options.version.as_str()));
        write::attribute(&mut attributes, "signatureVersion", &self.signature_version, &None);
        attributes.extend(attributes_of(&self.other));
        out.start("cXML", &mut attributes);
        if let Some(header) = self.header() {
            header.write("Header", &mut out);
        }
        self.body.write(&mut out);
        for signature in &self.signatures {
            out.raw(&signature.xml);
        }
        self.other.write_elements(&mut out);
        out.end();
        out.finish()
    }
}

impl Body {
    /// Writes the request, message or response, without the header.
    pub(super) fn write(&self, out: &mut dyn Out) {
        match self {
            Body::Request(request) => request.write(out),
            Body::Message(message) => message.write(out),
            Body::Response(response) => response.write(out),
            Body::Absent(_) => {}
        }
    }
}

impl Request {
    fn write(&self, out: &mut dyn Out) {
        let mut attributes = Vec::new();
        let default = Some(DeploymentMode::default());
        write::attribute(&mut attributes, "deploymentMode", &self.deployment_mode, &default);
        write::attribute(&mut attributes, "Id", &self.id, &None);
        attributes.extend(attributes_of(&self.other));
        out.start("Request", &mut attributes);
        let name = self.payload.name();
        match &self.payload {
            RequestPayload::ProfileRequest(payload) => payload.write(name, out),
            RequestPayload::PunchOutSetupRequest(payload) => payload.write(name, out),
            RequestPayload::OrderRequest(payload) => payload.write(name, out),
            RequestPayload::StatusUpdateRequest(payload) => payload.write(name, out),
            RequestPayload::Other(raw) => out.raw(&raw.xml),
        }
        self.other.write_elements(out);
        out.end();
    }
}

impl Message {
    fn write(&self, out: &mut dyn Out) {
        let mut attributes = Vec::new();
        let default = Some(DeploymentMode::default());
        write::attribute(&mut attributes, "deploymentMode", &self.deployment_mode, &default);
        write::attribute(&mut attributes, "inReplyTo", &self.in_reply_to, &None);
        write::attribute(&mut attributes, "Id", &self.id, &None);
        attributes.extend(attributes_of(&self.other));
        out.start("Message", &mut attributes);
        self.status.write("Status", out);
        match &self.payload {
            MessagePayload::PunchOutOrderMessage(payload) => payload.write(self.payload.name(), out),
            MessagePayload::Other(raw) => out.raw(&raw.xml),
        }
        self.other.write_elements(out);
        out.end();
    }
}

impl Response {
    fn write(&self, out: &mut dyn Out) {
        let mut attributes = Vec::new();
        write::attribute(&mut attributes, "Id", &self.id, &None);
        attributes.extend(attributes_of(&self.other));
        out.start("Response", &mut attributes);
        self.status.write("Status", out);
        match &self.payload {
            Some(ResponsePayload::ProfileResponse(payload)) => payload.write("ProfileResponse", out),
            Some(ResponsePayload::PunchOutSetupResponse(payload)) => payload.write("PunchOutSetupResponse", out),
            Some(ResponsePayload::Other(raw)) => out.raw(&raw.xml),
            None => {}
        }
        self.other.write_elements(out);
        out.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cxml::{Money, OrderRequestHeader, ReadOptions};
    use crate::xml::Limits;

    #[test]
    fn responses_are_what_networks_accept() {
        let time: jiff::Timestamp = "2026-11-23T03:00:00Z".parse().unwrap();
        let response = Document::response("1.2.3@host", time, Status::new(200, "OK"), None);
        assert_eq!(
            response.write(&WriteOptions::default()).unwrap(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <!DOCTYPE cXML SYSTEM \"http://xml.cxml.org/schemas/cXML/1.2.069/cXML.dtd\">\
             <cXML payloadID=\"1.2.3@host\" timestamp=\"2026-11-23T03:00:00+00:00\" xml:lang=\"en-US\" \
             version=\"1.2.069\"><Response><Status code=\"200\" text=\"OK\" xml:lang=\"en-US\"/></Response></cXML>"
        );
    }

    #[test]
    fn the_grammar_follows_the_payload_and_the_partner() {
        let raw = Raw {
            name: "ReceiptRequest".to_owned(),
            xml: "<ReceiptRequest/>".to_owned(),
        };
        let payload = RequestPayload::Other(raw);
        let request = Document::request("1", "now", Header::default(), DeploymentMode::Test, payload);
        let options = WriteOptions {
            version: "1.2.020".to_owned(),
            ascii: false,
        };
        let text = request.write(&options).unwrap();
        assert!(text.contains("/cXML/1.2.020/Fulfill.dtd\"><cXML"), "{text}");
        assert!(text.contains("version=\"1.2.020\""), "{text}");
        assert!(
            text.ends_with("<Header/><Request deploymentMode=\"test\"><ReceiptRequest/></Request></cXML>"),
            "{text}"
        );
    }

    #[test]
    fn numbers_are_written_in_the_strict_form() {
        let header = OrderRequestHeader {
            total: Some(Money::new("3,001.01", "EUR").into()),
            ..Default::default()
        };
        let order = OrderRequest {
            header: Some(Box::new(header)),
            ..Default::default()
        };
        let payload = RequestPayload::OrderRequest(Box::new(order));
        let request = Document::request("1", "now", Header::default(), DeploymentMode::Test, payload);
        let text = request.write(&WriteOptions::default()).unwrap();
        assert!(text.contains("<Money currency=\"EUR\">3001.01</Money>"), "{text}");
    }

    #[test]
    fn a_buyer_cookie_comes_back_byte_for_byte() {
        for cookie in [
            "a&amp;b",
            " x ",
            "<a b='1'>\n<c/></a>",
            "<![CDATA[<&é]]>",
            "&#233;<!-- c -->",
            "a>b\r\nc",
            "é",
            "",
        ] {
            let text = format!(
                "<cXML><Message><PunchOutOrderMessage><BuyerCookie>{cookie}</BuyerCookie></PunchOutOrderMessage>\
                 </Message></cXML>"
            );
            let document = Document::read(&text, &Limits::default(), &ReadOptions::default()).unwrap();
            let written = document.write(&WriteOptions::default()).unwrap();
            let expect = if cookie.is_empty() {
                "<BuyerCookie/>".to_owned()
            } else {
                format!("<BuyerCookie>{cookie}</BuyerCookie>")
            };
            assert!(written.contains(&expect), "{written}");
            let Body::Message(message) = &document.body else {
                panic!("{document:?}")
            };
            let MessagePayload::PunchOutOrderMessage(cart) = &message.payload else {
                panic!("{message:?}")
            };
            let kept = cart.buyer_cookie.as_ref().unwrap();
            let stored = kept.xml().into_owned();
            assert_eq!(stored, cookie);
            let again = crate::cxml::Fragment::from_xml(&stored, &Limits::default()).unwrap();
            assert_eq!((again.text(), again.xml()), (kept.text(), kept.xml()));
        }
    }

    #[test]
    fn the_version_is_stated_or_named_by_the_grammar() {
        let version = |doctype: &str, root: &str| {
            let text = format!("{doctype}<cXML {root}><Response/></cXML>");
            let document = Document::read(&text, &Limits::default(), &ReadOptions::default()).unwrap();
            document.version().map(str::to_owned)
        };
        let named = "<!DOCTYPE cXML SYSTEM 'http://xml.cxml.org/schemas/cXML/1.2.014/cXML.dtd'>";
        assert_eq!(version(named, "version='1.2.045'").as_deref(), Some("1.2.045"));
        assert_eq!(version(named, "version=''").as_deref(), Some("1.2.014"));
        assert_eq!(version(named, "").as_deref(), Some("1.2.014"));
        assert_eq!(version("<!DOCTYPE cXML SYSTEM 'cXML.dtd'>", ""), None);
        assert_eq!(version("", ""), None);
    }

    #[test]
    fn modes_and_words_have_the_defaults_of_the_grammar() {
        let mode = |attribute: &str| {
            let text = format!("<cXML><Request {attribute}><ProfileRequest/></Request></cXML>");
            Document::read(&text, &Limits::default(), &ReadOptions::default())
                .unwrap()
                .deployment_mode()
        };
        assert_eq!(mode(""), DeploymentMode::Production);
        assert_eq!(mode("deploymentMode=''"), DeploymentMode::Production);
        assert_eq!(mode("deploymentMode='production'"), DeploymentMode::Production);
        assert_eq!(mode("deploymentMode='Test'"), DeploymentMode::Test);
        assert_eq!(mode("deploymentMode='prod'"), DeploymentMode::Other("prod".to_owned()));
    }
}
