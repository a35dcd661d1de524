//! Patterns that somebody recognised in the code: a typed record of the pattern, the place, how sure it is, and who
//! found it.
//!
//! Nothing is recognised here: a recogniser that guesses is worse than none. Tools and people hand their records in, as
//! JSON Lines; each is checked against the graph. A run is what is known after one such file: the records of before and
//! those of the file, of which one takes the place of another with the same pattern, place and finder.

use std::collections::{BTreeMap, BTreeSet};

use codestrata::{GraphStorage, Result, StorageManager};
use serde::{Deserialize, Serialize};

use crate::input::{check_length, check_text, not_json, wrong};
use crate::limits::{MAX_PATTERNS, MAX_TEXT_BYTES};
use crate::runs::Finding;
use crate::score::Score;

/// A pattern in one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// What was recognised: `singleton`, `retry loop`.
    pub pattern: String,
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// How sure it is, from 0 to 1.
    pub confidence: Score,
    /// Who found it: a tool with its version, or a person.
    pub found_by: String,
    /// Anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Where a pattern is: at a node, or at lines of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The first line, from 1; none for the whole file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The last line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_line: Option<u32>,
    /// The id of the node, if it is at one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
}

/// A record as it is handed in: with a node, or with a file and perhaps lines.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    pattern: String,
    node: Option<String>,
    file: Option<String>,
    line: Option<u32>,
    end_line: Option<u32>,
    confidence: Score,
    found_by: String,
    note: Option<String>,
}

/// What is known of patterns after one run, by pattern, place and finder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patterns {
    /// The records.
    pub patterns: Vec<Pattern>,
}

/// What makes a record the same as another one. Lines are no part of it where there is a node: they move with edits.
type Key = (String, String, Option<String>, Option<(u32, u32)>, String);

fn key(record: &Pattern) -> Key {
    let Place { file, line, end_line, node } = &record.place;
    let lines = match node {
        Some(_) => None,
        None => line.zip(*end_line),
    };
    (record.pattern.clone(), file.clone(), node.clone(), lines, record.found_by.clone())
}

impl Patterns {
    /// What is known when the records of a text are added: JSON Lines, of which empty ones are passed over. With
    /// `replace`, the earlier records of those who found the new ones are forgotten.
    ///
    /// Cost: a look-up in the graph for each record.
    ///
    /// # Errors
    /// `InvalidArgument` with the line for a record that is none, for a node or file that the graph does not have, for
    /// two records of the same, and for more than [`MAX_PATTERNS`] records.
    pub async fn with(
        self,
        text: &str,
        replace: bool,
        storage: &StorageManager,
        repository: &str,
    ) -> Result<Self> {
        let files: BTreeSet<String> =
            storage.graph().list_files(repository).await?.into_iter().map(|file| file.path).collect();
        let mut added: BTreeMap<Key, (Pattern, usize)> = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let place = format!("line {number}");
            let given: Given = serde_json::from_str(line).map_err(|error| not_json(Some(number), &error))?;
            let record = record(given, &place, &files, storage, repository).await?;
            if let Some((_, earlier)) = added.insert(key(&record), (record, number)) {
                return Err(wrong(
                    &place,
                    format!("the same pattern, place and finder as on line {earlier}"),
                ));
            }
        }
        let finders: BTreeSet<String> = added.values().map(|(record, _)| record.found_by.clone()).collect();
        let mut known: BTreeMap<Key, Pattern> = self
            .patterns
            .into_iter()
            .filter(|record| !(replace && finders.contains(&record.found_by)))
            .map(|record| (key(&record), record))
            .collect();
        known.extend(added.into_iter().map(|(key, (record, _))| (key, record)));
        if known.len() > MAX_PATTERNS {
            let what =
                format!("with these there would be {} records; at most {MAX_PATTERNS} are kept", known.len());
            return Err(wrong("the file", what));
        }
        Ok(Self { patterns: known.into_values().collect() })
    }
}

/// Checks one record, and looks its place up.
async fn record(
    given: Given,
    place: &str,
    files: &BTreeSet<String>,
    storage: &StorageManager,
    repository: &str,
) -> Result<Pattern> {
    let Given { pattern, node, file, line, end_line, confidence, found_by, note } = given;
    check_text(place, "pattern", &pattern)?;
    check_text(place, "found_by", &found_by)?;
    if let Some(note) = &note {
        check_length(place, "note", note)?;
    }
    let at = match (node, file) {
        (Some(node), None) if line.is_none() && end_line.is_none() => {
            place_of_node(node, place, storage, repository).await?
        }
        (Some(_), None) => {
            return Err(wrong(place, "lines go with `file`; those of a node are in the graph"));
        }
        (None, Some(file)) => {
            if !files.contains(&file) {
                return Err(wrong(place, format!("the graph has no file `{file}`")));
            }
            let (line, end_line) = lines(line, end_line, place)?;
            Place { file, line, end_line, node: None }
        }
        _ => return Err(wrong(place, "say either `node`, or `file` and perhaps `line` and `end_line`")),
    };
    Ok(Pattern { pattern, place: at, confidence, found_by, note })
}

async fn place_of_node(
    node: String,
    place: &str,
    storage: &StorageManager,
    repository: &str,
) -> Result<Place> {
    let found = storage.query(repository).resolve(&node).await?.results;
    match found.into_iter().find(|found| found.node.id == node) {
        Some(found) => Ok(Place {
            file: found.node.file,
            line: Some(found.span.start_line),
            end_line: Some(found.span.end_line),
            node: Some(node),
        }),
        None => {
            // A text of any length is not repeated whole.
            let shown: String = node.chars().take(MAX_TEXT_BYTES).collect();
            Err(wrong(place, format!("the graph has no node with the id `{shown}`")))
        }
    }
}

fn lines(line: Option<u32>, end_line: Option<u32>, place: &str) -> Result<(Option<u32>, Option<u32>)> {
    match (line, end_line.or(line)) {
        (None, None) => Ok((None, None)),
        (Some(line), Some(end_line)) if line >= 1 && line <= end_line => Ok((Some(line), Some(end_line))),
        _ => Err(wrong(place, "`line` counts from 1, and `end_line` is no smaller and not alone")),
    }
}

/// A record that is another one than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChangedPattern {
    /// What it was.
    pub before: Pattern,
    /// What it is.
    pub now: Pattern,
}

/// What is different between two runs. Records are the same if their pattern, place and finder are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PatternsDifference {
    /// Records that are new.
    pub added: Vec<Pattern>,
    /// Records that are gone.
    pub removed: Vec<Pattern>,
    /// Records of another confidence or note.
    pub changed: Vec<ChangedPattern>,
}

impl Finding for Patterns {
    const TYPE: &'static str = "patterns";
    const ALGORITHM: &'static str = "codestrata patterns 1";
    type Difference = PatternsDifference;

    fn counts(&self) -> BTreeMap<&'static str, u64> {
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        let patterns: BTreeSet<&str> = self.patterns.iter().map(|record| record.pattern.as_str()).collect();
        BTreeMap::from([("records", count(self.patterns.len())), ("patterns", count(patterns.len()))])
    }

    fn difference(&self, later: &Self) -> PatternsDifference {
        let mut gone: BTreeMap<Key, &Pattern> =
            self.patterns.iter().map(|record| (key(record), record)).collect();
        let mut difference = PatternsDifference::default();
        for record in &later.patterns {
            match gone.remove(&key(record)) {
                None => difference.added.push(record.clone()),
                Some(before) if (before.confidence, &before.note) != (record.confidence, &record.note) => {
                    difference.changed.push(ChangedPattern { before: before.clone(), now: record.clone() });
                }
                Some(_) => {}
            }
        }
        difference.removed = gone.into_values().cloned().collect();
        difference
    }
}
