//! From what was typed to what is found.

use tantivy::query::{AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, EmptyQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Term};
use tantivy::{DocAddress, Searcher};

use super::gather::Gather;
use super::index::{Beside, Index, sku_of};
use super::vocabulary::{completions, corrections, is_there};
use super::words::{self, Stems};
use super::{Ask, Counted, Key, Order, SearchError};

/// Words of a search; what is behind them is left out.
const WORDS_MAX: usize = 12;
/// Words and numbers that one begun word may stand for.
const BEGUN_MAX: usize = 32;
/// Words that one with a typing error may stand for.
const MEANT_MAX: usize = 4;
/// Letters from which a word may be only begun.
const BEGUN_CHARS: usize = 2;
/// Characters from which a part number may be only begun.
const BEGUN_NUMBER_CHARS: usize = 3;
/// How much more a part number counts than words.
const NUMBER_BOOST: f32 = 1_000.0;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// How many products there are.
    pub total: u64,
    /// Part numbers of the asked part of them, the best first.
    pub skus: Vec<String>,
    /// The facets that were asked for.
    pub counted: Vec<Counted>,
    /// What was searched for instead, where a word was taken for a typing error.
    pub instead: Option<String>,
    /// Where nothing is found: words that no product has which the account may buy, nor any that is like them.
    pub unknown: Vec<String>,
    /// Where nothing has all the words: how many products have each of the others, in their order.
    pub alone: Vec<(String, u64)>,
}

/// One word of a search, or several that stand together.
struct Clause {
    /// As it was typed.
    typed: String,
    /// What it was taken for, where it was taken for a typing error: words of products that the account may buy.
    meant: Vec<String>,
    /// `None` where no product has it.
    query: Option<Box<dyn Query>>,
}

impl Index {
    /// Searches.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn find(&self, ask: &Ask<'_>) -> Result<Found, SearchError> {
        let searcher = self.reader.searcher();
        let mut reading = Reading {
            index: self,
            searcher: &searcher,
            beside: &self.beside(),
            stems: self.stems.clone(),
        };
        let clauses = reading.clauses(ask)?;
        let mut found = Found::default();
        let numbers = reading.whole_number(ask)?;
        let text = together(&clauses, numbers, ask.text);
        let gathered = self.gather(&searcher, text, ask)?;
        found.total = gathered.total;
        found.counted = gathered.counted;
        found.skus = skus(
            &searcher,
            gathered
                .best
                .get(ask.skip.min(gathered.best.len())..)
                .unwrap_or_default(),
        )?;
        if found.total == 0 {
            self.tell_apart(&searcher, &clauses, ask, &mut found)?;
        } else if clauses.iter().any(|clause| !clause.meant.is_empty()) {
            let used = clauses.iter().map(|clause| match clause.meant.is_empty() {
                true => clause.typed.clone(),
                false => clause.meant.join(" / "),
            });
            found.instead = Some(used.collect::<Vec<_>>().join(" "));
        }
        Ok(found)
    }

    /// Why nothing was found, word by word. Whether others may buy what has a word is nobody's business.
    fn tell_apart(
        &self,
        searcher: &Searcher,
        clauses: &[Clause],
        ask: &Ask<'_>,
        found: &mut Found,
    ) -> Result<(), SearchError> {
        for clause in clauses {
            let query = clause.query.as_ref();
            let is_known = match query {
                Some(query) => self.count_everywhere(searcher, query.box_clone(), ask)? > 0,
                None => false,
            };
            let Some(query) = query.filter(|_| is_known) else {
                found.unknown.push(clause.typed.clone());
                continue;
            };
            if clauses.len() > 1 {
                let count = self.gather(searcher, query.box_clone(), &counting(ask))?.total;
                found.alone.push((clause.typed.clone(), count));
            }
        }
        Ok(())
    }

    /// How many products that the account may buy have something, whatever they are narrowed down to.
    fn count_everywhere(&self, searcher: &Searcher, query: Box<dyn Query>, ask: &Ask<'_>) -> Result<u64, SearchError> {
        let everywhere = Ask {
            category: None,
            filters: &[],
            ..counting(ask)
        };
        Ok(self.gather(searcher, query, &everywhere)?.total)
    }

    fn gather(
        &self,
        searcher: &Searcher,
        text: Box<dyn Query>,
        ask: &Ask<'_>,
    ) -> Result<super::gather::Gathered, SearchError> {
        let gather = Gather {
            assortment: ask.assortment,
            assortments: &self.assortments,
            by: self.fields.by(),
            filters: ask.filters,
            facets: ask.facets,
            order: if ask.text.trim().is_empty() {
                Order::Listing
            } else {
                ask.order
            },
            count: ask.skip.saturating_add(ask.take),
        };
        let query: Box<dyn Query> = match ask.category {
            None => text,
            Some(code) => {
                let category = Term::from_field_text(self.fields.facets, &Key::Category.term(code));
                let category = Box::new(ConstScoreQuery::new(basic(category), 0.0));
                Box::new(BooleanQuery::new(vec![(Occur::Must, text), (Occur::Must, category)]))
            }
        };
        Ok(searcher.search(&query, &gather)?)
    }
}

/// The same question for how many there are, and nothing else.
fn counting<'q>(ask: &Ask<'q>) -> Ask<'q> {
    Ask {
        take: 0,
        skip: 0,
        facets: &[],
        ..ask.clone()
    }
}

/// One reading of what was typed.
struct Reading<'r> {
    index: &'r Index,
    searcher: &'r Searcher,
    beside: &'r Beside,
    stems: Stems,
}

impl Reading<'_> {
    fn clauses(&mut self, ask: &Ask<'_>) -> Result<Vec<Clause>, SearchError> {
        let mut typed = words::split(ask.text);
        typed.truncate(WORDS_MAX);
        if typed.iter().any(|word| !words::says_nothing(word)) {
            typed.retain(|word| !words::says_nothing(word));
        }
        let mut clauses = Vec::with_capacity(typed.len());
        let mut rest = &typed[..];
        while !rest.is_empty() {
            let is_last = |count: usize| ask.is_begun && count == rest.len();
            let (count, others) = match self.beside.synonyms.of(rest, &mut self.stems) {
                Some((count, others)) => (count, others),
                None => (1, Vec::new()),
            };
            let clause = self.clause(&rest[..count], &others, is_last(count), ask)?;
            clauses.push(clause);
            rest = &rest[count..];
        }
        Ok(clauses)
    }

    /// Words that stand together, with the others that they stand for.
    fn clause(
        &mut self,
        typed: &[String],
        others: &[Vec<String>],
        is_begun: bool,
        ask: &Ask<'_>,
    ) -> Result<Clause, SearchError> {
        let mut clause = Clause {
            typed: typed.join(" "),
            meant: Vec::new(),
            query: None,
        };
        let mut ways: Vec<Box<dyn Query>> = Vec::new();
        for phrase in std::iter::once(typed).chain(others.iter().map(Vec::as_slice)) {
            ways.extend(self.phrase(phrase)?);
        }
        if let (true, [.., last]) = (is_begun, typed) {
            let begun = self.begun(last)?;
            ways.extend(begun);
        }
        if let (true, [word]) = (ways.is_empty(), typed) {
            ways = self.begun(word)?;
        }
        if let (true, [word]) = (ways.is_empty() && words::is_spelled(&clause.typed), typed) {
            for meant in corrections(self.searcher, self.index.fields.names, word, MEANT_MAX)? {
                // To name a word is to say that there is something of it.
                let Some(query) = either(self.word(&meant)?) else {
                    continue;
                };
                if self.index.count_everywhere(self.searcher, query.box_clone(), ask)? > 0 {
                    ways.push(query);
                    clause.meant.push(meant);
                }
            }
        }
        clause.query = either(ways);
        Ok(clause)
    }

    /// All words of a phrase; nothing where one is not there.
    fn phrase(&mut self, phrase: &[String]) -> Result<Option<Box<dyn Query>>, SearchError> {
        let mut all: Vec<Box<dyn Query>> = Vec::with_capacity(phrase.len());
        for word in phrase {
            match either(self.word(word)?) {
                Some(query) => all.push(query),
                None => return Ok(None),
            }
        }
        Ok(match all.len() {
            0 | 1 => all.pop(),
            _ => Some(Box::new(BooleanQuery::intersection(all))),
        })
    }

    /// The terms that a word is, those that are there.
    fn word(&mut self, word: &str) -> Result<Vec<Box<dyn Query>>, SearchError> {
        let mut ways: Vec<Box<dyn Query>> = Vec::with_capacity(2);
        for stem in self.stems.of_search(word) {
            let term = Term::from_field_text(self.index.fields.words, &stem);
            if is_there(self.searcher, &term)? {
                ways.push(Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)));
            }
        }
        if has_digit(word) {
            let number = Term::from_field_text(self.index.fields.numbers, &words::number(word));
            if is_there(self.searcher, &number)? {
                ways.push(boosted(number));
            }
        }
        Ok(ways)
    }

    /// What a word goes on to.
    fn begun(&mut self, word: &str) -> Result<Vec<Box<dyn Query>>, SearchError> {
        let mut ways: Vec<Box<dyn Query>> = Vec::new();
        let number = words::number(word);
        if has_digit(word) && number.len() >= BEGUN_NUMBER_CHARS {
            for number in completions(self.searcher, self.index.fields.numbers, &number, BEGUN_MAX)? {
                ways.push(plain(self.index.fields.numbers, &number));
            }
        }
        if word.chars().count() >= BEGUN_CHARS {
            let mut stems: Vec<String> = Vec::new();
            for whole in completions(self.searcher, self.index.fields.names, word, BEGUN_MAX)? {
                let more = self.stems.of_search(&whole);
                stems.extend(
                    more.into_iter()
                        .filter(|stem| !stems.contains(stem))
                        .collect::<Vec<_>>(),
                );
            }
            for stem in stems {
                let term = Term::from_field_text(self.index.fields.words, &stem);
                ways.push(Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)));
            }
        }
        Ok(ways)
    }

    /// All that was typed as one part number: ours, the maker's, a GTIN or the account's own.
    fn whole_number(&self, ask: &Ask<'_>) -> Result<Vec<Box<dyn Query>>, SearchError> {
        let mut ways: Vec<Box<dyn Query>> = Vec::new();
        let number = words::number(ask.text);
        if number.is_empty() || !has_digit(&number) {
            return Ok(ways);
        }
        let term = Term::from_field_text(self.index.fields.numbers, &number);
        if is_there(self.searcher, &term)? {
            ways.push(boosted(term));
        }
        let Some(own) = self.beside.own_numbers.get(ask.account) else {
            return Ok(ways);
        };
        let is_begun = ask.is_begun && number.len() >= BEGUN_NUMBER_CHARS;
        let begun = own
            .range(number.clone()..)
            .take_while(|(own, _)| own.starts_with(&number))
            .take(BEGUN_MAX);
        for (_, sku) in begun.filter(|(own, _)| is_begun || **own == number) {
            ways.push(boosted(Term::from_field_text(self.index.fields.sku, sku)));
        }
        if ask.is_begun && number.len() >= BEGUN_NUMBER_CHARS {
            for number in completions(self.searcher, self.index.fields.numbers, &number, BEGUN_MAX)? {
                ways.push(plain(self.index.fields.numbers, &number));
            }
        }
        Ok(ways)
    }
}

fn has_digit(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

fn basic(term: Term) -> Box<dyn Query> {
    Box::new(TermQuery::new(term, IndexRecordOption::Basic))
}

fn plain(field: Field, text: &str) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(basic(Term::from_field_text(field, text)), 1.0))
}

fn boosted(term: Term) -> Box<dyn Query> {
    let certain = Box::new(ConstScoreQuery::new(basic(term), 1.0));
    Box::new(BoostQuery::new(certain, NUMBER_BOOST))
}

/// One of the ways; nothing where there is none.
fn either(mut ways: Vec<Box<dyn Query>>) -> Option<Box<dyn Query>> {
    match ways.len() {
        0 | 1 => ways.pop(),
        _ => Some(Box::new(BooleanQuery::union(ways))),
    }
}

/// All the clauses, or one of the numbers; without words everything.
fn together(clauses: &[Clause], mut numbers: Vec<Box<dyn Query>>, typed: &str) -> Box<dyn Query> {
    if clauses.is_empty() && numbers.is_empty() {
        return match typed.trim().is_empty() {
            true => Box::new(AllQuery),
            false => Box::new(EmptyQuery),
        };
    }
    let all: Option<Vec<Box<dyn Query>>> = clauses
        .iter()
        .map(|clause| clause.query.as_ref().map(|query| query.box_clone()))
        .collect();
    match all {
        Some(mut all) if all.len() == 1 => numbers.extend(all.pop()),
        Some(all) if !all.is_empty() => numbers.push(Box::new(BooleanQuery::intersection(all))),
        _ => {}
    }
    either(numbers).unwrap_or_else(|| Box::new(EmptyQuery))
}

/// The part numbers of documents.
fn skus(searcher: &Searcher, documents: &[DocAddress]) -> Result<Vec<String>, SearchError> {
    let mut skus = vec![String::new(); documents.len()];
    for (at, segment) in searcher.segment_readers().iter().enumerate() {
        let of_segment = |address: &DocAddress| address.segment_ord as usize == at;
        if !documents.iter().any(of_segment) {
            continue;
        }
        let Some(column) = segment.fast_fields().str("listing")? else {
            continue;
        };
        let mut key = String::new();
        for (place, address) in documents.iter().enumerate().filter(|(_, address)| of_segment(address)) {
            if let Some(ordinal) = column.ords().first(address.doc_id) {
                column.ord_to_str(ordinal, &mut key)?;
                sku_of(&key).clone_into(&mut skus[place]);
            }
        }
    }
    Ok(skus)
}
