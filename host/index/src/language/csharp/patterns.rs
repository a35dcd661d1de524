//! Patterns, and other places that bind names in expressions: `is User user`, `out var user`, `(a, b)`.

use tree_sitter::Node;

use super::{CSharp, Kind};
use crate::extract::{Base, Context, Purpose, Reading, Role, span};

impl CSharp {
    /// `User { Name: var name } user` and everything that is a part of such. The names are bound in the scope around
    /// the expression, because `if (x is not User user) return;` binds one for what follows.
    pub(super) fn pattern<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let declared = self.field.type_.of(node);
        let hint = self.hint_of_type(declared, context.scope, reading);
        let binds_all = matches!(self.kind(node), Kind::Designation | Kind::TuplePattern);
        let named = self.field.name.of(node).filter(|_| !binds_all);
        for part in reading.children(node) {
            match self.kind(part) {
                _ if Some(part) == declared => reading.push(part, context.as_type(Role::Variable)),
                Kind::Identifier if binds_all || Some(part) == named => {
                    let name = reading.text(part);
                    reading.sketch.bind_local(context.scope, name, hint.clone());
                }
                Kind::PropertyClause => self.property_clause(part, declared, context, reading),
                _ => reading.push(part, context),
            }
        }
    }

    /// `{ Name: "x", Home.City: var city }`: reads members of the type that is matched.
    fn property_clause<'t>(
        &self,
        clause: Node<'t>,
        declared: Option<Node<'t>>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let declared = declared.and_then(|declared| self.type_names(declared, reading));
        let of_type = declared.map(|(names, _)| names).unwrap_or_default();
        for subpattern in reading.children(clause) {
            let parts = reading.children(subpattern);
            let (member, rest) = match parts.split_first() {
                Some((member, rest)) if !rest.is_empty() => (Some(*member), rest.to_vec()),
                _ => (None, parts),
            };
            if let Some(member) = member {
                let (chain, _) = self.chain(member, reading);
                let first = match chain.base {
                    Base::Name(first) => Some(first),
                    _ => None,
                };
                let names: Vec<&str> = of_type.iter().copied().chain(first).chain(chain.members).collect();
                let (base, members) = match names.split_first() {
                    Some((base, members)) if !of_type.is_empty() => (Base::Name(base), members),
                    _ => (Base::Unknown, names.as_slice()),
                };
                reading.add_use(base, members, span(chain.last), Purpose::Access, context);
            }
            for part in rest {
                reading.push(part, context);
            }
        }
    }

    /// `x is User`, `x is not null and User`: a plain name in such a pattern is a type nearly always.
    pub(super) fn is_pattern<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        reading.push_some(self.field.expression.of(node), context);
        let mut left: Vec<_> = self.field.pattern.of(node).into_iter().collect();
        while let Some(pattern) = left.pop() {
            match self.kind(pattern) {
                Kind::ConstantPattern => {
                    let inner = pattern.named_child(0);
                    match inner.filter(|it| matches!(self.kind(*it), Kind::Identifier | Kind::GenericName)) {
                        Some(named) => {
                            self.use_type(named, Purpose::Type(Role::Variable), context, reading);
                        }
                        None => reading.push_some(inner, context),
                    }
                }
                Kind::Other => left.extend(reading.children(pattern).into_iter().rev()),
                _ => reading.push(pattern, context),
            }
        }
    }
}
