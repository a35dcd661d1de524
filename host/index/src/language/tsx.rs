//! TypeScript with JSX: a grammar of its own, because `<T>x` means another thing in it.

use std::sync::LazyLock;

use super::Rules;
use super::ecmascript::EcmaScript;

static RULES: LazyLock<EcmaScript> =
    LazyLock::new(|| EcmaScript::new(tree_sitter_typescript::LANGUAGE_TSX.into()));

pub(super) fn rules() -> &'static dyn Rules {
    &*RULES
}
