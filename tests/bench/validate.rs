//! Reading with validation, against libxml2's tree and validation in the same process, and instructions a byte.

use std::fmt::Write;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use punchgate::clock::Clock;
use punchgate::cxml::{Document, Families, ReadOptions};
use punchgate::xml::{Limits, Reader};

use crate::libxml2::Libxml2;
use crate::{Folder, median};

const ROUNDS: usize = 11;
/// How long one measurement of a round takes about.
const ROUND: Duration = Duration::from_millis(40);

/// What is measured: a name and what it does with a document.
type Way = (&'static str, fn(&str) -> bool);

const WAYS: [Way; 5] = [
    ("tokens", tokens),
    ("well-formed", well_formed),
    ("validated", validated),
    ("typed", typed),
    ("typed, validated", typed_validated),
];

fn tokens(text: &str) -> bool {
    let mut reader = quick_xml::Reader::from_str(text);
    loop {
        if let quick_xml::events::Event::Eof = black_box(reader.read_event().unwrap()) {
            return true;
        }
    }
}

fn well_formed(text: &str) -> bool {
    Reader::new(text, &Limits::default())
        .and_then(|mut reader| reader.finish())
        .is_ok()
}

fn validated(text: &str) -> bool {
    let families = Families::built_in().unwrap();
    families.validate(text, &Limits::default()).unwrap().count == 0
}

fn read(text: &str, grammar: Option<&'static Families>) -> bool {
    let options = ReadOptions {
        grammar,
        ..ReadOptions::default()
    };
    let document = black_box(Document::read(text, &Limits::default(), &options)).unwrap();
    document.violations.count + document.findings.count == 0
}

fn typed(text: &str) -> bool {
    read(text, None)
}

fn typed_validated(text: &str) -> bool {
    read(text, Some(Families::built_in().unwrap()))
}

fn envelope(name: &str, request: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd">
<cXML payloadID="1764000000.{name}.bench@buyer.example" timestamp="2026-11-24T09:00:00+01:00" xml:lang="en-US">
  <Header>
    <From>
      <Credential domain="NetworkID">
        <Identity>AN01000000001</Identity>
      </Credential>
      <Credential domain="DUNS">
        <Identity>123456789</Identity>
      </Credential>
    </From>
    <To>
      <Credential domain="DUNS">
        <Identity>987654321</Identity>
      </Credential>
    </To>
    <Sender>
      <Credential domain="NetworkID">
        <Identity>AN01000000001</Identity>
        <SharedSecret>a-secret-of-some-length</SharedSecret>
      </Credential>
      <UserAgent>Procurement 12.3</UserAgent>
    </Sender>
  </Header>
  <Request deploymentMode="production">
{request}  </Request>
</cXML>
"#
    )
}

const ADDRESS: &str = r#"        <Address isoCountryCode="DE" addressID="1000467">
          <Name xml:lang="en">Works Ulm, Gate 1</Name>
          <PostalAddress name="default">
            <DeliverTo>Ann Example</DeliverTo>
            <DeliverTo>Building 4, Room 12</DeliverTo>
            <Street>Industriestra&#223;e 1</Street>
            <City>Ulm</City>
            <State>BW</State>
            <PostalCode>89073</PostalCode>
            <Country isoCountryCode="DE">Germany</Country>
          </PostalAddress>
          <Email name="default">ann@buyer.example</Email>
        </Address>
"#;

/// About 3 kB.
fn set_up() -> String {
    let mut extrinsics = String::new();
    for (name, value) in [
        ("UniqueName", "ann.example"),
        ("UserEmail", "ann@buyer.example"),
        ("FirstName", "Ann"),
        ("LastName", "Example"),
        ("CostCenter", "610"),
        ("BusinessUnit", "R&amp;D"),
        ("PhoneNumber", "+49 731 5550100"),
        ("Language", "en-US"),
        ("Company", "Buyer Example SE"),
        ("Department", "Maintenance and repair, Ulm"),
        ("Session", "f1c2d3e4a5b6978877665544332211"),
        ("ReturnFrame", "_top"),
        ("Catalogue", "tools-and-fasteners"),
        ("Budget", "2026/610/4711"),
    ] {
        writeln!(extrinsics, "      <Extrinsic name=\"{name}\">{value}</Extrinsic>").unwrap();
    }
    let request = format!(
        r#"    <PunchOutSetupRequest operation="create">
      <BuyerCookie>3f7b2c1d-5e6a-4b8c-9d0e-1f2a3b4c5d6e</BuyerCookie>
{extrinsics}      <BrowserFormPost>
        <URL>https://buyer.example/punchout/return?session=1234567890&amp;realm=works</URL>
      </BrowserFormPost>
      <Contact role="endUser">
        <Name xml:lang="en">Ann Example</Name>
        <Email>ann@buyer.example</Email>
      </Contact>
      <SupplierSetup>
        <URL>https://supplier.example/punchout</URL>
      </SupplierSetup>
      <ShipTo>
{ADDRESS}      </ShipTo>
    </PunchOutSetupRequest>
"#
    );
    envelope("setup", &request)
}

/// About 800 bytes a line.
fn order(lines: usize) -> String {
    let mut items = String::new();
    for line in 1..=lines {
        write!(
            items,
            r#"      <ItemOut quantity="{}" lineNumber="{line}" requestedDeliveryDate="2026-12-01T00:00:00+01:00">
        <ItemID>
          <SupplierPartID>W-{:06}</SupplierPartID>
          <SupplierPartAuxiliaryID>config-{line}</SupplierPartAuxiliaryID>
        </ItemID>
        <ItemDetail>
          <UnitPrice>
            <Money currency="EUR">{}.{:02}</Money>
          </UnitPrice>
          <Description xml:lang="en">Hexagon bolt ISO 4017 M{} x {line}, 8.8, zinc plated, pack of 100</Description>
          <UnitOfMeasure>EA</UnitOfMeasure>
          <Classification domain="UNSPSC">31161620</Classification>
          <ManufacturerPartID>MP-{line}-X</ManufacturerPartID>
          <ManufacturerName xml:lang="en">Example Works GmbH</ManufacturerName>
          <Extrinsic name="requester">Ann Example</Extrinsic>
        </ItemDetail>
      </ItemOut>
"#,
            1 + line % 20,
            line * 7 % 1_000_000,
            1 + line % 90,
            line % 100,
            4 + line % 16,
        )
        .unwrap();
    }
    let request = format!(
        r#"    <OrderRequest>
      <OrderRequestHeader orderID="4500012345" orderDate="2026-11-24T09:00:00+01:00" type="new" orderType="regular">
        <Total>
          <Money currency="EUR">123456.78</Money>
        </Total>
        <ShipTo>
{ADDRESS}        </ShipTo>
        <BillTo>
{ADDRESS}        </BillTo>
        <Comments xml:lang="en">Please deliver in one piece.</Comments>
      </OrderRequestHeader>
{items}    </OrderRequest>
"#
    );
    envelope("order", &request)
}

fn documents() -> [(&'static str, String); 3] {
    [
        ("set-up", set_up()),
        ("50 lines", order(50)),
        ("9,000 lines", order(9_000)),
    ]
}

/// Prints how fast each way reads each document, as a multiple of libxml2.
pub fn run(clock: &Clock) {
    let started = Instant::now();
    let families = Families::built_in().unwrap();
    let compiled = started.elapsed().as_secs_f64() * 1000.0;
    println!("all families compiled: {compiled:.1} ms (goal 15 ms)");
    let folder = Folder::new(clock);
    let file = folder.0.join("cXML.dtd");
    std::fs::write(&file, families.family("cXML").unwrap().to_dtd()).unwrap();
    let libxml2 = Libxml2::open(&file);
    match &libxml2 {
        Some(libxml2) => println!("libxml2 {}, grammar loaded, tree and validation: 1", libxml2.version),
        None => println!("libxml2: not run (libxml2.so.2 is not there); no ratios"),
    }
    for (name, text) in documents() {
        assert!(
            libxml2.as_ref().is_none_or(|libxml2| libxml2.is_valid(&text)),
            "{name}: libxml2"
        );
        let mut theirs = Vec::new();
        let mut ours = vec![Vec::new(); WAYS.len()];
        for _ in 0..ROUNDS {
            if let Some(libxml2) = &libxml2 {
                theirs.push(seconds(|| assert!(libxml2.is_valid(black_box(&text)))));
            }
            for ((way, read), figures) in WAYS.iter().zip(&mut ours) {
                figures.push(seconds(|| assert!(read(black_box(&text)), "{name}: {way}")));
            }
        }
        print!("{name} ({} bytes)", text.len());
        let rate = |seconds: f64| text.len() as f64 / seconds / 1e6;
        if libxml2.is_some() {
            print!(": libxml2 {:.0} MB/s", rate(median(theirs.clone())));
        }
        for ((way, _), figures) in WAYS.iter().zip(ours) {
            let ratio = figures
                .iter()
                .zip(&theirs)
                .map(|(own, their)| their / own)
                .collect::<Vec<_>>();
            let goal = match *way {
                "validated" => " (goal 3)",
                "typed, validated" => " (goal 2)",
                _ => "",
            };
            let times = match ratio.is_empty() {
                true => String::new(),
                false => format!(", {:.2} times{goal}", median(ratio)),
            };
            print!("; {way} {:.0} MB/s{times}", rate(median(figures)));
        }
        println!();
    }
    instructions();
}

/// Seconds that one call takes, as the mean of a round.
fn seconds(call: impl Fn()) -> f64 {
    call();
    let started = Instant::now();
    let mut calls = 0;
    while started.elapsed() < ROUND {
        call();
        calls += 1;
    }
    started.elapsed().as_secs_f64() / f64::from(calls)
}

/// Prints the instructions a byte of every way on the short documents, which a busy machine does not change.
fn instructions() {
    for (name, text) in &documents()[..2] {
        for (way, _) in WAYS {
            let (few, many) = (counted(name, way, 5), counted(name, way, 25));
            let (Some(few), Some(many)) = (few, many) else {
                return println!("valgrind: not run (it is not installed); no instructions were counted");
            };
            let goal = match (*name, way) {
                ("50 lines", "validated") => " (goal 45)",
                _ => "",
            };
            let each = (many - few) as f64 / 20.0 / text.len() as f64;
            println!("{name}, {way}: {each:.1} instructions a byte{goal}");
        }
    }
}

/// The instructions of this program while it reads a document so many times, start and end included.
fn counted(document: &str, way: &str, times: u32) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().unwrap())
        .args(["repeat", document, way, &times.to_string()])
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let count = said.lines().find_map(|line| line.split_once("Collected : "));
    Some(count.unwrap_or_else(|| panic!("{said}")).1.trim().parse().unwrap())
}

/// `repeat DOCUMENT WAY TIMES`: reads, and nothing else.
pub fn repeat(arguments: &[String]) {
    let [document, way, times] = arguments else {
        panic!("repeat DOCUMENT WAY TIMES")
    };
    let (_, text) = documents().into_iter().find(|(name, _)| name == document).unwrap();
    let (_, read) = WAYS.iter().find(|(name, _)| name == way).unwrap();
    for _ in 0..times.parse::<u32>().unwrap() {
        assert!(read(black_box(&text)));
    }
}
