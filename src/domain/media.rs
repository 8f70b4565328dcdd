//! Pictures and documents of products: which kinds there are.

use super::word::Word;

/// What a file is, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// A GIF picture.
    Gif,
    /// A WebP picture.
    Webp,
    /// An SVG drawing.
    Svg,
    /// A PDF document.
    Pdf,
}

known_by_words!(MediaKind {
    Png = "png",
    Jpeg = "jpeg",
    Gif = "gif",
    Webp = "webp",
    Svg = "svg",
    Pdf = "pdf",
});

impl MediaKind {
    /// The kind that a file's ending promises.
    pub fn from_ending(ending: &str) -> Option<Self> {
        let ending = ending.to_ascii_lowercase();
        match ending.as_str() {
            "jpg" => Some(MediaKind::Jpeg),
            word => MediaKind::from_word(word),
        }
    }

    /// How browsers are told what it is (IANA media types).
    pub fn content_type(self) -> &'static str {
        match self {
            MediaKind::Png => "image/png",
            MediaKind::Jpeg => "image/jpeg",
            MediaKind::Gif => "image/gif",
            MediaKind::Webp => "image/webp",
            MediaKind::Svg => "image/svg+xml",
            MediaKind::Pdf => "application/pdf",
        }
    }

    /// Whether it is shown in pages; everything else is a document to be opened.
    pub fn is_picture(self) -> bool {
        self != MediaKind::Pdf
    }
}
