//! A function of one's own that needs a store, and a test of it without one: no engine, no file, no real graph.
//!
//! Code that takes `&dyn GraphStorage` cannot tell a mock from a store. A mock also fails on demand, in ways that no
//! engine would at the right moment. `main` shows what the test at the end checks.
//!
//! ```sh
//! cargo run --example mock_storage
//! cargo test -p codestrata --example mock_storage
//! ```

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use codestrata::{
    Attributes, Edge, EdgeSelector, Error, ErrorKind, FileChanges, FileInfo, FileUpdate, Graph,
    GraphMetadata, GraphStorage, ImportedModule, MetadataUpdate, Node, Result, UpdateSummary, async_trait,
};

/// How often a question is asked again that failed for a cause that may pass.
const ATTEMPTS: usize = 3;

/// What has to be done to bring a stored graph to the state of a folder.
#[derive(Debug, Default, PartialEq, Eq)]
struct Work {
    index: Vec<String>,
    remove: Vec<String>,
}

/// The code under test: compares the hashes of a folder's files, by path, with those that are stored.
async fn work(storage: &dyn GraphStorage, repo_id: &str, folder: &BTreeMap<String, String>) -> Result<Work> {
    let stored = match stored_files(storage, repo_id).await {
        // Not stored yet: everything is new.
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        other => other?,
    };
    let stored: BTreeMap<String, String> = stored.into_iter().map(|file| (file.path, file.hash)).collect();
    let changed = folder.iter().filter(|(path, hash)| stored.get(*path) != Some(*hash));
    let gone = stored.keys().filter(|path| !folder.contains_key(*path));
    Ok(Work { index: changed.map(|(path, _)| path.clone()).collect(), remove: gone.cloned().collect() })
}

/// The files of a repository; asked for again while the error says that this may help.
async fn stored_files(storage: &dyn GraphStorage, repo_id: &str) -> Result<Vec<FileInfo>> {
    let mut attempt = 1;
    loop {
        match storage.list_files(repo_id).await {
            Err(error) if error.kind().is_retryable() && attempt < ATTEMPTS => attempt += 1,
            other => return other,
        }
    }
}

/// A storage that lists what it was told to, one answer a call, and can do nothing else.
#[derive(Default)]
struct MockStorage {
    answers: Mutex<VecDeque<Result<Vec<FileInfo>>>>,
}

impl MockStorage {
    fn answers(mut self, answer: Result<Vec<FileInfo>>) -> Self {
        self.answers.get_mut().unwrap_or_else(PoisonError::into_inner).push_back(answer);
        self
    }

    /// How many answers nobody has asked for.
    fn left(&self) -> usize {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// The answer of the methods that the code under test has no business calling.
fn not_mocked<T>(method: &str) -> Result<T> {
    Err(Error::new(ErrorKind::Unsupported, format!("the mock has no `{method}`")))
}

#[async_trait]
impl GraphStorage for MockStorage {
    async fn list_files(&self, _: &str) -> Result<Vec<FileInfo>> {
        let next = self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        next.unwrap_or_else(|| not_mocked("list_files once more"))
    }

    async fn store_graph(&self, _: &Graph) -> Result<UpdateSummary> {
        not_mocked("store_graph")
    }
    async fn load_graph(&self, _: &str) -> Result<Option<Graph>> {
        not_mocked("load_graph")
    }
    async fn update_nodes(&self, _: &str, _: &[Node]) -> Result<UpdateSummary> {
        not_mocked("update_nodes")
    }
    async fn update_edges(&self, _: &str, _: &[Edge]) -> Result<UpdateSummary> {
        not_mocked("update_edges")
    }
    async fn delete_nodes(&self, _: &str, _: &[String]) -> Result<UpdateSummary> {
        not_mocked("delete_nodes")
    }
    async fn delete_edges(&self, _: &str, _: &[EdgeSelector]) -> Result<UpdateSummary> {
        not_mocked("delete_edges")
    }
    async fn update_files(&self, _: &str, _: FileChanges) -> Result<UpdateSummary> {
        not_mocked("update_files")
    }
    async fn begin_update(&self, _: &str) -> Result<Box<dyn FileUpdate + '_>> {
        not_mocked("begin_update")
    }
    async fn remove_file(&self, _: &str, _: &str) -> Result<UpdateSummary> {
        not_mocked("remove_file")
    }
    async fn annotate(&self, _: &str, _: &str, _: &str, _: &Attributes) -> Result<()> {
        not_mocked("annotate")
    }
    async fn graph_metadata(&self, _: &str) -> Result<Option<GraphMetadata>> {
        not_mocked("graph_metadata")
    }
    async fn update_graph_metadata(&self, _: &str, _: &MetadataUpdate) -> Result<()> {
        not_mocked("update_graph_metadata")
    }
    async fn imported_modules(&self, _: &str, _: &[String]) -> Result<BTreeMap<String, Vec<ImportedModule>>> {
        not_mocked("imported_modules")
    }
    async fn list_repositories(&self) -> Result<Vec<String>> {
        not_mocked("list_repositories")
    }
    async fn delete_graph(&self, _: &str) -> Result<bool> {
        not_mocked("delete_graph")
    }
    async fn graph_exists(&self, _: &str) -> Result<bool> {
        not_mocked("graph_exists")
    }
}

fn stored(path: &str, hash: &str) -> FileInfo {
    FileInfo { path: path.to_owned(), hash: hash.to_owned(), nodes: 1, edges: 0 }
}

/// A folder in which `a.py` is as it was, `b.py` has changed and `d.py` is new; `c.py` is gone.
fn folder() -> BTreeMap<String, String> {
    [("a.py", "1"), ("b.py", "2"), ("d.py", "1")]
        .map(|(path, hash)| (path.to_owned(), hash.to_owned()))
        .into()
}

fn stored_before() -> Vec<FileInfo> {
    vec![stored("a.py", "1"), stored("b.py", "1"), stored("c.py", "1")]
}

fn busy() -> Error {
    Error::new(ErrorKind::Unavailable, "the mock is busy")
}

#[tokio::main]
async fn main() -> Result<()> {
    let storage = MockStorage::default().answers(Err(busy())).answers(Ok(stored_before()));
    let work_now = work(&storage, "demo", &folder()).await?;
    println!("A store that is busy once: {work_now:?}, {} answers left", storage.left());

    let empty = MockStorage::default().answers(Err(Error::new(ErrorKind::NotFound, "no such repository")));
    println!("A repository that is not there: {:?}", work(&empty, "demo", &folder()).await?);

    let damaged = MockStorage::default().answers(Err(Error::new(ErrorKind::Corruption, "a bad checksum")));
    match work(&damaged, "demo", &folder()).await {
        Err(error) => println!("A damaged store: {}: {error}", error.kind()),
        Ok(work) => println!("A damaged store was taken for {work:?}"),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn changed_new_and_vanished_files_are_told_apart() {
        let storage = MockStorage::default().answers(Ok(stored_before()));
        let work = work(&storage, "demo", &folder()).await.unwrap();
        assert_eq!(work.index, ["b.py", "d.py"]);
        assert_eq!(work.remove, ["c.py"]);
    }

    #[tokio::test]
    async fn a_store_that_is_busy_is_asked_again_but_not_for_ever() {
        let busy_once = MockStorage::default().answers(Err(busy())).answers(Ok(stored_before()));
        assert!(work(&busy_once, "demo", &folder()).await.is_ok());

        let mut busy_always = MockStorage::default();
        // One answer more than may be asked for.
        for _ in 0..=ATTEMPTS {
            busy_always = busy_always.answers(Err(busy()));
        }
        let error = work(&busy_always, "demo", &folder()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(busy_always.left(), 1);
    }

    #[tokio::test]
    async fn a_damaged_store_is_not_taken_for_an_empty_one() {
        let damaged =
            MockStorage::default().answers(Err(Error::new(ErrorKind::Corruption, "a bad checksum")));
        assert_eq!(work(&damaged, "demo", &folder()).await.unwrap_err().kind(), ErrorKind::Corruption);
    }
}
