//! Patterns that somebody recognised in the code: a typed record of the pattern, the place, how sure it is, and who
//! found it.
//!
//! Nothing is recognised here: a recogniser that guesses is worse than none. Tools and people hand their records in, as
//! JSON Lines; each is checked against the graph. A run is what is known after one such file: the records of before and
//! those of the file, of which one takes the place of another with the same pattern, place and finder.

use std::collections::{BTreeMap, BTreeSet};

use codestrata::{GraphStorage, Queries, Result, StorageManager};
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
    confidence: f64,
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
    /// `InvalidArgument` with the line for a record that is none, for a node, file or line that the graph does not have,
    /// for two records of the same, and for more than [`MAX_PATTERNS`] records.
    pub async fn with(
        self,
        text: &str,
        replace: bool,
        storage: &StorageManager,
        repository: &str,
    ) -> Result<Self> {
        let files = storage.graph().list_files(repository).await?;
        let mut graph = Files {
            queries: storage.query(repository),
            lines: files.into_iter().map(|file| (file.path, Lines::NotAsked)).collect(),
        };
        let mut added: BTreeMap<Key, (Pattern, usize)> = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let place = format!("line {number}");
            let given: Given = serde_json::from_str(line).map_err(|error| not_json(Some(number), &error))?;
            let record = record(given, &place, &mut graph).await?;
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

/// The files of a graph, as far as places in them can be checked.
struct Files {
    queries: Queries,
    lines: BTreeMap<String, Lines>,
}

/// How many lines a file has.
#[derive(Clone, Copy)]
enum Lines {
    NotAsked,
    /// The graph says it: the node of the whole file spans them.
    Known(u32),
    /// Only nodes are known, of which the last need not be the end.
    Unknown,
}

impl Files {
    fn has(&self, file: &str) -> bool {
        self.lines.contains_key(file)
    }

    /// The number of lines of a file, if the graph knows it.
    async fn lines_of(&mut self, file: &str) -> Result<Option<u32>> {
        let mut known = self.lines.get(file).copied().unwrap_or(Lines::Unknown);
        if matches!(known, Lines::NotAsked) {
            let id = format!("{file}::<module>");
            let found = self.queries.resolve(&id).await?.results;
            let module = found.into_iter().find(|found| found.node.id() == id);
            known = module.map_or(Lines::Unknown, |module| {
                // What ends at the beginning of a line has none of it.
                let is_behind = module.span.end_column == 0 && module.span.end_line > 1;
                Lines::Known(module.span.end_line - u32::from(is_behind))
            });
            self.lines.insert(file.to_owned(), known);
        }
        Ok(if let Lines::Known(lines) = known { Some(lines) } else { None })
    }
}

/// Checks one record, and looks its place up.
async fn record(given: Given, place: &str, files: &mut Files) -> Result<Pattern> {
    let Given { pattern, node, file, line, end_line, confidence, found_by, note } = given;
    check_text(place, "pattern", &pattern)?;
    check_text(place, "found_by", &found_by)?;
    if let Some(note) = &note {
        check_length(place, "note", note)?;
    }
    let Some(confidence) = Score::of_fraction(confidence) else {
        return Err(wrong(place, format!("`confidence` is {confidence}, and has to be from 0 to 1")));
    };
    let at = match (node, file) {
        (Some(node), None) if line.is_none() && end_line.is_none() => {
            place_of_node(node, place, files).await?
        }
        (Some(_), None) => {
            return Err(wrong(place, "lines go with `file`; those of a node are in the graph"));
        }
        (None, Some(file)) => {
            if !files.has(&file) {
                return Err(wrong(place, format!("the graph has no file `{}`", shown(&file))));
            }
            let (line, end_line) = lines(line, end_line, place)?;
            if let Some(end_line) = end_line
                && let Some(most) = files.lines_of(&file).await?
                && end_line > most
            {
                let what = format!("line {end_line} is not in `{file}`, which has {most} in the graph");
                return Err(wrong(place, what));
            }
            Place { file, line, end_line, node: None }
        }
        _ => return Err(wrong(place, "say either `node`, or `file` and perhaps `line` and `end_line`")),
    };
    Ok(Pattern { pattern, place: at, confidence, found_by, note })
}

async fn place_of_node(node: String, place: &str, files: &Files) -> Result<Place> {
    let found = files.queries.resolve(&node).await?.results;
    match found.into_iter().find(|found| found.node.id() == node) {
        Some(found) => Ok(Place {
            file: found.node.file().into(),
            line: Some(found.span.start_line),
            end_line: Some(found.span.end_line),
            node: Some(node),
        }),
        None => Err(wrong(place, format!("the graph has no node with the id `{}`", shown(&node)))),
    }
}

/// A text of any length is not repeated whole.
fn shown(text: &str) -> String {
    text.chars().take(MAX_TEXT_BYTES).collect()
}

fn lines(line: Option<u32>, end_line: Option<u32>, place: &str) -> Result<(Option<u32>, Option<u32>)> {
    match (line, end_line) {
        (None, None) => Ok((None, None)),
        (None, Some(_)) => Err(wrong(place, "there is an `end_line`, and no `line` before it")),
        (Some(0), _) => Err(wrong(place, "`line` is 0, and lines count from 1")),
        (Some(line), end_line) => {
            let end_line = end_line.unwrap_or(line);
            if end_line < line {
                return Err(wrong(
                    place,
                    format!("`end_line` is {end_line}, before `line`, which is {line}"),
                ));
            }
            Ok((Some(line), Some(end_line)))
        }
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
