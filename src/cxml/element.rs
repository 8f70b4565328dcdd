//! One declaration an element: from it come the type, its reading and its writing, so that the grammar's order is
//! written down once.

/// Declares the Rust type of one cXML element.
///
/// `attributes` are optional always: real documents leave out what the grammar demands. `children` stand in grammar
/// order: an `Option` holds the first, a `Vec` all. An element holds either `children`, one `text`, `any` content or
/// `mixed` text with one kind of element. Everything else is kept in `other`.
macro_rules! element {
    (
        $(#[$meta:meta])*
        pub struct $Name:ident {
            $(attributes {
                $( $(#[$attribute_meta:meta])* $attribute:ident: $Attribute:ty = $attribute_name:literal, )*
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
            $($( $(#[$attribute_meta])* pub $attribute: $Attribute, )*)?
            $($( $(#[$child_meta])* pub $child: $Child, )*)?
            $( $(#[$text_meta])* pub $text: $Text, )?
            $( $(#[$any_meta])* pub $any: $crate::cxml::content::Fragment, )?
            $( $(#[$mixed_meta])* pub $mixed: Vec<$crate::cxml::content::Piece<$Mixed>>, )?
            /// What the grammar does not give to this element, kept in its order.
            pub other: $crate::cxml::content::Other,
        }
    };
}

/// Declares an attribute that takes one of a few words; any other word is kept.
macro_rules! choice {
    (
        $(#[$meta:meta])*
        pub enum $Name:ident { $( $(#[$word_meta:meta])* $Word:ident = $word:literal, )* }
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
        }

        impl From<&str> for $Name {
            fn from(word: &str) -> $Name {
                match word {
                    $( $word => $Name::$Word, )*
                    other => $Name::Other(other.to_owned()),
                }
            }
        }
    };
}

pub(super) use {choice, element};
