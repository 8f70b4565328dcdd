//! Connections as staff see and change them.
