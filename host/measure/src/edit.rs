//! A file as it is after an edit.

use codestrata::{Edge, FileFacts, Node, Span};

/// Edits move what a file has by fewer lines than this, however many there are.
const MOST_LINES: usize = 1_000;

/// Names of what edits add come in turn, so that nobody has to keep more and more of them.
const NAMES: usize = 7;

/// An edit: a function is added at the end of a file, and everything stands some lines further down. Edits do not add
/// up: each is one of the file as it is given.
#[derive(Clone, Debug)]
pub struct Edit {
    number: usize,
    lines: u32,
}

impl Edit {
    /// The edit of this number; each is unlike the one before it.
    #[must_use]
    pub fn new(number: usize) -> Self {
        Self { number, lines: u32::try_from(number % MOST_LINES).unwrap_or_default() + 1 }
    }

    /// The facts of a file after it.
    #[must_use]
    pub fn of_facts(&self, facts: &FileFacts) -> FileFacts {
        let mut next = facts.clone();
        next.hash = format!("edit {}", self.number);
        for node in &mut next.nodes {
            node.span = self.moved(node.span);
        }
        for reference in &mut next.references {
            reference.span = self.moved(reference.span);
        }
        for edge in &mut next.edges {
            edge.span = edge.span.map(|span| self.moved(span));
        }
        if let Some(first) = facts.nodes.first() {
            let (node, edge) = self.addition(first);
            next.nodes.push(node);
            next.edges.push(edge);
        }
        next
    }

    /// The function that it adds, and that the first node of the file contains it.
    #[must_use]
    pub fn addition(&self, first: &Node) -> (Node, Edge) {
        let name = format!("added_by_edit_{}", self.number % NAMES);
        let id = format!("{}::{name}", first.file);
        let edge = Edge::new(first.id.clone(), id.as_str(), "contains");
        (Node::new(id, name, "function", first.file.clone(), Span::default()), edge)
    }

    /// Where something stands after it.
    #[must_use]
    pub fn moved(&self, span: Span) -> Span {
        Span {
            start_line: span.start_line.saturating_add(self.lines),
            end_line: span.end_line.saturating_add(self.lines),
            start_byte: span.start_byte.saturating_add(self.lines),
            end_byte: span.end_byte.saturating_add(self.lines),
            ..span
        }
    }
}

#[cfg(test)]
mod tests {
    use codestrata::{FileFacts, Node, PreparedFile, Span};

    use super::Edit;

    #[test]
    fn an_edit_adds_a_function_and_moves_what_was_there() {
        let mut facts = FileFacts { path: "a.py".into(), hash: "1".into(), ..FileFacts::default() };
        facts.nodes.push(Node::new("a.py::f", "f", "function", "a.py", Span::default()));
        let (one, other) = (Edit::new(1).of_facts(&facts), Edit::new(8).of_facts(&facts));
        assert_eq!((one.nodes.len(), one.edges.len(), one.nodes[0].span.start_line), (2, 1, 2));
        assert_eq!(one.nodes[1].name, other.nodes[1].name, "names come in turn");
        assert_ne!(one.hash, other.hash);
        assert!(PreparedFile::new(&one).is_ok());
    }
}
