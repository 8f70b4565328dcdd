//! Purchase orders: received, decided, priced, held or handed on.

pub(super) mod again;
pub(super) mod hold;
pub mod look;
mod price;
pub mod receive;
pub mod resolve;
mod step;
