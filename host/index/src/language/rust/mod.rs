//! Rust: its kinds of syntax, and what each means to the sketch.
//!
//! A file is a module whose path follows from its own, from the folder of the crate on. Names of inline modules stand
//! in the ids and exports of what is in them, so that `src/a.rs` with `mod b { .. }` and `src/a/b.rs` name the same
//! things alike. Inline modules see the names of the file around them: most say `use super::*` anyway.

mod attributes;
mod expressions;
mod functions;
mod hints;
mod implementations;
mod items;
mod macros;
mod modules;
mod paths;
mod patterns;
mod prelude;
mod reach;
mod standard_members;
mod statements;
mod structures;
mod types;
mod uses;

use std::sync::LazyLock;

use codestrata::model::{ModuleFacts, Reach};
use tree_sitter::{Language, Node};

use self::attributes::Manner;
use super::vocabulary::fields;
use super::{Exported, Member, Rules, StandardMembers, Vocabulary};
use crate::extract::{Context, Mode, Reading, Role, Sketch};

static RULES: LazyLock<Rust> = LazyLock::new(|| Rust::new(&tree_sitter_rust::LANGUAGE.into()));

pub(super) fn rules() -> &'static dyn Rules {
    &*RULES
}

/// What a piece of syntax is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing by itself: its children are read.
    Other,
    /// Nothing at all.
    Nothing,
    Arguments,
    AssociatedType,
    Await,
    Block,
    BracketedType,
    Call,
    Cast,
    Closure,
    Const,
    Crate,
    Declarations,
    Else,
    Enum,
    ExternCrate,
    FieldAccess,
    FieldDeclaration,
    FieldInitializer,
    FieldPattern,
    Fields,
    For,
    Function,
    FunctionModifiers,
    FunctionType,
    GenericFunction,
    GenericPattern,
    GenericType,
    Identifier,
    If,
    Implementation,
    Let,
    LetChain,
    LetCondition,
    Macro,
    MacroDefinition,
    MatchArm,
    MatchPattern,
    Module,
    OrderedFields,
    Parameter,
    Parenthesized,
    PrimitiveType,
    QualifiedType,
    Reference,
    ReferenceType,
    Scoped,
    ScopedType,
    ScopedUseList,
    SelfParameter,
    SelfValue,
    Shorthand,
    ShorthandField,
    Source,
    StructExpression,
    StructPattern,
    Structure,
    Super,
    TokenTree,
    Trait,
    TraitType,
    Try,
    TupleStructPattern,
    TypeArguments,
    TypeBinding,
    TypeIdentifier,
    TypeItem,
    TypeParameter,
    Unary,
    Union,
    Use,
    UseAs,
    UseList,
    UseWildcard,
    Variant,
    Where,
    While,
}

const KINDS: &[(&str, Kind)] = &[
    ("abstract_type", Kind::TraitType),
    ("arguments", Kind::Arguments),
    ("associated_type", Kind::AssociatedType),
    ("attribute_item", Kind::Nothing),
    ("await_expression", Kind::Await),
    ("block", Kind::Block),
    ("block_comment", Kind::Nothing),
    ("bracketed_type", Kind::BracketedType),
    ("call_expression", Kind::Call),
    ("closure_expression", Kind::Closure),
    ("const_item", Kind::Const),
    ("crate", Kind::Crate),
    ("declaration_list", Kind::Declarations),
    ("dynamic_type", Kind::TraitType),
    ("else_clause", Kind::Else),
    ("enum_item", Kind::Enum),
    ("enum_variant", Kind::Variant),
    ("extern_crate_declaration", Kind::ExternCrate),
    ("field_declaration", Kind::FieldDeclaration),
    ("field_declaration_list", Kind::Fields),
    ("field_expression", Kind::FieldAccess),
    ("field_initializer", Kind::FieldInitializer),
    ("field_pattern", Kind::FieldPattern),
    ("for_expression", Kind::For),
    ("function_item", Kind::Function),
    ("function_modifiers", Kind::FunctionModifiers),
    ("function_signature_item", Kind::Function),
    ("function_type", Kind::FunctionType),
    ("generic_function", Kind::GenericFunction),
    ("generic_pattern", Kind::GenericPattern),
    ("generic_type", Kind::GenericType),
    ("generic_type_with_turbofish", Kind::GenericType),
    ("identifier", Kind::Identifier),
    ("if_expression", Kind::If),
    ("impl_item", Kind::Implementation),
    ("inner_attribute_item", Kind::Nothing),
    ("label", Kind::Nothing),
    ("let_chain", Kind::LetChain),
    ("let_condition", Kind::LetCondition),
    ("let_declaration", Kind::Let),
    ("lifetime", Kind::Nothing),
    ("line_comment", Kind::Nothing),
    ("macro_definition", Kind::MacroDefinition),
    ("macro_invocation", Kind::Macro),
    ("match_arm", Kind::MatchArm),
    ("match_pattern", Kind::MatchPattern),
    ("mod_item", Kind::Module),
    ("ordered_field_declaration_list", Kind::OrderedFields),
    ("parameter", Kind::Parameter),
    ("parenthesized_expression", Kind::Parenthesized),
    ("primitive_type", Kind::PrimitiveType),
    ("qualified_type", Kind::QualifiedType),
    ("reference_expression", Kind::Reference),
    ("reference_type", Kind::ReferenceType),
    ("scoped_identifier", Kind::Scoped),
    ("scoped_type_identifier", Kind::ScopedType),
    ("scoped_use_list", Kind::ScopedUseList),
    ("self", Kind::SelfValue),
    ("self_parameter", Kind::SelfParameter),
    ("shorthand_field_identifier", Kind::ShorthandField),
    ("shorthand_field_initializer", Kind::Shorthand),
    ("source_file", Kind::Source),
    ("static_item", Kind::Const),
    ("string_literal", Kind::Nothing),
    ("struct_expression", Kind::StructExpression),
    ("struct_item", Kind::Structure),
    ("struct_pattern", Kind::StructPattern),
    ("super", Kind::Super),
    ("token_tree", Kind::TokenTree),
    ("trait_item", Kind::Trait),
    ("try_expression", Kind::Try),
    ("tuple_struct_pattern", Kind::TupleStructPattern),
    ("type_arguments", Kind::TypeArguments),
    ("type_binding", Kind::TypeBinding),
    ("type_cast_expression", Kind::Cast),
    ("type_identifier", Kind::TypeIdentifier),
    ("type_item", Kind::TypeItem),
    ("type_parameter", Kind::TypeParameter),
    ("unary_expression", Kind::Unary),
    ("union_item", Kind::Union),
    ("use_as_clause", Kind::UseAs),
    ("use_declaration", Kind::Use),
    ("use_list", Kind::UseList),
    ("use_wildcard", Kind::UseWildcard),
    ("visibility_modifier", Kind::Nothing),
    ("where_clause", Kind::Where),
    ("while_expression", Kind::While),
];

fields! {
    /// The fields that are read.
    struct Fields {
        alias, alternative, argument, arguments, body, bounds, condition, consequence, default_type,
        element, field, function, left, length, list, macro_ = "macro", name, parameters, path,
        pattern, return_type, trait_ = "trait", type_ = "type", type_arguments, type_parameters,
        value,
    }
}

/// The language.
struct Rust {
    vocabulary: Vocabulary<Kind>,
    field: Fields,
}

impl Rust {
    fn new(grammar: &Language) -> Self {
        Self { vocabulary: Vocabulary::new(grammar, Kind::Other, KINDS), field: Fields::of(grammar) }
    }

    fn kind(&self, node: Node<'_>) -> Kind {
        self.vocabulary.kind(node)
    }
}

impl Rules for Rust {
    fn grammar(&self) -> Language {
        tree_sitter_rust::LANGUAGE.into()
    }

    fn module(&self, path: &str) -> ModuleFacts {
        modules::module(path)
    }

    fn standard_members(&self) -> StandardMembers {
        standard_members::STANDARD
    }

    /// What is said of functions and fields is said where they stand.
    fn reach<'m>(&self, member: &Member<'m>, _sketch: &'m Sketch<'_>) -> Reach<'m> {
        if member.is("enum_member") { Reach::Nowhere } else { Reach::Everywhere }
    }

    fn exported(&self) -> Exported {
        Exported::EveryDefinition
    }

    fn visit<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        match context.mode {
            Mode::Type(_) => self.visit_type(node, context, reading),
            Mode::Pattern => self.visit_pattern(node, context, reading),
            Mode::Value => self.visit_value(node, context, reading),
        }
    }
}

impl Rust {
    fn visit_value<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        match self.kind(node) {
            Kind::Nothing | Kind::TokenTree | Kind::SelfValue => {}
            Kind::Source | Kind::Declarations => self.items(node, context, reading),
            Kind::Function => self.function(node, None, Manner::Own, context, reading),
            Kind::Structure | Kind::Union | Kind::Enum => self.structure(node, context, reading),
            Kind::Trait => self.trait_(node, context, reading),
            Kind::TypeItem | Kind::AssociatedType => self.type_item(node, None, context, reading),
            Kind::Const => self.constant(node, None, context, reading),
            Kind::Module => {
                if let Some((body, inside)) = self.module_item(node, context, reading) {
                    reading.push(body, inside);
                }
            }
            Kind::Use => self.use_declaration(node, context, reading),
            Kind::ExternCrate => self.extern_crate(node, context, reading),
            Kind::Implementation => self.implementation(node, context, reading),
            Kind::MacroDefinition => self.macro_definition(node, context, reading),
            Kind::Macro => self.macro_call(node, context, reading),
            Kind::Block => self.block(node, context, reading),
            Kind::Let => {
                self.let_declaration(node, context, reading);
            }
            Kind::If | Kind::While => self.conditional(node, context, reading),
            Kind::LetCondition => {
                self.let_condition(node, context, reading);
            }
            Kind::For => self.for_loop(node, context, reading),
            Kind::MatchArm => self.match_arm(node, context, reading),
            Kind::Closure => self.closure(node, context, reading),
            Kind::Call => self.call(node, context, reading),
            Kind::FieldAccess | Kind::Identifier | Kind::Scoped | Kind::GenericFunction => {
                self.access(node, context, reading);
            }
            Kind::StructExpression => self.struct_expression(node, context, reading),
            Kind::FieldInitializer => reading.push_some(self.field.value.of(node), context),
            Kind::Cast => {
                reading.push_some(self.field.value.of(node), context);
                reading.push_some(self.field.type_.of(node), context.as_type(Role::Variable));
            }
            Kind::TypeIdentifier
            | Kind::ScopedType
            | Kind::GenericType
            | Kind::ReferenceType
            | Kind::TypeArguments
            | Kind::BracketedType
            | Kind::TraitType => reading.push(node, context.as_type(Role::Variable)),
            _ => reading.push_children(node, context),
        }
    }
}
