//! One configuration, one time: a store is made, opened again, asked and changed.

use std::path::Path;
use std::time::Instant;

use codestrata::{FileChanges, GraphStorage, OpenMode, Queries, StorageManager, Totals};
use codestrata_measure::machine::disk_bytes;
use codestrata_measure::{Found, Question, Samples, answer, ask, figure, length};
use tempfile::TempDir;

use super::REPOSITORY;
use super::process::Task;
use super::subject::Subject;
use super::tree::{Kind, Tree};
use crate::failure::{Code, Failure};

/// Edits of each round.
pub(super) const EDITS: usize = 20;

/// How often everything is asked before it counts as hot.
const TIMES_UNTIL_HOT: usize = 2;

/// What was measured of a configuration, in all rounds.
#[derive(Debug, Default)]
pub(super) struct Figures {
    pub(super) store: Samples,
    pub(super) disk: Samples,
    pub(super) open: Samples,
    pub(super) resident: Samples,
    pub(super) peak: Samples,
    /// One for each kind of question.
    pub(super) questions: Vec<Samples>,
    pub(super) update: Samples,
}

/// What a configuration answers.
pub(super) struct Answers {
    pub(super) totals: Totals,
    /// In the order of the questions: all of them, and all of them again after the edits.
    pub(super) rows: Vec<Vec<Found>>,
}

/// A store of a configuration in a folder that goes with it.
pub(super) struct Stand<'a> {
    subject: &'a Subject,
    folder: TempDir,
    storage: StorageManager,
}

impl<'a> Stand<'a> {
    /// An empty store.
    ///
    /// # Errors
    /// What the engine answers, and when there is no room for its folder.
    pub(super) async fn make(subject: &'a Subject, scratch: &Path) -> Result<Self, Failure> {
        let folder = TempDir::with_prefix_in("store-", scratch).map_err(|error| {
            let message = format!("no folder can be made in {}: {error}", scratch.display());
            Failure::new(Code::Store, "unavailable", message).with_help("name another folder with --scratch")
        })?;
        let storage = open(subject, folder.path(), OpenMode::Create).await?;
        Ok(Self { subject, folder, storage })
    }

    /// Stores the whole tree and links it.
    ///
    /// # Errors
    /// What the engine answers.
    pub(super) async fn fill(&self, tree: &Tree) -> Result<(), Failure> {
        let changes =
            FileChanges { replaced: tree.files.clone(), replace_all: true, ..FileChanges::default() };
        self.storage.graph().update_files(REPOSITORY, changes).await?;
        Ok(())
    }

    pub(super) fn queries(&self) -> Queries {
        self.storage.query(REPOSITORY)
    }

    /// Closes it.
    ///
    /// # Errors
    /// What the engine answers.
    pub(super) async fn end(self) -> Result<(), Failure> {
        Ok(self.storage.close().await?)
    }

    /// What it answers, before and after the edits.
    ///
    /// # Errors
    /// What the engine answers.
    pub(super) async fn answers(&self, tree: &Tree, kinds: &[Kind]) -> Result<Answers, Failure> {
        let queries = self.queries();
        let (_, totals) = queries.totals().await?;
        let mut rows = Vec::new();
        for is_edited in [false, true] {
            for number in 0..if is_edited { EDITS } else { 0 } {
                self.edit(tree, number).await?;
            }
            for question in kinds.iter().flat_map(|kind| &kind.questions) {
                rows.push(answer(&queries, question).await?);
            }
        }
        Ok(Answers { totals, rows })
    }

    /// Replaces a file by one after an edit, and says how long the commit took.
    async fn edit(&self, tree: &Tree, number: usize) -> Result<Option<f64>, Failure> {
        let Some(file) = tree.edited(number)? else { return Ok(None) };
        let begun = Instant::now();
        self.storage.graph().replace_file(REPOSITORY, file).await?;
        Ok(Some(begun.elapsed().as_secs_f64()))
    }

    /// Measures everything once.
    ///
    /// # Errors
    /// What the engine answers, a fresh process, or `go_on`, which is asked between the steps.
    pub(super) async fn measure(
        mut self,
        tree: &Tree,
        kinds: &[Kind],
        go_on: impl Fn(&'static str) -> Result<(), Failure>,
        figures: &mut Figures,
    ) -> Result<(), Failure> {
        go_on("storing")?;
        let begun = Instant::now();
        self.fill(tree).await?;
        figures.store.push(begun.elapsed().as_secs_f64());
        go_on("opening")?;
        if self.subject.keeps {
            self.storage.close().await?;
            let bytes = disk_bytes(self.folder.path()).map_err(|error| {
                let message = format!("the size of a store cannot be read: {error}");
                Failure::new(Code::Store, "unavailable", message)
            })?;
            figures.disk.push(figure(bytes));
            if let Some(first) = kinds.first().and_then(|kind| kind.questions.first()) {
                figures.open.push(self.task(None, vec![first.clone()], 1).run()?.seconds);
            }
        }
        let all: Vec<Question> = kinds.iter().flat_map(|kind| kind.questions.clone()).collect();
        let sources = (!self.subject.keeps).then_some(tree);
        if let Some(memory) = self.task(sources, all, TIMES_UNTIL_HOT).run()?.memory {
            figures.resident.push(figure(memory.resident));
            figures.peak.push(figure(memory.peak));
        }
        if self.subject.keeps {
            self.storage = open(self.subject, self.folder.path(), OpenMode::Existing).await?;
        }
        go_on("asking")?;
        figures.questions.resize_with(kinds.len(), Samples::default);
        for (kind, samples) in kinds.iter().zip(&mut figures.questions) {
            samples.push(each(&self.queries(), &kind.questions).await?);
        }
        go_on("editing")?;
        for number in 0..EDITS {
            if let Some(seconds) = self.edit(tree, number).await? {
                figures.update.push(seconds);
            }
        }
        self.end().await
    }

    fn task(&self, tree: Option<&Tree>, questions: Vec<Question>, times: usize) -> Task {
        Task {
            origin: self.subject.origin.clone(),
            folder: self.folder.path().to_owned(),
            tree: tree.map(|tree| tree.root.clone()),
            questions,
            times,
        }
    }
}

async fn open(subject: &Subject, folder: &Path, mode: OpenMode) -> Result<StorageManager, Failure> {
    let config = subject.config_in(folder);
    StorageManager::open_with(config, mode).await.map_err(|error| subject.failure(error))
}

/// The mean time of a question, once all of them were asked.
async fn each(queries: &Queries, questions: &[Question]) -> Result<f64, Failure> {
    for question in questions {
        ask(queries, question).await?;
    }
    let begun = Instant::now();
    for question in questions {
        ask(queries, question).await?;
    }
    Ok(begun.elapsed().as_secs_f64() / length(questions.len()))
}
