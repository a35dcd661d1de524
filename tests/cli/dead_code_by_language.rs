//! What each language uses without a reference that says so is not called dead.

use serde_json::Value;

use crate::sandbox::Sandbox;

/// What is answered for some files, as `name: verdict` and, where there is one, the doubt.
fn of(files: &[(&str, &str)], arguments: &[&str]) -> Vec<String> {
    let sandbox = Sandbox::empty();
    for (path, source) in files {
        sandbox.write(path, source);
    }
    sandbox.run(&["index", "."]).success();
    found(&sandbox.json(&[&["dead", "--show", "all"], arguments].concat()))
}

fn found(answer: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let hits = answer["results"].as_array().unwrap().iter();
    hits.map(|hit| {
        let doubt = hit.get("doubt").map(|doubt| format!(", {}", text(doubt))).unwrap_or_default();
        format!("{}: {}{doubt}", text(&hit["name"]), text(&hit["verdict"]))
    })
    .collect()
}

#[test]
fn a_private_item_of_rust_that_nothing_names_is_dead_and_a_public_one_is_exported() {
    let source = "\
pub fn api() { helper() }
fn helper() {}
fn unused() {}
pub(crate) fn of_the_crate() {}
struct Unused;
pub struct Known;
impl Known {
    pub fn open(&self) { self.step() }
    fn step(&self) {}
    fn idle(&self) {}
}
";
    assert_eq!(
        of(&[("src/lib.rs", source)], &[]),
        [
            "Known: exported-unused",
            "Unused: dead",
            "api: exported-unused",
            "of_the_crate: dead",
            "unused: dead",
        ]
    );
    let inside = "pub fn run(it: Known) { it.open() }\npub struct Known;\nimpl Known {\n    pub fn open(&self) {}\n    fn idle(&self) {}\n}\n";
    assert_eq!(of(&[("src/lib.rs", inside)], &["--show", "dead"]), ["idle: dead", "run: exported-unused"]);
}

#[test]
fn traits_tests_entry_points_and_attributes_of_rust_use_what_they_stand_on() {
    let source = "\
use std::fmt;
fn main() { println!(\"{}\", Shape) }
struct Shape;
impl fmt::Display for Shape {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result { Ok(()) }
}
#[no_mangle]
extern \"C\" fn called_from_c() {}
#[derive(Deserialize)]
struct Settings {
    #[serde(default = \"usual_size\")]
    size: u32,
}
fn usual_size() -> u32 { 3 }
macro_rules! call {
    () => { only_in_a_macro() };
}
fn only_in_a_macro() {}
fn read(_: Settings) {}
#[cfg(test)]
mod tests {
    #[test]
    fn it_works() { helped() }
    fn helped() {}
    fn forgotten() {}
}
";
    assert_eq!(
        of(&[("src/main.rs", source)], &[]),
        [
            "Settings: dead",
            // As an argument of a macro it may be a use.
            "Shape: unknown, name-is-used",
            "call: exported-unused",
            "only_in_a_macro: unknown, name-is-used",
            "read: dead",
            "forgotten: dead",
            "usual_size: unknown, name-is-used",
        ]
    );
}

#[test]
fn what_a_macro_of_c_names_or_glues_together_is_not_dead() {
    let source = "\
#define ENTRY(name) { #name, name##_handler }
#define INTERFACE { first, second }
static int first(void) { return 1; }
static int second(void) { return 2; }
static int get_handler(void) { return 3; }
static int unused(void) { return 4; }
struct entry table[] = { ENTRY(get) };
struct both pair = INTERFACE;
";
    assert_eq!(of(&[("a.c", source)], &[]), ["get_handler: unknown, name-is-used", "unused: dead"]);
}

#[test]
fn static_functions_of_a_file_that_another_includes_are_seen_there() {
    let files = [
        ("table.c", "static int in_table(void) { return 1; }\n"),
        ("inline.h", "static inline int in_header(void) { return 2; }\n"),
        (
            "main.c",
            "#include \"table.c\"\n#include \"inline.h\"\nint main(void) { return 0; }\nstatic int own(void) { return 3; }\n",
        ),
    ];
    assert_eq!(of(&files, &[]), ["in_header: exported-unused", "own: dead", "in_table: exported-unused"]);
}

#[test]
fn a_static_member_of_a_class_of_cpp_belongs_to_no_file() {
    let source = "class Text {\npublic:\n  static int width() { return 1; }\n};\nstatic int lone() { return 2; }\nint main() { Text text; return 0; }\n";
    assert_eq!(of(&[("a.cpp", source)], &[]), ["width: exported-unused", "lone: dead"]);
}

#[test]
fn a_symbol_of_ruby_may_name_a_method_of_any_file() {
    let files = [
        (
            "base.rb",
            "class Base\n  before_action :check\n  def self.make(kind)\n    send(\"build_#{kind}\")\n  end\nend\nBase.make(1)\n",
        ),
        (
            "page.rb",
            "class Page\n  def show; end\n  private\n  def check; end\n  def build_one; end\n  def forgotten; end\nend\nPage.new.show\n",
        ),
    ];
    assert_eq!(
        of(&files, &[]),
        ["build_one: unknown, name-is-used", "check: unknown, name-is-used", "forgotten: dead",]
    );
    let about = "class Page\n  def show; end\n  def check; end\n  private :check\nend\nPage.new.show\n";
    assert_eq!(of(&[("page.rb", about)], &[]).len(), 1);
}

#[test]
fn a_callable_of_php_may_be_a_string() {
    let source = "<?php
class Cleaner {
    public function run(array $all) {
        usort($all, [$this, 'compare']);
        return array_map('clean_text', $all);
    }
    private function compare($a, $b) { return 0; }
    private function forgotten() {}
}
function clean_text($text) { return $text; }
function untouched($text) { return $text; }
(new Cleaner())->run([]);
";
    assert_eq!(
        of(&[("a.php", source)], &[]),
        [
            "compare: unknown, name-is-used",
            "forgotten: dead",
            "clean_text: unknown, name-is-used",
            "untouched: exported-unused",
        ]
    );
}

#[test]
fn a_name_in_a_string_of_its_file_may_be_a_use_and_one_in_a_comment_is_none() {
    let source = "\
\"\"\"_described does something.\"\"\"

def _described(): pass

def _named(): pass

# _described is described here.
TABLE = {'_named': 1}
";
    assert_eq!(of(&[("a.py", source)], &[]), ["_described: dead", "_named: unknown, name-is-used"]);
}

#[test]
fn an_exported_method_that_an_interface_has_too_may_be_called_through_it() {
    let files = [
        ("go.mod", "module shop\n"),
        (
            "store.go",
            "package shop\n\ntype Store interface {\n\tKeep() int\n}\n\nfunc Use(s Store) int {\n\treturn 1\n}\n",
        ),
        (
            "disk.go",
            "package shop\n\ntype Disk struct{}\n\nfunc (d Disk) Keep() int { return 1 }\n\nfunc (d Disk) Lose() int { return 2 }\n\nfunc (d Disk) String() string { return \"\" }\n",
        ),
    ];
    let answer = of(&files, &["--kind", "method"]);
    assert!(answer.contains(&"Keep: unknown, fits-interface".to_owned()), "{answer:?}");
    assert!(answer.contains(&"Lose: exported-unused".to_owned()), "{answer:?}");
    assert!(!answer.iter().any(|hit| hit.starts_with("String")), "{answer:?}");
}

#[test]
fn a_function_that_the_loader_of_c_calls_is_used() {
    let source = "__attribute__((constructor)) static void begin(void) {}\nCOMPILER_ATTR(destructor)\nstatic void end(void) {}\nstatic void unused(void) {}\nint main(void) { return 0; }\n";
    assert_eq!(of(&[("a.c", source)], &[]), ["unused: dead"]);
}

#[test]
fn of_modules_of_rust_that_are_there_by_turns_each_is_used_as_the_others_are() {
    let source = "#[cfg(a)]\nmod words {\n    pub(crate) fn check() {}\n}\n#[cfg(not(a))]\nmod words {\n    pub(crate) fn check() {}\n}\nfn main() { words::check() }\n";
    assert_eq!(of(&[("src/main.rs", source)], &["--show", "dead"]), [""; 0]);
}

#[test]
fn a_name_in_the_middle_of_a_chain_is_a_use_of_what_has_it() {
    let python = [
        (
            "c.py",
            "class C:\n    @property\n    def _deep(self): return [1]\n    @property\n    def _idle(self): return [1]\n",
        ),
        ("b.py", "from c import C\ndef k(o): return o._deep.first.second\nk(C())\n"),
    ];
    assert_eq!(of(&python, &["--show", "dead"]), ["_idle: dead"]);
    let typescript = "\
export class T {
  private get deep(): any { return 1 }
  private get idle(): any { return 1 }
  static make(o: any) { return o.deep.first.second() }
}
T.make(new T());
";
    assert_eq!(of(&[("t.ts", typescript)], &[]), ["idle: dead"]);
    let csharp = "\
class P {
  private object Deep { get { return null; } }
  private object Idle { get { return null; } }
  static void Main() { dynamic d = new P(); var y = d.Deep.First.Second(); }
}
";
    let kinds = ["--kind", "variable"];
    assert_eq!(of(&[("P.cs", csharp)], &kinds), ["Deep: unknown, name-is-used", "Idle: dead"]);
    let java = "\
class G {
  private static class In { private In deep; private In idle; }
  public static void main(String[] a) { var x = make(a).deep.first.second(); }
  static <T> T make(Object o) { return (T) o; }
}
";
    assert_eq!(of(&[("G.java", java)], &kinds), ["idle: dead"]);
    let rust = "\
struct S { deep: u8, idle: u8 }
fn main() { let x = make().deep.first.second(); }
fn make<T>() -> T { loop {} }
";
    assert_eq!(of(&[("src/main.rs", rust)], &kinds), ["idle: exported-unused"]);
    let php = "<?php\nclass P { private $deep; private $idle;\n public function w($o) { return $o->z()->deep->first->second(); } }\n(new P)->w(1);\n";
    assert_eq!(of(&[("p.php", php)], &kinds), ["$idle: dead"]);
}

#[test]
fn of_a_chain_that_is_very_long_the_first_names_are_mentioned() {
    let names: Vec<String> = (0..12).map(|number| format!("_a{number}")).collect();
    let members: Vec<String> = names.iter().map(|name| format!("    def {name}(self): pass\n")).collect();
    let class = members.concat();
    let files = [
        ("c.py", format!("class C:\n{class}    def _idle(self): pass\n")),
        ("b.py", format!("from c import C\ndef k(o): return o.{}\nk(C())\n", names.join("."))),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    assert_eq!(
        of(&files, &[]),
        ["_a0: unknown, name-is-used", "_a1: unknown, name-is-used", "_idle: dead"],
        "two names before the last, the receiver and eight others"
    );
}

#[test]
fn what_has_no_name_cannot_be_used_and_is_not_listed() {
    let go = "package g\n\ntype s struct{}\n\nfunc (s) keep() {}\n\nfunc (s) lose() {}\n\nvar _ = s.keep\n\nfunc _() { var x [1]struct{}; _ = x[0] }\n";
    let all = ["--kind", "function", "--kind", "method", "--kind", "variable"];
    assert_eq!(of(&[("g.go", go)], &all), ["lose: dead"]);
    assert_eq!(of(&[("g.go", go)], &[&all[..], &["--only-roots"]].concat()), ["keep: dead", "lose: dead"]);
}

#[test]
fn private_members_of_typescript_are_not_exported() {
    let source = "\
export class T {
  private get x(): number { return 1 }
  private run() {}
  private held = () => 1;
  protected open() {}
  constructor(private one: number, public two: number) {}
}
new T(1, 2);
";
    assert_eq!(
        of(&[("t.ts", source)], &["--kind", "method", "--kind", "variable"]),
        ["held: dead", "one: dead", "open: exported-unused", "run: dead", "two: exported-unused", "x: dead"]
    );
}

#[test]
fn what_a_pattern_of_typescript_takes_out_of_an_object_is_read() {
    let source = "\
class Box {
  private p1 = 1
  private p2 = 2
  private p3 = 3
  private p4 = { deep: 1 }
  private p5 = 5
  private p6 = 6
  private p7 = 7
  private p8 = 8
  private unread = 0
  own() { const { p5: x, 'p6': y } = this; return x + y }
  static of(o: Box) { const { p2, ...rest } = o; return [p2, rest] }
  static by({ p3, p1 = 2 }: Box) { return p3 + p1 }
  static into(o: Box) { let a; ({ p4: { deep: a } } = o); return a }
  static all(boxes) { for (const { p7 } of boxes) { use(p7) } }
  static late = ({ p8 }) => p8
}
new Box().own(); Box.of(new Box()); Box.by(new Box()); Box.into(new Box()); Box.all([]); Box.late(new Box())
";
    let found = of(&[("a.ts", source)], &["--kind", "variable"]);
    let about_fields: Vec<_> = found.iter().filter(|line| line.contains("dead")).collect();
    assert_eq!(about_fields, ["unread: dead"], "{found:?}");
}
