//! Lists of products as a buyer's user sees them: narrowed down by address alone, in the user's language.

use punchgate::service::import;

use crate::search_content::GOOD;
use crate::story::visit;
use crate::support::{RETURN_URL, Stand, setup, stands};

/// Goods with facets, in two languages; one of them is not the account's to buy.
async fn furnish(stand: &Stand) {
    let files = [
        (
            "categories.csv",
            "code,name,parent\nF,Fasteners,\nF1,Bolts,F\nC,Cleaning,\n",
        ),
        (
            "products.csv",
            "sku,name,base_unit,categories,manufacturer\nHEX-8,\"Hex bolt M8 × 40, A2\",EA,F1,Stahlbach\n\
             HEX-10,Hex bolt M10 × 40,EA,F1,Norvik\nHID-1,Hidden bolt,EA,C,\n",
        ),
        (
            "product_texts.csv",
            "sku,language,name\nHEX-8,de,Sechskantschraube M8 × 40\n",
        ),
        (
            "product_attributes.csv",
            "sku,attribute,value\nHEX-8,length,40\nHEX-10,length,50.5\nHEX-8,safe,yes\n",
        ),
        ("media.csv", "sku,file\nHEX-8,bolt.svg\n"),
        ("assortments.csv", "account,rule,category\n100,allow,F\n"),
    ];
    let general = GOOD
        .iter()
        .filter(|(name, _)| !["categories.csv", "products.csv"].contains(name));
    let general: Vec<_> = general.copied().collect();
    let first = [
        files[0],
        (
            "products.csv",
            "sku,name,base_unit,categories\nB-8,Hex bolt M8 × 40,EA,F1\nW-1,Wiper <blue> & white,EA,F\n",
        ),
    ];
    for (name, text) in first.into_iter().chain(general).chain(files) {
        let reports = import::all(&stand.gateway, stand.tenant_id, vec![(name, text.as_bytes().to_vec())]).await;
        let reports = reports.unwrap();
        assert!(reports[0].is_taken(), "{}", reports[0]);
    }
}

/// Texts between two marks, in order.
fn between<'t>(text: &'t str, before: &str, after: &str) -> Vec<&'t str> {
    let parts = text.split(before).skip(1);
    parts.map(|part| part.split(after).next().unwrap_or_default()).collect()
}

/// The part numbers of a list.
fn listed(page: &str) -> String {
    let mut skus: Vec<&str> = Vec::new();
    for sku in between(page, "class=\"go\" href=\"", "\"") {
        skus.extend(sku.split("sku=").nth(1));
    }
    skus.join(" ")
}

/// The address of the link that begins so.
fn link(page: &str, name: &str) -> String {
    let links = between(page, "<a href=\"", "</a>");
    let found = links.iter().find(|link| {
        link.split('>')
            .nth(1)
            .is_some_and(|text| text.trim_start().starts_with(name))
    });
    let address = found
        .unwrap_or_else(|| panic!("{name} in {page}"))
        .split('"')
        .next()
        .unwrap();
    address.replace("&amp;", "&").replace("&#38;", "&")
}

async fn page(stand: &Stand, path: &str) -> String {
    let answer = stand.get(path).await;
    assert_eq!(answer.status, 200, "{path}");
    answer.text()
}

#[tokio::test]
async fn a_list_is_narrowed_down_by_its_address() {
    for stand in stands().await {
        furnish(&stand).await;
        let base = visit(&stand, "search-1", &setup("create", "c-1", RETURN_URL, "")).await;
        let category = page(&stand, &format!("{base}/category?code=F1")).await;
        assert_eq!(listed(&category), "B-8 HEX-8 HEX-10");
        assert!(category.contains("<summary>Manufacturer</summary>") && category.contains("<summary>Length</summary>"));
        assert!(category.contains("/media/acme/"), "the picture is in the list");

        let chosen = page(&stand, &link(&category, "40\u{a0}mm")).await;
        assert_eq!(listed(&chosen), "B-8 HEX-8");
        assert!(
            chosen.contains("Length: 40\u{a0}mm"),
            "what is chosen stands above the list"
        );
        let both = page(&stand, &link(&chosen, "50.5\u{a0}mm")).await;
        assert_eq!(listed(&both), "B-8 HEX-8 HEX-10");
        let none = page(&stand, &(link(&chosen, "40\u{a0}mm") + "&f=length:1")).await;
        assert!(listed(&none).is_empty() && none.contains("Nothing is left with these choices."));
        let again = page(&stand, &link(&chosen, "Remove all")).await;
        assert_eq!(listed(&again), listed(&category));

        let grid = page(&stand, &link(&chosen, "Grid")).await;
        assert!(
            grid.contains("products grid") && listed(&grid) == "B-8 HEX-8",
            "the choice stays"
        );
        assert_eq!(stand.get(&format!("{base}/category?code=Z")).await.status, 404);
    }
}

#[tokio::test]
async fn a_search_says_what_it_found_and_why_not() {
    for stand in stands().await {
        furnish(&stand).await;
        let base = visit(&stand, "search-2", &setup("create", "c-2", RETURN_URL, "")).await;
        let search = async |query: &str| page(&stand, &format!("{base}/search?q={query}")).await;
        let found = search("hex+blot").await;
        assert!(
            found.contains("Nothing is called “hex blot”; these are results for “hex bolt”."),
            "{found}"
        );
        let mut skus: Vec<String> = listed(&found).split(' ').map(str::to_owned).collect();
        skus.sort();
        assert_eq!(skus, ["B-8", "HEX-10", "HEX-8"]);
        let by_name = page(&stand, &link(&found, "By name")).await;
        assert_eq!(listed(&by_name), "B-8 HEX-8 HEX-10");

        assert_eq!(listed(&search("hex8").await), "HEX-8");
        assert!(listed(&search("hidden").await).is_empty(), "not in the assortment");
        assert_eq!(listed(&search("%3Cblue%3E").await), "W-1");
        let unknown = search("bolt+zeppelin").await;
        assert!(unknown.contains("Nothing in your contract has the word “zeppelin”."));
        let apart = search("wiper+hex").await;
        assert!(apart.contains("Nothing in your contract has all of these words."));
        assert_eq!(listed(&page(&stand, &link(&apart, "wiper")).await), "W-1");
        assert!(search("").await.contains("What are you looking for?"));

        let within = page(&stand, &format!("{base}/search?q=hex&code=F1&maker=Norvik&page=1")).await;
        assert_eq!(listed(&within), "HEX-10");
        for strange in [
            "page=99999999",
            "f=%FF:1",
            "f=length:x&f=nothing&view=x&order=y",
            "code=%00",
        ] {
            page(&stand, &format!("{base}/search?q=hex&{strange}")).await;
        }
    }
}

#[tokio::test]
async fn names_are_in_the_readers_language() {
    for stand in stands().await {
        furnish(&stand).await;
        let base = visit(&stand, "search-3", &setup("create", "c-3", RETURN_URL, "")).await;
        let csrf = page(&stand, &format!("{base}/")).await;
        let csrf = between(&csrf, "name=\"csrf\" value=\"", "\"")[0];
        let fields = [("csrf", csrf), ("language", "de"), ("back", base.as_str())];
        stand.submit(&format!("{base}/language"), &fields).await;
        let german = page(&stand, &format!("{base}/category?code=F1")).await;
        for words in [
            "Schrauben</h1>",
            "Sechskantschraube M8 × 40",
            "<summary>Länge</summary>",
            "50,5\u{a0}mm",
            "Hersteller",
        ] {
            assert!(german.contains(words), "{words} in {german}");
        }
    }
}

#[tokio::test]
async fn who_still_types_is_offered_words_and_products() {
    for stand in stands().await {
        furnish(&stand).await;
        let base = visit(&stand, "search-4", &setup("create", "c-4", RETURN_URL, "")).await;
        let suggested = async |query: &str| {
            let answer = stand.get(&format!("{base}/suggest?q={query}")).await;
            assert_eq!(answer.header("content-type"), Some("application/json"));
            answer.text()
        };
        let words = suggested("hex+bo").await;
        assert!(
            words.contains("\"value\":\"bolt\"") && words.contains("\"value\":\"HEX-10\""),
            "{words}"
        );
        assert_eq!(suggested("hidd").await, "[]");
        assert_eq!(suggested("").await, "[]");
    }
}
