//! Document grammars: declarations in DTD syntax, compiled once into tables that a reader holds a document against.
//!
//! ```
//! use punchgate::xml::{Grammar, Limits, Reader};
//!
//! let grammar = Grammar::compile("memo.dtd", &|file| match file {
//!     "memo.dtd" => Some("<!ELEMENT memo (to+, text)> <!ELEMENT to (#PCDATA)> <!ELEMENT text (#PCDATA)>".into()),
//!     _ => None,
//! })?;
//! let limits = Limits::default();
//! let mut reader = Reader::validating("<memo><text>x</text></memo>", &limits, &grammar)?;
//! reader.finish()?;
//! let violations = reader.take_violations();
//! assert_eq!(violations.list[0].to_string(), "`to` is missing before `text`");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod attributes;
mod declare;
mod model;
mod recover;
mod validate;
mod violation;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;

pub(in crate::xml) use attributes::IDENTIFIERS_MAX;
use declare::{Attribute, Declarations, Default, Kind};
use model::{Automaton, Model};
pub(in crate::xml) use validate::{Place, Validator};
pub use violation::{Violation, ViolationKind, Violations};

use super::Position;

/// A compiled grammar; it never changes.
#[derive(Debug)]
pub struct Grammar {
    names: Names,
    /// By identifier; names that content models use without declaring them stand last.
    elements: Vec<Element>,
    states: Vec<State>,
    /// Those of one state side by side, by their elements.
    transitions: Vec<Transition>,
    declarations: Declarations,
}

/// Why declarations cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {position}: expected {expected}")]
pub struct GrammarError {
    /// The file.
    pub file: String,
    /// Where in it.
    pub position: Position,
    /// What should have been there, in English.
    pub expected: Cow<'static, str>,
}

impl GrammarError {
    fn at(file: &str, text: &str, offset: usize, expected: impl Into<Cow<'static, str>>) -> GrammarError {
        GrammarError {
            file: file.to_owned(),
            position: Position::of(text, offset),
            expected: expected.into(),
        }
    }

    fn missing(file: &str) -> GrammarError {
        GrammarError::at(file, "", 0, "a file of this name")
    }
}

/// Identifier of an element.
type ElementId = u16;
/// No element.
const NO_ELEMENT: ElementId = ElementId::MAX;
/// A state of all automata together.
type StateId = u32;

#[derive(Debug)]
struct Element {
    /// The state before its content; that of an element which no declaration has lets everything pass.
    start: StateId,
    attributes: Vec<Attribute>,
    /// The bits of the attributes that must be given.
    required: u128,
}

/// Most attributes of one element, which bits stand for.
const ATTRIBUTES_MAX: usize = 128;
/// Most names of elements, so that a number of 16 bits stands for each; 65,000, eighty times those of cXML.
const NAMES_MAX: usize = 65_000;
/// Most steps of all content models; 200,000, thirty times those of cXML.
const TRANSITIONS_MAX: usize = 200_000;

/// What may stand in a state beside the elements that its transitions name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Allows {
    /// Blanks, comments and instructions.
    Blanks,
    /// Text.
    Text,
    /// Text and every declared element.
    Any,
    /// Whatever comes: in an element that is not declared.
    Everything,
    /// Nothing at all.
    Nothing,
}

#[derive(Debug, Clone, Copy)]
struct State {
    first: u32,
    count: u16,
    /// The element that was passed last; none at the beginning.
    passed: ElementId,
    accepts: bool,
    allows: Allows,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Transition {
    element: ElementId,
    to: StateId,
}

impl Grammar {
    /// Compiles the declarations of a file and of the files that it names, which `files` finds; nothing else is read.
    ///
    /// # Errors
    /// A declaration is wrong, an element is declared twice, or a content model is ambiguous.
    pub fn compile(file: &str, files: &dyn Fn(&str) -> Option<Cow<'static, str>>) -> Result<Grammar, GrammarError> {
        let declarations = declare::read(file, files)?;
        let wrong = |element: &str, after, expected: &str| declare::fault(file, files, element, after, expected);
        let mut grammar = Grammar {
            names: Names::default(),
            elements: Vec::with_capacity(declarations.elements.len()),
            states: [Allows::Everything, Allows::Any, Allows::Nothing]
                .map(State::shared)
                .into(),
            transitions: Vec::new(),
            declarations: Declarations::default(),
        };
        for (name, _) in &declarations.elements {
            grammar.element(name);
        }
        if grammar.elements.len() != declarations.elements.len() {
            let twice = twice(&declarations);
            return Err(wrong(twice, 1, &format!("one declaration of the element `{twice}`")));
        }
        for (name, model) in &declarations.elements {
            let id = grammar.element(name);
            let start = grammar.add_model(model).map_err(|child| {
                wrong(
                    name,
                    0,
                    &format!("one way to read `{child}` in the content of `{name}`"),
                )
            })?;
            grammar.elements[usize::from(id)].start = start;
            if grammar.transitions.len() > TRANSITIONS_MAX || grammar.elements.len() > NAMES_MAX {
                let expected = format!("at most {NAMES_MAX} names and {TRANSITIONS_MAX} steps of content models");
                return Err(wrong(name, 0, &expected));
            }
        }
        for (name, list) in &declarations.attributes {
            let id = grammar.element(name);
            let bits = list
                .iter()
                .enumerate()
                .filter(|(_, attribute)| attribute.default == Default::Required);
            let element = &mut grammar.elements[usize::from(id)];
            element.required = bits.fold(0, |bits, (ordinal, _)| bits | 1 << ordinal);
            element.attributes.clone_from(list);
        }
        grammar.declarations = declarations;
        Ok(grammar)
    }

    /// Whether the grammar declares an element.
    pub fn declares(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The elements that may stand in an element; none where it holds text alone, anything, or is not declared.
    pub fn children(&self, parent: &str) -> Vec<&str> {
        let mut children = self.children_of(self.find(parent).unwrap_or(NO_ELEMENT));
        children.sort_unstable();
        children.dedup();
        children
    }

    /// How many elements are declared.
    pub fn elements_count(&self) -> usize {
        self.declarations.elements.len()
    }

    /// The effective declarations as one DTD that names no other file and no parameter entity.
    pub fn to_dtd(&self) -> String {
        let lists: HashMap<&str, &Vec<Attribute>> = self
            .declarations
            .attributes
            .iter()
            .map(|(element, list)| (element.as_str(), list))
            .collect();
        let mut dtd = String::new();
        for (name, value) in &self.declarations.entities {
            writeln!(dtd, "<!ENTITY {name} {}>", quoted(value)).unwrap_or_default();
        }
        for (name, model) in &self.declarations.elements {
            // Writing to a string cannot fail.
            writeln!(dtd, "<!ELEMENT {name} {model}>").unwrap_or_default();
            if let Some(list) = lists.get(name.as_str()).filter(|list| !list.is_empty()) {
                let attributes: Vec<String> = list.iter().map(Attribute::to_string).collect();
                writeln!(dtd, "<!ATTLIST {name}\n  {}>", attributes.join("\n  ")).unwrap_or_default();
            }
        }
        dtd
    }

    /// The elements that a content model names, in its order.
    fn children_of(&self, parent: ElementId) -> Vec<&str> {
        // Declared elements have the first identifiers, in the order of their declarations.
        let declared = self.declarations.elements.get(usize::from(parent));
        declared.map(|(_, model)| model.names()).unwrap_or_default()
    }

    fn name(&self, element: ElementId) -> &str {
        self.names.names.get(usize::from(element)).map_or("", |name| name)
    }

    /// The identifier of an element, declared or not.
    fn element(&mut self, name: &str) -> ElementId {
        let id = self.names.put(name);
        if usize::from(id) == self.elements.len() {
            self.elements.push(Element {
                start: Grammar::EVERYTHING,
                attributes: Vec::new(),
                required: 0,
            });
        }
        id
    }

    /// The identifier of a declared element.
    fn find(&self, name: &str) -> Option<ElementId> {
        let id = self.names.get(name)?;
        (self.elements[usize::from(id)].start != Grammar::EVERYTHING).then_some(id)
    }

    /// In an element that is not declared.
    const EVERYTHING: StateId = 0;
    /// In an element that is declared as ANY.
    const ANY: StateId = 1;
    /// In an element that is declared as EMPTY.
    const NOTHING: StateId = 2;

    /// Compiles a content model into its first state; the error is the name that makes it ambiguous.
    fn add_model(&mut self, model: &Model) -> Result<StateId, String> {
        let base = next_id(self.states.len());
        let part = match model {
            Model::Empty => return Ok(Grammar::NOTHING),
            Model::Any => return Ok(Grammar::ANY),
            Model::Mixed(names) => {
                let elements: Vec<ElementId> = names.iter().map(|name| self.element(name)).collect();
                let to_itself = |element| Transition { element, to: base };
                let transitions = elements.into_iter().map(to_itself).collect();
                self.add_state(NO_ELEMENT, Allows::Text, true, transitions);
                return Ok(base);
            }
            Model::Children(part) => part,
        };
        let automaton = Automaton::of(part, &mut |name| self.element(name))?;
        let passed = std::iter::once(&NO_ELEMENT).chain(&automaton.names);
        for ((accepts, follow), passed) in automaton.accepts.iter().zip(&automaton.follow).zip(passed) {
            let transition = |&position: &u16| Transition {
                element: automaton.names[usize::from(position)],
                to: base + 1 + u32::from(position),
            };
            self.add_state(
                *passed,
                Allows::Blanks,
                *accepts,
                follow.iter().map(transition).collect(),
            );
        }
        Ok(base)
    }

    fn add_state(&mut self, passed: ElementId, allows: Allows, accepts: bool, mut transitions: Vec<Transition>) {
        transitions.sort_unstable_by_key(|transition| transition.element);
        // What follows each name of a repeated choice is the same; it is kept once.
        let count = u16::try_from(transitions.len()).unwrap_or(u16::MAX);
        let same = self
            .states
            .last()
            .copied()
            .filter(|state| self.of(*state) == transitions);
        let first = same.map_or_else(|| next_id(self.transitions.len()), |state| state.first);
        if same.is_none() {
            self.transitions.extend(transitions);
        }
        self.states.push(State {
            first,
            count,
            passed,
            accepts,
            allows,
        });
    }

    fn of(&self, state: State) -> &[Transition] {
        let first = usize::try_from(state.first).unwrap_or(usize::MAX);
        &self.transitions[first..first + usize::from(state.count)]
    }

    fn state(&self, state: StateId) -> State {
        self.states[usize::try_from(state).unwrap_or(usize::MAX)]
    }

    fn transitions(&self, state: StateId) -> &[Transition] {
        self.of(self.state(state))
    }

    /// The state after an element, if it may stand in a state.
    fn after(&self, state: StateId, element: ElementId) -> Option<StateId> {
        /// Up to here a look at each is faster than halving.
        const FEW: usize = 8;
        let transitions = self.transitions(state);
        if transitions.len() <= FEW {
            let found = transitions.iter().find(|transition| transition.element == element);
            return found.map(|transition| transition.to);
        }
        let found = transitions.binary_search_by_key(&element, |transition| transition.element);
        found.ok().map(|at| transitions[at].to)
    }
}

impl State {
    /// A state that leads nowhere and that many elements begin in.
    fn shared(allows: Allows) -> State {
        State {
            first: 0,
            count: 0,
            passed: NO_ELEMENT,
            accepts: true,
            allows,
        }
    }
}

fn next_id(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// An element that is declared twice.
fn twice(declarations: &Declarations) -> &str {
    let mut names: Vec<&str> = declarations.elements.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names
        .windows(2)
        .find(|pair| pair[0] == pair[1])
        .map_or("", |pair| pair[0])
}

impl std::fmt::Display for Attribute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ", self.name)?;
        match &self.kind {
            Kind::Cdata => f.write_str("CDATA")?,
            Kind::Id => f.write_str("ID")?,
            Kind::Idref => f.write_str("IDREF")?,
            Kind::Idrefs => f.write_str("IDREFS")?,
            Kind::Nmtoken => f.write_str("NMTOKEN")?,
            Kind::Nmtokens => f.write_str("NMTOKENS")?,
            Kind::Choice(words) => write!(f, "({})", words.join(" | "))?,
        }
        match &self.default {
            Default::Required => f.write_str(" #REQUIRED"),
            Default::Implied => f.write_str(" #IMPLIED"),
            Default::Fixed(_) => write!(f, " #FIXED {}", quoted(&self.written)),
            Default::Value(_) => write!(f, " {}", quoted(&self.written)),
        }
    }
}

/// A literal in the quotes that it does not hold.
fn quoted(literal: &str) -> String {
    let quote = if literal.contains('"') { '\'' } else { '"' };
    format!("{quote}{literal}{quote}")
}

/// Names and their identifiers.
#[derive(Debug, std::default::Default)]
struct Names {
    names: Vec<Box<str>>,
    /// Identifiers plus one by the hash of the name, at the first free place from there; a power of two long.
    slots: Vec<u16>,
}

impl Names {
    fn get(&self, name: &str) -> Option<ElementId> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut slot = hash(name) & mask;
        loop {
            let id = self.slots[slot].checked_sub(1)?;
            if *self.names[usize::from(id)] == *name {
                return Some(id);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// The identifier of a name, a new one if it is new.
    fn put(&mut self, name: &str) -> ElementId {
        if let Some(id) = self.get(name) {
            return id;
        }
        let id = u16::try_from(self.names.len()).unwrap_or(u16::MAX);
        self.names.push(name.into());
        // A quarter full at most, so that a name is found at the first place nearly always.
        if self.names.len() * 4 > self.slots.len() {
            self.slots = vec![0; (self.names.len() * 8).next_power_of_two()];
            for ordinal in 0..self.names.len() {
                self.place(ordinal);
            }
        } else {
            self.place(usize::from(id));
        }
        id
    }

    fn place(&mut self, ordinal: usize) {
        let mask = self.slots.len() - 1;
        let mut slot = hash(&self.names[ordinal]) & mask;
        while self.slots[slot] != 0 {
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = u16::try_from(ordinal + 1).unwrap_or(u16::MAX);
    }
}

/// Mixes the length, the first and the last eight bytes of a name, which tell the names of a grammar apart well enough.
#[inline]
fn hash(name: &str) -> usize {
    let bytes = name.as_bytes();
    let mixed = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(29),
        _ => bytes.iter().fold(0, |mixed, &byte| mixed << 8 | u64::from(byte)),
    };
    let hash = (mixed ^ (bytes.len() as u64) << 56).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    usize::try_from(hash >> 40).unwrap_or_default()
}

#[cfg(test)]
mod tests;
