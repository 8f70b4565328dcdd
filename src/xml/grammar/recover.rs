//! What is told of a child that may not stand where it stands, and where the validator goes on after it.

use std::collections::HashSet;
use std::ops::Range;

use super::validate::{Place, expect};
use super::violation::{nearest, shortened};
use super::{Allows, ElementId, Grammar, NO_ELEMENT, StateId, Validator, ViolationKind};
use crate::xml::element::Element;
use crate::xml::reader::Open;

/// States looked at to find where a child may stand; the largest content model of cXML has about 100.
const STATES_MAX: usize = 2_000;

/// A child that stands although required ones before it are missing. If one of those comes later, it was the child
/// that stood too early.
#[derive(Debug)]
pub(super) struct Skip {
    /// How many elements are open inside the parent's tags, the parent included.
    depth: usize,
    /// The states before and after the child.
    before: StateId,
    after: StateId,
    child: ElementId,
    child_offset: usize,
    /// The violations that told what is missing.
    told: Range<usize>,
    /// Whether the child was found to stand too early, so that it is not missing where it belongs.
    is_early: bool,
}

impl<'x> Validator<'x> {
    /// Forgets what belongs to the element that ends.
    #[cold]
    pub(super) fn forget_skips(&mut self, depth: usize) {
        self.skips.retain(|skip| skip.depth < depth);
    }

    /// A root that is not declared; in another case it is meant all the same.
    #[cold]
    pub(super) fn unknown_root(&mut self, element: &Element<'x>) -> ElementId {
        let grammar = self.grammar;
        let mut names = grammar.names.names.iter().map(AsRef::as_ref);
        let meant = names.find(|known: &&str| known.eq_ignore_ascii_case(element.name()));
        self.tell_unknown(&[], element, meant, &[]);
        meant.and_then(|meant| grammar.find(meant)).unwrap_or(NO_ELEMENT)
    }

    /// A child that the state of its parent has no step for; what it is taken for.
    #[cold]
    pub(super) fn misfit(&mut self, open: &mut [Open<'x>], element: &Element<'x>, id: ElementId) -> ElementId {
        let Some(place) = open.last().map(|parent| parent.place) else {
            return NO_ELEMENT;
        };
        match self.grammar.state(place.state).allows {
            Allows::Any | Allows::Everything if id != NO_ELEMENT => id,
            Allows::Everything => NO_ELEMENT,
            Allows::Nothing => {
                self.stray(open, element.offset());
                id
            }
            _ if id == NO_ELEMENT => self.unknown(open, place, element),
            Allows::Blanks => {
                self.misplaced(open, place, element, id);
                id
            }
            Allows::Any | Allows::Text => {
                self.unexpected(open, place, element);
                id
            }
        }
    }

    /// An element that is not declared. A slip of the pen stands for what was meant; inside it nothing is told, unless
    /// only its case is wrong.
    fn unknown(&mut self, open: &mut [Open<'x>], place: Place, element: &Element<'x>) -> ElementId {
        let grammar = self.grammar;
        let mut here = grammar.expected(place.state);
        let near = match self.is_full() {
            true => None,
            false => nearest(element.name(), here.iter().copied())
                .or_else(|| nearest(element.name(), grammar.children_of(place.element).into_iter())),
        };
        if grammar.state(place.state).allows == Allows::Any {
            here.clear();
        }
        self.tell_unknown(open, element, near, &here);
        let Some((near, meant)) = near.and_then(|near| Some((near, grammar.find(near)?))) else {
            return NO_ELEMENT;
        };
        if let Some(next) = grammar.after(place.state, meant) {
            set_state(open, next);
        }
        match near.eq_ignore_ascii_case(element.name()) {
            true => meant,
            false => NO_ELEMENT,
        }
    }

    fn tell_unknown(&mut self, open: &[Open<'x>], element: &Element<'x>, near: Option<&str>, here: &[&str]) {
        let grammar = self.grammar;
        self.report(
            ViolationKind::UnknownElement,
            element.offset(),
            open,
            None,
            |violation| {
                violation.subject = shortened(element.name());
                expect(violation, here.iter().copied());
                let known = grammar.names.names.iter().map(AsRef::as_ref);
                violation.hint = match near.or_else(|| nearest(element.name(), known)) {
                    Some(near) => format!("Did you mean `{near}`?").into(),
                    None => "Take it out, or carry it in an element for extensions.".into(),
                };
            },
        );
    }

    /// An element that its parent may not hold, or not here.
    fn unexpected(&mut self, open: &[Open<'x>], place: Place, element: &Element<'x>) {
        let grammar = self.grammar;
        let parent = open.last().map_or("", |open| open.name);
        self.report(
            ViolationKind::UnexpectedElement,
            element.offset(),
            open,
            None,
            |violation| {
                let name = shortened(element.name());
                expect(violation, grammar.expected(place.state));
                let near = nearest(element.name(), grammar.children_of(place.element).into_iter());
                violation.hint = match near {
                    Some(near) if near == element.name() => {
                        format!("`{name}` may not stand at this place in `{parent}`.")
                    }
                    Some(near) => format!("Did you mean `{near}`?"),
                    None => match grammar.parents_of(element.name()).as_slice() {
                        [] => format!("`{parent}` has no `{name}`; take it out."),
                        parents => format!("`{parent}` has no `{name}`; it stands in {}.", parents.join(", ")),
                    },
                }
                .into();
                violation.subject = name;
            },
        );
    }

    /// A declared child in a parent of elements alone, where it may not stand.
    fn misplaced(&mut self, open: &mut [Open<'x>], place: Place, element: &Element<'x>, id: ElementId) {
        let grammar = self.grammar;
        if self.was_missing(open, place, element, id) {
            return;
        }
        // Beyond what is kept, each fault costs one look.
        if self.is_full() {
            return self.unexpected(open, place, element);
        }
        if let Some(way) = grammar.way(place.state, |state| grammar.after(state, id)) {
            let told = self.violations.list.len();
            let early = self.early(open);
            self.tell_missing(open, None, &way, element.offset(), Some(element.name()), early);
            // Where several places may be meant, the rest of the parent is let pass.
            let after = way.to.unwrap_or(Grammar::EVERYTHING);
            set_state(open, after);
            self.skips.push(Skip {
                depth: open.len(),
                before: place.state,
                after,
                child: id,
                child_offset: element.offset(),
                told: told..self.violations.list.len(),
                is_early: false,
            });
            return;
        }
        let passed = grammar.state(place.state).passed;
        if passed != id && !grammar.comes_before(place, id) {
            return self.unexpected(open, place, element);
        }
        self.report(
            ViolationKind::UnexpectedElement,
            element.offset(),
            open,
            None,
            |violation| {
                let name = shortened(element.name());
                expect(violation, grammar.expected(place.state));
                violation.hint = match passed == id {
                    true => format!("`{name}` may stand here only once."),
                    false => {
                        let passed = grammar.name(passed);
                        format!("`{name}` must come before `{passed}`, and no more often than the grammar allows.")
                    }
                }
                .into();
                violation.subject = name;
            },
        );
    }

    /// Whether this child was told to be missing before another one; then it is told which of the two stands in the
    /// wrong place. Right after that one, the other stood too early, and reading goes on from before it; later, this
    /// one comes too late.
    fn was_missing(&mut self, open: &mut [Open<'x>], place: Place, element: &Element<'x>, id: ElementId) -> bool {
        let (grammar, depth) = (self.grammar, open.len());
        let mut skips = self.skips.iter_mut().rev();
        let Some(skip) = skips.find(|skip| skip.depth == depth && !skip.is_early) else {
            return false;
        };
        let Some(next) = grammar.after(skip.before, id) else {
            return false;
        };
        let child = grammar.name(skip.child);
        let name = shortened(element.name());
        let told = skip.told.clone();
        let Some(first) = self.violations.list.get_mut(told.start).filter(|_| !told.is_empty()) else {
            return false;
        };
        first.kind = ViolationKind::UnexpectedElement;
        if place.state == skip.after {
            skip.is_early = true;
            first.offset = skip.child_offset;
            first.subject = child.to_owned();
            first.hint = format!("`{child}` must come after `{name}`.").into();
            expect(first, [element.name()]);
            self.violations.list.drain(told.start + 1..told.end);
            self.violations.count -= told.len() - 1;
            set_state(open, next);
        } else {
            skip.before = next;
            skip.told.start += 1;
            first.offset = element.offset();
            first.hint = format!("`{name}` must come before `{child}`.").into();
            first.subject = name;
            expect(first, grammar.expected(place.state));
        }
        true
    }

    /// The content of the innermost of the elements `open`, or of an `element` inside it, ends too early.
    #[cold]
    pub(super) fn unfinished(
        &mut self,
        open: &[Open<'x>],
        element: Option<&Element<'x>>,
        state: StateId,
        offset: usize,
    ) {
        let grammar = self.grammar;
        let way = match self.is_full() {
            true => None,
            false => grammar.way(state, |state| grammar.state(state).accepts.then_some(state)),
        };
        match way {
            Some(way) => {
                let early = element.map_or_else(|| self.early(open), |_| NO_ELEMENT);
                self.tell_missing(open, element, &way, offset, None, early);
            }
            None => self.violations.count += 1,
        }
    }

    /// The child that was found to stand too early in the innermost of the elements `open`.
    fn early(&self, open: &[Open<'x>]) -> ElementId {
        let mut early = self
            .skips
            .iter()
            .filter(|skip| skip.depth == open.len() && skip.is_early);
        early.next().map_or(NO_ELEMENT, |skip| skip.child)
    }

    /// One violation for each child that is missing on a way, except `early`, which stood before.
    fn tell_missing(
        &mut self,
        open: &[Open<'x>],
        element: Option<&Element<'x>>,
        way: &Way,
        offset: usize,
        before: Option<&str>,
        early: ElementId,
    ) {
        let grammar = self.grammar;
        let parent = element.map(Element::name).or(open.last().map(|open| open.name));
        for any in way.missing.iter().filter(|any| !any.contains(&early)) {
            self.report(ViolationKind::MissingElement, offset, open, element, |violation| {
                violation.subject = before.map(shortened).unwrap_or_default();
                expect(violation, any.iter().map(|&id| grammar.name(id)));
                violation.hint = match before {
                    Some(_) => format!("Add it before `{}`.", violation.subject),
                    None => format!("Add it at the end of `{}`.", shortened(parent.unwrap_or_default())),
                }
                .into();
            });
        }
    }
}

fn set_state(open: &mut [Open<'_>], state: StateId) {
    if let Some(parent) = open.last_mut() {
        parent.place.state = state;
    }
}

/// A way through a content model over required children that are not there.
struct Way {
    /// For each child: any of these.
    missing: Vec<Vec<ElementId>>,
    /// Where it leads, if all shortest ways lead to one place.
    to: Option<StateId>,
}

impl Grammar {
    /// The names that may follow a state, in the order of the content model.
    pub(super) fn expected(&self, state: StateId) -> Vec<&str> {
        let mut steps = self.transitions(state).to_vec();
        steps.sort_by_key(|step| step.to);
        steps.iter().map(|step| self.name(step.element)).collect()
    }

    /// The shortest ways from a state to those that `goal` accepts, by the places that it takes them for.
    fn way(&self, from: StateId, goal: impl Fn(StateId) -> Option<StateId>) -> Option<Way> {
        let mut seen = HashSet::from([from]);
        // Each level: the states that as many missing children lead to.
        let mut levels = vec![vec![from]];
        let mut reached: Vec<StateId> = loop {
            let level = levels.last()?;
            let reached: Vec<StateId> = level.iter().filter_map(|&state| goal(state)).collect();
            if !reached.is_empty() {
                break reached;
            }
            let steps = level.iter().flat_map(|&state| self.transitions(state));
            let next: Vec<StateId> = steps.map(|step| step.to).filter(|&to| seen.insert(to)).collect();
            if next.is_empty() || seen.len() > STATES_MAX {
                return None;
            }
            levels.push(next);
        };
        reached.sort_unstable();
        reached.dedup();
        // From the goal backwards, only what lies on a shortest way.
        let last = levels.pop()?;
        let mut on_way: HashSet<StateId> = last.into_iter().filter(|&state| goal(state).is_some()).collect();
        let mut missing = Vec::new();
        while let Some(level) = levels.pop() {
            let leads = |to: StateId| on_way.contains(&to);
            let steps = level.iter().flat_map(|&state| self.transitions(state));
            let mut any: Vec<_> = steps.filter(|step| leads(step.to)).collect();
            any.sort_unstable_by_key(|step| step.to);
            let mut names: Vec<ElementId> = any.iter().map(|step| step.element).collect();
            names.dedup();
            missing.push(names);
            let is_on_way = |state: &StateId| self.transitions(*state).iter().any(|step| leads(step.to));
            on_way = level.into_iter().filter(is_on_way).collect();
        }
        missing.reverse();
        let to = match reached[..] {
            [to] => Some(to),
            _ => None,
        };
        Some(Way { missing, to })
    }

    /// Whether a child belongs before the place that the parent's content has come to.
    fn comes_before(&self, place: Place, child: ElementId) -> bool {
        let Some(parent) = self.elements.get(usize::from(place.element)) else {
            return false;
        };
        let steps = |state: StateId| self.transitions(state).iter();
        let of_child = |states: Vec<StateId>| {
            let steps = states.into_iter().flat_map(steps).filter(|step| step.element == child);
            steps.map(|step| step.to).collect()
        };
        let from_child = self.reachable(of_child(self.reachable(vec![parent.start])));
        from_child.contains(&place.state)
    }

    /// Every state that can follow, the given ones included; of an unusually large model not all.
    fn reachable(&self, from: Vec<StateId>) -> Vec<StateId> {
        let mut seen: HashSet<StateId> = from.iter().copied().collect();
        let mut states = from;
        let mut at = 0;
        while at < states.len() && states.len() < STATES_MAX {
            for step in self.transitions(states[at]) {
                if seen.insert(step.to) {
                    states.push(step.to);
                }
            }
            at += 1;
        }
        states
    }

    /// The elements, a few of them, in which an element may stand.
    fn parents_of(&self, child: &str) -> Vec<String> {
        let declared = self.declarations.elements.iter();
        let holds = declared.filter(|(_, model)| model.names().contains(&child));
        holds.take(3).map(|(parent, _)| format!("`{parent}`")).collect()
    }
}
