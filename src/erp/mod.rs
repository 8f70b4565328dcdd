//! The ERP: one declarative engine, a mapping file per kind of ERP (`maps/*.toml`), and a few named hooks.
//!
//! ```text
//! [fetch]   asks page after page, paced, again after a passing fault, with a new session where the old one ended
//!   └ [link]  how one kind of ERP is spoken to: JSON-RPC, REST and OData, files, a database
//! [mapping] what records become: rows as files of the import have them, column by column an [expression]
//! [webhook] what the ERP says by itself, [questions] what it is asked beside its rows, [owner] who owns which fields
//! ```
//!
//! Nothing here knows the store: [`crate::service`] brings the rows by the same way as files, and keeps how far it came.

mod asked;
pub mod expression;
pub mod fault;
pub mod fetch;
mod files;
pub mod formula;
mod hook;
mod jsonrpc;
pub mod link;
pub mod mapping;
pub mod owner;
pub mod path;
pub mod questions;
mod rest;
mod sql;
pub mod steps;
mod template;
pub mod value;
pub mod webhook;

/// The mapping files that come with the program, by the name under which a source says which it uses.
pub const MAPS: [(&str, &str); 12] = [
    ("tryton", include_str!("maps/tryton.toml")),
    ("business-central", include_str!("maps/business-central.toml")),
    ("sap-s4hana", include_str!("maps/sap-s4hana.toml")),
    ("sap-business-one", include_str!("maps/sap-business-one.toml")),
    ("prophet-21", include_str!("maps/prophet-21.toml")),
    ("netsuite", include_str!("maps/netsuite.toml")),
    (
        "dynamics-finance-operations",
        include_str!("maps/dynamics-finance-operations.toml"),
    ),
    ("odoo", include_str!("maps/odoo.toml")),
    ("infor-m3", include_str!("maps/infor-m3.toml")),
    ("infor-syteline", include_str!("maps/infor-syteline.toml")),
    ("dynamics-gp", include_str!("maps/dynamics-gp.toml")),
    ("sage-x3", include_str!("maps/sage-x3.toml")),
];

/// The JSON Schema of mapping files, for editors that know one.
pub const SCHEMA: &str = include_str!("maps/schema.json");
