//! Vectors of other ERPs whose levels and breaks are those of ours.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::fixture::{Files, dec, list, plain, text};

/// Policies of ERPs whose levels and breaks are those of ours.
pub const LIKE_OURS: [&str; 2] = ["first_level", "p21_breaks"];

/// The account, product and lists of one vector of another ERP.
pub fn other(vector: &Value, at: usize, files: &mut Files) {
    let (input, name) = (&vector["input"], format!("V{at}"));
    files.add(
        "products",
        json!({"sku": name, "name": name, "base_unit": "EA", "list_price": input["list_price"]}),
    );
    files.add("accounts", json!({"code": name, "name": name, "groups": name}));
    if let Some(code) = text(input, "ship_to") {
        files.add("addresses", json!({"account": name, "code": code}));
    }
    let levels: BTreeSet<&str> = list(&vector["candidates"])
        .iter()
        .filter(|candidate| candidate["ship_to"].is_null())
        .filter_map(|candidate| text(candidate, "level"))
        .collect();
    for level in levels {
        let code = format!("{name} {level}");
        let place = list(&vector["levels"]).iter().position(|known| known == level).unwrap();
        files.add("price_lists", json!({"code": code}));
        let target = ["account", "group", ""][place];
        let mut row = json!({"list": code, "priority": place});
        if !target.is_empty() {
            row[target] = json!(name);
        }
        files.add("price_assignments", row);
    }
    for (candidate, position) in list(&vector["candidates"]).iter().zip(1..) {
        let code = format!("{name} {}", plain(&candidate["level"]));
        if let Some(address) = text(candidate, "ship_to") {
            files.add(
                "agreements",
                json!({"number": code, "account": name, "all_ship_tos": false}),
            );
            files.add("agreement_ship_tos", json!({"agreement": code, "address": address}));
            files.add(
                "agreement_lines",
                json!({"agreement": code, "line": position, "sku": name, "price": candidate["price"]}),
            );
        } else if let Some(percent) = text(candidate, "discount_pct") {
            files.add(
                "price_rules",
                json!({"list": code, "position": position, "calculation": "markup", "value": format!("-{percent}")}),
            );
        } else {
            files.add(
                "prices",
                json!({"list": code, "sku": name, "min_quantity": candidate["min_qty"], "price": candidate["price"],
                    "price_quantity": candidate["price_qty"], "valid_from": candidate["valid_from"],
                    "valid_to": candidate["valid_to"]}),
            );
        }
    }
    // The price at a place holds below the break of the same place.
    let ends = list(&input["breaks"]).iter().filter(|end| !dec(end).is_zero());
    let starts = std::iter::once(json!("0")).chain(ends.cloned());
    for (start, price) in starts.zip(list(&input["values"])) {
        files.add(
            "prices",
            json!({"list": name, "sku": name, "min_quantity": start, "price": price}),
        );
    }
    if !list(&input["values"]).is_empty() {
        files.add("price_lists", json!({"code": name}));
        files.add("price_assignments", json!({"list": name, "account": name}));
    }
}
