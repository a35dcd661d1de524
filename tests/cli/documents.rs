//! What the documents show of the program is what it prints: every block marked `console` is run as it stands.
//!
//! A block begins with what `document_projects` prepares for it, unless its page is one session. What differs from run
//! to run (times, ids, sizes on the medium) counts as equal, and a line of one `…` stands for any lines. A file that a
//! block shows with `cat` is written by showing it. Libraries that run such blocks want placeholders in the documents,
//! where readers should see what they will see; so this is our own.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};

use regex::{Captures, Regex};

use crate::document_projects::{project_of, session_of};
use crate::sandbox::Sandbox;

/// Commands that cannot be run here, and why.
const NOT_RUN: [(&str, &str); 6] = [
    ("codestrata build --with", "takes crates from the registry"),
    ("codestrata man | man", "asks for a pager"),
    ("rust-analyzer scip", "needs rust-analyzer"),
    ("cargo run --release -p codestrata-bench", "measures for minutes"),
    ("codestrata bench", "shows figures that are others each time"),
    ("codestrata import index.scip --sources . --repo core", "needs the index that the line before makes"),
];

/// A block, and where it stands.
struct Block {
    heading: String,
    steps: Vec<Step>,
}

/// A command with what is shown below it.
struct Step {
    line: usize,
    command: String,
    shown: Vec<String>,
}

/// The blocks of a page that are sessions at a terminal.
fn blocks(page: &str) -> Vec<Block> {
    let (mut blocks, mut heading, mut block) = (Vec::new(), String::new(), None::<Block>);
    for (number, line) in (1..).zip(page.lines()) {
        match &mut block {
            None if line == "```console" => {
                block = Some(Block { heading: heading.clone(), steps: Vec::new() });
            }
            None => {
                if let Some(title) = line.strip_prefix('#') {
                    title.trim_start_matches('#').trim().clone_into(&mut heading);
                }
            }
            Some(_) if line == "```" => blocks.extend(block.take()),
            Some(block) => match (line.strip_prefix("$ "), block.steps.last_mut()) {
                (Some(command), _) => {
                    block.steps.push(Step { line: number, command: command.to_owned(), shown: Vec::new() });
                }
                (None, Some(step)) => step.shown.push(line.to_owned()),
                (None, None) => panic!("line {number}: a block begins with a command"),
            },
        }
    }
    assert!(block.is_none(), "a block does not end");
    blocks
}

/// What is another text each time, as one that is always the same.
fn settled(text: &str) -> Vec<String> {
    let rules = [
        (r"[0-9a-f]{32}", "ID"),
        (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
        (r"\d+\.\d+ s\b", "SECONDS"),
        (r"(?m)^ *\d+\.\d+s ", "SECONDS "),
        (r"milliseconds=\d+", "MILLISECONDS"),
        (r"[\d.]+ (B|KiB|MiB)\b", "SIZE"),
        (r"\d+ bytes before, \d+ after", "SIZES"),
    ];
    let text = rules.iter().fold(text.to_owned(), |text, (pattern, word)| {
        Regex::new(pattern).unwrap().replace_all(&text, *word).into_owned()
    });
    let mut lines: Vec<String> = text.lines().map(|line| line.trim_end().to_owned()).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// Whether lines are those that are shown, where `…` alone is any number of them.
fn is_as_shown(shown: &[String], printed: &[String]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((line, rest)) if line == "…" => {
            (0..=printed.len()).any(|from| is_as_shown(rest, &printed[from..]))
        }
        Some((line, rest)) => {
            printed.split_first().is_some_and(|(first, others)| first == line && is_as_shown(rest, others))
        }
    }
}

/// The ids that a text has, in their order.
fn ids_of(text: &str) -> Vec<String> {
    let ids = Regex::new("[0-9a-f]{32}").unwrap();
    ids.find_iter(text).map(|id| id.as_str().to_owned()).collect()
}

/// Runs a command as at a terminal, and says what it printed.
fn printed(sandbox: &Sandbox, command: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_codestrata")).parent().unwrap().to_owned();
    let path = std::env::join_paths(
        std::iter::once(program).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(sandbox.root())
        .env("PATH", path.unwrap())
        .env("HOME", sandbox.outside())
        .env_remove("CLICOLOR_FORCE")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// A page that is run.
struct Page<'a> {
    name: &'a str,
    /// What the folder of the project is called in it.
    root: &'a str,
    /// Ids of results in the page, and those that they are here.
    ids: HashMap<String, String>,
    wrong: Vec<String>,
}

impl Page<'_> {
    /// The command with the ids that results have here, of which a page shows the first digits.
    fn translated(&self, command: &str) -> String {
        let word = Regex::new(r"\b[0-9a-f]{4,32}\b").unwrap();
        let here = |found: &Captures<'_>| {
            let id = self.ids.iter().find(|(shown, _)| shown.starts_with(&found[0]));
            id.map_or_else(|| found[0].to_owned(), |(_, here)| here[..found[0].len().max(12)].to_owned())
        };
        word.replace_all(command, here).into_owned()
    }

    fn run(&mut self, sandbox: &Sandbox, block: &Block) {
        for Step { line, command, shown } in &block.steps {
            let shown = shown.join("\n");
            if let Some(file) =
                command.strip_prefix("cat ").filter(|file| !sandbox.root().join(file).exists())
            {
                sandbox.write(file, format!("{}\n", shown.trim_end()));
            }
            let folder = sandbox.root().canonicalize().unwrap().display().to_string();
            let printed = printed(sandbox, &self.translated(command)).replace(&folder, self.root);
            self.ids.extend(ids_of(&shown).into_iter().zip(ids_of(&printed)));
            if !is_as_shown(&settled(&shown), &settled(&printed)) {
                let place = format!("{}:{line}: $ {command}", self.name);
                self.wrong.push(format!("{place}\n--- shown\n{shown}\n--- printed\n{printed}"));
            }
        }
    }
}

/// Runs every block of a page.
fn check(name: &str, root: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    let blocks = blocks(&text);
    assert!(!blocks.is_empty(), "{name} shows nothing");
    let mut page = Page { name, root, ids: HashMap::new(), wrong: Vec::new() };
    let mut session = session_of(name);
    for block in &blocks {
        let first = &block.steps[0].command;
        if NOT_RUN.iter().any(|(command, _)| first.starts_with(command)) {
            continue;
        }
        match (project_of(name, &block.heading, first), &mut session) {
            (Some(project), _) => page.run(&project, block),
            (None, Some(session)) => page.run(session, block),
            (None, None) => page.run(&Sandbox::indexed(), block),
        }
    }
    assert!(page.wrong.is_empty(), "{} of {name} are wrong\n\n{}", page.wrong.len(), page.wrong.join("\n\n"));
}

#[test]
fn the_readme_shows_what_is_printed() {
    check("README.md", "/src/codestrata");
}

#[test]
fn the_manual_shows_what_is_printed() {
    check("docs/cli.md", "/src/shop");
}

#[test]
fn the_page_on_analyses_shows_what_is_printed() {
    check("docs/analyses.md", "/src/shop");
}

#[test]
fn the_page_on_copying_shows_what_is_printed() {
    check("docs/copying.md", "/src/shop");
}

#[test]
fn no_other_page_shows_more_than_cannot_be_run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let checked = ["cli.md", "analyses.md", "copying.md"];
    for entry in std::fs::read_dir(folder.join("docs")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.extension().is_none_or(|ending| ending != "md") || checked.contains(&name) {
            continue;
        }
        for step in blocks(&std::fs::read_to_string(&path).unwrap()).iter().flat_map(|block| &block.steps) {
            let is_known = NOT_RUN.iter().any(|(command, _)| step.command.starts_with(command));
            assert!(is_known, "{name}:{}: `{}` is not run by any test", step.line, step.command);
        }
    }
}

#[test]
fn a_line_of_an_ellipsis_stands_for_any_lines() {
    let lines = |text: &str| settled(text);
    assert!(is_as_shown(&lines("a\n…\nd"), &lines("a\nb\nc\nd")));
    assert!(is_as_shown(&lines("a\n…"), &lines("a")));
    assert!(!is_as_shown(&lines("a\n…\nd"), &lines("a\nb\nc")));
    assert!(!is_as_shown(&lines("a"), &lines("a\nb")));
    assert!(is_as_shown(&lines("in 0.15 s, 3.10 KiB"), &lines("in 12.01 s, 900 B\n")));
    assert!(!is_as_shown(&lines("version 1"), &lines("version 2")));
}
