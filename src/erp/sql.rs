//! Databases: what an entity is `from` is a statement that reads one page.
//!
//! ```text
//! select item, name from item where active
//!     [and changed >= {since}::timestamptz]       left out where all is asked for
//!     [and item > {after}]                        after the last key of the page before
//! order by item limit {limit}
//! ```
//!
//! Values are never part of the statement: the database gets them beside it, as texts.

use std::time::Duration;

use super::asked;
use super::fault::Fault;
use super::link::{ANSWER_BYTES_MAX, Access, Page, Question};
use super::template::{Piece, pieces};
use super::value::Value;
use crate::transport::{SqlClient, SqlError};

/// A way to an ERP by its database.
pub struct Sql {
    client: SqlClient,
    access: Access,
}

/// What is wrong with a statement of a mapping.
///
/// # Errors
/// It says what.
pub(super) fn examine(statement: &str) -> Result<(), String> {
    let first = statement.split_whitespace().next().unwrap_or_default();
    if !["select", "with"].iter().any(|word| first.eq_ignore_ascii_case(word)) {
        return Err("a statement begins with select or with".to_owned());
    }
    if !statement.contains("{limit}") {
        return Err("a statement ends in limit {limit}, and says [and KEY > {after}] and order by KEY".to_owned());
    }
    Ok(())
}

impl Sql {
    /// A way that connects with the first question.
    pub fn new(access: &Access, timeout: Duration) -> Result<Sql, Fault> {
        let Access {
            url, user, password, ..
        } = access;
        let client = SqlClient::new(url, user, password, timeout, ANSWER_BYTES_MAX);
        Ok(Sql {
            client: client.map_err(|error| Fault::ask(error.to_string()))?,
            access: access.clone(),
        })
    }

    /// Asks for a page; after the last page there is an empty one.
    pub async fn ask(&mut self, question: &Question<'_>) -> Result<Page, Fault> {
        let mut statement = Statement::default();
        statement.add(question.from, &|name| self.named(name, question))?;
        let rows = self.client.rows(&statement.text, &statement.values).await;
        let rows = rows.map_err(|error| match error {
            SqlError::Unanswered(_) => Fault::retry(format!("the ERP's database gave {error}")),
            _ => Fault::ask(format!("the ERP's database: {error}")),
        })?;
        let records = rows.iter().map(|row| Value::parse(row).map_err(Fault::ask));
        let records: Vec<Value> = records.collect::<Result<_, _>>()?;
        let next = match records.last() {
            Some(last) if question.from.contains("{after}") => {
                let key = question.key.of(last).ok();
                let key = key.as_ref().and_then(Value::as_text).map(str::to_owned);
                Some(key.ok_or_else(|| Fault::ask(format!("the last row has no {}", question.key.dotted())))?)
            }
            Some(_) if records.len() >= question.limit => {
                let text = format!(
                    "the statement gives {} rows or more: say in it [and KEY > {{after}}]",
                    question.limit
                );
                return Err(Fault::ask(text));
            }
            _ => None,
        };
        Ok(Page { records, next })
    }

    fn named(&self, name: &str, question: &Question<'_>) -> Result<Option<Value>, Fault> {
        Ok(match name {
            "since" => Some(asked::since(question, None)?),
            name => asked::of_question(name, question).or_else(|| asked::of_settings(&self.access, name)),
        })
    }
}

/// A statement with the values beside it.
#[derive(Default)]
struct Statement {
    text: String,
    values: Vec<String>,
}

impl Statement {
    fn add(&mut self, template: &str, named: super::template::Named<'_>) -> Result<(), Fault> {
        for piece in pieces(template) {
            match piece {
                Piece::Said(said) => self.text.push_str(said),
                Piece::Group(inner) => {
                    let mut group = Statement {
                        text: String::new(),
                        values: self.values.clone(),
                    };
                    group.add(inner, named)?;
                    let is_whole = group.values[self.values.len()..].iter().all(|value| !value.is_empty());
                    if is_whole {
                        self.text.push_str(&group.text);
                        self.values = group.values;
                    }
                }
                Piece::Named(name) => {
                    let unknown = || Fault::ask(format!("the mapping names {{{name}}}, which is not known there"));
                    let value = named(name)?.ok_or_else(unknown)?;
                    let value = value.as_text().unwrap_or_default().to_owned();
                    match name {
                        // A number of ours, which databases do not take as a text.
                        "limit" => self.text.push_str(&value),
                        _ => {
                            self.values.push(value);
                            self.text.push_str(&format!("${}", self.values.len()));
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_beside_the_statement() {
        let named = |name: &str| {
            Ok(Some(match name {
                "since" => Value::Null,
                "limit" => Value::text("50"),
                _ => Value::text("x'; drop table item; --"),
            }))
        };
        let mut statement = Statement::default();
        let template = "select a from b where site = {settings.site} [and c >= {since}::timestamp] [and a > {after}] limit {limit}";
        statement.add(template, &named).unwrap();
        assert_eq!(statement.text, "select a from b where site = $1  and a > $2 limit 50");
        assert_eq!(statement.values, ["x'; drop table item; --"; 2]);
    }

    #[test]
    fn statements_only_read() {
        assert_eq!(examine("\n  SELECT 1 limit {limit}"), Ok(()));
        for statement in ["", "delete from item limit {limit}", "select 1"] {
            assert!(examine(statement).is_err(), "{statement}");
        }
    }
}
