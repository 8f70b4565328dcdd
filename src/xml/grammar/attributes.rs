//! The attributes of one tag against what is declared of them.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::declare::{Attribute as Declared, Default, Kind};
use super::validate::expect;
use super::violation::{nearest, shortened};
use super::{ElementId, Validator, Violation, ViolationKind};
use crate::xml::chars::{is_name, is_token};
use crate::xml::element::{Attribute, Element};
use crate::xml::reader::Open;

/// Identifiers of one document, and references to ones that come later; 100,000 each, ten times the largest order's
/// lines.
pub(in crate::xml) const IDENTIFIERS_MAX: usize = 100_000;

/// The identifiers of a document, and the references that wait for one.
#[derive(Debug, std::default::Default)]
pub(super) struct Identifiers<'x> {
    ids: HashSet<Cow<'x, str>>,
    /// The first reference to each identifier that was not there before it.
    references: HashMap<Cow<'x, str>, Reference<'x>>,
}

/// A reference that waits for its identifier.
#[derive(Debug, Clone, Copy)]
pub(in crate::xml) struct Reference<'x> {
    attribute: &'x str,
    offset: usize,
    /// The byte offset of the start tag that it stands in.
    pub(in crate::xml) element_offset: usize,
}

impl Declared {
    /// Whether any value is right.
    fn takes_any(&self) -> bool {
        matches!(
            (&self.kind, &self.default),
            (Kind::Cdata, Default::Required | Default::Implied | Default::Value(_))
        )
    }
}

impl<'x> Validator<'x> {
    /// Holds all attributes of an element that is inside the elements `open` against what is declared.
    pub(super) fn check_attributes(
        &mut self,
        open: &[Open<'x>],
        element: &Element<'x>,
        attributes: &[Attribute<'x>],
        id: ElementId,
    ) {
        let grammar = self.grammar;
        let declared = &grammar.elements[usize::from(id)];
        let list = declared.attributes.as_slice();
        let mut seen = 0_u128;
        // Attributes come mostly in the order in which they are declared.
        let mut next = 0;
        for attribute in attributes {
            let is_named = |known: &Declared| known.name == attribute.name;
            let later = list[next..].iter().position(is_named).map(|at| next + at);
            let Some(ordinal) = later.or_else(|| list[..next].iter().position(is_named)) else {
                self.unknown_attribute(open, element, attribute, list);
                continue;
            };
            seen |= 1 << ordinal;
            next = ordinal + 1;
            if !list[ordinal].takes_any() {
                self.check_value(open, element, attribute, &list[ordinal]);
            }
        }
        if declared.required & !seen != 0 {
            self.missing_attributes(open, element, list, declared.required & !seen);
        }
        if self.standalone {
            self.check_defaults(open, element, list, seen);
        }
    }

    /// The value of an attribute that is more than text (XML 1.0, 3.3.1 and 3.3.3).
    fn check_value(&mut self, open: &[Open<'x>], element: &Element<'x>, attribute: &Attribute<'x>, known: &Declared) {
        let written = attribute.value();
        let value = match (&known.kind, &written) {
            (Kind::Cdata, _) => written.clone(),
            (_, Cow::Borrowed(written)) => tokens(written),
            (_, Cow::Owned(written)) => Cow::Owned(tokens(written).into_owned()),
        };
        if !known.kind.admits(&value) {
            return self.wrong_value(open, element, attribute, known, &value);
        }
        if self.standalone && written != value {
            self.depends(
                open,
                Some(element),
                element.offset(),
                "an attribute that the grammar changes",
            );
        }
        if let Default::Fixed(fixed) = &known.default
            && *fixed != value
        {
            return self.tell(ViolationKind::FixedAttribute, open, element, attribute, |violation| {
                expect(violation, [fixed.as_str()]);
                violation.hint = "Leave the attribute out, or give it the value of the grammar.".into();
            });
        }
        match known.kind {
            Kind::Id => self.add_id(open, element, attribute, value),
            Kind::Idref => self.refer(element, attribute, value),
            Kind::Idrefs => {
                for id in value.split(' ') {
                    self.refer(element, attribute, Cow::Owned(id.to_owned()));
                }
            }
            _ => {}
        }
    }

    fn add_id(&mut self, open: &[Open<'x>], element: &Element<'x>, attribute: &Attribute<'x>, id: Cow<'x, str>) {
        let ids = &mut self.identifiers.ids;
        if ids.len() <= IDENTIFIERS_MAX && !ids.insert(id) {
            self.tell(ViolationKind::DuplicateId, open, element, attribute, |violation| {
                violation.hint = "Give each element an identifier of its own.".into();
            });
        }
    }

    fn refer(&mut self, element: &Element<'x>, attribute: &Attribute<'x>, id: Cow<'x, str>) {
        let Identifiers { ids, references } = &mut self.identifiers;
        if references.len() <= IDENTIFIERS_MAX && !ids.contains(&id) {
            references.entry(id).or_insert(Reference {
                attribute: attribute.name,
                offset: attribute.span.start,
                element_offset: element.offset(),
            });
        }
    }

    /// Whether the document has more identifiers than are kept.
    pub(in crate::xml) fn has_too_many_identifiers(&self) -> bool {
        let Identifiers { ids, references } = &self.identifiers;
        ids.len().max(references.len()) > IDENTIFIERS_MAX
    }

    /// The references that no identifier came for, in the order of the document; they are kept no longer.
    pub(in crate::xml) fn take_unresolved(&mut self) -> Vec<Reference<'x>> {
        let Identifiers { ids, references } = std::mem::take(&mut self.identifiers);
        let unresolved = references.into_iter().filter(|(id, _)| !ids.contains(id));
        let mut unresolved: Vec<_> = unresolved.map(|(_, reference)| reference).collect();
        unresolved.sort_unstable_by_key(|reference| reference.offset);
        unresolved
    }

    /// Tells of a reference in an element that is inside the elements `open`.
    pub(in crate::xml) fn tell_unresolved(
        &mut self,
        open: &[Open<'x>],
        element: &Element<'x>,
        reference: &Reference<'x>,
    ) {
        let kind = ViolationKind::UnknownReference;
        self.report(kind, reference.offset, open, Some(element), |violation| {
            violation.subject = shortened(reference.attribute);
            violation.hint = "Give an element this identifier, or take the reference out.".into();
        });
    }

    /// Defaults that a document which says it stands alone leaves to the grammar.
    fn check_defaults(&mut self, open: &[Open<'x>], element: &Element<'x>, list: &[Declared], seen: u128) {
        let is_left_out = |(ordinal, known): (usize, &Declared)| {
            seen >> ordinal & 1 == 0 && matches!(known.default, Default::Value(_) | Default::Fixed(_))
        };
        if list.iter().enumerate().any(is_left_out) {
            self.depends(
                open,
                Some(element),
                element.offset(),
                "an attribute that the grammar supplies",
            );
        }
    }

    #[cold]
    fn tell(
        &mut self,
        kind: ViolationKind,
        open: &[Open<'x>],
        element: &Element<'x>,
        attribute: &Attribute<'x>,
        fill: impl FnOnce(&mut Violation),
    ) {
        self.report(kind, attribute.span.start, open, Some(element), |violation| {
            violation.subject = shortened(attribute.name);
            fill(violation);
        });
    }

    #[cold]
    fn unknown_attribute(
        &mut self,
        open: &[Open<'x>],
        element: &Element<'x>,
        attribute: &Attribute<'x>,
        list: &[Declared],
    ) {
        self.tell(ViolationKind::UnknownAttribute, open, element, attribute, |violation| {
            let names = || list.iter().map(|known| known.name.as_str());
            expect(violation, names());
            violation.hint = match nearest(attribute.name, names()) {
                Some(near) => format!("Did you mean `{near}`?").into(),
                None => {
                    let name = shortened(element.name());
                    format!("`{name}` has no attribute `{}`; take it out.", violation.subject).into()
                }
            };
        });
    }

    /// The value itself is not told: it may be a secret.
    #[cold]
    fn wrong_value(
        &mut self,
        open: &[Open<'x>],
        element: &Element<'x>,
        attribute: &Attribute<'x>,
        known: &Declared,
        value: &str,
    ) {
        self.tell(ViolationKind::AttributeValue, open, element, attribute, |violation| {
            expect(violation, words(&known.kind));
            violation.hint = match (&known.kind, nearest(value, words(&known.kind))) {
                (Kind::Choice(_), Some(near)) => format!("Did you mean `{near}`?").into(),
                (Kind::Choice(_), None) => "Use one of the words of the grammar.".into(),
                _ => "Use letters, digits, `.`, `-`, `_` and `:` alone; an identifier begins with a letter.".into(),
            };
        });
    }

    #[cold]
    fn missing_attributes(&mut self, open: &[Open<'x>], element: &Element<'x>, list: &[Declared], missing: u128) {
        for (ordinal, known) in list.iter().enumerate() {
            if missing >> ordinal & 1 == 1 {
                let kind = ViolationKind::MissingAttribute;
                self.report(kind, element.offset(), open, Some(element), |violation| {
                    violation.subject = shortened(&known.name);
                    expect(violation, words(&known.kind));
                    violation.hint = format!("Add `{}=\"…\"` to the start tag.", violation.subject).into();
                });
            }
        }
    }
}

impl Kind {
    /// Whether a value, normalised by its type, is right.
    fn admits(&self, value: &str) -> bool {
        match self {
            Kind::Cdata => true,
            Kind::Id | Kind::Idref => is_name(value),
            Kind::Idrefs => value.split(' ').all(is_name),
            Kind::Nmtoken => is_token(value),
            Kind::Nmtokens => value.split(' ').all(is_token),
            Kind::Choice(words) => words.iter().any(|word| word == value),
        }
    }
}

/// A value with one space between its tokens and none around them.
fn tokens(value: &str) -> Cow<'_, str> {
    let trimmed = value.trim_matches(' ');
    if !trimmed.contains("  ") {
        return Cow::Borrowed(trimmed);
    }
    let tokens: Vec<&str> = trimmed.split(' ').filter(|token| !token.is_empty()).collect();
    Cow::Owned(tokens.join(" "))
}

fn words(kind: &Kind) -> impl Iterator<Item = &str> {
    let words = match kind {
        Kind::Choice(words) => words.as_slice(),
        _ => &[],
    };
    words.iter().map(String::as_str)
}
