//! JavaScript, with JSX.

use std::sync::LazyLock;

use super::Rules;
use super::ecmascript::EcmaScript;

static RULES: LazyLock<EcmaScript> =
    LazyLock::new(|| EcmaScript::new(tree_sitter_javascript::LANGUAGE.into()));

pub(super) fn rules() -> &'static dyn Rules {
    &*RULES
}
