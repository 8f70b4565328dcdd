//! Reading: one pass over the source, strict about the structure, lenient about the rest.

use super::content::{Other, Raw};
use super::element::Element;
use super::envelope::{Body, Document, Message, MessagePayload, Request, RequestPayload, Response, ResponsePayload};
use super::grammar::Families;
use super::header::Header;
use super::reading::Reading;
use super::status::Status;
use crate::xml::{self, Limits, Position, Violations, XmlError};

/// What was off the rules but could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// The first of them.
    pub list: Vec<Finding>,
    /// How many there were altogether.
    pub count: usize,
}

/// Something off the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// Element, or element and attribute, that it is about.
    pub subject: String,
    /// Byte offset in the source text.
    pub offset: usize,
}

/// Kinds of what was off the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingKind {
    /// Off the rules of XML or of its transport.
    Xml(xml::FindingKind),
    /// An element that the grammar does not give to its parent; kept.
    UnknownElement,
    /// An attribute that the grammar does not give to its element; kept.
    UnknownAttribute,
    /// An element that may stand once stands again; kept.
    Repeated,
    /// An element stands after one that it must precede; read.
    OutOfOrder,
    /// An attribute's word is none of the grammar's; kept.
    UnknownWord,
    /// The root is `cxml`.
    LowerCaseRoot,
    /// The document type declaration names the root in another case.
    DoctypeName,
    /// The document type declaration points outside `xml.cxml.org`; never followed.
    ForeignDoctype,
}

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Not XML, or beyond a limit of the reader.
    #[error(transparent)]
    Xml(#[from] XmlError),
    /// XML, but no cXML document.
    #[error("{position}: {fault}")]
    Structure {
        /// What is wrong.
        fault: Fault,
        /// Where it is.
        position: Position,
    },
    /// More lines than allowed.
    #[error("more than {lines_max} lines")]
    TooManyLines {
        /// The limit.
        lines_max: usize,
    },
    /// So many elements that their types would take more memory than allowed.
    #[error("more elements than {memory_bytes_max} bytes of memory hold")]
    TooMuch {
        /// The limit.
        memory_bytes_max: usize,
    },
}

/// What keeps XML from being a cXML document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The root is something else.
    #[error("expected the root element cXML")]
    Root,
    /// The root is a SOAP envelope.
    #[error("expected a cXML document without SOAP envelope")]
    Soap,
    /// An element of the envelope has a name space prefix.
    #[error("expected cXML elements without name space prefix")]
    Prefixed,
    /// The root declares a default name space.
    #[error("expected cXML elements outside any name space")]
    Namespace,
    /// A second header.
    #[error("expected one Header")]
    SecondHeader,
    /// A second request, message or response.
    #[error("expected one of Request, Message and Response")]
    SecondBody,
    /// No request, message or response.
    #[error("expected a Request, a Message or a Response")]
    NoBody,
    /// Nothing inside the request or message.
    #[error("expected an element that says what is asked")]
    NoPayload,
}

/// What is tolerated and how much is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// Reads a root `cxml`, which some senders write.
    pub lower_case_root: bool,
    /// Reads a document without request, message or response.
    pub body_optional: bool,
    /// Reads a document whose root declares a default name space, which cXML has none of.
    pub any_namespace: bool,
    /// Most lines of a cart or order; 10,000 is what SAP Business Network carries.
    pub lines_max: usize,
    /// Most bytes of memory that the types of one document may take, by estimate; 256 MiB, several times what the
    /// largest order needs.
    pub memory_bytes_max: usize,
    /// Most findings kept.
    pub findings_max: usize,
    /// Holds the document against its grammar in the same pass.
    pub grammar: Option<&'static Families>,
}

impl Default for ReadOptions {
    fn default() -> ReadOptions {
        ReadOptions {
            lower_case_root: false,
            body_optional: false,
            any_namespace: false,
            lines_max: 10_000,
            memory_bytes_max: 256 << 20,
            findings_max: 100,
            grammar: None,
        }
    }
}

impl Document {
    /// Reads a document from its decoded text.
    ///
    /// # Errors
    ///
    /// When the text is not well-formed, not a cXML document, or beyond a limit.
    pub fn read(text: &str, limits: &Limits, options: &ReadOptions) -> Result<Document, ReadError> {
        let mut reading = Reading::new(text, limits, options)?;
        let root = reading.reader.root()?;
        check_root(&mut reading, &root, options)?;
        let mut document = Document {
            payload_id: None,
            timestamp: None,
            version: None,
            lang: None,
            signature_version: None,
            body: Body::Absent(None),
            signatures: Vec::new(),
            other: Other::default(),
            system_id: check_doctype(&mut reading, &root),
            findings: Findings::default(),
            violations: Violations::default(),
            redactions: Vec::new(),
        };
        for attribute in root.attributes() {
            match attribute.name {
                "payloadID" => document.payload_id = reading.attribute(&root, &attribute),
                "timestamp" => document.timestamp = reading.attribute(&root, &attribute),
                "version" => document.version = reading.attribute(&root, &attribute),
                "xml:lang" => document.lang = reading.attribute(&root, &attribute),
                "signatureVersion" => document.signature_version = reading.attribute(&root, &attribute),
                _ => reading.keep_attribute(&root, &attribute, &mut document.other)?,
            }
        }
        document.read_children(&mut reading, &root, options)?;
        (document.findings, document.violations, document.redactions) = reading.finish()?;
        Ok(document)
    }

    fn read_children<'x>(
        &mut self,
        reading: &mut Reading<'x>,
        root: &xml::Element<'x>,
        options: &ReadOptions,
    ) -> Result<(), ReadError> {
        const ORDER: &[&str] = &["Header", "Request", "Message", "Response"];
        let mut place = 0;
        let mut header: Option<Header> = None;
        let mut body = None;
        while let Some(child) = reading.child(root)? {
            let (prefix, local) = child.name().rsplit_once(':').unwrap_or(("", child.name()));
            match local {
                "Signature" => self.signatures.push(reading.raw(&child)?),
                _ if !ORDER.contains(&local) => reading.keep(FindingKind::UnknownElement, &child, &mut self.other)?,
                _ if !prefix.is_empty() => return Err(reading.fault(Fault::Prefixed, &child)),
                "Header" if header.is_some() => return Err(reading.fault(Fault::SecondHeader, &child)),
                "Header" => {
                    reading.check_order(0, &mut place, &child);
                    header = Some(Header::read(reading, &child)?);
                }
                _ if body.is_some() => return Err(reading.fault(Fault::SecondBody, &child)),
                "Request" => body = Some(Body::Request(Box::new(Request::read(reading, &child)?))),
                "Message" => body = Some(Body::Message(Box::new(Message::read(reading, &child)?))),
                _ => body = Some(Body::Response(Box::new(Response::read(reading, &child)?))),
            }
            place = place.max(usize::from(body.is_some()));
        }
        self.body = match body {
            Some(body) => body,
            None if options.body_optional => Body::Absent(None),
            None => return Err(reading.fault(Fault::NoBody, root)),
        };
        match &mut self.body {
            Body::Request(request) => request.header = header,
            Body::Message(message) => message.header = header,
            Body::Response(response) => response.header = header,
            Body::Absent(place) => *place = header.map(Box::new),
        }
        Ok(())
    }
}

fn check_root<'x>(reading: &mut Reading<'x>, root: &xml::Element<'x>, options: &ReadOptions) -> Result<(), ReadError> {
    let (prefix, local) = root.name().rsplit_once(':').unwrap_or(("", root.name()));
    let fault = match (prefix, local) {
        ("", "cXML") if options.any_namespace || root.attr("xmlns").is_none() => return Ok(()),
        ("", "cXML") => Fault::Namespace,
        ("", "cxml") if options.lower_case_root => {
            reading.note(FindingKind::LowerCaseRoot, "cxml".to_owned(), root.offset());
            return Ok(());
        }
        (_, "Envelope") => Fault::Soap,
        ("", _) => Fault::Root,
        (_, local) if local.eq_ignore_ascii_case("cXML") => Fault::Prefixed,
        _ => Fault::Root,
    };
    Err(reading.fault(fault, root))
}

/// The SYSTEM identifier of the document type declaration; noted when it points elsewhere than to the standard, or
/// names the root in another case.
fn check_doctype(reading: &mut Reading<'_>, root: &xml::Element<'_>) -> Option<String> {
    let doctype = reading.reader.doctype()?;
    if doctype.name != root.name() {
        reading.note(FindingKind::DoctypeName, "DOCTYPE".to_owned(), 0);
    }
    let system_id = doctype.system_id?;
    let host = system_id
        .split_once("://")
        .map(|(_, rest)| rest.split('/').next().unwrap_or_default());
    if !host.is_some_and(|host| host.eq_ignore_ascii_case("xml.cxml.org")) {
        reading.note(FindingKind::ForeignDoctype, "DOCTYPE".to_owned(), 0);
    }
    Some(system_id.to_owned())
}

impl Request {
    fn read<'x>(reading: &mut Reading<'x>, element: &xml::Element<'x>) -> Result<Request, ReadError> {
        let mut other = Other::default();
        let (mut deployment_mode, mut id) = (None, None);
        for attribute in element.attributes() {
            match attribute.name {
                "deploymentMode" => deployment_mode = reading.attribute(element, &attribute),
                "Id" => id = reading.attribute(element, &attribute),
                _ => reading.keep_attribute(element, &attribute, &mut other)?,
            }
        }
        let Some(child) = reading.child(element)? else {
            return Err(reading.fault(Fault::NoPayload, element));
        };
        let payload = match child.name() {
            "ProfileRequest" => RequestPayload::ProfileRequest(Element::read(reading, &child)?),
            "PunchOutSetupRequest" => RequestPayload::PunchOutSetupRequest(Element::read(reading, &child)?),
            "OrderRequest" => RequestPayload::OrderRequest(Element::read(reading, &child)?),
            "StatusUpdateRequest" => RequestPayload::StatusUpdateRequest(Element::read(reading, &child)?),
            _ => RequestPayload::Other(Raw::read(reading, &child)?),
        };
        reading.keep_rest(element, &mut other)?;
        Ok(Request {
            header: None,
            deployment_mode,
            id,
            payload,
            other,
        })
    }
}

impl Message {
    fn read<'x>(reading: &mut Reading<'x>, element: &xml::Element<'x>) -> Result<Message, ReadError> {
        let mut other = Other::default();
        let (mut deployment_mode, mut in_reply_to, mut id) = (None, None, None);
        for attribute in element.attributes() {
            match attribute.name {
                "deploymentMode" => deployment_mode = reading.attribute(element, &attribute),
                "inReplyTo" => in_reply_to = reading.attribute(element, &attribute),
                "Id" => id = reading.attribute(element, &attribute),
                _ => reading.keep_attribute(element, &attribute, &mut other)?,
            }
        }
        let (mut status, mut payload) = (None, None);
        while let Some(child) = reading.child(element)? {
            match child.name() {
                "Status" if status.is_some() => reading.keep(FindingKind::Repeated, &child, &mut other)?,
                "Status" => {
                    reading.check_order(0, &mut usize::from(payload.is_some()), &child);
                    status = Some(Status::read(reading, &child)?);
                }
                _ if payload.is_some() => reading.keep(FindingKind::UnknownElement, &child, &mut other)?,
                "PunchOutOrderMessage" => {
                    payload = Some(MessagePayload::PunchOutOrderMessage(Element::read(reading, &child)?));
                }
                _ => payload = Some(MessagePayload::Other(Raw::read(reading, &child)?)),
            }
        }
        let Some(payload) = payload else {
            return Err(reading.fault(Fault::NoPayload, element));
        };
        Ok(Message {
            header: None,
            deployment_mode,
            in_reply_to,
            id,
            status,
            payload,
            other,
        })
    }
}

impl Response {
    fn read<'x>(reading: &mut Reading<'x>, element: &xml::Element<'x>) -> Result<Response, ReadError> {
        let mut other = Other::default();
        let mut id = None;
        for attribute in element.attributes() {
            match attribute.name {
                "Id" => id = reading.attribute(element, &attribute),
                _ => reading.keep_attribute(element, &attribute, &mut other)?,
            }
        }
        let (mut status, mut payload) = (None, None);
        while let Some(child) = reading.child(element)? {
            match child.name() {
                "Status" if status.is_some() => reading.keep(FindingKind::Repeated, &child, &mut other)?,
                "Status" => {
                    reading.check_order(0, &mut usize::from(payload.is_some()), &child);
                    status = Some(Status::read(reading, &child)?);
                }
                _ if payload.is_some() => reading.keep(FindingKind::UnknownElement, &child, &mut other)?,
                "ProfileResponse" => payload = Some(ResponsePayload::ProfileResponse(Element::read(reading, &child)?)),
                "PunchOutSetupResponse" => {
                    payload = Some(ResponsePayload::PunchOutSetupResponse(Element::read(reading, &child)?));
                }
                _ => payload = Some(ResponsePayload::Other(Raw::read(reading, &child)?)),
            }
        }
        Ok(Response {
            header: None,
            id,
            status,
            payload,
            other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cxml::header::Credential;
    use crate::xml::redact;

    const SENDER: &str = "<Header><Sender><Credential domain='D'><Identity>I</Identity></Credential></Sender></Header>";

    fn read(text: &str) -> Result<Document, ReadError> {
        Document::read(text, &Limits::default(), &ReadOptions::default())
    }

    /// A profile request with this inside `Sender/Credential`.
    fn credential(inside: &str) -> (Credential, String) {
        let text = format!(
            "<cXML><Header><Sender><Credential domain='D'>{inside}</Credential></Sender></Header>\
             <Request><ProfileRequest/></Request></cXML>"
        );
        let document = read(&text).unwrap();
        let redacted = redact(&text, &document.redactions);
        (document.header().unwrap().sender.credentials[0].clone(), redacted)
    }

    fn check_fault(text: &str, expect: Fault) {
        match read(text) {
            Err(ReadError::Structure { fault, .. }) => assert_eq!(fault, expect, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn what_is_no_cxml_document_is_refused() {
        let request = "<Request><ProfileRequest/></Request>";
        let message = "<Message><PunchOutOrderMessage/></Message>";
        check_fault(&format!("<cXML>{SENDER}{SENDER}{request}</cXML>"), Fault::SecondHeader);
        check_fault(&format!("<cXML>{SENDER}{request}{request}</cXML>"), Fault::SecondBody);
        check_fault(&format!("<cXML>{SENDER}{request}{message}</cXML>"), Fault::SecondBody);
        check_fault(&format!("<cXML>{SENDER}</cXML>"), Fault::NoBody);
        check_fault("<cXML><Request/></cXML>", Fault::NoPayload);
        check_fault(
            "<cXML><Message><Status code='204' text='No Content'/></Message></cXML>",
            Fault::NoPayload,
        );
        check_fault("<html/>", Fault::Root);
        check_fault(&format!("<cxml>{request}</cxml>"), Fault::Root);
        check_fault(&format!("<CXML>{request}</CXML>"), Fault::Root);
        check_fault("<s:Envelope xmlns:s='urn:s'><s:Body/></s:Envelope>", Fault::Soap);
        check_fault("<Envelope><Body><cXML/></Body></Envelope>", Fault::Soap);
        check_fault(&format!("<x:cXML xmlns:x='urn:x'>{request}</x:cXML>"), Fault::Prefixed);
        check_fault(
            "<cXML xmlns:x='urn:x'><x:Request><ProfileRequest/></x:Request></cXML>",
            Fault::Prefixed,
        );
        check_fault(&format!("<cXML xmlns='urn:x'>{request}</cXML>"), Fault::Namespace);
    }

    #[test]
    fn switches_tolerate_what_some_senders_write() {
        let options = ReadOptions {
            lower_case_root: true,
            body_optional: true,
            any_namespace: true,
            ..ReadOptions::default()
        };
        for text in [
            "<cxml><Response/></cxml>",
            "<cXML xmlns='urn:x'><Response/></cXML>",
            "<cXML/>",
        ] {
            assert!(Document::read(text, &Limits::default(), &options).is_ok(), "{text}");
        }
    }

    #[test]
    fn findings_do_not_stop_the_reading() {
        let check = |text: &str, expect: &[(FindingKind, &str)]| {
            let findings = read(text).unwrap().findings;
            let got: Vec<_> = findings
                .list
                .iter()
                .map(|finding| (finding.kind, finding.subject.as_str()))
                .collect();
            assert_eq!(got, expect, "{text}");
        };
        use FindingKind::*;
        check(
            "<!DOCTYPE cxml><cXML><Response/></cXML>",
            &[
                (DoctypeName, "DOCTYPE"),
                (Xml(xml::FindingKind::DoctypeWithoutSystem), ""),
            ],
        );
        check(
            "<!DOCTYPE cXML SYSTEM 'file:///dev/random'><cXML><Response/></cXML>",
            &[(ForeignDoctype, "DOCTYPE")],
        );
        check(
            "<!DOCTYPE cXML SYSTEM 'https://xml.cXML.org/x/cXML.dtd'><cXML><Response/></cXML>",
            &[],
        );
        check(
            "<cXML a='1'><Response/><New/></cXML>",
            &[(UnknownAttribute, "cXML/@a"), (UnknownElement, "New")],
        );
        check(
            "<cXML><Response><Status/>stray<Status/></Response></cXML>",
            &[(Repeated, "Status"), (Xml(xml::FindingKind::StrayText), "")],
        );
        check(
            "<cXML><Response><ProfileResponse/><Status/></Response></cXML>",
            &[(OutOfOrder, "Status")],
        );
        check(
            "<cXML><Request><ProfileRequest/></Request><Header/></cXML>",
            &[(OutOfOrder, "Header")],
        );
        check(
            "<cXML><Header><To/><From/></Header><Request><ProfileRequest/></Request></cXML>",
            &[(OutOfOrder, "From")],
        );
        check(
            "<cXML><Request deploymentMode='live'><ProfileRequest/></Request></cXML>",
            &[(UnknownWord, "Request/@deploymentMode")],
        );
    }

    #[test]
    fn findings_kept_are_bounded() {
        let text = format!("<cXML><Response>{}</Response></cXML>", "<X/>".repeat(1000));
        let findings = read(&text).unwrap().findings;
        assert_eq!((findings.list.len(), findings.count), (100, 999));
    }

    #[test]
    fn an_identity_is_all_its_text() {
        let identity = |inside: &str| {
            credential(&format!("<Identity>{inside}</Identity>"))
                .0
                .identity()
                .to_owned()
        };
        assert_eq!(identity(" admin@good.com<!---->.evil.com\n"), "admin@good.com.evil.com");
        assert_eq!(identity("a<?x y?>b<![CDATA[<c>]]>&amp;&#100;"), "ab<c>&d");
        assert_eq!(identity(""), "");
    }

    #[test]
    fn secrets_are_read_whole_and_redacted_whole() {
        let (sender, redacted) = credential("<SharedSecret>ab<!-- -->c<![CDATA[d]]> </SharedSecret>");
        assert_eq!(sender.shared_secret.as_ref().unwrap().reveal(), "abcd ");
        assert!(
            redacted.contains("<SharedSecret>[redacted]</SharedSecret>"),
            "{redacted}"
        );
        assert!(!format!("{sender:?}").contains("abcd"));

        let (sender, redacted) =
            credential("<SharedSecret1>mine</SharedSecret1><DigitalSignature>mine</DigitalSignature>");
        assert!(!redacted.contains("mine"), "{redacted}");
        assert!(!format!("{sender:?}").contains("mine"));

        let (sender, redacted) =
            credential("<CredentialMac type='FromSenderCredentials' creationDate='now'> mine </CredentialMac>");
        assert!(!redacted.contains("mine"), "{redacted}");
        let mac = sender.credential_mac.unwrap();
        assert_eq!(
            (mac.value.reveal(), mac.creation_date.unwrap().as_str()),
            (" mine ", "now")
        );
    }

    #[test]
    fn secrets_are_redacted_wherever_they_stand() {
        let inner = "<x:SharedSecret>mine</x:SharedSecret><PCard number='mine' expiration='mine' name='John'/>";
        for place in [
            format!("<Request><CopyRequest><cXML><Header>{inner}</Header></cXML></CopyRequest></Request>"),
            format!(
                "<Request><OrderRequest><OrderRequestHeader><Payment>{inner}</Payment></OrderRequestHeader></OrderRequest></Request>"
            ),
            format!(
                "<Request><PunchOutSetupRequest><BuyerCookie>a{inner}</BuyerCookie></PunchOutSetupRequest></Request>"
            ),
            format!("<Request><PunchOutSetupRequest><Extrinsic>{inner}</Extrinsic></PunchOutSetupRequest></Request>"),
            format!(
                "<Request><OrderRequest><OrderRequestHeader><Comments>a{inner}</Comments></OrderRequestHeader></OrderRequest></Request>"
            ),
            format!(
                "<Request><OrderRequest><ItemOut><ItemID><BuyerPartID>{inner}</BuyerPartID></ItemID></ItemOut></OrderRequest></Request>"
            ),
            format!("<Response><Status>{inner}</Status></Response>"),
            format!("<Response/><New>{inner}</New>"),
        ] {
            let text = format!("<cXML xmlns:x='urn:x'>{place}</cXML>");
            let document = read(&text).unwrap();
            let redacted = redact(&text, &document.redactions);
            assert!(!redacted.contains("mine"), "{redacted}");
            assert!(redacted.contains("name='John'"), "{redacted}");
            assert!(!format!("{document:?}").contains("mine"), "{document:?}");
        }
    }

    #[test]
    fn a_repeated_party_is_read_whole() {
        let to =
            |identity: &str| format!("<To><Credential domain='D'><Identity>{identity}</Identity></Credential></To>");
        let text = format!(
            "<cXML><Header>{}{}</Header><Request><ProfileRequest/></Request></cXML>",
            to("one"),
            to("two")
        );
        let document = read(&text).unwrap();
        let identities: Vec<&str> = document
            .header()
            .unwrap()
            .to
            .credentials
            .iter()
            .map(Credential::identity)
            .collect();
        assert_eq!(identities, ["one", "two"]);
        assert!(
            document
                .findings
                .list
                .iter()
                .any(|finding| finding.kind == FindingKind::Repeated)
        );
        assert!(document.write(&crate::cxml::WriteOptions::default()).is_ok());
    }

    #[test]
    fn lines_and_memory_are_bounded() {
        let text = format!(
            "<cXML><Request><OrderRequest>{}</OrderRequest></Request></cXML>",
            "<ItemOut/>".repeat(4)
        );
        let read = |lines_max, memory_bytes_max| {
            let options = ReadOptions {
                lines_max,
                memory_bytes_max,
                ..ReadOptions::default()
            };
            Document::read(&text, &Limits::default(), &options).map(|_| ())
        };
        assert_eq!(read(4, 1 << 20), Ok(()));
        assert_eq!(read(3, 1 << 20), Err(ReadError::TooManyLines { lines_max: 3 }));
        assert_eq!(read(4, 4000), Err(ReadError::TooMuch { memory_bytes_max: 4000 }));
        let unknown = format!("<cXML {}>{}<Response/></cXML>", "a='' ", "<X/>".repeat(1000));
        let options = ReadOptions {
            memory_bytes_max: 50_000,
            ..ReadOptions::default()
        };
        let error = Document::read(&unknown, &Limits::default(), &options).unwrap_err();
        assert_eq!(
            error,
            ReadError::TooMuch {
                memory_bytes_max: 50_000
            }
        );
    }

    #[test]
    fn a_fault_has_its_place() {
        let error = read("<cXML>\n <Request>\n </Request></cXML>").unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2, column 2: expected an element that says what is asked"
        );
    }
}
