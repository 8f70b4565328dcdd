//! Words that mean the same in a search.

use uuid::Uuid;

columns!(SynonymRow: "synonym" { tenant_id, id, code, words, two_way });

/// Words that mean the same, as they are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SynonymRow {
    /// The supplier.
    pub tenant_id: Uuid,
    /// Identifier.
    pub id: Uuid,
    /// The supplier's code, unique.
    pub code: String,
    /// The words; there are at least two.
    pub words: Vec<String>,
    /// Whether each finds the others; else the first finds them.
    pub two_way: bool,
}
