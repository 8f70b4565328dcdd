//! The schema's history: numbered SQL files, the same numbers and names for both databases, built into the program.

use std::borrow::Cow;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use super::{Store, StoreError};

/// One migration that was built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// Its number.
    pub version: i64,
    /// Its name.
    pub name: &'static str,
}

macro_rules! migrations {
    ($($version:literal $file:literal $name:literal),+ $(,)?) => {
        const ALL: &[Migrated] = &[$(Migrated { version: $version, name: $name }),+];
        const SQLITE: &[&str] = &[$(include_str!(concat!("../../migrations/sqlite/", $file, "_", $name, ".sql"))),+];
        const POSTGRES: &[&str] = &[$(include_str!(concat!("../../migrations/postgres/", $file, "_", $name, ".sql"))),+];
    };
}
migrations!(1 "0001" "first");

impl Store {
    /// Brings the schema up to date; a schema newer than the program is refused.
    ///
    /// # Errors
    /// When a migration fails, was changed after it ran, or is not one of ours.
    pub async fn migrate(&self) -> Result<&'static [Migrated], StoreError> {
        self.run_migrations(migrator(SQLITE), migrator(POSTGRES)).await?;
        Ok(ALL)
    }
}

fn migrator(texts: &'static [&'static str]) -> Migrator {
    let migrations = ALL.iter().zip(texts).map(|(migration, text)| {
        let name = Cow::Borrowed(migration.name);
        Migration::new(
            migration.version,
            name,
            MigrationType::Simple,
            text.into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(migrations.collect())
}
