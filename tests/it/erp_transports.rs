//! REST, OData and files: pages, the ways to say who we are, what is not whole yet.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use punchgate::erp::fault::Class;
use punchgate::service::sync::{self, Setting, Source, Wanted, Went};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::import::{Shop, shops};

/// What a page is asked for, in one line: `GET /path authorization cookie`.
type Asked = Arc<Mutex<Vec<String>>>;

/// A server that answers as a function of the line that it is asked, with a header line and a body.
async fn serve(answer: impl Fn(&str) -> (u16, String, String) + Send + Sync + 'static) -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Asked::default();
    let (answer, noted) = (Arc::new(answer), asked.clone());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (answer, noted) = (Arc::clone(&answer), noted.clone());
            tokio::spawn(async move {
                let mut bytes = Vec::new();
                let text = loop {
                    let mut chunk = [0; 4096];
                    let count = stream.read(&mut chunk).await.unwrap_or(0);
                    bytes.extend_from_slice(&chunk[..count]);
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    let Some((head, body)) = text.split_once("\r\n\r\n") else {
                        continue;
                    };
                    let length = header(head, "content-length").and_then(|length| length.parse().ok());
                    if count == 0 || body.len() >= length.unwrap_or(0) {
                        break text;
                    }
                };
                let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
                let first = head.lines().next().unwrap_or_default().trim_end_matches(" HTTP/1.1");
                let told = [
                    first,
                    &header(head, "authorization").unwrap_or_default(),
                    &header(head, "cookie").unwrap_or_default(),
                    body,
                ];
                let told: Vec<&str> = told.into_iter().filter(|part| !part.is_empty()).collect();
                let told = told.join(" ");
                let (status, headers, body) = answer(&told);
                noted.lock().unwrap().push(told);
                let head = format!(
                    "HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                stream.write_all(head.as_bytes()).await.ok();
                stream.write_all(body.as_bytes()).await.ok();
            });
        }
    });
    (url, asked)
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (known, value) = line.split_once(':')?;
        known.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

const ENTITY: &str = r#"
[[entity]]
name = "unit"
rows = "units"
from = "units"
filter = "active eq true"
key = "code"
[entity.columns]
code = "code"
name = "name"
"#;

fn map(rest: &str) -> String {
    format!(
        "kind = \"test\"\nversion = \"1\"\ntransport = \"rest\"\n[limits]\npage_rows = 2\nquestions_per_second = 1000\n\
         tries = 2\npause_ms = 1\n[rest]\n{rest}\n{ENTITY}"
    )
}

fn source(url: &str, map: &str) -> Source {
    let setting: Setting = toml::from_str(&format!(
        "code = \"erp\"\nmap = \"own\"\nurl = \"{url}\"\nuser = \"me\"\n"
    ))
    .unwrap();
    let mapping = sync::mapping(map).unwrap_or_else(|wrong| panic!("{wrong:?}\n{map}"));
    let mut source = Source::new(setting, mapping, std::path::Path::new(".")).unwrap();
    source.access.password = "p&w".into();
    source
}

async fn run(shop: &Shop, source: &Source) -> Went {
    let mut went = sync::run(&shop.gateway, shop.tenant_id, source, &Wanted::default())
        .await
        .unwrap();
    went.remove(0)
}

fn unit(code: &str) -> String {
    format!("{{\"code\":\"{code}\",\"name\":\"{code}\"}}")
}

#[tokio::test]
async fn odata_pages_follow_their_links_and_no_others() {
    for shop in shops().await {
        let (url, asked) = serve(|asked| {
            let body = match asked {
                asked if asked.contains("page=2") => format!("{{\"value\":[{}]}}", unit("U3")),
                _ => format!(
                    "{{\"value\":[{},{}],\"@odata.nextLink\":\"units?page=2\"}}",
                    unit("U1"),
                    unit("U2")
                ),
            };
            (200, String::new(), body)
        })
        .await;
        let rest =
            "page = \"{from}?$filter={filter}&$select={fields}\"\nrows = \"value\"\nnext = \"@odata.nextLink\"\n";
        let went = run(&shop, &source(&url, &map(rest))).await;
        assert!(went.fault.is_none() && (went.seen, went.added) == (3, 3), "{went}");
        assert_eq!(
            *asked.lock().unwrap(),
            [
                "GET /units?$filter=active%20eq%20true&$select=code%2Cname Basic bWU6cCZ3",
                "GET /units?page=2 Basic bWU6cCZ3"
            ]
        );
        // Nothing is fetched elsewhere because an answer says so.
        let (url, asked) = serve(|_| {
            let body = format!(
                "{{\"value\":[{}],\"@odata.nextLink\":\"http://127.0.0.1:1/units\"}}",
                unit("U1")
            );
            (200, String::new(), body)
        })
        .await;
        let went = run(&shop, &source(&url, &map(rest))).await;
        let fault = went.fault.unwrap();
        assert_eq!(
            (fault.class, fault.text.as_str()),
            (Class::Ask, "the address of the next page is not the ERP's own")
        );
        assert_eq!(asked.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn tokens_are_fetched_once_and_again_when_they_end() {
    for shop in shops().await {
        let tokens = Arc::new(Mutex::new(0));
        let given = Arc::clone(&tokens);
        let (url, asked) = serve(move |asked| {
            let mut given = given.lock().unwrap();
            match asked {
                asked if asked.starts_with("POST /token") => {
                    *given += 1;
                    (200, String::new(), format!("{{\"access_token\":\"t{given}\"}}"))
                }
                // The first token ends after the first page.
                asked if asked.contains("offset=2") && asked.ends_with("Bearer t1") => {
                    (401, String::new(), String::new())
                }
                asked if asked.contains("offset=0") => (200, String::new(), format!("[{},{}]", unit("U1"), unit("U2"))),
                asked if asked.contains("offset=2") => (200, String::new(), format!("[{}]", unit("U3"))),
                _ => (200, String::new(), "[]".to_owned()),
            }
        })
        .await;
        let rest = "page = \"{from}?offset={offset}&limit={limit}\"\n\
                    login = { kind = \"client-credentials\", token = \"token\", scope = \"all\" }\n";
        let went = run(&shop, &source(&url, &map(rest))).await;
        assert!(went.fault.is_none() && went.seen == 3, "{went}");
        assert_eq!(*tokens.lock().unwrap(), 2);
        let asked = asked.lock().unwrap();
        let credentials = "POST /token grant_type=client_credentials&client_id=me&client_secret=p%26w&scope=all";
        assert_eq!(asked[0], credentials);
        assert_eq!(asked.last().unwrap(), "GET /units?offset=3&limit=2 Bearer t2");
    }
}

#[tokio::test]
async fn sessions_are_kept_by_their_cookies() {
    for shop in shops().await {
        let (url, asked) = serve(|asked| match asked {
            asked if asked.starts_with("POST /Login") => {
                let cookies = "Set-Cookie: B1SESSION=x; HttpOnly\r\nSet-Cookie: ROUTEID=.node1; path=/\r\n";
                (200, cookies.to_owned(), "{}".to_owned())
            }
            asked if asked.contains("after=&") => (200, String::new(), format!("[{}]", unit("U1"))),
            _ => (200, String::new(), "[]".to_owned()),
        })
        .await;
        let rest = "page = \"{from}?after={after}&x\"\n\
                    login = { kind = \"session\", path = \"Login\", body = { UserName = \"{user}\", Password = \"{password}\" } }\n";
        let went = run(&shop, &source(&url, &map(rest))).await;
        assert!(went.fault.is_none() && went.seen == 1, "{went}");
        assert_eq!(
            *asked.lock().unwrap(),
            [
                "POST /Login {\"Password\":\"p&w\",\"UserName\":\"me\"}",
                "GET /units?after=&x B1SESSION=x; ROUTEID=.node1",
                "GET /units?after=U1&x B1SESSION=x; ROUTEID=.node1"
            ]
        );
    }
}

fn folder() -> PathBuf {
    let id = punchgate::clock::Clock::system().new_id().simple().to_string();
    let folder = std::env::temp_dir().join(format!("punchgate-test-erp-{id}"));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[tokio::test]
async fn files_are_read_when_they_are_whole() {
    for shop in shops().await {
        let folder = folder();
        let map = format!(
            "kind = \"files\"\nversion = \"1\"\ntransport = \"file\"\n[limits]\npage_rows = 2\ntries = 1\n{}",
            ENTITY.replace(
                "from = \"units\"\nfilter = \"active eq true\"",
                "from = \"units.csv\"\nfilter = { done = true }"
            )
        );
        let source = source(&folder.display().to_string(), &map);
        let told = async || run(&shop, &source).await.fault.map(|fault| (fault.class, fault.text));
        assert_eq!(told().await.unwrap().0, Class::Retry);
        std::fs::write(
            folder.join("units.csv"),
            "code;name\nU1;One\nU2;\"Two; or so\"\nU3;Three\n",
        )
        .unwrap();
        let waiting = "units.csv is not whole yet: there is no units.csv.done";
        assert_eq!(told().await, Some((Class::Retry, waiting.to_owned())));
        std::fs::write(folder.join("units.csv.done"), "").unwrap();
        std::fs::write(folder.join("units.csv.sha256"), "00  units.csv\n").unwrap();
        let other = "units.csv has another checksum than units.csv.sha256 says";
        assert_eq!(told().await, Some((Class::Retry, other.to_owned())));
        let sum = openssl::sha::sha256(&std::fs::read(folder.join("units.csv")).unwrap());
        let sum: String = sum.iter().map(|byte| format!("{byte:02X}")).collect();
        std::fs::write(folder.join("units.csv.sha256"), format!("{sum}  units.csv\n")).unwrap();
        let went = run(&shop, &source).await;
        assert!(
            went.fault.is_none() && (went.seen, went.added, went.rejected) == (3, 3, 0),
            "{went}"
        );
        std::fs::write(folder.join("units.csv"), "code;name\nU1;One;more\n").unwrap();
        std::fs::remove_file(folder.join("units.csv.sha256")).unwrap();
        let (class, text) = told().await.unwrap();
        assert!(
            class == Class::Ask && text.starts_with("units.csv: CSV error"),
            "{text}"
        );
        std::fs::remove_dir_all(folder).unwrap();
    }
}
