//! Doors: cXML, session, shop, admin, health.
