//! What `cargo metadata` answers, as far as it matters here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The crate of the seam, of which a program can have only one: the list of its backends is in it.
pub(super) const CORE: &str = "codestrata-core";

#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    packages: Vec<Package>,
    /// None where dependencies were not looked for.
    resolve: Option<Resolve>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Package {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) version: String,
    /// None for one in a folder.
    pub(super) source: Option<String>,
    pub(super) manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// None for one that the crate itself needs, and not its tests or its build.
    kind: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Target {
    kind: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
    root: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Link>,
}

#[derive(Debug, Deserialize)]
struct Link {
    /// As Rust writes it.
    name: String,
    pkg: String,
}

/// A `codestrata-core`, as it is told apart from others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Core {
    pub(super) version: String,
    /// A folder, or a registry as cargo names it.
    pub(super) origin: String,
}

impl Package {
    /// Whether another crate can use it.
    pub(super) fn is_library(&self) -> bool {
        self.targets.iter().any(|target| target.kind.iter().any(|kind| kind == "lib" || kind == "rlib"))
    }

    /// Whether it says that it needs the seam, as every backend does.
    pub(super) fn needs_core(&self) -> bool {
        self.dependencies.iter().any(|one| one.name == CORE && one.kind.is_none())
    }

    /// The folder of one that no registry has.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.source.is_none().then(|| self.manifest_path.parent()).flatten()
    }
}

impl Metadata {
    /// The package of this manifest.
    pub(super) fn into_package_of(self, manifest: &Path) -> Option<Package> {
        self.packages.into_iter().find(|package| package.manifest_path == manifest)
    }

    /// What the root depends on itself: as Rust writes it, and the package.
    pub(super) fn direct(&self) -> impl Iterator<Item = (&str, &Package)> {
        let resolve = self.resolve.as_ref();
        let root = resolve.and_then(|resolve| {
            let root = resolve.root.as_ref()?;
            resolve.nodes.iter().find(|node| node.id == *root)
        });
        let links = root.into_iter().flat_map(|node| &node.deps);
        links.filter_map(|link| Some((link.name.as_str(), self.package(&link.pkg)?)))
    }

    /// The crates of the seam that a direct dependency needs, itself or through others.
    pub(super) fn cores_of(&self, id: &str) -> BTreeSet<Core> {
        let nodes: BTreeMap<&str, &Node> = self
            .resolve
            .iter()
            .flat_map(|resolve| &resolve.nodes)
            .map(|node| (node.id.as_str(), node))
            .collect();
        let (mut seen, mut waiting) = (BTreeSet::new(), vec![id]);
        while let Some(id) = waiting.pop() {
            if seen.insert(id) {
                let links = nodes.get(id).into_iter().flat_map(|node| &node.deps);
                waiting.extend(links.map(|link| link.pkg.as_str()));
            }
        }
        let cores = seen.into_iter().filter_map(|id| self.package(id)).filter(|package| package.name == CORE);
        cores.map(Core::of).collect()
    }

    fn package(&self, id: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.id == id)
    }
}

impl Core {
    fn of(package: &Package) -> Self {
        let folder = package.folder().map(|folder| folder.display().to_string());
        let origin = folder.or_else(|| package.source.clone()).unwrap_or_default();
        Self { version: package.version.clone(), origin }
    }
}
