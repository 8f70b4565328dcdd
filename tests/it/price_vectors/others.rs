//! Vectors of other ERPs as files: an account, a product and lists for each, and the policy that the vector names.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::DAY;
use super::fixture::{Files, dec, list, plain, text};

/// The policy that comes with the program for a vector.
fn policy_of(vector: &Value) -> &'static str {
    let erp = text(vector, "erp").unwrap_or_default();
    let known = [
        ("Business Central", "business-central"),
        ("F&O", "dynamics-finance-operations"),
        ("Business One", "sap-business-one"),
        ("S/4", "sap-s4hana"),
        ("NetSuite", "netsuite"),
        ("Odoo", "odoo"),
        ("Prophet 21", "prophet-21"),
        ("Tryton", "tryton"),
    ];
    let found = known.iter().find(|(name, _)| erp.contains(name));
    found.unwrap_or_else(|| panic!("{erp} is no ERP that is known")).1
}

/// One vector on its way into files.
struct Translation<'v> {
    vector: &'v Value,
    /// The code of its account and part number of its product.
    name: String,
    files: &'v mut Files,
}

/// To whom a list is given.
#[derive(Clone, Copy)]
enum To {
    Account,
    Group,
    All,
}

/// The account, product, policy and lists of one vector of another ERP.
pub fn other(vector: &Value, at: usize, files: &mut Files) {
    let name = format!("V{at}");
    let mut translation = Translation { vector, name, files };
    translation.goods();
    match text(vector, "policy").unwrap() {
        "first_level" => translation.levels(),
        "p21_breaks" => translation.breaks(),
        "bc_best_price" => translation.best_price(),
        "fo_grid" => translation.grid(),
        "odoo_rule_order" => translation.rule_order(),
        "p21_library" => translation.library(),
        policy => panic!("{policy} is no policy that is known"),
    }
}

impl Translation<'_> {
    fn candidates(&self) -> Vec<Value> {
        list(&self.vector["candidates"]).to_vec()
    }

    /// The product in all units that are named, its account, policy and addresses.
    fn goods(&mut self) {
        let (input, name) = (&self.vector["input"], self.name.clone());
        let candidates = self.candidates();
        let mut units = serde_json::Map::new();
        for unit in candidates.iter().filter_map(|candidate| text(candidate, "uom")) {
            units.insert(unit.to_owned(), json!("2"));
        }
        if let Some(unit) = text(input, "uom") {
            let content = plain(&input["qty_per_uom"]);
            units.insert(
                unit.to_owned(),
                if content.is_empty() { "1".into() } else { content.into() },
            );
        }
        for unit in units.keys() {
            self.files.once("units", unit, json!({"code": unit, "name": unit}));
        }
        let code = format!("C {name}");
        self.files.add("categories", json!({"code": code, "name": name}));
        self.files.add(
            "products",
            json!({"sku": name, "name": name, "base_unit": "EA", "list_price": input["list_price"],
                "units": units, "sold_in": units.keys().chain([&"EA".to_owned()]).collect::<Vec<_>>(),
                "price_group": format!("G {name}"), "categories": code}),
        );
        let scale = &self.vector["scale"];
        self.files.add(
            "price_policies",
            json!({"code": name, "like": policy_of(self.vector), "round_digits": scale}),
        );
        self.files.add(
            "accounts",
            json!({"code": name, "name": name, "groups": name, "price_policy": name}),
        );
        let ship_tos = candidates.iter().chain([input]).filter_map(|row| text(row, "ship_to"));
        for code in ship_tos.collect::<BTreeSet<_>>() {
            self.files.add("addresses", json!({"account": name, "code": code}));
        }
    }

    /// A list, given to somebody; the lower number comes first.
    fn list(&mut self, code: &str, to: To, priority: usize, rest: &Value) {
        let mut head = json!({"code": code, "kind": "contract", "priority": priority});
        if matches!(to, To::All) {
            // What is general applies to this vector's product alone, since the list has no other.
            head["kind"] = json!("list");
        }
        head.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        self.files.add("price_lists", head);
        let target = match to {
            To::Account => "account",
            To::Group => "group",
            To::All => return,
        };
        self.files.add(
            "price_assignments",
            json!({"list": code, target: self.name, "priority": priority}),
        );
    }

    /// A rule of a list; `rest` is laid over what the candidate says.
    fn rule(&mut self, list: &str, position: &Value, candidate: &Value, rest: &Value) {
        let mut rule = json!({"list": list, "position": position, "sku": self.name,
            "min_quantity": candidate["min_qty"], "valid_from": candidate["valid_from"],
            "valid_to": candidate["valid_to"], "value": candidate["price"], "price_quantity": candidate["price_qty"],
            "unit": candidate["uom"]});
        rule.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        self.files.add("price_rules", rule);
    }

    /// Levels in order: the first that has something holds; what names an address is an agreement.
    fn levels(&mut self) {
        let candidates = self.candidates();
        let is_list = |candidate: &&Value| candidate["ship_to"].is_null();
        let levels: BTreeSet<&str> = candidates
            .iter()
            .filter(is_list)
            .filter_map(|candidate| text(candidate, "level"))
            .collect();
        for level in levels {
            let code = format!("{} {level}", self.name);
            let place = list(&self.vector["levels"]).iter().position(|known| known == level);
            let place = place.unwrap_or_else(|| panic!("{level} is no level of the vector"));
            let to = [To::Account, To::Group, To::All][place.min(2)];
            self.list(&code, to, place, &json!({}));
        }
        for (candidate, position) in candidates.iter().zip(1..) {
            let code = format!("{} {}", self.name, plain(&candidate["level"]));
            let name = self.name.clone();
            if let Some(address) = text(candidate, "ship_to") {
                let number = format!("{code} {position}");
                self.files.add(
                    "agreements",
                    json!({"number": number, "account": name, "all_ship_tos": false}),
                );
                self.files
                    .add("agreement_ship_tos", json!({"agreement": number, "address": address}));
                self.files.add(
                    "agreement_lines",
                    json!({"agreement": number, "line": position, "sku": name, "price": candidate["price"],
                        "price_quantity": candidate["price_qty"], "valid_from": candidate["valid_from"],
                        "valid_to": candidate["valid_to"]}),
                );
            } else if let Some(percent) = text(candidate, "discount_pct") {
                let markup = json!({"calculation": "markup", "value": format!("-{percent}")});
                self.rule(&code, &json!(position), candidate, &markup);
            } else {
                self.files.add(
                    "prices",
                    json!({"list": code, "sku": name, "min_quantity": candidate["min_qty"],
                        "price": candidate["price"], "price_quantity": candidate["price_qty"],
                        "valid_from": candidate["valid_from"], "valid_to": candidate["valid_to"]}),
                );
            }
        }
    }

    /// A price holds below the break of the same place.
    fn breaks(&mut self) {
        let name = self.name.clone();
        self.list(&name, To::Account, 0, &json!({}));
        let input = &self.vector["input"];
        let ends = list(&input["breaks"]).iter().filter(|end| !dec(end).is_zero());
        let starts = std::iter::once(json!("0")).chain(ends.cloned());
        for (start, price) in starts.zip(list(&input["values"])) {
            self.files.add(
                "prices",
                json!({"list": name, "sku": name, "min_quantity": start, "price": price}),
            );
        }
    }

    /// Prices and discounts of a customer, its groups and everybody, each from a list of its own.
    fn best_price(&mut self) {
        for (candidate, position) in self.candidates().iter().zip(1..) {
            let to = match text(candidate, "who") {
                Some("customer") => To::Account,
                Some("group" | "campaign") => To::Group,
                None | Some("all") => To::All,
                Some(who) => panic!("{who} is nobody that is known"),
            };
            let code = format!("{} {position}", self.name);
            self.list(&code, to, position, &json!({}));
            let rest = match text(candidate, "kind") {
                Some("price") => json!({}),
                Some("discount") => json!({"calculation": "discount", "value": candidate["discount_pct"]}),
                kind => panic!("{kind:?} is no kind that is known"),
            };
            self.rule(&code, &json!(1), candidate, &rest);
        }
    }

    /// Customer, group and everybody by item, group of items and everything.
    fn grid(&mut self) {
        for (candidate, position) in self.candidates().iter().zip(1..) {
            let rank = usize::try_from(candidate["rank"].as_u64().unwrap()).unwrap() - 1;
            let to = [To::Account, To::Group, To::All][rank / 3];
            let code = format!("{} {position}", self.name);
            self.list(&code, to, rank * 1_000 + position, &json!({}));
            let scope = match rank % 3 {
                0 => json!({}),
                1 => json!({"sku": null, "price_group": format!("G {}", self.name)}),
                // Of this vector's product alone: a category of its own stands for everything.
                _ => json!({"sku": null, "category": format!("C {}", self.name)}),
            };
            let mut rest = json!({"find_next": candidate["find_next"]});
            rest.as_object_mut().unwrap().extend(scope.as_object().unwrap().clone());
            self.rule(&code, &json!(1), candidate, &rest);
        }
    }

    /// Rules of one list; templates of products are price groups.
    fn rule_order(&mut self) {
        let name = self.name.clone();
        let has_time = |day: &Value| day.as_str().is_some_and(|day| day.len() > DAY.len());
        let candidates = self.candidates();
        let is_timed = |candidate: &Value| has_time(&candidate["valid_from"]) || has_time(&candidate["valid_to"]);
        // A day without a time is a whole one in the vectors.
        let validity = if candidates.iter().any(is_timed) {
            "instants"
        } else {
            "days"
        };
        self.list(&name, To::Account, 0, &json!({"validity": validity}));
        for candidate in candidates {
            let scope = match text(&candidate, "applied_on").unwrap() {
                "variant" => json!({}),
                "product" => json!({"sku": null, "price_group": format!("G {name}")}),
                "category" => json!({"sku": null, "category": format!("C {name}")}),
                "global" => json!({"sku": null}),
                on => panic!("{on} is nothing a rule is applied on"),
            };
            self.rule(&name, &candidate["id"], &candidate, &scope);
        }
    }

    /// The pages of a library: rules of one list, which has a selection of its own.
    fn library(&mut self) {
        let name = self.name.clone();
        let select = match text(&self.vector["input"], "library_type").unwrap() {
            "First Of" => "first",
            "Lowest Of" => "lowest",
            "Highest Of" => "highest",
            "Newest Of" => "newest",
            "Oldest Of" => "oldest",
            kind => panic!("{kind} is no kind of library"),
        };
        self.list(&name, To::Account, 0, &json!({"select": select}));
        for candidate in self.candidates() {
            let starts = match candidate["effective"].is_null() {
                true => json!({}),
                false => json!({"valid_from": candidate["effective"]}),
            };
            self.rule(&name, &candidate["sequence"], &candidate, &starts);
        }
    }
}
