//! cXML documents as Rust types named as the standard names them.
//!
//! Numbers, dates and words stay as they came; [`Number::decimal`], [`Date::read`] and the accessors that supply the
//! grammar's defaults read them. Elements and attributes that the grammar does not know are kept and written again.

pub mod address;
pub mod content;
pub mod date;
mod element;
pub mod envelope;
pub mod extrinsic;
pub mod facts;
pub mod fingerprint;
pub mod grammar;
pub mod header;
pub mod item;
pub mod mac;
pub mod money;
pub mod number;
pub mod order;
pub mod profile;
pub mod punchout;
pub mod read;
mod reading;
pub mod status;
pub mod text;
pub mod write;

pub use address::*;
pub use content::{Fragment, Other, Piece, Raw, Secret, Text};
pub use date::Date;
pub use envelope::*;
pub use extrinsic::{Extrinsic, Link, Url};
pub use facts::facts;
pub use fingerprint::fingerprint;
pub use grammar::Families;
pub use header::*;
pub use item::*;
pub use money::*;
pub use number::{Figure, Number};
pub use order::*;
pub use profile::*;
pub use punchout::*;
pub use read::{Fault, Finding, FindingKind, Findings, ReadError, ReadOptions};
pub use status::*;
pub use text::*;
pub use write::WriteOptions;
