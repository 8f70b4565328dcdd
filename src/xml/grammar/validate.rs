//! Holding a document against a grammar while it is read: every tag and text comes by once, in order.

use std::borrow::Cow;
use std::collections::HashSet;

use super::declare::{Attribute, Default, Kind};
use super::violation::nearest;
use super::{Content, Grammar, Id, StateId, Violation, ViolationKind, Violations};
use crate::xml::chars::{is_name, is_token};
use crate::xml::element::Element;

/// Names and words that a violation lists at most.
const EXPECTED_MAX: usize = 6;

/// The state of a document that is being read.
#[derive(Debug)]
pub(in crate::xml) struct Validator<'x> {
    grammar: &'x Grammar,
    open: Vec<Frame<'x>>,
    /// Whether the document says `standalone="yes"`, and did not depend on its grammar yet.
    standalone: bool,
    ids: HashSet<String>,
    /// Identifiers referred to: the identifier, the attribute, where.
    references: Vec<(String, String, usize)>,
    violations_max: usize,
    violations: Violations,
}

/// An open element.
#[derive(Debug)]
struct Frame<'x> {
    name: &'x str,
    content: Content,
    state: StateId,
    /// The last child that stood in its place.
    last: Option<&'x str>,
    /// Whether text or content was found where none may stand: once is told of each element.
    has_stray: bool,
}

impl<'x> Validator<'x> {
    pub(in crate::xml) fn new(grammar: &'x Grammar, violations_max: usize) -> Self {
        Validator {
            grammar,
            open: Vec::with_capacity(16),
            standalone: false,
            ids: HashSet::new(),
            references: Vec::new(),
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

    pub(in crate::xml) fn start(&mut self, element: &Element<'x>) {
        let name = element.name();
        let id = self.grammar.find(name);
        match id {
            Some(id) => self.enter(name, id, element.offset()),
            None => self.unknown(name, element.offset()),
        }
        let content = id.map_or(Content::Undeclared, |id| self.grammar.elements[usize::from(id)].content);
        let (Content::Mixed(state) | Content::Children(state)) = content else {
            return self.open(element, id, content, 0);
        };
        self.open(element, id, content, state);
    }

    fn open(&mut self, element: &Element<'x>, id: Option<Id>, content: Content, state: StateId) {
        self.open.push(Frame {
            name: element.name(),
            content,
            state,
            last: None,
            has_stray: false,
        });
        if let Some(id) = id {
            self.attributes(element, id);
        }
        if element.is_empty() {
            self.end(element.offset());
        }
    }

    pub(in crate::xml) fn end(&mut self, offset: usize) {
        if let Some(frame) = self.open.last()
            && let Content::Children(_) = frame.content
            && !self.grammar.state(frame.state).accepts
        {
            let expected = self.names(frame.state);
            let hint = format!("Add it at the end of `{}`.", frame.name);
            self.report(ViolationKind::MissingElement, offset, "", expected, hint);
        }
        self.open.pop();
    }

    /// Character data as written.
    pub(in crate::xml) fn text(&mut self, text: &str, offset: usize) {
        let Some(Frame {
            content: Content::Children(_) | Content::Empty,
            ..
        }) = self.open.last()
        else {
            return;
        };
        match text
            .bytes()
            .position(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
        {
            Some(blanks) => self.stray(offset + blanks),
            None => self.blank(offset),
        }
    }

    /// Characters by reference or in a CDATA section, which are never blanks between elements.
    pub(in crate::xml) fn characters(&mut self, offset: usize) {
        if let Some(Frame {
            content: Content::Children(_) | Content::Empty,
            ..
        }) = self.open.last()
        {
            self.stray(offset);
        }
    }

    /// A comment or a processing instruction.
    pub(in crate::xml) fn aside(&mut self, offset: usize) {
        if let Some(Frame {
            content: Content::Empty,
            ..
        }) = self.open.last()
        {
            self.stray(offset);
        }
    }

    /// The end of the document: every reference must be to an identifier.
    pub(in crate::xml) fn finish(&mut self) {
        for (reference, attribute, offset) in std::mem::take(&mut self.references) {
            if !self.ids.contains(&reference) {
                let hint = "Give an element this identifier, or take the reference out.";
                self.report(ViolationKind::UnknownReference, offset, &attribute, Vec::new(), hint);
            }
        }
    }

    fn blank(&mut self, offset: usize) {
        match self.open.last().map(|frame| frame.content) {
            Some(Content::Empty) => self.stray(offset),
            _ if self.standalone => self.depends(offset, "blanks between elements"),
            _ => {}
        }
    }

    fn stray(&mut self, offset: usize) {
        let Some(frame) = self.open.last_mut() else { return };
        if std::mem::replace(&mut frame.has_stray, true) {
            return;
        }
        let (name, content) = (frame.name, frame.content);
        match content {
            Content::Empty => {
                let hint = format!("Write `<{name}/>` with nothing inside.");
                self.report(ViolationKind::NotEmpty, offset, name, Vec::new(), hint);
            }
            _ => {
                let expected = self
                    .open
                    .last()
                    .map(|frame| self.names(frame.state))
                    .unwrap_or_default();
                let hint = "Take the text out, or put it into the element that is meant for it.";
                self.report(ViolationKind::StrayText, offset, name, expected, hint);
            }
        }
    }

    /// A declared element in its parent.
    fn enter(&mut self, name: &'x str, id: Id, offset: usize) {
        let grammar = self.grammar;
        let Some(frame) = self.open.last_mut() else { return };
        match frame.content {
            Content::Any | Content::Undeclared => {}
            Content::Empty => self.stray(offset),
            Content::Mixed(_) if grammar.next(frame.state, id).is_some() => {}
            Content::Mixed(_) => self.unexpected(name, offset),
            Content::Children(_) => match grammar.next(frame.state, id) {
                Some(to) => {
                    frame.state = to;
                    frame.last = Some(name);
                }
                None => self.skip_to(name, id, offset),
            },
        }
    }

    /// A child that does not follow: one that is missing before it is passed over, so that it is told of once.
    fn skip_to(&mut self, name: &'x str, id: Id, offset: usize) {
        let grammar = self.grammar;
        let Some(frame) = self.open.last_mut() else { return };
        let missing: Vec<(Id, StateId)> = grammar
            .transitions(frame.state)
            .iter()
            .filter_map(|missing| Some((missing.element, grammar.next(missing.to, id)?)))
            .collect();
        let Some((_, to)) = missing.first() else {
            return self.unexpected(name, offset);
        };
        frame.state = *to;
        frame.last = Some(name);
        let names: Vec<&str> = missing.iter().map(|(id, _)| grammar.names.name(*id)).collect();
        let hint = format!("Add it before `{name}`.");
        self.report(ViolationKind::MissingElement, offset, name, names, hint);
    }

    fn unexpected(&mut self, name: &'x str, offset: usize) {
        let Some(frame) = self.open.last() else { return };
        let parent = frame.name;
        let expected = self.names(frame.state);
        let children = self.grammar.children(parent);
        let hint = if children.contains(&name) {
            match frame.last {
                Some(last) if last == name => format!("`{name}` may stand here only once."),
                Some(last) => format!("`{name}` must come before `{last}`, and no more often than the grammar allows."),
                None => format!("`{name}` comes too early in `{parent}`."),
            }
        } else if let Some(near) = nearest(name, children.iter().copied()) {
            format!("Did you mean `{near}`?")
        } else {
            let parents = self.parents(name);
            match parents.is_empty() {
                true => format!("`{parent}` has no `{name}`; take it out."),
                false => format!("`{parent}` has no `{name}`; it stands in {}.", parents.join(", ")),
            }
        };
        self.report(ViolationKind::UnexpectedElement, offset, name, expected, hint);
    }

    fn unknown(&mut self, name: &str, offset: usize) {
        let (expected, near) = match self.open.last() {
            Some(frame) => {
                let expected = match frame.content {
                    Content::Children(_) | Content::Mixed(_) => self.names(frame.state),
                    _ => Vec::new(),
                };
                let near = nearest(name, self.grammar.children(frame.name).into_iter());
                (expected, near)
            }
            None => (Vec::new(), None),
        };
        let near = near.or_else(|| nearest(name, self.grammar.names.names.iter().map(AsRef::as_ref)));
        // A slip of the pen stands for what was meant, so that it is told of once.
        let meant = near.and_then(|near| self.grammar.find(near));
        if let Some(frame) = self.open.last_mut()
            && let Content::Children(_) = frame.content
            && let Some(to) = meant.and_then(|meant| self.grammar.next(frame.state, meant))
        {
            frame.state = to;
        }
        let hint = match near {
            Some(near) => format!("Did you mean `{near}`?"),
            None => "Take it out, or carry it in an element for extensions.".to_owned(),
        };
        self.report(ViolationKind::UnknownElement, offset, name, expected, hint);
    }

    /// The elements, a few of them, in which an element may stand.
    fn parents(&self, name: &str) -> Vec<String> {
        let declared = self.grammar.declarations.elements.iter();
        let holds = declared.filter(|(parent, _)| self.grammar.children(parent).contains(&name));
        holds.take(3).map(|(parent, _)| format!("`{parent}`")).collect()
    }

    fn attributes(&mut self, element: &Element<'x>, id: Id) {
        let declared = &self.grammar.elements[usize::from(id)];
        let list = declared.attributes.as_slice();
        let mut seen = 0u128;
        // Attributes come mostly in the order in which they are declared.
        let mut next = 0;
        for attribute in element.attributes() {
            let later = list[next..].iter().position(|known| known.name == attribute.name);
            let found = later.map(|at| next + at);
            let found = found.or_else(|| list[..next].iter().position(|known| known.name == attribute.name));
            let Some(ordinal) = found else {
                self.unknown_attribute(element, attribute.name, list);
                continue;
            };
            seen |= 1 << ordinal;
            next = ordinal + 1;
            let known = &list[ordinal];
            if known.kind != Kind::Cdata || matches!(known.default, Default::Fixed(_)) {
                self.value(known, &attribute.value(), attribute.span.start);
            }
        }
        let missing = declared.required & !seen;
        if missing != 0 {
            for (_, known) in list
                .iter()
                .enumerate()
                .filter(|(ordinal, _)| missing >> ordinal & 1 == 1)
            {
                let hint = format!("Add `{}=\"…\"` to the start tag.", known.name);
                let expected = words(&known.kind);
                self.report(
                    ViolationKind::MissingAttribute,
                    element.offset(),
                    &known.name,
                    expected,
                    hint,
                );
            }
        }
        let is_left_out = |(ordinal, known): (usize, &Attribute)| {
            seen >> ordinal & 1 == 0 && matches!(known.default, Default::Value(_) | Default::Fixed(_))
        };
        if self.standalone && list.iter().enumerate().any(is_left_out) {
            self.depends(element.offset(), "an attribute that the grammar supplies");
        }
    }

    fn unknown_attribute(&mut self, element: &Element<'x>, name: &str, list: &[Attribute]) {
        let hint = match nearest(name, list.iter().map(|known| known.name.as_str())) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => format!("`{}` has no attribute `{name}`; take it out.", element.name()),
        };
        let offset = element.attr_span(name).map_or(element.offset(), |span| span.start);
        let names = list.iter().map(|known| known.name.as_str()).collect();
        self.report(ViolationKind::UnknownAttribute, offset, name, names, hint);
    }

    /// The value of an attribute that is more than text (XML 1.0, 3.3.1 and 3.3.3).
    fn value(&mut self, known: &Attribute, value: &str, offset: usize) {
        let tokens: Vec<&str> = value.split(' ').filter(|token| !token.is_empty()).collect();
        let one = (tokens.len() == 1).then(|| tokens[0]);
        let is_right = match &known.kind {
            Kind::Cdata => true,
            Kind::Id => one.is_some_and(is_name),
            Kind::Idref => one.is_some_and(is_name),
            Kind::Idrefs => !tokens.is_empty() && tokens.iter().all(|token| is_name(token)),
            Kind::Nmtoken => one.is_some_and(is_token),
            Kind::Nmtokens => !tokens.is_empty() && tokens.iter().all(|token| is_token(token)),
            Kind::Choice(words) => one.is_some_and(|one| words.iter().any(|word| word == one)),
        };
        if !is_right {
            let hint = match (&known.kind, one.and_then(|one| nearest(one, choices(&known.kind)))) {
                (Kind::Choice(_), Some(near)) => format!("Did you mean `{near}`?"),
                (Kind::Choice(_), None) => "Use one of the words of the grammar.".to_owned(),
                _ => "Use letters, digits, `.`, `-`, `_` and `:` alone; an identifier begins with a letter.".to_owned(),
            };
            return self.report(
                ViolationKind::AttributeValue,
                offset,
                &known.name,
                words(&known.kind),
                hint,
            );
        }
        let normal = match known.kind {
            Kind::Cdata => Cow::Borrowed(value),
            _ => Cow::Owned(tokens.join(" ")),
        };
        if let Default::Fixed(fixed) = &known.default
            && *fixed != normal
        {
            let hint = "Leave the attribute out, or give it the value of the grammar.";
            return self.report(ViolationKind::FixedAttribute, offset, &known.name, vec![fixed], hint);
        }
        match known.kind {
            Kind::Id if !self.ids.insert(normal.into_owned()) => {
                let hint = "Give each element an identifier of its own.";
                self.report(ViolationKind::DuplicateId, offset, &known.name, Vec::new(), hint);
            }
            Kind::Idref | Kind::Idrefs => {
                let reference = |token: &&str| ((*token).to_owned(), known.name.clone(), offset);
                self.references.extend(tokens.iter().map(reference));
            }
            _ => {}
        }
    }

    fn depends(&mut self, offset: usize, on: &str) {
        self.standalone = false;
        let hint = format!("Leave `standalone` out of the XML declaration: the document has {on}.");
        self.report(ViolationKind::NotStandalone, offset, "", Vec::new(), hint);
    }

    /// The names that may follow a state.
    fn names(&self, state: StateId) -> Vec<&'x str> {
        let names = self.grammar.transitions(state).iter();
        names
            .map(|transition| self.grammar.names.name(transition.element))
            .collect()
    }

    #[cold]
    fn report(
        &mut self,
        kind: ViolationKind,
        offset: usize,
        subject: &str,
        expected: Vec<&str>,
        hint: impl Into<Cow<'static, str>>,
    ) {
        self.violations.count += 1;
        if self.violations.list.len() >= self.violations_max {
            return;
        }
        let path: Vec<&str> = self.open.iter().map(|frame| frame.name).collect();
        self.violations.list.push(Violation {
            kind,
            offset,
            path: path.join("/"),
            subject: subject.to_owned(),
            expected_more: expected.len().saturating_sub(EXPECTED_MAX),
            expected: expected
                .iter()
                .take(EXPECTED_MAX)
                .map(|name| (*name).to_owned())
                .collect(),
            hint: hint.into(),
        });
    }
}

fn choices(kind: &Kind) -> impl Iterator<Item = &str> {
    let words = match kind {
        Kind::Choice(words) => words.as_slice(),
        _ => &[],
    };
    words.iter().map(String::as_str)
}

fn words(kind: &Kind) -> Vec<&str> {
    choices(kind).collect()
}
