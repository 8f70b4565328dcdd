//! Who owns what: for every group of fields the system of record, who writes, how current it is, and who wins.

use serde::{Deserialize, Serialize};

/// Groups of fields that come with the program.
const USUAL: &str = include_str!("maps/fields.toml");

/// How current a group is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// In the request that needs it.
    RealTime,
    /// Within the target age, by rounds and hints.
    NearRealTime,
    /// As a whole, from time to time.
    Batch,
}

impl Mode {
    /// The mode in words.
    pub fn word(self) -> &'static str {
        match self {
            Mode::RealTime => "real time",
            Mode::NearRealTime => "near real time",
            Mode::Batch => "batch",
        }
    }
}

/// One group of fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldGroup {
    /// Its name.
    pub group: String,
    /// What belongs to it.
    pub fields: String,
    /// The system of record.
    pub owner: String,
    /// Who writes it here.
    pub writer: String,
    /// How current it is kept.
    pub mode: Mode,
    /// How old it may be, in seconds; 0 where it is never a copy.
    pub target_seconds: i64,
    /// What is done where two say different things.
    pub conflict: String,
    /// The kinds of rows in which it comes.
    #[serde(default)]
    pub rows: Vec<String>,
}

/// What a mapping or a source says otherwise of a group, or a group of its own: then everything is said.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldChange {
    /// The group.
    pub group: String,
    /// See [`FieldGroup::fields`], as all that follow.
    pub fields: Option<String>,
    /// The system of record.
    pub owner: Option<String>,
    /// Who writes it here.
    pub writer: Option<String>,
    /// How current it is kept.
    pub mode: Option<Mode>,
    /// How old it may be, in seconds.
    pub target_seconds: Option<i64>,
    /// What is done where two say different things.
    pub conflict: Option<String>,
    /// The kinds of rows.
    pub rows: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Usual {
    field: Vec<FieldGroup>,
}

/// The groups that come with the program.
///
/// # Errors
/// The file of the program is not readable; a test sees to it that it is.
pub fn usual() -> Result<Vec<FieldGroup>, String> {
    let usual: Usual = toml::from_str(USUAL).map_err(|error| error.to_string())?;
    Ok(usual.field)
}

/// Groups with what is said otherwise.
///
/// # Errors
/// A group of its own does not say everything.
pub fn changed<'c>(
    mut groups: Vec<FieldGroup>,
    changes: impl IntoIterator<Item = &'c FieldChange>,
) -> Result<Vec<FieldGroup>, String> {
    for change in changes {
        let known = groups.iter().position(|group| group.group == change.group);
        let before = known.map(|place| groups[place].clone());
        let missing = |name: &str| {
            format!(
                "field {}: {name} is missing, and it is no group of the usual ones",
                change.group
            )
        };
        let text = |said: &Option<String>, before: Option<&String>, name: &str| {
            said.clone().or_else(|| before.cloned()).ok_or_else(|| missing(name))
        };
        let was = before.as_ref();
        let group = FieldGroup {
            group: change.group.clone(),
            fields: text(&change.fields, was.map(|was| &was.fields), "fields")?,
            owner: text(&change.owner, was.map(|was| &was.owner), "owner")?,
            writer: text(&change.writer, was.map(|was| &was.writer), "writer")?,
            mode: change.mode.or(was.map(|was| was.mode)).ok_or_else(|| missing("mode"))?,
            target_seconds: change
                .target_seconds
                .or(was.map(|was| was.target_seconds))
                .ok_or_else(|| missing("target_seconds"))?,
            conflict: text(&change.conflict, was.map(|was| &was.conflict), "conflict")?,
            rows: change
                .rows
                .clone()
                .or_else(|| was.map(|was| was.rows.clone()))
                .unwrap_or_default(),
        };
        match known {
            Some(place) => groups[place] = group,
            None => groups.push(group),
        }
    }
    Ok(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_changed_by_what_is_said_otherwise() {
        let usual = usual().unwrap();
        assert!(usual.len() >= 10);
        let change = |text: &str| toml::from_str::<FieldChange>(text).unwrap();
        let changes = [
            change("group = \"stock\"\ntarget_seconds = 300"),
            change("group = \"stock\"\nmode = \"batch\""),
        ];
        let groups = changed(usual.clone(), &changes).unwrap();
        let stock = groups.iter().find(|group| group.group == "stock").unwrap();
        assert_eq!(
            (stock.target_seconds, stock.mode, stock.owner.as_str()),
            (300, Mode::Batch, "ERP")
        );
        assert_eq!(groups.len(), usual.len());
        let own = [change("group = \"rebates\"\nowner = \"ERP\"")];
        assert_eq!(
            changed(usual, &own).unwrap_err(),
            "field rebates: fields is missing, and it is no group of the usual ones"
        );
    }
}
