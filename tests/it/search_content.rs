//! Texts, attributes, pictures and synonyms: taken wholly or refused by line and field, and shown in a language.

use punchgate::service::{content, import};

use crate::import::{Shop, shops};
use crate::support::stands;

const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 4 4\"><path d=\"M0 0h4v4z\"/></svg>";

/// What is right; each file on those before it.
pub const GOOD: &[(&str, &str)] = &[
    ("categories.csv", "code,name,parent\nF,Fasteners,\nF1,Bolts,F\n"),
    (
        "products.csv",
        "sku,name,base_unit,categories\nB-8,Hex bolt M8 × 40,EA,F1\nW-1,Wiper,EA,F\n",
    ),
    (
        "product_texts.csv",
        "sku,language,name,description,keywords\nB-8,de,Sechskantschraube M8 × 40,\"Zwei\nZeilen\",Maschinenschraube\n",
    ),
    ("category_texts.csv", "category,language,name\nF1,de,Schrauben\n"),
    (
        "attributes.csv",
        "code,name,kind,unit\nlength,Length,number,MMT\nmaterial,Material,text,\nsafe,Safe for food,yes_no,\n\
         rows,Rows,number,\n",
    ),
    (
        "attribute_texts.csv",
        "attribute,value,language,name\nlength,,de,Länge\nmaterial,A2 stainless,de,Edelstahl A2\n",
    ),
    (
        "facets.csv",
        "category,attribute,position\nF,material,1\nF1,length,1\nF1,material,2\n",
    ),
    (
        "product_attributes.csv",
        "sku,attribute,value\nB-8,length,40.0 mm\nB-8,material,A2 stainless\nB-8,safe,yes\nB-8,rows,2\n",
    ),
    ("bolt.svg", SVG),
    (
        "media.csv",
        "sku,file,title,language,position\nB-8,bolt.svg,Drawing,,1\n",
    ),
    ("synonyms.csv", "code,words\nBOLT,bolt|screw\n"),
];

/// Each file, and the faults that are told of it.
const BAD: &[(&str, &str, &[&str])] = &[
    (
        "product_texts.csv",
        "sku,language,name\nB-9,de,x\nB-8,german,x\nB-8,de,\nB-8,,x\nW-1,de,x\nW-1,de,y\n",
        &[
            "2 sku: there is no product \"B-9\"",
            "3 language: must be a language code of ISO 639-1 such as de",
            "4 name: is missing",
            "5 language: is missing",
            "7 language: is on line 6 already",
        ],
    ),
    (
        "category_texts.csv",
        "category,language,name\nZ,de,x\nF,DE,x\n",
        &[
            "2 category: there is no category \"Z\"",
            "3 language: must be a language code of ISO 639-1 such as de",
        ],
    ),
    (
        "attributes.csv",
        "code,name,kind,unit\nwidth,Width,number,parsec\nheight,Height,measure,\ncolour,Colour,text,MMT\n\
         a:b,A,text,\nlength,Length,text,\nrows,Rows,number,MMT\n",
        &[
            "2 unit: there is no unit \"parsec\"",
            "3 kind: \"measure\" must be one of text, number, yes_no",
            "4 unit: only numbers are in a unit",
            "5 code: must not have a colon or a vertical bar",
            "6 kind: was number in MMT; delete it first, its values would mean something else",
            "7 kind: was number; delete it first, its values would mean something else",
        ],
    ),
    (
        "attribute_texts.csv",
        "attribute,value,language,name\nwidth,,de,Breite\nlength,40,de,vierzig\nmaterial,steel,de,\n",
        &[
            "2 attribute: there is no attribute \"width\"",
            "3 value: only values that are words are called otherwise in a language",
            "4 name: is missing",
        ],
    ),
    (
        "facets.csv",
        "category,attribute,position\nZ,length,\nF,width,\nF,length,-1\n",
        &[
            "2 category: there is no category \"Z\"",
            "3 attribute: there is no attribute \"width\"",
            "4 position: must be a whole number from 0 to 1000000",
        ],
    ),
    (
        "product_attributes.csv",
        "sku,attribute,value\nB-8,length,long\nB-8,length,4 cm\nB-8,rows,4 mm\nB-8,safe,perhaps\nB-8,material,\n\
         W-1,width,1\nW-1,length,=A1*2\nW-1,length,1234567890123456789012345678901234567890\n",
        &[
            "3 value: is in \"cm\", the attribute is in MMT",
            "4 value: is in \"mm\", the attribute has no unit",
            "5 value: \"perhaps\" must be one of yes, no",
            "6 value: is missing",
            "7 attribute: there is no attribute \"width\"",
        ],
    ),
    (
        "media.csv",
        "sku,file,language\nB-8,nut.svg,\nB-8,,\nW-1,bolt.svg,xx-YY\n",
        &[
            "2 file: there is no picture or document \"nut.svg\"; import the file first",
            "3 file: is missing",
            "4 language: must be a language code of ISO 639-1 such as de",
        ],
    ),
    (
        "synonyms.csv",
        "code,words\nA,torch\nB,torch|Torch\nC,torch|-\n,a|b\n",
        &[
            "2 words: must be two words or more, such as torch|flashlight",
            "3 words: \"Torch\" is there twice",
            "4 words: \"-\" is no word",
            "5 code: is missing",
        ],
    ),
];

/// Files that are not what their names say.
const NO_MEDIA: &[(&str, &[u8], &str)] = &[
    ("bolt.svg", b"<html><body>Not found</body></html>", "neither a picture"),
    (
        "bolt.svg",
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"M0",
        "not a whole SVG drawing",
    ),
    (
        "bolt.svg",
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
        "an element script",
    ),
    ("bolt.png", b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", "cut off"),
    ("bolt.png", b"%PDF-1.4\n%%EOF\n", "is a document by its content"),
    ("sheet.pdf", b"MZ\x90\0", "neither a picture"),
    ("sheet.pdf", b"", "is empty"),
    ("a|b.svg", b"", "no slashes or bars"),
    ("bolt.exe", b"MZ", "must end in"),
];

/// Takes everything that is right.
pub async fn furnish(shop: &Shop) {
    for (name, text) in GOOD {
        shop.good(name, text).await;
    }
}

async fn shown(shop: &Shop, language: &str) -> String {
    let product = punchgate::service::terms::product(&shop.gateway, shop.tenant_id, "B-8").unwrap();
    let mut contents = content::of_products(&shop.gateway, shop.tenant_id, &[product.id], language)
        .await
        .unwrap();
    let content = contents.remove(&product.id).unwrap();
    let attributes = content.attributes.iter().map(|shown| {
        let unit = shown.unit.as_deref().unwrap_or_default();
        let value = shown.words.clone().unwrap_or_else(|| shown.value.key());
        format!("{}={value}{unit}", shown.name)
    });
    let attributes: Vec<String> = attributes.collect();
    let pictures: Vec<&str> = content.pictures.iter().map(|media| &*media.title).collect();
    format!("{:?} {} [{}]", content.name, attributes.join(" "), pictures.join(" "))
}

#[tokio::test]
async fn what_a_product_shows_is_in_the_readers_language_where_it_has_one() {
    for shop in shops().await {
        furnish(&shop).await;
        assert_eq!(
            shown(&shop, "de").await,
            "Some(\"Sechskantschraube M8 × 40\") Länge=40mm Material=Edelstahl A2 Rows=2 Safe for food=yes [Drawing]"
        );
        assert_eq!(
            shown(&shop, "fr").await,
            "None Length=40mm Material=A2 stainless Rows=2 Safe for food=yes [Drawing]"
        );
        let names = content::category_names(&shop.gateway, shop.tenant_id, "de")
            .await
            .unwrap();
        assert_eq!(names.get("F1").map(String::as_str), Some("Schrauben"));
        for (name, text) in GOOD {
            let report = shop.take(name, text).await;
            assert_eq!((report.counts.added, report.counts.changed), (0, 0), "{report}");
        }
        // An attribute takes its values and names with it.
        shop.good("attributes.csv", "code,deleted\nmaterial,yes\n").await;
        assert_eq!(shown(&shop, "de").await.matches("Edelstahl").count(), 0);
        shop.good("attributes.csv", "code,kind,unit\nmaterial,number,MMT\n")
            .await;
        shop.good("product_texts.csv", "sku,language,deleted\nB-8,de,yes\n")
            .await;
        assert!(shown(&shop, "de").await.starts_with("None"));
    }
}

#[tokio::test]
async fn every_fault_is_told_by_line_and_field_and_what_was_there_is_shown() {
    for shop in shops().await {
        furnish(&shop).await;
        let before = shown(&shop, "de").await;
        for (name, text, expect) in BAD {
            let report = shop.take(name, text).await;
            let faults = report.faults.shown.iter();
            let told: Vec<String> = faults
                .map(|fault| format!("{} {}: {}", fault.line, fault.field, fault.reason))
                .collect();
            for wanted in *expect {
                assert!(told.iter().any(|fault| fault == wanted), "{name}: {wanted}\n{told:#?}");
            }
            assert_eq!(report.counts, import::Counts::default(), "{name}");
        }
        for (name, bytes, expect) in NO_MEDIA {
            let files = vec![(*name, bytes.to_vec())];
            let reports = import::all(&shop.gateway, shop.tenant_id, files).await.unwrap();
            let said = reports[0].to_string();
            assert!(!reports[0].is_taken() && said.contains(expect), "{name}: {said}");
        }
        // Cut in the middle of a row and of a character, and in another encoding.
        for bytes in [
            &b"sku,attribute,value\nB-8,length,9\nB-8,ma"[..],
            &b"sku,attribute,value\nB-8,length,\xc3"[..],
            &b"\xff\xfes\0k\0u\0"[..],
        ] {
            let files = vec![("product_attributes.csv", bytes.to_vec())];
            let reports = import::all(&shop.gateway, shop.tenant_id, files).await.unwrap();
            assert!(!reports[0].is_taken(), "{bytes:?}");
        }
        assert_eq!(shown(&shop, "de").await, before);
    }
}

#[tokio::test]
async fn pictures_lie_beside_the_rows_that_name_them() {
    let shop = shops().await.remove(0);
    let folder = std::env::temp_dir().join(format!("punchgate-media-{}", shop.gateway.clock.new_id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in GOOD {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let reports = import::path(&shop.gateway, shop.tenant_id, &folder).await.unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let names: Vec<&str> = reports.iter().map(|report| &*report.file).collect();
    let expect: Vec<&str> = GOOD.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, expect);
    assert!(reports.iter().all(import::Report::is_taken), "{reports:?}");
}

#[tokio::test]
async fn files_are_served_by_their_content_and_never_run() {
    for stand in stands().await {
        let bytes = SVG.as_bytes().to_vec();
        let files = vec![("bolt.svg", bytes), ("sheet.pdf", b"%PDF-1.4\n%%EOF\n".to_vec())];
        for report in import::all(&stand.gateway, stand.tenant_id, files).await.unwrap() {
            assert!(report.is_taken(), "{report}");
        }
        let hash = stand
            .value("SELECT sha256 FROM media_file WHERE name = 'bolt.svg'")
            .await
            .unwrap();
        let answer = stand.get(&format!("/media/acme/{hash}.svg")).await;
        assert_eq!((answer.status, answer.text().as_str()), (200, SVG));
        for (name, value) in [
            ("content-type", "image/svg+xml"),
            ("x-content-type-options", "nosniff"),
            (
                "content-security-policy",
                "default-src 'none'; style-src 'unsafe-inline'; sandbox",
            ),
            ("cache-control", "public, max-age=31536000, immutable"),
        ] {
            assert_eq!(answer.header(name), Some(value));
        }
        let document = stand
            .value("SELECT sha256 FROM media_file WHERE name = 'sheet.pdf'")
            .await
            .unwrap();
        let answer = stand.get(&format!("/media/acme/{document}.pdf")).await;
        assert!(answer.header("content-disposition").unwrap().starts_with("attachment"));
        for path in [
            format!("/media/rival/{hash}.svg"),
            format!("/media/nobody/{hash}.svg"),
            "/media/acme/0.svg".to_owned(),
            format!("/media/acme/{}.svg", "0".repeat(64)),
        ] {
            assert_eq!(stand.get(&path).await.status, 404, "{path}");
        }
    }
}
