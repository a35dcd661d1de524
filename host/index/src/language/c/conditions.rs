//! Conditions of the preprocessor whose branches are not whole by themselves, which no grammar can read.

use super::repair::Repair;

/// The most bytes under a condition that may be no more than a bracket of `extern "C"`, with comments.
const LONGEST_LINKAGE: usize = 300;

/// The most bytes under the branches of a condition that are looked at: conditions nest, and each is read.
const LONGEST_CONDITION: usize = 8_000;

impl Repair<'_> {
    /// Blanks what makes the brackets of conditions odd: all branches but the first where one opens or closes more
    /// than it should, and the brackets of `extern "C"` that stand under a condition of their own. What stays is no
    /// longer under the condition.
    pub(super) fn conditions(&mut self) {
        let mut groups: Vec<Vec<Branch>> = Vec::new();
        let mut offset = 0;
        let mut odd = Vec::new();
        for line in self.text.split_inclusive('\n') {
            let start = offset;
            offset += line.len();
            let Some(directive) = line.trim_start().strip_prefix('#').map(str::trim_start) else { continue };
            if let Some(branch) = groups.last_mut().and_then(|group| group.last_mut()) {
                branch.end = branch.end.max(start);
            }
            let is_linkage = directive.contains("__cplusplus");
            let branch = Branch { directive: start, start: offset, end: offset, is_linkage };
            if directive.starts_with("if") {
                groups.push(vec![branch]);
            } else if directive.starts_with("el") {
                if let Some(group) = groups.last_mut() {
                    group.push(branch);
                }
            } else if directive.starts_with("endif") {
                let group = groups.pop().unwrap_or_default();
                let Some(kept) = self.kept_of_odd(&group) else { continue };
                for (position, branch) in group.iter().enumerate() {
                    let end = if position < kept { branch.start } else { branch.end };
                    odd.push((branch.directive, end));
                }
                odd.push((start, offset));
            }
        }
        for (start, end) in odd {
            for byte in self.bytes.get_mut(start..end).into_iter().flatten() {
                *byte = if *byte == b'\n' { b'\n' } else { b' ' };
            }
            self.changed = true;
        }
    }

    /// How many of the first branches of a condition are kept, if its brackets are odd.
    fn kept_of_odd(&self, group: &[Branch]) -> Option<usize> {
        let is_odd = |branch: &Branch| self.balance(branch.start, branch.end) != 0;
        let (first, last) = (group.first().map_or(0, |it| it.start), group.last().map_or(0, |it| it.end));
        if last - first > LONGEST_CONDITION {
            return None;
        }
        match group {
            [only] => {
                let is_bracket = only.is_linkage && only.end - only.start < LONGEST_LINKAGE;
                (is_bracket && is_odd(only)).then_some(0)
            }
            _ => group.iter().any(is_odd).then_some(1),
        }
    }

    /// How many more brackets a part of the text opens than it closes.
    fn balance(&self, start: usize, end: usize) -> i64 {
        let from = self.tokens.partition_point(|token| token.start < start);
        let part = self.tokens.iter().skip(from).take_while(|token| token.start < end);
        part.map(|token| match token.text(self.text) {
            "{" | "(" => 1,
            "}" | ")" => -1,
            _ => 0,
        })
        .sum()
    }
}

/// The text under one branch of a condition.
struct Branch {
    /// Where the line of its condition begins.
    directive: usize,
    start: usize,
    end: usize,
    /// Whether the condition is about C++.
    is_linkage: bool,
}
