//! What an unbound reference says, in words: the targets of edges that lead to no node.

use std::cell::RefCell;

use crate::model::{Resolution, Target};
use crate::segment::{ImportedView, Segment, TargetView, members};

const AMBIGUOUS: &str = "ambiguous:";
const UNRESOLVED: &str = "unresolved:";

/// The name that a reference ends in, by which it would be looked for; none for a local value.
pub(crate) fn final_name(segment: &Segment, target: TargetView<'_>) -> Option<String> {
    last_name(segment, target).map(str::to_owned)
}

fn last_name<'a>(segment: &'a Segment, target: TargetView<'a>) -> Option<&'a str> {
    let last = |joined: &'a str| members(joined).last();
    match target {
        TargetView::Local(_) => None,
        TargetView::Member(name) => Some(name),
        TargetView::Node(row) => Some(segment.name(row)),
        TargetView::Free(name, path) => last(path).or(Some(name)),
        TargetView::NodePath(row, path)
        | TargetView::Super(row, path)
        | TargetView::Within(row, path)
        | TargetView::Receiver(row, path) => last(path).or_else(|| Some(segment.name(row))),
        TargetView::Import(import, path) => last(path).or_else(|| {
            let (module, name) = segment.imported(import);
            Some(match name {
                ImportedView::Name(name) => name,
                _ => module.rsplit(['.', '/']).next().unwrap_or(module),
            })
        }),
    }
}

thread_local! {
    /// Where texts of targets are put together, so that each is allocated once and with the room that it takes.
    static TEXT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The target of the edge that an unbound reference makes.
pub(crate) fn target_text(segment: &Segment, target: TargetView<'_>, resolution: Resolution) -> String {
    TEXT.with_borrow_mut(|text| {
        text.clear();
        write_target_text(segment, target, resolution, text);
        text.as_str().to_owned()
    })
}

/// The same at the end of a text.
pub(crate) fn write_target_text(
    segment: &Segment,
    target: TargetView<'_>,
    resolution: Resolution,
    text: &mut String,
) {
    if resolution == Resolution::Ambiguous {
        text.push_str(AMBIGUOUS);
        text.push_str(last_name(segment, target).unwrap_or_default());
        return;
    }
    let (root, path): ([&str; 3], &str) = match target {
        TargetView::Local(name) => (["<local>.", name, ""], ""),
        TargetView::Member(name) => (["*.", name, ""], ""),
        TargetView::Node(row) => ([segment.name(row), "", ""], ""),
        TargetView::Free(name, path) => ([name, "", ""], path),
        TargetView::NodePath(row, path) | TargetView::Receiver(row, path) => {
            ([segment.name(row), "", ""], path)
        }
        TargetView::Super(row, path) => (["super(", segment.name(row), ")"], path),
        TargetView::Within(_, path) => match members(path).next() {
            Some(first) => ([first, "", ""], path.get(first.len()..).unwrap_or_default()),
            None => (["", "", ""], ""),
        },
        TargetView::Import(import, path) => {
            match segment.imported(import) {
                // The global namespace has no name.
                ("", ImportedView::Name(name)) => ([name, "", ""], path),
                (module, ImportedView::Name(name)) => ([module, ".", name], path),
                (module, _) => ([module, "", ""], path),
            }
        }
    };
    text.push_str(UNRESOLVED);
    text.extend(root);
    // What an indexer named because the source does not is nothing to read.
    for member in members(path).filter(|member| !member.starts_with('{')) {
        if member != Target::CALL {
            text.push('.');
        }
        text.push_str(member);
    }
}

/// Whether two targets, each of its file, make edges of the same text if they are unbound in the same way. It may say no of
/// two whose texts happen to be alike.
pub(crate) fn is_same_text(
    (segment, target): (&Segment, TargetView<'_>),
    (other_segment, other): (&Segment, TargetView<'_>),
) -> bool {
    use TargetView::{Free, Import, Local, Member, Node, NodePath, Receiver, Super, Within};
    let is_same_name = |row, other| segment.name(row) == other_segment.name(other);
    match (target, other) {
        (Local(name), Local(other)) | (Member(name), Member(other)) => name == other,
        (Free(name, path), Free(other, other_path)) => name == other && path == other_path,
        (Node(row), Node(other)) => is_same_name(row, other),
        (NodePath(row, path), NodePath(other, other_path))
        | (Receiver(row, path), Receiver(other, other_path))
        | (Super(row, path), Super(other, other_path))
        | (Within(row, path), Within(other, other_path)) => path == other_path && is_same_name(row, other),
        (Import(import, path), Import(other, other_path)) => {
            path == other_path && segment.imported(import) == other_segment.imported(other)
        }
        _ => false,
    }
}

/// The name by which an edge with a stated target is looked for, if the target is one of an unbound reference:
/// an export that was imported again.
pub(crate) fn loose_name_of_target(target: &str, resolution: Resolution) -> Option<&str> {
    match resolution {
        Resolution::Ambiguous => target.strip_prefix(AMBIGUOUS),
        Resolution::Unresolved => {
            let text = target.strip_prefix(UNRESOLVED)?;
            if text.starts_with("<local>.") {
                return None;
            }
            text.rsplit('.').next()
        }
        _ => None,
    }
}
