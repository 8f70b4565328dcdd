//! Content models, and the automata that they become.

use std::collections::HashMap;
use std::fmt;

use crate::xml::chars::name_len;

/// Groups within each other, at most.
const DEPTH_MAX: usize = 64;

/// What an element may hold (production 46).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Model {
    Empty,
    Any,
    /// Text, and these elements in any order.
    Mixed(Vec<String>),
    /// Elements alone.
    Children(Part),
}

/// A part of a content model and how often it may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) what: What,
    pub(super) occurs: Occurs,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Name(String),
    Sequence(Vec<Part>),
    Choice(Vec<Part>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occurs {
    Once,
    Optional,
    Many,
    AtLeastOnce,
}

impl Model {
    /// The names in it, in their order.
    pub(super) fn names(&self) -> Vec<&str> {
        match self {
            Model::Empty | Model::Any => Vec::new(),
            Model::Mixed(names) => names.iter().map(String::as_str).collect(),
            Model::Children(part) => {
                let mut names = Vec::new();
                part.add_names(&mut names);
                names
            }
        }
    }

    /// Reads a content model; the error is what was expected.
    pub(super) fn parse(text: &str) -> Result<Model, String> {
        let text = text.trim();
        match text {
            "EMPTY" => return Ok(Model::Empty),
            "ANY" => return Ok(Model::Any),
            _ => {}
        }
        let inner = text.strip_prefix('(').map(str::trim_start);
        if let Some(inner) = inner.and_then(|inner| inner.strip_prefix("#PCDATA")) {
            return mixed(inner.trim());
        }
        let mut rest = text;
        let part = part(&mut rest, 0)?;
        match (rest.trim().is_empty(), &part.what) {
            (true, What::Sequence(_) | What::Choice(_)) => Ok(Model::Children(part)),
            _ => Err("a content model: EMPTY, ANY or a group in parentheses".to_owned()),
        }
    }
}

fn mixed(inner: &str) -> Result<Model, String> {
    let expected = || "`(#PCDATA)` or `(#PCDATA | name | …)*`".to_owned();
    let (names, is_repeated) = match inner.strip_suffix(")*") {
        Some(names) => (names, true),
        None => (inner.strip_suffix(')').ok_or_else(expected)?, false),
    };
    let names: Vec<String> = names.split('|').skip(1).map(|name| name.trim().to_owned()).collect();
    let are_names = names
        .iter()
        .all(|name| !name.is_empty() && name_len(name) == name.len());
    match are_names && (is_repeated || names.is_empty()) {
        true => Ok(Model::Mixed(names)),
        false => Err(expected()),
    }
}

fn part(rest: &mut &str, depth: usize) -> Result<Part, String> {
    if depth > DEPTH_MAX {
        return Err(format!("at most {DEPTH_MAX} groups within each other"));
    }
    *rest = rest.trim_start();
    let what = match rest.strip_prefix('(') {
        None => {
            let (name, after) = rest.split_at(name_len(rest));
            if name.is_empty() {
                return Err("the name of an element or `(` in a content model".to_owned());
            }
            *rest = after;
            What::Name(name.to_owned())
        }
        Some(inside) => {
            *rest = inside;
            group(rest, depth)?
        }
    };
    Ok(Part {
        what,
        occurs: occurs(rest),
    })
}

fn group(rest: &mut &str, depth: usize) -> Result<What, String> {
    let mut parts = vec![part(rest, depth + 1)?];
    let mut separator = None;
    loop {
        *rest = rest.trim_start();
        let next = rest.chars().next();
        match next {
            Some(')') => {
                *rest = &rest[1..];
                return Ok(match separator {
                    Some('|') => What::Choice(parts),
                    _ => What::Sequence(parts),
                });
            }
            Some(',' | '|') if separator.is_none() || separator == next => {
                separator = next;
                *rest = &rest[1..];
                parts.push(part(rest, depth + 1)?);
            }
            _ => return Err("`)`, or the same separator throughout a group".to_owned()),
        }
    }
}

fn occurs(rest: &mut &str) -> Occurs {
    let occurs = match rest.chars().next() {
        Some('?') => Occurs::Optional,
        Some('*') => Occurs::Many,
        Some('+') => Occurs::AtLeastOnce,
        _ => return Occurs::Once,
    };
    *rest = &rest[1..];
    occurs
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Model::Empty => f.write_str("EMPTY"),
            Model::Any => f.write_str("ANY"),
            Model::Mixed(names) if names.is_empty() => f.write_str("(#PCDATA)"),
            Model::Mixed(names) => write!(f, "(#PCDATA | {})*", names.join(" | ")),
            Model::Children(part) => write!(f, "{part}"),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, separator) = match &self.what {
            What::Name(name) => {
                f.write_str(name)?;
                return f.write_str(self.occurs.mark());
            }
            What::Sequence(parts) => (parts, ", "),
            What::Choice(parts) => (parts, " | "),
        };
        f.write_str("(")?;
        for (ordinal, part) in parts.iter().enumerate() {
            if ordinal > 0 {
                f.write_str(separator)?;
            }
            write!(f, "{part}")?;
        }
        f.write_str(")")?;
        f.write_str(self.occurs.mark())
    }
}

impl Occurs {
    fn mark(self) -> &'static str {
        match self {
            Occurs::Once => "",
            Occurs::Optional => "?",
            Occurs::Many => "*",
            Occurs::AtLeastOnce => "+",
        }
    }
}

/// An automaton of a content model after Glushkov: a state for the beginning and one for each name in the model.
///
/// cXML's content models are deterministic, as XML demands (3.2.1), and for these that automaton is, too.
#[derive(Debug, Default)]
pub(super) struct Automaton {
    /// Of each position, the name.
    pub(super) names: Vec<u16>,
    /// Of each state, the positions that may follow; the beginning is the first state, positions count from zero.
    pub(super) follow: Vec<Vec<u16>>,
    /// Of each state, whether the content may end there.
    pub(super) accepts: Vec<bool>,
}

/// The positions where a part may begin and end, and whether it may be absent.
struct Edges {
    first: Vec<u16>,
    last: Vec<u16>,
    nullable: bool,
}

impl Automaton {
    /// Compiles a content model of elements; the error is the name that makes it ambiguous.
    pub(super) fn of(part: &Part, id: &mut dyn FnMut(&str) -> u16) -> Result<Automaton, String> {
        let mut automaton = Automaton {
            follow: vec![Vec::new()],
            ..Automaton::default()
        };
        let edges = automaton.add(part, id);
        automaton.follow[0] = edges.first;
        automaton.accepts = vec![false; automaton.follow.len()];
        automaton.accepts[0] = edges.nullable;
        for last in edges.last {
            automaton.accepts[usize::from(last) + 1] = true;
        }
        for positions in &mut automaton.follow {
            positions.sort_unstable();
            positions.dedup();
            let mut seen = HashMap::new();
            for &position in positions.iter() {
                if seen.insert(automaton.names[usize::from(position)], position).is_some() {
                    return Err(part.name_at(usize::from(position)));
                }
            }
        }
        Ok(automaton)
    }

    fn add(&mut self, part: &Part, id: &mut dyn FnMut(&str) -> u16) -> Edges {
        let mut edges = match &part.what {
            What::Name(name) => {
                let position = u16::try_from(self.names.len()).unwrap_or(u16::MAX);
                self.names.push(id(name));
                self.follow.push(Vec::new());
                Edges {
                    first: vec![position],
                    last: vec![position],
                    nullable: false,
                }
            }
            What::Sequence(parts) => self.sequence(parts, id),
            What::Choice(parts) => {
                let mut all = Edges {
                    first: Vec::new(),
                    last: Vec::new(),
                    nullable: false,
                };
                for part in parts {
                    let edges = self.add(part, id);
                    all.first.extend(edges.first);
                    all.last.extend(edges.last);
                    all.nullable |= edges.nullable;
                }
                all
            }
        };
        if matches!(part.occurs, Occurs::Many | Occurs::AtLeastOnce) {
            self.join_again(&edges.last, &edges.first);
        }
        edges.nullable |= matches!(part.occurs, Occurs::Optional | Occurs::Many);
        edges
    }

    fn sequence(&mut self, parts: &[Part], id: &mut dyn FnMut(&str) -> u16) -> Edges {
        let mut all = Edges {
            first: Vec::new(),
            last: Vec::new(),
            nullable: true,
        };
        for part in parts {
            let edges = self.add(part, id);
            self.join(&all.last, &edges.first);
            if all.nullable {
                all.first.extend(&edges.first);
            }
            if !edges.nullable {
                all.last.clear();
            }
            all.last.extend(edges.last);
            all.nullable &= edges.nullable;
        }
        all
    }

    /// Lets each of the positions `first` follow each of the positions `last`; in a sequence none of them does yet.
    fn join(&mut self, last: &[u16], first: &[u16]) {
        for &position in last {
            self.follow[usize::from(position) + 1].extend(first);
        }
    }

    /// The same for a part that may be repeated, where repeated parts inside have joined some of them already.
    fn join_again(&mut self, last: &[u16], first: &[u16]) {
        let mut marks = vec![false; self.names.len()];
        for &position in last {
            let follow = &mut self.follow[usize::from(position) + 1];
            let before = follow.len();
            follow.iter().for_each(|&next| marks[usize::from(next)] = true);
            follow.extend(first.iter().filter(|&&next| !marks[usize::from(next)]));
            follow[..before]
                .iter()
                .for_each(|&next| marks[usize::from(next)] = false);
        }
    }
}

impl Part {
    fn add_names<'p>(&'p self, names: &mut Vec<&'p str>) {
        match &self.what {
            What::Name(name) => names.push(name),
            What::Sequence(parts) | What::Choice(parts) => parts.iter().for_each(|part| part.add_names(names)),
        }
    }

    /// The name at a position.
    fn name_at(&self, position: usize) -> String {
        let mut names = Vec::new();
        self.add_names(&mut names);
        names.get(position).map_or_else(String::new, |name| (*name).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let model = Model::parse(text).map(|model| model.to_string());
        assert_eq!(
            model.as_deref().unwrap_or_else(|error| error.as_str()),
            expect,
            "{text}"
        );
    }

    #[test]
    fn models_are_read_and_written() {
        check(" EMPTY ", "EMPTY");
        check("ANY", "ANY");
        check("( #PCDATA )", "(#PCDATA)");
        check("(#PCDATA)*", "(#PCDATA)");
        check("( #PCDATA| a |b )*", "(#PCDATA | a | b)*");
        check("(a)", "(a)");
        check("( a , (b|c)+ , d? )*", "(a, (b | c)+, d?)*");
        check("(#PCDATA | a)", "`(#PCDATA)` or `(#PCDATA | name | …)*`");
        check("(a, b | c)", "`)`, or the same separator throughout a group");
        check("(a", "`)`, or the same separator throughout a group");
        check("a", "a content model: EMPTY, ANY or a group in parentheses");
        check("(a,,b)", "the name of an element or `(` in a content model");
        check("", "the name of an element or `(` in a content model");
    }

    #[test]
    fn automata_accept_what_the_model_says() {
        let accepts = |model: &str, content: &str| {
            let Ok(Model::Children(part)) = Model::parse(model) else {
                panic!("{model}")
            };
            let automaton = Automaton::of(&part, &mut |name| u16::from(name.as_bytes()[0])).unwrap();
            let mut state = 0;
            for byte in content.bytes() {
                let next = automaton.follow[state]
                    .iter()
                    .find(|&&position| automaton.names[usize::from(position)] == u16::from(byte));
                match next {
                    Some(&position) => state = usize::from(position) + 1,
                    None => return false,
                }
            }
            automaton.accepts[state]
        };
        for (model, good, bad) in [
            ("(a, b)", "ab", " a b ba abb"),
            ("(a?, b*, c+)", "c abc bbcc ac", "a ab cb ca"),
            ("(a | b)*", ". a ab ba bbaa", "c ac"),
            ("((a, b?)+, c)", "ac abc aabac", "c abb bc"),
            ("((a | b), (c | d)?)", "a b ac bd", "c acd ab"),
            ("(a*, b?)", ". a aab b", "ba bb"),
        ] {
            for content in good.split(' ') {
                assert!(accepts(model, content.trim_matches('.')), "{model} {content}");
            }
            for content in bad.split(' ').filter(|content| !content.is_empty()) {
                assert!(!accepts(model, content), "{model} {content}");
            }
        }
    }

    #[test]
    fn ambiguous_models_are_refused() {
        for (model, name) in [("((a, b) | (a, c))", "a"), ("(a?, a)", "a"), ("((x, b*)*, b)", "b")] {
            let Ok(Model::Children(part)) = Model::parse(model) else {
                panic!("{model}")
            };
            let error = Automaton::of(&part, &mut |name| u16::from(name.as_bytes()[0])).unwrap_err();
            assert_eq!(error, name, "{model}");
        }
    }
}
