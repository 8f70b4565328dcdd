//! Files of terms with every kind of fault: refused by line, field and reason, and what was there keeps serving.

use crate::import::{Shop, shops};
use punchgate::service::import;

/// What the faults are about.
const GOOD: &[(&str, &str)] = &[
    ("categories.csv", "code,name,parent\nF,Fasteners,\nF1,Bolts,F\n"),
    (
        "products.csv",
        "sku,name,base_unit,units,list_price,categories,tax_class,price_group\n\
         B-8,Bolt,EA,BX=100,2.00,F1,goods,A\nW-1,Wiper,EA,,3.20,F,,\nSET,Set,EA,,9.00,F,,\n",
    ),
    ("warehouses.csv", "code,name,calendar\nULM,Ulm,1-5|2026-12-25\n"),
    ("accounts.csv", "code,name,groups\n100,Globex,big\n200,Initech,\n"),
    ("addresses.csv", "account,code,buyer_code\n100,GATE,1001\n200,DOCK,\n"),
    ("price_lists.csv", "code,parent\nGLOBEX,\nCHILD,GLOBEX\n"),
    (
        "price_rules.csv",
        "list,position,category,calculation,value\nGLOBEX,1,F,markup,-10\n",
    ),
    ("price_assignments.csv", "list,account\nGLOBEX,100\n"),
    ("prices.csv", "list,sku,price\nGLOBEX,B-8,1.50\n"),
    ("agreements.csv", "number,account\nBPA,100\n"),
    (
        "agreement_lines.csv",
        "agreement,line,sku,price,valid_from,valid_to\nBPA,1,SET,8.00,2026-01-01,2026-06-30\n",
    ),
    ("kits.csv", "kit,component,quantity\nSET,B-8,4\n"),
];

/// Each file, and the first fault that is told of each line.
const BAD: &[(&str, &str, &[&str])] = &[
    (
        "relations.csv",
        "sku,related,kind,ratio\nB-8,B-9,,\nB-8,B-8,,\nB-8,W-1,cousin,\nB-8,W-1,,0\nB-8,SET,,1\nB-8,SET,,2\n",
        &[
            "2 related: there is no product \"B-9\"",
            "3 related: is the product itself",
            "4 kind: \"cousin\" must be one of substitute, supersedes, accessory, spare",
            "5 ratio: must be more than zero",
            "5 related: is on line 4 already",
            "7 related: is on line 6 already",
        ],
    ),
    (
        "kits.csv",
        "kit,component,quantity,unit\nSET,W-1,0,\nSET,W-1,,\nW-1,SET,1,\nSET,B-8,1,KG\nSET,B-8,-1,\n",
        &[
            "2 quantity: must be more than zero",
            "3 quantity: is missing",
            "5 unit: the product has no unit \"KG\"",
            "6 quantity: must be more than zero",
            "4 component: is a kit itself; name what it is put together from",
        ],
    ),
    (
        "warehouses.csv",
        "code,name,calendar,country,cutoff\nA,A,Mo-Fr,,\nB,B,1-5|2026-02-31,,\nC,C,,Germany,\nD,D,,,25:00\n",
        &[
            "2 calendar: must begin with the working days of the week, such as 1-5 for Monday to Friday",
            "3 calendar: has \"2026-02-31\", expected a day such as 2026-12-25",
            "4 country: must be a country code of ISO 3166 such as DE",
            "5 cutoff: must be a time of day such as 15:00",
        ],
    ),
    (
        "accounts.csv",
        "code,name,parent,bill_to,inherit_prices,currency\n1,A,2,,,\n2,B,1,,,\n3,C,,9,,\n4,D,,,bill_to,\n5,E,,,,XXX\n",
        &[
            "5 inherit_prices: says bill_to, but no account is billed instead",
            "6 currency: is not an ISO 4217 currency, expected a code such as USD or EUR",
            "4 bill_to: there is no account \"9\"",
            "2 parent: leads back to itself",
            "3 parent: leads back to itself",
        ],
    ),
    (
        "addresses.csv",
        "account,code,buyer_code\n300,A,\n100,,\n100,X,1001\n",
        &[
            "2 account: there is no account \"300\"",
            "3 code: is missing",
            "4 buyer_code: is that of another address of the account",
        ],
    ),
    (
        "assortments.csv",
        "account,rule,sku,category\n100,perhaps,B-8,\n100,allow,,\n100,allow,B-8,F\n100,,B-8,\n",
        &[
            "2 rule: \"perhaps\" must be one of allow, deny",
            "3 sku: name a product or a category, one of them",
            "4 sku: name a product or a category, one of them",
            "5 rule: is missing",
            "5 account: is on line 2 already",
        ],
    ),
    (
        "rates.csv",
        "currency,valid_from,rate\nEUR,2026-01-01,1\nUSD,31.02.2026,1.1\nUSD,2026-02-31,1.1\nUSD,2026-01-01,0\nusd,2026-01-01,1\n",
        &[
            "2 currency: is the supplier's own; rates say how many of another are one of it",
            "3 valid_from: must be a day such as 2026-11-30",
            "4 valid_from: must be a day such as 2026-11-30",
            "5 rate: must be more than zero",
            "6 currency: is not an ISO 4217 currency, expected a code such as USD or EUR",
        ],
    ),
    (
        "tax_rules.csv",
        "code,rate,product_class,postal_from,postal_to\nA,19,,,\nB,-0.1,,,\nC,0.1,unheard,,\nD,0.1,,9,1\n",
        &[
            "2 rate: is more than 1; 19 percent is 0.19",
            "3 rate: is less than zero",
            "4 product_class: there is no product of tax class \"unheard\"",
            "5 postal_to: is before postal_from",
        ],
    ),
    (
        "price_lists.csv",
        "code,parent,select\nGLOBEX,CHILD,\nX,NONE,\nY,,worst\n",
        &[
            "4 select: \"worst\" must be one of best, first, sorted, lowest, highest, newest, oldest",
            "3 parent: there is no price list \"NONE\"",
            "2 parent: leads back to itself",
        ],
    ),
    (
        "price_rules.csv",
        "list,position,sku,category,min_quantity,calculation,value\n\
         GLOBEX,2,,F,,markup,5\nGLOBEX,3,B-8,F,,,1\nGLOBEX,4,B-8,,-5,,1\nGLOBEX,5,,,,margin,100\nGLOBEX,6,,,,multiply,\n\
         NONE,7,,,,,1\nGLOBEX,8,W-1,,,,1111111111222222222233333333334444444444\n",
        &[
            "3 sku: name a product, a category or a price group, one of them a line",
            "4 min_quantity: is less than zero",
            "5 value: must be less than 100 percent",
            "6 value: is missing",
            "7 list: there is no price list \"NONE\"",
            "8 value: has more than 28 digits",
            "2 position: the same list, scope, unit, quantity and first day are in a rule that is there",
        ],
    ),
    (
        "prices.csv",
        "list,sku,unit,min_quantity,price,valid_from,valid_to\nGLOBEX,B-8,,-1,1,,\nGLOBEX,B-8,KG,,1,,\n\
         GLOBEX,B-8,,1,2,31.02.2026,\nGLOBEX,W-1,,,1,2026-03-01,2026-02-01\nGLOBEX,SET,,5,1,,\nGLOBEX,SET,,5,2,,\n",
        &[
            "2 min_quantity: is less than zero",
            "3 unit: the product has no unit \"KG\"",
            "4 valid_from: must be a day such as 2026-11-30",
            "5 valid_to: is before valid_from",
            "7 sku: the same list, product, unit, quantity and first day are on line 6",
        ],
    ),
    (
        "agreement_ship_tos.csv",
        "agreement,address\nBPA,DOCK\nNONE,GATE\n",
        &[
            "2 address: the account has no address \"DOCK\"",
            "3 agreement: there is no agreement \"NONE\"",
        ],
    ),
    (
        "agreement_lines.csv",
        "agreement,line,sku,price,valid_from,valid_to\nBPA,2,SET,7.00,2026-06-30,\nBPA,x,B-8,1,,\nBPA,4,,1,,\n",
        &[
            "3 line: must be a whole number from 0 to 10000000",
            "4 sku: name a product or a category, one of them",
            "2 valid_from: the days overlap those of a row that is there, for the same",
        ],
    ),
    (
        "promotions.csv",
        "code,value,skus,account_groups,unit\nA,,B-8,,\nB,0.8,B-9,,\nC,0.8,,small,\nD,0.8,,,XYZ\n",
        &[
            "2 value: is missing",
            "3 skus: there is no product \"B-9\"",
            "4 account_groups: no account is in a group \"small\"",
            "5 unit: there is no unit \"XYZ\"",
        ],
    ),
    (
        "supply.csv",
        "sku,warehouse,reference,quantity,due,kind\nB-8,ULM,1,-5,2026-12-01,\nB-8,MUC,2,5,2026-12-01,\nB-8,ULM,3,5,soon,\n\
         B-8,ULM,4,5,2026-12-01,gift\n",
        &[
            "2 quantity: must be more than zero",
            "3 warehouse: there is no warehouse \"MUC\"",
            "4 due: must be a day such as 2026-11-30",
            "5 kind: \"gift\" must be one of purchase, production, transfer, demand",
        ],
    ),
    (
        "credit.csv",
        "account,limit\n100,-1\n100,\n",
        &["2 limit: is less than zero", "3 limit: is missing"],
    ),
];

async fn serves(shop: &Shop) {
    assert_eq!(shop.price("100", "B-8", 1, None), "1.50 EUR / 1 EA");
    assert_eq!(shop.price("100", "W-1", 1, None), "2.88 EUR / 1 EA");
}

#[tokio::test]
async fn every_fault_is_told_by_line_and_field_and_the_old_terms_keep_serving() {
    for shop in shops().await {
        for (name, text) in GOOD {
            shop.good(name, text).await;
        }
        serves(&shop).await;
        for (name, text, expect) in BAD {
            let report = shop.take(name, text).await;
            let faults = report.faults.shown.iter();
            let mut told: Vec<String> = faults
                .map(|fault| format!("{} {}: {}", fault.line, fault.field, fault.reason))
                .collect();
            let mut expect: Vec<&str> = expect.to_vec();
            told.sort();
            expect.sort_unstable();
            for wanted in &expect {
                assert!(told.iter().any(|fault| fault == wanted), "{name}: {wanted}\n{told:#?}");
            }
            assert_eq!(report.counts, import::Counts::default(), "{name}");
            serves(&shop).await;
        }
        // Cut in the middle of a row, and in the middle of a character.
        for bytes in [
            &b"list,sku,price\nGLOBEX,B-8,9.00\nGLOBEX,W"[..],
            &b"list,sku,price\nGLOBEX,B-8,9.00\nGLOBEX,W-\xc3"[..],
            &b"\xff\xfel\0i\0s\0t\0"[..],
        ] {
            let files = vec![("prices.csv", bytes.to_vec())];
            let reports = import::all(&shop.gateway, shop.tenant_id, files).await.unwrap();
            assert!(!reports[0].is_taken(), "{bytes:?}");
            serves(&shop).await;
        }
    }
}
