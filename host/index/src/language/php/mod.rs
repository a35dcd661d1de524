//! PHP: its kinds of syntax, and what each means to the sketch.
//!
//! The stem of a file is its namespace; a file with several has nodes for them. Names keep their `$`, so that a
//! property and a method of one name stay apart: the property `name` of a class `User` is `User.$name`. A name with
//! `\` is bound as it is written, where it is first met, to the import that it amounts to.
//!
//! PHP does not tell `foo` from `Foo` in names of classes and functions; we do, as nearly all code does.

mod assignments;
mod calls;
mod classes;
mod closures;
mod functions;
mod hints;
mod includes;
mod members;
mod names;
mod namespaces;
mod settle;
mod standard_members;
mod types;

use std::sync::LazyLock;

use codestrata::model::{ModuleFacts, Reach, node_kind};
use tree_sitter::{Language, Node};

use super::vocabulary::fields;
use super::{Exported, Member, Rules, StandardMembers, Vocabulary};
use crate::extract::{Context, Mode, Reading, Sketch};

static RULES: LazyLock<Php> = LazyLock::new(|| Php::new(&tree_sitter_php::LANGUAGE_PHP.into()));

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
    AnonymousClass,
    Argument,
    Arguments,
    ArrowFunction,
    Assignment,
    Attribute,
    AttributeList,
    AugmentedAssignment,
    BaseClause,
    Binary,
    ByReference,
    Catch,
    Class,
    ClassConstant,
    Clone,
    Closure,
    ClosureUses,
    Constants,
    ConstantElement,
    Enum,
    EnumCase,
    Foreach,
    Function,
    FunctionCall,
    Global,
    Include,
    Interface,
    InterfaceClause,
    List,
    Member,
    MemberCall,
    Method,
    Name,
    NamedType,
    Namespace,
    New,
    Null,
    OptionalType,
    Pair,
    Parenthesized,
    Program,
    PromotedParameter,
    Property,
    PropertyElement,
    PropertyHook,
    PropertyHooks,
    QualifiedName,
    RelativeScope,
    ScopedCall,
    ScopedProperty,
    StaticVariable,
    String,
    Trait,
    UnionType,
    Use,
    UseClause,
    UseGroup,
    UseTraits,
    Variable,
}

const KINDS: &[(&str, Kind)] = &[
    ("anonymous_class", Kind::AnonymousClass),
    ("anonymous_function", Kind::Closure),
    ("anonymous_function_use_clause", Kind::ClosureUses),
    ("argument", Kind::Argument),
    ("arguments", Kind::Arguments),
    ("arrow_function", Kind::ArrowFunction),
    ("assignment_expression", Kind::Assignment),
    ("attribute", Kind::Attribute),
    ("attribute_list", Kind::AttributeList),
    ("augmented_assignment_expression", Kind::AugmentedAssignment),
    ("base_clause", Kind::BaseClause),
    ("binary_expression", Kind::Binary),
    ("by_ref", Kind::ByReference),
    ("catch_clause", Kind::Catch),
    ("class_constant_access_expression", Kind::ClassConstant),
    ("class_declaration", Kind::Class),
    ("class_interface_clause", Kind::InterfaceClause),
    ("clone_expression", Kind::Clone),
    ("comment", Kind::Nothing),
    ("const_declaration", Kind::Constants),
    ("const_element", Kind::ConstantElement),
    ("encapsed_string", Kind::String),
    ("enum_case", Kind::EnumCase),
    ("enum_declaration", Kind::Enum),
    ("foreach_statement", Kind::Foreach),
    ("function_call_expression", Kind::FunctionCall),
    ("function_definition", Kind::Function),
    ("global_declaration", Kind::Global),
    ("goto_statement", Kind::Nothing),
    ("include_expression", Kind::Include),
    ("include_once_expression", Kind::Include),
    ("interface_declaration", Kind::Interface),
    ("list_literal", Kind::List),
    ("member_access_expression", Kind::Member),
    ("member_call_expression", Kind::MemberCall),
    ("method_declaration", Kind::Method),
    ("name", Kind::Name),
    ("named_label_statement", Kind::Nothing),
    ("named_type", Kind::NamedType),
    ("namespace_definition", Kind::Namespace),
    ("namespace_use_clause", Kind::UseClause),
    ("namespace_use_declaration", Kind::Use),
    ("namespace_use_group", Kind::UseGroup),
    ("null", Kind::Null),
    ("nullsafe_member_access_expression", Kind::Member),
    ("nullsafe_member_call_expression", Kind::MemberCall),
    ("object_creation_expression", Kind::New),
    ("optional_type", Kind::OptionalType),
    ("pair", Kind::Pair),
    ("parenthesized_expression", Kind::Parenthesized),
    ("program", Kind::Program),
    ("property_declaration", Kind::Property),
    ("property_element", Kind::PropertyElement),
    ("property_hook", Kind::PropertyHook),
    ("property_hook_list", Kind::PropertyHooks),
    ("property_promotion_parameter", Kind::PromotedParameter),
    ("qualified_name", Kind::QualifiedName),
    ("reference_assignment_expression", Kind::Assignment),
    ("relative_name", Kind::QualifiedName),
    ("relative_scope", Kind::RelativeScope),
    ("require_expression", Kind::Include),
    ("require_once_expression", Kind::Include),
    ("scoped_call_expression", Kind::ScopedCall),
    ("scoped_property_access_expression", Kind::ScopedProperty),
    ("static_variable_declaration", Kind::StaticVariable),
    ("string", Kind::String),
    ("text", Kind::Nothing),
    ("trait_declaration", Kind::Trait),
    ("union_type", Kind::UnionType),
    ("use_declaration", Kind::UseTraits),
    ("variable_name", Kind::Variable),
];

fields! {
    /// The fields of the grammar.
    struct Fields {
        alias, arguments, attributes, body, default_value, function, left, name, object, operator,
        parameters, return_type, right, scope, type_ = "type", value,
    }
}

/// The language.
struct Php {
    vocabulary: Vocabulary<Kind>,
    field: Fields,
}

impl Php {
    fn new(grammar: &Language) -> Self {
        Self { vocabulary: Vocabulary::new(grammar, Kind::Other, KINDS), field: Fields::of(grammar) }
    }

    fn kind(&self, node: Node<'_>) -> Kind {
        self.vocabulary.kind(node)
    }
}

impl Rules for Php {
    fn grammar(&self) -> Language {
        tree_sitter_php::LANGUAGE_PHP.into()
    }

    fn module(&self, _path: &str) -> ModuleFacts {
        ModuleFacts { is_shared: true, ..ModuleFacts::default() }
    }

    fn standard_members(&self) -> StandardMembers {
        standard_members::STANDARD
    }

    /// A static method is called on objects too, and what a trait has is of the classes that use it.
    fn reach<'m>(&self, member: &Member<'m>, _sketch: &'m Sketch<'_>) -> Reach<'m> {
        let is_of_class = member.holder == node_kind::CLASS;
        if is_of_class && member.visibility == "private" { Reach::Holder } else { Reach::Everywhere }
    }

    fn exported(&self) -> Exported {
        Exported::EveryDefinition
    }

    fn finish(&self, reading: &mut Reading<'_, '_>) {
        settle::settle(reading);
    }

    fn visit<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        match context.mode {
            Mode::Type(_) => self.visit_type(node, context, reading),
            Mode::Value | Mode::Pattern => self.visit_value(node, context, reading),
        }
    }
}

impl Php {
    fn visit_value<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        match self.kind(node) {
            Kind::Nothing => {}
            Kind::Program => self.program(node, context, reading),
            Kind::Use => self.uses(node, context, reading),
            Kind::Class | Kind::Interface | Kind::Trait | Kind::Enum => self.class(node, context, reading),
            Kind::AnonymousClass => self.anonymous_class(node, context, reading),
            Kind::Function => self.function(node, context, reading),
            Kind::Closure => self.closure(node, context, reading),
            Kind::ArrowFunction => self.arrow_function(node, context, reading),
            Kind::Constants => self.constants(node, context, reading),
            Kind::Global => self.global(node, context, reading),
            Kind::StaticVariable => self.static_variable(node, context, reading),
            Kind::Assignment => self.assignment(node, context, reading),
            Kind::AugmentedAssignment => self.augmented_assignment(node, context, reading),
            Kind::Foreach => self.foreach(node, context, reading),
            Kind::Catch => self.catch(node, context, reading),
            Kind::FunctionCall => self.function_call(node, context, reading),
            Kind::MemberCall | Kind::ScopedCall => self.member_call(node, context, reading),
            Kind::New => self.new_object(node, context, reading),
            Kind::Member | Kind::ScopedProperty | Kind::ClassConstant => self.access(node, context, reading),
            Kind::Name | Kind::QualifiedName => self.constant(node, context, reading),
            Kind::Variable => names::variable(node, context, reading),
            Kind::Binary => self.binary(node, context, reading),
            Kind::Argument => self.argument(node, context, reading),
            Kind::Attribute => self.attribute(node, context, reading),
            Kind::Include => self.include(node, context, reading),
            Kind::String => {
                calls::mention(node, reading);
                reading.push_children(node, context);
            }
            _ => reading.push_children(node, context),
        }
    }
}
