//! Where the reference documents are: tests named `reference_…` read them, when they are there.

use std::path::{Path, PathBuf};
use std::sync::Once;

use crate::support_store::tell;

/// The folder named by `PUNCHGATE_REFERENCE`, by default `../shared` beside the package.
///
/// `None` (after one line that says so) where the variable is not set and the folder does not exist.
pub fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("PUNCHGATE_REFERENCE").map(PathBuf::from);
    let required = named.is_some();
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"));
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(
        !required,
        "PUNCHGATE_REFERENCE is set, but {} is not a folder",
        folder.display()
    );
    static TOLD: Once = Once::new();
    TOLD.call_once(|| tell("reference: not run (there is no ../shared, and PUNCHGATE_REFERENCE is not set)"));
    None
}

/// One document of `corpus/index.tsv`.
#[derive(Debug, Clone)]
pub struct Document {
    /// The path within `corpus`, also the key of `facts.jsonl`.
    pub file: String,
    /// What the document carries (`OrderRequest`, `StatusResponse`, …).
    pub kind: String,
    /// Whether an independent parser found it well-formed.
    pub well_formed: bool,
    /// Whether it found it valid by the published grammar; `None` where it was not held against one.
    pub valid: Option<bool>,
    /// The family of that grammar (`cXML`, `Fulfill`, …); empty where there was none.
    pub family: String,
    /// The document's bytes.
    pub bytes: Vec<u8>,
}

/// Every document of the corpus; `None` where there is no reference folder.
pub fn documents() -> Option<Vec<Document>> {
    let corpus = folder()?.join("corpus");
    let index = std::fs::read_to_string(corpus.join("index.tsv")).unwrap();
    let mut lines = index.lines();
    let head: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let column = |name: &str| head.iter().position(|title| *title == name).unwrap();
    let (file, kind, well_formed) = (column("file"), column("type"), column("wellformed"));
    let (valid, family) = (column("valid_1.2.071"), column("dtd_used"));
    let documents = lines
        .map(|line| {
            let fields: Vec<&str> = line.split('\t').collect();
            Document {
                file: fields[file].to_owned(),
                kind: fields[kind].to_owned(),
                well_formed: fields[well_formed] == "yes",
                valid: match fields[valid] {
                    "yes" => Some(true),
                    "no" => Some(false),
                    _ => None,
                },
                family: fields[family].rsplit('/').next().unwrap_or_default().to_owned(),
                bytes: std::fs::read(corpus.join(fields[file])).unwrap(),
            }
        })
        .collect();
    Some(documents)
}
