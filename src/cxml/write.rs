//! Writing: grammar order, strict forms, the envelope that every network accepts.

/// How a document is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteOptions {
    /// Version of the grammar in DOCTYPE and root, per partner.
    pub version: String,
    /// US-ASCII alone, everything else as character references, as `cXML-urlencoded` demands.
    pub ascii: bool,
}

impl Default for WriteOptions {
    fn default() -> WriteOptions {
        WriteOptions {
            version: "1.2.069".to_owned(),
            ascii: false,
        }
    }
}
