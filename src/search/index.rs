//! The index of one supplier: made of entries, brought up to date, asked.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tantivy::directory::RamDirectory;
use tantivy::indexer::IndexWriterOptions;
use tantivy::merge_policy::LogMergePolicy;
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::store::Compressor;
use tantivy::tokenizer::{TextAnalyzer, WhitespaceTokenizer};
use tantivy::{IndexReader, IndexSettings, IndexWriter, ReloadPolicy, TantivyDocument, Term};

use super::assortment::{Assortments, By};
use super::entry::{Entry, Weight};
use super::synonyms::Synonyms;
use super::words::{self, Stems};
use super::{OwnNumbers, SearchError};
use crate::domain::product::listing_key;

/// What a new index may take while it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    threads: usize,
    /// Bytes that each thread gathers before it makes a segment of them; it takes a good part of them at once.
    bytes: usize,
}

impl Room {
    /// For some thousand products.
    pub const SMALL: Room = Room {
        threads: 1,
        bytes: UPDATE_BYTES,
    };
    /// For any number of products; two threads, since the machine has others to serve.
    pub const LARGE: Room = Room {
        threads: 2,
        bytes: 64 << 20,
    };
}

/// Bytes for the writer that brings an index up to date: some thousand entries.
const UPDATE_BYTES: usize = 16 << 20;
/// How often a word of a name counts, for one in any other text.
const NAME_WEIGHT: usize = 3;
/// The part of deleted entries from which a segment is written anew.
const DELETED_RATIO_MAX: f32 = 0.3;

/// The fields of the index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    /// The part number as it is written.
    pub sku: Field,
    /// Stems of all texts.
    pub words: Field,
    /// Words of names as they are written, in lower case.
    pub names: Field,
    /// Part numbers by letters and digits alone.
    pub numbers: Field,
    /// Facets with their values.
    pub facets: Field,
    /// What lists are ordered by, then the part number.
    pub listing: Field,
}

/// Between what lists are ordered by and the part number.
const BETWEEN: char = '\u{0}';

impl Fields {
    fn new() -> (Fields, Schema) {
        let mut schema = Schema::builder();
        let text = |tokenizer: &str, option: IndexRecordOption, norms: bool| {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer(tokenizer)
                .set_index_option(option)
                .set_fieldnorms(norms);
            TextOptions::default().set_indexing_options(indexing)
        };
        let fields = Fields {
            sku: schema.add_text_field("sku", text("raw", IndexRecordOption::Basic, false)),
            words: schema.add_text_field("words", text(BLANKS, IndexRecordOption::WithFreqs, true)),
            names: schema.add_text_field("names", text(BLANKS, IndexRecordOption::Basic, false)),
            numbers: schema.add_text_field("numbers", text(BLANKS, IndexRecordOption::Basic, false)),
            facets: schema.add_text_field("facets", text("raw", IndexRecordOption::Basic, false).set_fast("raw")),
            listing: schema.add_text_field("listing", TextOptions::default().set_fast("raw")),
        };
        (fields, schema.build())
    }

    /// By what the rules of assortments are looked up.
    pub fn by(&self) -> By {
        By {
            sku: self.sku,
            facets: self.facets,
        }
    }
}

/// The tokenizer that cuts at blanks: what it is given are words already.
const BLANKS: &str = "blanks";

/// Makes an index.
pub struct Builder {
    index: tantivy::Index,
    directory: RamDirectory,
    fields: Fields,
    writer: IndexWriter,
    stems: Stems,
}

/// An index that can be asked.
pub struct Index {
    directory: RamDirectory,
    pub(super) fields: Fields,
    pub(super) reader: IndexReader,
    writer: Mutex<IndexWriter>,
    pub(super) stems: Stems,
    pub(super) assortments: Assortments,
    beside: RwLock<Arc<Beside>>,
}

/// What a search knows beside the index.
#[derive(Default)]
pub(super) struct Beside {
    pub synonyms: Synonyms,
    pub own_numbers: OwnNumbers,
}

/// How large an index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Products in it.
    pub products: u64,
    /// Bytes of it.
    pub bytes: u64,
    /// Of these, bytes of what is given back: the keys of lists with the part numbers.
    pub stored_bytes: u64,
    /// Segments it consists of.
    pub segments: usize,
}

impl Builder {
    /// A new index for texts in these languages, written in this room; `own` are the languages that texts of no said
    /// language may be in.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn new(languages: &[String], own: &[String], room: Room) -> Result<Builder, SearchError> {
        let (fields, schema) = Fields::new();
        let directory = RamDirectory::create();
        let settings = IndexSettings {
            docstore_compression: Compressor::None,
            docstore_compress_dedicated_thread: false,
            ..IndexSettings::default()
        };
        let index = tantivy::Index::create(directory.clone(), schema, settings)?;
        let blanks = TextAnalyzer::builder(WhitespaceTokenizer::default()).build();
        index.tokenizers().register(BLANKS, blanks);
        let writer = writer(&index, room)?;
        Ok(Builder {
            index,
            directory,
            fields,
            writer,
            stems: Stems::new(languages, own),
        })
    }

    /// Adds an entry; each part number once.
    ///
    /// # Errors
    /// The index would not.
    pub fn add(&mut self, entry: &Entry) -> Result<(), SearchError> {
        let document = document(&self.fields, entry, &mut self.stems);
        self.writer.add_document(document)?;
        Ok(())
    }

    /// The index of what was added, in one segment.
    ///
    /// # Errors
    /// The index would not.
    pub fn finish(mut self) -> Result<Index, SearchError> {
        self.writer.commit()?;
        self.writer.wait_merging_threads()?;
        let mut writer = writer(&self.index, Room::SMALL)?;
        let segments = self.index.searchable_segment_ids()?;
        if segments.len() > 1 {
            writer.merge(&segments).wait()?;
        }
        writer.garbage_collect_files().wait()?;
        let reader = self
            .index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()?;
        Ok(Index {
            directory: self.directory,
            fields: self.fields,
            reader,
            writer: Mutex::new(writer),
            stems: self.stems.fresh(),
            assortments: Assortments::default(),
            beside: RwLock::default(),
        })
    }
}

fn writer(index: &tantivy::Index, room: Room) -> Result<IndexWriter, SearchError> {
    let options = IndexWriterOptions::builder()
        .num_worker_threads(room.threads)
        .memory_budget_per_thread(room.bytes)
        .num_merge_threads(1)
        .build();
    let writer: IndexWriter = index.writer_with_options(options)?;
    let mut policy = LogMergePolicy::default();
    policy.set_del_docs_ratio_before_merge(DELETED_RATIO_MAX);
    writer.set_merge_policy(Box::new(policy));
    Ok(writer)
}

impl Index {
    /// Replaces entries and takes others away, by their part numbers; searches see all of it or nothing.
    ///
    /// # Errors
    /// The index would not; it then has to be made anew.
    pub fn update(&self, entries: &[Entry], gone: &[String]) -> Result<(), SearchError> {
        let mut writer = self.writer.lock().map_err(|_| SearchError::Poisoned)?;
        let mut stems = self.stems.clone();
        for sku in gone.iter().chain(entries.iter().map(|entry| &entry.sku)) {
            writer.delete_term(Term::from_field_text(self.fields.sku, sku));
        }
        for entry in entries {
            writer.add_document(document(&self.fields, entry, &mut stems))?;
        }
        writer.commit()?;
        self.reader.reload()?;
        Ok(())
    }

    /// Knows other words that mean the same, each row with whether it is two-way.
    pub fn replace_synonyms(&self, rows: &[(Vec<String>, bool)]) {
        let rows = rows.iter().map(|(words, is_two_way)| (words.as_slice(), *is_two_way));
        let synonyms = Synonyms::new(rows, &mut self.stems.clone());
        let own_numbers = self.beside().own_numbers.clone();
        self.replace_beside(Beside { synonyms, own_numbers });
    }

    /// Knows other part numbers of the accounts' own.
    pub fn replace_own_numbers(&self, own_numbers: OwnNumbers) {
        let synonyms = self.beside().synonyms.clone();
        self.replace_beside(Beside { synonyms, own_numbers });
    }

    pub(super) fn beside(&self) -> Arc<Beside> {
        Arc::clone(&self.beside.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace_beside(&self, beside: Beside) {
        *self.beside.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(beside);
    }

    /// How large it is.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn size(&self) -> Result<Size, SearchError> {
        let searcher = self.reader.searcher();
        let mut stored_bytes = 0;
        for segment in searcher.segment_readers() {
            stored_bytes += segment.fast_fields().column_num_bytes("listing")?.get_bytes();
        }
        Ok(Size {
            products: searcher.num_docs(),
            bytes: self.directory.total_mem_usage() as u64,
            stored_bytes,
            segments: searcher.segment_readers().len(),
        })
    }
}

/// The part number in a key of lists.
pub(super) fn sku_of(listing: &str) -> &str {
    listing.rsplit_once(BETWEEN).map_or(listing, |(_, sku)| sku)
}

fn document(fields: &Fields, entry: &Entry, stems: &mut Stems) -> TantivyDocument {
    let mut document = TantivyDocument::default();
    let (mut all, mut names) = (String::new(), Vec::new());
    for text in &entry.texts {
        let language = text.language.as_deref();
        let times = if text.weight == Weight::Name { NAME_WEIGHT } else { 1 };
        for word in words::split(&text.text) {
            let mut add = |word: &str| {
                for stem in stems.of_text(language, word) {
                    for _ in 0..times {
                        all.push_str(&stem);
                        all.push(' ');
                    }
                }
            };
            add(&word);
            words::parts(&word).into_iter().for_each(add);
            let is_offered = text.weight != Weight::Body && words::is_spelled(&word) && !words::says_nothing(&word);
            if is_offered && !names.contains(&word) {
                names.push(word);
            }
        }
    }
    let mut numbers: Vec<String> = entry.numbers.iter().map(|text| words::number(text)).collect();
    numbers.retain(|number| !number.is_empty());
    numbers.sort_unstable();
    numbers.dedup();
    document.add_text(fields.sku, &entry.sku);
    document.add_text(fields.words, all);
    document.add_text(fields.names, names.join(" "));
    document.add_text(fields.numbers, numbers.join(" "));
    for (key, value) in &entry.facets {
        document.add_text(fields.facets, key.term(value));
    }
    let listing = format!("{}{BETWEEN}{}", listing_key(&entry.listed_as), entry.sku);
    document.add_text(fields.listing, listing);
    document
}
