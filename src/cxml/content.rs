//! What an element holds when it is not made of named fields: plain text, any content, mixed content, fragments of
//! source kept as they came, and whatever the grammar does not know.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use super::write::{Form, Out};
use crate::xml::{self, XmlError};

/// An element kept as the source wrote it, from `<` to `>`.
///
/// Its `Debug` shows the name alone: a fragment may hold a secret.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Raw {
    /// Name of the element as written.
    pub name: String,
    /// The source text of the whole element.
    pub xml: String,
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raw(<{}>, {} bytes)", self.name, self.xml.len())
    }
}

/// Attributes and elements that the grammar does not give to an element; kept in their order and written again.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Other(Option<Box<Unknown>>);

#[derive(Clone, Default, PartialEq, Eq)]
struct Unknown {
    attributes: Vec<(String, String)>,
    elements: Vec<Raw>,
}

impl Other {
    /// Unknown attributes: name and value.
    #[must_use]
    pub fn attributes(&self) -> &[(String, String)] {
        self.0.as_ref().map_or(&[], |unknown| &unknown.attributes)
    }

    /// Unknown or repeated elements.
    #[must_use]
    pub fn elements(&self) -> &[Raw] {
        self.0.as_ref().map_or(&[], |unknown| &unknown.elements)
    }

    /// Whether nothing unknown was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Adds what another element of the same kind had; of an attribute that both had, the first value stays.
    pub(super) fn extend(&mut self, more: Other) {
        if let Some(more) = more.0 {
            let own = self.0.get_or_insert_default();
            for (name, value) in more.attributes {
                if own.attributes.iter().all(|(given, _)| *given != name) {
                    own.attributes.push((name, value));
                }
            }
            own.elements.extend(more.elements);
        }
    }

    pub(super) fn write_elements(&self, out: &mut dyn Out) {
        for raw in self.elements() {
            out.raw(&raw.xml);
        }
    }

    pub(super) fn add_attribute(&mut self, name: &str, value: &str) {
        self.0
            .get_or_insert_default()
            .attributes
            .push((name.to_owned(), value.to_owned()));
    }

    pub(super) fn add_element(&mut self, raw: Raw) {
        self.0.get_or_insert_default().elements.push(raw);
    }
}

impl fmt::Debug for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.attributes().iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Other")
            .field("attributes", &names)
            .field("elements", &self.elements())
            .finish()
    }
}

/// An element that holds text alone, without white space at its ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// The text.
    pub value: String,
    /// What the grammar does not know.
    pub other: Other,
}

impl Text {
    /// A text.
    pub fn new(value: impl Into<String>) -> Text {
        Text {
            value: value.into(),
            other: Other::default(),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.value
    }
}

impl Deref for Text {
    type Target = str;
    fn deref(&self) -> &str {
        &self.value
    }
}

impl From<&str> for Text {
    fn from(value: &str) -> Text {
        Text::new(value)
    }
}

impl From<String> for Text {
    fn from(value: String) -> Text {
        Text::new(value)
    }
}

/// Any content (`ANY`): the text, and the source between the tags where that is more than text.
///
/// Its `Debug` hides the text where there is more: elements inside may hold a secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Fragment {
    text: String,
    markup: Option<String>,
    /// What the grammar does not know: attributes of the element.
    pub other: Other,
}

impl fmt::Debug for Fragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.markup {
            Some(markup) => write!(f, "Fragment({} bytes)", markup.len()),
            None => write!(f, "Fragment({:?})", self.text),
        }
    }
}

impl Fragment {
    /// Content that is text alone.
    pub fn from_text(text: impl Into<String>) -> Fragment {
        Fragment {
            text: text.into(),
            ..Fragment::default()
        }
    }

    /// All text inside, concatenated, exactly as it came.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All text inside, without white space at its ends.
    #[must_use]
    pub fn trimmed(&self) -> &str {
        self.text.trim()
    }

    /// The source between the tags, as it came.
    #[must_use]
    pub fn xml(&self) -> Cow<'_, str> {
        match &self.markup {
            Some(markup) => Cow::Borrowed(markup),
            None => escaped(&self.text),
        }
    }

    /// Content from its source between the tags, as [`Fragment::xml`] gave it.
    ///
    /// # Errors
    ///
    /// When the source is not well-formed.
    pub fn from_xml(source: &str, limits: &xml::Limits) -> Result<Fragment, XmlError> {
        let element = format!("<x>{source}</x>");
        let mut reader = xml::Reader::new(&element, limits)?;
        let root = reader.root()?;
        let text = reader.text(&root)?;
        reader.finish()?;
        Ok(Fragment::from_source(text, source))
    }

    pub(super) fn from_source(text: Cow<'_, str>, source: &str) -> Fragment {
        // Text that was borrowed from the source and is as long as it is the source.
        let is_plain = match &text {
            Cow::Borrowed(text) if text.len() == source.len() => memchr::memchr(b'>', text.as_bytes()).is_none(),
            _ => escaped(&text) == source,
        };
        let markup = (!is_plain).then(|| source.to_owned());
        Fragment {
            text: text.into_owned(),
            markup,
            other: Other::default(),
        }
    }

    pub(super) fn write_content(&self, out: &mut dyn Out) {
        match &self.markup {
            Some(markup) => out.raw(markup),
            None => out.text(&self.text, Form::Text),
        }
    }
}

impl From<&str> for Fragment {
    fn from(text: &str) -> Fragment {
        Fragment::from_text(text)
    }
}

fn escaped(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    if memchr::memchr3(b'&', b'<', b'>', bytes).is_none() && memchr::memchr(b'\r', bytes).is_none() {
        return Cow::Borrowed(text);
    }
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    Cow::Owned(escaped.replace('\r', "&#13;"))
}

/// One piece of mixed content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<E> {
    /// Text exactly as it came.
    Text(String),
    /// The element that the grammar allows here.
    Element(E),
    /// Any other element.
    Other(Raw),
}

/// A secret text: never shown, never logged.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The clear text, exactly as it came, for comparing and sealing.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
