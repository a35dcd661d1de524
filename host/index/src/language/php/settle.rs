//! Names that only the whole file shows to be bound nowhere in it.

use std::collections::HashSet;

use codestrata::model::ImportedName;

use super::namespaces::{namespace_of, namespace_scope};
use crate::extract::{Base, Purpose, Reading};

/// Binds the names that the file does not define where their namespace is not the stem of the file, and constants,
/// which an unbound name that is merely read would else not be told as: they are looked for in the namespace, and
/// functions and constants then in the global one.
pub(super) fn settle(reading: &mut Reading<'_, '_>) {
    let mut wanted = Vec::new();
    let mut seen = HashSet::new();
    for used in &reading.sketch.uses {
        let Base::Name(name) = used.base else { continue };
        let scope = namespace_scope(used.scope, reading);
        let is_read = used.purpose == Purpose::Access;
        if name.starts_with('$') || (scope == 0 && !is_read) || is_language_constant(name) {
            continue;
        }
        let is_bare = used.members.0 == used.members.1;
        let falls_back = is_bare && matches!(used.purpose, Purpose::Call | Purpose::Access);
        if reading.sketch.look_up(used.scope, name).is_none() && seen.insert((scope, name)) {
            wanted.push((scope, name, falls_back));
        }
    }
    for (scope, name, falls_back) in wanted {
        let own = namespace_of(scope, reading);
        let module = own.replace('/', "\\");
        let mut candidates = vec![own];
        if falls_back && !module.is_empty() {
            candidates.push(String::new());
        }
        let import = reading.sketch.import(candidates, &module, ImportedName::Name(name.to_owned()), None);
        reading.sketch.bind_import(scope, name, import);
    }
}

/// Constants of the language, which nobody defines.
fn is_language_constant(name: &str) -> bool {
    let is_magic = name.starts_with("__") && name.ends_with("__");
    is_magic || ["true", "false", "null", "PHP_EOL"].iter().any(|it| it.eq_ignore_ascii_case(name))
}
