//! What an unbound reference says, in words: the targets of edges that lead to no node.

use std::borrow::Cow;

use crate::model::{Resolution, Target};
use crate::segment::{ImportedView, Segment, TargetView, members};

const AMBIGUOUS: &str = "ambiguous:";
const UNRESOLVED: &str = "unresolved:";

/// The name that a reference ends in, by which it would be looked for; none for a local value.
pub(crate) fn final_name(segment: &Segment, target: TargetView<'_>) -> Option<String> {
    let last = |joined: &str| members(joined).last().map(str::to_owned);
    match target {
        TargetView::Local(_) => None,
        TargetView::Member(name) => Some(name.to_owned()),
        TargetView::Node(row) => Some(segment.name(row).to_owned()),
        TargetView::Free(name, path) => last(path).or_else(|| Some(name.to_owned())),
        TargetView::NodePath(row, path)
        | TargetView::Super(row, path)
        | TargetView::Within(row, path)
        | TargetView::Receiver(row, path) => last(path).or_else(|| Some(segment.name(row).to_owned())),
        TargetView::Import(import, path) => last(path).or_else(|| {
            let import = segment.import(import);
            let name = match import.name {
                ImportedView::Name(name) => name,
                _ => import.module.rsplit(['.', '/']).next().unwrap_or(import.module),
            };
            Some(name.to_owned())
        }),
    }
}

/// The target of the edge that an unbound reference makes.
pub(crate) fn target_text(segment: &Segment, target: TargetView<'_>, resolution: Resolution) -> String {
    if resolution == Resolution::Ambiguous {
        return format!("{AMBIGUOUS}{}", final_name(segment, target).unwrap_or_default());
    }
    let (root, path): (Cow<'_, str>, &str) = match target {
        TargetView::Local(name) => (format!("<local>.{name}").into(), ""),
        TargetView::Member(name) => (format!("*.{name}").into(), ""),
        TargetView::Node(row) => (segment.name(row).into(), ""),
        TargetView::Free(name, path) => (name.into(), path),
        TargetView::NodePath(row, path) | TargetView::Receiver(row, path) => (segment.name(row).into(), path),
        TargetView::Super(row, path) => (format!("super({})", segment.name(row)).into(), path),
        TargetView::Within(_, path) => match members(path).next() {
            Some(first) => (first.into(), path.get(first.len()..).unwrap_or_default()),
            None => ("".into(), ""),
        },
        TargetView::Import(import, path) => {
            let import = segment.import(import);
            match import.name {
                // The global namespace has no name.
                ImportedView::Name(name) if import.module.is_empty() => (name.into(), path),
                ImportedView::Name(name) => (format!("{}.{name}", import.module).into(), path),
                _ => (import.module.into(), path),
            }
        }
    };
    let mut text = format!("{UNRESOLVED}{root}");
    // What an indexer named because the source does not is nothing to read.
    for member in members(path).filter(|member| !member.starts_with('{')) {
        if member != Target::CALL {
            text.push('.');
        }
        text.push_str(member);
    }
    text
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
