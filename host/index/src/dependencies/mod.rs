//! What a project did not write itself: which of it is read, and how it is imported.
//!
//! Which packages are read is a function of the tree alone: of the folders that lie in it, of what the project's own
//! files import, and of nothing that was stored before. So an update of what is stored leads to what a clean index
//! would store.
//!
//! To read it: `folders` finds the folders of packages, `imported` the packages that are imported directly, `contents`
//! says which files of a package count, and `entry` as which file a package itself is imported. `names` is what paths
//! and specifiers say by themselves.

mod contents;
mod entry;
mod folders;
mod imported;
mod names;

use std::path::Path;

use crate::walk::Sources;

pub(crate) use contents::is_bundled;
pub(crate) use entry::{Entries, entries};
pub(crate) use folders::is_dependency;
pub(crate) use imported::{Imports, Own};
pub(crate) use names::{last_folder, package_name, rank_at_depth};

/// Which packages of others are read beside the project's own files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dependencies {
    /// None.
    #[default]
    Exclude,
    /// Those that the project's own files import directly, without their tests, their own dependencies, and what a
    /// bundler made.
    Smart,
    /// Everything in the folders of packages.
    All,
}

impl Dependencies {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Exclude, Self::Smart, Self::All];

    /// Its name, `smart`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exclude => "exclude",
            Self::Smart => "smart",
            Self::All => "all",
        }
    }

    /// The choice with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.as_str() == name)
    }
}

/// The packages that are read, as paths relative to the root, and their source files.
#[derive(Debug, Default)]
pub(crate) struct Packages {
    /// Packages for [`Dependencies::Smart`], folders of packages for [`Dependencies::All`]; sorted.
    pub(crate) paths: Vec<String>,
    pub(crate) sources: Sources,
}

impl Packages {
    /// Those that a choice means. `own` has the project's own files with what they import.
    pub(crate) fn find(root: &Path, choice: Dependencies, own: &Own<'_>) -> Self {
        let paths = match choice {
            Dependencies::Exclude => Vec::new(),
            Dependencies::Smart => imported::packages(root, own),
            Dependencies::All => folders::find(root),
        };
        let mut sources = Sources::default();
        for path in &paths {
            let of_path = contents::sources(root, path, choice);
            sources.files.extend(of_path.files);
            sources.skipped.extend(of_path.skipped);
        }
        sources.files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { paths, sources }
    }
}
