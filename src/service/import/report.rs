//! What became of a file: counts, and what is wrong by line and field.

use std::fmt;

/// Faults reported of one file: a person corrects some and tries again; the rest is counted.
const FAULTS_SHOWN_MAX: usize = 100;
/// Characters of a value that a reason repeats.
const SHOWN_CHARS_MAX: usize = 40;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1; 0 for the file as such.
    pub line: u64,
    /// The column; empty for the line as such.
    pub field: String,
    /// What is wrong, and what was expected.
    pub reason: String,
}

/// What is wrong in a file: the first ones, and how many there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults {
    /// The first ones.
    pub shown: Vec<Fault>,
    /// How many there are.
    pub total: u64,
    /// How many are shown at most.
    room: usize,
}

impl Default for Faults {
    fn default() -> Self {
        Faults::with_room(FAULTS_SHOWN_MAX)
    }
}

impl Faults {
    /// None yet, and room to show so many.
    pub fn with_room(room: usize) -> Self {
        Faults {
            shown: Vec::new(),
            total: 0,
            room,
        }
    }

    /// Notes one more.
    pub fn add(&mut self, line: u64, field: &str, reason: impl Into<String>) {
        self.total += 1;
        if self.shown.len() < self.room {
            self.shown.push(Fault {
                line,
                field: field.chars().take(SHOWN_CHARS_MAX).collect(),
                reason: reason.into(),
            });
        }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }
}

/// How many rows a file changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// New ones.
    pub added: u64,
    /// Those with other values than before.
    pub changed: u64,
    /// Those as they were.
    pub unchanged: u64,
    /// Those taken away.
    pub deleted: u64,
}

/// What became of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The file's name.
    pub file: String,
    /// Lines with values.
    pub rows: u64,
    /// What changed; all zero when anything was wrong, since a file is taken wholly or not at all.
    pub counts: Counts,
    /// What is wrong.
    pub faults: Faults,
}

impl Report {
    /// A file that was not taken, for a reason of the file as such.
    pub fn refused(file: &str, line: u64, reason: impl Into<String>) -> Self {
        let mut report = Report {
            file: file.to_owned(),
            ..Report::default()
        };
        report.faults.add(line, "", reason);
        report
    }

    /// Whether the file was taken.
    pub fn is_taken(&self) -> bool {
        self.faults.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_taken() {
            let Counts {
                added,
                changed,
                unchanged,
                deleted,
            } = self.counts;
            return write!(
                f,
                "{}: {} rows; {added} added, {changed} changed, {unchanged} as before, {deleted} deleted",
                self.file, self.rows
            );
        }
        let total = self.faults.total;
        let noun = if total == 1 { "fault" } else { "faults" };
        write!(f, "{}: nothing was taken, {total} {noun}", self.file)?;
        for Fault { line, field, reason } in &self.faults.shown {
            let place = match (line, field.as_str()) {
                (0, _) => String::new(),
                (line, "") => format!("line {line} "),
                (line, field) => format!("line {line}, {field}: "),
            };
            write!(f, "\n  {place}{reason}")?;
        }
        let rest = total.saturating_sub(self.faults.shown.len() as u64);
        if rest > 0 {
            write!(f, "\n  and {rest} more")?;
        }
        Ok(())
    }
}

/// A value as a reason repeats it: in quotes, shortened, control characters escaped.
pub fn shown(text: &str) -> String {
    let short: String = text.chars().take(SHOWN_CHARS_MAX).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    format!("{short:?}{dots}")
}
