//! How the simulated systems speak: data, each from what the real system is known to send.

/// How one procurement system speaks.
#[derive(Clone, Copy, Debug)]
pub struct Script {
    /// Short name; also the short name of the connection it uses.
    pub code: &'static str,
    /// The buying company.
    pub company: &'static str,
    /// The system's name.
    pub system: &'static str,
    /// The gateway's profile for such a system.
    pub profile: &'static str,
    /// The customer account at the supplier.
    pub account: &'static str,
    /// `From`, by domain and identity.
    pub from: (&'static str, &'static str),
    /// `Sender`, by domain and identity.
    pub sender: (&'static str, &'static str),
    /// `Sender/UserAgent`.
    pub user_agent: &'static str,
    /// Version in the document type.
    pub version: &'static str,
    /// `DOCTYPE` as the system writes it: with it or without.
    pub with_doctype: bool,
    /// The user who shops: unique name, e-mail, name.
    pub user: (&'static str, &'static str, &'static str),
    /// Whether the user comes as `Extrinsic` (else as `Contact`).
    pub user_as_extrinsic: bool,
    /// Ship-to: address identifier, name, city, country.
    pub ship_to: (&'static str, &'static str, &'static str, &'static str),
}

/// `To` of all: the demonstration's supplier.
pub const SUPPLIER: (&str, &str) = ("DUNS", "999000001");

/// The five buyers of the demonstration.
pub const SCRIPTS: [Script; 5] = [
    Script {
        code: "globex",
        company: "Globex",
        system: "Ariba",
        profile: "ariba",
        account: "10010",
        from: ("NetworkId", "AN01000002792"),
        sender: ("NetworkId", "AN01000000087"),
        user_agent: "Buyer 14s2",
        version: "1.2.052",
        with_doctype: true,
        user: ("mgarcia", "maria.garcia@globex.example", "Maria Garcia"),
        user_as_extrinsic: true,
        ship_to: ("1000-HQ", "Globex Springfield Works", "Springfield", "US"),
    },
    Script {
        code: "initech",
        company: "Initech",
        system: "Coupa",
        profile: "coupa",
        account: "20020",
        from: ("DUNS", "079928354"),
        sender: ("DUNS", "079928354"),
        user_agent: "Coupa Procurement 1.0",
        version: "1.2.020",
        with_doctype: true,
        user: ("blumbergh", "bill@initech.example", "Bill Lumbergh"),
        user_as_extrinsic: true,
        ship_to: ("AUS-2", "Initech Austin", "Austin", "US"),
    },
    Script {
        code: "leipzig",
        company: "Globex Leipzig",
        system: "Jaggaer",
        profile: "jaggaer",
        account: "10011",
        from: ("NetworkID", "globex-leipzig"),
        sender: ("NetworkID", "globex-leipzig"),
        user_agent: "SciQuest 24.1",
        version: "1.2.011",
        with_doctype: true,
        user: ("kpetersen", "k.petersen@leipzig.globex.example", "Karen Petersen"),
        user_as_extrinsic: false,
        ship_to: ("LEJ-03", "Globex Leipzig, Gate 3", "Leipzig", "DE"),
    },
    Script {
        code: "umbrella",
        company: "Umbrella Logistics",
        system: "Oracle",
        profile: "oracle",
        account: "30030",
        from: ("internalsupplierid", "umbrella-01"),
        sender: ("internalsupplierid", "umbrella-01"),
        user_agent: "Oracle Fusion Self Service Procurement",
        version: "1.1.007",
        with_doctype: true,
        user: ("awesker", "alba.wesker@umbrella.example", "Alba Wesker"),
        user_as_extrinsic: true,
        ship_to: ("RC-1", "Umbrella Hub North", "Rotterdam", "NL"),
    },
    Script {
        code: "stark",
        company: "Stark Manufacturing",
        system: "Workday",
        profile: "workday",
        account: "40040",
        from: ("NetworkID", "stark"),
        sender: ("NetworkID", "stark"),
        user_agent: "Workday",
        version: "1.2.014",
        with_doctype: false,
        user: ("ppotts", "pepper@stark.example", "Pepper Potts"),
        user_as_extrinsic: false,
        ship_to: ("NY-1", "Stark Warehouse", "New York", "US"),
    },
];
