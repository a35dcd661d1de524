//! The same graph several times over, so that cost can be seen against size.
//!
//! Everything of a replica has names of its own, also what is only named: two replicas with the same names would be one
//! repository in which every name is ambiguous, and not a larger one.

use codestrata::{Edge, Export, FileFacts, Import, ImportedName, Reference, Root, Target, ValueFact};

/// Facts of `count` replicas, the first of which is the original.
pub(crate) fn replicas(facts: &[FileFacts], count: usize) -> Vec<FileFacts> {
    (0..count)
        .flat_map(|number| {
            facts.iter().map(move |file| if number == 0 { file.clone() } else { Renamed(number).file(file) })
        })
        .collect()
}

/// What the names of one replica become.
#[derive(Clone, Copy)]
struct Renamed(usize);

impl Renamed {
    fn file(self, file: &FileFacts) -> FileFacts {
        let mut renamed = file.clone();
        renamed.path = self.id(&file.path);
        if let Some(module) = &mut renamed.module {
            module.stem = self.stem(&module.stem);
        }
        for node in &mut renamed.nodes {
            (node.id, node.file) = (self.id(&node.id).into(), self.id(&node.file).into());
            node.name = self.dotted(&node.name).into();
        }
        renamed.edges.iter_mut().for_each(|edge| self.edge(edge));
        renamed.references.iter_mut().for_each(|reference| self.reference(reference));
        renamed.imports.iter_mut().for_each(|import| self.import(import));
        renamed.exports.iter_mut().for_each(|export| self.export(export));
        renamed.values.iter_mut().for_each(|value| self.value(value));
        renamed
    }

    /// Ids and paths get a folder of their own. The store reads the qualified name behind `::` of an id, whose parts are
    /// names as well.
    fn id(self, id: &str) -> String {
        match id.split_once("::") {
            Some((path, qualified)) => format!("r{}/{path}::{}", self.0, self.dotted(qualified)),
            None => format!("r{}/{id}", self.0),
        }
    }

    /// One name. What is no name, such as the member that stands for a call, stays; so does the number of a repeat.
    fn name(self, name: &str) -> String {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
        let (name, repeat) = match name.rsplit_once('#').filter(|(_, number)| is_number(number)) {
            Some((name, number)) => (name, format!("#{number}")),
            None => (name, String::new()),
        };
        if name.starts_with(|first: char| first.is_alphabetic() || "_$#".contains(first)) {
            format!("{name}~{}{repeat}", self.0)
        } else {
            format!("{name}{repeat}")
        }
    }

    fn dotted(self, names: &str) -> String {
        names.split('.').map(|name| self.name(name)).collect::<Vec<_>>().join(".")
    }

    /// Each part of a module's path may also be the name of something.
    fn stem(self, stem: &str) -> String {
        stem.split('/').map(|part| self.name(part)).collect::<Vec<_>>().join("/")
    }

    fn edge(self, edge: &mut Edge) {
        edge.source = self.id(&edge.source).into();
        edge.target = self.id(&edge.target).into();
    }

    fn reference(self, reference: &mut Reference) {
        self.target(&mut reference.target);
    }

    fn value(self, value: &mut ValueFact) {
        value.path.iter_mut().for_each(|name| *name = self.name(name));
        self.target(&mut value.target);
    }

    fn target(self, target: &mut Target) {
        match target {
            Target::Node(_) => {}
            Target::Path(root, members) => {
                if let Root::Free(name) = root {
                    *name = self.name(name);
                }
                for name in members {
                    *name = self.name(name);
                }
            }
            Target::Member(name) | Target::Local(name) => *name = self.name(name),
        }
    }

    fn import(self, import: &mut Import) {
        import.candidates.iter_mut().for_each(|stem| *stem = self.stem(stem));
        if let ImportedName::Name(name) = &mut import.name {
            *name = self.name(name);
        }
    }

    /// `/stem:Type.member` is a name in another namespace.
    fn export(self, export: &mut Export) {
        export.name = match export.name.strip_prefix('/').and_then(|rest| rest.split_once(':')) {
            Some((stem, names)) => format!("/{}:{}", self.stem(stem), self.dotted(names)),
            None => self.dotted(&export.name),
        };
    }
}

#[cfg(test)]
mod tests {
    use codestrata_index::{Language, extract};

    use super::replicas;
    use crate::input::Input;

    #[test]
    fn a_replica_has_the_same_links_under_other_names() {
        let user = b"class User:\n    def save(self): ...\n";
        let app = b"from user import User\n\ndef main():\n    User().save()\n";
        let facts = [("user.py", user.as_slice()), ("app.py", app)]
            .map(|(path, source)| extract(path, source, Language::Python).unwrap().facts);
        let twice = Input::of_facts("twice".to_owned(), replicas(&facts, 2)).unwrap().graph;
        let calls: Vec<_> = twice
            .edges
            .iter()
            .filter(|edge| edge.kind == "calls" && edge.target.contains("save"))
            .map(|edge| (edge.source.as_str(), edge.target.as_str()))
            .collect();
        let renamed = ("r1/app.py::main~1", "r1/user.py::User~1.save~1");
        assert_eq!(calls, [("app.py::main", "user.py::User.save"), renamed]);
    }
}
