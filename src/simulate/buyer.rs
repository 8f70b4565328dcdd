//! One buyer's procurement system: punches out, takes carts back, sends orders, and remembers what came of it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rust_decimal::Decimal;

use crate::clock::Clock;
use crate::cxml::{self, Document, Families, MessagePayload, ReadOptions, ResponsePayload};
use crate::transport::{HttpClient, TransportError};
use crate::xml;

use super::document::{self, Envelope, Order, SetUp};
use super::script::Script;

/// Why a step did not work, for the person who watches.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Fault(String);

impl Fault {
    /// A fault in these words.
    pub fn new(text: impl Into<String>) -> Fault {
        Fault(text.into())
    }
}

impl From<TransportError> for Fault {
    fn from(error: TransportError) -> Self {
        Fault(error.to_string())
    }
}

/// One line of a requisition.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// `SupplierPartID`.
    pub part: String,
    /// `SupplierPartAuxiliaryID`.
    pub auxiliary_id: Option<String>,
    /// `Description`.
    pub description: String,
    /// `@quantity`.
    pub quantity: Decimal,
    /// `UnitOfMeasure`.
    pub unit: String,
    /// `UnitPrice`.
    pub unit_price: Decimal,
    /// What the price is for.
    pub price_quantity: Decimal,
    /// Its currency.
    pub currency: String,
    /// `Classification`: domain and value.
    pub classification: (String, String),
}

impl Line {
    /// Quantity times price, rounded half up to two digits as requisitions are.
    pub fn amount(&self) -> Decimal {
        let exact = self.quantity * self.unit_price / self.price_quantity;
        exact.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
    }
}

/// Where a requisition stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The user is at the supplier's.
    Shopping,
    /// The cart came back.
    Returned,
    /// The user came back without items.
    Cancelled,
}

/// A requisition: what a visit brought.
#[derive(Clone, Debug)]
pub struct Requisition {
    /// Its number, which is also the `BuyerCookie`.
    pub id: String,
    /// Where it stands.
    pub state: State,
    /// Its lines.
    pub lines: Vec<Line>,
    /// The currency of the lines.
    pub currency: String,
    /// The total that the supplier stated.
    pub stated_total: Option<Decimal>,
    /// `operationAllowed` of the cart.
    pub operation_allowed: Option<String>,
    /// The document as it came.
    pub document: String,
    /// Its orders, each version one.
    pub orders: Vec<SentOrder>,
}

impl Requisition {
    /// The sum of the rounded lines.
    pub fn total(&self) -> Decimal {
        self.lines.iter().map(Line::amount).sum()
    }
}

/// One version of an order that was sent.
#[derive(Clone, Debug)]
pub struct SentOrder {
    /// The order's number.
    pub order_id: String,
    /// new, update or delete.
    pub kind: &'static str,
    /// From 1.
    pub version: u32,
    /// `payloadID`.
    pub payload_id: String,
    /// The document as sent.
    pub document: String,
    /// Status of the answer.
    pub status: u16,
    /// The answer as it came.
    pub answer: String,
}

/// One buyer's procurement system.
#[derive(Debug)]
pub struct Buyer {
    /// How it speaks.
    pub script: &'static Script,
    /// The supplier's cXML address.
    pub door: String,
    /// Where carts come back to.
    pub return_url: String,
    secret: String,
    clock: Clock,
    client: HttpClient,
    requisitions: Mutex<Vec<Requisition>>,
    documents: AtomicUsize,
}

/// Requisitions that are remembered; a demonstration that runs for days forgets the oldest.
const REQUISITIONS_MAX: usize = 500;

impl Buyer {
    /// A system that knows its supplier.
    pub fn new(
        script: &'static Script,
        door: &str,
        return_url: &str,
        secret: &str,
        clock: Clock,
        client: HttpClient,
    ) -> Buyer {
        Buyer {
            script,
            door: door.to_owned(),
            return_url: return_url.to_owned(),
            secret: secret.to_owned(),
            clock,
            client,
            requisitions: Mutex::default(),
            documents: AtomicUsize::new(0),
        }
    }

    /// Every requisition, the latest first.
    pub fn requisitions(&self) -> Vec<Requisition> {
        self.held().iter().rev().cloned().collect()
    }

    /// The requisition with this number.
    pub fn requisition(&self, id: &str) -> Option<Requisition> {
        self.held().iter().find(|held| held.id == id).cloned()
    }

    /// Opens a visit and returns its start page and requisition; `cart` is the one to edit or inspect.
    ///
    /// # Errors
    /// The supplier does not answer, or says no.
    pub async fn punch_out(
        &self,
        operation: &str,
        cart: Option<&Requisition>,
        selected: Option<&str>,
    ) -> Result<(String, String), Fault> {
        let id = self.new_number("REQ");
        let setup = SetUp {
            operation,
            buyer_cookie: &id,
            return_url: &format!("{}/{id}", self.return_url),
            selected,
            lines: cart.map_or(&[], |cart| cart.lines.as_slice()),
        };
        let payload_id = self.new_payload_id();
        let text = document::set_up(&self.envelope(&payload_id), &setup);
        let (_, answer) = self.post(text).await?;
        let read = self.read(&answer)?;
        let cxml::Body::Response(response) = &read.body else {
            return Err(Fault::new("the supplier sent no response"));
        };
        let status = response.status.as_ref();
        let Some(ResponsePayload::PunchOutSetupResponse(response)) = &response.payload else {
            let code = status.and_then(cxml::Status::code).unwrap_or_default();
            let text = status.map(|status| status.body.clone()).unwrap_or_default();
            return Err(Fault::new(format!("the supplier refused: {code} {text}")));
        };
        let start = response
            .start_page
            .as_ref()
            .map(|page| page.address().trim().to_owned());
        let start = start.ok_or_else(|| Fault::new("the supplier named no start page"))?;
        let mut held = self.held();
        if held.len() >= REQUISITIONS_MAX {
            held.remove(0);
        }
        held.push(Requisition {
            id: id.clone(),
            state: State::Shopping,
            lines: Vec::new(),
            currency: String::new(),
            stated_total: None,
            operation_allowed: None,
            document: String::new(),
            orders: Vec::new(),
        });
        Ok((start, id))
    }

    /// Takes a cart back that a browser brought.
    ///
    /// # Errors
    /// It is no cart, or belongs to no visit of this system.
    pub fn take_back(&self, id: &str, bytes: &[u8]) -> Result<Requisition, Fault> {
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| Fault::new("the cart is not UTF-8"))?;
        self.hold_to_grammar("received", &text)?;
        let read = self.read(&text)?;
        let cxml::Body::Message(message) = &read.body else {
            return Err(Fault::new("what came back is no message"));
        };
        let MessagePayload::PunchOutOrderMessage(cart) = &message.payload else {
            return Err(Fault::new("what came back is no cart"));
        };
        let cookie = cart.buyer_cookie.as_ref().map(|cookie| cookie.trimmed().to_owned());
        if cookie.as_deref() != Some(id) {
            return Err(Fault::new("the BuyerCookie is not the one that was sent"));
        }
        let is_cancel = message.status.as_ref().and_then(cxml::Status::code) == Some(204);
        let lines = cart.items.iter().map(line).collect::<Result<Vec<_>, _>>()?;
        let header = cart.header.as_ref();
        let total = header.and_then(|header| header.total.as_ref()?.money.as_ref());
        let mut held = self.held();
        let requisition = held
            .iter_mut()
            .find(|held| held.id == id)
            .ok_or_else(|| Fault::new("there is no such requisition"))?;
        requisition.state = if is_cancel { State::Cancelled } else { State::Returned };
        requisition.currency = total.and_then(|money| money.currency.clone()).unwrap_or_default();
        requisition.stated_total = total.and_then(|money| money.amount.decimal().ok());
        requisition.operation_allowed = header
            .and_then(|header| header.operation_allowed.as_ref())
            .map(|word| format!("{word:?}").to_lowercase());
        requisition.lines = lines;
        requisition.document = text;
        Ok(requisition.clone())
    }

    /// Sends the requisition as an order, its change, or its cancellation.
    ///
    /// # Errors
    /// The supplier does not answer, or there is no such requisition.
    pub async fn order(&self, id: &str, kind: &'static str) -> Result<SentOrder, Fault> {
        let requisition = self
            .requisition(id)
            .ok_or_else(|| Fault::new("there is no such requisition"))?;
        let before = requisition.orders.last();
        let order_id = before.map_or_else(|| self.new_number("PO"), |order| order.order_id.clone());
        let version = before.map_or(1, |order| order.version + 1);
        let payload_id = self.new_payload_id();
        let order = Order {
            order_id: &order_id,
            kind,
            version,
            replaces: before.map(|order| order.payload_id.as_str()).filter(|_| kind != "new"),
            requisition: &requisition,
        };
        let text = document::order(&self.envelope(&payload_id), &order);
        let (status, answer) = self.post(text.clone()).await?;
        let sent = SentOrder {
            order_id,
            kind,
            version,
            payload_id,
            document: text,
            status: self.status_of(&answer).unwrap_or(status),
            answer,
        };
        if let Some(held) = self.held().iter_mut().find(|held| held.id == id) {
            held.orders.push(sent.clone());
        }
        Ok(sent)
    }

    /// Sends a document once more, as systems do that did not hear the answer; returns status and answer.
    ///
    /// # Errors
    /// The supplier does not answer.
    pub async fn send_again(&self, sent: &SentOrder) -> Result<(u16, String), Fault> {
        let (status, answer) = self.post(sent.document.clone()).await?;
        Ok((self.status_of(&answer).unwrap_or(status), answer))
    }

    /// Changes the quantity of a line, as the buyer's approver may.
    ///
    /// # Errors
    /// There is no such line.
    pub fn change_quantity(&self, id: &str, line: usize, quantity: Decimal) -> Result<(), Fault> {
        let mut held = self.held();
        let line = held
            .iter_mut()
            .find(|held| held.id == id)
            .and_then(|held| held.lines.get_mut(line))
            .ok_or_else(|| Fault::new("there is no such line"))?;
        line.quantity = quantity;
        Ok(())
    }

    /// Documents that were sent and received, each valid.
    pub fn documents(&self) -> usize {
        self.documents.load(Ordering::Relaxed)
    }

    async fn post(&self, text: String) -> Result<(u16, String), Fault> {
        self.hold_to_grammar("sent", &text)?;
        let answer = self
            .client
            .post(
                &self.door,
                "text/xml; charset=UTF-8",
                self.script.user_agent,
                text.into_bytes(),
            )
            .await?;
        let text = answer.text();
        self.hold_to_grammar("received", &text)?;
        Ok((answer.status, text))
    }

    /// A document that is not valid is a fault of its sender, whichever it is.
    fn hold_to_grammar(&self, direction: &str, text: &str) -> Result<(), Fault> {
        let families = Families::built_in().map_err(|error| Fault::new(error.to_string()))?;
        let violations = families
            .validate(text, &xml::Limits::default())
            .map_err(|error| Fault::new(format!("the document {direction} is not XML: {error}")))?;
        if let Some(first) = violations.list.first() {
            let text = format!("the document {direction} is not valid: {}: {first}", first.path);
            return Err(Fault::new(text));
        }
        self.documents.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn status_of(&self, answer: &str) -> Option<u16> {
        match self.read(answer).ok()?.body {
            cxml::Body::Response(response) => response.status.as_ref().and_then(cxml::Status::code),
            _ => None,
        }
    }

    fn read(&self, text: &str) -> Result<Document, Fault> {
        Document::read(text, &xml::Limits::default(), &ReadOptions::default())
            .map_err(|error| Fault::new(format!("the supplier's document cannot be read: {error}")))
    }

    fn envelope<'a>(&'a self, payload_id: &'a str) -> Envelope<'a> {
        Envelope {
            script: self.script,
            secret: &self.secret,
            payload_id,
            timestamp: self.clock.now(),
        }
    }

    fn new_payload_id(&self) -> String {
        format!("{}@{}.example", self.clock.new_id().simple(), self.script.code)
    }

    fn new_number(&self, prefix: &str) -> String {
        let id = self.clock.new_id().simple().to_string();
        format!("{prefix}-{}", id[id.len() - 8..].to_uppercase())
    }

    fn held(&self) -> MutexGuard<'_, Vec<Requisition>> {
        self.requisitions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn line(item: &cxml::ItemIn) -> Result<Line, Fault> {
    let missing = |name: &str| Fault::new(format!("a line of the cart has no {name}"));
    let id = item.item_id.as_ref().ok_or_else(|| missing("ItemID"))?;
    let detail = item.item_detail.as_deref().ok_or_else(|| missing("ItemDetail"))?;
    let price = detail.unit_price.as_ref().and_then(|price| price.money.as_ref());
    let price = price.ok_or_else(|| missing("UnitPrice"))?;
    let basis = detail
        .price_basis_quantity
        .as_ref()
        .and_then(|basis| basis.quantity.as_ref());
    let number = |number: &cxml::Number, name: &str| number.decimal().map_err(|_| missing(name));
    Ok(Line {
        part: id.part().to_owned(),
        auxiliary_id: id.auxiliary().map(str::to_owned),
        description: detail
            .descriptions
            .first()
            .map(cxml::Description::text)
            .unwrap_or_default(),
        quantity: number(item.quantity.as_ref().ok_or_else(|| missing("quantity"))?, "quantity")?,
        unit: detail
            .unit_of_measure
            .as_ref()
            .map(|unit| unit.as_str().to_owned())
            .unwrap_or_default(),
        unit_price: number(&price.amount, "UnitPrice")?,
        price_quantity: basis.map_or(Ok(Decimal::ONE), |basis| number(basis, "PriceBasisQuantity"))?,
        currency: price.currency.clone().unwrap_or_default(),
        classification: detail
            .classifications
            .first()
            .map(|class| (class.domain.clone().unwrap_or_default(), class.value.trim().to_owned()))
            .unwrap_or_default(),
    })
}
