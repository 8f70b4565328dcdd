//! What placeholders of pages and statements stand for.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::fault::Fault;
use super::link::{Access, Question, Window};
use super::path::Path;
use super::value::Value;

/// The moment from which on changes are asked for, as the ERP writes it; nothing where all is.
///
/// # Errors
/// The format is none.
pub(super) fn since(question: &Question<'_>, format: Option<&str>) -> Result<Value, Fault> {
    let Window::Since(at) = question.window else {
        return Ok(Value::Null);
    };
    Ok(Value::Text(match format {
        Some(format) => strftime(format, at)?,
        None => at.to_string(),
    }))
}

/// What a placeholder of the settings stands for.
pub(super) fn of_settings(access: &Access, name: &str) -> Option<Value> {
    access.settings.get(name.strip_prefix("settings.")?).cloned()
}

/// What a placeholder stands for that says something of the question alone.
pub(super) fn of_question(name: &str, question: &Question<'_>) -> Option<Value> {
    let is_keys = question.window == Window::Keys;
    let keys = question.key.dotted();
    // The names at the top of each field that is asked for.
    let fields = || question.fields.iter().map(String::as_str).chain(keys.split(','));
    let text = match name {
        "from" => question.from.to_owned(),
        "fields" => question.fields.join(","),
        "select" if is_keys => keys,
        "select" => joined(fields().map(top)),
        "expand" => joined(fields().filter(|field| field.contains('.')).map(top)),
        "keys" => keys,
        "changed" => question.changed.first().map(Path::dotted).unwrap_or_default(),
        "limit" => return Some(Value::Number(question.limit.to_string())),
        "names" => {
            let names: BTreeSet<&str> = if is_keys {
                keys.split(',').collect()
            } else {
                fields().map(top).collect()
            };
            return Some(Value::List(names.into_iter().map(Value::text).collect()));
        }
        "offset" => question.position.clone().unwrap_or_else(|| "0".to_owned()),
        "after" => question.position.clone().unwrap_or_default(),
        "today" => question.today.to_string(),
        name => {
            let name = name.strip_prefix("each.")?;
            // Where nothing is gone through, brackets around it are left out.
            return question
                .each
                .map_or(Some(Value::Null), |each| each.member(name).cloned());
        }
    };
    Some(Value::Text(text))
}

fn top(field: &str) -> &str {
    field.split('.').next().unwrap_or(field)
}

fn joined<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: BTreeSet<&str> = names.collect();
    names.into_iter().collect::<Vec<_>>().join(",")
}

/// A moment as the ERP writes it.
fn strftime(format: &str, at: Timestamp) -> Result<String, Fault> {
    let at = at.to_zoned(TimeZone::UTC);
    jiff::fmt::strtime::format(format, &at).map_err(|error| Fault::ask(format!("rest.since {format:?}: {error}")))
}
