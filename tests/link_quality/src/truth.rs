//! What a SCIP index says: which symbols stand where, and where each is defined.

use std::collections::{BTreeMap, HashMap};
use std::path::{Component, Path};

use scip::types::{Document, PositionEncoding, SymbolRole};

use crate::places::{Lines, Place};
use crate::{Problem, documents};

/// The largest SCIP index that is read: it is held in memory as a whole, several times its size.
pub const MAX_INDEX_BYTES: u64 = 2 << 30;

/// One symbol of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Symbol {
    /// As the index writes it.
    pub text: String,
    /// Where it is defined in the documents of the index: the file, as a position in [`Truth::files`], and its name
    /// there. Overloads and merged declarations are several. None of a symbol of the outside.
    pub definitions: Vec<(usize, Place)>,
}

impl Symbol {
    /// Whether it is known in one document only.
    pub fn is_local(&self) -> bool {
        self.text.starts_with("local ")
    }

    /// Whether it is one that `declare global` adds to: most of it is defined outside of the tree.
    pub fn is_global_augmentation(&self) -> bool {
        self.text.contains("/global/")
    }

    /// The scheme, the manager and the package, without its version: an indexer that finds the package installed gives
    /// its symbols the version of that.
    pub fn package(&self) -> &str {
        let mut spaces = self.text.match_indices(' ').map(|(at, _)| at);
        self.text.get(..spaces.nth(2).unwrap_or(0)).unwrap_or_default()
    }

    /// Its own name: that of its last descriptor. None if it has none that a source could write.
    pub fn name(&self) -> Option<&str> {
        // A module of scip-python: its name is that of the file or folder.
        if let Some(module) = self.text.strip_suffix("/__init__:") {
            return module.trim_end_matches('`').rsplit([' ', '.', '`', '/']).next();
        }
        let end = self.text.rfind(['.', '#', ':', '/', '!', ')', ']'])?;
        let text = self.text.get(..end)?;
        // A method is `name(+1).`: what tells overloads apart is no part of the name.
        let text = match text.strip_suffix(')') {
            Some(method) => method.rsplit_once('(')?.0,
            None => text,
        };
        let start = text.rfind(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | '$')));
        let name = text.get(start.map_or(0, |start| start + 1)..)?;
        (!name.is_empty()).then_some(name)
    }

    /// Whether it is a function or method, by its last descriptor.
    pub fn is_function(&self) -> bool {
        self.text.ends_with(").")
    }

    /// Whether it is a type, by its last descriptor.
    pub fn is_type(&self) -> bool {
        self.text.ends_with('#')
    }

    /// Whether it is a parameter or a type parameter, by its last descriptor.
    pub fn is_parameter(&self) -> bool {
        self.text.ends_with([')', ']'])
    }

    /// Whether it is one of Python's builtins. scip-python says so of anything that is *named* like one, so this tells
    /// nothing.
    pub fn is_python_builtin(&self) -> bool {
        self.text.starts_with("scip-python ") && self.text.contains(" builtins/")
    }
}

/// What an index says of a tree.
#[derive(Debug, Default)]
pub struct Truth {
    /// The files that it has documents of, with their sources.
    pub files: Vec<(String, String)>,
    /// Which symbols stand where, by file. A definition stands where its name does.
    pub occurrences: Vec<HashMap<Place, Vec<usize>>>,
    /// Every symbol.
    pub symbols: Vec<Symbol>,
    /// Documents whose files are not in the tree, or are no text.
    pub missing: Vec<String>,
    /// Occurrences whose ranges are not in their files.
    pub outside: u64,
}

impl Truth {
    /// Reads the index at `path` of the tree at `root`.
    ///
    /// # Errors
    /// When it cannot be read, is larger than [`MAX_INDEX_BYTES`], is no SCIP index, or is not of this tree.
    pub fn read(path: &Path, root: &Path) -> Result<Self, Problem> {
        let size = std::fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?.len();
        if size > MAX_INDEX_BYTES {
            return Err(format!("{}: {size} bytes are more than {MAX_INDEX_BYTES}", path.display()).into());
        }
        let bytes = std::fs::read(path)?;
        let documents = documents::read(&bytes)
            .map_err(|error| format!("{} is no SCIP index, or is cut off: {error}", path.display()))?;
        let truth = Self::of(&documents, root);
        let seen = truth.occurrences.iter().map(HashMap::len).sum::<usize>();
        if seen == 0 || truth.outside > 0 && truth.outside >= seen as u64 / 100 {
            return Err(format!(
                "{} is not of {}: {seen} places were found there, {} were not, and {} files are missing; \
                 give the folder in which the index was made, as it was then",
                path.display(),
                root.display(),
                truth.outside,
                truth.missing.len(),
            )
            .into());
        }
        Ok(truth)
    }

    /// What the documents of an index say of the tree at `root`.
    pub fn of(indexed: &[Document], root: &Path) -> Self {
        let mut truth = Self::default();
        let mut known = HashMap::new();
        // Several documents of one path are parts of one.
        let mut documents: BTreeMap<&str, Vec<&Document>> = BTreeMap::new();
        for document in indexed {
            documents.entry(&document.relative_path).or_default().push(document);
        }
        for (path, parts) in documents {
            let is_inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
            let text = is_inside.then(|| std::fs::read_to_string(root.join(path)).ok()).flatten();
            match text {
                Some(text) => truth.add(path, text, &parts, &mut known),
                None => truth.missing.push(path.to_owned()),
            }
        }
        for symbol in &mut truth.symbols {
            symbol.definitions.sort_unstable();
            symbol.definitions.dedup();
        }
        truth
    }

    fn add(
        &mut self,
        path: &str,
        text: String,
        parts: &[&Document],
        known: &mut HashMap<(Option<usize>, String), usize>,
    ) {
        let file = self.files.len();
        let lines = Lines::of(&text);
        let mut here: HashMap<Place, Vec<usize>> = HashMap::new();
        for document in parts {
            // Indexers that say nothing of it are written in TypeScript, whose text is UTF-16.
            let encoding = document.position_encoding.enum_value_or_default();
            for occurrence in &document.occurrences {
                if occurrence.symbol.is_empty() {
                    continue;
                }
                let Some(place) = place_of(occurrence, &lines, encoding) else {
                    self.outside += 1;
                    continue;
                };
                let local = occurrence.symbol.starts_with("local ").then_some(file);
                let symbol = *known.entry((local, occurrence.symbol.clone())).or_insert_with(|| {
                    self.symbols.push(Symbol { text: occurrence.symbol.clone(), ..Symbol::default() });
                    self.symbols.len() - 1
                });
                if occurrence.symbol_roles & SymbolRole::Definition as i32 != 0
                    && let Some(symbol) = self.symbols.get_mut(symbol)
                {
                    symbol.definitions.push((file, place));
                }
                let symbols = here.entry(place).or_default();
                if !symbols.contains(&symbol) {
                    symbols.push(symbol);
                }
            }
        }
        self.occurrences.push(here);
        self.files.push((path.to_owned(), text));
    }

    /// The symbols that stand at a place of a file.
    pub fn at(&self, file: usize, place: Place) -> impl Iterator<Item = &Symbol> {
        let symbols = self.occurrences.get(file).and_then(|places| places.get(&place));
        symbols.into_iter().flatten().filter_map(|symbol| self.symbols.get(*symbol))
    }
}

fn place_of(
    occurrence: &scip::types::Occurrence,
    lines: &Lines<'_>,
    encoding: PositionEncoding,
) -> Option<Place> {
    use scip::types::occurrence::Typed_range;
    match &occurrence.typed_range {
        Some(Typed_range::SingleLineRange(range)) => {
            lines.place(&[range.line, range.start_character, range.end_character], encoding)
        }
        Some(Typed_range::MultiLineRange(range)) => lines
            .place(&[range.start_line, range.start_character, range.end_line, range.end_character], encoding),
        _ => lines.place(&occurrence.range, encoding),
    }
}
