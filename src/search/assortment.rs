//! What an account may buy, as bitmaps over the documents of a segment.
//!
//! A segment never changes, so a bitmap of the same rules over it never changes either: it is made when first needed
//! and kept while there is room. Accounts with the same rules share it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::index::SegmentId;
use tantivy::schema::{Field, IndexRecordOption, Term};
use tantivy::{DocSet, SegmentReader, TERMINATED};

use super::{Key, SearchError};
use crate::domain::terms::{Assorted, Assortment};

/// Bytes of bitmaps that are kept: those of some 500 different assortments over a million products.
const KEPT_BYTES_MAX: usize = 64 << 20;

/// A set of documents of one segment.
#[derive(Debug)]
pub(super) struct Bits(Box<[u64]>);

impl Bits {
    fn all(count: u32, is_in: bool) -> Self {
        let word = if is_in { u64::MAX } else { 0 };
        Bits(vec![word; count.div_ceil(64) as usize].into())
    }

    fn put(&mut self, document: u32, is_in: bool) {
        if let Some(word) = self.0.get_mut((document / 64) as usize) {
            let bit = 1 << (document % 64);
            *word = if is_in { *word | bit } else { *word & !bit };
        }
    }

    /// Whether a document is in it.
    pub fn has(&self, document: u32) -> bool {
        let word = self.0.get((document / 64) as usize);
        word.is_some_and(|word| word >> (document % 64) & 1 == 1)
    }
}

/// Rules and the segment they were laid over.
type Of = (u64, SegmentId);

#[derive(Default)]
struct Held {
    bits: HashMap<Of, (Arc<Bits>, u64)>,
    bytes: usize,
    /// Counts uses, so that what was not used for long goes first.
    uses: u64,
}

/// Bitmaps that were made and may be used again.
#[derive(Default)]
pub(super) struct Assortments(Mutex<Held>);

/// By which fields rules are looked up.
#[derive(Clone, Copy, Debug)]
pub(super) struct By {
    pub sku: Field,
    pub facets: Field,
}

impl Assortments {
    /// What the rules let through of a segment; `None` where they let everything through.
    pub fn over(
        &self,
        segment: &SegmentReader,
        assortment: &Assortment,
        by: By,
    ) -> Result<Option<Arc<Bits>>, SearchError> {
        if assortment.is_everything() {
            return Ok(None);
        }
        let mut hasher = DefaultHasher::new();
        assortment.hash(&mut hasher);
        let of = (hasher.finish(), segment.segment_id());
        if let Some(bits) = self.kept(of) {
            return Ok(Some(bits));
        }
        let bits = Arc::new(lay(segment, assortment, by)?);
        self.keep(of, &bits);
        Ok(Some(bits))
    }

    fn kept(&self, of: Of) -> Option<Arc<Bits>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.uses += 1;
        let uses = held.uses;
        let (bits, used) = held.bits.get_mut(&of)?;
        *used = uses;
        Some(Arc::clone(bits))
    }

    fn keep(&self, of: Of, bits: &Arc<Bits>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.uses += 1;
        let uses = held.uses;
        held.bytes += bits.0.len() * 8;
        held.bits.insert(of, (Arc::clone(bits), uses));
        if held.bytes <= KEPT_BYTES_MAX {
            return;
        }
        // Half of them go, the longest unused first.
        let mut used: Vec<u64> = held.bits.values().map(|(_, used)| *used).collect();
        used.sort_unstable();
        let middle = used.get(used.len() / 2).copied().unwrap_or(uses);
        held.bits.retain(|_, (_, used)| *used > middle);
        held.bytes = held.bits.values().map(|(bits, _)| bits.0.len() * 8).sum();
    }
}

fn lay(segment: &SegmentReader, assortment: &Assortment, by: By) -> Result<Bits, SearchError> {
    let is_limited = assortment.is_limited;
    let mut bits = Bits::all(segment.max_doc(), !is_limited);
    let rules = assortment.allowed.iter().map(|rule| (rule, true));
    for (rule, is_in) in rules.chain(assortment.denied.iter().map(|rule| (rule, false))) {
        let term = match rule {
            Assorted::Product(sku) => Term::from_field_text(by.sku, sku),
            Assorted::Category(code) => Term::from_field_text(by.facets, &Key::Category.term(code)),
        };
        let inverted = segment.inverted_index(term.field())?;
        let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::Basic)? else {
            continue;
        };
        while postings.doc() != TERMINATED {
            bits.put(postings.doc(), is_in);
            postings.advance();
        }
    }
    Ok(bits)
}
