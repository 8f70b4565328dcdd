//! What a comparison found, kind by kind, and in words.

use serde_json::Value;

use crate::erp::fault::Fault;
use crate::service::import;
use crate::service::import::against::{self, Against};
use crate::store::drift::{Drift, HERE, THERE};

/// How one kind of rows compares.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Kind {
    /// The kind.
    pub kind: String,
    /// Rows of the store.
    pub here: u64,
    /// Rows of the ERP.
    pub there: u64,
    /// Partitions, and those with other hashes.
    pub parts: u64,
    /// Those of them whose rows or hashes differ.
    pub unlike: u64,
    /// By partition: rows here and there, hashes here and there.
    pub hashes: Vec<(u64, u64, String, String)>,
    /// Rows that differ.
    pub differences: u64,
    /// Rows of the ERP that cannot be taken, and are not compared.
    pub refused: u64,
    /// Why it was not compared.
    pub fault: Option<String>,
}

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// By kind of rows, in the order of the mapping.
    pub kinds: Vec<Kind>,
    /// The prices that were asked for, with both answers.
    pub prices: Vec<Value>,
    /// Everything that differs now, the accepted among it.
    pub drifts: Vec<Drift>,
    /// Whether the ERP did not answer, so that the rest was not compared.
    pub is_unanswered: bool,
}

impl Compared {
    /// Differences that nobody accepted.
    pub fn open(&self) -> impl Iterator<Item = &Drift> {
        self.drifts.iter().filter(|drift| drift.accepted_at.is_none())
    }

    /// Why it is not whole.
    pub fn faults(&self) -> Vec<String> {
        let faults = self.kinds.iter().filter_map(|kind| {
            let fault = kind.fault.as_ref()?;
            Some(format!("{}: {fault}", kind.kind))
        });
        faults.collect()
    }
}

impl Kind {
    pub(super) fn stopped(kind: &str, fault: &Fault) -> Kind {
        Kind {
            kind: kind.to_owned(),
            fault: Some(fault.text.clone()),
            ..Kind::default()
        }
    }

    /// What is compared beside rows.
    pub(super) fn beside(what: &str, count: u64, differences: usize, fault: Option<&Fault>) -> Kind {
        Kind {
            kind: what.to_owned(),
            here: count,
            there: count,
            differences: differences as u64,
            fault: fault.map(|fault| fault.text.clone()),
            ..Kind::default()
        }
    }

    pub(super) fn of(kind: import::Entity, against: &Against) -> Kind {
        let parts = &against.parts;
        let is_unlike = |part: &&against::Part| part.hash_here != part.hash_there;
        Kind {
            kind: kind.word().to_owned(),
            here: parts.iter().map(|part| part.here).sum(),
            there: parts.iter().map(|part| part.there).sum(),
            parts: parts.len() as u64,
            unlike: parts.iter().filter(is_unlike).count() as u64,
            hashes: parts
                .iter()
                .map(|part| (part.here, part.there, part.hash_here.clone(), part.hash_there.clone()))
                .collect(),
            differences: against.differences.len() as u64,
            refused: against.refused,
            fault: None,
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.fault {
            Some(fault) => write!(f, "{}: not compared: {fault}", self.kind),
            None if self.parts == 0 => write!(f, "{}: {} looked at, {} differ", self.kind, self.here, self.differences),
            None => write!(
                f,
                "{}: {} rows here, {} in the ERP; {} of {} partitions differ, {} rows; {} not comparable",
                self.kind, self.here, self.there, self.unlike, self.parts, self.differences, self.refused
            ),
        }
    }
}

/// A difference in lines: what it is about, then every field with both values.
pub fn told(drift: &Drift) -> String {
    let what = match drift.kind.as_str() {
        HERE => "only in the store",
        THERE => "only in the ERP",
        _ => "differs",
    };
    let fields = drift.fields.as_array().map(Vec::as_slice).unwrap_or_default();
    let value = |field: &Value, side: &str| field[side].as_str().unwrap_or("nothing").to_owned();
    let fields = fields.iter().map(|field| {
        let name = field["field"].as_str().unwrap_or_default();
        format!(
            "\n  {name}: {} here, {} in the ERP",
            value(field, "here"),
            value(field, "there")
        )
    });
    format!("{} {}: {what}{}", drift.entity, drift.key, fields.collect::<String>())
}
