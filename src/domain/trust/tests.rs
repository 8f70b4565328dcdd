use super::*;
use crate::domain::party::ConnectionSettings;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn tenant(n: u128) -> Tenant {
    Tenant {
        id: id(n),
        code: format!("t{n}"),
        name: String::new(),
        time_zone: "UTC".into(),
        currency: "USD".into(),
    }
}

fn entry(tenant: u128, n: u128, mode: DeploymentMode, state: ConnectionState) -> Entry {
    let settings = ConnectionSettings {
        return_encoding: Some(crate::domain::party::ReturnEncoding::CxmlBase64),
        cxml_version: Some("1.2.069".into()),
        start_seconds: Some(300),
        shopping_seconds: Some(300),
        quote_seconds: Some(300),
        operation_allowed: Some("edit".into()),
        conflict_answer: Some(crate::domain::party::ConflictAnswer::Hold),
        update_unknown_creates: Some(false),
        order_version_suffix: Some(false),
        price_tolerance_percent: Some("0".into()),
        payment_required: Some(false),
        signature_required: Some(false),
        accept_test_documents: Some(false),
        credential_mac: Some(false),
        credential_mac_seconds_max: Some(1),
        secret_match: Some(crate::domain::party::SecretMatch::Exact),
        root_any_case: Some(false),
        inbound_grammar: Some(crate::domain::party::InboundGrammar::Lenient),
        time_zone: Some("UTC".into()),
        requests_per_minute: Some(1),
        cart_lines_max: Some(1),
        ..ConnectionSettings::default()
    };
    Entry {
        buyer: Buyer {
            tenant_id: id(tenant),
            id: id(n),
            code: String::new(),
            name: String::new(),
        },
        connection: Connection {
            tenant_id: id(tenant),
            id: id(n),
            buyer_id: id(n),
            code: format!("c{n}"),
            name: String::new(),
            profile: "generic".into(),
            mode,
            state,
            account_code: String::new(),
            settings: settings.clone(),
            created_at: jiff::Timestamp::UNIX_EPOCH,
        },
        settings: settings.resolve().unwrap(),
        secrets: Vec::new(),
        certificates: Vec::new(),
    }
}

fn identity(tenant: u128, connection: Option<u128>, role: IdentityRole, domain: &str, value: &str) -> Identity {
    Identity {
        tenant_id: id(tenant),
        id: Uuid::nil(),
        connection_id: connection.map(id),
        role,
        domain: domain.into(),
        identity: value.into(),
    }
}

/// Two suppliers; a hub that sends for Globex (11), its test twin (13) and Initech (12); a suspended one (14); a
/// marketplace member (15); one of the other supplier (21).
fn directory() -> Directory {
    use ConnectionState::{Active, Suspended};
    use DeploymentMode::{Production, Test};
    use IdentityRole::{From, Sender, To};
    let hub = |n| identity(1, Some(n), Sender, "NetworkID", "HUB");
    let identities = vec![
        identity(1, None, To, "DUNS", "supplier1"),
        identity(1, None, To, "NetworkID", "AN-SUP1"),
        identity(2, None, To, "DUNS", "supplier2"),
        hub(11),
        hub(12),
        hub(13),
        hub(14),
        hub(15),
        identity(1, Some(11), From, "NetworkID", "AN-GLOBEX"),
        identity(1, Some(11), From, "internal", "globex"),
        identity(1, Some(13), From, "NetworkID", "AN-GLOBEX"),
        identity(1, Some(12), From, "NetworkID", "AN-INITECH"),
        identity(1, Some(14), From, "NetworkID", "AN-HELD"),
        identity(1, Some(15), From, "NetworkID;marketplace", "AN-MARKET"),
        identity(1, Some(15), From, "member", "acme"),
        identity(2, Some(21), Sender, "DUNS", "other"),
        identity(2, Some(21), From, "DUNS", "other"),
    ];
    let entries = vec![
        entry(1, 11, Production, Active),
        entry(1, 12, Production, Active),
        entry(1, 13, Test, Active),
        entry(1, 14, Production, Suspended),
        entry(1, 15, Production, Active),
        entry(2, 21, Production, Active),
    ];
    Directory::new(vec![tenant(1), tenant(2)], entries, &identities)
}

fn claims(list: &[(&str, &str)]) -> Vec<Claim> {
    list.iter()
        .map(|(domain, identity)| {
            let marketplace = domain.ends_with('!');
            Claim::new(domain.trim_end_matches('!'), identity, marketplace)
        })
        .collect()
}

#[test]
fn the_table_of_trust() {
    use DeploymentMode::{Production, Test};
    const HUB: &[(&str, &str)] = &[("networkid", "hub")];
    const US: &[(&str, &str)] = &[("DUNS", "SUPPLIER1")];
    const GLOBEX: &[(&str, &str)] = &[("NetworkId", "an-globex")];
    for (name, sender, from, to, mode, expected) in [
        ("plain", HUB, GLOBEX, US, Production, "c11"),
        ("test twin", HUB, GLOBEX, US, Test, "c13"),
        (
            "second known domain",
            HUB,
            &[("NetworkID", "AN-GLOBEX"), ("internal", "globex")],
            US,
            Production,
            "c11",
        ),
        (
            "second unknown domain",
            HUB,
            &[("NetworkID", "AN-GLOBEX"), ("foo", "bar")],
            US,
            Production,
            "c11",
        ),
        (
            "second domain, other value",
            HUB,
            &[("NetworkID", "AN-GLOBEX"), ("internal", "x")],
            US,
            Test,
            "c13",
        ),
        (
            "two parties in From",
            HUB,
            &[("NetworkID", "AN-INITECH"), ("internal", "globex")],
            US,
            Production,
            "c12",
        ),
        (
            "one domain twice",
            HUB,
            &[("NetworkID", "AN-GLOBEX"), ("NetworkID", "AN-INITECH")],
            US,
            Production,
            "401 from.ambiguous",
        ),
        (
            "same credential twice",
            HUB,
            &[("NetworkID", "AN-GLOBEX"), ("networkid", "an-globex")],
            US,
            Production,
            "c11",
        ),
        (
            "unknown Sender",
            &[("DUNS", "nobody")],
            GLOBEX,
            US,
            Production,
            "401 sender.unknown",
        ),
        ("no Sender", &[], GLOBEX, US, Production, "401 sender.unknown"),
        (
            "two Senders",
            &[("NetworkID", "HUB"), ("DUNS", "other")],
            GLOBEX,
            US,
            Production,
            "401 sender.ambiguous",
        ),
        (
            "Sender domain twice",
            &[("NetworkID", "HUB"), ("NetworkID", "X")],
            GLOBEX,
            US,
            Production,
            "401 sender.ambiguous",
        ),
        (
            "From not linked",
            HUB,
            &[("DUNS", "other")],
            US,
            Production,
            "403 from.foreign",
        ),
        ("From missing", HUB, &[], US, Production, "403 from.foreign"),
        (
            "To another supplier",
            HUB,
            GLOBEX,
            &[("DUNS", "supplier2")],
            Production,
            "403 to.foreign",
        ),
        (
            "To two suppliers",
            HUB,
            GLOBEX,
            &[("DUNS", "supplier2"), ("NetworkID", "AN-SUP1")],
            Production,
            "403 to.unknown",
        ),
        (
            "To nobody",
            HUB,
            GLOBEX,
            &[("DUNS", "zz")],
            Production,
            "403 to.unknown",
        ),
        (
            "To us in two domains",
            HUB,
            GLOBEX,
            &[("DUNS", "supplier1"), ("NetworkID", "AN-SUP1"), ("x", "y")],
            Production,
            "c11",
        ),
        ("From and To swapped", HUB, US, GLOBEX, Production, "403 to.unknown"),
        (
            "suspended",
            HUB,
            &[("NetworkID", "AN-HELD")],
            US,
            Production,
            "403 connection.suspended",
        ),
        (
            "test on production",
            HUB,
            &[("NetworkID", "AN-INITECH")],
            US,
            Test,
            "403 mode.mismatch",
        ),
        (
            "marketplace with member",
            HUB,
            &[("NetworkID!", "AN-MARKET"), ("member", "acme")],
            US,
            Production,
            "c15",
        ),
        (
            "marketplace, unknown member",
            HUB,
            &[("NetworkID!", "AN-MARKET"), ("member", "zz")],
            US,
            Production,
            "403 from.foreign",
        ),
        (
            "marketplace alone",
            HUB,
            &[("NetworkID!", "AN-MARKET")],
            US,
            Production,
            "403 from.foreign",
        ),
        (
            "unknown marketplace",
            HUB,
            &[("NetworkID!", "AN-OTHER"), ("member", "acme")],
            US,
            Production,
            "403 from.foreign",
        ),
    ] {
        let directory = directory();
        let claims = Claims {
            from: claims(from),
            to: claims(to),
            sender: claims(sender),
        };
        let outcome = directory
            .senders(&claims)
            .and_then(|known| directory.authorise(&known, &claims, mode));
        let word = match outcome {
            Ok(admitted) => admitted.known.connection.code.clone(),
            Err(Denied::Sender(kind)) => format!("401 {kind}"),
            Err(Denied::Forbidden(kind)) => format!("403 {kind}"),
        };
        assert_eq!(word, expected, "{name}");
    }
}
