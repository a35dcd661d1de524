//! Ruby: its kinds of syntax, and what each means to the sketch.
//!
//! All files share one namespace, that of the top level. Constants are looked up by where they stand, methods by whose
//! object they are called on: so constants are bound in scopes, and methods are members only. A name without receiver
//! that no assignment has made a local variable is a call on `self`.

mod assignments;
mod blocks;
mod calls;
mod classes;
mod core_methods;
mod declarations;
mod hints;
mod methods;
mod requires;
mod settle;

use std::sync::LazyLock;

use codestrata::model::ModuleFacts;
use tree_sitter::{Language, Node};

use super::vocabulary::fields;
use super::{Exported, Rules, Vocabulary};
use crate::extract::{Context, Mode, NodeRef, Reading, ScopeKind, ScopeRef};

static RULES: LazyLock<Ruby> = LazyLock::new(|| Ruby::new(&tree_sitter_ruby::LANGUAGE.into()));

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
    AsPattern,
    Assignment,
    AssignmentList,
    Block,
    BlockArgument,
    Call,
    Class,
    ClassVariable,
    Constant,
    DelimitedSymbol,
    ElementReference,
    ExceptionVariable,
    For,
    GlobalVariable,
    Identifier,
    InstanceVariable,
    KeywordPattern,
    Lambda,
    Match,
    Method,
    Module,
    OperatorAssignment,
    Pair,
    Parameter,
    Parameters,
    Parenthesized,
    PatternReference,
    Program,
    Rescue,
    ScopeResolution,
    SelfObject,
    SingletonClass,
    SingletonMethod,
    String,
    Super,
    Symbol,
}

const KINDS: &[(&str, Kind)] = &[
    ("alias", Kind::Alias),
    ("as_pattern", Kind::AsPattern),
    ("assignment", Kind::Assignment),
    ("bare_symbol", Kind::Symbol),
    ("block", Kind::Block),
    ("block_argument", Kind::BlockArgument),
    ("block_parameter", Kind::Parameter),
    ("block_parameters", Kind::Parameters),
    ("call", Kind::Call),
    ("class", Kind::Class),
    ("class_variable", Kind::ClassVariable),
    ("comment", Kind::Nothing),
    ("constant", Kind::Constant),
    ("delimited_symbol", Kind::DelimitedSymbol),
    ("destructured_left_assignment", Kind::AssignmentList),
    ("destructured_parameter", Kind::Parameters),
    ("do_block", Kind::Block),
    ("element_reference", Kind::ElementReference),
    ("exception_variable", Kind::ExceptionVariable),
    ("expression_reference_pattern", Kind::PatternReference),
    ("for", Kind::For),
    ("global_variable", Kind::GlobalVariable),
    ("hash_key_symbol", Kind::Nothing),
    ("hash_splat_parameter", Kind::Parameter),
    ("identifier", Kind::Identifier),
    ("in_clause", Kind::Match),
    ("instance_variable", Kind::InstanceVariable),
    ("keyword_parameter", Kind::Parameter),
    ("keyword_pattern", Kind::KeywordPattern),
    ("lambda", Kind::Lambda),
    ("lambda_parameters", Kind::Parameters),
    ("left_assignment_list", Kind::AssignmentList),
    ("match_pattern", Kind::Match),
    ("method", Kind::Method),
    ("method_parameters", Kind::Parameters),
    ("module", Kind::Module),
    ("operator_assignment", Kind::OperatorAssignment),
    ("optional_parameter", Kind::Parameter),
    ("pair", Kind::Pair),
    ("parenthesized_statements", Kind::Parenthesized),
    ("program", Kind::Program),
    ("rescue", Kind::Rescue),
    ("rest_assignment", Kind::AssignmentList),
    ("scope_resolution", Kind::ScopeResolution),
    ("self", Kind::SelfObject),
    ("simple_symbol", Kind::Symbol),
    ("singleton_class", Kind::SingletonClass),
    ("singleton_method", Kind::SingletonMethod),
    ("splat_parameter", Kind::Parameter),
    ("string", Kind::String),
    ("super", Kind::Super),
    ("test_pattern", Kind::Match),
    ("undef", Kind::Nothing),
    ("variable_reference_pattern", Kind::PatternReference),
];

fields! {
    /// The fields of the grammar.
    struct Fields {
        alias, arguments, block, body, exceptions, key, left, method, name, object, operator,
        parameters, pattern, receiver, right, scope, superclass, value, variable,
    }
}

/// The language.
struct Ruby {
    vocabulary: Vocabulary<Kind>,
    field: Fields,
}

impl Ruby {
    fn new(grammar: &Language) -> Self {
        Self { vocabulary: Vocabulary::new(grammar, Kind::Other, KINDS), field: Fields::of(grammar) }
    }

    fn kind(&self, node: Node<'_>) -> Kind {
        self.vocabulary.kind(node)
    }
}

impl Rules for Ruby {
    fn grammar(&self) -> Language {
        tree_sitter_ruby::LANGUAGE.into()
    }

    fn module(&self, _path: &str) -> ModuleFacts {
        ModuleFacts { is_shared: true, ..ModuleFacts::default() }
    }

    fn exported(&self) -> Exported {
        Exported::EveryDefinition
    }

    fn finish(&self, reading: &mut Reading<'_, '_>) {
        settle::settle(reading);
    }

    fn visit<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        match context.mode {
            Mode::Pattern => self.visit_pattern(node, context, reading),
            Mode::Value | Mode::Type(_) => self.visit_value(node, context, reading),
        }
    }
}

impl Ruby {
    fn visit_value<'t>(&self, node: Node<'t>, context: Context, reading: &mut Reading<'_, 't>) {
        match self.kind(node) {
            Kind::Nothing => {}
            Kind::Symbol => Self::mention(node, reading),
            Kind::Program => {
                // The local variables of the top level are not seen from methods.
                let scope = reading.sketch.open(ScopeKind::Block, context.scope);
                self.body(Some(node), methods::Manner::default(), context.with_scope(scope), reading);
            }
            Kind::Class | Kind::Module => self.class(node, context, reading),
            Kind::SingletonClass => self.singleton_class(node, context, reading),
            Kind::Method => self.method(node, methods::Manner::default(), context, reading),
            Kind::SingletonMethod => {
                self.singleton_method(node, methods::Manner::default(), context, reading);
            }
            Kind::Alias => self.alias(node, context, reading),
            Kind::Call => self.call(node, context, reading),
            Kind::Identifier => calls::identifier(node, context, reading),
            Kind::Constant | Kind::ScopeResolution => self.constant(node, context, reading),
            Kind::InstanceVariable | Kind::ClassVariable | Kind::GlobalVariable => {
                self.variable(node, context, reading);
            }
            Kind::Super => calls::call_super(node, context, reading),
            Kind::Assignment => self.assignment(node, context, reading),
            Kind::OperatorAssignment => self.operator_assignment(node, context, reading),
            Kind::Block => self.block(node, context, reading),
            Kind::Lambda => self.lambda(node, context, reading),
            Kind::BlockArgument => self.block_argument(node, context, reading),
            Kind::Pair => self.pair(node, context, reading),
            Kind::String | Kind::DelimitedSymbol => {
                Self::mention_beginning(node, reading);
                reading.push_children(node, context);
            }
            Kind::For => self.for_loop(node, context, reading),
            Kind::Rescue => self.rescue(node, context, reading),
            Kind::Match => self.matching(node, context, reading),
            _ => reading.push_children(node, context),
        }
    }
}

/// The class or module whose object `self` is, as seen from a scope.
fn class_of_self(scope: ScopeRef, reading: &Reading<'_, '_>) -> Option<NodeRef> {
    reading.sketch.look_up(scope, "self").and_then(|(_, binding)| binding.receiver)
}

/// Whether a name is a parameter or local variable at this point of the source.
fn is_local<'s>(name: &'s str, scope: ScopeRef, reading: &Reading<'s, '_>) -> bool {
    reading.sketch.look_up(scope, name).is_some_and(|(_, binding)| binding.local)
}
