//! Content equality of documents: a repeated order is recognised although its identity and time differ.

use openssl::sha::Sha256;

use super::envelope::Document;
use super::number::Number;
use super::write::{Attribute, Form, Out};
use crate::xml::{self, Limits, Node, Reader, XmlError};

/// SHA-256 of what a document says, without identity, time, header and signatures.
///
/// The order of attributes, white space at the ends of texts and in runs, the scale of numbers and the spelling out
/// of what the grammar supplies make no difference.
#[must_use]
pub fn fingerprint(document: &Document) -> [u8; 32] {
    let mut digest = Digest {
        hash: Sha256::new(),
        text: String::new(),
        form: Form::Text,
    };
    document.body.write(&mut digest);
    digest.hash.finish()
}

/// Hashes elements instead of writing them. Every part is preceded by its kind and length, so that no two contents
/// run together to the same bytes.
struct Digest {
    hash: Sha256,
    /// Text since the last tag.
    text: String,
    form: Form,
}

impl Digest {
    fn part(&mut self, kind: u8, text: &str) {
        self.hash.update(&[kind]);
        self.hash.update(&text.len().to_be_bytes());
        self.hash.update(text.as_bytes());
    }

    fn end_text(&mut self) {
        let text = std::mem::take(&mut self.text);
        let form = std::mem::replace(&mut self.form, Form::Text);
        let text = canonical(&text, form);
        if !text.is_empty() {
            self.part(b't', &text);
        }
    }

    /// Hashes a fragment by its elements, not by its source.
    fn fragment(&mut self, source: &str) -> Result<(), XmlError> {
        let element = format!("<x>{source}</x>");
        let mut reader = Reader::new(&element, &Limits::default())?;
        let root = reader.root()?;
        self.nodes(&mut reader, &root)?;
        reader.finish()
    }

    fn nodes<'x>(&mut self, reader: &mut Reader<'x>, parent: &xml::Element<'x>) -> Result<(), XmlError> {
        while let Some(node) = reader.node(parent)? {
            match node {
                Node::Text(text) => self.text(&text, Form::Text),
                Node::Element(element) => {
                    let mut attributes: Vec<Attribute<'_>> = element
                        .attributes()
                        .map(|attribute| Attribute::new(attribute.name, attribute.value()))
                        .collect();
                    self.start(element.name(), &mut attributes);
                    self.nodes(reader, &element)?;
                    self.end();
                }
            }
        }
        Ok(())
    }
}

impl Out for Digest {
    fn start(&mut self, name: &str, attributes: &mut [Attribute<'_>]) {
        self.end_text();
        self.part(b'<', name);
        attributes.sort_by(|one, other| one.name.cmp(other.name));
        for attribute in attributes {
            self.part(b'a', attribute.name);
            self.part(b'v', &canonical(&attribute.value, attribute.form));
        }
    }

    fn text(&mut self, text: &str, form: Form) {
        self.form = form;
        self.text.push_str(text);
    }

    fn raw(&mut self, source: &str) {
        if self.fragment(source).is_err() {
            self.part(b'r', source);
        }
    }

    fn end(&mut self) {
        self.end_text();
        self.part(b'>', "");
    }
}

fn canonical(text: &str, form: Form) -> String {
    let blank = |character: char| matches!(character, ' ' | '\t' | '\n' | '\r');
    if form == Form::Number
        && let Ok(value) = Number::from(text).decimal()
    {
        return value.normalize().to_string();
    }
    let words: Vec<&str> = text.split(blank).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cxml::ReadOptions;

    fn order(header: &str, line: &str) -> [u8; 32] {
        let text = format!(
            r#"<cXML payloadID="{}" timestamp="{}"><Header><From/></Header><Request><OrderRequest>
            <OrderRequestHeader {header}><Total><Money currency="EUR">12.50</Money></Total></OrderRequestHeader>
            {line}</OrderRequest></Request></cXML>"#,
            line.len(),
            header.len()
        );
        fingerprint(&Document::read(&text, &Limits::default(), &ReadOptions::default()).unwrap())
    }

    const HEADER: &str = r#"orderID="1" orderDate="2026-01-02""#;
    const LINE: &str =
        r#"<ItemOut quantity="1"><ItemID><SupplierPartID>A 1</SupplierPartID></ItemID><X a="1" b="2">c</X></ItemOut>"#;

    #[test]
    fn the_same_content_has_the_same_fingerprint() {
        let expect = order(HEADER, LINE);
        let same = [
            (r#"orderDate="2026-01-02" orderID="1""#, LINE),
            (
                r#"orderID="1" orderDate="2026-01-02" type="new" orderType="regular""#,
                LINE,
            ),
            (HEADER, &LINE.replace("\"1\"><ItemID>", "'1.000'>\n <ItemID>\n ")),
            (HEADER, &LINE.replace("A 1", "\n A\t <!-- cut --><![CDATA[1]]> ")),
            (HEADER, &LINE.replace(r#"a="1" b="2">c"#, r#" b='2'  a="&#49;"> c "#)),
        ];
        for (header, line) in same {
            assert_eq!(order(header, line), expect, "{header} {line}");
        }
    }

    #[test]
    fn other_content_has_another_fingerprint() {
        let expect = order(HEADER, LINE);
        let other = [
            (r#"orderID="01" orderDate="2026-01-02""#, LINE.to_owned()),
            (r#"orderID="1" orderDate="2026-01-02" type="update""#, LINE.to_owned()),
            (HEADER, LINE.replace("quantity=\"1\"", "quantity=\"1.1\"")),
            (HEADER, LINE.replace("A 1", "A1")),
            (HEADER, LINE.replace("A 1", "A 1.0")),
            (HEADER, LINE.replace("c</X>", "<c/></X>")),
            (HEADER, LINE.replace("a=\"1\"", "a=\"2\"")),
            (HEADER, format!("{LINE}{LINE}")),
            (HEADER, String::new()),
        ];
        for (header, line) in other {
            assert_ne!(order(header, &line), expect, "{header} {line}");
        }
    }
}
