//! cXML documents as Rust types named as the standard names them.
