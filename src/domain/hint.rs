//! What changed elsewhere, as somebody said: where to look sooner than usual.

use jiff::Timestamp;
use uuid::Uuid;

/// Something that a program says has changed elsewhere: a hint to fetch it, never a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier; a hint that comes again has a new one, so that whoever works on the earlier one does not end it.
    pub id: Uuid,
    /// The code of the source in which it changed.
    pub source: String,
    /// The kind of row, by the name of its files.
    pub entity: String,
    /// The source's own key.
    pub ext_id: String,
    /// Who said so.
    pub client_id: Uuid,
    /// When it was said last.
    pub received_at: Timestamp,
}
