//! The program that is generated: a manifest, and a source file of three lines.
//!
//! It lies in the cache of the user, under a name made of what is in it: the same command finds it again, and cargo what
//! it built before. Built things lie beside it, shared by all such programs.

use std::env;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::crates::Crate;
use crate::arguments::Settings;
use crate::failure::{Code, Failure};
use crate::output::note;
use crate::sources::{Sources, quoted};

/// The crate of the program itself, which every build has.
pub(super) const PROGRAM: &str = "codestrata-cli";

/// As fast as the program is released; with `--debug`, what comes from elsewhere is still fast enough for real trees.
const PROFILES: &str = "\
[profile.release]
lto = \"thin\"
codegen-units = 4

[profile.dev]
debug = \"line-tables-only\"

[profile.dev.package.\"*\"]
opt-level = 2
debug = false
";

/// What codestrata is made of, beside its backends. With `--debug` it is compiled as what is being worked on.
const OWN: [&str; 5] = ["codestrata", "codestrata-config", "codestrata-core", "codestrata-index", PROGRAM];

/// A generated program on the medium. As long as it is kept, no other process changes it.
pub(super) struct Project {
    folder: PathBuf,
    sources: Sources,
    /// Every direct dependency: its name, and what stands after it in the manifest.
    dependencies: Vec<(String, String)>,
    _lock: File,
}

impl Project {
    /// Writes the manifest of a program with these of the shipped backends and these crates.
    ///
    /// # Errors
    /// When the cache cannot be written to.
    pub(super) fn begin(
        settings: &Settings,
        sources: Sources,
        shipped: &[&str],
        crates: &[Crate],
    ) -> Result<Self, Failure> {
        let features: Vec<String> = shipped.iter().map(|name| quoted(name)).collect();
        let more = ["default-features = false".to_owned(), format!("features = [{}]", features.join(", "))];
        let own = sources.dependency(PROGRAM, &format!("={}", sources.version()), &more)?;
        let mut dependencies = vec![(PROGRAM.to_owned(), own)];
        dependencies.extend(crates.iter().map(|one| (one.name.clone(), one.dependency.clone())));

        let mut hasher = DefaultHasher::new();
        dependencies.hash(&mut hasher);
        let name = format!("codestrata-{:016x}", hasher.finish());
        let folder = cache()?.join(&name);
        make_folder(&folder)?;
        let lock = lock(settings, &folder)?;
        let project = Self { folder, sources, dependencies, _lock: lock };
        project.write_manifest(&project.folder, &name, &project.dependencies)?;
        if !project.main().exists() {
            // Cargo wants a source before it says anything.
            project.write_main(&[])?;
        }
        Ok(project)
    }

    /// Where it is.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether codestrata itself comes from a checkout.
    pub(super) fn has_checkout(&self) -> bool {
        self.sources.folder().is_some()
    }

    /// Its manifest.
    pub(super) fn manifest(&self) -> PathBuf {
        self.folder.join("Cargo.toml")
    }

    fn main(&self) -> PathBuf {
        self.folder.join("src").join("main.rs")
    }

    /// Where it is built, unless the user says that everything is built elsewhere.
    pub(super) fn target(&self) -> Option<PathBuf> {
        match env::var_os("CARGO_TARGET_DIR") {
            Some(_) => None,
            None => self.folder.parent().map(|cache| cache.join("target")),
        }
    }

    /// Writes its source, which names these crates, as Rust writes them.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn write_main(&self, crates: &[&str]) -> Result<(), Failure> {
        let uses: Vec<String> = crates.iter().map(|name| format!("use {name} as _;")).collect();
        let text = format!(
            "//! codestrata, with backends from elsewhere. Written by `codestrata build`.\n\n\
             // A crate that nothing names is not linked, and its backends are not known.\n{}\n\n\
             fn main() -> std::process::ExitCode {{\n    codestrata_cli::main()\n}}\n",
            uses.join("\n")
        );
        write(&self.main(), &text)
    }

    /// The manifests of programs with one of its dependencies each, to see what that needs by itself.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(super) fn apart(&self) -> Result<Vec<(&str, PathBuf)>, Failure> {
        let mut manifests = Vec::with_capacity(self.dependencies.len());
        for dependency in &self.dependencies {
            let folder = self.folder.join("apart").join(&dependency.0);
            self.write_manifest(&folder, "apart", std::slice::from_ref(dependency))?;
            write(&folder.join("src").join("main.rs"), "fn main() {}\n")?;
            manifests.push((dependency.0.as_str(), folder.join("Cargo.toml")));
        }
        Ok(manifests)
    }

    fn write_manifest(
        &self,
        folder: &Path,
        name: &str,
        dependencies: &[(String, String)],
    ) -> Result<(), Failure> {
        let lines: Vec<String> =
            dependencies.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let asked = dependencies.iter().map(|(name, _)| name.as_str()).filter(|name| !OWN.contains(name));
        let worked_on = OWN.into_iter().chain(asked).map(|name| {
            format!("[profile.dev.package.{name}]\nopt-level = 0\ndebug = \"line-tables-only\"\n")
        });
        let text = format!(
            "# Written by `codestrata build`, anew each time.\n\
             [package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
             [dependencies]\n{}\n\n[workspace]\n\n{PROFILES}\n{}",
            lines.join("\n"),
            worked_on.collect::<Vec<_>>().join("\n")
        );
        write(&folder.join("Cargo.toml"), &text)?;
        self.write_lock(folder)
    }

    /// Begins from the versions that the checkout was tested with, or from none: then the newest are chosen.
    fn write_lock(&self, folder: &Path) -> Result<(), Failure> {
        let lock = folder.join("Cargo.lock");
        let tested =
            self.sources.folder().and_then(|checkout| fs::read_to_string(checkout.join("Cargo.lock")).ok());
        match (tested, fs::remove_file(&lock)) {
            (Some(tested), _) => write(&lock, &tested),
            (None, Err(error)) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(&lock, &error)),
            (None, _) => Ok(()),
        }
    }
}

/// The folder of everything that is generated.
fn cache() -> Result<PathBuf, Failure> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
    cache.map(|cache| cache.join("codestrata").join("build")).ok_or_else(|| {
        // A folder that everyone may write to would let others choose what is built.
        Failure::new(Code::Store, "unavailable", "there is no place for the program that is generated")
            .with_help("set HOME, or set XDG_CACHE_HOME to a folder of your own")
    })
}

fn make_folder(folder: &Path) -> Result<(), Failure> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| unwritable(folder, &error))
}

/// Waits for another process that builds the same.
fn lock(settings: &Settings, folder: &Path) -> Result<File, Failure> {
    let path = folder.join("lock");
    let failed = |error: io::Error| unwritable(&path, &error);
    let file = File::create(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            if !settings.json {
                note(settings, "waiting for another process that builds the same");
            }
            file.lock().map_err(failed)?;
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    Ok(file)
}

/// Writes a file, unless it is so already: cargo goes by times.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if fs::read(path).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    fs::write(path, text).map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Code::Store, "unavailable", format!("{} cannot be written: {error}", path.display()))
        .with_help("set XDG_CACHE_HOME to a folder that you may write to")
}
