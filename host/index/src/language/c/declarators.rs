//! What a declarator declares: `*(*name)[3](int)` and the like, read from outside to the name.

use tree_sitter::Node;

use super::{CFamily, Kind};

/// What one declarator declares.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::language) struct Declarator<'t> {
    /// The name: plain, qualified, of a destructor or of an operator. None in a declarator without one.
    pub(in crate::language) name: Option<Node<'t>>,
    /// The part with the parameters, when it declares a function and not a pointer to one.
    pub(in crate::language) function: Option<Node<'t>>,
    /// What it is initialised with: an expression, or the arguments of a constructor.
    pub(in crate::language) value: Option<Node<'t>>,
    /// Whether it is an object of the type: no pointer, reference, array or function.
    pub(in crate::language) is_plain: bool,
    /// Whether it declares several names at once.
    pub(in crate::language) is_binding: bool,
    /// Whether what it declares has to do with a function in any way, so that the type is not that of its value.
    pub(in crate::language) is_callable: bool,
}

impl CFamily {
    /// Reads a declarator down to its name.
    pub(in crate::language) fn declarator<'t>(&self, node: Node<'t>) -> Declarator<'t> {
        let mut found = Declarator { is_plain: true, ..Declarator::default() };
        let mut here = Some(node);
        while let Some(node) = here {
            here = match self.kind(node) {
                Kind::InitDeclarator => {
                    found.value = self.field.value.of(node);
                    self.field.declarator.of(node)
                }
                Kind::FunctionDeclarator => {
                    found.function = Some(node);
                    found.is_callable = true;
                    self.field.declarator.of(node)
                }
                Kind::PointerDeclarator | Kind::ArrayDeclarator => {
                    found.function = None;
                    found.is_plain = false;
                    self.field.declarator.of(node)
                }
                Kind::ReferenceDeclarator => {
                    found.function = None;
                    found.is_plain = false;
                    last_named(node)
                }
                Kind::Parenthesized => last_named(node),
                Kind::AttributedDeclarator => node.named_child(0),
                Kind::StructuredBinding => {
                    found.name = Some(node);
                    found.is_binding = true;
                    None
                }
                Kind::OperatorCast => {
                    found.name = Some(node);
                    found.function = self.field.declarator.of(node);
                    None
                }
                Kind::Qualified => {
                    found.name = Some(node);
                    // `A::operator bool()`
                    if let Some(cast) = self.innermost(node).filter(|it| self.kind(*it) == Kind::OperatorCast)
                    {
                        found.function = self.field.declarator.of(cast);
                    }
                    None
                }
                _ => {
                    found.name = is_name(node).then_some(node);
                    None
                }
            };
        }
        found
    }
}

impl CFamily {
    fn innermost<'t>(&self, node: Node<'t>) -> Option<Node<'t>> {
        let mut here = node;
        while self.kind(here) == Kind::Qualified {
            here = self.field.name.of(here)?;
        }
        Some(here)
    }
}

/// The declarators of a declaration.
pub(in crate::language) fn declarators(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    let mut found = Vec::new();
    let mut more = cursor.goto_first_child();
    while more {
        if cursor.field_name() == Some("declarator") && cursor.node().is_named() {
            found.push(cursor.node());
        }
        more = cursor.goto_next_sibling();
    }
    found
}

fn last_named(node: Node<'_>) -> Option<Node<'_>> {
    let last = u32::try_from(node.named_child_count()).ok()?.checked_sub(1)?;
    node.named_child(last)
}

fn is_name(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "identifier"
            | "field_identifier"
            | "type_identifier"
            | "destructor_name"
            | "operator_name"
            | "template_function"
            | "template_method"
            | "primitive_type"
    )
}
