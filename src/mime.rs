//! Multipart bodies in and out.
