use super::*;
use crate::domain::terms::Assorted;

fn text(language: Option<&str>, weight: Weight, text: &str) -> Text {
    Text {
        language: language.map(str::to_owned),
        weight,
        text: text.to_owned(),
    }
}

fn entry(sku: &str, english: &str, german: &str, category: &[&str], facets: &[(&str, &str)]) -> Entry {
    let attributes = facets
        .iter()
        .map(|(code, value)| (Key::Attribute((*code).to_owned()), (*value).to_owned()));
    let categories = category.iter().map(|code| (Key::Category, (*code).to_owned()));
    Entry {
        sku: sku.to_owned(),
        listed_as: english.to_owned(),
        texts: vec![
            text(None, Weight::Name, english),
            text(Some("de"), Weight::Name, german),
            text(None, Weight::Body, "sold by the piece"),
        ],
        numbers: vec![sku.to_owned(), format!("MPN/{sku}")],
        facets: categories.chain(attributes).collect(),
    }
}

fn entries() -> Vec<Entry> {
    vec![
        entry(
            "HEX-10",
            "Hex bolt M10 × 40, A2",
            "Sechskantschraube M10 × 40",
            &["F", "F1"],
            &[("d", "M10"), ("m", "A2")],
        ),
        entry(
            "HEX-8",
            "Hex bolt M8 × 40, A2",
            "Sechskantschraube M8 × 40",
            &["F", "F1"],
            &[("d", "M8"), ("m", "A2")],
        ),
        entry(
            "HEX-9",
            "Hex bolt M8 × 50, steel",
            "Sechskantschraube M8 × 50",
            &["F", "F1"],
            &[("d", "M8"), ("m", "St")],
        ),
        entry(
            "NUT-8",
            "Hex nut M8",
            "Sechskantmutter M8",
            &["F", "F2"],
            &[("d", "M8")],
        ),
        entry(
            "AB-12/3",
            "Combination wrench 13 mm",
            "Gabelringschlüssel 13 mm",
            &["T"],
            &[],
        ),
        entry("LMP", "Hand lamp 0.5 W", "Handlampe", &["E"], &[]),
    ]
}

fn index() -> Index {
    let mut builder = Builder::new(&["de".to_owned()], &["en".to_owned()], Room::SMALL).unwrap();
    for entry in entries() {
        builder.add(&entry).unwrap();
    }
    builder.finish().unwrap()
}

static EVERYTHING: Assortment = Assortment {
    is_limited: false,
    allowed: Vec::new(),
    denied: Vec::new(),
};

fn ask(text: &str) -> Ask<'_> {
    Ask {
        text,
        is_begun: false,
        account: "100",
        assortment: &EVERYTHING,
        category: None,
        filters: &[],
        facets: &[],
        order: Order::Fit,
        skip: 0,
        take: 10,
    }
}

fn said(index: &Index, ask: &Ask<'_>) -> String {
    let found = index.find(ask).unwrap();
    let mut skus = found.skus;
    if ask.order == Order::Fit && !ask.text.is_empty() {
        skus.sort();
    }
    let instead = found.instead.map_or(String::new(), |words| format!(" for {words}"));
    format!("{} of {}{instead}", skus.join(" "), found.total)
}

#[test]
fn words_are_found_in_every_language_and_form() {
    let index = index();
    let check = |typed: &str, expect: &str| assert_eq!(said(&index, &ask(typed)), expect, "{typed}");
    check("hex bolts", "HEX-10 HEX-8 HEX-9 of 3");
    check("HEX BOLT m8", "HEX-8 HEX-9 of 2");
    check("Sechskantschrauben", "HEX-10 HEX-8 HEX-9 of 3");
    check("m8x40", "HEX-8 of 1");
    check("M8 × 40", "HEX-8 of 1");
    check("schlüssel", " of 0");
    check("gabelringschluessel", "AB-12/3 of 1");
    check("0,5", "LMP of 1");
    check("bolt for the nut", " of 0");
    check("piece", "AB-12/3 HEX-10 HEX-8 HEX-9 LMP NUT-8 of 6");
    check("", "AB-12/3 LMP HEX-8 HEX-9 HEX-10 NUT-8 of 6");
    check(" -- ", " of 0");
}

#[test]
fn numbers_are_found_however_they_are_written() {
    let index = index();
    index.replace_own_numbers(OwnNumbers::from([(
        "100".into(),
        std::collections::BTreeMap::from([(number("BB 77-1"), "NUT-8".to_owned())]),
    )]));
    let check = |typed: &str, expect: &str| assert_eq!(said(&index, &ask(typed)), expect, "{typed}");
    check("ab123", "AB-12/3 of 1");
    check("AB 12 3", "AB-12/3 of 1");
    check("mpn-hex8", "HEX-8 of 1");
    check("hex8", "HEX-8 of 1");
    check("bb771", "NUT-8 of 1");
    check("bb772", " of 0");
    let other = Ask {
        account: "200",
        ..ask("bb771")
    };
    assert_eq!(said(&index, &other), " of 0");
    let begun = Ask {
        is_begun: true,
        ..ask("ab1")
    };
    assert_eq!(said(&index, &begun), "AB-12/3 of 1");
}

#[test]
fn a_word_that_is_nowhere_is_begun_or_mistyped() {
    let index = index();
    let check = |typed: &str, expect: &str| assert_eq!(said(&index, &ask(typed)), expect, "{typed}");
    check("sechskantsch", "HEX-10 HEX-8 HEX-9 of 3");
    check("wrnech", "AB-12/3 of 1 for wrench");
    check("hex blot", "HEX-10 HEX-8 HEX-9 of 3 for hex bolt");
    check("sechskantschrube m10", "HEX-10 of 1 for sechskantschraube m10");
    let nothing = index.find(&ask("hex zeppelin")).unwrap();
    assert_eq!(
        (nothing.total, nothing.unknown.as_slice()),
        (0, &["zeppelin".to_owned()][..])
    );
    let apart = index.find(&ask("wrench nut")).unwrap();
    assert_eq!(apart.alone, [("wrench".to_owned(), 1), ("nut".to_owned(), 1)]);
    let begun = Ask {
        is_begun: true,
        ..ask("hex bo")
    };
    assert_eq!(said(&index, &begun), "HEX-10 HEX-8 HEX-9 of 3");
}

#[test]
fn synonyms_stand_for_each_other() {
    let index = index();
    index.replace_synonyms(&[
        (vec!["wrench".into(), "spanner".into()], true),
        (vec!["hand lamp".into(), "torch".into()], true),
    ]);
    let check = |typed: &str, expect: &str| assert_eq!(said(&index, &ask(typed)), expect, "{typed}");
    check("spanners 13", "AB-12/3 of 1");
    check("torches", "LMP of 1");
    check("hand lamp", "LMP of 1");
}

#[test]
fn an_account_finds_only_its_assortment() {
    let index = index();
    let check = |allowed: &[Assorted], denied: &[Assorted], expect: &str| {
        let assortment = Assortment {
            is_limited: !allowed.is_empty(),
            allowed: allowed.to_vec(),
            denied: denied.to_vec(),
        };
        for _ in 0..2 {
            let asked = Ask {
                assortment: &assortment,
                ..ask("m8")
            };
            assert_eq!(said(&index, &asked), expect);
        }
    };
    let (category, product) = (
        |code: &str| Assorted::Category(code.into()),
        |sku: &str| Assorted::Product(sku.into()),
    );
    check(&[category("F1")], &[], "HEX-8 HEX-9 of 2");
    check(&[category("F")], &[product("HEX-8")], "HEX-9 NUT-8 of 2");
    check(&[], &[category("F1")], "NUT-8 of 1");
    check(&[product("NUT-8"), category("T")], &[], "NUT-8 of 1");
    check(&[category("?")], &[], " of 0");
}

#[test]
fn facets_are_counted_as_if_their_own_values_were_not_chosen() {
    let index = index();
    let facets = [Key::Attribute("d".into()), Key::Attribute("m".into()), Key::Category];
    let counts = |filters: &[Filter]| {
        let asked = Ask {
            facets: &facets,
            filters,
            category: Some("F"),
            ..ask("")
        };
        let found = index.find(&asked).unwrap();
        let mut told = vec![found.total.to_string()];
        for counted in found.counted {
            let mut values: Vec<String> = counted
                .values
                .iter()
                .map(|(value, count)| format!("{value}={count}"))
                .collect();
            values.sort();
            told.push(values.join(","));
        }
        told.join(" ")
    };
    let filter = |code: &str, values: &[&str]| Filter {
        facet: Key::Attribute(code.into()),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    assert_eq!(counts(&[]), "4 M10=1,M8=3 A2=2,St=1 F1=3,F2=1,F=4");
    assert_eq!(counts(&[filter("d", &["M8"])]), "3 M10=1,M8=3 A2=1,St=1 F1=2,F2=1,F=3");
    assert_eq!(
        counts(&[filter("d", &["M8", "M10"]), filter("m", &["A2"])]),
        "2 M10=1,M8=1 A2=2,St=1 F1=2,F=2"
    );
    assert_eq!(counts(&[filter("d", &["M99"])]), "0 M10=1,M8=3  ");
}

#[test]
fn lists_are_in_order_and_in_parts() {
    let index = index();
    let listed = |skip, take| {
        let asked = Ask {
            skip,
            take,
            order: Order::Listing,
            category: Some("F"),
            ..ask("")
        };
        said(&index, &asked)
    };
    assert_eq!(listed(0, 10), "HEX-8 HEX-9 HEX-10 NUT-8 of 4");
    assert_eq!(listed(1, 2), "HEX-9 HEX-10 of 4");
    assert_eq!(listed(9, 2), " of 4");
}

#[test]
fn entries_are_replaced_and_taken_away_all_at_once() {
    let index = index();
    let changed = entry("NUT-8", "Wing nut M8", "Flügelmutter M8", &["F", "F2"], &[]);
    index
        .update(
            &[changed, entry("NEW", "Wing nut M10", "Flügelmutter M10", &["F"], &[])],
            &["LMP".to_owned()],
        )
        .unwrap();
    let check = |typed: &str, expect: &str| assert_eq!(said(&index, &ask(typed)), expect, "{typed}");
    check("wing nut", "NEW NUT-8 of 2");
    check("hex nut", " of 0");
    check("lamp", " of 0");
    // Keys of lists are compared between segments.
    let listed = Ask {
        category: Some("F"),
        ..ask("")
    };
    assert_eq!(said(&index, &listed), "HEX-8 HEX-9 HEX-10 NUT-8 NEW of 5");
    let size = index.size().unwrap();
    assert!(
        size.products == 6 && size.bytes > 0 && size.stored_bytes > 0,
        "{size:?}"
    );
}
