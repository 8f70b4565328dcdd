//! The settings of a connection as lines of a form: one table says what each is called, means and may be.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::Value;
use url::Host;

use crate::domain::address;
use crate::domain::party::ConnectionSettings;
use crate::domain::refusal::{Code, Refusal};
use crate::profile;

/// How a setting is written.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// One line.
    Text,
    /// A whole number from the first to the second.
    Number(i64, i64),
    /// Several values, one a line.
    Lines,
    /// One of these words, each with what people read.
    Choice(&'static [(&'static str, &'static str)]),
    /// Yes or no.
    Switch,
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The field of [`ConnectionSettings`], and of the form.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What it does.
    pub help: &'static str,
    /// A value as it may be.
    pub example: &'static str,
    /// How it is written.
    pub form: Form,
    /// Whether one value is right.
    is_right: fn(&str) -> bool,
}

/// A group of settings under a heading.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// The heading.
    pub title: &'static str,
    /// The settings.
    pub settings: &'static [Setting],
}

const fn setting(name: &'static str, label: &'static str, form: Form, help: &'static str) -> Setting {
    Setting {
        name,
        label,
        help,
        example: "",
        form,
        is_right: |_| true,
    }
}

impl Setting {
    const fn like(self, example: &'static str, is_right: fn(&str) -> bool) -> Setting {
        Setting {
            example,
            is_right,
            ..self
        }
    }
}

const DAY: i64 = 86_400;

/// Every setting that staff may change.
pub const GROUPS: [Group; 4] = [
    Group {
        title: "Where carts go back to",
        settings: &[
            setting(
                "return_hosts",
                "Hosts that may receive carts",
                Form::Lines,
                "Hosts of the buyer's BrowserFormPost address. A cart goes to no other host.",
            )
            .like("*.ariba.com", is_host),
            setting(
                "frame_ancestors",
                "Origins that may show the shop in a frame",
                Form::Lines,
                "Only needed where the buyer's system opens the shop inside its own page.",
            )
            .like("https://s1.ariba.com", is_origin),
            setting(
                "return_encoding",
                "Encoding of the cart",
                Form::Choice(&[("cxml-base64", "cxml-base64"), ("cxml-urlencoded", "cxml-urlencoded")]),
                "How the cart is written in the return form.",
            ),
            setting(
                "return_field",
                "Name of the return field",
                Form::Text,
                "As this buyer spells it; some systems tell upper from lower case.",
            )
            .like("cxml-urlencoded", is_field),
            setting(
                "return_insecure",
                "Plain HTTP and IP addresses",
                Form::Switch,
                "Lets carts go to http:// and to hosts given as numbers. For test partners only.",
            ),
        ],
    },
    Group {
        title: "Visits",
        settings: &[
            setting(
                "start_seconds",
                "Start link holds, in seconds",
                Form::Number(10, 3_600),
                "From the answer to its one use.",
            )
            .like("300", |_| true),
            setting(
                "shopping_seconds",
                "Shopping time, in seconds",
                Form::Number(60, 7 * DAY),
                "From opening the shop to its end.",
            )
            .like("21600", |_| true),
            setting(
                "quote_seconds",
                "Prices hold, in seconds",
                Form::Number(0, 366 * DAY),
                "From the return of the cart.",
            )
            .like("604800", |_| true),
            setting(
                "operation_allowed",
                "Later visits to a returned cart",
                Form::Choice(&[
                    ("create", "None: only new carts"),
                    ("inspect", "Look at it"),
                    ("edit", "Change it"),
                ]),
                "What the returned cart says may be done with it (operationAllowed).",
            ),
            setting("cart_lines_max", "Most lines of a cart", Form::Number(1, 10_000), "").like("500", |_| true),
        ],
    },
    Group {
        title: "Orders and documents",
        settings: &[
            setting(
                "price_tolerance_percent",
                "Price tolerance, in percent",
                Form::Text,
                "An ordered price that differs by no more is taken without a question.",
            )
            .like("0.5", is_percent),
            setting(
                "conflict_answer",
                "Conflicting orders",
                Form::Choice(&[
                    ("hold", "Take them and ask a person"),
                    ("refuse", "Refuse them with 409"),
                ]),
                "Networks that mark a refused order as failed for good need the first.",
            ),
            setting(
                "update_unknown_creates",
                "Changes of orders never seen",
                Form::Switch,
                "Yes: a change of an order that never came becomes an order.",
            ),
            setting(
                "order_version_suffix",
                "-V1, -V2 at the end of order numbers",
                Form::Switch,
                "Yes: the suffix is the version and not part of the number.",
            ),
            setting(
                "payment_required",
                "Payment card needed",
                Form::Switch,
                "Orders without a PCard are refused with 402.",
            ),
            setting(
                "cxml_version",
                "cXML version that we send",
                Form::Text,
                "The version in the DOCTYPE of our documents.",
            )
            .like("1.2.069", is_version),
            setting(
                "time_zone",
                "Time zone of the buyer",
                Form::Text,
                "For times that come without one.",
            )
            .like("Europe/Berlin", |text| TimeZone::get(text).is_ok()),
            setting(
                "classification_default",
                "Classification of last resort",
                Form::Text,
                "UNSPSC for products that have none.",
            )
            .like("31161500", |text| {
                text.len() <= 20 && text.bytes().all(|byte| byte.is_ascii_digit())
            }),
        ],
    },
    Group {
        title: "Who may send",
        settings: &[
            setting(
                "address_allow",
                "Addresses that documents may come from",
                Form::Lines,
                "Networks or single addresses; empty means any.",
            )
            .like("203.0.113.0/24", is_network),
            setting(
                "requests_per_minute",
                "Requests a minute",
                Form::Number(1, 60_000),
                "More are asked to come later.",
            )
            .like("600", |_| true),
            setting(
                "accept_test_documents",
                "Test documents on production",
                Form::Switch,
                "Yes: they are taken and marked, and reach no ERP.",
            ),
            setting(
                "secret_match",
                "Comparing secrets",
                Form::Choice(&[("exact", "Letter by letter"), ("trimmed", "Without blanks around")]),
                "Some buyers' systems send blanks around the secret.",
            ),
            setting(
                "inbound_grammar",
                "Documents that are not valid",
                Form::Choice(&[
                    ("lenient", "Read them and note what is wrong"),
                    ("strict", "Refuse them with 406"),
                ]),
                "The answer of a refusal names the first fault, its place and what was expected.",
            ),
            setting(
                "root_any_case",
                "Root element spelled cxml",
                Form::Switch,
                "Yes: it is taken as cXML.",
            ),
            setting(
                "signature_required",
                "Signature needed",
                Form::Switch,
                "Documents without one are refused with 475.",
            ),
            setting(
                "credential_mac",
                "CredentialMac",
                Form::Switch,
                "Yes: a computed code may stand in place of the secret.",
            ),
            setting(
                "credential_mac_seconds_max",
                "Longest life of a CredentialMac, in seconds",
                Form::Number(60, 30 * DAY),
                "",
            )
            .like("86400", |_| true),
        ],
    },
];

/// Every setting, whatever its group.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    GROUPS.iter().flat_map(|group| group.settings)
}

/// What the connection itself says, as a form shows it; empty where it says nothing.
pub fn own(settings: &ConnectionSettings) -> BTreeMap<String, String> {
    let values = serde_json::to_value(settings).unwrap_or_default();
    let text = |setting: &Setting| (setting.name.to_owned(), text(&values[setting.name]));
    all().map(text).collect()
}

/// What holds where the connection says nothing.
pub fn inherited(profile_code: &str) -> BTreeMap<String, String> {
    let mut settings = ConnectionSettings::default();
    for code in [profile_code, "generic"] {
        if let Some(profile) = profile::find(code) {
            settings = settings.over(&profile.rules);
        }
    }
    own(&settings)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(lines) => lines.iter().map(text).collect::<Vec<_>>().join("\n"),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The settings that a form says; what the form does not name stays as it is.
///
/// # Errors
/// A fault for each field that is not of its form.
pub fn read(base: &ConnectionSettings, fields: &BTreeMap<String, String>) -> Result<ConnectionSettings, Vec<Refusal>> {
    let mut values = serde_json::to_value(base).unwrap_or_default();
    let mut faults = Vec::new();
    for setting in all() {
        let Some(written) = fields.get(setting.name) else {
            continue;
        };
        match setting.value(written) {
            Ok(value) => values[setting.name] = value,
            Err(text) => faults.push(Refusal::new(Code::BadRequest, text).at(setting.name)),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    serde_json::from_value(values).map_err(|error| {
        tracing::error!(%error, "connection.settings");
        vec![Refusal::new(
            Code::BadRequest,
            "The settings cannot be used as they are.",
        )]
    })
}

impl Setting {
    /// Whether no profile says it, so that leaving it empty means no.
    pub fn is_own(&self) -> bool {
        self.name == "return_insecure"
    }

    /// The value of a field, or what would be right.
    fn value(&self, written: &str) -> Result<Value, String> {
        let written = written.trim();
        match self.form {
            Form::Lines => {
                let lines: Vec<&str> = written.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
                match lines.iter().position(|line| !(self.is_right)(line)) {
                    None => Ok(lines.into()),
                    Some(at) => Err(format!(
                        "{}: line {} is not right; a right one is {}.",
                        self.label,
                        at + 1,
                        self.example
                    )),
                }
            }
            Form::Switch if self.is_own() => Ok((written == "true").into()),
            _ if written.is_empty() => Ok(Value::Null),
            Form::Switch => Ok((written == "true").into()),
            Form::Choice(words) if words.iter().any(|(word, _)| *word == written) => Ok(written.into()),
            Form::Choice(_) => Err(format!("{}: choose one of the list.", self.label)),
            Form::Number(least, most) => match written.parse::<i64>() {
                Ok(number) if (least..=most).contains(&number) => Ok(number.into()),
                _ => Err(format!("{}: write a whole number from {least} to {most}.", self.label)),
            },
            Form::Text if (self.is_right)(written) => Ok(written.into()),
            Form::Text => Err(format!("{}: write it like {}.", self.label, self.example)),
        }
    }
}

/// `buyer.example.com`, `*.example.com`, with a port or without; an address where plain HTTP is allowed.
fn is_host(text: &str) -> bool {
    let host = match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') && port.parse::<u16>().is_ok() => host,
        _ => text,
    };
    let host = host.strip_prefix("*.").unwrap_or(host);
    let labels = host.contains('.') || host == "localhost" || host.starts_with('[');
    labels && !host.contains(['*', '/', '@', ' ']) && Host::parse(host).is_ok()
}

/// `https://buyer.example`, also with a wildcard for one label.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(is_host)
}

fn is_network(text: &str) -> bool {
    address::contains(text, IpAddr::V4(Ipv4Addr::LOCALHOST)).is_some()
}

fn is_field(text: &str) -> bool {
    text.len() <= 60
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn is_version(text: &str) -> bool {
    let mut parts = text.split('.');
    let number = |part: Option<&str>| {
        part.is_some_and(|part| !part.is_empty() && part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    parts.next() == Some("1") && number(parts.next()) && number(parts.next()) && parts.next().is_none()
}

fn is_percent(text: &str) -> bool {
    let within = |percent: Decimal| percent >= Decimal::ZERO && percent <= Decimal::ONE_HUNDRED;
    text.parse().is_ok_and(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A setting added to the type is added to the form, or named here with the reason why not.
    #[test]
    fn every_setting_has_its_line() {
        let values = serde_json::to_value(ConnectionSettings::default()).unwrap();
        let named: Vec<&str> = all().map(|setting| setting.name).collect();
        for name in values.as_object().unwrap().keys() {
            // The safeguards have a page of their own; so will the map of units, later.
            let has_page = name == "units" || name == "safeguards";
            assert!(named.contains(&name.as_str()) || has_page, "{name}");
        }
        for setting in all() {
            assert!(values.get(setting.name).is_some(), "{} is none", setting.name);
        }
    }

    #[test]
    fn what_is_shown_can_be_sent_back() {
        for profile in profile::all() {
            let shown = own(&profile.rules);
            assert_eq!(read(&ConnectionSettings::default(), &shown).unwrap(), {
                ConnectionSettings {
                    units: std::collections::BTreeMap::new(),
                    ..profile.rules.clone()
                }
            });
        }
    }

    #[test]
    fn examples_are_right_and_nonsense_is_not() {
        let check = |name: &str, written: &str, right: bool| {
            let fields = BTreeMap::from([(name.to_owned(), written.to_owned())]);
            let read = read(&ConnectionSettings::default(), &fields);
            assert_eq!(read.is_ok(), right, "{name}: {written}");
            if let Err(faults) = read {
                assert_eq!(faults[0].field.as_deref(), Some(name));
                assert!(
                    written.len() < 3 || !faults[0].text.contains(written),
                    "input is not echoed"
                );
            }
        };
        for setting in all().filter(|setting| !setting.example.is_empty()) {
            check(setting.name, setting.example, true);
        }
        check("return_hosts", "buyer.example.com:8443\n*.example.com\n", true);
        check("return_hosts", "127.0.0.1\nlocalhost:9000\n[::1]", true);
        for host in [
            "https://a.example",
            "*",
            "*.*.example",
            "a b.example",
            "a.example/path",
            "intranet",
        ] {
            check("return_hosts", host, false);
        }
        check("frame_ancestors", "https://a.example; script-src *", false);
        check("frame_ancestors", "a.example", false);
        check("address_allow", "10.0.0.0/8\n2001:db8::/32\n192.0.2.1", true);
        check("address_allow", "10.0.0.0/33", false);
        check("address_allow", "everybody", false);
        check("price_tolerance_percent", "101", false);
        check("start_seconds", "0", false);
        check("start_seconds", "", true);
        check("cxml_version", "1.2.0690", false);
        check("cxml_version", "2.0.1", false);
        check("time_zone", "Middle/Earth", false);
        check("conflict_answer", "shrug", false);
    }
}
