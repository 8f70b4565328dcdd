use super::*;

#[test]
fn gtins_are_checked() {
    for text in ["4006381333931", "96385074", "036000291452", "10012345678902"] {
        assert_eq!(gtin_fault(text), None, "{text}");
    }
    for text in ["4006381333932", "400638133393", "4006381333931x", "", "123"] {
        assert!(gtin_fault(text).is_some(), "{text}");
    }
}

#[test]
fn units_of_a_product_are_read() {
    let check = |part: &str, expect: Option<(&str, &str, Option<&str>)>| {
        let read = unit_part(part);
        let read = read.as_ref().map(|(code, factor, gtin)| {
            let factor = format!("{}/{}", factor.numerator(), factor.denominator());
            (*code, factor, gtin.as_deref())
        });
        let expect = expect.map(|(code, factor, gtin)| (code, factor.to_owned(), gtin));
        assert_eq!(read, expect, "{part}");
    };
    check("BX=100", Some(("BX", "100/1", None)));
    check("KG = 1/7", Some(("KG", "1/7", None)));
    check("BX=100:96385074", Some(("BX", "100/1", Some("96385074"))));
    check("BX=0", None);
    check("BX", None);
    check("BX=1e3", None);
}
