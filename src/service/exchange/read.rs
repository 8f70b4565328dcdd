//! A message as it is read: its parts, its encoding, its document, and the attachments that the document names.

use std::borrow::Cow;

use openssl::sha::sha256;

use super::{Arrival, Incoming, Kept, note};
use crate::cxml::{self, Body, Document, ReadOptions, RequestPayload};
use crate::domain::exchange::{Finding, Severity};
use crate::domain::refusal::{Code, Refusal};
use crate::mime::{self, ContentType, MimeError};
use crate::service::Gateway;
use crate::xml::{self, XmlErrorKind};

/// Reads a message: its parts, its encoding, its document, and cuts out what must not be stored.
pub(in crate::service) fn read(gateway: &Gateway, arrival: &Arrival<'_>) -> Result<Incoming, Refusal> {
    let sha256 = sha256(arrival.body);
    let content_type = arrival.content_type.unwrap_or_default();
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    if essence == "application/x-www-form-urlencoded" {
        return Err(Refusal::new(
            Code::NotAcceptable,
            "Post the document itself as text/xml, not as a form.",
        )
        .at("Content-Type"));
    }
    let mut attachments = Vec::new();
    let (root, charset) = if essence.starts_with("multipart/") {
        let message = mime::read(content_type, arrival.body, &mime::Limits::default()).map_err(|error| {
            let code = match error {
                MimeError::TooManyParts | MimeError::TooDeep => Code::TooLarge,
                _ => Code::NotAcceptable,
            };
            Refusal::new(code, format!("The multipart message cannot be read: {error}."))
        })?;
        attachments.extend(message.attachments().map(Kept::from));
        let root = message.root();
        (Cow::Owned(root.body.to_vec()), root.content_type.charset.clone())
    } else {
        (Cow::Borrowed(arrival.body), ContentType::parse(content_type).charset)
    };
    let limits = xml::Limits {
        document_bytes_max: gateway.config.limits.document_bytes_max,
        ..xml::Limits::default()
    };
    let decoded = xml::decode(&root, charset.as_deref(), &limits).map_err(|error| unreadable(&error))?;
    // Whether the root may be spelled otherwise is a connection's choice, which is known only after reading.
    let options = ReadOptions {
        lower_case_root: true,
        lines_max: gateway.config.limits.order_lines_max,
        grammar: Some(gateway.grammar),
        ..ReadOptions::default()
    };
    let document = Document::read(&decoded.text, &limits, &options).map_err(|error| match &error {
        cxml::ReadError::Xml(error) => unreadable(error),
        cxml::ReadError::TooManyLines { .. } | cxml::ReadError::TooMuch { .. } => {
            Refusal::new(Code::TooLarge, format!("The document has {error}."))
        }
        cxml::ReadError::Structure { .. } => Refusal::new(Code::NotAcceptable, format!("{error}.")),
    })?;
    let fingerprint = cxml::fingerprint(&document);
    let mut findings = note::encoding(&decoded.findings);
    findings.extend(note::all(&document.findings.list, &decoded.text));
    findings.extend(note::violations(&document.violations.list, &decoded.text));
    let text = xml::redact(&decoded.text, &document.redactions);
    Ok(Incoming {
        encoding: decoded.encoding,
        document: Box::new(document),
        text,
        sha256,
        fingerprint,
        attachments,
        findings,
    })
}

fn unreadable(error: &xml::XmlError) -> Refusal {
    let code = if error.kind == XmlErrorKind::TooLarge {
        Code::TooLarge
    } else {
        Code::NotAcceptable
    };
    Refusal::new(code, format!("The document cannot be read: {error}."))
}

/// Every `cid:` that the document names must be a part; parts that nobody names are kept and noted.
pub(super) fn check_attachments(incoming: &mut Incoming) -> Result<(), Refusal> {
    let named: Vec<String> = attachment_urls(&incoming.document)
        .filter_map(mime::content_id_of_url)
        .collect();
    let parts = &incoming.attachments;
    let is_there = |id: &String| parts.iter().any(|part| part.content_id.as_ref() == Some(id));
    if !named.iter().all(is_there) {
        let text = "An attachment that the document names is missing.";
        return Err(Refusal::new(Code::NotAcceptable, text).at("Attachment/URL"));
    }
    let is_named = |part: &&Kept| part.content_id.as_ref().is_some_and(|id| named.contains(id));
    let unnamed = parts.len() - parts.iter().filter(is_named).count();
    if unnamed > 0 {
        incoming.findings.push(Finding {
            severity: Severity::Warn,
            rule: "attachment.unnamed".to_owned(),
            place: "Attachment".to_owned(),
            text: format!("{unnamed} parts of the message are not named by the document; they were kept."),
        });
    }
    Ok(())
}

/// Notes the attachments of a document that was kept without them.
pub(in crate::service) fn note_lost_attachments(incoming: &mut Incoming) {
    let lost = attachment_urls(&incoming.document)
        .filter_map(mime::content_id_of_url)
        .count();
    if lost > 0 {
        incoming.findings.push(Finding {
            severity: Severity::Warn,
            rule: "attachment.lost".to_owned(),
            place: "Attachment".to_owned(),
            text: format!("{lost} attachments were not kept while the document waited; ask the buyer for them."),
        });
    }
}

/// The addresses of the attachments of an order's comments; others than `cid:` are links that are never followed.
fn attachment_urls(document: &Document) -> impl Iterator<Item = &str> {
    let order = match &document.body {
        Body::Request(request) => match &request.payload {
            RequestPayload::OrderRequest(order) => Some(order),
            _ => None,
        },
        _ => None,
    };
    let header = order
        .and_then(|order| order.header.as_deref())
        .map(|header| header.comments.as_slice());
    let lines = order.map(|order| order.items.as_slice()).unwrap_or_default();
    let comments = header
        .unwrap_or_default()
        .iter()
        .chain(lines.iter().flat_map(|line| &line.comments));
    comments
        .flat_map(|comments| comments.attachments())
        .filter_map(|attachment| Some(attachment.url.as_ref()?.value.as_str()))
}
