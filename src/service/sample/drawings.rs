//! Simple drawings of the sample's goods, and data sheets of one page.

use std::fmt::Write;

/// What a drawing shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A bolt.
    Bolt,
    /// A nut, or another ring.
    Ring,
    /// A long thing: a rod, a drill, a tie.
    Rod,
    /// A tool with a handle.
    Tool,
    /// A disc.
    Disc,
    /// Something worn.
    Wear,
    /// A helmet or a cap.
    Helmet,
    /// A bottle or can.
    Bottle,
    /// A box.
    Box,
    /// A roll.
    Roll,
    /// A pipe with a bend.
    Pipe,
    /// A lamp.
    Lamp,
}

/// Strokes in a field of 120 by 120.
fn strokes(shape: Shape) -> &'static str {
    match shape {
        Shape::Bolt => {
            "<path d=\"M22 38h22v44h-22zM44 50h54v20h-54z\"/><path d=\"M56 50l-6 20M68 50l-6 20M80 50l-6 20M92 50l-6 20\"/>"
        }
        Shape::Ring => "<path d=\"M60 22l33 19v38l-33 19-33-19v-38z\"/><circle cx=\"60\" cy=\"60\" r=\"18\"/>",
        Shape::Rod => {
            "<path d=\"M18 90l72-72 12 12-72 72-16 4z\"/><path d=\"M30 78l12 12M44 64l12 12M58 50l12 12M72 36l12 12\"/>"
        }
        Shape::Tool => "<path d=\"M26 24a18 18 0 0 1 24 24l46 46-10 10-46-46a18 18 0 0 1-24-24l12 12 10-10z\"/>",
        Shape::Disc => {
            "<circle cx=\"60\" cy=\"60\" r=\"40\"/><circle cx=\"60\" cy=\"60\" r=\"9\"/><path d=\"M60 20a40 40 0 0 1 36 22\"/>"
        }
        Shape::Wear => "<path d=\"M40 22l-22 14 8 20 12-6v48h44v-48l12 6 8-20-22-14q-20 16-40 0z\"/>",
        Shape::Helmet => "<path d=\"M24 78a36 36 0 0 1 72 0zM14 78h92v8h-92z\"/><path d=\"M52 44v34M68 44v34\"/>",
        Shape::Bottle => "<path d=\"M50 18h20v18l10 14v50h-40v-50l10-14z\"/><path d=\"M44 62h32v22h-32z\"/>",
        Shape::Box => "<path d=\"M20 40l40-18 40 18v42l-40 18-40-18z\"/><path d=\"M20 40l40 18 40-18M60 58v42\"/>",
        Shape::Roll => {
            "<ellipse cx=\"44\" cy=\"60\" rx=\"22\" ry=\"36\"/><ellipse cx=\"44\" cy=\"60\" rx=\"8\" ry=\"14\"/><path d=\"M44 24h36q22 8 22 36t-22 36h-36\"/>"
        }
        Shape::Pipe => {
            "<path d=\"M20 30h40a30 30 0 0 1 30 30v40h-24v-36a10 10 0 0 0-10-10h-36z\"/><path d=\"M28 26v32M62 92h32\"/>"
        }
        Shape::Lamp => {
            "<path d=\"M60 20a28 28 0 0 1 16 50q-4 4-4 12h-24q0-8-4-12a28 28 0 0 1 16-50zM48 88h24M50 96h20\"/>"
        }
    }
}

/// The drawing of a family, in a colour of its own.
pub(super) fn drawing(shape: Shape, code: &str) -> String {
    let hue = code.bytes().fold(0_u32, |hue, byte| (hue * 31 + u32::from(byte)) % 360);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 120 120\">\
         <rect width=\"120\" height=\"120\" rx=\"6\" fill=\"hsl({hue} 30% 92%)\"/>\
         <g fill=\"hsl({hue} 30% 78%)\" stroke=\"hsl({hue} 35% 34%)\" stroke-width=\"3\" stroke-linejoin=\"round\">\
         {}</g></svg>",
        strokes(shape)
    )
}

/// A PDF document of one page with some lines (ISO 32000-1, 7.5).
pub(super) fn sheet(lines: &[&str]) -> String {
    let mut content = String::from("BT /F1 18 Tf 60 760 Td 26 TL");
    for line in lines {
        // Writing to a String cannot fail.
        write!(content, " ({}) Tj T*", line.replace(['(', ')', '\\'], " ")).ok();
    }
    content.push_str(" ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut text = String::from("%PDF-1.4\n");
    let mut places = Vec::with_capacity(objects.len());
    for (object, number) in objects.iter().zip(1..) {
        places.push(text.len());
        write!(text, "{number} 0 obj\n{object}\nendobj\n").ok();
    }
    let table = text.len();
    write!(text, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).ok();
    for place in places {
        writeln!(text, "{place:010} 00000 n ").ok();
    }
    write!(
        text,
        "trailer << /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n",
        objects.len() + 1
    )
    .ok();
    text
}
