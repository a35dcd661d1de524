//! Names with qualifiers and type arguments, `a::B<T>::f`.

use tree_sitter::Node;

use crate::extract::Reading;
use crate::language::c::{CFamily, Kind};

/// A name with its qualifiers.
pub(in crate::language) struct Names<'s, 't> {
    /// The qualifiers and the name, from outside to inside.
    pub(in crate::language) parts: Vec<&'s str>,
    /// The innermost name.
    pub(in crate::language) last: Node<'t>,
    /// The lists of type arguments in it.
    pub(in crate::language) arguments: Vec<Node<'t>>,
    /// Whether it begins with `::`.
    pub(in crate::language) is_global: bool,
}

impl CFamily {
    /// The parts of a name; none when it is none, as `decltype(x)::type`. What is defined as `f<int>` is called so,
    /// as it is another thing than `f`.
    pub(in crate::language) fn names<'s, 't>(
        &self,
        node: Node<'t>,
        is_definition: bool,
        reading: &Reading<'s, 't>,
    ) -> Option<Names<'s, 't>> {
        let mut names = Names { parts: Vec::new(), last: node, arguments: Vec::new(), is_global: false };
        let mut here = node;
        loop {
            here = match self.kind(here) {
                Kind::Qualified => {
                    match self.field.scope.of(here) {
                        Some(scope) => self.qualifier(scope, &mut names, reading)?,
                        None => names.is_global = true,
                    }
                    self.field.name.of(here)?
                }
                Kind::Dependent => here.named_child(0)?,
                Kind::Struct | Kind::Enum => self.field.name.of(here)?,
                Kind::TemplateFunction | Kind::TemplateType => {
                    names.arguments.extend(self.field.arguments.of(here));
                    let name = self.field.name.of(here)?;
                    if is_definition && let Some(text) = reading.short_text(here) {
                        names.parts.push(text);
                        names.last = name;
                        return Some(names);
                    }
                    name
                }
                Kind::OperatorCast => {
                    let end = self.field.type_.of(here)?.end_byte();
                    names.parts.push(reading.source.get(here.start_byte()..end)?);
                    names.last = here;
                    return Some(names);
                }
                Kind::Identifier | Kind::TypeIdentifier | Kind::This => {
                    names.parts.push(reading.text(here));
                    names.last = here;
                    return Some(names);
                }
                _ if is_plain(here) => {
                    names.parts.push(reading.text(here));
                    names.last = here;
                    return Some(names);
                }
                _ => return None,
            };
        }
    }

    fn qualifier<'s, 't>(
        &self,
        scope: Node<'t>,
        names: &mut Names<'s, 't>,
        reading: &Reading<'s, 't>,
    ) -> Option<()> {
        let mut here = scope;
        while self.kind(here) == Kind::Dependent {
            here = here.named_child(0)?;
        }
        if self.kind(here) == Kind::TemplateType {
            names.arguments.extend(self.field.arguments.of(here));
            here = self.field.name.of(here)?;
        }
        if here.kind() == "decltype" {
            return None;
        }
        names.parts.push(reading.text(here));
        Some(())
    }
}

fn is_plain(node: Node<'_>) -> bool {
    matches!(node.kind(), "field_identifier" | "namespace_identifier" | "destructor_name" | "operator_name")
}
