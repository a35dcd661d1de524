//! The commits of a git repository as changes of source files, read through the program `git`.
//!
//! Nothing is checked out: two commits are compared with `git diff-tree`, and one `git cat-file --batch` gives the
//! contents.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of a test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use codestrata_index::{Language, MAX_SOURCE_BYTES};

/// The tree without files, which every repository knows.
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// A regular file; links and submodules have other modes.
const FILE_MODES: [&str; 2] = ["100644", "100755"];

/// One source file that differs between two commits.
pub(crate) struct ChangedSource {
    pub(crate) path: String,
    /// Its content now; none if it is gone, or no source any more.
    pub(crate) content: Option<Vec<u8>>,
}

/// A repository that is read.
pub(crate) struct Git {
    folder: PathBuf,
    reading: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Git {
    /// The repository in a folder, or why there is none to be read.
    pub(crate) fn open(folder: &Path) -> Result<Self, String> {
        output(folder, &["rev-parse", "--git-dir"])?;
        let mut reading = Command::new("git")
            .arg("-C")
            .arg(folder)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("git cannot be started: {error}"))?;
        let requests = reading.stdin.take().unwrap();
        let answers = BufReader::new(reading.stdout.take().unwrap());
        Ok(Self { folder: folder.to_owned(), reading, requests, answers })
    }

    /// The commits from the first to the last one, along the first parents.
    pub(crate) fn commits(&self) -> Result<Vec<String>, String> {
        let commits = output(&self.folder, &["rev-list", "--first-parent", "--reverse", "HEAD"])?;
        Ok(String::from_utf8_lossy(&commits).lines().map(str::to_owned).collect())
    }

    /// The sources in these folders, or in all, that differ between two commits; none is the tree without files.
    pub(crate) fn changes(&mut self, from: Option<&str>, to: &str, within: &[&str]) -> Vec<ChangedSource> {
        let from = from.unwrap_or(EMPTY_TREE);
        let mut arguments = vec!["diff-tree", "-r", "-z", "--raw", "--no-renames", from, to, "--"];
        arguments.extend(within);
        let listed = output(&self.folder, &arguments).unwrap();
        let mut fields = listed.split(|byte| *byte == 0);
        let mut changes = Vec::new();
        // Each is `:old-mode new-mode old-hash new-hash status` and a path.
        while let (Some(facts), Some(path)) = (fields.next(), fields.next()) {
            let facts = String::from_utf8_lossy(facts).into_owned();
            let facts: Vec<&str> = facts.split(' ').collect();
            let Ok(path) = String::from_utf8(path.to_vec()) else { continue };
            if Language::of_path(&path).is_none() {
                continue;
            }
            let is_file = FILE_MODES.contains(&facts[1]);
            let content = if is_file { self.content(facts[3]) } else { None };
            changes.push(ChangedSource { path, content });
        }
        changes
    }

    /// The content of a file, if it is not too large to be a source.
    fn content(&mut self, hash: &str) -> Option<Vec<u8>> {
        writeln!(self.requests, "{hash}").unwrap();
        self.requests.flush().unwrap();
        let mut header = String::new();
        self.answers.read_line(&mut header).unwrap();
        // A partial copy lists files that it does not have.
        let size: u64 = header.trim_end().rsplit(' ').next()?.parse().ok()?;
        let mut content = vec![0; usize::try_from(size).unwrap()];
        self.answers.read_exact(&mut content).unwrap();
        self.answers.read_exact(&mut [0]).unwrap();
        (size <= MAX_SOURCE_BYTES).then_some(content)
    }
}

impl Drop for Git {
    fn drop(&mut self) {
        let _ = self.reading.kill();
        let _ = self.reading.wait();
    }
}

fn output(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .output()
        .map_err(|error| format!("git cannot be started: {error}"))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}
