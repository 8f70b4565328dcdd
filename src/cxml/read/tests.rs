use super::*;
use crate::cxml::header::Credential;
use crate::xml::redact;

const SENDER: &str = "<Header><Sender><Credential domain='D'><Identity>I</Identity></Credential></Sender></Header>";

fn read(text: &str) -> Result<Document, ReadError> {
    Document::read(text, &Limits::default(), &ReadOptions::default())
}

/// A profile request with this inside `Sender/Credential`.
fn credential(inside: &str) -> (Credential, String) {
    let text = format!(
        "<cXML><Header><Sender><Credential domain='D'>{inside}</Credential></Sender></Header>\
         <Request><ProfileRequest/></Request></cXML>"
    );
    let document = read(&text).unwrap();
    let redacted = redact(&text, &document.redactions);
    (document.header().unwrap().sender.credentials[0].clone(), redacted)
}

fn check_fault(text: &str, expect: Fault) {
    match read(text) {
        Err(ReadError::Structure { fault, .. }) => assert_eq!(fault, expect, "{text}"),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn what_is_no_cxml_document_is_refused() {
    let request = "<Request><ProfileRequest/></Request>";
    let message = "<Message><PunchOutOrderMessage/></Message>";
    check_fault(&format!("<cXML>{SENDER}{SENDER}{request}</cXML>"), Fault::SecondHeader);
    check_fault(&format!("<cXML>{SENDER}{request}{request}</cXML>"), Fault::SecondBody);
    check_fault(&format!("<cXML>{SENDER}{request}{message}</cXML>"), Fault::SecondBody);
    check_fault(&format!("<cXML>{SENDER}</cXML>"), Fault::NoBody);
    check_fault("<cXML><Request/></cXML>", Fault::NoPayload);
    check_fault(
        "<cXML><Message><Status code='204' text='No Content'/></Message></cXML>",
        Fault::NoPayload,
    );
    check_fault("<html/>", Fault::Root);
    check_fault(&format!("<cxml>{request}</cxml>"), Fault::Root);
    check_fault(&format!("<CXML>{request}</CXML>"), Fault::Root);
    check_fault("<s:Envelope xmlns:s='urn:s'><s:Body/></s:Envelope>", Fault::Soap);
    check_fault("<Envelope><Body><cXML/></Body></Envelope>", Fault::Soap);
    check_fault(&format!("<x:cXML xmlns:x='urn:x'>{request}</x:cXML>"), Fault::Prefixed);
    check_fault(
        "<cXML xmlns:x='urn:x'><x:Request><ProfileRequest/></x:Request></cXML>",
        Fault::Prefixed,
    );
    check_fault(&format!("<cXML xmlns='urn:x'>{request}</cXML>"), Fault::Namespace);
}

#[test]
fn switches_tolerate_what_some_senders_write() {
    let options = ReadOptions {
        lower_case_root: true,
        body_optional: true,
        any_namespace: true,
        ..ReadOptions::default()
    };
    for text in [
        "<cxml><Response/></cxml>",
        "<cXML xmlns='urn:x'><Response/></cXML>",
        "<cXML/>",
    ] {
        assert!(Document::read(text, &Limits::default(), &options).is_ok(), "{text}");
    }
}

#[test]
fn findings_do_not_stop_the_reading() {
    let check = |text: &str, expect: &[(FindingKind, &str)]| {
        let findings = read(text).unwrap().findings;
        let got: Vec<_> = findings
            .list
            .iter()
            .map(|finding| (finding.kind, finding.subject.as_str()))
            .collect();
        assert_eq!(got, expect, "{text}");
    };
    use FindingKind::*;
    check(
        "<!DOCTYPE cxml><cXML><Response/></cXML>",
        &[
            (DoctypeName, "DOCTYPE"),
            (Xml(xml::FindingKind::DoctypeWithoutSystem), ""),
        ],
    );
    check(
        "<!DOCTYPE cXML SYSTEM 'file:///dev/random'><cXML><Response/></cXML>",
        &[(ForeignDoctype, "DOCTYPE")],
    );
    check(
        "<!DOCTYPE cXML SYSTEM 'https://xml.cXML.org/x/cXML.dtd'><cXML><Response/></cXML>",
        &[],
    );
    check(
        "<cXML a='1'><Response/><New/></cXML>",
        &[(UnknownAttribute, "cXML/@a"), (UnknownElement, "New")],
    );
    check(
        "<cXML><Response><Status/>stray<Status/></Response></cXML>",
        &[(Repeated, "Status"), (Xml(xml::FindingKind::StrayText), "")],
    );
    check(
        "<cXML><Response><ProfileResponse/><Status/></Response></cXML>",
        &[(OutOfOrder, "Status")],
    );
    check(
        "<cXML><Request><ProfileRequest/></Request><Header/></cXML>",
        &[(OutOfOrder, "Header")],
    );
    check(
        "<cXML><Header><To/><From/></Header><Request><ProfileRequest/></Request></cXML>",
        &[(OutOfOrder, "From")],
    );
    check(
        "<cXML><Request deploymentMode='live'><ProfileRequest/></Request></cXML>",
        &[(UnknownWord, "Request/@deploymentMode")],
    );
}

#[test]
fn findings_kept_are_bounded() {
    let text = format!("<cXML><Response>{}</Response></cXML>", "<X/>".repeat(1000));
    let findings = read(&text).unwrap().findings;
    assert_eq!((findings.list.len(), findings.count), (100, 999));
}

#[test]
fn an_identity_is_all_its_text() {
    let identity = |inside: &str| {
        credential(&format!("<Identity>{inside}</Identity>"))
            .0
            .identity()
            .to_owned()
    };
    assert_eq!(identity(" admin@good.com<!---->.evil.com\n"), "admin@good.com.evil.com");
    assert_eq!(identity("a<?x y?>b<![CDATA[<c>]]>&amp;&#100;"), "ab<c>&d");
    assert_eq!(identity(""), "");
}

#[test]
fn secrets_are_read_whole_and_redacted_whole() {
    let (sender, redacted) = credential("<SharedSecret>ab<!-- -->c<![CDATA[d]]> </SharedSecret>");
    assert_eq!(sender.shared_secret.as_ref().unwrap().reveal(), "abcd ");
    assert!(
        redacted.contains("<SharedSecret>[redacted]</SharedSecret>"),
        "{redacted}"
    );
    assert!(!format!("{sender:?}").contains("abcd"));

    let (sender, redacted) = credential("<SharedSecret1>mine</SharedSecret1><DigitalSignature>mine</DigitalSignature>");
    assert!(!redacted.contains("mine"), "{redacted}");
    assert!(!format!("{sender:?}").contains("mine"));

    let (sender, redacted) =
        credential("<CredentialMac type='FromSenderCredentials' creationDate='now'> mine </CredentialMac>");
    assert!(!redacted.contains("mine"), "{redacted}");
    let mac = sender.credential_mac.unwrap();
    assert_eq!(
        (mac.value.reveal(), mac.creation_date.unwrap().as_str()),
        (" mine ", "now")
    );
}

#[test]
fn secrets_are_redacted_wherever_they_stand() {
    let inner = "<x:SharedSecret>mine</x:SharedSecret><PCard number='mine' expiration='mine' name='John'/>";
    for place in [
        format!("<Request><CopyRequest><cXML><Header>{inner}</Header></cXML></CopyRequest></Request>"),
        format!(
            "<Request><OrderRequest><OrderRequestHeader><Payment>{inner}</Payment></OrderRequestHeader></OrderRequest></Request>"
        ),
        format!("<Request><PunchOutSetupRequest><BuyerCookie>a{inner}</BuyerCookie></PunchOutSetupRequest></Request>"),
        format!("<Request><PunchOutSetupRequest><Extrinsic>{inner}</Extrinsic></PunchOutSetupRequest></Request>"),
        format!(
            "<Request><OrderRequest><OrderRequestHeader><Comments>a{inner}</Comments></OrderRequestHeader></OrderRequest></Request>"
        ),
        format!(
            "<Request><OrderRequest><ItemOut><ItemID><BuyerPartID>{inner}</BuyerPartID></ItemID></ItemOut></OrderRequest></Request>"
        ),
        format!("<Response><Status>{inner}</Status></Response>"),
        format!("<Response/><New>{inner}</New>"),
    ] {
        let text = format!("<cXML xmlns:x='urn:x'>{place}</cXML>");
        let document = read(&text).unwrap();
        let redacted = redact(&text, &document.redactions);
        assert!(!redacted.contains("mine"), "{redacted}");
        assert!(redacted.contains("name='John'"), "{redacted}");
        assert!(!format!("{document:?}").contains("mine"), "{document:?}");
    }
}

#[test]
fn a_repeated_party_is_read_whole() {
    let to = |identity: &str| format!("<To><Credential domain='D'><Identity>{identity}</Identity></Credential></To>");
    let text = format!(
        "<cXML><Header>{}{}</Header><Request><ProfileRequest/></Request></cXML>",
        to("one"),
        to("two")
    );
    let document = read(&text).unwrap();
    let identities: Vec<&str> = document
        .header()
        .unwrap()
        .to
        .credentials
        .iter()
        .map(Credential::identity)
        .collect();
    assert_eq!(identities, ["one", "two"]);
    assert!(
        document
            .findings
            .list
            .iter()
            .any(|finding| finding.kind == FindingKind::Repeated)
    );
    assert!(document.write(&crate::cxml::WriteOptions::default()).is_ok());
}

#[test]
fn lines_and_memory_are_bounded() {
    let text = format!(
        "<cXML><Request><OrderRequest>{}</OrderRequest></Request></cXML>",
        "<ItemOut/>".repeat(4)
    );
    let read = |lines_max, memory_bytes_max| {
        let options = ReadOptions {
            lines_max,
            memory_bytes_max,
            ..ReadOptions::default()
        };
        Document::read(&text, &Limits::default(), &options).map(|_| ())
    };
    assert_eq!(read(4, 1 << 20), Ok(()));
    assert_eq!(read(3, 1 << 20), Err(ReadError::TooManyLines { lines_max: 3 }));
    assert_eq!(read(4, 4000), Err(ReadError::TooMuch { memory_bytes_max: 4000 }));
    let unknown = format!("<cXML {}>{}<Response/></cXML>", "a='' ", "<X/>".repeat(1000));
    let options = ReadOptions {
        memory_bytes_max: 50_000,
        ..ReadOptions::default()
    };
    let error = Document::read(&unknown, &Limits::default(), &options).unwrap_err();
    assert_eq!(
        error,
        ReadError::TooMuch {
            memory_bytes_max: 50_000
        }
    );
}

#[test]
fn a_fault_has_its_place() {
    let error = read("<cXML>\n <Request>\n </Request></cXML>").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 2, column 2: expected an element that says what is asked"
    );
}
