//! Graphs above the seam: the trait that users see, and its one implementation for every engine.
//!
//! To read it: [`GraphStorage`] is what there is. `engine` and `view` read the tables, and `current` knows what of them is at hand; `plan`, `update` and `write` commit a
//! small change as one batch, `bulk` a large one as a new generation, of which `portions` writes files ahead; `facts` and `all_facts` answer the questions of
//! linking for the one and the other; `split` turns a graph into files, `edit` changes of single nodes and edges into
//! changes of files; `load` and `edges` turn stored files into nodes and edges again, `whole` and `file_edges` all of them
//! at once; `sweep` removes what crashes leave, and
//! `verify` looks whether everything is as it must be.

mod all_facts;
mod bulk;
mod current;
mod edges;
mod edit;
mod engine;
mod facts;
mod fetch;
mod file_edges;
mod files;
mod generation;
pub mod history;
mod load;
mod notes;
mod plan;
mod portions;
mod split;
mod storage;
mod store;
mod sweep;
mod update;
mod verify;
mod view;
mod whole;
mod write;

pub use storage::{FileChanges, FileUpdate, GraphStorage, ImportedModule, UpdateSummary};
pub use store::GraphStore;
pub use verify::{FileState, Finding, Findings, Subject, Unwatched, Verification, VerifyWatch};

pub(crate) use current::EpochNumber;
pub(crate) use edges::EdgeReader;
pub(crate) use engine::{
    Attempts, Engine, decode_ordinal, encode_ordinal, lost, may_retry, no_repository, unsettled,
};
pub(crate) use load::{FileReader, edge_order, file_info, node_with_notes, overview};
pub(crate) use notes::{NodeNotes, files_with_notes, of_file as notes_of_file};
pub(crate) use store::{moving, read};
pub(crate) use sweep::{finish_deletions, is_being_deleted, sweep_everything, sweep_if_needed};
pub(crate) use view::{NodePlace, StoredFile, View};
