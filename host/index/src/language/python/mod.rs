//! Python: its kinds of syntax, and what each means to the sketch.

mod builtins;
mod choices;
mod conditions;
mod definitions;
mod expressions;
mod imports;
mod modules;
pub(crate) mod public_names;
mod standard_library;
mod statements;
mod types;
mod typing;
mod values;

use std::sync::LazyLock;

use codestrata::model::ModuleFacts;
use tree_sitter::{Language, Node};

use super::vocabulary::fields;
use super::{Exported, Rules, Vocabulary};
use crate::extract::{Context, Habits, Mode, Reading};

static RULES: LazyLock<Python> = LazyLock::new(|| Python::new(&tree_sitter_python::LANGUAGE.into()));

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
    AliasedImport,
    AsPattern,
    Assert,
    Assignment,
    Attribute,
    AugmentedAssignment,
    Await,
    BinaryOperator,
    Block,
    BooleanOperator,
    Call,
    Case,
    CasePattern,
    Class,
    ClassPattern,
    Collection,
    Comprehension,
    Conditional,
    ConstrainedType,
    Decorated,
    Decorator,
    DictionarySplat,
    DottedName,
    Else,
    Except,
    For,
    ForInClause,
    Function,
    GenericType,
    Global,
    Identifier,
    If,
    Import,
    ImportFrom,
    JoinedStrings,
    Keyword,
    KeywordPattern,
    Lambda,
    None,
    Nonlocal,
    Not,
    Number,
    Parenthesized,
    Parameter,
    RelativeImport,
    Return,
    Sequence,
    Slice,
    Splat,
    SplatPattern,
    String,
    Subscript,
    Try,
    Type,
    TypeAlias,
    TypeParameter,
    UnionType,
    Walrus,
    Wildcard,
    With,
    WithClause,
    Yield,
}

const KINDS: &[(&str, Kind)] = &[
    ("aliased_import", Kind::AliasedImport),
    ("as_pattern", Kind::AsPattern),
    ("assert_statement", Kind::Assert),
    ("assignment", Kind::Assignment),
    ("attribute", Kind::Attribute),
    ("augmented_assignment", Kind::AugmentedAssignment),
    ("await", Kind::Await),
    ("binary_operator", Kind::BinaryOperator),
    ("block", Kind::Block),
    ("boolean_operator", Kind::BooleanOperator),
    ("call", Kind::Call),
    ("case_clause", Kind::Case),
    ("case_pattern", Kind::CasePattern),
    ("class_definition", Kind::Class),
    ("class_pattern", Kind::ClassPattern),
    ("comment", Kind::Nothing),
    ("concatenated_string", Kind::JoinedStrings),
    ("conditional_expression", Kind::Conditional),
    ("constrained_type", Kind::ConstrainedType),
    ("decorated_definition", Kind::Decorated),
    ("decorator", Kind::Decorator),
    ("default_parameter", Kind::Parameter),
    ("dictionary", Kind::Collection),
    ("dictionary_comprehension", Kind::Comprehension),
    ("dictionary_splat", Kind::DictionarySplat),
    ("dictionary_splat_pattern", Kind::DictionarySplat),
    ("dotted_name", Kind::DottedName),
    ("elif_clause", Kind::If),
    ("else_clause", Kind::Else),
    ("except_clause", Kind::Except),
    ("expression_list", Kind::Collection),
    ("false", Kind::Number),
    ("float", Kind::Number),
    ("for_in_clause", Kind::ForInClause),
    ("for_statement", Kind::For),
    ("function_definition", Kind::Function),
    ("future_import_statement", Kind::Nothing),
    ("generator_expression", Kind::Comprehension),
    ("generic_type", Kind::GenericType),
    ("global_statement", Kind::Global),
    ("identifier", Kind::Identifier),
    ("if_statement", Kind::If),
    ("import_from_statement", Kind::ImportFrom),
    ("import_statement", Kind::Import),
    ("integer", Kind::Number),
    ("keyword_argument", Kind::Keyword),
    ("keyword_pattern", Kind::KeywordPattern),
    ("lambda", Kind::Lambda),
    ("list", Kind::Sequence),
    ("list_comprehension", Kind::Comprehension),
    ("list_pattern", Kind::Sequence),
    ("list_splat_pattern", Kind::Splat),
    ("named_expression", Kind::Walrus),
    ("none", Kind::None),
    ("nonlocal_statement", Kind::Nonlocal),
    ("not_operator", Kind::Not),
    ("parenthesized_expression", Kind::Parenthesized),
    ("pattern_list", Kind::Sequence),
    ("relative_import", Kind::RelativeImport),
    ("return_statement", Kind::Return),
    ("set", Kind::Collection),
    ("set_comprehension", Kind::Comprehension),
    ("slice", Kind::Slice),
    ("splat_pattern", Kind::SplatPattern),
    ("string", Kind::String),
    ("subscript", Kind::Subscript),
    ("true", Kind::Number),
    ("try_statement", Kind::Try),
    ("tuple", Kind::Sequence),
    ("tuple_pattern", Kind::Sequence),
    ("type", Kind::Type),
    ("type_alias_statement", Kind::TypeAlias),
    ("type_parameter", Kind::TypeParameter),
    ("typed_default_parameter", Kind::Parameter),
    ("typed_parameter", Kind::Parameter),
    ("union_type", Kind::UnionType),
    ("wildcard_import", Kind::Wildcard),
    ("with_clause", Kind::WithClause),
    ("with_statement", Kind::With),
    ("yield", Kind::Yield),
];

fields! {
    /// The fields that are read.
    struct Fields {
        alias, alternative, arguments, attribute, body, condition, consequence, definition, function, left,
        module_name, name, object, parameters, return_type, right, superclasses, type_ = "type", type_parameters, value,
    }
}

/// The language.
struct Python {
    vocabulary: Vocabulary<Kind>,
    field: Fields,
}

impl Python {
    fn new(grammar: &Language) -> Self {
        Self { vocabulary: Vocabulary::new(grammar, Kind::Other, KINDS), field: Fields::of(grammar) }
    }

    fn kind(&self, node: Node<'_>) -> Kind {
        self.vocabulary.kind(node)
    }
}

impl Rules for Python {
    fn grammar(&self) -> Language {
        tree_sitter_python::LANGUAGE.into()
    }

    fn module(&self, path: &str) -> ModuleFacts {
        modules::module(path)
    }

    fn exported(&self) -> Exported {
        Exported::EveryName
    }

    fn tells_values(&self) -> bool {
        true
    }

    fn habits(&self) -> Habits {
        Habits { tells_plain_values: true, binds_in_order: true, ..Habits::default() }
    }

    fn finish(&self, reading: &mut Reading<'_, '_>) {
        Self::export_public_names(reading);
    }

    fn visit<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        match context.mode {
            Mode::Type(_) => self.visit_type(node, context, reading),
            Mode::Pattern => self.visit_pattern(node, context, reading),
            Mode::Value => self.visit_value(node, context, reading),
        }
    }
}

impl Python {
    fn visit_value<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        match self.kind(node) {
            Kind::Nothing => {}
            Kind::Function => self.function(node, None, context, reading),
            Kind::Class => self.class(node, None, context, reading),
            Kind::Decorated => self.decorated(node, context, reading),
            Kind::Lambda => self.lambda(node, context, reading),
            Kind::Comprehension => self.comprehension(node, context, reading),
            Kind::Import => self.import(node, context, reading),
            Kind::ImportFrom => self.import_from(node, context, reading),
            Kind::Assignment => self.assignment(node, context, reading),
            Kind::AugmentedAssignment => self.augmented_assignment(node, context, reading),
            Kind::Walrus => self.walrus(node, context, reading),
            Kind::For | Kind::ForInClause => self.for_loop(node, context, reading),
            Kind::AsPattern => self.as_pattern(node, context, reading),
            Kind::Except => self.except(node, context, reading),
            Kind::Global | Kind::Nonlocal => self.redirect(node, context, reading),
            Kind::Case => self.case(node, context, reading),
            Kind::With => self.with(node, context, reading),
            Kind::Return => self.returned(node, context, reading),
            Kind::Yield => self.yielded(node, context, reading),
            Kind::TypeAlias => self.type_alias(node, context, reading),
            Kind::Call => self.call(node, context, reading),
            Kind::Attribute | Kind::Identifier => self.access(node, context, reading),
            Kind::If => self.branch(node, context, reading),
            Kind::Try => self.attempt(node, context, reading),
            Kind::Else => {
                if reading.sketch.known_branches.around(node.start_byte()).is_none() {
                    reading.sketch.branches.enter(node.start_byte(), node.end_byte());
                }
                reading.push_children(node, context);
            }
            Kind::Assert => self.assertion(node, context, reading),
            Kind::Conditional => self.conditional(node, context, reading),
            Kind::BooleanOperator => self.conjunction(node, context, reading),
            Kind::Block => {
                reading.sketch.blocks.enter(node.start_byte(), node.end_byte());
                reading.push_children(node, context);
            }
            Kind::Keyword => reading.push_some(self.field.value.of(node), context),
            Kind::Type => reading.push_children(node, context.as_type(crate::extract::Role::Variable)),
            _ => reading.push_children(node, context),
        }
    }
}
