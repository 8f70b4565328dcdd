//! What goes beside the sample's goods: substitutes, accessories, and a buyer's own part numbers.

use super::{ACCOUNTS, Item, PER_FAMILY, line};

/// One in so many goods has a part number of the first account's own.
const OWN_NUMBER_EVERY: usize = 3;

/// The files, in the order of the import.
pub(super) fn files(items: &[Item]) -> [(String, String); 2] {
    [
        ("relations.csv".to_owned(), relations(items)),
        ("own_parts.csv".to_owned(), own_parts(items)),
    ]
}

/// The next ones of a family may be bought instead; the first of the next family goes with it.
fn relations(items: &[Item]) -> String {
    let mut text = String::from("sku,related,kind,priority\n");
    let families: Vec<&[Item]> = items.chunks(PER_FAMILY).collect();
    for (at, family) in families.iter().enumerate() {
        let next = families.get(at + 1).or(families.first()).and_then(|next| next.first());
        for (place, item) in family.iter().enumerate() {
            for step in 1..=2 {
                if let Some(other) = family
                    .get((place + step) % family.len())
                    .filter(|other| other.sku != item.sku)
                {
                    line(&mut text, &[&item.sku, &other.sku, "substitute", &step.to_string()]);
                }
            }
            if let Some(next) = next.filter(|next| next.group == item.group) {
                line(&mut text, &[&item.sku, &next.sku, "accessory", "1"]);
            }
        }
    }
    text
}

fn own_parts(items: &[Item]) -> String {
    let mut text = String::from("account,number,sku\n");
    for item in items.iter().step_by(OWN_NUMBER_EVERY) {
        line(
            &mut text,
            &[ACCOUNTS[0].code, &format!("GLX-{:06}", item.number), &item.sku],
        );
    }
    text
}
