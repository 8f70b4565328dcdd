//! `punchgate check` as it is run: exit codes, lines for programs, texts for people.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::reference;
use crate::support_store::tell;

const RIGHT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.069/cXML.dtd">
<cXML payloadID="1@a" timestamp="2026-01-02T03:04:05+00:00" xml:lang="en">
<Header><From><Credential domain="DUNS"><Identity>1</Identity></Credential></From>
<To><Credential domain="DUNS"><Identity>2</Identity></Credential></To>
<Sender><Credential domain="DUNS"><Identity>1</Identity><SharedSecret>abracadabra</SharedSecret></Credential>
<UserAgent>x</UserAgent></Sender></Header>
<Request><ProfileRequest/></Request></cXML>
"#;

fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_punchgate"))
        .arg("check")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn line(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_exit_code_says_whether_all_is_valid_some_is_not_or_some_cannot_be_read() {
    let invalid = RIGHT.replace("<UserAgent>x</UserAgent>", "");
    let torn = RIGHT.replace("</Request>", "");
    for (input, code, well_formed, valid) in [
        (RIGHT, 0, true, true),
        (&invalid, 1, true, false),
        (&torn, 2, false, false),
    ] {
        let output = run(&["-"], input);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let line = line(&output);
        assert_eq!(
            (&line["file"], &line["well_formed"]),
            (&"-".into(), &well_formed.into())
        );
        assert_eq!(line["valid"], valid);
        assert_eq!(line["findings"].as_array().unwrap().len(), usize::from(code != 0));
        assert_eq!(text(&output.stdout).lines().count(), 1);
    }
    let folder = std::env::temp_dir().join(format!("punchgate-check-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let named = |name: &str, content: &str| {
        let path = folder.join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let (right, wrong) = (named("right.xml", RIGHT), named("wrong.xml", &invalid));
    let missing = folder.join("missing.xml").display().to_string();
    assert_eq!(run(&[&right, &right], "").status.code(), Some(0));
    let two = run(&[&right, &wrong], "");
    assert_eq!((two.status.code(), text(&two.stdout).lines().count()), (Some(1), 2));
    let three = run(&[&right, &missing, &wrong], "");
    assert_eq!((three.status.code(), text(&three.stdout).lines().count()), (Some(2), 3));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn people_see_the_place_and_what_to_do() {
    let output = run(&["--text", "-"], &RIGHT.replace("+00:00", "Z"));
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "a warning: {said}");
    assert!(said.starts_with("-: ProfileRequest, valid; findings: 1\n"), "{said}");
    assert!(said.contains("warning ENV-03 in cXML/@timestamp:"), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    let caret = lines.iter().position(|line| line.trim_end().ends_with('^')).unwrap();
    let column = lines[caret].find('^').unwrap();
    assert!(lines[caret - 1][column..].starts_with("2026-01-02T03:04:05Z"), "{said}");
    assert!(lines[caret + 1].contains("Write it as"), "{said}");
}

#[test]
fn secrets_are_told_on_request_alone() {
    for arguments in [
        &["-"][..],
        &["--text", "-"],
        &["--facts", "-"],
        &["--facts", "--text", "-"],
    ] {
        let output = run(arguments, RIGHT);
        assert!(!text(&output.stdout).contains("abracadabra"), "{arguments:?}");
    }
    let facts = line(&run(&["--facts", "-"], RIGHT));
    assert!(facts["facts"].is_object(), "{facts}");
    let output = run(&["--facts", "--show-secrets", "-"], RIGHT);
    assert!(text(&output.stdout).contains("abracadabra"));
    assert_eq!(run(&["--show-secrets", "-"], RIGHT).status.code(), Some(2));
}

#[test]
fn a_family_is_printed_as_one_grammar() {
    let output = run(&["--grammar", "Quote"], "");
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).contains("<!ELEMENT QuoteMessage"));
    let unknown = run(&["--grammar", "Logistics"], "");
    assert_eq!(unknown.status.code(), Some(2));
    assert!(
        text(&unknown.stderr).contains("InvoiceDetail"),
        "the names that there are"
    );
}

/// The command on every document of the corpus, as files: the verdicts are those of the index.
#[test]
fn reference_the_command_says_what_the_index_says() {
    let Some(documents) = reference::documents() else {
        return;
    };
    let folder = std::env::temp_dir().join(format!("punchgate-corpus-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let files: Vec<String> = documents
        .iter()
        .enumerate()
        .map(|(at, document)| {
            let path = folder.join(format!("{at}.xml"));
            std::fs::write(&path, &document.bytes).unwrap();
            path.display().to_string()
        })
        .collect();
    let arguments: Vec<&str> = files.iter().map(String::as_str).collect();
    let output = run(&arguments, "");
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(output.status.code(), Some(2));
    let lines: Vec<Value> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), documents.len());
    let mut compared = 0;
    for (line, document) in lines.iter().zip(&documents) {
        assert_eq!(line["well_formed"], document.well_formed, "{}: {line}", document.file);
        if let (Some(valid), Some(family)) = (document.valid, line["family"].as_str())
            && family == document.family
        {
            compared += 1;
            assert_eq!(line["valid"], valid, "{}: {line}", document.file);
        }
    }
    tell(&format!(
        "reference: the check command told the verdict of {compared} documents, {} in all",
        lines.len()
    ));
}
