//! Java: its kinds of syntax, and what each means to the sketch.
//!
//! A file belongs to the package that it declares, wherever it lies, so its stem comes from its source. Types, methods
//! and variables may share a name without hiding each other. Constructors are methods named `constructor`, as in
//! TypeScript. An anonymous class has a node, so that who extends what is known and inherited names are found; its
//! methods have none, like lambdas: what they call is called by the definition around them. Annotations are used as
//! types. A method reference counts as a call, because what it names is there to be called.

mod definitions;
mod expressions;
mod functions;
mod imports;
mod patterns;
mod standard_members;
mod statements;
mod types;

use std::sync::LazyLock;

use codestrata::model::{ModuleFacts, Reach, node_kind};
use tree_sitter::{Language, Node};

use super::vocabulary::fields;
use super::{Exported, Member, Rules, StandardMembers, Vocabulary};
use crate::extract::{Apart, Context, Mode, Reading, Role, Sketch};

static RULES: LazyLock<Java> = LazyLock::new(|| Java::new(&tree_sitter_java::LANGUAGE.into()));

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
    AnnotatedType,
    Annotation,
    AnnotationElement,
    AnnotationPair,
    Asterisk,
    Block,
    BuiltinType,
    Cast,
    Catch,
    CatchParameter,
    CatchType,
    ClassBody,
    ClassLiteral,
    Constructor,
    ConstructorCall,
    Creation,
    Declarator,
    EnhancedFor,
    EnumConstant,
    Field,
    FieldAccess,
    For,
    GenericType,
    Identifier,
    Import,
    InheritedTypes,
    InstanceOf,
    Invocation,
    Labeled,
    Lambda,
    Local,
    Method,
    MethodReference,
    Modifiers,
    Package,
    Parameter,
    Parenthesized,
    Pattern,
    RecordComponent,
    RecordPattern,
    Resource,
    ScopedIdentifier,
    ScopedType,
    SpreadParameter,
    String,
    Super,
    SwitchGroup,
    SwitchRule,
    This,
    Throws,
    Try,
    Type,
    TypeBound,
    TypeIdentifier,
    TypeList,
    TypePattern,
    TypeRoot,
}

const KINDS: &[(&str, Kind)] = &[
    ("annotated_type", Kind::AnnotatedType),
    ("annotation", Kind::Annotation),
    ("annotation_type_declaration", Kind::Type),
    ("annotation_type_element_declaration", Kind::AnnotationElement),
    ("array_type", Kind::BuiltinType),
    ("asterisk", Kind::Asterisk),
    ("block", Kind::Block),
    ("block_comment", Kind::Nothing),
    ("boolean_type", Kind::BuiltinType),
    ("break_statement", Kind::Nothing),
    ("cast_expression", Kind::Cast),
    ("catch_clause", Kind::Catch),
    ("catch_formal_parameter", Kind::CatchParameter),
    ("catch_type", Kind::CatchType),
    ("class_body", Kind::ClassBody),
    ("class_declaration", Kind::Type),
    ("class_literal", Kind::ClassLiteral),
    ("compact_constructor_declaration", Kind::Constructor),
    ("constant_declaration", Kind::Field),
    ("constructor_declaration", Kind::Constructor),
    ("continue_statement", Kind::Nothing),
    ("element_value_pair", Kind::AnnotationPair),
    ("enhanced_for_statement", Kind::EnhancedFor),
    ("enum_constant", Kind::EnumConstant),
    ("enum_declaration", Kind::Type),
    ("explicit_constructor_invocation", Kind::ConstructorCall),
    ("extends_interfaces", Kind::InheritedTypes),
    ("field_access", Kind::FieldAccess),
    ("field_declaration", Kind::Field),
    ("floating_point_type", Kind::BuiltinType),
    ("for_statement", Kind::For),
    ("formal_parameter", Kind::Parameter),
    ("generic_type", Kind::GenericType),
    ("identifier", Kind::Identifier),
    ("import_declaration", Kind::Import),
    ("instanceof_expression", Kind::InstanceOf),
    ("integral_type", Kind::BuiltinType),
    ("interface_declaration", Kind::Type),
    ("labeled_statement", Kind::Labeled),
    ("lambda_expression", Kind::Lambda),
    ("line_comment", Kind::Nothing),
    ("local_variable_declaration", Kind::Local),
    ("marker_annotation", Kind::Annotation),
    ("method_declaration", Kind::Method),
    ("method_invocation", Kind::Invocation),
    ("method_reference", Kind::MethodReference),
    ("modifiers", Kind::Modifiers),
    ("module_declaration", Kind::Nothing),
    ("object_creation_expression", Kind::Creation),
    ("package_declaration", Kind::Package),
    ("parenthesized_expression", Kind::Parenthesized),
    ("pattern", Kind::Pattern),
    ("permits", Kind::Nothing),
    ("receiver_parameter", Kind::Nothing),
    ("record_declaration", Kind::Type),
    ("record_pattern", Kind::RecordPattern),
    ("record_pattern_component", Kind::RecordComponent),
    ("resource", Kind::Resource),
    ("scoped_identifier", Kind::ScopedIdentifier),
    ("scoped_type_identifier", Kind::ScopedType),
    ("spread_parameter", Kind::SpreadParameter),
    ("string_literal", Kind::String),
    ("super", Kind::Super),
    ("super_interfaces", Kind::InheritedTypes),
    ("superclass", Kind::InheritedTypes),
    ("switch_block", Kind::Block),
    ("switch_block_statement_group", Kind::SwitchGroup),
    ("switch_rule", Kind::SwitchRule),
    ("this", Kind::This),
    ("throws", Kind::Throws),
    ("try_with_resources_statement", Kind::Try),
    ("type_arguments", Kind::TypeRoot),
    ("type_bound", Kind::TypeBound),
    ("type_identifier", Kind::TypeIdentifier),
    ("type_list", Kind::TypeList),
    ("type_pattern", Kind::TypePattern),
    ("variable_declarator", Kind::Declarator),
    ("void_type", Kind::BuiltinType),
];

fields! {
    /// The fields that are read.
    struct Fields {
        arguments, body, constructor, dimensions, field, left, name, object, parameters, pattern,
        resources, right, scope, type_ = "type", type_arguments, type_parameters, value,
    }
}

/// The language.
struct Java {
    vocabulary: Vocabulary<Kind>,
    field: Fields,
}

impl Java {
    fn new(grammar: &Language) -> Self {
        Self { vocabulary: Vocabulary::new(grammar, Kind::Other, KINDS), field: Fields::of(grammar) }
    }

    fn kind(&self, node: Node<'_>) -> Kind {
        self.vocabulary.kind(node)
    }
}

impl Rules for Java {
    fn grammar(&self) -> Language {
        tree_sitter_java::LANGUAGE.into()
    }

    fn module(&self, _path: &str) -> ModuleFacts {
        ModuleFacts { is_shared: true, ..ModuleFacts::default() }
    }

    fn standard_members(&self) -> StandardMembers {
        standard_members::STANDARD
    }

    fn reach<'m>(&self, member: &Member<'m>, _sketch: &'m Sketch<'_>) -> Reach<'m> {
        match member.visibility {
            _ if member.is("static") => Reach::Nowhere,
            // The whole of the outermost class sees it, which is nearly all of a file.
            "private" => Reach::File,
            // Without a word it belongs to its package, but for what an interface promises.
            "" if matches!(member.holder, node_kind::CLASS | node_kind::STRUCT) => Reach::Namespace,
            _ => Reach::Everywhere,
        }
    }

    fn exported(&self) -> Exported {
        Exported::EveryDefinition
    }

    fn apart(&self) -> Apart {
        Apart::TypesAndFunctions
    }

    fn visit<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        if matches!(context.mode, Mode::Type(_)) {
            self.visit_type(node, context, reading);
        } else {
            self.visit_value(node, context, reading);
        }
    }
}

impl Java {
    fn visit_value<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        match self.kind(node) {
            Kind::Nothing | Kind::This | Kind::Super | Kind::Asterisk => {}
            Kind::Package => self.package(node, context, reading),
            Kind::Import => self.import(node, context, reading),
            Kind::Type => self.type_definition(node, context, reading),
            Kind::Method | Kind::Constructor | Kind::AnnotationElement => {
                self.method(node, context, reading);
            }
            Kind::Field => self.field_declaration(node, context, reading),
            Kind::EnumConstant => self.enum_constant(node, context, reading),
            Kind::Local => self.local(node, context, reading),
            Kind::Block => {
                let scope = reading.sketch.open(crate::extract::ScopeKind::Block, context.scope);
                reading.push_children(node, context.with_scope(scope));
            }
            Kind::For
            | Kind::SwitchRule
            | Kind::SwitchGroup
            | Kind::Catch
            | Kind::Try
            | Kind::EnhancedFor => {
                self.statement(node, context, reading);
            }
            Kind::Resource => self.resource(node, context, reading),
            Kind::Labeled => statements::labeled(node, context, reading),
            Kind::Lambda => self.lambda(node, context, reading),
            Kind::InstanceOf => self.instance_of(node, context, reading),
            Kind::TypePattern | Kind::RecordComponent | Kind::RecordPattern => {
                self.pattern(node, context, reading);
            }
            Kind::Annotation => self.annotation(node, context, reading),
            Kind::AnnotationPair => reading.push_some(self.field.value.of(node), context),
            Kind::ConstructorCall => self.constructor_call(node, context, reading),
            Kind::Creation => self.creation(node, context, reading),
            Kind::Invocation => self.invocation(node, context, reading),
            Kind::MethodReference => self.method_reference(node, context, reading),
            Kind::FieldAccess | Kind::Identifier => self.access(node, context, reading),
            Kind::TypeIdentifier
            | Kind::ScopedType
            | Kind::GenericType
            | Kind::AnnotatedType
            | Kind::BuiltinType => reading.push(node, context.as_type(Role::Variable)),
            Kind::TypeRoot | Kind::ClassLiteral => {
                reading.push_children(node, context.as_type(Role::Variable));
            }
            _ => reading.push_children(node, context),
        }
    }
}
