//! Text for humans: descriptions and comments.

use super::content::{Piece, Text};
use super::element::{choice, element};
use super::extrinsic::Url;

element! {
    /// Text for humans, with an optional short form inside (cXML 1.2 `Description`).
    pub struct Description {
        attributes {
            /// Language of the text.
            lang: Option<String> = "xml:lang",
            /// Kind of description.
            kind: Option<String> = "type",
        }
        mixed {
            /// The text and the short names, in their order.
            content: Text = "ShortName",
        }
    }
}

impl Description {
    /// A text in a language.
    pub fn new(text: impl Into<String>, lang: impl Into<String>) -> Description {
        Description {
            lang: Some(lang.into()),
            content: vec![Piece::Text(text.into())],
            ..Description::default()
        }
    }

    /// A text in a language, with a short form before it.
    pub fn with_short_name(
        short_name: impl Into<String>,
        text: impl Into<String>,
        lang: impl Into<String>,
    ) -> Description {
        let content = vec![Piece::Element(Text::new(short_name)), Piece::Text(text.into())];
        Description {
            lang: Some(lang.into()),
            content,
            ..Description::default()
        }
    }

    /// The short form.
    #[must_use]
    pub fn short_name(&self) -> Option<&str> {
        self.content.iter().find_map(|piece| match piece {
            Piece::Element(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The text without the short form, without white space at its ends.
    #[must_use]
    pub fn text(&self) -> String {
        text_of(&self.content)
    }
}

element! {
    /// Where an attachment is (cXML 1.2 `Attachment`).
    pub struct Attachment {
        attributes {
            /// Who may see it.
            visibility: Option<Visibility> = "visibility",
        }
        children {
            /// `cid:` and the content identifier of a part of the message, or an address that is never fetched.
            url: Option<Url> = "URL",
        }
    }
}

choice! {
    /// Who may see an attachment (cXML 1.2 `Attachment/@visibility`).
    pub enum Visibility {
        /// The buyer alone.
        Internal = "internal",
    }
}

element! {
    /// Remarks for humans, with attachments among them (cXML 1.2 `Comments`).
    pub struct Comments {
        attributes {
            /// Language of the text.
            lang: Option<String> = "xml:lang",
            /// Kind of remark.
            kind: Option<String> = "type",
        }
        mixed {
            /// The text and the attachments, in their order.
            content: Attachment = "Attachment",
        }
    }
}

impl Comments {
    /// A remark in a language.
    pub fn new(text: impl Into<String>, lang: impl Into<String>) -> Comments {
        Comments {
            lang: Some(lang.into()),
            content: vec![Piece::Text(text.into())],
            ..Comments::default()
        }
    }

    /// The text without the attachments, without white space at its ends.
    #[must_use]
    pub fn text(&self) -> String {
        text_of(&self.content)
    }

    /// The attachments.
    pub fn attachments(&self) -> impl Iterator<Item = &Attachment> {
        self.content.iter().filter_map(|piece| match piece {
            Piece::Element(attachment) => Some(attachment),
            _ => None,
        })
    }
}

fn text_of<E>(content: &[Piece<E>]) -> String {
    let mut text = String::new();
    for piece in content {
        if let Piece::Text(part) = piece {
            text.push_str(part);
        }
    }
    text.trim().to_owned()
}
