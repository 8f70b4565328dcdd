//! Files in a folder: CSV, JSON lines and XML that an ERP puts there.

use std::path::{Path, PathBuf};

use openssl::sha::sha256;

use super::fault::Fault;
use super::link::{Page, Question};
use super::value::Value;
use crate::xml::{self, Element, Limits, Node, Reader, XmlError};

/// Largest file: it is read as a whole.
const BYTES_MAX: u64 = 256 << 20;

/// A way to an ERP by files.
pub struct Files {
    folder: PathBuf,
    /// The file that is being read, and its records.
    held: Option<(PathBuf, Vec<Value>)>,
}

impl Files {
    /// Files of a folder.
    pub fn new(folder: &str) -> Files {
        Files {
            folder: PathBuf::from(folder),
            held: None,
        }
    }

    /// A page of a file's records. Beside a file may be `FILE.done`, which says that it is whole (where the mapping
    /// says so by `filter = { done = true }`), and `FILE.sha256`, which its bytes must have. Which elements of an XML file are
    /// records says `filter = { record = "Item" }`.
    pub async fn ask(&mut self, question: &Question<'_>) -> Result<Page, Fault> {
        let path = self.folder.join(question.from);
        let from: usize = question.position.as_deref().and_then(|at| at.parse().ok()).unwrap_or(0);
        if from == 0 || self.held.as_ref().is_none_or(|(held, _)| *held != path) {
            let needs_done = question.filter.member("done").is_some_and(Value::is_yes);
            let record = question
                .filter
                .member("record")
                .and_then(Value::as_text)
                .map(str::to_owned);
            let reading = path.clone();
            let records = tokio::task::spawn_blocking(move || read(&reading, needs_done, record.as_deref())).await;
            let records = records.map_err(|error| Fault::retry(error.to_string()))??;
            self.held = Some((path, records));
        }
        let all = self.held.as_ref().map_or(&[][..], |(_, records)| records);
        if let Some(only) = question.only {
            let is_it = |record: &&Value| question.key.of(record).is_ok_and(|key| key.as_text() == Some(only));
            return Ok(Page {
                records: all.iter().filter(is_it).cloned().collect(),
                next: None,
            });
        }
        let records: Vec<Value> = all.iter().skip(from).take(question.limit).cloned().collect();
        let end = from + records.len();
        Ok(Page {
            next: (end < all.len()).then(|| end.to_string()),
            records,
        })
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn read(path: &Path, needs_done: bool, record: Option<&str>) -> Result<Vec<Value>, Fault> {
    let shown = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let unread = |error: std::io::Error| Fault::retry(format!("{shown}: {error}"));
    if needs_done && !beside(path, ".done").exists() {
        return Err(Fault::retry(format!(
            "{shown} is not whole yet: there is no {shown}.done"
        )));
    }
    if std::fs::metadata(path).map_err(unread)?.len() > BYTES_MAX {
        return Err(Fault::ask(format!("{shown} is larger than 256 MiB")));
    }
    let bytes = std::fs::read(path).map_err(unread)?;
    if let Ok(said) = std::fs::read_to_string(beside(path, ".sha256")) {
        let said = said.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        let found: String = sha256(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        if said != found {
            return Err(Fault::retry(format!(
                "{shown} has another checksum than {shown}.sha256 says"
            )));
        }
    }
    if path.extension().is_some_and(|ending| ending == "xml") {
        let record = record.ok_or_else(|| {
            Fault::ask(format!(
                "{shown}: the mapping does not say which elements are records: filter = {{ record = \"Item\" }}"
            ))
        })?;
        return xml_records(&bytes, record).map_err(|reason| Fault::ask(format!("{shown}: {reason}")));
    }
    let text = String::from_utf8(bytes).map_err(|_| Fault::ask(format!("{shown} is not UTF-8")))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => csv_records(text, &shown),
        Some("jsonl" | "ndjson") => {
            let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
            let lines = lines.map(|(line, number)| {
                Value::parse(line).map_err(|error| Fault::ask(format!("{shown}, line {number}: {error}")))
            });
            lines.collect()
        }
        _ => Err(Fault::ask(format!("{shown} must end in .csv, .jsonl or .xml"))),
    }
}

fn csv_records(text: &str, shown: &str) -> Result<Vec<Value>, Fault> {
    let first = text.lines().next().unwrap_or_default();
    let count = |delimiter: char| first.matches(delimiter).count();
    let delimiter = if count(';') > count(',') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let wrong = |error: csv::Error| Fault::ask(format!("{shown}: {error}"));
    let header = reader.headers().map_err(wrong)?.clone();
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        let members = header.iter().zip(&record).map(|(name, value)| {
            let value = match value.trim() {
                "" => Value::Null,
                text => Value::text(text),
            };
            (name.trim().to_owned(), value)
        });
        records.push(Value::Record(members.collect()));
    }
    Ok(records)
}

/// The elements of a name, wherever they are.
fn xml_records(bytes: &[u8], record: &str) -> Result<Vec<Value>, String> {
    let limits = Limits {
        document_bytes_max: usize::try_from(BYTES_MAX).unwrap_or(usize::MAX),
        ..Limits::default()
    };
    let told = |error: XmlError| error.to_string();
    let decoded = xml::decode(bytes, None, &limits).map_err(told)?;
    let mut reader = Reader::new(&decoded.text, &limits).map_err(told)?;
    let root = reader.root().map_err(told)?;
    let mut records = Vec::new();
    collect(&mut reader, &root, record, &mut records).map_err(told)?;
    reader.finish().map_err(told)?;
    Ok(records)
}

fn collect<'x>(
    reader: &mut Reader<'x>,
    element: &Element<'x>,
    record: &str,
    records: &mut Vec<Value>,
) -> Result<(), XmlError> {
    while let Some(child) = reader.child(element)? {
        if child.name() == record {
            records.push(value_of(reader, &child)?);
        } else {
            collect(reader, &child, record, records)?;
        }
    }
    Ok(())
}

/// An element as a value: its text; with attributes (`@name`) or elements a record, in which its own text is `$`; elements
/// of one name are a list.
fn value_of<'x>(reader: &mut Reader<'x>, element: &Element<'x>) -> Result<Value, XmlError> {
    let attributes = element.attributes();
    let mut members: Vec<(String, Value)> = attributes
        .map(|attribute| (format!("@{}", attribute.name), Value::text(attribute.value())))
        .collect();
    let mut own = String::new();
    while let Some(node) = reader.node(element)? {
        match node {
            Node::Text(text) => own.push_str(&text),
            Node::Element(child) => {
                let value = value_of(reader, &child)?;
                match members.iter_mut().find(|(name, _)| name == child.name()) {
                    Some((_, Value::List(items))) => items.push(value),
                    Some((_, first)) => *first = Value::List(vec![std::mem::take(first), value]),
                    None => members.push((child.name().to_owned(), value)),
                }
            }
        }
    }
    let own = match own.trim() {
        "" => Value::Null,
        own => Value::text(own),
    };
    if members.is_empty() {
        return Ok(own);
    }
    if own != Value::Null {
        members.push(("$".to_owned(), own));
    }
    Ok(Value::Record(members))
}
