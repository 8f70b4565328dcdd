//! Texts of products and categories by language, and words that mean the same in a search.

use std::collections::HashSet;

use uuid::Uuid;

use super::Batch;
use super::fact::{Fact, Names, Needs};
use super::report::shown;
use super::table::{Columns, Line};
use crate::store::content::{CategoryTextRow, ProductTextRow};
use crate::store::synonym::SynonymRow;

/// Words of one row of synonyms: more is a mistake, and every one of them costs each search that names one.
const WORDS_MAX: usize = 20;

impl Fact for ProductTextRow {
    const COLUMNS: Columns = Columns {
        required: &["sku", "language"],
        optional: &["name", "description", "keywords", "deleted"],
    };
    const ENTITY: &'static str = "product_text";
    const FIELD: &'static str = "language";
    const NEEDS: Needs = Needs {
        products: true,
        ..Needs::NOTHING
    };
    type Key = (Uuid, String);

    fn key(&self) -> Self::Key {
        (self.product_id, self.language.clone())
    }

    identified!(by product_id);

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let product = line.needed("sku", |line, column| names.product(line, column));
        let language = line.needed("language", Line::language);
        Some(ProductTextRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            name: named(line),
            description: line.prose("description"),
            keywords: line.prose("keywords"),
            product_id: product?.id,
            language: language?,
        })
    }
}

impl Fact for CategoryTextRow {
    const COLUMNS: Columns = Columns {
        required: &["category", "language"],
        optional: &["name", "deleted"],
    };
    const ENTITY: &'static str = "category_text";
    const FIELD: &'static str = "language";
    const NEEDS: Needs = Needs {
        categories: true,
        ..Needs::NOTHING
    };
    type Key = (Uuid, String);

    fn key(&self) -> Self::Key {
        (self.category_id, self.language.clone())
    }

    identified!(by category_id);

    fn read(line: &mut Line<'_>, names: &Names, batch: &Batch) -> Option<Self> {
        let category = line.needed("category", |line, column| names.category(line, column));
        let language = line.needed("language", Line::language);
        Some(CategoryTextRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            name: named(line),
            category_id: category?,
            language: language?,
        })
    }
}

/// The name, which a row that is not deleted must have.
fn named(line: &mut Line<'_>) -> String {
    match line.name("name") {
        Some(name) => name,
        None if line.is_deleted() => String::new(),
        None => line.required("name", None),
    }
}

impl Fact for SynonymRow {
    const COLUMNS: Columns = Columns {
        required: &["code"],
        optional: &["words", "two_way", "deleted"],
    };
    const ENTITY: &'static str = "synonym";
    const FIELD: &'static str = "code";
    const NEEDS: Needs = Needs::NOTHING;
    type Key = String;

    fn key(&self) -> Self::Key {
        self.code.clone()
    }

    identified!();

    fn read(line: &mut Line<'_>, _: &Names, batch: &Batch) -> Option<Self> {
        let code = line.needed("code", Line::code);
        let words = line.parts("words");
        if !line.is_deleted() {
            check_words(line, &words);
        }
        Some(SynonymRow {
            tenant_id: batch.tenant.id,
            id: batch.clock.new_id(),
            code: code?,
            words,
            two_way: line.yes("two_way", true),
        })
    }
}

fn check_words(line: &mut Line<'_>, words: &[String]) {
    let mut seen = HashSet::new();
    for word in words {
        if !word.chars().any(char::is_alphanumeric) {
            line.fault("words", format!("{} is no word", shown(word)));
        }
        if !seen.insert(word.to_lowercase()) {
            line.fault("words", format!("{} is there twice", shown(word)));
        }
    }
    match words.len() {
        0 | 1 => line.fault("words", "must be two words or more, such as torch|flashlight"),
        count if count > WORDS_MAX => line.fault("words", format!("has more than {WORDS_MAX} words")),
        _ => {}
    }
}
