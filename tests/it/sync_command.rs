//! `punchgate sync` as it is run: files of a folder brought, a mapping tried, slips told.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const MAP: &str = r#"kind = "files"
version = "1"
transport = "file"
[settings]
unit = "the unit of all articles"

[[entity]]
name = "article"
rows = "products"
from = "articles.csv"
key = "number"
[entity.columns]
sku = "number"
name = "text"
base_unit = "={unit}"
list_price = "price | dec"
categories = "group"
"#;

const SOURCE: &str = "code = \"erp\"\nmap = \"map.toml\"\nurl = \"FOLDER\"\n[settings]\nunit = \"EA\"\n";

struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        let id = punchgate::clock::Clock::system().new_id().simple().to_string();
        let path = std::env::temp_dir().join(format!("punchgate-test-sync-{id}"));
        std::fs::create_dir_all(&path).unwrap();
        let folder = Folder(path);
        folder.write("map.toml", MAP);
        folder.write(
            "source.toml",
            &SOURCE.replace("FOLDER", &folder.0.display().to_string()),
        );
        folder
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).unwrap();
    }

    /// Exit code and output.
    fn run(&self, arguments: &[&str], input: &str) -> (i32, String) {
        let database = format!("sqlite://{}?mode=rwc", self.0.join("store.db").display());
        let mut child = Command::new(env!("CARGO_BIN_EXE_punchgate"))
            .args(arguments)
            .current_dir(&self.0)
            .env_remove("PUNCHGATE_CONFIG")
            .env("PUNCHGATE_DATABASE_URL", database)
            .env("PUNCHGATE_KEYS_FILE", self.0.join("keys"))
            .env("PUNCHGATE_LOG_FILTER", "off")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that needs no input may have ended.
        child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
        let output = child.wait_with_output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(text).unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

#[test]
fn rows_are_brought_and_the_exit_code_says_how_it_went() {
    let folder = Folder::new();
    let staff = [
        "staff",
        "root",
        "--tenant",
        "acme",
        "--supplier-name",
        "Acme",
        "--currency",
        "EUR",
    ];
    let (code, told) = folder.run(&staff, "a password that is long enough\n");
    assert_eq!(code, 0, "{told}");
    let sync = ["sync", "run", "source.toml"];
    let (code, told) = folder.run(&sync, "");
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("articles.csv: No such file or directory"), "{told}");
    folder.write("articles.csv", "number,text,price,group\nA-1,One,1.50,\nA-2,Two,,\n");
    assert_eq!(
        folder.run(&sync, ""),
        (
            0,
            "article (all): 2 records; 2 rows added, 0 changed, 0 deleted, 0 rejected\n".to_owned()
        )
    );
    folder.write("articles.csv", "number,text,price,group\nA-1,One,1.60,\nA-2,Two,,X\n");
    assert_eq!(
        folder.run(&sync, ""),
        (
            1,
            "article (all): 2 records; 0 rows added, 1 changed, 0 deleted, 1 rejected\n".to_owned()
        )
    );
    let (code, told) = folder.run(&["sync", "run", "source.toml", "--entity", "articles"], "");
    assert_eq!(code, 2);
    assert!(
        told.contains("The mapping has no entity articles; it has article."),
        "{told}"
    );
}

#[test]
fn the_store_is_compared_and_the_exit_code_says_whether_it_differs() {
    let folder = Folder::new();
    let staff = [
        "staff",
        "root",
        "--tenant",
        "acme",
        "--supplier-name",
        "Acme",
        "--currency",
        "EUR",
    ];
    let (code, told) = folder.run(&staff, "a password that is long enough\n");
    assert_eq!(code, 0, "{told}");
    let reconcile = ["sync", "reconcile", "source.toml"];
    let (code, told) = folder.run(&reconcile, "");
    assert_eq!(code, 2, "{told}");
    folder.write("articles.csv", "number,text,price,group\nA-1,One,1.50,\nA-2,Two,,\n");
    assert_eq!(folder.run(&["sync", "run", "source.toml"], "").0, 0);
    let same = "products: 2 rows here, 2 in the ERP; 0 of 16 partitions differ, 0 rows; 0 not comparable\n0 differences, 0 accepted\n";
    assert_eq!(folder.run(&reconcile, ""), (0, same.to_owned()));
    folder.write("articles.csv", "number,text,price,group\nA-1,One,1.60,\n");
    let (code, told) = folder.run(&reconcile, "");
    assert_eq!(code, 1, "{told}");
    assert!(
        told.contains("article A-1: differs\n  list_price: 1.50 here, 1.60 in the ERP\n"),
        "{told}"
    );
    assert!(
        told.contains("article A-2: only in the store\n") && told.ends_with("2 differences, 0 accepted\n"),
        "{told}"
    );
}

#[test]
fn who_owns_which_fields_is_printed() {
    let folder = Folder::new();
    let (code, told) = folder.run(&["sync", "fields", "source.toml"], "");
    assert_eq!(code, 0, "{told}");
    assert!(
        told.starts_with("source,erp,group,") && told.contains("\nerp,files 1,stock,"),
        "{told}"
    );
    let (code, told) = folder.run(&["sync", "fields", "--format", "json"], "");
    let document: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!((code, &document[0]["fields"][0]["group"]), (0, &"products".into()));
}

#[test]
fn a_mapping_is_tried_without_bringing_anything() {
    let folder = Folder::new();
    assert_eq!(
        folder.run(&["sync", "check", "map.toml"], ""),
        (0, "map.toml: 1 entities, good\n".to_owned())
    );
    folder.write("wrong.toml", &MAP.replace("price | dec", "price | decimal"));
    let (code, told) = folder.run(&["sync", "check", "wrong.toml"], "");
    assert_eq!(code, 1);
    assert!(
        told.starts_with("wrong.toml: line 16: \"decimal\" is no step; there are dec, "),
        "{told}"
    );
    folder.write(
        "article.json",
        r#"[{"number":"A","text":"a","price":1.50,"group":null},{"number":"B","text":"b","price":"x","group":null}]"#,
    );
    let (code, told) = folder.run(&["sync", "check", "source.toml", "--records", "."], "");
    let expect = "article: 2 records became 1 rows, 1 refused\n  base_unit=EA list_price=1.50 name=a sku=A\n  \
                  refused: B: list_price: \"x\" is no number of 28 digits at most\n";
    assert_eq!((code, told.as_str()), (1, expect));
    folder.write("source.toml", &SOURCE.replace("unit = \"EA\"", ""));
    let (code, told) = folder.run(&["sync", "check", "source.toml"], "");
    assert_eq!(code, 2);
    assert!(
        told.contains("settings.unit is missing: the unit of all articles"),
        "{told}"
    );
    let (code, told) = folder.run(&["sync", "schema"], "");
    let schema: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        (code, &schema["properties"]["transport"]["enum"][0]),
        (0, &"json-rpc".into())
    );
    for (name, text) in punchgate::erp::MAPS {
        assert_eq!(folder.run(&["sync", "map", name], ""), (0, text.to_owned()));
        folder.write("own.toml", text);
        let (code, told) = folder.run(&["sync", "check", "own.toml"], "");
        assert!(code == 0 && told.ends_with("entities, good\n"), "{name}: {told}");
    }
    let (code, told) = folder.run(&["sync", "map", "none"], "");
    assert!(
        code == 2 && told.contains("there is no mapping none; there are tryton, "),
        "{told}"
    );
    assert!(!Path::new(&folder.0).join("store.db").exists());
}
