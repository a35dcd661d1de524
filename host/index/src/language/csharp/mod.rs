//! C#: its kinds of syntax, and what each means to the sketch.
//!
//! The one namespace of a file is its stem; where there are several, they are nodes. The namespaces around a file's
//! own are opened like those that it names with `using`. Where a type is expected, only types are looked at: a property
//! may have the name of its type. Properties, indexers' values and events are read like fields and typed like them, so
//! properties and events are variables; what their accessors do, they do. Constructors are methods named
//! `constructor`, as in TypeScript. Attributes are used as types. All branches of `#if` are read,
//! where the grammar can read them.

mod attributes;
mod definitions;
mod expressions;
mod functions;
mod members;
mod namespaces;
mod patterns;
mod repair;
mod statements;
mod types;

use std::sync::LazyLock;

use codestrata::model::ModuleFacts;
use tree_sitter::{Language, Node};

use super::vocabulary::Field;
use super::{Exported, Rules, Vocabulary};
use crate::extract::{Apart, Context, Mode, Reading, Role, ScopeKind};

static RULES: LazyLock<CSharp> = LazyLock::new(|| CSharp::new(&tree_sitter_c_sharp::LANGUAGE.into()));

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
    Accessor,
    AccessorList,
    AliasQualified,
    AnonymousMethod,
    AnonymousObject,
    Argument,
    ArgumentList,
    Arrow,
    As,
    Attribute,
    AttributeList,
    BaseList,
    Block,
    Body,
    BracketedArguments,
    Cast,
    Catch,
    ConditionalAccess,
    ConstantPattern,
    Constraints,
    Constructor,
    ConstructorInitializer,
    Conversion,
    Creation,
    Declarator,
    Delegate,
    Designation,
    Destructor,
    Enum,
    EnumMember,
    Event,
    EventField,
    ExplicitInterface,
    Field,
    FileNamespace,
    Foreach,
    GenericName,
    Goto,
    Identifier,
    ImplicitCreation,
    ImplicitParameter,
    ImplicitType,
    Indexer,
    Initializer,
    Invocation,
    Is,
    IsPattern,
    Labeled,
    Lambda,
    LocalFunction,
    MemberAccess,
    MemberBinding,
    Method,
    Modifier,
    NamePattern,
    Namespace,
    NullableType,
    Operator,
    Parameter,
    ParameterList,
    Parenthesized,
    PostfixUnary,
    PredefinedType,
    Preprocessor,
    PrimaryBase,
    Property,
    PropertyClause,
    QualifiedName,
    Query,
    QueryClause,
    RankSpecifier,
    String,
    Subpattern,
    TuplePattern,
    TypeArguments,
    TypeDefinition,
    TypeParameters,
    TypeWrapper,
    Typed,
    TypeOf,
    Unit,
    Using,
    VariableDeclaration,
    WithInitializer,
}

const KINDS: &[(&str, Kind)] = &[
    ("accessor_declaration", Kind::Accessor),
    ("accessor_list", Kind::AccessorList),
    ("alias_qualified_name", Kind::AliasQualified),
    ("anonymous_method_expression", Kind::AnonymousMethod),
    ("anonymous_object_creation_expression", Kind::AnonymousObject),
    ("argument", Kind::Argument),
    ("argument_list", Kind::ArgumentList),
    ("array_creation_expression", Kind::Typed),
    ("array_rank_specifier", Kind::RankSpecifier),
    ("arrow_expression_clause", Kind::Arrow),
    ("as_expression", Kind::As),
    ("attribute", Kind::Attribute),
    ("attribute_argument", Kind::Argument),
    ("attribute_list", Kind::AttributeList),
    ("attribute_target_specifier", Kind::Nothing),
    ("base_list", Kind::BaseList),
    ("block", Kind::Block),
    ("bracketed_argument_list", Kind::BracketedArguments),
    ("cast_expression", Kind::Cast),
    ("catch_clause", Kind::Catch),
    ("catch_declaration", Kind::NamePattern),
    ("class_declaration", Kind::TypeDefinition),
    ("comment", Kind::Nothing),
    ("compilation_unit", Kind::Unit),
    ("conditional_access_expression", Kind::ConditionalAccess),
    ("constant_pattern", Kind::ConstantPattern),
    ("constructor_declaration", Kind::Constructor),
    ("constructor_initializer", Kind::ConstructorInitializer),
    ("conversion_operator_declaration", Kind::Conversion),
    ("declaration_expression", Kind::NamePattern),
    ("declaration_list", Kind::Body),
    ("declaration_pattern", Kind::NamePattern),
    ("default_expression", Kind::Typed),
    ("delegate_declaration", Kind::Delegate),
    ("destructor_declaration", Kind::Destructor),
    ("enum_declaration", Kind::Enum),
    ("enum_member_declaration", Kind::EnumMember),
    ("event_declaration", Kind::Event),
    ("event_field_declaration", Kind::EventField),
    ("explicit_interface_specifier", Kind::ExplicitInterface),
    ("extern_alias_directive", Kind::Nothing),
    ("field_declaration", Kind::Field),
    ("file_scoped_namespace_declaration", Kind::FileNamespace),
    ("fixed_statement", Kind::Block),
    ("for_statement", Kind::Block),
    ("foreach_statement", Kind::Foreach),
    ("from_clause", Kind::QueryClause),
    ("generic_name", Kind::GenericName),
    ("goto_statement", Kind::Goto),
    ("identifier", Kind::Identifier),
    ("implicit_object_creation_expression", Kind::ImplicitCreation),
    ("implicit_parameter", Kind::ImplicitParameter),
    ("implicit_type", Kind::ImplicitType),
    ("indexer_declaration", Kind::Indexer),
    ("initializer_expression", Kind::Initializer),
    ("interface_declaration", Kind::TypeDefinition),
    ("interpolated_string_expression", Kind::String),
    ("interpolation_format_clause", Kind::Nothing),
    ("invocation_expression", Kind::Invocation),
    ("is_expression", Kind::Is),
    ("is_pattern_expression", Kind::IsPattern),
    ("join_clause", Kind::QueryClause),
    ("labeled_statement", Kind::Labeled),
    ("lambda_expression", Kind::Lambda),
    ("let_clause", Kind::QueryClause),
    ("list_pattern", Kind::NamePattern),
    ("local_function_statement", Kind::LocalFunction),
    ("member_access_expression", Kind::MemberAccess),
    ("member_binding_expression", Kind::MemberBinding),
    ("method_declaration", Kind::Method),
    ("modifier", Kind::Modifier),
    ("namespace_declaration", Kind::Namespace),
    ("nullable_type", Kind::NullableType),
    ("object_creation_expression", Kind::Creation),
    ("operator_declaration", Kind::Operator),
    ("parameter", Kind::Parameter),
    ("parameter_list", Kind::ParameterList),
    ("parenthesized_expression", Kind::Parenthesized),
    ("parenthesized_variable_designation", Kind::Designation),
    ("pointer_type", Kind::TypeWrapper),
    ("postfix_unary_expression", Kind::PostfixUnary),
    ("predefined_type", Kind::PredefinedType),
    ("preproc_define", Kind::Nothing),
    ("preproc_elif", Kind::Preprocessor),
    ("preproc_else", Kind::Preprocessor),
    ("preproc_endregion", Kind::Nothing),
    ("preproc_error", Kind::Nothing),
    ("preproc_if", Kind::Preprocessor),
    ("preproc_line", Kind::Nothing),
    ("preproc_nullable", Kind::Nothing),
    ("preproc_pragma", Kind::Nothing),
    ("preproc_region", Kind::Nothing),
    ("preproc_undef", Kind::Nothing),
    ("preproc_warning", Kind::Nothing),
    ("primary_constructor_base_type", Kind::PrimaryBase),
    ("property_declaration", Kind::Property),
    ("property_pattern_clause", Kind::PropertyClause),
    ("qualified_name", Kind::QualifiedName),
    ("query_expression", Kind::Query),
    ("raw_string_literal", Kind::String),
    ("record_declaration", Kind::TypeDefinition),
    ("recursive_pattern", Kind::NamePattern),
    ("ref_type", Kind::TypeWrapper),
    ("refvalue_expression", Kind::Typed),
    ("scoped_type", Kind::TypeWrapper),
    ("sizeof_expression", Kind::Typed),
    ("stackalloc_expression", Kind::Typed),
    ("string_literal", Kind::String),
    ("struct_declaration", Kind::TypeDefinition),
    ("subpattern", Kind::Subpattern),
    ("switch_body", Kind::Block),
    ("switch_expression_arm", Kind::Block),
    ("switch_section", Kind::Block),
    ("tuple_pattern", Kind::TuplePattern),
    ("type_argument_list", Kind::TypeArguments),
    ("type_parameter_constraints_clause", Kind::Constraints),
    ("type_parameter_list", Kind::TypeParameters),
    ("type_pattern", Kind::Typed),
    ("typeof_expression", Kind::TypeOf),
    ("using_directive", Kind::Using),
    ("using_statement", Kind::Block),
    ("var_pattern", Kind::NamePattern),
    ("variable_declaration", Kind::VariableDeclaration),
    ("variable_declarator", Kind::Declarator),
    ("verbatim_string_literal", Kind::String),
    ("with_initializer", Kind::WithInitializer),
];

/// The fields that are read.
struct Fields {
    accessors: Field,
    alias: Field,
    arguments: Field,
    body: Field,
    condition: Field,
    expression: Field,
    function: Field,
    initializer: Field,
    left: Field,
    name: Field,
    operator: Field,
    parameters: Field,
    pattern: Field,
    qualifier: Field,
    returns: Field,
    right: Field,
    type_: Field,
    value: Field,
}

/// The language.
struct CSharp {
    vocabulary: Vocabulary<Kind>,
    field: Fields,
}

impl CSharp {
    fn new(grammar: &Language) -> Self {
        let field = |name| Field::new(grammar, name);
        Self {
            vocabulary: Vocabulary::new(grammar, Kind::Other, KINDS),
            field: Fields {
                accessors: field("accessors"),
                alias: field("alias"),
                arguments: field("arguments"),
                body: field("body"),
                condition: field("condition"),
                expression: field("expression"),
                function: field("function"),
                initializer: field("initializer"),
                left: field("left"),
                name: field("name"),
                operator: field("operator"),
                parameters: field("parameters"),
                pattern: field("pattern"),
                qualifier: field("qualifier"),
                returns: field("returns"),
                right: field("right"),
                type_: field("type"),
                value: field("value"),
            },
        }
    }

    fn kind(&self, node: Node<'_>) -> Kind {
        self.vocabulary.kind(node)
    }
}

impl Rules for CSharp {
    fn grammar(&self) -> Language {
        tree_sitter_c_sharp::LANGUAGE.into()
    }

    fn module(&self, _path: &str) -> ModuleFacts {
        ModuleFacts { is_shared: true, ..ModuleFacts::default() }
    }

    fn exported(&self) -> Exported {
        Exported::EveryDefinition
    }

    fn repair(&self, text: &str) -> Option<String> {
        repair::repair(text)
    }

    fn apart(&self) -> Apart {
        Apart::Types
    }

    fn visit<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if matches!(context.mode, Mode::Type(_)) {
            self.visit_type(node, context, reading);
        } else {
            self.visit_value(node, context, reading);
        }
    }
}

impl CSharp {
    fn visit_value<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        match self.kind(node) {
            Kind::Nothing
            | Kind::Modifier
            | Kind::Constraints
            | Kind::PredefinedType
            | Kind::FileNamespace => {}
            Kind::Unit => self.unit(node, context, reading),
            Kind::Namespace => self.namespace(node, context, reading),
            Kind::Using => self.using(node, context, reading),
            Kind::Preprocessor => self.preprocessor(node, context, reading),
            Kind::TypeDefinition | Kind::Enum | Kind::Delegate => {
                self.type_definition(node, context, reading);
            }
            Kind::EnumMember => self.enum_member(node, context, reading),
            Kind::Field | Kind::EventField => self.fields(node, context, reading),
            Kind::Property | Kind::Event => self.property(node, context, reading),
            Kind::Method
            | Kind::Constructor
            | Kind::Destructor
            | Kind::Operator
            | Kind::Conversion
            | Kind::Indexer => self.method(node, context, reading),
            Kind::LocalFunction => self.local_function(node, context, reading),
            Kind::Attribute => self.attribute(node, context, reading),
            Kind::VariableDeclaration => self.locals(node, context, reading),
            Kind::Block => {
                let scope = reading.sketch.open(ScopeKind::Block, context.scope);
                reading.push_children(node, context.with_scope(scope));
            }
            Kind::Foreach => self.foreach(node, context, reading),
            Kind::Catch => {
                let scope = reading.sketch.open(ScopeKind::Block, context.scope);
                reading.push_children(node, context.with_scope(scope));
            }
            Kind::Labeled => {
                for part in reading.children(node).into_iter().skip(1) {
                    reading.push(part, context);
                }
            }
            Kind::Goto => {
                if reading.has_token(node, "case") {
                    reading.push_children(node, context);
                }
            }
            Kind::Query => self.query(node, context, reading),
            Kind::Lambda | Kind::AnonymousMethod => self.lambda(node, context, reading),
            Kind::NamePattern | Kind::Designation | Kind::TuplePattern | Kind::Subpattern => {
                self.pattern(node, context, reading);
            }
            Kind::Is | Kind::As => {
                reading.push_some(self.field.left.of(node), context);
                reading.push_some(self.field.right.of(node), context.as_type(Role::Variable));
            }
            Kind::IsPattern => self.is_pattern(node, context, reading),
            Kind::Typed | Kind::TypeOf | Kind::Cast => self.typed(node, context, reading),
            Kind::Argument | Kind::WithInitializer => self.argument(node, context, reading),
            Kind::AnonymousObject => self.anonymous_object(node, context, reading),
            Kind::Creation => self.creation(node, context, reading),
            Kind::ConstructorInitializer => self.constructor_initializer(node, context, reading),
            Kind::Invocation => self.invocation(node, context, reading),
            Kind::MemberAccess
            | Kind::ConditionalAccess
            | Kind::Identifier
            | Kind::GenericName
            | Kind::QualifiedName
            | Kind::AliasQualified => self.access(node, context, reading),
            Kind::TypeArguments | Kind::NullableType | Kind::TypeWrapper => {
                reading.push_children(node, context.as_type(Role::Variable));
            }
            _ => reading.push_children(node, context),
        }
    }

    /// `#if CONDITION`: the names in the condition are no names of the language.
    fn preprocessor<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let condition = self.field.condition.of(node);
        for part in reading.children(node) {
            if Some(part) != condition {
                reading.push(part, context);
            }
        }
    }

    /// An expression with one type in it.
    fn typed<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        let declared = self.field.type_.of(node);
        for part in reading.children(node) {
            let context = if Some(part) == declared { context.as_type(Role::Variable) } else { context };
            reading.push(part, context);
        }
    }
}
