//! Documents of buyers as text, and a second reader for what the gateway answers.

use punchgate::cxml::{self, Families};
use punchgate::domain::party::DeploymentMode;
use punchgate::service::outbound;
use punchgate::xml::Limits;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::support::{PARTIES, SECRET};

/// An element as a second reader sees it.
#[derive(Debug, Default, Clone)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Element>,
    pub text: String,
}

impl Element {
    /// The root of a document of the gateway's, which must be valid.
    pub fn read(text: &str) -> Element {
        emitted(text);
        let mut reader = Reader::from_str(text);
        let mut open = vec![Element::default()];
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) => open.push(Element::of(&tag)),
                Event::Empty(tag) => open.last_mut().unwrap().children.push(Element::of(&tag)),
                Event::End(_) => {
                    let done = open.pop().unwrap();
                    open.last_mut().unwrap().children.push(done);
                }
                Event::Text(text) => open.last_mut().unwrap().text.push_str(&text),
                Event::CData(text) => open.last_mut().unwrap().text.push_str(&text),
                Event::GeneralRef(name) => {
                    let text = format!("&{};", &*name);
                    open.last_mut()
                        .unwrap()
                        .text
                        .push_str(&quick_xml::escape::unescape(&text).unwrap());
                }
                Event::Eof => break,
                _ => {}
            }
        }
        open.remove(0).children.remove(0)
    }

    fn of(tag: &quick_xml::events::BytesStart<'_>) -> Element {
        let attributes = tag.attributes().map(|attribute| {
            let attribute = attribute.unwrap();
            let value = quick_xml::escape::unescape(&attribute.value).unwrap().into_owned();
            (attribute.key.0.to_owned(), value)
        });
        Element {
            name: tag.name().0.to_owned(),
            attributes: attributes.collect(),
            ..Element::default()
        }
    }

    /// The first element on a path of names below this one.
    pub fn at(&self, path: &str) -> Option<&Element> {
        path.split('/')
            .try_fold(self, |at, name| at.children.iter().find(|child| child.name == name))
    }

    /// Every child of a name.
    pub fn all(&self, name: &str) -> Vec<&Element> {
        self.children.iter().filter(|child| child.name == name).collect()
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(held, _)| held == name)
            .map(|(_, value)| value.as_str())
    }
}

/// A document of a buyer, as text to be changed at will.
#[derive(Clone, Debug)]
pub struct Letter {
    pub from: String,
    pub to: String,
    pub sender: String,
    pub payload_id: String,
    pub timestamp: String,
    pub mode: String,
    pub request: String,
}

/// A `Credential` with an identity.
pub fn credential((domain, identity): (&str, &str)) -> String {
    format!("<Credential domain=\"{domain}\"><Identity>{identity}</Identity></Credential>")
}

/// A `Credential` with a shared secret.
pub fn proof((domain, identity): (&str, &str), secret: &str) -> String {
    format!(
        "<Credential domain=\"{domain}\"><Identity>{identity}</Identity><SharedSecret>{secret}</SharedSecret></Credential>"
    )
}

impl Letter {
    /// A document of the connection with this short name.
    pub fn of(code: &str, payload_id: &str, request: &str) -> Letter {
        let (_, from, sender, _, mode) = PARTIES.into_iter().find(|party| party.0 == code).unwrap();
        let mode = if mode == DeploymentMode::Test {
            " deploymentMode=\"test\""
        } else {
            ""
        };
        Letter {
            from: credential(from),
            to: credential(("DUNS", "999")),
            sender: proof(sender, SECRET),
            payload_id: payload_id.into(),
            timestamp: "2026-11-24T09:00:00+00:00".into(),
            mode: mode.into(),
            request: request.into(),
        }
    }

    pub fn text(&self) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <!DOCTYPE cXML SYSTEM \"http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd\">\n\
             <cXML payloadID=\"{}\" timestamp=\"{}\" xml:lang=\"en-US\"><Header><From>{}</From><To>{}</To>\
             <Sender>{}<UserAgent>Story</UserAgent></Sender></Header><Request{}>{}</Request></cXML>",
            self.payload_id, self.timestamp, self.from, self.to, self.sender, self.mode, self.request
        )
    }
}

/// A set-up request's inside.
pub fn setup(operation: &str, cookie: &str, return_url: &str, items: &str) -> String {
    format!(
        "<PunchOutSetupRequest operation=\"{operation}\"><BuyerCookie>{cookie}</BuyerCookie>\
         <Extrinsic name=\"UserEmail\">ann@buyer.example</Extrinsic>\
         <BrowserFormPost><URL>{return_url}</URL></BrowserFormPost>{items}</PunchOutSetupRequest>"
    )
}

/// The return address of the stories.
pub const RETURN_URL: &str = "https://buyer.example/back?x=1";

/// One line of a cart or order.
pub fn item(number: &str, part: &str, quantity: &str, price: &str, more: &str) -> String {
    format!(
        "<ItemOut quantity=\"{quantity}\" lineNumber=\"{number}\"><ItemID><SupplierPartID>{part}</SupplierPartID>{more}\
         </ItemID><ItemDetail><UnitPrice><Money currency=\"EUR\">{price}</Money></UnitPrice>\
         <Description xml:lang=\"en\">Thing</Description><UnitOfMeasure>EA</UnitOfMeasure>\
         <Classification domain=\"UNSPSC\">47131502</Classification></ItemDetail></ItemOut>"
    )
}

/// An order's inside; `header` takes further attributes, `more` further elements of the header.
pub fn order(order_id: &str, header: &str, more: &str, total: &str, items: &str) -> String {
    format!(
        "<OrderRequest><OrderRequestHeader orderID=\"{order_id}\" orderDate=\"2026-11-24T09:00:00+00:00\" {header}>\
         <Total><Money currency=\"EUR\">{total}</Money></Total>{more}</OrderRequestHeader>{items}</OrderRequest>"
    )
}

/// The usual order: two wipers at their price.
pub fn plain_order(order_id: &str) -> String {
    order(order_id, "type=\"new\"", "", "6.40", &item("1", "W-1", "2", "3.20", ""))
}

/// Holds a document that the gateway emitted against its grammar; with `PUNCHGATE_TEST_EMITTED`, its family is added to
/// that file, so that a run can be summed up.
fn emitted(text: &str) {
    // A raw answer may have a second one behind it.
    let end = text.find("</cXML>").map_or(text.len(), |at| at + "</cXML>".len());
    let text = &text[..end];
    let families = Families::built_in().unwrap();
    let found = families.validate(text, &Limits::default()).unwrap();
    assert!(outbound::is_valid(families, text), "{:?}\n{text}", found.list);
    if let Some(file) = std::env::var_os("PUNCHGATE_TEST_EMITTED") {
        let document = cxml::Document::read(text, &Limits::default(), &cxml::ReadOptions::default()).unwrap();
        let family = families.family_of(document.payload_name().unwrap_or_default());
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(file)
            .unwrap();
        std::io::Write::write_all(&mut file, format!("{family}\n").as_bytes()).unwrap();
    }
}
