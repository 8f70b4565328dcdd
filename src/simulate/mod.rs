//! Buyers that behave like real procurement systems, for tests and the demonstration.
