use super::*;
use crate::xml::{Limits, Reader};

fn compile(text: &str) -> Result<Grammar, GrammarError> {
    Grammar::compile("one.dtd", &|file| {
        (file == "one.dtd").then(|| Cow::Owned(text.to_owned()))
    })
}

/// The violations of a document, as `rule: text`; each stands where the document is marked with `^`.
fn violations(grammar: &Grammar, marked: &str) -> Vec<String> {
    let document = marked.replace('^', "");
    let marks: Vec<usize> = marked
        .match_indices('^')
        .enumerate()
        .map(|(before, (at, _))| at - before)
        .collect();
    let limits = Limits::default();
    let mut reader = Reader::validating(&document, &limits, grammar).unwrap();
    reader.finish().unwrap();
    let violations = reader.take_violations();
    assert_eq!(violations.count, violations.list.len());
    let mut places: Vec<usize> = violations.list.iter().map(|violation| violation.offset).collect();
    places.sort_unstable();
    assert_eq!(places, marks, "{marked}: {violations:?}");
    let line = |violation: &Violation| format!("{}: {violation}", violation.kind.rule());
    violations.list.iter().map(line).collect()
}

const MEMO: &str = r#"
    <!ENTITY % words "sub | sup">
    <!ELEMENT memo (from, to+, (date | note)?, text, end?)>
    <!ATTLIST memo id ID #IMPLIED kind (short | long) "short" version CDATA #FIXED "1.0" number NMTOKEN #REQUIRED>
    <!ELEMENT from (#PCDATA)> <!ELEMENT to (#PCDATA)> <!ELEMENT date EMPTY> <!ELEMENT note ANY>
    <!ELEMENT text (#PCDATA | %words;)*> <!ELEMENT sub (#PCDATA)> <!ELEMENT sup (#PCDATA)> <!ELEMENT end EMPTY>
    <!ATTLIST end of IDREF #IMPLIED also IDREFS #IMPLIED>"#;

fn memo(expect: &[&str], tag: &str, content: &str) {
    let document = format!("<memo number='1'{tag}>{content}</memo>");
    assert_eq!(violations(&compile(MEMO).unwrap(), &document), expect, "{document}");
}

#[test]
fn what_is_right_has_no_violations() {
    memo(&[], "", "<from/><to/><text/>");
    memo(
        &[],
        "",
        "<from>a</from>\n <!-- c --> <to>b</to><to/><?p?><date/><text>x<sub>1</sub>&amp;<![CDATA[y]]></text><end/>",
    );
    memo(&[], "", "<from/><to/><note>any <text>thing</text> &#65;</note><text/>");
    memo(
        &[],
        " id='a' kind=' long ' version='1.0'",
        "<from/><to/><text/><end of='a' also='a  a'/>",
    );
    memo(&[], "", "<from/><to/><date></date><text/>");
}

#[test]
fn elements_in_wrong_places() {
    memo(
        &["dtd.element-missing: `to` is missing before `text`"],
        "",
        "<from/>^<text/>",
    );
    memo(
        &["dtd.element-missing: `text` is missing at the end of `memo`"],
        "",
        "<from/><to/>^",
    );
    memo(
        &["dtd.element-unexpected: `from`, which may not stand here; expected `end`"],
        "",
        "<from/><to/><text/>^<from/>",
    );
    memo(
        &["dtd.element-unexpected: `note`, which may not stand here; expected `text`"],
        "",
        "<from/><to/><date/>^<note/><text/>",
    );
    memo(
        &["dtd.element-unknown: `too`, which the grammar does not know; expected `to`"],
        "",
        "<from/>^<too><from/></too><to/><text/>",
    );
    // A slip of the pen stands for what was meant.
    memo(
        &["dtd.element-unknown: `too`, which the grammar does not know; expected `to`"],
        "",
        "<from/>^<too/><text/>",
    );
    memo(
        &["dtd.element-unexpected: `end`, which may not stand here; expected `sub`, `sup`"],
        "",
        "<from/><to/><text>x ^<end/></text>",
    );
}

#[test]
fn elements_in_wrong_order() {
    let grammar = compile(
        "<!ELEMENT a (b, c, d?, e*, f?)> <!ELEMENT b EMPTY> <!ELEMENT c (b?, g)> <!ELEMENT d EMPTY> <!ELEMENT e EMPTY>
         <!ELEMENT f EMPTY> <!ELEMENT g EMPTY>",
    )
    .unwrap();
    let check = |marked: &str, expect: &[&str]| {
        let document = format!("<a>{marked}</a>");
        assert_eq!(violations(&grammar, &document).len(), expect.len(), "{marked}");
        let plain = document.replace('^', "");
        let limits = Limits::default();
        let mut reader = Reader::validating(&plain, &limits, &grammar).unwrap();
        reader.finish().unwrap();
        let hints: Vec<String> = reader
            .take_violations()
            .list
            .iter()
            .map(|found| found.hint.to_string())
            .collect();
        assert_eq!(hints, expect, "{marked}");
    };
    const C: &str = "<c><g/></c>";
    check(&format!("<b/>{C}<d/><e/><e/><f/>"), &[]);
    // Two that changed places.
    check(&format!("^{C}<b/><d/>"), &["`c` must come after `b`."]);
    check(&format!("<b/>^<d/>{C}<e/>"), &["`d` must come after `c`."]);
    check(
        &format!("<b/>{C}<e/>^<d/>"),
        &["`d` must come before `e`, and no more often than the grammar allows."],
    );
    // One that stands far too early or too late.
    check(&format!("^<e/><e/><b/>{C}<d/><f/>"), &["`e` must come after `b`."]);
    check(&format!("{C}<d/><e/>^<b/>"), &["`b` must come before `c`."]);
    check(&format!("^{C}<d/><e/>"), &["Add it before `c`."]);
    // Several that are missing, and what is wrong inside what was passed over.
    check("^^<e/><f/>", &["Add it before `e`.", "Add it before `e`."]);
    check("^^", &["Add it at the end of `a`.", "Add it at the end of `a`."]);
    check(
        "^<c>^</c><b/>",
        &["`c` must come after `b`.", "Add it at the end of `c`."],
    );
    check(&format!("<b/>{C}<f/>^<f/>"), &["`f` may stand here only once."]);
    check(&format!("<b/>{C}^<g/><f/>"), &["`a` has no `g`; it stands in `c`."]);
    // What is not declared holds what it likes; in another case it is meant.
    check(
        &format!("<b/>{C}^<unheard><of/><d/></unheard><f/>"),
        &["Take it out, or carry it in an element for extensions."],
    );
    check("<b/>^<C>^</C><f/>", &["Did you mean `c`?", "Add it at the end of `C`."]);
}

#[test]
fn a_flood_of_faults_costs_little() {
    let choice: Vec<String> = (0..100).map(|number| format!("e{number}")).collect();
    let mut text = format!("<!ELEMENT a ({}, z)><!ELEMENT z EMPTY>", choice.join("?, ") + "?");
    for name in &choice {
        text.push_str(&format!("<!ELEMENT {name} (a?)>"));
    }
    let grammar = compile(&text).unwrap();
    let document = format!("<a>{}</a>", "<e99/><e0/>".repeat(50_000));
    let mut reader = Reader::validating(&document, &Limits::default(), &grammar).unwrap();
    reader.finish().unwrap();
    let violations = reader.take_violations();
    assert_eq!((violations.list.len(), violations.count > 40_000), (100, true));
}

#[test]
fn references_are_resolved_at_the_end() {
    let grammar = compile("<!ELEMENT a (a*)> <!ATTLIST a i ID #IMPLIED r IDREF #IMPLIED s IDREFS #IMPLIED>").unwrap();
    const UNKNOWN: &str = "dtd.id-unknown: a reference in `s` to an identifier that no element has";
    assert_eq!(
        violations(&grammar, "<a r='x'><a i='x' s=' y  x '/><a i='y' r='y'/></a>"),
        [""; 0]
    );
    let found = violations(&grammar, "<a i='x'><a><a s='^^x y z'/></a></a>");
    assert_eq!(found, [UNKNOWN, UNKNOWN]);
    let many: String = (0..100_001).map(|number| format!("<a i='n{number}'/>")).collect();
    let document = format!("<a>{many}</a>");
    let mut reader = Reader::validating(&document, &Limits::default(), &grammar).unwrap();
    let error = reader.finish().unwrap_err();
    assert_eq!(error.expected, "at most 100000 identifiers");
}

#[test]
fn text_in_wrong_places() {
    const TEXT: &str = "dtd.text: text in `memo`, which holds elements only; expected `to`";
    memo(&[TEXT], "", "<from/>  ^x y<to/> z <text/>");
    memo(&[TEXT], "", "<from/>^&#32;<to/><text/>");
    memo(&[TEXT], "", "<from/>^<![CDATA[ ]]><to/><text/>");
    for inside in [" ", "x", "<!-- c -->", "<?p?>", "<sub/>", "&#32;"] {
        let content = format!("<from/><to/><date>^{inside}</date><text/>");
        memo(&["dtd.not-empty: content in `date`, which must be empty"], "", &content);
    }
}

#[test]
fn attributes() {
    const REST: &str = "<from/><to/><text/>";
    let names = "`id`, `kind`, `version`, `number`";
    memo(
        &[&format!(
            "dtd.attribute-unknown: the attribute `color`, which the grammar does not know; expected {names}"
        )],
        " color='^x'",
        REST,
    );
    memo(
        &["dtd.attribute-value: another value of `kind`; expected `short`, `long`"],
        " kind='^lon'",
        REST,
    );
    memo(
        &["dtd.attribute-fixed: another value of `version`, which is fixed; expected `1.0`"],
        " version='^1'",
        REST,
    );
    memo(&["dtd.attribute-value: another value of `id`"], " id='^1a'", REST);
    let grammar = compile(MEMO).unwrap();
    assert_eq!(
        violations(&grammar, "^<memo><from/><to/><text/></memo>"),
        ["dtd.attribute-missing: the attribute `number` is missing"]
    );
    assert_eq!(
        violations(&grammar, "<memo number='^a b'><from/><to/><text/><end of='^x'/></memo>"),
        [
            "dtd.attribute-value: another value of `number`",
            "dtd.id-unknown: a reference in `of` to an identifier that no element has"
        ]
    );
    let twice = compile("<!ELEMENT a (a*)> <!ATTLIST a i ID #REQUIRED>").unwrap();
    assert_eq!(
        violations(&twice, "<a i='x'><a i='^x'/></a>"),
        ["dtd.id-twice: an identifier in `i` that another element has"]
    );
}

#[test]
fn a_document_that_claims_to_stand_alone() {
    let grammar = compile("<!ELEMENT a (b*)> <!ELEMENT b EMPTY> <!ATTLIST b c CDATA 'd'>").unwrap();
    let alone = |document: &str| violations(&grammar, &format!("<?xml version='1.0' standalone='yes'?>{document}"));
    assert_eq!(alone("<a><b c='x'/></a>"), [""; 0]);
    assert_eq!(alone("<a>^ <b c='x'/> </a>"), ["dtd.standalone: `standalone=\"yes\"`"]);
    assert_eq!(alone("<a>^<b/></a>"), ["dtd.standalone: `standalone=\"yes\"`"]);
}

#[test]
fn hints_say_what_to_do() {
    let grammar = compile(MEMO).unwrap();
    let hint = |document: &str| {
        let limits = Limits::default();
        let mut reader = Reader::validating(document, &limits, &grammar).unwrap();
        reader.finish().unwrap();
        reader.take_violations().list[0].hint.to_string()
    };
    for (content, expect) in [
        ("<from/><too/><text/>", "Did you mean `to`?"),
        ("<from/><text/>", "Add it before `text`."),
        (
            "<from/><to/><date/><to/><text/>",
            "`to` must come before `date`, and no more often than the grammar allows.",
        ),
        ("<from/><to/><text/><sub/>", "`memo` has no `sub`; it stands in `text`."),
        (
            "<from/><to/><elsewhere/><text/>",
            "Take it out, or carry it in an element for extensions.",
        ),
        ("<from/><to/>", "Add it at the end of `memo`."),
    ] {
        assert_eq!(hint(&format!("<memo number='1'>{content}</memo>")), expect, "{content}");
    }
}

#[test]
fn violations_are_bounded() {
    let grammar = compile("<!ELEMENT a (c?)> <!ELEMENT c EMPTY>").unwrap();
    let limits = Limits {
        findings_max: 3,
        ..Limits::default()
    };
    let document = format!("<a x='1'><b/>{}</a>", "<b/>".repeat(50));
    let mut reader = Reader::validating(&document, &limits, &grammar).unwrap();
    reader.finish().unwrap();
    let violations = reader.take_violations();
    assert_eq!((violations.list.len(), violations.count > 50), (3, true));
}

#[test]
fn declarations() {
    let check = |text: &str, expect: &str| {
        let printed = compile(text).map(|grammar| grammar.to_dtd());
        let said = printed.unwrap_or_else(|error| format!("{} {}", error.position, error.expected));
        assert_eq!(said.trim(), expect, "{text}");
    };
    check(
        "<!ELEMENT a (b?)><!ELEMENT b ANY>",
        "<!ELEMENT a (b?)>\n<!ELEMENT b ANY>",
    );
    check("<!ENTITY % p \"b, c\"><!ELEMENT a (%p;)>", "<!ELEMENT a (b, c)>");
    check("<!ENTITY % p '<!ELEMENT a EMPTY>'>%p;", "<!ELEMENT a EMPTY>");
    check(
        "<!ENTITY % p 'IGNORE'><![%p;[<!ELEMENT a EMPTY><![INCLUDE[x]]>]]><!ELEMENT b EMPTY>",
        "<!ELEMENT b EMPTY>",
    );
    check(
        "<!ENTITY % p 'IGNORE'><!ENTITY % p 'INCLUDE'><![ %p; [<!ELEMENT a EMPTY>]]>",
        "",
    );
    check("<![INCLUDE[<!ELEMENT a EMPTY>]]>", "<!ELEMENT a EMPTY>");
    check(
        "<!ENTITY v '1.2'><!ELEMENT a EMPTY><!ATTLIST a b CDATA '&v;&amp;&#65;' c (x|y) #FIXED \"x\"><!ATTLIST a b ID #REQUIRED>",
        "<!ENTITY v \"1.2\">\n<!ELEMENT a EMPTY>\n<!ATTLIST a\n  b CDATA \"&v;&amp;&#65;\"\n  c (x | y) #FIXED \"x\">",
    );
    check(
        "<!ELEMENT a EMPTY><!ELEMENT a ANY>",
        "line 1, column 19 one declaration of the element `a`",
    );
    check(
        "<!ELEMENT c EMPTY>\n <!ELEMENT a (b|(b,c))>",
        "line 2, column 2 one way to read `b` in the content of `a`",
    );
    check("\n <!ELEMENT a (b", "line 2, column 2 `>` at the end of a declaration");
    check(
        "\n <!ELEMENT a (b>",
        "line 2, column 2 `)`, or the same separator throughout a group",
    );
    check("%x;", "line 1, column 1 an entity %x; that was declared before");
    check(
        "<!ENTITY % p SYSTEM 'elsewhere.dtd'>%p;",
        "line 1, column 37 a file elsewhere.dtd beside this one",
    );
    check(
        "<!ENTITY % p '&#37;q;'>%p;",
        "line 1, column 1 an entity %q; that was declared before",
    );
    check(
        "<![INCLUDE[",
        "line 1, column 12 `]]>` at the end of a conditional section",
    );
    check("<!DOCTYPE a>", "line 1, column 1 ELEMENT, ATTLIST, ENTITY or NOTATION");
    check("text", "line 1, column 1 a declaration");
}

#[test]
fn grammars_are_bounded() {
    let fault = |text: &str| compile(text).map(|_| ()).unwrap_err().to_string();
    let names = |count: usize| (0..count).map(|number| format!("n{number}")).collect::<Vec<_>>();
    // Each of them may be followed by all that come later.
    let model = |from: usize| format!("<!ELEMENT e{from} ({}?)>\n", names(500).join("?,"));
    let text: String = (0..2).map(model).collect();
    let error = fault(&text);
    assert!(
        error.starts_with("one.dtd: line 2, column 1: expected at most 65000 names"),
        "{error}"
    );
    let long = format!("<!ELEMENT a ({})>", names(2000).join(","));
    assert!(fault(&long).contains("8192 bytes of a content model"));
    let nested = format!(
        "<!ELEMENT a {}{}{}>",
        "(".repeat(50),
        names(700).join("|"),
        ")*".repeat(50)
    );
    assert!(compile(&nested).is_ok());
    let attributes = names(129).join(" CDATA #IMPLIED ");
    assert!(fault(&format!("<!ATTLIST a {attributes} CDATA #IMPLIED>")).contains("128 attributes"));
}

#[test]
fn entities_cannot_grow_without_end() {
    let mut text = "<!ENTITY % e0 'xxxxxxxxxx'>".to_owned();
    for level in 1..20 {
        let inner = format!("%e{};", level - 1).repeat(10);
        text.push_str(&format!("<!ENTITY % e{level} '{inner}'>"));
    }
    assert!(compile(&text).unwrap_err().expected.contains("bytes of declarations"));
    let itself = |file: &str| Some(Cow::Owned(format!("<!ENTITY % f SYSTEM '{file}'>%f;")));
    let error = Grammar::compile("f.dtd", &itself).unwrap_err();
    assert!(error.expected.contains("within each other"), "{error}");
}
