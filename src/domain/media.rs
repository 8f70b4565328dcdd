//! Pictures and documents of products: which kinds there are.

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

impl MediaKind {
    /// All of them.
    pub const ALL: [MediaKind; 6] = [
        MediaKind::Png,
        MediaKind::Jpeg,
        MediaKind::Gif,
        MediaKind::Webp,
        MediaKind::Svg,
        MediaKind::Pdf,
    ];

    /// The word it is stored by, which is the usual ending of such files.
    pub fn word(self) -> &'static str {
        match self {
            MediaKind::Png => "png",
            MediaKind::Jpeg => "jpeg",
            MediaKind::Gif => "gif",
            MediaKind::Webp => "webp",
            MediaKind::Svg => "svg",
            MediaKind::Pdf => "pdf",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        MediaKind::ALL.into_iter().find(|kind| kind.word() == word)
    }

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
