//! Purchase orders: received, decided, priced, held or handed on.

pub mod look;
pub mod receive;
pub mod resolve;
