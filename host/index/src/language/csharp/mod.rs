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
mod kinds;
mod members;
mod namespaces;
mod patterns;
mod repair;
mod standard_members;
mod statements;
mod types;

use std::sync::LazyLock;

use codestrata::model::{ModuleFacts, Reach, node_kind};
use tree_sitter::{Language, Node};

use self::kinds::{KINDS, Kind};
use super::vocabulary::fields;
use super::{Exported, Member, Rules, StandardMembers, Vocabulary};
use crate::extract::{Apart, Context, Mode, Reading, Role, ScopeKind, Sketch};

static RULES: LazyLock<CSharp> = LazyLock::new(|| CSharp::new(&tree_sitter_c_sharp::LANGUAGE.into()));

pub(super) fn rules() -> &'static dyn Rules {
    &*RULES
}

fields! {
    /// The fields that are read.
    struct Fields {
        accessors, alias, arguments, body, condition, expression, function, initializer, left, name,
        operator, parameters, pattern, qualifier, returns, right, type_ = "type", value,
    }
}

/// The language.
struct CSharp {
    vocabulary: Vocabulary<Kind>,
    field: Fields,
}

impl CSharp {
    fn new(grammar: &Language) -> Self {
        Self { vocabulary: Vocabulary::new(grammar, Kind::Other, KINDS), field: Fields::of(grammar) }
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

    fn standard_members(&self) -> StandardMembers {
        standard_members::STANDARD
    }

    /// The constants of an enumeration stand behind what may be a property as well, `Color.Red`, so they stay candidates.
    fn reach<'m>(&self, member: &Member<'m>, sketch: &'m Sketch<'_>) -> Reach<'m> {
        match member.visibility {
            _ if member.is("static") && !sketch.extensions.contains(&member.position) => Reach::Nowhere,
            // Without a word it is private, but for what an interface promises.
            "" if matches!(member.holder, node_kind::CLASS | node_kind::STRUCT) => Reach::Holder,
            "private" => Reach::Holder,
            _ => Reach::Everywhere,
        }
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
            Kind::AnonymousObject => expressions::anonymous_object(node, context, reading),
            Kind::Creation => self.creation(node, context, reading),
            Kind::ConstructorInitializer => functions::constructor_initializer(node, context, reading),
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
