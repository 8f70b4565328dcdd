//! The grammars of cXML: seven families, of which a document's payload selects one, never its DOCTYPE.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::OnceLock;

use crate::xml::{Grammar, GrammarError, Limits, Reader, Violations, XmlError};

/// The published families, in the order in which a payload that several list is looked for.
pub const FAMILIES: [&str; 7] = [
    "cXML",
    "Fulfill",
    "InvoiceDetail",
    "PaymentRemittance",
    "Quote",
    "Contract",
    "Catalog",
];

/// The grammars of all families; two sets are the same only if they are one.
pub struct Families {
    /// In the order of [`FAMILIES`].
    grammars: Vec<Grammar>,
    /// The family of each payload.
    payloads: HashMap<String, usize>,
}

impl PartialEq for Families {
    fn eq(&self, other: &Families) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Families {}

impl fmt::Debug for Families {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(FAMILIES).finish()
    }
}

/// Why a set of grammars cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FamiliesError {
    /// A file is wrong.
    #[error(transparent)]
    Grammar(#[from] GrammarError),
    /// A file cannot be read.
    #[error("{file}: {source}")]
    File {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
}

macro_rules! built_in {
    ($($file:literal),+ $(,)?) => {
        /// A file of the grammar that is built into the program.
        fn built_in(file: &str) -> Option<Cow<'static, str>> {
            match file {
                $($file => Some(Cow::Borrowed(include_str!(concat!("../../dtd/", $file)))),)+
                _ => None,
            }
        }
    };
}
built_in!(
    "common.dtd",
    "cXML.dtd",
    "Fulfill.dtd",
    "InvoiceDetail.dtd",
    "PaymentRemittance.dtd",
    "Quote.dtd",
    "Contract.dtd",
    "Catalog.dtd",
);

impl Families {
    /// The grammars that are built in, compiled at the first use.
    ///
    /// # Errors
    /// The built-in files are wrong, which a test excludes.
    pub fn built_in() -> Result<&'static Families, FamiliesError> {
        static FAMILIES: OnceLock<Families> = OnceLock::new();
        if let Some(families) = FAMILIES.get() {
            return Ok(families);
        }
        let families = Families::compile(&built_in)?;
        Ok(FAMILIES.get_or_init(|| families))
    }

    /// The grammars of a folder that holds a published set (`cXML.dtd`, `Fulfill.dtd`, …), kept while the program runs.
    ///
    /// # Errors
    /// A file is missing or wrong.
    pub fn load(folder: &Path) -> Result<&'static Families, FamiliesError> {
        let mut files = HashMap::new();
        let failed = |source| FamiliesError::File {
            file: folder.display().to_string(),
            source,
        };
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let name = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
            if let Some(name) = name.filter(|_| path.extension().is_some_and(|ending| ending == "dtd")) {
                let text = std::fs::read_to_string(&path).map_err(|source| FamiliesError::File {
                    file: path.display().to_string(),
                    source,
                })?;
                files.insert(name, text);
            }
        }
        // A file that names another one names it beside itself.
        let families = Families::compile(&|file: &str| files.get(file).cloned().map(Cow::Owned))?;
        Ok(Box::leak(Box::new(families)))
    }

    fn compile(files: &dyn Fn(&str) -> Option<Cow<'static, str>>) -> Result<Families, FamiliesError> {
        let mut grammars = Vec::with_capacity(FAMILIES.len());
        let mut payloads = HashMap::new();
        for (ordinal, family) in FAMILIES.iter().enumerate() {
            let grammar = Grammar::compile(&format!("{family}.dtd"), files)?;
            for parent in BODIES {
                for payload in grammar.children(parent) {
                    payloads.entry(payload.to_owned()).or_insert(ordinal);
                }
            }
            grammars.push(grammar);
        }
        Ok(Families { grammars, payloads })
    }

    /// The grammar of a family of [`FAMILIES`].
    pub fn family(&self, name: &str) -> Option<&Grammar> {
        let ordinal = FAMILIES.iter().position(|family| *family == name)?;
        self.grammars.get(ordinal)
    }

    /// The name of the family that a payload belongs to; that of PunchOut and orders for one that none knows.
    pub fn family_of(&self, payload: &str) -> &'static str {
        FAMILIES[self.payloads.get(payload).copied().unwrap_or(0)]
    }

    /// The grammar that a document is held against.
    pub fn of(&self, document: &str) -> &Grammar {
        let ordinal = payload(document).and_then(|payload| self.payloads.get(payload));
        &self.grammars[ordinal.copied().unwrap_or(0)]
    }

    /// Holds a document against its grammar without reading it into types.
    ///
    /// # Errors
    /// It is not well-formed, or beyond a limit.
    pub fn validate(&self, document: &str, limits: &Limits) -> Result<Violations, XmlError> {
        let mut reader = Reader::validating(document, limits, self.of(document))?;
        reader.finish()?;
        Ok(reader.take_violations())
    }
}

/// The elements that hold the payload.
const BODIES: [&str; 3] = ["Request", "Response", "Message"];

/// The name of the payload: the first element of the request, response or message that is not its status.
///
/// This looks ahead and checks nothing: what is not well-formed is found while reading.
fn payload(document: &str) -> Option<&str> {
    let bytes = document.as_bytes();
    let (mut at, mut depth) = (0, 0_u32);
    let mut in_body = false;
    loop {
        at += memchr::memchr(b'<', &bytes[at..])? + 1;
        let rest = &document[at..];
        let end = match rest.as_bytes() {
            [b'!', b'-', b'-', ..] => "-->",
            [b'!', b'[', ..] => "]]>",
            [b'!', ..] => ">",
            [b'?', ..] => "?>",
            [b'/', ..] => {
                depth = depth.checked_sub(1)?;
                in_body &= depth > 1;
                continue;
            }
            _ => {
                let length = tag_len(rest.as_bytes())?;
                let is_empty = length > 0 && rest.as_bytes()[length - 1] == b'/';
                match depth {
                    1 => in_body = !is_empty && BODIES.contains(&name(rest)),
                    2 if in_body && name(rest) != "Status" => return Some(name(rest)),
                    _ => {}
                }
                depth += u32::from(!is_empty);
                at += length;
                continue;
            }
        };
        at += rest.find(end)? + end.len();
    }
}

/// Bytes up to the `>` of a tag; one in quotes is none.
fn tag_len(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr3(b'>', b'"', b'\'', &bytes[at..])?;
        match bytes[at] {
            b'>' => return Some(at),
            quote => at += 2 + memchr::memchr(quote, &bytes[at + 1..])?,
        }
    }
}

/// The name that a tag begins with.
fn name(tag: &str) -> &str {
    let ends = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'/' | b'>');
    let length = tag.as_bytes().iter().position(ends);
    &tag[..length.unwrap_or(tag.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_grammars_compile_and_say_what_they_are() {
        let families = Families::built_in().unwrap();
        for family in FAMILIES {
            let grammar = families.family(family).unwrap();
            assert!(grammar.elements_count() > 500, "{family}");
            // What is printed is a grammar of its own, and the same.
            let printed = grammar.to_dtd();
            let again = Grammar::compile("x", &|_| Some(Cow::Owned(printed.clone()))).unwrap();
            assert_eq!(again.to_dtd(), printed, "{family}");
        }
        assert!(families.family("Logistics").is_none());
    }

    #[test]
    fn the_payload_selects_the_family() {
        let families = Families::built_in().unwrap();
        let check = |document: &str, expect: Option<&str>, family: &str| {
            assert_eq!(payload(document), expect, "{document}");
            assert_eq!(families.family_of(expect.unwrap_or_default()), family, "{document}");
        };
        let header = "<cXML payloadID='>'><!-- <Request><X/> --><Header a=\">\"><From/></Header>";
        for (body, expect, family) in [
            ("<Request><OrderRequest>", Some("OrderRequest"), "cXML"),
            ("<Request a='1'>\n <!-- <A> --><InvoiceDetailRequest a='", None, "cXML"),
            (
                "<Request><InvoiceDetailRequest>",
                Some("InvoiceDetailRequest"),
                "InvoiceDetail",
            ),
            ("<Request><ShipNoticeRequest/>", Some("ShipNoticeRequest"), "Fulfill"),
            ("<Response><Status/><ProfileResponse>", Some("ProfileResponse"), "cXML"),
            ("<Response><Status code='200'>OK</Status></Response>", None, "cXML"),
            ("<Message><Status/><QuoteMessage>", Some("QuoteMessage"), "Quote"),
            ("<Request/><OrderRequest>", None, "cXML"),
            ("<Request></Request><OrderRequest>", None, "cXML"),
            ("<Request><Unheard/>", Some("Unheard"), "cXML"),
            ("<Request", None, "cXML"),
            ("", None, "cXML"),
        ] {
            check(
                &format!("<?xml version='1.0'?><!DOCTYPE cXML SYSTEM 'x'>{header}{body}"),
                expect,
                family,
            );
        }
    }
}
