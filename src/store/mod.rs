//! All SQL of ours: SQLite and PostgreSQL from one SQL text.
