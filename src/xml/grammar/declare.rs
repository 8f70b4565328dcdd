//! Reading declarations: parameter entities and conditional sections are resolved, comments and instructions left out.

use std::borrow::Cow;
use std::collections::HashMap;

use super::model::Model;
use super::{ATTRIBUTES_MAX, GrammarError};
use crate::xml::chars::{is_blank, is_name, name_len, resolve};

/// Bytes of all declarations after entities were put in, at most; 8 MiB, twenty times the largest cXML grammar.
const BYTES_MAX: usize = 8 << 20;
/// Entities within entities and files, at most.
const DEPTH_MAX: usize = 32;
/// Bytes of one content model, at most; 8 KiB, several times the largest of cXML: an automaton may have as many steps
/// as the square of its names.
const MODEL_BYTES_MAX: usize = 8 << 10;

/// What a set of files declares, in the order of the declarations.
#[derive(Debug, Default)]
pub(super) struct Declarations {
    pub(super) elements: Vec<(String, Model)>,
    pub(super) attributes: Vec<(String, Vec<Attribute>)>,
    /// Entities that attributes' defaults may refer to, with their values.
    pub(super) entities: Vec<(String, String)>,
}

/// A declared attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) default: Default,
    /// The default's literal as written, with its references.
    pub(super) written: String,
}

/// The types of attributes (production 54); `ENTITY` and `NOTATION` are read as names, since nothing declares them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Cdata,
    Id,
    Idref,
    Idrefs,
    Nmtoken,
    Nmtokens,
    Choice(Vec<String>),
}

/// What holds where an attribute is not given (production 60).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Default {
    Required,
    Implied,
    Fixed(String),
    Value(String),
}

/// Finds a file that another one names.
pub(super) type Files<'f> = dyn Fn(&str) -> Option<Cow<'static, str>> + 'f;

/// Reads the declarations of a file and of those that it names.
pub(super) fn read(file: &str, files: &Files<'_>) -> Result<Declarations, GrammarError> {
    read_up_to(file, files, None)
}

/// What is wrong with an element's declaration, found out after reading.
struct Fault<'f> {
    element: &'f str,
    /// How many declarations of the element stand before it.
    after: usize,
    expected: &'f str,
}

/// The error of the declaration of an element that has `after` others before it. It is read once more to find its
/// place, so that nothing need be kept of declarations that are right.
pub(super) fn fault(file: &str, files: &Files<'_>, element: &str, after: usize, expected: &str) -> GrammarError {
    let fault = Fault {
        element,
        after,
        expected,
    };
    let error = read_up_to(file, files, Some(fault)).err();
    error.unwrap_or_else(|| GrammarError::at(file, "", 0, expected.to_owned()))
}

fn read_up_to(file: &str, files: &Files<'_>, fault: Option<Fault<'_>>) -> Result<Declarations, GrammarError> {
    let text = files(file).ok_or_else(|| GrammarError::missing(file))?;
    let mut reading = Reading {
        files,
        fault,
        parameters: HashMap::new(),
        generals: HashMap::new(),
        bytes: 0,
        declarations: Declarations::default(),
        attribute_lists: HashMap::new(),
    };
    reading.file(&Place { file, text: &text }, 0)?;
    Ok(reading.declarations)
}

/// A text and the file that it came from, for errors.
struct Place<'t> {
    file: &'t str,
    text: &'t str,
}

impl Place<'_> {
    fn error(&self, at: usize, expected: impl Into<Cow<'static, str>>) -> GrammarError {
        GrammarError::at(self.file, self.text, at, expected)
    }
}

/// A parameter entity.
enum Parameter {
    Text(String),
    File(String),
}

struct Reading<'f> {
    files: &'f Files<'f>,
    /// The declaration to end at, with its error.
    fault: Option<Fault<'f>>,
    parameters: HashMap<String, Parameter>,
    generals: HashMap<String, String>,
    bytes: usize,
    declarations: Declarations,
    /// Where the attributes of an element stand among the declarations.
    attribute_lists: HashMap<String, usize>,
}

impl Reading<'_> {
    /// Reads a whole file, or the text of an entity that holds declarations.
    fn file(&mut self, place: &Place<'_>, depth: usize) -> Result<(), GrammarError> {
        self.charge(place, place.text.len(), depth)?;
        let text = place.text;
        let mut at = 0;
        let mut sections = 0;
        loop {
            at += blanks(&text[at..]);
            let rest = &text[at..];
            let end = |mark: &str| {
                let found = rest.find(mark).map(|found| at + found + mark.len());
                found.ok_or_else(|| place.error(at, format!("`{mark}`")))
            };
            if rest.is_empty() {
                break;
            } else if rest.starts_with("<!--") {
                at = end("-->")?;
            } else if rest.starts_with("<?") {
                at = end("?>")?;
            } else if rest.starts_with("<![") {
                let keyword_end = end_of(place, at + 3, '[')?;
                let keyword = self.flat(place, at + 3, &text[at + 3..keyword_end], depth)?;
                at = keyword_end + 1;
                match keyword.trim() {
                    "INCLUDE" => sections += 1,
                    "IGNORE" => at = ignored_end(place, at)?,
                    _ => return Err(place.error(at, "INCLUDE or IGNORE")),
                }
            } else if rest.starts_with("]]>") && sections > 0 {
                sections -= 1;
                at += 3;
            } else if rest.starts_with('%') {
                let name_end = end_of(place, at, ';')?;
                self.reference(place, at, &text[at + 1..name_end], depth)?;
                at = name_end + 1;
            } else if rest.starts_with("<!") {
                let close = declaration_end(place, at)?;
                self.declaration(place, at, close, depth)?;
                at = close + 1;
            } else {
                return Err(place.error(at, "a declaration"));
            }
        }
        match sections {
            0 => Ok(()),
            _ => Err(place.error(text.len(), "`]]>` at the end of a conditional section")),
        }
    }

    fn charge(&mut self, place: &Place<'_>, bytes: usize, depth: usize) -> Result<(), GrammarError> {
        self.bytes += bytes;
        if self.bytes > BYTES_MAX {
            return Err(place.error(0, format!("at most {BYTES_MAX} bytes of declarations")));
        }
        if depth > DEPTH_MAX {
            return Err(place.error(0, format!("at most {DEPTH_MAX} entities within each other")));
        }
        Ok(())
    }

    /// Reads the declarations that a parameter entity stands for.
    fn reference(&mut self, place: &Place<'_>, at: usize, name: &str, depth: usize) -> Result<(), GrammarError> {
        let (file, text) = match self.parameters.get(name) {
            Some(Parameter::Text(text)) => (place.file.to_owned(), Cow::Owned(text.clone())),
            Some(Parameter::File(file)) => {
                let text =
                    (self.files)(file).ok_or_else(|| place.error(at, format!("a file {file} beside this one")))?;
                (file.clone(), text)
            }
            None => return Err(place.error(at, format!("an entity %{name}; that was declared before"))),
        };
        self.file(
            &Place {
                file: &file,
                text: &text,
            },
            depth + 1,
        )
    }

    /// A piece of a declaration with its parameter entities put in; those in quotes stay.
    fn flat(&mut self, place: &Place<'_>, at: usize, piece: &str, depth: usize) -> Result<String, GrammarError> {
        self.charge(place, piece.len(), depth)?;
        let mut flat = String::with_capacity(piece.len());
        let mut rest = piece;
        let mut quote = None;
        while let Some(found) = rest.find(['%', '"', '\'']) {
            let (before, special) = rest.split_at(found);
            flat.push_str(before);
            let first = special.chars().next();
            let name = &special[1..1 + name_len(&special[1..])];
            if first != Some('%') || quote.is_some() || name.is_empty() {
                match quote {
                    None if first != Some('%') => quote = first,
                    open if open == first => quote = None,
                    _ => {}
                }
                flat.extend(first);
                rest = &special[1..];
                continue;
            }
            let Some(Parameter::Text(text)) = self.parameters.get(name) else {
                return Err(place.error(at, format!("an entity %{name}; that was declared before")));
            };
            let inner = self.flat(place, at, &text.clone(), depth + 1)?;
            flat.push(' ');
            flat.push_str(&inner);
            flat.push(' ');
            rest = special[1 + name.len()..].strip_prefix(';').unwrap_or_default();
        }
        flat.push_str(rest);
        Ok(flat)
    }

    /// Reads the declaration from `<!` at `at` to `>` at `close`.
    fn declaration(&mut self, place: &Place<'_>, at: usize, close: usize, depth: usize) -> Result<(), GrammarError> {
        let piece = &place.text[at + 2..close];
        let keyword = &piece[..name_len(piece)];
        let body = &piece[keyword.len()..];
        if keyword == "ENTITY" {
            return self.entity(place, at, body, depth);
        }
        let flat = self.flat(place, at, body, depth)?;
        let mut cursor = Cursor { place, at, rest: &flat };
        match keyword {
            "ELEMENT" => {
                let name = cursor.name("the name of an element")?.to_owned();
                if let Some(fault) = self.fault.as_mut().filter(|fault| fault.element == name) {
                    if fault.after == 0 {
                        return Err(place.error(at, fault.expected.to_owned()));
                    }
                    fault.after -= 1;
                }
                if cursor.rest.len() > MODEL_BYTES_MAX {
                    return Err(place.error(at, format!("at most {MODEL_BYTES_MAX} bytes of a content model")));
                }
                let model = Model::parse(cursor.rest).map_err(|expected| place.error(at, expected))?;
                self.declarations.elements.push((name, model));
            }
            "ATTLIST" => {
                let name = cursor.name("the name of an element")?.to_owned();
                self.attribute_list(&mut cursor, name)?;
            }
            "NOTATION" => {}
            _ => return Err(place.error(at, "ELEMENT, ATTLIST, ENTITY or NOTATION")),
        }
        Ok(())
    }

    fn attribute_list(&mut self, cursor: &mut Cursor<'_>, element: String) -> Result<(), GrammarError> {
        let mut list = Vec::new();
        while !cursor.at_end() {
            let name = cursor.name("the name of an attribute")?.to_owned();
            let kind = cursor.kind()?;
            let (default, written) = match cursor.default()? {
                Default::Value(literal) => (Default::Value(self.value(cursor, &literal)?), literal),
                Default::Fixed(literal) => (Default::Fixed(self.value(cursor, &literal)?), literal),
                other => (other, String::new()),
            };
            list.push(Attribute {
                name,
                kind,
                default,
                written,
            });
        }
        let declared = &mut self.declarations.attributes;
        let ordinal = *self.attribute_lists.entry(element.clone()).or_insert(declared.len());
        if ordinal == declared.len() {
            declared.push((element, Vec::new()));
        }
        // The first declaration of an attribute holds (XML 1.0, 3.3).
        for attribute in list {
            let known = &mut declared[ordinal].1;
            if known.iter().all(|other| other.name != attribute.name) {
                known.push(attribute);
            }
            if known.len() > ATTRIBUTES_MAX {
                return Err(cursor.error(format!("at most {ATTRIBUTES_MAX} attributes of an element")));
            }
        }
        Ok(())
    }

    fn entity(&mut self, place: &Place<'_>, at: usize, body: &str, depth: usize) -> Result<(), GrammarError> {
        let mut cursor = Cursor { place, at, rest: body };
        let is_parameter = cursor.skip("%");
        let name = cursor.name("the name of an entity")?.to_owned();
        let is_public = cursor.skip("PUBLIC");
        if is_public {
            cursor.literal()?;
        }
        let is_external = is_public || cursor.skip("SYSTEM");
        let literal = cursor.literal()?.to_owned();
        if is_external && is_parameter {
            self.parameters.entry(name).or_insert(Parameter::File(literal));
        } else if is_parameter {
            let text = self.unquoted(place, at, &literal, depth)?;
            self.parameters.entry(name).or_insert(Parameter::Text(text));
        } else if !is_external {
            let text = self.unquoted(place, at, &literal, depth)?;
            if !self.generals.contains_key(&name) {
                self.declarations.entities.push((name.clone(), text.clone()));
                self.generals.insert(name, text);
            }
        }
        Ok(())
    }

    /// The value of an entity: parameter entities put in without blanks, references to characters resolved (XML 1.0,
    /// 4.4.5).
    fn unquoted(&mut self, place: &Place<'_>, at: usize, literal: &str, depth: usize) -> Result<String, GrammarError> {
        let mut value = String::with_capacity(literal.len());
        let mut rest = literal;
        while let Some(found) = rest.find(['%', '&']) {
            let (before, special) = rest.split_at(found);
            value.push_str(before);
            let (name, after) = special[1..]
                .split_once(';')
                .ok_or_else(|| place.error(at, "`;` after a reference"))?;
            rest = after;
            match (
                special.starts_with('%'),
                name.starts_with('#').then(|| resolve(name)).flatten(),
            ) {
                (true, _) => match self.parameters.get(name) {
                    Some(Parameter::Text(text)) => value.push_str(text),
                    _ => return Err(place.error(at, format!("an entity %{name}; that was declared before"))),
                },
                (false, Some(c)) => value.push(c),
                (false, None) => value.extend(["&", name, ";"]),
            }
            self.charge(place, value.len(), depth)?;
        }
        value.push_str(rest);
        self.charge(place, value.len(), depth)?;
        Ok(value)
    }

    /// An attribute's default with its references resolved.
    fn value(&self, cursor: &Cursor<'_>, literal: &str) -> Result<String, GrammarError> {
        let mut value = String::with_capacity(literal.len());
        let mut rest = literal;
        while let Some((before, special)) = rest.split_once('&') {
            value.push_str(before);
            let (name, after) = special
                .split_once(';')
                .ok_or_else(|| cursor.error("`;` after a reference"))?;
            match (resolve(name), self.generals.get(name)) {
                (Some(c), _) => value.push(c),
                (None, Some(text)) => value.push_str(text),
                (None, None) => return Err(cursor.error(format!("an entity &{name}; that was declared before"))),
            }
            rest = after;
        }
        value.push_str(rest);
        Ok(value)
    }
}

/// What is left of a declaration whose entities were put in.
struct Cursor<'t> {
    place: &'t Place<'t>,
    at: usize,
    rest: &'t str,
}

impl<'t> Cursor<'t> {
    fn error(&self, expected: impl Into<Cow<'static, str>>) -> GrammarError {
        self.place.error(self.at, expected)
    }

    fn at_end(&mut self) -> bool {
        self.rest = self.rest.trim_start();
        self.rest.is_empty()
    }

    fn skip(&mut self, word: &str) -> bool {
        let rest = self.rest.trim_start();
        let after = rest.strip_prefix(word);
        self.rest = after.unwrap_or(rest);
        after.is_some()
    }

    fn name(&mut self, expected: &'static str) -> Result<&'t str, GrammarError> {
        self.rest = self.rest.trim_start();
        let (name, rest) = self.rest.split_at(name_len(self.rest));
        self.rest = rest;
        match name.is_empty() {
            true => Err(self.error(expected)),
            false => Ok(name),
        }
    }

    fn literal(&mut self) -> Result<&'t str, GrammarError> {
        self.rest = self.rest.trim_start();
        let quote = self.rest.chars().next().filter(|first| matches!(first, '"' | '\''));
        let parts = quote.and_then(|quote| self.rest[1..].split_once(quote));
        let (literal, rest) = parts.ok_or_else(|| self.error("a value in quotes"))?;
        self.rest = rest;
        Ok(literal)
    }

    fn kind(&mut self) -> Result<Kind, GrammarError> {
        // The longer words first, since one begins with another.
        const WORDS: &[(&str, Kind)] = &[
            ("CDATA", Kind::Cdata),
            ("IDREFS", Kind::Idrefs),
            ("IDREF", Kind::Idref),
            ("ID", Kind::Id),
            ("NMTOKENS", Kind::Nmtokens),
            ("NMTOKEN", Kind::Nmtoken),
            ("ENTITIES", Kind::Nmtokens),
            ("ENTITY", Kind::Nmtoken),
        ];
        for (word, kind) in WORDS {
            if self.skip(word) {
                return Ok(kind.clone());
            }
        }
        self.skip("NOTATION");
        let expected = "the type of an attribute";
        if !self.skip("(") {
            return Err(self.error(expected));
        }
        let (inside, rest) = self.rest.split_once(')').ok_or_else(|| self.error("`)`"))?;
        self.rest = rest;
        let words: Vec<String> = inside.split('|').map(|word| word.trim().to_owned()).collect();
        let is_token = |word: &String| !word.is_empty() && is_name(&format!("_{word}"));
        match words.iter().all(is_token) {
            true => Ok(Kind::Choice(words)),
            false => Err(self.error(expected)),
        }
    }

    fn default(&mut self) -> Result<Default, GrammarError> {
        if self.skip("#REQUIRED") {
            Ok(Default::Required)
        } else if self.skip("#IMPLIED") {
            Ok(Default::Implied)
        } else if self.skip("#FIXED") {
            Ok(Default::Fixed(self.literal()?.to_owned()))
        } else {
            Ok(Default::Value(self.literal()?.to_owned()))
        }
    }
}

fn blanks(text: &str) -> usize {
    text.bytes().take_while(|&byte| is_blank(byte)).count()
}

fn end_of(place: &Place<'_>, at: usize, mark: char) -> Result<usize, GrammarError> {
    let found = place.text[at..].find(mark);
    found
        .map(|found| at + found)
        .ok_or_else(|| place.error(at, format!("`{mark}`")))
}

/// The `>` of the declaration that begins at `at`; one in quotes is none.
fn declaration_end(place: &Place<'_>, at: usize) -> Result<usize, GrammarError> {
    let mut quote = None;
    for (offset, byte) in place.text.bytes().enumerate().skip(at) {
        match (quote, byte) {
            (None, b'>') => return Ok(offset),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    Err(place.error(at, "`>` at the end of a declaration"))
}

/// After the `]]>` of an ignored section, past the sections inside it.
fn ignored_end(place: &Place<'_>, from: usize) -> Result<usize, GrammarError> {
    let mut at = from;
    let mut open = 1;
    while open > 0 {
        let rest = &place.text[at..];
        let (end, start) = (rest.find("]]>"), rest.find("<!["));
        let Some(end) = end else {
            return Err(place.error(from, "`]]>` at the end of a conditional section"));
        };
        if let Some(start) = start.filter(|start| *start < end) {
            open += 1;
            at += start + 3;
        } else {
            open -= 1;
            at += end + 3;
        }
    }
    Ok(at)
}
