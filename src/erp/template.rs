//! Texts with placeholders: addresses, bodies, filters.
//!
//! ```text
//! {limit}                      what it stands for
//! {/settings.api}              the slashes of it are those of the address
//! [&$filter={filter}]          left out where something in it is empty; brackets without a placeholder are only brackets
//! eq '{after}'                 an apostrophe of a value that is itself between apostrophes is written twice
//! ```

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::fault::Fault;
use super::value::Value;

/// What a placeholder stands for; nothing where there is none of that name.
pub(super) type Named<'n> = &'n dyn Fn(&str) -> Result<Option<Value>, Fault>;

/// A template with what its `{name}` stand for: a text that is nothing else becomes the value itself.
pub(super) fn filled(template: &Value, named: Named<'_>) -> Result<Value, Fault> {
    Ok(match template {
        Value::Text(text) => match whole(text).map(|name| Ok((name, named(name)?))).transpose()? {
            Some((_, Some(value))) => value,
            Some((name, None)) => return Err(unknown(name)),
            None => Value::Text(filled_text(text, named)?),
        },
        Value::List(items) => Value::List(items.iter().map(|item| filled(item, named)).collect::<Result<_, _>>()?),
        Value::Record(members) => {
            let members = members
                .iter()
                .map(|(name, value)| Ok((name.clone(), filled(value, named)?)));
            Value::Record(members.collect::<Result<_, Fault>>()?)
        }
        other => other.clone(),
    })
}

/// A text with what its `{name}` stand for.
pub(super) fn filled_text(text: &str, named: Named<'_>) -> Result<String, Fault> {
    Filling {
        named,
        is_address: false,
    }
    .text(text)
}

/// An address with what its `{name}` stand for, written so that it is part of an address.
pub(super) fn filled_address(text: &str, named: Named<'_>) -> Result<String, Fault> {
    Filling {
        named,
        is_address: true,
    }
    .text(text)
}

/// A value as it is written after some text: between apostrophes its own are doubled, in an address it is encoded.
pub(super) fn written(before: &str, value: &str, is_address: bool) -> String {
    let doubled = match before.ends_with('\'') {
        true => value.replace('\'', "''"),
        false => value.to_owned(),
    };
    match is_address {
        true => utf8_percent_encode(&doubled, NON_ALPHANUMERIC).to_string(),
        false => doubled,
    }
}

/// What a text is cut into.
pub(super) enum Piece<'t> {
    /// Said as it stands.
    Said(&'t str),
    /// A placeholder.
    Named(&'t str),
    /// What stands in brackets, with a placeholder in it.
    Group(&'t str),
}

/// A text cut at its placeholders and brackets.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.find(['{', '[']) {
        let (before, from) = rest.split_at(at);
        let (open, inner) = from.split_at(1);
        let (close, is_group) = if open == "{" { ('}', false) } else { (']', true) };
        let Some((inner, after)) = inner.split_once(close) else {
            break;
        };
        pieces.push(Piece::Said(before));
        pieces.push(match (is_group, inner.contains('{')) {
            (false, _) => Piece::Named(inner),
            (true, true) => Piece::Group(inner),
            (true, false) => Piece::Said(&from[..inner.len() + 2]),
        });
        rest = after;
    }
    pieces.push(Piece::Said(rest));
    pieces
}

struct Filling<'n> {
    named: Named<'n>,
    is_address: bool,
}

impl Filling<'_> {
    fn text(&self, text: &str) -> Result<String, Fault> {
        let mut filled = String::new();
        for piece in pieces(text) {
            match piece {
                Piece::Said(said) => filled.push_str(said),
                Piece::Named(name) => self.put(name, &mut filled)?,
                Piece::Group(inner) => filled.push_str(&self.group(inner)?.unwrap_or_default()),
            }
        }
        Ok(filled)
    }

    fn put(&self, name: &str, filled: &mut String) -> Result<(), Fault> {
        let (name, has_slashes) = match name.strip_prefix('/') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let value = (self.named)(name)?.ok_or_else(|| unknown(name))?;
        let text = value.as_text().unwrap_or_default();
        if has_slashes {
            let parts: Vec<String> = text.split('/').map(|part| written("", part, self.is_address)).collect();
            filled.push_str(&parts.join("/"));
        } else {
            let text = written(filled, text, self.is_address);
            filled.push_str(&text);
        }
        Ok(())
    }

    fn group(&self, inner: &str) -> Result<Option<String>, Fault> {
        let mut filled = String::new();
        for piece in pieces(inner) {
            match piece {
                Piece::Said(said) => filled.push_str(said),
                Piece::Named(name) | Piece::Group(name) => {
                    let before = filled.len();
                    self.put(name, &mut filled)?;
                    if filled.len() == before {
                        return Ok(None);
                    }
                }
            }
        }
        Ok(Some(filled))
    }
}

fn whole(text: &str) -> Option<&str> {
    let name = text.strip_prefix('{')?.strip_suffix('}')?;
    (!name.contains(['{', '}'])).then_some(name)
}

fn unknown(name: &str) -> Fault {
    Fault::ask(format!("the mapping names {{{name}}}, which is not known there"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_leaves_its_brackets_out() {
        let named = |name: &str| {
            Ok(match name {
                "filter" => Some(Value::Null),
                "limit" => Some(Value::Number("50".to_owned())),
                "path" => Some(Value::text("a/b c")),
                "after" => Some(Value::text("O'Neil & Sons")),
                _ => None,
            })
        };
        let check = |template: &str, address: &str, text: &str| {
            assert_eq!(filled_address(template, &named).unwrap(), address);
            assert_eq!(filled_text(template, &named).unwrap(), text);
        };
        check("items?a[&f={filter}][&t={limit}]", "items?a&t=50", "items?a&t=50");
        check("{/path}/x {path}", "a/b%20c/x a%2Fb%20c", "a/b c/x a/b c");
        check("[({filter}) and ]b[0]={limit}", "b[0]=50", "b[0]=50");
        check(
            "n eq '{after}' x {after}",
            "n eq 'O%27%27Neil%20%26%20Sons' x O%27Neil%20%26%20Sons",
            "n eq 'O''Neil & Sons' x O'Neil & Sons",
        );
        assert_eq!(
            filled_text("[{colour}]", &named).unwrap_err().text,
            "the mapping names {colour}, which is not known there"
        );
    }
}
