//! What the shop shows of the sample's goods: German texts, attributes and facets, drawings, data sheets, synonyms.

use super::families::GROUPS;
use super::words::{ATTRIBUTES, GERMAN_GROUPS, SHOWN, SYNONYMS, Shown, german};
use super::{Item, drawings, line};

/// What is shown of a family.
fn shown(code: &str) -> Option<&'static Shown> {
    SHOWN.iter().find(|shown| shown.code == code)
}

/// The files beside those of goods and contracts, in the order of the import.
pub(super) fn files(items: &[Item]) -> Vec<(String, String)> {
    let mut files = vec![
        ("product_texts.csv".to_owned(), product_texts(items)),
        ("category_texts.csv".to_owned(), category_texts()),
        ("attributes.csv".to_owned(), attributes()),
        ("attribute_texts.csv".to_owned(), attribute_texts()),
        ("facets.csv".to_owned(), facets()),
        ("product_attributes.csv".to_owned(), product_attributes(items)),
    ];
    for shown in SHOWN {
        let name = format!("{}.svg", shown.code.to_lowercase());
        files.push((name, drawings::drawing(shown.shape, shown.code)));
    }
    for group in GROUPS {
        let lines = [group.name, "Norden Industrial Supply", "Store dry and away from frost."];
        files.push((sheet(group.code), drawings::sheet(&lines)));
    }
    files.push(("media.csv".to_owned(), media(items)));
    files.push(("synonyms.csv".to_owned(), synonyms()));
    files
}

/// The name of a group's data sheet.
fn sheet(group: &str) -> String {
    format!("{}-sheet.pdf", group.to_lowercase())
}

fn product_texts(items: &[Item]) -> String {
    let mut text = String::from("sku,language,name,description\n");
    for item in items {
        let Some(shown) = shown(item.family.code) else { continue };
        let mut parts = shown.pattern.split("{}");
        let mut name = parts.next().unwrap_or_default().to_owned();
        for (value, part) in item.values().into_iter().zip(parts) {
            name.push_str(german(value));
            name.push_str(part);
        }
        let description = format!("{name}, hergestellt von {}.", item.maker);
        line(&mut text, &[&item.sku, "de", &name, &description]);
    }
    text
}

fn category_texts() -> String {
    let mut text = String::from("category,language,name\n");
    for (code, name) in GERMAN_GROUPS {
        line(&mut text, &[code, "de", name]);
    }
    for shown in SHOWN {
        line(&mut text, &[shown.code, "de", shown.category]);
    }
    text
}

fn attributes() -> String {
    let mut text = String::from("code,name,kind,unit\n");
    for (code, name, _, kind, unit) in ATTRIBUTES {
        line(&mut text, &[code, name, kind, unit]);
    }
    text
}

fn attribute_texts() -> String {
    let mut text = String::from("attribute,value,language,name\n");
    for (code, _, name, _, _) in ATTRIBUTES {
        line(&mut text, &[code, "", "de", name]);
    }
    let mut written: Vec<(&str, &str)> = Vec::new();
    for family in GROUPS.iter().flat_map(|group| group.families) {
        let Some(shown) = shown(family.code) else { continue };
        for (code, axis) in shown.attributes.iter().zip(family.axes) {
            let words = axis.iter().filter(|_| is_words(code));
            for value in words.filter(|value| german(value) != **value) {
                if !written.contains(&(code, value)) {
                    written.push((code, value));
                    line(&mut text, &[code, value, "de", german(value)]);
                }
            }
        }
    }
    text
}

/// Whether the values of an attribute are words.
fn is_words(code: &str) -> bool {
    ATTRIBUTES
        .iter()
        .any(|(own, _, _, kind, _)| own == &code && *kind == "text")
}

fn facets() -> String {
    let mut text = String::from("category,attribute,position\n");
    for shown in SHOWN {
        for (attribute, position) in shown.attributes.iter().zip(1..) {
            line(&mut text, &[shown.code, attribute, &format!("{position}")]);
        }
    }
    text
}

fn product_attributes(items: &[Item]) -> String {
    let mut text = String::from("sku,attribute,value\n");
    for item in items {
        let Some(shown) = shown(item.family.code) else { continue };
        for (attribute, value) in shown.attributes.iter().zip(item.values()) {
            line(&mut text, &[&item.sku, attribute, value]);
        }
    }
    text
}

fn media(items: &[Item]) -> String {
    let mut text = String::from("sku,file,title,position\n");
    for item in items {
        let picture = format!("{}.svg", item.family.code.to_lowercase());
        line(&mut text, &[&item.sku, &picture, item.family.name, "1"]);
        line(&mut text, &[&item.sku, &sheet(item.group), "Data sheet", "2"]);
    }
    text
}

fn synonyms() -> String {
    let mut text = String::from("code,words\n");
    for (words, number) in SYNONYMS.iter().zip(1..) {
        line(&mut text, &[&format!("S{number}"), words]);
    }
    text
}
