//! What a graph is made of: counted by kind, by language and by folder.

use std::collections::BTreeMap;

use codestrata_core::Result;
use serde::Serialize;

use crate::graph::{StoredFile, View};
use crate::link::LinkTarget;
use crate::model::{Resolution, Totals};

/// Files read together in a pass over segments and links.
const FILES_PER_READ: usize = 256;

/// How sure edges are, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EdgeCounts {
    /// All of them.
    pub edges: u64,
    /// Bound by the scopes of their file.
    pub exact: u64,
    /// Bound through imports, namespaces and bases.
    pub import: u64,
    /// Bound by a name that one member has.
    pub unique_name: u64,
    /// One of several definitions is meant; some of these lead to the first of them.
    pub ambiguous: u64,
    /// They lead nowhere.
    pub unresolved: u64,
    /// Their target is stated as the id of a node.
    pub stated: u64,
    /// Their target is stated as an id that no node has.
    pub dangling: u64,
}

impl EdgeCounts {
    fn add(&mut self, target: LinkTarget) {
        self.edges += 1;
        let count = match target {
            LinkTarget::Bound(_, _, None) => &mut self.stated,
            LinkTarget::Dangling => &mut self.dangling,
            LinkTarget::Bound(_, _, Some(how)) | LinkTarget::Loose(how) => match how {
                Resolution::Exact => &mut self.exact,
                Resolution::Import => &mut self.import,
                Resolution::UniqueName => &mut self.unique_name,
                Resolution::Ambiguous => &mut self.ambiguous,
                Resolution::Unresolved => &mut self.unresolved,
            },
        };
        *count += 1;
    }
}

/// What is in some files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FileCounts {
    /// The files.
    pub files: u64,
    /// The nodes that they define.
    pub nodes: u64,
    /// The nodes by kind.
    pub nodes_by_kind: BTreeMap<String, u64>,
    /// The edges that start in them.
    pub edges: EdgeCounts,
}

/// What is in one folder and below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FolderCounts {
    /// The folder with `/` at its end; `./` for the files that are in none.
    pub folder: String,
    /// Its files.
    pub files: u64,
    /// Its nodes.
    pub nodes: u64,
    /// Its edges.
    pub edges: u64,
}

/// What a graph is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statistics {
    /// The repository.
    pub repository: String,
    /// The version that was counted.
    pub version: u64,
    /// The whole, as it is kept with every commit.
    pub totals: Totals,
    /// The nodes by kind.
    pub nodes_by_kind: BTreeMap<String, u64>,
    /// The edges by kind.
    pub edges_by_kind: BTreeMap<String, EdgeCounts>,
    /// The files by language.
    pub languages: BTreeMap<String, FileCounts>,
    /// The folders of one depth, those with the most nodes first, as many as were asked for.
    pub folders: Vec<FolderCounts>,
    /// Whether there are more folders.
    pub truncated: bool,
}

/// How folders are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FolderOptions {
    /// How many parts of a path make up a folder.
    pub depth: usize,
    /// How many folders are listed.
    pub limit: usize,
}

impl Default for FolderOptions {
    /// The twenty largest folders at the top.
    fn default() -> Self {
        Self { depth: 1, limit: 20 }
    }
}

pub(super) async fn statistics(
    view: &View<'_>,
    folders: FolderOptions,
    language_of: &(impl Fn(&str) -> String + Sync),
) -> Result<Statistics> {
    let mut statistics = Statistics {
        repository: view.head.repo_id.clone(),
        version: view.head.version,
        totals: view.head.totals,
        nodes_by_kind: BTreeMap::new(),
        edges_by_kind: BTreeMap::new(),
        languages: BTreeMap::new(),
        folders: Vec::new(),
        truncated: false,
    };
    let mut by_folder: BTreeMap<String, FolderCounts> = BTreeMap::new();
    let mut entries = view.all_entries().await?;
    while !entries.is_empty() {
        let rest = entries.len().saturating_sub(FILES_PER_READ);
        for file in view.files_of(entries.split_off(rest)).await? {
            let (nodes, edges) = statistics.add(&file, language_of(file.segment.path()));
            let folder = folder_of(file.segment.path(), folders.depth);
            let counts = by_folder.entry(folder.clone()).or_insert(FolderCounts {
                folder,
                files: 0,
                nodes: 0,
                edges: 0,
            });
            counts.files += 1;
            counts.nodes += nodes;
            counts.edges += edges;
        }
    }
    statistics.folders = by_folder.into_values().collect();
    statistics.folders.sort_by(|a, b| b.nodes.cmp(&a.nodes).then_with(|| a.folder.cmp(&b.folder)));
    statistics.truncated = statistics.folders.len() > folders.limit;
    statistics.folders.truncate(folders.limit);
    Ok(statistics)
}

impl Statistics {
    /// Adds a file; returns how many nodes and edges it has.
    fn add(&mut self, file: &StoredFile, language: String) -> (u64, u64) {
        let counts = self.languages.entry(language).or_default();
        counts.files += 1;
        let nodes = file.segment.node_count();
        counts.nodes += u64::from(nodes);
        for row in 0..nodes {
            let kind = file.segment.kind(row);
            count(&mut counts.nodes_by_kind, kind);
            count(&mut self.nodes_by_kind, kind);
        }
        let before = counts.edges.edges;
        for link in file.links.links(file.ordinal) {
            counts.edges.add(link.target);
            let kind = file.links.kind(&link);
            if !self.edges_by_kind.contains_key(kind) {
                self.edges_by_kind.insert(kind.to_owned(), EdgeCounts::default());
            }
            if let Some(of_kind) = self.edges_by_kind.get_mut(kind) {
                of_kind.add(link.target);
            }
        }
        (u64::from(nodes), counts.edges.edges - before)
    }
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => {
            counts.insert(name.to_owned(), 1);
        }
    }
}

/// The first so many folders of a path.
fn folder_of(path: &str, depth: usize) -> String {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    if folders.is_empty() || depth == 0 {
        return "./".to_owned();
    }
    let end = folders.match_indices('/').nth(depth - 1).map_or(folders.len(), |(end, _)| end);
    format!("{}/", folders.get(..end).unwrap_or(folders))
}

#[cfg(test)]
mod tests {
    use super::folder_of;

    #[test]
    fn a_folder_is_as_deep_as_asked_or_as_it_goes() {
        assert_eq!(folder_of("a/b/c.py", 1), "a/");
        assert_eq!(folder_of("a/b/c.py", 2), "a/b/");
        assert_eq!(folder_of("a/b/c.py", 9), "a/b/");
        assert_eq!(folder_of("a/b/c.py", 0), "./");
        assert_eq!(folder_of("c.py", 3), "./");
    }
}
