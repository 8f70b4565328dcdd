//! Who owns which fields.

use askama::Template;

use super::{Frame, filters};
use crate::http::asset;
use crate::http::page::icon::Icon;
use crate::http::page::part::Status;

/// The fields of one source.
#[derive(Clone, Debug)]
pub struct FieldsOf<'a> {
    /// The source's code; empty where none is configured.
    pub source: &'a str,
    /// The kind of ERP, and the version of its mapping.
    pub erp: &'a str,
    /// The groups.
    pub rows: Vec<GroupRow<'a>>,
}

/// One group of fields.
#[derive(Clone, Debug)]
pub struct GroupRow<'a> {
    /// Its name.
    pub group: &'a str,
    /// What belongs to it.
    pub fields: &'a str,
    /// The system of record.
    pub owner: &'a str,
    /// Who writes it here.
    pub writer: &'a str,
    /// How current it is kept.
    pub mode: &'static str,
    /// How old it may be.
    pub target: String,
    /// How old it is, where the source brings it.
    pub age: Option<(String, Status<'static>)>,
    /// What is done where two say different things.
    pub conflict: &'a str,
}

/// The system-of-record document.
#[derive(Debug, Template)]
#[template(path = "admin/erp_fields.html")]
pub struct ErpFieldsPage<'a> {
    /// What stands around it.
    pub frame: Frame<'a>,
    /// By source.
    pub documents: Vec<FieldsOf<'a>>,
}
