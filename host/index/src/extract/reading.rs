//! Reading a tree: the stack of what is still to be visited, and what every language needs to fill a sketch.

use codestrata::model::{ModuleFacts, Span};
use tree_sitter::{Node, TreeCursor};
use typed_arena::Arena;

use super::sketch::{Assignment, Base, Hint, NodeRef, Purpose, Role, ScopeRef, Sketch, Use, position};

/// So many names before the receiver of a chain are looked up, each from its beginning; further ones are mentioned.
const MOST_MIDDLES: usize = 8;

/// What the syntax around a node makes of the names in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// They are values.
    Value,
    /// They are types.
    Type(Role),
    /// They are bound by a pattern (`case` in Python).
    Pattern,
}

/// Where a node stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    /// From where its names are looked up.
    pub(crate) scope: ScopeRef,
    /// The innermost node of the graph around it.
    pub(crate) owner: NodeRef,
    pub(crate) mode: Mode,
}

impl Context {
    pub(crate) fn with_mode(self, mode: Mode) -> Self {
        Self { mode, ..self }
    }

    pub(crate) fn with_owner(self, owner: NodeRef) -> Self {
        Self { owner, ..self }
    }

    pub(crate) fn with_scope(self, scope: ScopeRef) -> Self {
        Self { scope, ..self }
    }

    /// As types; those inside of another type keep its role.
    pub(crate) fn as_type(self, role: Role) -> Self {
        match self.mode {
            Mode::Type(_) => self,
            Mode::Value | Mode::Pattern => self.with_mode(Mode::Type(role)),
        }
    }
}

/// A dotted name in an expression: `user.profile.save`.
#[derive(Clone, Debug)]
pub(crate) struct Chain<'s, 't> {
    pub(crate) base: Base<'s>,
    pub(crate) members: Vec<&'s str>,
    /// The last name: where a reference to the whole stands.
    pub(crate) last: Node<'t>,
    /// The next to last name, that of the receiver, if it has one.
    pub(crate) before_last: Option<Node<'t>>,
    /// What the chain hangs on if that is no name, still to be visited.
    pub(crate) rest: Option<Node<'t>>,
}

impl<'s> Chain<'s, '_> {
    /// The last name.
    pub(crate) fn name(&self) -> Option<&'s str> {
        match (self.members.last(), self.base) {
            (Some(name), _) => Some(*name),
            (None, Base::Name(name)) => Some(name),
            (None, _) => None,
        }
    }
}

/// A tree being read into a sketch.
pub(crate) struct Reading<'s, 't> {
    pub(crate) source: &'s str,
    pub(crate) sketch: Sketch<'s>,
    /// The names that the source does not spell out.
    made: &'s Arena<u8>,
    stack: Vec<(Node<'t>, Context)>,
    /// Where on the stack the children of the node being visited begin.
    pushed_from: usize,
    cursor: TreeCursor<'t>,
}

impl<'s, 't> Reading<'s, 't> {
    pub(crate) fn new(
        path: &'s str,
        source: &'s str,
        made: &'s Arena<u8>,
        module: &ModuleFacts,
        root: Node<'t>,
    ) -> Self {
        let file = path.rsplit('/').next().unwrap_or(path);
        let name = match module.stem.rsplit('/').next() {
            Some(name) if !name.is_empty() => name,
            _ => file.split('.').next().unwrap_or(file),
        };
        let context = Context { scope: 0, owner: 0, mode: Mode::Value };
        Self {
            source,
            sketch: Sketch::new(path, name, whole(source)),
            made,
            stack: vec![(root, context)],
            pushed_from: 0,
            cursor: root.walk(),
        }
    }

    pub(crate) fn next(&mut self) -> Option<(Node<'t>, Context)> {
        let next = self.stack.pop();
        self.pushed_from = self.stack.len();
        next
    }

    /// Puts what a visit pushed into the order of visiting: the first one pushed is visited first.
    pub(crate) fn settle(&mut self) {
        if let Some(pushed) = self.stack.get_mut(self.pushed_from..) {
            pushed.reverse();
        }
    }

    pub(crate) fn into_sketch(self) -> Sketch<'s> {
        self.sketch
    }

    /// Shall be visited later.
    pub(crate) fn push(&mut self, node: Node<'t>, context: Context) {
        self.stack.push((node, context));
    }

    pub(crate) fn push_some(&mut self, node: Option<Node<'t>>, context: Context) {
        if let Some(node) = node {
            self.push(node, context);
        }
    }

    /// All named children shall be visited later.
    pub(crate) fn push_children(&mut self, node: Node<'t>, context: Context) {
        self.cursor.reset(node);
        let mut more = self.cursor.goto_first_child();
        while more {
            let child = self.cursor.node();
            if child.is_named() {
                self.stack.push((child, context));
            }
            more = self.cursor.goto_next_sibling();
        }
    }

    /// The named children.
    pub(crate) fn children(&mut self, node: Node<'t>) -> Vec<Node<'t>> {
        self.cursor.reset(node);
        let mut children = Vec::new();
        let mut more = self.cursor.goto_first_child();
        while more {
            let child = self.cursor.node();
            if child.is_named() && !child.is_extra() {
                children.push(child);
            }
            more = self.cursor.goto_next_sibling();
        }
        children
    }

    /// All children, tokens included, where only the tokens tell what the others are.
    pub(crate) fn parts(&mut self, node: Node<'t>) -> Vec<Node<'t>> {
        self.cursor.reset(node);
        let mut parts = Vec::new();
        let mut more = self.cursor.goto_first_child();
        while more {
            parts.push(self.cursor.node());
            more = self.cursor.goto_next_sibling();
        }
        parts
    }

    /// Whether the node has a token of its own, `async` or `default`.
    pub(crate) fn has_token(&mut self, node: Node<'t>, token: &str) -> bool {
        self.cursor.reset(node);
        let mut more = self.cursor.goto_first_child();
        while more {
            let child = self.cursor.node();
            if !child.is_named() && child.kind() == token {
                return true;
            }
            more = self.cursor.goto_next_sibling();
        }
        false
    }

    /// The text of a node.
    pub(crate) fn text(&self, node: Node<'_>) -> &'s str {
        self.source.get(node.byte_range()).unwrap_or_default()
    }

    /// A name that the source does not spell out, such as `name=`, which `user.name = value` calls.
    pub(crate) fn make_name(&self, name: &str) -> &'s str {
        self.made.alloc_str(name)
    }

    /// A name by which hints mean a node, whose members value facts say.
    pub(crate) fn name_node(&mut self, node: NodeRef) -> &'s str {
        if let Some(known) = self.sketch.node_names.get(&node) {
            return known;
        }
        let name = self.make_name(&format!("{{@{node}}}"));
        self.sketch.node_names.insert(node, name);
        if let Some(binding) = self.sketch.binding(0, name) {
            binding.definition = Some(node);
        }
        name
    }

    /// A member for the next thing without a name that is told of a node.
    pub(crate) fn name_unnamed(&mut self, node: NodeRef) -> &'s str {
        let count = self.sketch.unnamed.entry(node).or_insert(0);
        let number = *count;
        *count += 1;
        self.make_name(&format!("{{{number}}}"))
    }

    /// The source of an attribute, when it is short enough to be one.
    pub(crate) fn short_text(&self, node: Node<'_>) -> Option<&'s str> {
        const LONGEST: usize = 120;
        let text = self.text(node).trim();
        (text.len() <= LONGEST && !text.is_empty()).then_some(text)
    }

    /// Adds a use of a chain, and of each name that stands before its last one up to what is no name, such as a call.
    pub(crate) fn use_chain(&mut self, chain: &Chain<'s, 't>, purpose: Purpose, context: Context) {
        let Some(_) = chain.name() else { return };
        let last = span(chain.last);
        match (chain.before_last, chain.members.split_last()) {
            (Some(receiver), Some((_, before))) => {
                let receiver = span(receiver);
                self.add_use(chain.base, before, receiver, Purpose::Receiver, context);
                self.use_names_before(chain.base, before, receiver, context);
            }
            _ => self.use_names_before(chain.base, &chain.members, last, context),
        }
        self.add_use(chain.base, &chain.members, last, purpose, context);
    }

    /// Adds a use of each name before the last of some members, which stands at `from`. Languages do not keep the syntax
    /// of these names, so they are sought in the text; where one is not found it is mentioned. What comes before a call
    /// or a subscript is read with that.
    fn use_names_before(&mut self, base: Base<'s>, members: &[&'s str], from: Span, context: Context) {
        let (mut members, mut from) = (members, from);
        for _ in 0..MOST_MIDDLES {
            let Some((_, before)) = members.split_last() else { return };
            let name = match (before.last(), base) {
                (Some(name), _) => *name,
                (None, Base::Name(name)) => name,
                (None, _) => return,
            };
            if !is_name(name) {
                return;
            }
            let Some(found) = self.name_before(from, name) else { break };
            self.add_use(base, before, found, Purpose::Receiver, context);
            (members, from) = (before, found);
        }
        // A call or a subscript is read by itself.
        let before = self.source.get(..from.start_byte as usize).unwrap_or_default();
        if before.trim_end_matches(is_between_names).ends_with([')', ']']) {
            return;
        }
        let unseen = members.split_last().map_or(&[][..], |(_, before)| before);
        let names = unseen.iter().rev().take_while(|name| is_name(name));
        self.sketch.mentions.extend(names.copied());
    }

    /// Where a name stands that is written right before a place, with nothing between them but what joins names.
    fn name_before(&self, place: Span, name: &str) -> Option<Span> {
        let before = self.source.get(..place.start_byte as usize)?;
        let before_joint = before.trim_end_matches(is_between_names);
        // PHP writes `->name` for the property `$name`.
        let without_sign = || before_joint.strip_suffix(name.strip_prefix('$')?);
        let rest = before_joint.strip_suffix(name).or_else(without_sign)?;
        if rest.ends_with(|letter: char| letter == '_' || letter.is_alphanumeric()) {
            return None;
        }
        let start = rest.len();
        let between = before.get(start..)?;
        let lines = position(between.bytes().filter(|byte| *byte == b'\n').count());
        let start_column = match lines {
            0 => place.start_column.checked_sub(position(between.len()))?,
            _ => position(start - rest.rfind('\n').map_or(0, |end| end + 1)),
        };
        let start_line = place.start_line.checked_sub(lines)?;
        Some(Span {
            start_byte: position(start),
            end_byte: position(before_joint.len()),
            start_line,
            end_line: start_line,
            start_column,
            end_column: start_column + position(before_joint.len() - start),
        })
    }

    /// Adds a use of a dotted name.
    pub(crate) fn add_use(
        &mut self,
        base: Base<'s>,
        members: &[&'s str],
        span: Span,
        purpose: Purpose,
        context: Context,
    ) {
        let start = position(self.sketch.names.len());
        self.sketch.names.extend_from_slice(members);
        let members = (start, position(self.sketch.names.len()));
        let Context { scope, owner: source, .. } = context;
        self.sketch.uses.push(Use { source, scope, purpose, span, base, members });
    }

    /// Remembers an assignment to a name or to an attribute of one, of which the end will show what is meant.
    pub(crate) fn assign(
        &mut self,
        name: &'s str,
        attribute: Option<&'s str>,
        span: Span,
        hint: Hint<'s>,
        context: Context,
    ) {
        let scope = context.scope;
        let declared = false;
        self.sketch.assignments.push(Assignment { scope, name, attribute, span, hint, declared });
    }
}

/// What may stand between two names of a chain: what joins them, and blanks.
fn is_between_names(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '.' | '?' | '!' | '-' | '>' | ':' | '&')
}

/// Whether a member is written as a name, and does not stand for a call, an item or the like.
fn is_name(member: &str) -> bool {
    !member.starts_with(['(', '[', '{', '|', '='])
}

/// The span of a node.
pub(crate) fn span(node: Node<'_>) -> Span {
    let (start, end) = (node.start_position(), node.end_position());
    Span {
        start_byte: position(node.start_byte()),
        end_byte: position(node.end_byte()),
        start_line: position(start.row + 1),
        end_line: position(end.row + 1),
        start_column: position(start.column),
        end_column: position(end.column),
    }
}

/// The span of a whole file.
fn whole(source: &str) -> Span {
    let lines = source.bytes().filter(|byte| *byte == b'\n').count();
    let last = source.rsplit('\n').next().unwrap_or_default();
    Span {
        start_byte: 0,
        end_byte: position(source.len()),
        start_line: 1,
        end_line: position(lines + 1),
        start_column: 0,
        end_column: position(last.len()),
    }
}
