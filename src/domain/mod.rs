//! What a supplier sells, promises and bills: pure, no I/O, no clock, no SQL, no XML.
