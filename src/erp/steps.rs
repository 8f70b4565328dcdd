//! What is done in an ERP, step by step: each step asks one thing and keeps of the answer what later steps name.
//!
//! ```text
//! {order.number}                      a value of the order, the settings, or kept by a step before
//! {units.(line.unit).id}              the name in parentheses is itself a value
//! {order.ship_to|defaults.address}    the first that is there
//! {'line.quantity'}                   as a text
//! {null}                              nothing, which a mapping file cannot say otherwise
//! { for_each = "order.lines", as = "line", give = … }     a list, an item for each
//! ```
//!
//! Nothing is asked a second time by itself: whether the ERP did what was asked is not known when no answer came. The next
//! attempt begins with the first step, which looks for what is there already.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::fault::Fault;
use super::link::Link;
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
        alternatives(placeholder).into_iter().find_map(|path| match path {
            "null" => Some(Value::Null),
            path => self.walk(path).filter(|value| *value != Value::Null),
        })
    }

    fn walk(&self, path: &str) -> Option<Value> {
        let mut names = segments(path).into_iter();
        let first = self.segment(names.next()?)?;
        let mut value = self
            .0
            .iter()
            .find(|(known, _)| *known == first)
            .map(|(_, value)| value)?;
        for name in names {
            let name = self.segment(name)?;
            value = match value {
                Value::List(items) => items.get(name.parse::<usize>().ok()?)?,
                // What a record refers to may be beside its identifier, under the name with a point.
                record => record.member(&name).or_else(|| record.member(&format!("{name}.")))?,
            };
        }
        Some(value.clone())
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
            filled.push_str(named(name)?.as_text().unwrap_or_default());
            rest = after;
        }
        filled.push_str(rest);
        Ok(Value::Text(filled))
    }
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
    let template = step.with.as_ref().map(Value::from_toml).unwrap_or_default();
    let Some(list) = &step.for_each else {
        let answer = ask(link, step, &template, known).await?;
        for (name, value) in kept(step, &answer)? {
            known.set(&name, value);
        }
        return needed(step, known);
    };
    let mut lists: BTreeMap<String, Vec<Value>> = step.keep.keys().map(|name| (name.clone(), Vec::new())).collect();
    for item in known.items(list)? {
        let mut of_item = known.clone();
        of_item.set(&step.r#as, item);
        let answer = ask(link, step, &template, &of_item).await?;
        for (name, value) in kept(step, &answer)? {
            lists.entry(name).or_default().push(value);
        }
    }
    for (name, values) in lists {
        known.set(&name, Value::List(values));
    }
    needed(step, known)
}

async fn ask(link: &mut Link, step: &Step, template: &Value, known: &Known) -> Result<Value, Fault> {
    let call = known.filled_text(&step.call)?;
    let with = known.filled(template, 0)?;
    let context = match &step.context {
        Some(context) => known.filled(&Value::from_toml(context), 0)?,
        None => Value::Record(Vec::new()),
    };
    link.call(call.as_text().unwrap_or_default(), with, context).await
}

fn kept(step: &Step, answer: &Value) -> Result<Vec<(String, Value)>, Fault> {
    if step.one && answer.items().len() > 1 {
        return Err(Fault::ask(format!(
            "there are {} of what must be one",
            answer.items().len()
        )));
    }
    let mut whole = Known::default();
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
mod tests {
    use super::*;

    fn known() -> Known {
        let mut known = Known::default();
        let order = r#"{"number":"PO-1","ship_to":null,"lines":[{"sku":"A","quantity":2},{"sku":"B","quantity":0.5}]}"#;
        known.set("order", Value::parse(order).unwrap());
        known.set(
            "products",
            Value::parse(r#"{"A":{"id":7},"B":{"id":8,"group.":{"name":"g"}}}"#).unwrap(),
        );
        known.set("state", Value::text("draft"));
        known
    }

    #[test]
    fn placeholders_find_their_values() {
        let check = |placeholder: &str, expect: Option<&str>| {
            let found = known().at(placeholder).map(|value| value.to_json());
            assert_eq!(found.as_deref(), expect, "{placeholder}");
        };
        check("order.number", Some("\"PO-1\""));
        check("order.lines.1.quantity", Some("0.5"));
        check("products.(order.lines.0.sku).id", Some("7"));
        check("products.B.group.name", Some("\"g\""));
        check("order.ship_to|order.number", Some("\"PO-1\""));
        check("order.ship_to", None);
        check("order.nothing", None);
        check("'order.lines.1.quantity'", Some("\"0.5\""));
        check("null", Some("null"));
    }

    #[test]
    fn templates_are_filled_for_each_line() {
        let template = r#"[{"reference":"{order.number}","text":"no {order.number}!",
            "lines":{"for_each":"order.lines","as":"line","give":{"product":"{products.(line.sku).id}","quantity":"{line.quantity}"}}}]"#;
        let filled = known().filled(&Value::parse(template).unwrap(), 0).unwrap();
        let expect = r#"[{"reference":"PO-1","text":"no PO-1!","lines":[{"product":7,"quantity":2},{"product":8,"quantity":0.5}]}]"#;
        assert_eq!(filled.to_json(), expect);
        let missing = known().filled(&Value::text("{order.colour}"), 0).unwrap_err();
        assert_eq!(missing.text, "the step needs {order.colour}, which is not there");
    }

    #[test]
    fn conditions_say_when_a_step_is_done() {
        for (condition, expect) in [
            ("state", true),
            ("!state", false),
            ("!sale", true),
            ("state=draft", true),
            ("state=quotation|draft", true),
            ("state=done", false),
            ("state!=done", true),
        ] {
            assert_eq!(known().holds(condition), expect, "{condition}");
        }
    }

    #[test]
    fn an_answer_is_kept_as_the_step_says() {
        let step: Step = toml::from_str(
            "name = \"find\"\ncall = \"x\"\none = true\nneed = [\"sale\"]\n[keep]\nsale = \"0.id\"\nall = \"*\"\n",
        )
        .unwrap();
        let answer = Value::parse(r#"[{"id":3}]"#).unwrap();
        let kept = kept(&step, &answer).unwrap();
        assert_eq!(kept[1], ("sale".to_owned(), Value::Number("3".to_owned())));
        let two = Value::parse(r#"[{"id":3},{"id":4}]"#).unwrap();
        assert_eq!(
            super::kept(&step, &two).unwrap_err().text,
            "there are 2 of what must be one"
        );
        assert_eq!(
            needed(&step, &Known::default()).unwrap_err().text,
            "the ERP has no sale for it"
        );
    }
}
