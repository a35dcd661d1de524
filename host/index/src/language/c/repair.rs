//! What the grammars cannot read because macros are not expanded, blanked before a second attempt.
//!
//! - Words that stand before or in a declaration and mean something to the linker or the compiler only:
//!   `LIB_API int f(void)`, `int LIB_CALL f(void)`. Those in `class LIB_API Thing {` are blanked in every file, because
//!   that can be read, as something else.
//! - The same after a declaration: `void f() REQUIRES(mutex);`, and parameters in a macro: `int f OF((int x));`.
//! - Lines that are a macro: `LIB_BEGIN`.
//! - `extern "C" {` and its `}` each under a condition of its own, as in most headers of C; and the further branches
//!   of conditions that open a bracket each: `#if A … f(a) { #else … f(b) { #endif`.
//!
//! All keep every offset. They are guesses by how names are written, and kept only if they leave fewer errors.

use super::tokens::{Token, comments_in_directives, tokens};

/// Words that can only begin a declaration or go on with one.
const DECLARING: [&str; 26] = [
    "bool",
    "char",
    "class",
    "constexpr",
    "double",
    "enum",
    "explicit",
    "extern",
    "float",
    "friend",
    "inline",
    "int",
    "long",
    "namespace",
    "private",
    "protected",
    "public",
    "short",
    "signed",
    "static",
    "struct",
    "template",
    "typedef",
    "union",
    "unsigned",
    "using",
];

/// Words before which nothing but a keyword of theirs can stand.
const BASIC: [&str; 8] = ["bool", "char", "double", "float", "int", "long", "unsigned", "void"];

/// Words of the language, which are never macros.
const KEYWORDS: [&str; 31] = [
    "auto",
    "case",
    "const",
    "constexpr",
    "consteval",
    "delete",
    "else",
    "enum",
    "explicit",
    "extern",
    "friend",
    "goto",
    "inline",
    "long",
    "mutable",
    "new",
    "operator",
    "register",
    "return",
    "short",
    "signed",
    "static",
    "struct",
    "throw",
    "typedef",
    "typename",
    "union",
    "unsigned",
    "using",
    "virtual",
    "volatile",
];

/// The text without the macros of `class LIB_API Thing {`, which looks like a function `Thing` of the type `LIB_API`;
/// none without such.
pub(super) fn prepare(text: &str) -> Option<String> {
    let tokens = tokens(text);
    let mut repair = Repair { text, tokens: &tokens, bytes: Vec::new(), changed: false };
    let of_classes: Vec<_> = (0..tokens.len()).filter_map(|class| repair.before_class_name(class)).collect();
    if of_classes.is_empty() {
        return None;
    }
    repair.bytes = text.as_bytes().to_vec();
    for (start, end) in of_classes {
        repair.blank(start, end);
    }
    String::from_utf8(repair.bytes).ok()
}

/// The repaired text; none when nothing was found to repair.
pub(super) fn repair(text: &str) -> Option<String> {
    let tokens = tokens(text);
    let mut repair = Repair { text, tokens: &tokens, bytes: text.as_bytes().to_vec(), changed: false };
    repair.comments_in_macros();
    repair.conditions();
    repair.macros();
    if repair.changed { String::from_utf8(repair.bytes).ok() } else { None }
}

/// A text being repaired.
pub(super) struct Repair<'s> {
    pub(super) text: &'s str,
    pub(super) tokens: &'s [Token],
    /// The repaired text.
    pub(super) bytes: Vec<u8>,
    pub(super) changed: bool,
}

impl Repair<'_> {
    fn word(&self, position: usize) -> &str {
        self.tokens.get(position).map_or("", |token| token.text(self.text))
    }

    fn is_name(&self, position: usize) -> bool {
        self.word(position).starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
    }

    /// Whether a name is written as those of macros are.
    fn is_macro(&self, position: usize) -> bool {
        let word = self.word(position);
        self.is_name(position) && word.len() > 1 && !word.contains(|letter: char| letter.is_ascii_lowercase())
    }

    fn blank(&mut self, start: usize, end: usize) {
        for token in start..end {
            let Some(token) = self.tokens.get(token) else { continue };
            for byte in self.bytes.get_mut(token.start..token.end).into_iter().flatten() {
                *byte = if *byte == b'\n' { b'\n' } else { b' ' };
            }
            self.changed = true;
        }
    }

    /// The position after the parentheses that begin here.
    fn after_parentheses(&self, start: usize) -> Option<usize> {
        const LONGEST: usize = 2_000;
        let mut depth = 0_usize;
        for position in start..start + LONGEST {
            match self.word(position) {
                "(" => depth += 1,
                ")" => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        return Some(position + 1);
                    }
                }
                "" => return None,
                _ => {}
            }
            if depth == 0 {
                return None;
            }
        }
        None
    }

    /// A macro of several lines may have comments between them, which end it for the grammars.
    fn comments_in_macros(&mut self) {
        for (start, end) in comments_in_directives(self.text) {
            for byte in self.bytes.get_mut(start..end).into_iter().flatten() {
                *byte = if *byte == b'\n' { b'\n' } else { b' ' };
            }
            self.changed = true;
        }
    }

    fn macros(&mut self) {
        let mut in_function: Vec<bool> = Vec::new();
        // The last token that stays.
        let mut last = None;
        let mut position = 0;
        while position < self.tokens.len() {
            match self.word(position) {
                "{" => {
                    let before = last.map_or("", |last| self.word(last));
                    let opens =
                        matches!(before, ")" | "const" | "override" | "noexcept" | "else" | "do" | "try");
                    in_function.push(opens || in_function.last() == Some(&true));
                }
                "}" => {
                    in_function.pop();
                }
                _ => {}
            }
            let in_body = in_function.last() == Some(&true);
            let end = if self.is_name(position) { self.macro_at(position, last, in_body) } else { None };
            match end {
                Some(end) if end > position => {
                    self.blank(position, end);
                    position = end;
                }
                _ => {
                    last = Some(position);
                    position += 1;
                }
            }
        }
    }

    /// The macro of `class LIB_API Thing {`, `struct LIB_ALIGN(8) thing {`.
    fn before_class_name(&self, class: usize) -> Option<(usize, usize)> {
        if !matches!(self.word(class), "class" | "struct" | "union" | "enum") {
            return None;
        }
        let name = if self.word(class + 1) == "class" { class + 2 } else { class + 1 };
        let after = match self.word(name + 1) {
            "(" => self.after_parentheses(name + 1)?,
            _ => name + 1,
        };
        let follows = self.word(after + 1);
        let begins = matches!(follows, "{" | ":" | "final") || follows == "<" && self.is_macro(name);
        let is_named = self.is_name(name) && self.is_name(after) && self.word(after) != "final";
        (begins && is_named).then_some((name, after))
    }

    /// Where the macro ends that begins here, if there is one that is in the way.
    fn macro_at(&mut self, position: usize, last: Option<usize>, in_body: bool) -> Option<usize> {
        let before = last.map_or("", |last| self.word(last));
        let next = position + 1;
        let is_macro = self.is_macro(position);
        let begins = matches!(before, "" | ";" | "}" | "{");
        // `int LIB_CALL f(void)`
        let is_typed = last.is_some_and(|last| self.is_name(last)) && !KEYWORDS.contains(&before)
            || BASIC.contains(&before)
            || matches!(before, "*" | "long" | "short" | "unsigned");
        if is_macro && is_typed && !in_body && self.is_name(next) && !DECLARING.contains(&self.word(next)) {
            return Some(next);
        }
        // `struct thing FAR *next`
        if is_macro && is_typed && before != "*" && self.word(next) == "*" {
            return Some(next);
        }
        if !is_macro
            && (!begins
                || KEYWORDS.contains(&self.word(position))
                || DECLARING.contains(&self.word(position)))
        {
            return None;
        }
        // `local int f(void)`
        if !is_macro {
            let is_declared =
                BASIC.contains(&self.word(next)) || self.declares(next) && !self.is_macro(next + 1);
            return (is_declared && !BASIC.contains(&self.word(position)) && !in_body).then_some(next);
        }
        // `LIB_END`, where nothing follows to which it could belong.
        let ends = self.word(next).is_empty() || self.word(next) == "}" && before != "{" && !in_body;
        if ends && begins {
            return Some(next);
        }
        let arguments = if self.word(next) == "(" { self.after_parentheses(next) } else { None };
        // `LIB_COMPARE(less, <)`, a line by itself; not `LIST_HEAD(a, b) list;`
        if let Some(end) = arguments.filter(|_| begins && !in_body) {
            let declares_name = matches!(self.word(end + 1), ";" | "," | "=" | "[");
            if self.is_name(end) && !declares_name || matches!(self.word(end), "" | "}") {
                return Some(end);
            }
        }
        // `int f OF((int x));`
        if let Some(end) = arguments.filter(|_| self.word(next + 1) == "(" && is_typed && !in_body) {
            self.blank(end - 1, end);
            return Some(next + 1);
        }
        // `LIB_PREFIX "name"`
        if self.word(next).starts_with('"') {
            return matches!(before, "(" | "," | "=" | "+" | "return" | "<").then_some(next);
        }
        let end = arguments.unwrap_or(next);
        if self.stands_after_declaration(last, position, end, in_body) {
            return Some(end);
        }
        let word = self.word(end);
        let is_before = DECLARING.contains(&word) || matches!(word, "void" | "virtual");
        (is_before || arguments.is_none() && self.declares(next)).then_some(end)
    }

    /// `void f() REQUIRES(mutex);`, `Mutex mutex_ GUARDED;`
    fn stands_after_declaration(
        &self,
        last: Option<usize>,
        position: usize,
        end: usize,
        in_body: bool,
    ) -> bool {
        let before = last.map_or("", |last| self.word(last));
        let follows = self.word(end);
        let ends = matches!(follows, ";" | "{" | "=" | "override" | "const" | "noexcept" | "final");
        if in_body || !ends {
            return false;
        }
        let two_before = last.and_then(|last| last.checked_sub(1));
        let is_type = |two: usize| {
            let is_other = KEYWORDS.contains(&self.word(two)) || self.is_macro(two);
            self.is_name(two) && !is_other || matches!(self.word(two), "*" | "&" | ">")
        };
        // `Status OK() {` is a function.
        let is_named =
            last.is_some_and(|last| self.is_name(last)) && follows != "{" && two_before.is_some_and(is_type);
        let is_name_itself = end == position + 1 && follows == "=";
        matches!(before, ")" | "const" | "override" | "noexcept") || is_named && !is_name_itself
    }

    /// Whether a type and a name begin here: `thing name`, `a::thing *name`, `const thing<x> name`, `thing (name)(`.
    fn declares(&self, start: usize) -> bool {
        let mut name = start;
        while matches!(self.word(name), "const" | "volatile") {
            name += 1;
        }
        if !self.is_name(name) || KEYWORDS.contains(&self.word(name)) && name == start {
            return false;
        }
        while self.word(name + 1) == "::" && self.is_name(name + 2) {
            name += 2;
        }
        let follows = name + 1;
        match self.word(follows) {
            "*" | "&" => self.is_name(follows + 1) || matches!(self.word(follows + 1), "(" | "*"),
            "<" => self.is_name(follows + 1),
            "(" => {
                self.is_name(follows + 1) && self.word(follows + 2) == ")" && self.word(follows + 3) == "("
            }
            "and" | "or" => false,
            _ => self.is_name(follows),
        }
    }
}
