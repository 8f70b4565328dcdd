//! Enums that are known by words: in files, in the database, on pages. One place says which word stands for what.

/// A choice whose variants each have a word.
pub trait Word: Copy + PartialEq + 'static {
    /// Every variant.
    const ALL: &'static [Self];

    /// The word of a variant.
    fn word(self) -> &'static str;

    /// Reads a word; there is no variant for one that is not known.
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|variant| variant.word() == word)
    }

    /// All words, as a sentence names them.
    fn words() -> String {
        let words: Vec<&str> = Self::ALL.iter().map(|variant| variant.word()).collect();
        words.join(", ")
    }
}

/// Gives an enum its words: `known_by_words!(Enforce { None = "none", Warn = "warn" })`.
macro_rules! known_by_words {
    ($type:ty { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $crate::domain::word::Word for $type {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }
    };
}
