//! One declaration an element: from it come the type, its reading and its writing, so that the grammar's order is
//! written down once.

use std::borrow::Cow;

use super::content::{Fragment, Other, Raw, Secret, Text};
use super::date::Date;
use super::number::Number;
use super::read::{FindingKind, ReadError};
use super::reading::Reading;
use super::write::{Attribute, Form, Out};
use crate::xml;

/// What an element can do; [`element!`] declares it.
pub(super) trait Element: Default {
    /// Reads the element that the reader has opened into an empty value: where it will stay, since many are large.
    fn fill<'x>(&mut self, reading: &mut Reading<'x>, element: &xml::Element<'x>) -> Result<(), ReadError>;

    /// Reads the element that the reader has opened.
    fn read<'x>(reading: &mut Reading<'x>, element: &xml::Element<'x>) -> Result<Self, ReadError> {
        let mut this = Self::default();
        this.fill(reading, element)?;
        Ok(this)
    }

    /// Writes the element under the name that its parent gives it.
    fn write(&self, name: &str, out: &mut dyn Out);
}

/// Where a parent keeps its children of one name.
pub(super) trait Slot {
    /// Reads one more child; one too many goes to `other`.
    fn put<'x>(
        &mut self,
        reading: &mut Reading<'x>,
        child: &xml::Element<'x>,
        other: &mut Other,
    ) -> Result<(), ReadError>;

    /// Writes the children.
    fn write(&self, name: &str, out: &mut dyn Out);
}

impl<T: Element> Slot for Option<T> {
    fn put<'x>(
        &mut self,
        reading: &mut Reading<'x>,
        child: &xml::Element<'x>,
        other: &mut Other,
    ) -> Result<(), ReadError> {
        if self.is_some() {
            return reading.keep(FindingKind::Repeated, child, other);
        }
        self.insert(T::default()).fill(reading, child)
    }

    fn write(&self, name: &str, out: &mut dyn Out) {
        if let Some(element) = self {
            element.write(name, out);
        }
    }
}

impl<T: Element> Slot for Vec<T> {
    fn put<'x>(
        &mut self,
        reading: &mut Reading<'x>,
        child: &xml::Element<'x>,
        _other: &mut Other,
    ) -> Result<(), ReadError> {
        self.push(T::default());
        self.last_mut().map_or(Ok(()), |last| last.fill(reading, child))
    }

    fn write(&self, name: &str, out: &mut dyn Out) {
        for element in self {
            element.write(name, out);
        }
    }
}

impl<T: Element> Element for Box<T> {
    fn fill<'x>(&mut self, reading: &mut Reading<'x>, element: &xml::Element<'x>) -> Result<(), ReadError> {
        T::fill(self, reading, element)
    }

    fn write(&self, name: &str, out: &mut dyn Out) {
        T::write(self, name, out);
    }
}

impl Element for Raw {
    fn fill<'x>(&mut self, reading: &mut Reading<'x>, element: &xml::Element<'x>) -> Result<(), ReadError> {
        *self = reading.raw(element)?;
        Ok(())
    }

    fn write(&self, _name: &str, out: &mut dyn Out) {
        out.raw(&self.xml);
    }
}

impl Element for Secret {
    fn fill<'x>(&mut self, reading: &mut Reading<'x>, element: &xml::Element<'x>) -> Result<(), ReadError> {
        *self = reading.secret(element)?;
        Ok(())
    }

    fn write(&self, name: &str, out: &mut dyn Out) {
        out.start(name, &mut []);
        out.text(self.reveal(), Form::Text);
        out.end();
    }
}

impl Element for Text {
    fn fill<'x>(&mut self, reading: &mut Reading<'x>, element: &xml::Element<'x>) -> Result<(), ReadError> {
        reading.charge(size_of::<Text>())?;
        reading.keep_attributes(element, &mut self.other)?;
        self.value = reading.text(element, &mut self.other)?.into_owned();
        Ok(())
    }

    fn write(&self, name: &str, out: &mut dyn Out) {
        out.start(name, &mut attributes_of(&self.other));
        out.text(&self.value, Form::Text);
        self.other.write_elements(out);
        out.end();
    }
}

impl Element for Fragment {
    fn fill<'x>(&mut self, reading: &mut Reading<'x>, element: &xml::Element<'x>) -> Result<(), ReadError> {
        reading.charge(size_of::<Fragment>())?;
        let mut other = Other::default();
        reading.keep_attributes(element, &mut other)?;
        *self = reading.fragment(element)?;
        self.other = other;
        Ok(())
    }

    fn write(&self, name: &str, out: &mut dyn Out) {
        out.start(name, &mut attributes_of(&self.other));
        self.write_content(out);
        out.end();
    }
}

/// The unknown attributes, for a start tag.
pub(super) fn attributes_of(other: &Other) -> Vec<Attribute<'_>> {
    other
        .attributes()
        .iter()
        .map(|(name, value)| Attribute::new(name, value.as_str()))
        .collect()
}

/// A text that stands in an attribute or is all that an element holds.
pub(super) trait Value: Sized {
    /// How it is written and compared.
    const FORM: Form = Form::Text;
    /// Whether it is redacted.
    const SECRET: bool = false;

    /// From the text as it came.
    fn from_wire(text: Cow<'_, str>) -> Self;

    /// The text to write.
    fn as_wire(&self) -> Cow<'_, str>;

    /// Whether the grammar knows the word.
    fn is_known(&self) -> bool {
        true
    }
}

impl Value for String {
    fn from_wire(text: Cow<'_, str>) -> String {
        text.into_owned()
    }

    fn as_wire(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl Value for Date {
    fn from_wire(text: Cow<'_, str>) -> Date {
        Date::from(text.into_owned())
    }

    fn as_wire(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }
}

impl Value for Number {
    const FORM: Form = Form::Number;

    fn from_wire(text: Cow<'_, str>) -> Number {
        Number::from(text.into_owned())
    }

    fn as_wire(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.as_str())
    }
}

impl Value for Secret {
    const SECRET: bool = true;

    fn from_wire(text: Cow<'_, str>) -> Secret {
        Secret::new(text)
    }

    fn as_wire(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.reveal())
    }
}

/// The place of a name in an order that holds it, known when the program is compiled.
pub(super) const fn place_in(order: &[&str], name: &str) -> usize {
    let mut place = 0;
    while place < order.len() {
        let (own, name) = (order[place].as_bytes(), name.as_bytes());
        let mut at = 0;
        while at < own.len() && at < name.len() && own[at] == name[at] {
            at += 1;
        }
        if at == own.len() && at == name.len() {
            return place;
        }
        place += 1;
    }
    place
}

/// Declares the Rust type of one cXML element.
///
/// `attributes` are optional always: real documents leave out what the grammar demands; `or default` says that the
/// grammar supplies one. `children` stand in grammar order: an `Option` holds the first, a `Vec` all. An element
/// holds either `children`, one `text`, `any` content or `mixed` text with one kind of element. Everything else is
/// kept in `other`.
macro_rules! element {
    (
        $(#[$meta:meta])*
        pub struct $Name:ident {
            $(attributes {
                $(
                    $(#[$attribute_meta:meta])*
                    $attribute:ident: Option<$Attribute:ty> = $attribute_name:literal $(or $default:ident)?,
                )*
            })?
            $(children {
                $( $(#[$child_meta:meta])* $child:ident: $Child:ty = $child_name:literal, )*
            })?
            $(text { $(#[$text_meta:meta])* $text:ident: $Text:ty, })?
            $(any { $(#[$any_meta:meta])* $any:ident, })?
            $(mixed { $(#[$mixed_meta:meta])* $mixed:ident: $Mixed:ty = $mixed_name:literal, })?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct $Name {
            $($( $(#[$attribute_meta])* pub $attribute: Option<$Attribute>, )*)?
            $($( $(#[$child_meta])* pub $child: $Child, )*)?
            $( $(#[$text_meta])* pub $text: $Text, )?
            $( $(#[$any_meta])* pub $any: $crate::cxml::content::Fragment, )?
            $( $(#[$mixed_meta])* pub $mixed: Vec<$crate::cxml::content::Piece<$Mixed>>, )?
            /// What the grammar does not give to this element, kept in its order.
            pub other: $crate::cxml::content::Other,
        }

        impl $crate::cxml::element::Element for $Name {
            fn fill<'x>(
                &mut self,
                reading: &mut $crate::cxml::reading::Reading<'x>,
                element: &$crate::xml::Element<'x>,
            ) -> Result<(), $crate::cxml::read::ReadError> {
                reading.charge(size_of::<Self>())?;
                let mut ordinal = 0;
                while let Some(attribute) = reading.reader.attribute(element, ordinal) {
                    ordinal += 1;
                    match attribute.name {
                        $($( $attribute_name => self.$attribute = reading.attribute(element, &attribute), )*)?
                        _ => reading.keep_attribute(element, &attribute, &mut self.other)?,
                    }
                }
                $(
                    const ORDER: &[&str] = &[$($child_name),*];
                    let mut place = 0;
                    while let Some(child) = reading.child(element)? {
                        match child.name() {
                            $( $child_name => {
                                const OWN: usize = $crate::cxml::element::place_in(ORDER, $child_name);
                                reading.check_order(OWN, &mut place, &child);
                                $crate::cxml::element::Slot::put(&mut self.$child, reading, &child, &mut self.other)?;
                            } )*
                            _ => reading.keep($crate::cxml::read::FindingKind::UnknownElement, &child, &mut self.other)?,
                        }
                    }
                )?
                $( self.$text = reading.value(element, &mut self.other)?; )?
                $( self.$any = reading.fragment(element)?; )?
                $( self.$mixed = reading.mixed(element, $mixed_name)?; )?
                reading.keep_rest(element, &mut self.other)
            }

            fn write(&self, name: &str, out: &mut dyn $crate::cxml::write::Out) {
                let mut attributes: Vec<$crate::cxml::write::Attribute<'_>> = Vec::new();
                $($(
                    let default = None::<$Attribute>$(.or_else(|| Some(<$Attribute as Default>::$default())))?;
                    $crate::cxml::write::attribute(&mut attributes, $attribute_name, &self.$attribute, &default);
                )*)?
                attributes.extend($crate::cxml::element::attributes_of(&self.other));
                out.start(name, &mut attributes);
                $($( $crate::cxml::element::Slot::write(&self.$child, $child_name, out); )*)?
                $( $crate::cxml::write::value(&self.$text, out); )?
                $( self.$any.write_content(out); )?
                $( $crate::cxml::write::mixed(&self.$mixed, $mixed_name, out); )?
                self.other.write_elements(out);
                out.end();
            }
        }
    };
}

/// Declares an attribute that takes one of a few words; any other word is kept.
macro_rules! choice {
    (
        $(#[$meta:meta])*
        pub enum $Name:ident $(or $Default:ident)? { $( $(#[$word_meta:meta])* $Word:ident = $word:literal, )* }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $Name {
            $( $(#[$word_meta])* $Word, )*
            /// A word that the grammar does not know, as it came.
            Other(String),
        }

        impl $Name {
            /// The word as written in a document.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $( $Name::$Word => $word, )*
                    $Name::Other(word) => word,
                }
            }

            $(
                /// The word, or the one that the grammar supplies where there is none or an empty one.
                #[must_use]
                pub fn stated(given: Option<&$Name>) -> $Name {
                    given.filter(|word| !word.as_str().is_empty()).cloned().unwrap_or($Name::$Default)
                }
            )?
        }

        $(
            impl Default for $Name {
                fn default() -> $Name {
                    $Name::$Default
                }
            }
        )?

        impl From<&str> for $Name {
            fn from(word: &str) -> $Name {
                $( if word.trim().eq_ignore_ascii_case($word) { return $Name::$Word; } )*
                $Name::Other(word.to_owned())
            }
        }

        impl $crate::cxml::element::Value for $Name {
            fn from_wire(text: std::borrow::Cow<'_, str>) -> $Name {
                $Name::from(&*text)
            }

            fn as_wire(&self) -> std::borrow::Cow<'_, str> {
                std::borrow::Cow::Borrowed(self.as_str())
            }

            fn is_known(&self) -> bool {
                !matches!(self, $Name::Other(_))
            }
        }
    };
}

pub(super) use {choice, element};
