//! The description of the interface: one file, with the kinds of rows filled in from the tables that the import reads by.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Map, Value, json};

use super::gate;
use super::problem::{self, CODES, Stop};
use crate::domain::refusal::{Code, Refusal};
use crate::service::import::Entity;
use crate::service::{Error, Gateway};

/// Everything but the kinds of rows.
const DOCUMENT: &str = include_str!("openapi.json");

/// What every column means.
const HELP: &str = include_str!("../../../templates/help/import.md");

pub(super) async fn document(gateway: Data<Gateway>, request: HttpRequest) -> HttpResponse {
    problem::answer(&gateway, described(&gateway, &request))
}

fn described(gateway: &Gateway, request: &HttpRequest) -> Result<HttpResponse, Stop> {
    gate::address(gateway, request)?;
    let document = whole().map_err(|error| Error::Setting(format!("openapi.json: {error}")))?;
    let body = serde_json::to_string_pretty(&document).map_err(|error| Error::Setting(error.to_string()))?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .body(body + "\n"))
}

pub(super) async fn problem(gateway: Data<Gateway>, request: HttpRequest, name: Path<String>) -> HttpResponse {
    let found = gate::address(&gateway, &request).and_then(|_| kind(&name));
    problem::answer(&gateway, found)
}

fn kind(name: &str) -> Result<HttpResponse, Stop> {
    let known = CODES.into_iter().find(|code| code.problem().1 == name);
    let missing = || Refusal::new(Code::ExpectationFailed, "There is no such type of problem.");
    let code = known.ok_or_else(missing)?;
    let (status, _, title) = code.problem();
    let body = json!({ "type": problem::kind(code), "title": title, "status": status });
    Ok(HttpResponse::Ok().json(body))
}

/// The file with the names of the entities and the rows of each.
fn whole() -> serde_json::Result<Value> {
    let mut document: Value = serde_json::from_str(DOCUMENT)?;
    let schemas = &mut document["components"]["schemas"];
    let words: Vec<&str> = Entity::ALL.iter().map(|entity| entity.word()).collect();
    schemas["Entity"] = json!({ "enum": words, "description": "The kind of row, by the name of its files." });
    schemas["Value"] = json!({
        "description": "A text, number or truth value; null or an empty text is none. Lists may be lists, units an object. \
                        Numbers keep every digit.",
        "type": ["string", "number", "boolean", "null", "array", "object"],
    });
    for entity in Entity::ALL {
        schemas[format!("row_{}", entity.word())] = row(entity);
    }
    Ok(document)
}

/// The row of an entity. Its deletion is said beside it, not in it.
fn row(entity: Entity) -> Value {
    let (required, optional) = entity.columns();
    let section = section(entity.word());
    let columns = required.iter().chain(optional).filter(|column| **column != "deleted");
    let properties: Map<String, Value> = columns
        .map(|column| {
            let mut value = json!({ "$ref": "#/components/schemas/Value" });
            if let Some(meaning) = section.and_then(|section| meaning(section, column)) {
                value["description"] = meaning.into();
            }
            ((*column).to_owned(), value)
        })
        .collect();
    json!({
        "type": "object",
        "required": required,
        "additionalProperties": false,
        "properties": properties,
    })
}

/// What the help says of an entity.
fn section(word: &str) -> Option<&'static str> {
    let mut sections = HELP.split("\n## ");
    sections.find(|section| section.lines().next() == Some(word))
}

/// What the help says of a column: the third cell of its line.
fn meaning(section: &str, column: &str) -> Option<String> {
    let name = format!("`{column}`");
    let mut rows = section
        .lines()
        .filter_map(|line| line.strip_prefix('|'))
        .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    // A line may be of several columns.
    let cells = rows.find(|cells| {
        let names = cells.first().copied().unwrap_or_default();
        names.split(", ").any(|one| one == name)
    })?;
    let meaning = cells.get(2).copied().unwrap_or_default();
    (!meaning.is_empty()).then(|| meaning.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_says_what_it_means() {
        let document = whole().unwrap();
        for entity in Entity::ALL {
            let row = &document["components"]["schemas"][format!("row_{}", entity.word())];
            let properties = row["properties"].as_object().unwrap();
            assert!(!properties.is_empty(), "{}", entity.word());
            for (column, value) in properties {
                let meaning = value["description"].as_str().unwrap_or_default();
                assert!(meaning.len() > 3, "{}.{column}: {meaning:?}", entity.word());
            }
        }
    }
}
