//! What a list shows, as its address says: words, category, chosen values, order, form and page.

use url::form_urlencoded::{Serializer, parse};

use crate::service::search::{Filter, Key, Order};

/// Longest search in characters; more is cut off.
const QUERY_CHARS_MAX: usize = 200;
/// Chosen values that are read from an address; nobody chooses more.
const VALUES_MAX: usize = 40;

/// What a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// Words or numbers.
    pub text: String,
    /// The category's code.
    pub category: Option<String>,
    /// Chosen values.
    pub filters: Vec<Filter>,
    /// Whether pictures come first.
    pub is_grid: bool,
    /// The chosen order.
    pub order: Order,
    /// The page, from 1.
    pub page: u64,
    /// Something to say above the list, by name.
    pub notice: String,
}

impl Narrowing {
    /// Reads the query of an address; what is not known is left out.
    pub fn read(query: &str) -> Self {
        let mut narrowing = Narrowing {
            page: 1,
            ..Narrowing::default()
        };
        let mut values = 0;
        for (name, value) in parse(query.as_bytes()) {
            match &*name {
                "q" => narrowing.text = value.trim().chars().take(QUERY_CHARS_MAX).collect(),
                "code" => narrowing.category = Some(value.into_owned()).filter(|code| !code.is_empty()),
                "maker" | "f" if values < VALUES_MAX => {
                    values += 1;
                    if let Some((key, value)) = chosen(&name, &value) {
                        narrowing.choose(&key, &value);
                    }
                }
                "view" => narrowing.is_grid = value == "grid",
                "order" if value == "name" => narrowing.order = Order::Listing,
                "page" => narrowing.page = value.parse().unwrap_or(1).clamp(1, 1_000_000),
                "notice" => narrowing.notice = value.into_owned(),
                _ => {}
            }
        }
        narrowing
    }

    /// Its address below a path, on the first page.
    pub fn address(&self, path: &str) -> String {
        let mut query = Serializer::new(String::new());
        if !self.text.is_empty() {
            query.append_pair("q", &self.text);
        }
        if let Some(code) = &self.category {
            query.append_pair("code", code);
        }
        for filter in &self.filters {
            for value in &filter.values {
                match &filter.facet {
                    Key::Maker => query.append_pair("maker", value),
                    Key::Attribute(code) => query.append_pair("f", &format!("{code}:{value}")),
                    Key::Category => &mut query,
                };
            }
        }
        if self.is_grid {
            query.append_pair("view", "grid");
        }
        if self.order == Order::Listing {
            query.append_pair("order", "name");
        }
        format!("{path}?{}", query.finish())
    }

    /// The same with a value, or without it where it was chosen.
    #[must_use]
    pub fn turned(&self, key: &Key, value: &str) -> Self {
        let mut turned = self.clone();
        if self.has(key, value) {
            for filter in turned.filters.iter_mut().filter(|filter| filter.facet == *key) {
                filter.values.retain(|own| own != value);
            }
            turned.filters.retain(|filter| !filter.values.is_empty());
        } else {
            turned.choose(key, value);
        }
        turned
    }

    /// Whether a value is chosen.
    pub fn has(&self, key: &Key, value: &str) -> bool {
        let mut of_key = self.filters.iter().filter(|filter| filter.facet == *key);
        of_key.any(|filter| filter.values.iter().any(|own| own == value))
    }

    fn choose(&mut self, key: &Key, value: &str) {
        if self.has(key, value) {
            return;
        }
        match self.filters.iter_mut().find(|filter| filter.facet == *key) {
            Some(filter) => filter.values.push(value.to_owned()),
            None => self.filters.push(Filter {
                facet: key.clone(),
                values: vec![value.to_owned()],
            }),
        }
    }
}

fn chosen(name: &str, value: &str) -> Option<(Key, String)> {
    if name == "maker" {
        return Some((Key::Maker, value.to_owned()));
    }
    let (code, value) = value.split_once(':')?;
    Some((Key::Attribute(code.to_owned()), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_everything_and_is_read_again() {
        let query = "q=hex+bolt&code=F%261&maker=A+%26+B&f=d:M8&f=d:1:2&view=grid&order=name";
        let narrowing = Narrowing::read(query);
        assert_eq!(
            (narrowing.text.as_str(), narrowing.category.as_deref()),
            ("hex bolt", Some("F&1"))
        );
        assert_eq!(narrowing.filters.len(), 2);
        assert_eq!(narrowing.filters[1].values, ["M8", "1:2"]);
        let address = narrowing.address("/s/x/search");
        assert_eq!(Narrowing::read(address.split_once('?').unwrap().1), narrowing);
        assert_eq!(Narrowing::read("").address("/s"), "/s?");
    }

    #[test]
    fn values_are_chosen_and_given_up() {
        let narrowing = Narrowing::read("f=d:M8&page=3");
        let key = Key::Attribute("d".into());
        assert_eq!(narrowing.turned(&key, "M8").address(""), "?");
        assert_eq!(narrowing.turned(&key, "M9").address(""), "?f=d%3AM8&f=d%3AM9");
        assert_eq!(narrowing.turned(&Key::Maker, "A").address(""), "?f=d%3AM8&maker=A");
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let narrowing = Narrowing::read("page=x&view=round&order=price&f=nothing&zzz=1&code=");
        assert_eq!(narrowing, Narrowing::read(""));
        let many = "f=a:1&".repeat(3) + &(0..99).map(|at| format!("f=b:{at}&")).collect::<String>();
        assert!(
            Narrowing::read(&many)
                .filters
                .iter()
                .map(|filter| filter.values.len())
                .sum::<usize>()
                <= VALUES_MAX
        );
    }
}
