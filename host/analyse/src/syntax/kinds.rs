//! What each kind of syntax means to the figures, language by language.
//!
//! A kind that no table lists means nothing. docs/analyses.md says the same in words, and changes with these tables.

use std::sync::OnceLock;

use codestrata_index::Language;
use tree_sitter::{LanguageRef, Node};

/// What a kind of syntax means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Nothing.
    Plain,
    /// A branch that holds what it decides on: it counts, and what is in it is nested, unless it is the `if` of an
    /// `else if`.
    If,
    /// A branch of the `if` that it stands in: it counts.
    ElseIf,
    /// What stands between an `else` and its `if` in some grammars.
    Else,
    /// A loop: it counts and nests.
    Loop,
    /// A `switch`, `match` or `select`: what is in it is nested, and its cases count.
    Switch,
    /// One case: it counts, unless it is the one for everything else.
    Case,
    /// A `try`: what is in it is nested, and its handlers count.
    Try,
    /// A handler of errors, a conditional expression, the condition of a case or comprehension, or a condition that
    /// stands behind what it decides on: it counts.
    Branch,
    /// An expression with an operator, which counts where it is one that may leave out its second half.
    Operator,
    /// A declaration that counts if it has an `else`.
    Declaration,
    /// A pattern that counts if it has a condition.
    Pattern,
    /// A literal, which is one token whatever is in it.
    Literal,
    /// A statement that is nothing but a literal: text for people, where it is the first of a function.
    Statement,
    /// A comment.
    Comment,
}

/// The meanings of a grammar's kinds.
pub(crate) struct Kinds {
    sorts: Vec<Sort>,
}

impl Kinds {
    /// Those of a language, whose grammar this is.
    pub(crate) fn of(language: Language, grammar: &LanguageRef<'_>) -> &'static Self {
        static ALL: [OnceLock<Kinds>; Language::ALL.len()] = [const { OnceLock::new() }; Language::ALL.len()];
        static NOTHING: Kinds = Kinds { sorts: Vec::new() };
        let position = Language::ALL.iter().position(|other| *other == language);
        let Some(cell) = position.and_then(|position| ALL.get(position)) else { return &NOTHING };
        cell.get_or_init(|| Self::new(grammar, table(language)))
    }

    fn new(grammar: &tree_sitter::Language, table: &[(Sort, &[&str])]) -> Self {
        let count = u16::try_from(grammar.node_kind_count()).unwrap_or(u16::MAX);
        let sort = |id: u16| {
            let name = grammar.node_kind_for_id(id).filter(|_| grammar.node_kind_is_named(id))?;
            table.iter().find(|(_, names)| names.contains(&name)).map(|(sort, _)| *sort)
        };
        Self { sorts: (0..count).map(|id| sort(id).unwrap_or(Sort::Plain)).collect() }
    }

    pub(crate) fn sort(&self, node: Node<'_>) -> Sort {
        self.sorts.get(usize::from(node.kind_id())).copied().unwrap_or(Sort::Plain)
    }
}

/// Operators that may leave out their second half.
pub(crate) fn is_short_circuit(operator: &str) -> bool {
    matches!(operator, "&&" | "||" | "??" | "and" | "or" | "&&=" | "||=" | "??=")
}

type Table = &'static [(Sort, &'static [&'static str])];

fn table(language: Language) -> Table {
    match language {
        Language::Python => PYTHON,
        Language::JavaScript | Language::TypeScript | Language::Tsx => ECMASCRIPT,
        Language::C | Language::Cpp => C,
        Language::CSharp => C_SHARP,
        Language::Go => GO,
        Language::Java => JAVA,
        Language::Php => PHP,
        Language::Ruby => RUBY,
        Language::Rust => RUST,
    }
}

const PYTHON: Table = &[
    (Sort::If, &["if_statement"]),
    (Sort::ElseIf, &["elif_clause"]),
    (Sort::Loop, &["for_statement", "while_statement"]),
    (Sort::Switch, &["match_statement"]),
    (Sort::Case, &["case_clause"]),
    (Sort::Try, &["try_statement"]),
    (Sort::Branch, &["except_clause", "conditional_expression", "for_in_clause", "if_clause"]),
    (Sort::Operator, &["boolean_operator"]),
    (Sort::Literal, &["string", "concatenated_string"]),
    (Sort::Statement, &["expression_statement"]),
    (Sort::Comment, &["comment"]),
];

const ECMASCRIPT: Table = &[
    (Sort::If, &["if_statement"]),
    (Sort::Else, &["else_clause"]),
    (Sort::Loop, &["for_statement", "for_in_statement", "while_statement", "do_statement"]),
    (Sort::Switch, &["switch_statement"]),
    (Sort::Case, &["switch_case"]),
    (Sort::Try, &["try_statement"]),
    (Sort::Branch, &["catch_clause", "ternary_expression"]),
    (Sort::Operator, &["binary_expression", "augmented_assignment_expression"]),
    (Sort::Literal, &["string", "template_string", "regex"]),
    (Sort::Comment, &["comment", "html_comment"]),
];

const C: Table = &[
    (Sort::If, &["if_statement"]),
    (Sort::Else, &["else_clause"]),
    (Sort::Loop, &["for_statement", "for_range_loop", "while_statement", "do_statement"]),
    (Sort::Switch, &["switch_statement"]),
    (Sort::Case, &["case_statement"]),
    (Sort::Try, &["try_statement", "seh_try_statement"]),
    (Sort::Branch, &["catch_clause", "seh_except_clause", "conditional_expression"]),
    (Sort::Operator, &["binary_expression"]),
    (Sort::Literal, &["string_literal", "raw_string_literal", "concatenated_string", "char_literal"]),
    (Sort::Comment, &["comment"]),
];

const C_SHARP: Table = &[
    (Sort::If, &["if_statement"]),
    (Sort::Loop, &["for_statement", "foreach_statement", "while_statement", "do_statement"]),
    (Sort::Switch, &["switch_statement", "switch_expression"]),
    (Sort::Case, &["switch_section", "switch_expression_arm"]),
    (Sort::Try, &["try_statement"]),
    (Sort::Branch, &["catch_clause", "catch_filter_clause", "conditional_expression", "when_clause"]),
    (Sort::Operator, &["binary_expression", "assignment_expression", "and_pattern", "or_pattern"]),
    (
        Sort::Literal,
        &[
            "string_literal",
            "verbatim_string_literal",
            "raw_string_literal",
            "interpolated_string_expression",
            "character_literal",
        ],
    ),
    (Sort::Comment, &["comment"]),
];

const GO: Table = &[
    (Sort::If, &["if_statement"]),
    (Sort::Loop, &["for_statement"]),
    (Sort::Switch, &["expression_switch_statement", "type_switch_statement", "select_statement"]),
    (Sort::Case, &["expression_case", "type_case", "communication_case"]),
    (Sort::Operator, &["binary_expression"]),
    (Sort::Literal, &["interpreted_string_literal", "raw_string_literal"]),
    (Sort::Comment, &["comment"]),
];

const JAVA: Table = &[
    (Sort::If, &["if_statement"]),
    (Sort::Loop, &["for_statement", "enhanced_for_statement", "while_statement", "do_statement"]),
    (Sort::Switch, &["switch_expression"]),
    (Sort::Case, &["switch_label"]),
    (Sort::Try, &["try_statement", "try_with_resources_statement"]),
    (Sort::Branch, &["catch_clause", "ternary_expression", "guard"]),
    (Sort::Operator, &["binary_expression"]),
    (Sort::Literal, &["string_literal", "character_literal"]),
    (Sort::Comment, &["line_comment", "block_comment"]),
];

const PHP: Table = &[
    (Sort::If, &["if_statement"]),
    (Sort::ElseIf, &["else_if_clause"]),
    (Sort::Else, &["else_clause"]),
    (Sort::Loop, &["for_statement", "foreach_statement", "while_statement", "do_statement"]),
    (Sort::Switch, &["switch_statement", "match_expression"]),
    (Sort::Case, &["case_statement", "match_conditional_expression"]),
    (Sort::Try, &["try_statement"]),
    (Sort::Branch, &["catch_clause", "conditional_expression"]),
    (Sort::Operator, &["binary_expression", "augmented_assignment_expression"]),
    (Sort::Literal, &["string", "encapsed_string", "heredoc", "nowdoc", "shell_command_expression"]),
    (Sort::Comment, &["comment"]),
];

const RUBY: Table = &[
    (Sort::If, &["if", "unless"]),
    (Sort::ElseIf, &["elsif"]),
    (Sort::Loop, &["while", "until", "for"]),
    (Sort::Switch, &["case", "case_match"]),
    (Sort::Case, &["when", "in_clause"]),
    (
        Sort::Branch,
        &[
            "rescue",
            "rescue_modifier",
            "conditional",
            "if_modifier",
            "unless_modifier",
            "while_modifier",
            "until_modifier",
            "if_guard",
            "unless_guard",
        ],
    ),
    (Sort::Operator, &["binary", "operator_assignment"]),
    (Sort::Literal, &["string", "chained_string", "regex", "heredoc_body", "string_array", "symbol_array"]),
    (Sort::Comment, &["comment"]),
];

const RUST: Table = &[
    (Sort::If, &["if_expression"]),
    (Sort::Else, &["else_clause"]),
    (Sort::Loop, &["for_expression", "while_expression", "loop_expression"]),
    (Sort::Switch, &["match_expression"]),
    (Sort::Case, &["match_arm"]),
    (Sort::Operator, &["binary_expression", "let_chain"]),
    (Sort::Declaration, &["let_declaration"]),
    (Sort::Pattern, &["match_pattern"]),
    (Sort::Literal, &["string_literal", "raw_string_literal", "char_literal"]),
    (Sort::Comment, &["line_comment", "block_comment"]),
];
