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
mod tests;
