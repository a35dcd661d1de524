//! C and C++: their kinds of syntax, and what each means to the sketch.
//!
//! The grammar of C++ is that of C with more kinds, and headers serve both, so one table and one reading serve both.
//! What only C++ has is in the folder `cpp`.
//!
//! There is one namespace of global names. A header is seen by who includes it; which headers a file includes is not
//! followed, so its names are seen by all. What is local to a source file, its `static` functions, its types and its
//! macros, is hidden from the others.

mod calls;
mod conditions;
mod declarations;
mod declarators;
mod dialect;
mod expressions;
mod files;
mod functions;
mod hints;
mod holders;
mod overloads;
mod preprocessor;
mod repair;
mod tokens;
mod types;

use std::sync::LazyLock;

use codestrata::model::{ModuleFacts, Reach};
use tree_sitter::{Language, Node};

use super::cpp;
use super::vocabulary::fields;
use super::{Exported, Member, Rules, StandardMembers, Vocabulary};
use crate::extract::{Context, Mode, Reading, ScopeKind, Sketch};

pub(super) use declarators::Declarator;
pub(super) use files::is_header;
pub(super) use functions::Site;
pub(super) use types::define_type;

static RULES: LazyLock<CFamily> = LazyLock::new(|| CFamily::new(tree_sitter_c::LANGUAGE.into(), false));

pub(super) fn rules() -> &'static dyn Rules {
    &*RULES
}

/// What a piece of syntax is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing by itself: its children are read.
    Other,
    /// Nothing at all.
    Nothing,
    Alias,
    ArrayDeclarator,
    AttributedDeclarator,
    BaseClause,
    Block,
    Call,
    Cast,
    Catch,
    CompoundLiteral,
    Concept,
    Conditional,
    Declaration,
    Dependent,
    Enum,
    Enumerator,
    Field,
    FieldExpression,
    FieldInitializer,
    File,
    Friend,
    Function,
    FunctionDeclarator,
    Identifier,
    Include,
    InitDeclarator,
    Lambda,
    LambdaInitializer,
    Macro,
    MacroFunction,
    Namespace,
    NamespaceAlias,
    New,
    OperatorCast,
    OptionalParameter,
    Parameter,
    Parenthesized,
    Pointer,
    PointerDeclarator,
    Qualified,
    RangeFor,
    ReferenceDeclarator,
    Struct,
    StructuredBinding,
    Subscript,
    Template,
    TemplateArguments,
    TemplateFunction,
    TemplateType,
    This,
    TypeDefinition,
    TypeDescriptor,
    TypeIdentifier,
    TypeParameter,
    Using,
}

const KINDS: &[(&str, Kind)] = &[
    ("access_specifier", Kind::Nothing),
    ("alias_declaration", Kind::Alias),
    ("array_declarator", Kind::ArrayDeclarator),
    ("attribute_declaration", Kind::Nothing),
    ("attribute_specifier", Kind::Nothing),
    ("attributed_declarator", Kind::AttributedDeclarator),
    ("auto", Kind::Nothing),
    ("base_class_clause", Kind::BaseClause),
    ("call_expression", Kind::Call),
    ("cast_expression", Kind::Cast),
    ("catch_clause", Kind::Catch),
    ("char_literal", Kind::Nothing),
    ("class_specifier", Kind::Struct),
    ("comment", Kind::Nothing),
    ("compound_literal_expression", Kind::CompoundLiteral),
    ("compound_statement", Kind::Block),
    ("concept_definition", Kind::Concept),
    ("declaration", Kind::Declaration),
    ("dependent_name", Kind::Dependent),
    ("dependent_type", Kind::Dependent),
    ("enum_specifier", Kind::Enum),
    ("enumerator", Kind::Enumerator),
    ("field_declaration", Kind::Field),
    ("field_designator", Kind::Nothing),
    ("field_expression", Kind::FieldExpression),
    ("field_initializer", Kind::FieldInitializer),
    ("for_range_loop", Kind::RangeFor),
    ("for_statement", Kind::Block),
    ("friend_declaration", Kind::Friend),
    ("function_declarator", Kind::FunctionDeclarator),
    ("function_definition", Kind::Function),
    ("gnu_asm_qualifier", Kind::Nothing),
    ("goto_statement", Kind::Nothing),
    ("identifier", Kind::Identifier),
    ("if_statement", Kind::Block),
    ("init_declarator", Kind::InitDeclarator),
    ("lambda_capture_initializer", Kind::LambdaInitializer),
    ("lambda_expression", Kind::Lambda),
    ("namespace_alias_definition", Kind::NamespaceAlias),
    ("namespace_definition", Kind::Namespace),
    ("namespace_identifier", Kind::Nothing),
    ("new_expression", Kind::New),
    ("number_literal", Kind::Nothing),
    ("operator_cast", Kind::OperatorCast),
    ("optional_parameter_declaration", Kind::OptionalParameter),
    ("optional_type_parameter_declaration", Kind::TypeParameter),
    ("parameter_declaration", Kind::Parameter),
    ("parenthesized_declarator", Kind::Parenthesized),
    ("parenthesized_expression", Kind::Parenthesized),
    ("pointer_declarator", Kind::PointerDeclarator),
    ("pointer_expression", Kind::Pointer),
    ("preproc_call", Kind::Nothing),
    ("preproc_def", Kind::Macro),
    ("preproc_defined", Kind::Nothing),
    ("preproc_elif", Kind::Conditional),
    ("preproc_elifdef", Kind::Conditional),
    ("preproc_function_def", Kind::MacroFunction),
    ("preproc_if", Kind::Conditional),
    ("preproc_ifdef", Kind::Conditional),
    ("preproc_include", Kind::Include),
    ("primitive_type", Kind::Nothing),
    ("qualified_identifier", Kind::Qualified),
    ("raw_string_literal", Kind::Nothing),
    ("reference_declarator", Kind::ReferenceDeclarator),
    ("statement_identifier", Kind::Nothing),
    ("string_literal", Kind::Nothing),
    ("struct_specifier", Kind::Struct),
    ("structured_binding_declarator", Kind::StructuredBinding),
    ("subscript_expression", Kind::Subscript),
    ("switch_statement", Kind::Block),
    ("system_lib_string", Kind::Nothing),
    ("template_argument_list", Kind::TemplateArguments),
    ("template_declaration", Kind::Template),
    ("template_function", Kind::TemplateFunction),
    ("template_method", Kind::TemplateFunction),
    ("template_template_parameter_declaration", Kind::TypeParameter),
    ("template_type", Kind::TemplateType),
    ("this", Kind::This),
    ("translation_unit", Kind::File),
    ("type_definition", Kind::TypeDefinition),
    ("type_descriptor", Kind::TypeDescriptor),
    ("type_identifier", Kind::TypeIdentifier),
    ("type_parameter_declaration", Kind::TypeParameter),
    ("union_specifier", Kind::Struct),
    ("using_declaration", Kind::Using),
    ("variadic_declarator", Kind::AttributedDeclarator),
    ("variadic_parameter_declaration", Kind::Parameter),
    ("variadic_type_parameter_declaration", Kind::TypeParameter),
    ("while_statement", Kind::Block),
];

fields! {
    /// The fields that are read.
    pub(super) struct Fields {
        argument, arguments, body, captures, condition, declarator, default_type, default_value,
        field, function, initializer, left, name, parameters, path, right, scope, type_ = "type",
        value,
    }
}

/// C, or C++.
pub(super) struct CFamily {
    grammar: Language,
    vocabulary: Vocabulary<Kind>,
    pub(super) field: Fields,
    /// Whether it is C++.
    pub(super) is_cpp: bool,
}

impl CFamily {
    pub(super) fn new(grammar: Language, is_cpp: bool) -> Self {
        Self {
            vocabulary: Vocabulary::new(&grammar, Kind::Other, KINDS),
            field: Fields::of(&grammar),
            grammar,
            is_cpp,
        }
    }

    pub(super) fn kind(&self, node: Node<'_>) -> Kind {
        self.vocabulary.kind(node)
    }
}

impl Rules for CFamily {
    fn grammar(&self) -> Language {
        self.grammar.clone()
    }

    fn dialect(&self, path: &str, text: &str) -> Option<super::Language> {
        let is_open = !self.is_cpp && path.rsplit_once('.').is_some_and(|(_, ending)| ending == "h");
        (is_open && dialect::is_cpp(text)).then_some(super::Language::Cpp)
    }

    fn module(&self, path: &str) -> ModuleFacts {
        files::module(path)
    }

    fn prepare(&self, text: &str) -> Option<String> {
        repair::prepare(text)
    }

    fn repair(&self, text: &str) -> Option<String> {
        repair::repair(text)
    }

    fn standard_members(&self) -> StandardMembers {
        if self.is_cpp { cpp::STANDARD } else { StandardMembers::NONE }
    }

    fn reach<'m>(&self, member: &Member<'m>, sketch: &'m Sketch<'_>) -> Reach<'m> {
        if self.is_cpp && (member.is("static") || member.is("enum_member")) {
            Reach::Nowhere
        } else if sketch.private_parts.contains(&member.node.span.start_byte) {
            Reach::Holder
        } else {
            Reach::Everywhere
        }
    }

    fn exported(&self) -> Exported {
        Exported::EveryDefinition
    }

    fn finish(&self, reading: &mut Reading<'_, '_>) {
        Self::settle_macros(reading);
    }

    fn visit<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        match self.kind(node) {
            Kind::Nothing | Kind::This | Kind::FunctionDeclarator | Kind::OperatorCast => {}
            Kind::File => self.file(node, context, reading),
            Kind::Function => self.function_definition(node, site(node, context), reading),
            Kind::Declaration | Kind::Field => self.declaration(node, site(node, context), reading),
            Kind::TypeDefinition => self.type_definition(node, context, reading),
            Kind::Struct => self.structure(node, None, site(node, context), reading),
            Kind::Enum => self.enumeration(node, None, context, reading),
            Kind::Enumerator => self.enumerator(node, None, context, reading),
            Kind::TypeIdentifier => self.use_type(node, context, reading),
            Kind::TypeDescriptor => self.type_descriptor(node, context, reading),
            Kind::Parameter | Kind::OptionalParameter => self.loose_parameter(node, context, reading),
            Kind::Block => {
                let scope = reading.sketch.open(ScopeKind::Block, context.scope);
                reading.push_children(node, context.with_scope(scope).with_mode(Mode::Value));
            }
            Kind::Include => self.include(node, reading),
            Kind::Macro => self.object_macro(node, reading),
            Kind::MacroFunction => self.function_macro(node, reading),
            Kind::Conditional => self.conditional(node, context, reading),
            Kind::Call => self.call(node, context, reading),
            Kind::CompoundLiteral => self.compound_literal(node, context, reading),
            Kind::Identifier
            | Kind::FieldExpression
            | Kind::Pointer
            | Kind::Subscript
            | Kind::Parenthesized => self.access(node, context, reading),
            _ => self.visit_cpp(node, context, reading),
        }
    }
}

/// A definition without anything before it.
fn site(node: Node<'_>, context: Context) -> Site<'_, '_> {
    Site { whole: node, templates: &[], context }
}
