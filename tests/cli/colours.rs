//! Colours are for terminals, for who wants them, and are all that is ever sent to steer one.

use std::process::Command;

use crate::sandbox::Sandbox;
use crate::terminal::Terminal;

const ESCAPE: char = '\u{1b}';

/// What the program shows on a terminal.
fn on_terminal(sandbox: &Sandbox, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let terminal = Terminal::open();
    let mut command = Command::new(env!("CARGO_BIN_EXE_codestrata"));
    command.args(arguments).current_dir(sandbox.root()).env("TERM", "xterm-256color");
    command.env_remove("NO_COLOR").env_remove("CLICOLOR").env_remove("CLICOLOR_FORCE");
    command.envs(environment.iter().copied());
    let mut child = terminal.start(command);
    let shown = terminal.shown();
    child.wait().unwrap();
    shown
}

/// What it writes to a pipe, on stdout and on stderr.
fn in_a_pipe(sandbox: &Sandbox, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let output = sandbox.program().args(arguments).envs(environment.iter().copied()).output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

#[test]
fn a_pipe_gets_none_unless_it_is_told_to() {
    let sandbox = Sandbox::indexed();
    for arguments in
        [&["callers", "save"][..], &["path", "handle", "save"], &["show", "nope"], &["--help"], &["--nope"]]
    {
        assert!(!in_a_pipe(&sandbox, arguments, &[]).contains(ESCAPE), "{arguments:?}");
        let always = [arguments, &["--color", "always"]].concat();
        assert!(in_a_pipe(&sandbox, &always, &[]).contains(ESCAPE), "{always:?}");
        assert!(in_a_pipe(&sandbox, arguments, &[("CLICOLOR_FORCE", "1")]).contains(ESCAPE), "{arguments:?}");
    }
}

#[test]
fn a_terminal_gets_them_unless_somebody_objects() {
    let sandbox = Sandbox::indexed();
    for arguments in [&["callers", "save"][..], &["show", "nope"], &["--help"]] {
        assert!(on_terminal(&sandbox, arguments, &[]).contains(ESCAPE), "{arguments:?}");
        assert!(!on_terminal(&sandbox, arguments, &[("NO_COLOR", "1")]).contains(ESCAPE), "{arguments:?}");
        let never = [arguments, &["--color=never"]].concat();
        assert!(!on_terminal(&sandbox, &never, &[]).contains(ESCAPE), "{never:?}");
        // Who says it on the command line means it.
        let always = [arguments, &["--color", "always"]].concat();
        assert!(on_terminal(&sandbox, &always, &[("NO_COLOR", "1")]).contains(ESCAPE), "{always:?}");
    }
}

#[test]
fn nothing_but_colours_and_weights_steers_the_terminal() {
    let sandbox = Sandbox::indexed();
    sandbox.write("odd\u{1b}[2J.py", "def evil\u{202e}(): pass\ndef tame(): pass\n");
    sandbox.run(&["index", "."]).success();
    for arguments in
        [&["find", "tame"][..], &["callers", "save"], &["status"], &["path", "handle", "save"], &["repos"]]
    {
        let shown = in_a_pipe(&sandbox, &[arguments, &["--color", "always"]].concat(), &[]);
        for sequence in shown.split(ESCAPE).skip(1) {
            let parameters = sequence.strip_prefix('[').expect("a control sequence");
            let end = parameters.find(|letter: char| !letter.is_ascii_digit() && letter != ';').unwrap();
            assert_eq!(&parameters[end..=end], "m", "{shown:?}");
        }
        let others =
            shown.chars().filter(|letter| letter.is_control() && *letter != ESCAPE && *letter != '\n');
        assert_eq!(others.count(), 0, "{shown:?}");
    }
}

#[test]
fn long_lines_are_left_to_the_pager() {
    let sandbox = Sandbox::new();
    let name = "very_".repeat(100) + "long";
    sandbox.write("long.py", format!("def {name}(): pass\n"));
    sandbox.run(&["index", "."]).success();
    let text = sandbox.text(&["find", "very_long"]);
    assert_eq!(text.lines().count(), 1, "{text}");
}
