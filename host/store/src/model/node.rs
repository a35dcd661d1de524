//! Nodes.

use serde::{Deserialize, Serialize};

use super::{Attributes, Span, Text};

/// Something that a source file defines: a module, class, function, variable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a node: an object with id, name, kind, file, span and attributes")]
pub struct Node {
    /// The identity of the node in its repository: any text, unique. Our indexer writes
    /// `<path>::<Qualified.name>`, with `#2`, `#3` for repeats.
    pub id: Text,
    /// Its name, as people look for it.
    pub name: Text,
    /// Its kind; see [`node_kind`](super::node_kind).
    pub kind: Text,
    /// The path of the file that it belongs to.
    pub file: Text,
    /// Where it stands in the file.
    pub span: Span,
    /// What analysers keep beside it. Those of other analysers are merged in as `analyser.key`.
    #[serde(default)]
    pub attributes: Attributes,
}

impl Node {
    /// The attribute of a node that only declares something: what is defined elsewhere under the same name, in the same
    /// namespace, is meant instead.
    pub const DECLARATION: &'static str = "declaration";

    /// The attribute of a definition that shares its name with others, where branches of the code decide which of them the
    /// name stands for: that of `except ImportError: def f()`. A link to it is ambiguous.
    pub const ALTERNATIVE: &'static str = "alternative";

    /// The attribute of a definition whose name stands in its file where no reference says that it is meant: in a string, a
    /// symbol, the text of a macro. Whether it is used there is not known.
    pub const MENTIONED: &'static str = "mentioned";

    /// The attribute of a module, or of a macro, that lists names which may be used by it and are no references: symbols of
    /// Ruby, callables of PHP in strings, names that a macro glues together. In a name `*` stands for any characters.
    pub const MENTIONS: &'static str = "mentions";

    /// The attribute of a member of an object literal that is the value of a variable with a declared type. A path through
    /// the variable leads to the member of the type, and never to this one.
    pub const GIVEN: &'static str = "given";

    /// The attribute of a member that is of its class itself, and not of the objects of the class.
    pub const STATIC: &'static str = "static";

    /// The attribute of a method that names the trait for which it is written.
    pub const IMPLEMENTS: &'static str = "implements";

    /// A node without attributes.
    #[must_use]
    pub fn new(
        id: impl Into<Text>,
        name: impl Into<Text>,
        kind: impl Into<Text>,
        file: impl Into<Text>,
        span: Span,
    ) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            kind: kind.into(),
            file: file.into(),
            span,
            attributes: Attributes::new(),
        }
    }

    /// Sets an attribute.
    #[must_use]
    pub fn with_attribute(mut self, name: impl Into<Text>, value: impl Into<serde_json::Value>) -> Self {
        self.attributes.insert(name, value.into());
        self
    }
}
