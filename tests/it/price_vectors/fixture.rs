//! What the reference folder writes down as files of ours.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::import::{Shop, clock};

pub fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value[name].as_str()
}

/// A number, or a text with one, as it is written; nothing is empty.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

pub fn dec(value: &Value) -> Decimal {
    plain(value).parse().unwrap_or_else(|_| panic!("{value} is no number"))
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub fn find<'v>(rows: &'v Value, column: &str, name: &str) -> &'v Value {
    list(rows).iter().find(|row| row[column] == name).unwrap()
}

/// Lines of JSON for one file.
#[derive(Default)]
pub struct Files {
    texts: BTreeMap<usize, (String, String)>,
    codes: BTreeSet<String>,
}

/// The order in which files depend on each other.
const ORDER: [&str; 18] = [
    "units",
    "categories",
    "products",
    "kits",
    "warehouses",
    "price_policies",
    "accounts",
    "addresses",
    "credit",
    "rates",
    "tax_rules",
    "price_lists",
    "price_rules",
    "price_assignments",
    "prices",
    "agreements",
    "agreement_ship_tos",
    "agreement_lines",
];
const LAST: [&str; 3] = ["promotions", "stock", "supply"];

impl Files {
    pub fn add(&mut self, name: &str, row: Value) {
        let place = ORDER.iter().chain(&LAST).position(|known| *known == name).unwrap();
        let (_, text) = self
            .texts
            .entry(place)
            .or_insert_with(|| (format!("{name}.jsonl"), String::new()));
        text.push_str(&format!("{row}\n"));
    }

    /// Adds a row whose code may have been added before.
    pub fn once(&mut self, name: &str, code: &str, row: Value) {
        if self.codes.insert(format!("{name} {code}")) {
            self.add(name, row);
        }
    }

    pub async fn bring(&self, shop: &Shop) {
        for (name, text) in self.texts.values() {
            shop.good(name, text).await;
        }
    }
}

/// Units, categories, products, kits, warehouses, stock.
pub fn goods(fixture: &Value, files: &mut Files) {
    let units = list(&fixture["uoms"]);
    for unit in units {
        let decimals = if unit["dimension"] == "count" { 0 } else { 3 };
        files.add(
            "units",
            json!({"code": unit["code"], "name": unit["code"], "dimension": unit["dimension"],
                "factor": unit["factor"], "decimals": decimals}),
        );
    }
    for category in list(&fixture["categories"]) {
        files.add(
            "categories",
            json!({"code": category["code"], "name": category["code"], "parent": category["parent"]}),
        );
    }
    for product in list(&fixture["products"]) {
        let base = find(&fixture["uoms"], "code", text(product, "base_uom").unwrap());
        let others = units
            .iter()
            .filter(|unit| unit["dimension"] == base["dimension"] && unit["code"] != base["code"]);
        let content: BTreeMap<&str, String> = others
            .map(|unit| {
                let factor = format!("{}/{}", plain(&unit["factor"]), plain(&base["factor"]));
                (text(unit, "code").unwrap(), factor)
            })
            .collect();
        let mut sold_in = vec![text(product, "sale_uom").unwrap()];
        let all = content.keys().copied().chain([text(base, "code").unwrap()]);
        sold_in.extend(all.filter(|unit| *unit != sold_in[0]).collect::<Vec<_>>());
        let status = if product["salable"] == true {
            "active"
        } else {
            "not_for_sale"
        };
        let tax_class = if product["taxable"] == true { "taxed" } else { "untaxed" };
        files.add(
            "products",
            json!({"sku": product["sku"], "name": product["sku"], "base_unit": base["code"], "units": content,
                "sold_in": sold_in, "list_price": product["list_price"], "cost": product["cost"],
                "categories": product["category"], "tax_class": tax_class, "status": status,
                "min_order_quantity": product["min_qty"], "order_multiple": product["multiple"],
                "lead_time_days": product["lead_time_days"]}),
        );
    }
    for row in list(&fixture["kit_components"]) {
        files.add(
            "kits",
            json!({"kit": row["kit"], "component": row["sku"], "quantity": row["qty"], "unit": row["uom"]}),
        );
    }
    for warehouse in list(&fixture["warehouses"]) {
        files.add(
            "warehouses",
            json!({"code": warehouse["code"], "name": warehouse["code"]}),
        );
    }
    for row in list(&fixture["stock"]) {
        files.add(
            "stock",
            json!({"sku": row["sku"], "warehouse": row["warehouse"], "on_hand": row["on_hand"]}),
        );
    }
    let today = clock().now().to_zoned(jiff::tz::TimeZone::UTC).date();
    for (row, at) in list(&fixture["supply"]).iter().zip(1..) {
        let due = today + row["due_in_days"].as_i64().unwrap().days();
        files.add(
            "supply",
            json!({"sku": row["sku"], "warehouse": row["warehouse"], "reference": format!("PO-{at}"),
                "kind": row["source"], "quantity": row["qty"], "due": due.to_string()}),
        );
    }
}

/// The policy of the fixture: that of its ERP, with each switch as the fixture names it.
fn policy(fixture: &Value, files: &mut Files) {
    let policy = &fixture["price_policy"];
    let levels = list(&policy["levels"])
        .iter()
        .map(|level| match level.as_str().unwrap() {
            "agreement_if_named" => "agreement",
            // Accounts that inherit are asked for beside those that do not.
            "account_list" => "account|inherited",
            "default_list" => "default",
            level => panic!("{level} is no level that is known"),
        });
    let levels: Vec<&str> = levels.collect();
    let word = |value: &Value, words: [(&str, &str); 2]| {
        let found = words.iter().find(|(theirs, _)| plain(value) == *theirs);
        found
            .unwrap_or_else(|| panic!("{value} is no word that is known"))
            .1
            .to_owned()
    };
    files.add(
        "price_policies",
        json!({"code": "fixture", "like": policy["name"], "source": "files", "levels": levels.join("|"),
            "select": policy["select"],
            "on_no_match": word(&policy["on_no_match"], [("null", "no_price"), ("next", "next_level")]),
            "returns": word(&policy["qty"], [("abs_base", "by_size"), ("base", "without_break")]),
            "round_at": word(&policy["round_before_uom"], [("true", "before_unit"), ("false", "after_unit")]),
            "round_digits": fixture["unit_price_scale"],
            "promotion_base":
                word(&policy["promotion"]["base"], [("price_at_qty_0", "without_breaks"), ("price", "reached")]),
            "promotions":
                word(&policy["promotion"]["apply"], [("if_current_ge", "replace_if_lower"), ("always", "stack")])}),
    );
}

/// The policy, price lists, agreements and promotions.
pub fn terms_of(fixture: &Value, files: &mut Files) {
    policy(fixture, files);
    for rules in list(&fixture["price_lists"]) {
        let is_general = rules["code"] == fixture["default_price_list"];
        files.add(
            "price_lists",
            json!({"code": rules["code"], "kind": if is_general { "list" } else { "contract" },
                "parent": rules["parent"], "quantity_basis": rules["qty_basis"], "tax_included": rules["tax_included"] == true}),
        );
        for (entry, position) in list(&rules["entries"]).iter().zip(1..) {
            let base = match (text(entry, "calc"), text(rules, "base")) {
                (Some("parent"), _) => "parent",
                (_, Some("cost")) => "cost",
                _ => "list_price",
            };
            let calculation = if entry["calc"] == "fixed" { "fixed" } else { "multiply" };
            files.add(
                "price_rules",
                json!({"list": rules["code"], "position": position, "sku": entry["sku"],
                    "category": entry["category"], "min_quantity": entry["min_qty"], "valid_from": entry["valid_from"],
                    "valid_to": entry["valid_to"], "calculation": calculation, "base": base, "value": entry["value"],
                    "floor_base": entry["floor_base"], "floor": entry["floor_value"]}),
            );
        }
    }
    for agreement in list(&fixture["agreements"]) {
        files.add(
            "agreements",
            json!({"number": agreement["code"],
                "account": account_code(&plain(&agreement["account"]), &plain(&fixture["company_currency"])),
                "valid_from": agreement["valid_from"], "valid_to": agreement["valid_to"]}),
        );
        for (line, number) in list(&agreement["lines"]).iter().zip(1..) {
            files.add(
                "agreement_lines",
                json!({"agreement": agreement["code"], "line": number, "sku": line["sku"], "unit": line["uom"],
                    "price": line["unit_price"], "maximum": line["qty"]}),
            );
        }
    }
    for promotion in list(&fixture["promotions"]) {
        files.add(
            "promotions",
            json!({"code": promotion["code"], "skus": promotion["skus"], "valid_from": promotion["valid_from"],
                "valid_to": promotion["valid_to"], "min_quantity": promotion["min_qty"], "unit": promotion["uom"],
                "calculation": promotion["calc"], "value": promotion["value"]}),
        );
    }
    for rate in list(&fixture["fx"]) {
        if rate["currency"] != fixture["company_currency"] {
            files.add("rates", rate.clone());
        }
    }
    for tax in list(&fixture["taxes"]) {
        files.add(
            "tax_rules",
            json!({"code": tax["code"], "product_class": "taxed", "rate": tax["rate"], "priority": 1}),
        );
    }
    files.add(
        "tax_rules",
        json!({"code": "exempt", "account_class": "exempt", "rate": "0", "priority": 0}),
    );
}

/// An account of the fixture in a currency, as the vectors ask for it.
pub fn account_code(account: &str, currency: &str) -> String {
    format!("{account} {currency}")
}

/// The account that buys by a list in a currency.
pub fn list_account(input: &Value) -> String {
    account_code(
        &format!("list {}", plain(&input["price_list"])),
        &plain(&input["currency"]),
    )
}

/// The fixture's accounts, in every currency that a vector orders in, and one for each list that a vector names.
pub fn accounts(fixture: &Value, vectors: &[Value], files: &mut Files) {
    let mut assigned = BTreeSet::new();
    let mut add = |files: &mut Files, code: String, currency: &str, price_list: Option<&str>, rest: Value| {
        if !assigned.insert(code.clone()) {
            return;
        }
        let mut row = json!({"code": code, "name": code, "currency": currency});
        row.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        files.add("accounts", row);
        if let Some(list) = price_list {
            files.add("price_assignments", json!({"list": list, "account": code}));
        }
    };
    let own = text(fixture, "company_currency").unwrap();
    let ordered = vectors.iter().filter_map(|vector| text(&vector["input"], "cur"));
    let currencies: BTreeSet<&str> = ordered.chain([own]).collect();
    for account in list(&fixture["accounts"]) {
        let (code, parent) = (text(account, "code").unwrap(), text(account, "parent"));
        let class = if account["tax_exempt"] == true { "exempt" } else { "" };
        for currency in &currencies {
            let code = account_code(code, currency);
            let parent = parent.map(|parent| account_code(parent, currency));
            let rest = json!({"tax_class": class, "parent": parent});
            add(files, code.clone(), currency, text(account, "price_list"), rest);
            if let (Some(limit), true) = (text(account, "credit_limit"), *currency == own) {
                files.add("credit", json!({"account": code, "limit": limit}));
            }
            if parent.is_some() {
                let rest = json!({"tax_class": class, "parent": parent, "inherit_prices": "parent"});
                add(
                    files,
                    format!("{code} inheriting"),
                    currency,
                    text(account, "price_list"),
                    rest,
                );
            }
        }
    }
    for vector in vectors.iter().filter(|vector| vector["kind"] == "price") {
        let input = &vector["input"];
        let currency = plain(&input["currency"]);
        add(
            files,
            list_account(input),
            &currency,
            text(input, "price_list"),
            json!({}),
        );
    }
}
