//! The supplier's own people at work.
