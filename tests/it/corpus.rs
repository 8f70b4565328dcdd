//! Every document of the corpus posted to a running gateway that knows its sender: what real senders wrote is processed
//! or refused with a reason, never with a fault of ours.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use punchgate::clock::Clock;
use punchgate::config::Config;
use punchgate::cxml::{self, Body, Credential, CredentialKind, Party, ReadOptions, RequestPayload};
use punchgate::domain::party::{ConnectionSettings, DeploymentMode};
use punchgate::http;
use punchgate::service::Gateway;
use punchgate::service::import;
use punchgate::service::keys::Keys;
use punchgate::service::party::{NewConnection, NewTenant, create_connection, create_tenant};
use punchgate::translate::claims;
use punchgate::transport::HttpClient;
use punchgate::xml::{self, Limits};

use crate::reference::{self, Document};
use crate::support_store::{sqlite, tell};

/// The customer account of every connection.
const ACCOUNT: &str = "C-1";

/// For documents that bring none.
const SECRET: &str = "a-secret-of-this-test";

/// What came back for one document.
#[derive(Debug)]
struct Answer {
    http_status: u16,
    /// cXML Status.
    status: u16,
    text: String,
    /// The document, for a comparison with the answer to a copy.
    body: Vec<u8>,
}

/// The document as it can be read by the loosest options, where it can.
fn read(document: &Document) -> Option<cxml::Document> {
    let options = ReadOptions {
        lower_case_root: true,
        body_optional: true,
        any_namespace: true,
        ..ReadOptions::default()
    };
    let decoded = xml::decode(&document.bytes, None, &Limits::default()).ok()?;
    cxml::Document::read(&decoded.text, &Limits::default(), &options).ok()
}

/// A party's names as a connection lists them; a marketplace is a name of its own.
fn names(party: &Party) -> Vec<(String, String)> {
    let name = |credential: &Credential| {
        let is_marketplace = credential.kind == Some(CredentialKind::Marketplace);
        let domain = match is_marketplace {
            true => format!("{};marketplace", credential.domain()),
            false => credential.domain().to_owned(),
        };
        (domain, credential.identity().to_owned())
    };
    let named = |credential: &&Credential| !credential.identity().is_empty();
    let mut names: Vec<_> = party.credentials.iter().filter(named).map(name).collect();
    names.dedup();
    names
}

fn borrowed(names: &[(String, String)]) -> Vec<(&str, &str)> {
    names
        .iter()
        .map(|(domain, identity)| (&**domain, &**identity))
        .collect()
}

/// The host to which a cart of this set-up goes back.
fn return_host(read: &cxml::Document) -> Option<String> {
    let Body::Request(request) = &read.body else {
        return None;
    };
    let RequestPayload::PunchOutSetupRequest(setup) = &request.payload else {
        return None;
    };
    let address = setup.browser_form_post.as_ref()?.url.as_ref()?;
    Some(url::Url::parse(address.value.trim()).ok()?.host_str()?.to_owned())
}

/// The secret of the document, where it carries one.
fn secret(read: &cxml::Document) -> Option<&str> {
    let credentials = &read.header()?.sender.credentials;
    let secrets = credentials
        .iter()
        .filter_map(|credential| credential.shared_secret.as_ref());
    secrets
        .map(|secret| secret.reveal())
        .find(|secret| !secret.trim().is_empty())
}

/// The document with a secret for its Sender, where it carries no proof that we could know.
fn with_secret(document: &Document) -> Document {
    let proven = document.clone();
    let (Some(read), Ok(text)) = (read(document), std::str::from_utf8(&document.bytes)) else {
        return proven;
    };
    let place = text
        .find("<Sender")
        .and_then(|sender| Some(sender + text[sender..].find("</Identity>")?));
    match place {
        Some(at) if secret(&read).is_none() => {
            let at = at + "</Identity>".len();
            let text = format!("{}<SharedSecret>{SECRET}</SharedSecret>{}", &text[..at], &text[at..]);
            Document {
                bytes: text.into_bytes(),
                ..proven
            }
        }
        _ => proven,
    }
}

/// Makes the supplier that the document addresses and the connection that it comes from.
async fn welcome(gateway: &Gateway, read: Option<&cxml::Document>) {
    let header = read.and_then(cxml::Document::header).cloned().unwrap_or_default();
    let to = names(&header.to);
    let tenant_id = create_tenant(
        gateway,
        &NewTenant {
            code: "acme",
            name: "Acme",
            time_zone: "Europe/Berlin",
            currency: "EUR",
            identities: &borrowed(&to),
        },
    )
    .await
    .unwrap();
    let accounts = format!("code,name\n{ACCOUNT},Globex\n");
    let files = vec![("accounts.csv", accounts.into_bytes())];
    let reports = import::all(gateway, tenant_id, files).await.unwrap();
    assert!(reports[0].is_taken(), "{}", reports[0]);
    let mode = read.and_then(|document| claims::mode(document).ok());
    create_connection(
        gateway,
        &NewConnection {
            tenant_id,
            buyer: ("globex", "Globex"),
            code: "globex",
            name: "Globex",
            profile: "generic",
            mode: mode.unwrap_or(DeploymentMode::Production),
            account_code: ACCOUNT,
            from: &borrowed(&names(&header.from)),
            sender: &borrowed(&names(&header.sender)),
            shared_secret: read.and_then(secret),
            settings: ConnectionSettings {
                return_hosts: read.and_then(return_host).into_iter().collect(),
                ..ConnectionSettings::default()
            },
        },
    )
    .await
    .unwrap();
}

/// Posts the document twice to a gateway made for it.
async fn post(client: &HttpClient, document: &Document) -> [Answer; 2] {
    let clock = Clock::system();
    let store = sqlite(&clock).await;
    let mut config = Config::default();
    config.server.bind = "127.0.0.1:0".into();
    config.server.workers = 1;
    let keys = Keys::ephemeral(&clock).unwrap();
    let gateway = Arc::new(Gateway::new(config, clock, store.store.clone(), keys).await.unwrap());
    welcome(&gateway, read(document).as_ref()).await;
    let (running, server) = http::listen(&gateway).unwrap();
    let server = tokio::spawn(server);
    let url = format!("http://{}/cxml", running.address);
    let answers = [send(client, &url, document).await, send(client, &url, document).await];
    running.stop().await;
    server.await.unwrap().unwrap();
    gateway.store.close().await;
    answers
}

async fn send(client: &HttpClient, url: &str, document: &Document) -> Answer {
    let answer = client
        .post(url, "text/xml", "corpus", document.bytes.clone())
        .await
        .unwrap_or_else(|error| panic!("{}: {error}", document.file));
    let text = std::str::from_utf8(&answer.body).unwrap();
    let read = cxml::Document::read(text, &Limits::default(), &ReadOptions::default())
        .unwrap_or_else(|error| panic!("{}: {error}\n{text}", document.file));
    let Body::Response(response) = &read.body else {
        panic!("{}: no Response\n{text}", document.file)
    };
    let status = response.status.as_ref().unwrap();
    Answer {
        http_status: answer.status,
        status: status.code.as_deref().unwrap_or_default().parse().unwrap(),
        text: status.body.clone(),
        body: answer.body,
    }
}

/// What may be answered to a document of this kind: success only where the kind is taken, else the reason.
fn allowed(document: &Document) -> &'static [u16] {
    match document.kind.as_str() {
        _ if !document.well_formed => &[406],
        // Without one clear Sender nobody can be meant.
        "ProfileRequest" => &[200, 401],
        // A part of a document, or a template with places left empty, cannot be taken.
        "PunchOutSetupRequest" | "OrderRequest" => &[200, 400, 401, 403, 406, 412],
        "unknown" => &[406],
        // One lies in a Response; some name nobody.
        kind if kind.contains("Request") => &[450, 400, 401, 403, 406],
        _ => &[400, 406],
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reference_corpus_posted() {
    let Some(documents) = reference::documents() else {
        return;
    };
    let client = HttpClient::new(Duration::from_secs(30), 1 << 20).unwrap();
    let mut by_status: BTreeMap<u16, usize> = BTreeMap::new();
    let mut by_kind: BTreeMap<&str, BTreeMap<u16, usize>> = BTreeMap::new();
    let mut wrong = Vec::new();
    for document in &documents {
        let sent = with_secret(document);
        let [first, second] = post(&client, &sent).await;
        let mut check = |holds: bool, what: &str| {
            if !holds {
                wrong.push(format!("{}: {what}: {} {}", document.file, first.status, first.text));
            }
        };
        check(first.http_status == 200, "an answer that networks do not read");
        check(allowed(document).contains(&first.status), "not foreseen");
        check(first.status == 200 || !first.text.trim().is_empty(), "no reason");
        check(first.status == second.status, "a copy is answered otherwise");
        let is_kept = ["PunchOutSetupRequest", "OrderRequest"].contains(&document.kind.as_str());
        let is_the_same = first.body == second.body;
        check(
            first.status != 200 || !is_kept || is_the_same,
            "a copy gets another answer",
        );
        let carried = read(&sent).as_ref().and_then(secret).map(str::to_owned);
        let echoed = carried.filter(|secret| secret.len() > 5 && first.text.contains(secret));
        check(echoed.is_none(), "the secret is told");
        *by_status.entry(first.status).or_default() += 1;
        *by_kind
            .entry(&document.kind)
            .or_default()
            .entry(first.status)
            .or_default() += 1;
        if first.status != 200 {
            println!("{} {}: {}", first.status, document.file, first.text);
        }
    }
    tell(&format!(
        "reference: {} documents posted, answers {by_status:?}",
        documents.len()
    ));
    for (kind, answers) in &by_kind {
        println!("  {kind}: {answers:?}");
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
