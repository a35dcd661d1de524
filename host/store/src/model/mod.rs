//! The graph as people see it: nodes, edges, spans, open attributes, and facts about the whole.

mod attributes;
mod edge;
mod facts;
mod graph;
mod node;
mod reach;
mod shared_text;
mod span;

/// A text of a graph or of an answer: it reads as a `str`. Those of at most 23 bytes take no memory beside it; longer ones
/// are shared by their clones.
pub use smol_str::SmolStr as Text;

pub use attributes::Attributes;
pub use edge::{Edge, EdgeSelector, Resolution};
pub use facts::{
    Export, ExportTarget, FileFacts, Import, ImportedName, ModuleFacts, Reference, Root, Target, ValueFact,
};
pub use graph::{FileInfo, Graph, GraphMetadata, MetadataUpdate, Totals};
pub use node::Node;
pub use reach::Reach;
pub use shared_text::SharedText;
pub(crate) use shared_text::TextsOfRows;
pub use span::Span;

/// The names of the kinds of node that codestrata's own indexer makes. Kinds are open: any text is one.
pub mod node_kind {
    /// A source file as a whole.
    pub const MODULE: &str = "module";
    /// A class.
    pub const CLASS: &str = "class";
    /// A structure.
    pub const STRUCT: &str = "struct";
    /// A union of C, C++ or Rust.
    pub const UNION: &str = "union";
    /// An interface or protocol.
    pub const INTERFACE: &str = "interface";
    /// A trait, or a module that is mixed into classes.
    pub const TRAIT: &str = "trait";
    /// An enumeration.
    pub const ENUM: &str = "enum";
    /// A named type that is none of these.
    pub const TYPE: &str = "type";
    /// A function that belongs to no class.
    pub const FUNCTION: &str = "function";
    /// A function of a class.
    pub const METHOD: &str = "method";
    /// A variable or constant of a module or class.
    pub const VARIABLE: &str = "variable";

    /// Whether nodes of this kind have members that are inherited.
    #[must_use]
    pub fn has_members(kind: &str) -> bool {
        matches!(kind, CLASS | STRUCT | UNION | INTERFACE | TRAIT | ENUM)
    }
}

/// The names of the kinds of edge that codestrata's own indexer makes. Kinds are open: any text is one.
pub mod edge_kind {
    /// From a module, class or function to what is defined in it.
    pub const CONTAINS: &str = "contains";
    /// From where a call stands to the function called.
    pub const CALLS: &str = "calls";
    /// From where an object is made to its class.
    pub const INSTANTIATES: &str = "instantiates";
    /// From a module to what it imports.
    pub const IMPORTS: &str = "imports";
    /// From a class to its bases.
    pub const INHERITS: &str = "inherits";
    /// From where a type is named to the type; the attribute `role` is `parameter`, `return` or `variable`.
    pub const USES_TYPE: &str = "uses_type";
    /// From where an attribute or variable is read to it.
    pub const ACCESSES: &str = "accesses";

    /// Whether edges of this kind are calls: what callers and callees are asked by.
    #[must_use]
    pub fn is_call(kind: &str) -> bool {
        matches!(kind, CALLS | INSTANTIATES)
    }
}
