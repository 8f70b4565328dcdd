//! Doors: cXML, session, shop, admin, health.

pub mod asset;
pub mod page;
