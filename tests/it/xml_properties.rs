//! The XML reader and writer on documents made at random and on mutated ones.

use proptest::prelude::*;
use punchgate::xml::{self, Limits, Reader, Writer};

use crate::xml::events;

fn name() -> impl Strategy<Value = String> {
    "[A-Za-z_é][A-Za-z0-9_.é-]{0,5}"
}

#[derive(Debug, Clone)]
enum Tree {
    Text(String),
    Element(String, Vec<(String, String)>, Vec<Tree>),
}

/// Characters of all sorts that XML allows; carriage returns and tabs among them.
fn text() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![
            Just('&'),
            Just('<'),
            Just('>'),
            Just('"'),
            Just('\''),
            Just('\r'),
            Just('\n'),
            Just('\t'),
            Just(']'),
            Just(' '),
            proptest::char::range('a', 'z'),
            proptest::char::range('\u{A0}', '\u{D7FF}'),
            proptest::char::range('\u{E000}', '\u{FFFD}'),
            proptest::char::range('\u{10000}', '\u{10FFFF}'),
        ],
        1..12,
    )
    .prop_map(String::from_iter)
}

fn tree() -> impl Strategy<Value = Tree> {
    let attributes = || {
        proptest::collection::btree_map(name(), text(), 0..4).prop_map(|attributes| attributes.into_iter().collect())
    };
    let leaf =
        (name(), attributes()).prop_map(|(name, attributes): (_, Vec<_>)| Tree::Element(name, attributes, vec![]));
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let node = prop_oneof![text().prop_map(Tree::Text), inner];
        (name(), attributes(), proptest::collection::vec(node, 0..4))
            .prop_map(|(name, attributes, nodes): (_, Vec<_>, _)| Tree::Element(name, attributes, nodes))
    })
}

fn write(writer: &mut Writer, tree: &Tree) {
    match tree {
        Tree::Text(text) => writer.text(text),
        Tree::Element(name, attributes, nodes) => {
            let mut tag = writer.start(name);
            for (name, value) in attributes {
                tag = tag.attr(name, value);
            }
            nodes.iter().for_each(|node| write(writer, node));
            writer.end();
        }
    }
}

/// What [`events`] tells of a document written from a tree.
fn tell_tree(tree: &Tree, told: &mut String) {
    let Tree::Element(name, attributes, nodes) = tree else {
        return;
    };
    told.push_str(name);
    for (name, value) in attributes {
        told.push_str(&format!(" {name}={value:?}"));
    }
    told.push('(');
    let mut run = String::new();
    for node in nodes {
        match node {
            Tree::Text(text) => run.push_str(text),
            Tree::Element(..) => {
                if !run.is_empty() {
                    told.push_str(&format!("{:?}", std::mem::take(&mut run)));
                }
                tell_tree(node, told);
            }
        }
    }
    if !run.is_empty() {
        told.push_str(&format!("{run:?}"));
    }
    told.push(')');
}

/// Documents that use every construct, to be mutated.
const SEEDS: [&str; 4] = [
    "<?xml version=\"1.0\" encoding='UTF-8' standalone=\"no\"?>\n<!DOCTYPE a SYSTEM \"x\" [<!ENTITY % b 'c'>]>\n<a b='1' c=\"&lt;2\"><d/>t&amp;u<![CDATA[v<]]]]><!-- w --><?x y?></a>\n<!-- z -->",
    "<!DOCTYPE a PUBLIC 'p' 's'><a xml:lang=\"en\">é€𝄞<b>&#x20AC;&#65;</b >\r\n<é ü='ñ'/>]]&gt;</a>",
    "<a><b><c><d e='f'>g</d></c></b><b/><b>h</b></a>",
    "\u{FEFF}<a> </a>",
];

/// A seed with some pieces cut out, doubled or replaced.
fn mutant() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..3),
        proptest::sample::select(vec![
            "<",
            ">",
            "</",
            "/>",
            "<!",
            "<!--",
            "-->",
            "<![CDATA[",
            "]]>",
            "<?",
            "?>",
            "&",
            ";",
            "&#",
            "'",
            "\"",
            "=",
            " ",
            "]",
            "[",
            "<!DOCTYPE ",
            "<!ENTITY % ",
            "<?xml ",
            "é",
            "\0",
            "\u{FFFE}",
            "\u{FEFF}",
            "\r",
        ])
        .prop_map(|piece| piece.as_bytes().to_vec()),
    ];
    let edit = (any::<prop::sample::Index>(), 0..6usize, piece);
    (
        proptest::sample::select(SEEDS.to_vec()),
        proptest::collection::vec(edit, 0..4),
    )
        .prop_map(|(seed, edits)| {
            let mut bytes = seed.as_bytes().to_vec();
            for (at, cut, piece) in edits {
                let at = at.index(bytes.len() + 1);
                let end = (at + cut).min(bytes.len());
                bytes.splice(at..end, piece);
            }
            bytes
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_written_is_read(tree in tree()) {
        let mut expect = String::new();
        tell_tree(&tree, &mut expect);
        let mut writer = Writer::new();
        writer.declaration();
        write(&mut writer, &tree);
        prop_assert_eq!(events(&writer.finish().unwrap()).unwrap(), expect);
    }

    #[test]
    fn what_is_written_in_ascii_is_ascii_and_the_same(tree in tree()) {
        let mut writer = Writer::new();
        write(&mut writer, &tree);
        let mut ascii = Writer::ascii();
        write(&mut ascii, &tree);
        match ascii.finish() {
            Ok(written) => {
                prop_assert!(written.is_ascii());
                prop_assert_eq!(events(&written), events(&writer.finish().unwrap()));
            }
            Err(fault) => prop_assert_eq!(fault, xml::WriteError::Name),
        }
    }

    /// A kept element is a document, and writing it raw changes nothing; in US-ASCII it means the same.
    #[test]
    fn raw_elements_survive(tree in tree()) {
        let mut writer = Writer::new();
        write(&mut writer, &tree);
        let written = writer.finish().unwrap();
        let wrapped = format!("<w> <![CDATA[x]]>{written}</w>");
        let mut reader = Reader::new(&wrapped, &Limits::default()).unwrap();
        let root = reader.root().unwrap();
        let child = reader.child(&root).unwrap().unwrap();
        let raw = reader.raw(&child).unwrap();
        prop_assert_eq!(raw, &written);
        prop_assert_eq!(events(raw), events(&written));
        let mut ascii = Writer::ascii();
        ascii.start("w");
        ascii.raw(raw);
        ascii.end();
        if let Ok(ascii) = ascii.finish() {
            prop_assert!(ascii.is_ascii());
            prop_assert_eq!(events(&ascii), events(&format!("<w>{raw}</w>")));
        }
    }

    /// Whatever arrives is read or refused; what is read is read alike by all ways of reading, and is safe to keep.
    #[test]
    fn mutants_never_panic(bytes in mutant(), charset in proptest::sample::select(vec![None, Some("utf-8"), Some("utf-16"), Some("latin1")])) {
        let Ok(decoded) = xml::decode(&bytes, charset, &Limits::default()) else { return Ok(()) };
        let told = events(&decoded.text);
        let finished = Reader::new(&decoded.text, &Limits::default()).and_then(|mut reader| reader.finish());
        prop_assert_eq!(told.as_ref().err(), finished.as_ref().err());
        let Ok(mut reader) = Reader::new(&decoded.text, &Limits::default()) else { return Ok(()) };
        let Ok(root) = reader.root() else { return Ok(()) };
        let raw = reader.raw(&root);
        if let Ok(told) = told {
            prop_assert_eq!(events(raw.unwrap()).unwrap(), told);
            let span = reader.content_span(&root).unwrap();
            prop_assert!(events(&xml::redact(&decoded.text, &[span])).is_ok());
        } else {
            while let Ok(Some(child)) = reader.child(&root) {
                prop_assert_eq!(child.attributes().count(), child.attributes().filter(|one| child.attr(one.name).is_some()).count());
            }
        }
    }
}
