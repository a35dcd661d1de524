//! JavaScript and TypeScript: their kinds of syntax, and what each means to the sketch.
//!
//! TypeScript's grammars are JavaScript's with more kinds, so one table and one reading serve all three.

mod classes;
mod declarations;
mod expressions;
mod functions;
mod generics;
pub(crate) mod merging;
mod modules;
mod objects;
mod patterns;
mod repair;
mod shapes;
mod signatures;
mod spots;
mod transfers;
mod types;
mod values;

use codestrata::model::ModuleFacts;
use tree_sitter::{Language, Node};

use super::vocabulary::fields;
use super::{Exported, Rules, Vocabulary};
use crate::extract::{Context, Habits, Mode, Reading, Role, ScopeKind};

/// What a piece of syntax is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing by itself: its children are read.
    Other,
    /// Nothing at all.
    Nothing,
    Alias,
    Ambient,
    ArrayPattern,
    Arrow,
    AsExpression,
    Assignment,
    AssignmentPattern,
    Augmented,
    Await,
    Block,
    Call,
    Catch,
    Class,
    ClassHeritage,
    ComputedName,
    Declaration,
    Declarator,
    Decorator,
    DynamicImport,
    Enum,
    EnumAssignment,
    Export,
    ExportClause,
    Extends,
    ExtendsTypes,
    Field,
    For,
    Function,
    FunctionExpression,
    GenericType,
    Identifier,
    Implements,
    Import,
    ImportClause,
    ImportRequire,
    IndexSignature,
    InferType,
    Interface,
    JsxElement,
    MappedType,
    Member,
    Method,
    MethodSignature,
    Modifier,
    NamedImports,
    Namespace,
    NamespaceExport,
    NamespaceImport,
    NestedType,
    New,
    Object,
    ObjectAssignmentPattern,
    ObjectPattern,
    ObjectType,
    Null,
    Pair,
    PairPattern,
    Parameter,
    Parenthesized,
    Predicate,
    PropertySignature,
    Rest,
    Return,
    ShorthandPattern,
    Signature,
    String,
    Subscript,
    Super,
    This,
    TypeIdentifier,
    TypeParameter,
    TypeQuery,
    TypeRoot,
    VarDeclaration,
}

const KINDS: &[(&str, Kind)] = &[
    ("abstract_class_declaration", Kind::Class),
    ("abstract_method_signature", Kind::MethodSignature),
    ("accessibility_modifier", Kind::Modifier),
    ("ambient_declaration", Kind::Ambient),
    ("array_pattern", Kind::ArrayPattern),
    ("array_type", Kind::TypeRoot),
    ("arrow_function", Kind::Arrow),
    ("as_expression", Kind::AsExpression),
    ("asserts_annotation", Kind::TypeRoot),
    ("assignment_expression", Kind::Assignment),
    ("assignment_pattern", Kind::AssignmentPattern),
    ("augmented_assignment_expression", Kind::Augmented),
    ("await_expression", Kind::Await),
    ("call_expression", Kind::Call),
    ("call_signature", Kind::Signature),
    ("catch_clause", Kind::Catch),
    ("class", Kind::Class),
    ("class_declaration", Kind::Class),
    ("class_heritage", Kind::ClassHeritage),
    ("comment", Kind::Nothing),
    ("computed_property_name", Kind::ComputedName),
    ("conditional_type", Kind::Signature),
    ("construct_signature", Kind::Signature),
    ("constructor_type", Kind::Signature),
    ("decorator", Kind::Decorator),
    ("enum_assignment", Kind::EnumAssignment),
    ("enum_declaration", Kind::Enum),
    ("export_clause", Kind::ExportClause),
    ("export_statement", Kind::Export),
    ("extends_clause", Kind::Extends),
    ("extends_type_clause", Kind::ExtendsTypes),
    ("field_definition", Kind::Field),
    ("for_in_statement", Kind::For),
    ("for_statement", Kind::Block),
    ("function_declaration", Kind::Function),
    ("function_expression", Kind::FunctionExpression),
    ("function_signature", Kind::Function),
    ("function_type", Kind::Signature),
    ("generator_function", Kind::FunctionExpression),
    ("generator_function_declaration", Kind::Function),
    ("generic_type", Kind::GenericType),
    ("html_comment", Kind::Nothing),
    ("identifier", Kind::Identifier),
    ("implements_clause", Kind::Implements),
    ("import", Kind::DynamicImport),
    ("import_alias", Kind::Alias),
    ("import_clause", Kind::ImportClause),
    ("import_require_clause", Kind::ImportRequire),
    ("import_statement", Kind::Import),
    ("index_signature", Kind::IndexSignature),
    ("infer_type", Kind::InferType),
    ("interface_declaration", Kind::Interface),
    ("internal_module", Kind::Namespace),
    ("jsx_closing_element", Kind::Nothing),
    ("jsx_opening_element", Kind::JsxElement),
    ("jsx_self_closing_element", Kind::JsxElement),
    ("jsx_text", Kind::Nothing),
    ("lexical_declaration", Kind::Declaration),
    ("mapped_type_clause", Kind::MappedType),
    ("member_expression", Kind::Member),
    ("meta_property", Kind::Nothing),
    ("method_definition", Kind::Method),
    ("method_signature", Kind::MethodSignature),
    ("module", Kind::Namespace),
    ("named_imports", Kind::NamedImports),
    ("namespace_export", Kind::NamespaceExport),
    ("namespace_import", Kind::NamespaceImport),
    ("nested_type_identifier", Kind::NestedType),
    ("new_expression", Kind::New),
    ("non_null_expression", Kind::Parenthesized),
    ("null", Kind::Null),
    ("object", Kind::Object),
    ("object_assignment_pattern", Kind::ObjectAssignmentPattern),
    ("object_pattern", Kind::ObjectPattern),
    ("object_type", Kind::ObjectType),
    ("optional_parameter", Kind::Parameter),
    ("override_modifier", Kind::Modifier),
    ("pair", Kind::Pair),
    ("pair_pattern", Kind::PairPattern),
    ("parenthesized_expression", Kind::Parenthesized),
    ("predefined_type", Kind::Nothing),
    ("property_signature", Kind::PropertySignature),
    ("public_field_definition", Kind::Field),
    ("regex", Kind::Nothing),
    ("required_parameter", Kind::Parameter),
    ("rest_pattern", Kind::Rest),
    ("return_statement", Kind::Return),
    ("satisfies_expression", Kind::AsExpression),
    ("shorthand_property_identifier", Kind::Identifier),
    ("shorthand_property_identifier_pattern", Kind::ShorthandPattern),
    ("statement_block", Kind::Block),
    ("statement_identifier", Kind::Nothing),
    ("string", Kind::String),
    ("subscript_expression", Kind::Subscript),
    ("super", Kind::Super),
    ("switch_body", Kind::Block),
    ("this", Kind::This),
    ("tuple_type", Kind::TypeRoot),
    ("type_alias_declaration", Kind::Alias),
    ("type_annotation", Kind::TypeRoot),
    ("type_arguments", Kind::TypeRoot),
    ("type_identifier", Kind::TypeIdentifier),
    ("type_parameter", Kind::TypeParameter),
    ("type_predicate", Kind::Predicate),
    ("type_predicate_annotation", Kind::TypeRoot),
    ("type_query", Kind::TypeQuery),
    ("undefined", Kind::Null),
    ("using_declaration", Kind::Declaration),
    ("variable_declaration", Kind::VarDeclaration),
    ("variable_declarator", Kind::Declarator),
];

fields! {
    /// The fields that are read.
    struct Fields {
        alias, arguments, body, constraint, constructor, declaration, function, index, key, left, module, name, object,
        parameter, parameters, pattern, property, return_type, right, source, type_ = "type",
        type_arguments, type_parameters, value,
    }
}

/// JavaScript, TypeScript or TSX.
pub(super) struct EcmaScript {
    grammar: Language,
    vocabulary: Vocabulary<Kind>,
    field: Fields,
}

impl EcmaScript {
    pub(super) fn new(grammar: Language) -> Self {
        Self {
            vocabulary: Vocabulary::new(&grammar, Kind::Other, KINDS),
            field: Fields::of(&grammar),
            grammar,
        }
    }

    fn kind(&self, node: Node<'_>) -> Kind {
        self.vocabulary.kind(node)
    }
}

impl Rules for EcmaScript {
    fn grammar(&self) -> Language {
        self.grammar.clone()
    }

    fn module(&self, path: &str) -> ModuleFacts {
        modules::module(path)
    }

    fn repair(&self, text: &str) -> Option<String> {
        repair::repair(text)
    }

    fn exported(&self) -> Exported {
        Exported::WhatIsSaid
    }

    fn habits(&self) -> Habits {
        Habits { calls_objects: true, tells_statics: true, ..Habits::default() }
    }

    fn tells_values(&self) -> bool {
        true
    }

    fn visit<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if matches!(context.mode, Mode::Type(_)) {
            self.visit_type(node, context, reading);
        } else {
            self.visit_value(node, context, reading);
        }
    }
}

impl EcmaScript {
    fn visit_value<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        match self.kind(node) {
            Kind::Nothing | Kind::String | Kind::Null | Kind::This | Kind::Super => {}
            Kind::Function => self.function_declaration(node, context, reading),
            Kind::FunctionExpression | Kind::Arrow => self.function(node, None, context, reading),
            Kind::Method => self.object_method(node, context, reading),
            Kind::Class => self.class_declaration(node, context, reading),
            Kind::Interface => self.interface(node, context, reading),
            Kind::Enum => self.enumeration(node, context, reading),
            Kind::Alias => self.type_alias(node, context, reading),
            Kind::Namespace => self.namespace(node, context, reading),
            Kind::Declaration | Kind::VarDeclaration => self.declaration(node, context, reading),
            Kind::Block => {
                let scope = reading.sketch.open(ScopeKind::Block, context.scope);
                reading.push_children(node, context.with_scope(scope));
            }
            Kind::For => self.for_in(node, context, reading),
            Kind::Catch => self.catch(node, context, reading),
            Kind::Import => self.import(node, context, reading),
            Kind::Export => self.export(node, context, reading),
            Kind::Assignment => self.assignment(node, context, reading),
            Kind::Augmented => self.augmented(node, context, reading),
            Kind::Call => self.call(node, context, reading),
            Kind::New => self.new_expression(node, context, reading),
            Kind::Member | Kind::Identifier => self.access(node, context, reading),
            Kind::JsxElement => self.jsx(node, context, reading),
            Kind::Decorator => self.decorator(node, context, reading),
            Kind::Return => self.returned(node, context, reading),
            Kind::Pair => {
                if let Some(key) = self.field.key.of(node).filter(|key| self.kind(*key) == Kind::ComputedName)
                {
                    reading.push(key, context);
                }
                reading.push_some(self.field.value.of(node), context);
            }
            Kind::TypeIdentifier
            | Kind::NestedType
            | Kind::GenericType
            | Kind::Signature
            | Kind::TypeQuery
            | Kind::Predicate => reading.push(node, context.as_type(Role::Variable)),
            Kind::TypeRoot | Kind::ObjectType => reading.push_children(node, context.as_type(Role::Variable)),
            _ => reading.push_children(node, context),
        }
    }
}
