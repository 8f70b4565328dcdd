//! Holding a document against a grammar while it is read: every tag and text comes by once, in order.
//!
//! Each open element has a state of its content's automaton. A fault is told once, and then the most likely intention
//! is taken for granted ([`super::recover`]), so that one mistake does not look like fifty.

use std::borrow::Cow;

use super::attributes::Identifiers;
use super::recover::Skip;
use super::violation::{path, shortened};
use super::{Allows, ElementId, Grammar, NO_ELEMENT, StateId, Violation, ViolationKind, Violations};
use crate::xml::element::{Attribute, Element};
use crate::xml::reader::Open;

/// Names and words that a violation lists at most.
const EXPECTED_MAX: usize = 6;

/// Where the validator is in an open element.
#[derive(Debug, Clone, Copy)]
pub(in crate::xml) struct Place {
    pub(super) element: ElementId,
    pub(super) state: StateId,
    /// Whether text or content was found where none may stand: once is told of each element.
    has_stray: bool,
}

impl Place {
    /// Where nothing is held against a grammar.
    pub(in crate::xml) const FREE: Place = Place {
        element: NO_ELEMENT,
        state: Grammar::EVERYTHING,
        has_stray: false,
    };
}

/// The state of a document that is being read.
#[derive(Debug)]
pub(in crate::xml) struct Validator<'x> {
    pub(super) grammar: &'x Grammar,
    /// Whether the document says `standalone="yes"`, and did not depend on its grammar yet.
    pub(super) standalone: bool,
    pub(super) identifiers: Identifiers<'x>,
    /// Children that stand although others before them are missing.
    pub(super) skips: Vec<Skip>,
    violations_max: usize,
    pub(super) violations: Violations,
}

impl<'x> Validator<'x> {
    pub(in crate::xml) fn new(grammar: &'x Grammar, violations_max: usize) -> Self {
        Validator {
            grammar,
            standalone: false,
            identifiers: Identifiers::default(),
            skips: Vec::new(),
            violations_max,
            violations: Violations::default(),
        }
    }

    pub(in crate::xml) fn take_violations(&mut self) -> Violations {
        std::mem::take(&mut self.violations)
    }

    /// The document says that it stands alone.
    pub(in crate::xml) fn claim_standalone(&mut self) {
        self.standalone = true;
    }

    /// A start tag inside the elements `open`, with its attributes.
    pub(in crate::xml) fn start(
        &mut self,
        open: &mut [Open<'x>],
        element: &Element<'x>,
        attributes: &[Attribute<'x>],
    ) -> Place {
        let grammar = self.grammar;
        let mut id = grammar.find(element.name()).unwrap_or(NO_ELEMENT);
        match open.last_mut() {
            Some(parent) => match grammar.after(parent.place.state, id) {
                Some(next) => parent.place.state = next,
                None => id = self.misfit(open, element, id),
            },
            None if id == NO_ELEMENT => id = self.unknown_root(element),
            None => {}
        }
        if id == NO_ELEMENT {
            return Place::FREE;
        }
        self.check_attributes(open, element, attributes, id);
        let state = grammar.elements[usize::from(id)].start;
        if element.is_empty && !grammar.state(state).accepts {
            self.unfinished(open, Some(element), state, element.offset());
        }
        Place {
            element: id,
            state,
            has_stray: false,
        }
    }

    /// The end tag at `offset` of the innermost of the elements `open`.
    pub(in crate::xml) fn end(&mut self, open: &[Open<'x>], offset: usize) {
        let Some(place) = open.last().map(|parent| parent.place) else {
            return;
        };
        if !self.grammar.state(place.state).accepts {
            self.unfinished(open, None, place.state, offset);
        }
        if !self.skips.is_empty() {
            self.forget_skips(open.len());
        }
    }

    /// Blanks as they are.
    #[inline]
    pub(in crate::xml) fn blank(&mut self, open: &mut [Open<'x>], offset: usize) {
        let Some(parent) = open.last() else { return };
        match self.grammar.state(parent.place.state).allows {
            Allows::Nothing => self.stray(open, offset),
            Allows::Blanks if self.standalone => self.depends(open, None, offset, "blanks between elements"),
            _ => {}
        }
    }

    /// Characters; by reference or in a CDATA section, blanks too are characters.
    #[inline]
    pub(in crate::xml) fn characters(&mut self, open: &mut [Open<'x>], offset: usize) {
        let Some(parent) = open.last() else { return };
        if matches!(
            self.grammar.state(parent.place.state).allows,
            Allows::Nothing | Allows::Blanks
        ) {
            self.stray(open, offset);
        }
    }

    /// A comment or a processing instruction.
    pub(in crate::xml) fn aside(&mut self, open: &mut [Open<'x>], offset: usize) {
        let Some(parent) = open.last() else { return };
        if self.grammar.state(parent.place.state).allows == Allows::Nothing {
            self.stray(open, offset);
        }
    }

    #[cold]
    pub(super) fn stray(&mut self, open: &mut [Open<'x>], offset: usize) {
        let Some(parent) = open.last_mut() else { return };
        if std::mem::replace(&mut parent.place.has_stray, true) {
            return;
        }
        let (name, state) = (parent.name, parent.place.state);
        let grammar = self.grammar;
        match grammar.state(state).allows {
            Allows::Nothing => self.report(ViolationKind::NotEmpty, offset, open, None, |violation| {
                violation.subject = shortened(name);
                violation.hint = format!("Write `<{name}/>` with nothing inside.").into();
            }),
            _ => self.report(ViolationKind::StrayText, offset, open, None, |violation| {
                violation.subject = shortened(name);
                expect(violation, grammar.expected(state));
                violation.hint = "Take the text out, or put it into the element that is meant for it.".into();
            }),
        }
    }

    /// Tells, once, that a document which says it stands alone does not.
    #[cold]
    pub(super) fn depends(&mut self, open: &[Open<'x>], element: Option<&Element<'x>>, offset: usize, on: &str) {
        self.standalone = false;
        self.report(ViolationKind::NotStandalone, offset, open, element, |violation| {
            violation.hint = format!("Leave `standalone` out of the XML declaration: the document has {on}.").into();
        });
    }

    /// Whether violations are counted only.
    pub(super) fn is_full(&self) -> bool {
        self.violations.list.len() >= self.violations_max
    }

    /// Tells of a violation in the innermost of the elements `open`, or in an `element` inside it.
    ///
    /// What is costly to tell is told by `fill`, which is called only for violations that are kept.
    #[cold]
    pub(super) fn report(
        &mut self,
        kind: ViolationKind,
        offset: usize,
        open: &[Open<'x>],
        element: Option<&Element<'x>>,
        fill: impl FnOnce(&mut Violation),
    ) {
        self.violations.count += 1;
        if self.is_full() {
            return;
        }
        let names = open.iter().map(|open| open.name);
        let mut violation = Violation {
            kind,
            offset,
            path: path(names.chain(element.map(Element::name))),
            subject: String::new(),
            expected: Vec::new(),
            expected_more: 0,
            hint: Cow::Borrowed(""),
        };
        fill(&mut violation);
        self.violations.list.push(violation);
    }
}

/// Fills in what would be right.
pub(super) fn expect<'n>(violation: &mut Violation, names: impl IntoIterator<Item = &'n str>) {
    let mut names = names.into_iter();
    violation.expected = names.by_ref().take(EXPECTED_MAX).map(shortened).collect();
    violation.expected_more = names.count();
}
