//! Go: its kinds of syntax, and what each means to the sketch.
//!
//! A folder is a package, whose files see each other's names without an import. So the stem of a file is its folder,
//! and a name that the file does not bind is looked up there.

mod composites;
mod declarations;
mod expressions;
mod functions;
mod imports;
mod modules;
mod predeclared;
mod standard_library;
mod standard_members;
mod statements;
mod structures;
mod types;

use std::sync::LazyLock;

use codestrata::model::{ModuleFacts, Reach};
use tree_sitter::{Language, Node};

use super::vocabulary::fields;
use super::{Exported, Member, Rules, StandardMembers, Vocabulary};
use crate::extract::{Context, Mode, Reading, Role, ScopeKind, Sketch};

static RULES: LazyLock<Go> = LazyLock::new(|| Go::new(&tree_sitter_go::LANGUAGE.into()));

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
    Alias,
    ArrayType,
    Block,
    Call,
    Case,
    Composite,
    Conversion,
    DotImport,
    ExpressionList,
    FieldDeclaration,
    FieldDeclarations,
    For,
    Function,
    FunctionLiteral,
    FunctionType,
    GenericType,
    Identifier,
    If,
    ImportDeclaration,
    ImportSpec,
    Index,
    InterfaceType,
    Keyed,
    Literal,
    LiteralElement,
    LiteralValue,
    Method,
    MethodElement,
    NamedType,
    NegatedType,
    OtherType,
    PackageClause,
    Parameter,
    Parameters,
    ParenthesizedExpression,
    ParenthesizedType,
    PointerType,
    QualifiedType,
    Range,
    Receive,
    Selector,
    Short,
    Source,
    Statements,
    StructType,
    Switch,
    TypeAssertion,
    TypeCase,
    TypeDeclaration,
    TypeElement,
    TypeInstantiation,
    TypeParameter,
    TypeSpec,
    TypeSwitch,
    Unary,
    Variable,
    VariadicParameter,
}

const KINDS: &[(&str, Kind)] = &[
    ("array_type", Kind::ArrayType),
    ("blank_identifier", Kind::Nothing),
    ("block", Kind::Block),
    ("call_expression", Kind::Call),
    ("channel_type", Kind::OtherType),
    ("comment", Kind::Nothing),
    ("communication_case", Kind::Case),
    ("composite_literal", Kind::Composite),
    ("const_spec", Kind::Variable),
    ("default_case", Kind::Case),
    ("dot", Kind::DotImport),
    ("expression_case", Kind::Case),
    ("expression_list", Kind::ExpressionList),
    ("expression_switch_statement", Kind::Switch),
    ("field_declaration", Kind::FieldDeclaration),
    ("field_declaration_list", Kind::FieldDeclarations),
    ("for_statement", Kind::For),
    ("func_literal", Kind::FunctionLiteral),
    ("function_declaration", Kind::Function),
    ("function_type", Kind::FunctionType),
    ("generic_type", Kind::GenericType),
    ("identifier", Kind::Identifier),
    ("if_statement", Kind::If),
    ("implicit_length_array_type", Kind::OtherType),
    ("import_declaration", Kind::ImportDeclaration),
    ("import_spec", Kind::ImportSpec),
    ("index_expression", Kind::Index),
    ("interface_type", Kind::InterfaceType),
    ("interpreted_string_literal", Kind::Literal),
    ("keyed_element", Kind::Keyed),
    ("label_name", Kind::Nothing),
    ("literal_element", Kind::LiteralElement),
    ("literal_value", Kind::LiteralValue),
    ("map_type", Kind::OtherType),
    ("method_declaration", Kind::Method),
    ("method_elem", Kind::MethodElement),
    ("negated_type", Kind::NegatedType),
    ("package_clause", Kind::PackageClause),
    ("parameter_declaration", Kind::Parameter),
    ("parameter_list", Kind::Parameters),
    ("parenthesized_expression", Kind::ParenthesizedExpression),
    ("parenthesized_type", Kind::ParenthesizedType),
    ("pointer_type", Kind::PointerType),
    ("qualified_type", Kind::QualifiedType),
    ("range_clause", Kind::Range),
    ("raw_string_literal", Kind::Literal),
    ("receive_statement", Kind::Receive),
    ("rune_literal", Kind::Literal),
    ("selector_expression", Kind::Selector),
    ("short_var_declaration", Kind::Short),
    ("slice_type", Kind::OtherType),
    ("source_file", Kind::Source),
    ("statement_list", Kind::Statements),
    ("struct_type", Kind::StructType),
    ("type_alias", Kind::Alias),
    ("type_assertion_expression", Kind::TypeAssertion),
    ("type_case", Kind::TypeCase),
    ("type_conversion_expression", Kind::Conversion),
    ("type_declaration", Kind::TypeDeclaration),
    ("type_elem", Kind::TypeElement),
    ("type_identifier", Kind::NamedType),
    ("type_instantiation_expression", Kind::TypeInstantiation),
    ("type_parameter_declaration", Kind::TypeParameter),
    ("type_spec", Kind::TypeSpec),
    ("type_switch_statement", Kind::TypeSwitch),
    ("unary_expression", Kind::Unary),
    ("var_spec", Kind::Variable),
    ("variadic_parameter_declaration", Kind::VariadicParameter),
];

fields! {
    /// The fields that are read.
    struct Fields {
        alias, alternative, arguments, body, communication, condition, consequence, field, function,
        initializer, key, left, length, name, operand, package, parameters, path, receiver, result,
        right, type_ = "type", type_arguments, type_parameters, value,
    }
}

/// The language.
struct Go {
    vocabulary: Vocabulary<Kind>,
    field: Fields,
}

impl Go {
    fn new(grammar: &Language) -> Self {
        Self { vocabulary: Vocabulary::new(grammar, Kind::Other, KINDS), field: Fields::of(grammar) }
    }

    fn kind(&self, node: Node<'_>) -> Kind {
        self.vocabulary.kind(node)
    }
}

impl Rules for Go {
    fn grammar(&self) -> Language {
        tree_sitter_go::LANGUAGE.into()
    }

    fn module(&self, path: &str) -> ModuleFacts {
        modules::module(path)
    }

    fn standard_members(&self) -> StandardMembers {
        standard_members::STANDARD
    }

    fn reach<'m>(&self, member: &Member<'m>, _sketch: &'m Sketch<'_>) -> Reach<'m> {
        let is_exported = member.name.chars().next().is_some_and(char::is_uppercase);
        if is_exported { Reach::Everywhere } else { Reach::Namespace }
    }

    fn exported(&self) -> Exported {
        Exported::EveryDefinition
    }

    fn visit<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        match context.mode {
            Mode::Type(_) => self.visit_type(node, context, reading),
            Mode::Value | Mode::Pattern => self.visit_value(node, context, reading),
        }
    }
}

impl Go {
    fn visit_value<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        match self.kind(node) {
            Kind::Nothing | Kind::Literal | Kind::PackageClause => {}
            Kind::Source => self.source(node, context, reading),
            Kind::ImportSpec => self.import(node, context, reading),
            Kind::Function => self.function(node, context, reading),
            Kind::Method => self.method(node, context, reading),
            Kind::FunctionLiteral => self.function_literal(node, context, reading),
            Kind::TypeSpec | Kind::Alias => self.type_declaration(node, context, reading),
            Kind::Variable => {
                self.variable(node, context, context.scope, reading);
            }
            Kind::Block => {
                let scope = reading.sketch.open(ScopeKind::Block, context.scope);
                reading.push_children(node, context.with_scope(scope));
            }
            Kind::Statements => self.statements(node, context, reading),
            Kind::Short => self.short_declaration(node, context, context.scope, reading),
            Kind::If => self.if_statement(node, context, reading),
            Kind::For => self.for_statement(node, context, reading),
            Kind::Switch => self.switch(node, context, reading),
            Kind::TypeSwitch => self.type_switch(node, context, reading),
            Kind::Case => self.case(node, context, reading),
            Kind::Call => self.call(node, context, reading),
            Kind::Composite => self.composite(node, context, reading),
            Kind::LiteralValue => self.literal_value(node, true, context, reading),
            Kind::Selector | Kind::Identifier => self.access(node, context, reading),
            Kind::Conversion => self.conversion(node, context, reading),
            Kind::TypeAssertion => {
                reading.push_some(self.field.type_.of(node), context.as_type(Role::Variable));
                reading.push_some(self.field.operand.of(node), context);
            }
            Kind::TypeInstantiation
            | Kind::NamedType
            | Kind::QualifiedType
            | Kind::GenericType
            | Kind::ArrayType
            | Kind::OtherType
            | Kind::PointerType
            | Kind::StructType
            | Kind::InterfaceType
            | Kind::FunctionType
            | Kind::ParenthesizedType
            | Kind::NegatedType => reading.push(node, context.as_type(Role::Variable)),
            _ => reading.push_children(node, context),
        }
    }
}
