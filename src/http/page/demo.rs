//! The simulated buyer.
