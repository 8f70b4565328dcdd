//! Line icons on a grid of 24, drawn inside the page so that no frame or policy can lose them.

use std::fmt;

use askama::filters::HtmlSafe;

/// A picture that goes beside a word and never stands for it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its own picture")]
pub enum Icon {
    Alert,
    Arrow,
    Box,
    Cart,
    Check,
    Clock,
    Copy,
    Cross,
    Dash,
    Document,
    Dot,
    Info,
    Inbox,
    Keys,
    Minus,
    People,
    Plus,
    Search,
    Shield,
    Stop,
    Theme,
    Trash,
}

impl Icon {
    /// The strokes, as path data.
    fn path(self) -> &'static str {
        match self {
            Icon::Alert => "M12 4 2.5 20h19zM12 10v4.5M12 17.25v.01",
            Icon::Arrow => "M4 12h15M13 6l6 6-6 6",
            Icon::Box => "M4 7.5 12 3l8 4.5v9L12 21l-8-4.5zM4 7.5l8 4.5 8-4.5M12 12v9",
            Icon::Cart => "M3 4h2.5l2 11.5h10L20 8H6.5M9 19.5v.01M16.5 19.5v.01",
            Icon::Check => "M4.5 12.5 10 18 20 6.5",
            Icon::Clock => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7.5V12l3 2",
            Icon::Copy => "M9 9h11v11H9zM5.5 15H4V4h11v1.5",
            Icon::Cross => "M6 6l12 12M18 6 6 18",
            Icon::Dash => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M8.5 12h7",
            Icon::Document => "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
            Icon::Dot => "M12 8.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7",
            Icon::Info => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 11v5M12 7.75v.01",
            Icon::Inbox => "M3 13l3-8h12l3 8v6H3zM3 13h5.5l1.5 3h4l1.5-3H21",
            Icon::Keys => "M3 6.5h18v11H3zM7 10.5v.01M11 10.5v.01M15 10.5v.01M8 14h8",
            Icon::Minus => "M5 12h14",
            Icon::People => {
                "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5c2 .75 3.25 2.5 3.5 5.5"
            }
            Icon::Plus => "M5 12h14M12 5v14",
            Icon::Search => "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5 20.5 20.5",
            Icon::Shield => "M12 3l7.5 3v5.5c0 4.5-3 8-7.5 9.5-4.5-1.5-7.5-5-7.5-9.5V6z",
            Icon::Stop => "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M9 9l6 6M15 9l-6 6",
            Icon::Theme => "M12 3.5a8.5 8.5 0 1 0 0 17zM12 3.5a8.5 8.5 0 0 1 0 17z",
            Icon::Trash => "M4 6.5h16M9 6.5V4h6v2.5M6.5 6.5 7.5 20h9l1-13.5M10 10.5v6M14 10.5v6",
        }
    }
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{}"/></svg>"#,
            self.path()
        )
    }
}

/// Only fixed text is written.
impl HtmlSafe for Icon {}
