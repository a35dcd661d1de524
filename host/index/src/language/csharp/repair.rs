//! What the grammar cannot read: `#if` in the middle of a statement or expression.
//!
//! Where the branches of an `#if` are whole declarations or statements, all of them are read. Elsewhere one of them has
//! to be chosen, and it is the one that is compiled when no symbol is defined. The rest is blanked.

/// How deep parentheses in a condition may nest; deeper ones count as not fulfilled.
const MOST_NESTED: u8 = 32;

/// One `#if` that is not closed yet.
struct Group {
    /// Whether the text around it is compiled.
    around: bool,
    /// Whether one of its branches was.
    taken: bool,
    /// Whether the current one is.
    active: bool,
}

/// The text as it is when no symbol is defined, byte for byte; none if it has no conditions.
pub(super) fn repair(text: &str) -> Option<String> {
    if !text.contains('#') {
        return None;
    }
    let mut repaired = String::with_capacity(text.len());
    let mut groups: Vec<Group> = Vec::new();
    let mut changed = false;
    for line in text.split_inclusive('\n') {
        let is_directive = match directive(line) {
            Some((word, condition)) => follow(word, condition, &mut groups),
            None => false,
        };
        if is_directive || groups.last().is_some_and(|group| !group.active) {
            blank(line, &mut repaired);
            changed = true;
        } else {
            repaired.push_str(line);
        }
    }
    changed.then_some(repaired)
}

/// The word and the rest of a line like `# if DEBUG // why`.
fn directive(line: &str) -> Option<(&str, &str)> {
    let rest = line.trim_start().strip_prefix('#')?.trim_start();
    let end = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (word, condition) = rest.split_at(end);
    Some((word, condition.split("//").next().unwrap_or_default()))
}

/// Goes on into another branch. Whether the word was about branches.
fn follow(word: &str, condition: &str, groups: &mut Vec<Group>) -> bool {
    match word {
        "if" => {
            let around = groups.last().is_none_or(|group| group.active);
            let active = around && holds(condition);
            groups.push(Group { around, taken: active, active });
        }
        "elif" | "else" => {
            if let Some(group) = groups.last_mut() {
                group.active = group.around && !group.taken && (word == "else" || holds(condition));
                group.taken |= group.active;
            }
        }
        "endif" => {
            groups.pop();
        }
        _ => return false,
    }
    true
}

fn blank(line: &str, repaired: &mut String) {
    repaired
        .extend(line.bytes().map(|byte| if matches!(byte, b'\r' | b'\n') { char::from(byte) } else { ' ' }));
}

/// Whether a condition holds when no symbol is defined.
fn holds(condition: &str) -> bool {
    let mut rest = condition;
    any(&mut rest, MOST_NESTED)
}

/// `a || b`.
fn any(rest: &mut &str, depth: u8) -> bool {
    let mut value = all(rest, depth);
    while eat(rest, "||") {
        value |= all(rest, depth);
    }
    value
}

/// `a && b`.
fn all(rest: &mut &str, depth: u8) -> bool {
    let mut value = equal(rest, depth);
    while eat(rest, "&&") {
        value &= equal(rest, depth);
    }
    value
}

/// `a == b`, `a != b`.
fn equal(rest: &mut &str, depth: u8) -> bool {
    let mut value = one(rest, depth);
    loop {
        if eat(rest, "==") {
            value = value == one(rest, depth);
        } else if eat(rest, "!=") {
            value = value != one(rest, depth);
        } else {
            return value;
        }
    }
}

/// `!a`, `(a)`, `true`, or a symbol.
fn one(rest: &mut &str, depth: u8) -> bool {
    let Some(fewer) = depth.checked_sub(1) else { return false };
    if !rest.trim_start().starts_with("!=") && eat(rest, "!") {
        return !one(rest, fewer);
    }
    if eat(rest, "(") {
        let value = any(rest, fewer);
        eat(rest, ")");
        return value;
    }
    let trimmed = rest.trim_start();
    let end = trimmed.find(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
    let (word, after) = trimmed.split_at(end.unwrap_or(trimmed.len()));
    *rest = after;
    word == "true"
}

/// Takes a token, if it is the next one.
fn eat(rest: &mut &str, token: &str) -> bool {
    match rest.trim_start().strip_prefix(token) {
        Some(after) => {
            *rest = after;
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{holds, repair};

    #[test]
    fn conditions_hold_as_when_no_symbol_is_defined() {
        for condition in ["true", "!DEBUG", "(!A && !B)", "A || !B", "A == false", "!(A || B)", "A != true"] {
            assert!(holds(condition), "{condition}");
        }
        for condition in ["", "DEBUG", "A && !B", "!true", "A != false", "(", "!!A", &"(".repeat(100_000)] {
            assert!(!holds(condition), "{condition}");
        }
    }

    #[test]
    fn the_branches_that_are_not_compiled_are_blank_and_nothing_moves() {
        let text =
            "a(\n#if X\n é,\n#elif !Y // why\n c\r\n# if Z\n d\n#endif\n#else\n e\n#endif\n);\n#region r\n";
        let repaired = repair(text).expect("conditions");
        assert_eq!(repaired.len(), text.len());
        let lines: Vec<&str> = repaired.lines().map(str::trim).collect();
        assert_eq!(lines, ["a(", "", "", "", "c", "", "", "", "", "", "", ");", "#region r"]);
        assert_eq!(repair("no\n#region conditions\n"), None);
    }
}
