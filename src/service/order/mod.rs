//! Purchase orders: received, decided, priced, held or handed on.

pub mod receive;
pub mod resolve;
