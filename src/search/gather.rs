//! One walk over the documents that match: the best of them, how many there are, and how many have each value of a
//! facet.
//!
//! Where values of a facet are chosen, its other values are counted as if they were not: the reader sees what else there
//! is. So a document that fails one filter alone counts for that filter's facet, and one that fails two for nothing.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader, TantivyError};

use super::assortment::{Assortments, Bits, By};
use super::entry::value;
use super::{Counted, Filter, Key, Order};
use crate::domain::terms::Assortment;

/// Filters of one question at most; more are not read from addresses.
pub(super) const FILTERS_MAX: usize = 32;

/// What is gathered.
pub(super) struct Gather<'g> {
    pub assortment: &'g Assortment,
    pub assortments: &'g Assortments,
    pub by: By,
    pub filters: &'g [Filter],
    pub facets: &'g [Key],
    pub order: Order,
    /// How many of the best.
    pub count: usize,
}

/// What was gathered.
#[derive(Default)]
pub(super) struct Gathered {
    pub total: u64,
    /// The best first.
    pub best: Vec<DocAddress>,
    pub counted: Vec<Counted>,
}

/// A filter in one segment.
struct Chosen {
    values: Vec<u64>,
    all: Range<u64>,
}

/// The walk over one segment.
pub(super) struct SegmentGather {
    segment: SegmentOrdinal,
    offered: Option<Arc<Bits>>,
    facets: Option<StrColumn>,
    listing: Option<StrColumn>,
    order: Order,
    filters: Vec<Chosen>,
    /// Facets to count; the values of one are consecutive numbers in a segment.
    counted: Vec<(Key, Range<u64>)>,
    /// By the number of a value, where facets are counted.
    counts: Vec<u32>,
    total: u64,
    count: usize,
    best: BinaryHeap<Reverse<(u64, Reverse<DocId>)>>,
}

/// What one segment has.
pub(super) struct Fruit {
    total: u64,
    /// With what orders them: the fit, or the key of lists.
    best: Vec<(u64, String, DocAddress)>,
    counted: Vec<(Key, Vec<(String, u64)>)>,
}

impl Collector for Gather<'_> {
    type Fruit = Gathered;
    type Child = SegmentGather;

    fn for_segment(&self, segment: SegmentOrdinal, reader: &SegmentReader) -> tantivy::Result<SegmentGather> {
        let offered = self
            .assortments
            .over(reader, self.assortment, self.by)
            .map_err(|error| TantivyError::InternalError(error.to_string()))?;
        let columns = reader.fast_fields();
        let needs_facets = !self.filters.is_empty() || !self.facets.is_empty();
        let facets = if needs_facets { columns.str("facets")? } else { None };
        let listing = match self.order {
            Order::Fit => None,
            Order::Listing => columns.str("listing")?,
        };
        let mut gather = SegmentGather {
            segment,
            offered,
            listing,
            order: self.order,
            filters: Vec::with_capacity(self.filters.len()),
            counted: Vec::with_capacity(self.facets.len()),
            counts: Vec::new(),
            total: 0,
            count: self.count,
            best: BinaryHeap::with_capacity(self.count.min(1_000)),
            facets,
        };
        for filter in self.filters.iter().take(FILTERS_MAX) {
            let mut values = Vec::with_capacity(filter.values.len());
            if let Some(column) = &gather.facets {
                for chosen in &filter.values {
                    values.extend(column.dictionary().term_ord(filter.facet.term(chosen))?);
                }
            }
            let all = values_of(gather.facets.as_ref(), &filter.facet)?;
            gather.filters.push(Chosen { values, all });
        }
        for key in self.facets {
            let range = values_of(gather.facets.as_ref(), key)?;
            gather.counted.push((key.clone(), range));
        }
        if let Some(column) = gather.facets.as_ref().filter(|_| !self.facets.is_empty()) {
            gather.counts = vec![0; column.num_terms()];
        }
        Ok(gather)
    }

    fn requires_scoring(&self) -> bool {
        self.order == Order::Fit
    }

    fn merge_fruits(&self, fruits: Vec<tantivy::Result<Fruit>>) -> tantivy::Result<Gathered> {
        let mut gathered = Gathered::default();
        let mut best: Vec<(u64, String, DocAddress)> = Vec::new();
        let mut counts: HashMap<Key, HashMap<String, u64>> = HashMap::new();
        for fruit in fruits {
            let fruit = fruit?;
            gathered.total += fruit.total;
            best.extend(fruit.best);
            for (key, values) in fruit.counted {
                let of_key = counts.entry(key).or_default();
                for (value, count) in values {
                    *of_key.entry(value).or_default() += count;
                }
            }
        }
        best.sort_unstable_by(|a, b| (Reverse(a.0), &a.1, a.2).cmp(&(Reverse(b.0), &b.1, b.2)));
        gathered.best = best.into_iter().take(self.count).map(|(.., at)| at).collect();
        gathered.counted = self
            .facets
            .iter()
            .map(|key| Counted {
                facet: key.clone(),
                values: counts.remove(key).unwrap_or_default().into_iter().collect(),
            })
            .collect();
        Ok(gathered)
    }
}

/// The numbers of a facet's values in a segment.
fn values_of(column: Option<&StrColumn>, key: &Key) -> tantivy::Result<Range<u64>> {
    let Some(column) = column else { return Ok(0..0) };
    let prefix = key.prefix();
    // The character after the one between facet and value.
    let mut after = prefix.clone();
    after.pop();
    after.push('\u{20}');
    let count = column.num_terms() as u64;
    let place = |term: &str| -> tantivy::Result<u64> {
        let hit = column.dictionary().term_ord_or_next(term)?;
        Ok(match hit {
            tantivy::columnar::TermOrdHit::Exact(at) | tantivy::columnar::TermOrdHit::Next(at) => at.min(count),
        })
    };
    Ok(place(&prefix)?..place(&after)?)
}

impl SegmentGather {
    /// The filters that a document fails: none, one, or more than one.
    fn failed(&self, ordinals: &Column<u64>, document: DocId) -> Failed {
        let mut failed = Failed::None;
        for (at, filter) in self.filters.iter().enumerate() {
            let has = ordinals
                .values_for_doc(document)
                .any(|value| filter.values.contains(&value));
            failed = match (has, failed) {
                (true, failed) => failed,
                (false, Failed::None) => Failed::One(at),
                (false, _) => return Failed::More,
            };
        }
        failed
    }

    fn note(&mut self, document: DocId, score: Score) {
        let rank = match (&self.listing, self.order) {
            (Some(column), Order::Listing) => {
                let place = column.ords().first(document).unwrap_or(u64::MAX);
                u64::MAX - place
            }
            // Scores are not negative, so their bits are ordered as they are.
            _ => u64::from(score.to_bits()),
        };
        if self.best.len() >= self.count {
            let is_better = self
                .best
                .peek()
                .is_some_and(|Reverse(worst)| (rank, Reverse(document)) > *worst);
            if !is_better {
                return;
            }
            self.best.pop();
        }
        self.best.push(Reverse((rank, Reverse(document))));
    }

    fn fruit(self) -> tantivy::Result<Fruit> {
        let mut best = Vec::with_capacity(self.best.len());
        for Reverse((rank, Reverse(document))) in self.best {
            let at = DocAddress::new(self.segment, document);
            match &self.listing {
                None => best.push((rank, String::new(), at)),
                // Places in a list are those of the segment; keys are compared between segments.
                Some(column) => {
                    let mut key = String::new();
                    column.ord_to_str(u64::MAX - rank, &mut key)?;
                    best.push((0, key, at));
                }
            }
        }
        let mut counted = Vec::with_capacity(self.counted.len());
        for (key, range) in self.counted {
            let there: Vec<u64> = range
                .filter(|at| self.counts.get(*at as usize).is_some_and(|count| *count > 0))
                .collect();
            let mut values = Vec::with_capacity(there.len());
            if let Some(column) = &self.facets {
                let mut counts = there.iter().map(|at| u64::from(self.counts[*at as usize]));
                column.dictionary().sorted_ords_to_term_cb(&there, |term| {
                    let term = String::from_utf8_lossy(term);
                    values.push((value(&term).to_owned(), counts.next().unwrap_or(0)));
                })?;
            }
            counted.push((key, values));
        }
        Ok(Fruit {
            total: self.total,
            best,
            counted,
        })
    }
}

/// Which filters a document fails.
enum Failed {
    None,
    One(usize),
    More,
}

impl SegmentCollector for SegmentGather {
    type Fruit = tantivy::Result<Fruit>;

    fn collect(&mut self, document: DocId, score: Score) {
        if self.offered.as_ref().is_some_and(|offered| !offered.has(document)) {
            return;
        }
        if let Some(column) = &self.facets {
            let ordinals = column.ords();
            let range = match self.failed(ordinals, document) {
                Failed::More => return,
                Failed::None => None,
                Failed::One(at) => Some(self.filters[at].all.clone()),
            };
            if !self.counts.is_empty() {
                for value in ordinals.values_for_doc(document) {
                    let is_counted = range.as_ref().is_none_or(|range| range.contains(&value));
                    if let Some(count) = self.counts.get_mut(value as usize).filter(|_| is_counted) {
                        *count += 1;
                    }
                }
            }
            if range.is_some() {
                return;
            }
        }
        self.total += 1;
        self.note(document, score);
    }

    fn harvest(self) -> tantivy::Result<Fruit> {
        self.fruit()
    }
}
