//! # punchgate: the house
//!
//! A supplier runs this gateway so that enterprise buyers can buy from inside their own procurement systems:
//! PunchOut by cXML, a hosted catalogue at the buyer's contract terms, the cart back, the purchase order in.
//!
//! ## Map
//!
//! The house is a matrix of nouns and layers: each layer has one file per noun (party, staff, account, product,
//! terms, session, quote, exchange, order, delivery), with the noun's name.
//!
//! ```text
//!  floor 6  cli → everything below (and main above it)
//!  floor 5  http → service, domain, simulate, mime (the demo buyer's pages)
//!  floor 4  service → everything below
//!  floor 3  translate → cxml, xml, domain     profile → domain     simulate → cxml, xml, mime, transport
//!  floor 2  cxml → xml, mime, domain::money      store → domain      search → domain      erp → domain, transport, xml
//!  floor 1  domain   xml   mime   transport
//!  floor 0  config   clock   telemetry → config (anyone)
//! ```
//!
//! Every arrow runs down and there is no circle; the test `layers` reads this table and every path that begins
//! with `crate::`, and fails on an arrow that is not in it. It also keeps `quick_xml` inside [`xml`], `actix_web` inside [`http`], the HTTP client
//! inside [`transport`], `sqlx` inside [`store`] (and [`transport`], for databases of others), tantivy inside [`search`], askama inside [`http`], and time and new identifiers inside [`clock`].
//!
//! ## The way of data
//!
//! * **In**: bytes (bounded, in memory) → [`service::exchange`] → [`xml`], held against the grammar of `dtd/` in the
//!   same pass → [`cxml`] → authenticate Sender, authorise
//!   From, route by To → redact by span → one transaction (redacted raw text, fingerprint, domain change, outbound
//!   rows, stored answer) → commit → answer. A repeated document gets the stored answer, byte for byte.
//! * **Terms**: [`domain::terms`] owns an immutable price book; one function resolves price and availability for the
//!   shop page, the cart return and the order check alike.
//! * **Search**: [`search`] is derived from the store and lies in memory; [`service::search`] follows the change feed and
//!   answers whoever asks from the last state that was whole.
//! * **The ERP**: [`erp`] asks it by a mapping file, page after page; [`service::sync`] brings what came by the same way
//!   as files, in one transaction with the knowledge of what each record gave, and tells the change feed.
//!   Hints bring single records at once; comparisons hold the store's own rows against the ERP's and list what differs.
//! * **Programs**: bearer token → scope → service → JSON, or a problem. Rows that a program pushes are planned like those of a
//!   file ([`service::import`]), each refused for itself; what it reads of changes is the change feed.
//! * **Pages**: handler → service → page struct → template. Templates never query; handlers never build HTML.
//!
//! ## Invariants
//!
//! * Nothing is acknowledged before it is committed; nothing acknowledged is lost; nothing is done twice.
//! * Nothing is fetched because a document named it.
//! * Money and quantities are exact decimals; time and identifiers come from [`clock`] alone.
//! * `xml` knows nothing of procurement; `domain` knows neither XML nor SQL nor time.

#![forbid(unsafe_code)]

pub mod clock;
pub mod config;
pub mod telemetry;

pub mod domain;
pub mod mime;
pub mod transport;
pub mod xml;

pub mod cxml;
pub mod erp;
pub mod search;
pub mod store;

pub mod profile;
pub mod simulate;
pub mod translate;

pub mod service;

pub mod http;

pub mod cli;

/// A document is read into many small pieces that are given back together; this allocator is quick at both.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
