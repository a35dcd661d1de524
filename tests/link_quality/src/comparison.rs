//! The rules of counting.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use codestrata::Resolution;
use codestrata::model::{edge_kind, node_kind};
use codestrata_index::Language;

use crate::Problem;
use crate::faults::{Faults, example, whereabouts};
use crate::figures::{Figures, Found, RelationFigures};
use crate::ours::{Link, Ours, is_inheritance};
use crate::places::Place;
use crate::sites::{Definition, Site, Sites, Spoken, is_known};
use crate::truth::{Symbol, Truth};

/// A tree with its SCIP index.
#[derive(Clone, Copy, Debug)]
pub struct Project<'p> {
    /// The folder in which the index was made.
    pub root: &'p Path,
    /// The index.
    pub index: &'p Path,
}

/// Indexes a tree and compares the graph with the truth.
///
/// # Errors
/// When the SCIP index cannot be read or is not of the tree, and what the indexer answers.
pub fn measure(
    project: Project<'_>,
    is_wanted: &dyn Fn(Language) -> bool,
) -> Result<(Figures, Faults), Problem> {
    let truth = Truth::read(project.index, project.root)?;
    let ours = Ours::index(project.root)?;
    Comparison::new(&truth, &ours, is_wanted)?.run()
}

/// One graph and one truth.
pub struct Comparison<'c> {
    truth: &'c Truth,
    ours: &'c Ours,
    /// The sites of each file of the truth; none of files that are not compared.
    sites: Vec<Option<Sites>>,
    /// Every name of the tree that may stand for something of another name.
    renames: HashSet<String>,
    /// The packages of what is defined in the tree.
    packages: HashSet<&'c str>,
    figures: Figures,
    faults: Faults,
}

/// What the truth says of one place.
enum Said {
    /// Nothing that means something.
    Nothing,
    /// Something that cannot be: it has another name than the one that stands there, and nothing in the tree renames;
    /// or it is of the tree, and nowhere in it.
    Contradiction,
    /// Something that is not defined in the tree, or only for a function: a parameter, a local variable. The nodes that
    /// it is nevertheless: that of the variable, the class that `cls` is.
    Elsewhere(String, Vec<usize>),
    /// A definition of the tree.
    Defined(Target),
}

/// What it means that one symbol stands at a place.
enum Meaning {
    Nothing,
    Contradiction,
    Elsewhere,
    Definition,
    Value,
}

struct Target {
    /// The nodes that stand for it; none if the graph has none.
    nodes: Vec<usize>,
    /// Whether it is a function or type, and not a value.
    is_definition: bool,
    /// For reports.
    text: String,
}

impl<'c> Comparison<'c> {
    /// Prepares the files of the languages that are wanted.
    ///
    /// # Errors
    /// When a source cannot be parsed at all.
    pub fn new(
        truth: &'c Truth,
        ours: &'c Ours,
        is_wanted: &dyn Fn(Language) -> bool,
    ) -> Result<Self, Problem> {
        let mut figures = Figures { not_compared: truth.missing.len() as u64, ..Figures::default() };
        let mut sites = Vec::new();
        let mut renames = HashSet::new();
        for (path, text) in &truth.files {
            let language = Language::of_path(path).filter(|language| is_known(*language));
            let language = language.filter(|language| is_wanted(*language));
            sites.push(match language {
                Some(language) if ours.has_file(path) => {
                    figures.files += 1;
                    let mut sites = Sites::of(text, language)?;
                    renames.extend(sites.renames.drain());
                    Some(sites)
                }
                Some(_) => {
                    figures.not_compared += 1;
                    None
                }
                None => None,
            });
        }
        let defined =
            truth.symbols.iter().filter(|symbol| !symbol.definitions.is_empty() && !symbol.is_local());
        let packages = defined.map(Symbol::package).collect();
        Ok(Self { truth, ours, sites, renames, packages, figures, faults: Faults::default() })
    }

    /// Compares.
    ///
    /// # Errors
    /// When nothing can be compared.
    pub fn run(mut self) -> Result<(Figures, Faults), Problem> {
        if self.figures.files == 0 {
            return Err("the index and the tree have no file in common that is compared; \
                        see whether the root is the folder in which the index was made"
                .into());
        }
        for file in 0..self.sites.len() {
            let Some(sites) = self.sites.get_mut(file).and_then(Option::as_mut) else { continue };
            let calls = std::mem::take(&mut sites.calls);
            let bases = std::mem::take(&mut sites.bases);
            let calls = self.relation("call", file, &calls, edge_kind::is_call);
            let bases = self.relation("base", file, &bases, is_inheritance);
            self.figures.calls += &calls;
            self.figures.inheritance += &bases;
        }
        Ok((self.figures, self.faults))
    }

    fn relation(
        &mut self,
        what: &str,
        file: usize,
        sites: &[Site],
        is_wanted: fn(&str) -> bool,
    ) -> RelationFigures {
        let mut figures = RelationFigures::default();
        let Some((path, _)) = self.truth.files.get(file) else { return figures };
        let links = self.ours.links(path, is_wanted);
        let spoken: HashMap<Place, Spoken> = sites.iter().map(|site| (site.place, site.spoken)).collect();
        let mut places: Vec<_> = links.iter().collect();
        places.sort_by_key(|(place, _)| **place);
        for (place, links) in places {
            let said = self.said(file, *place);
            for link in links {
                self.judge(what, file, *place, spoken.get(place).copied(), link, &said, &mut figures);
            }
        }
        for site in sites {
            match self.said(file, site.place) {
                Said::Nothing => figures.silent += 1,
                Said::Contradiction => figures.contradictions += 1,
                Said::Elsewhere(..) => figures.elsewhere += 1,
                Said::Defined(target) => {
                    let here = links.get(&site.place).map(Vec::as_slice).unwrap_or_default();
                    let found = self.look_for(what, file, *site, here, &target);
                    if target.is_definition {
                        figures.definitions += found;
                    } else {
                        figures.values += found;
                    }
                }
            }
        }
        figures
    }

    /// Precision: one of our links that leads somewhere. Ambiguous ones claim nothing.
    #[expect(clippy::too_many_arguments, reason = "they are what a report shows")]
    fn judge(
        &mut self,
        what: &str,
        file: usize,
        place: Place,
        spoken: Option<Spoken>,
        link: &Link<'_>,
        said: &Said,
        figures: &mut RelationFigures,
    ) {
        let Some(ours) = link.target.filter(|_| link.resolution != Resolution::Ambiguous) else { return };
        let label = figures.labels.entry(link.resolution.as_str()).or_default();
        let (count, verdict, truth) = match said {
            Said::Nothing => (&mut label.unverifiable, "unverifiable", "nothing".to_owned()),
            Said::Contradiction => {
                label.contradicted += 1;
                return;
            }
            Said::Elsewhere(_, nodes) if nodes.iter().any(|node| self.ours.is_same(*node, ours)) => {
                label.right += 1;
                return;
            }
            Said::Elsewhere(symbol, _) => (&mut label.wrong, "wrong", symbol.clone()),
            Said::Defined(target) if target.nodes.iter().any(|node| self.ours.is_same(*node, ours)) => {
                label.right += 1;
                return;
            }
            Said::Defined(target) => (&mut label.wrong, "wrong", target.text.clone()),
        };
        *count += 1;
        let spoken = spoken.map_or("no call", Spoken::as_str);
        let kind = self.ours.node(ours).map_or("", |node| node.kind.as_str());
        let defined = match said {
            Said::Defined(target) if target.nodes.is_empty() => ", truth has no node",
            Said::Defined(_) => ", another node",
            Said::Elsewhere(..) => ", truth is elsewhere",
            Said::Nothing | Said::Contradiction => "",
        };
        let fault = format!("{what} {verdict} {}: `{spoken}` to a {kind}{defined}", link.resolution.as_str());
        self.faults.note(fault, || example(self.truth, file, place, &link.edge.target, &truth));
    }

    /// Recall: one place whose target is defined in the tree.
    fn look_for(
        &mut self,
        what: &str,
        file: usize,
        site: Site,
        links: &[Link<'_>],
        target: &Target,
    ) -> Found {
        let mut found = Found { places: 1, ..Found::default() };
        let leads_there = |link: &&Link<'_>| {
            link.target.is_some_and(|ours| target.nodes.iter().any(|node| self.ours.is_same(*node, ours)))
        };
        if links.iter().any(|link| link.resolution != Resolution::Ambiguous && leads_there(&link)) {
            found.bound = 1;
            return found;
        }
        let may_mean = |link: &&Link<'_>| {
            link.resolution == Resolution::Ambiguous
                && (leads_there(link)
                    || target.nodes.iter().filter_map(|node| self.ours.node(*node)).any(|node| {
                        node.kind == node_kind::METHOD
                            && link.edge.target == format!("ambiguous:{}", node.name)
                    }))
        };
        if links.iter().any(|link| may_mean(&link)) {
            found.among_candidates = 1;
        }
        let ours = links.first();
        let how = ours.map_or("not seen", |link| link.resolution.as_str());
        let is = match target.nodes.first().and_then(|node| self.ours.node(*node)) {
            Some(node) => node.kind.as_str(),
            None => "thing without a node",
        };
        let fault = format!("{what} missed, {how}: `{}` of a {is}", site.spoken.as_str());
        let says = ours.map_or("nothing", |link| link.edge.target.as_str());
        self.faults.note(fault, || example(self.truth, file, site.place, says, &target.text));
        found
    }

    fn said(&self, file: usize, place: Place) -> Said {
        let mut said = Said::Nothing;
        let word = self.word(file, place);
        let sites = self.sites.get(file).and_then(Option::as_ref);
        // The truth names the property, and the links here are to its value.
        if sites.is_some_and(|sites| sites.shorthands.contains(&place)) {
            return Said::Nothing;
        }
        let is_of_self = sites.is_some_and(|sites| sites.of_self.contains(&place));
        let is_member = self.is_member(file, place);
        let mut target = Target { nodes: Vec::new(), is_definition: false, text: String::new() };
        for symbol in self.truth.at(file, place) {
            let is_property = is_member && self.is_property(symbol);
            match self.means(symbol, word, is_of_self) {
                Meaning::Elsewhere if is_property => {}
                Meaning::Nothing => continue,
                Meaning::Contradiction => {
                    if matches!(said, Said::Nothing) {
                        said = Said::Contradiction;
                    }
                    continue;
                }
                Meaning::Elsewhere => {
                    said = Said::Elsewhere(symbol.text.clone(), self.nodes_of_local(file, place, symbol));
                    continue;
                }
                Meaning::Definition => target.is_definition = true,
                Meaning::Value => {}
            }
            target.text.clone_from(&symbol.text);
            for (file, name) in &symbol.definitions {
                target.nodes.extend(self.node_at(*file, *name));
            }
            if symbol.is_local()
                && let Some((file, name)) = symbol.definitions.first()
            {
                target.text = format!("{} at {}", symbol.text, whereabouts(self.truth, *file, *name));
            }
        }
        if target.text.is_empty() { said } else { Said::Defined(target) }
    }

    /// What it means that a symbol stands at a word.
    fn means(&self, symbol: &Symbol, word: &str, is_of_self: bool) -> Meaning {
        if symbol.definitions.is_empty() {
            // A local symbol without a definition is a name that an export gave, as scip-typescript has it.
            return if symbol.is_python_builtin() || symbol.is_local() {
                Meaning::Nothing
            } else if self.packages.contains(symbol.package()) {
                // scip-python loses the definition of what is named like a builtin.
                Meaning::Contradiction
            } else {
                Meaning::Elsewhere
            };
        }
        if symbol.is_global_augmentation() {
            return Meaning::Elsewhere;
        }
        if self.contradicts(symbol, word) || is_of_self && symbol.is_type() && symbol.name() != Some(word) {
            return Meaning::Contradiction;
        }
        if self.is_definition(symbol) {
            Meaning::Definition
        } else if symbol.is_local() || symbol.is_parameter() {
            Meaning::Elsewhere
        } else {
            Meaning::Value
        }
    }

    /// Whether a name stands behind a dot.
    fn is_member(&self, file: usize, place: Place) -> bool {
        let text = self.truth.files.get(file).map_or("", |(_, text)| text.as_str());
        text.get(..place.start as usize).is_some_and(|before| before.trim_end().ends_with('.'))
    }

    /// Whether a parameter is a property as well, by the syntax where it is defined.
    fn is_property(&self, symbol: &Symbol) -> bool {
        symbol.definitions.iter().any(|(file, name)| {
            let sites = self.sites.get(*file).and_then(Option::as_ref);
            sites.is_some_and(|sites| sites.parameter_properties.contains(name))
        })
    }

    /// The nodes of a thing that is known to its function only: the one whose name stands where it is defined, and the
    /// class around a class method of which it is the first parameter.
    fn nodes_of_local(&self, file: usize, place: Place, symbol: &Symbol) -> Vec<usize> {
        let Some((path, _)) = self.truth.files.get(file) else { return Vec::new() };
        let sites = self.sites.get(file).and_then(Option::as_ref);
        let class =
            sites.filter(|_| symbol.is_parameter()).and_then(|sites| sites.classes_called.get(&place));
        let class = class.and_then(|name| self.ours.defined_at(path, self.word(file, *name), *name, true));
        let own = symbol.definitions.iter().filter(|_| symbol.is_local()).filter_map(|(file, name)| {
            let (path, text) = self.truth.files.get(*file)?;
            self.ours.named_at(path, text, self.word(*file, *name), *name)
        });
        own.chain(class).collect()
    }

    /// Whether a symbol cannot be meant by a word: it has another name, and nothing in the tree gives it this one. A
    /// class may be meant by what is run to make an object of it, and a file by the name of its default export.
    fn contradicts(&self, symbol: &Symbol, word: &str) -> bool {
        !symbol.is_local()
            && !matches!(word, "super" | "this" | "constructor")
            && symbol
                .name()
                .is_some_and(|name| name != word && !matches!(name, "__init__" | "constructor" | "default"))
            && !self.renames.contains(word)
    }

    fn word(&self, file: usize, place: Place) -> &str {
        let text = self.truth.files.get(file).map_or("", |(_, text)| text.as_str());
        text.get(place.start as usize..place.end as usize).unwrap_or_default()
    }

    /// Whether a symbol is a function or type: by its own words, or by the syntax where it is defined.
    fn is_definition(&self, symbol: &Symbol) -> bool {
        symbol.is_function()
            || symbol.is_type()
            || symbol.definitions.iter().any(|(file, name)| self.defines(*file, *name).is_some())
    }

    fn defines(&self, file: usize, name: Place) -> Option<Definition> {
        self.sites.get(file)?.as_ref()?.definitions.get(&name).copied()
    }

    fn node_at(&self, file: usize, name: Place) -> Option<usize> {
        let (path, _) = self.truth.files.get(file)?;
        let word = self.word(file, name).trim_matches(['"', '\'']);
        self.ours.defined_at(path, word, name, self.defines(file, name).is_some())
    }
}
