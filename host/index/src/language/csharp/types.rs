//! Types, where they are named, and type parameters.

use tree_sitter::Node;

use super::{CSharp, Kind};
use crate::extract::{
    Base, Context, Hint, Mode, Purpose, Reading, Role, ScopeKind, ScopeRef, Sort, TypePath, span,
};

impl CSharp {
    pub(super) fn visit_type<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let role = match context.mode {
            Mode::Type(role) => role,
            Mode::Value | Mode::Pattern => Role::Variable,
        };
        match self.kind(node) {
            Kind::Nothing | Kind::ImplicitType | Kind::PredefinedType => {}
            Kind::Identifier | Kind::GenericName | Kind::QualifiedName | Kind::AliasQualified => {
                self.use_type(node, Purpose::Type(role), context, reading);
            }
            Kind::RankSpecifier => reading.push_children(node, context.with_mode(Mode::Value)),
            _ => match self.field.type_.of(node) {
                // Of an element of a tuple the name is no type.
                Some(inner) => {
                    let name = self.field.name.of(node);
                    for part in reading.children(node) {
                        if part == inner || Some(part) != name {
                            reading.push(part, context);
                        }
                    }
                }
                None => reading.push_children(node, context),
            },
        }
    }

    /// Uses `User`, `Models.User` or `Box<User>`, and what is in its angle brackets.
    pub(super) fn use_type<'t>(
        &self,
        node: Node<'t>,
        purpose: Purpose,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let Some((names, last)) = self.type_names(node, reading) else {
            return reading.push(node, context.as_type(Role::Variable));
        };
        if let Some((base, members)) = names.split_first() {
            reading.add_use(Base::Name(base), members, span(last), purpose, context);
        }
        self.push_type_arguments(node, context, reading);
    }

    /// Reads what stands in the angle brackets of a name.
    pub(super) fn push_type_arguments<'t>(
        &self,
        named: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) {
        let mut left = vec![named];
        while let Some(part) = left.pop() {
            match self.kind(part) {
                Kind::GenericName | Kind::QualifiedName | Kind::AliasQualified => {
                    left.extend(reading.children(part));
                }
                Kind::TypeArguments => reading.push_children(part, context.as_type(Role::Variable)),
                _ => {}
            }
        }
    }

    /// The names of a type without its arguments, and the last of their nodes.
    pub(super) fn type_names<'s, 't>(
        &self,
        node: Node<'t>,
        reading: &mut Reading<'s, 't>,
    ) -> Option<(Vec<&'s str>, Node<'t>)> {
        let mut names = Vec::new();
        let mut last = None;
        let mut here = Some(node);
        while let Some(part) = here {
            let (name, next) = match self.kind(part) {
                Kind::QualifiedName => (self.field.name.of(part)?, self.field.qualifier.of(part)),
                Kind::AliasQualified => {
                    let alias = self.field.alias.of(part);
                    let alias = alias.filter(|alias| reading.text(*alias) != "global");
                    (self.field.name.of(part)?, alias)
                }
                Kind::Identifier | Kind::GenericName => (part, None),
                _ => return None,
            };
            let name = if self.kind(name) == Kind::GenericName { name.named_child(0)? } else { name };
            names.push(reading.text(name));
            last = last.or(Some(name));
            here = next;
        }
        names.reverse();
        Some((names, last?))
    }

    /// What a variable declared so is an object of; `User?` and `ref User` are users.
    pub(super) fn hint_of_type<'s, 't>(
        &self,
        declared: Option<Node<'t>>,
        scope: ScopeRef,
        reading: &mut Reading<'s, 't>,
    ) -> Hint<'s> {
        let mut here = declared;
        while let Some(part) = here {
            match self.kind(part) {
                Kind::NullableType | Kind::TypeWrapper => here = self.field.type_.of(part),
                Kind::ImplicitType => return Hint::Unknown,
                // Many have methods of their own for it.
                Kind::PredefinedType if reading.text(part) == "string" => {
                    return Hint::Instance(TypePath { scope, names: vec!["string"] });
                }
                _ => {
                    return match self.type_names(part, reading) {
                        Some((names, _)) => Hint::Instance(TypePath { scope, names }),
                        None => Hint::Plain,
                    };
                }
            }
        }
        Hint::Unknown
    }

    /// Opens the scope of `<T>` if there is one, with `where T : Shape`: a value of `T` is used as a `Shape`.
    pub(super) fn type_parameters<'t>(
        &self,
        node: Node<'t>,
        context: Context,
        reading: &mut Reading<'_, 't>,
    ) -> Context {
        let parts = reading.children(node);
        let parameters = parts.iter().find(|part| self.kind(**part) == Kind::TypeParameters);
        let Some(parameters) = parameters.copied() else { return context };
        let inside = context.with_scope(reading.sketch.open(ScopeKind::Block, context.scope));
        for parameter in reading.children(parameters) {
            if let Some(named) = self.field.name.of(parameter) {
                let name = reading.text(named);
                reading.sketch.bind_nodeless(inside.scope, name, Sort::Type, Hint::Unset);
            }
        }
        for clause in parts.into_iter().filter(|part| self.kind(*part) == Kind::Constraints) {
            let constraints = reading.children(clause);
            let types: Vec<_> =
                constraints.iter().filter_map(|constraint| self.field.type_.of(*constraint)).collect();
            if let ([only], Some(named)) = (types.as_slice(), constraints.first()) {
                let bound = self.hint_of_type(Some(*only), inside.scope, reading);
                let name = reading.text(*named);
                reading.sketch.bind_local(inside.scope, name, bound);
            }
            for constraint in types {
                reading.push(constraint, inside.as_type(Role::Variable));
            }
        }
        inside
    }
}
