//! What is done in an ERP, step by step: each step asks one thing and keeps of the answer what later steps name.
//!
//! ```text
//! {order.number}                      a value of the order, the settings, or kept by a step before
//! {units.(line.unit).id}              the name in parentheses is itself a value
//! {order.ship_to|defaults.address}    the first that is there
//! {'line.quantity'}                   as a text
//! {#line.unit_price}                  as a number
//! id = '{order.account}'              an apostrophe of a value that is itself between apostrophes is written twice
//! {null}                              nothing, which a mapping file cannot say otherwise
//! { for_each = "order.lines", as = "line", give = … }     a list, an item for each
//! ```
//!
//! Nothing is asked a second time by itself: whether the ERP did what was asked is not known when no answer came. The next
//! attempt begins with the first step, which looks for what is there already.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::fault::Fault;
use super::link::{Call, Link};
use super::template::written;
use super::value::Value;

/// Items of one list that steps go through: as many lines as an order may have.
const ITEMS_MAX: usize = 10_000;
/// Deepest nesting of a template.
const DEPTH_MAX: usize = 16;

/// What is done with orders.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Orders {
    /// Digits after the point that a unit price may have in the ERP.
    #[serde(default = "price_digits")]
    pub price_digits: u32,
    /// The kept value that is the ERP's number of the order.
    pub number: String,
    /// A new order.
    pub create: Vec<Step>,
    /// A cancelled order; without steps a person must do it.
    #[serde(default)]
    pub cancel: Vec<Step>,
    /// Whether a changed order is there already: these keep `made` then. Otherwise it is cancelled and created again.
    #[serde(default)]
    pub made: Vec<Step>,
}

fn price_digits() -> u32 {
    4
}

/// One step.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name, for whoever reads what happened.
    pub name: String,
    /// What must be there, or not (`!`), or be a word (`state=draft`), for the step to be done.
    #[serde(default)]
    pub when: Vec<String>,
    /// The method, or the address after that of the source.
    #[serde(default)]
    pub call: String,
    /// What is sent, with placeholders.
    pub with: Option<toml::Value>,
    /// The method of HTTP; without it POST where something is sent, GET where not.
    pub method: Option<String>,
    /// Headers that go with it, with placeholders.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Whether an answer that there is no such thing (404) is one: nothing is kept of it.
    #[serde(default)]
    pub may_be_missing: bool,
    /// What goes with it beside the context of the session, where there are such.
    pub context: Option<toml::Value>,
    /// The list for whose items the step is done one by one; what it keeps are lists then.
    pub for_each: Option<String>,
    /// What an item of it is called.
    #[serde(default = "item")]
    pub r#as: String,
    /// What is kept of the answer: the name, and where it is; `*` is all of it.
    #[serde(default)]
    pub keep: BTreeMap<String, String>,
    /// Where in the answer that is of which the keys below speak; without it all of the answer.
    pub rows: Option<String>,
    /// The answer is a list that is kept by this member of its items.
    pub by: Option<String>,
    /// Whether the answer is a list of one at most; more is for a person.
    #[serde(default)]
    pub one: bool,
    /// What must be kept after the step, else a person must look.
    #[serde(default)]
    pub need: Vec<String>,
    /// Instead of asking: why a person must do it.
    pub stop: Option<String>,
}

fn item() -> String {
    "item".to_owned()
}

/// What steps know: the order and whatever was kept.
#[derive(Clone, Debug, Default)]
pub struct Known(Vec<(String, Value)>);

impl Known {
    /// Knows a value by a name.
    pub fn set(&mut self, name: &str, value: Value) {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), value));
    }

    /// The value of a placeholder; nothing where nothing is there.
    pub fn at(&self, placeholder: &str) -> Option<Value> {
        if let Some(inner) = placeholder.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            return self.at(inner)?.as_text().map(Value::text);
        }
        if let Some(inner) = placeholder.strip_prefix('#') {
            let text = self.at(inner)?.as_text()?.to_owned();
            let is_number = crate::domain::money::parse_decimal(&text).is_ok();
            return is_number.then_some(Value::Number(text));
        }
        alternatives(placeholder).into_iter().find_map(|path| match path {
            "null" => Some(Value::Null),
            path => self.walk(path).filter(|value| *value != Value::Null),
        })
    }

    fn walk(&self, path: &str) -> Option<Value> {
        let names = segments(path).into_iter().map(|name| self.segment(name));
        let names: Vec<String> = names.collect::<Option<_>>()?;
        let (first, names) = names.split_first()?;
        let (_, value) = self.0.iter().find(|(known, _)| known == first)?;
        member(value, names).cloned()
    }

    /// A part of a path: a name, or the value of what stands in parentheses.
    fn segment(&self, segment: &str) -> Option<String> {
        match segment.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
            Some(inner) => self.at(inner)?.as_text().map(str::to_owned),
            None => Some(segment.to_owned()),
        }
    }

    fn holds(&self, condition: &str) -> bool {
        if let Some((path, word)) = condition.split_once('=') {
            let (path, is_negated) = match path.strip_suffix('!') {
                Some(path) => (path, true),
                None => (path, false),
            };
            let value = self.at(path);
            let text = value.as_ref().and_then(Value::as_text).unwrap_or_default();
            return word.split('|').any(|word| word == text) != is_negated;
        }
        match condition.strip_prefix('!') {
            Some(path) => !self.at(path).is_some_and(|value| value.is_yes()),
            None => self.at(condition).is_some_and(|value| value.is_yes()),
        }
    }

    /// A template with its placeholders filled in.
    ///
    /// # Errors
    /// It names what is not there.
    fn filled(&self, template: &Value, depth: usize) -> Result<Value, Fault> {
        if depth > DEPTH_MAX {
            return Err(Fault::ask("a template of the mapping is nested too deep"));
        }
        Ok(match template {
            Value::Text(text) => self.filled_text(text)?,
            Value::List(items) => {
                let items = items.iter().map(|item| self.filled(item, depth + 1));
                Value::List(items.collect::<Result<_, _>>()?)
            }
            Value::Record(_) if template.member("for_each").is_some() => self.each(template, depth)?,
            Value::Record(members) => {
                let members = members
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), self.filled(value, depth + 1)?)));
                Value::Record(members.collect::<Result<_, Fault>>()?)
            }
            other => other.clone(),
        })
    }

    fn each(&self, template: &Value, depth: usize) -> Result<Value, Fault> {
        let text = |name: &str| template.member(name).and_then(Value::as_text);
        let (Some(list), Some(give)) = (text("for_each"), template.member("give")) else {
            return Err(Fault::ask("for_each in a template needs give"));
        };
        let filled = self.items(list)?.into_iter().map(|item| {
            let mut known = self.clone();
            known.set(text("as").unwrap_or("item"), item);
            known.filled(give, depth + 1)
        });
        Ok(Value::List(filled.collect::<Result<_, _>>()?))
    }

    fn items(&self, list: &str) -> Result<Vec<Value>, Fault> {
        let items = match self.at(list) {
            Some(Value::List(items)) => items,
            Some(_) => return Err(Fault::ask(format!("{list} is no list"))),
            None => Vec::new(),
        };
        if items.len() > ITEMS_MAX {
            return Err(Fault::ask(format!("{list} has more than {ITEMS_MAX} items")));
        }
        Ok(items)
    }

    /// An address; where it begins with one of the settings, that one is an address as a whole.
    fn filled_address(&self, text: &str) -> Result<String, Fault> {
        let first = text.strip_prefix("{settings.").and_then(|rest| rest.split_once('}'));
        let base = first.and_then(|(name, rest)| Some((self.at(&format!("settings.{name}"))?, rest)));
        let (mut filled, mut rest) = match &base {
            Some((base, rest)) => (
                base.as_text().unwrap_or_default().trim_end_matches('/').to_owned(),
                *rest,
            ),
            None => (String::new(), text),
        };
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                break;
            };
            let missing = || Fault::ask(format!("the step needs {{{name}}}, which is not there"));
            let value = self.at(name.trim_start_matches('/')).ok_or_else(missing)?;
            let value = value.as_text().unwrap_or_default();
            filled.push_str(before);
            // With a slash in front, the slashes of it are those of the address.
            let parts = if name.starts_with('/') {
                value.split('/').collect()
            } else {
                vec![value]
            };
            let parts: Vec<String> = parts.into_iter().map(|part| written(&filled, part, true)).collect();
            filled.push_str(&parts.join("/"));
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    /// A text that is one placeholder becomes the value itself.
    fn filled_text(&self, text: &str) -> Result<Value, Fault> {
        let named = |name: &str| {
            let missing = || Fault::ask(format!("the step needs {{{name}}}, which is not there"));
            self.at(name).ok_or_else(missing)
        };
        let whole = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        if let Some(name) = whole.filter(|name| !name.contains(['{', '}'])) {
            return named(name);
        }
        let (mut filled, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                break;
            };
            filled.push_str(before);
            let value = written(&filled, named(name)?.as_text().unwrap_or_default(), false);
            filled.push_str(&value);
            rest = after;
        }
        filled.push_str(rest);
        Ok(Value::Text(filled))
    }
}

/// What is at some names. A name may have points in it, such as `@odata.etag`.
fn member<'v>(value: &'v Value, names: &[String]) -> Option<&'v Value> {
    let Some((name, rest)) = names.split_first() else {
        return Some(value);
    };
    if let Value::List(items) = value {
        return member(items.get(name.parse::<usize>().ok()?)?, rest);
    }
    // What a record refers to may be beside its identifier, under the name with a point.
    let found = value.member(name).or_else(|| value.member(&format!("{name}.")));
    found.and_then(|found| member(found, rest)).or_else(|| {
        let (second, rest) = rest.split_first()?;
        member(value.member(&format!("{name}.{second}"))?, rest)
    })
}

/// `a.b|c` as its alternatives; what stands in parentheses is one name.
fn alternatives(placeholder: &str) -> Vec<&str> {
    split(placeholder, '|')
}

fn segments(path: &str) -> Vec<&str> {
    split(path, '.')
}

fn split(text: &str, at: char) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0usize, 0);
    for (place, found) in text.char_indices() {
        match found {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            found if found == at && depth == 0 => {
                parts.push(&text[start..place]);
                start = place + at.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// Does steps one after the other.
///
/// # Errors
/// [`Fault`]: no answer came, or a person must look; what was done before stays done.
pub async fn run(link: &mut Link, steps: &[Step], known: &mut Known) -> Result<(), Fault> {
    for step in steps {
        let named = |fault: Fault| Fault {
            text: format!("{}: {}", step.name, fault.text),
            ..fault
        };
        if step.when.iter().all(|condition| known.holds(condition)) {
            do_step(link, step, known).await.map_err(named)?;
        }
    }
    Ok(())
}

async fn do_step(link: &mut Link, step: &Step, known: &mut Known) -> Result<(), Fault> {
    if let Some(why) = &step.stop {
        let why = known.filled_text(why)?;
        return Err(Fault::ask(why.as_text().unwrap_or_default()));
    }
    let template = step.with.as_ref().map(Value::from_toml);
    let template = template.as_ref();
    let Some(list) = &step.for_each else {
        let answer = ask(link, step, template, known).await?;
        for (name, value) in kept(step, &answer)? {
            known.set(&name, value);
        }
        return needed(step, known);
    };
    let mut lists: BTreeMap<String, Vec<Value>> = step.keep.keys().map(|name| (name.clone(), Vec::new())).collect();
    for item in known.items(list)? {
        let mut of_item = known.clone();
        of_item.set(&step.r#as, item);
        let answer = ask(link, step, template, &of_item).await?;
        for (name, value) in kept(step, &answer)? {
            lists.entry(name).or_default().push(value);
        }
    }
    for (name, values) in lists {
        known.set(&name, Value::List(values));
    }
    needed(step, known)
}

async fn ask(link: &mut Link, step: &Step, template: Option<&Value>, known: &Known) -> Result<Value, Fault> {
    let text = |text: &str| -> Result<String, Fault> {
        let filled = known.filled_text(text)?;
        Ok(filled.as_text().unwrap_or_default().to_owned())
    };
    let headers = step
        .headers
        .iter()
        .map(|(name, value)| Ok((name.clone(), text(value)?)));
    let call = Call {
        call: match link.is_addressed() {
            true => known.filled_address(&step.call)?,
            false => text(&step.call)?,
        },
        with: template.map(|template| known.filled(template, 0)).transpose()?,
        context: match &step.context {
            Some(context) => known.filled(&Value::from_toml(context), 0)?,
            None => Value::Record(Vec::new()),
        },
        method: step.method.clone(),
        headers: headers.collect::<Result<_, Fault>>()?,
        may_be_missing: step.may_be_missing,
    };
    link.call(&call).await
}

fn kept(step: &Step, answer: &Value) -> Result<Vec<(String, Value)>, Fault> {
    let mut whole = Known::default();
    whole.set("answer", answer.clone());
    let within = step
        .rows
        .as_ref()
        .map(|rows| whole.at(&format!("answer.{rows}")).unwrap_or_default());
    let answer = within.as_ref().unwrap_or(answer);
    if step.one && answer.items().len() > 1 {
        return Err(Fault::ask(format!(
            "there are {} of what must be one",
            answer.items().len()
        )));
    }
    let answer = match &step.by {
        None => answer.clone(),
        Some(member) => Value::Record(
            answer
                .items()
                .iter()
                .filter_map(|item| Some((item.member(member)?.as_text()?.to_owned(), item.clone())))
                .collect(),
        ),
    };
    whole.set("answer", answer);
    let keep = step.keep.iter().map(|(name, path)| {
        let path = match path.as_str() {
            "*" => "answer".to_owned(),
            path => format!("answer.{path}"),
        };
        (name.clone(), whole.at(&path).unwrap_or_default())
    });
    Ok(keep.collect())
}

fn needed(step: &Step, known: &Known) -> Result<(), Fault> {
    match step
        .need
        .iter()
        .find(|name| !known.at(name).is_some_and(|value| value.is_yes()))
    {
        Some(name) => Err(Fault::ask(format!("the ERP has no {name} for it"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
